"""Two runs compared: which documents, lines, claims and tags differ, and because of which rule."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from siglum.audit.record import excerpt, summary
from siglum.offsets import line_spans
from siglum.report import Report
from siglum.runs.audit import documents
from siglum.span import Span

# Of the judgement on provenance, what makes another claim; how sure it is may differ between two versions.
_CLAIMS = (
    "method",
    "translated",
    "engine",
    "model",
    "source_language",
    "basis",
    "pivot",
    "original_language",
    "target_language",
    "translator",
    "date",
    "version",
    "original",
    "scope",
    "post_edited",
    "asserted_by",
)


REVIEW = "review"


class Fate(NamedTuple):
    """What became of a line: its text afterwards, and the rules that had a part, without their versions.

    Where a review rejected an edit, `REVIEW` stands for the rules.
    """

    text: str
    rules: tuple[str, ...] = ()

    def done(self, line: str) -> str:
        """Return it in words, of the line *line*."""
        if self.text == line:
            return "stays"
        return f"becomes “{excerpt(self.text)}”" if self.text.strip() else "is taken"

    def told(self, line: str) -> str:
        """Return it in words, of the line *line*, with the rules."""
        return self.done(line) + _listed(self.rules)


class LineChange(NamedTuple):
    """A line of the source, numbered from 1, that came out differently, or for another reason."""

    number: int
    line: str
    a: Fate
    b: Fate

    @property
    def same_text(self) -> bool:
        """Tell whether only the reason differs."""
        return self.a.text == self.b.text

    @property
    def gone(self) -> tuple[str, ...]:
        """The rules that had a part in *a* alone."""
        return tuple(rule for rule in self.a.rules if rule not in self.b.rules)

    @property
    def new(self) -> tuple[str, ...]:
        """The rules that have a part in *b* alone."""
        return tuple(rule for rule in self.b.rules if rule not in self.a.rules)

    def told(self) -> str:
        """Return it in one line."""
        name = f"line {self.number} “{excerpt(self.line)}”" if self.line.strip() else f"line {self.number} (blank)"
        if not self.same_text:
            return f"{name}: {self.a.told(self.line)} -> {self.b.told(self.line)}"
        reasons = ", ".join([*(f"-{excerpt(rule)}" for rule in self.gone), *(f"+{excerpt(rule)}" for rule in self.new)])
        return f"{name}: {self.a.done(self.line)} in both, {reasons}"


class Change(NamedTuple):
    """Another value of a field, with the rules that stand for it in either run."""

    field: str
    a: Any
    b: Any
    rules_a: tuple[str, ...] = ()
    rules_b: tuple[str, ...] = ()


@dataclass(frozen=True)
class DocumentDiff:
    """How one document came out in two runs."""

    id: str
    status: str  # "same", "changed", "other source", "only in a", "only in b"
    note: str = ""
    lines: tuple[LineChange, ...] = ()
    languages: tuple[Change, ...] = ()  # of lines; the field is "line 3"
    claims: tuple[Change, ...] = ()
    tags: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        lines = [
            {"line": x.number, "text": x.line, "a": x.a._asdict(), "b": x.b._asdict(), "same_text": x.same_text}
            for x in self.lines
        ]
        changes = {name: [c._asdict() for c in getattr(self, name)] for name in ("languages", "claims", "tags")}
        return {"id": self.id, "status": self.status, "note": self.note, "lines": lines, **changes}


class Totals:
    """What the differences of two runs add up to."""

    NAMES = (
        "documents",
        "same",
        "changed",
        "other_source",
        "only_in_a",
        "only_in_b",
        "lines",  # that came out differently
        "reasons",  # lines that came out the same, by other rules
        "claims",
        "tags",
        "languages",  # of lines
    )

    def __init__(self) -> None:
        self._count = dict.fromkeys(self.NAMES, 0)
        self._rules: dict[str, Counter[str]] = {"a": Counter(), "b": Counter()}

    def add(self, diff: DocumentDiff) -> None:
        """Count one document."""
        count = self._count
        count["documents"] += 1
        count[diff.status.replace(" ", "_")] += 1
        count["lines"] += sum(not x.same_text for x in diff.lines)
        count["reasons"] += sum(x.same_text for x in diff.lines)
        for name in ("claims", "tags", "languages"):
            count[name] += len(getattr(diff, name))
        for line in diff.lines:
            if not line.same_text:
                self._rules["a"].update(line.gone)
                self._rules["b"].update(line.new)

    def to_json(self) -> dict[str, Any]:
        """Return the counts by name, and for each rule the lines it changed in one run only."""
        return {**self._count, "rules": {run: dict(sorted(rules.items())) for run, rules in self._rules.items()}}

    def lines(self) -> list[str]:
        """Return the same for a person; the counts last."""
        a, b = self._rules["a"], self._rules["b"]
        rules = [f"rule {excerpt(r)}: {a[r]} lines in a only, {b[r]} in b only" for r in sorted(a.keys() | b.keys())]
        return [*rules, ", ".join(f"{value} {name.replace('_', ' ')}" for name, value in self._count.items())]


def run_changes(a: Path, b: Path) -> list[Change]:
    """Return what differs in the runs' tool, configuration, packs and environment, by the first report of each."""
    flat_a, flat_b = (_flat(next((r.data["run"] for r, _ in documents(folder)), {})) for folder in (a, b))
    names = dict.fromkeys((*flat_a, *flat_b))
    return [Change(n, flat_a.get(n), flat_b.get(n)) for n in names if flat_a.get(n) != flat_b.get(n)]


