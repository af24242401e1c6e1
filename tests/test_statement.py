"""The statement and the agents: who answers for a run, how much was done, and digests that pin it down."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from audited import HOSTILE, PARAGRAPH, SCRAPED, clean, hostile_run, read_rows, reviewed, rows_run, siglum
from siglum.audit.agents import Agent, agents_of, read_agents
from siglum.audit.record import AuditedRun, excerpt, source_date
from siglum.audit.statement import statement
from siglum.errors import ReportMismatch, SiglumError
from siglum.report import sha256

TABLE = """
[agents.ada]
name = "Ada Example"
role = "validator"
identifier = "https://orcid.org/0000-0000"
[agents.board]
name = "The Board"
type = "organisation"
role = "authorizer"
[agents.ben]
name = "Ben Example"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory, seeds):
    return AuditedRun(clean(seeds, tmp_path_factory.mktemp("statement") / "run"))


def told(run: AuditedRun) -> dict[str, str]:
    lines = statement(run).decode().split("\n\n")[1].splitlines()
    return {line[:16].rstrip(): line[16:] for line in lines}


def test_counts_are_those_of_the_run(run):
    rows = told(run)
    assert rows["Documents"] == "2: 1 cleaned, 1 unchanged, 0 failed"
    assert rows["Taken"] == "10 lines, 148 code points, 3.4 % of 4307"
    assert rows["Edits"].startswith("11: ")
    assert rows["Translations"] == "1 machine, yandex"
    assert rows["Restoring"] == "2 give the source byte for byte"


def test_digests_are_those_of_the_run(run):
    rows = told(run)
    assert sha256((run.folder / "manifest-sha256.txt").read_bytes()) in rows["Run"]
    assert run.facts["config_sha256"] in rows["Configuration"]
    assert run.facts["rulepacks"][0]["sha256"] in rows["Rules"]


def test_a_failed_document_is_counted(tmp_path):
    (tmp_path / "rows.jsonl").write_text('{"id": "1", "text": "A text."}\n{bad\n')
    siglum("clean", tmp_path / "rows.jsonl", "-o", tmp_path / "run", "--languages", "off")
    assert told(AuditedRun(tmp_path / "run"))["Documents"] == "2: 0 cleaned, 1 unchanged, 1 failed"


def test_those_who_authorised_or_reviewed_have_a_line_to_sign_on(run, tmp_path):
    (tmp_path / "siglum.toml").write_text(TABLE)
    text = statement(AuditedRun(run.folder, read_agents(tmp_path / "siglum.toml"))).decode()
    assert "Ada Example <https://orcid.org/0000-0000>: validator (reviewed it)" in text
    assert "The Board, organization: authorizer (authorised it)" in text
    assert "Ben Example: implementer (ran it)" in text
    assert [line for line in text.splitlines() if line.startswith("I have")] == [
        "I have reviewed this run: Ada Example",
        "I have authorised this run: The Board",
    ]


def test_a_run_nobody_answers_for_says_so(run):
    assert "Nobody is named who authorised or reviewed this run." in statement(run).decode()


def test_reviews_are_counted(run, tmp_path):
    assert told(run)["Reviewed"] == "no"
    folder = rows_run([{"id": "1", "text": f"Skip to main content\n{PARAGRAPH.strip()}\n"}], tmp_path)
    rows = told(AuditedRun(reviewed(folder, read_rows(folder)[0], "e1")))
    assert rows["Reviewed"] == "1 Eve Example; edits rejected: 1"
    assert rows["Taken"].startswith("0 lines, 0 code points")


def test_there_is_no_statement_on_a_run_somebody_touched(tmp_path, seeds):
    folder = clean(seeds, tmp_path / "run")
    (folder / SCRAPED).write_text("somebody was here")
    with pytest.raises(ReportMismatch):
        statement(AuditedRun(folder))


def test_a_redacted_run_says_that_it_needs_the_source(tmp_path, seeds):
    assert told(AuditedRun(clean(seeds, tmp_path / "run", "--redact")))["Restoring"] == "2 need the source (redacted)"


