"""Hidden marks are found and told, never taken."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.cleaners.embedded import Embedded, protected
from siglum.document import Cleaner, Document
from siglum.span import Span


def selectors(payload: bytes) -> str:
    return "".join(chr(0xFE00 + byte if byte < 16 else 0xE0100 + byte - 16) for byte in payload)


def wrapper(manifest: bytes) -> str:
    return "\ufeff" + selectors(b"C2PATXT\0\1" + len(manifest).to_bytes(4, "big") + manifest)


def rules(text: str) -> list[str]:
    return [found.evidence.rule.removeprefix("embedded/") for found in Embedded()(Document(text))]


def test_a_manifest_is_told_with_its_length_and_digest():
    manifest = bytes(range(256))
    text = f"Signed text.{wrapper(manifest)}"
    (found,) = Embedded()(Document(text))
    assert found.after is None
    assert found.span == Span(12, len(text))
    assert (found.evidence.rule, found.evidence.label) == ("embedded/c2pa-text", "embedded")
    assert "256 bytes" in found.evidence.why
    assert sha256(manifest).hexdigest()[:16] in found.evidence.why
    assert "any edit of the text breaks a hard binding" in found.evidence.why


@pytest.mark.parametrize("cut", [14, 20])
def test_a_manifest_cut_short_is_told_as_such(cut):
    (found,) = Embedded()(Document("x" + wrapper(b"0123456789")[:cut]))
    assert "cut short" in found.evidence.why


def test_an_armoured_manifest_is_found():
    text = "# -----BEGIN C2PA MANIFEST-----\n# aGVsbG8=\n# -----END C2PA MANIFEST-----\nprint()\n"
    (found,) = Embedded()(Document(text))
    assert found.evidence.rule == "embedded/c2pa-armour"
    assert found.span.of(text).startswith("-----BEGIN")
    assert found.span.of(text).endswith("MANIFEST-----")


def test_prose_about_armour_is_no_manifest():
    text = (
        "It begins with -----BEGIN C2PA MANIFEST----- and it ends, after some lines, with -----END C2PA MANIFEST-----."
    )
    assert rules(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("wa\u200bter", ["zero-width"]),
        ("end.\u200b\u200c\u200d\u2060 Next", ["zero-width"]),
        ("wa\ufeffter", ["zero-width"]),
        ("Au\u200cto", ["zero-width"]),
        ("می\u200cخواهم", []),  # Persian spelling
        ("क्\u200dष", []),  # Indic spelling
        ("👩\u200d🚀 ❤\ufe0f\u200d🔥", []),  # emoji sequences
        ("ภาษา\u200bไทย", []),  # where a Thai line may break
        ("\ufeffHello", []),  # a byte order mark left over
        ("葛\U000e0100城", []),  # a variant of an ideograph
        ("a\u202eb\u202c", ["bidi-control", "bidi-control"]),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", []),  # the flag of England
        ("x\U000e0068\U000e0069", ["tag-characters"]),
        ("😀" + selectors(b"hidden"), ["variation-selectors"]),
        ("soft\u00adhy\u00adphen", ["soft-hyphen"]),
        ("plain ASCII, and “more” – ёж", []),
    ],
)
def test_marks_are_told_from_spelling(text, expected):
    assert rules(text) == expected


def test_hidden_tags_are_spelled_out():
    (found,) = Embedded()(Document("x\U000e0068\U000e0069"))
    assert found.evidence.quote == "hi"


def test_soft_hyphens_are_counted_once():
    (found,) = Embedded()(Document("soft\u00adhy\u00adphen"))
    assert found.evidence.why.startswith("2 soft hyphens")


def test_direction_controls_and_soft_hyphens_are_not_protected():
    assert protected("a\u202eb soft\u00adhyphen") == []


@given(st.text(st.sampled_from("a \u200b\u200d\ufeff\ufe00\U000e0100\U000e0041\u00ad\u202eё🏴\ud800"), max_size=30))
def test_protected_spans_are_in_order_and_disjoint_and_nothing_is_taken(text):
    spans = protected(text)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    assert all(found.after is None for found in Embedded()(Document(text)))


@given(st.binary(max_size=300))
def test_any_manifest_comes_back(manifest):
    text = f"a{wrapper(manifest)}b"
    assert protected(text) == [Span(1, len(text) - 1)]


def test_it_is_a_cleaner():
    assert isinstance(Embedded(), Cleaner)
