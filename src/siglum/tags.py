"""Language tags: read, check, canonicalise and write BCP 47 with the T extension, which says what was translated.

Sources: RFC 5646 (tags), RFC 6497 (extension T), UTS #35 and CLDR 48 (canonical form). Aliases of languages, regions
and scripts are the data of `langcodes`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from siglum.errors import TagError

_LANGUAGE = re.compile(r"[a-z]{2,3}|[a-z]{5,8}")
_EXTLANG = re.compile(r"[a-z]{3}")
_SCRIPT = re.compile(r"[a-z]{4}")
_REGION = re.compile(r"[a-z]{2}|[0-9]{3}")
_VARIANT = re.compile(r"[a-z0-9]{5,8}|[0-9][a-z0-9]{3}")
_FIELD = re.compile(r"[a-z][0-9]")
_FIELD_VALUE = re.compile(r"[a-z0-9]{3,8}")
_EXTENSION_VALUE = re.compile(r"[a-z0-9]{2,8}")
_PRIVATE_VALUE = re.compile(r"[a-z0-9]{1,8}")
_SUBTAG = re.compile(r"[a-z0-9]{1,8}")
_MAX_LENGTH = 250  # code points; the longest tag in use has some 40

# Variants that CLDR 48 writes as scripts (supplemental metadata, variantAlias), and its one alias of a field's value.
_VARIANT_SCRIPTS = {"baku1926": "baku", "colb1945": "colb", "luna1918": "luna", "petr1708": "petr"}
_FIELD_ALIASES = {("m0", "names"): ("prprname",)}
_POST_EDITED = "pedit"


class LanguageId(NamedTuple):
    """The language a tag names, in lower case: its first part, or the source after ``-t-``."""

    language: str = ""  # with extended language subtags, "zh-cmn"; "" where a T extension names no source
    script: str = ""
    region: str = ""
    variants: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "-".join(part for part in (self.language, self.script, self.region, *self.variants) if part)


@dataclass(frozen=True, slots=True)
class Tag:
    """A well-formed language tag in its parts, all in lower case; `str` gives it in canonical case."""

    language: LanguageId
    source: LanguageId | None = None  # None without a T extension; empty where the extension has fields only
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()  # of the T extension: ("t0", ("und",)), sorted by key
    extensions: tuple[tuple[str, tuple[str, ...]], ...] = ()  # the others, by singleton, sorted
    private: tuple[str, ...] = ()  # after "x"

    @property
    def machine_translated(self) -> bool:
        """Tell whether the tag says that a machine translated the text."""
        return any(key == "t0" for key, _ in self.fields)

    def __str__(self) -> str:
        parts = [_in_case(self.language)] if self.language.language else []
        extensions = list(self.extensions)
        if self.source is not None:
            transformed = [str(self.source)] if self.source.language else []
            extensions.append(("t", (*transformed, *(part for key, value in self.fields for part in (key, *value)))))
        for singleton, values in sorted(extensions):
            parts += singleton, *values
        if self.private:
            parts += "x", *self.private
        return "-".join(parts)


def parse(tag: str) -> Tag:
    """Return the parts of *tag*; aliases are left as they are.

    Raises `TagError` where *tag* is not well-formed: by RFC 5646, and after ``-t-`` by RFC 6497, which takes neither
    extended language subtags nor fields without a value.

    >>> parse("en-t-ru-t0-und-x0-yandex").fields
    (('t0', ('und',)), ('x0', ('yandex',)))
    """
    if not tag.isascii() or len(tag) > _MAX_LENGTH:
        raise TagError(f"{tag[:60]!r} is not a language tag: expected ASCII of at most {_MAX_LENGTH} characters")
    lowered = tag.lower()
    subtags = _grandfathered().get(lowered, lowered).lower().split("-")
    for subtag in subtags:
        if not _SUBTAG.fullmatch(subtag):
            raise TagError(f"{tag!r}: expected subtags of one to eight letters or digits, found {subtag!r}")
    return _Reader(tag, subtags).tag()


@lru_cache(maxsize=4096)
def canonical(tag: str) -> str:
    """Return *tag* in canonical form: aliases replaced, variants and fields sorted, each subtag in its usual case.

    After ``-t-`` everything is lower case. Raises `TagError` where *tag* is not well-formed.

    >>> canonical("EN-t-RUS-x0-yandex-t0-und")
    'en-t-ru-t0-und-x0-yandex'
    """
    read = parse(tag)
    source = _folded(read.source) if read.source and read.source.language else read.source
    fields = tuple((key, _FIELD_ALIASES.get((key, value[0]), value)) for key, value in read.fields)
    return str(Tag(_folded(read.language), source, fields, read.extensions, read.private))


def write(
    target: str, source: str | None = None, *, machine: bool = False, engine: str = "", post_edited: bool = False
) -> str:
    """Return the canonical tag of a text in *target*, translated from *source*.

    A *source* of None or "und" is left out. *machine* says ``t0-und``, the one registered value; *engine* and
    *post_edited* go into the private field ``x0``. Without *machine* and without a source there is nothing to say of a
    translation, and the tag is that of *target*. Extensions of *target* and *source* are dropped.

    >>> write("en", "ru", machine=True, engine="Yandex Translate")
    'en-t-ru-t0-und-x0-yandex'
    >>> write("en", machine=True), write("en", "ru"), write("en", "ru", machine=True, post_edited=True)
    ('en-t-t0-und', 'en-t-ru', 'en-t-ru-t0-und-x0-pedit')
    """
    origin = base(source) if source else "und"
    known = origin if origin != "und" else ""
    parts = [base(target)]
    if known or machine:
        parts += ["t", known] if known else ["t"]
    if machine:
        parts += "t0", "und"
    private = [*_engine_parts(engine if machine else ""), *([_POST_EDITED] if machine and post_edited else [])]
    if private:
        parts += "x0", *private
    return canonical("-".join(parts))


def base(tag: str) -> str:
    """Return the canonical tag of the language alone: what stands before the first singleton.

    >>> base("EN-us-t-ru-t0-und")
    'en-US'
    """
    return str(Tag(_folded(parse(tag).language))) or "und"


def iso639_3(tag: str) -> str:
    """Return the three-letter code of the language of *tag*, as WARC headers write it; "und" where there is none.

    >>> iso639_3("en-t-ru-t0-und"), iso639_3("zh-Hant"), iso639_3("sr-Latn")
    ('eng', 'zho', 'srp')
    """
    from langcodes.data_dicts import LANGUAGE_ALPHA3

    language = base(tag).partition("-")[0]
    return language if len(language) == 3 else LANGUAGE_ALPHA3.get(language, "und")


class _Reader:
    """Reads one tag's subtags from left to right."""

    def __init__(self, tag: str, subtags: list[str]) -> None:
        self._tag, self._subtags, self._place = tag, subtags, 0

    def tag(self) -> Tag:
        language = LanguageId() if self._peek() == "x" else self._language_id(extended=True)
        extensions: dict[str, tuple[str, ...]] = {}
        source: LanguageId | None = None
        fields: list[tuple[str, tuple[str, ...]]] = []
        while (singleton := self._peek()) and singleton != "x":
            if len(singleton) > 1:
                raise self._fault("a variant, an extension or the end", singleton)
            self._place += 1
            if singleton in extensions or (singleton == "t" and source is not None):
                raise self._fault("each extension once", f"a second {singleton!r}")
            if singleton == "t":
                source, fields = self._transformed()
            else:
                extensions[singleton] = self._values(_EXTENSION_VALUE, f"the extension {singleton!r}")
        private: tuple[str, ...] = ()
        if self._peek() == "x":
            self._place += 1
            private = self._values(_PRIVATE_VALUE, "private use")
        return Tag(language, source, tuple(fields), tuple(sorted(extensions.items())), private)

    def _transformed(self) -> tuple[LanguageId, list[tuple[str, tuple[str, ...]]]]:
        begins_with_field = _FIELD.fullmatch(self._peek())
        source = LanguageId()
        if not begins_with_field and len(self._peek()) > 1:
            source = self._language_id(extended=False)
        fields: dict[str, tuple[str, ...]] = {}
        while _FIELD.fullmatch(key := self._peek()):
            self._place += 1
            value = self._values(_FIELD_VALUE, f"the field {key!r}", stop=_FIELD)
            # A key that comes twice is not registered as anything: V8 and ICU keep what follows with the first.
            fields[key] = (*fields[key], key, *value) if key in fields else value
        if not source.language and not fields:
            raise self._fault("a language or a field after 't'", self._peek() or "the end")
        return source, sorted(fields.items())

    def _language_id(self, *, extended: bool) -> LanguageId:
        language = self._take(_LANGUAGE)
        if not language:
            raise self._fault("a language of two, three or five to eight letters", self._peek() or "the end")
        for _ in range(3 if extended and len(language) < 4 else 0):
            more = self._take(_EXTLANG)
            language += f"-{more}" if more else ""
        script, region = self._take(_SCRIPT), self._take(_REGION)
        variants: list[str] = []
        while variant := self._take(_VARIANT):
            if variant in variants:
                raise self._fault("each variant once", f"a second {variant!r}")
            variants.append(variant)
        return LanguageId(language, script, region, tuple(variants))

    def _values(self, form: re.Pattern[str], of: str, stop: re.Pattern[str] | None = None) -> tuple[str, ...]:
        values: list[str] = []
        while len(self._peek()) > 1 or (of == "private use" and self._peek()):
            if stop and stop.fullmatch(self._peek()):
                break
            value = self._take(form)
            if not value:
                raise self._fault(f"values of {of} as {form.pattern}", self._peek())
            values.append(value)
        if not values:
            raise self._fault(f"a value of {of}", self._peek() or "the end")
        return tuple(values)

    def _peek(self) -> str:
        return self._subtags[self._place] if self._place < len(self._subtags) else ""

    def _take(self, form: re.Pattern[str]) -> str:
        subtag = self._peek()
        if not form.fullmatch(subtag):
            return ""
        self._place += 1
        return subtag

    def _fault(self, expected: str, found: str) -> TagError:
        return TagError(f"{self._tag!r}: expected {expected}, found {found}")


