"""The account of one document: what was taken, by which rule, on what evidence, and how to have it back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from siglum.decoding import Decoding
from siglum.document import Evidence, Finding
from siglum.edit import Edit, EditMap, Edits, invert, undo, undoes
from siglum.errors import EditError, ReportMismatch
from siglum.language.document import Lines, Tag
from siglum.native import twinned
from siglum.offsets import ByteOffsets
from siglum.span import Span

VERSION = "1"  # of the report's form; raised only when a reader of old reports would break
CONTEXT = 32  # code points of text quoted on either side of an edit in a full report

# Confidence from which an edit needs no person's eye, and from which it hardly does.
LITTLE_RISK, SOME_RISK = 0.98, 0.9

# Claims, and fields of the judgement, in the page's own words or that lead to it: a redacted report has none.
PERSONAL = ("translator", "original", "engine_text", "model", "source_text")

# Findings the report tells in a place of their own, not among the findings.
TOLD_ELSEWHERE = ("language", "text-language")


def sha256(data: bytes | str) -> str:
    """Return the sha256 of *data*, in hex; of a text, of its UTF-8 with lone surrogates passed through."""
    return hashlib.sha256(encoded(data) if isinstance(data, str) else data).hexdigest()


def encoded(text: str) -> bytes:
    """Return *text* in UTF-8; a lone surrogate, for which UTF-8 has no form, is passed through: nothing is lost."""
    return text.encode("utf-8", "surrogatepass")


def dumps(data: Any, *, indent: bool = False) -> bytes:
    """Return *data* as JSON in UTF-8; where a text holds lone surrogates, escaped, so that no reader chokes on it."""
    import orjson

    try:
        return orjson.dumps(data, option=orjson.OPT_INDENT_2 if indent else 0)
    except TypeError:
        return json.dumps(data, indent=2 if indent else None).encode("ascii")


def _written(rows: list[dict[str, Any]]) -> bytes | None:
    import orjson

    try:
        return orjson.dumps(rows)
    except TypeError:
        return None


def loads(data: bytes | str) -> Any:
    """Return what the JSON *data* says, lone surrogates included. Raises ValueError where it is not JSON."""
    import orjson

    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data)


Rows = list[dict[str, Any]] | bytes  # of a report, or the JSON of them


class Account(NamedTuple):
    """All a report is made of; the writers ask for the form they need."""

    id: str
    source_text: str  # as the chain was given it
    clean_text: str
    edits: Edits  # from source to clean; causes are places in *findings*
    findings: Sequence[Finding]  # their spans in the source text
    languages: Lines  # of the source's lines
    document_language: Evidence | None
    provenance: Mapping[str, Any]
    tag: str
    run: Mapping[str, Any]  # tool, configuration, packs, environment: the same for all documents of a run
    source: Mapping[str, Any]  # what was read: media_type, url, size, sha256, ...
    decoding: Decoding | None  # None where a text, not bytes, was given
    restores: str  # "source-bytes", "text", "visible-text"
    unicode_form: str = "as-is"
    warnings: tuple[Mapping[str, str], ...] = ()


def report_of(account: Account, *, full: bool = False, redact: bool = False) -> Report:
    """Return the report on *account*; docs/report.md and report.schema.json say what each field means.

    A *full* report adds context and digests to every edit. A *redacted* one holds digests instead of what was taken,
    and of quotes: it may be published, and needs the source to restore anything.
    """
    ids = {n: f"f{i}" for i, n in enumerate(listed(account.findings), 1)}
    rules: dict[str, dict[str, Any]] = {}
    refs = _Refs(account.run, rules)
    edits = _edits(account, ids, refs, full=full, redact=redact)
    clean_bytes = encoded(account.clean_text)
    source_digest, clean_digest = account.source["sha256"], sha256(clean_bytes)
    text_digest = source_digest if account.restores == "text" else sha256(account.source_text)
    parts = {
        "report_version": VERSION,
        "report_id": report_id(account.id, source_digest, clean_digest, account.run["config_sha256"]),
        "id": account.id,
        "run": account.run,
        "source": account.source,
        "decoding": account.decoding.to_json() if account.decoding else None,
        "text": {"codepoints": len(account.source_text), "sha256": text_digest},
        "output": {
            "media_type": "text/plain; charset=utf-8",
            "encoding": "utf-8",
            "size": len(clean_bytes),
            "sha256": clean_digest,
            "codepoints": len(account.clean_text),
            "unicode_form": account.unicode_form,
            "lang": account.tag,
        },
        "offset_unit": "codepoint",
        "edits": edits,
        "findings": _findings(account, ids, refs, redact=redact),
        "rules": dict(sorted(rules.items())),
        "provenance": _provenance(account.provenance, redact=redact),
        "language": _language(account.document_language),
        "segments": _segments(account),
        "inverse": _inverse(account, redact=redact),
        "warnings": [dict(w) for w in account.warnings],
    }
    return Report(parts)


def report_id(id: str, source_sha256: str, output_sha256: str, config_sha256: str) -> str:
    """Return the name of the report on the document *id*: a digest of what it is about."""
    identity = "\0".join((id, source_sha256, output_sha256, config_sha256))
    return f"urn:sha256:{sha256(identity)}"


@twinned("report")
def listed(findings: Sequence[Finding]) -> list[int]:
    """Return which of *findings* the report lists: those that only mark, and those that say something about origin."""
    return [
        n
        for n, f in enumerate(findings)
        if f.evidence.label not in TOLD_ELSEWHERE
        and (f.after is None or "method" in f.evidence.claims or f.evidence.quote)
    ]


def _edits(account: Account, ids: dict[int, str], refs: _Refs, *, full: bool, redact: bool) -> Rows:
    source = account.source_text
    about = source, account.edits, account.findings, ids, refs
    if not full and not redact:
        written = written_edits(*about)
        return edit_rows(*about) if written is None else written
    rows = edit_rows(*about)
    for row in rows:
        row["del_sha256"] = sha256(row["del"])
        if full:
            start, end = row["src"]
            row["context"] = {
                "prefix": "" if redact else source[max(0, start - CONTEXT) : start],
                "suffix": "" if redact else source[end : end + CONTEXT],
            }
        if redact:
            row["del"] = None
    return rows


@twinned("report")
def written_edits(
    source: str, edits: Edits, findings: Sequence[Finding], ids: dict[int, str], refs: _Refs
) -> bytes | None:
    """Return what `edit_rows` does as JSON in UTF-8; None where a lone surrogate keeps it from being that."""
    return _written(edit_rows(source, edits, findings, ids, refs))


def edit_rows(
    source: str, edits: Edits, findings: Sequence[Finding], ids: dict[int, str], refs: _Refs
) -> list[dict[str, Any]]:
    """Return one row for each of *edits*, as the report tells it when nothing is asked for but what is always told."""
    offsets = ByteOffsets(source)
    bounds = [bound for edit in edits for bound in edit.span]
    in_bytes, lines = offsets.bytes_of(bounds), offsets.lines_of(bounds)
    shift = 0
    rows = []
    for n, (span, before, after, places) in enumerate(edits):
        start, end = span
        causes = [findings[place].evidence for place in places]
        names, why = refs.of(causes)
        surest = max([e.confidence for e in causes]) if causes else 1.0
        out = start + shift
        shift += len(after) - len(before)
        row: dict[str, Any] = {
            "id": f"e{n + 1}",
            "op": "insert" if not before else "replace" if after else "delete",
            "src": [start, end],
            "src_bytes": in_bytes[2 * n : 2 * n + 2],
            "out": [out, end + shift],
            "src_lines": lines[2 * n : 2 * n + 2],
            "del": before,
            "ins": after,
            "rules": names,
            "category": causes[0].label if causes else "other",
            "confidence": surest,
            "risk": risk_of(surest),
            "state": "applied",
        }
        if why:
            row["why"] = why
        if ids and (stated := stated_by(places, causes, findings, ids, span)):
            row["findings"] = stated
        rows.append(row)
    return rows


Removals = tuple[tuple[str, str, int, int], ...]  # rules that changed a text: name, label, edits, code points taken


@twinned("report")
def tallied(edits: Edits, findings: Sequence[Finding]) -> tuple[str, Removals]:
    """Return the highest risk of *edits* and the rules behind them, by name: what their rows say, added up."""
    counts: dict[str, tuple[int, int]] = {}
    labels: dict[str, str] = {}
    worst = 1.0
    for _, before, after, places in edits:
        causes = [findings[place].evidence for place in places]
        worst = min(worst, max([e.confidence for e in causes], default=1.0))
        for cause in causes:
            labels.setdefault(cause.rule, cause.label)
        for rule in dict.fromkeys(cause.rule for cause in causes):
            made, taken = counts.get(rule, (0, 0))
            counts[rule] = made + 1, taken + len(before) - len(after)
    return risk_of(worst), tuple([(rule, labels[rule], *counts[rule]) for rule in sorted(counts)])


def risk_of(confidence: float) -> str:
    """Return how much an edit needs a person's eye that was made with this *confidence*."""
    return "none" if confidence >= LITTLE_RISK else "low" if confidence >= SOME_RISK else "review"


