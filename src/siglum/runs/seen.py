"""Which keys were seen, and with which document: on disk, beside a small filter that knows most of what is new.

Keys gather in memory, are sorted and put on disk as a *stretch*; eight stretches of one size become one of the next
(O'Neil and others, The log-structured merge-tree, 1996). A Bloom filter of 64-bit blocks (Putze, Sanders and Singler,
2007) tells of a key that it is in no stretch, so that the disk is asked for few.
"""

from __future__ import annotations

import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

GATHERED = 60_000  # keys in memory before they go to disk
FANOUT = 8  # stretches of one size that become one
BLOCK = 512  # keys of a stretch of which one is kept in memory, and which are read at once
MERGED = 1 << 18  # keys that are merged at a time
FILTER_BITS = 11, 24  # log2 of the filter's words of 8 bytes, at first and at most: 128 MiB
KEYS_A_WORD = 5  # of more keys the filter is made larger: about one key in a hundred is asked for in vain
_MASKS = 4096


class Seen:
    """The keys of the documents seen, each with the number of the first document that had it.

    What is on disk lies in nameless files in *folder*, and is gone with the object.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recent: dict[int, int] = {}
        self._stretches: list[list[_Stretch]] = []
        self._filter = _Filter(FILTER_BITS[0])

    def first(self, keys: Sequence[int]) -> tuple[int, int] | None:
        """Return the number of the document that had one of *keys*, and the place of that key in *keys*."""
        recent, masks = self._recent, _masks()
        blocks, shift = self._filter.blocks, self._filter.shift
        for n, key in enumerate(keys):
            if key in recent:
                return recent[key], n
            mask = masks[key & 4095]
            if blocks[key >> shift] & mask == mask and (found := self._on_disk(key)) is not None:
                return found, n
        return None

    def add(self, keys: Sequence[int], number: int) -> None:
        """Note that the document *number* has *keys*, which none had before."""
        self._recent.update(dict.fromkeys(keys, number))
        if len(self._recent) >= GATHERED:
            self._put_down()

    def close(self) -> None:
        """Let go of the files."""
        for stretch in self._all():
            stretch.close()
        self._stretches = []

    def _all(self) -> Iterator[_Stretch]:
        for level in self._stretches:
            yield from level

    def _on_disk(self, key: int) -> int | None:
        for stretch in self._all():
            if (found := stretch.number_of(key)) is not None:
                return found
        return None

    def _put_down(self) -> None:
        """Sort the keys in memory and put them on disk; merge what has become many."""
        keys = np.fromiter(self._recent.keys(), np.uint64, len(self._recent))
        numbers = np.fromiter(self._recent.values(), np.uint64, len(self._recent))
        order = np.argsort(keys)
        stretch = _Stretch(self._folder, len(keys))
        stretch.append(keys[order], numbers[order])
        self._recent.clear()
        level, held = 0, sum(len(s) for s in self._all()) + len(stretch)
        while True:
            if level == len(self._stretches):
                self._stretches.append([])
            self._stretches[level].append(stretch)
            if len(self._stretches[level]) < FANOUT:
                break
            stretch = _merged(self._folder, self._stretches[level])
            self._stretches[level] = []
            level += 1
        self._filter = self._filter.holding(held, keys[order], self._all())


class _Stretch:
    """Keys in ascending order, with their numbers, in a file; one key of each block is kept in memory."""

    def __init__(self, folder: Path, size: int) -> None:
        self._size, self._held = size, 0
        self._marks = array("Q")
        self._file = cast("BinaryIO", tempfile.TemporaryFile(dir=folder, buffering=0))  # noqa: SIM115 - lives with this

    def __len__(self) -> int:
        return self._held

    def close(self) -> None:
        self._file.close()

    def append(self, keys: Numbers, numbers: Numbers) -> None:
        """Add keys, which are greater than those before, with their numbers."""
        self._marks.frombytes(keys[-self._held % BLOCK :: BLOCK].astype(np.uint64).tobytes())
        self._file.seek(8 * self._held)
        self._file.write(keys.astype("<u8", copy=False).tobytes())
        self._file.seek(8 * (self._size + self._held))
        self._file.write(numbers.astype("<u8", copy=False).tobytes())
        self._held += len(keys)

    def number_of(self, key: int) -> int | None:
        """Return the number of *key*, None where it is not here."""
        block = bisect_right(self._marks, key) - 1
        if block < 0:
            return None
        at = _found(self._read(block * BLOCK, BLOCK), key)
        if at is None:
            return None
        self._file.seek(8 * (self._size + block * BLOCK + at))
        return int.from_bytes(self._file.read(8), "little")

    def below(self, key: int) -> int:
        """Return how many keys are less than *key*."""
        block = bisect_right(self._marks, key) - 1
        if block < 0:
            return 0
        return block * BLOCK + int(np.searchsorted(self.keys(block * BLOCK, BLOCK), np.uint64(key)))

    def keys(self, start: int, count: int) -> Numbers:
        """Return *count* keys from the *start*-th on, fewer at the end."""
        return np.frombuffer(self._read(start, count), "<u8").astype(np.uint64, copy=False)

    def numbers(self, start: int, count: int) -> Numbers:
        """Return the numbers of these keys."""
        return np.frombuffer(self._read(self._size + start, count), "<u8").astype(np.uint64, copy=False)

    def _read(self, start: int, count: int) -> bytes:
        limit = self._size if start < self._size else 2 * self._size
        self._file.seek(8 * start)
        return self._file.read(8 * min(count, limit - start))


def _found(block: bytes, key: int) -> int | None:
    """Return the place of *key* among the keys of *block*."""
    wanted, at = key.to_bytes(8, "little"), -1
    while (at := block.find(wanted, at + 1)) >= 0:
        if at % 8 == 0:
            return at // 8
    return None


def _merged(folder: Path, stretches: Sequence[_Stretch]) -> _Stretch:
    """Return one stretch of what *stretches* hold, and close them; little of it is in memory at a time."""
    size = sum(map(len, stretches))
    merged = _Stretch(folder, size)
    # Keys are digests, evenly spread: pieces of the space of keys hold about equally many.
    pieces = -(-size // MERGED)
    starts = [0] * len(stretches)
    for piece in range(1, pieces + 1):
        bound = piece * (1 << 64) // pieces
        ends = [len(s) if piece == pieces else s.below(bound) for s in stretches]
        spans = list(zip(stretches, starts, ends, strict=True))
        keys = np.concatenate([s.keys(start, end - start) for s, start, end in spans])
        numbers = np.concatenate([s.numbers(start, end - start) for s, start, end in spans])
        order = np.argsort(keys)
        merged.append(keys[order], numbers[order])
        starts = ends
    for stretch in stretches:
        stretch.close()
    return merged


class _Filter:
    """A Bloom filter: a key names a word of 64 bits by its upper bits, and four bits of that by its lower."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._words = np.zeros(1 << bits, np.uint64)
        self.shift = 64 - bits
        self.blocks: Any = self._words.data  # quicker than an array where single words are read

    def holding(self, held: int, keys: Numbers, stretches: Iterator[_Stretch]) -> _Filter:
        """Return a filter of *held* keys: this one with *keys* put in, or a larger one of all keys of *stretches*."""
        bits = self._bits
        while held > KEYS_A_WORD << bits and bits < FILTER_BITS[1]:
            bits += 1
        if bits == self._bits:
            self._put(keys)
            return self
        larger = _Filter(bits)
        for stretch in stretches:
            for start in range(0, len(stretch), MERGED):
                larger._put(stretch.keys(start, MERGED))
        return larger

    def _put(self, keys: Numbers) -> None:
        """Put in *keys*, which are in ascending order: keys of one word are neighbours."""
        if not len(keys):
            return
        words = keys >> np.uint64(self.shift)
        firsts = np.flatnonzero(np.concatenate(([True], words[1:] != words[:-1])))
        masks = _mask_table()[(keys & np.uint64(_MASKS - 1)).astype(np.intp)]
        self._words[words[firsts].astype(np.intp)] |= np.bitwise_or.reduceat(masks, firsts)


_made: list[Any] = []


def _mask_table() -> Numbers:
    """Return the words of four bits that keys name by their lower 12 bits, drawn so that they never change."""
    if not _made:
        table = np.zeros(_MASKS, np.uint64)
        drawn = np.arange(1, _MASKS + 1, dtype=np.uint64)
        for _ in range(4):
            drawn = drawn * np.uint64(0xD1342543DE82EF95) + np.uint64(0x9E3779B97F4A7C15)
            table |= np.uint64(1) << (drawn >> np.uint64(58))
        _made.extend([table, table.tolist()])
    return cast("Numbers", _made[0])


def _masks() -> list[int]:
    if not _made:
        _mask_table()
    return cast("list[int]", _made[1])
