"""The library's front door: a text, page or row in; clean text, account and provenance out."""

from __future__ import annotations

import gc
import platform
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, wraps
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from siglum import __version__
from siglum.chain import Marking, Run, Together, run
from siglum.cleaners.content import Content
from siglum.cleaners.credits import Credits
from siglum.cleaners.embedded import Embedded
from siglum.cleaners.language import LINES, TEXT, Languages, line_languages, text_language
from siglum.cleaners.layout import Layout
from siglum.cleaners.markdown import Markdown
from siglum.cleaners.markup import Markup
from siglum.cleaners.mojibake import Mojibake
from siglum.cleaners.rules import Rules, shipped
from siglum.cleaners.unicode_form import UnicodeForm
from siglum.decoding import Decoding, decode
from siglum.document import NOTHING, Cleaner, Document, Evidence, Finding, labelled
from siglum.edit import Edit, EditMap, compose
from siglum.errors import SiglumError
from siglum.language.document import Lines
from siglum.language.tagger import Tagger
from siglum.packs.match import Index
from siglum.packs.store import digest, pack_digest
from siglum.page import page_of
from siglum.provenance.judge import SPEAKING, Provenance, judge
from siglum.readers.captured import captured
from siglum.readers.html import read_html
from siglum.report import Account, Report, dumps, encoded, report_of, sha256, verify
from siglum.settings import Settings
from siglum.span import Span

DEFAULT = Settings()
TELLING = frozenset((LINES, TEXT, *SPEAKING))  # labels of findings that tell of languages and of origin

_Given = ParamSpec("_Given")
_Made = TypeVar("_Made")


def _uninterrupted(work: Callable[_Given, _Made]) -> Callable[_Given, _Made]:
    """Return *work* with Python's search for garbage in cycles put off: one document makes none to speak of.

    Each search walks all that was made since the last, and now and then all that is alive, the compiled rules too; on
    pages it takes a twelfth of the whole time.
    """

    @wraps(work)
    def done(*args: _Given.args, **kwargs: _Given.kwargs) -> _Made:
        on = gc.isenabled()
        gc.disable()
        try:
            return work(*args, **kwargs)
        finally:
            if on:
                gc.enable()

    return done


@dataclass(frozen=True)
class Chain:
    """Cleaners in order, and what runs them. Immutable: every change gives a new chain.

    >>> Chain.default().without("layout").clean("Skip to main content\\nStorm hits coast").text
    'Storm hits coast'
    """

    cleaners: tuple[Cleaner, ...]
    settings: Settings = DEFAULT

    @classmethod
    def default(cls, settings: Settings = DEFAULT) -> Chain:
        """Return the chain siglum runs when nothing else is said.

        Marks in the text come first, since repairs would destroy them; then every channel of provenance is read, and
        languages are told, before rules take anything.
        """
        index = _index(settings.rules)
        tagger = Tagger(settings.language)
        languages = (Languages(tagger),) if settings.tag_languages else ()
        profile = "archive" if settings.profile == "mark-only" else settings.profile
        cleaners: tuple[Cleaner, ...] = (
            Embedded(),
            Mojibake(),
            Together((Credits(language_of=lambda text: tagger.tag_line(text)[:2]), *languages, Markup())),
            Together((Rules(index), Content(index, profile, settings.thorough))),
            Layout(),
        )
        if settings.format == "markdown":
            cleaners += (Markdown(),)
        if settings.unicode_form:
            cleaners += (UnicodeForm(settings.unicode_form),)
        if settings.profile == "mark-only":
            cleaners = tuple([Marking(c) for c in cleaners])
        return cls(cleaners, settings)

    def after(self, name: str, cleaner: Cleaner) -> Chain:
        """Return a chain in which *cleaner* runs after the one called *name*. Raises SiglumError for no such name."""
        at = self._place(name) + 1
        return replace(self, cleaners=(*self.cleaners[:at], cleaner, *self.cleaners[at:]))

    def before(self, name: str, cleaner: Cleaner) -> Chain:
        """Return a chain in which *cleaner* runs before the one called *name*. Raises SiglumError for no such name."""
        at = self._place(name)
        return replace(self, cleaners=(*self.cleaners[:at], cleaner, *self.cleaners[at:]))

    def without(self, name: str) -> Chain:
        """Return a chain without the cleaner called *name*. Raises SiglumError for no such name."""
        at = self._place(name)
        found = self.cleaners[at]
        rest: tuple[Cleaner, ...] = ()
        if isinstance(found, Together):
            rest = (Together(tuple([c for c in found.cleaners if c.name != name])),)
        return replace(self, cleaners=(*self.cleaners[:at], *rest, *self.cleaners[at + 1 :]))

    def _place(self, name: str) -> int:
        for n, cleaner in enumerate(self.cleaners):
            if name in cleaner.name.split("+"):
                return n
        raise SiglumError(f"no cleaner is called {name!r}; there are {', '.join(c.name for c in self.cleaners)}")

    @_uninterrupted
    def clean(
        self,
        source: str | bytes | Document,
        *,
        id: str = "",
        url: str = "",
        headers: Mapping[str, str] = NOTHING,
        meta: Mapping[str, Any] = NOTHING,
        html: bool | None = None,
        media_type: str = "text/plain",
        codec: str = "",
    ) -> Result:
        """Return what this chain makes of *source*: a text, the bytes of a file, or a document read elsewhere.

        *html* says whether it is a page; None looks at the first bytes, and takes a `str` for plain text. *media_type*
        is that of a text; "text/markdown" keeps markup. *codec* is the caller's word on the encoding of bytes. Every
        result has been restored and compared before it is returned.
        Raises ReportMismatch should that ever fail.
        """
        about = {"id": id, "url": url, "headers": headers, "meta": meta}
        doc, decoding, facts = _read(source, about, html, media_type, codec)
        done = run(self.cleaners, doc)
        verify(doc.id, doc.text, done.clean.text, done.edits, None if doc.html else decoding, facts["sha256"])
        return Result(done, self.settings, decoding, facts)


