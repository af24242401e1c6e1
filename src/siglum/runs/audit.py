"""A run read back: check it, find a document in it, and say what became of a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from siglum.errors import InputError, ReportMismatch
from siglum.offsets import line_spans
from siglum.report import Report
from siglum.runs.folder import open_rows, report_rows
from siglum.runs.forms import Pairs, pairs, read_parquet_rows
from siglum.span import Span
from siglum.writers.files import MANIFEST, read_manifest

REPORT_ENDING = ".report.json"
PARQUET = ".parquet"


def check_run(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the name of everything checked in the run at *folder*, with the fault found, "" for none.

    Checked are the digests of the manifest and, for every report, that the source comes back from the clean text with
    the digest the report names.
    """
    try:
        digests = read_manifest((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as e:
        yield MANIFEST, f"cannot be read: {e}"
        return
    for name, digest in digests.items():
        yield name, _digest_fault(folder / name, digest)
    for name in digests:
        if name.endswith(REPORT_ENDING):
            yield f"{name}: restoring", _restore_fault(folder / name, folder / _text_name(name))
        elif name.endswith(PARQUET) or report_rows(name) in digests:
            yield from _rows_faults(folder, name)


def _digest_fault(path: Path, digest: str) -> str:
    try:
        with path.open("rb") as f:
            found = hashlib.file_digest(f, "sha256").hexdigest()
    except OSError as e:
        return f"cannot be read: {e.strerror or e}"
    return "" if found == digest else f"the manifest says sha256 {digest}, the file has {found}"


def _text_name(report_name: str) -> str:
    return report_name.removesuffix(REPORT_ENDING) + ".txt"


def _restore_fault(report: Path, text: Path) -> str:
    try:
        _try(Report.loads(report.read_bytes()), text.read_bytes())
    except OSError as e:
        return f"cannot be read: {e.strerror or e}"
    except (ReportMismatch, KeyError, TypeError, ValueError) as e:
        return str(e)
    return ""


def _try(report: Report, clean: bytes) -> None:
    if report.data["inverse"]["status"] == "verified":
        report.restore(clean)


def _rows_faults(folder: Path, name: str) -> Iterator[tuple[str, str]]:
    for row, report in _row_pairs(folder, name):
        if "error" in row:
            continue
        fault = ""
        try:
            _try(Report.loads(report), row["text"].encode("utf-8", "surrogatepass"))
        except (ReportMismatch, KeyError, TypeError, ValueError) as e:
            fault = str(e)
        yield f"{name}: {row['id']}: restoring", fault


def _row_pairs(folder: Path, name: str) -> Pairs:
    """Yield the rows in the file *name* of a run, each with its report."""
    if name.endswith(PARQUET):
        yield from read_parquet_rows(folder / name)
        return
    with open_rows(folder / name) as rows, open_rows(folder / report_rows(name)) as reports:
        yield from pairs(rows, reports)


def find_document(folder: Path, id: str) -> tuple[Report, str]:
    """Return the report and the clean text of the document *id* of a run, or of the only one whose id begins so.

    Raises InputError where there is none, or more than one.
    """
    found: list[tuple[Report, str]] = []
    for report, text in documents(folder):
        if report.id == id:
            return report, text
        if report.id.startswith(id):
            found.append((report, text))
    if len(found) != 1:
        names = ", ".join(r.id for r, _ in found[:5])
        raise InputError(id, f"more than one document begins so: {names}" if found else "no such document in this run")
    return found[0]


def documents(folder: Path) -> Iterator[tuple[Report, str]]:
    """Yield the report and the clean text of every document of the run at *folder*, in the order of the manifest.

    Raises InputError where the folder is no run, ReportMismatch for a report that cannot be read.
    """
    digests = read_manifest((folder / MANIFEST).read_bytes()) if (folder / MANIFEST).exists() else {}
    if not digests:
        raise InputError(str(folder), f"is no run: {MANIFEST} is missing")
    for name in digests:
        if name.endswith(REPORT_ENDING):
            text = (folder / _text_name(name)).read_bytes().decode("utf-8", "surrogatepass")
            yield Report.loads((folder / name).read_bytes()), text
        elif name.endswith(PARQUET) or report_rows(name) in digests:
            for row, data in _row_pairs(folder, name):
                if "error" not in row:
                    yield Report.loads(data), row["text"]


def explain_line(report: Report, clean: str, number: int) -> list[tuple[str, str]]:
    """Return what became of line *number* (from 1) of the source, as names and values for a person.

    Raises InputError where the source has no such line, ReportMismatch where clean text and report do not fit.
    """
    source = report.restore_text(clean)
    lines = line_spans(source)
    if not 1 <= number <= len(lines):
        raise InputError(report.id, f"the source has {len(lines)} lines, no line {number}")
    line = lines[number - 1]
    rows = [("document", f"{report.id}, line {number} of {len(lines)}"), ("line", line.of(source).rstrip("\r\n"))]
    segment = next((s for s in report.data["segments"] if Span(*s["src"]).overlaps(line)), None)
    if segment:
        rows.append(("language", f"{segment['lang']} ({segment['confidence']:.2f})"))
    edits = [e for e in report.data["edits"] if Span(*e["src"]).overlaps(line)]
    if not edits:
        rows.append(("state", "stays as it was"))
    for edit in edits:
        done = "taken" if edit["op"] == "delete" else f"replaced by {edit['ins']!r}"
        if edit["state"] != "applied":
            done = f"{edit['state']} in a review, so it stays"
        (start, end), (start_byte, end_byte) = edit["src"], edit["src_bytes"]
        rows.append(("state", f"{done}: {edit['del']!r}"))
        rows.append(("edit", f"{edit['id']}, code points {start} to {end}, bytes {start_byte} to {end_byte} as UTF-8"))
        rows += _reasons(report, edit["rules"], edit.get("why", ""))
        rows += [("quote", f"{f['quote']} {_claims(f)}") for f in _findings(report, edit.get("findings", []))]
    for finding in report.data["findings"]:
        if Span(*finding["src"]).overlaps(line) and not any(finding["id"] in e.get("findings", []) for e in edits):
            rows.append(("marked", f"{finding.get('quote', '')} {_claims(finding)}".strip()))
            rows += _reasons(report, [finding["rule"]], finding.get("why", ""))
    return rows


def _reasons(report: Report, refs: list[str], special: str) -> list[tuple[str, str]]:
    rows = []
    for ref in refs:
        rule = report.data["rules"][ref]
        rows.append(("rule", f"{ref} ({rule['label']}, confidence {rule['confidence']})"))
        rows.append(("why", special or rule["why"]))
    pack = report.data["run"]["rulepacks"][0]
    return [*rows, ("pack", f"{pack['id']} {pack['version']}, sha256 {pack['sha256']}")] if rows else []


def _findings(report: Report, ids: list[str]) -> list[Mapping[str, Any]]:
    return [f for f in report.data["findings"] if f["id"] in ids and "quote" in f]


def _claims(finding: Mapping[str, Any]) -> str:
    claims: Mapping[str, str] = finding.get("claims") or {}
    return f"({', '.join(f'{k}: {v}' for k, v in sorted(claims.items()))})" if claims else ""
