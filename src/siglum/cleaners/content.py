"""Content: takes what is probably furniture, by the votes of extractors on a page or the line model on plain text."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from siglum.document import NOTHING, Document, Evidence, Finding
from siglum.native import twinned
from siglum.packs.match import Index
from siglum.packs.store import digest, section
from siglum.page import Rows, page_of
from siglum.span import Span

if TYPE_CHECKING:
    from siglum.content.lines import Reading
    from siglum.content.votes import BlockVote

UNSURE = "the line model is not sure enough to take these lines"


@dataclass(frozen=True)
class Content:
    """The cleaner that tells article from furniture; *profile* says how sure it must be before it takes a line."""

    index: Index
    profile: str = "archive"
    thorough: bool = False
    name: str = "content"

    @property
    def version(self) -> str:
        return digest()[:12]

    def __call__(self, doc: Document) -> Iterable[Finding]:
        return self._blocks(doc) if doc.html else self._lines(doc)

    def _lines(self, doc: Document) -> Sequence[Finding]:
        from siglum.content.lines import read_rows

        page = page_of(doc.text)
        labels = self.index.named(page, doc.url)
        reading = read_rows(page.rows, labels)
        return line_findings(reading, labels, page.rows, *_limits(self.profile)) if reading else ()

    def _blocks(self, doc: Document) -> Iterator[Finding]:
        from siglum.content.votes import decide

        decision = decide(doc, thorough=self.thorough)
        told = evidence = None
        for first, last in _runs([n for n, keep in enumerate(decision.keep) if not keep]):
            for n, span in zip(range(first, last + 1), _with_gaps(doc, first, last), strict=True):
                if told is not decision[n] or evidence is None:  # most of a page is told alike
                    told = decision[n]
                    evidence = _vote_evidence(told)
                yield Finding(span, evidence, "")


@twinned("content")
def line_findings(reading: Reading, labels: Mapping[int, str], rows: Rows, low: float, high: float) -> list[Finding]:
    """Return what goes, a finding a run of lines, and what is not sure enough to go.

    Lines less likely than *low* to be article text go, those less than *high* are marked.
    """
    keep, starts, ends = reading.keep, rows.starts, rows.ends
    # Lines that go together are told together, but for labels: each of those has a name of its own.
    runs = _runs([n for n, chance in enumerate(keep) if chance < low], labels)
    taken = [
        Finding(Span(starts[first], ends[last]), _evidence(max(keep[first : last + 1]), why), "")
        for (first, last), why in zip(runs, reading.reasons(runs), strict=True)
    ]
    marked = [
        Finding(Span(starts[first], ends[last]), _evidence(min(keep[first : last + 1]), UNSURE))
        for first, last in _runs([n for n, chance in enumerate(keep) if low <= chance < high])
    ]
    return taken + marked


def _vote_evidence(told: BlockVote) -> Evidence:
    return Evidence("content/votes", "content", round(1 - told.score, 3), _votes(tuple(told.votes.items())), told.why)


@lru_cache(maxsize=256)
def _votes(votes: tuple[tuple[str, bool], ...]) -> Mapping[str, str]:
    return {name: "keep" if kept else "drop" for name, kept in sorted(votes)}


def _with_gaps(doc: Document, first: int, last: int) -> Iterator[Span]:
    """Yield the spans of the blocks *first* to *last*, which are taken, with the gaps that go with them.

    One blank line stays between the blocks around them, so that layout has nothing to mend.
    """
    blocks = doc.blocks
    start, end = blocks[first].span.start, blocks[last].span.end
    before = start - blocks[first - 1].span.end if first else 0
    after = blocks[last + 1].span.start - end if last + 1 < len(blocks) else 0
    if not first or (before >= len("\n\n") and after):
        end += after
    elif after >= len("\n\n") or not after:
        start -= before
    bounds = [start, *(block.span.start for block in blocks[first + 1 : last + 1]), end]
    yield from map(Span, bounds, bounds[1:])


def _evidence(keep: float, why: str) -> Evidence:
    return Evidence("content/lines", "content", round(1 - keep, 3), NOTHING, why)


def _runs(numbers: Sequence[int], alone: Container[int] = ()) -> list[tuple[int, int]]:
    """Return the first and the last of each run of consecutive numbers; one that stands *alone* is a run by itself."""
    runs: list[tuple[int, int]] = []
    first = last = -2
    for n in numbers:
        if n != last + 1 or n in alone or last in alone:
            if last >= 0:
                runs.append((first, last))
            first = n
        last = n
    if last >= 0:
        runs.append((first, last))
    return runs


@lru_cache(maxsize=8)
def _limits(profile: str) -> tuple[float, float]:
    """Return below which chance of being article a line is taken, and below which it is marked as unsure."""
    limits = section("content")["lines"][profile]
    return limits["take_below"], limits["unsure_below"]
