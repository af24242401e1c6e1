"""Records in a stream, framed by a head that states their length, where that length may be untrue.

A head's length is believed if a record, or the end, follows it, or if a digest bears it out. If not, the record's end
is looked for: inside what was read (the length was too long), then behind it (too short), unless blank lines stand
where the record should end, or an HTTP head says the same length: what follows is then no part of it. Either way the
record comes out with a remark, and reading goes on at the next head. Where each record is a packed member of its own,
only starts of members count as heads, so a page that quotes an archive does no harm.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from siglum.readers.archives.stream import CHUNK, Accept, ByteStream

HEAD_BYTES = 1 << 18  # a head is no longer
PREFIX = 1 << 13  # what is shown of a record too large to be read
_ALIGNED = 3  # so many records that are each a member of their own make a rule
_AHEAD = 512  # bytes looked at to tell whether a record begins
_HEAD = 1 << 12  # bytes of a head that are looked at to tell whether it is one
_PARTED = 8  # bytes of blank lines between two records, at most
_LIES = 8  # so many lengths that were too long, and no more is read at once for the sake of one


class Head(NamedTuple):
    """The head of one record."""

    length: int | None  # of the content that follows; None where none can be read from it
    fields: Mapping[str, str]  # names in lower case
    fault: str = ""


class Grammar(Protocol):
    """How heads look in one format."""

    @property
    def start(self) -> re.Pattern[bytes]:
        """A head, or the beginning of one, that text would not hold by chance."""

    @property
    def parting(self) -> re.Pattern[bytes]:
        """What parts two records, if it is such that content would seldom hold it by chance."""

    def is_quoted(self, before: bytes, ahead: bytes) -> bool:
        """Tell whether a head at the start of *ahead* seems to be quoted in a page, given the byte *before* it."""

    def begins(self, data: bytes, cut: bool) -> bool:
        """Tell whether *data*, what follows a record, is line breaks and a head, be it damaged, or *cut* by the end."""

    def proves(self, head: Head, content: bytes) -> bool:
        """Tell whether a digest shows that *content* is what *head* announces, to the byte."""

    def supports(self, content: bytes) -> bool:
        """Tell whether *content* itself says that it is as long as it is."""

    def read_head(self, stream: ByteStream) -> Head | None:
        """Read the head *stream* stands at; None, and nothing read, where there is none."""


class Frame(NamedTuple):
    """One record: its head and content, and what was wrong with it."""

    offset: int
    place: str
    packed_offset: int | None
    head: Head
    content: bytes
    size: int  # of the content; more than len(content) where it was too large to be read
    fault: str = ""  # why the record is not what its head promised


class Fault(NamedTuple):
    """Damage between records."""

    offset: int
    place: str
    reason: str


@dataclass
class _Reading:
    """The frames of one stream."""

    stream: ByteStream
    grammar: Grammar
    most: int
    aligned: int = 0  # how many records so far were each a packed member of its own; below 0 once one was not
    lies: int = 0  # how many lengths were too long
    stray: Fault | None = None  # what stands behind the record last read and belongs to none

    def frames(self) -> Iterator[Frame | Fault]:
        stream = self.stream
        while True:
            stream.skip_any(b"\r\n")
            at_end = stream.exhausted()
            yield from self._alarms()
            if at_end:
                if not stream.broken:
                    return
                yield Fault(stream.offset, stream.place(stream.offset), stream.resume())
                continue
            yield self._frame()
            if self.stray:
                yield self.stray
                self.stray = None

    def _frame(self) -> Frame | Fault:
        stream = self.stream
        stream.forget_members()
        start = stream.offset
        packed = stream.packed_offset(start)
        place = stream.place(start, packed)
        head = self.grammar.read_head(stream)
        if head is None:
            _, lost = stream.until(self.grammar.start, self._later_than(start), 0)
            return Fault(start, place, f"{lost:,} bytes that are no record" + self._broken())
        self.aligned = self.aligned + 1 if packed is not None and self.aligned >= 0 else -1
        content, size, fault = self._content(head)
        return Frame(start, place, packed, head, content, size, "; ".join(filter(None, (head.fault, fault))))

    def _alarms(self) -> Iterator[Fault]:
        for reason in self.stream.alarms:
            yield Fault(self.stream.offset, self.stream.place(self.stream.offset), reason)
        self.stream.alarms.clear()

    def _content(self, head: Head) -> tuple[bytes, int, str]:
        """Return the content that follows, its size, and what is wrong with its length."""
        stream, length = self.stream, head.length
        if length is None or length < 0:
            said = "no length that can be read" if length is None else f"a length of {length}"
            content, size = self._up_to_next(b"")
            return content, size, f"the head has {said}: taken up to the next record" + self._broken()
        if length > self.most:
            return self._large(length)
        content = stream.read(length) if self.lies <= _LIES or length <= CHUNK else self._read_warily(length)
        whole = len(content) == length
        if whole and (self._at_boundary(self._is_head, content[-1:] or b"\n") or self.grammar.proves(head, content)):
            return content, length, ""
        end = self._start_in(content)
        if end is not None:
            self.lies += 1
            stream.unread(content[end:])
            content = _trimmed(content[:end])
            why = f"the head says {length:,} bytes; the next record comes after {len(content):,} bytes"
            return content, len(content), why
        if whole and self._at_boundary(self.grammar.begins):
            return content, length, ""  # the length is right: it is the next head that is damaged or cut
        if not whole:
            # Blank lines at the end part records: the content is there, and the length is too long.
            content = _trimmed(content) if content.endswith((b"\r\n\r\n", b"\n\n")) else content
            why = f"the head says {length:,} bytes; cut: {len(content):,} bytes are there" + self._broken()
            return content, len(content), why
        return self._not_at_boundary(head, content)

    def _not_at_boundary(self, head: Head, content: bytes) -> tuple[bytes, int, str]:
        """Return *content*, behind which no record begins, or more, if what follows seems to be the rest of it."""
        stream, length = self.stream, len(content)
        ahead = stream.peek(_AHEAD)
        start = stream.offset + len(ahead) - len(ahead.lstrip(b"\r\n"))
        parted = self.grammar.parting.match(ahead) is not None
        longer, size = self._up_to_next(content)
        held = len(longer) == size
        if (parted or self.grammar.supports(content)) and not (held and self.grammar.proves(head, longer)):
            reason = f"{stream.offset - start:,} bytes that are no record" + self._broken()
            self.stray = Fault(start, stream.place(start), reason)
            return content, length, ""
        why = f"the head says {length:,} bytes; {size:,} bytes stand before the next record" + self._broken()
        # More than a record may have is hardly the rest of this one.
        return (longer, size, why) if held else (content, length, why)

    def _read_warily(self, length: int) -> bytes:
        """Return the next *length* bytes, or fewer where a head is met among them: lengths lie in this stream."""
        parts: list[bytes] = []
        left = length
        while left and (piece := self.stream.read(min(CHUNK, left))):
            before = parts[-1][-_HEAD:] if parts else b""
            parts.append(piece)
            left -= len(piece)
            if self._start_in(before + piece) is not None:
                break
        return b"".join(parts)

    def _up_to_next(self, content: bytes) -> tuple[bytes, int]:
        """Return *content* with what follows it up to the next record, and the size of both."""
        more, size = self.stream.until(self.grammar.start, self._is_start, self.most - len(content))
        if len(more) < size:  # too large to be held
            return content[:PREFIX], len(content) + size
        content += _trimmed(more)
        return content, len(content)

    def _large(self, length: int) -> tuple[bytes, int, str]:
        """Pass over a record that is too large, or whose head says so; look for the next one on the way."""
        stream = self.stream
        start = stream.offset
        prefix = stream.peek(PREFIX)
        found = False

        def accept(offset: int, before: bytes, ahead: bytes) -> bool:
            nonlocal found
            found = offset <= start + length and self._is_start(offset, before, ahead)
            return found or offset >= start + length

        content, size = stream.until(self.grammar.start, accept, self.most)
        if length <= size <= length + _PARTED:
            return prefix, length, ""
        more = size > length
        content = _trimmed(content)
        size = len(content) or size
        if more:
            said = f"{size:,} bytes stand before the next record"
        else:
            said = f"the next record comes after {size:,} bytes" if found else f"cut: {size:,} bytes are there"
        return content or prefix, size, f"the head says {length:,} bytes; {said}" + self._broken()

    def _is_head(self, data: bytes, cut: bool) -> bool:
        """Tell whether *data*, of which the first byte is the last one of a record, goes on with a head."""
        return self.grammar.start.match(data, len(data) - len(data[1:].lstrip(b"\r\n"))) is not None

    def _at_boundary(self, begins: Callable[[bytes, bool], bool], before: bytes = b"") -> bool:
        """Tell whether what comes next is the end, a member, or what *begins*, given *before* it, takes for a head."""
        stream = self.stream
        ahead = stream.peek(_AHEAD)
        rest = ahead.lstrip(b"\r\n")
        if not rest:
            return True
        offset = stream.offset + len(ahead) - len(rest)
        return stream.packed_offset(offset) is not None or begins(before + ahead, len(ahead) < _AHEAD)

    def _start_in(self, content: bytes) -> int | None:
        """Return where in *content*, which was just read, the next record begins; None where none does."""
        base = self.stream.offset - len(content)
        whole = content + self.stream.peek(_HEAD)
        for match in self.grammar.start.finditer(whole):
            at = match.start()
            if 0 < at < len(content) and self._is_start(base + at, whole[at - 1 : at], whole[at : at + _HEAD]):
                return at
        return None

    def _is_start(self, offset: int, before: bytes, ahead: bytes) -> bool:
        packed = self.stream.packed_offset(offset) is not None
        return packed or (self.aligned < _ALIGNED and not self.grammar.is_quoted(before, ahead))

    def _later_than(self, start: int) -> Accept:
        return lambda offset, before, ahead: offset > start and self._is_start(offset, before, ahead)

    def _broken(self) -> str:
        """Return the reason of the break that ended what was just read, and pass over it."""
        stream = self.stream
        reason = stream.resume() if stream.exhausted() else ""
        return f"; {reason}" if reason else ""


def frames(stream: ByteStream, grammar: Grammar, most: int) -> Iterator[Frame | Fault]:
    """Yield the records of *stream*, and what lies damaged between them. Contents above *most* bytes are not held."""
    return _Reading(stream, grammar, most).frames()


def _trimmed(content: bytes) -> bytes:
    """Return *content* without the blank lines that part it from the next record."""
    return re.sub(rb"[\r\n]{1,4}\Z", b"", content)
