"""Views: a stretch of text as a reader sees it, folded, with each character's place in the source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from siglum.provenance.folding import FOLDS, NOT_ONE, SINGLE_FOLDS

URL = "\ue000"  # stands for an address in a view
CODE = "\ue001"  # stands for inline code

# What Markdown and HTML put around words. Each alternative is bounded; the order decides.
_MARKUP = re.compile(
    r"(?P<image>!\[[^\[\]\n]{0,200}\]\([^()\s]{0,500}(?:\s\"[^\"\n]{0,100}\")?\))"
    r"|(?P<linkend>\]\((?P<target>[^()\s]{0,500}(?:\([^()\s]{0,200}\)[^()\s]{0,200})?)"
    r"(?:\s[\"'][^\"'\n]{0,200}[\"'])?\))"
    r"|(?P<refend>\]\[[^\[\]\n]{0,60}\])"
    r"|(?P<auto><(?P<address>https?://[^<>\s]{1,500})>)"
    r"|(?P<tag></?[a-zA-Z][a-zA-Z0-9-]{0,20}(?:\s[^<>]{0,400})?/?>)"
    r"|(?P<comment><!--.{0,300}?-->)"
    r"|(?P<url>https?://[^\s<>\"'«»。，、）】]{1,500})"
    r"|(?P<code>(?P<ticks>`{1,2})[^`\n]{1,200}(?P=ticks))"
    r"|(?P<entity>&(?:nbsp|quot|amp|laquo|raquo|#\d{1,5});)"
    r"|(?P<mark>\*{1,3}|~~|__|(?<!\w)_|_(?!\w)|\[(?!\^)|\])",
    re.DOTALL,
)
_MAY_BE_MARKUP = re.compile(r"[\[\]<>*_~`&]|http")


@dataclass(frozen=True)
class View:
    """Folded text of a stretch, and where each of its characters stands in the document."""

    text: str
    offsets: Sequence[int]  # of each character of *text*, code points of the document
    ends: Sequence[int]  # one past the source of each character
    links: tuple[tuple[int, int, str], ...]  # start and end in *text*, target

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the source range of *text*[start:end]."""
        if start >= end:
            return (0, 0)
        return self.offsets[start], self.ends[end - 1]

    def at(self, offset: int) -> int:
        """Return where the source *offset* stands in *text*."""
        return max(0, bisect_right(self.offsets, offset) - 1)


@lru_cache(maxsize=4)  # a line is read for labels, then for sentences
def view_of(text: str, start: int, end: int) -> View:
    """Return the view of text[start:end]: marks dropped, addresses and inline code as one sign each, spaces joined."""
    plain = text[start:end]
    if not _MAY_BE_MARKUP.search(plain) and (folded := _folded(plain)) is not None:
        folded = folded.rstrip(" ")
        end = start + len(folded)
        return View(folded, range(start, end), range(start + 1, end + 1), ())
    out: list[str] = []
    offsets: list[int] = []
    ends: list[int] = []
    links: list[tuple[int, int, str]] = []
    open_at: list[int] = []

    def put(folded: str, at: int, to: int) -> None:
        for c in folded:
            if c == " " and (not out or out[-1] == " "):
                continue
            out.append(c)
            offsets.append(at)
            ends.append(to)

    def copy(at: int, to: int) -> None:
        folded = _folded(text[at:to])
        if folded is not None:
            out.extend(folded)
            offsets.extend(range(at, to))
            ends.extend(range(at + 1, to + 1))
        else:
            for i in range(at, to):
                put(FOLDS[ord(text[i])], i, i + 1)

    pos = start
    for m in _MARKUP.finditer(text, start, end):
        copy(pos, m.start())
        kind = m.lastgroup
        pos = m.end()
        if m["linkend"] is not None:
            begin = open_at.pop() if open_at else len(out)
            links.append((begin, len(out), m["target"]))
        elif m["refend"] is not None:
            if open_at:
                open_at.pop()
        elif m["auto"] is not None or m["url"] is not None:
            address = m["address"] or m["url"]
            links.append((len(out), len(out) + 1, address))
            put(URL, m.start(), m.end())
        elif m["code"] is not None:
            put(CODE, m.start(), m.end())
        elif m["entity"] is not None:
            put(" " if "nbsp" in m[0] else '"', m.start(), m.end())
        elif kind == "mark" and m[0] == "[":
            open_at.append(len(out))
        elif m["tag"] is not None and m[0][1:3].lower() in ("br", "p>", "/p", "li", "di", "/d", "/l", "td", "/t"):
            put(" ", m.start(), m.end())
    copy(pos, end)
    while out and out[-1] == " ":
        out.pop(), offsets.pop(), ends.pop()
    return View("".join(out), tuple(offsets), tuple(ends), tuple(links))


def _folded(text: str) -> str | None:
    """Return *text* folded where each character stays one and no space goes; None elsewhere."""
    folded = text.translate(SINGLE_FOLDS)
    same = NOT_ONE not in folded and "  " not in folded and not folded.startswith(" ")
    return folded if same else None
