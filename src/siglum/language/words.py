"""The words engine: naive Bayes over letter runs and whole words of interface labels, for a batch of lines at once.

Engines trained on running text know little of "Opublikowano" or "Sla op". This one learns from the word lists in
`rules/language/words.toml` and from nothing else. The arithmetic is numpy's, over all lines of a batch in one go.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import regex

from siglum.native import twin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Keys = NDArray[np.uint64]

ORDERS = (1, 3)  # letters in a run; a run never crosses a space, but may hold the space before or after a word
SAMPLE = 64  # code points of a line that are read: longer lines are the other engines' strength
CHUNK = 24_000  # code points worked on at once, so that the arrays stay in the processor's cache
SMOOTHING = 0.3  # added to each count
SCALE = 16.0  # log-odds are kept as int8 in sixteenths of a nat
SLOT_BITS = 20

_NOT_WORD = regex.compile(r"[^\p{L}\p{M}'’·]+")
_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2**64
_INVERSE = pow(_BASE, -1, 1 << 64)
_WORD_SALT = 0xD1B54A32D192ED03


def normal(text: str) -> str:
    """Return *text* as words are learned and looked up: lower case, one space around each word.

    >>> normal("Sla op (2)")
    ' sla op '
    """
    return _NOT_WORD.sub(" ", f" {text[:SAMPLE].lower()} ")


def learned(lists: Mapping[str, str]) -> dict[str, Any]:
    """Return what JSON can hold of the model of word lists: languages, keys of runs and words, log-odds of each key.

    *lists* maps a language tag to its words separated by spaces; "word:3" is a word that three labels hold.
    """
    import numpy as np

    words = [[entry.partition(":") for entry in entries.split()] for entries in lists.values()]
    text = " ".join(["", *(word for entries in words for word, _, _ in entries), ""])
    weight = np.concatenate([_weights(entries) for entries in words])
    language = np.repeat(np.arange(len(words)), [len(entries) for entries in words])
    codes = _codes(text)
    starts = np.flatnonzero(codes == 32)[:-1] + 1
    lengths = np.diff(np.flatnonzero(codes == 32)) - 1
    owner = np.zeros(len(codes), np.int64)  # which word a position belongs to; a space to the word after it
    owner[starts[1:] - 1] = 1
    owner = np.minimum(np.cumsum(owner), len(starts) - 1)
    keys, odds = [], []
    for order in (*ORDERS, 0):
        if order:
            hashes, at = _runs(codes, order)
            which = owner[at]
        else:
            hashes, which = _words(codes, starts, lengths), np.arange(len(starts))
        unique, which_key = np.unique(hashes, return_inverse=True)
        keys.append(unique)
        odds.append(_log_odds(which_key * len(words) + language[which], weight[which], len(unique), len(words)))
    return {
        "languages": list(lists),
        "keys": _packed(np.concatenate(keys).astype("<u8").tobytes()),
        "odds": _packed(np.concatenate(odds).tobytes()),
    }


def _packed(data: bytes) -> str:
    return b64encode(zlib.compress(data, 6)).decode("ascii")


def _unpacked(text: str) -> bytes:
    return zlib.decompress(b64decode(text))


class WordsEngine:
    """A naive Bayes model of word lists: log-odds of each language for a batch of lines. *model* is from `learned`."""

    name = "words"

    def __init__(self, model: Mapping[str, Any]) -> None:
        import numpy as np

        self.languages = tuple(model["languages"])
        width = len(self.languages)
        every = np.frombuffer(_unpacked(model["keys"]), "<u8").astype(np.uint64, copy=False)
        # Row 0 is the run nobody has seen.
        self._odds = np.frombuffer(bytes(width) + _unpacked(model["odds"]), np.int8).reshape(-1, width)
        self._keys = np.concatenate([np.zeros(1, np.uint64), every])
        self._slots = np.zeros(1 << SLOT_BITS, np.int32)
        self._slots[every[::-1] >> np.uint64(64 - SLOT_BITS)] = np.arange(len(every), 0, -1, dtype=np.int32)
        native = twin("languages")
        self.native = native and native.Words(self._keys, self._slots, self._odds)

    def log_odds(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return an array with a row for each text and a column for each language: summed log-odds, in nats."""
        import numpy as np

        out = np.zeros((len(texts), len(self.languages)), np.float32)
        if self.native:
            self.native.log_odds(texts, out)
            return out
        first, size, block = 0, 0, []
        for i, text in enumerate(texts):
            block.append(normal(text))
            size += len(block[-1])
            if size >= CHUNK or i + 1 == len(texts):
                out[first : i + 1] = self._sum(block)
                first, size, block = i + 1, 0, []
        return out

    def _sum(self, block: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        codes = _codes("".join(block))
        spaces = np.flatnonzero(codes == 32)
        starts, lengths = spaces[:-1] + 1, spaces[1:] - spaces[:-1] - 1
        starts, lengths = starts[lengths > 0], lengths[lengths > 0]
        # A row of keys for each place of the text, so that what is known comes out in the order of the lines.
        key = np.zeros((len(codes), len(ORDERS) + 1), np.uint64)
        key[starts, 0] = _words(codes, starts, lengths)
        for column, order in enumerate(ORDERS, 1):
            runs, at = _runs(codes, order)
            key[at, column] = runs
        every = key.ravel()
        slot = self._slots[every >> np.uint64(64 - SLOT_BITS)]
        known = np.flatnonzero((self._keys[slot] == every) & (slot > 0))
        line = np.repeat(np.arange(len(block)), [len(text) for text in block])[known // (len(ORDERS) + 1)]
        out = np.zeros((len(block), len(self.languages)), np.float32)
        if len(known):
            begin = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1])))
            rows = self._odds.take(slot[known], axis=0)  # seven times as fast as self._odds[...]
            out[line[begin]] = np.add.reduceat(rows, begin, axis=0, dtype=np.int32) / np.float32(SCALE)
        return out