@dataclass(frozen=True)
class Result:
    """What a chain made of one document."""

    run: Run
    settings: Settings = DEFAULT
    decoding: Decoding | None = None
    source: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def id(self) -> str:
        """The document's id."""
        return self.run.source.id

    @property
    def text(self) -> str:
        """The clean text."""
        return self.run.clean.text

    @cached_property
    def _telling(self) -> list[Finding]:
        """The findings that tell of languages and of origin, few of hundreds."""
        return labelled(self.run.findings, TELLING)

    @cached_property
    def source_lines(self) -> Lines:
        """The languages of the source's lines, in code points of the source text; none where languages are off."""
        if line_languages(self._telling) is None:
            return Lines([], [], [])
        told = ((n, line_languages(layer.findings)) for n, layer in enumerate(self.run.layers))
        place, lines = next(((n, lines) for n, lines in told if lines is not None), (0, Lines([], [], [])))
        before: list[Edit] = []
        for layer in self.run.layers[:place]:
            before = compose(before, layer.edits)
        return Lines(*EditMap(before).trace_lines(lines.starts, lines.ends), lines.tags) if before else lines

    @cached_property
    def lines(self) -> Lines:
        """The languages of the lines that stayed, in code points of the clean text."""
        if not self.run.edits:
            return self.source_lines
        source, text = self.source_lines, self.text
        starts, ends = EditMap(self.run.edits).carry_lines(source.starts, source.ends)
        moved = zip(starts, ends, source.tags, strict=True)
        stayed = [row for row in moved if row[0] < row[1] and not text[row[0] : row[1]].isspace()]
        return Lines([row[0] for row in stayed], [row[1] for row in stayed], [row[2] for row in stayed])

    @cached_property
    def document_language(self) -> Evidence | None:
        """What was concluded for the text as a whole; None where languages are off."""
        return text_language(self._telling)

    @property
    def language(self) -> str:
        """The language of the text, as a BCP 47 tag; "und" where nothing could be concluded."""
        found = self.document_language
        return found.claims["language"] if found else "und"

    @cached_property
    def provenance(self) -> Provenance:
        """Whether and by whom the text was translated, with the evidence."""
        tagged = self.source_lines
        # Only what a credit claims is held against the lines.
        told = tagged and any("method" in f.evidence.claims for f in self._telling)
        lines = [(Span(s, e), tag[0], tag[1]) for s, e, tag in tagged.rows()] if told else ()
        source = self.run.source
        return judge(self._telling, target=self.language, line_languages=lines, declared=source.language)

    @property
    def tag(self) -> str:
        """The text's BCP 47 tag, with the T extension where a translation is stated."""
        return self.provenance.tag()

    @cached_property
    def removed(self) -> dict[str, int]:
        """How many lines that were not blank, and how many code points, the source has more than the clean text.

        Where marks or characters were written in, there may be fewer code points than before, and the count negative.
        """
        before, after = self.run.source.text, self.text
        lines = len(page_of(before).rows) - _lines_of(after)
        return {"lines": max(0, lines), "code_points": len(before) - len(after)}

    @_uninterrupted
    def report(self, *, full: bool = False, redact: bool = False) -> Report:
        """Return the account of this document; see `siglum.report.report_of`.

        Its edits are tried before it is returned. Raises ReportMismatch should they not give the source.
        """
        verify(self.id, self.run.source.text, self.text, self.run.edits)
        return report_of(self._account(), full=full, redact=redact)

    def _account(self) -> Account:
        source = self.run.source
        return Account(
            id=source.id,
            source_text=source.text,
            clean_text=self.text,
            edits=self.run.edits,
            findings=self.run.findings,
            languages=self.source_lines,
            document_language=self.document_language,
            provenance=self.provenance.to_json(),
            tag=self.tag,
            run=run_facts(self.settings),
            source=self.source,
            decoding=self.decoding,
            restores=_restores(source, self.decoding),
            unicode_form=self.settings.unicode_form or "as-is",
        )


