"""Languages: marks every line with its language and the document with its own; edits nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from siglum.document import Document, Evidence, Finding, labelled
from siglum.language.document import LineLanguage, Lines
from siglum.language.tagger import Tagger, TextLanguages
from siglum.span import Span

_TAG = re.compile(r"</?[A-Za-z][^<>\n]{0,400}>")

LINES, QUOTE, TEXT = "language", "quotation-language", "text-language"


@dataclass(frozen=True)
class Languages:
    """The cleaner that asks a tagger.

    Its findings carry a tag as the claim "language"; one of them tells all lines, as columns: a text has hundreds.
    """

    tagger: Tagger
    name: str = "language"

    @cached_property
    def version(self) -> str:
        """The engines that speak, with their versions."""
        return ", ".join(f"{name} {version}" for name, version in self.tagger.engines.items())

    def __call__(self, doc: Document) -> Iterable[Finding]:
        found = self.tagger.tag_text(_without_tags(doc.text))
        if found.lines:
            told: dict[str, Any] = {"lines": found.lines}
            yield Finding(Span(0, len(doc.text)), Evidence("language/lines", LINES, claims=told))
        for quote in found.quotes:
            yield Finding(Span(quote.start, quote.end), _evidence(quote))
        yield Finding(Span(0, 0), _whole(found))


def _without_tags(text: str) -> str:
    """Return *text* with spaces in place of tags left in it: markup is no language, and every offset stays."""
    return _TAG.sub(lambda m: " " * len(m[0]), text) if "<" in text else text


def _evidence(quote: LineLanguage) -> Evidence:
    claims = {"language": quote.language}
    if quote.alternatives:
        claims["alternatives"] = " ".join(quote.alternatives)
    return Evidence("language/lines", QUOTE, quote.confidence, claims)


def _whole(found: TextLanguages) -> Evidence:
    claims = {"language": found.language, "agreement": found.agreement}
    if found.second:
        claims["second_opinion"] = found.second[0]
    why = "the lines' vote, weighed by length"
    if found.agreement == "differ":
        why += "; langdetect reads the body as another language, so a person should look"
    return Evidence("language/text", TEXT, found.confidence, claims, why)


def line_languages(findings: Iterable[Finding]) -> Lines | None:
    """Return the tagged lines among *findings*, in the text they were made of; None where no lines were tagged."""
    found = labelled(findings, (LINES,))
    lines: Lines | None = found[0].evidence.claims["lines"] if found else None
    return lines


def text_language(findings: Iterable[Finding]) -> Evidence | None:
    """Return what was concluded for the whole text, None where no language layer ran."""
    found = labelled(findings, (TEXT,))
    return found[0].evidence if found else None
