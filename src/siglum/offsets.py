"""Where things stand: the lines of a text, and code points told as UTF-8 bytes or UTF-16 units."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise

from siglum.span import Span

_BREAK = re.compile(r"\r\n?|\n")
_STEP = 1024  # code points between two remembered offsets: what one single query encodes at most


def line_spans(text: str) -> list[Span]:
    r"""Return the lines of *text* in order, each with its line break; together they are the whole text.

    A line ends after ``\n``, ``\r\n`` or a lone ``\r``, and nowhere else: `str.splitlines` would also break at U+2028,
    U+2029, U+0085, VT, FF and the separators U+001C to U+001E, which stand inside lines. An empty text has no lines.

    >>> [span.of("a\r\nb\rc") for span in line_spans("a\r\nb\rc")]
    ['a\r\n', 'b\r', 'c']
    """
    ends = _line_ends(text)
    return list(map(Span, [0, *ends[:-1]], ends))


class ByteOffsets:
    """Converters from code points of one text to UTF-8 bytes, UTF-16 units and lines, built when first asked.

    Positions run from 0 to ``len(text)``, both included; any other raises `ValueError`. A lone surrogate counts as the
    three bytes or the one unit that ``surrogatepass`` writes for it.

    >>> offsets = ByteOffsets("é\\n😀!")
    >>> offsets.start_byte(3), offsets.start_utf16(3), offsets.line_of(3)
    (7, 4, 2)
    """

    __slots__ = ("_bytes", "_ends", "_text", "_units")

    def __init__(self, text: str) -> None:
        self._text = text
        self._bytes: list[int] | None = None
        self._units: list[int] | None = None
        self._ends: list[int] | None = None

    def start_byte(self, position: int) -> int:
        """Return how many UTF-8 bytes stand before *position*."""
        self._check(position)
        if self._text.isascii():
            return position
        if self._bytes is None:
            self._bytes = _remembered(self._text, _byte_length)
        step = position // _STEP
        return self._bytes[step] + _byte_length(self._text[step * _STEP : position])

    def start_utf16(self, position: int) -> int:
        """Return how many UTF-16 units stand before *position*."""
        self._check(position)
        if self._text.isascii():
            return position
        if self._units is None:
            self._units = _remembered(self._text, _unit_length)
        step = position // _STEP
        return self._units[step] + _unit_length(self._text[step * _STEP : position])

    def bytes_of(self, positions: Iterable[int]) -> list[int]:
        """Return `start_byte` of each of *positions*, which must not descend; the text is read once.

        Raises `ValueError` where a position is smaller than the one before it.
        """
        ordered = list(positions)
        if not ordered:
            return []
        if ordered != sorted(ordered):
            last, position = next((a, b) for a, b in pairwise(ordered) if b < a)
            raise ValueError(f"positions must not descend: {position} after {last}; sort them first")
        self._check(ordered[0])
        self._check(ordered[-1])
        if self._text.isascii():
            return ordered
        starts = [0, *ordered[:-1]]
        return list(accumulate([_byte_length(self._text[a:b]) for a, b in zip(starts, ordered, strict=True)]))

    def lines_of(self, bounds: Sequence[int]) -> list[int]:
        """Return the lines spans begin and end in, 1-based; *bounds* are a start and an end in turn.

        A span ends in the line of its last code point, an empty one where it begins.
        """
        ends = self._line_ends()
        starts = bounds[0::2]
        lasts = [max(a, b - 1) for a, b in zip(starts, bounds[1::2], strict=True)]
        out = [0] * len(bounds)
        out[0::2] = [bisect_right(ends, a) + 1 for a in starts]
        out[1::2] = [bisect_right(ends, b) + 1 for b in lasts]
        return out

    def line_of(self, position: int) -> int:
        r"""Return the 1-based number of the line in which *position* stands.

        The end of a text whose last line has a break stands on the line after it, as in an editor.

        >>> [ByteOffsets("a\nb\n").line_of(p) for p in range(5)]
        [1, 1, 2, 2, 3]
        """
        self._check(position)
        return bisect_right(self._line_ends(), position) + 1

    def _line_ends(self) -> list[int]:
        if self._ends is None:
            self._ends = _line_ends(self._text)
            if self._ends and self._text[-1] not in "\r\n":
                self._ends.pop()
        return self._ends

    def _check(self, position: int) -> None:
        if not 0 <= position <= len(self._text):
            raise ValueError(f"position {position} is outside the text of {len(self._text)} code points")


def _line_ends(text: str) -> list[int]:
    """Return where each line of *text* ends, its break included."""
    if "\r" in text:
        ends = [match.end() for match in _BREAK.finditer(text)]
        if text[-1] not in "\r\n":
            ends.append(len(text))
        return ends
    ends = list(accumulate([len(line) + 1 for line in text.split("\n")]))
    # The last piece has no break: it is a line only where it is not empty.
    last = ends.pop() - 1
    if not ends or ends[-1] != last:
        ends.append(last)
    return ends if text else []


def _remembered(text: str, length: Callable[[str], int]) -> list[int]:
    """Return the offset of every `_STEP`-th code point of *text*, beginning with 0."""
    return [0, *accumulate(length(text[start : start + _STEP]) for start in range(0, len(text), _STEP))]


def _byte_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _unit_length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
