"""Credits: what a document states about its translation, in every channel, before anything is cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from siglum.document import Document, Evidence, Finding
from siglum.packs import store
from siglum.packs.literals import Literals
from siglum.provenance import addresses, fields, grammar, hints, links, markup, pivots
from siglum.provenance.claims import LABEL_CREDIT, LABEL_HINT, LABEL_RESIDUE, LABEL_WIDGET
from siglum.provenance.folding import fold
from siglum.provenance.lexicon import TIMEOUT_S, data, lexicon, parts
from siglum.provenance.names import has_case
from siglum.provenance.view import View, view_of
from siglum.span import Span

LanguageOf = Callable[[str], tuple[str, float]]

TIMEOUT = "timeout"  # the label of what could not be read in time
PACK = "credits"  # what the names of all rules here begin with
UNITS = 400  # lines with a translation word that are read in one document
COMMENTS = 200  # comments that are read in one document
LONG_LINE = 3000  # code points; of a longer line only the stretch around the word is read
PARAGRAPH = 1600  # code points a hard-wrapped paragraph may have
NOTICE = 1500  # code points a notice may have that goes as a whole
BYLINE = 30  # code points of a sentence before a credit that may be a byline
INNER = 6  # labels after the first that are tried on one line
LISTED = 3  # credits in so many languages are a list of credits, not a credit

_FENCE = re.compile(r"\s{0,3}(?:>\s?){0,3}(```|~~~)")
_DECOR = re.compile(r"(?P<quote>(?:\s{0,3}>){1,4})?\s*(?P<item>[-*+•·●▪–]\s+|\d{1,3}[.)]\s+)?(?P<heading>#{1,6}\s+)?")
_SPLIT = re.compile(r"\s[|｜·•∙]\s|\s{4,}|\t+|\u3000+")
_INNER = re.compile(r"(?:\s[/–—-]\s|[/,;，；、。.)）]\s?|\s)(?=[^\s\d,;:：/][^,;:：/\n]{1,40}[:：])")
_SENTENCE_END = re.compile(
    r"[.!?…。！？।۔။៕:：;]"
    r"(?:(?<=[.!?…])[\"'»”)\]*_]{0,4}(?=\s)|(?<=[。！？।۔။៕])[」』）*]{0,3}|(?<=[:：])\*{0,2}(?=\s|$)|(?<=;)\s)"
)
_QUOTED_ATTRIBUTE = re.compile(
    r"\s*(?:\{[%{<]|<[A-Z]\w{0,30}\s).{0,200}?\b(?:content|text|title|message|body|description)=(?P<q>[\"'])(?P<inner>.{8,1500}?)(?P=q)"
    r"\s*[^\"']{0,120}(?:[%}]\}|/?>)"
)
_DELIMITER = re.compile(
    r"<!--\s*(?P<name>[^<>\n]{3,60}?(?:disclaimer|notice|translat)[^<>\n]{0,40}?)\s*[:\s](?:start|begin|v\d+)?\s*-->",
    re.IGNORECASE,
)
_TABLE = re.compile(r"\s*\|.*\|\s*$")
_RULE = re.compile(r"\s*(?:[-*_=]\s?){3,}\s*$")
_BRACKETS = re.compile(r"\s*[(（\[【*_<「].*[)）\]】*_>」.。!]\s*$", re.DOTALL)
_BOX = re.compile(
    r"\s*(?:>|:::|!!!|\?\?\?|<(?:Note|Info|Tip|Warning|Callout|Admonition|details|blockquote|aside)\b|\{%|ℹ|⚠|※|📝|🌐|🤖)"
)


@cache
def _needles() -> tuple[Literals, dict[str, str]]:
    """Return the words one of which a credit needs, and what each is in small letters."""
    small: dict[str, str] = data()["needles"]
    return Literals(tuple(small)), small


def may_hold_credit(text: str) -> bool:
    """Tell whether *text* holds any word a credit needs, in time linear in it."""
    needles, _ = _needles()
    return bool(needles.found(text))


def _words_of(text: str) -> tuple[str, ...]:
    """Return the words a credit needs that *text* holds, in small letters."""
    needles, small = _needles()
    return tuple(sorted({small[form] for form in needles.found(text)}))


class Line(NamedTuple):
    """One line of a text, with its line break outside."""

    start: int
    end: int
    next: int  # where the next line starts


class Lines:
    """The lines of a text, each sought from the one asked for before: of most nobody asks."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._count = text.count("\n") + 1
        self._at = (0, 0)  # number and start of the line asked for last

    def __len__(self) -> int:
        return self._count

    def go(self, n: int, start: int) -> None:
        """Go to line *n*, which is known to begin at *start*."""
        self._at = (n, start)

    def __getitem__(self, n: int) -> Line:
        at, start = self._at
        for _ in range(at, n):
            start = self._text.index("\n", start) + 1
        for _ in range(n, at):
            start = self._text.rfind("\n", 0, start - 1) + 1
        self._at = (n, start)
        end = self._text.find("\n", start)
        end = len(self._text) if end < 0 else end
        after = min(end + 1, len(self._text))
        end -= end > start and self._text[end - 1] == "\r"
        return Line(start, end, after)

    def __iter__(self) -> Iterator[Line]:
        return map(self.__getitem__, range(len(self)))


