"""Mojibake is repaired exactly as ftfy does it, told as small edits, and nothing else is touched."""

from __future__ import annotations

import random
import re
from importlib.metadata import version

import ftfy
import pytest
from ftfy.badness import BADNESS_RE, MOJIBAKE_CATEGORIES
from hypothesis import given
from hypothesis import strategies as st

from siglum.cleaners.mojibake import FTFY, Mojibake, _differences, _trigger, archive, guarded
from siglum.document import Cleaner, Document

CODECS = ["latin-1", "cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1257", "iso-8859-2", "macroman", "cp437"]
PROSE = [
    "déjà vu à la carte, l’été “œuvre” naïve…",
    "Größe, Straße und „Übermut“ – 20 °C",
    "Съешь же ещё этих «мягких» булок — да выпей чаю №5",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία",
    "Zażółć gęślą jaźń, Příliš žluťoučký kůň",
    "ığdır şişli ünü İstanbul",
    "日本語のテキスト、全角ＡＢＣ　ﾊﾝｶｸ",
    "emoji 👍🏽 𝒥ohn 💩 ×² √± €5 £3 ½ ©®™",
]
PIECES = [
    *(chr(code) for code in range(0x20)),
    *"\x7f\x80\x85\x8d\x92\x9d\xa0\xad\u2028\u2029\u200b\ufeff\ufffc\ufffd\ud800\udc00",
    *"“”‘’„«»‹›ﬁﬂĳǆＡｱ\u3000ÂÃÐØÙàéœŒâ€™ß×²³°µº§¶€£¥¢†‡•©®™√≈±вЂГРСΒΓΞβāĀĄžŽŚ│█▌ĂÎ¡¿?! .,abzAZ09",
    "&amp;", "&eacute;", "&NTILDE;", "&#146;", "&#x110000;", "<b>", "&lt;", "\x1b[31m", "\r\n", "\n", "\n\n", "Ã ",
    "Â ", "e\u0301", "ГўВЂВ\x99a", "â€œ", "\ud83d\udc4d", "Ã©", "вЂ“",
]  # fmt: skip
EVERY_CHARACTER = "".join(map(chr, range(0x10000)))
SETTINGS = [
    archive(),
    ftfy.TextFixerConfig(explain=False),
    ftfy.TextFixerConfig(unescape_html=True, normalization="NFKC", max_decode_length=7),
    archive()._replace(max_decode_length=5, restore_byte_a0=False),
]


def broken(seed: random.Random) -> str:
    """Return a nasty string: prose sent through wrong codecs, once or twice, among pieces that ftfy reacts to."""
    parts = []
    for _ in range(seed.randint(1, 3)):
        text = seed.choice(PROSE)
        start = seed.randrange(len(text))
        text = text[start : start + seed.randint(1, 25)]
        for _ in range(seed.choice((0, 1, 1, 2))):
            text = text.encode("utf-8", "replace").decode(seed.choice(CODECS), seed.choice(("replace", "ignore")))
        parts += text, "".join(seed.choices(PIECES, k=seed.randint(0, 8)))
    return "".join(parts)


def repaired(text: str) -> str:
    """Return *text* with the cleaner's findings made."""
    for finding in reversed(list(Mojibake()(Document(text)))):
        assert finding.after is not None
        assert finding.span.of(text) != finding.after
        text = text[: finding.span.start] + finding.after + text[finding.span.end :]
    return text


def test_the_guard_was_reasoned_about_for_the_installed_ftfy():
    assert version("ftfy") == ftfy.__version__ == FTFY


def test_guarded_gives_what_ftfy_gives_on_twenty_thousand_broken_strings():
    seed = random.Random(20261122)
    for number in range(20_000):
        text, config = broken(seed), SETTINGS[0 if number % 2 else number // 2 % len(SETTINGS)]
        assert guarded(text, config) == ftfy.fix_text(text, config), (text, config)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=20).map("".join), st.sampled_from(SETTINGS))
def test_guarded_gives_what_ftfy_gives(text, config):
    assert guarded(text, config) == ftfy.fix_text(text, config)


def test_whatever_ftfy_calls_bad_is_looked_at():
    known = sorted(set("".join(re.findall(f"[{''.join(MOJIBAKE_CATEGORIES.values())}ÂÃœŒ×√≈‚Ðà ]", EVERY_CHARACTER))))
    found, bad = _trigger(archive()).search, BADNESS_RE.search
    texts = (f"{x}{a}{b}{y}" for a in known for b in known for x, y in (("", ""), ("a", "a"), (" ", " ")))
    assert [text for text in texts if bad(text) and not found(text)] == []


def test_the_findings_give_what_ftfy_gives_where_nothing_is_protected():
    seed = random.Random(7)
    for _ in range(2_000):
        text = broken(seed).replace("\u200b", "").replace("\ufeff", "")
        assert repaired(text) == ftfy.fix_text(text, archive())


@given(st.text("ab é€\x00", max_size=40), st.text("ab é€\x00", max_size=40))
def test_the_differences_of_any_two_texts_turn_one_into_the_other(before, after):
    text = before
    for start, end, new in reversed(list(_differences(before, after))):
        text = text[:start] + new + text[end:]
    assert text == after


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("cafÃ© at nine\nfine line\n", [("Ã©", "é")]),
        ("РџСЂРёРІРµС‚ РјРёСЂ", [("РџСЂРёРІРµС‚", "Привет"), ("РјРёСЂ", "мир")]),
        ("it\u0092s", [("\x92", "’")]),
        ("a\x00b", [("\x00", "")]),
        ("\x1b[31mred\x1b[0m", [("\x1b[31m", ""), ("\x1b[0m", "")]),
        ("\ud83d\udc4d", [("\ud83d\udc4d", "👍")]),
        ("\ufeffHello", [("\ufeff", "")]),
        ("Å koda â€œ", [("Å ", "Š"), ("â€œ", "“")]),
    ],
)
def test_an_edit_is_no_larger_than_what_changes(text, edits):
    assert [(found.span.of(text), found.after) for found in Mojibake()(Document(text))] == edits


@pytest.mark.parametrize(
    "text",
    [
        "“Curly” ‘quotes’ and ﬁgures stay, ＦＵＬＬ　width too\r\n",
        "Tom &amp; Jerry",  # the markup cleaner's
        "e\u0301",
        *PROSE[:-1],
    ],
)
def test_what_an_author_or_editor_chose_is_left(text):
    assert list(Mojibake()(Document(text))) == []


def test_the_evidence_names_the_codecs():
    (found,) = Mojibake()(Document("â€œ"))
    assert found.evidence.label == "mojibake"
    assert found.evidence.why == "text was UTF-8 read as windows-1252"


def test_hidden_provenance_is_never_changed():
    manifest = "\ufeff" + "".join(chr(0xFE00 + b if b < 16 else 0xE0100 + b - 16) for b in b"C2PATXT\0\1\0\0\0\2ab")
    text = f"cafÃ©{manifest} wa\u200bter\ufeffmark\x00 cafÃ©"
    assert repaired(text) == f"café{manifest} wa\u200bter\ufeffmark café"


@pytest.mark.parametrize("text", ["\x00" * 50_000, "Ã©" * 50_000, "\ud800x" * 20_000, "é»" * 50_000, "вЂ Ã\n" * 2_000])
def test_hostile_text_is_read_to_its_end(text):
    assert guarded(text, archive()) == ftfy.fix_text(text, archive())
    assert repaired(text) == ftfy.fix_text(text, archive())


def test_it_is_a_cleaner():
    assert isinstance(Mojibake(), Cleaner)
    assert Mojibake().version == f"ftfy {FTFY}"
