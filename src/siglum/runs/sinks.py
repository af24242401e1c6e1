"""Where outcomes go: a stream of texts or rows, a folder with its account, or nowhere in a dry run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from siglum.api import Result
from siglum.document import Failure
from siglum.errors import InputError
from siglum.report import dumps
from siglum.runs.work import Outcome
from siglum.writers.files import MANIFEST, SUMMARY, Table, WholeFile, manifest, safe_name, write_whole
from siglum.writers.rows import failure_row, line_of, row_of
from siglum.writers.visible import visible

COLUMNS = (
    "id",
    "status",
    "source_sha256",
    "output_sha256",
    "lines_removed",
    "code_points_removed",
    "percent_removed",
    "language",
    "tag",
    "method",
    "engine",
    "source_language",
    "basis",
    "inverse",
    "risk",
    "error",
)


class Sink(Protocol):
    """Takes outcomes one by one; `close` completes what was begun."""

    def put(self, outcome: Outcome) -> None:
        """Take one outcome. Raises InputError where it cannot be written."""

    def close(self) -> None:
        """Complete what was begun."""


class Texts:
    """Clean texts, one after the other, on a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def put(self, outcome: Outcome) -> None:
        if outcome.result:
            self._stream.write(encoded(outcome.result.text))

    def close(self) -> None:
        self._stream.flush()


class Rows:
    """Rows of the contract on a stream, failures among them, in the order of the documents."""

    def __init__(self, stream: BinaryIO | WholeFile, *, lines: bool = False, inline_report: bool = False) -> None:
        self._stream, self._lines, self._inline = stream, lines, inline_report

    def put(self, outcome: Outcome) -> None:
        if outcome.result:
            row = row_of(outcome.result, lines=self._lines, inline_report=self._inline)
        else:
            row = failure_row(Failure(outcome.id, outcome.error))
        self._stream.write(line_of(row))

    def close(self) -> None:
        if not isinstance(self._stream, WholeFile):
            self._stream.flush()


class Folder:
    """A folder with clean texts or rows, a report for each document, summary.csv and a manifest.

    Raises InputError where a run stands in the folder already and *force* is not given.
    """

    def __init__(
        self,
        out: Path,
        *,
        rows: bool,
        force: bool = False,
        full: bool = False,
        redact: bool = False,
        lines: bool = False,
    ) -> None:
        if (out / MANIFEST).exists() and not force:
            raise InputError(str(out), "holds a run already; --force overwrites it")
        self._out, self._as_rows, self._force, self._lines = out, rows, force, lines
        self._detail = {"full": full, "redact": redact}
        self._digests: dict[str, str] = {}
        self._open: dict[str, WholeFile] = {}
        self._table = Table(COLUMNS)
        self._summary = WholeFile(out / SUMMARY, force=force)
        self._summary.write(self._table.head())

    def put(self, outcome: Outcome) -> None:
        report = dict(outcome.result.report(**self._detail).data) if outcome.result else None
        try:
            if self._as_rows and outcome.from_rows:
                self._put_row(outcome, report)
            elif outcome.result and report:
                self._put_files(outcome, outcome.result, report)
        except InputError as e:
            self._summary.write(self._table.row({"id": outcome.id, "status": "failed", "error": str(e)}))
            raise
        self._summary.write(self._table.row(summary_row(outcome, report)))

    def close(self) -> None:
        for name, file in self._open.items():
            self._digests[name] = file.commit()
        self._digests[SUMMARY] = self._summary.commit()
        write_whole(self._out / MANIFEST, manifest(self._digests), force=self._force)

    def discard(self) -> None:
        """Leave nothing half written; what `close` put in place stays."""
        for file in (*self._open.values(), self._summary):
            file.discard()

    def _put_files(self, outcome: Outcome, result: Result, report: dict[str, Any]) -> None:
        text_name, report_name = file_names(outcome)
        report["output"] = {"path": text_name, **report["output"]}
        self._write(text_name, encoded(result.text))
        self._write(report_name, dumps(report, indent=True) + b"\n")

    def _put_row(self, outcome: Outcome, report: dict[str, Any] | None) -> None:
        name = safe_name("rows.jsonl" if outcome.source == "-" else outcome.source)
        Rows(self._file(name), lines=self._lines).put(outcome)
        if report:
            self._file(report_rows(name)).write(dumps(report) + b"\n")

    def _file(self, name: str) -> WholeFile:
        if name not in self._open:
            self._open[name] = WholeFile(self._out / name, force=self._force)
        return self._open[name]

    def _write(self, name: str, data: bytes) -> None:
        self._digests[name] = write_whole(self._out / name, data, force=self._force)


