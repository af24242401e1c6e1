"""The chain: run cleaners in order, settle what they found into edits, and write one layer each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from siglum.document import Block, Cleaner, Document, Finding
from siglum.edit import Edit, EditMap, apply, compose
from siglum.native import twinned
from siglum.span import Span


class Layer(NamedTuple):
    """What one cleaner found in the text it was given, and the edits that were made of it."""

    cleaner: str
    version: str
    findings: tuple[Finding, ...]  # all of them, also those that lost an overlap
    edits: tuple[Edit, ...]  # an edit's causes are places among the findings of all layers up to this one


@twinned("edits")
def settle(text: str, findings: Sequence[Finding], first: int = 0) -> list[Edit]:
    """Turn findings into edits of *text*, sorted and disjoint; each names the findings it was made of.

    Overlapping deletions join. Any other overlap keeps the finding that starts first, and of those that start together
    the longest, then the first given. Findings that only mark, or would change nothing, give no edit. Findings are
    counted from *first* on.
    """
    wanted = [(span[0], -span[1], n) for n, (span, _, after) in enumerate(findings) if after is not None]
    wanted.sort()
    edits: list[Edit] = []
    done = 0  # where the last edit ends
    for start, negative_end, n in wanted:
        span, _, after = findings[n]
        end = -negative_end
        before = text[start:end]
        if before == after:
            continue
        if edits and (start < done or edits[-1].span == span):
            last = edits[-1]
            if not after and not last.after:
                if end > done:
                    span = Span(last.span.start, end)
                    edits[-1] = Edit(span, span.of(text), "", (*last.causes, first + n))
                    done = end
                else:
                    edits[-1] = Edit(last.span, last.before, "", (*last.causes, first + n))
            continue
        edits.append(Edit(span, before, after or "", (first + n,)))
        done = end
    return edits


@twinned("edits")
def traced(findings: Sequence[Finding], edits: Sequence[Edit]) -> list[Finding]:
    """Return *findings* of the text that *edits* gave with their spans in the text the edits were made of."""
    trace = EditMap(edits).trace
    return [Finding(trace(span), evidence, after) for span, evidence, after in findings]


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
        found: list[Finding] = []
        for cleaner in self.cleaners:
            found += cleaner(doc)
        return found


@dataclass(frozen=True)
class Around:
    """What goes by the name and the version of the cleaner it stands around."""

    cleaner: Cleaner

    @property
    def name(self) -> str:
        return self.cleaner.name

    @property
    def version(self) -> str:
        return self.cleaner.version


class Marking(Around):
    """A cleaner that finds all the other finds, and changes nothing."""

    def __call__(self, doc: Document) -> Iterable[Finding]:
        return [f._replace(after=None) for f in self.cleaner(doc)]


@dataclass(frozen=True)
class Run:
    """What a chain did with one document: where it began, where it ended, and every layer between."""

    source: Document
    clean: Document
    layers: tuple[Layer, ...] = field(default=())

    @cached_property
    def _told(self) -> tuple[tuple[Finding, ...], tuple[Edit, ...]]:
        findings: list[Finding] = []
        edits: list[Edit] = []
        for layer in self.layers:
            findings += traced(layer.findings, edits) if edits and layer.findings else layer.findings
            edits = compose(edits, layer.edits)
        return tuple(findings), tuple(edits)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of all layers, in order, their spans in the source text."""
        return self._told[0]

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The layers' edits composed into one list from source to clean; causes are places in `findings`."""
        return self._told[1]


def run(cleaners: Iterable[Cleaner], doc: Document) -> Run:
    """Run *cleaners* over *doc* in order and return what each found and did.

    A chain is this sequence and needs no class: reorder it, leave one out, or put your own in.
    """
    source, layers, count = doc, [], 0
    for cleaner in cleaners:
        findings = tuple(cleaner(doc))
        edits = settle(doc.text, findings, count) if findings else []
        layers.append(Layer(cleaner.name, cleaner.version, findings, tuple(edits)))
        count += len(findings)
        if edits:
            doc = doc.edited(apply(doc.text, edits), _carried(doc.blocks, edits))
    return Run(source, doc, tuple(layers))


def _carried(blocks: tuple[Block, ...], edits: Sequence[Edit]) -> tuple[Block, ...]:
    if not blocks:
        return blocks
    there = EditMap(edits)
    return tuple([block._replace(span=there.carry(block.span)) for block in blocks])
