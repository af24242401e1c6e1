"""PREMIS: valid, linked both ways, importable, and harmed by no page."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest
from lxml import etree

from audited import ARTICLE, HOSTILE, PARAGRAPH, SCRAPED, clean, hostile_run, read_rows, reviewed, rows_run
from siglum.audit.agents import Agent
from siglum.audit.premis import write_premis
from siglum.audit.record import AuditedRun, excerpt, printable
from siglum.report import sha256

P = "{http://www.loc.gov/premis/v3}"
AGENTS = (Agent("Ada Example", "person", "validator", "https://orcid.org/0000"), Agent("An Archive", "organization"))


def premis(run: AuditedRun) -> etree._Element:
    out = io.BytesIO()
    write_premis(run, out)
    return etree.fromstring(out.getvalue())


def texts(element: etree._Element, *path: str) -> list[str]:
    return [e.text for e in element.iterfind("/".join(P + p for p in path))]


def links(element: etree._Element, what: str) -> list[str]:
    return texts(element, f"linking{what}Identifier", f"linking{what}IdentifierValue")


def identifier(element: etree._Element, what: str) -> str:
    return texts(element, f"{what}Identifier", f"{what}IdentifierValue")[0]


@pytest.fixture(scope="module")
def run(tmp_path_factory, seeds):
    return AuditedRun(clean(seeds, tmp_path_factory.mktemp("premis") / "run"), AGENTS)


@pytest.fixture(scope="module")
def tree(run):
    return premis(run)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return premis(AuditedRun(hostile_run(tmp_path_factory.mktemp("hostile")), (Agent("\x00<b>\ufffe"),)))


@pytest.fixture(scope="module")
def schema(bench):
    return etree.XMLSchema(etree.parse(bench / "schemas" / "premis.xsd"))


def assert_importable(tree: etree._Element) -> None:
    """What Archivematica's reader refuses, beyond what the schema does."""
    objects = {identifier(o, "object"): o for o in tree.iterfind(f"{P}object")}
    events = {identifier(e, "event"): e for e in tree.iterfind(f"{P}event")}
    agents = {identifier(a, "agent"): a for a in tree.iterfind(f"{P}agent")}
    assert all(len(set(texts(o, "originalName"))) == 1 for o in objects.values())
    for found, what in ((objects, "Object"), (agents, "Agent")):
        told = {(id, event) for id, element in found.items() for event in links(element, "Event")}
        assert told == {(id, event) for event, element in events.items() for id in links(element, what)}
        assert {id for id, _ in told} == found.keys()
        assert {event for _, event in told} == events.keys()
    for event in events.values():
        UUID(identifier(event, "event"))
        assert datetime.fromisoformat(texts(event, "eventDateTime")[0]).tzinfo


def test_the_schema_holds(tree, schema):
    schema.assertValid(tree)


def test_the_schema_holds_for_hostile_texts(hostile, schema):
    schema.assertValid(hostile)


def test_objects_events_and_agents_are_linked_both_ways(tree):
    assert_importable(tree)


def test_objects_events_and_agents_are_linked_both_ways_with_hostile_texts(hostile):
    assert_importable(hostile)


def test_every_document_has_one_event_of_each_kind(tree):
    kinds = [e.text for e in tree.iterfind(f"{P}event/{P}eventType")]
    assert kinds == ["modification", "metadata extraction", "validation"] * 2
    codes = [e.get("valueURI").rpartition("/")[2] for e in tree.iterfind(f"{P}event/{P}eventType")]
    assert codes[:3] == ["mod", "mee", "val"]


def test_original_names_are_paths_below_a_transfer(tree):
    names = texts(tree, "object", "originalName")
    stem = SCRAPED.removesuffix(".txt")
    assert names[3:] == [
        f"objects/sources/{SCRAPED}",
        f"objects/texts/{SCRAPED}",
        f"objects/reports/{stem}.report.json",
    ]


