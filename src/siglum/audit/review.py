"""Decisions of a person on the edits of a run: read, checked, and carried out, with both states left in the account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from siglum.audit.facts import plain, summary_rows
from siglum.edit import Edit, EditMap, apply, invert
from siglum.errors import InputError, ReportMismatch
from siglum.page import page_of
from siglum.report import Report, dumps, loads, report_id, sha256
from siglum.runs.audit import REPORT_ENDING
from siglum.runs.sinks import COLUMNS, report_rows
from siglum.span import Span
from siglum.writers.files import MANIFEST, SUMMARY, Table, manifest, read_manifest, write_whole

VERSION = "1"
STATE_OF = {"accepted": "applied", "rejected": "rejected"}
EXAMPLE_LINES = 2  # of the source on either side of a rejected edit, in an example made of it


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


class _Change(NamedTuple):
    """A document before and after, with the lines of the files that hold it."""

    report: dict[str, Any]
    text: str
    old_output: str
    rows: tuple[Decision, ...]


def apply_review(folder: Path, decisions: Decisions) -> Applied:
    """Carry out *decisions* in the run at *folder*: clean texts, reports, summary and manifest are written anew.

    An edit that is rejected is undone and keeps its place in the report in the state "rejected"; one accepted later is
    made again. The report's history holds who, when, the notes and the digest of the text before; the file of decisions
    is kept in the run. All is checked before anything is written, and the manifest comes last. The same file a second
    time changes nothing.

    Raises InputError where the folder is no run or names no such document or edit, ReportMismatch where a decision is
    about another state of its document or the run was changed by other hands; nothing is written then.
    """
    digests = read_manifest((folder / MANIFEST).read_bytes()) if (folder / MANIFEST).exists() else {}
    if not digests:
        raise InputError(str(folder), f"is no run: {MANIFEST} is missing")
    run = _RunFiles(folder, digests, decisions)
    run.read()
    run.write()
    return run.applied()


class _RunFiles:
    """The files of a run on their way from one state to the next."""

    def __init__(self, folder: Path, digests: dict[str, str], decisions: Decisions) -> None:
        self._folder, self._digests, self._decisions = folder, digests, decisions
        self._wanted: dict[str, list[Decision]] = {}
        for row in decisions.rows:
            self._wanted.setdefault(row.document, []).append(row)
        self._met: set[Decision] = set()
        self._states: dict[str, str] = {}  # of documents named in the decisions: the report the run has
        self._new: dict[str, bytes] = {}
        self._changes: list[_Change] = []
        self._already = 0
        self._examples: list[_Example] = []

    def read(self) -> None:
        for name in list(self._digests):
            if name.endswith(REPORT_ENDING):
                self._one_document(name)
            elif report_rows(name) in self._digests:
                self._rows(name)
        for row in self._decisions.rows:
            if row.document not in self._states:
                raise InputError(row.document, "no such document in this run")
            if row not in self._met:
                raise ReportMismatch(row.document, f"decisions on {self._states[row.document]}", row.report_id)
        if self._changes and SUMMARY in self._digests:
            self._new[SUMMARY] = self._summary(self._checked(SUMMARY))

    def write(self) -> None:
        if not self._changes:
            return
        self._new[f"review-{self._decisions.sha256[:16]}.json"] = self._decisions.data
        for name, data in self._new.items():
            self._digests[name] = write_whole(self._folder / name, data, force=True)
        write_whole(self._folder / MANIFEST, manifest(self._digests), force=True)

    def applied(self) -> Applied:
        rows = [row for change in self._changes for row in change.rows]
        return Applied(
            accepted=sum(row.verdict == "accepted" for row in rows),
            rejected=sum(row.verdict == "rejected" for row in rows),
            documents=sum(c.report["output"]["sha256"] != c.old_output for c in self._changes),
            already=self._already,
            examples=_toml(self._examples),
        )

    def _one_document(self, name: str) -> None:
        data = (self._folder / name).read_bytes()
        report = Report.loads(data)
        if report.id not in self._wanted:
            return
        text_name = name.removesuffix(REPORT_ENDING) + ".txt"
        clean = self._checked(text_name).decode("utf-8", "surrogatepass")
        change = self._change(Report.loads(self._checked(name)), clean)
        if change:
            self._new[text_name] = change.text.encode("utf-8", "surrogatepass")
            self._new[name] = dumps(change.report, indent=True) + b"\n"

    def _rows(self, name: str) -> None:
        rows, reports, changed = [], [], False
        lines = iter(self._checked(report_rows(name)).splitlines(keepends=True))
        for line in self._checked(name).splitlines(keepends=True):
            row = loads(line)
            if "error" in row:
                rows.append(line)
                continue
            told = next(lines, b"")
            if row["id"] in self._wanted and (change := self._change(Report.loads(told), row["text"])):
                changed = True
                line, told = dumps(_row(row, change)) + b"\n", dumps(change.report) + b"\n"
            rows.append(line)
            reports.append(told)
        if changed:
            self._new[name], self._new[report_rows(name)] = b"".join(rows), b"".join(reports)

    def _checked(self, name: str) -> bytes:
        data = (self._folder / name).read_bytes()
        if sha256(data) != self._digests[name]:
            raise ReportMismatch(name, f"sha256 {self._digests[name]}, as the manifest says", sha256(data))
        return data

    def _change(self, report: Report, clean: str) -> _Change | None:
        """Return the document with its decisions carried out, None where they were before."""
        rows = tuple(self._wanted[report.id])
        self._states.setdefault(report.id, report.data["report_id"])
        if any(entry["decisions_sha256"] == self._decisions.sha256 for entry in report.data.get("history", ())):
            self._already += len(rows)
            self._met.update(rows)
            return None
        # Rows of two files may share an id: the report's name tells which document is meant.
        rows = tuple(row for row in rows if row.report_id == report.data["report_id"])
        self._met.update(rows)
        if not rows:
            return None
        source = report.restore_text(clean)
        new, text = reviewed(report, source, rows, self._decisions)
        change = _Change(new, text, report.data["output"]["sha256"], rows)
        self._changes.append(change)
        self._examples += _examples(report, source, rows)
        return change

    def _summary(self, data: bytes) -> bytes:
        new = {(_written(c.report["id"]), c.report["source"]["sha256"], c.old_output): c for c in self._changes}
        kept = list(summary_rows(data))
        table = Table(tuple(kept[0]) if kept else COLUMNS)
        out = [table.head()]
        for row in kept:
            change = new.get((plain(row["id"]), row["source_sha256"], row["output_sha256"]))
            out.append(table.row({**row, **(_summary_of(change) if change else {})}))
        return b"".join(out)


def _written(id: str) -> str:
    """Return *id* as the summary writes it."""
    return id.encode("utf-8", "backslashreplace").decode()


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


def _removed(report: Mapping[str, Any]) -> int:
    applied = [e for e in report["edits"] if e["state"] == "applied"]
    return sum(e["src"][1] - e["src"][0] - len(e["ins"]) for e in applied)


def _lines_removed(change: _Change) -> int:
    """Return how many lines that are not blank the source has more than the clean text."""
    source = Report(change.report).restore_text(change.text)
    return max(0, len(page_of(source).spans) - sum(1 for line in change.text.split("\n") if line.strip()))


def _summary_of(change: _Change) -> dict[str, Any]:
    applied = [e for e in change.report["edits"] if e["state"] == "applied"]
    size, removed = change.report["text"]["codepoints"], _removed(change.report)
    risks = {e["risk"] for e in applied}
    return {
        "status": "cleaned" if applied else "unchanged",
        "output_sha256": change.report["output"]["sha256"],
        "lines_removed": _lines_removed(change),
        "code_points_removed": removed,
        "percent_removed": f"{100 * removed / size:.1f}" if size else "0.0",
        "risk": next((r for r in ("review", "low", "none") if r in risks), "none"),
    }


def _row(row: Mapping[str, Any], change: _Change) -> dict[str, Any]:
    """Return the output row of a document with what the review changed in it."""
    new = {**row, "text": change.text}
    if "removed" in row:
        new["removed"] = {"lines": _lines_removed(change), "code_points": _removed(change.report)}
    if "lines" in row:
        new["lines"] = [
            {"start": s["out"][0], "end": s["out"][1], "language": s["lang"], "confidence": s["confidence"]}
            for s in change.report["segments"]
            if s["out"]
        ]
    if "report" in row:
        new["report"] = change.report
    return new


# Examples


class _Example(NamedTuple):
    """A text a rule must leave, since a person said so."""

    rule: str
    text: str
    url: str
    note: str


def _examples(report: Report, source: str, rows: Sequence[Decision]) -> Iterator[_Example]:
    edits = {row["id"]: row for row in report.data["edits"]}
    for decision in rows:
        if decision.verdict == "rejected":
            edit = edits[decision.edit]
            text = _around(source, *edit["src"])
            for ref in edit["rules"]:
                yield _Example(ref.partition("@")[0], text, report.data["source"].get("url", ""), decision.note)


def _around(text: str, start: int, end: int) -> str:
    """Return the lines of text[start:end] with `EXAMPLE_LINES` on either side: rules look at neighbours."""
    for _ in range(EXAMPLE_LINES + 1):
        start = text.rfind("\n", 0, max(0, start - 1)) + 1 if start else 0
    for _ in range(EXAMPLE_LINES + 1):
        found = text.find("\n", end)
        end = len(text) if found < 0 else found + 1
    return text[start:end].rstrip("\n")


def _toml(examples: Sequence[_Example]) -> str:
    """Return *examples* as `miss` lists, rule by rule, to be put into the files of the rules."""
    out = []
    for rule in sorted({e.rule for e in examples}):
        lines = [f"# {rule}: must leave"]
        lines.append("miss = [")
        for text, url, note in dict.fromkeys((e.text, e.url, e.note) for e in examples if e.rule == rule):
            if note:
                lines.append(f"  # {' '.join(note.split())}")
            # ⟦ and ⟧ say in an example what is taken, and an example that is left takes nothing.
            said = _string(text.replace("⟦", "[").replace("⟧", "]"))
            lines.append(f"  {{ text = {said}, url = {_string(url)} }}," if url else f"  {said},")
        out.append("\n".join([*lines, "]\n"]))
    return "\n".join(out)


def _string(text: str) -> str:
    """Return *text* as a basic string of TOML; a lone surrogate, which TOML cannot hold, as U+FFFD."""
    import json

    sound = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return json.dumps(sound, ensure_ascii=False).replace("\x7f", "\\u007f")
