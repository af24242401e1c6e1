"""Fields: what front matter, meta elements, page scripts, headers and given metadata state of a translation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import regex

from siglum.provenance.folding import fold
from siglum.provenance.lexicon import data, engine_parts
from siglum.provenance.names import is_name, strip_name

HEAD = 3000  # code points that may hold a field below a title
FRONT_LINES = 120  # a front matter longer than this is not one

_YAML = re.compile(r"(?P<key>[^\s:#\-\[][^:\n]{0,60}?)\s*:(?:\s+(?P<value>.*))?$")
_TOML = re.compile(r"(?P<key>[\w.\"'-]{1,60})\s*=\s*(?P<value>.*)$")
_REST = re.compile(r":(?P<key>[^:\n]{1,40}):(?:\s+(?P<value>.*))?$")
_ORG = re.compile(r"#\+(?P<key>[A-Za-z_]{1,40}):\s*(?P<value>.*)$")
_LINKDEF = re.compile(
    r"\[(?:#|//|comment)\]:\s*(?:#\s*)?[(\"']?\s*(?P<key>[\w-]{1,40})\s*:\s*(?P<value>.*?)\s*[)\"']*$"
)
_SCATTERED = re.compile(
    r"^(?::(?P<field>[^\W\d_][\w -]{1,30}):[ \t]*(?:\n[ \t]*\n?[ \t]+(?:- )?)?(?P<of_field>[^\s:][^\n]{1,120})"
    r"|\"(?P<header>Last-Translator|X-Translator|X-Machine-Translated|X-Translation-Engine):[ ]"
    r"(?P<of_header>[^\n\\\"]{2,100})\\n\""
    r"|\\(?P<command>translator|translators|translatedby)\{(?P<of_command>[^{}\n]{2,80})\})[ \t]*$",
    re.MULTILINE,
)
_TRUE = frozenset({"true", "yes", "1", "on", "y", "full", "ai", "mt"})
_FALSE = frozenset({"false", "no", "0", "off", "n", "none", "null", ""})
_PERCENT = re.compile(r"(\d{1,3})\s*%?$")
_TAG = re.compile(r"(?P<base>[a-z]{2,3})(?:[-_](?P<rest>[A-Za-z]{2,4}(?:[-_][A-Za-z]{2})?))?$", re.IGNORECASE)


@dataclass(frozen=True)
class Field:
    """One field as read: its name, its value, and where it stands ((0, 0) outside the text)."""

    key: str
    value: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Stated:
    """What one field states."""

    rule: str
    claims: Mapping[str, str]
    field: Field
    why: str
    reviewed: bool = False  # speaks only beside a machine translation


def normal_key(key: str) -> str:
    """Return a field name as compared: folded, "_", "-" and "." as one.

    >>> normal_key("Machine_Translated"), normal_key("ms.translationtype")
    ('machine-translated', 'ms-translationtype')
    """
    return re.sub(r"[\s_.\-]+", "-", fold(key.strip("\"' ")))


@cache
def _rules() -> dict[tuple[str, str], list[dict[str, Any]]]:
    out: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for rule in data()["fields"]:
        for place in rule["places"]:
            for key in rule["keys"]:
                out.setdefault((place, normal_key(key)), []).append(rule)
    return out


def front_matter(text: str) -> tuple[list[Field], int]:
    """Return the fields that open *text* and where they end; ([], 0) where there are none.

    YAML between "---", TOML between "+++", reStructuredText fields, Org keywords and "[#]: key: value" definitions.
    """
    fields: list[Field] = []
    pos = 1 if text.startswith("\ufeff") else 0
    pos += (
        len(text[pos : pos + 400]) - len(text[pos : pos + 400].lstrip("\r\n \t"))
        if text[pos : pos + 1] in "\r\n \t"
        else 0
    )
    fence = text[pos : pos + 3]
    if fence in ("---", "+++", ";;;") and text[pos + 3 : pos + 80].split("\n", 1)[0].strip() == "":
        return _fenced(text, pos, fence)
    if text[pos : pos + 1] in (":", "#", "["):
        fields, end = _loose(text, pos, fields)
    else:
        end = 0
    return (fields, end) if fields else (_scattered(text), 0)


def _scattered(text: str) -> list[Field]:
    """Return ":key: value" fields, gettext header lines and LaTeX commands that stand below a title or comment."""
    found: list[Field] = []
    if not _may_be_scattered(text[:HEAD]):
        return found
    for m in _SCATTERED.finditer(text, 0, HEAD):
        key = m["field"] or m["header"] or m["command"]
        value = m["of_field"] or m["of_header"] or m["of_command"] or ""
        found.append(Field(key, _value(value), m.start(), m.end()))
    return found


def _may_be_scattered(head: str) -> bool:
    """Tell whether *head* has what all such fields have; one character is looked for much faster than two."""
    if ("\\" in head and "\\transl" in head) or ('"' in head and '"Last-' in head):
        return True
    at = head.find(":", 1)
    while at >= 0 and head[at - 1] != "\n":
        at = head.find(":", at + 1)
    return at >= 0


def _fenced(text: str, pos: int, fence: str) -> tuple[list[Field], int]:
    fields: list[Field] = []
    listed: str | None = None
    parent = ""
    at = text.find("\n", pos) + 1
    for _ in range(FRONT_LINES * 4):
        if at <= 0 or at >= len(text):
            return [], 0
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at : min(end, at + 2000)].rstrip("\r")
        if line.rstrip() in (fence, "..."):
            return fields, min(end + 1, len(text))
        m = (_TOML if fence == "+++" else _YAML).match(line.strip()) if line[:1] != "#" else None
        if m:
            value = _value(m["value"] or "")
            listed = m["key"] if not value else None
            nested = parent and line[:1] in " \t"
            fields.append(Field(f"{parent}.{m['key']}" if nested else m["key"], value, at, at + len(line.rstrip())))
            if not nested:
                parent = m["key"] if not value else ""
        elif listed and line.strip().startswith("- "):
            fields.append(Field(listed, _value(line.strip()[2:]), at, at + len(line.rstrip())))
        at = end + 1
    return [], 0


def _loose(text: str, pos: int, fields: list[Field]) -> tuple[list[Field], int]:
    at, last, wanted = pos, 0, ""
    for _ in range(40):
        if at >= len(text):
            break
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[at : min(end, at + 1000)].rstrip("\r")
        bare = line.strip()
        m = _REST.match(bare) or _ORG.match(bare) or _LINKDEF.match(bare)
        if m:
            value = _value(m["value"] or "")
            wanted = m["key"] if not value else ""
            fields.append(Field(m["key"], value, at, at + len(line.rstrip())))
            last = end + 1
        elif wanted and bare and (line[:1] in " \t" or bare.startswith("- ")):
            fields.append(Field(wanted, _value(bare.lstrip("- ")), at, at + len(line.rstrip())))
            wanted, last = "", end + 1
        at = end + 1
    return fields, min(last, len(text)) if fields and fields[0].start <= pos + 4 else 0


def _value(raw: str) -> str:
    value = raw.strip()
    if value[:1] in "\"'" and value[:1] and value.endswith(value[0]) and len(value) > 1:
        return value[1:-1].strip()
    return re.sub(r"\s+#\s.*$", "", value).strip().rstrip(",")


def stated(fields: Sequence[Field], place: str) -> Iterator[Stated]:
    """Yield what *fields* of a *place* ("front", "meta", "json", "header") state about translation."""
    rules = _rules()
    for field in fields:
        # "translation.method" is a field of its own; "credits.translator" says no more than "translator".
        whole, last = normal_key(field.key), normal_key(field.key.rpartition(".")[2])
        for rule in rules.get((place, whole)) or rules.get((place, last)) or []:
            claims = _claims(rule, field)
            if claims is not None:
                yield Stated(rule["id"], claims, field, rule["why"], "post_edited" in claims and "method" not in claims)
                break


def _claims(rule: Mapping[str, Any], field: Field) -> dict[str, str] | None:
    value = field.value.strip()
    low = fold(value)
    engine = {"engine": rule["engine"]} if rule.get("engine") else {}
    if "values" in rule:
        method = rule["values"].get(low)
        if method == "reviewed":
            return {"post_edited": "yes"}
        if low in ("ai", "ai-generated", "llm", "ai-translated", "ai translated"):
            engine = {"engine": "ai"}
        return {"method": method, **(engine if method.startswith("machine") else {})} if method else None
    if "truthy" in rule:
        if low in _TRUE:
            return {"method": rule["truthy"], **engine}
        named = agent(value) if low not in _FALSE else None
        return named if named and "engine" in named else None
    if "agent" in rule:
        return agent(value)
    if "percent" in rule:
        m = _PERCENT.match(value)
        if not m or int(m[1]) > 100:
            return None
        share = int(m[1])
        method = "machine" if share == 0 else "human" if share == 100 else "machine-postedited"
        return {"method": method, **(engine if share < 100 else {})}
    if "language" in rule:
        tag = language_tag(value)
        if rule["language"] == "pivot":
            return {"pivot": tag} if tag else None
        return {"source": tag, "source_basis": "metadata"} if tag else None
    if "link" in rule:
        if value.startswith(("http://", "https://")):
            return {"method": "translated", "original": value}
        return None
    if "reviewed" in rule:
        return {"post_edited": "yes"} if low in _TRUE or (low not in _FALSE and is_name(strip_name(value))) else None
    return None


def agent(value: str) -> dict[str, str] | None:
    """Return what a name states: an engine and so a machine, or a person; None where it is neither.

    >>> agent("Google Translate")["engine"], agent("Ana Ruiz")["method"], agent("/de/start")
    ('google', 'human', None)
    """
    folded = fold(value)
    found = engine_parts(folded)
    if found:
        engine = found[0][2]
        rest = sum(c.isalnum() for c in folded) - sum(c.isalnum() for s, e, _ in found for c in folded[s:e])
        if len({e.id for _, _, e in found}) > 1 and rest > 6:
            return None
        if engine.kind == "plugin":
            return {"method": "translated", "engine": engine.id, "engine_text": value}
        if rest <= 40:
            claims = {"method": "machine", "engine": engine.id, "engine_text": value.strip()[:80]}
            if engine.kind == "llm" and engine.id != "co-op-translator":
                claims["model"] = value.strip()[:80]
            if regex.search(r"(?:,|\+|&|\band\b|校)", folded) and rest >= 4:
                claims["method"], claims["post_edited"] = "machine-postedited", "yes"
            return claims
        return None
    if folded in (
        "ai",
        "llm",
        "ia",
        "ki",
        "machine",
        "mt",
        "machine translation",
        "auto",
        "automatic",
        "bot",
        "机器翻译",
        "机翻",
        "ai 翻译",
        "人工智能",
    ):
        return {
            "method": "machine",
            **({"engine": "ai"} if folded in ("ai", "llm", "ia", "ki", "ai 翻译", "人工智能") else {}),
        }
    name = strip_name(value)
    if value.rstrip()[-1:] in "。！？!?":
        return None
    if is_name(name) and "/" not in name and not value.lstrip().startswith(("/", "./", "http")):
        return {"method": "human", "translator": name}
    return None


def language_tag(value: str) -> str | None:
    """Return the BCP 47 tag a field's value names, by tag or by English name, or None.

    >>> language_tag("en_US"), language_tag("German"), language_tag("javascript")
    ('en-US', 'de', None)
    """
    codes: dict[str, str] = data()["codes"]
    low = fold(value)
    if low in codes:
        return codes[low]
    m = _TAG.match(value.strip())
    if m and m["base"].lower() in codes.values():
        return m["base"].lower() + (f"-{m['rest'].replace('_', '-')}" if m["rest"] else "")
    return None
