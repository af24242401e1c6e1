"""When a document was captured: as its archive or its response says, in the report and in exports."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import siglum as library
from archive_making import arc, http, packed, page, warc_record
from audited import siglum
from siglum.audit.premis import write_premis
from siglum.audit.prov import prov
from siglum.audit.record import AuditedRun
from siglum.audit.warc import pages, write_warc
from siglum.readers.captured import Captured, captured
from siglum.report import loads
from siglum.runs.audit import documents

SCHEMA = json.loads((Path(library.__file__).parent / "report.schema.json").read_text("utf-8"))
MOMENT = "2020-03-14T15:09:26Z"
HTTP_DATE = "Sat, 14 Mar 2020 15:09:27 GMT"


@pytest.mark.parametrize(
    ("meta", "date", "basis"),
    [
        ({"warc-date": MOMENT}, MOMENT, "warc-date"),
        ({"warc-date": "2020-03-14T15:09:26.123456789Z"}, "2020-03-14T15:09:26.123456789Z", "warc-date"),
        ({"warc-date": "2020-03"}, "2020-03", "warc-date"),
        ({"warc-date": "2020"}, "2020", "warc-date"),
        ({"arc-date": "20200314150926"}, MOMENT, "arc-date"),
        ({"arc-date": "20200314"}, "2020-03-14", "arc-date"),
        ({"container": "a.har", "date": "2020-03-14T16:09:26.000+01:00"}, MOMENT, "container-date"),
        ({"container": "a.mht", "date": "Sat, 14 Mar 2020 16:09:26 +0100"}, MOMENT, "container-date"),
        ({"warc-date": MOMENT, "container": "x", "date": "2021-01-01T00:00:00Z"}, MOMENT, "warc-date"),
    ],
)
def test_the_date_of_an_archive_is_read_in_utc(meta, date, basis):
    assert captured({"date": HTTP_DATE}, meta) == Captured(date, basis)


@pytest.mark.parametrize(
    "meta",
    [
        {"date": "2020-03-14T15:09:26Z"},  # of a row: of what, nobody says
        {"warc-date": "yesterday"},
        {"warc-date": "2020-13-14T15:09:26Z"},
        {"warc-date": "2020-02-30"},
        {"warc-date": "2020-03-14T25:09:26Z"},
        {"arc-date": "20201399"},
        {"arc-date": "202003141509261"},
        {"container": "a.har", "date": "2020-03-14T16:09:26"},  # of which zone?
        {"container": "a.har", "date": 20200314},
        {"warc-date": None, "arc-date": [], "container": {}, "date": {}},
    ],
)
def test_what_is_no_date_of_capture_is_none(meta):
    assert captured({}, meta) is None
    assert captured({"date": HTTP_DATE}, meta) == Captured("2020-03-14T15:09:27Z", "http-date")


@pytest.mark.parametrize(
    ("said", "date"),
    [
        (HTTP_DATE, "2020-03-14T15:09:27Z"),
        ("Saturday, 14-Mar-20 15:09:27 GMT", "2020-03-14T15:09:27Z"),
        ("Sat Mar 14 15:09:27 2020", "2020-03-14T15:09:27Z"),
        ("0", None),
        ("", None),
        ("Sat, 14 Mar 99999 15:09:27 GMT", None),
        ("x" * 100_000, None),
    ],
)
def test_the_date_of_a_response_is_read_in_all_its_forms(said, date):
    assert (captured({"date": said}, {}) or Captured("", "")).date == (date or "")


@given(st.dictionaries(st.sampled_from(["warc-date", "arc-date", "date", "container"]), st.text(max_size=40)))
def test_no_meta_breaks_the_reading_and_what_comes_out_fits_the_schema(meta):
    pattern = SCHEMA["properties"]["source"]["properties"]["captured"]["pattern"]
    found = captured({"date": meta.get("date", "")}, meta)
    if found:
        jsonschema.validate(found.date, {"type": "string", "pattern": pattern})


# From the archive to the exports


def cleaned(source: Path, *options: str) -> Path:
    result = siglum("clean", source, "-o", source.parent / "run", "--languages", "off", *options)
    assert result.exit_code == 0, result.stderr
    return source.parent / "run"


def told(run: Path) -> dict[str, Any]:
    ((report, _),) = documents(run)
    jsonschema.Draft202012Validator(SCHEMA).validate(dict(report.data))
    return dict(report.data["source"])


@pytest.fixture
def warc_run(tmp_path):
    content = http(page(1, "gulls nest here and there, " * 9), f"Content-Type: text/html\r\nDate: {HTTP_DATE}")
    (tmp_path / "a.warc.gz").write_bytes(packed([warc_record(content, 1, **{"WARC-Date": MOMENT})]))
    return cleaned(tmp_path / "a.warc.gz")


def test_a_report_has_the_date_of_the_warc_record(warc_run):
    source = told(warc_run)
    assert (source["captured"], source["captured_basis"]) == (MOMENT, "warc-date")


def test_a_report_has_the_date_of_an_arc_record(tmp_path):
    (tmp_path / "a.arc").write_bytes(arc([(1, http(page(1)))]))
    source = told(cleaned(tmp_path / "a.arc"))
    assert (source["captured"], source["captured_basis"]) == ("2024-05-06T07:08:09Z", "arc-date")


def test_a_report_has_the_date_of_a_har_entry(tmp_path):
    content = {"mimeType": "text/html", "text": page(1).decode()}
    entry = {"startedDateTime": "2020-03-14T15:09:26.5+00:00", "request": {"url": "https://example.org/1"}}
    entry["response"] = {"status": 200, "headers": [], "content": content}
    (tmp_path / "a.har").write_text(json.dumps({"log": {"version": "1.2", "entries": [entry]}}))
    source = told(cleaned(tmp_path / "a.har"))
    assert (source["captured"], source["captured_basis"]) == ("2020-03-14T15:09:26.500000Z", "container-date")


def test_a_row_has_the_date_of_its_response_and_not_that_of_a_column(tmp_path):
    row = {"id": "1", "text": "Gulls nest here.", "date": "2020-01-01T00:00:00Z", "headers": {"date": HTTP_DATE}}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    source = told(cleaned(tmp_path / "a.jsonl"))
    assert (source["captured"], source["captured_basis"]) == ("2020-03-14T15:09:27Z", "http-date")


def test_a_file_without_a_date_has_none(tmp_path):
    (tmp_path / "a.txt").write_text("Gulls nest here.\n")
    assert not {"captured", "captured_basis"} & told(cleaned(tmp_path / "a.txt")).keys()


def test_a_redacted_report_keeps_the_date(tmp_path):
    content = http(page(1))
    (tmp_path / "a.warc").write_bytes(warc_record(content, 1, **{"WARC-Date": MOMENT}))
    assert told(cleaned(tmp_path / "a.warc", "--redact"))["captured"] == MOMENT


def test_premis_has_an_event_of_capture_that_the_source_links(warc_run):
    etree = pytest.importorskip("lxml.etree")
    out = io.BytesIO()
    write_premis(AuditedRun(warc_run), out)
    tree, names = etree.fromstring(out.getvalue()), {"p": "http://www.loc.gov/premis/v3"}
    (event,) = tree.xpath("//p:event[p:eventType='capture']", namespaces=names)
    assert event.findtext("p:eventDateTime", namespaces=names) == MOMENT
    (id,) = event.xpath("p:eventIdentifier/p:eventIdentifierValue/text()", namespaces=names)
    linked = tree.xpath(f"//p:object[p:linkingEventIdentifier/p:linkingEventIdentifierValue='{id}']", namespaces=names)
    assert len(linked) == 1
    assert "sources/" in linked[0].findtext("p:originalName", namespaces=names)
    agents = tree.xpath(f"//p:agent[p:linkingEventIdentifier/p:linkingEventIdentifierValue='{id}']", namespaces=names)
    assert [agent.findtext("p:agentName", namespaces=names)[:17] for agent in agents] == ["what captured the"]


def test_premis_with_a_capture_fits_its_schema(warc_run, bench):
    etree = pytest.importorskip("lxml.etree")
    out = io.BytesIO()
    write_premis(AuditedRun(warc_run), out)
    etree.XMLSchema(etree.parse(bench / "schemas" / "premis.xsd")).assertValid(etree.fromstring(out.getvalue()))


def test_prov_names_the_date_and_who_stated_it(warc_run):
    entities = json.loads(prov(AuditedRun(warc_run)))["entity"].values()
    (source,) = [entity for entity in entities if "siglum:captured" in entity]
    assert (source["siglum:captured"], source["siglum:capturedBy"]) == (MOMENT, "warc-date")


def test_a_conversion_is_dated_by_the_run_and_a_page_by_its_capture(warc_run):
    iterator = pytest.importorskip("warcio.archiveiterator").ArchiveIterator
    out = io.BytesIO()
    write_warc(AuditedRun(warc_run), out)
    dates = {r.rec_type: r.rec_headers["WARC-Date"] for r in iterator(io.BytesIO(out.getvalue()))}
    assert dates["conversion"] == dates["metadata"] == dates["warcinfo"] == "1970-01-01T00:00:00Z"
    _, line = pages(AuditedRun(warc_run))
    assert loads(line)["ts"] == MOMENT


def test_a_source_that_no_record_holds_is_a_resource_dated_by_its_capture(tmp_path):
    iterator = pytest.importorskip("warcio.archiveiterator").ArchiveIterator
    row = {"id": "1", "text": "Gulls nest here.", "headers": {"date": HTTP_DATE}}
    (tmp_path / "a.jsonl").write_text(json.dumps(row))
    out = io.BytesIO()
    write_warc(AuditedRun(cleaned(tmp_path / "a.jsonl")), out)
    dates = {r.rec_type: r.rec_headers["WARC-Date"] for r in iterator(io.BytesIO(out.getvalue()))}
    assert (dates["resource"], dates["conversion"]) == ("2020-03-14T15:09:27Z", "1970-01-01T00:00:00Z")
