"""One document after the other: what is done with it, and what is told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from siglum.api import Chain, Result
from siglum.document import NOTHING, Failure
from siglum.errors import SiglumError
from siglum.report import Removals, Report, encoded, tallied
from siglum.runs.catalogue import COLUMNS, Summary, storable
from siglum.runs.tasks import Given, Task, digest_of
from siglum.sites.site import site_of
from siglum.writers.files import Table
from siglum.writers.rows import failure_row, line_of, row_of


class Outcome(NamedTuple):
    """What became of one document: a result, or the error that kept it from one."""

    id: str
    source: str
    from_rows: bool
    result: Result | None
    error: str = ""
    passed: str = ""  # why it is no document


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
    account: bool = False  # what the catalogue and summary.csv say
    duplicates: bool = False


class Product(NamedTuple):
    """What is written of one document, ready as bytes; fields nobody asked for are empty."""

    id: str
    source: str
    from_rows: bool
    error: str
    text: bytes
    row: bytes
    report: bytes
    summary: Summary
    removals: Removals = ()
    line: bytes = b""  # of summary.csv
    digest: bytes = b""  # of the task, as `digest_of` gives it
    keys: tuple[int, ...] = ()  # by which duplicates are found


def done(given: Given, chain: Chain, wants: Wants) -> Product:
    """Return what is written of what *chain* makes of the task *given*; it raises nothing."""
    task = given.read()
    try:
        made = product(do(task, chain), wants)
    except Exception as e:
        return failed(task, _told(task.id, e), wants)
    return made._replace(digest=digest_of(task)) if wants.account else made


def failed(task: Task, error: str, wants: Wants) -> Product:
    """Return what is written of *task*, which could not be done because of *error*."""
    made = product(_failed(task, error), wants)
    return made._replace(digest=digest_of(task)) if wants.account else made


def do(given: Given, chain: Chain) -> Outcome:
    """Return what *chain* makes of the task *given*; whatever goes wrong with it is an outcome too."""
    task = given.read()
    if task.kind == "error":
        return _failed(task, str(task.body))
    if task.kind == "passed":
        return Outcome(task.id, task.source, task.from_rows, None, passed=str(task.body))
    try:
        result = chain.clean(
            task.body,
            id=task.id,
            url=task.url,
            headers=task.headers or NOTHING,
            meta=task.meta or NOTHING,
            html=task.html,
            media_type=task.media_type,
            codec=task.encoding,
        )
    except Exception as e:
        return _failed(task, _told(task.id, e))
    return Outcome(task.id, task.source, task.from_rows, result)


def _told(id: str, e: Exception) -> str:
    # A fault nobody foresaw says its kind, so that it can be reported.
    return f"{id}: {e}" if isinstance(e, SiglumError) else f"{id}: {type(e).__name__}: {e}"


def _failed(task: Task, error: str) -> Outcome:
    return Outcome(task.id, task.source, task.from_rows, None, error)


def product(outcome: Outcome, wants: Wants) -> Product:
    """Return what is written of *outcome*."""
    made = _product(outcome, wants) if outcome.result else _empty(outcome, wants)
    if not wants.account:
        return made
    summary = made.summary._replace(source=storable(outcome.source))
    return made._replace(summary=summary, line=summary_line(summary))


def _empty(outcome: Outcome, wants: Wants) -> Product:
    """Return what is written of a document that failed, or of what is none."""
    id, source, from_rows, _, error, passed = outcome
    row = line_of(failure_row(Failure(id, error))) if wants.row and not passed else b""
    summary = Summary(storable(id), "skipped" if passed else "failed", error=storable(passed or error))
    return Product(id, source, from_rows, error, b"", row, b"", summary)


def _product(outcome: Outcome, wants: Wants) -> Product:
    id, source, from_rows, result, *_ = outcome
    assert result
    report = result.report(full=wants.full, redact=wants.redact) if wants.report else None
    risk, removals = tallied(result.run.edits, result.run.findings) if report else ("", ())
    keys: tuple[int, ...] = ()
    if wants.duplicates:
        from siglum.runs.duplicates import keys_of  # numpy is not needed by those who look for none

        keys = keys_of(result.text)
    return Product(
        id,
        source,
        from_rows,
        "",
        encoded(result.text) if wants.text else b"",
        _row(result, wants) if wants.row else b"",
        report.dumps() if report else b"",
        _summary(result, report, risk),
        removals if wants.account else (),
        keys=keys,
    )


def summary_line(summary: Summary) -> bytes:
    """Return the line of summary.csv that says *summary*."""
    return TABLE.line(["" if value is None else value for value in summary[: len(COLUMNS)]])


TABLE = Table(COLUMNS)


def _row(result: Result, wants: Wants) -> bytes:
    row = row_of(result, lines=wants.lines, inline_report=wants.inline_report, redact=wants.redact)
    return line_of(row)


def _summary(result: Result, report: Report | None, risk: str) -> Summary:
    told, size = result.provenance, len(result.run.source.text)
    summary = Summary(
        id=storable(result.id),
        status="cleaned" if result.run.edits else "unchanged",
        lines_removed=result.removed["lines"],
        code_points_removed=result.removed["code_points"],
        percent_removed=round(100 * result.removed["code_points"] / size, 1) if size else 0.0,
        language=storable(result.language),
        tag=storable(result.tag),
        method=told.method,
        engine=storable(told.engine or ""),
        source_language=storable(told.source_language or ""),
        basis=told.basis or "",
        error="",
        site=storable(site_of(result.run.source.url)) if result.run.source.url else "",
    )
    if not report:
        return summary
    return summary._replace(
        source_sha256=report.parts["source"]["sha256"],
        output_sha256=report.parts["output"]["sha256"],
        inverse=report.parts["inverse"]["status"],
        risk=risk,
    )


def risk_of(report: Mapping[str, Any]) -> str:
    """Return the highest risk of the edits that are in force in *report*."""
    risks = {edit["risk"] for edit in report["edits"] if edit["state"] == "applied"}
    return next((risk for risk in ("review", "low") if risk in risks), "none")


def rules_of(report: Mapping[str, Any]) -> Removals:
    """Return the rules that changed the text, each with its label, its edits, and the code points those took."""
    edits, taken, labels = Counter[str](), Counter[str](), {}
    for edit in report["edits"]:
        for ref in edit["rules"] if edit["state"] == "applied" else ():
            rule = ref.rpartition("@")[0]
            edits[rule] += 1
            taken[rule] += edit["src"][1] - edit["src"][0] - len(edit["ins"])
            labels[rule] = report["rules"][ref]["label"]
    return tuple([(rule, labels[rule], edits[rule], taken[rule]) for rule in sorted(edits)])
