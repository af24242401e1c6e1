"""Keys by which documents that say the same are found: one for equal texts, some for texts that are nearly equal.

Near duplicates are found by MinHash (Broder, 1997) over word 5-grams, in 14 bands of 8 hashes as datatrove has them:
two texts that share 80 % of their 5-grams meet in some band with a probability of 92 %, with 50 % in 5 %. Every 5-gram
is hashed once, and the 112 hashes are the least of 112 bins (one permutation hashing: Li, Owen and Zhang, 2012); a bin
that is empty borrows from one drawn by its number (optimal densification: Shrivastava, 2017).

>>> a = " ".join(f"the harbour stayed closed on day {n} and ferries went north" for n in range(9))
>>> len(set(keys_of(a)) & set(keys_of(a.upper()))), len(set(keys_of(a)) & set(keys_of("something else " * 9)))
(15, 0)
"""

from __future__ import annotations

import hashlib
import unicodedata
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]

WORDS = 5
BANDS = 14
ROWS = 8
BINS = BANDS * ROWS
ATTEMPTS = 64  # bins drawn for an empty one; after that it takes the next that is filled
BLOCK = 1 << 15  # characters hashed at once, so that the powers of the base are few

# What a character is to a word: nothing, a part of one, or a word alone, as scripts have it that part none by blanks.
_APART, _PART, _ALONE = 0, 1, 2
_UNPARTED = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
)
_EMOJI = ((0x1F000, 0x1FAFF),)
_FOLDED = 0x10000  # characters from here on are taken as they are
_TABLED = 0x20000  # and those from here on are Han
_BLANK = 32

_BASE = 0x9E3779B97F4A7C15  # odd, so that it has an inverse among the numbers of 64 bits
_INVERSE = pow(_BASE, -1, 1 << 64)


def keys_of(text: str) -> tuple[int, ...]:
    """Return the keys of *text*: first the digest of its words, folded, then one for each band; none if it has none.

    A text with fewer than five words is only equal or not. The same text gives the same keys on every machine. Of
    scripts that write no blanks between words (Han, Thai ...), each character counts as a word.
    """
    codes, starts = _words(text)
    if not len(starts):
        return ()
    exact = int.from_bytes(hashlib.sha256(codes.tobytes()).digest()[:8], "little")
    if len(starts) < WORDS:
        return (exact,)
    return (exact, *_bands(_least(_mixed(_grams(codes, starts)))).tolist())


def _words(text: str) -> tuple[Any, Any]:
    """Return the characters of the words of *text*, folded and with a blank between two, and where words start."""
    if text.isascii():
        codes: Any = np.frombuffer(text.encode().translate(_folded_ascii()), np.uint8)
        return _squeezed(codes, codes != _BLANK, None)
    folded, kinds = _folded()
    text = unicodedata.normalize("NFC", text)
    pairs = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
    if len(pairs) == len(text):  # of most texts, no character needs a pair
        codes = folded.take(pairs, mode="clip")
    else:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
        codes = np.where(points < _TABLED, folded.take(points, mode="clip"), points)
    alone = kinds.take(codes, mode="clip") == _ALONE if codes.max() >= _UNPARTED[0][0] else None
    codes, starts = _squeezed(codes, codes != _BLANK, alone)
    # The same words have the same keys, whether anything around them was ASCII or not.
    return (codes.astype(np.uint8) if len(codes) and codes.max() < 128 else codes), starts


def _squeezed(codes: Any, inside: Any, alone: Any) -> tuple[Any, Any]:
    before = np.empty_like(inside)
    before[:1] = False
    before[1:] = inside[:-1]
    stays = inside | before  # of blanks only the first behind a word, and none at the end
    starts = inside & ~before
    if alone is not None and alone.any():
        starts[1:] |= inside[1:] & (alone[1:] | alone[:-1])
    codes, starts = codes[stays], np.flatnonzero(starts[stays])
    return (codes[:-1] if len(codes) and codes[-1] == _BLANK else codes), starts


@lru_cache(maxsize=1)
def _folded_ascii() -> bytes:
    """Return the table that makes letters small, and a blank of what belongs to no word."""
    return bytes(ord(chr(c).lower()) if c < 128 and chr(c).isalnum() else _BLANK for c in range(256))


