"""A wording tried before a rule exists: every hit, with where it stands and what is around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import regex

from siglum.errors import SiglumError
from siglum.packs.keys import key
from siglum.packs.match import TIMEOUT_S
from siglum.page import page_of


class Hit(NamedTuple):
    """One line a wording was found in; *line* counts the text's lines from 1."""

    line: int
    how: str  # "whole line", "inside a line"
    zone: str  # "head", "body", "tail"
    before: str
    text: str
    after: str


def trial(wording: str, text: str) -> Iterator[Hit]:
    """Yield the lines of *text* that hold *wording*: a label, or a pattern between slashes.

    Raises SiglumError where the pattern does not compile, or takes too long.
    """
    page = page_of(text)
    for n, line in enumerate(page.lines):
        how = _pattern_hit(wording[1:-1], line) if _is_pattern(wording) else _label_hit(key(wording), page.keys[n])
        if how:
            number = text.count("\n", 0, page.starts[n]) + 1
            around = [page.lines[i] if 0 <= i < len(page.lines) else "" for i in (n - 1, n + 1)]
            yield Hit(number, how, page.zone(n), around[0], line, around[1])


def _is_pattern(wording: str) -> bool:
    return len(wording) > 2 and wording.startswith("/") and wording.endswith("/")


def _label_hit(wanted: str, found: str) -> str:
    if not wanted or wanted not in found:
        return ""
    return "whole line" if wanted == found else "inside a line"


def _pattern_hit(pattern: str, line: str) -> str:
    try:
        compiled = regex.compile(pattern)
        m = compiled.search(line, timeout=TIMEOUT_S)
    except regex.error as e:
        raise SiglumError(f"the pattern does not compile: {e}") from e
    except TimeoutError as e:
        raise SiglumError(f"the pattern takes longer than {TIMEOUT_S} s on a line of {len(line)} code points") from e
    if m is None:
        return ""
    return "whole line" if m.span() == (0, len(line)) else "inside a line"
