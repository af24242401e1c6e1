"""Page text made safe to show: what a reader could not see, or a terminal would obey, stands as a visible token."""

from __future__ import annotations

import re
import unicodedata

# Control characters but tab and line feed, bidi controls and isolates, zero-width marks, variation selectors beyond the
# emoji ones, tags, lone surrogates, noncharacters' neighbours: all of categories Cc, Cf, Cs and the blank fillers.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARKS = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{8})[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def visible(text: str) -> str:
    """Return *text* with each unseen or obeyed character as ⟨U+XXXX⟩, and piles of combining marks cut at eight.

    >>> visible("a\\u202eb\\x1b[31m")
    'a⟨U+202E⟩b⟨U+001B⟩[31m'
    """
    if text.isascii() and text.isprintable():
        return text
    return _MARKS.sub(r"\1⟨…⟩", _UNSEEN.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text))


def width(text: str) -> int:
    """Return how many columns *text* takes on a terminal: wide characters two, marks none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