def clean(source: str | bytes | Document, *, settings: Settings = DEFAULT, **about: Any) -> Result:
    r"""Return what the default chain makes of *source*; *about* is what `Chain.clean` takes.

    >>> result = clean("Skip to main content\n\nStorm hits coast\n")
    >>> result.text, result.removed["lines"], result.provenance.method
    ('Storm hits coast\n', 1, 'unknown')
    """
    return _default_chain(settings).clean(source, **about)


@lru_cache(maxsize=8)
def _default_chain(settings: Settings) -> Chain:
    return Chain.default(settings)


def _lines_of(clean: str) -> int:
    """Return how many lines of a *clean* text are not blank; a line ends with a line feed there."""
    if "\r" in clean:
        return sum(1 for line in clean.split("\n") if line.strip())
    return len(page_of(clean).rows)


def _restores(source: Document, decoding: Decoding | None) -> str:
    if source.html:
        return "visible-text"
    return "source-bytes" if decoding else "text"


_MARKUP_START = re.compile(
    rb"(?is)\A(?:\xef\xbb\xbf)?\s{0,200}(?:<\?xml[^>]{0,200}>\s{0,200})?(?:<!--.{0,2000}?-->\s{0,200})?"
    rb"<(?:!doctype\s{1,10}html|html[\s>]|head[\s>]|body[\s>])"
)


def looks_like_html(data: bytes) -> bool:
    """Tell whether *data* begins as a page does: with a doctype, or the element html, head or body."""
    return _MARKUP_START.match(data[:4096]) is not None


def _read(
    source: str | bytes | Document,
    about: Mapping[str, Any],
    html: bool | None,
    media_type: str,
    codec: str,
) -> tuple[Document, Decoding | None, dict[str, Any]]:
    """Return the document of *source*, how its bytes were decoded, and what the report says of the source."""
    if isinstance(source, Document):
        return source, None, _source_facts(source, source.html or source.text)
    decoding = None
    text = source if isinstance(source, str) else ""
    if isinstance(source, bytes):
        html = looks_like_html(source) if html is None else html
        header = charset_of(about["headers"].get("content-type", ""))
        text, decoding = decode(source, caller=codec, header=header, html=html)
    doc = read_html(text, **about) if html else Document(text, media_type=media_type, **about)
    return doc, decoding, _source_facts(doc, source)


def _source_facts(doc: Document, source: str | bytes) -> dict[str, Any]:
    data = encoded(source) if isinstance(source, str) else source
    facts: dict[str, Any] = {"media_type": doc.media_type, "size": len(data), "sha256": sha256(data)}
    if doc.url:
        facts["url"] = doc.url
    if doc.language != "und":
        facts["declared_language"] = doc.language
    if when := captured(doc.headers, doc.meta):
        facts["captured"], facts["captured_basis"] = when
    return facts


def charset_of(content_type: str) -> str:
    """Return the charset a Content-Type header names, "" if none.

    >>> charset_of('text/html; charset="windows-1251"')
    'windows-1251'
    """
    m = re.search(r"charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_.:-]{1,40})", content_type, re.IGNORECASE)
    return m[1] if m else ""


@lru_cache(maxsize=8)
def run_facts(settings: Settings) -> dict[str, Any]:
    """Return what is the same in all reports of a run: tool, configuration, rule packs, environment."""
    config = settings.to_json()
    packs = [{"id": "siglum", "version": __version__, "sha256": digest()}]
    packs += [{"id": Path(p).name, "version": "user", "sha256": pack_digest(Path(p))} for p in settings.rules]
    names = ("ftfy", "regex", "langdetect", "pycld2", "fasttext-predict", "py3langid", "trafilatura", "lxml")
    found = {name: v for name in names if (v := _version(name))}
    return {
        "tool": {"name": "siglum", "version": __version__},
        "config": config,
        "config_sha256": sha256(dumps(config)),
        "rulepacks": packs,
        "environment": {
            "python": platform.python_version(),
            "unicode": unicodedata.unidata_version,
            **dict(sorted(found.items())),
        },
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=8)
def _index(rules: tuple[str, ...]) -> Index:
    """Return the shipped packs with the packs at *rules* on top. Raises ExceptionGroup where those are faulty."""
    index = shipped()
    if rules:
        from siglum.packs.compiler import compile_packs  # what reads TOML packs is not needed by those who bring none
    for folder in rules:
        index = index.merged(compile_packs(Path(folder)), pack_digest(Path(folder))[:12])
    return index
