"""One document after the other: read, cleaned, and a failure where that was not possible."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from siglum.api import Chain, Result
from siglum.document import Failure
from siglum.errors import SiglumError
from siglum.readers.files import EXCLUDE, INCLUDE, ROWS, Source, find_files
from siglum.readers.rows import Row, read_rows

MEDIA_TYPES = {".md": "text/markdown", ".markdown": "text/markdown", ".rst": "text/x-rst"}


class Outcome(NamedTuple):
    """What became of one document: a result, or the error that kept it from one."""

    id: str
    source: str  # the file it came from, by its id; "-" for standard input
    from_rows: bool  # whether that file holds many documents
    result: Result | None
    error: str = ""


@dataclass(frozen=True)
class Work:
    """How documents are read and by which chain they are cleaned."""

    chain: Chain
    form: str = "auto"  # "auto", "text", "html", "jsonl"
    encoding: str = ""
    include: tuple[str, ...] = INCLUDE
    exclude: tuple[str, ...] = EXCLUDE

    def files(self, paths: Iterable[Path]) -> Iterator[Outcome]:
        """Yield what became of each document of the files and folders *paths*, in a stable order.

        Ids are paths below the folder given; where two documents would share one, the later fails. Raises InputError
        for a path that does not exist.
        """
        seen: set[str] = set()
        for source in find_files(paths, self.include, self.exclude):
            if source.id in seen:
                yield _failed(source.id, source.id, f"{source.path}: another document is called {source.id!r} already")
                continue
            seen.add(source.id)
            if self.form == "jsonl" or (self.form == "auto" and source.path.suffix in ROWS):
                yield from self._rows_file(source)
            else:
                yield self._file(source)

    def stream(self, stream: BinaryIO) -> Iterator[Outcome]:
        """Yield what became of the documents of *stream*: one text or page, or as many as it has rows."""
        if self.form == "jsonl":
            yield from self._rows(stream, "-")
        else:
            yield self._bytes(stream.read(), Source(Path("-"), "-"))

    def _file(self, source: Source) -> Outcome:
        try:
            data = source.path.read_bytes()
        except OSError as e:
            return _failed(source.id, source.id, f"{source.path}: cannot be read: {e.strerror or e}")
        return self._bytes(data, source)

    def _bytes(self, data: bytes, source: Source) -> Outcome:
        html = {"html": True, "text": False}.get(self.form)
        try:
            media_type = MEDIA_TYPES.get(source.path.suffix.lower(), "text/plain")
            result = self.chain.clean(data, id=source.id, html=html, media_type=media_type, codec=self.encoding)
        except Exception as e:
            return _failed(source.id, source.id, f"{source.id}: {_told(e)}")
        return Outcome(source.id, source.id, False, result)

    def _rows_file(self, source: Source) -> Iterator[Outcome]:
        try:
            with source.path.open("rb") as lines:
                yield from self._rows(lines, source.id)
        except OSError as e:
            yield _failed(source.id, source.id, f"{source.path}: cannot be read: {e.strerror or e}", from_rows=True)

    def _rows(self, lines: Iterable[bytes], name: str) -> Iterator[Outcome]:
        for row in read_rows(lines, name):
            yield self._row(row, name)

    def _row(self, row: Row | Failure, name: str) -> Outcome:
        if isinstance(row, Failure):
            return _failed(row.id, name, row.error, from_rows=True)
        try:
            result = self.chain.clean(
                row.body, id=row.id, url=row.url, headers=row.headers, meta=row.meta, html=row.html
            )
        except Exception as e:
            return _failed(row.id, name, f"{row.id}: {_told(e)}", from_rows=True)
        return Outcome(row.id, name, True, result)


def _failed(id: str, source: str, error: str, *, from_rows: bool = False) -> Outcome:
    return Outcome(id, source, from_rows, None, error)


def _told(e: Exception) -> str:
    """Return what went wrong in words; a fault nobody foresaw says its kind, so that it can be reported."""
    return str(e) if isinstance(e, SiglumError) else f"{type(e).__name__}: {e}"
