"""The compiled language layer answers as its Python does: lines, gates, letters, words, tags, rows of a report."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from siglum import edit, report
from siglum.edit import Edit, EditMap
from siglum.language import document, engines, letters, tagger, words
from siglum.language.document import Tag
from siglum.language.settings import LanguageSettings
from siglum.language.tagger import Tagger, _Judge
from siglum.native import twin
from siglum.span import Span
from test_edit import edited

pytestmark = pytest.mark.skipif(twin("languages") is None, reason="the twins are not built, or switched off")

# What gates, scripts and lower case treat in a way of its own; signs beyond the tables; what stands in no word.
ODD = (
    "\r\n\t\x00\x1f\x85\xa0\u2028\u200b\u200d\ufeff\ud800\udfffİıßſКΣς'’·©—₂²٣\u093f\u0301\u0e31"
    "漢体體のカ글अไ😀\U0001d400\U00020000"
)
SIGNS = 'aZ09 _-.:/\\@#&|(){}[]<>=;*$"~,!?'
WORDS = [
    "Reuters", "Samsung", "www.example.org/a?b=1", "b@example.org", "COVID-19", "const", "view", "=", "this.get();",
    "Guardar", "Prijavi", "se", "Сохранить", "Вийти", "Меню", "编辑这个页面", "編輯這個頁面", "このページ", "댓글",
    "Μενού", "Anmelden", "Sla", "op", "the", "ministers", "met", "in", "capital", "och", "ikke", "vrijeme", "vreme",
    "شارك", "भाषा",
]  # fmt: skip
LINE = st.one_of(
    st.text(alphabet=st.one_of(st.sampled_from(ODD), st.sampled_from(SIGNS), st.characters()), max_size=80),
    st.text(alphabet=SIGNS, max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=70).map(" ".join),
)
PAGE = st.lists(st.one_of(LINE, st.sampled_from(["", " ", "\r"])), max_size=12).map("\n".join)
TAGS = st.tuples(
    st.sampled_from(["en", "ru", "uk", "und", "zxx"]),
    st.sampled_from([0.0, 0.5, 0.7999, 0.8, 1.0]),
    st.sampled_from([(), ("ru",), ("bg", "uk")]),
)


def in_python(made: Callable[[], Any]) -> Any:
    """Return what *made* gives where no compiled module is there."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (tagger, letters, words, engines):
            patch.setattr(module, "twin", lambda name: None)
        patch.setattr(engines, "_MADE", {})
        tagger._letters.cache_clear()
        tagger._words.cache_clear()
        try:
            return made()
        finally:
            tagger._letters.cache_clear()
            tagger._words.cache_clear()


def judges(**settings: Any) -> tuple[_Judge, _Judge]:
    def make() -> _Judge:
        return Tagger(LanguageSettings(**settings))._ready()

    return make(), in_python(make)


@pytest.fixture(scope="module", params=["light", "default"])
def pair(request: pytest.FixtureRequest) -> tuple[_Judge, _Judge]:
    return judges(mode=request.param)


def test_one_of_a_pair_is_compiled_and_the_other_is_not(pair: tuple[_Judge, _Judge]) -> None:
    compiled, python = pair
    assert all((compiled._native, compiled._letters.native, compiled._words.native))
    assert not any((python._native, python._letters.native, python._words.native))


@given(PAGE)
@example("")
@example("\r\n\r\r\n a \x85 b\u2028")
def test_lines_are_found_alike(text: str) -> None:
    assert document.spans(text) == document.spans.__wrapped__(text)  # type: ignore[attr-defined]
    for count in (1, 2, 6):
        assert document.longest(text, count) == document.longest.__wrapped__(text, count)  # type: ignore[attr-defined]


@given(st.lists(st.tuples(st.integers(0, 100), TAGS), max_size=30))
def test_lines_are_added_up_alike(lines: list[tuple[int, Tag]]) -> None:
    columns = [0] * len(lines), [size for size, _ in lines], [tag for _, tag in lines]
    assert document.weights(*columns) == document.weights.__wrapped__(*columns)  # type: ignore[attr-defined]
    assert list(document.weights(*columns)) == list(document.weights.__wrapped__(*columns))  # type: ignore[attr-defined]
    assert document.sides(*columns, 60, 0.8) == document.sides.__wrapped__(*columns, 60, 0.8)  # type: ignore[attr-defined]


@pytest.mark.parametrize("columns", [([0], [1], []), ([], [1], [("en", 1.0, ())]), ([0], [], [("en", 1.0, ())])])
def test_columns_of_several_lengths_are_refused(columns: tuple[list[int], list[int], list[Tag]]) -> None:
    with pytest.raises(ValueError, match="length"):
        document.weights(*columns)
    with pytest.raises(ValueError, match="length"):
        document.sides(*columns, 60, 0.8)
    with pytest.raises(ValueError, match="length"):
        report.written_segments("text", *columns[:2], *columns[:2], columns[2])


