"""Markup left in plain text: stray tags and character references, taken only where they are residue and not content."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from html.entities import html5
from itertools import accumulate
from typing import NamedTuple
from unicodedata import category

from siglum.cleaners.embedded import protected
from siglum.document import Document, Evidence, Finding
from siglum.packs.literals import Literals
from siglum.span import Span

# Elements by what stands for them once they are gone: a break of the line, or nothing. `font` and `ya-tr-span` are what
# browsers' translators wrap around their text, `o:p` comes from word processors.
_BREAKING_NAMES = (
    "address article aside blockquote br caption center dd details dir div dl dt fieldset figcaption figure footer form"
    " h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol option p pre section select summary table tbody td tfoot"
    " th thead tr ul"
)
_INLINE_NAMES = (
    "a abbr acronym amp-img area audio b base bdi bdo big button cite code col colgroup data datalist del dfn em embed"
    " font i iframe img input ins kbd label link map mark meta nobr noscript o:p object output param picture q rp rt"
    " ruby s samp small source span strike strong sub sup svg time track tt u var video wbr ya-tr-span"
)
_VOID_NAMES = "area base br col embed hr img input link meta param source track wbr"
_BREAKING, _INLINE, _VOID = (frozenset(names.split()) for names in (_BREAKING_NAMES, _INLINE_NAMES, _VOID_NAMES))
_TRANSLATORS = frozenset({"ya-tr-span", "o:p"})  # never written by hand

_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9:-]{0,15})((?:\s[^<>]{0,2000})?/?)>")
_COMMENT = re.compile(r"<!--(?:(?!<!--|-->).){0,4000}-->", re.DOTALL)
# A name without a value is an attribute only if HTML has it: "if a <b and c> d" is no tag.
_BARE = (
    r"allowfullscreen|async|checked|controls|defer|disabled|hidden|itemscope|noshade|nowrap|readonly|required|selected"
)
_VALUE = r"""(?:"[^"]{0,1500}"|'[^']{0,1500}'|[^\s"'<>=`]{1,1500})"""
_ATTRIBUTES = re.compile(
    rf"(?:\s+(?:[A-Za-z_:@][\w:.@-]{{0,40}}\s?=\s?{_VALUE}|(?:{_BARE})\b)){{0,40}}\s*/?", re.IGNORECASE
)

# Halves of tags that were cut at a line's end. Known attributes with a quoted value only: `name="x"` alone is a line
# of many a settings file.
_KNOWN = (
    r"(?:align|alt|border|class|color|data-[a-z-]{1,30}|face|height|href|id|itemprop|lang|onclick|rel|size|src|srcset"
    r"|style|target|title|width)"
)
_PAIR = rf'{_KNOWN}="[^"<>\n]{{0,1500}}"'
_HEAD_CUT = re.compile(rf"^[ \t]{{0,8}}{_PAIR}(?:[ \t]{{1,4}}{_PAIR}){{0,20}}[ \t]{{0,4}}/?>", re.MULTILINE)
_TAIL_CUT = re.compile(rf"<([a-z][a-z0-9]{{0,9}})(?:[ \t]{{1,4}}{_PAIR}){{1,20}}[ \t]{{0,4}}(?=\r?$)", re.MULTILINE)

