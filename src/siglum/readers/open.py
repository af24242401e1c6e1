"""Any input in, records out: what a file is is told by its bytes, and layers are read through to the documents in them.

>>> import io
>>> [(r.kind, r.body) for r in read_any(io.BytesIO(b"Gulls nest here."), name="gulls.txt")]
[('text', b'Gulls nest here.')]
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from siglum.errors import MissingExtra
from siglum.readers.archives import bundles, sniff
from siglum.readers.archives.arc import Arc
from siglum.readers.archives.crawls import Revisits, read_arc, read_warc
from siglum.readers.archives.har import read_har
from siglum.readers.archives.mhtml import read_mhtml
from siglum.readers.archives.packing import PACKED, Packing, gzip_behind_damage, packing_of, unpacked
from siglum.readers.archives.stream import ByteStream, items_of
from siglum.readers.archives.warc import Warc
from siglum.readers.columns import read_arrow, read_parquet
from siglum.readers.record import Budget, Fields, Found, Inside, Limits, Record, Row, Skipped
from siglum.readers.tables import looks_like_rows, looks_like_table, parsed, read_csv, read_json_lines

__all__ = ["Fields", "Limits", "Record", "Skipped", "read_any"]

_LIMITS = Limits()
_FIELDS = Fields()
_ARCHIVE_NAME = re.compile(r"(?i)\.(w?arc)(?:\.(?:gz|zst|bz2|xz|lz4))?\Z")
_AN = {"warc": "a WARC", "arc": "an ARC"}
_SEARCHED = 1 << 20  # bytes in which an archive may begin whose first record is damaged
_TRIED = 50  # heads that are tried there
_SEEKING = frozenset(["zip", "parquet", "arrow"])


def read_any(
    source: Path | BinaryIO, *, name: str = "", limits: Limits = _LIMITS, fields: Fields = _FIELDS
) -> Iterator[Record | Skipped]:
    """Yield the documents of *source*, and what else is in it or wrong with it, in the order in which they stand there.

    Revisits of a WARC come last, with the bodies of their originals; for these a source that can be read again is read
    a second time. Nothing is raised for any content; OSError where *source* cannot be opened. *name* stands for the
    source in ids and places; without it, that is the file's name.
    """
    if isinstance(source, Path):
        with source.open("rb") as file:
            yield from read_any(file, name=name or source.name, limits=limits, fields=fields)
    else:
        name = name or Path(str(getattr(source, "name", "-"))).name
        for found in read_unparsed(source, name, limits, fields):
            yield parsed(found) if isinstance(found, Row) else found


def read_unparsed(file: BinaryIO, name: str, limits: Limits, fields: Fields) -> Found:
    """Yield what `read_any` does of *file*, but rows of JSON lines stay as they stand, to be parsed by the caller."""
    start = file.tell() if file.seekable() else None
    revisits = None if start is None else Revisits(limits.revisits)
    yield from _Reading(file, revisits).read(ByteStream(items_of(file)), _inside(name, limits, fields))
    if revisits and revisits.waiting and start is not None:
        file.seek(start)
        again = _Reading(file, None).read(ByteStream(items_of(file)), _inside(name, limits, fields))
        yield from revisits.resolve(again)


def _inside(name: str, limits: Limits, fields: Fields) -> Inside:
    return Inside(name, limits, fields, Budget(limits.unpacked_bytes))


@dataclass(frozen=True)
class _Reading:
    """One pass over one input."""

    file: BinaryIO
    revisits: Revisits | None

    def read(self, stream: ByteStream, inside: Inside) -> Found:
        """Yield what is in *stream*, whatever it is."""
        head = stream.peek(sniff.WINDOW)
        lost: tuple[str, ...] = ()
        if stream.broken and sniff.kind_of(head, inside.name) in {"text", "html", "media"}:
            head, lost = _behind_break(stream, inside)
            for reason in lost:
                yield inside.fault(reason, stream.place(0), 0)
        if not head:
            if not lost:
                yield _empty(inside)
        elif packing := packing_of(head) or _behind_damage(head, inside):
            if inside.depth >= inside.limits.depth:
                yield _too_deep(inside)
                return
            try:
                packing.decoder()
            except MissingExtra as e:
                yield inside.fault(str(e))
                return
            within = inside.entering(packing.name)
            yield from self.read(ByteStream(unpacked(stream, packing, inside.limits, inside.budget)), within)
        else:
            yield from self._by_kind(sniff.kind_of(head, inside.name), head, stream, inside, lost)

    def _by_kind(self, kind: str, head: bytes, stream: ByteStream, inside: Inside, lost: tuple[str, ...]) -> Found:
        if kind in {"zip", "tar"} and inside.depth >= inside.limits.depth:
            return iter([_too_deep(inside)])
        if kind in {"media", "text", "html"}:
            kind = _late_archive(head, stream, inside) or kind
        if kind in _SEEKING:
            return self._seeking(kind, stream, inside)
        if kind == "warc":
            return read_warc(stream, inside, self.revisits)
        if kind == "arc":
            return read_arc(stream, inside)
        if kind == "tar":
            return bundles.read_tar(stream, inside, self.read)
        if kind == "arrow-stream":
            return read_arrow(cast(BinaryIO, _Readable(stream)), inside, stream=True)
        if kind == "har":
            return read_har(stream, inside)
        if kind == "media":
            return iter([_refused(inside, sniff.media_in(head))])
        if kind == "cdx":
            return iter([_refused(inside, "an index of archives (CDX), which holds no documents")])
        if kind == "mhtml":
            return self._whole(stream, inside, kind, lost)
        return self._texts(kind, stream, inside, lost)

    def _texts(self, kind: str, stream: ByteStream, inside: Inside, lost: tuple[str, ...]) -> Found:
        head = stream.peek(sniff.WINDOW)
        if named := _ARCHIVE_NAME.search(inside.name):
            reason = f"is called {_AN[named[1].lower()]} file and is none: it begins {sniff.as_text(head)!r}"
            return iter([] if lost else [inside.fault(reason)])
        if kind == "text" and looks_like_rows(head, inside.name):
            return read_json_lines(stream, inside)
        if kind == "text" and looks_like_table(head, inside.name, inside.fields):
            return read_csv(stream, inside)
        return self._whole(stream, inside, kind, lost)

    def _whole(self, stream: ByteStream, inside: Inside, kind: str, lost: tuple[str, ...]) -> Found:
        """Yield *stream* as one document."""
        most = inside.limits.record_bytes
        body = stream.read(most + 1)
        notes = [f"bytes are missing: {reason}" for reason in lost]
        while stream.exhausted() and (reason := stream.resume()):
            yield inside.fault(reason, stream.place(stream.offset), stream.offset)
            notes.append(f"bytes are missing: {reason}")
            body += stream.read(most + 1 - len(body))
        if len(body) > most:
            yield inside.fault(f"more than the limit of {most:,} bytes: not read")
            return
        for reason in stream.alarms:
            yield inside.fault(reason)
            notes.append(reason)
        if kind == "mhtml":
            yield from read_mhtml(body, inside)
        else:
            yield Record(inside.name, body, kind, notes=tuple(notes))

    def _seeking(self, kind: str, stream: ByteStream, inside: Inside) -> Found:
        """Yield what is in a file that is not read from start to end; inside another one, it is copied to disk."""
        with self._on_disk(stream, inside) as (file, fault):
            if fault:
                yield inside.fault(fault)
            elif kind == "zip":
                yield from bundles.read_zip(file, inside, self.read)
            elif kind == "parquet":
                yield from read_parquet(file, inside)
            else:
                yield from read_arrow(file, inside, stream=False)

    @contextmanager
    def _on_disk(self, stream: ByteStream, inside: Inside) -> Iterator[tuple[BinaryIO, str]]:
        if inside.depth == 0 and self.file.seekable():
            yield self.file, ""
            return
        with tempfile.TemporaryFile() as copy:
            yield copy, bundles.spooled(stream, copy, inside.limits)


class _Readable:
    """A stream as the file that pyarrow wants."""

    closed = False

    def __init__(self, stream: ByteStream) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        return self._stream.read(size if size >= 0 else 1 << 62)

    def close(self) -> None:
        """Leave the stream to whom it belongs."""


def _behind_damage(head: bytes, inside: Inside) -> Packing | None:
    """Return gzip where the file is called so and its first bytes are damaged.

    What came out of a packed member is not looked into: a page packed by gzip may stand there.
    """
    if not inside.name.lower().endswith(".gz") or inside.containers[-1:] == ("gzip",):
        return None
    return gzip_behind_damage(head) if sniff.kind_of(head, inside.name) in {"text", "html", "media"} else None


def _behind_break(stream: ByteStream, inside: Inside) -> tuple[bytes, tuple[str, ...]]:
    """Return how *stream* begins behind the breaks near its start, and their reasons.

    Where archives begin there, what stood before the breaks is dropped; else it is put back.
    """
    before = b""
    reasons = []
    while stream.broken and len(before) < sniff.WINDOW:
        before += stream.read(sniff.WINDOW)
        reasons.append(stream.resume())
        head = stream.peek(sniff.WINDOW)
        if sniff.kind_of(head, inside.name) in {"warc", "arc"}:
            return head, (*reasons[:-1], f"{reasons[-1]}; {len(before):,} bytes before that are no record")
    stream.unread(before)
    return stream.peek(sniff.WINDOW), tuple(reasons)


def _empty(inside: Inside) -> Record | Skipped:
    """Return what an empty file is: an empty text, but where its name promises records."""
    name = inside.name
    if _ARCHIVE_NAME.search(name) or looks_like_rows(b"", name) or looks_like_table(b"", name, inside.fields):
        return inside.passed("is empty")
    return Record(name, b"", "text")


def _too_deep(inside: Inside) -> Skipped:
    layers = " in ".join(reversed(inside.containers))
    return inside.fault(f"more than {inside.limits.depth} archives inside each other ({layers}): not read")


def _refused(inside: Inside, what: str) -> Skipped:
    named = _ARCHIVE_NAME.search(inside.name)
    if named:
        return inside.fault(f"is called {_AN[named[1].lower()]} file and is {what}")
    if any(container not in PACKED for container in inside.containers):
        return inside.passed(what)
    return inside.fault("binary data: no kind of file that siglum knows" if what == sniff.BINARY else f"is {what}")


def _late_archive(head: bytes, stream: ByteStream, inside: Inside) -> str:
    """Return which kind of archive begins in *stream* behind damage: "warc", "arc", or "" where none does.

    A name that says so is believed when there is one whole record; without it, two must follow each other.
    """
    named = _ARCHIVE_NAME.search(inside.name) is not None
    if not named and b"WARC/" not in head and b"warc/" not in head:
        return ""
    ahead = stream.peek(_SEARCHED)
    if any(_is_record(ahead, match.start(), Warc(), named) for match in islice(Warc.start.finditer(ahead), _TRIED)):
        return "warc"
    if named and any(_is_record(ahead, m.start(), Arc(), True) for m in islice(Arc.start.finditer(ahead), _TRIED)):
        return "arc"
    return ""


def _is_record(ahead: bytes, at: int, grammar: Warc | Arc, lenient: bool) -> bool:
    """Tell whether the head at *at* is that of a record: its length leads to another head.

    Being *lenient*, the end of the file will do, or that the record reaches beyond what is looked at.
    """
    rest = ByteStream(iter([ahead[at:]]))
    head = grammar.read_head(rest)
    if head is None or head.length is None or head.length < 0:
        return False
    if head.length > len(ahead):
        return lenient and len(ahead) == _SEARCHED
    content = rest.read(head.length)
    rest.skip_any(b"\r\n")
    if grammar.start.match(rest.peek(4096)):
        return True
    return lenient and rest.exhausted() and (len(content) == head.length or len(ahead) == _SEARCHED)
