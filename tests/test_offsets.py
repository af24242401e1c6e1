"""Lines have one rule, and code points are told as bytes and units without a slip."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.offsets import ByteOffsets, line_spans
from siglum.span import Span

# Every break, every character that only looks like one, wide, astral and surrogate characters.
TEXTS = st.text(
    st.one_of(st.sampled_from("\r\n\n\rab é\u2028\u2029\x85\v\f\x1c漢😀\u0301\u202e\ud800\udfff\0"), st.characters())
)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("a", ["a"]),
        ("\n", ["\n"]),
        ("\r", ["\r"]),
        ("\r\n", ["\r\n"]),
        ("\n\r", ["\n", "\r"]),
        ("a\nb", ["a\n", "b"]),
        ("a\nb\n", ["a\n", "b\n"]),
        ("a\r\nb\rc\n\nd", ["a\r\n", "b\r", "c\n", "\n", "d"]),
        ("a\r\r\nb", ["a\r", "\r\n", "b"]),
    ],
)
def test_a_line_ends_after_lf_crlf_or_a_lone_cr(text, lines):
    assert [span.of(text) for span in line_spans(text)] == lines


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85", "\v", "\f", "\x1c", "\x1d", "\x1e"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_only_looks_like_a_break_stands_inside_a_line(character, end):
    text = f"a{character}b{end}c"
    assert line_spans(text) == [Span(0, 3 + len(end)), Span(3 + len(end), len(text))]


@given(TEXTS)
def test_lines_are_the_whole_text_and_each_but_the_last_has_its_break(text):
    lines = [span.of(text) for span in line_spans(text)]
    assert "".join(lines) == text
    assert all(re.fullmatch(r"[^\r\n]*(\r\n|\r|\n)", line) for line in lines[:-1])
    assert not lines or re.fullmatch(r"[^\r\n]*(\r\n|\r|\n)?", lines[-1])


@given(TEXTS, st.sampled_from([1, 700]))
def test_bytes_and_units_are_what_encoding_the_prefix_gives(text, times):
    text *= times
    offsets = ByteOffsets(text)
    for position in {0, len(text), *range(0, len(text), 97)}:
        before = text[:position]
        assert offsets.start_byte(position) == len(before.encode("utf-8", "surrogatepass"))
        # Halves of a pair that were two code points stay two units.
        assert offsets.start_utf16(position) == sum(2 if character > "\uffff" else 1 for character in before)


@given(TEXTS, st.lists(st.integers(0, 400)))
def test_a_sorted_bulk_query_equals_the_single_ones(text, positions):
    offsets = ByteOffsets(text)
    wanted = sorted(min(position, len(text)) for position in positions)
    assert offsets.bytes_of(wanted) == [offsets.start_byte(position) for position in wanted]


@given(TEXTS)
def test_each_position_stands_on_the_line_whose_span_holds_it(text):
    offsets = ByteOffsets(text)
    for number, span in enumerate(line_spans(text), 1):
        assert {offsets.line_of(span.start), offsets.line_of(span.end - 1)} == {number}


@pytest.mark.parametrize("text", ["abc", "äbc"])
@pytest.mark.parametrize("position", [-1, 4])
def test_a_position_outside_the_text_is_refused(text, position):
    offsets = ByteOffsets(text)
    for ask in (offsets.start_byte, offsets.start_utf16, offsets.line_of, lambda p: offsets.bytes_of([p])):
        with pytest.raises(ValueError, match="outside the text of 3 code points"):
            ask(position)


@pytest.mark.parametrize("text", ["abc", "äbc"])
def test_descending_positions_are_refused_in_bulk(text):
    with pytest.raises(ValueError, match="must not descend: 1 after 2"):
        ByteOffsets(text).bytes_of([2, 1])
