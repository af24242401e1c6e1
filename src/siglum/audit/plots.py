"""Plots as SVG, drawn from numbers alone: bars, a histogram, a table of shades; each with its text beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import NamedTuple

from siglum.audit.elements import shown
from siglum.writers.visible import width

WIDTH = 560  # of every plot, in units of its own; the page scales it
ROW = 26
LABEL = 190
LONGEST = 26  # columns of a label


class Bar(NamedTuple):
    """One bar: what it stands for, how long it is, what is written at its end."""

    name: str
    value: float
    told: str = ""


def bars(title: str, rows: Sequence[Bar]) -> str:
    """Return horizontal bars, one below the other, as an SVG element; for no rows, "".

    >>> bars("Rules", [Bar("skip-link", 3)]).startswith("<svg")
    True
    """
    if not rows:
        return ""
    longest = max(r.value for r in rows) or 1
    room = WIDTH - LABEL - 90
    drawn = []
    for n, row in enumerate(rows):
        y = n * ROW
        length = max(2.0, room * row.value / longest) if row.value else 0
        drawn += [
            _text(LABEL - 10, y + 17, _short(row.name), "end", "name"),
            f'<rect class="bar" x="{LABEL}" y="{y + 5}" width="{length:.1f}" height="{ROW - 10}" rx="2"/>',
            _text(LABEL + length + 8, y + 17, row.told or f"{row.value:,.0f}", "start", "value"),
        ]
    told = "; ".join(f"{r.name}: {r.told or f'{r.value:,.0f}'}" for r in rows)
    return _svg(title, told, len(rows) * ROW, drawn)


BINS = ((0, 0), (0, 1), (1, 2), (2, 5), (5, 10), (10, 20), (20, 40), (40, 60), (60, 80), (80, 100))


def binned(shares: Sequence[float]) -> list[tuple[str, int]]:
    """Return how many of *shares* (percent) fall into each of `BINS`, which hold their upper bound, with its name."""
    counts = [0] * len(BINS)
    for share in shares:
        counts[next((n for n, (_, high) in enumerate(BINS) if share <= high), len(BINS) - 1)] += 1
    names = ["0", *(f"{low}–{high}" for low, high in BINS[1:])]
    return list(zip(names, counts, strict=True))


def fence_of(shares: Sequence[float]) -> float | None:
    """Return the share above which a document stands apart: Tukey's fence; None for fewer than eight documents.

    It is the third quartile and one and a half times the distance of the quartiles (Tukey, Exploratory Data Analysis,
    1977), and at least five percent: where nothing was taken of most, not all that lost a line stand apart.

    >>> fence_of([1, 2, 2, 3, 3, 4, 4, 50])
    7.0
    """
    if len(shares) < 8:
        return None
    ranked = sorted(shares)
    low, high = ranked[(len(ranked) - 1) // 4], ranked[-((len(ranked) - 1) // 4) - 1]
    return max(5.0, high + 1.5 * (high - low))


def histogram(title: str, counts: Sequence[tuple[str, int]], fence: float | None = None) -> str:
    """Return upright bars of *counts*; their height grows with the square root, so that single documents are seen.

    A line stands where *fence* (percent) falls among `BINS`.
    """
    height, top, step = 190, 24 if fence is None else 40, WIDTH / max(1, len(counts))
    most = max((count for _, count in counts), default=0)
    if not most:
        return ""
    drawn = [f'<line class="axis" x1="0" x2="{WIDTH}" y1="{height}" y2="{height}"/>']
    for n, (name, count) in enumerate(counts):
        tall = max(2.0, (height - top) * math.sqrt(count / most)) if count else 0
        x = n * step
        if count:
            place = f'x="{x + 4:.1f}" y="{height - tall:.1f}" width="{step - 8:.1f}" height="{tall:.1f}"'
            drawn.append(f'<rect class="bar" {place} rx="2"/>')
            drawn.append(_text(x + step / 2, height - tall - 6, f"{count:,}", "middle", "value"))
        drawn.append(_text(x + step / 2, height + 18, name, "middle", "name"))
    if fence is not None and fence < BINS[-1][1]:
        n = next(n for n, (_, high) in enumerate(BINS) if fence <= high)
        low, high = BINS[n]
        x = (n + (fence - low) / max(1, high - low)) * step
        drawn.append(f'<line class="fence" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{height}"/>')
        drawn.append(_text(x + 6, 10, "unlike the rest", "start", "name") if x < 0.8 * WIDTH else "")
    drawn.append(_text(WIDTH / 2, height + 40, "percent of the text taken", "middle", "name"))
    told = "; ".join(f"{name} %: {count:,} documents" for name, count in counts if count)
    return _svg(title, told, height + 48, drawn)


def matrix(title: str, rows: Sequence[str], columns: Sequence[str], counts: Mapping[tuple[str, str], int]) -> str:
    """Return a table of shaded cells, the darker the more *counts* has for a row and a column."""
    if not rows or not columns:
        return ""
    step = (WIDTH - LABEL) / len(columns)
    ends = [c.rpartition("/")[2] or c for c in columns]
    slanted = any(width(_sound(c)) > step / 8 for c in ends)
    top = 96 if slanted else 34
    most = max(counts.values(), default=1)
    drawn = []
    for n, c in enumerate(ends):
        x = LABEL + (n + 0.5) * step
        drawn.append(
            _text(x, top - 10, _short(c), "end", "name", slant=32)
            if slanted
            else _text(x, 20, _short(c), "middle", "name")
        )
    told = []
    for m, row in enumerate(rows):
        y = top + m * ROW
        drawn.append(_text(LABEL - 10, y + 17, _short(row), "end", "name"))
        for n, column in enumerate(columns):
            count = counts.get((row, column), 0)
            shade = 0.15 + 0.35 * count / most if count else 0.04
            x = LABEL + n * step
            drawn.append(
                f'<rect class="cell" x="{x + 1:.1f}" y="{y + 1}" width="{step - 2:.1f}" height="{ROW - 2}" rx="2"'
                f' fill-opacity="{shade:.2f}"/>'
            )
            if count:
                drawn.append(_text(x + step / 2, y + 17, f"{count:,}", "middle", "name"))
                told.append(f"{row}, {column}: {count:,}")
    return _svg(title, "; ".join(told), top + len(rows) * ROW, drawn)


def _svg(title: str, told: str, height: float, drawn: Sequence[str]) -> str:
    label = escape(_sound(f"{title}. {told}"))
    inside = "".join(drawn)
    size = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    return f'<svg role="img" aria-label="{label}" {size}>{inside}</svg>'


def _text(x: float, y: float, text: str, anchor: str, style: str, *, slant: int = 0) -> str:
    turned = f' transform="rotate({slant} {x:.1f} {y:.1f})"' if slant else ""
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{turned}'
    return f'<text class="{style}" {place}>{escape(_sound(text))}</text>'


def _sound(text: str) -> str:
    return shown(text.replace("\n", " ").replace("\t", " "))


def _short(name: str, longest: int = LONGEST) -> str:
    """Return *name* cut in its middle to *longest* columns; its end is kept, where rules and sites differ."""
    name = _sound(name)
    if width(name) <= longest:
        return name
    half = max(1, longest // 3)
    return f"{name[:half]}…{name[-(longest - half - 1) :]}"