@dataclass(frozen=True)
class Credit:
    """One credit found in the visible text."""

    start: int
    end: int
    rule: str
    confidence: float
    claims: dict[str, str]
    why: str
    drop: tuple[int, int] | None = None
    place: str = ""


@dataclass(frozen=True)
class Credits:
    """Reads what a document states about its own translation; drops short stand-alone credits, marks the rest.

    *language_of* tells the language of a short text and how sure it is; without it residue is judged by script alone.
    *hints* says when the weak cues of the text itself are counted: None where something else on the page speaks of
    translation, since alone they say nothing; True always; False never.
    """

    language_of: LanguageOf | None = None
    hints: bool | None = None
    name: str = "credits"

    @property
    def version(self) -> str:
        """Return the digest of the rules that decide the findings."""
        return store.digest()[:16]

    def __call__(self, doc: Document) -> Iterator[Finding]:
        """Yield every finding: address, headers, metadata, markup, then the text."""
        spoken = False
        sources = set()
        for span, evidence, after in self._found(doc):
            spoken = spoken or evidence.label != TIMEOUT
            sources.add(evidence.claims.get("source", ""))
            yield Finding(span, evidence._replace(rule=f"{PACK}/{evidence.rule}"), after)
        if self.hints or (spoken and self.hints is None):
            for span, evidence, after in _in_time("hints", hints.read(doc)):
                yield Finding(span, evidence._replace(rule=f"{PACK}/{evidence.rule}"), after)
        if doc.html:
            for span, evidence, after in _in_time("links", _links(doc, spoken, sources - {""})):
                yield Finding(span, evidence._replace(rule=f"{PACK}/{evidence.rule}"), after)

    def _found(self, doc: Document) -> Iterator[Finding]:
        yield from _in_time("address", _address(doc))
        yield from _in_time("headers", _headers(doc))
        front, front_end = fields.front_matter(doc.text) if not doc.html else ([], 0)
        yield from _in_time("metadata", _metadata(doc, front))
        if doc.html:
            yield from _in_time("markup", self._markup(doc))
        yield from _in_time("text", map(_with_pivot, _text(doc, front_end)))

    def _markup(self, doc: Document) -> Iterator[Finding]:
        seen: set[tuple[str, str]] = set()
        for place, found in (("meta", markup.meta_fields(doc.html)), ("json", markup.json_fields(doc.html))):
            for s in fields.stated(found, place):
                if (s.rule, s.field.value) in seen:
                    continue
                seen.add((s.rule, s.field.value))
                quote = f"{s.field.key}: {s.field.value}"
                claims = {**s.claims, "asserted_by": "metadata"}
                yield Finding(
                    Span(0, 0), Evidence(s.rule, LABEL_CREDIT, 0.97, claims, s.why, quote, f"{place}:{s.field.key}")
                )
        for mark in markup.marks(doc.html, self.language_of):
            label = {"widget": LABEL_WIDGET, "stale": LABEL_RESIDUE, "residue": LABEL_RESIDUE}.get(
                mark.kind, LABEL_CREDIT
            )
            claims = {**mark.claims, "asserted_by": "markup"}
            if mark.originals:
                claims["source_text"] = " | ".join(o[:120] for o in mark.originals[:20])
            yield Finding(Span(0, 0), Evidence(mark.rule, label, mark.confidence, claims, mark.why, mark.quote, "html"))


def _in_time(channel: str, found: Iterator[Finding]) -> Iterator[Finding]:
    """Yield *found*; should a pattern take too long on what somebody wrote to that end, say so and leave the rest."""
    try:
        yield from found
    except TimeoutError:
        why = f"a pattern took longer than {TIMEOUT_S:g} s on this document's {channel}, which was not read to the end"
        yield Finding(Span(0, 0), Evidence(f"timeout-{channel}", TIMEOUT, why=why))


def _links(doc: Document, stated: bool, sources: Set[str]) -> Iterator[Finding]:
    for hint in links.read(doc.html, url=doc.url, language=doc.language, stated=stated, sources=sources):
        yield Finding(Span(0, 0), Evidence(hint.rule, LABEL_HINT, 0.1, hint.claims, hint.why, hint.quote, "html"))