def test_digests_and_sizes_are_those_of_the_files(tree, run, seeds):
    found = dict(
        zip(
            texts(tree, "object", "originalName"),
            texts(tree, "object", "objectCharacteristics", "fixity", "messageDigest"),
            strict=True,
        )
    )
    report = (run.folder / SCRAPED.replace(".txt", ".report.json")).read_bytes()
    assert found[f"objects/sources/{SCRAPED}"] == sha256((seeds / SCRAPED).read_bytes())
    assert found[f"objects/texts/{SCRAPED}"] == sha256((run.folder / SCRAPED).read_bytes())
    assert found[f"objects/reports/{SCRAPED.replace('.txt', '.report.json')}"] == sha256(report)
    assert texts(tree, "object", "objectCharacteristics", "size")[-1] == str(len(report))


def test_the_clean_text_is_derived_from_the_source(tree):
    text = tree.findall(f"{P}object")[4]
    source = tree.findall(f"{P}object")[3]
    relation = text.find(f"{P}relationship")
    assert texts(relation, "relatedObjectIdentifier", "relatedObjectIdentifierValue") == [identifier(source, "object")]


def test_the_extraction_quotes_the_evidence_and_its_place(tree):
    note = texts(tree, "event", "eventOutcomeInformation", "eventOutcomeDetail", "eventOutcomeDetailNote")[4]
    assert 'method="machine"; engine="yandex"' in note
    assert 'evidence="Переведено сервисом «Яндекс Переводчик»" at code points 1999-2038, rule ' in note


def test_the_modification_names_program_rules_and_configuration(tree, run):
    detail = texts(tree, "event", "eventDetailInformation", "eventDetail")[0]
    assert detail.startswith(f'program="siglum"; version="{run.facts["tool"]["version"]}"; rulepacks="siglum@')
    assert run.facts["config_sha256"] in detail
    assert run.facts["rulepacks"][0]["sha256"] in detail


def test_people_answer_for_the_modification_and_siglum_for_every_event(tree):
    roles = [texts(e, "linkingAgentIdentifier", "linkingAgentRole") for e in tree.iterfind(f"{P}event")]
    assert roles[:3] == [
        ["executing program", "validator", "implementer"],
        ["executing program"],
        ["executing program"],
    ]
    assert texts(tree, "agent", "agentName") == ["siglum", "Ada Example", "An Archive"]
    assert texts(tree, "agent", "agentType") == ["software", "person", "organization"]


def test_the_date_is_the_one_given_and_no_clock(run):
    dated = AuditedRun(run.folder, when=datetime(2026, 3, 14, tzinfo=UTC))
    assert set(texts(premis(dated), "event", "eventDateTime")) == {"2026-03-14T00:00:00Z"}
    assert set(texts(premis(AuditedRun(run.folder)), "event", "eventDateTime")) == {"1970-01-01T00:00:00Z"}


def test_the_same_run_gives_the_same_bytes(run):
    one, two = io.BytesIO(), io.BytesIO()
    write_premis(run, one)
    write_premis(AuditedRun(run.folder, AGENTS), two)
    assert one.getvalue() == two.getvalue()


def test_a_redacted_run_claims_no_validation_and_quotes_nothing(tmp_path, seeds):
    tree = premis(AuditedRun(clean(seeds, tmp_path / "run", "--redact")))
    assert set(texts(tree, "event", "eventType")) == {"modification", "metadata extraction"}
    assert "Переведено" not in etree.tostring(tree, encoding="unicode")


def test_one_who_has_two_roles_is_one_agent(run):
    tree = premis(AuditedRun(run.folder, (Agent("Ada", role="validator"), Agent("Ada", role="implementer"))))
    assert texts(tree, "agent", "agentName") == ["siglum", "Ada"]
    assert_importable(tree)


