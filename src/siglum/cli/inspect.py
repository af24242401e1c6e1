"""`siglum inspect`: what stays, what goes and why, each line's language, and the provenance with its quotes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from siglum.cli.options import chain_options, settings_from
from siglum.errors import InputError
from siglum.writers.visible import visible, width

if TYPE_CHECKING:
    from siglum.api import Result
    from siglum.document import Evidence

KEPT, TAKEN, CHANGED, MARKED = " ", "-", "~", "?"


class Shown(NamedTuple):
    """One line of the source as the screen shows it."""

    number: int
    mark: str
    language: str
    text: str
    causes: tuple[Evidence, ...]  # what took, changed or marked it; each rule once


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--encoding", default="", help="Your word on the encoding.")
@click.option("--url", default="", help="The address the text came from.")
@click.option("--all/--changes", "everything", default=True, help="Show every line (default), or only those touched.")
@chain_options
def inspect(file: Path, **options: Any) -> None:
    """Show FILE, or - for standard input, as siglum sees it.

    \b
    - taken   ~ changed   ? marked only   (nothing) stays
    """
    from siglum.api import Chain

    result = Chain.default(settings_from(options)).clean(
        read_input(file), id=file.name, url=options["url"], codec=options["encoding"]
    )
    lines = [line for line in shown(result) if options["everything"] or line.mark != KEPT]
    if sys.stdout.isatty():
        _colourful(result, lines)
    else:
        for row in plain(result, lines):
            click.echo(row)


def read_input(file: Path) -> bytes:
    """Return the bytes of *file*, of standard input for -. Raises InputError where it cannot be read."""
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as e:
        raise InputError(str(file), f"cannot be read: {e.strerror or e}") from e


def shown(result: Result) -> Iterator[Shown]:
    """Yield every line of the source that is not blank, with what became of it and why."""
    from siglum.page import page_of

    source = result.run.source.text
    numbers = _numbers(source)
    languages = {line.start: line.language for line in result.source_lines}
    edits = list(result.run.edits)
    marks = [f for f in result.run.findings if f.after is None and f.evidence.why and f.span.end > f.span.start]
    page = page_of(source)
    for start, end in zip(page.starts, page.ends, strict=True):
        edits = edits[next((n for n, e in enumerate(edits) if e.span.end > start), len(edits)) :]
        touching = [e for e in edits if e.span.start < end and e.before.strip()]
        whole = any(
            e.span.start <= start and e.span.end >= len(source[:end].rstrip()) and not e.after for e in touching
        )
        causes = [result.run.findings[c].evidence for e in touching for c in e.causes]
        if not touching:
            causes = [f.evidence for f in marks if f.span.start < end and start < f.span.end]
        mark = TAKEN if whole else CHANGED if touching else MARKED if causes else KEPT
        yield Shown(
            numbers[start],
            mark,
            languages.get(start, ""),
            source[start:end].strip("\r\n"),
            tuple({e.rule: e for e in causes}.values()),
        )


def _numbers(text: str) -> dict[int, int]:
    from siglum.offsets import line_spans

    return {span.start: n for n, span in enumerate(line_spans(text), 1)}


def summary(result: Result) -> list[tuple[str, str]]:
    """Return what the head of the screen says, as names and values."""
    told = result.provenance
    rows = [("document", f"{result.id or '-'}, {len(result.run.source.text)} code points" + _codec(result))]
    if result.document_language:
        found = result.document_language
        second = found.claims.get("second_opinion")
        doubt = f", langdetect says {second}" if second and found.claims["agreement"] == "differ" else ""
        rows.append(("language", f"{result.language} ({found.confidence:.2f}{doubt})"))
    taken = result.removed
    rows.append(
        (
            "taken",
            f"{taken['lines']} lines, {taken['code_points']} code points; restoring was tried and gives the source",
        )
    )
    rows.append(("provenance", _judgement(told)))
    rows += [("evidence", _quoted(result, f)) for f in told.evidence]
    rows += [("against", _quoted(result, f)) for f in told.counter]
    rows.append(("tag", result.tag))
    return rows


def _codec(result: Result) -> str:
    return f", {result.decoding.codec} ({result.decoding.basis})" if result.decoding else ""


def _judgement(told: Any) -> str:
    if told.method == "unknown":
        return "unknown: nothing on the page says whether it was translated"
    parts = [told.method]
    if told.engine:
        parts.append(f"by {told.engine_text or told.engine}")
    if told.translator:
        parts.append(f"by {told.translator}")
    if told.source_language and told.source_language != "und":
        parts.append(f"from {told.source_language} (basis: {told.basis})")
    return f"{', '.join(parts)}; confidence {told.confidence:.2f}"


def _quoted(result: Result, finding: Any) -> str:
    evidence = finding.evidence
    quote = evidence.quote or finding.span.of(result.run.source.text)
    place = evidence.place or f"line {result.run.source.text.count(chr(10), 0, finding.span.start) + 1}"
    return f"“{' '.join(quote.split())}” ({place}, {evidence.rule})"


def _margin(line: Shown) -> str:
    """Return what the margin says of a line: what kind of thing was seen, by which rule, and how many more agree."""
    if not line.causes:
        return ""
    first, *more = line.causes
    return f"{first.label} · {_id(first)}" + (f" +{len(more)}" if more else "")


def _id(evidence: Evidence) -> str:
    return evidence.rule.rpartition("/")[2]


def _legend(lines: list[Shown]) -> dict[str, str]:
    """Return the reason of every rule that the margin names, by its id, in the order they come."""
    return {_id(e): f"{e.why} ({e.rule})" for line in lines for e in line.causes[:1]}


def plain(result: Result, lines: list[Shown]) -> Iterator[str]:
    """Yield the screen as plain text, for pipes."""
    for name, value in summary(result):
        yield f"{name:<11} {visible(value)}"
    yield ""
    for line in lines:
        margin = f"    [{_margin(line)}]" if line.causes else ""
        yield f"{line.number:>5} {line.mark} {line.language:<8} {visible(line.text)}{visible(margin)}".rstrip()
    legend = _legend(lines)
    if legend:
        yield ""
    for id, why in legend.items():
        yield f"{id}: {visible(why)}"


_STYLE = {KEPT: "", TAKEN: "red strike", CHANGED: "yellow", MARKED: "cyan"}


def _colourful(result: Result, lines: list[Shown]) -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    console = Console()
    head = Table.grid(padding=(0, 2))
    head.add_column(style="dim", justify="right")
    head.add_column(overflow="fold")
    for name, value in summary(result):
        style = {"provenance": "bold", "tag": "bold", "evidence": "magenta", "against": "magenta"}.get(name, "")
        head.add_row(name, Text(visible(value), style=style))
    console.print(Panel(head, title="siglum", title_align="left", border_style="dim"))
    body = Table.grid(padding=(0, 1))
    body.add_column(style="dim", justify="right", no_wrap=True)
    body.add_column(no_wrap=True)
    body.add_column(style="green", no_wrap=True, min_width=max([2, *(width(x.language) for x in lines)]))
    body.add_column(overflow="fold")
    for line in lines:
        text = Text(visible(line.text), style=_STYLE[line.mark])
        if line.causes:
            text = Text.assemble(text, ("  " + visible(_margin(line)), "dim italic"))
        body.add_row(str(line.number), Text(line.mark, style=_STYLE[line.mark].split(" ")[0]), line.language, text)
    console.print(body)
    legend = Table.grid(padding=(0, 2))
    legend.add_column(style="dim italic", justify="right")
    legend.add_column(style="dim", overflow="fold")
    for id, why in _legend(lines).items():
        legend.add_row(id, Text(visible(why)))
    console.print()
    console.print(legend)