def _with_pivot(finding: Finding) -> Finding:
    """Return *finding*, with the language its credit names as the one it went through."""
    evidence = finding.evidence
    named = pivots.read(evidence.quote, evidence.claims) if "source" in evidence.claims else {}
    return finding._replace(evidence=evidence._replace(claims={**evidence.claims, **named})) if named else finding


def _address(doc: Document) -> Iterator[Finding]:
    found = addresses.read_address(doc.url) if doc.url else None
    if found:
        rule, claims, why = found
        yield Finding(
            Span(0, 0), Evidence(rule, LABEL_CREDIT, 0.99, {**claims, "asserted_by": "address"}, why, doc.url, "url")
        )


def _headers(doc: Document) -> Iterator[Finding]:
    if not doc.headers:
        return
    read = [fields.Field(k, str(v)) for k, v in sorted(doc.headers.items())]
    for s in fields.stated(read, "header"):
        claims = {**s.claims, "asserted_by": "header"}
        place = f"header:{s.field.key.lower()}"
        yield Finding(
            Span(0, 0), Evidence(s.rule, LABEL_CREDIT, 0.97, claims, s.why, f"{s.field.key}: {s.field.value}", place)
        )


def _metadata(doc: Document, front: Sequence[fields.Field]) -> Iterator[Finding]:
    for s in fields.stated(front, "front"):
        span = Span(s.field.start, s.field.end)
        claims = {**s.claims, "asserted_by": "metadata"}
        quote = span.of(doc.text).strip()
        label = LABEL_CREDIT
        yield Finding(span, Evidence(s.rule, label, 0.5 if s.reviewed else 0.98, claims, s.why, quote, "front-matter"))
    given = [
        fields.Field(k, str(v).lower() if isinstance(v, bool) else str(v))
        for k, v in sorted(doc.meta.items())
        if isinstance(v, (str, bool, int, float))
    ]
    for s in fields.stated(given, "front"):
        claims = {**s.claims, "asserted_by": "metadata"}
        place = f"meta:{s.field.key}"
        yield Finding(
            Span(0, 0),
            Evidence(
                s.rule,
                LABEL_CREDIT,
                0.5 if s.reviewed else 0.97,
                claims,
                s.why,
                f"{s.field.key}: {s.field.value}",
                place,
            ),
        )


def _text(doc: Document, front_end: int) -> Iterator[Finding]:
    words = _words_of(doc.text)
    if not words:
        return
    found = list(_credits(doc, words, front_end))
    languages = {c.claims.get("language", "") for c in found if c.claims.get("method", "").startswith("machine")}
    listed = len(languages) >= LISTED
    for c in found:
        if listed:
            c = replace(c, claims={**c.claims, "scope": "other-version"}, drop=None)
        span = Span(c.start, c.end)
        yield Finding(span, Evidence(c.rule, LABEL_CREDIT, c.confidence, c.claims, c.why, span.of(doc.text), c.place))
        if c.drop:
            # The claim keeps the exact place of its words; what goes is the whole line, which claims nothing.
            yield Finding(Span(*c.drop), Evidence(c.rule, LABEL_CREDIT, c.confidence, why=c.why), "")


def _candidates(low: str, words: tuple[str, ...], lines: Lines) -> list[tuple[int, int, int]]:
    """Return (line index, its start, offset in the line) of every one of *words*, at most UNITS of them."""
    out: list[tuple[int, int, int]] = []
    line = counted = 0
    begin = end = last = -1  # of the line in *low*, and where in it the last word taken stands
    for m in _any_of(words).finditer(low):
        at = m.start()
        if at > end:
            line += low.count("\n", counted, at)
            begin, counted, last = low.rfind("\n", 0, at) + 1, at, -1
            end = low.find("\n", at)
            end = len(low) if end < 0 else end
        if last >= 0 and at < last + (LONG_LINE if end - begin <= LONG_LINE else 400):
            continue
        last = at
        if line >= len(lines) or len(out) >= UNITS:
            break
        out.append((line, begin, at - begin))
    return out


@lru_cache(maxsize=256)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, words)))


def _credits(doc: Document, words: tuple[str, ...], front_end: int) -> Iterator[Credit]:
    text = doc.text
    lines = Lines(text)
    code = _code_lines(text, lines)
    hidden = [(b.span.start, b.span.end) for b in doc.blocks if b.hidden or b.kind == "code"]
    comments = _comments(text)
    done: set[tuple[int, int]] = set()
    count = len(lines)
    for span in comments:
        yield from _in_comment(text, span, count)
    low = text.lower()
    for index, begin, offset in _candidates(low, words, lines):
        if len(low) == len(text):  # no character became two
            lines.go(index, begin)
        line = lines[index]
        at = line.start + min(offset, max(0, line.end - line.start - 1))
        if (
            line.start < front_end
            or index in code
            or any(a <= at < b for a, b in hidden)
            or any(a <= at < b for a, b in comments)
        ):
            continue
        for credit in _read_line(text, lines, index, at):
            key = (credit.start, credit.end)
            if not any(a < credit.end and credit.start < b for a, b in done):
                done.add(key)
                yield credit


