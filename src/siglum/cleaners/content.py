"""Content: takes what is probably furniture, by the votes of extractors on a page or the line model on plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from siglum.document import NOTHING, Document, Evidence, Finding
from siglum.packs.match import Index
from siglum.packs.store import digest, section
from siglum.page import page_of

UNSURE = "the line model is not sure enough to take this line"


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
        from siglum.content.lines import read

        page = page_of(doc.text)
        labels = [""] * len(page.raw)
        for place, code in zip(page.places, self.index.label(page, doc.url), strict=True):
            if code is not None:
                labels[place] = self.index.rule_of(code).label
        reading = read(page.raw, labels)
        if reading is None:
            return
        low, high = _limits(self.profile)
        for n, keep in enumerate(reading.keep):
            if keep < low:
                evidence = Evidence("content/lines", "content", round(1 - keep, 3), NOTHING, reading.why(n))
                yield Finding(page.span(n), evidence, "")
            elif keep < high:
                yield Finding(page.span(n), Evidence("content/lines", "content", round(1 - keep, 3), NOTHING, UNSURE))

    def _blocks(self, doc: Document) -> Iterator[Finding]:
        from siglum.content.votes import vote

        for block, told in zip(doc.blocks, vote(doc, thorough=self.thorough), strict=True):
            if not told.keep:
                votes = {name: "keep" if kept else "drop" for name, kept in sorted(told.votes.items())}
                evidence = Evidence("content/votes", "content", round(1 - told.score, 3), votes, told.why)
                yield Finding(block.span, evidence, "")


@lru_cache(maxsize=8)
def _limits(profile: str) -> tuple[float, float]:
    """Return below which chance of being article a line is taken, and below which it is marked as unsure."""
    limits = section("content")["lines"][profile]
    return limits["take_below"], limits["unsure_below"]
