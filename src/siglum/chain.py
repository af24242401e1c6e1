"""The chain: run cleaners in order, settle what they found into edits, and write one layer each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from siglum.document import Block, Cleaner, Document, Finding
from siglum.edit import Edit, EditMap, apply, compose
from siglum.span import Span


@dataclass(frozen=True, slots=True)
class Layer:
    """What one cleaner found in the text it was given, and the edits that were made of it."""

    cleaner: str
    version: str
    findings: tuple[Finding, ...]  # all of them, also those that lost an overlap
    edits: tuple[Edit, ...]  # an edit's causes are places in *findings*


def settle(text: str, findings: Sequence[Finding]) -> list[Edit]:
    """Turn findings into edits of *text*, sorted and disjoint; each names the findings it was made of.

    Overlapping deletions join. Any other overlap keeps the finding that starts first, and of those that start together
    the longest, then the first given. Findings that only mark, or would change nothing, give no edit.
    """
    wanted = [(f.span.start, -f.span.end, n) for n, f in enumerate(findings) if f.after is not None]
    edits: list[Edit] = []
    for start, negative_end, n in sorted(wanted):
        end, after = -negative_end, findings[n].after or ""
        if text[start:end] == after:
            continue
        last = edits[-1] if edits else None
        if last and (start < last.span.end or last.span == (start, end)):
            if not after and not last.after:
                span = Span(last.span.start, max(end, last.span.end))
                edits[-1] = Edit(span, span.of(text), "", (*last.causes, n))
            continue
        edits.append(Edit(Span(start, end), text[start:end], after, (n,)))
    return edits


@dataclass(frozen=True)
class Together:
    """Several cleaners that read the same text, so that none hides evidence from another; one layer."""

    cleaners: tuple[Cleaner, ...]

    @cached_property
    def name(self) -> str:
        return "+".join(c.name for c in self.cleaners)

    @cached_property
    def version(self) -> str:
        return "+".join(c.version for c in self.cleaners)

    def __call__(self, doc: Document) -> Iterable[Finding]:
        for cleaner in self.cleaners:
            yield from cleaner(doc)


@dataclass(frozen=True)
class Marking:
    """A cleaner that finds all the other finds, and changes nothing."""

    cleaner: Cleaner

    @property
    def name(self) -> str:
        return self.cleaner.name

    @property
    def version(self) -> str:
        return self.cleaner.version

    def __call__(self, doc: Document) -> Iterable[Finding]:
        return [f._replace(after=None) for f in self.cleaner(doc)]


@dataclass(frozen=True)
class Run:
    """What a chain did with one document: where it began, where it ended, and every layer between."""

    source: Document
    clean: Document
    layers: tuple[Layer, ...] = field(default=())

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all layers, in order, their spans in the source text."""
        if not any(layer.edits for layer in self.layers[:-1]):
            return tuple([f for layer in self.layers for f in layer.findings])
        out: list[Finding] = []
        so_far: list[Edit] = []
        for layer in self.layers:
            if so_far:
                back = EditMap(so_far)
                out += [f._replace(span=back.trace(f.span)) for f in layer.findings]
            else:
                out += layer.findings
            so_far = compose(so_far, layer.edits)
        return tuple(out)

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        """The layers' edits composed into one list from source to clean; causes are places in `findings`."""
        composed: list[Edit] = []
        base = 0
        for layer in self.layers:
            moved = [e._replace(causes=tuple([c + base for c in e.causes])) for e in layer.edits]
            composed = compose(composed, moved)
            base += len(layer.findings)
        return tuple(composed)


def run(cleaners: Iterable[Cleaner], doc: Document) -> Run:
    """Run *cleaners* over *doc* in order and return what each found and did.

    A chain is this sequence and needs no class: reorder it, leave one out, or put your own in.
    """
    source, layers = doc, []
    for cleaner in cleaners:
        findings = tuple(cleaner(doc))
        edits = settle(doc.text, findings) if findings else []
        layers.append(Layer(cleaner.name, cleaner.version, findings, tuple(edits)))
        if edits:
            doc = replace(doc, text=apply(doc.text, edits), blocks=_carried(doc.blocks, edits))
    return Run(source, doc, tuple(layers))


def _carried(blocks: tuple[Block, ...], edits: Sequence[Edit]) -> tuple[Block, ...]:
    if not blocks:
        return blocks
    there = EditMap(edits)
    return tuple([block._replace(span=there.carry(block.span)) for block in blocks])
