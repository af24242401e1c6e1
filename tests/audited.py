"""Runs for the tests of exports: small ones, and one of which everything is hostile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from siglum.audit.review import Decisions, apply_review
from siglum.cli.main import main
from siglum.report import dumps, loads, sha256
from siglum.writers.files import MANIFEST, manifest, read_manifest

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
