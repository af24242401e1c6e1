"""Markdown: what a page's elements say of its structure, written into the clean text as marks, each an edit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from siglum.document import Document, Evidence, Finding
from siglum.edit import narrowed

STRUCTURE = Evidence("markdown/structure", "layout", why="Headings, lists, tables, quotations and code, as Markdown.")


@dataclass(frozen=True)
class Markdown:
    """The cleaner that writes a page's structure as Markdown; a plain text, which has none, is left as it is."""

    name: str = "markdown"
    version: str = "1"

    def __call__(self, doc: Document) -> Iterable[Finding]:
        if not doc.blocks:
            return
        from siglum.content.markdown import rewritten

        for span, after in rewritten(doc):
            before = span.of(doc.text)
            if before != after:
                place, new = narrowed(span.start, before, after)
                yield Finding(place, STRUCTURE, new)
