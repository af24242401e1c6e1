"""The compiled searches for what most texts do not hold, against the Python they stand for."""

from __future__ import annotations

import re

import ftfy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum import native
from siglum.cleaners import embedded, mojibake
from siglum.packs.literals import Literals

scans, literals = native.twin("scans"), native.twin("literals")
built = pytest.mark.skipif(scans is None or literals is None, reason="the compiled twins are not built")

SETTINGS = [
    mojibake.archive(),
    ftfy.TextFixerConfig(explain=False),
    ftfy.TextFixerConfig(unescape_html=True, normalization=None),
    mojibake.archive()._replace(uncurl_quotes=True, fix_line_breaks=True),
]

# Each kind of str, lone surrogates, NUL, capitals that only Unicode knows.
ODD = "\0 Aaéñß\u0130\u212a\u200b\u200e\u00ad\ufeff\ufe0f翻訳\ud83d\ude00😀\U000e0041\U000dffff\U000f0000&;\x80\xa0"
texts = st.text(ODD, max_size=40) | st.text(max_size=40)


@built
@given(st.lists(st.text(ODD.lower() + "translted", min_size=1, max_size=9), max_size=12), texts)
def test_the_same_literals_are_found(words, text):
    compiled, python = Literals(words), Literals(words)
    assert compiled._compiled is not None
    python.__dict__["_compiled"] = None
    assert compiled.found(text) == python.found(text)


@built
@pytest.mark.parametrize("text", ["", "x", "é", "翻", "😀", "\ud83d", "\0"])
def test_the_shortest_texts_are_read_to_their_end_and_no_further(text):
    words = [w for w in (text, text + "x", "x" + text, text * 4, text * 5) if w]
    assert Literals(words).found(text) == [w for w in dict.fromkeys(words) if w in text]


@built
@given(texts)
def test_the_same_kinds_of_characters_are_held(text):
    compiled = embedded._held(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "_scan", lambda: None)
        assert embedded._held(text) == compiled


@built
@given(texts)
def test_the_same_runs_of_marks_are_found(text):
    for kind, pattern in ((embedded._ZERO_WIDTH_HELD, embedded._ZERO_WIDTH), (embedded._BIDI_HELD, embedded._BIDI)):
        assert embedded._runs(text, kind, pattern) == [run.span() for run in pattern.finditer(text)]


mixed = st.text("aZ ÂÃ©«»„“”’•Œœ×βВГвЂ°§½€éÉàÀ─│\x80\x1b\x9d&;#\u200b\ufeff翻😀\ud800\ufb01ｆ\n", max_size=30)


@built
@given(mixed | texts, st.sampled_from(SETTINGS), st.integers(0, 30), st.integers(0, 40))
def test_the_scan_stops_where_the_pattern_finds_something(text, config, begin, end):
    hit = mojibake._trigger(config).search(text, begin, end)
    assert mojibake._first(config, text, begin, end) == (hit.start() if hit else -1)


@built
@pytest.mark.parametrize("config", SETTINGS)
def test_the_scan_knows_every_anchor_in_every_company(config):
    pattern = mojibake._trigger(config)
    # Of each pair and of each three of these the pattern is asked in one long text, all matches at once.
    known = re.findall(mojibake._spelt(f"[{mojibake._ANCHORS}]"), "".join(map(chr, range(0x10000))))
    around = ["a", "Z", " ", "é", "É", "à", "Å‚"[1], "В", "β", "½", "»", "“", "─", "©", "¤", "°", "翻", "😀", "ñ", "œ"]
    text = "\n".join(before + anchor + after for anchor in known for before in around for after in around)
    found, at = [], -1
    while (at := mojibake._first(config, text, at + 1, len(text))) >= 0:
        found.append(at)
    assert found == [m.start() for m in re.finditer(f"(?=({pattern.pattern}))", text)]


@built
def test_a_table_of_the_wrong_size_is_refused():
    with pytest.raises(ValueError, match="one row a character"):
        scans.Kinds(bytes(3))
    with pytest.raises(ValueError, match="three conditions"):
        scans.Threes(bytes([255]) * 0x10001, memoryview(bytes(12)).cast("I"))