def stated_by(
    places: Sequence[int], causes: Sequence[Evidence], findings: Sequence[Finding], ids: Mapping[int, str], span: Span
) -> list[str]:
    """Return which of the findings listed, *ids* by place, made an edit or stand in the line it takes by their rule.

    The latter is how a credit's words are told: the line that holds them goes as a whole.
    """
    told = [ids[place] for place in places if place in ids]
    rules = {e.rule for e in causes if e.label == "credit"} if not told else None
    if not rules:
        return told
    found = [(findings[n], id) for n, id in ids.items()]
    return [id for f, id in found if f.evidence.rule in rules and span.start <= f.span.start and f.span.end <= span.end]


class _Refs:
    """The rules of one report, by the names under which its edits and findings refer to them."""

    def __init__(self, run: Mapping[str, Any], rules: dict[str, dict[str, Any]]) -> None:
        self._version = run["tool"]["version"]
        self._rules = rules
        self.known: dict[str, tuple[str, str]] = {}  # rule -> its name here, and the reason told once

    def of(self, causes: Sequence[Evidence]) -> tuple[list[str], str]:
        """Return the names of the rules behind *causes*, each once, and the reasons that differ from those told.

        A rule is told when it is met first, with the reason it is met with.
        """
        names: list[str] = []
        reasons: list[str] = []
        for evidence in causes:
            rule, why = evidence.rule, evidence.why
            name, told = self.known.get(rule) or self.told(evidence)
            if name not in names:
                names.append(name)
            if why != told and why not in reasons:
                reasons.append(why)
        return names, "; ".join(reasons)

    def told(self, evidence: Evidence) -> tuple[str, str]:
        """Tell the rule behind *evidence*, met for the first time; return its name here and the reason told."""
        name = f"{evidence.rule}@{self._version}"
        self._rules[name] = {"label": evidence.label, "why": evidence.why, "confidence": evidence.confidence}
        known = self.known[evidence.rule] = (name, evidence.why)
        return known


