"""Languages: marks every line with its language and the document with its own; edits nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from siglum.document import Document, Evidence, Finding
from siglum.language.document import LineLanguage
from siglum.language.tagger import Tagger, TextLanguages
from siglum.span import Span

_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>")

LINE, QUOTE, TEXT = "language", "quotation-language", "text-language"


@dataclass(frozen=True)
class Languages:
    """The cleaner that asks a tagger; its findings carry the tag as the claim "language"."""

    tagger: Tagger
    name: str = "language"

    @cached_property
    def version(self) -> str:
        """The engines that speak, with their versions."""
        return ", ".join(f"{name} {version}" for name, version in self.tagger.engines.items())

    def __call__(self, doc: Document) -> Iterable[Finding]:
        found = self.tagger.tag_text(_without_tags(doc.text))
        for line in found.lines:
            yield Finding(Span(line.start, line.end), _evidence(LINE, line[2:]))
        for quote in found.quotes:
            yield Finding(Span(quote.start, quote.end), _evidence(QUOTE, quote[2:]))
        yield Finding(Span(0, 0), _whole(found))


def _without_tags(text: str) -> str:
    """Return *text* with spaces in place of tags left in it: markup is no language, and every offset stays."""
    return _TAG.sub(lambda m: " " * len(m[0]), text) if "<" in text else text


@lru_cache(maxsize=8192)
def _evidence(label: str, told: tuple[str, float, tuple[str, ...]]) -> Evidence:
    language, confidence, alternatives = told
    claims = {"language": language}
    if alternatives:
        claims["alternatives"] = " ".join(alternatives)
    return Evidence("language/lines", label, confidence, claims)


def _whole(found: TextLanguages) -> Evidence:
    claims = {"language": found.language, "agreement": found.agreement}
    if found.second:
        claims["second_opinion"] = found.second[0]
    why = "the lines' vote, weighed by length"
    if found.agreement == "differ":
        why += "; langdetect reads the body as another language, so a person should look"
    return Evidence("language/text", TEXT, found.confidence, claims, why)


def line_languages(findings: Iterable[Finding]) -> list[LineLanguage]:
    """Return the tagged lines among *findings*, in their order, as the tagger told them."""
    return [
        LineLanguage(*f.span, f.evidence.claims["language"], f.evidence.confidence, _alternatives(f.evidence))
        for f in findings
        if f.evidence.label == LINE
    ]


def _alternatives(evidence: Evidence) -> tuple[str, ...]:
    return tuple(evidence.claims.get("alternatives", "").split())


def text_language(findings: Iterable[Finding]) -> Evidence | None:
    """Return what was concluded for the whole text, None where no language layer ran."""
    return next((f.evidence for f in findings if f.evidence.label == TEXT), None)
