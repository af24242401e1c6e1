"""Content: takes what is probably furniture, by the votes of extractors on a page or the line model on plain text."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from siglum.document import NOTHING, Document, Evidence, Finding
from siglum.packs.match import Index
from siglum.packs.store import digest, section
from siglum.page import page_of
from siglum.span import Span

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

    def _lines(self, doc: Document) -> Iterator[Finding]:
        from siglum.content.line_shape import measure_texts
        from siglum.content.lines import judge

        page = page_of(doc.text)
        shape = measure_texts(page.places, page.lines)
        if shape is None:
            return
        codes = self.index.label(page, doc.url)
        labels = {n: self.index.rule_of(code).label for n, code in enumerate(codes) if code is not None}
        reading = judge(shape, labels)
        low, high = _limits(self.profile)
        keep = reading.keep
        # Lines that go together are told together, but for labels: each of those has a name of its own.
        starts, ends = page.starts, page.ends
        taken = _runs([n for n, chance in enumerate(keep) if chance < low], labels)
        for (first, last), why in zip(taken, reading.reasons(taken), strict=True):
            evidence = _evidence(max(keep[first : last + 1]), why)
            yield Finding(Span(starts[first], ends[last]), evidence, "")
        for first, last in _runs([n for n, chance in enumerate(keep) if low <= chance < high]):
            evidence = _evidence(min(keep[first : last + 1]), UNSURE)
            yield Finding(Span(starts[first], ends[last]), evidence)

    def _blocks(self, doc: Document) -> Iterator[Finding]:
        from siglum.content.votes import vote

        for block, told in zip(doc.blocks, vote(doc, thorough=self.thorough), strict=True):
            if not told.keep:
                votes = {name: "keep" if kept else "drop" for name, kept in sorted(told.votes.items())}
                evidence = Evidence("content/votes", "content", round(1 - told.score, 3), votes, told.why)
                yield Finding(block.span, evidence, "")


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
