"""Layout: spaces at line ends, blank lines and line breaks put in one form; paragraph breaks survive."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from siglum.document import Document, Evidence, Finding
from siglum.edit import narrowed
from siglum.native import twinned
from siglum.span import Span

_BLANK = " \t\f\v\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_BREAK = r"(?:\r\n?|\n)"
# A gap is the white space from the end of one line's text to the start of the next line that has any, without the
# indentation there. The look-behind lets a run of spaces be read from its start only: the scan is linear.
_GAP = re.compile(rf"(?<![{_BLANK}])[{_BLANK}]*+{_BREAK}(?:[{_BLANK}]*+{_BREAK})*+")
_HEAD = re.compile(rf"(?:[{_BLANK}]*+{_BREAK})++")
# Where a gap may have to be mended: what most texts have none of, found by the line feed it begins with.
_AMISS = re.compile(rf"\n(?:(?<=[{_BLANK}]\n)|\n\n|(?=[{_BLANK}]++\n))")
_AMISS_WITH_RETURNS = re.compile(rf"[{_BLANK}][\r\n]|\r|\n\n\n")
_WHITE = re.compile(rf"[{_BLANK}\r\n]")


def _evidence(rule: str, why: str) -> Evidence:
    return Evidence(f"layout/{rule}", "layout", why=why)


LEADING = _evidence("leading-blank-lines", "Blank lines before the first line of text say nothing.")
TRAILING = _evidence("trailing-blank-lines", "White space after the last line of text says nothing.")
LINE_END = _evidence("spaces-at-line-end", "Spaces at the end of a line cannot be seen.")
BREAK = _evidence("line-break", "Line breaks are written as one line feed.")
BLANK_RUN = _evidence("blank-lines", "One blank line parts paragraphs; more say the same.")


@dataclass(frozen=True)
class Layout:
    """The cleaner that puts white space into one form; it never joins two lines and never parts one."""

    name: str = "layout"
    version: str = "1"

    def __call__(self, doc: Document) -> Iterable[Finding]:
        text = doc.text
        start = head.end() if (head := _HEAD.match(text)) else 0
        end = max(start, len(text.rstrip()))
        if start:
            yield Finding(Span(0, start), LEADING, "")
        for first, last in gaps_amiss(text, start, end):
            yield from _mended(first, text[first:last])
        if end < len(text):
            tail = text[end:]
            yield from _smallest(end, tail, "\n" if start < end and ("\n" in tail or "\r" in tail) else "", TRAILING)


@twinned("scans")
def gaps_amiss(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where gaps stand in text[start:end] that may have to be mended: most texts have few.

    Before *start* no line ends in blanks, and text[start:end] does not end in white space.
    """
    amiss = _AMISS_WITH_RETURNS if "\r" in text else _AMISS
    found = []
    while hit := amiss.search(text, start, end):
        begin = hit.start()
        while begin > start and _WHITE.match(text, begin - 1):
            begin -= 1
        gap = _GAP.match(text, begin, end)
        assert gap, "what is amiss stands in a gap"
        found.append(gap.span())
        start = gap.end()
    return found


def _mended(start: int, gap: str) -> Iterator[Finding]:
    breaks = gap.count("\n") + gap.count("\r") - gap.count("\r\n")
    evidence = BREAK if "\r" in gap else BLANK_RUN if breaks > 2 else LINE_END
    return _smallest(start, gap, "\n" if breaks == 1 else "\n\n", evidence)


def _smallest(start: int, before: str, after: str, evidence: Evidence) -> Iterator[Finding]:
    """Yield the finding that turns *before*, at *start*, into *after*, without what the two share at their ends."""
    if before != after:
        span, new = narrowed(start, before, after)
        yield Finding(span, evidence, new)
