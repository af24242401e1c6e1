"""A page's lines, keys and zones are what they would be line by line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from siglum.offsets import line_spans
from siglum.packs.keys import LONGEST, key
from siglum.page import page_of

TEXT = st.text(alphabet=st.sampled_from("aB \t\n\n\r»|ﬁＡßİ\u00a0\u2028\x85\u1e9e3中\ud800.!"), max_size=60)


@given(TEXT)
def test_lines_are_those_of_the_line_rule_that_are_not_blank(text):
    page = page_of(text)
    spans = [s for s in line_spans(text) if s.of(text).strip()]
    assert [page.span(n) for n in range(len(page.lines))] == spans
    assert list(page.lines) == [s.of(text).strip() for s in spans]


@given(TEXT)
def test_keys_of_a_page_are_the_keys_of_its_lines(text):
    page = page_of(text)
    assert list(page.keys) == [key(line) for line in page.lines]


def test_a_line_longer_than_any_label_has_no_key():
    assert page_of("a" * (LONGEST + 1)).keys == ("",)


def test_a_text_without_a_paragraph_has_no_edges():
    assert not page_of("Menu\nPizza\nPasta").in_edge_zone(0)
