"""A stream of bytes that is read forward, looked ahead in, and that says where bytes are missing.

Layers hand each other *items*: bytes, and remarks between them. A `Break` says that bytes are missing at this place; to
the reader the stream ends there, until it asks to resume. So a reader of records need not know how they were packed,
and cannot take bytes from behind a gap for those before it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

CHUNK = 1 << 18
_REACH = 4096  # bytes within which a pattern that is searched for must match
_MEMBERS = 1024  # starts of members are dropped once there are so many


class Member(NamedTuple):
    """From here on, bytes come from the packed member that begins at byte *offset* of the packed file."""

    offset: int


class Alarm(NamedTuple):
    """Something is wrong with the bytes around here, none is missing."""

    reason: str


class Break(NamedTuple):
    """Bytes are missing here."""

    reason: str


Item = bytes | Member | Alarm | Break

# Whether a match counts, told its offset, the byte before it (a line break where none is known) and what begins there.
Accept = Callable[[int, bytes, bytes], bool]


def anything(offset: int, before: bytes, ahead: bytes) -> bool:
    """Accept every match."""
    return True


class Damage(Exception):
    """What a source of bytes raises where it cannot go on."""


def items_of(file: BinaryIO) -> Iterator[Item]:
    """Yield the bytes of *file*, and a Break where it cannot be read."""
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except (OSError, ValueError, Damage) as e:
        yield Break(f"cannot be read on: {getattr(e, 'strerror', None) or e}")


class ByteStream:
    """The bytes of one layer. All offsets count its own bytes, also across breaks."""

    def __init__(self, items: Iterator[Item]) -> None:
        self._items = items
        self._buffer = b""
        self._at = 0  # the next byte, in the buffer
        self._base = 0  # where the buffer begins, in the stream
        self._ended = False
        self.members: deque[tuple[int, int]] = deque()  # offset here, offset in the packed file; ahead of the reader
        self.alarms: list[str] = []
        self.broken = ""  # why bytes are missing where the stream stands, or will soon

    @property
    def offset(self) -> int:
        """How many bytes were read."""
        return self._base + self._at

    def fill(self) -> bool:
        """Get more bytes into the buffer; False where the stream ends or is broken."""
        if self.broken or self._ended:
            return False
        for item in self._items:
            if isinstance(item, bytes):
                if item:
                    self._base += self._at
                    self._buffer = self._buffer[self._at :] + item if self._at < len(self._buffer) else item
                    self._at = 0
                    return True
            elif isinstance(item, Member):
                self.members.append((self._base + len(self._buffer), item.offset))
                if len(self.members) > _MEMBERS:
                    self.forget_members()
            elif isinstance(item, Alarm):
                self.alarms.append(item.reason)
            else:
                self.broken = item.reason
                return False
        self._ended = True
        return False

    def exhausted(self) -> bool:
        """Tell whether no byte is left before the end or the next break."""
        return self._at >= len(self._buffer) and not self.fill()

    def resume(self) -> str:
        """Pass over a break; return its reason, "" where there is none."""
        reason, self.broken = self.broken, ""
        return reason

    def peek(self, size: int) -> bytes:
        """Return the next *size* bytes, fewer where the stream ends, and stay."""
        while len(self._buffer) - self._at < size and self.fill():
            pass
        return self._buffer[self._at : self._at + size]

    def read(self, size: int) -> bytes:
        """Return the next *size* bytes, fewer where the stream ends."""
        end = self._at + size
        if end <= len(self._buffer):
            data = self._buffer[self._at : end]
            self._at = end
            return data
        parts = [self._rest()]
        size -= len(parts[0])
        while size and self.fill():
            parts.append(self._buffer[self._at : self._at + size])
            self._at += len(parts[-1])
            size -= len(parts[-1])
        return b"".join(parts)

    def take(self, size: int) -> bytes:
        """Return up to *size* bytes, those at hand; b"" only where the stream ends. `back` can undo it."""
        if self._at >= len(self._buffer) and not self.fill():
            return b""
        data = self._buffer[self._at : self._at + size]
        self._at += len(data)
        return data

    def back(self, size: int) -> None:
        """Step back over the last *size* bytes of the last `take`."""
        self._at -= size

    def unread(self, data: bytes) -> None:
        """Put *data*, the bytes last read, back."""
        self._buffer = data + self._buffer[self._at :]
        self._base += self._at - len(data)
        self._at = 0

    def skip_any(self, of: bytes) -> None:
        """Pass over bytes as long as they are among *of*."""
        while not self.exhausted() and self._buffer[self._at] in of:
            rest = self._buffer[self._at : self._at + 256]
            blank = len(rest) - len(rest.lstrip(of))
            self._at += blank

    def line(self, most: int) -> tuple[bytes, int]:
        """Return the next line and its length, the break included; b"" for one of more than *most* bytes."""
        end = self._buffer.find(b"\n", self._at) + 1
        if end and end - self._at <= most:
            data = self._buffer[self._at : end]
            self._at = end
            return data, len(data)
        parts: list[bytes] = []
        length = 0
        while not self.exhausted():
            end = self._buffer.find(b"\n", self._at) + 1
            piece = self._buffer[self._at : end] if end else self._rest()
            self._at = end or self._at
            length += len(piece)
            if length <= most:
                parts.append(piece)
            else:
                parts.clear()
            if end:
                break
        return (b"".join(parts) if length <= most else b""), length

    def until(self, pattern: re.Pattern[bytes], accept: Accept, most: int) -> tuple[bytes, int]:
        """Move to the first match of *pattern* that *accept* takes, or to the end; return what lies before it.

        Of more than *most* bytes only the length is returned, second. A match must lie within 4,096 bytes.
        """
        parts: list[bytes] = []
        length = 0
        before = b"\n"
        while not self.exhausted():
            self.peek(_REACH)
            match = self._search(pattern, accept, before)
            more = match is None and len(self._buffer) - self._at >= _REACH
            stop = len(self._buffer) - (_REACH - 1 if more else 0) if match is None else match
            piece = self._buffer[self._at : stop]
            self._at = stop
            before = piece[-1:] or before
            length += len(piece)
            if length <= most:
                parts.append(piece)
            else:
                parts.clear()
            if match is not None:
                break
            if more:
                self.fill()
        return (b"".join(parts) if length <= most else b""), length

    def _search(self, pattern: re.Pattern[bytes], accept: Accept, before: bytes) -> int | None:
        """Return where in the buffer the first match that *accept* takes begins; a member may start within a line."""
        found = None
        for match in pattern.finditer(self._buffer, self._at):
            previous = self._buffer[match.start() - 1 : match.start()] if match.start() > self._at else before
            at = match.start()
            if accept(self._base + at, previous, self._buffer[at : at + _REACH]):
                found = at
                break
        for here, _ in self.members:
            at = here - self._base
            near = self._at <= at < (len(self._buffer) if found is None else found)
            if near and pattern.match(ahead := self._buffer[at : at + _REACH]) and accept(here, b"\n", ahead):
                return at
        return found

    def _rest(self) -> bytes:
        data = self._buffer[self._at :]
        self._at = len(self._buffer)
        return data

    def forget_members(self) -> None:
        """Drop the members that begin before the next byte, but for the last of them."""
        while len(self.members) > 1 and self.members[1][0] <= self.offset:
            self.members.popleft()

    def packed_offset(self, offset: int) -> int | None:
        """Return where the member that begins at *offset* stands in the packed file, None where none begins there."""
        return next((there for here, there in reversed(self.members) if here == offset), None)

    def place(self, offset: int, packed: int | None = None) -> str:
        """Return *offset* in words, that of a member which begins at byte *packed* as one of the packed file."""
        if packed is not None:
            return f"byte {packed}"
        return f"byte {offset} unpacked" if self.members else f"byte {offset}"
