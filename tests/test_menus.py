"""Edits of many lines: one decision, one label, one entry in every account, and lines counted as lines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from audited import menu_run, reviewed, siglum
from siglum.audit.diff import compare
from siglum.audit.facts import Gatherer
from siglum.audit.html import write_report
from siglum.audit.premis import write_premis
from siglum.audit.record import AuditedRun
from siglum.audit.statement import statement
from siglum.runs.audit import check_run, documents, find_document
from test_html_report import driven, in_browser, tree

SIZES = (4, 40)


@pytest.fixture
def run(tmp_path) -> Path:
    return menu_run(tmp_path / "run", SIZES)


def edit_of(run: Path, id: str = "menu-2") -> dict:
    return find_document(run, id)[0].data["edits"][0]


def test_a_run_with_such_edits_verifies(run):
    assert [fault for _, fault in check_run(run) if fault] == []


@pytest.mark.parametrize(("line", "taken"), [(4, "Menu entry number 1\\n"), (8, "\\n"), (43, "\\n")])
def test_explain_says_of_each_line_what_was_taken_of_it_and_how_far_the_edit_goes(run, line, taken):
    told = siglum("explain", run, f"menu-2:{line}").stdout
    assert f"state      taken: '{taken}'" in told
    assert "together   one edit of 40 lines, 4 to 43" in told
    assert "Menu entry number 2" not in told


def test_explain_says_nothing_of_it_for_the_lines_around(run):
    for line in (3, 44):
        assert "stays as it was" in siglum("explain", run, f"menu-2:{line}").stdout


def test_rejecting_it_puts_all_its_lines_back_and_counts_follow(run):
    report, _ = find_document(run, "menu-2")
    reviewed(run, dict(report.data), "e1")
    report, text = find_document(run, "menu-2")
    assert text == report.restore_text(text)
    assert text.count("Menu entry") == 32
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((run / "summary.csv").read_text("utf-8-sig")))}
    assert [(rows[f"menu-{n}"]["lines_removed"], rows[f"menu-{n}"]["status"]) for n in (1, 2)] == [
        ("4", "cleaned"),
        ("0", "unchanged"),
    ]
    assert [fault for _, fault in check_run(run) if fault] == []
    told = siglum("explain", run, "menu-2:4").stdout
    assert "rejected in a review" in told
    assert "rejected by Eve Example" in told


def test_accepting_it_after_all_takes_its_blank_lines_again_too(run):
    before = find_document(run, "menu-2")[1]
    reviewed(run, dict(find_document(run, "menu-2")[0].data), "e1")
    report = find_document(run, "menu-2")[0].data
    row = {"document": "menu-2", "report_id": report["report_id"], "edit": "e1", "verdict": "accepted"}
    told = {"decisions_version": "1", "reviewer": "Eve Example", "saved": "", "decisions": [row]}
    (run.parent / "decisions.json").write_text(json.dumps(told))
    assert siglum("apply-review", run, run.parent / "decisions.json").exit_code == 0
    assert find_document(run, "menu-2")[1] == before


def test_its_example_is_the_whole_run_of_lines(run):
    report = find_document(run, "menu-1")[0].data
    row = {"document": "menu-1", "report_id": report["report_id"], "edit": "e1", "verdict": "rejected"}
    (run.parent / "d.json").write_text(
        json.dumps({"decisions_version": "1", "reviewer": "E", "saved": "", "decisions": [row]})
    )
    told = siglum("apply-review", run, run.parent / "d.json", "--examples").stdout
    assert told.count("Menu entry number") == 4


def test_a_comparison_tells_its_lines_one_by_one(run, tmp_path):
    other = menu_run(tmp_path / "other", SIZES)
    reviewed(other, dict(find_document(other, "menu-1")[0].data), "e1")
    one, two = compare(run, other)
    assert [(change.number, change.a.text, change.b.text) for change in one.lines] == [
        (n + 3, "", f"Menu entry number {n}\n") for n in range(1, 5)
    ]
    assert two.status == "same"


def test_premis_counts_one_edit_and_the_statement_counts_lines(run):
    out = io.BytesIO()
    write_premis(AuditedRun(run), out)
    assert b'edits="1"; kinds="1 navigation"' in out.getvalue()
    told = statement(AuditedRun(run)).decode()
    assert "36" in told  # 4 and 32 lines


def test_the_page_counts_lines_apart_from_removals(run, tmp_path):
    gatherer = Gatherer(run)
    ((one, two),) = gatherer.parts()
    assert (gatherer.facts.edits, gatherer.facts.lines_taken) == (2, 36)
    assert [document["e"][0][6] for document in (one, two)] == [4, 40]
    write_report(run, tmp_path / "report.html")
    text = tree(tmp_path / "report.html").text_content()
    assert "in 36 lines" in text
    assert "lines 4 to 43" in text


def test_redacted_reports_tell_its_lines_too(run):
    for report, _ in documents(run):
        assert report.data["edits"][0]["src_lines"] == [4, 4 + SIZES[int(report.id[-1]) - 1] - 1]


@in_browser
def test_in_the_queue_it_is_one_card_with_its_first_and_last_lines_and_one_choice(run, tmp_path):
    write_report(run, tmp_path / "report.html")
    found = driven("cards", tmp_path / "report.html")
    short, long = found["cards"]
    assert (short["label"], short["struck"], short["gap"]) == ("taken: navigation, 4 lines", 4, [])
    assert (long["label"], long["choices"]) == ("taken: navigation, 40 lines", 1)
    assert len(long["gap"]) == 1
    assert "lines more of this removal" in long["gap"][0]
    assert long["struck"] == long["together"] < 12
    assert found["chips"] == ["taken: navigation, 4 lines"]
    assert "4 lines" in found["evidence"]
