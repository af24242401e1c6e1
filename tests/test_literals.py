"""Literals: many looked for at once, with the answers of looking for each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.packs.literals import Literals

# Few letters, so that literals overlap, hold each other and come often; some of more than one byte.
words = st.lists(st.text("abtrñ翻", min_size=1, max_size=12).map(str.encode), min_size=1, max_size=20, unique=True)


@given(words, st.text("abtrñ翻 ", max_size=200).map(str.encode))
def test_what_is_found_is_what_stands_in_the_text(literals, data):
    assert set(Literals(literals).found(data)) == {x for x in literals if x in data}


@pytest.mark.parametrize("size", [1, 3, 4, 5, 7, 8, 9, 40])
@pytest.mark.parametrize("before", [0, 1, 7, 8, 100])
def test_a_literal_of_any_size_is_found_at_the_start_inside_and_at_the_very_end(size, before):
    literal = b"translation from the deep, all of it in one"[:size]
    data = b"." * before + literal
    assert set(Literals([literal]).found(data)) == {literal}
    assert set(Literals([literal]).found(data[:-1])) == set()


def test_thousands_of_literals_are_told_apart():
    literals = [f"label number {n}".encode() for n in range(10_000)]
    assert set(Literals(literals).found(b"... label number 4711 ...")) == {
        b"label number 4",
        b"label number 47",
        b"label number 471",
        b"label number 4711",
    }


def test_an_empty_text_holds_nothing():
    assert list(Literals([b"abc", b"translate"]).found(b"")) == []
