"""A run read back: check it, find a document in it, and say what became of a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from siglum.errors import InputError, ReportMismatch
from siglum.offsets import line_spans
from siglum.report import Report
from siglum.runs.folder import file_digest, open_rows, report_rows
from siglum.runs.forms import Pairs, dolma_names, pairs, read_dolma_rows, read_parquet_rows
from siglum.span import Span
from siglum.writers.files import MANIFEST, read_manifest

REPORT_ENDING = ".report.json"
PARQUET = ".parquet"
REVIEWING = ".siglum-review"  # where a review gathers what it writes, until all of it is there
UNFINISHED_REVIEW = "a review was stopped while its files were put in place; any siglum apply-review completes it"


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
    if (folder / REVIEWING / MANIFEST).exists():
        yield REVIEWING, UNFINISHED_REVIEW
    for name, form in holders(digests):
        if form == "text":
            yield f"{name}: restoring", _restore_fault(folder / name, folder / text_name(name))
        else:
            yield from _rows_faults(folder, name, form)


def _digest_fault(path: Path, digest: str) -> str:
    try:
        found = file_digest(path)
    except OSError as e:
        return f"cannot be read: {e.strerror or e}"
    return "" if found == digest else f"the manifest says sha256 {digest}, the file has {found}"


def holders(digests: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the files of a run that hold documents, with the form of each: text (a report), jsonl, parquet, dolma.

    >>> list(holders(["a.txt", "a.report.json", "rows.jsonl", "rows.reports.jsonl", "run.db"]))
    [('a.report.json', 'text'), ('rows.jsonl', 'jsonl')]
    """
    names = dict.fromkeys(digests)
    for name in names:
        if name.endswith(REPORT_ENDING):
            yield name, "text"
        elif name.endswith(PARQUET):
            yield name, "parquet"
        elif report_rows(name) in names:
            yield name, "jsonl"
        elif name.startswith("documents/") and all(n in names for n in dolma_names(name.removeprefix("documents/"))):
            yield name, "dolma"


def text_name(report_name: str) -> str:
    """Return the name of the clean text whose report is called *report_name*."""
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


def _rows_faults(folder: Path, name: str, form: str) -> Iterator[tuple[str, str]]:
    try:
        for row, report in _row_pairs(folder, name, form):
            if "error" in row:
                continue
            fault = ""
            try:
                _try(Report.loads(report), row["text"].encode("utf-8", "surrogatepass"))
            except (ReportMismatch, KeyError, TypeError, ValueError) as e:
                fault = str(e)
            yield f"{name}: {row['id']}: restoring", fault
    except (ReportMismatch, ValueError, OSError) as e:
        yield f"{name}: reading", str(e)


def _row_pairs(folder: Path, name: str, form: str) -> Pairs:
    """Yield the rows in the file *name* of a run, each with its report."""
    if form == "parquet":
        yield from read_parquet_rows(folder / name)
        return
    if form == "dolma":
        texts, _, accounts = dolma_names(name.removeprefix("documents/"))
        yield from read_dolma_rows(folder / texts, folder / accounts)
        return
    with open_rows(folder / name) as rows, open_rows(folder / report_rows(name)) as reports:
        yield from pairs(rows, reports)


def reports_in(folder: Path, name: str, form: str) -> Iterator[Report]:
    """Yield the reports that the file *name* of a run holds, as `holders` names files and forms."""
    if form == "text":
        yield Report.loads((folder / name).read_bytes())
    elif form == "parquet":
        yield from (Report.loads(report) for _, report in read_parquet_rows(folder / name) if report)
    else:
        beside = dolma_names(name.removeprefix("documents/"))[2] if form == "dolma" else report_rows(name)
        with open_rows(folder / beside) as lines:
            yield from map(Report.loads, lines)


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
    if (folder / REVIEWING / MANIFEST).exists():
        raise InputError(str(folder), UNFINISHED_REVIEW)
    for name, form in holders(digests_of(folder)):
        if form == "text":
            text = (folder / text_name(name)).read_bytes().decode("utf-8", "surrogatepass")
            yield Report.loads((folder / name).read_bytes()), text
        else:
            for row, data in _row_pairs(folder, name, form):
                if "error" not in row:
                    yield Report.loads(data), row["text"]


def digests_of(folder: Path) -> dict[str, str]:
    """Return the digests of the files of the run at *folder*, by name. Raises InputError where it is no run."""
    digests = read_manifest((folder / MANIFEST).read_bytes()) if (folder / MANIFEST).exists() else {}
    if not digests:
        raise InputError(str(folder), f"is no run: {MANIFEST} is missing")
    return digests


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
        rows.append(("state", f"{done}: {_part_of(edit, line, source)!r}"))
        first, last = edit["src_lines"]
        if last > first:
            rows.append(("together", f"one edit of {last - first + 1} lines, {first} to {last}"))
        rows += [("review", told) for told in _decided(report, edit["id"])]
        rows.append(("edit", f"{edit['id']}, code points {start} to {end}, bytes {start_byte} to {end_byte} as UTF-8"))
        rows += _reasons(report, edit["rules"], edit.get("why", ""))
        rows += [("quote", f"{f['quote']} {_claims(f)}") for f in _findings(report, edit.get("findings", []))]
    for finding in report.data["findings"]:
        if Span(*finding["src"]).overlaps(line) and not any(finding["id"] in e.get("findings", []) for e in edits):
            rows.append(("marked", f"{finding.get('quote', '')} {_claims(finding)}".strip()))
            rows += _reasons(report, [finding["rule"]], finding.get("why", ""))
    return rows


def _part_of(edit: Mapping[str, Any], line: Span, source: str) -> str:
    """Return what *edit* took of *line*."""
    start, end = edit["src"]
    return source[max(start, line.start) : min(end, line.end)]


def _decided(report: Report, edit: str) -> Iterator[str]:
    for entry in report.data.get("history", ()):
        for change in entry["changes"]:
            if change["edit"] == edit:
                note = f": {change['note']}" if change.get("note") else ""
                yield f"{change['verdict']} by {entry['reviewer']}, {change.get('when') or entry['when']}{note}"


def _reasons(report: Report, refs: list[str], special: str) -> list[tuple[str, str]]:
    rows = []
    for ref in refs:
        rule = report.data["rules"][ref]
        rows.append(("rule", f"{ref} ({rule['label']}, confidence {rule['confidence']})"))
        if not special:
            rows.append(("why", rule["why"]))
    if special:  # the report does not say which of several rules it is the reason of
        rows.append(("why", special))
    pack = report.data["run"]["rulepacks"][0]
    return [*rows, ("pack", f"{pack['id']} {pack['version']}, sha256 {pack['sha256']}")] if rows else []


def _findings(report: Report, ids: list[str]) -> list[Mapping[str, Any]]:
    return [f for f in report.data["findings"] if f["id"] in ids and "quote" in f]


def _claims(finding: Mapping[str, Any]) -> str:
    claims: Mapping[str, str] = finding.get("claims") or {}
    return f"({', '.join(f'{k}: {v}' for k, v in sorted(claims.items()))})" if claims else ""
