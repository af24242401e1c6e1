"""Where products go: a stream, a file of reports, or nowhere in a dry run; a folder stands in `siglum.runs.folder`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol, TextIO

from siglum.errors import SiglumError
from siglum.report import dumps, loads
from siglum.runs.catalogue import COLUMNS, Summary
from siglum.runs.folder import report_rows
from siglum.runs.work import Product, Wants
from siglum.writers.files import WholeFile
from siglum.writers.visible import visible

__all__ = ["COLUMNS", "DryRun", "Reports", "Sink", "Stream", "Tally", "report_rows"]


class Sink(Protocol):
    """Takes products one by one; `wants` says what they must hold, `close` completes what was begun."""

    wants: Wants

    def put(self, product: Product) -> Summary:
        """Take one product and return its row of the summary. Raises InputError where it cannot be written."""

    def close(self) -> None:
        """Complete what was begun."""


class Stream:
    """Clean texts or rows on a stream, in the order of the documents; failures are rows among the rows."""

    def __init__(self, stream: BinaryIO, wants: Wants) -> None:
        self.wants = wants
        self._stream = stream

    def put(self, product: Product) -> Summary:
        with self._taking():
            self._stream.write(product.row if self.wants.row else product.text)
        return product.summary

    def close(self) -> None:
        with self._taking():
            self._stream.flush()

    @contextmanager
    def _taking(self) -> Iterator[None]:
        """Raise SiglumError where the stream takes no more; a reader that went away is no such fault."""
        try:
            yield
        except BrokenPipeError:
            raise
        except OSError as e:
            with suppress(OSError):  # what waits to be written would fail once more when the process ends
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            raise SiglumError(f"standard output: cannot be written: {e.strerror or e}") from e


class DryRun:
    """Nothing is written: a line for each document says what would be."""

    wants = Wants()

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def put(self, product: Product) -> Summary:
        told = product.summary
        if told.tag is not None:
            self._stream.write(
                f"{visible(product.id)}\twould be {told.status}\t{told.lines_removed} lines\t"
                f"{told.code_points_removed} code points\t{told.tag}\n"
            )
        return product.summary

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

    def add(self, summary: Summary) -> None:
        """Count one document by its row of the summary."""
        self.status[summary.status] += 1
        self.lines += summary.lines_removed or 0
        self.code_points += summary.code_points_removed or 0
        if summary.method and summary.method != "unknown":
            self.methods[summary.method + (f", {summary.engine}" if summary.engine else "")] += 1

    def line(self) -> str:
        """Return the account in one line."""
        n = sum(self.status.values())
        parts = [f"{self.status[s]} {s}" for s in ("cleaned", "unchanged", "failed")]
        parts += [f"{self.status['skipped']} skipped"] if self.status["skipped"] else []
        parts += [f"{self.status['dropped']} dropped as duplicates"] if self.status["dropped"] else []
        told = "; ".join(f"{count} translated ({method})" for method, count in sorted(self.methods.items()))
        return (
            f"{n} document{'s' * (n != 1)}: {', '.join(parts)}; "
            f"{self.lines} lines and {self.code_points} code points taken" + (f"; {told}" if told else "")
        )

    def counts(self) -> dict[str, Any]:
        """Return the account as JSON can hold it."""
        return {
            "documents": sum(self.status.values()),
            **{status: self.status[status] for status in ("cleaned", "unchanged", "failed", "skipped", "dropped")},
            "lines_removed": self.lines,
            "code_points_removed": self.code_points,
            "translated": dict(sorted(self.methods.items())),
        }
