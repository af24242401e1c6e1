"""Review: what a person rejects is put back, what is decided stays on record, and nothing half done is ever written."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tomllib
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import siglum as library
from audited import SCRAPED, clean, hostile_run, rows_run, siglum
from siglum.audit.review import Decision, Decisions, apply_review, reviewed
from siglum.errors import InputError, ReportMismatch
from siglum.report import Report, dumps, loads
from siglum.runs.audit import check_run, documents, find_document

STEM = SCRAPED.removesuffix(".txt")
SCHEMA = json.loads((Path(library.__file__).parent / "report.schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def cleaned(tmp_path_factory, seeds) -> Path:
    return clean(seeds, tmp_path_factory.mktemp("review") / "run")


@pytest.fixture
def run(cleaned, tmp_path) -> Path:
    return Path(shutil.copytree(cleaned, tmp_path / "run"))


def edit_of(run: Path, text: str, id: str = SCRAPED) -> tuple[str, str]:
    """Return the id of the report, and of the first edit that took *text*."""
    report, _ = find_document(run, id)
    return report.data["report_id"], next(e["id"] for e in report.data["edits"] if text in e["del"])


def decisions(*rows: dict, reviewer: str = "Ada Archivist", when: str = "2026-11-22T03:00:00Z") -> Decisions:
    told = {"decisions_version": "1", "reviewer": reviewer, "saved": when, "decisions": list(rows)}
    return Decisions.loads(json.dumps(told).encode())


def decision(run: Path, text: str, verdict: str = "rejected", id: str = SCRAPED, **more: str) -> dict:
    report_id, edit = edit_of(run, text, id)
    return {"document": id, "report_id": report_id, "edit": edit, "verdict": verdict, **more}


def files(run: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in run.iterdir()}


def faults(run: Path) -> list[tuple[str, str]]:
    return [(name, fault) for name, fault in check_run(run) if fault]


def test_a_rejected_edit_is_put_back_where_it_was(run, seeds):
    before = (run / SCRAPED).read_text("utf-8")
    done = apply_review(run, decisions(decision(run, "Advertisement")))
    assert (done.accepted, done.rejected, done.documents) == (0, 1, 1)
    assert (run / SCRAPED).read_text("utf-8") == "Advertisement\n" + before
    assert faults(run) == []
    report, text = find_document(run, SCRAPED)
    assert report.restore(text.encode()) == (seeds / SCRAPED).read_bytes()


def test_the_report_stays_valid_and_holds_both_states(run):
    before, _ = find_document(run, SCRAPED)
    apply_review(run, decisions(decision(run, "Advertisement", note="a headline here", when="2026-11-22T02:59:00Z")))
    after, _ = find_document(run, SCRAPED)
    jsonschema.Draft202012Validator(SCHEMA).validate(dict(after.data))
    (entry,) = after.data["history"]
    assert (entry["reviewer"], entry["when"]) == ("Ada Archivist", "2026-11-22T03:00:00Z")
    assert entry["output_sha256"] == before.data["output"]["sha256"] != after.data["output"]["sha256"]
    assert entry["report_id"] == before.data["report_id"] != after.data["report_id"]
    (change,) = entry["changes"]
    assert (change["from"], change["to"], change["note"]) == ("applied", "rejected", "a headline here")
    states = {e["del"]: e["state"] for e in after.data["edits"]}
    assert states["Advertisement\n"] == "rejected"
    assert list(states.values()).count("rejected") == 1


def test_edits_and_segments_stand_where_they_say_after_a_review(run):
    apply_review(run, decisions(decision(run, "Advertisement"), decision(run, "Озвучить")))
    report, text = find_document(run, SCRAPED)
    source = report.restore_text(text)
    for edit in report.data["edits"]:
        stands = edit["ins"] if edit["state"] == "applied" else edit["del"]
        assert text[slice(*edit["out"])] == stands
    for segment in report.data["segments"]:
        if segment["out"]:
            assert text[slice(*segment["out"])].strip() == source[slice(*segment["src"])].strip()


def test_the_summary_and_the_manifest_follow(run):
    before = list(csv.DictReader(io.StringIO((run / "summary.csv").read_text("utf-8-sig"), newline="")))
    apply_review(run, decisions(decision(run, "Advertisement")))
    after = list(csv.DictReader(io.StringIO((run / "summary.csv").read_text("utf-8-sig"), newline="")))
    assert after[0] == before[0]
    assert int(after[1]["lines_removed"]) == int(before[1]["lines_removed"]) - 1
    assert int(after[1]["code_points_removed"]) == int(before[1]["code_points_removed"]) - len("Advertisement\n")
    report, _ = find_document(run, SCRAPED)
    assert after[1]["output_sha256"] == report.data["output"]["sha256"]


def test_the_file_of_decisions_is_kept_in_the_run(run):
    made = decisions(decision(run, "Advertisement"))
    apply_review(run, made)
    (kept,) = run.glob("review-*.json")
    assert kept.read_bytes() == made.data
    assert kept.name in (run / "manifest-sha256.txt").read_text()


def test_accepting_changes_no_text_and_is_on_record(run):
    before = (run / SCRAPED).read_bytes()
    done = apply_review(run, decisions(decision(run, "Advertisement", "accepted")))
    assert (done.accepted, done.documents) == (1, 0)
    assert (run / SCRAPED).read_bytes() == before
    report, _ = find_document(run, SCRAPED)
    assert report.data["history"][0]["changes"][0]["verdict"] == "accepted"


def test_the_same_decisions_twice_change_nothing(run):
    made = decisions(decision(run, "Advertisement"))
    apply_review(run, made)
    once = files(run)
    done = apply_review(run, made)
    assert (done.rejected, done.already) == (0, 1)
    assert files(run) == once


def test_a_rejection_can_be_taken_back_by_a_later_review(run):
    before = (run / SCRAPED).read_bytes()
    apply_review(run, decisions(decision(run, "Advertisement")))
    apply_review(run, decisions(decision(run, "Advertisement", "accepted"), reviewer="Bea Bibliographer"))
    assert (run / SCRAPED).read_bytes() == before
    report, _ = find_document(run, SCRAPED)
    assert [entry["reviewer"] for entry in report.data["history"]] == ["Ada Archivist", "Bea Bibliographer"]
    assert faults(run) == []


def test_the_same_run_and_decisions_give_the_same_bytes(cleaned, tmp_path):
    results = []
    for name in ("one", "two"):
        run = Path(shutil.copytree(cleaned, tmp_path / name))
        apply_review(run, decisions(decision(run, "Advertisement")))
        results.append(files(run))
    assert results[0] == results[1]


def change(run: Path, key: str, value: str) -> dict:
    return {**decision(run, "Advertisement"), key: value}


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        ("document", "nobody.txt", "no such document"),
        ("edit", "e99", "has no edit"),
        ("report_id", "urn:sha256:" + "0" * 64, "expected decisions on urn:sha256:"),
    ],
)
def test_decisions_that_do_not_fit_are_refused_and_nothing_is_written(run, key, value, error):
    before = files(run)
    with pytest.raises((InputError, ReportMismatch), match=error):
        apply_review(run, decisions(decision(run, "Озвучить"), change(run, key, value)))
    assert files(run) == before


def test_a_run_changed_by_other_hands_is_refused(run):
    made = decisions(decision(run, "Advertisement"))
    (run / SCRAPED).write_text("another text", "utf-8")
    with pytest.raises(ReportMismatch, match="as the manifest says"):
        apply_review(run, made)


def test_a_redacted_run_is_refused_since_it_cannot_be_rebuilt(seeds, tmp_path):
    run = clean(seeds / SCRAPED, tmp_path / "run", "--redact")
    (report, _), *_ = documents(run)
    row = {"document": SCRAPED, "report_id": report.data["report_id"], "edit": "e1", "verdict": "rejected"}
    with pytest.raises(ReportMismatch, match="redacted"):
        apply_review(run, decisions(row))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"no", "expected JSON"),
        (b"[]", "decisions_version"),
        (b'{"decisions_version": "2"}', "decisions_version"),
        (b'{"decisions_version": "1", "decisions": []}', "a decision belongs to a person"),
        (b'{"decisions_version": "1", "reviewer": " ", "decisions": []}', "a decision belongs to a person"),
        (b'{"decisions_version": "1", "reviewer": "A", "decisions": {}}', "expected a list"),
        (b'{"decisions_version": "1", "reviewer": "A", "decisions": [1]}', "decision 1: expected texts in document"),
        (
            b'{"decisions_version": "1", "reviewer": "A", "decisions": '
            b'[{"document": "x", "report_id": "x", "edit": "e1", "verdict": "maybe"}]}',
            "expected accepted or rejected, found 'maybe'",
        ),
    ],
)
def test_what_is_no_file_of_decisions_is_refused_in_words(data, error):
    with pytest.raises(InputError, match=error):
        Decisions.loads(data)


def test_rows_are_rebuilt_too_and_the_others_keep_their_bytes(tmp_path):
    text = "The harbour stayed closed for most of the day, the port authority said. " * 4
    rows = [{"id": f"{n}", "text": f"Skip to main content\n{text}\n{n}"} for n in range(3)]
    run = rows_run(rows, tmp_path)
    before = (run / "rows.jsonl").read_bytes().splitlines()
    done = apply_review(run, decisions(decision(run, "Skip", id="1")))
    after = (run / "rows.jsonl").read_bytes().splitlines()
    assert done.documents == 1
    assert (after[0], after[2]) == (before[0], before[2])
    row = loads(after[1])
    assert row["text"].startswith("Skip to main content\n")
    assert row["removed"]["lines"] == loads(before[1])["removed"]["lines"] - 1
    assert faults(run) == []


def test_of_two_documents_of_one_id_the_one_that_was_meant_is_rebuilt(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    text = "The harbour stayed closed for most of the day, the port authority said. " * 4
    for name in ("one", "two"):
        row = {"id": "same", "text": f"Skip to main content\n{text}\nThis is file {name} of two."}
        (source / f"{name}.jsonl").write_text(json.dumps(row) + "\n")
    run = clean(source, tmp_path / "run")
    before = files(run)
    meant = next(report for report, text in documents(run) if "file two" in text)
    row = {"document": "same", "report_id": meant.data["report_id"], "edit": "e1", "verdict": "rejected"}
    apply_review(run, decisions(row))
    after = files(run)
    assert after["one.jsonl"] == before["one.jsonl"]
    assert after["two.jsonl"] != before["two.jsonl"]
    assert faults(run) == []


def test_hostile_texts_can_be_reviewed_and_come_back(tmp_path):
    run = hostile_run(tmp_path)
    rows = [
        {"document": report.id, "report_id": report.data["report_id"], "edit": e["id"], "verdict": "rejected"}
        for report, _ in documents(run)
        for e in report.data["edits"]
    ]
    done = apply_review(run, decisions(*rows))
    assert done.rejected == len(rows) > 0
    assert faults(run) == []
    tomllib.loads(one_list_each(done.examples))
    for report, text in documents(run):
        assert report.restore_text(text) == text


def one_list_each(examples: str) -> str:
    """Return *examples* with each list under a name of its own, as a file of rules would have them under its rules."""
    parts = examples.split("miss = [")
    return parts[0] + "".join(f"miss-{n} = [{part}" for n, part in enumerate(parts[1:]))


def test_rejected_edits_become_examples_their_rules_must_leave(run):
    done = apply_review(run, decisions(decision(run, "Advertisement", note="the title of the piece")))
    assert "/advertisement: must leave" in done.examples
    assert "# the title of the piece" in done.examples
    read = tomllib.loads(one_list_each(done.examples))
    (example,) = read["miss-0"]
    assert "Skip to main content\nAdvertisement\nLive broadcast" in example


def test_accepted_edits_become_no_examples(run):
    assert apply_review(run, decisions(decision(run, "Advertisement", "accepted"))).examples == ""


@given(st.lists(st.booleans(), min_size=12, max_size=12))
@settings(max_examples=40)
def test_any_choice_of_edits_gives_a_text_the_source_comes_back_from(choice):
    result = library.clean(
        "Skip to main content\nAdvertisement\n\nStorm hits the coast  \n\n\n"
        + "The storm came in the night. " * 9
        + "\n😀 é\t\n"
        "Share\nAdvertisement\nПереведено сервисом «Яндекс Переводчик»\n",
        id="x",
    )
    report = Report.loads(dumps(dict(result.report().data)))
    source = report.restore_text(result.text)
    edits = report.data["edits"]
    rows = [
        Decision("x", report.data["report_id"], e["id"], "accepted" if keep else "rejected")
        for e, keep in zip(edits, choice, strict=False)
    ]
    new, text = reviewed(report, source, rows, decisions())
    assert Report(new).restore_text(text) == source
    if not any(choice) and len(edits) <= len(choice):
        assert text == source


def test_the_command_says_what_it_did_and_prints_examples(run, tmp_path):
    from siglum.cli.report import apply_review as command

    path = tmp_path / "decisions.json"
    path.write_bytes(decisions(decision(run, "Advertisement")).data)
    done = CliRunner().invoke(command, [str(run), str(path), "--examples"])
    assert done.exit_code == 0
    assert done.stderr == "0 accepted, 1 rejected; 1 clean texts rebuilt\n"
    assert "miss = [" in done.stdout
    again = CliRunner().invoke(command, [str(run), str(path)])
    assert again.stderr == "0 accepted, 0 rejected; 0 clean texts rebuilt; 1 were carried out before\n"


def test_the_command_refuses_decisions_on_another_state(run, tmp_path):
    from siglum.cli.report import apply_review as command

    path = tmp_path / "decisions.json"
    path.write_bytes(decisions(change(run, "report_id", "urn:sha256:" + "0" * 64)).data)
    done = CliRunner().invoke(command, [str(run), str(path)])
    assert done.exit_code == 3
    assert "expected decisions on urn:sha256:" in done.stderr


def test_verify_and_explain_still_answer_after_a_review(run):
    apply_review(run, decisions(decision(run, "Advertisement")))
    assert siglum("verify", run).exit_code == 0
    assert siglum("explain", run, f"{STEM}:3").exit_code == 0