def _code_lines(text: str, lines: Lines) -> set[int]:
    """Return the indices of lines inside fenced code.

    A fence without a language that encloses prose up to the very end of a document, or all of it, is no code: language
    models wrap their answers so.
    """
    inside: set[int] = set()
    if not (("`" in text and "```" in text) or ("~" in text and "~~~" in text)):
        return inside
    fence, opened, info = "", 0, ""
    used = [i for i, line in enumerate(lines) if text[line.start : line.end].strip()]
    for i, line in enumerate(lines):
        m = _FENCE.match(text, line.start, line.end)
        if m and not fence:
            fence, opened, info = m[1], i, text[m.end() : line.end].strip().lower()
            inside.add(i)
        elif m and m[1] == fence:
            fence = ""
            wraps = info in ("markdown", "md", "") and used and opened == used[0]
            trails = info == "" and i == used[-1] and not text[lines[opened + 1].start : lines[opened + 1].end].strip()
            inside.add(i)
            if i == used[-1] and (wraps or trails):
                inside.difference_update(range(opened, i + 1))
        elif fence:
            inside.add(i)
    return inside


def _comments(text: str) -> list[tuple[int, int]]:
    """Return the spans of the first COMMENTS comments of a text, in time linear in it."""
    out: list[tuple[int, int]] = []
    at = text.find("<!--") if "<" in text else -1
    while at >= 0 and len(out) < COMMENTS:
        end = text.find("-->", at + 4)
        if end < 0:
            break
        out.append((at, end + 3))
        at = text.find("<!--", end + 3)
    return out


def _in_comment(text: str, span: tuple[int, int], count: int) -> Iterator[Credit]:
    """Yield what a comment in plain text or Markdown states: a tool's metadata, or a credit of its own."""
    start, end = span[0] + 4, span[1] - 3
    body = text[start:end]
    if len(body) > NOTICE:
        return
    if "translation_date" in body and ("original_hash" in body or "source_file" in body):
        claims = {"method": "machine", "asserted_by": "markup"}
        if "CO_OP_TRANSLATOR" in body or "co-op-translator" in body.lower():
            claims |= {"engine": "co-op-translator", "engine_text": "Co-op Translator"}
        m = re.search(r"translation_date\"?\s*[:=]\s*\"?(\d{4}-\d\d-\d\d)", body)
        if m:
            claims["date"] = m[1]
        yield Credit(
            span[0],
            span[1],
            "translator-metadata",
            0.99,
            claims,
            "A translation tool's own record of the file it wrote.",
            None,
            "comment",
        )
        return
    view = view_of(text, start, end)
    if not may_hold_credit(view.text) or not grammar.languages_of(view.text):
        return
    stated = next(_comment_fields(body), None)
    if stated:
        claims = {**stated.claims, "asserted_by": "markup"}
        yield Credit(start, end, stated.rule, 0.95, claims, stated.why, None, "comment")
        return
    place = grammar.Place(bracketed=True, boxed=True, comment=True)
    for a, b in _sentences(view.text):
        reading = grammar.read(view.text[a:b].strip(), place)
        if reading and reading.method.startswith("machine"):
            s, e = view.source(a + _indent(view.text[a:b]), b)
            claims = {"method": reading.method, **reading.claims, "asserted_by": "markup", "language": reading.language}
            yield Credit(
                s, e, f"credit-{reading.language}", reading.confidence - 0.02, claims, _WHY_MACHINE, None, "comment"
            )
            return


def _comment_fields(body: str) -> Iterator[fields.Stated]:
    """Yield what "key: value" pairs in a comment state of a machine translation."""
    pairs = re.findall(r"(?:^|[\n|;,])\s*([A-Za-z][\w .-]{1,40}?)\s*[:=]\s*([^\n|;]{1,80})", body)
    for s in fields.stated([fields.Field(k, v.strip(" \"'")) for k, v in pairs[:20]], "front"):
        if s.claims.get("method", "").startswith("machine"):
            yield s


_WHY_MACHINE = "The text says of itself that a machine translated it."
_WHY_HUMAN = "The text names its translator."


def _read_line(text: str, lines: Lines, index: int, at: int) -> Iterator[Credit]:
    """Yield the credits in the line that holds offset *at*, or in the paragraph around it."""
    line = lines[index]
    if _TABLE.match(text, line.start, min(line.end, line.start + LONG_LINE)):
        return
    lo, hi = _window(text, line, at)
    inner = _QUOTED_ATTRIBUTE.match(text, lo, hi)
    if inner:
        lo, hi = inner.span("inner")
    found = list(_labels(text, lines, index, lo, hi))
    if not found:
        found = list(_sentences_of(text, lines, index, lo, hi, at))
    if not found and not inner:
        plo, phi = _paragraph(text, lines, index)
        if (plo, phi) != (line.start, line.end) and phi - plo <= PARAGRAPH:
            found = list(_sentences_of(text, lines, index, plo, phi, at))
    yield from found