@lru_cache(maxsize=1)
def _folded() -> tuple[Any, Any]:
    """Return what each character becomes, and what each of these is to a word; marks belong to the letter before."""
    folded = np.arange(_TABLED + 1, dtype="<u4")
    kinds = np.full(_TABLED + 1, _PART, np.uint8)
    for code in range(_FOLDED):
        plain = unicodedata.normalize("NFKC", chr(code)).casefold()
        if unicodedata.category(plain[0])[0] not in "LMN":
            kinds[code], folded[code] = _APART, _BLANK
        elif len(plain) == 1:
            folded[code] = ord(plain)
    for first, last in _EMOJI:
        kinds[first : last + 1], folded[first : last + 1] = _APART, _BLANK
    for first, last in _UNPARTED:
        within = kinds[first : last + 1]
        within[within == _PART] = _ALONE
    kinds[_TABLED] = _ALONE
    return folded, kinds


def _grams(codes: Any, starts: Any) -> Numbers:
    """Return a number for each run of five words: a polynomial of its characters, from a difference of two sums."""
    powers, inverses = _powers()
    ends = np.append(starts, len(codes))
    sums = np.empty(len(ends), np.uint64)
    backs = np.empty(len(ends), np.uint64)
    total, factor, back = np.uint64(0), 1, 1
    filled = 0
    for first in range(0, len(codes) + 1, BLOCK):
        block = codes[first : first + BLOCK].astype(np.uint64)
        block *= powers[: len(block)]
        running = np.empty(len(block) + 1, np.uint64)
        running[0] = 0
        np.cumsum(block, out=running[1:])
        upto = int(np.searchsorted(ends, first + BLOCK))
        at = ends[filled:upto] - first
        sums[filled:upto] = running[at] * np.uint64(factor) + total
        backs[filled:upto] = inverses[at] * np.uint64(back)
        with np.errstate(over="ignore"):
            total = total + running[-1] * np.uint64(factor)
        factor = factor * pow(_BASE, BLOCK, 1 << 64) % (1 << 64)
        back = back * pow(_INVERSE, BLOCK, 1 << 64) % (1 << 64)
        filled = upto
    return (sums[WORDS:] - sums[:-WORDS]) * backs[:-WORDS]


@lru_cache(maxsize=1)
def _powers() -> tuple[Numbers, Numbers]:
    """Return the powers of the base and of its inverse, from 0 to BLOCK."""

    def powers(base: int) -> Numbers:
        factors = np.full(BLOCK + 1, base, np.uint64)
        factors[0] = 1
        return np.cumprod(factors)

    return powers(_BASE), powers(_INVERSE)


def _mixed(numbers: Numbers) -> Numbers:
    """Return *numbers* so that each bit depends on all bits (the finalizer of MurmurHash3, by Appleby)."""
    numbers = numbers ^ (numbers >> np.uint64(33))
    numbers *= np.uint64(0xFF51AFD7ED558CCD)
    numbers ^= numbers >> np.uint64(33)
    numbers *= np.uint64(0xC4CEB9FE1A85EC53)
    numbers ^= numbers >> np.uint64(33)
    return numbers


def _least(hashes: Numbers) -> Numbers:
    """Return the least hash of each bin; the upper bits of a hash name its bin."""
    hashes.sort()
    bounds, drawn = _bins()
    at = np.searchsorted(hashes, bounds)
    filled = at[:-1] < at[1:]
    least = hashes[np.where(filled, at[:-1], 0)]
    if filled.all():
        return least
    empty = np.flatnonzero(~filled)
    choices = filled[drawn[empty]]
    first = choices.argmax(axis=1)
    source = drawn[empty, first]
    missed = ~choices[np.arange(len(empty)), first]
    # The next bin that is filled, in a ring: that of the hash that follows the bin's bound.
    nearest = hashes[at[:-1][empty] % len(hashes)]
    least[empty] = np.where(missed, nearest, least[source])
    return least


@lru_cache(maxsize=1)
def _bins() -> tuple[Numbers, Any]:
    """Return the bounds of the bins, and for each the bins to borrow from, drawn so that they never change."""
    bounds = np.array([-(-n * (1 << 64) // BINS) for n in range(BINS)] + [(1 << 64) - 1], np.uint64)
    drawn = _mixed(np.arange(1, BINS * ATTEMPTS + 1, dtype=np.uint64)) % np.uint64(BINS)
    return bounds, drawn.astype(np.intp).reshape(BINS, ATTEMPTS)


def _bands(least: Numbers) -> Numbers:
    """Return a number for each band of *least*."""
    return _mixed((least * _factors()).reshape(BANDS, ROWS).sum(axis=1, dtype=np.uint64))


@lru_cache(maxsize=1)
def _factors() -> Numbers:
    return _mixed(np.arange(1, BINS + 1, dtype=np.uint64)) | np.uint64(1)
