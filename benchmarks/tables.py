"""Tables of figures, and how they are written: for a terminal, in Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

Figure = float | int | None


class Row(NamedTuple):
    """One row: what was measured, its figures, and a word on it."""

    name: str
    figures: tuple[Figure, ...] = ()
    told: str = ""


class Table(NamedTuple):
    """One table; *name* is what the command line calls it."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    note: str = ""

    def figure(self, row: str, column: str) -> float | None:
        """Return a figure by the names of its row and column, None where there is none."""
        figures = next((r.figures for r in self.rows if r.name == row), ())
        at = self.columns.index(column)
        return figures[at] if at < len(figures) else None


def figure(value: Figure) -> str:
    """Return *value* as people read it: three digits that count.

    >>> figure(12345.6), figure(12.345), figure(0.12345), figure(7), figure(None)
    ('12,346', '12.3', '0.12', '7', '–')
    """
    if value is None:
        return "–"
    if isinstance(value, int) or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def cells(table: Table) -> list[list[str]]:
    """Return the table as texts, the head first; a row without figures says why in their place."""
    out = [["", *table.columns]]
    for row in table.rows:
        name = f"{row.name} ({row.told})" if row.told and row.figures else row.name
        figures = [figure(value) for value in row.figures] or [row.told]
        out.append([name, *figures, *[""] * (len(table.columns) - len(figures))])
    return out


def as_text(table: Table) -> str:
    """Return *table* for a terminal."""
    lines = cells(table)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    out = [table.title]
    for line in lines:
        first, *rest = (cell.rjust(width) for cell, width in zip(line, widths, strict=True))
        out.append("  ".join([first.strip().ljust(widths[0]), *rest]).rstrip())
    return "\n".join([*out, *([table.note] if table.note else [])])


def as_markdown(table: Table) -> str:
    """Return *table* in Markdown, under its title."""
    head, *rows = cells(table)
    ruler = ["---", *["---:"] * len(table.columns)]
    lines = [f"| {' | '.join(line)} |" for line in (head, ruler, *rows)]
    return "\n".join([f"### {table.title}", "", *lines, *(["", table.note] if table.note else []), ""])


def as_json(tables: Sequence[Table]) -> list[dict[str, Any]]:
    """Return *tables* as JSON holds them."""
    return [
        {
            "name": table.name,
            "title": table.title,
            "columns": table.columns,
            "rows": [{"name": r.name, "figures": r.figures, "told": r.told} for r in table.rows],
            "note": table.note,
        }
        for table in tables
    ]
