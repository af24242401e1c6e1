"""Keys: the form in which a line and a label are compared."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# What stands around a label on a page without belonging to it: bars, arrows, bullets, colons, brackets.
# Full stops, question and exclamation marks stay: "Yellow!" is not the caption colour "Yellow".
DECORATION = " \t|»«›‹<>:;•·●▪■◆★☆–—−-*+#=~_/\\→←↑↓↗▲▼►◄▶◀…[](){}✓✔✕✖×"

LONGEST = 160  # code points of a line that may still be a label; the longest label shipped has 140

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d+(?:[.,:'’\u00a0\u202f]\d+)*")


def key(text: str) -> str:
    """Return *text* as labels are compared: NFKC, case folded, spaces joined, decoration around it cut off.

    A text of nothing but decoration gives "".

    >>> key("  » Skip to  MAIN content | ")
    'skip to main content'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.casefold().split()).strip(DECORATION)


def template_key(key: str) -> str:
    """Return *key* with each number put as "0": the form in which labels with a count are compared.

    Only labels declared with a number slot are looked up in this form, so "Preis, 2015" is never taken for "Preis".

    >>> template_key("1,204 comments")
    '0 comments'
    """
    return _NUMBER.sub("0", key) if _DIGIT.search(key) else key


def numbered(keys: Sequence[str]) -> list[int]:
    """Return which of *keys*, no one of them with a line break, hold a digit.

    >>> numbered(["share", "2 comments", "no. ٣"])
    [1, 2]
    """
    # One search through all of them, from hit to hit: most lines have no digit.
    joined = "\n".join(keys)
    found, line, at = [], 0, 0
    while hit := _DIGIT.search(joined, at):
        line += joined.count("\n", at, hit.start())
        found.append(line)
        at = joined.find("\n", hit.end())
        if at < 0:
            break
    return found
