"""Keys by which documents that say the same are found: one for equal texts, some for texts that are nearly equal.

Near duplicates are found by MinHash (Broder, 1997) over word 5-grams, in 14 bands of 8 hashes as datatrove has them:
two texts that share 80 % of their 5-grams meet in some band with a probability of 92 %, with 50 % in 5 %.

>>> a = "the harbour stayed closed for most of the day and ferries went north " * 9
>>> len(set(keys_of(a)) & set(keys_of(a.upper()))), len(set(keys_of(a)) & set(keys_of("something else " * 9)))
(15, 0)
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import zlib
from functools import lru_cache
from typing import Any

WORDS = 5
BANDS = 14
ROWS = 8
CHUNK = 4_096  # 5-grams hashed at once, so that memory stays small
_WORD = re.compile(r"\w+")


def keys_of(text: str) -> list[bytes]:
    """Return the keys of *text*: first the digest of its words, folded, then one for each band; none if it has none.

    A text with fewer than five words is only equal or not. The same text gives the same keys on every machine.
    """
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    if not words:
        return []
    folded = " ".join(words).encode("utf-8", "surrogatepass")
    exact = b"=" + hashlib.sha256(folded).digest()[:16]
    if len(words) < WORDS:
        return [exact]
    return [exact, *_bands([zlib.crc32(" ".join(gram).encode("utf-8", "surrogatepass")) for gram in _grams(words)])]


def _grams(words: list[str]) -> set[tuple[str, ...]]:
    return set(zip(*(words[n:] for n in range(WORDS)), strict=False))


def _bands(hashes: list[int]) -> list[bytes]:
    import numpy as np

    factors, offsets = _permutations()
    least = np.full(BANDS * ROWS, np.iinfo(np.uint32).max, np.uint32)
    for start in range(0, len(hashes), CHUNK):
        grams = np.array(hashes[start : start + CHUNK], np.uint64)
        # Multiply-shift hashing: the upper half of a product that is cut to 64 bits.
        permuted = (factors[:, None] * grams[None, :] + offsets[:, None]) >> np.uint64(32)
        least = np.minimum(least, permuted.astype(np.uint32).min(axis=1))
    little = least.astype("<u4").reshape(BANDS, ROWS)
    return [bytes([n]) + hashlib.blake2b(band.tobytes(), digest_size=8).digest() for n, band in enumerate(little)]


@lru_cache(maxsize=1)
def _permutations() -> tuple[Any, Any]:
    """Return the factors (odd) and offsets of the hashes, drawn from a digest so that they never change."""
    import numpy as np

    def drawn(name: str) -> Any:
        digests = b"".join(hashlib.sha256(f"{name} {n}".encode()).digest()[:8] for n in range(BANDS * ROWS))
        return np.frombuffer(digests, "<u8").astype(np.uint64)

    return drawn("factor") | np.uint64(1), drawn("offset")