def _findings(account: Account, ids: dict[int, str], refs: _Refs, *, redact: bool) -> Rows:
    source = account.source_text
    written = None if redact else written_findings(source, account.findings, ids, refs)
    if written is not None:
        return written
    return [finding_row(source, account.findings[n], id, refs, redact=redact) for n, id in ids.items()]


@twinned("report")
def written_findings(source: str, findings: Sequence[Finding], ids: dict[int, str], refs: _Refs) -> bytes | None:
    """Return a `finding_row` for each of *findings* that has an id, in JSON; None where a lone surrogate forbids it."""
    return _written([finding_row(source, findings[n], id, refs, redact=False) for n, id in ids.items()])


def finding_row(source: str, finding: Finding, id: str, refs: _Refs, *, redact: bool) -> dict[str, Any]:
    """Return one finding as the report tells it."""
    span, evidence, _ = finding
    quote = evidence.quote or span.of(source)
    (name,), why = refs.of((evidence,))
    row: dict[str, Any] = {
        "id": id,
        "rule": name,
        "src": list(span),
        "category": evidence.label,
        "confidence": evidence.confidence,
    }
    row["quote_sha256" if redact else "quote"] = sha256(quote) if redact else quote
    if evidence.place:
        row["place"] = evidence.place
    if evidence.claims:
        row["claims"] = _impersonal(evidence.claims) if redact else dict(evidence.claims)
    if why:
        row["why"] = why
    return row


