"""`siglum language` and `siglum provenance`: one question each, answered for people or for programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from siglum.cli.inspect import read_input, summary
from siglum.cli.options import chain_options, settings_from
from siglum.writers.visible import visible

if TYPE_CHECKING:
    from siglum.provenance.collection import Judged
    from siglum.runs.work import Outcome


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--from", "form", type=click.Choice(["text", "jsonl"]), default="text", help="Form of the input.")
@click.option("--to", type=click.Choice(["text", "jsonl"]), help="Form of the output; that of the input if not said.")
@click.option("--encoding", default="", help="Your word on the encoding.")
@chain_options
def language(file: Path, form: str, to: str | None, encoding: str, **options: Any) -> None:
    """Tell the language of every line of FILE, or of standard input for -.

    Rows hold {"id", "text", "doc_id"?, "line_no"?}, a line or short text each; out come {"id", "lang", "confidence"}.
    """
    from siglum.language.tagger import Tagger

    tagger = Tagger(settings_from(options).language)
    if form == "jsonl":
        failed = False
        for row in _tagged_rows(file, tagger):
            failed = failed or "error" in row
            _write_row(row)
        sys.exit(1 if failed else 0)
    from siglum.decoding import decode

    text, _ = decode(read_input(file), caller=encoding)
    found = tagger.tag_text(text)
    if to == "jsonl":
        for n, line in enumerate(found.lines, 1):
            _write_row({"id": f"{file.name}:{n}", "lang": line.language, "confidence": line.confidence})
        return
    second = f"; langdetect: {found.second[0]} ({found.agreement})" if found.second else ""
    click.echo(f"{found.language} {found.confidence:.2f}{second}")
    for line in found.lines:
        told = text[line.start : line.end].strip()
        others = f" (or {', '.join(line.alternatives)})" if line.alternatives else ""
        click.echo(f"{line.language:<8} {line.confidence:.2f}  {visible(told)}{others}")


def _tagged_rows(file: Path, tagger: Any) -> Iterator[dict[str, Any]]:
    from siglum.language.rows import tag_rows
    from siglum.report import loads

    def rows() -> Iterator[dict[str, Any]]:
        stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
        with stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    try:
                        yield loads(line)
                    except ValueError as e:
                        yield {"id": f"{file.name}:{number}", "error": f"the line is not JSON: {e}"}

    yield from tag_rows(rows(), tagger)


def _write_row(row: dict[str, Any]) -> None:
    from siglum.report import dumps

    sys.stdout.buffer.write(dumps(row) + b"\n")


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--from", "form", type=click.Choice(["auto", "text", "html", "jsonl"]), default="auto")
@click.option("--json", "as_json", is_flag=True, help="One JSON line a document.")
@click.option("--summary", "summed", is_flag=True, help="What all say together, by site, engine, languages.")
@chain_options
def provenance(files: tuple[Path, ...], form: str, as_json: bool, summed: bool, **options: Any) -> None:
    """Tell whether and by whom the texts FILES were translated, with the quotes that say so.

    With --summary, the counts of the whole collection, and the documents that lack the credit all others of their site
    carry: a hint with its basis, not a claim.
    """
    from siglum.api import Chain
    from siglum.runs.reading import Reading
    from siglum.runs.work import do

    chain, reading = Chain.default(settings_from(options)), Reading(form)
    tasks = reading.stream(sys.stdin.buffer) if Path("-") in files else reading.files(files)
    failed, judged = False, []
    for outcome in (do(task, chain) for task in tasks):
        if outcome.result is None:
            failed = True
            click.echo(f"siglum: {outcome.error}", err=True)
        elif summed:
            judged.append(_judged(outcome))
        elif as_json:
            told = {**outcome.result.provenance.to_json(), "tag": outcome.result.tag}
            _write_row({"id": outcome.id, "provenance": told})
        else:
            _tell(outcome)
    if summed:
        _sum_up(judged, as_json)
    if failed:
        sys.exit(1)


def _judged(outcome: Outcome) -> Judged:
    from siglum.provenance.collection import Judged, site_of

    assert outcome.result
    return Judged(outcome.id, site_of(outcome.result.run.source.url), outcome.result.provenance)


def _sum_up(judged: list[Judged], as_json: bool) -> None:
    from dataclasses import asdict

    from siglum.provenance.collection import summarise

    summary = summarise(judged)
    if as_json:
        _write_row(asdict(summary))
        return
    for site, method, n in summary.sites:
        click.echo(f"site        {visible(site) or '(no address)'}: {n} {method}")
    for engine, n in summary.engines:
        click.echo(f"engine      {visible(engine)}: {n}")
    for source, target, n in summary.pairs:
        click.echo(f"translated  from {source} into {target}: {n}")
    for odd in summary.odd:
        by = f" by {odd.engine}" if odd.engine else ""
        click.echo(f"look        {visible(odd.id)} states nothing, but {odd.basis} ({odd.expected}{by})")


def _tell(outcome: Outcome) -> None:
    assert outcome.result
    for name, value in summary(outcome.result):
        if name != "taken":
            click.echo(f"{name:<11} {visible(value)}".rstrip())
    click.echo()
