"""`siglum clean`: read documents, clean them, write texts, rows, reports and the run's account."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click

from siglum.cli.options import chain_options, settings_from
from siglum.errors import InputError
from siglum.writers.visible import visible

if TYPE_CHECKING:
    from siglum.runs.sinks import Reports, Sink
    from siglum.runs.work import Product, Reading, Task, Wants

STDIN = Path("-")
LEARNED = "learned-rules"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for texts and accounts.")
@click.option(
    "--from", "form", type=click.Choice(["auto", "text", "html", "jsonl"]), default="auto", help="Form of the input."
)
@click.option("--to", type=click.Choice(["text", "jsonl"]), help="Form of the output; that of the input if not said.")
@click.option(
    "-r",
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report here; of several documents, one JSON line each.",
)
@click.option(
    "--report-detail", type=click.Choice(["lean", "full"]), default="lean", help="Full adds context and digests."
)
@click.option("--redact", is_flag=True, help="Reports hold digests of what was taken; they need the source to restore.")
@click.option("--lines", is_flag=True, help="Rows hold the language of every line.")
@click.option("--inline-report", is_flag=True, help="Rows hold the report.")
@click.option("--encoding", default="", help="Your word on the encoding of the input files.")
@click.option("--include", multiple=True, help="Names of files to take from folders, as a pattern; may be repeated.")
@click.option("--exclude", multiple=True, help="Names of files or folders to leave; may be repeated.")
@click.option("--learn", is_flag=True, help="Learn the sites' templates from the input first, and use them.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, help="Worker processes; the order is kept.")
@click.option("--timeout", type=click.FloatRange(min=0), default=0.0, help="Seconds a document may take; 0: any.")
@click.option("--memory", type=click.IntRange(min=0), default=0, help="MB of memory a worker may take; 0: any.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--force", is_flag=True, help="Overwrite what stands in the output folder.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bar and no account on standard error.")
@chain_options
def clean(paths: tuple[Path, ...], **options: Any) -> None:
    """Clean PATHS: files, folders, or - for standard input.

    With -o, the folder gets the clean texts, one report a document, summary.csv and manifest-sha256.txt. Without it,
    results go to standard output. Rows of JSON lines hold {"id", "text" or "html", "url"?, "headers"?, "meta"?}.
    """
    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("- (standard input) stands alone, without other paths")
    from siglum.runs.sinks import Tally

    reading, stdin = _reading(options), sys.stdin.buffer
    if options["learn"]:
        stdin = _learned(reading, paths, stdin, options)
    tasks = reading.stream(stdin) if STDIN in paths else reading.files(paths)
    sink, reports, tally = _sink(options), _reports(options), Tally()
    products = _products(tasks, sink.wants if reports is None else replace(sink.wants, report=True), options)
    for product in products if STDIN in paths else _with_progress(products, options["quiet"]):
        summary, error = product.summary, product.error
        try:
            sink.put(product)
            if reports:
                reports.put(product)
        except InputError as e:
            error, summary = str(e), {"status": "failed"}
        if error:
            click.echo(f"siglum: {visible(error)}", err=True)
        tally.add(summary)
    sink.close()
    if reports:
        reports.close()
    if not options["quiet"]:
        click.echo(tally.line(), err=True)
    if tally.status["failed"]:
        sys.exit(1)


def _reading(options: dict[str, Any]) -> Reading:
    from siglum.runs.work import Reading

    patterns = {name: options[name] for name in ("include", "exclude") if options[name]}
    return Reading(options["form"], options["encoding"], **patterns)


def _learned(reading: Reading, paths: tuple[Path, ...], stdin: BinaryIO, options: dict[str, Any]) -> BinaryIO:
    """Learn from the input, put the packs among the rules, and return the standard input, to be read once more.

    The packs are kept in the output folder, as LEARNED; without one they go when the command ends.
    """
    from siglum.cli.learn import learn_from

    if STDIN in paths:
        spooled = tempfile.TemporaryFile()  # noqa: SIM115 - read after this returns; it goes with the process
        shutil.copyfileobj(stdin, spooled)
        spooled.seek(0)
        stdin = cast("BinaryIO", spooled)
    folder = options["out"] / LEARNED if options["out"] else _temporary_folder()
    tasks = reading.stream(stdin) if STDIN in paths else reading.files(paths)
    learned = list(learn_from(tasks, folder, []))  # what cannot be read fails again, and is told, when it is cleaned
    if not options["quiet"]:
        click.echo(f"templates of {len(learned)} site{'s' * (len(learned) != 1)} learned", err=True)
    if learned:
        options["rules"] = (*options["rules"], folder)
    if STDIN in paths:
        stdin.seek(0)
    return stdin


def _temporary_folder() -> Path:
    return Path(click.get_current_context().with_resource(tempfile.TemporaryDirectory()))


def _products(tasks: Iterator[Task], wants: Wants, options: dict[str, Any]) -> Iterator[Product]:
    from siglum.runs.pool import Limits, in_process, in_workers

    settings = settings_from(options)
    limits = Limits(options["timeout"], options["memory"])
    if options["jobs"] == 1 and limits == Limits():
        return in_process(tasks, settings, wants)
    return in_workers(tasks, settings, wants, jobs=options["jobs"], limits=limits)


def _sink(options: dict[str, Any]) -> Sink:
    from siglum.runs.sinks import DryRun, Folder, Stream
    from siglum.runs.work import Wants

    if options["dry_run"]:
        return DryRun(sys.stdout)
    detail = {"full": options["report_detail"] == "full", "redact": options["redact"], "lines": options["lines"]}
    if options["out"]:
        wants = Wants(text=True, row=options["to"] != "text", report=True, **detail)
        return Folder(options["out"], wants, force=options["force"])
    rows = options["to"] == "jsonl" or (options["to"] is None and options["form"] == "jsonl")
    wants = Wants(text=not rows, row=rows, inline_report=options["inline_report"], **detail)
    return Stream(sys.stdout.buffer, wants)


def _reports(options: dict[str, Any]) -> Reports | None:
    from siglum.runs.sinks import Reports

    if options["dry_run"] or not options["report"]:
        return None
    return Reports(options["report"], force=options["force"])


def _with_progress(products: Iterable[Product], quiet: bool) -> Iterator[Product]:
    """Yield *products*, with a count on standard error while a person watches it."""
    if quiet or not sys.stderr.isatty():
        yield from products
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("cleaning"), BarColumn(), MofNCompleteColumn(), TextColumn("documents"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("clean", total=None)
        for product in products:
            yield product
            progress.advance(task)
