"""`siglum stats` and `siglum query`: what a run adds up to, and any other question, put to its catalogue."""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click

from siglum.errors import SiglumError
from siglum.writers.visible import visible, width

SHOWN = 10  # rows of a view that `stats` shows
WIDEST = 80  # columns of the terminal that a cell may take
STEPS = 200_000_000  # of SQLite's machine, after which a query is stopped: some ten seconds
VIEWS = {
    "by_status": "documents",
    "by_method": "origin",
    "by_language": "languages",
    "by_site": "sites",
    "by_rule": "rules",
    "largest_removals": "lost most",
    "duplicates": "duplicates",
    "failures": "failures",
    "skipped": "no documents",
}


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.option("--all", "everything", is_flag=True, help="Show all rows, not the first ten of each table.")
def stats(run: Path, everything: bool) -> None:
    """Print what the run in the folder RUN adds up to: by status, origin, language, site and rule, and what failed."""
    from siglum.runs.catalogue import open_catalogue

    db = open_catalogue(run)
    for view, title in VIEWS.items():
        columns, rows = _asked(db, f"SELECT * FROM {view}")
        found = list(rows if everything else islice(rows, SHOWN))
        if found:
            click.echo(title)
            _table(columns, found)
            more = db.execute(f"SELECT count(*) FROM {view}").fetchone()[0] - len(found)
            click.echo(f"… and {more} more: siglum query RUN 'SELECT * FROM {view}'\n" if more else "")


@click.command()
@click.argument("run", type=click.Path(path_type=Path, exists=True))
@click.argument("sql")
@click.option("--to", type=click.Choice(["table", "json", "csv"]), default="table", help="Form of the answer.")
@click.option("--limit", type=click.IntRange(min=0), default=1_000, help="Rows at most; 0: all.")
def query(run: Path, sql: str, to: str, limit: int) -> None:
    """Put the question SQL to the catalogue of the run in the folder RUN; nothing can be changed by it.

    Tables are documents, removed, rules, files and facts; views are removals, by_status, by_rule, by_site, by_language,
    by_method, rule_by_site, failures, skipped, largest_removals and duplicates.
    """
    from siglum.runs.catalogue import open_catalogue

    db = open_catalogue(run)
    db.set_progress_handler(lambda: 1, STEPS)
    try:
        columns, rows = _asked(db, sql)
        shown = islice(rows, limit) if limit else rows
        {"table": _table, "json": _json, "csv": _csv}[to](columns, shown)
        if limit and next(iter(rows), None) is not None:
            click.echo(f"siglum: only the first {limit} rows are shown; --limit 0 shows all", err=True)
    except (sqlite3.Error, sqlite3.Warning) as e:
        raise SiglumError(f"the query failed: {e}") from e


def _asked(db: sqlite3.Connection, sql: str) -> tuple[list[str], Iterable[tuple[Any, ...]]]:
    found = db.execute(sql)
    return [column[0] for column in found.description or ()], found


def _table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    cells = [list(columns), *([_cell(value) for value in row] for row in rows)]
    widths = [max(width(row[n]) for row in cells) for n in range(len(columns))]
    for row in cells:
        click.echo("  ".join(cell + " " * (w - width(cell)) for cell, w in zip(row, widths, strict=True)).rstrip())


def _cell(value: Any) -> str:
    text = visible(str(value)) if value is not None else ""
    text = " ".join(text.split("\n"))
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _json(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from siglum.report import dumps

    for row in rows:
        values = [value.hex() if isinstance(value, bytes) else value for value in row]
        sys.stdout.buffer.write(dumps(dict(zip(columns, values, strict=True))) + b"\n")


def _csv(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    from siglum.writers.files import harmless

    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(columns)
    out.writerows([harmless(value) for value in row] for row in rows)
