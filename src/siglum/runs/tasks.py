"""What is to be done: a document as it was read, or a row of JSON lines that whoever does it reads first."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from siglum.readers.record import Record, Row, Skipped
from siglum.readers.tables import parsed
from siglum.report import dumps, encoded

_DEEPEST = 20  # objects inside each other that a row's other fields may hold


class Task(NamedTuple):
    """One document to do, as it was read; small enough to be handed to another process."""

    id: str
    source: str  # the file it came from, by its id; "-" for standard input
    body: bytes | str
    kind: str = "document"  # or "error", "passed": *body* says what kept it from being read, or why it is no document
    html: bool | None = None
    media_type: str = "text/plain"
    encoding: str = ""
    url: str = ""
    headers: Mapping[str, str] | None = None
    meta: Mapping[str, Any] | None = None
    from_rows: bool = False  # whether its source holds many documents

    def read(self) -> Task:
        """Return this task, which is read."""
        return self

    def parted(self) -> tuple[tuple[Any, ...], bytes]:
        """Return the fields but for the body, and that, so that it need not be packed; a text stays where it is."""
        return (tuple(self), b"") if isinstance(self.body, str) else ((*self[:2], b"", *self[3:]), self.body)

    @classmethod
    def joined(cls, fields: tuple[Any, ...], body: bytes) -> Task:
        """Undo `parted`."""
        id, source, text, *others = fields
        return cls(id, source, body or text, *others)


class Unread(NamedTuple):
    """One row to do, as it stands in its source: to read it is work that another process can do."""

    row: Row
    source: str
    encoding: str = ""
    from_rows: bool = True

    @property
    def body(self) -> bytes:
        """The bytes of the row."""
        return self.row.line

    def parted(self) -> tuple[tuple[Any, ...], bytes]:
        """Return the fields but for the bytes of the row, and those."""
        return (self.row[1:], *self[1:]), self.row.line

    @classmethod
    def joined(cls, fields: tuple[Any, ...], body: bytes) -> Unread:
        """Undo `parted`."""
        return cls(Row(body, *fields[0]), *fields[1:])

    def read(self) -> Task:
        """Return the task the row is; one that cannot be read is an error."""
        found = parsed(self.row)
        if isinstance(found, Skipped):
            return Task(found.id, self.source, reason(found), "error", from_rows=True)
        return task_of(found, self.source, self.encoding)


Given = Task | Unread


def task_of(record: Record, source: str, encoding: str) -> Task:
    """Return the task that *record* is, one of several of *source*."""
    return Task(
        record.id,
        source,
        record.body,
        html=record.kind == "html",
        encoding=encoding,
        url=record.url,
        headers=dict(record.headers) or None,
        meta=meta_of(record),
        from_rows=True,
    )


def reason(skipped: Skipped) -> str:
    """Return in words what was passed over, where, and why."""
    return f"{skipped.place}: {skipped.reason}"


def meta_of(record: Record) -> Mapping[str, Any] | None:
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


def digest_of(task: Task) -> bytes:
    """Return a digest of *task*: what the input is compared by when a run goes on."""
    body = encoded(task.body) if isinstance(task.body, str) else task.body
    about = dumps([task.id, task.source, task.kind, task.url, dict(task.headers or {}), dict(task.meta or {})])
    digest = hashlib.blake2b(body, digest_size=16)
    digest.update(about)
    return digest.digest()
