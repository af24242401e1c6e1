"""The texts and pages that are measured: of any files siglum reads, or of the repository's seeds and fixtures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from siglum.api import looks_like_html
from siglum.decoding import decode
from siglum.readers.html import read_html
from siglum.runs.reading import Reading

ROOT = Path(__file__).resolve().parent.parent
BEGINNING = 100  # documents that are met before those that are timed
LONG = 60  # code points of a line that is not furniture, so that no other page has it too

T = TypeVar("T")


class Documents(NamedTuple):
    """What all tables of one run measure."""

    texts: list[str]
    pages: list[str]  # HTML


def read(paths: Sequence[Path], most: int) -> tuple[Documents, Documents]:
    """Return texts and pages of the files and folders *paths*, at most *most* of each, and others to begin with.

    Both are spread over all there are. A row with both "html" and "text" gives both; of pages alone the visible text is
    taken. Without paths, the repository's own documents are copied until there are *most*; they are also what a run
    begins with where the folder has no others.
    """
    texts, pages = _texts_and_pages(own())
    fallback = Documents(texts, pages)
    if not paths:
        made = copies(texts, -(-most // len(texts)))[:most], page_copies(pages, -(-most // len(pages)))[:most]
        return Documents(*made), fallback
    texts, pages = _texts_and_pages(paths)
    timed = Documents(spread(texts, most), spread(pages, most))
    others = Documents(_others(texts, timed.texts), _others(pages, timed.pages))
    return timed, Documents(others.texts or fallback.texts, others.pages or fallback.pages)


def _texts_and_pages(paths: Sequence[Path]) -> tuple[list[str], list[str]]:
    found = [*_read(paths)]
    texts = [text or (visible(body) if html else body) for body, html, text in found]
    return [text for text in texts if text.strip()], [body for body, html, _ in found if html]


def _others(found: Sequence[str], timed: Sequence[str]) -> list[str]:
    known = set(timed)
    return spread([one for one in found if one not in known], BEGINNING)


def own() -> list[Path]:
    """Return the seeds and the sources of the fixtures."""
    return [*sorted(ROOT.glob("seeds/*.txt")), *sorted(ROOT.glob("fixtures/*/source.*"))]


def size(documents: Iterable[str]) -> int:
    """Return the bytes of *documents* in UTF-8."""
    return sum(len(document.encode("utf-8", "surrogatepass")) for document in documents)


def spread(found: Sequence[T], most: int) -> list[T]:
    """Return at most *most* of *found*, spread over all of them, in order.

    >>> spread("abcdef", 3)
    ['a', 'c', 'e']
    """
    step = max(1, -(-len(found) // most))
    return list(found[::step])[:most]


def copies(texts: Sequence[str], times: int) -> list[str]:
    """Return *texts* so many times, each copy with its number at the end of long lines.

    Otherwise what is remembered of a line would serve all copies, and they would cost less than other texts do.
    """
    return [_numbered(text, n) for n in range(times) for text in texts]


def _numbered(text: str, n: int) -> str:
    if not n:
        return text
    return "\n".join(f"{line} {n}" if len(line) >= LONG else line for line in text.split("\n"))


def page_copies(pages: Sequence[str], times: int) -> list[str]:
    """Return *pages* so many times, no two alike."""
    return [f"{page}<!-- {n} -->" if n else page for n in range(times) for page in pages]


def visible(page: str) -> str:
    """Return the text of *page* as the chain would get it."""
    return read_html(page).text


def _read(paths: Iterable[Path]) -> Iterator[tuple[str, bool, str]]:
    """Yield body, whether that is HTML, and the text that came with it, of each document that could be read."""
    for task in (given.read() for given in Reading().files(paths)):
        if task.kind != "document":
            continue
        body = task.body
        html = looks_like_html(body) if task.html is None and isinstance(body, bytes) else bool(task.html)
        text = str((task.meta or {}).get("text") or "") if html else ""
        yield decode(body, html=html)[0] if isinstance(body, bytes) else body, html, text