def _window(text: str, line: Line, at: int) -> tuple[int, int]:
    if line.end - line.start <= LONG_LINE:
        return line.start, line.end
    lo = max(line.start, at - 500)
    hi = min(line.end, at + 900)
    cut = max(text.rfind(p, lo, at) for p in (". ", "。", "! ", "? ", "\u2029"))
    return (cut + 1 if cut > lo else lo), hi


def _paragraph(text: str, lines: Lines, index: int) -> tuple[int, int]:
    """Return the hard-wrapped paragraph around line *index*."""
    first = last = index
    top = bottom = lines[index]
    while first > 0 and last - first < 8 and _continues(text, top, above := lines[first - 1]):
        first, top = first - 1, above
    while last + 1 < len(lines) and last - first < 12 and _continues(text, below := lines[last + 1], bottom):
        last, bottom = last + 1, below
    return top.start, bottom.end


def _continues(text: str, line: Line, above: Line) -> bool:
    """Tell whether *line* goes on where the line *above* it stopped."""
    if above.end - above.start < 20 or line.end - line.start > LONG_LINE or above.end - above.start > LONG_LINE:
        return False
    m = _DECOR.match(text, line.start, line.end)
    n = _DECOR.match(text, above.start, above.end)
    if not m or not n or m["item"] or m["heading"] or n["heading"] or bool(m["quote"]) != bool(n["quote"]):
        return False
    return bool(text[line.start : line.end].strip(" \t>")) and not _RULE.match(text, line.start, line.end)


def _place(text: str, lines: Lines, index: int, lo: int, hi: int) -> tuple[grammar.Place, int]:
    """Return how text[lo:hi] stands, and where its words begin."""
    m = _DECOR.match(text, lo, hi)
    begin = m.end() if m else lo
    body = text[begin:hi]
    edge = index < 30 or len(lines) - index < 40
    return grammar.Place(
        alone=len(body) <= 700,
        item=bool(m and m["item"]),
        heading=bool(m and m["heading"]),
        bracketed=bool(_BRACKETS.match(body)) and len(body) < 400,
        edge=edge,
        boxed=bool(m and m["quote"]) or bool(_BOX.match(body)),
    ), begin


def _sentences(text: str) -> list[tuple[int, int]]:
    out = []
    pos = 0
    for m in _SENTENCE_END.finditer(text):
        if m.end() > pos:
            out.append((pos, m.end()))
            pos = m.end()
    if pos < len(text):
        out.append((pos, len(text)))
    return out


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip(" *_>#-–—(（[「ℹ\ufe0f⚠※📝🌐🤖💡"))


def _sentences_of(text: str, lines: Lines, index: int, lo: int, hi: int, at: int) -> Iterator[Credit]:
    place, begin = _place(text, lines, index, lo, hi)
    view = view_of(text, begin, hi)
    if not view.text:
        return
    sentences = _merged(view.text)
    aim = view.at(at)
    for n, (a, b) in enumerate(sentences):
        if b <= aim - 200 or a > aim + 400:
            continue
        sentence = view.text[a:b]
        indent = _indent(sentence)
        body = sentence[indent:].rstrip(" *_)）]」\"'”»")
        if not body or not grammar.readable(body):
            continue
        first = n == 0 or all(
            _is_note(view.text[x:y]) or y - x <= BYLINE or _is_origin(view.text[x:y]) for x, y in sentences[:n]
        )
        last = n == len(sentences) - 1
        spot = replace(
            place,
            first=first or (last and place.bracketed),
            alone=place.alone and hi - lo <= 900,
            rest=view.text[b:] if hi - lo <= 600 else "",
        )
        reading = grammar.read(body, spot)
        if reading is None or grammar.refused(text[slice(*view.source(a + indent, b))], reading.language):
            continue
        credit = _credit_of(
            text, lines, index, view, (a + indent, a + indent + len(body)), reading, sentences, n, (lo, hi)
        )
        if credit:
            yield credit
            return


def _merged(text: str) -> list[tuple[int, int]]:
    """Return the sentences of *text*; an opening before a colon is read with what follows, unless it is a note."""
    out: list[tuple[int, int]] = []
    for a, b in _sentences(text):
        if (
            out
            and text[out[-1][0] : out[-1][1]].rstrip(" *")[-1:] in ":："
            and not _is_note(text[out[-1][0] : out[-1][1]])
        ):
            out[-1] = (out[-1][0], b)
        else:
            out.append((a, b))
    return out


