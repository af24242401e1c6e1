"""Many literals looked for in a text at once, whatever their number: the algorithm of Rabin and Karp (1987).

Each place of the text is read as one number, the characters there, and that number, hashed, is looked up in a table of
those that stand in the literals. Without the compiled twin numpy does this for all places of the text's bytes together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from siglum.native import twin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTHS = (8, 4)  # bytes that are hashed: of a literal the first, of a shorter one the second
LEAST = WIDTHS[-1]
_BITS = 16  # of a hash, for up to 1,000 literals: few enough for the table to stay in the fastest memory
_FACTORS = {8: 0x9E3779B97F4A7C15, 4: 0x9E3779B1}  # 2^64, 2^32 by the golden ratio: Knuth's multiplicative hashing

# Of a literal in ASCII, the stretch is hashed that ordinary text has least: letters from the most to the least common.
_COMMON = b"etaoinsrhldcumfpgwybvkxjqz"
#: How common each byte is: of the alphabet the common letters most, then all else that is ASCII, then the rest.
COMMONNESS = bytes([len(_COMMON) - _COMMON.find(byte) if byte < 0x80 else 0 for byte in range(256)])

_native = twin("literals")


@dataclass(frozen=True, eq=False)
class Literals:
    """Any number of literals, none empty. Their ASCII letters are small ones, and found as capitals too."""

    literals: Sequence[str]

    @cached_property
    def _compiled(self) -> Any:
        return _native and _native.Finder(tuple(dict.fromkeys(self.literals)), COMMONNESS)

    def found(self, text: str) -> list[str]:
        """Return the literals that occur in *text*, each once, in the order they were given."""
        if self._compiled is not None:
            there: list[str] = self._compiled.found(text)
            return there
        # Of bytes, only ASCII letters are made small.
        found = set(self._found(text.encode("utf-8", "surrogatepass").lower()))
        return [literal for literal, encoded in self._encoded.items() if encoded in found]

    @cached_property
    def _encoded(self) -> dict[str, bytes]:
        return {literal: literal.encode("utf-8", "surrogatepass") for literal in self.literals}

    @cached_property
    def _bits(self) -> int:
        # One place in sixty or more may be taken, so that few places of a text are looked at for nothing.
        return max(_BITS, (64 * len(self.literals)).bit_length())

    @cached_property
    def _short(self) -> tuple[bytes, ...]:
        return tuple([x for x in self._encoded.values() if len(x) < LEAST])

    @cached_property
    def _tables(self) -> tuple[tuple[int, NDArray[np.bool_], dict[int, list[tuple[int, bytes]]]], ...]:
        """For each width: which hashes there are, and behind each its literals, with where in them it was taken."""
        import numpy as np

        tables = []
        for width, widest in zip(WIDTHS, (1 << 30, WIDTHS[0] - 1), strict=True):
            known, behind = np.zeros(1 << self._bits, bool), dict[int, list[tuple[int, bytes]]]()
            for literal in self._encoded.values():
                if width <= len(literal) <= widest:
                    at = _rarest(literal, width)
                    hashed = _hash(int.from_bytes(literal[at : at + width], "little"), width, self._bits)
                    known[hashed] = True
                    behind.setdefault(hashed, []).append((at, literal))
            tables.append((width, known, behind))
        return tuple(tables)

    def _found(self, data: bytes) -> Iterator[bytes]:
        yield from (literal for literal in self._short if literal in data)
        if len(data) < LEAST:
            return
        import numpy as np

        padded = data + bytes(WIDTHS[0])
        for width, known, behind in self._tables:
            numbers: Any = np.ndarray((len(data),), f"<u{width}", padded, strides=(1,))
            numbers = numbers * numbers.dtype.type(_FACTORS[width])
            numbers >>= numbers.dtype.type(8 * width - self._bits)
            for place in known.take(numbers).nonzero()[0].tolist():
                for at, literal in behind[int(numbers[place])]:
                    if place >= at and data.startswith(literal, place - at):
                        yield literal


def _hash(number: int, width: int, bits: int) -> int:
    whole = 8 * width
    return (number * _FACTORS[width] & (1 << whole) - 1) >> (whole - bits)


def _rarest(literal: bytes, width: int) -> int:
    """Return where the stretch of *width* bytes begins whose letters are the least common."""
    weights = literal.translate(COMMONNESS)
    return min(range(len(literal) - width + 1), key=lambda at: sum(weights[at : at + width]))
