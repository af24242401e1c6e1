"""What CLDR knows of a page: month and weekday names, names of languages, relative times and dates, ready as labels.

The figures come from CLDR by way of babel, which is needed only where rules are compiled. Nothing is stored: a newer
babel gives newer names. `{n}` stands for any number, as in the rule files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from siglum.packs.keys import key, template_key

# Where a key stands in two kinds the earlier one keeps it, so that no label has two rules.
KINDS = ("months", "weekdays", "relative-times", "language-names", "dates")

# The languages websites are written in and CLDR covers; each costs some ten milliseconds when rules are compiled.
_LOCALES = """
    af am ar as az be bg bn br bs ca ceb cs cy da de dsb el en en_GB eo es et eu fa fi fil fo fr fy ga gd gl gu ha
    he hi hr hsb hu hy ia id ig is it ja jv ka kk km kn ko kok ku ky lb lo lt lv mk ml mn mr ms mt my nb ne nl nn oc
    or pa pcm pl ps pt pt_PT qu ro ru rw sc sd si sk sl so sq sr sr_Latn sv sw ta te tg th ti tk to tr tt ug uk ur
    uz vi wo xh yi yo yue zh zh_Hant zu
"""

# The languages that switchers offer: the Wikipedias with the most articles, and the official languages of states.
_OFFERED = """
    af ak am ar as ast ay az ba be bg bho bm bn bo br bs ca ce ceb ckb co cs cv cy da de dv dz ee el en en_GB en_US
    eo es es_419 et eu fa fi fil fo fr fr_CA fy ga gd gl gn gsw gu ha haw he hi hmn hr hsb ht hu hy id ig ilo is it
    ja jv ka kk km kn ko ku ky la lb lg lij ln lo lt lus lv mai mg mi mk ml mn mni mr ms mt my nap nb nds ne nl nn
    no nso ny oc om or os pa pap pl ps pt pt_BR pt_PT qu ro ru rw sa sah sc scn sd sh si sk sl sm sn so sq sr st su
    sv sw szl ta te tg th ti tk tl tr ts tt ug uk ur uz vec vi wa war wo xh yi yo yue za zh zh_Hans zh_Hant zu
