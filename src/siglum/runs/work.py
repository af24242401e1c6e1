"""One document after the other: where it comes from, what is done with it, and what is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from siglum.api import Chain, Result
from siglum.document import NOTHING, Failure
from siglum.errors import SiglumError
from siglum.readers.files import EXCLUDE, INCLUDE, ROWS, Source, find_files
from siglum.readers.rows import read_row
from siglum.report import dumps
from siglum.writers.rows import failure_row, line_of, row_of

MEDIA_TYPES = {".md": "text/markdown", ".markdown": "text/markdown", ".rst": "text/x-rst"}


class Task(NamedTuple):
    """One document to do, as it was read; small enough to be handed to another process."""

    id: str
    source: str  # the file it came from, by its id; "-" for standard input
    body: bytes | str
    kind: str = (
        "bytes"  # "bytes" of a text or page, "row" of JSON, or "error": *body* says what kept it from being read
    )
    html: bool | None = None
    media_type: str = "text/plain"
    encoding: str = ""
    url: str = ""
    headers: Mapping[str, str] | None = None
    meta: Mapping[str, Any] | None = None
    from_rows: bool = False  # whether its source holds many documents


class Outcome(NamedTuple):
    """What became of one document: a result, or the error that kept it from one."""

    id: str
    source: str
    from_rows: bool
    result: Result | None
    error: str = ""


@dataclass(frozen=True)
class Wants:
    """What is asked for of every document."""

    text: bool = False
    row: bool = False
    report: bool = False
    lines: bool = False
    inline_report: bool = False
    full: bool = False
    redact: bool = False


class Product(NamedTuple):
    """What is written of one document, ready as bytes; fields nobody asked for are empty."""

    id: str
    source: str
    from_rows: bool
    error: str
    text: bytes
    row: bytes
    report: bytes
    summary: Mapping[str, Any]  # what summary.csv says of it


@dataclass(frozen=True)
class Reading:
    """How files become tasks."""

    form: str = "auto"  # "auto", "text", "html", "jsonl"
    encoding: str = ""
    include: tuple[str, ...] = INCLUDE
    exclude: tuple[str, ...] = EXCLUDE

    def files(self, paths: Iterable[Path]) -> Iterator[Task]:
        """Yield the documents of the files and folders *paths*, in a stable order.

        Ids are paths below the folder given; where two documents would share one, the later is an error. Raises
        InputError for a path that does not exist.
        """
        seen: set[str] = set()
        for source in find_files(paths, self.include, self.exclude):
            if source.id in seen:
                yield _error(source.id, f"{source.path}: another document is called {source.id!r} already")
                continue
            seen.add(source.id)
            if self.form == "jsonl" or (self.form == "auto" and source.path.suffix in ROWS):
                yield from self._rows_file(source)
            else:
                yield self._file(source)

    def stream(self, stream: BinaryIO) -> Iterator[Task]:
        """Yield the documents of *stream*: one text or page, or as many as it has rows."""
        if self.form == "jsonl":
            yield from _rows(stream, "-")
        else:
            yield self._bytes(stream.read(), "-", "")

    def _file(self, source: Source) -> Task:
        try:
            data = source.path.read_bytes()
        except OSError as e:
            return _error(source.id, f"{source.path}: cannot be read: {e.strerror or e}")
        return self._bytes(data, source.id, source.path.suffix.lower())

    def _bytes(self, data: bytes, id: str, suffix: str) -> Task:
        html = {"html": True, "text": False}.get(self.form)
        media_type = MEDIA_TYPES.get(suffix, "text/plain")
        return Task(id, id, data, html=html, media_type=media_type, encoding=self.encoding)

    def _rows_file(self, source: Source) -> Iterator[Task]:
        try:
            with source.path.open("rb") as lines:
                yield from _rows(lines, source.id)
        except OSError as e:
            yield _error(source.id, f"{source.path}: cannot be read: {e.strerror or e}", from_rows=True)


def _rows(lines: Iterable[bytes], name: str) -> Iterator[Task]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield Task(f"{name}:{number}", name, line, "row", from_rows=True)


def _error(id: str, message: str, *, from_rows: bool = False) -> Task:
    return Task(id, id, message, "error", from_rows=from_rows)


def do(task: Task, chain: Chain) -> Outcome:
    """Return what *chain* makes of *task*; whatever goes wrong with it is an outcome too."""
    id = task.id
    try:
        if task.kind == "error":
            return _failed(task, id, str(task.body))
        if task.kind == "row":
            row = read_row(task.body, task.id)
            if isinstance(row, Failure):
                return _failed(task, row.id, row.error)
            id = row.id
            task = task._replace(body=row.body, html=row.html, url=row.url, headers=row.headers, meta=row.meta)
        result = chain.clean(
            task.body,
            id=id,
            url=task.url,
            headers=task.headers or NOTHING,
            meta=task.meta or NOTHING,
            html=task.html,
            media_type=task.media_type,
            codec=task.encoding,
        )
    except Exception as e:
        # A fault nobody foresaw says its kind, so that it can be reported.
        return _failed(task, id, f"{id}: {e}" if isinstance(e, SiglumError) else f"{id}: {type(e).__name__}: {e}")
    return Outcome(id, task.source, task.from_rows, result)


def _failed(task: Task, id: str, error: str) -> Outcome:
    return Outcome(id, task.source, task.from_rows, None, error)


def product(outcome: Outcome, wants: Wants) -> Product:
    """Return what is written of *outcome*."""
    result = outcome.result
    if result is None:
        row = line_of(failure_row(Failure(outcome.id, outcome.error))) if wants.row else b""
        summary = {"id": outcome.id, "status": "failed", "error": outcome.error}
        return Product(outcome.id, outcome.source, outcome.from_rows, outcome.error, b"", row, b"", summary)
    report = result.report(full=wants.full, redact=wants.redact).data if wants.report else None
    return Product(
        outcome.id,
        outcome.source,
        outcome.from_rows,
        "",
        encoded(result.text) if wants.text else b"",
        line_of(row_of(result, lines=wants.lines, inline_report=wants.inline_report)) if wants.row else b"",
        dumps(report) if report else b"",
        _summary(result, report),
    )


def encoded(text: str) -> bytes:
    """Return *text* in UTF-8; a lone surrogate, for which UTF-8 has no form, is passed through: nothing is lost."""
    return text.encode("utf-8", "surrogatepass")


def _summary(result: Result, report: Mapping[str, Any] | None) -> dict[str, Any]:
    told, size = result.provenance, len(result.run.source.text)
    row: dict[str, Any] = {
        "id": result.id,
        "status": "cleaned" if result.run.edits else "unchanged",
        "lines_removed": result.removed["lines"],
        "code_points_removed": result.removed["code_points"],
        "percent_removed": f"{100 * result.removed['code_points'] / size:.1f}" if size else "0.0",
        "language": result.language,
        "tag": result.tag,
        "method": told.method,
        "engine": told.engine or "",
        "source_language": told.source_language or "",
        "basis": told.basis or "",
        "error": "",
    }
    if report:
        risks = {e["risk"] for e in report["edits"]}
        row |= {
            "source_sha256": report["source"]["sha256"],
            "output_sha256": report["output"]["sha256"],
            "inverse": report["inverse"]["status"],
            "risk": next((r for r in ("review", "low", "none") if r in risks), "none"),
        }
    return row