class DryRun:
    """Nothing is written: a line for each document says what would be."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def put(self, outcome: Outcome) -> None:
        if outcome.result:
            row = summary_row(outcome, None)
            self._stream.write(
                f"{visible(outcome.id)}\twould be {row['status']}\t{row['lines_removed']} lines\t"
                f"{row['code_points_removed']} code points\t{row['tag']}\n"
            )

    def close(self) -> None:
        self._stream.flush()


class Tally:
    """What a run adds up to, in one line for a person."""

    def __init__(self) -> None:
        self.status: Counter[str] = Counter()
        self.methods: Counter[str] = Counter()
        self.lines = self.code_points = 0

    def add(self, outcome: Outcome) -> None:
        """Count one outcome."""
        self.status[_status(outcome)] += 1
        if outcome.result:
            self.lines += outcome.result.removed["lines"]
            self.code_points += outcome.result.removed["code_points"]
            told = outcome.result.provenance
            if told.method != "unknown":
                self.methods[told.method + (f", {told.engine}" if told.engine else "")] += 1

    def line(self) -> str:
        """Return the account in one line."""
        n = sum(self.status.values())
        parts = [f"{self.status[s]} {s}" for s in ("cleaned", "unchanged", "failed")]
        told = "; ".join(f"{count} translated ({method})" for method, count in sorted(self.methods.items()))
        return (
            f"{n} document{'s' * (n != 1)}: {', '.join(parts)}; "
            f"{self.lines} lines and {self.code_points} code points taken" + (f"; {told}" if told else "")
        )


def encoded(text: str) -> bytes:
    """Return *text* in UTF-8; a lone surrogate, for which UTF-8 has no form, is passed through: nothing is lost."""
    return text.encode("utf-8", "surrogatepass")


def file_names(outcome: Outcome) -> tuple[str, str]:
    """Return the names of a document's clean text and of its report, below the folder of the run."""
    name = f"{outcome.source}/{outcome.id}" if outcome.from_rows else outcome.id
    stem = safe_name("document" if name == "-" else name).removesuffix(".txt")
    return f"{stem}.txt", f"{stem}.report.json"


def report_rows(name: str) -> str:
    """Return the name of the file of reports beside the file of rows *name*."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.reports.{ending}" if stem else f"{name}.reports"


def summary_row(outcome: Outcome, report: dict[str, Any] | None) -> dict[str, Any]:
    """Return what summary.csv says of *outcome*."""
    row: dict[str, Any] = {"id": outcome.id, "status": _status(outcome), "error": outcome.error}
    if not outcome.result:
        return row
    result, told = outcome.result, outcome.result.provenance
    size = len(result.run.source.text)
    row |= {
        "lines_removed": result.removed["lines"],
        "code_points_removed": result.removed["code_points"],
        "percent_removed": f"{100 * result.removed['code_points'] / size:.1f}" if size else "0.0",
        "language": result.language,
        "tag": result.tag,
        "method": told.method,
        "engine": told.engine or "",
        "source_language": told.source_language or "",
        "basis": told.basis or "",
    }
    if report:
        risks = {e["risk"] for e in report["edits"]}
        row |= {
            "source_sha256": report["source"]["sha256"],
            "output_sha256": report["output"]["sha256"],
            "inverse": report["inverse"]["status"],
            "risk": next((r for r in ("review", "low", "none") if r in risks), "none"),
        }
    return row


def _status(outcome: Outcome) -> str:
    if not outcome.result:
        return "failed"
    return "cleaned" if outcome.result.run.edits else "unchanged"
