"""White space takes one form, and no paragraph break is lost or made."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.chain import run
from siglum.cleaners.layout import Layout
from siglum.document import Document

SPACED = st.text(alphabet=st.sampled_from(["a", "é", " ", "\t", "\n", "\n", "\r", "\u00a0", "\u2028"]), max_size=40)


def laid_out(text: str) -> str:
    return run([Layout()], Document(text)).clean.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\nb", "a\n\nb"),
        ("a\n\n\n\nb", "a\n\nb"),
        ("a  \nb\t\n", "a\nb\n"),
        ("a\r\nb\rc\r\n", "a\nb\nc\n"),
        ("\n \n  a", "  a"),  # the first line keeps its indentation
        ("a\n  b", "a\n  b"),
        ("a\n \n  b", "a\n\n  b"),
        ("a", "a"),
        ("a\n", "a\n"),
        ("a\n\n\n", "a\n"),
        ("a \t", "a"),
        ("", ""),
        (" \n\n ", ""),
    ],
)
def test_white_space_takes_one_form(text, expected):
    assert laid_out(text) == expected


@given(SPACED)
def test_laying_out_twice_changes_nothing_more(text):
    once = laid_out(text)
    assert laid_out(once) == once


@given(SPACED)
def test_no_character_but_white_space_is_touched_and_no_break_is_lost(text):
    after = laid_out(text)
    assert re.sub(r"\s", "", after) == re.sub(r"\s", "", text)
    lines = [line.strip() for line in re.split(r"\r\n?|\n", text) if line.strip()]
    assert [line.strip() for line in after.split("\n") if line.strip()] == lines


def test_a_line_of_a_million_spaces_is_read_in_linear_time():
    assert laid_out("a" + " " * 1_000_000 + "b" + " " * 1_000_000) == "a" + " " * 1_000_000 + "b"
