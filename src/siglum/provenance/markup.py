"""Markup: what translation tools leave in a page, judged together with the language of the text it marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import regex

from siglum.packs.literals import Literals
from siglum.provenance.fields import Field, language_tag
from siglum.provenance.lexicon import TIMEOUT_S, data

LanguageOf = Callable[[str], tuple[str, float]]

LONGEST = 8_000_000  # code points of a page that are read for marks
MANY = 400  # marked runs that are enough to judge by
SURE = 0.6  # confidence of a language from which it is believed

_META = re.compile(r"<meta\b(?P<attributes>[^<>]{1,1500})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(?P<name>[a-zA-Z:_.-]{2,40})\s{0,3}=\s{0,3}(?:\"(?P<d>[^\"]{0,600})\"|'(?P<s>[^']{0,600})')")
_JSON = regex.compile(
    r"\"(?P<key>[A-Za-z_-]{2,40})\"\s{0,4}:\s{0,4}(?:\"(?P<text>[^\"\\]{0,80})\"|(?P<bare>true|false|\d{1,3}))"
)
_SCRIPT = re.compile(r"<script\b[^<>]{0,600}>", re.IGNORECASE)
_SCRIPT_END = re.compile(r"</script\s{0,3}>", re.IGNORECASE)
_SCRIPT_LENGTH = 400_000  # code points of a script that is read
_NAME = re.compile(r"ranslat|ocali[sz]|source.?lang", re.IGNORECASE)  # in the name of a field that is read
_IN_NAMES = ("ranslat", "ocali", "source")
_SPOKEN = ("ranslat", "ocalis", "ocaliz")  # a script that holds none of these says nothing of translation
_HTML_LANG = regex.compile(r"<html\b[^<>]{0,1500}?\blang=[\"']?(?P<lang>[a-zA-Z-]{2,20})", regex.IGNORECASE)
_TEMPLATE = re.compile(r"\$\{[^{}]{0,200}\}|\{\{[^{}]{0,200}\}\}|<%.{0,200}?%>|\{%.{0,200}?%\}")


@dataclass(frozen=True)
class Mark:
    """What one rule saw in a page's markup."""

    rule: str
    kind: str  # "proof", "residue", "widget", "stale"
    quote: str
    why: str
    claims: dict[str, str] = field(default_factory=dict)
    confidence: float = 0.97
    originals: tuple[str, ...] = ()  # source texts the residue still holds


@cache
def _rules() -> list[tuple[regex.Pattern[str] | None, dict[str, Any]]]:
    return [
        (regex.compile(r["regex"], regex.IGNORECASE | regex.DOTALL) if "regex" in r else None, r)
        for r in data()["marks"]
    ]


def marks(html: str, language_of: LanguageOf | None = None) -> Iterator[Mark]:
    """Yield what the markup of *html* says of translation; *language_of* tells the language of a text."""
    html = html[:LONGEST]
    held = set(_needles().found(html))
    if not held:
        return
    bare = ""
    tree: Any = None
    for pattern, rule in _rules():
        if held.isdisjoint(rule["needles"]):
            continue
        if pattern is not None:
            if rule["kind"] != "widget":
                bare = bare or _without_code(html)
            m = pattern.search(html if rule["kind"] == "widget" else bare, timeout=TIMEOUT_S)
            if m:
                yield _matched(rule, m)
            continue
        tree = _parse(html) if tree is None else tree
        if tree is not False:
            yield from _residue(tree, html, rule, language_of)


@cache
def _needles() -> Literals:
    return Literals([needle for _, rule in _rules() for needle in rule["needles"]])


def _without_code(html: str) -> str:
    """Return *html* with scripts, styles and code samples blanked: what they quote is not on the page."""
    return regex.sub(
        r"<(script|style|code|pre|textarea|template|noscript)\b[^<>]{0,600}>.{0,200000}?</\1\s{0,3}>",
        lambda m: " " * len(m[0]),
        html,
        flags=regex.IGNORECASE | regex.DOTALL,
        timeout=4 * TIMEOUT_S,
    )