def compare(a: Path, b: Path) -> Iterator[DocumentDiff]:
    """Yield every document of the runs at *a* and *b* that did not come out the same, and those that did.

    Documents are matched by id. Runs over the same sources are read side by side, so that memory stays small. Raises
    InputError where a folder is no run, ReportMismatch where a report and its text do not fit.
    """
    waiting: tuple[_Waiting, _Waiting] = (_Waiting(), _Waiting())
    for pair in zip_longest(documents(a), documents(b)):
        for side, found in enumerate(pair):
            if found is None:
                continue
            other = waiting[1 - side].take(found[0].id)
            if other is None:
                waiting[side].put(found)
            else:
                yield _document(*((found, other) if side == 0 else (other, found)))
    for side, folder in ((0, b), (1, a)):
        left = list(waiting[side].left())
        failed = _failures(folder) if left else {}
        for report, _ in left:
            error = failed.get(report.id, "")
            yield DocumentDiff(report.id, f"only in {'ab'[side]}", f"failed in {'ba'[side]}: {error}" if error else "")


def told(diff: DocumentDiff) -> Iterator[str]:
    """Yield what a person wants to know of *diff*, line by line, with page text cut and nothing unseen in it.

    Nothing is told of a document that came out the same.
    """
    if diff.status == "same":
        return
    yield f"{excerpt(diff.id)}: {diff.status}" + (f" ({excerpt(diff.note)})" if diff.note else "")
    for line in diff.lines:
        yield f"  {line.told()}"
    for change in (*diff.tags, *diff.claims, *diff.languages):
        yield f"  {told_change(change)}"


def told_change(change: Change) -> str:
    """Return *change* in one line."""
    a, b = (
        f"{'-' if value is None else excerpt(str(value))}" + _listed(rules)
        for value, rules in ((change.a, change.rules_a), (change.b, change.rules_b))
    )
    return f"{excerpt(change.field)}: {a} -> {b}"


def _listed(rules: Sequence[str]) -> str:
    return f" ({', '.join(map(excerpt, rules))})" if rules else ""


class _Waiting:
    """Documents whose counterpart has not come yet; of equal ids, the first come first."""

    def __init__(self) -> None:
        self._by_id: dict[str, deque[tuple[Report, str]]] = {}

    def put(self, found: tuple[Report, str]) -> None:
        self._by_id.setdefault(found[0].id, deque()).append(found)

    def take(self, id: str) -> tuple[Report, str] | None:
        queue = self._by_id.get(id)
        if not queue:
            return None
        found = queue.popleft()
        if not queue:
            del self._by_id[id]
        return found

    def left(self) -> Iterator[tuple[Report, str]]:
        for queue in self._by_id.values():
            yield from queue


def _document(a: tuple[Report, str], b: tuple[Report, str]) -> DocumentDiff:
    (report_a, _), (report_b, _) = a, b
    claims, tags = tuple(_claims(report_a, report_b)), tuple(_tags(report_a, report_b))
    if report_a.data["text"]["sha256"] != report_b.data["text"]["sha256"]:
        return DocumentDiff(report_a.id, "other source", "its lines cannot be compared", claims=claims, tags=tags)
    source = _source(a, b)
    if source is None:
        same = report_a.data["output"]["sha256"] == report_b.data["output"]["sha256"]
        note = "" if same else "another clean text; both reports are redacted, so its lines cannot be told"
        return DocumentDiff(
            report_a.id, "same" if same and not claims + tags else "changed", note, claims=claims, tags=tags
        )
    spans = line_spans(source)
    lines, languages = tuple(_lines(report_a, report_b, source, spans)), tuple(_languages(report_a, report_b, spans))
    changed = lines or claims or tags or languages
    return DocumentDiff(report_a.id, "changed" if changed else "same", "", lines, languages, claims, tags)


