"""Undoing gives the source; composing does what two do; offsets survive."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siglum.edit import Edit, EditMap, apply, carry, compose, invert, pieces, trace, undo
from siglum.errors import EditError
from siglum.span import Span

TEXT = st.text(alphabet=st.sampled_from("ab\n é中😀\ud800\u202e"), max_size=30)


@st.composite
def edits_for(draw: st.DrawFn, text: str, deletions_only: bool = False) -> list[Edit]:
    bounds = sorted(draw(st.lists(st.integers(0, len(text)), max_size=10)))
    edits: list[Edit] = []
    for n, (start, end) in enumerate(zip(bounds[::2], bounds[1::2], strict=False)):
        after = "" if deletions_only else draw(st.text(alphabet="xy\n", max_size=3))
        same_place = edits and edits[-1].span == Span(start, end)
        if text[start:end] != after and not same_place:
            edits.append(Edit(Span(start, end), text[start:end], after, (n,)))
    return edits


@st.composite
def edited(draw: st.DrawFn, deletions_only: bool = False) -> tuple[str, list[Edit]]:
    text = draw(TEXT)
    return text, draw(edits_for(text, deletions_only))


@st.composite
def edited_twice(draw: st.DrawFn, deletions_only: bool = False) -> tuple[str, list[Edit], list[Edit]]:
    text, first = draw(edited(deletions_only))
    return text, first, draw(edits_for(apply(text, first), deletions_only))


@given(edited())
def test_undoing_edits_gives_the_text_back(case):
    text, edits = case
    assert apply(apply(text, edits), invert(edits)) == text


@given(edited())
def test_undoing_at_once_is_applying_the_inverse(case):
    text, edits = case
    assert undo(apply(text, edits), edits) == text


@given(edited(), st.lists(st.integers(0, 40), max_size=12))
def test_many_spans_are_carried_and_traced_as_each_alone(case, bounds):
    text, edits = case
    there = EditMap(edits)
    for size, one, many in (
        (len(text), there.carry, there.carry_lines),
        (len(apply(text, edits)), there.trace, there.trace_lines),
    ):
        marks = sorted({min(bound, size) for bound in bounds})
        spans = list(map(Span, marks[::2], marks[1::2]))
        moved = many([span.start for span in spans], [span.end for span in spans])
        assert list(map(Span, *moved)) == [one(span) for span in spans]


def test_undoing_another_text_is_refused():
    with pytest.raises(EditError, match="another text"):
        undo("axc", [Edit(Span(1, 2), "b", "y")])


@given(edited_twice())
def test_composed_edits_do_what_the_two_do(case):
    text, first, second = case
    assert apply(text, compose(first, second)) == apply(apply(text, first), second)


@given(edited_twice())
def test_composed_edits_are_sorted_disjoint_and_can_be_undone(case):
    text, first, second = case
    both = compose(first, second)
    assert all(a.span.end <= b.span.start for a, b in pairwise(both))
    assert apply(apply(text, both), invert(both)) == text


@given(edited_twice(deletions_only=True))
def test_composed_deletions_keep_the_causes_of_each_stretch_apart(case):
    _, first, second = case
    second = [e._replace(causes=tuple(c + 100 for c in e.causes)) for e in second]
    for edit in compose(first, second):
        assert len(edit.causes) == 1, "a deleted character was deleted once, for one cause"


@given(edited())
def test_a_kept_character_is_found_again_both_ways(case):
    text, edits = case
    clean, there = apply(text, edits), EditMap(edits)
    cut = {i for e in edits for i in range(*e.span)}
    for i in range(len(text)):
        if i not in cut:
            moved = there.carry(Span(i, i + 1))
            assert moved.of(clean) == text[i]
            assert there.trace(moved) == Span(i, i + 1)


@given(edited(), st.data())
def test_tracing_covers_every_piece_the_span_was_copied_from(case, data):
    text, edits = case
    clean = apply(text, edits)
    start = data.draw(st.integers(0, len(clean)))
    span = Span(start, data.draw(st.integers(start, len(clean))))
    assert all(trace(span, edits).covers(piece) for piece in pieces(span, edits))


@given(edited(), st.data())
def test_carrying_covers_every_kept_character_of_the_span(case, data):
    text, edits = case
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    moved = carry(span, edits)
    cut = {i for e in edits for i in range(*e.span)}
    assert all(moved.covers(carry(Span(i, i + 1), edits)) for i in range(*span) if i not in cut)


@given(edited(), st.data())
def test_pieces_hold_just_the_copied_text(case, data):
    text, edits = case
    clean = apply(text, edits)
    start = data.draw(st.integers(0, len(clean)))
    span = Span(start, data.draw(st.integers(start, len(clean))))
    inserted = {i for e in invert(edits) for i in range(*e.span)}
    copied = "".join(clean[i] for i in range(*span) if i not in inserted)
    assert "".join(p.of(text) for p in pieces(span, edits)) == copied


@pytest.mark.parametrize(
    ("edits", "message"),
    [
        ([Edit(Span(0, 1), "b")], "another text"),
        ([Edit(Span(0, 2), "ab"), Edit(Span(1, 3), "bc")], "disjoint"),
        ([Edit(Span(2, 9), "c")], "another text"),
    ],
)
def test_edits_made_for_another_text_are_refused(edits, message):
    with pytest.raises(EditError, match=message):
        apply("abc", edits)


@given(TEXT)
@example("")
def test_no_edits_change_nothing(text):
    assert apply(text, []) == text
    assert carry(Span(0, len(text)), []) == Span(0, len(text))
