"""Two runs compared: each difference is told, with its rule, and nothing else is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from audited import HOSTILE, PARAGRAPH, SCRAPED, clean, hostile_run, read_rows, reviewed, rewrite, rows_run, siglum
from siglum.audit.diff import DocumentDiff, Fate, Totals, compare, run_changes, told
from siglum.cli.export import diff
from siglum.errors import InputError

PAGE = f"Skip to main content\n{PARAGRAPH}\nAdvertisement\n{PARAGRAPH}\n"


def run_diff(a: Path, b: Path, *options: str) -> Result:
    return CliRunner().invoke(diff, [str(a), str(b), *options], catch_exceptions=False)


def changed(a: Path, b: Path) -> list[DocumentDiff]:
    return [d for d in compare(a, b) if d.status != "same"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory, seeds):
    folder = tmp_path_factory.mktemp("diff")
    return clean(seeds, folder / "a"), clean(seeds, folder / "b", "--profile", "mark-only")


def edited(folder: Path, change) -> Path:
    """Return a run over one page with its report's fields as *change* leaves them."""
    folder.mkdir()
    run = rows_run([{"id": "1", "text": PAGE}], folder)
    (data,) = read_rows(run)
    change(data)
    return rewrite(run, [data])


def unchanged(data: dict[str, Any]) -> None:
    pass


def test_a_run_does_not_differ_from_itself(runs):
    assert [d.status for d in compare(runs[0], runs[0])] == ["same", "same"]
    assert run_changes(runs[0], runs[0]) == []
    assert run_diff(runs[0], runs[0]).stdout == (
        "2 documents, 2 same, 0 changed, 0 other source, 0 only in a, 0 only in b, "
        "0 lines, 0 reasons, 0 claims, 0 tags, 0 languages\n"
    )


def test_lines_that_stay_in_one_run_are_told_with_the_rule_that_took_them_in_the_other(runs):
    (found,) = changed(*runs)
    assert found.id == SCRAPED
    lines = {x.number: x for x in found.lines}
    assert set(lines) == {1, 2, 3, 4, 8, 9, 10, 11, 12, 29, 30, 31, 32}
    assert lines[9].line == "Озвучить текст\n"
    assert lines[9].a.text == ""
    assert lines[9].a.rules[0].startswith("labels/listen-button/")
    assert lines[9].b == Fate("Озвучить текст\n")


def test_an_edit_of_several_lines_is_told_line_by_line(runs):
    (found,) = changed(*runs)
    lines = {x.number: x for x in found.lines}
    assert [lines[n].line for n in (10, 11, 12)] == ["Select important\n", "On\n", "Off\n"]
    assert all("widgets/reader/highlight-switch" in lines[n].a.rules for n in (10, 11, 12))


def test_it_reads_the_other_way_round_too(runs):
    (there,), (back,) = changed(*runs), changed(*reversed(runs))
    assert [(x.number, x.a, x.b) for x in there.lines] == [(x.number, x.b, x.a) for x in back.lines]


def test_what_the_runs_were_told_differs_by_name(runs):
    assert {c.field for c in run_changes(*runs)} == {"config.profile", "config_sha256"}


def test_another_rule_for_the_same_outcome_is_a_reason_and_no_line(tmp_path):
    def other(data):
        data["edits"][0]["rules"] = ["other/rule@2", "labels/skip-link/skip-link@9"]

    (found,) = changed(edited(tmp_path / "a", unchanged), edited(tmp_path / "b", other))
    (line,) = found.lines
    assert (line.number, line.same_text, line.gone, line.new) == (1, True, (), ("other/rule",))
    assert list(told(found))[1] == "  line 1 “Skip to main content”: is taken in both, +other/rule"
    totals = Totals()
    totals.add(found)
    assert (totals.to_json()["lines"], totals.to_json()["reasons"]) == (0, 1)


def test_another_version_of_the_same_rule_is_no_difference(tmp_path):
    def newer(data):
        data["edits"][0]["rules"] = [ref.rpartition("@")[0] + "@9" for ref in data["edits"][0]["rules"]]

    assert changed(edited(tmp_path / "a", unchanged), edited(tmp_path / "b", newer)) == []


def test_claims_are_told_with_the_rules_of_their_evidence(tmp_path):
    def claimed(data):
        evidence = [{"rule": "label-ru", "start": 0, "end": 1, "quote": "x", "place": "text", "claims": {}}]
        data["provenance"] |= {"method": "machine", "translated": True, "engine": "yandex", "evidence": evidence}
        data["output"]["lang"] = "en-t-t0-und-x0-yandex"

    (found,) = changed(edited(tmp_path / "a", unchanged), edited(tmp_path / "b", claimed))
    assert {c.field: (c.a, c.b) for c in found.claims} == {
        "method": ("unknown", "machine"),
        "translated": (False, True),
        "engine": (None, "yandex"),
    }
    assert found.tags[0].b == "en-t-t0-und-x0-yandex"
    lines = list(told(found))
    assert "  method: unknown -> machine (label-ru)" in lines
    assert "  engine: - -> yandex (label-ru)" in lines


def test_languages_are_told_line_by_line(tmp_path):
    def tagged(language):
        def change(data):
            data["language"] = {"lang": language, "confidence": 1.0, "second_opinion": None, "agreement": "none"}
            data["segments"] = [{"src": [0, 21], "out": None, "lang": language, "confidence": 1.0}]

        return change

    (found,) = changed(edited(tmp_path / "a", tagged("en")), edited(tmp_path / "b", tagged("fr")))
    assert [(c.field, c.a, c.b) for c in found.languages] == [("line 1", "en", "fr")]
    assert [(c.field, c.a, c.b) for c in found.tags] == [("language", "en", "fr")]


