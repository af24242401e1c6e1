"""`siglum restore`, `verify` and `explain`: what an archivist asks of a run that has been."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from siglum.errors import InputError, ReportMismatch, SiglumError
from siglum.writers.visible import visible


@click.command()
@click.argument("clean", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--report", "-r", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="Where to write; else standard output."
)
@click.option("--force", is_flag=True, help="Overwrite what stands there.")
def restore(clean: Path, report: Path, out: Path | None, force: bool) -> None:
    """Give back the source of the text CLEAN, byte for byte; of a page, its whole visible text."""
    from siglum.report import Report
    from siglum.writers.files import write_whole

    try:
        data = Report.loads(report.read_bytes()).restore(clean.read_bytes())
    except ReportMismatch as e:
        click.echo(f"siglum: {e}", err=True)
        sys.exit(3)
    if out:
        write_whole(out, data, force=force)
    else:
        sys.stdout.buffer.write(data)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("-q", "--quiet", is_flag=True, help="Say only what is wrong.")
def verify(folder: Path, quiet: bool) -> None:
    """Check the run in FOLDER: every digest, every report, and that every source comes back."""
    from siglum.runs.audit import check_run

    checked = wrong = 0
    for name, fault in check_run(folder):
        checked += 1
        if fault:
            wrong += 1
            click.echo(f"siglum: {visible(name)}: {visible(fault)}", err=True)
    if not quiet:
        click.echo(f"{checked} checks, {wrong} failed", err=True)
    if wrong:
        sys.exit(3)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("place", metavar="ID:LINE")
def explain(folder: Path, place: str) -> None:
    """Say what became of a line of a document of the run in FOLDER, by which rule, on what evidence.

    ID is the document's, or its beginning where that names one only; LINE counts the source's lines from 1.
    """
    from siglum.runs.audit import explain_line, find_document

    m = re.fullmatch(r"(.{1,1000}):(\d{1,9})", place, re.DOTALL)
    if not m:
        raise click.UsageError(f"expected ID:LINE, found {place!r}")
    try:
        report, text = find_document(folder, m[1])
        rows = explain_line(report, text, int(m[2]))
    except ReportMismatch as e:
        click.echo(f"siglum: {e}", err=True)
        sys.exit(3)
    except (InputError, SiglumError) as e:
        raise click.UsageError(str(e)) from e
    for name, value in rows:
        click.echo(f"{name:<10} {visible(value)}".rstrip())
