"""Spans: half-open ranges of a text, counted in code points."""

from __future__ import annotations

from typing import NamedTuple


class Span(NamedTuple):
    """The half-open range [start, end) of a text, counted in code points of a Python `str`.

    Bytes and UTF-16 units exist only in `siglum.offsets` and in what writers emit, under names that say so.

    >>> Span(2, 5).of("siglum")
    'glu'
    """

    start: int
    end: int

    def of(self, text: str) -> str:
        """Return the stretch of *text* this span covers."""
        return text[self.start : self.end]

    def overlaps(self, other: Span) -> bool:
        """Tell whether the two share at least one code point; spans that only touch do not.

        >>> Span(0, 2).overlaps(Span(2, 3)), Span(0, 3).overlaps(Span(2, 3))
        (False, True)
        """
        return self.start < other.end and other.start < self.end

    def covers(self, other: Span) -> bool:
        """Tell whether *other* lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end