def _log_odds(cells: NDArray[np.int64], weights: NDArray[np.float64], keys: int, languages: int) -> NDArray[np.int8]:
    """Return a row for each key and a column for each language: how far its log share lies above the mean share.

    Only the cells that hold something are worked out; all others of a column are alike.
    """
    import numpy as np

    filled, where = np.unique(cells, return_inverse=True)
    counts = np.bincount(where, weights=weights)
    row, column = np.divmod(filled, languages)
    totals = np.bincount(column, weights=counts, minlength=languages) + SMOOTHING * keys
    mean = (np.bincount(row, weights=counts / totals[column], minlength=keys) + (SMOOTHING / totals).sum()) / languages
    table = np.log(SMOOTHING / totals)[None, :] - np.log(mean)[:, None]
    table[row, column] += np.log(counts / SMOOTHING + 1)
    kept: NDArray[np.int8] = np.clip(np.rint(table * SCALE), -127, 127).astype(np.int8)
    return kept


def _weights(entries: Sequence[tuple[str, str, str]]) -> NDArray[np.float64]:
    import numpy as np

    return 1 + np.log(np.array([int(count or 1) for _, _, count in entries], np.float64))


def _codes(text: str) -> NDArray[np.uint64]:
    import numpy as np

    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)


def _runs(codes: NDArray[np.uint64], order: int) -> tuple[Keys, NDArray[np.int64]]:
    """Return the key and the place of every run of *order* characters that has no space inside and is not all space."""
    import numpy as np

    count = len(codes) - order + 1
    if count <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64)
    key = np.full(count, order, np.uint64)
    space = codes == 32
    good = ~space[:count] if order == 1 else np.ones(count, bool)
    for i in range(order):
        key = key * np.uint64(_BASE) + codes[i : i + count]
        if 0 < i < order - 1:
            good &= ~space[i : i + count]
    if order == 2:
        good &= ~(space[:count] & space[1 : 1 + count])
    at = np.flatnonzero(good)
    return _mix(key[at]), at


def _words(codes: NDArray[np.uint64], starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> Keys:
    """Return the key of each whole word, from differences of running sums: any length costs the same."""
    import numpy as np

    if not len(starts):
        return np.zeros(0, np.uint64)
    powers, inverse = _powers(1 << len(codes).bit_length())
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(codes * powers[: len(codes)], out=sums[1:])
    return _mix(((sums[starts + lengths] - sums[starts]) * inverse[starts]) ^ np.uint64(_WORD_SALT))


@cache
def _powers(count: int) -> tuple[Keys, Keys]:
    """Return the first powers of the base, and of its inverse."""
    import numpy as np

    steps = np.full((2, count), np.array([[_BASE], [_INVERSE]], np.uint64))
    steps[:, 0] = 1
    powers, inverse = np.cumprod(steps, axis=1, dtype=np.uint64)
    return powers, inverse


def _mix(key: Keys) -> Keys:
    import numpy as np

    key = (key ^ (key >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed: Keys = key ^ (key >> np.uint64(29))
    return mixed * np.uint64(0x94D049BB133111EB)
