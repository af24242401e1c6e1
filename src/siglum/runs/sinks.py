"""Where products go: a stream, a folder with its account, or nowhere in a dry run."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from siglum.errors import InputError
from siglum.report import dumps, loads
from siglum.runs.work import Product, Wants
from siglum.writers.files import MANIFEST, SUMMARY, Table, WholeFile, manifest, safe_name, write_whole
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
    """Takes products one by one; `wants` says what they must hold, `close` completes what was begun."""

    wants: Wants

    def put(self, product: Product) -> None:
        """Take one product. Raises InputError where it cannot be written."""

    def close(self) -> None:
        """Complete what was begun."""


class Stream:
    """Clean texts or rows on a stream, in the order of the documents; failures are rows among the rows."""

    def __init__(self, stream: BinaryIO, wants: Wants) -> None:
        self.wants = wants
        self._stream = stream

    def put(self, product: Product) -> None:
        self._stream.write(product.row if self.wants.row else product.text)

    def close(self) -> None:
        self._stream.flush()


class Folder:
    """A folder with clean texts or rows, a report for each document, summary.csv and a manifest.

    Raises InputError where a run stands in the folder already and *force* is not given.
    """

    def __init__(self, out: Path, wants: Wants, *, force: bool = False) -> None:
        if (out / MANIFEST).exists() and not force:
            raise InputError(str(out), "holds a run already; --force overwrites it")
        self.wants = wants
        self._out, self._force = out, force
        self._digests: dict[str, str] = {}
        self._open: dict[str, WholeFile] = {}
        self._table = Table(COLUMNS)
        self._summary = WholeFile(out / SUMMARY, force=force)
        self._summary.write(self._table.head())

    def put(self, product: Product) -> None:
        try:
            if self.wants.row and product.from_rows:
                self._put_row(product)
            elif not product.error:
                self._put_files(product)
        except InputError as e:
            self._summary.write(self._table.row({"id": product.id, "status": "failed", "error": str(e)}))
            raise
        self._summary.write(self._table.row(product.summary))

    def close(self) -> None:
        for name, file in self._open.items():
            self._digests[name] = file.commit()
        self._digests[SUMMARY] = self._summary.commit()
        write_whole(self._out / MANIFEST, manifest(self._digests), force=self._force)

    def _put_files(self, product: Product) -> None:
        text_name, report_name = file_names(product)
        report = loads(product.report)
        report["output"] = {"path": text_name, **report["output"]}
        self._write(text_name, product.text)
        self._write(report_name, dumps(report, indent=True) + b"\n")

    def _put_row(self, product: Product) -> None:
        name = safe_name("rows.jsonl" if product.source == "-" else product.source)
        self._file(name).write(product.row)
        if product.report:
            self._file(report_rows(name)).write(product.report + b"\n")

    def _file(self, name: str) -> WholeFile:
        if name not in self._open:
            self._open[name] = WholeFile(self._out / name, force=self._force)
        return self._open[name]

    def _write(self, name: str, data: bytes) -> None:
        self._digests[name] = write_whole(self._out / name, data, force=self._force)


class DryRun:
    """Nothing is written: a line for each document says what would be."""

    wants = Wants()

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def put(self, product: Product) -> None:
        if not product.error:
            row = product.summary
            self._stream.write(
                f"{visible(product.id)}\twould be {row['status']}\t{row['lines_removed']} lines\t"
                f"{row['code_points_removed']} code points\t{row['tag']}\n"
            )

    def close(self) -> None:
        self._stream.flush()


class Reports:
    """One file of reports: the report alone where there is one document, JSON lines where there are several."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        self._file = WholeFile(path, force=force)
        self._first: bytes | None = None
        self._several = False

    def put(self, product: Product) -> None:
        """Take the report of one product. Raises InputError where it cannot be written."""
        if self._first is None:
            self._first = product.report
        elif product.report:
            if not self._several:
                self._file.write(self._first + b"\n")
            self._several = True
            self._file.write(product.report + b"\n")

    def close(self) -> None:
        """Complete the file."""
        if self._first and not self._several:
            self._file.write(dumps(loads(self._first), indent=True) + b"\n")
        self._file.commit()


class Tally:
    """What a run adds up to, in one line for a person."""

    def __init__(self) -> None:
        self.status: Counter[str] = Counter()
        self.methods: Counter[str] = Counter()
        self.lines = self.code_points = 0

    def add(self, summary: Any) -> None:
        """Count one document by its row of the summary."""
        self.status[summary["status"]] += 1
        self.lines += summary.get("lines_removed", 0)
        self.code_points += summary.get("code_points_removed", 0)
        if summary.get("method", "unknown") != "unknown":
            self.methods[summary["method"] + (f", {summary['engine']}" if summary["engine"] else "")] += 1

    def line(self) -> str:
        """Return the account in one line."""
        n = sum(self.status.values())
        parts = [f"{self.status[s]} {s}" for s in ("cleaned", "unchanged", "failed")]
        told = "; ".join(f"{count} translated ({method})" for method, count in sorted(self.methods.items()))
        return (
            f"{n} document{'s' * (n != 1)}: {', '.join(parts)}; "
            f"{self.lines} lines and {self.code_points} code points taken" + (f"; {told}" if told else "")
        )


def file_names(product: Product) -> tuple[str, str]:
    """Return the names of a document's clean text and of its report, below the folder of the run."""
    name = f"{product.source}/{product.id}" if product.from_rows else product.id
    stem = safe_name("document" if name == "-" else name).removesuffix(".txt")
    return f"{stem}.txt", f"{stem}.report.json"


def report_rows(name: str) -> str:
    """Return the name of the file of reports beside the file of rows *name*."""
    stem, _, ending = name.rpartition(".")
    return f"{stem}.reports.{ending}" if stem else f"{name}.reports"