def _matched(rule: dict[str, Any], m: regex.Match[str]) -> Mark:
    claims: dict[str, str] = {}
    groups = {k: v for k, v in m.groupdict().items() if v}
    if rule["kind"] == "proof":
        claims["method"] = "machine"
        if rule.get("engine"):
            claims["engine"] = rule["engine"]
        if "source" in groups:
            claims["source"], claims["source_basis"] = {"iw": "he"}.get(groups["source"], groups["source"]), "markup"
        if "target" in groups:
            claims["target"] = {"iw": "he"}.get(groups["target"], groups["target"])
        if "original" in groups:
            claims["original"] = groups["original"]
    elif rule.get("engine"):
        claims["engine"] = rule["engine"]
    return Mark(rule["id"], rule["kind"], m[0][:300], rule["why"], claims, 0.99 if rule["kind"] == "proof" else 0.9)


def _parse(html: str) -> Any:
    """Return the parsed page, or False where there is none to parse."""
    from lxml import etree
    from lxml import html as lxml_html

    try:
        parser = lxml_html.HTMLParser(encoding="utf-8", recover=True, huge_tree=False)
        clean = regex.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", " ", html).encode("utf-8", "replace")
        return lxml_html.document_fromstring(clean, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError, AssertionError):
        return False


def _residue(tree: Any, html: str, rule: dict[str, Any], language_of: LanguageOf | None) -> Iterator[Mark]:
    kept = list(_elements(tree, rule))[:MANY]
    if not kept:
        return
    if rule["kind"] == "pairs":
        yield from _pairs(kept, rule)
        return
    texts = [t for e in kept if (t := _text(e)) and letters(t)]
    joined = " ".join(texts)
    quote = _source_of(kept, html)
    if rule["kind"] == "target":
        if letters(joined) >= 2:
            claims = {"method": "machine", "engine": rule["engine"]}
            target = next((language_tag(e.get(rule["language"], "")) for e in kept if e.get(rule["language"])), None)
            if target:
                claims["target"] = target
            yield Mark(rule["id"], "proof", quote, rule["why"], claims, 0.95)
        return
    verdict = _differs(tree, kept, joined, html, language_of)
    if verdict is None:
        yield Mark(rule["id"], "stale", quote, rule["why"], {"engine": rule["engine"]}, 0.5)
        return
    claims = {"method": "machine", "engine": rule["engine"]}
    if verdict[0]:
        claims["target"] = verdict[0]
    yield Mark(rule["id"], "residue", quote, rule["why"], claims, verdict[1])


def _elements(tree: Any, rule: dict[str, Any]) -> Iterator[Any]:
    names = [n.strip() for n in rule["element"].split("|")]
    for name in names:
        for e in tree.iter(*([] if name == "*" else [name])):
            if not isinstance(e.tag, str):
                continue
            attribute = rule.get("attribute")
            if attribute is not None:
                value = e.get(attribute)
                if value is None or rule["contains"].replace(" ", "") not in value.replace(" ", ""):
                    continue
            if rule.get("nested") and not any(c.tag == e.tag for c in e):
                continue
            yield e


def _text(element: Any) -> str:
    return _TEMPLATE.sub(" ", " ".join("".join(element.itertext()).split()))


def letters(text: str) -> int:
    """Return how many letters *text* has."""
    return sum(c.isalpha() for c in text)


def _source_of(kept: list[Any], html: str) -> str:
    """Return the markup of the first marked element with letters, as it stands in *html* where it can be found."""
    best = next((e for e in kept if letters(_text(e))), kept[0])
    inner = "".join(best.itertext()).strip()
    at = html.find(inner) if inner else -1
    if at >= 0:
        start = html.rfind("<" + best.tag, 0, at)
        end = html.find(">", at + len(inner))
        if start >= 0 and end > 0 and end - start < 600:
            return html[start : end + 1]
    return inner[:300]


