"""What travels through a chain: a document, and what cleaners say they found in it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

from siglum.native import twinned
from siglum.span import Span

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Block(NamedTuple):
    """One block of a page's visible text and where it stood in the page's source."""

    span: Span  # in Document.text
    path: str  # element path, "body/main/article/p[3]"
    line: int  # 1-based line in the HTML source, 0 where unknown
    kind: str = "text"  # "text", "heading", "item", "cell", "code", "caption", "quote"
    hidden: str = ""  # why a reader of the page would not see it ("display:none"); "" for visible blocks


@dataclass(frozen=True)
class Document:
    """One text on its way through a chain. Never changed; the chain makes new ones.

    For a page, *text* is the whole visible text, block by block, and *html* the markup it was read from: detectors
    read markers from it, offsets never count it.
    """

    text: str
    id: str = ""  # unique in its corpus: path, WARC-Record-ID, row key
    url: str = ""  # as recorded, not normalised
    media_type: str = "text/plain"  # of what was read: "text/html" when *html* is set
    language: str = "und"  # BCP 47, what the source declares; what we conclude is in Provenance
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # HTTP response headers, names in lower case
    meta: Mapping[str, Any] = field(default_factory=lambda: NOTHING)  # carried through untouched
    html: str = ""  # the page's markup; "" for a plain text
    blocks: tuple[Block, ...] = ()  # of a page, in the order of the text; () for a plain text

    def edited(self, text: str, blocks: tuple[Block, ...]) -> Document:
        """Return this document with another text and where its blocks stand there."""
        about = self.id, self.url, self.media_type, self.language, self.headers, self.meta, self.html
        return Document(text, *about, blocks)


class Evidence(NamedTuple):
    """Why: the rule or model, what kind of thing it saw, how sure it is, what it says about origin."""

    rule: str  # "skip-link", or "language:pycld2" for a model
    label: str  # one of the closed list `siglum.packs.rule.LABELS`, or "language", "provenance"
    confidence: float = 1.0  # (0, 1]: share of such findings that held in the last corpus check
    claims: Mapping[str, Any] = NOTHING  # {"method": "machine", "engine": "yandex"}: see siglum.provenance.claims
    why: str = ""  # the reason in words a reader of the report understands
    quote: str = ""  # what was read, where that is not the text at the finding's span (markup, address, header)
    place: str = ""  # where the quote stands if not in the text: "html", "url", "header:weglot-translated", "meta:lang"


class Finding(NamedTuple):
    """Something a cleaner saw. *after*: None marks only, "" deletes, other text replaces."""

    span: Span  # in the text this cleaner was given; Span(0, 0) for the whole document
    evidence: Evidence
    after: str | None = None


@twinned("findings")
def labelled(findings: Iterable[Finding], labels: Container[str]) -> list[Finding]:
    """Return those of *findings* whose evidence has one of *labels*; most of a document's hundreds have another."""
    return [f for f in findings if f[1][1] in labels]


@runtime_checkable
class Cleaner(Protocol):
    """Anything that reads a document and says what it found. Pure: same document, same findings; changes nothing."""

    @property
    def name(self) -> str:
        """Stable, lower-case: "rules"."""

    @property
    def version(self) -> str:
        """What would change its findings: pack digest, model digest, library version."""

    def __call__(self, doc: Document) -> Iterable[Finding]:
        """Return what was found in *doc*, in any order; spans count code points of `doc.text`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be done: a row of the run's summary, never the end of the run."""

    id: str
    error: str
    meta: Mapping[str, Any] = field(default_factory=dict)
