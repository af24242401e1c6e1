"""A run made up for measuring: documents of random words with furniture around them, as rows, with their account."""

from __future__ import annotations

import random
import sys
from itertools import accumulate
from pathlib import Path

from siglum.document import Evidence, Finding
from siglum.edit import Edit, apply, invert
from siglum.language.document import LineLanguage, Lines
from siglum.report import Account, dumps, report_of, sha256
from siglum.runs.sinks import COLUMNS
from siglum.span import Span
from siglum.writers.files import Table, manifest

RULES = [
    (f"labels/made/{name}", label, confidence, f"Made for measuring: {name.replace('-', ' ')}.")
    for name, label, confidence in [
        ("skip-link", "navigation", 0.99), ("menu", "navigation", 0.97), ("share-row", "share", 0.95),
        ("advert", "advertising", 0.99), ("cookie-note", "consent", 0.93), ("player", "player", 0.91),
        ("byline", "byline", 0.82), ("notice", "notice", 0.74), ("credit", "credit", 0.97), ("blank", "layout", 1.0),
    ]
]  # fmt: skip
TONGUES = ["en", "de", "ru", "fr", "es", "uk", "zh-Hans", "ar"]
ENGINES = ["google", "deepl", "yandex", ""]
RUN = {
    "tool": {"name": "siglum", "version": "0.0.0"},
    "config": {"profile": "archive"},
    "config_sha256": "0" * 64,
    "rulepacks": [{"id": "made", "version": "0", "sha256": "1" * 64}],
    "environment": {"python": "3", "unicode": "14.0.0"},
}


def made_run(folder: Path, count: int, seed: int = 7) -> Path:
    """Write a run of *count* documents of some 2,000 code points and ten removals each to *folder*, and return it."""
    chance = random.Random(seed)
    words = [
        "".join(chance.choices("etaoinshrdlucmfwypvbgkjqxz", k=min(12, 1 + rank // 600 + chance.randint(1, 5))))
        for rank in range(6_000)
    ]
    often = list(accumulate(1 / (rank + 2.7) for rank in range(len(words))))  # as often as words of a language
    # Set phrases beside single words, so that the text packs as news prose does (2.5 to 2.9 times smaller).
    words += [" ".join(chance.choices(words, cum_weights=often, k=4)) for _ in range(1_500)]
    often += [often[-1] * (1 + n / 4_500) for n in range(1, 1_501)]
    rows, reports, table = [], [], Table(COLUMNS)
    summary = [table.head()]
    for n in range(count):
        account = _account(n, chance, words, often)
        report = report_of(account).data
        rows.append(dumps({"id": account.id, "text": account.clean_text}) + b"\n")
        reports.append(dumps(report) + b"\n")
        summary.append(table.row({"id": account.id, "status": "cleaned", "risk": "low"}))
    files = {"rows.jsonl": b"".join(rows), "rows.reports.jsonl": b"".join(reports), "summary.csv": b"".join(summary)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / "manifest-sha256.txt").write_bytes(manifest({name: sha256(data) for name, data in files.items()}))
    return folder


def _account(n: int, chance: random.Random, words: list[str], often: list[float]) -> Account:
    language = chance.choice(TONGUES)
    parts, edits, findings, languages, at = [], [], [], [], 0
    for line in range(30):
        furniture = line % 3 == 1
        text = " ".join(chance.choices(words, cum_weights=often, k=chance.randint(1, 3) if furniture else 9)) + "\n"
        if furniture:
            rule, label, confidence, why = chance.choice(RULES)
            evidence = Evidence(rule=rule, label=label, confidence=confidence, why=why)
            findings.append(Finding(Span(at, at + len(text)), evidence, ""))
            edits.append(Edit(Span(at, at + len(text)), text, "", (len(findings) - 1,)))
        languages.append(LineLanguage(at, at + len(text) - 1, language, 0.97))
        parts.append(text)
        at += len(text)
    source = "".join(parts)
    clean = apply(source, edits)
    assert apply(clean, invert(edits)) == source
    machine = n % 5 == 0
    told = {
        "method": "machine" if machine else "unknown",
        "engine": chance.choice(ENGINES) or None if machine else None,
        "source_language": None,
        "basis": "none",
        "confidence": 0.97,
        "evidence": [
            {
                "rule": "made",
                "start": 0,
                "end": 12,
                "quote": source[:12],
                "place": "text",
                "confidence": 0.97,
                "claims": {},
            }
        ]
        if machine
        else [],
    }
    host = f"site{n % 40}.example"
    return Account(
        id=f"document-{n:06}",
        source_text=source,
        clean_text=clean,
        edits=tuple(edits),
        findings=tuple(findings),
        languages=Lines.of(languages),
        document_language=Evidence(
            rule="made", label="text-language", claims={"language": language, "agreement": "agree"}
        ),
        provenance=told,
        tag=language + ("-t-t0-und" if machine else ""),
        run=RUN,
        source={
            "media_type": "text/plain",
            "size": len(source),
            "sha256": sha256(source),
            "url": f"https://{host}/{n}",
        },
        decoding=None,
        restores="text",
    )


if __name__ == "__main__":
    made_run(Path(sys.argv[1]), int(sys.argv[2]))