def test_a_reviewer_is_an_agent_of_what_was_reviewed(tmp_path):
    folder = rows_run([{"id": i, "text": f"Skip to main content\n{PARAGRAPH.strip()}\n"} for i in "ab"], tmp_path)
    tree = premis(AuditedRun(reviewed(folder, read_rows(folder)[0], "e1")))
    notes = texts(tree, "event", "eventOutcomeInformation", "eventOutcomeDetail", "eventOutcomeDetailNote")
    assert notes[0].startswith('edits="0"; kinds=""; code_points_fewer="0"; rejected="1"; reviewed_by="Eve Example"; ')
    assert notes[2].startswith("undoing the edits gave the source, sha256=")
    assert notes[3].startswith('edits="1"; kinds="1 navigation"; code_points_fewer="21"; report="objects/reports/')
    assert texts(tree, "agent", "agentName") == ["siglum", "Eve Example"]
    assert_importable(tree)


def test_equal_documents_stay_two(tmp_path):
    rows = [{"id": "same", "text": PARAGRAPH}, {"id": "same", "text": PARAGRAPH}]
    tree = premis(AuditedRun(rows_run(rows, tmp_path)))
    assert len({identifier(o, "object") for o in tree.iterfind(f"{P}object")}) == 6
    assert len(set(texts(tree, "object", "originalName"))) == 6


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (["a.txt", "a"], ["texts/a.txt", "texts/a~2.txt"]),
        (["A", "a"], ["texts/A.txt", "texts/a~2.txt"]),  # one file where case is not told apart
        (["é", "e\u0301"], ["texts/é.txt", "texts/e\u0301~2.txt"]),  # nor Unicode forms
        (["p.txt/1", "p"], ["texts/p.txt/1.txt", "texts/p~2.txt"]),  # a folder and a file of one name
        (["../x", "x "], ["texts/=2E=2E/x.txt", "texts/x=20.txt"]),
        (["a/b%c", ""], ["texts/a/b=25c.txt", "texts/rows.jsonl=3A2.txt"]),
        (["1" * 300, "b" * 9 + "/" * 600 + "c"], [f"texts/{'1' * 183}-{sha256('1' * 300)[:16]}.txt", None]),
    ],
)
def test_every_document_has_names_of_its_own(tmp_path, ids, names):
    run = AuditedRun(rows_run([{"id": id, "text": PARAGRAPH} for id in ids], tmp_path))
    found = [record.names.text.removeprefix("objects/") for record in run.records()]
    assert [f if n else None for f, n in zip(found, names, strict=True)] == names
    assert len(set(found)) == len(ids)


def test_a_report_and_a_folder_never_share_a_name(tmp_path):
    run = AuditedRun(rows_run([{"id": id, "text": PARAGRAPH} for id in ("p.report.json/1", "p")], tmp_path))
    assert [r.names.report for r in run.records()] == [
        "objects/reports/p.report.json/1.report.json",
        "objects/reports/p~2.report.json",
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_text_stands_in_xml_as_markup_or_unseen(hostile, name):
    told = [t for t in hostile.itertext() if t.strip()]
    assert not any(
        re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe]", t) for t in told
    )
    assert {e.tag.partition("}")[0] for e in hostile.iter()} == {P[:-1]}
    assert max(map(len, told)) < 10_000
    harm = next(t for t in told if excerpt(HOSTILE[name]).replace('"', "'")[:40] in t)
    assert 'engine="' in harm


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x00", "⟨U+0000⟩"), ("\ud800", "⟨U+D800⟩"), ("\uffff", "⟨U+FFFF⟩"), ("a\tb\n\u202e😀", "a\tb\n\u202e😀")],
)
def test_what_xml_cannot_hold_is_shown_and_the_rest_is_left(text, shown):
    assert printable(text) == shown


def test_an_article_nothing_was_taken_from_is_in_the_account_too(tree):
    notes = texts(tree, "event", "eventOutcomeInformation", "eventOutcomeDetail", "eventOutcomeDetailNote")
    report = f"objects/reports/{ARTICLE.replace('.txt', '.report.json')}"
    assert notes[0] == f'edits="0"; kinds=""; code_points_fewer="0"; report="{report}"'
