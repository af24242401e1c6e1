"""The library: ten lines for a cleaner of one's own, and a chain anybody can rearrange."""

from __future__ import annotations

import gc
import re
import subprocess
import sys

import pytest

import siglum
from siglum import Chain, Document, Evidence, Finding, Settings, SiglumError, Span

PAGE = "Skip to main content\nStorm hits coast [stamp]\n"


class Stamps:
    """Takes the stamps a press office leaves."""

    name, version = "stamps", "1"

    def __call__(self, doc):
        for m in re.finditer(r" ?\[stamp\]", doc.text):
            yield Finding(Span(*m.span()), Evidence("stamps/stamp", "layout", why="A stamp of the press office."), "")


def test_a_cleaner_of_ones_own_takes_its_place_in_the_chain():
    chain = Chain.default().after("rules", Stamps())
    result = chain.clean(PAGE)
    assert result.text == "Storm hits coast\n"
    assert "stamps/stamp@0.1.0" in [r for e in result.report().data["edits"] for r in e["rules"]]


def test_a_chain_can_be_reordered_and_shortened():
    assert Chain.default().without("rules").without("content").clean(PAGE).text == PAGE
    names = [c.name for c in Chain.default().before("mojibake", Stamps()).cleaners]
    assert names[:3] == ["embedded", "stamps", "mojibake"]


def test_a_chain_names_the_cleaners_it_has_when_asked_for_another():
    with pytest.raises(SiglumError, match="no cleaner is called 'nobody'; there are embedded"):
        Chain.default().without("nobody")


@pytest.mark.parametrize(
    ("source", "restores"), [(PAGE, "text"), (PAGE.encode(), "source-bytes"), (Document(PAGE), "text")]
)
def test_texts_bytes_and_documents_are_taken_alike(source, restores):
    result = siglum.clean(source)
    assert result.text == "Storm hits coast [stamp]\n"
    assert result.report().data["inverse"]["restores"] == restores


def test_bytes_that_begin_as_a_page_are_read_as_one():
    page = b"<!DOCTYPE html><html><body><p>" + b"The storm came ashore in the night. " * 20 + b"</p></body></html>"
    assert "<p>" not in siglum.clean(page).text
    assert "<p>" in siglum.clean(page, html=False).run.source.text


def test_what_was_removed_is_counted_in_lines_and_code_points():
    assert siglum.clean(PAGE).removed == {"lines": 1, "code_points": 21}


def test_languages_can_be_left_out():
    result = siglum.clean(PAGE, settings=Settings(tag_languages=False))
    assert (result.language, result.lines) == ("und", [])


@pytest.mark.parametrize(
    "bad", [{"profile": "harsh"}, {"unicode_form": "NFX"}, {"colour": "red"}, {"language": {"x": 1}}]
)
def test_settings_nobody_knows_are_refused_by_name(bad):
    with pytest.raises(SiglumError, match=next(iter(bad)) if "language" not in bad else "x"):
        Settings.from_mapping(bad)


def test_a_form_of_unicode_is_written_when_asked_for():
    assert siglum.clean("Cafe\u0301 au lait", settings=Settings(unicode_form="NFC")).text == "Café au lait"


def test_importing_siglum_reads_no_heavy_package():
    heavy = {"lxml", "trafilatura", "ftfy", "numpy", "rich"}
    told = f"import siglum, sys; print(sorted({{m.partition('.')[0] for m in sys.modules}} & {heavy}))"
    out = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_search_for_cycles_is_on_again_after_a_document_and_stays_off_where_it_was():
    for on in (True, False):
        (gc.enable if on else gc.disable)()
        siglum.clean("Storm hits coast\n")
        with pytest.raises(TypeError):
            siglum.clean(None)
        assert gc.isenabled() is on
    gc.enable()


def test_lines_stand_in_the_source_and_in_the_clean_text():
    told = "The cafÃ© on the corner was closed on Monday, said the owner, and will open again in spring."
    source = f"Skip to main content\n\n{told}\nÐŸÑ€Ð¸Ð²ÐµÑ‚, Ð¼Ð¸Ñ€\n"
    result = siglum.clean(source)
    assert [source[line.start : line.end] for line in result.source_lines] == [x for x in source.split("\n") if x]
    kept = [result.text[line.start : line.end] for line in result.lines]
    assert told.replace("Ã©", "é") in kept
    assert "Skip to main content" not in kept
    assert set(kept) <= set(result.text.split("\n"))
