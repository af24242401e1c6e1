"""A way from one process to another: messages lie in memory that both share, and a pipe tells of them.

What is written of a document is often a hundred times what is said of it, and a pipe would wake both ends for every
piece that fits into it. What finds no room in the shared memory goes through the pipe all the same.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

# Of a message: where in the room it lies, _PIPED if it follows in the pipe; how many pieces it has; its bytes, with
# those that say how long the pieces are; and what of the room is used with it, counted as `Sender` does.
_TOLD = struct.Struct("<qqqq")
_PIPED = -1
_SIZE = 8

Message = Sequence[bytes]


def way(context: BaseContext, room: int) -> tuple[Receiver, Sender]:
    """Return the two ends of a way with *room* bytes of shared memory, if there are any; each is for one process."""
    out, into = context.Pipe(duplex=False)
    taken = context.RawArray("q", 1)
    try:
        shared = context.RawArray("B", room)
    except OSError:  # containers have little memory that can be shared, and the disk in its place may be full
        shared = context.RawArray("B", 1)
    return Receiver(out, shared, taken), Sender(into, shared, taken)


class Sender:
    """The end that sends messages, which are pieces of bytes."""

    def __init__(self, into: Connection, room: Any, taken: Any) -> None:
        self._into, self._room, self._taken = into, room, taken
        self._used = 0  # bytes of the room that were ever given to messages, or left unused at its end
        self._told: list[bytes] = []

    def fits(self, message: Message) -> bool:
        """Tell whether `put` would find room for *message*, and so would not wait."""
        return self._place(_size(message)) is not None

    def put(self, message: Message) -> None:
        """Lay down *message*, of which `tell` tells. Raises OSError where nobody is there any more."""
        size = _size(message)
        sizes = struct.pack(f"<{len(message)}q", *map(len, message))
        place = self._place(size)
        if place is None:
            self.tell()
            self._into.send_bytes(_TOLD.pack(_PIPED, len(message), size, self._used))
            self._into.send_bytes(b"".join((sizes, *message)))
            return
        room, at = memoryview(self._room).cast("B"), place % len(self._room)
        self._used = place + size
        self._told.append(_TOLD.pack(at, len(message), size, self._used))
        for piece in (sizes, *message):
            room[at : at + len(piece)] = piece
            at += len(piece)

    def tell(self) -> None:
        """Tell of the messages put down since this was called last. Raises OSError where nobody is there any more."""
        if self._told:
            self._into.send_bytes(b"".join(self._told))
            self._told.clear()

    def close(self) -> None:
        """Let go of the pipe."""
        self._into.close()

    def _place(self, size: int) -> int | None:
        """Return where *size* bytes have room in one piece, counted as `_used` is; None where they have none now."""
        left = -self._used % len(self._room)  # to the end of the room
        place = self._used if size <= left else self._used + left
        taken = self._taken[0]
        held = place - taken if taken != self._used else 0  # where all is taken, no gap is in the way
        return place if held + size <= len(self._room) else None


class Receiver:
    """The end that receives."""

    def __init__(self, out: Connection, room: Any, taken: Any) -> None:
        self.out = out
        self._room, self._taken = room, taken

    def receive(self) -> Iterator[list[bytes]]:
        """Wait until messages are told of, and yield them. Raises EOFError, or OSError, where no more will come."""
        room = memoryview(self._room).cast("B")
        for at, count, size, used in _TOLD.iter_unpack(self.out.recv_bytes()):
            if at == _PIPED:
                yield _pieces(memoryview(self.out.recv_bytes()), count)
                continue
            message = _pieces(room[at : at + size], count)
            self._taken[0] = used
            yield message

    def close(self) -> None:
        """Let go of the pipe."""
        self.out.close()


def _size(message: Message) -> int:
    return sum(map(len, message), _SIZE * len(message))


def _pieces(message: memoryview, count: int) -> list[bytes]:
    at, found = _SIZE * count, []
    for size in struct.unpack_from(f"<{count}q", message):
        found.append(bytes(message[at : at + size]))
        at += size
    return found
