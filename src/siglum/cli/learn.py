"""`siglum learn`: what repeats across the pages of a site, written as an ordinary rule pack."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from siglum.writers.visible import visible

if TYPE_CHECKING:
    from siglum.runs.tasks import Given
    from siglum.sites.learn import Source, Template


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for packs.")
@click.option("--from", "form", type=click.Choice(["auto", "text", "html", "jsonl"]), default="auto")
@click.option("--encoding", default="", help="Your word on the encoding of the input files.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what went wrong.")
def learn(paths: tuple[Path, ...], out: Path, form: str, encoding: str, quiet: bool) -> None:
    """Learn the templates of the sites of the pages PATHS: files, folders, JSON lines, or - for standard input.

    Each site gets a pack in the folder: readable, editable, with counts and a measured risk. Pages are told apart by
    their address, which rows carry as "url". `siglum clean --rules FOLDER` uses the packs.
    """
    from siglum.runs.reading import Reading

    reading = Reading(form, encoding)
    tasks = reading.stream(sys.stdin.buffer) if Path("-") in paths else reading.files(paths)
    failed: list[str] = []
    learned = 0
    for template in learn_from(tasks, out, failed):
        learned += 1
        if not quiet:
            labels = len(template.exact) + len(template.counters)
            click.echo(
                f"{visible(template.site)}: {template.pages} pages, {template.stories} stories; {labels} labels, "
                f"{len(template.held_back)} held back",
                err=True,
            )
    if not learned and not quiet:
        click.echo("no site has a template to learn: pages need an address, and a site two of them or more", err=True)
    for error in failed:
        click.echo(f"siglum: {visible(error)}", err=True)
    if failed:
        sys.exit(1)


def learn_from(tasks: Iterator[Given], out: Path, failed: list[str]) -> Iterator[Template]:
    """Write the packs of what *tasks* hold to the folder *out*, yielding each; errors are added to *failed*.

    Packs learned before are replaced; packs that people wrote are left.
    """
    from siglum.sites.learn import FIRST_LINE, learn, write

    for old in out.glob("*.toml"):
        if old.read_text("utf-8", "replace").startswith(FIRST_LINE):
            old.unlink()
    yield from write(learn(_pages(tasks, failed)), out)


def _pages(tasks: Iterator[Given], failed: list[str]) -> Iterator[Source]:
    from siglum.api import Chain
    from siglum.runs.work import do
    from siglum.sites.learn import Source

    chain = Chain(())  # no cleaner: the text as it is read
    for task in tasks:
        outcome = do(task, chain)
        if outcome.result is None:
            failed.append(outcome.error)
        else:
            source = outcome.result.run.source
            yield Source(source.url, source.id, source.text)
