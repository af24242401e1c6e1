"""What a page says about itself: title, date, author, address, site, license, languages, each with its source.

Read from JSON-LD (schema.org), from meta and link elements (Open Graph, Dublin Core, HTML), and last from the page's
visible elements. Nothing is guessed: a field that no element names is absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_NODES = 2_000  # JSON-LD objects of one page that are looked at
_SCRIPT_LENGTH = 2_000_000  # code points of one JSON-LD script that is read
_VALUE_LENGTH = 1_000  # code points of a field's value
_BLANKS = re.compile(r"\s+")
_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,4}")
_WORK_TYPES = re.compile(
    r"Article|Posting|NewsItem|Report|WebPage|Recipe|Product|Review|Book|VideoObject|CreativeWork|QAPage"
)

# field -> names of meta elements, the more exact first
_METAS: dict[str, tuple[str, ...]] = {
    "title": ("og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title", "title"),
    "date": (
        "article:published_time", "datepublished", "dc.date.issued", "dcterms.issued", "dcterms.created", "dc.date",
        "dcterms.date", "citation_publication_date", "citation_date", "pubdate", "publishdate", "parsely-pub-date",
        "sailthru.date", "og:published_time", "date",
    ),
    "modified": ("article:modified_time", "og:updated_time", "dcterms.modified", "last-modified"),
    "author": ("author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author"),
    "site": ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher"),
    "address": ("og:url", "twitter:url"),
    "license": ("dcterms.license", "dc.rights", "dcterms.rights", "copyright"),
}  # fmt: skip
# field -> keys of a JSON-LD work
_KEYS: dict[str, tuple[str, ...]] = {
    "title": ("headline", "name"),
    "date": ("datePublished", "dateCreated"),
    "modified": ("dateModified",),
    "author": ("author", "creator"),
    "site": ("publisher",),
    "license": ("license",),
}


class Named(NamedTuple):
    """A value and the element it was read from."""

    value: str
    source: str  # "json-ld:headline", "meta:og:title", "link:canonical", "title"


def linked_data(root: Any) -> list[Mapping[str, Any]]:
    """Return the JSON-LD objects of a page in the order of the source, nested ones after what holds them."""
    found: list[Mapping[str, Any]] = []
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        if len(script.text) > _SCRIPT_LENGTH:
            continue
        try:
            data = json.loads(script.text.strip().rstrip(";"), strict=False)
        except (ValueError, RecursionError):
            continue
        found += _objects(data, _NODES - len(found))
    return found


def _objects(data: Any, limit: int) -> Iterator[Mapping[str, Any]]:
    stack = [data]
    while stack and limit > 0:
        item = stack.pop()
        if isinstance(item, dict):
            limit -= 1
            yield item
            stack += [value for value in reversed(item.values()) if isinstance(value, (dict, list))]
        elif isinstance(item, list):
            stack += reversed(item)


def metas(root: Any) -> dict[str, str]:
    """Return the content of each named meta element as it stands, the first of a name; names in lower case."""
    found: dict[str, str] = {}
    for meta in root.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("http-equiv") or meta.get("itemprop")
        value = meta.get("content")
        if name and value and not value.isspace():
            found.setdefault(name.strip().lower(), value)
    return found


def facts(root: Any, linked: Sequence[Mapping[str, Any]], named: Mapping[str, str]) -> dict[str, Named]:
    """Return what the page says about itself, by field: title, date, modified, author, site, address, license.

    *named* are its `metas`.
    """
    found: dict[str, Named] = {}
    works = [o for o in linked if "@type" in o and _WORK_TYPES.search(str(o["@type"]))]
    works.sort(key=lambda o: "WebPage" in str(o["@type"]))  # the article before the page it stands on
    for work in works[:20]:
        for field, keys in _KEYS.items():
            for key in keys:
                value = _worded(work.get(key))
                if value:
                    found.setdefault(field, Named(value, f"json-ld:{key}"))
    for field, names in _METAS.items():
        for name in names:
            if name in named and field not in found:
                found[field] = Named(clean(named[name]), f"meta:{name}")
    for field, named_value in _from_elements(root):
        if field == "address" or field not in found:
            found[field] = named_value
    return dict(sorted(found.items()))


def _from_elements(root: Any) -> Iterator[tuple[str, Named]]:
    for link in root.iter("link", "a"):
        rel = (link.get("rel") or "").lower()
        if not ("canonical" in rel or "license" in rel or "author" in rel):
            continue
        rel = rel.split()
        href = clean(link.get("href") or "")
        if not href:
            continue
        if "canonical" in rel and link.tag == "link":
            yield "address", Named(href, "link:canonical")
        elif "license" in rel:
            yield "license", Named(href, f"{link.tag}:license")
        elif "author" in rel and link.tag == "a" and (text := clean("".join(link.itertext()))):
            yield "author", Named(text, "a:author")
    for element in root.iter("time"):
        if element.get("datetime"):
            yield "date", Named(clean(element.get("datetime")), "time")
            break
    for tag in ("h1", "title"):
        texts = [text for element in root.iter(tag) if (text := clean("".join(element.itertext())))]
        if texts and (tag == "title" or len(texts) == 1):
            yield "title", Named(texts[0], tag)
            break


def languages(root: Any, named: Mapping[str, str]) -> list[Named]:
    """Return the languages the page declares, as BCP 47 tags with their source, the most binding first.

    *named* are its `metas`.
    """
    body = root.find("body")
    declared = [
        (root.get("lang"), "html:lang"),
        (root.get("xml:lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang"), "html:xml:lang"),
        (body.get("lang") if body is not None else None, "body:lang"),
        (named.get("content-language"), "meta:content-language"),
        (named.get("dc.language"), "meta:dc.language"),
        (named.get("inlanguage"), "meta:inlanguage"),
        (named.get("og:locale"), "meta:og:locale"),
    ]
    found = []
    for value, source in declared:
        tag = (value or "").strip().replace("_", "-")
        if _TAG.fullmatch(tag):
            found.append(Named(tag, source))
    return found


def _worded(value: Any, depth: int = 0) -> str:
    """Return a JSON-LD value in words: a string, the name of a thing, or several joined."""
    if isinstance(value, str):
        return clean(value)
    if depth > 2:
        return ""
    if isinstance(value, list):
        return clean(", ".join(filter(None, (_worded(v, depth + 1) for v in value[:10]))))
    if isinstance(value, dict):
        return _worded(value.get("name") or value.get("@value") or value.get("@id") or "", depth + 1)
    return ""


def clean(text: str) -> str:
    """Return *text* on one line, blanks joined, cut to a field's length."""
    return _BLANKS.sub(" ", text[: 4 * _VALUE_LENGTH]).strip()[:_VALUE_LENGTH]
