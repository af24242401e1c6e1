"""Declared rules: whatever the packs know, found in one pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from siglum.document import Document, Finding
from siglum.packs.match import Index
from siglum.packs.store import digest, section


@cache
def shipped() -> Index:
    """Return the index of the packs siglum ships."""
    return Index(section("packs"), digest()[:12])


@dataclass(frozen=True)
class Rules:
    """The cleaner that applies packs: the shipped ones, or any index."""

    index: Index
    name: str = "rules"

    @property
    def version(self) -> str:
        return self.index.version

    def __call__(self, doc: Document) -> Iterable[Finding]:
        return self.index.find(doc)
