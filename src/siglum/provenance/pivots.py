"""Pivots: the language a translation went through, where the words of a credit name it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

import regex

from siglum.provenance.folding import fold
from siglum.provenance.lexicon import TIMEOUT_S, data, lexicon

LONGEST = 2_000  # code points of a credit's words that are read
NEAR = 40  # code points before a name in which its wording stands


class _Wording(NamedTuple):
    before: regex.Pattern[str]  # ends where the name begins
    after: regex.Pattern[str]  # begins where it ends
    of_another: bool  # whether what follows says whose translation it is


@cache
def _wordings() -> dict[str, tuple[_Wording, ...]]:
    """Return by language the wordings that name a pivot."""
    out: dict[str, tuple[_Wording, ...]] = {}
    for rule in data()["pivots"]:
        spaced = data()["languages"][rule["language"]]["spaced"]
        follows = "|".join(regex.escape(word) for word in rule["after"])
        ends = r"\s?(?:\Z|[.,;:!?)\]】」。，；：|/]|[–—-]\s" + (rf"|(?:{follows})\b" if follows else "") + ")"
        found = []
        for words in rule["words"]:
            before, _, after = words.partition("{}")
            lead = (r"\b" if spaced else "") + regex.escape(before)
            tail = regex.escape(after) + (r"\b" if spaced else "") if after else ends
            found.append(_Wording(regex.compile(lead), regex.compile(tail), bool(after and spaced)))
        out[rule["language"]] = tuple(found)
    return out


def read(words: str, claims: Mapping[str, str]) -> dict[str, str]:
    """Return the claims "pivot" and, where it is said beside it, "original_language" of the credit *words*; else none.

    *claims* are those of the credit: without a source there is no pivot, and the language of the text itself (its
    target, where stated) is none. "From the German version of the Polish original" names a pivot whichever of the two
    was taken for the source.

    >>> read("Translated from the Russian via German by Jane Doe", {"language": "en", "source": "ru"})
    {'pivot': 'de'}
    >>> read("Translated from the German by Jane Doe", {"language": "en", "source": "de"})
    {}
    """
    code, source = claims.get("language", "").partition("-")[0], claims.get("source", "").partition("-")[0]
    wordings = _wordings().get(code)
    if not wordings or not source:
        return {}
    low = fold(words[:LONGEST])
    names = lexicon(code).names.matches(low, 0, len(low))
    found = {}
    for n, (start, number, end) in enumerate(names):
        tag = lexicon(code).name_codes[number]
        wording = next((w for w in wordings if _fits(w, low, start, end)), None)
        if wording is None or tag == claims.get("target"):
            continue
        if tag != source:
            found[tag] = {"pivot": tag}
        elif wording.of_another:
            earlier = next((lexicon(code).name_codes[m] for _, m, _ in names[n + 1 :]), tag)
            if earlier != tag:
                found[tag] = {"pivot": tag, "original_language": earlier}
    return next(iter(found.values())) if len(found) == 1 else {}


def _fits(wording: _Wording, low: str, start: int, end: int) -> bool:
    near = wording.before.finditer(low, max(0, start - NEAR), start, timeout=TIMEOUT_S)
    led = not wording.before.pattern.strip("\\b") or any(m.end() == start for m in near)
    return led and wording.after.match(low, end, timeout=TIMEOUT_S) is not None
