"""Review: what a person rejects is put back, what is decided stays on record, and nothing half done is ever written."""

from __future__ import annotations

import csv
import errno
import gzip
import io
import json
import os
import shutil
import tomllib
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
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
    # A model took its neighbours too, and its example lacks them; the rule's own example has them.
    assert any("Skip to main content\nAdvertisement\nLive broadcast" in example for (example,) in read.values())


def test_an_example_leaves_out_what_its_rule_rightly_took_beside_it(tmp_path):
    source = tmp_path / "a.txt"
    source.write_text(f"Skip to main content\nSkip to content\n{TEXT}\n", "utf-8")
    run = clean(source, tmp_path / "run")
    one = apply_review(Path(shutil.copytree(run, tmp_path / "one")), decisions(decision(run, "to content", id="a.txt")))
    assert f'"Skip to content\\n{TEXT}"' in one.examples
    both = [decision(run, words, id="a.txt") for words in ("to content", "to main content")]
    assert f'"Skip to main content\\nSkip to content\\n{TEXT}"' in apply_review(run, decisions(*both)).examples


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


# Every form of run

TEXT = " ".join(["The harbour stayed closed for most of the day, the port authority said."] * 4)
FORMS = {
    "files": ["--to", "text"],
    "rows": ["--to", "jsonl", "--lines"],
    "rows packed with gzip": ["--to", "jsonl", "--compress", "gz"],
    "rows packed with zstd": ["--to", "jsonl", "--compress", "zst"],
    "parquet": ["--to", "parquet", "--lines"],
    "dolma": ["--to", "dolma"],
}
forms = pytest.mark.parametrize("form", FORMS)


def run_of(form: str, folder: Path) -> Path:
    """Return a run over a file of three rows, one of them not JSON, and a text beside it."""
    needed = {"parquet": "pyarrow", "rows packed with zstd": "zstandard"}.get(form)
    if needed:
        pytest.importorskip(needed)
    source = folder / "source"
    source.mkdir(parents=True)
    rows = [json.dumps({"id": n, "text": f"Skip to main content\nAdvertisement\n{TEXT}\n{n}"}) for n in ("one", "two")]
    (source / "rows.jsonl").write_text("\n".join([rows[0], "{no", rows[1]]) + "\n", "utf-8")
    (source / "alone.txt").write_text(f"Skip to main content\n{TEXT}", "utf-8")
    siglum("clean", source, "-o", folder / "run", *FORMS[form])
    assert faults(folder / "run") == []
    return folder / "run"


