"""The report: valid against its schema, enough to restore from, and quick to refuse what does not belong to it."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import siglum
from siglum.errors import ReportMismatch
from siglum.report import Report, dumps, loads
from siglum.span import Span

PAGE = (
    "Skip to main content\r\n\r\nStorm hits coast  \r\n\r\n\r\n"
    "The storm reached the coast on Friday, said the mayor, and many roads were closed until the evening.\r\n"
    "привет мир\r\n\r\nПереведено сервисом «Яндекс Переводчик»\r\n"
)
HTML = "<!doctype html><html lang=en><title>Storm</title><body><nav>Menu</nav><p>" + "The storm came. " * 20 + "</p>"


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(files("siglum").joinpath("report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def reports(source, **about) -> list[dict]:
    result = siglum.clean(source, id="x", **about)
    return [dict(result.report(full=full, redact=redact).data) for full, redact in ((0, 0), (1, 0), (0, 1))]


@pytest.mark.parametrize(
    "source", [PAGE, PAGE.encode(), HTML.encode(), b"\xff\xfea\x00", b"", b"\x00\x81\xfe", "\ud800a"]
)
def test_every_form_of_a_report_is_valid_against_the_schema(source):
    for report in reports(source):
        validator().validate(loads(dumps(report)))


@given(st.binary(max_size=200))
@settings(max_examples=150)
def test_any_bytes_come_back_from_clean_text_and_report(data):
    result = siglum.clean(data, id="x", html=False)
    report = Report.loads(dumps(dict(result.report().data)))
    assert report.restore(result.text.encode("utf-8", "surrogatepass")) == data
    validator().validate(dict(report.data))


@given(
    st.text(alphabet=st.sampled_from("Skip to content\r\n \t«»é中😀\ud83d\u202e\u200b\ufeffÃ©&amp;<b>"), max_size=60)
)
@settings(max_examples=150)
def test_any_text_comes_back_from_clean_text_and_report(text):
    result = siglum.clean(text, id="x")
    assert Report.loads(dumps(dict(result.report().data))).restore_text(result.text) == text


def test_edits_and_segments_stand_where_they_say(tmp_path):
    result = siglum.clean(PAGE, id="x")
    report = result.report(full=True).data
    source = PAGE.encode()
    for edit in report["edits"]:
        (start, end), (a, b) = edit["src"], edit["src_bytes"]
        assert PAGE[start:end] == edit["del"] == source[a:b].decode()
        assert result.text[slice(*edit["out"])] == edit["ins"]
        assert edit["context"]["prefix"] == PAGE[max(0, start - 32) : start]
    for segment in report["segments"]:
        if segment["out"]:
            assert result.text[slice(*segment["out"])].strip() == PAGE[slice(*segment["src"])].strip()


def test_every_edit_says_which_rule_and_why():
    report = siglum.clean(PAGE, id="x").report().data
    for edit in report["edits"]:
        assert edit["rules"]
        assert all(report["rules"][rule]["why"] or edit.get("why") for rule in edit["rules"])


def test_a_redacted_report_holds_nothing_of_what_was_taken():
    result = siglum.clean(PAGE, id="x")
    report = result.report(redact=True)
    told = dumps(dict(report.data)).decode()
    assert "Skip to main content" not in told
    assert "Переведено сервисом" not in told
    assert report.data["inverse"]["status"] == "needs-source"
    with pytest.raises(ReportMismatch, match="redacted"):
        report.restore_text(result.text)


def test_a_clean_text_that_was_touched_is_refused():
    result = siglum.clean(PAGE, id="x")
    with pytest.raises(ReportMismatch, match="the clean text"):
        result.report().restore_text(result.text + "x")


@pytest.mark.parametrize("change", ["del", "src", "out"])
def test_a_report_that_was_touched_is_refused(change):
    result = siglum.clean(PAGE, id="x")
    data = loads(dumps(dict(result.report().data)))
    edit = data["edits"][0]
    edit[change] = "S" + edit["del"][1:-1] + "X" if change == "del" else [edit[change][0] + 1, edit[change][1] + 1]
    with pytest.raises(ReportMismatch):
        Report(data).restore_text(result.text)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"report_version": "99"}', b"\xff"])
def test_what_is_no_report_is_refused_in_words(data):
    with pytest.raises(ReportMismatch, match="expected"):
        Report.loads(data)


def test_a_place_in_the_clean_text_leads_back_to_the_source():
    result = siglum.clean(PAGE, id="x")
    at = result.text.index("привет")
    (span,) = result.report().source_spans(Span(at, at + 6))
    assert span.of(PAGE) == "привет"


def test_the_same_input_gives_the_same_report_to_the_byte():
    assert dumps(reports(PAGE)) == dumps(reports(PAGE))


def test_a_page_says_that_its_visible_text_is_what_comes_back():
    result = siglum.clean(HTML.encode(), id="x")
    report = result.report()
    assert report.data["inverse"]["restores"] == "visible-text"
    assert report.restore(result.text.encode()).decode() == result.run.source.text
    assert report.data["source"]["size"] == len(HTML.encode())
