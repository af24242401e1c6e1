"""Curves as a picture: SVG made of numbers alone, the same bytes for the same numbers, readable on light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 380, 290
LEFT, TOP, RIGHT, BOTTOM = 62, 36, 28, 70

STYLE = """
text { font: 12px system-ui, sans-serif; fill: #333 } .title { font-weight: 600; font-size: 13px }
.grid { stroke: #8884; fill: none } .curve { stroke-width: 2; fill: none } .dashed { stroke-dasharray: 5 4 }
.c0 { stroke: #2166ac } .c1 { stroke: #b35806 } .c2 { stroke: #542788 } .c3 { stroke: #777 }
@media (prefers-color-scheme: dark) {
  text { fill: #ddd } .c0 { stroke: #6baed6 } .c1 { stroke: #fdae61 } .c2 { stroke: #b9a7e0 } .c3 { stroke: #aaa }
}
"""


class Curve(NamedTuple):
    """Points in order of x; a dashed one is a reference, not a measurement."""

    name: str
    points: Sequence[tuple[float, float]]
    dashed: bool = False


class Panel(NamedTuple):
    """Curves over one pair of logarithmic axes."""

    title: str
    x: str
    y: str
    curves: Sequence[Curve]


def svg(panels: Sequence[Panel]) -> str:
    """Return *panels* side by side as an SVG document.

    >>> svg([Panel("T", "x", "y", [Curve("a", [(1, 1), (10, 5)])])]).startswith("<svg xmlns")
    True
    """
    drawn = []
    for n, panel in enumerate(panels):
        inside = "\n".join(_panel(panel))
        drawn.append(f'<g transform="translate({n * WIDTH} 0)">\n{inside}\n</g>')
    width = WIDTH * len(panels)
    label = escape("; ".join(panel.title for panel in panels), quote=True)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}"'
    return f'{head} role="img" aria-label="{label}">\n<style>{STYLE}</style>\n' + "\n".join(drawn) + "\n</svg>\n"


def _panel(panel: Panel) -> Iterator[str]:
    points = [point for curve in panel.curves for point in curve.points]
    across = _Axis.over([x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = _Axis.over([y for _, y in points], HEIGHT - BOTTOM, TOP)
    yield _text(LEFT, 20, panel.title, "title")
    for tick in across.ticks():
        x = across.place(tick)
        yield f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>'
        yield _text(x, HEIGHT - BOTTOM + 16, _number(tick), anchor="middle")
    for tick in up.ticks():
        y = up.place(tick)
        yield f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        yield _text(LEFT - 6, y + 4, _number(tick), anchor="end")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 34, panel.x, anchor="middle")
    turned = f"translate(14 {(TOP + HEIGHT - BOTTOM) / 2:.1f}) rotate(-90)"
    yield f'<g transform="{turned}">{_text(0, 0, panel.y, anchor="middle")}</g>'
    x = LEFT
    for n, curve in enumerate(panel.curves):
        style = f"curve c{n}" + (" dashed" if curve.dashed else "")
        line = " ".join(f"{across.place(a):.1f},{up.place(b):.1f}" for a, b in curve.points)
        yield f'<polyline class="{style}" points="{line}"/>'
        yield f'<path class="{style}" d="M{x} {HEIGHT - 18}h18"/>'
        yield _text(x + 22, HEIGHT - 14, curve.name)
        x += 40 + 6 * len(curve.name)


class _Axis(NamedTuple):
    """A logarithmic axis from *low* to *high*, drawn from the place *start* to *end*."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], start: float, end: float) -> _Axis:
        """Return an axis that holds *values*, all above 0, between two of its ticks."""
        low, high = min(values), max(values)
        return cls(_ticks_below(low)[-1], _ticks_above(high)[0], start, end)

    def place(self, value: float) -> float:
        span = math.log(self.high / self.low) or 1.0
        return self.start + (self.end - self.start) * math.log(value / self.low) / span

    def ticks(self) -> list[float]:
        few = self.high / self.low < 100
        steps = (1, 2, 5) if few else (1,)
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        found = [step * 10.0**power for power in powers for step in steps]
        return [tick for tick in found if self.low * 0.999 <= tick <= self.high * 1.001]


def _ticks_below(value: float) -> list[float]:
    power = math.floor(math.log10(value) + 1e-9)
    return [step * 10.0**power for step in (1, 2, 5) if step * 10.0**power <= value * 1.001]


def _ticks_above(value: float) -> list[float]:
    power = math.floor(math.log10(value) - 1e-9)
    return [step * 10.0**power for step in (1, 2, 5, 10) if step * 10.0**power >= value * 0.999]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start") -> str:
    marked = f' class="{style}"' if style else ""
    return f'<text{marked} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
