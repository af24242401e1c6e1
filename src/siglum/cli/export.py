"""`siglum export` and `siglum diff`: a run in the formats of archives, and two runs compared."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from siglum.cli.options import CONFIG
from siglum.errors import ReportMismatch
from siglum.writers.visible import visible

if TYPE_CHECKING:
    from siglum.audit.premis import Writable
    from siglum.audit.record import AuditedRun

FORMS = ("premis", "warc", "bag", "prov", "pages", "statement")


@click.command()
@click.argument("folder", metavar="RUN", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--to", "form", type=click.Choice(FORMS), required=True, help="The format.")
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Where to write; else standard output. A bag needs it."
)
@click.option(
    "--warc-style",
    type=click.Choice(["conversion", "urn-text"]),
    default="conversion",
    help="Clean texts as conversion records (default), or as resources of urn:text:ADDRESS.",
)
@click.option(
    "--sources",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="The folder the run read: pages and redacted runs have their sources from there.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help=f"Where the table [agents] is, in TOML; {CONFIG} of this folder if there is one.",
)
@click.option("--force", is_flag=True, help="Overwrite what stands there; never a bag.")
def export(folder: Path, form: str, out: Path | None, **options: Any) -> None:
    """Write the run in the folder RUN in a format that archives keep or import.

    premis: PREMIS 3 XML. warc: WARC 1.1, compressed unless OUT ends in .warc. bag: a BagIt folder with sources, texts,
    reports, PREMIS, PROV and statement. prov: PROV-JSON. pages: pages.jsonl for a WACZ. statement: a text to sign.

    Dates are that of SOURCE_DATE_EPOCH, or 1970: the same run gives the same bytes.
    """
    from siglum.audit.agents import read_agents
    from siglum.audit.record import AuditedRun, source_date
    from siglum.writers.files import WholeFile

    config = options["config"] or (Path(CONFIG) if Path(CONFIG).is_file() else None)
    agents = read_agents(config) if config else ()
    run = AuditedRun(folder, agents, source_date(os.environ), options["sources"])
    if form == "bag" and not out:
        raise click.UsageError("a bag is a folder: say where with -o")
    try:
        if form == "bag" and out:
            from siglum.audit.bag import write_bag

            write_bag(run, out)
        elif out:
            file = WholeFile(out, force=options["force"])
            try:
                _write(run, form, file, options["warc_style"], out.suffix != ".warc")
                file.commit()
            finally:
                file.discard()
        else:
            _write(run, form, sys.stdout.buffer, options["warc_style"], True)
    except (ReportMismatch, KeyError) as e:
        _refuse(e)


def _refuse(e: Exception) -> NoReturn:
    """Say why this run cannot be told of, and end with status 3."""
    lacks = f"a report of this run lacks the field {e}; siglum verify RUN checks them all"
    click.echo(f"siglum: {visible(lacks if isinstance(e, KeyError) else str(e))}", err=True)
    sys.exit(3)


def _write(run: AuditedRun, form: str, out: Writable, warc_style: str, compress: bool) -> None:
    if form == "premis":
        from siglum.audit.premis import write_premis

        write_premis(run, out)
    elif form == "prov":
        from siglum.audit.prov import prov

        out.write(prov(run))
    elif form == "statement":
        from siglum.audit.statement import statement

        out.write(statement(run))
    else:
        from siglum.audit.warc import pages, write_warc

        if form == "warc":
            write_warc(run, out, style=warc_style, compress=compress)
        else:
            for line in pages(run):
                out.write(line)


@click.command()
@click.argument("a", metavar="RUN_A", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.argument("b", metavar="RUN_B", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--json", "as_json", is_flag=True, help="JSON lines: the runs, each document that differs, the sum.")
def diff(a: Path, b: Path, as_json: bool) -> None:
    """Say what came out differently in RUN_B: documents, lines, claims and tags, and the rules behind it."""
    from siglum.audit.diff import Totals, compare, run_changes, told, told_change
    from siglum.report import dumps

    def put(kind: str, data: Any, lines: list[str]) -> None:
        if as_json:
            sys.stdout.buffer.write(dumps({kind: data}) + b"\n")
        for line in () if as_json else lines:
            click.echo(line)

    try:
        changes = run_changes(a, b)
        put("run", [c._asdict() for c in changes], [f"run: {told_change(c)}" for c in changes])
        total = Totals()
        for document in compare(a, b):
            total.add(document)
            if document.status != "same":
                put("document", document.to_json(), list(told(document)))
        put("totals", total.to_json(), total.lines())
    except (ReportMismatch, KeyError) as e:
        _refuse(e)