"""

# CLDR's short names whose BCP 47 tag is another, or says more.
_TAGS = {"no": "nb", "sh": "sr-Latn", "tl": "fil", "zh": "zh-Hans"}

# Names shorter than this are everyday words or abbreviations ("Mo", "Art", "DO"); Chinese and Japanese are exempt.
_LETTERS = {"wide": 3, "abbreviated": 4}
_UNITS = ("year", "quarter", "month", "week", "day", "hour", "minute", "second")
_TABLES = (
    "months",
    "days",
    "day_periods",
    "date_fields",
    "date_formats",
    "time_formats",
    "datetime_skeletons",
    "languages",
)
_FORMATS = ("full", "long", "medium", "short")
_SKELETONS = ("yMMMM", "yMMM", "MMMMd", "MMMd", "yMMMd", "yMMMEd", "MMMEd", "MMMMEd")
_FIELD = re.compile(r"'([^']*)'|([A-Za-z])\2*|[^A-Za-z']+")
_JOINED_NUMBERS = re.compile(r"\{n\}(?:[.,:'’]\{n\})+")
_YEAR_MARK = re.compile(r"\s?'[^']*'\.?$")  # Russian "2024 г.": many pages write the bare year
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff]")


def expand(kind: str) -> dict[str, list[str]]:
    """Return the labels of *kind* (one of KINDS) by BCP 47 tag, tags and labels sorted; `{n}` stands for any number.

    A key stands once in a language, and in the first of KINDS that has it.
    Raises KeyError for another kind, ImportError where babel is missing.

    >>> expand("months")["de"][:3]
    ['April', 'August', 'Dezember']
    >>> expand("relative-times")["en"][0]
    'in {n} day'
    """
    return {tag: list(labels) for tag, labels in _all()[kind].items()}


@cache
def _all() -> dict[str, dict[str, list[str]]]:
    locales = {name: _data(name) for name in _LOCALES.split()}
    makers = {
        "months": _months,
        "weekdays": _weekdays,
        "relative-times": _relative_times,
        "language-names": _language_names,
        "dates": _dates,
    }
    taken: set[str] = set()
    out: dict[str, dict[str, list[str]]] = {}
    for kind in KINDS:
        labels: dict[str, set[str]] = {}
        for name, locale in locales.items():
            labels.setdefault(_tag(name), set()).update(makers[kind](locale))
        if kind == "language-names":
            for name in _OFFERED.split():  # also those that are not themselves among the locales
                labels.setdefault(_tag(name), set()).update(_own_name(name))
        table = {tag: _by_key(labels[tag], taken) for tag in sorted(labels)}
        taken.update(*table.values())
        out[kind] = {tag: sorted(by_key.values()) for tag, by_key in table.items() if by_key}
    return out


def _by_key(labels: Iterable[str], taken: set[str]) -> dict[str, str]:
    """Return one label for each key that is not *taken*; one without a letter would take every number."""
    out: dict[str, str] = {}
    for label in sorted({_JOINED_NUMBERS.sub("{n}", label) for label in labels}):
        folded = template_key(key(label.replace("{n}", "0")))
        if folded not in taken and any(c.isalpha() for c in folded):
            out.setdefault(folded, label)
    return out


def _data(name: str) -> Any:
    """Return what we read of one locale.

    The tables are copied: babel keeps a resolved alias in a table that locales share, so that month names of one
    language turn up in another, depending on which was read first (seen in babel 2.18).
    """
    from babel import localedata

    data = localedata.load(name)
    return localedata.LocaleDataDict({table: _copied(data[table]) for table in _TABLES})


def _copied(table: Any) -> Any:
    return {k: _copied(v) for k, v in table.items()} if isinstance(table, dict) else table


def _tag(name: str) -> str:
    return _TAGS.get(name) or name.replace("_", "-")


def _long_enough(name: str, width: str) -> bool:
    return bool(_HAN.search(name)) or sum(c.isalpha() for c in name) >= _LETTERS[width]


def _names(table: Any, widths: Iterable[str]) -> Iterator[str]:
    """Yield the names of months or weekdays, in the middle of a date and standing alone."""
    for context in ("format", "stand-alone"):
        for width in widths:
            for name in (table[context].get(width) or {}).values():
                if _long_enough(name, width):
                    yield _slots(name)


def _months(locale: Any) -> Iterator[str]:
    yield from _names(locale["months"], _LETTERS)


def _weekdays(locale: Any) -> Iterator[str]:
    yield from _names(locale["days"], _LETTERS)


def _slots(text: str) -> str:
    """Return *text* with each number of a name (Japanese "1月") as a slot."""
    return re.sub(r"\d+", "{n}", text)


def _relative_times(locale: Any) -> Iterator[str]:
    """Yield "{n} minutes ago" and its kind. The narrow forms ("-3 min") look like durations and are left out."""
    fields = locale["date_fields"]
    for unit in _UNITS:
        for field in (unit, f"{unit}-short"):
            for direction in ("past", "future"):
                for pattern in fields.get(field, {}).get(direction, {}).values():
                    if "{0}" in pattern and not pattern.startswith(("+", "-", "−")):
                        yield pattern.replace("{0}", "{n}")


def _language_names(locale: Any) -> Iterator[str]:
    for name in _OFFERED.split():
        label = locale["languages"].get(name)
        if label and _long_enough(label, "wide"):
            yield label


def _own_name(name: str) -> list[str]:
    from babel import Locale, UnknownLocaleError

    try:
        label = Locale.parse(name).get_display_name(name)
    except UnknownLocaleError:
        return []
    return [label] if label and _long_enough(label, "wide") else []


def _dates(locale: Any) -> Iterator[str]:
    """Yield the locale's dates that hold the name of a month, some with a time of day behind them."""
    patterns = {locale["date_formats"][f].pattern for f in _FORMATS if f in locale["date_formats"]}
    patterns |= {str(locale["datetime_skeletons"][s].pattern) for s in _SKELETONS if s in locale["datetime_skeletons"]}
    patterns |= {_YEAR_MARK.sub("", pattern) for pattern in patterns}
    times = list(_filled(locale, locale["time_formats"]["short"].pattern))
    for pattern in sorted(patterns):
        for date in _filled(locale, pattern):
            yield date
            if "E" not in pattern and "y" in pattern and "d" in pattern:
                for time in times:
                    yield f"{date} {time}"
                    yield f"{date}, {time}"


def _filled(locale: Any, pattern: str) -> Iterator[str]:
    """Yield *pattern* with every month, weekday and half of the day in it; nothing where a field is not known."""
    texts = [""]
    for match in _FIELD.finditer(pattern):
        values = _values(locale, match)
        if not values:
            return
        texts = [text + value for text in texts for value in values]
    yield from texts


def _values(locale: Any, match: re.Match[str]) -> list[str]:
    """Return what may stand for one field of a date pattern (Unicode TR 35, part 4)."""
    quoted, letter, whole = match[1], match[2], match[0]
    if quoted is not None or letter is None:
        return [quoted if quoted is not None else whole]
    if letter in "ydhHKkms" or (letter in "ML" and len(whole) < 3):
        return ["{n}"]
    width = "wide" if len(whole) == 4 else "abbreviated"
    if letter in "ML":
        context = "format" if letter == "M" else "stand-alone"
        return _distinct(locale["months"][context][width].values())
    if letter in "Ec":
        context = "format" if letter == "E" else "stand-alone"
        return _distinct(locale["days"][context][width].values())
    if letter == "a":
        halves = locale["day_periods"]["format"]["abbreviated"]
        return _distinct(halves[half] for half in ("am", "pm") if half in halves)
    return []


def _distinct(names: Iterable[str]) -> list[str]:
    return sorted({_slots(name) for name in names})