def _is_origin(sentence: str) -> bool:
    """Tell whether a short sentence tells where the original appeared: "Originally published in Polish."."""
    if len(sentence) > 120 or ("original" not in sentence and "原" not in sentence):
        return False
    return not any(c in sentence for c in "?？")


def _is_note(sentence: str) -> bool:
    """Tell whether a sentence is a bare heading of a notice: "Note:", "Disclaimer:"."""
    words = sentence.strip(" *_:：!.#>-ℹ\ufe0f⚠※📝🌐🤖")
    if len(words) > 48:
        return False
    return (
        not words
        or words in _notes()
        or any(words[:size] in _notes() for size in range(max(4, len(words) - 14), len(words)))
    )


@cache
def _notes() -> frozenset[str]:
    return frozenset(
        p.rstrip("*")
        for language in data()["languages"].values()
        for p, c in language["lexicon"].items()
        if "note" in c
    )


def _credit_of(
    text: str,
    lines: Lines,
    index: int,
    view: View,
    bounds: tuple[int, int],
    reading: grammar.Reading,
    sentences: list[tuple[int, int]],
    n: int,
    block: tuple[int, int],
) -> Credit | None:
    """Return the credit *reading* makes in the document, or None where the name in it is no name."""
    start, end = view.source(*bounds)
    claims = {"method": reading.method, **reading.claims, "asserted_by": "page", "language": reading.language}
    if reading.method == "human?":
        lo, hi = view.source(bounds[0] + reading.start, bounds[0] + reading.end)
        raw = text[lo - (text[lo - 1 : lo] == "[") : min(hi + _link_tail(text, hi), block[1])]
        name = grammar.name_of(raw)
        linked = raw.startswith("[") or name.startswith("@") or not any(has_case(c) for c in name)
        if name.lower().startswith("the ") or not (linked or len(name.split()) > 1):
            return None
        if not name or not (any(c.isupper() for c in name) or not name.isascii() or name.startswith("@") or "[" in raw):
            return None
        claims |= {"method": "human", "translator": name}
    else:
        rest = " ".join(view.text[a:b] for i, (a, b) in enumerate(sentences) if i != n and abs(i - n) <= 3)
        _from_rest(rest, reading.language, claims)
        if claims["method"].startswith("machine"):
            _review_nearby(text, lines, index, claims)
    if claims.get("scope") == "part":
        claims["part"] = "{}-{}".format(*_part(text, lines, index))
    _link_original(text, lines, index, claims)
    why = _WHY_HUMAN if claims["method"] == "human" else _WHY_MACHINE
    rule = f"credit-{reading.language}"
    drop = _drop(text, lines, index, block, start, end, reading)
    start, end = _balanced(text, start, end, block)
    return Credit(start, end, rule, reading.confidence, claims, why, drop)


def _part(text: str, lines: Lines, index: int) -> tuple[int, int]:
    """Return the stretch a credit of a review, a comment or a section speaks of: its own block or the one above it."""

    def blank(i: int) -> bool:
        return not text[lines[i].start : lines[i].end].strip(" \t>")

    first = last = index
    while first > 0 and not blank(first - 1):
        first -= 1
    while last + 1 < len(lines) and not blank(last + 1):
        last += 1
    above = next((i for i in range(first - 1, max(-1, first - 4), -1) if not blank(i)), None) if first == last else None
    if above is not None:
        first = above
        while first > 0 and not blank(first - 1):
            first -= 1
    return lines[first].start, lines[last].end


def _link_original(text: str, lines: Lines, index: int, claims: dict[str, str]) -> None:
    """Add the address of the original where the credit or a line beside it links it under a word for "original"."""
    if "original" in claims or claims["method"] not in ("human", "machine", "machine-postedited"):
        return
    for i in sorted(range(max(0, index - 3), min(len(lines), index + 4)), key=lambda i: abs(i - index)):
        m = _originals().search(text, lines[i].start, min(lines[i].end, lines[i].start + LONG_LINE))
        if m:
            claims["original"] = (m["linked"] or m["bare"]).rstrip(".,;)")
            return


@cache
def _originals() -> re.Pattern[str]:
    words = "|".join(map(re.escape, data()["originals"]))
    word = rf"(?:{words})[^\n\[\]()<>.。]{{0,40}}"
    return re.compile(
        rf"\[[^\[\]\n]{{0,60}}(?:{words})[^\[\]\n]{{0,60}}\]\((?P<linked>https?://[^\s()]{{4,400}})"
        rf"|{word}[:：(（]?\s{{0,2}}(?:\[[^\[\]\n]{{0,120}}\]\(|<)?(?P<bare>https?://[^\s()<>\[\]]{{4,400}})",
        re.IGNORECASE,
    )


