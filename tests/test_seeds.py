"""The two real documents: one scraped page with its furniture and its credit, one clean article."""

from __future__ import annotations

import json

import pytest

import siglum
from siglum.settings import Settings

SCRAPED, ARTICLE = "004_357bbdf13a6a8e1a.txt", "000_0ec92317bdd44cf9.txt"
PROFILES = [Settings(), Settings(profile="corpus")]
TAKEN = [
    ("Skip to main content", "en"),
    ("Advertisement", "en"),
    ("Live broadcast", "en"),
    ("0", "zxx"),
    ("Озвучить текст", "ru"),
    ("Select important", "en"),
    ("On", ("und", "en")),
    ("Off", ("und", "en")),
    ("Переведено сервисом «Яндекс Переводчик»", "ru"),
]


@pytest.fixture(scope="module", params=PROFILES, ids=lambda s: s.profile)
def scraped(request, seeds):
    return siglum.clean((seeds / SCRAPED).read_bytes(), id=SCRAPED, settings=request.param)


def test_of_the_scraped_page_the_article_stays_to_the_letter(scraped, seeds):
    source = (seeds / SCRAPED).read_text("utf-8")
    lines = source.split("\n")
    expected = "\n".join([lines[4], "", lines[6], *lines[12:28], ""])
    assert scraped.text == expected


def test_of_the_scraped_page_every_piece_of_furniture_goes(scraped):
    gone = "".join(e.before for e in scraped.run.edits if not e.after).split("\n")
    assert sorted(filter(None, gone)) == sorted([text for text, _ in TAKEN] + ["Live broadcast"])


def test_the_clean_text_is_the_one_the_design_gives(scraped, bench):
    assert scraped.text.encode() == (bench / "design/report-model/004.clean.txt").read_bytes()


def test_the_credit_makes_it_a_machine_translation_by_yandex_from_russian(scraped):
    told = scraped.provenance
    assert (told.method, told.engine, told.source_language, told.basis) == ("machine", "yandex", "ru", "page-language")
    assert scraped.tag == "en-t-ru-t0-und-x0-yandex"


def test_the_credit_is_quoted_with_its_place(scraped):
    told = json.loads(json.dumps(scraped.provenance.to_json()))
    quotes = [(e["quote"], e["start"], e["end"]) for e in told["evidence"]]
    assert ("Переведено сервисом «Яндекс Переводчик»", 1999, 2038) in quotes


@pytest.mark.parametrize(("line", "language"), TAKEN)
def test_a_line_that_was_taken_keeps_its_own_language(scraped, line, language):
    source = scraped.run.source.text
    tags = {r.language for r in scraped.source_lines if source[r.start : r.end].strip() == line}
    assert tags <= set([language] if isinstance(language, str) else language)
    assert tags


def test_every_line_of_the_article_is_english(scraped):
    assert {line.language for line in scraped.lines} == {"en"}


@pytest.mark.parametrize("settings", PROFILES, ids=lambda s: s.profile)
def test_the_clean_article_is_left_as_it_is(seeds, settings):
    data = (seeds / ARTICLE).read_bytes()
    result = siglum.clean(data, id=ARTICLE, settings=settings)
    assert result.text.encode() == data
    assert result.run.edits == ()
    assert (result.language, result.provenance.method, result.tag) == ("en", "unknown", "en")
    assert {line.language for line in result.lines} == {"en"}


@pytest.mark.parametrize("name", [SCRAPED, ARTICLE])
@pytest.mark.parametrize("settings", PROFILES, ids=lambda s: s.profile)
def test_a_second_run_changes_nothing(seeds, name, settings):
    once = siglum.clean((seeds / name).read_bytes(), settings=settings)
    assert siglum.clean(once.text.encode(), settings=settings).text == once.text


@pytest.mark.parametrize("name", [SCRAPED, ARTICLE])
def test_the_report_gives_the_exact_bytes_back(seeds, name):
    data = (seeds / name).read_bytes()
    result = siglum.clean(data, id=name)
    report = siglum.Report.loads(json.dumps(dict(result.report().data)))
    assert report.restore(result.text.encode()) == data


def test_marking_only_finds_the_furniture_and_takes_none(seeds):
    result = siglum.clean((seeds / SCRAPED).read_bytes(), settings=Settings(profile="mark-only"))
    assert result.text.encode() == (seeds / SCRAPED).read_bytes()
    assert result.provenance.method == "machine"
    assert any(f.evidence.rule.endswith("/skip-link") for f in result.run.findings)
