"""WARC: right by others' tools, friendly to a replay index, and harmed by no page."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from audited import ARTICLE, HOSTILE, PARAGRAPH, SCRAPED, clean, hostile_run, read_rows, rewrite, rows_run
from siglum.audit.agents import Agent
from siglum.audit.record import AuditedRun
from siglum.audit.warc import STYLES, pages, write_warc
from siglum.report import Report, sha256

PAGE = "<!doctype html><html lang=en><body><nav>Menu</nav><p>" + PARAGRAPH * 4 + "</p></body></html>"


def warc(run: AuditedRun, **options) -> bytes:
    out = io.BytesIO()
    write_warc(run, out, **options)
    return out.getvalue()


def records(data: bytes) -> list[tuple[dict[str, str], bytes]]:
    """Read the records with warcio, as others will."""
    iterator = pytest.importorskip("warcio.archiveiterator").ArchiveIterator
    return [(dict(r.rec_headers.headers), r.content_stream().read()) for r in iterator(io.BytesIO(data))]


def of_type(data: bytes, kind: str) -> list[tuple[dict[str, str], bytes]]:
    return [(head, block) for head, block in records(data) if head["WARC-Type"] == kind]


def tool(module: str, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command that *module* has as `main`, as its script does."""
    pytest.importorskip(module.partition(".")[0])
    program = f"import sys; from {module} import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", program, *map(str, args)], capture_output=True, text=True, check=False)


def check(path: Path) -> subprocess.CompletedProcess[str]:
    return tool("warcio.cli", "check", "-v", path)