def _folded(language: LanguageId) -> LanguageId:
    """Return *language* with its aliases replaced and its variants sorted."""
    from langcodes.data_dicts import LANGUAGE_REPLACEMENTS, SCRIPT_REPLACEMENTS, TERRITORY_REPLACEMENTS

    code, script, region, variants = language
    kept = sorted(variants)
    for variant in list(kept):
        if replaced := LANGUAGE_REPLACEMENTS.get(f"{code}-{variant}"):
            code = replaced.lower()
            kept.remove(variant)
    if "heploc" in kept:  # CLDR: und-hepburn-heploc and und-heploc are both alalc97
        kept = sorted({"alalc97", *kept} - {"heploc", "hepburn"})
    for variant in list(kept):
        if variant in {"arevela", "arevmda"}:
            kept.remove(variant)
        elif as_script := _VARIANT_SCRIPTS.get(variant):
            script = script or as_script
            kept.remove(variant)
        elif variant == "polytoni":
            kept[kept.index(variant)] = "polyton"
    if region and (whole := LANGUAGE_REPLACEMENTS.get(f"{code}-{region}")):
        code, region = whole.lower(), ""
    extended = code.split("-")
    if len(extended) > 1:  # an extended language is a language of its own (RFC 5646, 4.5)
        code = extended[-1]
    first, *rest = LANGUAGE_REPLACEMENTS.get(code, code).lower().split("-")
    if rest:  # "sh" is sr-Latn
        script = script or next((part for part in rest if _SCRIPT.fullmatch(part)), "")
    script = SCRIPT_REPLACEMENTS.get(script, script).lower()
    region = TERRITORY_REPLACEMENTS.get(region, region).lower()
    return LanguageId(_macro(first), script, region, tuple(sorted(kept)))


