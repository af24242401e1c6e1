"""Cleaners only say what they found; the chain settles it, keeps every layer, and can always go back."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.chain import Marking, Together, run, settle
from siglum.document import Document, Evidence, Finding
from siglum.edit import apply, invert
from siglum.span import Span

WHY = Evidence("test/rule", "layout")
TEXT = st.text(alphabet=st.sampled_from("abc\n é😀"), max_size=20)


def finding(start: int, end: int, after: str | None = "") -> Finding:
    return Finding(Span(start, end), WHY, after)


@st.composite
def text_and_findings(draw: st.DrawFn) -> tuple[str, list[Finding]]:
    text = draw(TEXT)
    bound = st.integers(0, len(text))
    spans = draw(st.lists(st.tuples(bound, bound, st.sampled_from([None, "", "x", "yz"])), max_size=8))
    return text, [finding(min(a, b), max(a, b), after) for a, b, after in spans]


@given(text_and_findings())
def test_settled_edits_never_overlap_and_fit_the_text(case):
    text, findings = case
    edits = settle(text, findings)
    assert all(a.span.end <= b.span.start for a, b in pairwise(edits))
    assert apply(apply(text, edits), invert(edits)) == text


@given(text_and_findings())
def test_every_edit_names_findings_that_overlap_or_equal_it(case):
    text, findings = case
    for edit in settle(text, findings):
        assert edit.causes
        assert all(edit.span.covers(findings[c].span) for c in edit.causes)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([finding(0, 3), finding(2, 5)], [(0, 5, "", (0, 1))]),  # overlapping deletions join
        ([finding(0, 2), finding(2, 5)], [(0, 2, "", (0,)), (2, 5, "", (1,))]),  # touching ones stay two
        ([finding(0, 3, "x"), finding(2, 5)], [(0, 3, "x", (0,))]),  # the first is kept
        ([finding(0, 2, "x"), finding(0, 4)], [(0, 4, "", (1,))]),  # of those that start together, the longest
        ([finding(1, 1, "x"), finding(1, 1, "y")], [(1, 1, "x", (0,))]),
        ([finding(0, 5, None)], []),  # a mark edits nothing
        ([finding(0, 1, "a")], []),  # nor does what would change nothing
        ([finding(0, 3), finding(0, 3)], [(0, 3, "", (0, 1))]),  # two reasons for one deletion
    ],
)
def test_overlaps_settle_as_the_rule_says(findings, expected):
    assert [(*e.span, e.after, e.causes) for e in settle("abcde", findings)] == expected


@dataclass(frozen=True)
class Deleting:
    letter: str
    name: str = "deleting"
    version: str = "1"

    def __call__(self, doc: Document) -> list[Finding]:
        return [finding(i, i + 1) for i, c in enumerate(doc.text) if c == self.letter]


@given(TEXT)
def test_the_layers_of_a_run_compose_to_edits_from_source_to_clean(text):
    done = run([Deleting("a"), Deleting("\n"), Deleting("b")], Document(text))
    assert apply(text, done.edits) == done.clean.text
    assert apply(done.clean.text, invert(done.edits)) == text


@given(TEXT)
def test_findings_of_every_layer_are_told_in_offsets_of_the_source(text):
    done = run([Deleting("a"), Deleting("b")], Document(text))
    assert [f.span.of(text) for f in done.findings] == ["a"] * text.count("a") + ["b"] * text.count("b")


@given(TEXT)
def test_each_edit_of_a_run_names_what_caused_it(text):
    done = run([Deleting("a"), Deleting("b")], Document(text))
    for edit in done.edits:
        assert [done.findings[c].span for c in edit.causes] == [edit.span]


def test_cleaners_put_together_read_the_same_text():
    done = run([Together((Deleting("a"), Deleting("b")))], Document("abc"))
    assert (done.clean.text, len(done.layers), done.layers[0].cleaner) == ("c", 1, "deleting+deleting")


def test_marking_finds_all_and_changes_nothing():
    done = run([Marking(Deleting("a"))], Document("abca"))
    assert done.clean.text == "abca"
    assert len(done.findings) == 2


def test_a_document_is_never_changed_by_its_run():
    doc = Document("abc")
    run([Deleting("a")], doc)
    assert doc == Document("abc")
