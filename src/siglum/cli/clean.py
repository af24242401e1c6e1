"""`siglum clean`: read documents, clean them, write texts, rows, reports and the run's account."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import click
from click.core import ParameterSource

from siglum.cli.options import chain_options, settings_from
from siglum.errors import InputError

if TYPE_CHECKING:
    from siglum.cli.progress import Meter, Watch
    from siglum.readers.record import Fields, Limits
    from siglum.runs.catalogue import Summary
    from siglum.runs.reading import Reading
    from siglum.runs.sinks import Reports, Sink
    from siglum.runs.tasks import Given
    from siglum.runs.work import Product, Wants

STDIN = Path("-")
TABLES = ("parquet", "dolma")
UNTOLD = {
    "paths",
    "out",
    "force",
    "quiet",
    "log_format",
    "jobs",
    "report",
    "config",
}  # what changes no result, or is told elsewhere


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("-o", "--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for texts and accounts.")
@click.option(
    "--from", "form", type=click.Choice(["auto", "text", "html", "jsonl"]), default="auto", help="Form of the input."
)
@click.option(
    "--to",
    type=click.Choice(["text", "jsonl", "parquet", "dolma"]),
    help="Form of the output; that of the input if not said. Parquet and Dolma want -o.",
)
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
@click.option(
    "--field",
    "columns",
    multiple=True,
    metavar="ROLE=COLUMN",
    help="Column of rows and tables that holds the text, html, id, url or headers: text=body; may be repeated.",
)
@click.option(
    "--limit", "bounds", multiple=True, metavar="NAME=NUMBER", help="A limit of reading, as in docs/inputs.md."
)
@click.option("--compress", type=click.Choice(["gz", "zst"]), help="Pack the files of rows and reports in the folder.")
@click.option(
    "--duplicates",
    type=click.Choice(["off", "mark", "drop"]),
    default="mark",
    help="With -o: point from documents that say the same as one before, or nearly, to that one; or drop them.",
)
@click.option("--learn", is_flag=True, help="Learn the sites' templates from the input first, and use them.")
@click.option("-j", "--jobs", type=click.IntRange(min=1), default=1, help="Worker processes; the order is kept.")
@click.option("--timeout", type=click.FloatRange(min=0), default=0.0, help="Seconds a document may take; 0: any.")
@click.option("--memory", type=click.IntRange(min=0), default=0, help="MB of memory a worker may take; 0: any.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; write nothing.")
@click.option("--force", is_flag=True, help="Overwrite what stands in the output folder.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no account on standard error, only what failed.")
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    help="What standard error says: text for a person, or a line of JSON for each event.",
)
@chain_options
def clean(paths: tuple[Path, ...], **options: Any) -> None:
    """Clean PATHS: files, folders, or - for standard input.

    Archives, tables and packed files are known by their bytes. With -o, the folder gets the clean texts or rows, their
    reports, and the account of the run; stopped at any moment, the same command goes on where it was. Without it,
    results go to standard output. Rows of JSON lines hold {"id", "text" or "html", "url"?, "headers"?, "meta"?}.
    """
    if STDIN in paths and len(paths) > 1:
        raise click.UsageError("- (standard input) stands alone, without other paths")
    if options["to"] in TABLES:
        _check_tables(options)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy has no work here that threads could share
    if _in_workers(options):
        from siglum.runs.starting import context

        context()  # loads while this process opens what is read and written
    from siglum.cli.progress import Meter, on_terminal, size_of, watch_of
    from siglum.runs.folder import Folder
    from siglum.runs.sinks import Tally

    reading, stdin = _reading(options), sys.stdin.buffer
    meter = Meter(None)
    reading = replace(reading, opened=meter.open)
    terminal = on_terminal(results_on_stdout=not options["out"])
    watch = watch_of(options["log_format"], quiet=options["quiet"], terminal=terminal, meter=meter)
    if options["learn"]:
        stdin = _learned(reading, paths, stdin, options, watch)
    if STDIN not in paths and not options["quiet"]:
        meter.total = size_of(paths, reading)
    tasks = reading.stream(stdin) if STDIN in paths else reading.files(paths)
    tasks = _form_settled(tasks, options)
    sink, reports, tally = _sink(options), _reports(options), Tally()
    watch.begin(_begun(paths, options, meter))
    done = False
    try:
        if isinstance(sink, Folder):
            if sink.done:
                watch.note(f"going on after {sink.done} documents that are done")
            tasks = sink.rest(tasks)
        wants = sink.wants if reports is None else replace(sink.wants, report=True)
        for product in _products(tasks if options["quiet"] else meter.measured(tasks), wants, options):
            summary = _put(product, sink, reports, watch)
            tally.add(summary)
            watch.count(failed=summary.status == "failed")
        sink.close()
        done = True
    finally:
        watch.end(tally if done else None)
        if isinstance(sink, Folder):
            sink.leave()
    if reports:
        reports.close()
    if tally.status["failed"]:
        sys.exit(1)


def _begun(paths: tuple[Path, ...], options: dict[str, Any], meter: Meter) -> dict[str, Any]:
    """Return what the log says of the run when it begins."""
    inputs, out = [str(path) for path in paths], options["out"]
    return {"command": "clean", "inputs": inputs, "out": str(out) if out else None, "bytes": meter.total}


def _check_tables(options: dict[str, Any]) -> None:
    """Raise UsageError where Parquet or Dolma is asked for and other options do not allow it, MissingExtra."""
    if not options["out"]:
        raise click.UsageError(f"--to {options['to']} writes files: it wants -o")
    if options["compress"]:
        raise click.UsageError(f"--to {options['to']} is packed already: it takes no --compress")
    if options["to"] == "dolma" and options["redact"]:
        raise click.UsageError("--to dolma writes the untouched texts: it takes no --redact")
    if options["to"] == "parquet":
        from siglum.runs.forms import pyarrow

        pyarrow()


def _put(product: Product, sink: Sink, reports: Reports | None, watch: Watch) -> Summary:
    """Put *product* where it goes, tell what went wrong, and return what the summary says of it."""
    summary, error = product.summary, product.error
    try:
        summary = sink.put(product)
        if reports:
            reports.put(product)
    except InputError as e:
        error, summary = str(e), summary._replace(status="failed")
    if error:
        watch.fault(product.id, error)
    return summary


def _reading(options: dict[str, Any]) -> Reading:
    from siglum.runs.reading import Reading

    patterns = {name: options[name] for name in ("include", "exclude") if options[name]}
    fields, limits = _fields(options["columns"]), _limits(options["bounds"])
    return Reading(options["form"], options["encoding"], **patterns, fields=fields, limits=limits, passed=True)


def _fields(given: tuple[str, ...]) -> Fields:
    """Return the columns the caller names, the usual ones for what is not named. Raises UsageError."""
    from siglum.readers.record import Fields

    named: dict[str, tuple[str, ...]] = {}
    for word in given:
        role, _, column = word.partition("=")
        if role not in Fields.__dataclass_fields__ or not column:
            roles = ", ".join(Fields.__dataclass_fields__)
            raise click.UsageError(f"--field {word!r}: expected ROLE=COLUMN, where ROLE is one of {roles}")
        named[role] = (*named.get(role, ()), column)
    return Fields(**named)


def _limits(given: tuple[str, ...]) -> Limits:
    """Return the limits of reading with those the caller sets. Raises UsageError."""
    from siglum.readers.record import Limits

    named: dict[str, int] = {}
    for word in given:
        name, _, number = word.partition("=")
        if name not in Limits.__dataclass_fields__ or not number.isdecimal():
            names = ", ".join(Limits.__dataclass_fields__)
            raise click.UsageError(f"--limit {word!r}: expected NAME=NUMBER, where NAME is one of {names}")
        named[name] = int(number)
    return Limits(**named)


def _form_settled(tasks: Iterator[Given], options: dict[str, Any]) -> Iterator[Given]:
    """Settle the form of the output by the first document, where nobody said it: rows become rows."""
    if options["out"] or options["to"]:
        return tasks
    first = next(tasks, None)
    if first is None:
        return iter(())
    options["to"] = "jsonl" if first.from_rows else "text"
    return chain([first], tasks)


def _learned(
    reading: Reading, paths: tuple[Path, ...], stdin: BinaryIO, options: dict[str, Any], watch: Watch
) -> BinaryIO:
    """Learn from the input, put the packs among the rules, and return the standard input, to be read once more.

    The packs are kept in the output folder, as LEARNED; without one they go when the command ends.
    """
    from siglum.cli.learn import learn_from
    from siglum.runs.folder import LEARNED

    if STDIN in paths:
        spooled = tempfile.TemporaryFile()  # noqa: SIM115 - read after this returns; it goes with the process
        shutil.copyfileobj(stdin, spooled)
        spooled.seek(0)
        stdin = cast("BinaryIO", spooled)
    folder = options["out"] / LEARNED if options["out"] else _temporary_folder()
    tasks = reading.stream(stdin) if STDIN in paths else reading.files(paths)
    learned = list(learn_from(tasks, folder, []))  # what cannot be read fails again, and is told, when it is cleaned
    watch.note(f"templates of {len(learned)} site{'s' * (len(learned) != 1)} learned")
    if learned:
        options["rules"] = (*options["rules"], folder)
    if STDIN in paths:
        stdin.seek(0)
    return stdin


def _temporary_folder() -> Path:
    return Path(click.get_current_context().with_resource(tempfile.TemporaryDirectory()))


def _products(tasks: Iterator[Given], wants: Wants, options: dict[str, Any]) -> Iterator[Product]:
    from siglum.runs.pool import Limits, in_process, in_workers

    settings = settings_from(options)
    if not _in_workers(options):
        return in_process(tasks, settings, wants)
    limits = Limits(options["timeout"], options["memory"])
    return in_workers(tasks, settings, wants, jobs=options["jobs"], limits=limits)


def _in_workers(options: dict[str, Any]) -> bool:
    """Tell whether documents are done by other processes: several at once, or with limits that hold from outside."""
    return bool(options["jobs"] > 1 or options["timeout"] or options["memory"])


def _sink(options: dict[str, Any]) -> Sink:
    from siglum.runs.folder import PACKINGS, Folder
    from siglum.runs.sinks import DryRun, Stream
    from siglum.runs.work import Wants

    if options["dry_run"]:
        return DryRun(sys.stdout)
    detail = {"full": options["report_detail"] == "full", "redact": options["redact"], "lines": options["lines"]}
    if options["out"]:
        alike = options["duplicates"]
        texts, rows = options["to"] in (None, "text"), options["to"] != "text"
        asked = {"text": texts, "row": rows, "account": True, "duplicates": alike != "off"}
        form = options["to"] if options["to"] in TABLES else ""
        packing, drop = PACKINGS.get(options["compress"], ""), alike == "drop"
        wants = Wants(report=True, **asked, **detail)
        return Folder(
            options["out"],
            wants,
            _about(options),
            force=options["force"],
            packing=packing,
            form=form,
            drop_duplicates=drop,
        )
    rows = options["to"] == "jsonl"
    wants = Wants(text=not rows, row=rows, inline_report=options["inline_report"], **detail)
    return Stream(sys.stdout.buffer, wants)


def _about(options: dict[str, Any]) -> dict[str, Any]:
    """Return what was asked for, by which settings, packs and versions it is done: what a run is known by.

    Paths stand by their last part, and what changes no result (processes, progress) is left out, so that the same work
    has the same account everywhere.
    """
    from siglum.api import run_facts

    context = click.get_current_context()
    given = [name for name in sorted(options) if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    command = {
        "name": "clean",
        "inputs": [path.name for path in context.params["paths"]],
        "options": {name: _told(options[name]) for name in given if name not in UNTOLD},
    }
    return {"command": command, **run_facts(settings_from(options))}


def _told(value: Any) -> Any:
    """Return the value of an option as JSON can hold it, paths by their last part."""
    if isinstance(value, Path):
        return value.name
    return [_told(one) for one in value] if isinstance(value, tuple) else value


def _reports(options: dict[str, Any]) -> Reports | None:
    from siglum.runs.sinks import Reports

    if options["dry_run"] or not options["report"]:
        return None
    return Reports(options["report"], force=options["force"])