def account_of(run: Path) -> dict[str, tuple[str, ...]]:
    """Return what summary.csv, the catalogue and the reports each say of the documents, by id."""
    told: dict[str, list[object]] = {report.id: [] for report, _ in documents(run)}
    with (run / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        table = {row["id"]: row for row in csv.DictReader(file)}
    asked = siglum("query", run, "SELECT * FROM documents WHERE status <> 'failed'", "--to", "json").stdout
    catalogue = {row["id"]: row for row in map(json.loads, asked.splitlines())}
    for report, text in documents(run):
        source = report.restore_text(text)
        told[report.id] = [
            (report.data["output"]["sha256"], len(source) - len(text), len(source.split("\n")) - len(text.split("\n"))),
            *[
                (row["output_sha256"], int(row["code_points_removed"]), int(row["lines_removed"]))
                for row in (table[report.id], catalogue[report.id])
            ],
        ]
    return {id: tuple(sorted(set(map(str, rows)))) for id, rows in told.items()}


@forms
def test_a_run_of_any_form_is_edited_where_it_is_and_its_account_agrees(form, tmp_path):
    run = run_of(form, tmp_path)
    before = {report.id: text for report, text in documents(run)}
    done = apply_review(run, decisions(decision(run, "Advertisement", id="two"), decision(run, "Skip", id="alone.txt")))
    assert (done.rejected, done.documents) == (2, 2)
    after = {report.id: text for report, text in documents(run)}
    assert after == {**before, "two": f"Advertisement\n{before['two']}", "alone.txt": f"Skip to main content\n{TEXT}"}
    assert siglum("verify", run).exit_code == 0
    assert [len(rows) for rows in account_of(run).values()] == [1, 1, 1]


@forms
def test_stats_query_report_explain_and_restore_agree_after_a_review(form, tmp_path):
    run = run_of(form, tmp_path)
    removals = "SELECT sum(edits) AS n FROM removals WHERE rule LIKE '%/skip-link'"
    status = "SELECT status FROM documents WHERE id = 'alone.txt'"
    assert siglum("query", run, removals).stdout.split() == ["n", "3"]
    apply_review(run, decisions(decision(run, "Skip", id="alone.txt", note="its title")))
    assert siglum("query", run, removals).stdout.split() == ["n", "2"]
    assert siglum("query", run, status).stdout.split() == ["status", "unchanged"]
    reviews = siglum(
        "query", run, "SELECT id, verdict, state, reviewer, note FROM reviews JOIN documents ON number = document"
    )
    assert "alone.txt  rejected  rejected  Ada Archivist  its title" in reviews.stdout
    counts = {
        row["status"]: row["documents"] for row in json.loads((run / "run.json").read_bytes())["counts"]["status"]
    }
    assert counts == {"cleaned": 2, "failed": 1, "unchanged": 1}
    assert "unchanged" in siglum("stats", run).stdout
    told = siglum("explain", run, "alone.txt:1").stdout
    assert "rejected by Ada Archivist, 2026-11-22T03:00:00Z: its title" in told
    assert siglum("report", run, "-o", tmp_path / "report.html").exit_code == 0
    report, text = find_document(run, "alone.txt")
    assert report.restore(text.encode()) == f"Skip to main content\n{TEXT}".encode()


@forms
def test_both_states_are_in_the_account_of_the_run(form, tmp_path):
    run = run_of(form, tmp_path)
    manifest_before = library.report.sha256((run / "manifest-sha256.txt").read_bytes())
    made = decisions(decision(run, "Advertisement", id="one"))
    apply_review(run, made)
    (told,) = json.loads((run / "run.json").read_bytes())["reviews"]
    assert told["manifest_sha256_before"] == manifest_before
    assert (told["reviewer"], told["rejected"], told["documents_changed"]) == ("Ada Archivist", 1, 1)
    assert (run / told["decisions"]).read_bytes() == made.data


@forms
def test_taking_a_rejection_back_gives_all_texts_and_counts_as_they_were(form, tmp_path):
    run = run_of(form, tmp_path)
    question = (
        "SELECT * FROM documents NATURAL JOIN (SELECT document AS number, rule, edits, code_points FROM removals)"
    )
    state = [[(r.id, t) for r, t in documents(run)], siglum("query", run, question).stdout]
    for verdict in ("rejected", "accepted"):
        apply_review(run, decisions(decision(run, "Advertisement", verdict, id="one")))
    assert [[(r.id, t) for r, t in documents(run)], siglum("query", run, question).stdout] == state
    assert (run / "summary.csv").read_bytes().count(b"cleaned") == 3
    assert faults(run) == []


@forms
def test_the_same_decisions_twice_change_nothing_in_any_form(form, tmp_path):
    run = run_of(form, tmp_path)
    made = decisions(decision(run, "Advertisement", id="two"))
    apply_review(run, made)
    once = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
    assert apply_review(run, made).already == 1
    assert {p: p.read_bytes() for p in run.rglob("*") if p.is_file()} == once


@forms
def test_rows_the_review_did_not_touch_keep_their_bytes(form, tmp_path):
    run = run_of(form, tmp_path)
    before = [(r.data["report_id"], t) for r, t in documents(run) if r.id != "two"]
    apply_review(run, decisions(decision(run, "Advertisement", id="two")))
    assert [(r.data["report_id"], t) for r, t in documents(run) if r.id != "two"] == before


def test_the_spans_of_dolma_lose_what_a_review_rejected(tmp_path):
    run = run_of("dolma", tmp_path)
    apply_review(run, decisions(decision(run, "Advertisement", id="two")))
    with gzip.open(run / "attributes/siglum/rows.jsonl.gz") as file:
        one, two = map(json.loads, file)
    taken = [{name: spans for name, spans in row["attributes"].items() if "removed" in name} for row in (one, two)]
    assert [sum(map(len, spans.values())) for spans in taken] == [2, 1]
    with gzip.open(run / "documents/rows.jsonl.gz") as file:
        assert json.loads(file.readlines()[1])["text"].startswith("Skip to main content\nAdvertisement\n")


# Whole or not at all


class PowerCut(BaseException):
    """What nothing catches."""


def cut_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop this process when it puts its next file in place after *count* others."""
    replace, left = os.replace, [count]

    def cut(a: object, b: object) -> None:
        if not left[0]:
            raise PowerCut
        left[0] -= 1
        replace(a, b)

    monkeypatch.setattr(os, "replace", cut)


@pytest.mark.parametrize("form", ["files", "rows packed with gzip", "dolma"])
def test_a_review_cut_short_at_any_file_leaves_the_old_state_or_one_that_the_next_call_completes(
    form, tmp_path, monkeypatch
):
    whole = run_of(form, tmp_path)
    made = decisions(decision(whole, "Advertisement", id="two"))
    fresh = {p.relative_to(whole): p.read_bytes() for p in whole.rglob("*") if p.is_file()}
    shutil.copytree(whole, tmp_path / "done")
    apply_review(tmp_path / "done", made)
    done = {p.relative_to(tmp_path / "done"): p.read_bytes() for p in (tmp_path / "done").rglob("*") if p.is_file()}
    seen = set()
    for count in range(40):
        run = Path(shutil.copytree(whole, tmp_path / f"run-{count}"))
        with monkeypatch.context() as patch:
            cut_after(count, patch)
            try:
                apply_review(run, made)
            except PowerCut:
                pass
            else:
                break
        undecided = faults(run) == []
        if undecided:
            left = {p.relative_to(run): p.read_bytes() for p in run.rglob("*") if p.is_file()}
            assert {name: left[name] for name in fresh} == fresh
        else:
            assert any("apply-review completes it" in fault for _, fault in faults(run))
            with pytest.raises(InputError, match="apply-review completes it"):
                list(documents(run))
        seen.add(undecided)
        apply_review(run, made)
        assert {p.relative_to(run): p.read_bytes() for p in run.rglob("*") if p.is_file()} == done
    assert seen == {True, False}


@forms
def test_a_refused_review_leaves_nothing_behind(form, tmp_path):
    run = run_of(form, tmp_path)
    before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
    good, bad = decision(run, "Advertisement", id="two"), decision(run, "Skip", id="alone.txt")
    with pytest.raises(ReportMismatch, match="expected decisions on"):
        apply_review(run, decisions(good, {**bad, "report_id": "urn:sha256:" + "0" * 64}))
    assert {p: p.read_bytes() for p in run.rglob("*") if p.is_file()} == before


def test_a_disk_that_fails_is_told_in_words_and_the_run_stays_as_it_was(tmp_path, monkeypatch):
    run = run_of("rows", tmp_path)
    before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
    made = decisions(decision(run, "Advertisement", id="two"))

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(run))

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(InputError, match="No space left on device"):
        apply_review(run, made)
    assert {p: p.read_bytes() for p in run.rglob("*") if p.is_file()} == before


# Rejected edits as examples


PACK = """
format = 1

[[rule]]
id = "tide-table"
label = "navigation"
action = "drop"
safety = "always"
confidence = 0.95
why = "A link to the tide table that stands alone in a line."
match = ["{label}"]
miss = {miss}
[rule.exact]
en = ["{label}"]
"""


def checked(pack: Path, label: str, miss: str) -> Result:
    pack.write_text(PACK.format(label=label, miss=miss), "utf-8")
    return siglum("rules", "check", pack)


def test_rejected_edits_are_examples_that_rules_check_reads_and_holds_their_rule_to(tmp_path):
    pack = tmp_path / "own.toml"
    done = checked(pack, "Tide table", '["The tide table of 1871 was printed in Hull."]')
    assert done.exit_code == 0, done.output
    source = tmp_path / "page.txt"
    source.write_text(f"{TEXT}\nTide table\nHigh water in Hull is at 6.\n{TEXT}", "utf-8")
    run = clean(source, tmp_path / "run", "--rules", pack)
    made = apply_review(run, decisions(decision(run, "Tide table", id="page.txt", note="a heading")))
    assert "tide-table: must leave" in made.examples
    miss = made.examples[made.examples.index("[") :].rstrip()
    done = checked(pack, "Tide table", miss)
    assert done.exit_code == 1
    assert "tide-table" in done.stderr
    done = checked(pack, "Table of tides", miss)
    assert done.exit_code == 0, done.output
