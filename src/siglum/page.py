"""What a text looks like, worked out once: its lines, their keys, and the zones of a page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from siglum.native import twinned
from siglum.offsets import line_spans
from siglum.packs.keys import keys_of
from siglum.span import Span

# A line this long reads as a paragraph whatever ends it; with a sentence's end, a shorter one does.
# In code points; scripts that write no spaces say as much in about two fifths.
PARAGRAPH = 160
SENTENCE = 60
DENSE = 0.4
LEAST = int(SENTENCE * DENSE)  # what is shorter is no paragraph in any script

DENSE_SCRIPTS = (
    ("\u0e00", "\u0eff"),
    ("\u1000", "\u109f"),
    ("\u1780", "\u17ff"),
    ("\u3040", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
)
SENTENCE_ENDS = ".!?…。！？｡．؟۔।॥։؛:»”’\"'』」)]"

_DENSE_SCRIPT = re.compile(f"[{''.join(f'{first}-{last}' for first, last in DENSE_SCRIPTS)}]")


@dataclass(frozen=True, slots=True)
class Rows:
    """The lines of a text that are not blank, numbered from 0: what they say, and where they stand."""

    places: tuple[int, ...]  # which of all lines, blank ones too
    lines: tuple[str, ...]  # without white space around them
    starts: tuple[int, ...] = ()  # where each begins in the text, in code points
    ends: tuple[int, ...] = ()  # where each ends, behind its line break

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True, eq=False)
class Page:
    """The shape of one text. Lines are numbered from 0 over the lines that are not blank."""

    text: str
    rows: Rows

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines, without white space around them."""
        return self.rows.lines

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each line begins in the text, in code points."""
        return self.rows.starts

    @cached_property
    def ends(self) -> tuple[int, ...]:
        """Where each line ends, behind its line break."""
        return self.rows.ends

    def span(self, line: int) -> Span:
        """Return where *line* stands in the text, with its line break."""
        return Span(self.starts[line], self.ends[line])

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The lines as labels are compared (`siglum.packs.keys.key`); "" for those longer than any label."""
        return keys_of(self.lines)[0]

    def key(self, line: int) -> str:
        """Return the key of *line* alone."""
        return keys_of((self.lines[line],))[0][0]

    @cached_property
    def body(self) -> tuple[int, int] | None:
        """The first and the last line that reads as a paragraph: long, or shorter and ending as a sentence does."""
        return body_of(self.rows)

    def zone(self, line: int) -> str:
        """Return "head" for a line before the first paragraph, "tail" for one after the last, else "body".

        A text without any paragraph has no edges: nothing tells its furniture from its content.
        """
        if self.body is None or self.body[0] <= line <= self.body[1]:
            return "body"
        return "head" if line < self.body[0] else "tail"

    def in_edge_zone(self, line: int) -> bool:
        """Tell whether *line* stands in the head or the tail."""
        return self.zone(line) != "body"


@twinned("page")
def body_of(rows: Rows) -> tuple[int, int] | None:
    """Return the first and the last line of *rows* that reads as a paragraph; None where none does."""
    lines = rows.lines
    first = next((n for n in range(len(lines)) if is_paragraph(lines[n])), None)
    if first is None:
        return None
    return first, next(n for n in range(len(lines) - 1, -1, -1) if is_paragraph(lines[n]))


def is_paragraph(line: str) -> bool:
    """Tell whether *line* reads as a paragraph."""
    if len(line) < LEAST:
        return False
    size = len(line) if line.isascii() else len(line) + (1 / DENSE - 1) * len(_DENSE_SCRIPT.findall(line))
    return size >= PARAGRAPH or (size >= SENTENCE and line[-1] in SENTENCE_ENDS)


def page_of(text: str) -> Page:
    """Return the page of *text*; cleaners that read the same text, one after the other, share one."""
    global _latest
    page = _latest
    if page.text is not text:  # a cache that goes by what the text is would read all of it
        page = _latest = Page(text, lay_out(text))
    return page


@twinned("rows")
def lay_out(text: str) -> Rows:
    """Return the lines of *text* that are not blank."""
    if "\r" in text:
        whole = [span.of(text) for span in line_spans(text)]
        ends = list(accumulate(map(len, whole)))
    else:
        whole = text.split("\n")
        ends = list(accumulate([len(line) + 1 for line in whole]))
        ends[-1] = len(text)  # the last line has no break
    starts = [0, *ends[:-1]]
    stripped = [line.strip() for line in whole]
    kept = [n for n, line in enumerate(stripped) if line]
    return Rows(
        tuple(kept),
        tuple([stripped[n] for n in kept]),
        tuple([starts[n] for n in kept]),
        tuple([ends[n] for n in kept]),
    )


_latest = Page("", lay_out(""))
