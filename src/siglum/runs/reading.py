"""Where documents come from: files, folders and streams become tasks, each with its id and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from siglum.readers.archives.packing import packing_of, unpacked
from siglum.readers.archives.stream import ByteStream, items_of
from siglum.readers.files import EXCLUDE, find_files
from siglum.readers.files import INCLUDE as TEXTS
from siglum.readers.open import read_any
from siglum.readers.record import Budget, Fields, Found, Inside, Limits, Record, Skipped
from siglum.readers.tables import read_json_lines
from siglum.runs.work import Task

MEDIA_TYPES = {".md": "text/markdown", ".markdown": "text/markdown", ".rst": "text/x-rst"}

# A folder is searched for these too; what such a file is, its bytes tell.
_ARCHIVES = ("*.warc", "*.arc", "*.wet", "*.wacz", "*.har", "*.zip", "*.tar", "*.tgz", "*.mht", "*.mhtml")
_TABLES = ("*.jsonlines", "*.csv", "*.tsv", "*.parquet", "*.arrow")
_PACKED = ("*.gz", "*.zst", "*.bz2", "*.xz", "*.lz4")
INCLUDE = (*TEXTS, *_ARCHIVES, *_TABLES, *_PACKED)

_DEEPEST = 20  # objects inside each other that a row's other fields may hold


@dataclass(frozen=True)
class Reading:
    """How files become tasks."""

    form: str = "auto"  # "auto", "text", "html", "jsonl"
    encoding: str = ""
    include: tuple[str, ...] = INCLUDE
    exclude: tuple[str, ...] = EXCLUDE
    fields: Fields = field(default_factory=Fields)
    limits: Limits = field(default_factory=Limits)
    opened: Callable[[Path], BinaryIO] = lambda path: path.open("rb")  # to count what is read, another
    passed: bool = False  # whether what is no document (an image in an archive) is a task too, to be counted

    def files(self, paths: Iterable[Path]) -> Iterator[Task]:
        """Yield the documents of the files and folders *paths*, in a stable order.

        Ids are paths below the folder given; where two files would share one, the later is an error. Raises
        InputError for a path that does not exist.
        """
        paths = list(paths)
        seen: set[str] = set()
        for source in find_files(paths, self.include, self.exclude):
            if source.id in seen:
                yield _error(source.id, f"{source.path}: another document is called {source.id!r} already")
                continue
            if len(paths) > 1:  # ids below one folder differ, and there may be millions
                seen.add(source.id)
            try:
                with self.opened(source.path) as file:
                    yield from self._documents(file, source.id, source.path.suffix.lower())
            except OSError as e:
                yield _error(source.id, f"{source.id}: cannot be read: {e.strerror or e}")

    def stream(self, stream: BinaryIO) -> Iterator[Task]:
        """Yield the documents of *stream*: one text or page, or as many as it has rows or records."""
        yield from self._documents(stream, "-", "")

    def _documents(self, file: BinaryIO, name: str, suffix: str) -> Iterator[Task]:
        media_type = MEDIA_TYPES.get(suffix, "text/plain")
        if self.form in ("text", "html"):
            yield Task(name, name, file.read(), html=self.form == "html", media_type=media_type, encoding=self.encoding)
            return
        several = self.form == "jsonl"
        found = self._rows(file, name) if several else read_any(file, name=name, limits=self.limits, fields=self.fields)
        for one in found:
            if isinstance(one, Skipped):
                several = several or one.place.startswith(f"{name}:")
                if one.fault or self.passed:
                    yield Task(one.id, name, _reason(one), "error" if one.fault else "passed", from_rows=several)
            elif one.id == name and one.kind != "row":
                yield Task(name, name, one.body, media_type=media_type, encoding=self.encoding, meta=_meta(one))
            else:
                several = True
                yield self._record(one, name)

    def _record(self, record: Record, name: str) -> Task:
        return Task(
            record.id,
            name,
            record.body,
            html=record.kind == "html",
            encoding=self.encoding,
            url=record.url,
            headers=dict(record.headers) or None,
            meta=_meta(record),
            from_rows=True,
        )

    def _rows(self, file: BinaryIO, name: str) -> Found:
        """Yield the rows of *file*, which is JSON lines whatever it looks like, packed or not."""
        stream = ByteStream(items_of(file))
        inside = Inside(name, self.limits, self.fields, Budget(self.limits.unpacked_bytes))
        if packing := packing_of(stream.peek(1 << 16)):
            stream = ByteStream(unpacked(stream, packing, self.limits, inside.budget))
        return read_json_lines(stream, inside)


def _error(id: str, message: str) -> Task:
    return Task(id, id, message, "error")


def _reason(skipped: Skipped) -> str:
    return f"{skipped.place}: {skipped.reason}"


def _meta(record: Record) -> Mapping[str, Any] | None:
    """Return what is known of *record* beside its text, as JSON can hold it."""
    meta = {str(name): _plain(value) for name, value in record.meta.items()}
    return {**meta, "notes": list(record.notes)} if record.notes else meta or None


def _plain(value: Any, depth: int = 0) -> Any:
    """Return *value* as JSON can hold it: as a text, where JSON has no such value (a date, a number of 100 digits)."""
    if value is None or isinstance(value, str | bool | float):
        return value
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 64 else str(value)
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {str(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
