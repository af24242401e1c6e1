"""What the tables say: the bounds kept, the curves, and docs/performance.md with its picture."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from benchmarks import chains, rules
from benchmarks.documents import ROOT
from benchmarks.plot import Curve, Panel, svg
from benchmarks.tables import Row, Table, as_markdown
from siglum.native import running

PAGE, PICTURE = ROOT / "docs" / "performance.md", ROOT / "docs" / "performance.svg"
BEGIN, END = "<!-- figures, written by `python -m benchmarks --write-docs` -->", "<!-- end of figures -->"
LEAST, MOST = "at least", "at most"
PACKAGES = ("siglum", "ftfy", "trafilatura", "datatrove", "spacy", "langdetect")


class Bound(NamedTuple):
    """A promise about speed: a figure of a table, and what it must not fall below, or go above."""

    told: str
    table: str
    row: str
    column: str
    sign: str
    wanted: float

    def kept(self, value: float) -> bool:
        """Tell whether *value* keeps the promise."""
        return value >= self.wanted if self.sign == LEAST else value <= self.wanted


TIMES_FTFY, TIMES_TRAFILATURA, TIMES_FEWEST = "times ftfy", "time / trafilatura", "time / fewest"
BOUNDS = (
    Bound("plain text, no languages, report, times ftfy", "text", chains.named("off", True), TIMES_FTFY, LEAST, 8),
    Bound("with the document's language", "text", chains.named("document", True), TIMES_FTFY, LEAST, 4),
    Bound("with every line's language, light", "text", chains.named("light", True), TIMES_FTFY, LEAST, 1.3),
    Bound("with every line's language, default", "text", chains.named("default", True), TIMES_FTFY, LEAST, 0.35),
    Bound("pages: whole chain to trafilatura", "pages", chains.named("off", True), TIMES_TRAFILATURA, MOST, 1.1),
    Bound("10,000 rules to 100", "rules", rules.named("labels", 10_000), TIMES_FEWEST, MOST, 1.1),
    Bound("two processes to one", "commands", "languages off, reports, 2 processes", "times 1 process", LEAST, 1.8),
)


def bounds(tables: Mapping[str, Table]) -> Table:
    """Return what was promised beside what was measured, as far as it was."""
    rows = []
    for bound in BOUNDS:
        if table := tables.get(bound.table):
            value = table.figure(bound.row, bound.column)
            word = "not measured" if value is None else "" if bound.kept(value) else "missed"
            rows.append(Row(f"{bound.told}, {bound.sign}", (bound.wanted, value), word))
    return Table("bounds", "Bounds", ("wanted", "measured"), tuple(rows))


def machine() -> str:
    """Return what ran this: processor, Python, packages, and how busy the machine was when it began."""
    load = os.getloadavg()[0]
    found = ", ".join(f"{name} {told}" for name in PACKAGES if (told := _version(name)))
    return (
        f"{os.cpu_count()} cores ({_processor()}), {platform.system()}, Python {platform.python_version()}; {found}. "
        f"Compiled of siglum: {', '.join(running()) or 'nothing'}. "
        f"Load of the machine when it began: {load:.1f}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def picture(tables: Mapping[str, Table]) -> str:
    """Return the scaling curves as SVG."""
    return svg([*_panels(tables)])


def _panels(tables: Mapping[str, Table]) -> Iterator[Panel]:
    for column, title in (("seconds", "Time over documents"), ("peak MB", "Peak memory over documents")):
        points = _points(tables["scale"], "documents", column)
        curves = [Curve("measured", points)]
        if column == "seconds":
            last, took = points[-1]
            curves.append(Curve("in proportion", [(x, took * x / last) for x, _ in points], dashed=True))
        yield Panel(title, "documents", column, curves)
    curves = [Curve(kind, _points(tables["rules"], "rules", "us/document", kind)) for kind in rules.KINDS]
    yield Panel("Time over the number of rules", "rules", "microseconds a document", curves)


def _points(table: Table, x: str, y: str, ending: str = "") -> list[tuple[float, float]]:
    """Return the figures of two columns, of the rows whose names end so."""
    across, up = table.columns.index(x), table.columns.index(y)
    return [(r.figures[across] or 1, r.figures[up] or 1) for r in table.rows if r.name.endswith(ending)]


def figures(tables: Mapping[str, Table], documents: str, machine: str) -> str:
    """Return the part of docs/performance.md that is made of figures."""
    out = [BEGIN, documents, "", f"Machine: {machine}", "", as_markdown(bounds(tables))]
    for name, table in tables.items():
        out.append(as_markdown(table))
        if name == "scale":
            out.append("![Time and memory over documents, time over rules](performance.svg)\n")
    return "\n".join([*out, END])


def write(tables: Mapping[str, Table], documents: str, machine: str) -> None:
    """Put the figures into docs/performance.md, and draw its picture."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(before + figures(tables, documents, machine) + after, "utf-8")
    PICTURE.write_text(picture(tables), "utf-8")
