"""Links: where a page names other versions of itself, among them perhaps its original. Hints, never a method."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin

import regex

from siglum.provenance.fields import language_tag
from siglum.provenance.lexicon import TIMEOUT_S, data
from siglum.provenance.markup import attributes_of

HEAD = 400_000  # code points of a page that are read for links
MOST = 300  # links of a page that are looked at

_BODY = re.compile("<body", re.IGNORECASE)
_LINK = regex.compile(r"<link\b(?P<attributes>[^<>]{1,1500})>", regex.IGNORECASE)
_APART = regex.compile(
    r"<!--.{0,100000}?-->|<(script|style|template|noscript)\b[^<>]{0,600}>.{0,200000}?</\1\s{0,3}>",
    regex.IGNORECASE | regex.DOTALL,
)


class Hint(NamedTuple):
    """A link that may lead to the original: the rule that saw it, as it is written, and what it points to."""

    rule: str
    quote: str
    why: str
    claims: dict[str, str]


class _Link(NamedTuple):
    relations: frozenset[str]
    address: str
    language: str  # of hreflang, "" without one
    quote: str


def read(html: str, *, url: str, language: str, stated: bool, sources: Collection[str]) -> Iterator[Hint]:
    """Yield the links of a page in *language* ("und" if unknown) by which its original may be found.

    *stated* says that something else on the page speaks of translation; *sources* are the languages it names as its
    source. Without a statement only a relation that says original counts. An address is yielded once, for the first
    rule of rules/credits/links.toml that sees it.
    """
    body = _BODY.search(html, 0, HEAD)
    head = html[: body.start() if body else HEAD].lower()
    # Most pages state nothing, and are not read any further.
    if "<link" not in head or not (stated or any(relation in head for relation in _relations())):
        return
    links = list(_links(html[: len(head)], url))
    languages = {link.address: link.language for link in links if link.language not in ("", "x-default")}
    own = {_bare(url), *(address for address, tag in languages.items() if _base(tag) == _base(language))}
    seen: set[str] = set()
    for rule in data()["links"]:
        if rule["kind"] != "relation" and not stated:
            continue
        for link in links:
            spoken = languages.get(link.address, link.language)
            if link.address in own | seen or not _sees(rule, link, spoken, language, sources):
                continue
            seen.add(link.address)
            claims = {"original": link.address, "relation": rule["relation"], "asserted_by": "markup"}
            if spoken and spoken != "x-default":
                claims["points_to"] = spoken
            yield Hint(rule["id"], link.quote, rule["why"], claims)


def _sees(rule: dict[str, Any], link: _Link, spoken: str, language: str, sources: Collection[str]) -> bool:
    kind = rule["kind"]
    if kind == "relation":
        return not link.relations.isdisjoint(rule["relations"])
    other = spoken not in ("", "x-default") and _base(language) != "und" and _base(spoken) != _base(language)
    if kind == "source":
        return "alternate" in link.relations and other and _base(spoken) in map(_base, sources)
    if kind == "default":
        return "alternate" in link.relations and link.language == "x-default" and other
    return "canonical" in link.relations and other


@cache
def _relations() -> tuple[str, ...]:
    return tuple(word for rule in data()["links"] for word in rule.get("relations", ()))


def _links(head: str, url: str) -> Iterator[_Link]:
    for n, m in enumerate(_LINK.finditer(_APART.sub(" ", head, timeout=4 * TIMEOUT_S), timeout=TIMEOUT_S)):
        if n == MOST:
            return
        told = attributes_of(m["attributes"])
        address = _bare(_joined(url, told.get("href", "").strip()))
        if not address.startswith(("http://", "https://")):
            continue
        code = told.get("hreflang", "").strip()
        language = "x-default" if code.lower() == "x-default" else language_tag(code) or ""
        yield _Link(frozenset(told.get("rel", "").lower().split()), address, language, m[0][:300])


def _joined(url: str, address: str) -> str:
    try:
        return urljoin(url, address) if url else address
    except ValueError:  # an address no URL can be made of
        return ""


def _bare(url: str) -> str:
    try:
        return urldefrag(url).url
    except ValueError:
        return ""


def _base(tag: str) -> str:
    return tag.partition("-")[0].lower()