def test_the_date_is_the_one_given(run):
    assert told(AuditedRun(run.folder, when=datetime(2026, 3, 14, tzinfo=UTC)))["Date"] == "2026-03-14"
    assert told(run)["Date"] == "not given (SOURCE_DATE_EPOCH)"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> str:
    run = AuditedRun(hostile_run(tmp_path_factory.mktemp("hostile")), (Agent("A\nDocuments       9"),))
    return statement(run).decode()


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_writes_a_line_of_the_statement(hostile, name):
    assert sum(line.startswith("Documents") for line in hostile.split("\n")) == 1
    assert all(line.isprintable() for line in hostile.split("\n"))
    assert len(hostile) < 10_000
    assert excerpt(HOSTILE[name]) in hostile


def test_agents_keep_their_order_and_are_the_same_agent_in_every_run(tmp_path):
    (tmp_path / "siglum.toml").write_text(TABLE)
    agents = read_agents(tmp_path / "siglum.toml")
    assert [a.name for a in agents] == ["Ada Example", "The Board", "Ben Example"]
    assert agents[0].uuid == Agent("A. Example", role="implementer", identifier="https://orcid.org/0000-0000").uuid
    assert len({a.uuid for a in agents}) == 3


def test_a_file_without_agents_has_none(tmp_path):
    (tmp_path / "siglum.toml").write_text('profile = "archive"\n')
    assert read_agents(tmp_path / "siglum.toml") == ()


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"a": {}}, "agents.a: name is missing"),
        (
            {"a": {"name": "A", "role": "boss"}},
            "agents.a: role 'boss' is not one of implementer, authorizer, validator",
        ),
        ({"a": {"name": "A", "type": "robot"}}, "agents.a: type 'robot' is not one of person, organization, software"),
        ({"a": {"name": "A", "colour": "red"}}, "agents.a: unknown field colour; known are name, type, role"),
        ({"a": {"name": 1}}, "agents.a: name is 1, expected a text"),
        ({"a": "Ada"}, "agents.a: expected a table with a name, found 'Ada'"),
        ({"a": {"name": "A", "role": ["x"]}}, "agents.a: role is ['x'], expected a text"),
        ({"a": {}, "b": {"role": "boss", "name": "B"}}, "agents.a: name is missing; agents.b: role 'boss'"),
    ],
)
def test_every_fault_of_the_table_is_named_at_once(table, message):
    with pytest.raises(SiglumError) as e:
        agents_of(table)
    assert message in str(e.value)


def test_a_faulty_file_is_named(tmp_path):
    (tmp_path / "siglum.toml").write_text("[agents\n")
    with pytest.raises(SiglumError, match=r"siglum\.toml: "):
        read_agents(tmp_path / "siglum.toml")


@pytest.mark.parametrize(("seconds", "date"), [("0", "1970-01-01"), ("1773446400", "2026-03-14")])
def test_source_date_epoch_counts_seconds(seconds, date):
    assert source_date({"SOURCE_DATE_EPOCH": seconds}).date().isoformat() == date


@pytest.mark.parametrize("seconds", ["", "yesterday", "9" * 30])
def test_a_faulty_source_date_epoch_is_refused(seconds):
    with pytest.raises(SiglumError, match="expected seconds since 1970-01-01"):
        source_date({"SOURCE_DATE_EPOCH": seconds})


def test_an_empty_run_has_a_statement_too(tmp_path):
    (tmp_path / "rows.jsonl").write_text("{bad\n")
    siglum("clean", tmp_path / "rows.jsonl", "-o", tmp_path / "run", "--languages", "off")
    rows = told(AuditedRun(tmp_path / "run"))
    assert rows["Documents"] == "1: 0 cleaned, 0 unchanged, 1 failed"
    assert rows["Taken"] == "0 lines, 0 code points"


def test_a_text_given_as_a_text_comes_back_as_a_text(tmp_path):
    run = AuditedRun(rows_run([{"id": "1", "text": PARAGRAPH}], tmp_path))
    assert told(run)["Restoring"] == "1 give the text as it was given"
