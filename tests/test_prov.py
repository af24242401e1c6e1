"""PROV: read by others, with the original nobody saw, and harmed by no page."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from audited import HOSTILE, PARAGRAPH, SCRAPED, clean, hostile_run, read_rows, reviewed, rewrite, rows_run
from siglum.audit.agents import Agent
from siglum.audit.prov import prov
from siglum.audit.record import AuditedRun, excerpt

AGENTS = (Agent("Ada Example", "person", "authorizer", "https://orcid.org/0000"), Agent("An Archive", "organization"))


@pytest.fixture(scope="module")
def run(tmp_path_factory, seeds):
    return AuditedRun(clean(seeds, tmp_path_factory.mktemp("prov") / "run"), AGENTS)


@pytest.fixture(scope="module")
def graph(run):
    return json.loads(prov(run))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return AuditedRun(hostile_run(tmp_path_factory.mktemp("hostile")))


def with_claims(tmp_path, **claims) -> dict:
    """Return the graph of one text of which *claims* are told."""
    run = rows_run([{"id": "1", "text": PARAGRAPH}], tmp_path)
    (data,) = read_rows(run)
    data["provenance"] |= {"translated": True, **claims}
    return json.loads(prov(AuditedRun(rewrite(run, [data]))))


def node(graph: dict, part: str, **wanted: str) -> str:
    """Return the id of the one node of *part* whose label or type ends as *wanted*."""
    (name, value), *_ = wanted.items()
    found = []
    for id, about in graph[part].items():
        told = about.get(f"prov:{name}", "")
        if str(told["$"] if isinstance(told, dict) else told).endswith(value):
            found.append(id)
    (id,) = found
    return id


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_prov_package_reads_it_and_writes_the_same(run, form):
    model = pytest.importorskip("prov.model")
    read = model.ProvDocument.deserialize(content=prov(run).decode(), format="json")
    assert len(read.get_records()) > 20
    again = model.ProvDocument.deserialize(content=read.serialize(format=form), format=form)
    assert again == read


@pytest.mark.parametrize("form", ["json", "xml"])
def test_the_prov_package_reads_hostile_texts_and_writes_the_same(hostile, form):
    model = pytest.importorskip("prov.model")
    read = model.ProvDocument.deserialize(content=prov(hostile).decode(), format="json")
    again = model.ProvDocument.deserialize(content=read.serialize(format=form), format=form)
    assert again == read


def test_every_end_of_a_relation_is_a_node(graph):
    nodes = {id for part in ("entity", "activity", "agent") for id in graph[part]}
    relations = [part for part in graph if part not in ("prefix", "entity", "activity", "agent")]
    ends = [
        end
        for part in relations
        for about in graph[part].values()
        for role, end in about.items()
        if role not in ("prov:time", "prov:role")
    ]
    assert len(relations) >= 5
    assert set(ends) <= nodes


def test_the_clean_text_comes_from_the_source_by_the_cleaning(graph):
    source = node(graph, "entity", label=f"sources/{SCRAPED}")
    text = node(graph, "entity", label=f"texts/{SCRAPED}")
    (derived,) = [d for d in graph["wasDerivedFrom"].values() if d["prov:generatedEntity"] == text]
    assert derived["prov:usedEntity"] == source
    assert graph["activity"][derived["prov:activity"]]["siglum:inverse"] == "verified"


def test_a_machine_translation_is_an_activity_on_an_original_nobody_saw(graph):
    source = node(graph, "entity", label=f"sources/{SCRAPED}")
    original = node(graph, "entity", label="not seen")
    translation = node(graph, "activity", type="MachineTranslation")
    assert graph["entity"][original]["siglum:seen"]["$"] == "false"
    assert {"prov:activity": translation, "prov:entity": original} in graph["used"].values()
    assert {"prov:activity": translation, "prov:entity": source} in graph["wasGeneratedBy"].values()
    (engine,) = [a["prov:agent"] for a in graph["wasAssociatedWith"].values() if a["prov:activity"] == translation]
    assert graph["agent"][engine]["prov:label"] == "yandex"
    assert graph["activity"][translation]["siglum:evidence"] == ["Переведено сервисом «Яндекс Переводчик»"]
    assert graph["activity"][translation]["siglum:date"] == "unknown"


def test_a_text_of_which_nothing_is_known_has_no_translation(tmp_path):
    graph = json.loads(prov(AuditedRun(rows_run([{"id": "1", "text": PARAGRAPH}], tmp_path))))
    assert [a["prov:type"]["$"] for a in graph["activity"].values()] == ["siglum:Cleaning"]


@pytest.mark.parametrize(
    ("method", "kind", "translators"),
    [
        ("machine", "MachineTranslation", ["deepl", "Ada"]),
        ("machine-postedited", "MachineTranslation", ["deepl", "Ada"]),
        ("human", "Translation", ["Ada"]),
        ("unknown", "Translation", ["Ada"]),
    ],
)
def test_who_translated_is_an_agent_of_the_right_kind(tmp_path, method, kind, translators):
    graph = with_claims(tmp_path, method=method, engine="deepl", translator="Ada")
    translation = node(graph, "activity", type=f":{kind}")
    agents = [a["prov:agent"] for a in graph["wasAssociatedWith"].values() if a["prov:activity"] == translation]
    assert [graph["agent"][a]["prov:label"] for a in agents] == translators
    kinds = {"deepl": "prov:SoftwareAgent", "Ada": "prov:Person"}
    assert [graph["agent"][a]["prov:type"]["$"] for a in agents] == [kinds[t] for t in translators]


def test_the_original_is_named_where_the_page_names_it(tmp_path):
    graph = with_claims(tmp_path, method="machine", source_language="ru", original="https://example.org/ru/1")
    original = graph["entity"][node(graph, "entity", label="not seen")]
    assert original["dcterms:language"] == "ru"
    assert original["dcterms:identifier"] == "https://example.org/ru/1"


def test_a_version_in_between_stands_between_text_and_original(tmp_path):
    graph = with_claims(tmp_path, method="human", source_language="ru", pivot="de", original_language="ru")
    between = node(graph, "entity", label="the version in between, which was not seen")
    original = node(graph, "entity", label="the original, which was not seen")
    assert graph["entity"][between]["dcterms:language"] == "de"
    derived = {(row["prov:generatedEntity"], row["prov:usedEntity"]) for row in graph["wasDerivedFrom"].values()}
    assert (between, original) in derived
    assert between in {row["prov:entity"] for row in graph["used"].values()}


def test_siglum_acts_for_those_who_answer_for_the_run(graph):
    behalf = graph["actedOnBehalfOf"].values()
    labels = {graph["agent"][b["prov:responsible"]]["prov:label"] for b in behalf}
    assert labels == {"Ada Example", "An Archive"}
    roles = {a.get("prov:role") for a in graph["wasAssociatedWith"].values()}
    assert {"authorizer", "implementer"} <= roles


def test_a_reviewer_is_an_agent_of_the_cleaning(tmp_path):
    folder = rows_run([{"id": "1", "text": f"Skip to main content\n{PARAGRAPH.strip()}\n"}], tmp_path)
    graph = json.loads(prov(AuditedRun(reviewed(folder, read_rows(folder)[0], "e1"))))
    reviewer = node(graph, "agent", label="Eve Example")
    (told,) = [a for a in graph["wasAssociatedWith"].values() if a["prov:agent"] == reviewer]
    assert told["prov:role"] == "validator"
    assert graph["activity"][told["prov:activity"]]["siglum:edits"]["$"] == "0"


def test_equal_documents_stay_two(tmp_path):
    graph = json.loads(prov(AuditedRun(rows_run([{"id": i, "text": PARAGRAPH} for i in "aab"], tmp_path))))
    assert len(graph["activity"]) == 3
    assert len({e for e in graph["entity"] if "siglum:bytes" in graph["entity"][e]}) == 6


def test_the_date_is_the_one_given_and_the_bytes_are_the_same_each_time(run):
    dated = json.loads(prov(AuditedRun(run.folder, when=datetime(2026, 3, 14, tzinfo=UTC))))
    assert {a["prov:startTime"] for a in dated["activity"].values() if "prov:startTime" in a} == {
        "2026-03-14T00:00:00Z"
    }
    assert prov(run) == prov(AuditedRun(run.folder, AGENTS))


@pytest.mark.parametrize("name", HOSTILE)
def test_page_text_is_cut_and_made_visible(hostile, name):
    graph = json.loads(prov(hostile))
    told = [
        text
        for part in graph.values()
        for about in part.values()
        if isinstance(about, dict)
        for value in about.values()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    ]
    assert excerpt(HOSTILE[name]) in told
    assert max(map(len, told)) < 1000
    assert all(text.isprintable() for text in told)
