"""Pivots and links to originals: what a page states of the way its text came, read and left."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import siglum
from siglum.cleaners.credits import Credits
from siglum.document import Document, Evidence, Finding
from siglum.provenance import links, pivots
from siglum.provenance.claims import KEYS, LABEL_CREDIT, LABEL_HINT
from siglum.provenance.explain import explain
from siglum.provenance.judge import judge
from siglum.report import redacted
from siglum.span import Span

RULES = Path(__file__).resolve().parent.parent / "rules" / "credits"
CREDITS = Credits()


def examples(name: str, key: str) -> Iterator[Any]:
    for rule in tomllib.loads((RULES / f"{name}.toml").read_text("utf-8"))[key]:
        for kind in ("match", "miss"):
            for n, example in enumerate(rule[kind]):
                yield pytest.param(kind, rule["id"], example, id=f"{rule['id']}-{kind}-{n}")


def read(text: str = "", **about: Any) -> list[dict[str, str]]:
    return [dict(f.evidence.claims) for f in CREDITS(Document(text, **about))]


def hinted(html: str, url: str = "", language: str = "de") -> list[dict[str, str]]:
    found = CREDITS(Document("x", html=html, url=url, language=language))
    return [dict(f.evidence.claims) for f in found if f.evidence.label == LABEL_HINT]


# Pivots


@pytest.mark.parametrize(("kind", "rule", "text"), list(examples("pivots", "pivot")))
def test_every_wording_of_a_pivot_is_read_as_its_file_says(kind, rule, text):
    found = [claims for claims in read(f"{text}\n\nThe text itself says nothing of it.\n") if "pivot" in claims]
    assert bool(found) is (kind == "match")


@pytest.mark.parametrize(
    ("text", "source", "pivot", "original"),
    [
        ("Translated from the Russian via German by Jane Doe", "ru", "de", "ru"),
        ("Translated from the German translation of the Polish original by Jane Doe", "de", "de", "pl"),
        ("Machine translated from Latin via Russian.", "la", "ru", "la"),
        ("Translated from the Russian by Jane Doe", "ru", None, None),
        ("Translated from the Russian via English by Jane Doe", "ru", None, None),  # the text is English
    ],
)
def test_a_pivot_is_judged_with_the_language_of_the_first_original(text, source, pivot, original):
    page = "The harbour stayed closed for most of the day, the port authority said.\n" * 4
    told = siglum.clean(f"{page}{text}\n").provenance
    assert (told.source_language, told.pivot, told.original_language) == (source, pivot, original)


def test_a_pivot_changes_neither_method_nor_tag():
    page = "The harbour stayed closed for most of the day, the port authority said.\n" * 4
    without = siglum.clean(f"{page}Translated from the Russian by Jane Doe\n").provenance
    told = siglum.clean(f"{page}Translated from the Russian via German by Jane Doe\n").provenance
    assert (told.method, told.tag(), told.translator) == (without.method, without.tag(), without.translator)


@pytest.mark.parametrize(
    "words",
    [
        "Translated via German.",  # of what?
        "Translated from the Russian, with a German summary.",
        "Translated from the Russian by Jane Doe of the English Institute.",
        "Translated from the Russian via German and through French.",  # two: which came first is not said
    ],
)
def test_words_that_name_no_single_language_in_between_name_no_pivot(words):
    source = {"source": "ru"} if "Russian" in words else {}
    assert pivots.read(words, {"language": "en", **source}) == {}


def finding(**claims: str) -> Finding:
    return Finding(Span(0, 0), Evidence("credits/x", LABEL_CREDIT, 0.9, {"asserted_by": "page", **claims}))


def test_what_is_said_of_the_version_a_text_was_made_from_makes_that_language_a_pivot():
    this = finding(method="machine", source="en")
    other = finding(method="human", source="ja", target="en", scope="other-version")
    told = judge([this, other], target="de")
    assert (told.method, told.source_language, told.pivot, told.original_language) == ("machine", "en", "en", "ja")


@pytest.mark.parametrize(
    "other",
    [
        {
            "method": "human",
            "source": "ja",
            "target": "fr",
            "scope": "other-version",
        },  # of a version in between it is not
        {"method": "human", "target": "en", "scope": "other-version"},  # from what is not said
        {"method": "human", "source": "de", "target": "en", "scope": "other-version"},  # back and forth
        {"method": "human", "source": "ja", "target": "en", "counter": "1"},  # denied
    ],
)
def test_what_is_said_of_other_versions_makes_no_pivot(other):
    told = judge([finding(method="machine", source="en"), finding(**other)], target="de")
    assert (told.source_language, told.pivot, told.original_language) == ("en", None, None)


def test_a_field_names_a_pivot_and_needs_a_source_beside_it():
    front = "---\ntranslator: DeepL\n{}pivot_language: en\n---\nText"
    whole = judge(list(CREDITS(Document(front.format("translated_from: Japanese\n")))), target="de")
    assert (whole.source_language, whole.pivot, whole.original_language) == ("ja", "en", "ja")
    half = judge(list(CREDITS(Document(front.format("")))), target="de")
    assert (half.method, half.pivot) == ("machine", None)


def test_a_field_of_a_pivot_alone_states_no_translation():
    assert judge(list(CREDITS(Document("---\npivot_language: en\n---\nText"))), target="de").method == "unknown"


# Links


@pytest.mark.parametrize(("kind", "rule", "example"), list(examples("links", "link")))
def test_every_link_is_read_as_its_file_says(kind, rule, example):
    html = example if isinstance(example, str) else example["html"]
    language = html.partition('lang="')[2].partition('"')[0]
    found = [claims for claims in hinted(html, language=language) if "relation" in claims]
    if kind == "miss":
        assert found == []
    else:
        assert [{name: claims.get(name) for name in example["claims"]} for claims in found] == [example["claims"]]


PAGE = '<html lang="de"><head>{}</head><body><p>x</p></body></html>'
MT = '<meta name="translation-type" content="mt">'
CANONICAL = '<link rel="canonical" href="https://en.example.org/a">'
ENGLISH = '<link rel="alternate" hreflang="en" href="https://en.example.org/a">'
GERMAN = '<link rel="alternate" hreflang="de" href="https://de.example.org/a">'


@pytest.mark.parametrize(
    ("head", "relations"),
    [
        (MT + CANONICAL + ENGLISH, ["canonical"]),
        (MT + CANONICAL, []),  # in which language that is, nothing says
        (MT + ENGLISH + GERMAN, []),  # versions side by side
        (MT + '<link rel="canonical" href="https://de.example.org/a">' + ENGLISH + GERMAN, []),
        (CANONICAL + ENGLISH, []),  # nothing on the page speaks of translation
        ('<link rel="original" hreflang="en" href="https://en.example.org/a">', ["original"]),
        ('<link rel="original" href="javascript:alert(1)">', []),
        ('<link rel="original" href="/en/a">', []),  # relative, and the page has no address
        (f"{MT}<!-- {CANONICAL}{ENGLISH} -->", []),
        (f"{MT}<script>'{CANONICAL}{ENGLISH}'</script>", []),
        (f"{MT}</head><body>{CANONICAL}{ENGLISH}<p>x", []),  # quoted in the page, not said by it
    ],
)
def test_links_hint_at_an_original_only_where_they_name_it(head, relations):
    assert [claims["relation"] for claims in hinted(PAGE.format(head))] == relations


def test_a_link_is_no_claim_of_translation():
    html = PAGE.format('<link rel="original" hreflang="en" href="https://en.example.org/a">')
    told = judge(list(CREDITS(Document("x", html=html, language="de"))), target="de")
    assert (told.method, told.original, len(told.hints)) == ("unknown", None, 1)
    assert told.tag() == "de"


def test_a_stated_translation_has_its_original_from_a_link_that_says_so():
    html = PAGE.format(MT + '<link rel="original" hreflang="en" href="/en/a#top">')
    told = judge(list(CREDITS(Document("x", html=html, url="https://example.org/de/a", language="de"))), target="de")
    assert (told.method, told.original) == ("machine", "https://example.org/en/a")
    assert told.source_language is None  # of the link's language, not of this text's source


@pytest.mark.parametrize("head", [CANONICAL + ENGLISH, ENGLISH.replace('"en"', '"x-default"') + ENGLISH])
def test_canonical_and_default_links_are_shown_and_never_become_the_original(head):
    told = judge(list(CREDITS(Document("x", html=PAGE.format(MT + head), language="de"))), target="de")
    assert told.original is None
    (hint,) = told.hints
    assert hint.evidence.claims["original"] == "https://en.example.org/a"
    assert hint.evidence.quote.startswith("<link")
    assert hint.evidence.place == "html"


def test_the_page_itself_is_no_original_of_its_own():
    html = PAGE.format(MT + '<link rel="original canonical" href="https://example.org/de/a#x">')
    assert hinted(html, url="https://example.org/de/a") == []


def test_the_account_holds_hints_and_a_redacted_one_holds_no_address():
    html = PAGE.format('<link rel="original" hreflang="en" href="https://en.example.org/a">').encode()
    result = siglum.clean(html, html=True, url="https://de.example.org/a")
    (hint,) = result.report().data["provenance"]["hints"]
    assert hint["claims"]["original"] == "https://en.example.org/a"
    assert "en.example.org" not in str(redacted(result.provenance.to_json()))
    assert "en.example.org" not in str(result.report(redact=True).data["provenance"])


def test_claims_of_links_and_pivots_are_of_the_closed_vocabulary():
    told = hinted(PAGE.format(MT + CANONICAL + ENGLISH)) + read("Translated from the Russian via German by Jane Doe")
    assert {name for claims in told for name in claims} <= KEYS


@pytest.mark.parametrize("rule", ["original-link", "pivot-en"])
def test_rules_of_links_and_pivots_can_be_explained(rule):
    told = dict(explain(f"credits/{rule}@1") or ())
    assert told["why"].endswith((".", ":"))


@given(st.text(alphabet='<link rel="original"\' href>/:#?[]&;%\x00\u202e', max_size=400))
def test_hostile_markup_breaks_nothing(text):
    list(links.read(f"<head><link {text}", url="https://[", language="de", stated=True, sources={"en"}))


def test_many_links_are_read_in_bounds():
    html = PAGE.format(MT + '<link rel="original" href="https://example.org/{}">' * 20_000)
    assert len(hinted(html)) <= links.MOST
