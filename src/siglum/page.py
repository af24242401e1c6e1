"""What a text looks like, worked out once: its lines, their keys, and the zones of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

from siglum.offsets import line_spans
from siglum.packs.keys import key
from siglum.span import Span

# A line this long reads as a paragraph whatever ends it; with a sentence's end, a shorter one does.
# In code points; scripts that write no spaces say as much in about two fifths.
PARAGRAPH = 160
SENTENCE = 60
DENSE = 0.4

_DENSE_SCRIPT = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_SENTENCE_END = re.compile("[.!?…。！？｡．؟۔।॥։።؛:»”’\"'』」)\\]]\\Z")


@dataclass(frozen=True)
class Page:
    """The shape of one text. Lines are numbered from 0 over the lines that are not blank."""

    text: str
    spans: tuple[Span, ...]  # of the lines that are not blank, each with its line break

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines that are not blank, without white space around them."""
        text = self.text
        return tuple([text[start:end].strip() for start, end in self.spans])

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The lines in the form in which labels are compared (`siglum.packs.keys.key`)."""
        return tuple(map(key, self.lines))

    @cached_property
    def body(self) -> tuple[int, ...]:
        """The lines that read as paragraphs: long, or shorter and ending as a sentence does."""
        return tuple([n for n, line in enumerate(self.lines) if len(line) >= SENTENCE * DENSE and _is_paragraph(line)])

    def in_edge_zone(self, line: int) -> bool:
        """Tell whether *line* stands before the first paragraph or after the last one.

        A text without any paragraph has no edges: nothing tells its furniture from its content.
        """
        return bool(self.body) and (line < self.body[0] or line > self.body[-1])


def _is_paragraph(line: str) -> bool:
    size = len(line) if line.isascii() else len(line) + (1 / DENSE - 1) * len(_DENSE_SCRIPT.findall(line))
    return size >= PARAGRAPH or (size >= SENTENCE and _SENTENCE_END.search(line) is not None)


@lru_cache(maxsize=4)
def page_of(text: str) -> Page:
    """Return the page of *text*; cleaners that read the same text share one."""
    return Page(text, tuple([span for span in line_spans(text) if not text[span.start : span.end].isspace()]))
