"""Examples executed: each text a rule must take is taken just so, each it must leave is left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from siglum.document import Document
from siglum.errors import RuleError
from siglum.packs.match import Index, found_by
from siglum.packs.rule import Example, Rule
from siglum.span import Span


def broken_examples(rules: Iterable[Rule], index: Index) -> Iterator[RuleError]:
    """Yield a fault for each example of *rules* that *index*, compiled of them all, does not bear out."""
    for rule in rules:
        if rule.status == "retired":
            continue
        for example in (*rule.match, *rule.miss):
            fault = example_fault(rule, example, index)
            if fault:
                yield RuleError(rule.path, rule.line, fault, rule.id)


def example_fault(rule: Rule, example: Example, index: Index) -> str:
    """Return what *rule* does to *example* other than it says, "" where it does as it says."""
    found = found_by(index, rule.id, _document(example))
    shown = example.text or example.url or example.html
    if example in rule.miss:
        return f"must leave {shown!r:.80} and takes {[f.span.of(example.text) for f in found]}" if found else ""
    if not found:
        return f"must take {shown!r:.80} and leaves it"
    if rule.matcher not in ("url", "tag"):
        taken = _joined(sorted({f.span for f in found}))
        wanted = _joined(sorted(example.spans))
        if taken != wanted:
            return f"must take {[s.of(example.text) for s in wanted]}, takes {[s.of(example.text) for s in taken]}"
    claims = {k: v for f in found for k, v in f.evidence.claims.items()}
    wrong = {k: claims.get(k, "") for k, v in example.claims.items() if claims.get(k) != v}
    return f"claims of {shown!r:.80} differ: {wrong}" if wrong else ""


def _document(example: Example) -> Document:
    media_type = "text/html" if example.html else "text/plain"
    return Document(example.text, url=example.url, html=example.html, media_type=media_type)


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Return *spans* with those that touch or overlap made one."""
    out: list[Span] = []
    for span in spans:
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out
