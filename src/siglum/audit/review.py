"""Decisions of a person on the edits of a run: read, checked, and carried out, with both states left in the account."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from siglum.audit.examples import Example, examples, toml
from siglum.audit.facts import plain, summary_rows
from siglum.audit.rewrite import Changed, Rewriting
from siglum.edit import Edit, EditMap, apply, invert
from siglum.errors import InputError, ReportMismatch
from siglum.page import page_of
from siglum.report import Report, dumps, loads, report_id, sha256
from siglum.runs.catalogue import CATALOGUE, COLUMNS, Catalogue
from siglum.runs.folder import RUN, counted
from siglum.runs.work import risk_of, rules_of
from siglum.span import Span
from siglum.writers.files import MANIFEST, SUMMARY, Table

VERSION = "1"
STATE_OF = {"accepted": "applied", "rejected": "rejected"}


class Decision(NamedTuple):
    """What a person says of one edit."""

    document: str
    report_id: str
    edit: str
    verdict: str  # "accepted" or "rejected"
    note: str = ""
    when: str = ""


@dataclass(frozen=True)
class Decisions:
    """A file of decisions as it was read; who decided and when is what the file says, no clock is asked."""

    reviewer: str
    when: str
    rows: tuple[Decision, ...]
    data: bytes

    @property
    def sha256(self) -> str:
        """The digest of the file."""
        return sha256(self.data)

    @classmethod
    def loads(cls, data: bytes) -> Decisions:
        """Return the decisions *data*, JSON, holds. Raises InputError, naming the fault, where it is no such file."""
        try:
            read = loads(data)
        except ValueError as e:
            raise InputError("decisions", f"expected JSON, found something else ({e})") from e
        if not isinstance(read, dict) or read.get("decisions_version") != VERSION:
            raise InputError(
                "decisions", f"expected decisions_version {VERSION!r}; the page's Save button writes such a file"
            )
        reviewer = read.get("reviewer")
        if not isinstance(reviewer, str) or not reviewer.strip():
            raise InputError("decisions", "expected a name in 'reviewer': a decision belongs to a person")
        rows = read.get("decisions")
        if not isinstance(rows, list):
            raise InputError("decisions", "expected a list in 'decisions'")
        return cls(
            reviewer, str(read.get("saved", "")), tuple(_decision(n, row) for n, row in enumerate(rows, 1)), data
        )


def _decision(n: int, row: Any) -> Decision:
    wanted = ("document", "report_id", "edit", "verdict")
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) for name in wanted):
        raise InputError("decisions", f"decision {n}: expected texts in {', '.join(wanted)}")
    if row["verdict"] not in STATE_OF:
        raise InputError("decisions", f"decision {n}: expected accepted or rejected, found {row['verdict']!r}")
    return Decision(
        **{name: row[name] for name in wanted}, note=str(row.get("note", "")), when=str(row.get("when", ""))
    )


class Applied(NamedTuple):
    """What became of a file of decisions."""

    accepted: int
    rejected: int
    documents: int  # whose clean text changed
    already: int  # decisions this run had taken in before
    examples: str  # TOML: the rejected edits as texts their rules must leave


class _Reviewed(NamedTuple):
    """A document that was decided on."""

    report: Mapping[str, Any]
    summary: Mapping[str, Any]  # what of its row in the summary is new
    old_output: str
    decisions: tuple[Decision, ...]


def apply_review(folder: Path, decisions: Decisions) -> Applied:
    """Carry out *decisions* in the run at *folder*: texts, rows or tables, reports and the account are written anew.

    An edit that is rejected is undone and keeps its place in the report in the state "rejected"; one accepted later is
    made again. The report's history holds who, when, the notes and the digest of the text before; the file of decisions
    is kept in the run. All is checked before anything is put in place, and a crash leaves the old state or the new one
    to be completed. The same file a second time changes nothing.

    Raises InputError where the folder is no run or names no such document or edit, or a file cannot be written;
    ReportMismatch where a decision is about another state of its document or the run was changed by other hands.
    Nothing is put in place then, but for a disk that fails while files are: the next call completes that.
    """
    review = _Review(decisions)
    try:
        run = Rewriting(folder)
        try:
            run.documents(review.wanted, review.change)
            review.check()
            if review.done:
                _account(run, review, sha256((folder / MANIFEST).read_bytes()))
                run.commit()
        finally:
            run.discard()
    except OSError as e:
        raise InputError(str(e.filename or folder), f"the review cannot be carried out: {e.strerror or e}") from e
    return review.applied()


class _Review:
    """Decisions as they meet their documents."""

    def __init__(self, decisions: Decisions) -> None:
        self.decisions = decisions
        self.done: list[_Reviewed] = []
        self.wanted: dict[str, list[Decision]] = {}
        for row in decisions.rows:
            self.wanted.setdefault(row.document, []).append(row)
        self._met: set[Decision] = set()
        self._states: dict[str, str] = {}  # of documents named in the decisions: the report the run has
        self._already = 0
        self._examples: list[Example] = []

    def change(self, report: Report, clean: str) -> Changed | None:
        """Return the document with its decisions carried out, None where they were before."""
        rows = tuple(self.wanted[report.id])
        self._states.setdefault(report.id, report.data["report_id"])
        if any(entry["decisions_sha256"] == self.decisions.sha256 for entry in report.data.get("history", ())):
            self._already += len(rows)
            self._met.update(rows)
            return None
        # Rows of two files may share an id: the report's name tells which document is meant.
        rows = tuple(row for row in rows if row.report_id == report.data["report_id"])
        self._met.update(rows)
        if not rows:
            return None
        source = report.restore_text(clean)
        new, text = reviewed(report, source, rows, self.decisions)
        changed = Changed(new, text, _lines_fewer(source, text), len(source) - len(text))
        self.done.append(_Reviewed(new, _summary_of(changed), report.data["output"]["sha256"], rows))
        self._examples += examples(report, source, {r.edit: r.note for r in rows if r.verdict == "rejected"})
        return changed

    def check(self) -> None:
        """Raise InputError or ReportMismatch for a decision that met no document of the run."""
        for row in self.decisions.rows:
            if row.document not in self._states:
                raise InputError(row.document, "no such document in this run")
            if row not in self._met:
                raise ReportMismatch(row.document, f"decisions on {self._states[row.document]}", row.report_id)

    def applied(self) -> Applied:
        """Return what became of the decisions."""
        rows = [row for document in self.done for row in document.decisions]
        return Applied(
            accepted=sum(row.verdict == "accepted" for row in rows),
            rejected=sum(row.verdict == "rejected" for row in rows),
            documents=sum(d.report["output"]["sha256"] != d.old_output for d in self.done),
            already=self._already,
            examples=toml(self._examples),
        )


# The account of the run


def _account(run: Rewriting, review: _Review, before: str) -> None:
    """Bring summary, catalogue and run.json up to date; *before* is the digest of the manifest that was."""
    decisions, applied = review.decisions, review.applied()
    name = f"review-{decisions.sha256[:16]}.json"
    run.put(name, decisions.data)
    done = {(_written(d.report["id"]), d.report["source"]["sha256"], d.old_output): d for d in review.done}
    if SUMMARY in run.digests:
        run.put(SUMMARY, _summary(run.checked(SUMMARY).read_bytes(), done))
    told = {
        "decisions": name,
        "decisions_sha256": decisions.sha256,
        "reviewer": decisions.reviewer,
        "when": decisions.when,
        "accepted": applied.accepted,
        "rejected": applied.rejected,
        "documents_changed": applied.documents,
        "manifest_sha256_before": before,
    }
    account = loads(run.checked(RUN).read_bytes()) if RUN in run.digests else {}
    account["reviews"] = [*account.get("reviews", ()), told]
    if CATALOGUE not in run.digests:
        if RUN in run.digests:
            run.put(RUN, dumps(account, indent=True) + b"\n")
        return
    work = run.staging / f"{CATALOGUE}.part"
    shutil.copyfile(run.checked(CATALOGUE), work)
    db = Catalogue(work)
    try:
        for row in list(db.rows("SELECT number, id, source_sha256, output_sha256 FROM documents")):
            if document := done.get((row["id"], row["source_sha256"], row["output_sha256"])):
                db.change(row["number"], document.summary)
                db.add_review(row["number"], document.report["history"][-1])
        if RUN in run.digests:
            run.put(RUN, dumps(account | counted(db), indent=True) + b"\n")
        for file, digest in run.files.items():
            if file != CATALOGUE:
                db.add_file(file, digest)
        db.commit()
        db.write(run.staging / CATALOGUE)
    finally:
        db.close()
    work.unlink()
    run.take(CATALOGUE)


def _summary(data: bytes, done: Mapping[tuple[str, str, str], _Reviewed]) -> bytes:
    kept = list(summary_rows(data))
    table = Table(tuple(kept[0]) if kept else COLUMNS)
    out = [table.head()]
    for row in kept:
        document = done.get((plain(row["id"]), row["source_sha256"], row["output_sha256"]))
        out.append(table.row({**row, **(document.summary if document else {})}))
    return b"".join(out)


def _summary_of(changed: Changed) -> dict[str, Any]:
    report, size = changed.report, changed.report["text"]["codepoints"]
    applied = any(edit["state"] == "applied" for edit in report["edits"])
    return {
        "status": "cleaned" if applied else "unchanged",
        "output_sha256": report["output"]["sha256"],
        "lines_removed": changed.lines,
        "code_points_removed": changed.code_points,
        "percent_removed": f"{100 * changed.code_points / size:.1f}" if size else "0.0",
        "risk": risk_of(report),
        "rules": rules_of(report),
    }


def _lines_fewer(source: str, clean: str) -> int:
    """Return how many lines that are not blank *source* has more than *clean*."""
    return max(0, len(page_of(source).lines) - sum(1 for line in clean.split("\n") if line.strip()))


def _written(id: str) -> str:
    """Return *id* as the summary and the catalogue write it."""
    return id.encode("utf-8", "backslashreplace").decode()


# One document


def reviewed(report: Report, source: str, rows: Sequence[Decision], decisions: Decisions) -> tuple[dict[str, Any], str]:
    """Return the report and the clean text of *source* with the decisions *rows* on this report carried out.

    Raises InputError for an edit it has not.
    """
    data = loads(dumps(dict(report.data)))
    edits = {row["id"]: row for row in data["edits"]}
    changes = []
    for decision in rows:
        if decision.edit not in edits:
            raise InputError(report.id, f"has no edit {decision.edit!r}")
        edit, state = edits[decision.edit], STATE_OF[decision.verdict]
        told = {"edit": decision.edit, "verdict": decision.verdict, "from": edit["state"], "to": state}
        told |= {k: v for k, v in (("note", decision.note), ("when", decision.when)) if v}
        changes.append(told)
        edit["state"] = state
    entry = {
        "decisions_sha256": decisions.sha256,
        "reviewer": decisions.reviewer,
        "when": decisions.when,
        "report_id": data["report_id"],
        "output_sha256": data["output"]["sha256"],
        "changes": changes,
    }
    data["history"] = [*data.get("history", ()), entry]
    return data, _rebuild(data, source)


def _rebuild(data: dict[str, Any], source: str) -> str:
    """Apply the edits of *data* that are in force and bring all that depends on the clean text up to date."""
    applied = Report(data).edits
    text = apply(source, applied)
    if apply(text, invert(applied)) != source:
        raise ReportMismatch(data["id"], "the source text from undoing the edits", "another text")
    shift = 0
    for row in data["edits"]:
        size = row["src"][1] - row["src"][0]
        put = len(row["ins"]) if row["state"] == "applied" else size
        start = row["src"][0] + shift
        row["out"] = [start, start + put]
        shift += put - size
    _move_segments(data["segments"], applied, text)
    output = text.encode("utf-8", "surrogatepass")
    data["output"] |= {"size": len(output), "sha256": sha256(output), "codepoints": len(text)}
    data["report_id"] = report_id(
        data["id"], data["source"]["sha256"], data["output"]["sha256"], data["run"]["config_sha256"]
    )
    return text


def _move_segments(segments: Iterable[dict[str, Any]], applied: Sequence[Edit], text: str) -> None:
    there = EditMap(applied)
    for segment in segments:
        out = there.carry(Span(*segment["src"])) if applied else Span(*segment["src"])
        segment["out"] = list(out) if out.of(text).strip() else None
