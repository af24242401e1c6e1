"""Compile rules/credits into one JSON section: credit parts by language, engines, fields, marks, addresses, hints."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from siglum.errors import RuleError
from siglum.provenance.folding import fold

_Value = TypeVar("_Value")

CLASSES = (
    "this", "text", "self", "done", "noun", "mt", "auto", "ai", "by", "with", "link", "from", "from_after", "into",
    "into_after", "service", "person", "review", "not", "original", "errors", "note", "human", "glue", "stop",
    "adopts", "made", "cond", "signs", "piece",
)  # fmt: skip
_SPECIAL = {"engines", "metadata", "markup", "addresses", "hints", "links", "pivots"}
_OPTIONS = {"compounds", "stems", "spaced", "suffixes", "prefixes", "names", "names_cut", "match", "miss", "raw_stop"}

# Names that are ordinary words elsewhere, or no language a page is translated from.
_NOT_NAMES = {"und", "mul", "zxx", "root"}


def compile_credits(rules: Path) -> dict[str, Any]:
    """Return the compiled credits of the folder *rules*. Raises RuleError for a field or class nobody knows."""
    languages: dict[str, Any] = {}
    special: dict[str, Any] = {}
    for path in sorted((rules / "credits").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        if path.stem in _SPECIAL:
            special[path.stem] = data
            continue
        for code, parts in data.items():
            if code in ("format", "why"):
                continue
            languages[code] = _language(code, parts, str(path))
    needles = _needles(languages)
    return {
        "needles": needles,
        "languages": languages,
        "originals": _originals(languages),
        "engines": _engines(special["engines"]["engine"]),
        "fields": [_plain(rule) for rule in special["metadata"]["field"]],
        "marks": [_plain(rule) for rule in special["markup"]["mark"]],
        "addresses": [_plain(rule) for rule in special["addresses"]["address"]],
        "hints": [_plain(rule) for rule in special.get("hints", {}).get("hint", [])],
        "links": [_plain(rule) for rule in special.get("links", {}).get("link", [])],
        "pivots": [_pivot(rule) for rule in special.get("pivots", {}).get("pivot", [])],
        "codes": _codes(),
    }


def phrases(value: str) -> list[str]:
    """Return the phrases of a "|"-separated list, folded, in order.

    >>> phrases("this |  the présent ")
    ['this', 'the present']
    """
    return [folded for part in value.split("|") if (folded := fold(part))]


def _complete(lexicon: dict[str, list[str]]) -> None:
    """Add to each label what its words say: "translated by" is also "translated" and "by"."""
    done = {p.rstrip("*") for p, c in lexicon.items() if "done" in c}
    agents = {p for p, c in lexicon.items() if "by" in c}
    nouns = {p for p, c in lexicon.items() if "noun" in c and " " not in p}
    origins = {p.split(" ")[0] for p, c in lexicon.items() if "from" in c}
    made = tuple(p.rstrip("*") for p, c in lexicon.items() if "made" in c)
    for phrase, names in lexicon.items():
        words = phrase.split(" ")
        if len(words) > 1 and {"with", "by"} & set(names) and "made" not in names and words[0].startswith(made):
            names.append("made")
        if "person" not in names or len(words) < 2:
            continue
        if words[-1] in agents and "by" not in names:
            names.append("by")
        if (words[-1] in nouns or words[0] in nouns) and "noun" not in names:
            names.append("noun")
        if words[-1] in origins and "from" not in names:
            names.append("from")
        if " ".join(words[:-1]) in done or words[0] in done:
            names.append("done")


def _literals(stems: str) -> list[str]:
    """Return *stems* as they stand in lower-case text."""
    return sorted({s.strip().lower() for s in stems.split("|") if s.strip()})


def _plain(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in rule.items() if k not in ("match", "miss")}


def _pivot(rule: Mapping[str, Any]) -> dict[str, Any]:
    return {**_plain(rule), "words": _templates(rule["words"]), "after": phrases(rule["after"])}


def _templates(value: str) -> list[str]:
    """Return the wordings of a "|"-separated list, folded on either side of the name's place."""
    out = []
    for words in value.split("|"):
        before, after = (fold(part) for part in words.split("{}"))
        spaced = [
            " " if words.strip()[n : n + 1] == " " else ""
            for n in (words.strip().find("{}") - 1, words.strip().find("{}") + 2)
        ]
        out.append(f"{before}{spaced[0] if before else ''}{{}}{spaced[1] if after else ''}{after}")
    return out