def _balanced(text: str, start: int, end: int, block: tuple[int, int]) -> tuple[int, int]:
    """Return the range with the emphasis marks taken in whose other half stands inside it."""
    for mark in ("**", "__", "`", "*"):
        if text.count(mark, start, end) % 2 == 0:
            continue
        if text.startswith(mark, end) and end + len(mark) <= block[1]:
            end += len(mark)
        elif text.endswith(mark, block[0], start):
            start -= len(mark)
    return start, end


def _link_tail(text: str, at: int) -> int:
    m = re.match(r"\]\([^()\s]{0,300}\)", text[at : at + 320])
    return m.end() if m else 0


def _from_rest(rest: str, code: str, claims: dict[str, str]) -> None:
    """Add what the sentences around a credit say: the original's language, and whether people went over it."""
    if not rest.strip():
        return
    lex = lexicon(code)
    found = parts(rest, lex)
    if "source" not in claims:
        for i, part in enumerate(found):
            if "name" not in part.classes:
                continue
            near = [p for p in found[max(0, i - 1) : i + 3] if p is not part and "original" in p.classes]
            if any(min(abs(p.start - part.end), abs(part.start - p.end)) <= 4 for p in near):
                claims["source"], claims["source_basis"] = part.value, "original"
                break
    if "post_edited" not in claims:
        edited = grammar.post_edited(rest, found)
        if edited == "no":
            claims["post_edited"] = "no"


def _review_nearby(text: str, lines: Lines, index: int, claims: dict[str, str]) -> None:
    """Turn a machine credit into a post-edited one where a line beside it names who reviewed the text."""
    if claims.get("post_edited"):
        return
    for i in range(max(0, index - 3), min(len(lines), index + 4)):
        line = text[lines[i].start : min(lines[i].end, lines[i].start + 400)]
        for m in _reviewers().finditer(line):
            if grammar.name_of(line[m.end() :]):
                claims["method"], claims["post_edited"] = "machine-postedited", "yes"
                return


@cache
def _reviewers() -> re.Pattern[str]:
    words = sorted(
        {
            p
            for lang in ("zh", "en", "ja", "ko", "ru", "fr", "de", "es", "pt", "it", "vi")
            for p, c in data()["languages"][lang]["lexicon"].items()
            if "review" in c and "*" not in p
        },
        key=lambda p: (-len(p), p),
    )
    return re.compile(
        r"(?:^|(?<=[\s>*_\-(（/]))(?:" + "|".join(map(re.escape, words)) + r")者?\s?[:：]\s?\**", re.IGNORECASE
    )


def _drop(
    text: str, lines: Lines, index: int, block: tuple[int, int], start: int, end: int, reading: grammar.Reading
) -> tuple[int, int] | None:
    """Return the whole lines a stand-alone notice fills, or None where the credit is part of something longer."""
    first = last = index
    while first > 0 and lines[first].start > block[0]:
        first -= 1
    while last + 1 < len(lines) and lines[last].end < block[1]:
        last += 1
    body = text[lines[first].start : lines[last].end]
    if (
        len(body) > NOTICE
        or (not reading.whole and len(body) > 700)
        or lines[first].start > start
        or end > lines[last].next
    ):
        return None
    if (
        first > 0
        and _is_note(
            "".join(view_of(text, lines[first - 1].start, min(lines[first - 1].end, lines[first - 1].start + 200)).text)
        )
        and text[lines[first - 1].start : lines[first - 1].end].strip(" >")
    ):
        first -= 1
    lo, hi = lines[first].start, lines[last].next
    before = _DELIMITER.search(text, max(0, lo - 400), lo)
    if before and not text[before.end() : lo].strip():
        close = re.compile(r"\s*<!--[^<>\n]{0,80}?(?:end|:end)[^<>\n]{0,20}?-->[ \t]*\r?\n?", re.IGNORECASE).match(
            text, hi
        )
        if close:
            lo, hi = before.start(), close.end()
    return lo, hi


def _labels(text: str, lines: Lines, index: int, lo: int, hi: int) -> Iterator[Credit]:
    """Yield the labelled credits of a line: "Translator: NAME", also between bars."""
    place, begin = _place(text, lines, index, lo, hi)
    if hi - begin > 500:
        return
    pos = begin
    cuts = [m.span() for m in _SPLIT.finditer(text, begin, hi)]
    segments = []
    for a, b in [*cuts, (hi, hi)]:
        segments.append((pos, a))
        pos = b
    for a, b in segments:
        credit = _label_credit(text, lines, index, place, a, b, len(segments) == 1)
        credit = credit or _signed(text, place, a, b) or _inner_label(text, lines, index, place, a, b)
        if credit:
            yield credit


