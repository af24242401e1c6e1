"""JSON lines out: the row of the contract for a result, or for a failure."""

from __future__ import annotations

from typing import Any

from siglum.api import Result
from siglum.document import Failure
from siglum.report import dumps, redacted


def row_of(result: Result, *, lines: bool = False, inline_report: bool = False, redact: bool = False) -> dict[str, Any]:
    """Return the output row of *result*: text, language, tag, provenance, what was removed, and what was asked for.

    *redact* leaves out quotes and names, as in a redacted report.
    """
    source = result.run.source
    told = result.provenance.to_json()
    row: dict[str, Any] = {
        "id": source.id,
        "text": result.text,
        "language": result.language,
        "tag": result.tag,
        "provenance": redacted(told) if redact else told,
        "removed": result.removed,
    }
    if source.url:
        row["url"] = source.url
    if source.meta:
        row["meta"] = dict(source.meta)
    if lines:
        row["lines"] = [
            {"start": line.start, "end": line.end, "language": line.language, "confidence": line.confidence}
            for line in result.lines
        ]
    if inline_report:
        row["report"] = result.report(redact=redact).data
    return row


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return the output row of a document that could not be done."""
    return {"id": failure.id, "error": failure.error}


def line_of(row: dict[str, Any]) -> bytes:
    """Return *row* as one line of JSON."""
    return dumps(row) + b"\n"