def _macro(language: str) -> str:
    """Return the language CLDR writes for *language*: a macrolanguage for its main member, "zh" for "cmn"."""
    from langcodes.data_dicts import NORMALIZED_MACROLANGUAGES

    return NORMALIZED_MACROLANGUAGES.get(language, language)


@lru_cache(maxsize=1)
def _grandfathered() -> dict[str, str]:
    """Return the tags registered whole before there were rules, and what replaces each."""
    from langcodes.data_dicts import LANGUAGE_REPLACEMENTS

    return {old: new for old, new in LANGUAGE_REPLACEMENTS.items() if old.startswith("i-") or old in _IRREGULAR}


_IRREGULAR = frozenset(["art-lojban", "cel-gaulish", "en-gb-oed", "no-bok", "no-nyn", "zh-guoyu", "zh-hakka", "zh-min"])


def _engine_parts(engine: str) -> list[str]:
    """Return *engine* as parts of three to eight letters or digits, at most three; the same name gives the same parts.

    Words that say only that it translates are left out, short words join their neighbour, long ones are cut.
    """
    words = [word for word in re.findall(r"[a-z0-9]+", engine.lower()) if word not in _ENGINE_FILLERS]
    parts: list[str] = []
    for word in words:
        if parts and (len(word) < 3 or len(parts[-1]) < 3) and len(parts[-1]) + len(word) <= 8:
            parts[-1] += word
        else:
            parts.append(word)
    return [part[:8] for part in parts if len(part) >= 3][:3]


_ENGINE_FILLERS = frozenset(["translate", "translator", "translation", "traduction", "machine", "mt", "engine", "api"])


def _in_case(language: LanguageId) -> str:
    code, script, region, variants = language
    return str(LanguageId(code, script.title(), region.upper(), variants))
