"""Learning a site's template: what repeats across stories is learned, what repeats within one story is not."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from siglum.document import Document
from siglum.packs.compiler import compile_rules
from siglum.packs.load import load_packs
from siglum.packs.match import Index, found_by
from siglum.sites.learn import Source, Template, learn, to_toml, write
from siglum.sites.site import series_of, site_of

WORDS = """
river bridge council money summer harbour window garden letter winter market doctor island teacher engine morning
village station mountain paper forest kitchen castle silver ticket machine bottle painter shadow valley
""".split()  # noqa: SIM905


def story(seed: int, sentences: int = 8) -> list[str]:
    rnd = random.Random(seed)
    return [
        f"The {' '.join(rnd.choices(WORDS, k=9))}, and the {' '.join(rnd.choices(WORDS, k=7))} of {rnd.choice(WORDS)}."
        for _ in range(sentences)
    ]


def page(seed: int, path: str = "", site: str = "example.com", views: int = 0) -> Source:
    lines = [
        "Example Times",
        "Home",
        "Politics",
        "Weather",
        f"A headline about {WORDS[seed % len(WORDS)]} and {WORDS[(seed * 7 + 3) % len(WORDS)]} number {seed}",
        f"Views: {views or 100 + seed}",
        *(x for line in story(seed) for x in ("", line)),
        "",
        "Read also",
        "Terms of use",
    ]
    return Source(
        f"https://www.{site}/news/{path or f'story-of-{WORDS[seed % len(WORDS)]}'}",
        f"{site}{path}{seed}",
        "\n".join(lines),
    )


def learned(*pages: Source) -> Template:
    (template,) = learn(pages)
    return template


def labels(template: Template) -> set[str]:
    return {c.label for c in (*template.exact, *template.counters)}


def test_lines_that_stand_in_every_story_are_learned() -> None:
    assert {"Example Times", "Home", "Politics", "Weather", "Read also", "Terms of use"} <= labels(
        learned(*map(page, range(5)))
    )


def test_a_number_that_varies_becomes_a_slot() -> None:
    assert "Views: {n}" in labels(learned(*map(page, range(5))))


def test_the_stories_themselves_are_never_learned() -> None:
    template = learned(*map(page, range(5)))
    assert not labels(template) & {line for n in range(5) for line in story(n)}


@pytest.mark.parametrize("path", ["print/story-0", "another-address"])
def test_a_second_copy_of_a_story_teaches_nothing_about_its_lines(path: str) -> None:
    template = learned(*map(page, range(4)), page(0, path))
    assert (template.pages, template.stories) == (5, 4)
    assert not labels(template) & {*story(0), "A headline about river and castle number 0"}


def test_the_parts_of_one_article_count_as_one_story() -> None:
    parts = [Source(s.url + f"?page={n}", f"{n}", s.text) for n, s in enumerate(page(k, "same") for k in (7, 8))]
    assert learned(*map(page, range(4)), *parts).stories == 5


def test_a_paragraph_that_two_stories_share_is_held_back() -> None:
    shared = story(99, 1)[0]
    pages = [page(n) for n in range(6)]
    for n in (1, 2):
        lines = pages[n].text.split("\n")
        lines.insert(12, "\n" + shared + "\n")
        pages[n] = pages[n]._replace(text="\n".join(lines))
    template = learned(*pages)
    assert shared not in labels(template)
    assert [c.label for c in template.held_back] == [shared]
    assert 'action = "mark"' in to_toml(template)


def test_one_page_or_one_story_teaches_nothing() -> None:
    assert list(learn([page(1)])) == []
    assert list(learn([page(1), page(1, "copy")])) == []


def test_sites_are_learned_apart() -> None:
    found = {t.site: t for t in learn([page(n, site=s) for s in ("a.co.uk", "b.co.uk") for n in range(3)])}
    assert sorted(found) == ["a.co.uk", "b.co.uk"]
    assert all(t.pages == 3 for t in found.values())


def test_what_is_learned_does_not_depend_on_the_order_of_pages() -> None:
    pages = [page(n) for n in range(6)]
    assert to_toml(learned(*pages)) == to_toml(learned(*reversed(pages)))


def test_a_learned_pack_is_an_ordinary_pack_whose_examples_hold(tmp_path: Path) -> None:
    odd = [
        page(n)._replace(text=page(n).text + '\n"Quoted" \\ back\x7f\tslash\n{braces} stay\n\ud800 lone')
        for n in range(5)
    ]
    list(write(learn(odd), tmp_path))
    rules = load_packs(tmp_path)
    index = Index(compile_rules(rules))
    assert rules
    for rule in rules:
        assert (rule.status, rule.label, rule.sites) == ("learned", "template", ("example.com",))
        assert rule.evidence["pages"] == 5
        for example in rule.match:
            assert found_by(index, rule.id, Document(example.text, url=example.url)), example
        for example in rule.miss:
            assert not found_by(index, rule.id, Document(example.text, url=example.url)), example


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.bbc.co.uk/news", "bbc.co.uk"),
        ("http://digital.sina.com.hk/x", "sina.com.hk"),
        ("http://[::1]/", "::1"),
        ("http://localhost:8080/", "localhost"),
        ("http://[broken/", ""),
        ("", ""),
    ],
)
def test_a_site_is_the_registrable_domain(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("https://a.com/story?page=2", "https://a.com/story", True),
        ("https://a.com/story/3", "https://a.com/story/", True),
        ("https://a.com/story_2.html", "https://a.com/story.html", True),
        ("https://a.com/story?id=2", "https://a.com/story?id=3", False),
        ("https://a.com/2024/11", "https://a.com/2024/12", False),
    ],
)
def test_addresses_that_differ_in_a_page_number_are_one_series(one: str, two: str, same: bool) -> None:
    assert (series_of(one) == series_of(two)) is same