def _source(*runs: tuple[Report, str]) -> str | None:
    """Return the source text, from the first report that gives it."""
    for report, text in runs:
        if report.data["inverse"]["status"] == "verified":
            return report.restore_text(text)
    return None


def _lines(a: Report, b: Report, source: str, spans: Sequence[Span]) -> Iterator[LineChange]:
    fates_a, fates_b = (_fates(report, source, spans) for report in (a, b))
    for n in sorted(fates_a.keys() | fates_b.keys()):
        line = spans[n].of(source) if spans else ""
        fate_a, fate_b = fates_a.get(n, Fate(line)), fates_b.get(n, Fate(line))
        if fate_a.text != fate_b.text or set(fate_a.rules) != set(fate_b.rules):
            yield LineChange(n + 1, line, fate_a, fate_b)


def _fates(report: Report, source: str, spans: Sequence[Span]) -> dict[int, Fate]:
    """Return what became of every line an edit of *report* touches, by its place among *spans*."""
    starts = [span.start for span in spans] or [0]
    parts: dict[int, list[tuple[int, int, str, list[str]]]] = {}
    for row in report.data["edits"]:
        start, end = row["src"]
        first = bisect_right(starts, start) - 1
        last = max(first, bisect_left(starts, end) - 1)
        for n in range(first, last + 1):
            if row["state"] == "applied":
                parts.setdefault(n, []).append((start, end, row["ins"] if n == first else "", row["rules"]))
            elif row["state"] == "rejected":  # what stood there stays
                parts.setdefault(n, []).append((start, start, "", [REVIEW]))
    return {n: _fate(spans[n] if spans else Span(0, 0), source, found) for n, found in parts.items()}


def _fate(line: Span, source: str, edits: Sequence[tuple[int, int, str, list[str]]]) -> Fate:
    kept: list[str] = []
    rules: list[str] = []
    at = line.start
    for start, end, put, refs in edits:
        kept += [source[at : max(at, min(start, line.end))], put]
        at = min(max(at, end), line.end)
        rules += map(_unversioned, refs)
    return Fate("".join([*kept, source[at : line.end]]), tuple(dict.fromkeys(rules)))


def _claims(a: Report, b: Report) -> Iterator[Change]:
    told_a, told_b = a.data["provenance"], b.data["provenance"]
    rules_a, rules_b = _evidence(told_a), _evidence(told_b)
    for field in _CLAIMS:
        if told_a.get(field) != told_b.get(field):
            yield Change(field, told_a.get(field), told_b.get(field), rules_a, rules_b)


def _evidence(provenance: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_unversioned(row["rule"]) for row in provenance.get("evidence", ())))


def _tags(a: Report, b: Report) -> Iterator[Change]:
    if a.data["output"]["lang"] != b.data["output"]["lang"]:
        rules = (_evidence(report.data["provenance"]) for report in (a, b))
        yield Change("tag", a.data["output"]["lang"], b.data["output"]["lang"], *rules)
    language_a, language_b = ((report.data["language"] or {}).get("lang") for report in (a, b))
    if language_a != language_b:
        yield Change("language", language_a, language_b)


def _languages(a: Report, b: Report, spans: Sequence[Span]) -> Iterator[Change]:
    starts = [span.start for span in spans]
    told_a, told_b = ({tuple(s["src"]): s["lang"] for s in report.data["segments"]} for report in (a, b))
    for place in sorted(told_a.keys() | told_b.keys()):
        if told_a.get(place) != told_b.get(place):
            yield Change(f"line {bisect_right(starts, place[0])}", told_a.get(place), told_b.get(place))


def _unversioned(ref: str) -> str:
    return ref.rpartition("@")[0] or ref


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    """Return the values of nested tables by their path; packs by their id.

    >>> _flat({"tool": {"name": "siglum"}, "rulepacks": [{"id": "own", "version": "1"}]})
    {'tool.name': 'siglum', 'rulepacks.own.id': 'own', 'rulepacks.own.version': '1'}
    """
    if isinstance(value, list) and value and all(isinstance(x, Mapping) and "id" in x for x in value):
        value = {x["id"]: x for x in value}
    if not isinstance(value, Mapping):
        return {name: value}
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        flat |= _flat(inner, f"{name}.{key}" if name else key)
    return flat


def _failures(folder: Path) -> dict[str, str]:
    # In a summary an id that a spreadsheet would run as a formula has an apostrophe before it.
    return {row["id"].removeprefix("'"): row["error"] for row in summary(folder) if row["status"] == "failed"}
