"""Keys: the form in which a line and a label are compared."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from siglum.native import twin, twinned

# What stands around a label on a page without belonging to it: bars, arrows, bullets, colons, brackets.
# Full stops, question and exclamation marks stay: "Yellow!" is not the caption colour "Yellow".
DECORATION = " \t|»«›‹<>:;•·●▪■◆★☆–—−-*+#=~_/\\→←↑↓↗▲▼►◄▶◀…[](){}✓✔✕✖×"

LONGEST = 160  # code points of a line that may still be a label; the longest label shipped has 140

# White space that stands in lines and is no space even after NFKC.
_ODD_SPACE = "\t\v\f\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"

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


@twinned("keys")
def keys_of(lines: Sequence[str]) -> tuple[tuple[str, ...], list[int]]:
    """Return the keys of *lines*, and which of them hold a digit."""
    short = ["" if len(line) > LONGEST else line for line in lines]
    text = "\n".join(short)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if any(space in text for space in _ODD_SPACE):
        found = tuple(map(key, short))
    else:
        # The same as `key`, but each step once for the whole text: no step makes a line break or takes one.
        folded = text.casefold().split("\n") if short else []
        if "  " in text:
            folded = [" ".join(k.split()) if "  " in k else k for k in folded]
        found = tuple([k.strip(DECORATION) for k in folded])
    return found, numbered(found)


@twinned("keys")
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


class Lines(Protocol):
    """What holds lines, as `siglum.page.Rows` does."""

    @property
    def lines(self) -> tuple[str, ...]: ...


class Coded(NamedTuple):
    """Keys, each with its code: a line of one text for each key, which is read in a third of the time of a table."""

    keys: str
    codes: Sequence[int]

    @classmethod
    def of(cls, table: Mapping[str, int]) -> Coded:
        """Return *table*, which has no key with a line break, nor "", which is no key.

        >>> Coded.of({"share": 7, "read more": 9})
        Coded(keys='share\\nread more', codes=[7, 9])
        """
        return cls("\n".join(table), list(table.values()))

    def table(self) -> dict[str, int]:
        """Return the codes by key."""
        return dict(zip(self.keys.split("\n"), self.codes, strict=True)) if self.codes else {}


class KeySet:
    """Keys that lines are looked up among: labels and templates, each with its code, and *others*.

    A template is a key with each number put as "0".
    """

    def __init__(self, labels: Coded, templates: Coded, others: Iterable[str] = ()) -> None:
        self._labels, self._templates, self._others = labels.table(), templates.table(), frozenset(others)

    def met(self, rows: Lines) -> tuple[dict[int, str], dict[int, int]]:
        """Return the keys of the lines that are known, and the codes of those that have one, by line and in order.

        >>> from types import SimpleNamespace
        >>> rows = SimpleNamespace(lines=("Share", "Storm hits coast", "17 comments"))
        >>> KeySet(Coded("share", [7]), Coded("0 comments", [9])).met(rows)
        ({0: 'share', 2: '17 comments'}, {0: 7, 2: 9})
        """
        keys, numbers = keys_of(rows.lines)
        counts = {n: code for n in numbers if (code := self._templates.get(template_key(keys[n]))) is not None}
        known, codes = {}, {}
        for n, k in enumerate(keys):
            code = self._labels.get(k, counts.get(n))
            if k and (code is not None or k in self._others):
                known[n] = k
                if code is not None:
                    codes[n] = code
        return known, codes


def key_set(labels: Coded, templates: Coded, others: Iterable[str] = ()) -> KeySet:
    """Return the set of these keys, compiled where it can be."""
    native = twin("keys")
    found: KeySet = (native or sys.modules[__name__]).KeySet(labels, templates, others)
    return found
