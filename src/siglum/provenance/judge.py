"""The judgement: all claims on one document folded into one answer by stated rules.

1. Only credits count; widgets, hints, stale residue and sentences about another version never make a method.
2. Machine beats human: a person beside an engine went over its output, and the method is `machine-postedited`.
3. Among machine claims the order is: the page's words, address, metadata, markup, header; a named engine before "AI".
4. The source language is what a claim states. Without one, two independent lines in one other language may name it,
   with basis `page-language`.
5. A pivot is a language in between that a claim on this text names, or the source of this text where a claim on the
   version in that language says it was translated itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from siglum.document import Finding, labelled
from siglum.provenance.claims import LABEL_CREDIT, LABEL_HINT, LABEL_RESIDUE, LABEL_WIDGET
from siglum.span import Span

METHODS = ("machine", "machine-postedited", "human", "translated-unknown", "unknown")

# Who asserts a claim, from the most telling; the page's own words name the engine best.
_ORDER = {"page": 0, "address": 1, "metadata": 2, "markup": 3, "header": 4}
_PAGE_LANGUAGE = 0.7  # confidence of a source named by the languages of leftover lines
_LINE_SURE = 0.5  # confidence from which a tagged line counts


@dataclass(frozen=True)
class Provenance:
    """What the evidence on a document adds up to."""

    method: str = "unknown"  # one of METHODS
    engine: str | None = None  # normalised name
    engine_text: str | None = None  # as stated
    model: str | None = None  # of a language model, as stated
    source_language: str | None = None  # BCP 47
    basis: str = (
        "none"  # of the source language: "stated", "original", "address", "markup", "metadata", "page-language"
    )
    pivot: str | None = None  # BCP 47: the language it went through
    original_language: str | None = None  # BCP 47, beside a pivot: that of the first original
    target: str = "und"
    translator: str | None = None
    date: str | None = None
    version: str | None = None
    original: str | None = None  # address of the original
    scope: str = "document"
    post_edited: str = "unknown"
    asserted_by: str | None = None
    confidence: float = 0.0
    evidence: tuple[Finding, ...] = ()
    counter: tuple[Finding, ...] = ()
    hints: tuple[Finding, ...] = ()
    widgets: tuple[Finding, ...] = ()
    spans: tuple[tuple[Span, str], ...] = ()  # parts whose tag is not the document's, in the text of the findings

    def schema_org(self) -> dict[str, Any]:
        """Return the judgement in terms of schema.org's CreativeWork, as JSON-LD can hold it.

        >>> Provenance(method="human", translator="Ada Example", target="en", source_language="fr").schema_org()
        {'@context': 'https://schema.org', '@type': 'CreativeWork', 'inLanguage': 'en-t-fr', 'translator': \
{'@type': 'Person', 'name': 'Ada Example'}, 'translationOfWork': {'@type': 'CreativeWork', 'inLanguage': 'fr'}}
        """
        out: dict[str, Any] = {"@context": "https://schema.org", "@type": "CreativeWork", "inLanguage": self.tag()}
        if self.method == "unknown":
            return out
        by = []
        if self.translator:
            by.append({"@type": "Person", "name": self.translator})
        if self.method.startswith("machine"):
            by.append({"@type": "Organization", "name": self.engine_text or self.engine or "machine translation"})
        if by:
            out["translator"] = by[0] if len(by) == 1 else by
        work = {"@type": "CreativeWork", "inLanguage": self.source_language, "url": self.original}
        out["translationOfWork"] = {k: v for k, v in work.items() if v}
        return out

    def tag(self) -> str:
        """Return the document's BCP 47 tag, with the T extension where translation is established.

        >>> Provenance(method="machine", engine="yandex", target="en", source_language="ru").tag()
        'en-t-ru-t0-und-x0-yandex'
        """
        return self.target if self.scope == "part" else self._translated_tag()

    def _translated_tag(self) -> str:
        machine = self.method.startswith("machine")
        if not machine and self.method not in ("human", "translated-unknown"):
            return self.target
        if not machine and not self.source_language:
            return self.target
        from siglum.tags import write

        return write(
            self.target,
            self.source_language,
            machine=machine,
            engine=(self.engine or "") if machine else "",
            post_edited=self.method == "machine-postedited",
        )

    def to_json(self) -> dict[str, Any]:
        """Return the judgement as JSON can hold it; spans count code points of the text that was read."""
        return {
            "method": self.method if self.method != "translated-unknown" else "unknown",
            "translated": self.method != "unknown",
            "engine": self.engine,
            "engine_text": self.engine_text,
            "model": self.model,
            "source_language": self.source_language,
            "basis": self.basis,
            "pivot": self.pivot,
            "original_language": self.original_language,
            "target_language": self.target,
            "translator": self.translator,
            "date": self.date,
            "version": self.version,
            "original": self.original,
            "scope": self.scope,
            "post_edited": self.post_edited,
            "asserted_by": self.asserted_by,
            "confidence": round(self.confidence, 3),
            "evidence": [_shown(f) for f in self.evidence],
            "counter": [_shown(f) for f in self.counter],
            "hints": [_shown(f) for f in self.hints],
            "widgets": [_shown(f) for f in self.widgets],
            "spans": [{"start": span.start, "end": span.end, "tag": tag} for span, tag in self.spans],
        }


SPEAKING = (LABEL_CREDIT, LABEL_RESIDUE, LABEL_HINT, LABEL_WIDGET)


def _shown(finding: Finding) -> dict[str, Any]:
    evidence = finding.evidence
    return {
        "rule": evidence.rule,
        "start": finding.span.start,
        "end": finding.span.end,
        "quote": evidence.quote,
        "place": evidence.place or "text",
        "confidence": round(evidence.confidence, 3),
        "claims": dict(sorted(evidence.claims.items())),
    }


def judge(
    findings: Sequence[Finding],
    *,
    target: str,
    line_languages: Sequence[tuple[Span, str, float]] = (),
    declared: str = "und",
) -> Provenance:
    """Return what *findings* of the credits cleaner add up to for a text in language *target*.

    *line_languages* are the page's lines as tagged: (span, BCP 47, confidence), spans in the text of the findings.
    """
    base = _base(target) if _base(target) != "und" else _base(declared)
    told = target if _base(target) != "und" else declared
    findings = labelled(findings, SPEAKING)
    if not findings:
        return _unknown(told)
    credits = [
        f for f in findings if f.evidence.label in (LABEL_CREDIT, LABEL_RESIDUE) and f.evidence.claims.get("method")
    ]
    for_this = [f for f in credits if _is_about(f, base)]
    counter = tuple(f for f in credits if not _is_about(f, base))
    hints = tuple(f for f in findings if f.evidence.label == LABEL_HINT)
    widgets = tuple(f for f in findings if f.evidence.label == LABEL_WIDGET)
    machine = sorted((f for f in for_this if _method(f).startswith("machine")), key=_rank)
    human = sorted((f for f in for_this if _method(f) == "human"), key=_rank)
    other = sorted((f for f in for_this if _method(f) == "translated"), key=_rank)
    lead = machine or human or other
    if not lead:
        return Provenance(target=told, counter=counter, hints=hints, widgets=widgets)
    notes = [
        f
        for f in findings
        if f.evidence.label == LABEL_CREDIT and f.evidence.claims and not f.evidence.claims.get("method")
    ]
    evidence = (*machine, *human, *other, *notes)
    method, edited = _settled(machine, human, notes)
    hinted = [f for f in hints if f.evidence.claims.get("relation") == "original"]
    source, basis = _source(lead, [*other, *notes], base, line_languages, machine or other)
    pivot, first = _pivot([*lead, *other, *notes], counter, source, base)
    judged = Provenance(
        method=method,
        engine=_engine(lead),
        engine_text=_first(_engined(lead), "engine_text"),
        model=_first(_engined(lead), "model"),
        source_language=source,
        basis=basis,
        pivot=pivot,
        original_language=first,
        target=told,
        translator=_first(human, "translator") or _first(lead, "translator"),
        date=_first([*lead, *notes], "date"),
        version=_first(lead, "version"),
        original=_first([*lead, *other, *notes, *hinted], "original"),
        scope=_scope(lead),
        post_edited=edited,
        asserted_by=_first(lead, "asserted_by"),
        confidence=_confidence(lead),
        evidence=evidence,
        counter=counter,
        hints=hints,
        widgets=widgets,
    )
    return replace(judged, spans=_spans(judged, base, line_languages))


@lru_cache(maxsize=64)
def _unknown(target: str) -> Provenance:
    """Return the judgement on a text in language *target* of whose origin nothing speaks, as of most."""
    return Provenance(target=target)


def _spans(judged: Provenance, base: str, lines: Sequence[tuple[Span, str, float]]) -> tuple[tuple[Span, str], ...]:
    """Return the parts tagged otherwise than the document: the translated part, or what stayed untranslated."""
    if judged.scope == "part":
        parts = {p for f in judged.evidence if (p := f.evidence.claims.get("part"))}
        found = [Span(*map(int, p.split("-"))) for p in parts]
        return tuple((span, judged._translated_tag()) for span in sorted(found))
    credits = [f.span for f in judged.evidence]
    out: list[tuple[Span, str]] = []
    for span, tag, sure in lines:
        language = _base(tag)
        if sure < _LINE_SURE or language in ("und", "zxx", "mul") or _same(language, base):
            continue
        if any(s.overlaps(span) for s in credits):
            continue
        if out and out[-1][1] == tag and span.start - out[-1][0].end <= 2:
            out[-1] = (Span(out[-1][0].start, span.end), tag)
        else:
            out.append((span, tag))
    return tuple(out)


def _base(tag: str) -> str:
    return tag.split("-")[0].lower() or "und"


def _method(finding: Finding) -> str:
    method: str = finding.evidence.claims.get("method", "")
    return method


def _is_about(finding: Finding, base: str) -> bool:
    """Tell whether a claim is about this text: not counter-evidence, not another version, not into another language."""
    claims = finding.evidence.claims
    target = _base(claims.get("target", "und"))
    if claims.get("counter") == "1":
        return False
    if claims.get("scope") == "other-version":
        return target != "und" and _same(target, base)
    if claims.get("asserted_by") != "page" or "und" in (target, base):
        return True
    return _same(target, base)


def _scope(lead: Sequence[Finding]) -> str:
    """Return "part" where every claim speaks of a part of the text."""
    return "part" if all(f.evidence.claims.get("scope") == "part" for f in lead) else "document"


def _same(a: str, b: str) -> bool:
    """Tell whether two base languages are close enough that detectors mix them up."""
    groups = (
        {"hr", "sr", "bs", "sh", "me"},
        {"nb", "nn", "no", "da"},
        {"id", "ms"},
        {"cs", "sk"},
        {"zh", "yue"},
        {"pt", "gl"},
        {"tl", "fil"},
        {"he", "iw"},
    )
    return a == b or any(a in g and b in g for g in groups)


def _rank(finding: Finding) -> tuple[int, int, float, int]:
    claims = finding.evidence.claims
    vague = claims.get("engine", "") in ("", "ai")
    return (
        _ORDER.get(claims.get("asserted_by", "page"), 5),
        int(vague),
        -finding.evidence.confidence,
        finding.span.start,
    )


def _settled(machine: list[Finding], human: list[Finding], notes: list[Finding]) -> tuple[str, str]:
    if machine:
        edited = any(
            _method(f) == "machine-postedited" or f.evidence.claims.get("post_edited") == "yes"
            for f in [*machine, *notes]
        ) or bool(human)
        denied = any(f.evidence.claims.get("post_edited") == "no" for f in machine)
        return ("machine-postedited" if edited else "machine"), ("yes" if edited else "no" if denied else "unknown")
    return ("human", "unknown") if human else ("translated-unknown", "unknown")


def _engined(lead: Sequence[Finding]) -> list[Finding]:
    engine = _engine(lead)
    return [f for f in lead if f.evidence.claims.get("engine") == engine]


def _engine(lead: Sequence[Finding]) -> str | None:
    named = [e for f in lead if (e := f.evidence.claims.get("engine"))]
    return next((e for e in named if e != "ai"), named[0] if named else None)


def _first(findings: Sequence[Finding], key: str) -> str | None:
    return next((v for f in findings if (v := f.evidence.claims.get(key))), None)


def _source(
    lead: Sequence[Finding],
    rest: Sequence[Finding],
    base: str,
    line_languages: Sequence[tuple[Span, str, float]],
    credits: Sequence[Finding],
) -> tuple[str | None, str]:
    for f in [*lead, *rest]:
        source = f.evidence.claims.get("source")
        if source and _base(source) != base:
            return source, f.evidence.claims.get("source_basis", "stated")
    found = (
        _page_language(base, line_languages, credits) if credits and _method(credits[0]).startswith("machine") else None
    )
    return (found, "page-language") if found else (None, "none")


def _pivot(
    claims: Sequence[Finding], others: Sequence[Finding], source: str | None, base: str
) -> tuple[str | None, str | None]:
    """Return the language in between and that of the first original, where both are stated; (None, None) else."""
    if not source:
        return None, None
    for told in (f.evidence.claims for f in claims):
        named, first = told.get("pivot", "und"), told.get("original_language") or source
        if named != "und" and not _same(_base(named), _base(first)) and not _same(_base(named), base):
            return named, first
    for told in (f.evidence.claims for f in others):
        # What is said of the version this text was made from: it had a source itself.
        into, earlier = _base(told.get("target", "und")), told.get("source")
        if told.get("counter") != "1" and earlier and into == _base(source) and _base(earlier) not in (into, base):
            return source, earlier
    return None, None


def _page_language(base: str, lines: Sequence[tuple[Span, str, float]], credits: Sequence[Finding]) -> str | None:
    """Return the one other language that the credit and at least one more line of the page are in.

    Two findings are needed, and no third language may be left over: a credit alone speaks of its service.
    """
    worded = {f.evidence.claims.get("language", "") for f in credits if f.evidence.claims.get("asserted_by") == "page"}
    worded = {_base(w) for w in worded if w and _base(w) != base}
    if len(worded) != 1:
        return None
    language = next(iter(worded))
    spans = [f.span for f in credits]
    others: Mapping[str, int] = _counted(lines, spans, base)
    return language if others.get(language, 0) >= 1 and len(others) == 1 else None


def _counted(lines: Sequence[tuple[Span, str, float]], credits: Sequence[Span], base: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for span, tag, confidence in lines:
        language = _base(tag)
        if confidence < _LINE_SURE or language in (base, "und", "zxx", "mul") or any(s.overlaps(span) for s in credits):
            continue
        counts[language] = counts.get(language, 0) + 1
    return counts


def _confidence(lead: Sequence[Finding]) -> float:
    """Return the confidence of agreeing claims: one minus the chance that the two best are both wrong."""
    best = sorted((f.evidence.confidence for f in lead), reverse=True)[:2]
    wrong = 1.0
    for c in best:
        wrong *= 1.0 - c
    return min(0.999, 1.0 - wrong)
