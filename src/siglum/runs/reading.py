"""Where documents come from: files, folders and streams become tasks, each with its id and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from siglum.readers.archives.packing import packing_of, unpacked
from siglum.readers.archives.stream import ByteStream, items_of
from siglum.readers.files import EXCLUDE, find_files
from siglum.readers.files import INCLUDE as TEXTS
from siglum.readers.open import read_unparsed
from siglum.readers.record import Budget, Fields, Found, Inside, Limits, Row, Skipped
from siglum.readers.tables import read_json_lines
from siglum.runs.tasks import Given, Task, Unread, meta_of, reason, task_of

MEDIA_TYPES = {".md": "text/markdown", ".markdown": "text/markdown", ".rst": "text/x-rst"}

# A folder is searched for these too; what such a file is, its bytes tell.
_ARCHIVES = ("*.warc", "*.arc", "*.wet", "*.wacz", "*.har", "*.zip", "*.tar", "*.tgz", "*.mht", "*.mhtml")
_TABLES = ("*.jsonlines", "*.csv", "*.tsv", "*.parquet", "*.arrow")
_PACKED = ("*.gz", "*.zst", "*.bz2", "*.xz", "*.lz4")
INCLUDE = (*TEXTS, *_ARCHIVES, *_TABLES, *_PACKED)


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

    def files(self, paths: Iterable[Path]) -> Iterator[Given]:
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

    def stream(self, stream: BinaryIO) -> Iterator[Given]:
        """Yield the documents of *stream*: one text or page, or as many as it has rows or records."""
        yield from self._documents(stream, "-", "")

    def _documents(self, file: BinaryIO, name: str, suffix: str) -> Iterator[Given]:
        media_type = MEDIA_TYPES.get(suffix, "text/plain")
        if self.form in ("text", "html"):
            yield Task(name, name, file.read(), html=self.form == "html", media_type=media_type, encoding=self.encoding)
            return
        several = self.form == "jsonl"
        found = self._rows(file, name) if several else read_unparsed(file, name, self.limits, self.fields)
        for one in found:
            if isinstance(one, Row):
                several = True
                yield Unread(one, name, self.encoding)
            elif isinstance(one, Skipped):
                several = several or one.place.startswith(f"{name}:")
                if one.fault or self.passed:
                    yield Task(one.id, name, reason(one), "error" if one.fault else "passed", from_rows=several)
            elif one.id == name and one.kind != "row":
                yield Task(name, name, one.body, media_type=media_type, encoding=self.encoding, meta=meta_of(one))
            else:
                several = True
                yield task_of(one, name, self.encoding)

    def _rows(self, file: BinaryIO, name: str) -> Found:
        """Yield the rows of *file*, which is JSON lines whatever it looks like, packed or not."""
        stream = ByteStream(items_of(file))
        inside = Inside(name, self.limits, self.fields, Budget(self.limits.unpacked_bytes))
        if packing := packing_of(stream.peek(1 << 16)):
            stream = ByteStream(unpacked(stream, packing, self.limits, inside.budget))
        return read_json_lines(stream, inside)


def _error(id: str, message: str) -> Task:
    return Task(id, id, message, "error")
