"""`siglum clean`: read documents, clean them, write texts, rows, reports and the run's account."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siglum.cli.options import chain_options, settings_from
from siglum.errors import InputError

if TYPE_CHECKING:
    from siglum.runs.sinks import Sink
    from siglum.runs.work import Outcome

STDIN = Path("-")


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
    from siglum.runs.work import Work

    work = Work(_chain(options), options["form"], options["encoding"], **_patterns(options))
    tally, sink, reports = Tally(), _sink(options, STDIN in paths), _Reports(options)
    outcomes = work.stream(sys.stdin.buffer) if STDIN in paths else _with_progress(work.files(paths), options["quiet"])
    for outcome in outcomes:
        try:
            sink.put(outcome)
            reports.put(outcome)
        except InputError as e:
            outcome = outcome._replace(result=None, error=str(e))
        if outcome.error:
            click.echo(f"siglum: {outcome.error}", err=True)
        tally.add(outcome)
    sink.close()
    reports.close()
    if not options["quiet"]:
        click.echo(tally.line(), err=True)
    if tally.status["failed"]:
        sys.exit(1)


def _chain(options: dict[str, Any]) -> Any:
    from siglum.api import Chain

    return Chain.default(settings_from(options))


def _patterns(options: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: options[name] for name in ("include", "exclude") if options[name]}


def _sink(options: dict[str, Any], piped: bool) -> Sink:
    from siglum.runs import sinks

    rows = options["to"] == "jsonl" or (options["to"] is None and options["form"] == "jsonl")
    if options["dry_run"]:
        return sinks.DryRun(sys.stdout)
    if options["out"]:
        return sinks.Folder(
            options["out"],
            rows=options["to"] != "text",
            force=options["force"],
            full=options["report_detail"] == "full",
            redact=options["redact"],
            lines=options["lines"],
        )
    stream = sys.stdout.buffer
    return (
        sinks.Rows(stream, lines=options["lines"], inline_report=options["inline_report"])
        if rows
        else sinks.Texts(stream)
    )


class _Reports:
    """The file of -r: one report as a document of its own, several as JSON lines; nothing where -r is not given."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._path: Path | None = None if options["dry_run"] else options["report"]
        self._force = options["force"]
        self._detail = {"full": options["report_detail"] == "full", "redact": options["redact"]}
        self._first: Any = None
        self._file: Any = None

    def put(self, outcome: Outcome) -> None:
        if not self._path or not outcome.result:
            return
        from siglum.report import dumps
        from siglum.writers.files import WholeFile

        report = outcome.result.report(**self._detail).data
        if self._first is None and self._file is None:
            if self._path.exists() and not self._force:
                raise InputError(str(self._path), "exists already; --force overwrites it")
            self._first = report
            return
        if self._file is None:
            self._file = WholeFile(self._path, force=self._force)
            self._file.write(dumps(self._first) + b"\n")
        self._file.write(dumps(report) + b"\n")

    def close(self) -> None:
        from siglum.report import dumps
        from siglum.writers.files import write_whole

        if self._file is not None:
            self._file.commit()
        elif self._first is not None and self._path:
            write_whole(self._path, dumps(self._first, indent=True) + b"\n", force=self._force)


def _with_progress(outcomes: Iterable[Outcome], quiet: bool) -> Iterator[Outcome]:
    """Yield *outcomes*, with a count on standard error while a person watches it."""
    if quiet or not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("cleaning"), BarColumn(), MofNCompleteColumn(), TextColumn("documents"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("clean", total=None)
        for outcome in outcomes:
            yield outcome
            progress.advance(task)