def _pairs(kept: list[Any], rule: dict[str, Any]) -> Iterator[Mark]:
    """Yield the verdict on wrappers that keep source text and translation side by side."""
    source = target = ""
    originals = []
    for e in kept:
        before, now = e.get(rule["source_text"], ""), " ".join("".join(e.itertext()).split())
        if letters(before) >= 2 and letters(now) >= 2 and " ".join(before.split()) != now:
            originals.append(before)
            source = source or e.get(rule["source_language"], "")
            target = target or e.get(rule["target_language"], "")
    first = kept[0]
    head = "".join(f' {k}="{v}"' for k, v in first.attrib.items())
    quote = f"<{first.tag}{head}>"[:400]
    if not originals:
        yield Mark(rule["id"], "stale", quote, rule["why"], {"engine": rule["engine"]}, 0.5)
        return
    claims = {"method": "machine", "engine": rule["engine"]}
    if source:
        claims["source"], claims["source_basis"] = source, "markup"
    if target:
        claims["target"] = target
    yield Mark(rule["id"], "residue", quote, rule["why"], claims, 0.98, tuple(originals))


def _differs(
    tree: Any, kept: list[Any], marked: str, html: str, language_of: LanguageOf | None
) -> tuple[str, float] | None:
    """Return (language, confidence) of marked text that differs from the rest of its page or its declared language."""
    if letters(marked) < 2:
        return None
    script, share = _script(marked)
    declared = _HTML_LANG.search(html[:4000], timeout=TIMEOUT_S)
    base = declared["lang"].split("-")[0].lower() if declared else ""
    inside = {id(d) for e in kept for d in e.iter()}
    rest = _rest(tree, inside)
    rest_script, rest_share = _script(rest) if letters(rest) >= 12 else ("", 0.0)
    other = _foreign(marked)
    if script == "Latn" and other[1] >= 0.25:
        script, share = other
    if script != "Latn" and share >= 0.25:
        if base and _writes(base, script):
            return ("", 0.9) if rest_script == "Latn" and letters(rest) > 40 else None
        if rest_script == script and rest_share > 0.6 and letters(rest) > 40:
            return None
        return "", 0.93 if base or rest_script == "Latn" else 0.85
    if language_of is None:
        return None
    language, sure = language_of(marked)
    language = language.split("-")[0]
    if sure < SURE or language == "und":
        return None
    if base and base != language and letters(marked) >= 24:
        return language, 0.9
    if letters(rest) >= 40:
        around, around_sure = language_of(rest)
        around = around.split("-")[0]
        if around_sure >= SURE and around not in ("und", language):
            return language, 0.9
    return None


_SCRIPTS = (
    ("Cyrl", 0x0400, 0x052F), ("Grek", 0x0370, 0x03FF), ("Hebr", 0x0590, 0x05FF), ("Arab", 0x0600, 0x06FF),
    ("Deva", 0x0900, 0x097F),
    ("Beng", 0x0980, 0x09FF), ("Thai", 0x0E00, 0x0E7F), ("Geor", 0x10A0, 0x10FF), ("Hang", 0xAC00, 0xD7A3),
    ("Hani", 0x3040, 0x30FF),
    ("Hani", 0x3400, 0x9FFF), ("Armn", 0x0530, 0x058F), ("Indc", 0x0A00, 0x0DFF),
)  # fmt: skip
_WRITES = {
    "Cyrl": "ru uk be bg mk sr kk ky mn tg tt", "Grek": "el", "Hebr": "he iw yi", "Arab": "ar fa ur ps ku ug sd",
    "Deva": "hi mr ne sa",
    "Beng": "bn as", "Thai": "th", "Geor": "ka", "Hang": "ko", "Hani": "zh ja yue",
    "Armn": "hy", "Indc": "pa gu or ta te kn ml si",
}  # fmt: skip


def _script(text: str) -> tuple[str, float]:
    """Return the commonest script of *text* and its share of the letters."""
    counts: dict[str, int] = {}
    for c in text[:20000]:
        if c.isalpha():
            o = ord(c)
            name = "Latn" if o < 0x0250 else next((n for n, lo, hi in _SCRIPTS if lo <= o <= hi), "Zyyy")
            counts[name] = counts.get(name, 0) + 1
    if not counts:
        return "", 0.0
    best = max(sorted(counts), key=lambda n: counts[n])
    return best, counts[best] / sum(counts.values())


