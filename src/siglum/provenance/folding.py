"""Folding: the form in which credits and rules are compared, with each character's place in the source."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

# Alphabets whose marks may be left out in writing: Latin, Greek, Cyrillic, Hebrew, Arabic.
# In Indic and East Asian scripts the marks are letters of their own and stay.
_MARKS_MAY_GO = 0x0700
_DROPPED = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\ufeff\u093c\u09bc\u0a3c\u0abc")
_QUOTES = {"\u2019": "'", "\u2018": "'", "\u02bc": "'", "\u0060": "'", "\u00b4": "'"}


_KEPT = 16384  # characters remembered: no text in earnest has more


NOT_ONE = "\ue002"  # stands for a character that folds to none or to several


class _Folds(dict[int, str]):
    """Characters as compared, by code point, which `str.translate` asks for; each is worked out when first met."""

    def __init__(self, folded: Callable[[str], str]) -> None:
        super().__init__()
        self._folded = folded

    def __missing__(self, point: int) -> str:
        folded = self._folded(chr(point))
        if len(self) < _KEPT:
            self[point] = folded
        return folded


def _fold(char: str) -> str:
    if char in _DROPPED:
        return ""
    if char.isspace():
        return " "
    char = _QUOTES.get(char, char)
    folded = unicodedata.normalize("NFKC", char).casefold()
    if folded and ord(folded[0]) < _MARKS_MAY_GO:
        folded = unicodedata.normalize("NFD", folded)
        folded = "".join(c for c in folded if unicodedata.category(c) != "Mn")
    return "".join(c for c in folded if c not in _DROPPED)


#: Characters as compared: NFKC, case folded, marks of alphabets and invisible signs gone.
FOLDS = _Folds(_fold)
#: The same where a character stays one, NOT_ONE for all others.
SINGLE_FOLDS = _Folds(lambda char: folded if len(folded := _fold(char)) == 1 else NOT_ONE)


def fold(text: str) -> str:
    """Return *text* folded, runs of spaces joined, none at the ends.

    >>> fold("  Übersetzt  von\\nKI ")
    'ubersetzt von ki'
    """
    return " ".join(text.translate(FOLDS).split())
