"""The line model: article text stays, furniture around it is told apart, in any script, whatever the input."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.content.lines import LineScore, read, score_lines
from siglum.packs.store import section

SEEDS = Path(__file__).resolve().parent.parent / "seeds"
PROFILES = ("archive", "corpus")

PARAGRAPH = (
    "The council met on Tuesday evening to discuss the new bridge, which has been planned for more than ten years. "
    "Several members said they would vote against it, because the costs have doubled since the first estimate."
)
HAN = (
    "市议会星期二晚上开会讨论新桥的计划，这座桥已经规划了十多年。"
    "几位议员说他们会投反对票，因为费用比最初的估计增加了一倍。"
)
ARABIC = (
    "اجتمع المجلس مساء الثلاثاء لمناقشة الجسر الجديد الذي يجري التخطيط له منذ أكثر من عشر سنوات. "
    "وقال عدد من الأعضاء إنهم سيصوتون ضده، لأن التكاليف تضاعفت منذ التقدير الأول."
)
MENU = ["Home", "News", "Sport", "Weather", "Travel", "Money", "Shop", "Contact", "About us", "Log in"]


def page(paragraph: str) -> list[str]:
    body = [line for n in range(5) for line in (f"{paragraph[n:]}", "")]
    return [*MENU, "", "The council is divided over the bridge", "", *body, *MENU]


def take_below(profile: str) -> float:
    limit: float = section("content")["lines"][profile]["take_below"]
    return limit


def kept(lines: list[str], profile: str) -> list[str]:
    return [x for x, s in zip(lines, score_lines(lines), strict=True) if x.strip() and s.keep >= take_below(profile)]


@pytest.mark.parametrize("profile", PROFILES)
def test_a_clean_article_loses_no_line(profile: str) -> None:
    lines = (SEEDS / "000_0ec92317bdd44cf9.txt").read_text("utf-8").split("\n")
    assert kept(lines, profile) == [line for line in lines if line.strip()]


@pytest.mark.parametrize("profile", PROFILES)
def test_headline_standfirst_and_paragraphs_of_a_scraped_page_stay(profile: str) -> None:
    lines = (SEEDS / "004_357bbdf13a6a8e1a.txt").read_text("utf-8").split("\n")
    article = [line for line in lines if len(line) > 60]
    assert len(article) == 10
    assert set(article) <= set(kept(lines, profile))


@pytest.mark.parametrize("profile", PROFILES)
def test_headline_and_standfirst_stay_where_nothing_stands_around_them(profile: str) -> None:
    lines = (SEEDS / "004_357bbdf13a6a8e1a.txt").read_text("utf-8").split("\n")
    article = [line for line in lines if len(line) > 60 or not line]
    assert kept(article, profile) == [line for line in article if line]


def test_the_corpus_profile_takes_the_furniture_above_the_scraped_page() -> None:
    lines = (SEEDS / "004_357bbdf13a6a8e1a.txt").read_text("utf-8").split("\n")
    first = lines.index(next(line for line in lines if line.startswith("The countries")))
    assert [
        line for line in kept(lines[:first] + lines[first:], "corpus") if line in lines[:first] and len(line) < 40
    ] == []


@pytest.mark.parametrize("paragraph", [PARAGRAPH, HAN, ARABIC], ids=["Latin", "Han", "Arabic"])
def test_menus_go_and_paragraphs_stay_in_any_script(paragraph: str) -> None:
    lines = page(paragraph)
    assert kept(lines, "corpus") == [x for x in lines if x.strip() and x not in MENU]


def test_a_heading_between_paragraphs_is_read_more_like_article_than_the_same_line_in_a_menu() -> None:
    body = [PARAGRAPH, "", PARAGRAPH[3:], "", "Log in", "", PARAGRAPH[5:], "", PARAGRAPH[7:]]
    inside = score_lines(body)[4].keep
    outside = score_lines([*MENU, *body])[MENU.index("Log in")].keep
    assert inside > 0.3 > outside


def test_a_label_speaks_against_a_line_and_a_learned_one_more() -> None:
    lines = [PARAGRAPH, "", PARAGRAPH[3:], "", "The price of bread rose again in May", "", PARAGRAPH[5:]]

    def chance(label: str) -> float:
        return score_lines(lines, ["", "", "", "", label, "", ""])[4].keep

    assert chance("") > chance("navigation") > chance("template")


def test_a_label_alone_does_not_take_a_line_inside_an_article() -> None:
    lines = [PARAGRAPH, "", PARAGRAPH[3:], "", PARAGRAPH[4:], "", PARAGRAPH[5:]]
    labels = ["", "", "navigation", "", "", "", ""]
    assert all(s.keep >= take_below("corpus") for s in score_lines(lines, labels))


def test_a_reason_is_given_in_words_for_what_may_be_taken_and_only_then() -> None:
    scores = score_lines(page(PARAGRAPH))
    assert scores[0].why == "short line among ten short lines, repeated on the page, ten lines above the article"
    assert all(bool(s.why) == (s.keep < 0.8) for s in scores)


def test_blank_lines_are_never_judged() -> None:
    assert score_lines(["", "  ", "\t"]) == [LineScore(1.0, "")] * 3
    assert read(["", "\u3000"]) is None


@given(st.lists(st.text(max_size=60), max_size=40))
def test_any_text_gets_one_chance_a_line(lines: list[str]) -> None:
    scores = score_lines(lines)
    assert len(scores) == len(lines)
    assert all(0 <= s.keep <= 1 for s in scores)
    assert scores == score_lines(lines)


@pytest.mark.parametrize(
    "lines",
    [["x" * 10_000_000], ["\ud800 broken"], ["\0\x01"], ["."] * 50_000, ["a b " * 500_000, "", "c"]],
    ids=["10 MB line", "surrogate", "control characters", "many lines", "many words"],
)
def test_hostile_text_is_scored_like_any_other(lines: list[str]) -> None:
    assert len(score_lines(lines)) == len(lines)


def test_weights_are_few_and_named() -> None:
    weights = section("content")["line-weights"]
    numbers = [n for reading in ("first", "second") for n in weights[reading]["numbers"].values()]
    cells = [c for reading in ("first", "second") for t in weights[reading]["tables"].values() for r in t for c in r]
    assert len(numbers) + len(cells) + len(weights["second"]["context"]) < 700