def index(path: Path) -> list[dict[str, str]]:
    done = tool("cdxj_indexer.main", path)
    return [json.loads(line.split(" ", 2)[2]) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def run(tmp_path_factory, seeds):
    return AuditedRun(clean(seeds, tmp_path_factory.mktemp("warc") / "run"), (Agent("An Archive\r\nX: y"),))


@pytest.fixture(scope="module")
def pages_run(tmp_path_factory):
    rows = [
        {"id": "1", "url": "https://example.org/1", "html": PAGE},
        {"id": "<urn:uuid:19e25056-7bae-44ce-bf2f-c103741a88ca>", "url": "https://example.org/2", "html": PAGE},
        {"id": "3", "url": "https://example.org/ä b", "text": PARAGRAPH},
    ]
    return AuditedRun(rows_run(rows, tmp_path_factory.mktemp("pages")))


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return AuditedRun(hostile_run(tmp_path_factory.mktemp("hostile")))


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("compress", [True, False])
def test_warcio_finds_every_digest_right(run, tmp_path, style, compress):
    path = tmp_path / ("x.warc.gz" if compress else "x.warc")
    path.write_bytes(warc(run, style=style, compress=compress))
    done = check(path)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") == 7
    assert "fail" not in done.stdout


@pytest.mark.parametrize("style", STYLES)
def test_warcio_finds_every_digest_right_with_hostile_texts(hostile, tmp_path, style):
    (tmp_path / "x.warc.gz").write_bytes(warc(hostile, style=style))
    done = check(tmp_path / "x.warc.gz")
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") == 1 + 3 * len(HOSTILE)


def test_a_digest_that_is_wrong_is_found(run, tmp_path):
    data = warc(run, compress=False)
    (tmp_path / "x.warc").write_bytes(data.replace(b"The countries of", b"The Countries of"))
    assert check(tmp_path / "x.warc").returncode == 1


def test_a_plain_file_gives_its_source_its_text_and_its_report(run, seeds):
    found = records(warc(run))
    assert [head["WARC-Type"] for head, _ in found] == ["warcinfo", *["resource", "conversion", "metadata"] * 2]
    (resource, source), (conversion, text), (metadata, report) = found[4:]
    assert source == (seeds / SCRAPED).read_bytes()
    assert text == (run.folder / SCRAPED).read_bytes()
    assert Report.loads(report).restore(text) == source
    assert conversion["WARC-Refers-To"] == resource["WARC-Record-ID"]
    assert metadata["WARC-Refers-To"] == conversion["WARC-Record-ID"]
    assert resource["Content-Type"] == "text/plain; charset=utf-8"
    assert conversion["WARC-Payload-Digest"] == f"sha256:{sha256(text)}"


def test_no_record_says_what_its_type_may_not(run, pages_run):
    for data in (warc(run), warc(run, style="urn-text"), warc(pages_run)):
        for head, _ in records(data):
            if head["WARC-Type"] == "conversion":
                assert not {"WARC-Refers-To-Target-URI", "WARC-Refers-To-Date", "WARC-Concurrent-To"} & head.keys()
            if head["WARC-Type"] == "resource":
                assert "WARC-Refers-To" not in head


def test_the_language_is_told_in_three_letters(tmp_path):
    run = rows_run([{"id": str(n), "text": PARAGRAPH} for n in range(4)], tmp_path)
    told = read_rows(run)
    for data, tag in zip(told, ("en-t-ru-t0-und-x0-yandex", "zh-Hant", "sr-Latn", "und"), strict=True):
        data["output"]["lang"] = tag
    found = of_type(warc(AuditedRun(rewrite(run, told))), "conversion")
    assert [head["WARC-Identified-Content-Language"] for head, _ in found] == ["eng", "zho", "srp", "und"]


def test_a_page_from_a_warc_is_referred_to_by_its_record(pages_run):
    found = of_type(warc(pages_run), "conversion")
    assert [head.get("WARC-Refers-To") for head, _ in found][:2] == [
        None,  # a page whose bytes are not here, and which no record holds
        "<urn:uuid:19e25056-7bae-44ce-bf2f-c103741a88ca>",
    ]
    assert [head["WARC-Target-URI"] for head, _ in found] == [
        "https://example.org/1",
        "https://example.org/2",
        "https://example.org/%C3%A4%20b",
    ]


@pytest.mark.parametrize("style", STYLES)
def test_a_replay_index_has_nothing_under_the_address_of_a_page(pages_run, tmp_path, style):
    (tmp_path / "x.warc.gz").write_bytes(warc(pages_run, style=style))
    told = index(tmp_path / "x.warc.gz")
    assert len(told) >= 4
    assert [row["url"] for row in told if not row["url"].startswith("urn:")] == []


def test_urn_text_writes_texts_as_crawlers_do(pages_run):
    found = of_type(warc(pages_run, style="urn-text"), "resource")
    targets = [head["WARC-Target-URI"] for head, _ in found]
    assert targets[:2] == ["urn:text:https://example.org/1", "urn:text:https://example.org/2"]


def test_reports_have_a_target_of_their_own(run, pages_run):
    targets = [head["WARC-Target-URI"] for head, _ in of_type(warc(pages_run), "metadata")]
    assert targets[0] == "urn:cleaning-report:https://example.org/1"
    assert of_type(warc(run), "metadata")[0][0]["WARC-Target-URI"] == f"urn:cleaning-report:urn:siglum:source:{ARTICLE}"


def test_pages_have_their_sources_from_the_folder_that_was_read(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.html").write_text(PAGE, "utf-8")
    folder = clean(tmp_path / "in", tmp_path / "run")
    assert of_type(warc(AuditedRun(folder)), "resource") == []
    ((head, block),) = of_type(warc(AuditedRun(folder, sources=tmp_path / "in")), "resource")
    assert (head["Content-Type"], block) == ("text/html; charset=utf-8", PAGE.encode())


def test_records_are_dated_by_what_is_given_and_ids_are_the_same_each_time(run):
    dated = warc(AuditedRun(run.folder, when=datetime(2026, 3, 14, tzinfo=UTC)))
    assert {head["WARC-Date"] for head, _ in records(dated)} == {"2026-03-14T00:00:00Z"}
    assert {head["WARC-Date"] for head, _ in records(warc(run))} == {"1970-01-01T00:00:00Z"}
    ids = [head["WARC-Record-ID"] for head, _ in records(dated)]
    assert ids == [head["WARC-Record-ID"] for head, _ in records(warc(run))]
    assert len(set(ids)) == len(ids)
    assert warc(run) == warc(AuditedRun(run.folder, run.agents))


def test_the_first_record_says_who_and_with_what(run):
    ((_, block),) = of_type(warc(run), "warcinfo")
    assert block.decode().split("\r\n")[0] == f"software: siglum/{run.facts['tool']['version']}"
    assert "operator: An Archive  X: y\r\n" in block.decode()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_writes_headers_of_its_own(hostile, name, style):
    known = {
        "WARC-Type",
        "WARC-Record-ID",
        "WARC-Date",
        "WARC-Target-URI",
        "WARC-Refers-To",
        "WARC-Identified-Content-Language",
        "WARC-Block-Digest",
        "WARC-Payload-Digest",
        "Content-Type",
        "Content-Length",
    }
    data = gzip.decompress(warc(hostile, style=style))
    found = records(data)
    assert len(found) == 1 + 3 * len(HOSTILE)
    place = 1 + 3 * list(HOSTILE).index(name)
    for head, _ in found[place : place + 3]:
        assert head.keys() <= known
        assert head["WARC-Target-URI"].isascii()
        assert head["WARC-Target-URI"].isprintable()
        assert " " not in head["WARC-Target-URI"]
        assert len(head["WARC-Target-URI"]) <= 2100
    assert HOSTILE[name].split("\r")[0][:20].encode("utf-8", "surrogatepass") in found[place][1]


def test_pages_jsonl_has_every_document_with_an_address(pages_run):
    head, *rows = [json.loads(line) for line in pages(pages_run)]
    assert head["format"] == "json-pages-1.0"
    assert [row["url"] for row in rows] == [
        "https://example.org/1",
        "https://example.org/2",
        "https://example.org/%C3%A4%20b",
    ]
    assert rows[2]["text"] == PARAGRAPH.rstrip(" ")
    assert [row["lang"] for row in rows] == ["en", "en", "und"]  # pages that declare a language, and a text
    assert rows[0]["cleaningReport"].startswith("urn:sha256:")


def test_pages_jsonl_stays_one_line_a_page_whatever_stands_there(hostile):
    lines = list(pages(hostile))
    addressed = [record for record in hostile.records() if len(record.data["source"]["url"]) <= 2000]
    assert len(addressed) == len(HOSTILE) - 1  # the address of a megabyte is none
    for line, record in zip(lines[1:], addressed, strict=True):
        assert line.index(b"\n") == len(line) - 1
        assert json.loads(line)["text"] == record.text
        assert json.loads(line)["url"].isascii()