def _foreign(text: str) -> tuple[str, float]:
    """Return the commonest script but Latin and its share of all letters: names and code stay Latin in any language."""
    found = [c for c in text[:20000] if c.isalpha()]
    wide = "".join(c for c in found if ord(c) >= 0x0250)
    return (_script(wide)[0], len(wide) / len(found)) if len(wide) >= 6 else ("", 0.0)


def _writes(language: str, script: str) -> bool:
    return language in _WRITES.get(script, "").split()


def _rest(tree: Any, inside: set[int]) -> str:
    """Return the visible text and descriptions of a page outside the marked elements."""
    out: list[str] = []
    size = 0
    for e in tree.iter():
        if not isinstance(e.tag, str) or e.tag in (
            "script",
            "style",
            "code",
            "pre",
            "kbd",
            "samp",
            "template",
            "noscript",
        ):
            continue
        if e.tag == "meta" and e.get("name", e.get("property", "")).lower() in (
            "description",
            "og:description",
            "og:title",
        ):
            out.append(e.get("content", ""))
        if id(e) not in inside:
            out.append(e.text or "")
            out.append(e.get("alt", "") or "")
        if e.getparent() is not None and id(e.getparent()) not in inside:
            out.append(e.tail or "")
        size += len(out[-1])
        if size > 60000:
            break
    return " ".join(" ".join(out).split())


def attributes_of(tag: str) -> dict[str, str]:
    """Return the quoted attributes of an element, as its *tag* is written, names in lower case.

    >>> attributes_of('REL="canonical" href="/a"')
    {'rel': 'canonical', 'href': '/a'}
    """
    return {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag)}


def meta_fields(html: str) -> list[Field]:
    """Return the fields of a page's meta elements: name, property or http-equiv with its content."""
    found = []
    for m in _META.finditer(html, 0, LONGEST):
        attributes = attributes_of(m["attributes"])
        key = (
            attributes.get("name")
            or attributes.get("property")
            or attributes.get("http-equiv")
            or attributes.get("itemprop")
        )
        if key and attributes.get("content"):
            found.append(Field(key, attributes["content"]))
    return found


def json_fields(html: str) -> list[Field]:
    """Return the simple fields of JSON in a page's scripts that may state how the page was translated."""
    html = html[:LONGEST]
    if not any(word in html for word in _SPOKEN):
        return []
    found: list[Field] = []
    for start, end in _scripts(html):
        if any(html.find(word, start, end) >= 0 for word in _SPOKEN):
            found += _spoken_fields(html[start:end])
    return found


def _spoken_fields(script: str) -> Iterator[Field]:
    """Yield the fields of a script whose names speak of translation."""
    low = script.lower()
    if len(low) != len(script):  # a few letters grow: "İ"
        low = "".join([c if c.isascii() else " " for c in script]).lower()
    done = 0
    for at in sorted(at for word in _IN_NAMES for at in _places(low, word)):
        quote = script.rfind('"', max(done, at - 40), at)
        m = _JSON.match(script, quote, timeout=TIMEOUT_S) if quote >= 0 else None
        if m and at < m.end("key") and _NAME.search(m["key"]):
            yield Field(m["key"], m["text"] if m["text"] is not None else m["bare"])
            done = m.end()


def _places(text: str, word: str) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at
        at = text.find(word, at + 1)


def _scripts(html: str) -> Iterator[tuple[int, int]]:
    """Yield where the text of each script of *html* stands, those too long to read left out."""
    opened = _SCRIPT.search(html)
    while opened and (ended := _SCRIPT_END.search(html, opened.end())):
        if ended.start() - opened.end() <= _SCRIPT_LENGTH:
            yield opened.end(), ended.start()
        opened = _SCRIPT.search(html, ended.end())