def _language(code: str, parts: Mapping[str, Any], path: str) -> dict[str, Any]:
    unknown = set(parts) - set(CLASSES) - _OPTIONS
    if unknown:
        raise RuleError(path, 0, f"unknown parts {sorted(unknown)}; known are {', '.join(CLASSES)}", code)
    lexicon: dict[str, list[str]] = {}
    for name in CLASSES:
        for phrase in phrases(parts.get(name, "")):
            lexicon.setdefault(phrase, []).append(name)
    for phrase, names in lexicon.items():
        for stem in (p[:-1] for p in lexicon if p.endswith("*") and p != phrase):
            if phrase.startswith(stem) and " " not in phrase[len(stem) :]:
                names.extend(n for n in lexicon[stem + "*"] if n not in names)
    _complete(lexicon)
    return {
        "spaced": parts.get("spaced", True),
        "suffixes": parts.get("suffixes", False),
        "prefixes": parts.get("prefixes", ""),
        "compounds": parts.get("compounds", False),
        "stems": phrases(parts["stems"]),
        "raw_stop": _literals(parts.get("raw_stop", "")),
        "needles": _literals(parts["stems"]),
        "lexicon": _longest_first(lexicon),
        "names": _longest_first(_names(code, parts)),
    }


def _longest_first(rows: dict[str, _Value]) -> dict[str, _Value]:
    """Return *rows* in the order in which their phrases are tried at one place of a text.

    At one length the written-out phrase comes before the one with an open ending: it knows more classes.
    """
    return dict(sorted(rows.items(), key=lambda row: (-len(row[0].rstrip("*")), row[0].endswith("*"), row[0])))


def _names(code: str, parts: Mapping[str, Any]) -> dict[str, str]:
    """Return names of languages as written in language *code*: {folded stem: BCP 47}, from CLDR and the rules."""
    from babel import Locale, UnknownLocaleError

    found: dict[str, str] = {}
    cut = int(parts.get("names_cut", 1))
    spaced = parts.get("spaced", True)
    try:
        locale = Locale.parse(code)
        names = dict(locale.languages)
    except (UnknownLocaleError, ValueError):
        names = {}
    for other in _codes().values():
        name = fold(names.get(other, ""))
        if len(name) < (3 if spaced else 1) or other in _NOT_NAMES:
            continue
        stem = name[:-cut] if spaced and cut and len(name) >= 4 + cut else name
        found.setdefault(stem, other)
    for other, extra in parts.get("names", {}).items():
        for phrase in phrases(extra):
            found[phrase] = other
    return found


def _codes() -> dict[str, str]:
    """Return {English name or code, folded: BCP 47} for the languages CLDR has data for."""
    from babel import Locale
    from babel.localedata import locale_identifiers

    codes = sorted({i.split("_")[0] for i in locale_identifiers()} - {"root", "en"} | {"en"})
    english = Locale.parse("en").languages
    return {fold(english[c]): c for c in codes if c in english}


def _needles(languages: Mapping[str, Any]) -> dict[str, Any]:
    """Return the literals one of which a text must hold to be read at all, by how they are written.

    A text is searched as UTF-8 with its ASCII letters made small: each other letter may be small or large.
    """
    stems = {s for language in languages.values() for s in language.pop("needles")}
    kept = sorted(s for s in stems if not any(o != s and o in s for o in stems))
    forms = {
        "".join(c.lower() if c.isascii() else c for c in form): s
        for s in kept
        for form in (s, s[:1].upper() + s[1:], s.upper())
    }
    return dict(sorted(forms.items()))


def _originals(languages: Mapping[str, Any]) -> list[str]:
    """Return the words for "original" of all languages, without their endings, none of which holds another."""
    words = {
        p.rstrip("*") for x in languages.values() for p, c in x["lexicon"].items() if "original" in c and "not" not in c
    }
    stems = {
        w
        for w in words
        if w.startswith(
            ("orig", "ориг", "原", "원", "πρωτ", "مصدر", "الأصل", "מקור", "mūl", "eredeti", "asli", "gốc", "ต้น")
        )
    }
    return sorted(s for s in stems if not any(o != s and o in s for o in stems))


def _engines(engines: list[dict[str, Any]]) -> dict[str, Any]:
    names: dict[str, dict[str, Any]] = {}
    for engine in engines:
        for sure, field in ((True, "sure"), (False, "plain")):
            for phrase in phrases(engine.get(field, "")):
                names.setdefault(
                    phrase,
                    {"id": engine["id"], "kind": engine["kind"], "sure": sure, "model": engine.get("model", False)},
                )
    return names