@given(LINE)
@example(" ")
@example("x" * 399 + "é=")
@hypothesis_settings(max_examples=400)
def test_gates_close_alike(pair: tuple[_Judge, _Judge], line: str) -> None:
    compiled, python = pair
    assert compiled.gate(line) == python.gate(line)


@pytest.mark.parametrize("before", SIGNS)
def test_gates_close_alike_on_every_three_signs(pair: tuple[_Judge, _Judge], before: str) -> None:
    compiled, python = pair
    for sign in SIGNS:
        for after in SIGNS:
            for line in (before + sign + after, f"Save {before}{sign}{after} now"):
                assert compiled.gate(line) == python.gate(line), line


@given(st.lists(LINE, min_size=1, max_size=6))
@example(["İ" * 200, "漢" * 160 + "の", "\U00020000" * 9, ""])
def test_letters_and_words_are_counted_alike(pair: tuple[_Judge, _Judge], lines: list[str]) -> None:
    compiled, python = pair
    for one, other in zip(
        vars(compiled._letters.measure(lines)).values(), vars(python._letters.measure(lines)).values(), strict=True
    ):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
    assert np.array_equal(compiled._words.log_odds(lines), python._words.log_odds(lines))


@given(st.lists(LINE, min_size=1, max_size=12))
@hypothesis_settings(max_examples=150)
def test_lines_are_tagged_alike(pair: tuple[_Judge, _Judge], lines: list[str]) -> None:
    compiled, python = pair
    assert compiled.tag(lines) == python.tag(lines)
    assert compiled.together(lines) == python.together(lines)


@pytest.mark.parametrize(
    "settings",
    [
        {"mode": "full"},
        {"mode": "light", "engines": ()},
        {"mode": "default", "engines": ("py3langid",)},
        {"languages": ("ru", "uk"), "min_letters": 1},
        {"languages": ("hr", "bs", "sr-Latn", "ja"), "macro_tags": False, "min_confidence": 0.75},
        {"zh_script": False, "gate_code": False, "gate_names": False, "max_chars": 9},
    ],
    ids=str,
)
def test_lines_are_tagged_alike_whatever_is_set(settings: dict[str, Any]) -> None:
    compiled, python = judges(**settings)
    lines = [*WORDS, *map(" ".join, zip(WORDS, WORDS[1:], WORDS[2:], strict=False)), " ", "a" * 500]
    assert compiled.tag(lines) == python.tag(lines)


@pytest.mark.parametrize("mode", ["document", "light", "default"])
def test_the_seeds_are_tagged_alike(seeds: Path, mode: str) -> None:
    one, other = Tagger(LanguageSettings(mode=mode)), Tagger(LanguageSettings(mode=mode))
    in_python(other.load)
    for path in sorted(seeds.glob("*.txt")):
        text = path.read_text("utf-8")
        assert one.tag_text(text) == other.tag_text(text)


@given(edited(), st.lists(st.integers(0, 3), max_size=16))
def test_lines_are_carried_alike(text_and_edits: tuple[str, list[Edit]], steps: list[int]) -> None:
    bounds = list(accumulate([step + n % 2 for n, step in enumerate(steps[: len(steps) // 2 * 2])]))
    carried, traced = EditMap(text_and_edits[1]), EditMap(text_and_edits[1])
    for name in ("carry", "trace"):
        starts, ends = getattr(carried, f"{name}_lines")(bounds[::2], bounds[1::2])
        alone = [getattr(traced, name)(Span(*bound)) for bound in zip(bounds[::2], bounds[1::2], strict=True)]
        assert list(zip(starts, ends, strict=True)) == list(map(tuple, alone))
    out = carried._starts, carried._ends, carried._out_starts, carried._out_ends
    columns = bounds[::2], bounds[1::2], *map(list, out)
    assert edit.move_lines(*columns) == edit.move_lines.__wrapped__(*columns)  # type: ignore[attr-defined]


@given(edited(), st.lists(TAGS, max_size=8))
def test_rows_of_lines_are_told_alike(text_and_edits: tuple[str, list[Edit]], tags: list[Tag]) -> None:
    text, edits = text_and_edits
    starts, ends, _ = document.spans(text)
    size = min(len(starts), len(tags))
    places = EditMap(edits).carry_lines(starts[:size], ends[:size])
    columns = edit.apply(text, edits), starts[:size], ends[:size], *places, tags[:size]
    assert report.written_segments(*columns) == report.written_segments.__wrapped__(*columns)  # type: ignore[attr-defined]


def test_the_letters_of_a_language_are_known_alike(pair: tuple[_Judge, _Judge]) -> None:
    compiled, python = pair
    lines = [chr(c).lower() for c in range(0x11000)] + [word.lower() for word in WORDS] + ["", *ODD]
    for tag in ("en", "de", "ru", "uk", "ja", "th", "ar", "hi"):
        column = compiled.tags.index(tag)
        fits, matches = compiled._letters.spelling(column), python._letters.spelling(column)
        assert [line for line in lines if bool(fits(line)) != bool(matches(line))] == []
