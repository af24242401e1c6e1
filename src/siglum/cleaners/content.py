"""Content: takes what is probably furniture, by the votes of extractors on a page or the line model on plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from siglum.document import NOTHING, Document, Evidence, Finding
from siglum.offsets import line_spans
from siglum.packs.match import Index
from siglum.packs.store import digest, section
from siglum.page import page_of


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
        from siglum.content.lines import score_lines

        page = page_of(doc.text)
        rules = self.index.label(page, doc.url)
        names = dict(zip(page.starts, rules, strict=True))
        spans = line_spans(doc.text)
        labels = ["" if (code := names.get(s.start)) is None else self.index.rule_of(code).id for s in spans]
        low, high = _limits(self.profile)
        for span, scored in zip(spans, score_lines([s.of(doc.text) for s in spans], labels), strict=True):
            if scored.keep < high and not span.of(doc.text).isspace():
                evidence = Evidence("content/lines", "content", round(1 - scored.keep, 3), NOTHING, scored.why)
                yield Finding(span, evidence, "" if scored.keep < low else None)

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
