"""The command: pipes, folders, exit status, and words a person can act on."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from siglum.cli.main import COMMANDS, main
from siglum.writers.files import read_manifest

SCRAPED, ARTICLE = "004_357bbdf13a6a8e1a.txt", "000_0ec92317bdd44cf9.txt"
PAGE = "Skip to main content\nStorm hits coast\n"


def siglum(*args: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], input=stdin, catch_exceptions=False)


def rows(data: bytes | str) -> list[dict]:
    text = data.decode() if isinstance(data, bytes) else data
    return [json.loads(line) for line in text.split("\n") if line.strip()]


@pytest.fixture
def done(tmp_path, seeds):
    out = tmp_path / "out"
    result = siglum("clean", seeds, "-o", out)
    assert result.exit_code == 0, result.output
    return out


def test_a_folder_of_texts_becomes_a_folder_with_an_account(done, seeds):
    names = sorted(p.name for p in done.iterdir())
    stems = [SCRAPED[:-4], ARTICLE[:-4]]
    assert names == sorted(
        [f"{s}.txt" for s in stems]
        + [f"{s}.report.json" for s in stems]
        + ["manifest-sha256.txt", "run.db", "run.json", "summary.csv"]
    )
    assert (done / ARTICLE).read_bytes() == (seeds / ARTICLE).read_bytes()


def test_the_account_on_standard_error_is_one_line(tmp_path, seeds):
    result = siglum("clean", seeds, "-o", tmp_path / "out")
    (line,) = result.stderr.strip().split("\n")
    assert line.startswith("2 documents: 1 cleaned, 1 unchanged, 0 failed")
    assert "1 translated (machine, yandex)" in line


def test_the_manifest_is_what_sha256sum_would_write(done):
    for name, digest in read_manifest((done / "manifest-sha256.txt").read_bytes()).items():
        assert hashlib.sha256((done / name).read_bytes()).hexdigest() == digest


def test_the_summary_has_a_row_for_every_document(done):
    told = list(csv.DictReader(io.StringIO((done / "summary.csv").read_text("utf-8-sig"))))
    assert [(r["id"], r["status"], r["tag"]) for r in told] == [
        (ARTICLE, "unchanged", "en"),
        (SCRAPED, "cleaned", "en-t-ru-t0-und-x0-yandex"),
    ]


def test_two_runs_write_the_same_bytes(done, tmp_path, seeds):
    siglum("clean", seeds, "-o", tmp_path / "again")
    for path in done.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_restoring_gives_the_exact_bytes(done, seeds, tmp_path):
    report = done / (SCRAPED[:-4] + ".report.json")
    assert siglum("restore", done / SCRAPED, "--report", report, "-o", tmp_path / "back").exit_code == 0
    assert (tmp_path / "back").read_bytes() == (seeds / SCRAPED).read_bytes()
    assert siglum("restore", done / SCRAPED, "--report", report).stdout_bytes == (seeds / SCRAPED).read_bytes()


def test_restoring_from_another_text_is_refused_with_status_3(done):
    result = siglum("restore", done / ARTICLE, "--report", done / (SCRAPED[:-4] + ".report.json"))
    assert result.exit_code == 3
    assert "expected the clean text with sha256" in result.stderr


def test_a_sound_run_verifies(done):
    result = siglum("verify", done)
    assert (result.exit_code, result.stderr) == (0, "9 checks, 0 failed\n")


@pytest.mark.parametrize("name", [SCRAPED, SCRAPED[:-4] + ".report.json", "summary.csv"])
def test_a_run_somebody_touched_fails_to_verify_with_status_3(done, name):
    (done / name).write_bytes((done / name).read_bytes() + b" ")
    result = siglum("verify", done)
    assert result.exit_code == 3
    assert f"{name}: the manifest says sha256" in result.stderr


def test_a_run_that_lost_a_file_fails_to_verify(done):
    (done / ARTICLE).unlink()
    result = siglum("verify", done)
    assert result.exit_code == 3
    assert f"{ARTICLE}: cannot be read" in result.stderr


def test_explain_names_the_rule_the_reason_and_the_place(done):
    told = siglum("explain", done, f"{SCRAPED}:9").stdout
    for part in (
        "Озвучить текст",
        "labels/listen-button/listen-button-phrase@",
        "taken",
        "code points 221 to 236, bytes 221 to 249",
        "ru (",
    ):
        assert part in told


def test_explain_quotes_the_evidence_of_a_credit(done):
    told = siglum("explain", done, "004:30").stdout
    assert "Переведено сервисом «Яндекс Переводчик»" in told
    assert "method: machine" in told


def test_explain_says_of_a_line_that_stayed_that_it_stayed(done):
    assert "stays as it was" in siglum("explain", done, "004:5").stdout


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("004", "expected ID:LINE"),
        ("xyz:1", "no such document"),
        ("004:99", "no line 99"),
        ("0:1", "more than one document begins so"),
    ],
)
def test_explain_says_what_is_wrong_with_a_place(done, place, message):
    result = siglum("explain", done, place)
    assert result.exit_code == 2
    assert message in result.stderr


def test_nothing_is_overwritten_unless_forced(done, seeds):
    before = (done / SCRAPED).read_bytes()
    result = siglum("clean", seeds, "-o", done, "--profile", "mark-only")
    assert result.exit_code == 2
    assert "--force" in result.stderr
    assert (done / SCRAPED).read_bytes() == before
    assert siglum("clean", seeds, "-o", done, "--profile", "mark-only", "--force").exit_code == 0
    assert (done / SCRAPED).read_bytes() == (seeds / SCRAPED).read_bytes()
    assert siglum("verify", done).exit_code == 0


def test_a_dry_run_writes_nothing_and_says_what_would_be(tmp_path, seeds):
    result = siglum("clean", seeds, "-o", tmp_path / "out", "--dry-run", "-r", tmp_path / "r.json")
    assert result.exit_code == 0
    assert "would be cleaned" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_takes_a_text_and_gives_a_text():
    result = siglum("clean", "-", stdin=PAGE.encode())
    assert (result.exit_code, result.stdout) == (0, "Storm hits coast\n")


def test_a_pipe_can_write_its_report(tmp_path):
    siglum("clean", "-", "-r", tmp_path / "r.json", stdin=PAGE.encode("utf-16"))
    (tmp_path / "clean.txt").write_bytes(b"Storm hits coast\n")
    assert siglum("restore", tmp_path / "clean.txt", "-r", tmp_path / "r.json").stdout_bytes == PAGE.encode("utf-16")


def test_rows_go_in_and_out_in_order_and_a_bad_one_is_a_row_too():
    lines = [
        json.dumps({"id": "a", "text": PAGE, "url": "https://example.org/1", "colour": "red"}),
        "{not json",
        json.dumps({"id": "c"}),
        json.dumps(["d"]),
        "",
        json.dumps({"id": "e", "text": "\ud800 lone"}),
        json.dumps({"text": "no id"}),
        json.dumps({"id": "g", "html": "<p>Hello <b>there</b></p>", "headers": {"Content-Language": "en"}}),
    ]
    result = siglum("clean", "-", "--from", "jsonl", "--to", "jsonl", "--lines", stdin="\n".join(lines).encode())
    out = rows(result.stdout_bytes)
    assert [r["id"] for r in out] == ["a", "-:2", "c", "-:4", "e", "-:7", "g"]
    assert [("error" in r) for r in out] == [False, True, True, True, False, False, False]
    assert result.exit_code == 1
    assert out[0]["text"] == "Storm hits coast\n"
    assert out[0]["meta"] == {"colour": "red"}
    assert out[0]["removed"] == {"lines": 1, "code_points": 21}
    assert {"method", "engine", "source_language", "basis", "confidence", "evidence"} <= set(out[0]["provenance"])
    assert [out[0]["text"][x["start"] : x["end"]].strip() for x in out[0]["lines"]] == ["Storm hits coast"]
    assert "-:2: the line is not JSON" in result.stderr
    assert 'a row has "text"' in result.stderr


def test_rows_can_carry_their_report():
    data = json.dumps({"id": "a", "text": PAGE}).encode()
    (row,) = rows(siglum("clean", "-", "--from", "jsonl", "--to", "jsonl", "--inline-report", stdin=data).stdout_bytes)
    assert row["report"]["edits"][0]["del"] == "Skip to main content\n"


def test_a_file_of_rows_with_a_folder_keeps_rows_and_reports_and_verifies(tmp_path):
    (tmp_path / "pages.jsonl").write_text(
        "\n".join(json.dumps({"id": str(i), "text": PAGE}) for i in range(3)) + "\n{bad\n"
    )
    result = siglum("clean", tmp_path / "pages.jsonl", "-o", tmp_path / "out")
    assert result.exit_code == 1
    assert [r["id"] for r in rows((tmp_path / "out/pages.jsonl").read_bytes())] == ["0", "1", "2", "pages.jsonl:4"]
    assert siglum("verify", tmp_path / "out").exit_code == 0
    assert "taken" in siglum("explain", tmp_path / "out", "1:1").stdout


def test_a_document_that_fails_is_named_and_the_others_are_there(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / "in" / name).write_text(PAGE)
    (tmp_path / "in" / "b.txt").unlink()
    (tmp_path / "in" / "b.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "in" / "d.txt").write_text(PAGE)
    if os.geteuid():
        (tmp_path / "in" / "d.txt").chmod(0)
    result = siglum("clean", tmp_path / "in", "-o", tmp_path / "out")
    assert (tmp_path / "out/a.txt").read_text() == "Storm hits coast\n" == (tmp_path / "out/c.txt").read_text()
    assert result.exit_code == (1 if os.geteuid() else 0)


def test_a_fault_inside_a_cleaner_costs_one_document(tmp_path, monkeypatch):
    from siglum.cleaners.layout import Layout

    plain = Layout.__call__

    def faulty(self, doc):
        if "boom" in doc.text:
            raise RuntimeError("a fault nobody foresaw")
        return plain(self, doc)

    monkeypatch.setattr(Layout, "__call__", faulty)
    data = "\n".join(json.dumps({"id": t, "text": t}) for t in ("one", "boom", "two")).encode()
    result = siglum("clean", "-", "--from", "jsonl", "--to", "jsonl", stdin=data)
    assert [r.get("text") or r["error"] for r in rows(result.stdout_bytes)] == [
        "one",
        "boom: RuntimeError: a fault nobody foresaw",
        "two",
    ]
    assert result.exit_code == 1


def test_ids_that_climb_out_of_a_folder_stay_inside(tmp_path):
    (tmp_path / "r.jsonl").write_text(json.dumps({"id": "../../evil", "text": PAGE}))
    assert siglum("clean", tmp_path / "r.jsonl", "-o", tmp_path / "out", "--to", "text").exit_code == 0
    written = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.txt"))
    assert all(w.startswith("out/") for w in written)
    assert "out/r.jsonl/%2E%2E/%2E%2E/evil.txt" in written


def test_a_cell_that_would_be_a_formula_is_made_harmless(tmp_path):
    (tmp_path / "r.jsonl").write_text(json.dumps({"id": "=cmd()", "text": PAGE}))
    siglum("clean", tmp_path / "r.jsonl", "-o", tmp_path / "out")
    assert "'=cmd()" in (tmp_path / "out/summary.csv").read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["clean", "/nowhere/x.txt"], "no such file or folder"),
        (["clean", "-", "x.txt"], "stands alone"),
        (["clean"], "Missing argument"),
        (["clean", "-", "--profile", "harsh"], "Invalid value"),
        (["frobnicate"], "No such command"),
        (["restore", "x"], "does not exist"),
        (["rules", "explain", "nobody"], "no rule is called 'nobody'"),
    ],
)
def test_wrong_use_is_told_with_status_2(args, message):
    result = siglum(*args, stdin=b"")
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_faulty_configuration_is_named(tmp_path):
    (tmp_path / "siglum.toml").write_text('profile = "harsh"\n')
    result = siglum("clean", "-", "--config", tmp_path / "siglum.toml", stdin=b"a")
    assert result.exit_code == 2
    assert "siglum.toml: profile 'harsh' is not one of archive" in result.stderr


def test_faulty_packs_stop_the_run_before_it_begins(tmp_path):
    (tmp_path / "bad.toml").write_text('format = 1\n[[rule]]\nid = "x"\n')
    result = siglum("clean", "-", "--rules", tmp_path / "bad.toml", stdin=b"a")
    assert result.exit_code == 2
    assert "bad.toml:3: [x] field 'label' is missing" in result.stderr


def test_inspect_shows_what_goes_why_and_the_quotes(seeds):
    told = siglum("inspect", seeds / SCRAPED).stdout
    for part in (
        "machine, by «Яндекс Переводчик»",
        "from ru",
        "en-t-ru-t0-und-x0-yandex",
        "9 - ru",
        "labels/listen-button",
    ):
        assert part in told, part
    assert "\x1b" not in told


def test_inspect_shows_a_terminal_nothing_it_would_obey():
    told = siglum("inspect", "-", stdin="a\x1b[31mb\u202ec\n".encode()).stdout
    assert "\x1b" not in told
    assert "⟨U+001B⟩" in told
    assert "⟨U+202E⟩" in told


def test_language_and_provenance_answer_people_and_programs(seeds):
    assert "ru" in siglum("language", seeds / SCRAPED).stdout
    data = json.dumps({"id": "1", "text": "Озвучить текст"}).encode()
    (row,) = rows(siglum("language", "-", "--from", "jsonl", "--to", "jsonl", stdin=data).stdout_bytes)
    assert (row["id"], row["lang"]) == ("1", "ru")
    assert "machine, by «Яндекс Переводчик»" in siglum("provenance", seeds / SCRAPED).stdout
    (row,) = rows(siglum("provenance", "--json", seeds / SCRAPED).stdout_bytes)
    assert row["provenance"]["engine"] == "yandex"


def test_a_collection_is_summed_up_and_the_odd_document_of_a_site_is_named():
    credit = "The storm hit the coast on Friday, and the roads were closed.\n\nTranslated by Google Translate\n"
    pages = [{"id": str(n), "url": f"https://example.org/{n}", "text": credit} for n in range(19)]
    pages.append({"id": "odd", "url": "https://example.org/odd", "text": credit.partition("\n")[0]})
    data = "\n".join(map(json.dumps, pages)).encode()
    told = siglum("provenance", "-", "--from", "jsonl", "--summary", stdin=data).stdout
    assert "site        example.org: 19 machine" in told
    assert "engine      google: 19" in told
    assert "look        odd states nothing, but 19 of 20 documents of the site" in told
    (row,) = rows(siglum("provenance", "-", "--from", "jsonl", "--summary", "--json", stdin=data).stdout_bytes)
    assert [o["id"] for o in row["odd"]] == ["odd"]


def test_rules_can_be_listed_explained_tried_and_counted(seeds, tmp_path):
    assert "skip-link" in siglum("rules", "list").stdout
    assert "Skip to main content" in siglum("rules", "explain", "skip-link").stdout
    assert "credits/slavic.toml" in siglum("rules", "explain", "credits/label-ru").stdout
    told = siglum("rules", "try", "live broadcast", seeds)
    assert told.stdout.count("[whole line,") == 2
    assert "2 hits: 2 whole line, 1 head, 1 tail" in told.stderr
    assert "hits" in siglum("rules", "try", "/(?i)nato/", seeds).stderr
    assert siglum("rules", "try", "/(/", seeds).exit_code == 2
    assert "labels/skip-link" in siglum("rules", "stats", seeds).stdout


def test_rules_check_finds_no_fault_in_what_is_shipped_and_names_those_of_others(tmp_path):
    assert "no faults" in siglum("rules", "check").stdout
    (tmp_path / "bad.toml").write_text("format = 2\n")
    result = siglum("rules", "check", tmp_path)
    assert result.exit_code == 1
    assert "bad.toml:1: format is 2" in result.stderr


def test_help_names_every_command_and_loads_none():
    result = siglum("--help")
    assert all(name in result.stdout for name in COMMANDS)
    told = (
        "import sys; sys.argv = ['siglum', '--help']\n"
        "from siglum.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('siglum.api' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True).stdout
    assert out.rstrip().endswith("False")


def test_a_reader_that_goes_away_is_no_fault(seeds):
    command = f"{sys.executable} -m siglum clean {seeds}/{ARTICLE} | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, check=False)
    assert b"Traceback" not in done.stderr
