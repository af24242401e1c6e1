"""`siglum report` and `apply-review`: a run as a page to look at, and what a person decided there carried out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from siglum.errors import ReportMismatch
from siglum.writers.visible import visible

WARN_AT = 20_000_000  # bytes of a page that browsers open slowly


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="The page to write.")
@click.option("--force", is_flag=True, help="Overwrite what stands there.")
def report(folder: Path, out: Path, force: bool) -> None:
    """Write one page that shows what was taken from the documents of RUN, and why.

    The page needs no network and can be read without a script. Of a large run the texts stand beside it, in a folder of
    the same name that ends in .data; keep the two together.
    """
    from siglum.audit.html import write_report

    try:
        written = write_report(folder, out, force=force)
    except ReportMismatch as e:
        click.echo(f"siglum: {visible(str(e))}", err=True)
        sys.exit(3)
    size = out.stat().st_size
    beside = f", {len(written) - 1} files of data beside it" if len(written) > 1 else ""
    click.echo(f"{visible(str(out))}: {size:,} bytes{beside}", err=True)
    if size > WARN_AT:
        click.echo(f"siglum: {visible(str(out))} is large; browsers may open it slowly", err=True)


@click.command("apply-review")
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("decisions", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--examples", is_flag=True, help="Print rejected edits as texts their rules must leave, in TOML.")
def apply_review(folder: Path, decisions: Path, examples: bool) -> None:
    """Carry out the DECISIONS saved from the page of RUN: rejected edits are undone, accepted ones stay.

    Texts, rows or tables, reports, summary, catalogue and manifest of RUN are written anew, all of them or none; the
    account keeps both states, and who decided.
    """
    from siglum.audit.review import Decisions
    from siglum.audit.review import apply_review as carry_out

    try:
        done = carry_out(folder, Decisions.loads(decisions.read_bytes()))
    except ReportMismatch as e:
        click.echo(f"siglum: {visible(str(e))}", err=True)
        sys.exit(3)
    if examples:
        click.echo(done.examples, nl=False)
    before = f"; {done.already} were carried out before" if done.already else ""
    click.echo(
        f"{done.accepted} accepted, {done.rejected} rejected; {done.documents} clean texts rebuilt{before}", err=True
    )