def test_documents_of_one_run_only_are_told_with_the_failure_in_the_other(tmp_path):
    for name, rows in (("a", ["1", "2", "3"]), ("b", ["3", "2", "4"])):
        (tmp_path / name).mkdir()
        lines = [json.dumps({"id": i, "text": PAGE}) for i in rows]
        (tmp_path / name / "rows.jsonl").write_text(
            "\n".join([*lines, json.dumps({"id": "1" if name == "b" else "5"})])
        )
        siglum("clean", tmp_path / name / "rows.jsonl", "-o", tmp_path / name / "run", "--languages", "off")
    found = list(compare(tmp_path / "a/run", tmp_path / "b/run"))
    assert sorted((d.id, d.status) for d in found) == [
        ("1", "only in a"),
        ("2", "same"),
        ("3", "same"),
        ("4", "only in b"),
    ]
    assert "failed in b: " in next(d.note for d in found if d.id == "1")


def test_equal_ids_are_matched_in_their_order(tmp_path):
    rows = [{"id": "same", "text": PARAGRAPH}, {"id": "same", "text": PAGE}]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    found = list(compare(rows_run(rows, tmp_path / "a"), rows_run(rows, tmp_path / "b")))
    assert [d.status for d in found] == ["same", "same"]


def test_another_source_is_said_to_be_one(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    a = rows_run([{"id": "1", "text": PAGE}], tmp_path / "a")
    (found,) = changed(a, rows_run([{"id": "1", "text": PAGE + "More."}], tmp_path / "b"))
    assert (found.status, found.lines) == ("other source", ())


def test_a_redacted_run_is_compared_by_the_other_ones_source(tmp_path, seeds, runs):
    redacted = clean(seeds, tmp_path / "run", "--redact")
    assert changed(runs[0], redacted) == []
    assert {x.number for x in changed(redacted, runs[1])[0].lines} == {x.number for x in changed(*runs)[0].lines}


def test_two_redacted_runs_say_that_lines_cannot_be_told(tmp_path, seeds):
    a = clean(seeds, tmp_path / "a", "--redact")
    b = clean(seeds, tmp_path / "b", "--redact", "--profile", "mark-only")
    assert changed(a, a) == []
    (found,) = changed(a, b)
    assert (found.status, found.lines) == ("changed", ())
    assert "both reports are redacted" in found.note


def test_a_review_that_rejected_an_edit_is_the_reason_that_a_line_stays(tmp_path):
    a, b = edited(tmp_path / "a", unchanged), edited(tmp_path / "b", unchanged)
    (found,) = changed(a, reviewed(b, read_rows(b)[0], "e1"))
    (line,) = found.lines
    assert line.b == Fate("Skip to main content\n", ("review",))
    assert list(told(found))[1].endswith("-> stays (review)")


def test_programs_get_json_lines(runs):
    rows = [json.loads(line) for line in run_diff(*runs, "--json").stdout.splitlines()]
    assert [list(row) for row in rows] == [["run"], ["document"], ["totals"]]
    (line,) = [x for x in rows[1]["document"]["lines"] if x["line"] == 9]
    assert line["text"] == "Озвучить текст\n"
    assert line["a"]["text"] == ""
    assert rows[2]["totals"]["lines"] == 13
    assert rows[2]["totals"]["rules"]["a"]["widgets/reader/highlight-switch"] == 3


def test_people_get_each_rule_with_the_lines_it_changed(runs):
    lines = run_diff(*runs).stdout.splitlines()
    assert "rule widgets/reader/highlight-switch: 3 lines in a only, 0 in b only" in lines
    assert lines[0] == "run: config.profile: archive -> mark-only"


def test_a_folder_that_is_no_run_is_refused(tmp_path, runs):
    with pytest.raises(InputError, match="is no run"):
        list(compare(tmp_path, runs[0]))


def test_a_run_somebody_touched_ends_with_status_3(tmp_path, runs, seeds):
    folder = clean(seeds, tmp_path / "run")
    (folder / SCRAPED).write_text("somebody was here")
    assert run_diff(folder, runs[0]).exit_code == 3


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    a, b = (tmp_path_factory.mktemp(name) for name in "ab")
    harms = [harm[:2000] + name for name, harm in HOSTILE.items()]
    rows = [{"id": f"{harm[:2000]} {name}", "text": PAGE} for name, harm in HOSTILE.items()]
    plain = rows_run([{**row, "text": f"{PAGE}{harm}"} for row, harm in zip(rows, harms, strict=True)], b)
    return hostile_run(a), plain


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_text_reaches_a_terminal_unseen(hostile, name):
    place = list(HOSTILE).index(name)
    found = list(compare(*hostile))[place]
    shown = run_diff(*hostile).stdout.split("\n")
    assert found.status == "other source"
    assert all(line.isprintable() for line in shown)
    assert max(map(len, shown)) < 10_000
    assert json.loads(run_diff(*hostile, "--json").stdout_bytes.split(b"\n")[1 + place])["document"]["id"] == found.id


LINES = st.lists(
    st.sampled_from(["Skip to main content", "Advertisement", "0", "", PARAGRAPH, "On", "Off"]), max_size=8
)


@given(lines=LINES, end=st.sampled_from(["", "\n"]))
def test_what_became_of_each_line_adds_up_to_the_clean_text(lines, end):
    from siglum.api import Chain
    from siglum.audit.diff import _fates
    from siglum.offsets import line_spans
    from siglum.settings import Settings

    source = "\n".join(lines) + end
    result = Chain.default(Settings(tag_languages=False)).clean(source)
    spans = line_spans(source)
    fates = _fates(result.report(), source, spans)
    assert "".join(fates[n].text if n in fates else span.of(source) for n, span in enumerate(spans)) == result.text