def _provenance(told: Mapping[str, Any], *, redact: bool) -> dict[str, Any]:
    return redacted(told) if redact else dict(told)


def redacted(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the judgement *told* without what may name a person or point at one: quotes become digests.

    >>> redacted({"method": "human", "translator": "Ada Example", "evidence": []})
    {'method': 'human', 'translator': None, 'evidence': []}
    """
    out: dict[str, Any] = {k: None if k in PERSONAL else v for k, v in told.items()}
    for name in ("evidence", "counter", "hints", "widgets"):
        if name in out:
            out[name] = [_without_quote(row) for row in out[name]]
    for name in ("spans", "schema_org"):
        out.pop(name, None)
    return out


def _without_quote(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: v for k, v in row.items() if k != "quote"}
    return {**kept, "claims": _impersonal(row.get("claims", {})), "quote_sha256": sha256(row.get("quote", ""))}


def _impersonal(claims: Mapping[str, str]) -> dict[str, str]:
    return {k: v for k, v in claims.items() if k not in PERSONAL}


def _language(found: Evidence | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "lang": found.claims["language"],
        "confidence": found.confidence,
        "second_opinion": found.claims.get("second_opinion"),
        "agreement": found.claims["agreement"],
    }


def _segments(account: Account) -> Rows:
    lines, edits = account.languages, account.edits
    if not lines:
        return []
    outs = EditMap(edits).carry_lines(lines.starts, lines.ends) if edits else (lines.starts, lines.ends)
    about = account.clean_text, lines.starts, lines.ends, *outs, lines.tags
    written = written_segments(*about)
    return segment_rows(*about) if written is None else written


@twinned("report")
def written_segments(
    clean_text: str,
    starts: Sequence[int],
    ends: Sequence[int],
    out_starts: Sequence[int],
    out_ends: Sequence[int],
    tags: Sequence[Tag],
) -> bytes | None:
    """Return what `segment_rows` does as JSON in UTF-8; None where a lone surrogate keeps it from being that."""
    return _written(segment_rows(clean_text, starts, ends, out_starts, out_ends, tags))


def segment_rows(
    clean_text: str,
    starts: Sequence[int],
    ends: Sequence[int],
    out_starts: Sequence[int],
    out_ends: Sequence[int],
    tags: Sequence[Tag],
) -> list[dict[str, Any]]:
    """Return one row for each line, given its place in the source and in the clean text; blank there, it is gone."""
    rows = []
    for start, end, at, stop, tag in zip(starts, ends, out_starts, out_ends, tags, strict=True):
        language, confidence, alternatives = tag
        gone = at == stop or clean_text[at:stop].isspace()
        out = None if gone else [at, stop]
        row: dict[str, Any] = {"src": [start, end], "out": out, "lang": language, "confidence": confidence}
        if alternatives:
            row["alternatives"] = list(alternatives)
        rows.append(row)
    return rows


def _inverse(account: Account, *, redact: bool) -> dict[str, Any]:
    if redact:
        return {
            "status": "needs-source",
            "restores": account.restores,
            "reason": "what was taken is not in this report",
        }
    return {"status": "verified", "restores": account.restores}


def verify(
    id: str,
    source_text: str,
    clean_text: str,
    edits: Edits,
    decoding: Decoding | None = None,
    source_sha256: str = "",
) -> None:
    """Undo *edits* and compare with the source, before anything is written.

    With *decoding* its bytes are compared too, by *source_sha256*. Raises ReportMismatch where the source does not come
    back: a fault of siglum's, never of the input.
    """
    if not undoes(clean_text, edits, source_text):
        raise ReportMismatch(id, "the source text from undoing the edits", "another text")
    if decoding:
        back = sha256(decoding.restore(source_text))
        if back != source_sha256:
            raise ReportMismatch(id, f"bytes with sha256 {source_sha256}", back)


@dataclass(frozen=True)
class Report:
    """A report, just made or read back. With the clean text it gives the source; alone it shows all that was taken."""

    parts: Mapping[str, Any]  # its fields, of which those with many rows may be JSON as yet

    @classmethod
    def loads(cls, data: bytes | str) -> Report:
        """Return the report that *data*, JSON, holds. Raises ReportMismatch where it is no report we can read."""
        try:
            read = loads(data)
        except ValueError as e:
            raise ReportMismatch("report", "a report in JSON", f"something else ({e})") from e
        if not isinstance(read, dict) or read.get("report_version") != VERSION:
            found = read.get("report_version") if isinstance(read, dict) else type(read).__name__
            raise ReportMismatch("report", f"report_version {VERSION!r}", repr(found))
        return cls(read)

    @cached_property
    def data(self) -> Mapping[str, Any]:
        """The report as JSON can hold it. Most reports are written, and their rows never looked at one by one."""
        return {name: loads(part) if isinstance(part, bytes) else part for name, part in self.parts.items()}

    def dumps(self) -> bytes:
        """Return the report as JSON in UTF-8; see `siglum.report.dumps`."""
        import orjson

        parts = {name: orjson.Fragment(p) if isinstance(p, bytes) else p for name, p in self.parts.items()}
        try:
            return orjson.dumps(parts)
        except TypeError:
            return dumps(self.data)

    @property
    def id(self) -> str:
        """The document's id."""
        return str(self.parts["id"])

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        """The edits from source to clean text. Raises ReportMismatch on a redacted report, which does not hold them."""
        out = []
        for row in self.data["edits"]:
            if row["del"] is None:
                raise ReportMismatch(self.id, "the text that was taken", "a redacted report, which needs the source")
            if row["state"] == "applied":
                out.append(Edit(Span(*row["src"]), row["del"], row["ins"]))
        return tuple(out)

    def restore_text(self, clean: str) -> str:
        """Return the text the chain was given, from the clean text.

        Raises ReportMismatch where *clean* is not the text this report describes, or the report was changed since.
        """
        self._same(self.data["output"]["sha256"], sha256(clean), "the clean text")
        inverse = invert(self.edits)
        applied = [row for row in self.data["edits"] if row["state"] == "applied"]
        for row, edit in zip(applied, inverse, strict=True):
            if list(edit.span) != row["out"]:
                raise ReportMismatch(
                    self.id, f"edit {row['id']} at {row['out']} of the clean text", str(list(edit.span))
                )
        try:
            text = undo(clean, self.edits)
        except EditError as e:
            raise ReportMismatch(self.id, "edits that fit the clean text", str(e)) from e
        self._same(self.data["text"]["sha256"], sha256(text), "the restored text")
        return text

    def restore(self, clean: bytes) -> bytes:
        """Return what the run read, byte for byte; of a page, its visible text in UTF-8.

        Raises ReportMismatch as `restore_text` does, and where *clean* is not UTF-8.
        """
        try:
            text = self.restore_text(clean.decode("utf-8", "surrogatepass"))
        except UnicodeDecodeError as e:
            raise ReportMismatch(self.id, "a clean text in UTF-8", str(e)) from e
        if self.data["inverse"]["restores"] != "source-bytes" or not self.data["decoding"]:
            return encoded(text)
        data = Decoding.from_json(self.data["decoding"]).restore(text)
        self._same(self.data["source"]["sha256"], sha256(data), "the restored bytes")
        return data

    def source_spans(self, span: Span) -> list[Span]:
        """Return where *span* of the clean text came from, in code points of the source text."""
        return EditMap(self.edits).pieces(span)

    def _same(self, expected: str, found: str, what: str) -> None:
        if expected != found:
            raise ReportMismatch(self.id, f"{what} with sha256 {expected}", found)
