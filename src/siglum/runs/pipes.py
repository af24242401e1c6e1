"""A pipe between two processes: values are packed, and bytes go beside them as they are, copied no more than they must.

What is written is often a hundred times what is said of it; to pack it into one message and take it out again would
cost as much as to send it.
"""

from __future__ import annotations

import os
import pickle
import struct
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

ROOM = 1 << 20  # bytes that a pipe holds, if it may
_AT_ONCE = 512  # pieces; systems take 1,024
_HEAD = struct.Struct("<QQ")  # bytes of the value, number of pieces


def pipe(context: BaseContext) -> tuple[Connection, Connection]:
    """Return the end to read from and the end to write to of a pipe that holds a message, so that no writer waits."""
    out, into = context.Pipe(duplex=False)
    with suppress(ImportError, AttributeError, OSError):  # where that can be set, and as far as this user may
        import fcntl

        fcntl.fcntl(into.fileno(), fcntl.F_SETPIPE_SZ, ROOM)
    return out, into


class Sender:
    """Sends through the end *into* of a pipe."""

    def __init__(self, into: Connection) -> None:
        self._into = into

    def send(self, value: Any, pieces: Sequence[bytes] = ()) -> None:
        """Send *value* and *pieces*. Raises OSError where nobody is there any more."""
        if os.name == "nt":
            self._into.send((value, list(pieces)))
            return
        packed = pickle.dumps(value, 5)
        sizes = struct.pack(f"<{len(pieces)}Q", *map(len, pieces))
        _write(self._into.fileno(), [_HEAD.pack(len(packed), len(pieces)), sizes, packed, *pieces])


class Receiver:
    """Receives from the end *out* of a pipe, into the same memory as long as messages are of ordinary size."""

    def __init__(self, out: Connection) -> None:
        self._out = out
        self._room = bytearray(2 * ROOM)

    def receive(self) -> tuple[Any, list[bytes]]:
        """Return the next value and its pieces. Raises EOFError, or OSError, where no more will come."""
        if os.name == "nt":
            found: tuple[Any, list[bytes]] = self._out.recv()
            return found
        packed, count = _HEAD.unpack(self._read(_HEAD.size))
        sizes = struct.unpack(f"<{count}Q", self._read(8 * count))
        rest = self._read(packed + sum(sizes))
        value, pieces, at = pickle.loads(rest[:packed]), [], packed
        for size in sizes:
            pieces.append(bytes(rest[at : at + size]))
            at += size
        return value, pieces

    def _read(self, size: int) -> memoryview:
        found = memoryview(self._room if size <= len(self._room) else bytearray(size))[:size]
        at = 0
        while at < size:
            got = os.readv(self._out.fileno(), [found[at:]])
            if not got:
                raise EOFError
            at += got
        return found


def _write(file: int, pieces: Sequence[bytes]) -> None:
    left = [memoryview(piece) for piece in pieces if piece]
    at = 0
    while at < len(left):
        written = os.writev(file, left[at : at + _AT_ONCE])
        while at < len(left) and written >= len(left[at]):
            written -= len(left[at])
            at += 1
        if written:
            left[at] = left[at][written:]