def _inner_label(text: str, lines: Lines, index: int, place: grammar.Place, lo: int, hi: int) -> Credit | None:
    """Return the credit of a label that follows another on its line: "Text: Jan Novák, translation: Eva Nová"."""
    if ":" not in text[lo : lo + 60] and "：" not in text[lo : lo + 60] and "," not in text[lo:hi]:
        return None
    for m in islice(_INNER.finditer(text, lo, hi), INNER):
        credit = _label_credit(text, lines, index, place, m.end(), hi, True)
        if credit:
            return credit
    return None


def _signed(text: str, place: grammar.Place, lo: int, hi: int) -> Credit | None:
    """Return the credit of a short line in which a translator signs: the name, then the word for what was done."""
    if hi - lo > 60 or not place.edge or place.heading or place.item:
        return None
    view = view_of(text, lo, hi)
    found = grammar.signature(view.text)
    if found is None:
        return None
    start, end = view.source(*found[:2])
    name = grammar.name_of(text[start:end])
    words = name.split()
    if not name or (any(has_case(c) for c in name) and not (len(words) > 1 and all(w[0].isupper() for w in words))):
        return None
    claims = {"method": "human", "translator": name, "asserted_by": "page", "language": found[2]}
    return Credit(start, lo + len(text[lo:hi].rstrip()), f"label-{found[2]}", 0.9, claims, _WHY_HUMAN)


def _label_credit(
    text: str, lines: Lines, index: int, place: grammar.Place, lo: int, hi: int, whole: bool
) -> Credit | None:
    view = view_of(text, lo, hi)
    if not view.text or not grammar.languages_of(view.text):
        return None
    found = grammar.label(view.text)
    if found is None:
        return None
    raw_start = view.source(found.name_start, found.name_start + 1)[0]
    link = text.rfind("[", lo, raw_start + 1)
    if link >= 0 and not text[link + 1 : raw_start].strip("*_ "):
        raw_start = link
    raw = text[raw_start:hi]
    start = view.source(found.start, found.start + 1)[0]
    claims: dict[str, str] = {"asserted_by": "page", "language": found.language}
    if found.source:
        claims["source"], claims["source_basis"] = found.source, "stated"
    agent = fields.agent(_first_name(raw))
    if agent is None or (
        agent["method"] == "human" and not _name_stands(found, raw, agent["translator"], place, whole)
    ):
        return None
    if agent["method"] != "human" and (place.item and not found.colon):
        return None
    if agent["method"] == "human" and grammar.explained(fold(agent["translator"]), found.language) > 0.6:
        return None
    if grammar.refused(text[start:raw_start], found.language):
        return None
    if agent["method"] != "human" and (
        place.heading
        or grammar._PLACEHOLDER.search(view.text)
        or grammar.explained(view.text[found.name_start :], found.language, any_word=True) < 0.6
    ):
        return None
    claims |= agent
    if claims["method"].startswith("machine"):
        _review_nearby(text, lines, index, claims)
    _link_original(text, lines, index, claims)
    why = _WHY_HUMAN if claims["method"] == "human" else _WHY_MACHINE
    line = lines[index]
    end = start + len(text[start:hi].rstrip())
    drop = (line.start, line.next) if claims["method"] != "human" and whole and hi - lo <= 200 else None
    confidence = 0.93 if claims["method"] == "human" else 0.97
    start, end = _balanced(text, start, end, (line.start, hi))
    return Credit(start, end, f"label-{found.language}", confidence, claims, why, drop)


def _first_name(raw: str) -> str:
    """Return *raw* up to the next label on the line."""
    m = re.search(r"[\s，,；;]+[^\s:：\[\]()，,]{1,14}[:：](?!//)", raw)
    return raw[: m.start()] if m else raw


def _name_stands(found: grammar.Label, raw: str, name: str, place: grammar.Place, whole: bool) -> bool:
    """Tell whether a name after a label is a translator's: the weaker the label, the more name-like it must be."""
    linked = raw.lstrip(" *_").startswith(("[", "@"))
    words = name.split()
    proper = linked or (
        len(words) >= 2 and all(w[0].isupper() or not w[0].isalpha() or not has_case(w[0]) for w in words[:1])
    )
    uncased = not any(has_case(c) for c in name)
    if not found.colon:
        return bool(proper and not uncased and len(raw.strip()) <= len(name) + 40) or (
            uncased and len(name) <= 8 and whole and not found.weak
        )
    if found.weak:
        wide = uncased and any("\u2e80" <= c <= "\ud7a3" for c in name)
        longest = 4 if any("\uac00" <= c <= "\ud7a3" for c in name) else 6
        short = 2 <= len(name) <= longest and "，" not in name if wide else uncased and 1 < len(words) <= 4
        return place.edge and (proper or short) and (whole or linked)
    # A word in small letters after "Translator:" is a setting more often than somebody's handle.
    plain = len(words) == 1 and name.isalpha() and name.islower() and has_case(name[0])
    return len(name) <= 60 and (linked or not plain or not lexicon(found.language).spaced)