_REFERENCE = re.compile(r"&(?:amp;){0,3}(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_ESCAPED_TAG = re.compile(r"&(?:amp;)?(?:lt|#60|#x3c);[/!]?[A-Za-z-]", re.IGNORECASE)

# Texts whose tags are content. A page's source: its tags are not residue, they are the text. Markdown allows tags and
# references, and its comments often hold notices. Prose on markup names it, in capitals in most languages.
_SOURCE = re.compile(r"<(?:!doctype|html|head|body|script|style|template|\?php|\?xml)\b", re.IGNORECASE)
_MARKDOWN = re.compile(
    r"^ {0,3}(?:#{1,6} \S|```|~~~|\[[^\]\n]{1,80}\]: |\|? ?:?-{3,}:? ?\|)|\]\((?:https?:|[./#])", re.MULTILINE
)
_SUBJECT = re.compile(r"\b(?:X?HTML5?|XML|SGML|CSS|JSX|BBCode|[Mm]arkup|[Ww]ikitext)\b|(?<![\w./-])html(?![\w./-])")
_SUBJECTS = Literals(("html", "xml", "sgml", "css", "jsx", "bbcode", "markup", "wikitext"))  # one is in each of those
_WORD = r"(?:[Tt]ags?|[Ee]lements?|[Aa]ttributes?|[Тт]ег\w{0,3}|[Bb]alises?|[Ee]tiquetas?)"
_NAMED_AFTER = re.compile(rf"</?\w{{1,10}} ?/?>[`'\"”’»)]?[ -]{_WORD}\b")
_NAMED_BEFORE = re.compile(rf"\b{_WORD} [`'\"“‘«(]?</?\w")
_BEFORE = 20  # characters, more than a word of those and the signs behind it have
_CODE = re.compile(r"(?:^(?: {4}|\t).*|`[^`\n]{1,400}`)", re.MULTILINE)
_QUOTES = "\"'`“”‘’«»„()[]"


class _Tag(NamedTuple):
    span: Span
    name: str  # in lower case; "" for a half of a tag, "!" for a comment
    closing: bool
    strong: bool  # residue by its look alone: prose does not write it so


@dataclass(frozen=True)
class Markup:
    """Finds tags and character references left in plain text; deletes the tags, puts the characters for the references.

    Nothing is found in pages, in Markdown, in a page's source, in text that speaks of markup, and in code. Elsewhere
    tags go if at least one of them is residue by its look (it has attributes, or breaks a line where one begins or
    ends), and then only those that are part of it: a lone `<b>` between spaces stays.
    """

    name: str = "markup"
    version: str = "1"

    def __call__(self, doc: Document) -> Iterable[Finding]:
        """Return one finding a tag or reference, in order."""
        text = doc.text
        if doc.html or doc.media_type != "text/plain":
            return ()
        valued = _has_value(text)
        if not (valued or "<" in text or "&" in text):
            return ()
        tags = _tags(text, valued)
        references = _references(text)
        if not (tags or references) or _is_content(text, tags):
            return ()
        free = _outside([*protected(text), *(Span(*code.span()) for code in _CODE.finditer(text))])
        found = [
            *_deletions(text, [tag for tag in tags if free(tag.span)]),
            *(_replacement(text, span, character) for span, character in references if free(span)),
        ]
        return sorted(found, key=lambda finding: finding.span)


def _has_value(text: str) -> bool:
    return "=" in text and '"' in text and '="' in text  # most texts have no such sign: three looks are faster than one


def _tags(text: str, valued: bool) -> list[_Tag]:
    """Return what looks like a tag, a half of one or a comment, in order and disjoint; halves only where *valued*."""
    tags: list[_Tag] = []
    if valued:
        tags += (
            _Tag(Span(*half.span()), "", False, True) for cut in (_HEAD_CUT, _TAIL_CUT) for half in cut.finditer(text)
        )
    if "<" not in text:
        return sorted(tags)
    comments = [_Tag(Span(*comment.span()), "!", False, False) for comment in _COMMENT.finditer(text)]
    free = _outside([tag.span for tag in comments])
    for match in _TAG.finditer(text):
        name, attributes = match[2].lower(), match[3]
        if name in _BREAKING | _INLINE and _ATTRIBUTES.fullmatch(attributes) and free(Span(*match.span())):
            tags.append(_Tag(Span(*match.span()), name, bool(match[1]), "=" in attributes or name in _TRANSLATORS))
    return sorted(tags + comments)


def _is_content(text: str, tags: Sequence[_Tag]) -> bool:
    """Tell whether markup is what the text is made of or speaks of, so that none of it may be touched."""
    if _SOURCE.search(text) or _MARKDOWN.search(text) or any(_is_mentioned(text, at) for at in _places(text, "<")):
        return True
    if not _SUBJECTS.found(text):
        return False
    ends = [0, *(tag.span.end for tag in tags)]
    starts = [*(tag.span.start for tag in tags), len(text)]
    return any(_SUBJECT.search(text, end, start) for end, start in zip(ends, starts, strict=True))


def _is_mentioned(text: str, at: int) -> bool:
    """Tell whether what "<" opens at *at* is called a tag in the words around it."""
    return bool(_NAMED_AFTER.match(text, at) or _NAMED_BEFORE.search(text, max(0, at - _BEFORE), at + 3))


def _places(text: str, sign: str) -> Iterator[int]:
    """Yield where *sign* stands in *text*: for so rare a character, faster than a pattern that begins with it."""
    at = text.find(sign)
    while at >= 0:
        yield at
        at = text.find(sign, at + 1)


def _outside(kept: Sequence[Span]) -> Callable[[Span], bool]:
    """Return the question whether a span shares nothing with any of *kept*."""
    ordered = sorted(kept)
    starts = [span.start for span in ordered]
    reach = list(accumulate((span.end for span in ordered), max))

    def free(span: Span) -> bool:
        before = bisect_left(starts, span.end)
        return not before or reach[before - 1] <= span.start

    return free


def _deletions(text: str, tags: Sequence[_Tag]) -> Iterator[Finding]:
    """Yield the deletions of those *tags* that are residue; where a break goes, a line break stands for it."""
    partners = _partners(tags)
    residue = [tag for tag in tags if _is_residue(text, tag, tag in partners)]
    if not any(_shows_residue(text, tag, partners.get(tag)) for tag in residue):
        return
    place = 0
    while place < len(residue):
        run = [residue[place]]
        while place + len(run) < len(residue) and residue[place + len(run)].span.start == run[-1].span.end:
            run.append(residue[place + len(run)])
        start, end = run[0].span.start, run[-1].span.end
        inside = start > 0 and end < len(text) and text[start - 1] not in "\r\n" and text[end] not in "\r\n"
        after = "\n" if inside and any(tag.name in _BREAKING for tag in run) else ""
        for tag in run:
            yield Finding(tag.span, _tag_evidence(tag), after)
            after = ""
        place += len(run)


def _partners(tags: Sequence[_Tag]) -> dict[_Tag, _Tag]:
    """Return the other tag of each that has one: an end goes with the last open beginning of its name."""
    partners: dict[_Tag, _Tag] = {}
    open_by_name: dict[str, list[_Tag]] = {}
    for tag in tags:
        if not tag.closing:
            open_by_name.setdefault(tag.name, []).append(tag)
        elif opened := open_by_name.get(tag.name):
            beginning = opened.pop()
            partners |= {beginning: tag, tag: beginning}
    return partners


def _shows_residue(text: str, tag: _Tag, partner: _Tag | None) -> bool:
    """Tell whether *tag* alone shows that a page's source has left its traces in *text*."""
    if tag.strong or _breaks_line(text, tag):
        return True
    if partner is None:  # an end without a beginning, glued to a word
        return tag.closing and text[tag.span.start - 1 : tag.span.start].isalnum()
    inside = text[partner.span.end : tag.span.start]  # a phrase is set off; who writes about tags shows a word or two
    return tag.closing and inside.count(" ") >= 2 and "\n" not in inside


def _is_residue(text: str, tag: _Tag, paired: bool) -> bool:
    """Tell whether *tag*, in a text that has residue, is part of it and not a tag somebody writes about."""
    if tag.strong or paired or tag.name == "!":
        return True
    before, after = text[tag.span.start - 1 : tag.span.start], text[tag.span.end : tag.span.end + 1]
    if before and before in _QUOTES and after and after in _QUOTES:
        return False
    if tag.closing or tag.name in _VOID:  # glued to a word, or alone on a line's end or beginning
        return not (before == " " and after == " ")
    return _breaks_line(text, tag)


def _breaks_line(text: str, tag: _Tag) -> bool:
    """Tell whether *tag* breaks lines and stands where one begins or ends, or glued between words: prose does not."""
    if tag.name not in _BREAKING:
        return False
    before, after = text[tag.span.start - 1 : tag.span.start], text[tag.span.end : tag.span.end + 1]
    starts, ends = before in ("", "\n", "\r"), after in ("", "\n", "\r")
    if not tag.closing and tag.name not in _VOID:
        return starts
    between = not (before.isspace() or after.isspace() or before in _QUOTES or after in _QUOTES)
    return starts != ends or between


def _tag_evidence(tag: _Tag) -> Evidence:
    if tag.name == "!":
        return Evidence("markup/stray-comment", "markup", why="a comment of a page's source left in plain text")
    if not tag.name:
        return Evidence("markup/cut-tag", "markup", why="a half of a tag, cut at the line's end, left in plain text")
    return Evidence("markup/stray-tag", "markup", why=f"a {tag.name!r} tag of a page's source left in plain text")


def _references(text: str) -> list[tuple[Span, str]]:
    """Return the character references that stand for a character a text can hold, with that character."""
    found = []
    for at in _places(text, "&"):
        match = _REFERENCE.match(text, at)
        if match is None:
            continue
        name = match[1]
        character = unescape(f"&{name};") if name[0] == "#" else html5.get(f"{name};", "")
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if before and before in _QUOTES and after and after in _QUOTES:
            continue  # somebody writes about it
        if character and not any(category(point) in ("Cc", "Cs") or point == "\ufffd" for point in character):
            found.append((Span(*match.span()), character))
    if any(character in "<>" for _, character in found) and _ESCAPED_TAG.search(text):
        # The text shows tags, and would become tags.
        return [(span, character) for span, character in found if character not in "<>"]
    return found


def _replacement(text: str, span: Span, character: str) -> Finding:
    why = f"{span.of(text)} is how a page's source writes {character!a}"
    return Finding(span, Evidence("markup/character-reference", "markup", why=why), character)
