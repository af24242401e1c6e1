"""A Unicode form is given as the library gives it, by small edits, and only when asked for."""

from __future__ import annotations

from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.cleaners.unicode_form import UnicodeForm
from siglum.document import Cleaner, Document

FORMS = ["NFC", "NFD", "NFKC", "NFKD"]
TRICKY = "ae\u0301\u0316\u0345é가\u1100\u1161\u11a8\u09c7\u09be\u3099か、漢\uf900ﬁ½ 　\u212bＡ\n\u0b47\u0b3e"


def normalised(text: str, form: str) -> str:
    for found in reversed(list(UnicodeForm(form)(Document(text)))):
        text = text[: found.span.start] + found.after + text[found.span.end :]
    return text


@given(
    st.text(st.sampled_from(TRICKY) | st.characters(exclude_characters="\ufeff"), max_size=40), st.sampled_from(FORMS)
)
def test_the_edits_give_the_form(text, form):
    text = "".join(c for c in text if c not in "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064" and c < "\U000e0000")
    assert normalised(text, form) == normalize(form, text)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [("one cafe\u0301 two", "e\u0301", "é"), ("x \u212b y", "\u212b", "Å"), ("漢字\uf900漢", "\uf900", "豈")],
)
def test_an_edit_is_no_larger_than_what_changes(text, before, after):
    (found,) = UnicodeForm("NFC")(Document(text))
    assert (found.span.of(text), found.after, found.evidence.label) == (before, after, "unicode")


@pytest.mark.parametrize("text", ["plain", "déjà vu", "Съешь ещё", "漢字かな가"])
def test_text_in_the_form_gives_no_finding(text):
    assert list(UnicodeForm("NFC")(Document(text))) == []


def test_hidden_provenance_is_never_changed():
    assert normalised("x e\u0301\u200be\u0301", "NFC") == "x é\u200bé"


def test_a_pile_of_marks_is_left():
    text = "e" + "\u0301\u0316" * 50_000 + " e\u0301"
    assert normalised(text, "NFC") == text[:-2] + "é"


def test_it_is_a_cleaner():
    assert isinstance(UnicodeForm("NFC"), Cleaner)
