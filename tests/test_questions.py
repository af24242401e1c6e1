"""What archivists ask of a clean-up: the answer to each question is there and right. docs/questions.md is the table."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from audited import PARAGRAPH, SCRAPED, reviewed, siglum
from siglum.audit.agents import agents_of
from siglum.audit.html import write_report
from siglum.audit.record import AuditedRun
from siglum.audit.statement import statement
from siglum.cli.export import diff

DOCS = Path(__file__).resolve().parent.parent / "docs" / "questions.md"
CREDIT = "Translated from the Russian by Google Translate."
MARK = "\u200b\u200c\u200b\u200c\u200b\u200c\u200b\u200c"
LEGACY = f"Skip to main content\r\n{PARAGRAPH}Café “open” – déjà vu.\r\n".encode("cp1252")

# Files beside the seeds, each for the questions that the seeds do not raise.
FILES = {
    "credit.txt": f"{PARAGRAPH * 3}\n{CREDIT}\n".encode(),
    "legacy.txt": LEGACY,
    "marked.txt": f"{PARAGRAPH[:20]}{MARK}{PARAGRAPH[20:] * 3}\n".encode(),
    "mojibake.txt": f"{PARAGRAPH * 3}It wasnâ€™t the citizens of the cafÃ© who asked for it.\n".encode(),
    "page.html": b'<!doctype html><html lang="en"><head><link rel="canonical" href="https://example.org/1"></head>'
    b"<body><nav>Menu</nav><p>" + PARAGRAPH.encode() * 4 + b"</p></body></html>",
    "pivot.txt": f"{PARAGRAPH * 3}\nTranslated from the Russian via German by Ada Example\n".encode(),
    "translated.html": b'<!doctype html><html lang="en"><head><meta name="translation-type" content="mt">'
    b'<link rel="alternate original" hreflang="ru" href="https://example.org/ru/1">'
    b'<link rel="alternate" hreflang="x-default" href="https://example.org/fr/1">'
    b'<link rel="alternate" hreflang="fr" href="https://example.org/fr/1"></head><body><p>'
    + PARAGRAPH.encode() * 4
    + b"</p></body></html>",
    "plain.txt": f"{(PARAGRAPH * 3).strip()}\n".encode(),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, seeds) -> Path:
    folder = tmp_path_factory.mktemp("questions") / "in"
    folder.mkdir()
    for path in seeds.glob("*.txt"):
        (folder / path.name).write_bytes(path.read_bytes())
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    (folder / "rows.jsonl").write_text('{"id": "row", "text": "A short text."}\n{"id": "broken"}\n')
    return folder


@pytest.fixture(scope="module")
def run(corpus) -> Path:
    result = siglum("clean", corpus, "-o", corpus.parent / "run", "--report-detail", "full")
    assert result.exit_code == 1, result.stderr  # one row is broken, on purpose
    return corpus.parent / "run"


@pytest.fixture(scope="module")
def scraped(run) -> dict[str, Any]:
    return report(run, SCRAPED)


def report(run: Path, id: str) -> dict[str, Any]:
    return json.loads((run / f"{id.removesuffix('.txt')}.report.json").read_bytes())


def summary(run: Path) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO((run / "summary.csv").read_text("utf-8-sig")))
    return {row["id"]: row for row in rows}


def asked(run: Path, sql: str) -> list[dict[str, Any]]:
    """Return what `siglum query` answers."""
    return [json.loads(line) for line in siglum("query", run, sql, "--to", "json").stdout.splitlines()]


def explained(run: Path, place: str, name: str) -> list[str]:
    """Return what `siglum explain` says of *name*."""
    lines = siglum("explain", run, place).stdout.splitlines()
    return [line[11:] for line in lines if line[:10].strip() == name]


def test_the_table_has_a_row_for_every_question():
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 26))
    assert all(len(answer) > 20 for _, _, answer in rows)


def test_the_table_names_places_that_the_page_has(run, tmp_path):
    rows = re.findall(r"^\| \d+ \|.*\| (.+?) \|$", DOCS.read_text("utf-8"), re.MULTILINE)
    assert len(rows) == 25
    write_report(run, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8").lower()  # its script is in it
    places = {place for row in rows for place in re.findall(r"\*(.+?)\*", row)}
    assert {place for place in places if place.lower().removeprefix("by ") not in page} == set()
    views = {row.split(",")[0].split(" ")[0] for row in rows if row[0].isupper()}
    assert {"Account", "Rules", "Review"} <= views


def test_01_which_rule_removed_this_line(run):
    assert explained(run, f"{SCRAPED}:9", "line") == ["Озвучить текст"]
    assert any(rule.startswith("labels/listen-button/") for rule in explained(run, f"{SCRAPED}:9", "rule"))


def test_02_which_version_and_checksum_of_the_rules_and_where_is_the_text(run, scraped):
    pack = scraped["run"]["rulepacks"][0]
    packs = explained(run, f"{SCRAPED}:9", "pack")
    assert packs == [f"{pack['id']} {pack['version']}, sha256 {pack['sha256']}"]
    told = siglum("rules", "explain", "labels/listen-button/listen-button-phrase").stdout
    assert "Озвучить текст" in told
    assert "labels/listen-button.toml:" in told


def test_03_when_in_which_run_and_with_which_settings(run, scraped):
    told = scraped["run"]
    assert (
        hashlib.sha256(json.dumps(told["config"], separators=(",", ":")).encode()).hexdigest() == told["config_sha256"]
    )
    assert told["config"]["profile"] == "archive"
    account = json.loads((run / "run.json").read_bytes())
    assert account["command"]["options"] == {"report_detail": "full"}
    assert (account["command"]["name"], account["config"]) == ("clean", told["config"])
    assert account["input"]["documents"] == len(FILES) + 4
    manifest = hashlib.sha256((run / "manifest-sha256.txt").read_bytes()).hexdigest()
    assert f"urn:sha256:{manifest}" in statement(AuditedRun(run)).decode()


def test_04_who_ran_it_who_authorised_it_who_reviewed_it(run):
    table = {
        "ada": {"name": "Ada Example"},
        "ben": {"name": "Ben Example", "role": "authorizer"},
        "eve": {"name": "Eve Example", "role": "validator"},
    }
    text = statement(AuditedRun(run, agents_of(table))).decode()
    assert "Ada Example: implementer (ran it)" in text
    assert "Ben Example: authorizer (authorised it)" in text
    assert "Eve Example: validator (reviewed it)" in text


def test_05_the_exact_bytes_come_back_and_that_was_tested_for_each_file(run, corpus):
    for name in ("legacy.txt", SCRAPED, "mojibake.txt"):
        told = report(run, name)["inverse"]
        assert told == {"status": "verified", "restores": "source-bytes"}
        stem = name.removesuffix(".txt")
        restored = siglum("restore", run / name, "--report", run / f"{stem}.report.json").stdout_bytes
        assert restored == (corpus / name).read_bytes()
    assert siglum("verify", run).exit_code == 0


def test_06_the_report_says_whether_the_source_is_needed(run, corpus, tmp_path):
    assert report(run, "page.html")["inverse"]["restores"] == "visible-text"
    siglum("clean", corpus / SCRAPED, "-o", tmp_path / "run", "--redact")
    assert report(tmp_path / "run", SCRAPED)["inverse"]["status"] == "needs-source"


def test_07_a_report_that_does_not_belong_to_the_text_is_refused(run, tmp_path):
    stem = SCRAPED.removesuffix(".txt")
    assert siglum("restore", run / "plain.txt", "--report", run / f"{stem}.report.json").exit_code == 3
    told = json.loads((run / f"{stem}.report.json").read_bytes())
    told["edits"][0]["del"] = "Skip to some content\n"
    (tmp_path / "forged.json").write_text(json.dumps(told))
    assert siglum("restore", run / SCRAPED, "--report", tmp_path / "forged.json").exit_code == 3


def test_08_what_else_a_rule_takes_in_the_whole_corpus(run, corpus, scraped):
    told = siglum("rules", "stats", corpus).stdout
    (line,) = [line for line in told.splitlines() if "labels/skip-link/skip-link" in line]
    assert re.search(r"\b2 in +2 documents", line)
    told = asked(
        run, "SELECT id, edits FROM removals JOIN documents ON number = document WHERE rule LIKE '%/skip-link'"
    )
    assert sorted((row["id"], row["edits"]) for row in told) == [(SCRAPED, 1), ("legacy.txt", 1)]
    hits = siglum("rules", "try", "Skip to main content", corpus)
    assert hits.stdout.count("[whole line,") == 2


def test_09_how_risky_each_removal_is_stands_in_report_and_summary(run, scraped):
    assert {e["risk"] for e in scraped["edits"]} <= {"none", "low", "review"}
    assert summary(run)[SCRAPED]["risk"] == "low"
    assert summary(run)["plain.txt"]["risk"] == "none"


def test_10_which_documents_lost_more_than_a_share(run):
    lost = {id for id, row in summary(run).items() if float(row["percent_removed"] or 0) > 5}
    assert SCRAPED in lost
    assert "plain.txt" not in lost
    assert {row["id"] for row in asked(run, "SELECT id FROM documents WHERE percent_removed > 5")} == lost


def test_11_which_failed_or_were_left_untouched_and_why(run):
    rows = summary(run)
    assert rows["broken"]["status"] == "failed"
    assert 'a row has "text"' in rows["broken"]["error"]
    assert rows["plain.txt"]["status"] == "unchanged"
    assert len(rows) == len(FILES) + 4
    assert asked(run, "SELECT id, status FROM documents WHERE status = 'failed'") == [
        {"id": "broken", "status": "failed"}
    ]
    untouched = [row["id"] for row in asked(run, "SELECT id FROM documents WHERE status = 'unchanged'")]
    assert untouched == [id for id, row in rows.items() if row["status"] == "unchanged"]
    (failure,) = json.loads((run / "run.json").read_bytes())["failures"]
    assert failure["error"] == rows["broken"]["error"]


def test_12_what_was_reworded_is_told_apart_from_what_was_removed(run, scraped):
    assert {e["op"] for e in scraped["edits"]} == {"delete"}
    reworded = [e for e in report(run, "mojibake.txt")["edits"] if e["op"] != "delete"]
    assert [(e["del"], e["ins"]) for e in reworded if e["ins"] == "é"] == [("Ã©", "é")]


def test_13_which_encoding_was_assumed_and_why(run):
    told = report(run, "legacy.txt")["decoding"]
    assert told["codec"] == "cp1252"
    assert told["why"]
    assert {"codec": "utf-8"}.items() <= next(r for r in told["rejected"] if r["codec"] == "utf-8").items()
    assert told["exceptions"] == []


def test_14_line_ends_marks_and_the_unicode_form_are_told(run, corpus, tmp_path):
    told = report(run, "legacy.txt")
    assert told["decoding"]["newlines"]["crlf"] == 2
    assert told["decoding"]["bom"] in ("", None)
    assert told["output"]["unicode_form"] == "as-is"
    siglum("clean", corpus / "legacy.txt", "-o", tmp_path / "run", "--unicode-form", "NFD")
    other = report(tmp_path / "run", "legacy.txt")
    assert other["output"]["unicode_form"] == "NFD"
    assert {"é", "à"} <= {e["del"] for e in other["edits"]}


def test_15_marks_hidden_in_the_text_are_told_and_stay(run):
    told = [f for f in report(run, "marked.txt")["findings"] if f["category"] == "embedded"]
    assert told
    assert MARK in (run / "marked.txt").read_text("utf-8")


def test_16_the_proof_of_machine_translation_is_a_quote_and_its_place(scraped, corpus):
    (proof,) = scraped["provenance"]["evidence"]
    assert proof["quote"] == "Переведено сервисом «Яндекс Переводчик»"
    source = (corpus / SCRAPED).read_text("utf-8")
    assert source[proof["start"] : proof["end"]].strip() == proof["quote"]


def test_17_who_asserts_it_by_which_rule_how_surely(run, scraped):
    told = scraped["provenance"]
    assert told["asserted_by"] == "page"
    rule = next(ref for ref in scraped["rules"] if ref.startswith(told["evidence"][0]["rule"] + "@"))
    assert 0.9 < scraped["rules"][rule]["confidence"] < 1
    assert report(run, "plain.txt")["provenance"]["method"] == "unknown"


def test_18_the_source_language_and_how_it_is_known(run, scraped):
    assert (scraped["provenance"]["source_language"], scraped["provenance"]["basis"]) == ("ru", "page-language")
    stated = report(run, "credit.txt")["provenance"]
    assert (stated["source_language"], stated["basis"]) == ("ru", "stated")
    assert report(run, "plain.txt")["provenance"]["source_language"] is None
    between = report(run, "pivot.txt")["provenance"]
    assert (between["source_language"], between["pivot"], between["original_language"]) == ("ru", "de", "ru")
    assert (stated["pivot"], stated["original_language"]) == (None, None)


def test_19_engine_version_date_and_post_editing_are_stated_or_unknown(scraped):
    told = scraped["provenance"]
    assert told["engine"] == "yandex"
    assert (told["version"], told["date"], told["post_edited"]) == (None, None, "unknown")


def test_20_which_lines_are_in_another_language(scraped, corpus):
    source = (corpus / SCRAPED).read_text("utf-8")
    other = {source[slice(*s["src"])].strip() for s in scraped["segments"] if s["lang"] == "ru"}
    assert other == {"Озвучить текст", "Переведено сервисом «Яндекс Переводчик»"}


def test_21_the_original_is_named_where_the_page_names_it_and_hinted_at_where_it_may_be(run, scraped):
    assert scraped["provenance"]["original"] is None
    told = report(run, "translated.html")["provenance"]
    assert (told["method"], told["original"]) == ("machine", "https://example.org/ru/1")
    (default,) = [hint for hint in told["hints"] if hint["claims"].get("relation") == "x-default"]
    assert (default["claims"]["original"], default["claims"]["points_to"]) == ("https://example.org/fr/1", "fr")
    assert default["quote"].startswith('<link rel="alternate" hreflang="x-default"')
    assert report(run, "page.html")["provenance"]["hints"] == []


def test_22_the_credit_survives_in_the_report(run, scraped):
    assert "Яндекс" not in (run / SCRAPED).read_text("utf-8")
    (edit,) = [e for e in scraped["edits"] if e["category"] == "credit"]
    assert "Яндекс Переводчик" in edit["del"]
    (finding,) = [f for f in scraped["findings"] if f["id"] in edit["findings"]]
    assert finding["claims"]["engine"] == "yandex"


def test_23_one_edit_can_be_rejected_and_the_decision_is_kept(run, corpus, tmp_path):
    siglum("clean", corpus / SCRAPED, "-o", tmp_path / "run")
    before = report(tmp_path / "run", SCRAPED)
    edit = next(e["id"] for e in before["edits"] if e["del"] == "Озвучить текст\n")
    reviewed(tmp_path / "run", before, edit)
    after = report(tmp_path / "run", SCRAPED)
    (told,) = asked(tmp_path / "run", "SELECT reviewer, verdict, note FROM reviews")
    assert told == {"reviewer": "Eve Example", "verdict": "rejected", "note": "wanted"}
    assert json.loads((tmp_path / "run/run.json").read_bytes())["reviews"][0]["reviewer"] == "Eve Example"
    assert "Озвучить текст\n" in (tmp_path / "run" / SCRAPED).read_text("utf-8")
    assert [e["state"] for e in after["edits"] if e["id"] == edit] == ["rejected"]
    assert [(h["reviewer"], h["changes"][0]["note"]) for h in after["history"]] == [("Eve Example", "wanted")]
    assert siglum("verify", tmp_path / "run").exit_code == 0


def test_24_the_same_run_gives_the_same_result_and_another_run_is_compared(run, corpus, tmp_path):
    siglum("clean", corpus, "-o", tmp_path / "again", "--report-detail", "full")
    for path in run.iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name
    siglum("clean", corpus, "-o", tmp_path / "other", "--profile", "mark-only")
    told = CliRunner().invoke(diff, [str(run), str(tmp_path / "other")]).stdout
    assert "run: config.profile: archive -> mark-only" in told
    assert "line 9 “Озвучить текст”: is taken (labels/listen-button/" in told


def test_25_a_redacted_report_quotes_nothing_that_was_taken(scraped, corpus, tmp_path):
    siglum("clean", corpus, "-o", tmp_path / "run", "--redact")
    for name in (SCRAPED, "credit.txt"):
        text = json.dumps(report(tmp_path / "run", name), ensure_ascii=False)
        for edit in scraped["edits"] if name == SCRAPED else [{"del": CREDIT}]:
            words = edit["del"].strip()
            assert len(words) < 5 or words not in text, words


def test_25_a_redacted_report_names_no_translator(tmp_path):
    (tmp_path / "a.txt").write_text(f"{PARAGRAPH * 3}\nTranslated from the German by Ada Example\n", "utf-8")
    siglum("clean", tmp_path / "a.txt", "-o", tmp_path / "run", "--redact")
    assert "Ada Example" not in (tmp_path / "run/a.report.json").read_text("utf-8")


def test_25_a_report_gives_the_source_back_without_siglum(run, corpus):
    # As docs/report.md says, with the standard library alone.
    for name in (SCRAPED, "legacy.txt", "mojibake.txt"):
        told = report(run, name)
        text = (run / name).read_bytes().decode("utf-8")
        for edit in reversed(told["edits"]):
            start, end = edit["out"]
            assert text[start:end] == edit["ins"]
            text = text[:start] + edit["del"] + text[end:]
        assert told["decoding"]["exceptions"] == []
        data = bytes.fromhex(told["decoding"]["bom"] or "") + text.encode(told["decoding"]["codec"])
        assert data == (corpus / name).read_bytes()
        assert base64.b16encode(hashlib.sha256(data).digest()).decode().lower() == told["source"]["sha256"]


def test_25_redacted_rows_quote_nothing_and_name_nobody(tmp_path):
    (tmp_path / "a.txt").write_text(f"{PARAGRAPH * 3}\nTranslated from the German by Ada Example\n", "utf-8")
    shown = [siglum("clean", tmp_path / "a.txt", "--to", "jsonl", *more).stdout for more in ((), ("--redact",))]
    told = [json.loads(out.splitlines()[0])["provenance"] for out in shown]
    assert (told[0]["translator"], told[0]["evidence"][0]["quote"][:10]) == ("Ada Example", "Translated")
    assert (told[1]["method"], told[1]["translator"]) == ("human", None)
    assert "quote" not in told[1]["evidence"][0]
