"""Runs for the tests of exports: small ones, and one of which everything is hostile."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from browser.made_run import RUN as MADE_RUN
from siglum.audit.review import Decisions, apply_review
from siglum.cli.main import main
from siglum.document import Evidence, Finding
from siglum.edit import Edit, apply
from siglum.language.document import Lines
from siglum.provenance.judge import Provenance
from siglum.report import Account, dumps, loads, report_of, sha256
from siglum.runs.catalogue import COLUMNS
from siglum.span import Span
from siglum.writers.files import MANIFEST, Table, manifest, read_manifest

SCRAPED, ARTICLE = "004_357bbdf13a6a8e1a.txt", "000_0ec92317bdd44cf9.txt"
PARAGRAPH = (
    "The harbour stayed closed for most of the day, the port authority said, and ferries were sent to the north. "
)

# What a page may hold to harm those who read of it, by the harm.
HOSTILE = {
    "forbidden": "NUL \x00, ESC \x1b[31m, \ufffe, \uffff and \x0b, \x85\u2028 ",
    "surrogate": "a lone \ud800 and \udfff",
    "script": "<script>alert(1)</script>]]><!-- &amp; \" ' <img src=x onerror=alert(1)>",
    "formula": "=cmd|' /C calc'!A0",
    "header": "x\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK",
    "bidi": "abc \u202egnp.exe\u2066 \u200b\u200d",
    # a megabyte as UTF-8
    "marks": "e" + "\u0301" * 500_000,
    "path": "../../../etc/passwd",
    "percent": "%2e%2e/%0A%25 100%",
}


def siglum(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], catch_exceptions=False)


def menu_run(folder: Path, sizes: Sequence[int]) -> Path:
    """Return a run of which each document has one edit: a menu of so many lines, every fifth of them blank."""
    rows, reports, summary = b"", b"", Table(COLUMNS)
    table = summary.head()
    for n, size in enumerate(sizes, 1):
        menu = "".join(f"Menu entry number {i}\n" if i % 5 else "\n" for i in range(1, size + 1))
        head = f"Harbour closed\n{PARAGRAPH}\n{PARAGRAPH}\n"
        source, span = f"{head}{menu}Last words of the article.\n", Span(len(head), len(head) + len(menu))
        why = Evidence("content/lines", "navigation", 0.88, why="Short lines without a sentence among them.")
        edit = Edit(span, menu, "", (0,))
        account = Account(
            id=f"menu-{n}",
            source_text=source,
            clean_text=apply(source, [edit]),
            edits=(edit,),
            findings=(Finding(span, why, ""),),
            languages=Lines([], [], []),
            document_language=None,
            provenance={**Provenance().to_json(), "evidence": []},
            tag="en",
            run=MADE_RUN,
            source={"media_type": "text/plain", "size": len(source), "sha256": sha256(source)},
            decoding=None,
            restores="text",
        )
        report = report_of(account).data
        rows += dumps({"id": account.id, "text": account.clean_text, "removed": {"lines": 0, "code_points": 0}}) + b"\n"
        reports += dumps(report) + b"\n"
        told = {
            "id": account.id,
            "status": "cleaned",
            "lines_removed": size - size // 5,
            "code_points_removed": len(menu),
        }
        digests = {"source_sha256": report["source"]["sha256"], "output_sha256": report["output"]["sha256"]}
        table += summary.row(told | digests)
    files = {"rows.jsonl": rows, "rows.reports.jsonl": reports, "summary.csv": table}
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    (folder / MANIFEST).write_bytes(manifest({name: sha256(data) for name, data in files.items()}))
    return folder


def clean(source: Path, out: Path, *options: str | Path) -> Path:
    """Clean *source* without telling languages, and return the run's folder."""
    result = siglum("clean", source, "-o", out, "--languages", "off", *options)
    assert result.exit_code == 0, result.stderr
    return out


def rows_run(rows: list[dict[str, Any]], folder: Path, *options: str) -> Path:
    """Clean *rows* and return the run's folder."""
    source = folder / "rows.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return clean(source, folder / "run", *options)


def hostile_run(folder: Path) -> Path:
    """Return a run of which ids, addresses, texts and all that is told of their origin are hostile."""
    rows = []
    for name, harm in HOSTILE.items():
        text = f"Skip to main content\n{PARAGRAPH * 3}\n{harm}\n{harm}"
        rows.append({"id": f"{harm[:2000]} {name}", "text": text, "url": f"https://example.org/{harm[:3000]}"})
    run = rows_run(rows, folder)
    for data, harm in zip(reports := read_rows(run), HOSTILE.values(), strict=True):
        claim = {"rule": harm, "start": 0, "end": 1, "quote": harm, "place": harm, "confidence": 1.0, "claims": {}}
        names = ("engine", "engine_text", "model", "translator", "date", "version", "original")
        data["provenance"] |= dict.fromkeys(names, harm) | {"method": "machine", "translated": True}
        data["provenance"] |= {"evidence": [claim], "counter": [{**claim, "place": "text"}]}
    return rewrite(run, reports)


def read_rows(run: Path) -> list[dict[str, Any]]:
    """Return the reports of a run over rows."""
    return [loads(line) for line in (run / "rows.reports.jsonl").read_bytes().splitlines()]


def rewrite(run: Path, reports: list[dict[str, Any]]) -> Path:
    """Put *reports* in the place of those of a run over rows."""
    data = b"".join(dumps(report) + b"\n" for report in reports)
    (run / "rows.reports.jsonl").write_bytes(data)
    digests = read_manifest((run / MANIFEST).read_bytes()) | {"rows.reports.jsonl": sha256(data)}
    (run / MANIFEST).write_bytes(manifest(digests))
    return run


def reviewed(run: Path, report: dict[str, Any], *rejected: str) -> Path:
    """Reject the edits *rejected* of the document of *report*, and return the run."""
    about = {"document": report["id"], "report_id": report["report_id"], "verdict": "rejected"}
    rows = [{**about, "edit": edit, "note": "wanted"} for edit in rejected]
    told = {"decisions_version": "1", "reviewer": "Eve Example", "saved": "2026-03-14T00:00:00Z", "decisions": rows}
    apply_review(run, Decisions.loads(json.dumps(told).encode()))
    return run
