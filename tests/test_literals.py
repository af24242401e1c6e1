"""Literals: many looked for at once, with the answers of looking for each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.packs.literals import Literals

# Few letters, so that literals overlap, hold each other and come often; some of more than one byte.
words = st.lists(st.text("abtrñ翻", min_size=1, max_size=12), min_size=1, max_size=20, unique=True)


@given(words, st.text("abtrñ翻 ", max_size=200))
def test_what_is_found_is_what_stands_in_the_text_in_the_order_given(literals, text):
    assert Literals(literals).found(text) == [x for x in literals if x in text]


def test_capitals_of_ascii_are_small_letters_and_no_others():
    assert Literals(["translated", "übersetzt", "kilo"]).found("TRANSLATED: ÜBERSETZT, \u212aILO") == ["translated"]


@pytest.mark.parametrize("size", [1, 3, 4, 5, 7, 8, 9, 40])
@pytest.mark.parametrize("before", [0, 1, 7, 8, 100])
def test_a_literal_of_any_size_is_found_at_the_start_inside_and_at_the_very_end(size, before):
    literal = "translation from the deep, all of it in one"[:size]
    text = "." * before + literal
    assert Literals([literal]).found(text) == [literal]
    assert Literals([literal]).found(text[:-1]) == []


def test_thousands_of_literals_are_told_apart():
    literals = [f"label number {n}" for n in range(10_000)]
    assert Literals(literals).found("... label number 4711 ...") == [
        "label number 4",
        "label number 47",
        "label number 471",
        "label number 4711",
    ]


def test_an_empty_text_holds_nothing():
    assert Literals(["abc", "translate"]).found("") == []


def test_no_literals_are_found_nowhere():
    assert Literals([]).found("abc") == []
