"""Votes: extractors choose, the model weighs, the account says who voted how."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from siglum import clean
from siglum.content import votes
from siglum.content.blocks import page
from siglum.content.page_features import Shape
from siglum.content.votes import collect, judge, model, vocabulary, vote
from siglum.readers.html import read_html
from siglum.settings import Settings

STORY = [
    "The gulls came back to the harbour in the last week of March, earlier than in any year since.",
    "Volunteers who watch the roofs each morning wrote down forty nests by Easter and twice as many by May.",
    "Fishermen are of two minds about it: the birds follow the boats, and the boats, they say, bring less.",
    "“We will count again in June,” said the warden, who has kept the book for thirty years and does not mean to stop.",
]
PAGE = f"""<html><body><header><a href="/">Home</a></header>
<nav class="menu"><ul><li><a href="/a">News</a><li><a href="/b">Sport</a><li><a href="/c">Weather</a></ul></nav>
<div id="wrap"><article class="story"><h1>Gulls are back</h1><p>{STORY[0]}</p><p>{STORY[1]}</p>
<h2>What fishermen say</h2><p>{STORY[2]}</p><p>{STORY[3]}</p></article>
<aside class="related"><h3>More stories</h3><ul><li><a href="/1">Ferry late again</a><li><a href="/2">Fog until noon</a>
</ul></aside></div><footer class="footer"><p>Copyright The Shore. <a href="/t">Terms</a></p></footer></body></html>"""


@pytest.mark.parametrize("thorough", [False, True])
def test_the_article_stays_and_the_furniture_goes(thorough: bool) -> None:
    doc = read_html(PAGE)
    told = vote(doc, thorough=thorough)
    kept = [b.span.of(doc.text) for b, t in zip(doc.blocks, told, strict=True) if t.keep]
    assert [line for line in STORY if line not in kept] == []
    assert "What fishermen say" in kept
    assert not {"News", "Sport", "Ferry late again", "Fog until noon", "More stories", "Home"} & set(kept)


def test_every_block_says_who_voted_how_and_why() -> None:
    doc = read_html(PAGE)
    told = vote(doc)
    for block, t in zip(doc.blocks, told, strict=True):
        assert set(t.votes) == set(model("quick").voters)  # who are sure of a page as plain as this one
        assert 0 < t.score < 1
        assert t.keep == (t.score >= model("quick").threshold)
        if block.span.of(doc.text) == STORY[1]:
            assert t.votes == dict.fromkeys(t.votes, True)
            assert t.why.startswith("chosen by resiliparse, density; ")


@pytest.mark.parametrize(("enough", "asked"), [(1.0, "quick"), (-1.0, "default")])
def test_further_extractors_are_asked_only_where_the_first_are_not_sure_enough(enough: float, asked: str) -> None:
    told = judge(page(PAGE), replace(model("quick"), enough=enough), model("default"))
    assert set(told[0].votes) == set(model(asked).voters)


@pytest.mark.parametrize(
    ("scores", "error"),
    [
        ([0.4, 0.9, 0.9, 0.4], 0.1),  # what stands before and behind is furniture nearly always
        ([0.1, 0.9, 0.4, 0.9], 0.3),
        ([0.1, 0.1, 0.1, 0.1], 1.0),  # nothing kept: in doubt
    ],
)
def test_only_doubt_between_kept_blocks_counts(scores: list[float], error: float) -> None:
    found = votes._expected_error(scores, [score >= 0.5 for score in scores], [10, 10, 10, 10])
    assert found == pytest.approx(error)


def test_a_decision_is_one_vote_for_each_block() -> None:
    decision = judge(page(PAGE), model("quick"))
    assert [told.keep for told in decision] == list(decision.keep)
    assert len(decision) == len(page(PAGE).blocks)
    with pytest.raises(IndexError):
        decision[len(decision)]


@pytest.mark.parametrize(
    "between", ["", '<nav class="menu"><ul><li><a href="/x">Tips</a><li><a href="/y">Ads</a></ul></nav>']
)
def test_blocks_go_with_their_blank_lines(between: str) -> None:
    done = clean(PAGE.replace("<h2>", f"{between}<h2>"), html=True, settings=Settings(tag_languages=False))
    kept = ["Gulls are back", *STORY[:2], "What fishermen say", *STORY[2:]]
    assert done.text == "\n\n".join(kept) + "\n"
    assert not done.run.layers[-1].edits  # layout has nothing to mend


def test_votes_that_are_in_are_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    of = page(PAGE)
    first = collect(of, model("quick").voters)
    monkeypatch.setattr(votes, "EXTRACTORS", {"trafilatura-quick": lambda of: STORY[0]})
    both = collect(of, model("default").voters, first)
    assert both.shares["resiliparse"] == first.shares["resiliparse"]
    assert max(both.shares["trafilatura-quick"]) == 1.0


def test_the_same_page_gets_the_same_votes_twice() -> None:
    first = vote(read_html(PAGE), thorough=True)
    page.cache_clear()
    assert vote(read_html(PAGE), thorough=True) == first


def test_an_extractor_that_fails_is_a_vote_less_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(of: object) -> str:
        raise RuntimeError("broken")

    monkeypatch.setattr(votes, "EXTRACTORS", {**votes.EXTRACTORS, "resiliparse": broken})
    doc = read_html(PAGE)
    told = vote(doc)
    assert not any(t.votes["resiliparse"] for t in told)
    assert any(t.keep for t in told)


@pytest.mark.parametrize(
    "html",
    [
        "",
        "\0",
        "<p>",
        "x",
        "<a hidden>b",
        "<table>" * 5_000 + "y",
        "<div>" * 1_500 + "<p>deep words here</p>",
        "\ud800<p>z",
    ],
)
def test_no_page_is_too_odd_to_vote_on(html: str) -> None:
    doc = read_html(html)
    assert len(vote(doc)) == len(doc.blocks)


def test_features_lie_between_nothing_and_one() -> None:
    of = page(PAGE)
    ballot = collect(of, model("default").voters)
    table = Shape(of, ballot.lengths, vocabulary()).table(ballot.shares)
    assert table.rows.min() >= 0
    assert table.rows.max() <= 1 + 1e-9


def test_every_weight_is_of_a_feature_that_is_or_could_be_made() -> None:
    kinds = vocabulary().kinds
    for way in ("quick", "default", "thorough"):
        for name in model(way).weights:
            if name.startswith(("of:", "near:")):
                assert name.split(":")[1] in kinds
            if name.startswith("vote:"):
                assert name.split(":")[1] in model(way).voters


def test_nearly_all_tokens_of_every_extractor_find_their_block_in_order(bench: Path) -> None:
    with gzip.open(bench / "bench" / "extraction" / "data" / "wcxb.jsonl.gz", "rt", encoding="utf-8") as file:
        pages = [json.loads(line)["html"] for line in file][:30]
    total: dict[str, int] = {}
    placed: dict[str, int] = {}
    for html in pages:
        for name, placement in collect(page(html), ("trafilatura", "resiliparse")).placements.items():
            total[name] = total.get(name, 0) + placement.total
            placed[name] = placed.get(name, 0) + placement.in_order
    for name in total:
        assert placed[name] >= 0.994 * total[name]
