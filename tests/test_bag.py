"""BagIt: checked by others' tool, complete, and never at the cost of what the user has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from audited import HOSTILE, PARAGRAPH, SCRAPED, clean, hostile_run, rows_run
from siglum.audit.agents import Agent
from siglum.audit.bag import write_bag
from siglum.audit.record import AuditedRun
from siglum.errors import InputError, ReportMismatch
from siglum.report import Report

AGENTS = (Agent("Ada\nExample", "person", "validator"), Agent("An Archive", "organization"))
PAGE = "<!doctype html><html lang=en><body><nav>Menu</nav><p>" + PARAGRAPH * 4 + "</p></body></html>"


def validates(bag: Path) -> bool:
    pytest.importorskip("bagit")
    command = [sys.executable, "-m", "bagit", "--validate", "--quiet", str(bag)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def run(tmp_path_factory, seeds):
    return AuditedRun(clean(seeds, tmp_path_factory.mktemp("bag") / "run"), AGENTS)


@pytest.fixture
def bag(run, tmp_path):
    write_bag(run, tmp_path / "bag")
    return tmp_path / "bag"


def test_bagit_finds_the_bag_valid(bag):
    assert validates(bag)


def test_a_byte_added_anywhere_makes_it_invalid(bag):
    path = bag / "data/objects/texts" / SCRAPED
    path.write_bytes(path.read_bytes() + b" ")
    assert not validates(bag)


def test_the_bag_holds_sources_texts_reports_and_what_is_told_of_them(bag, run, seeds):
    stem = SCRAPED.removesuffix(".txt")
    found = files(bag)
    assert found[f"data/objects/sources/{SCRAPED}"] == (seeds / SCRAPED).read_bytes()
    assert found[f"data/objects/texts/{SCRAPED}"] == (run.folder / SCRAPED).read_bytes()
    assert found[f"data/objects/reports/{stem}.report.json"] == (run.folder / f"{stem}.report.json").read_bytes()
    assert {n.removeprefix("data/metadata/") for n in found if n.startswith("data/metadata/")} == {
        "premis.xml",
        "prov.json",
        "statement.txt",
        "summary.csv",
        "run-manifest-sha256.txt",
    }
    assert {n for n in found if "/" not in n} == {
        "bagit.txt",
        "bag-info.txt",
        *(f"{kind}-{algorithm}.txt" for kind in ("manifest", "tagmanifest") for algorithm in ("sha256", "sha512")),
    }


def test_premis_names_files_that_lie_in_the_bag(bag):
    from lxml import etree

    tree = etree.parse(bag / "data/metadata/premis.xml")
    names = [e.text for e in tree.iterfind(".//{http://www.loc.gov/premis/v3}originalName")]
    assert len(names) == 6
    assert all((bag / "data" / name).is_file() for name in names)


def test_the_originals_come_back_from_the_bag_alone(bag, seeds):
    report = Report.loads((bag / "data/objects/reports" / SCRAPED.replace(".txt", ".report.json")).read_bytes())
    assert report.restore((bag / "data/objects/texts" / SCRAPED).read_bytes()) == (seeds / SCRAPED).read_bytes()


def test_the_bag_says_who_and_how_much(bag):
    told = (bag / "bag-info.txt").read_text("utf-8").splitlines()
    payload = [data for name, data in files(bag).items() if name.startswith("data/")]
    assert f"Payload-Oxum: {sum(map(len, payload))}.{len(payload)}" in told
    assert "Contact-Name: Ada Example" in told
    assert "Source-Organization: An Archive" in told
    assert "Bagging-Date: 1970-01-01" in told


def test_the_run_is_left_as_it_was(run, tmp_path):
    before = files(run.folder)
    write_bag(run, tmp_path / "bag")
    assert files(run.folder) == before


def test_the_same_run_gives_the_same_bag(run, bag, tmp_path):
    write_bag(run, tmp_path / "again")
    assert files(bag) == files(tmp_path / "again")


@pytest.mark.parametrize("there", ["folder", "file"])
def test_what_stands_there_is_not_touched(run, tmp_path, there):
    out = tmp_path / "bag"
    if there == "folder":
        out.mkdir()
        (out / "mine.txt").write_text("mine")
    else:
        out.write_text("mine")
    with pytest.raises(InputError, match="a folder of its own"):
        write_bag(run, out)
    assert (out / "mine.txt" if there == "folder" else out).read_text() == "mine"


def test_nothing_is_left_half_written(run, tmp_path):
    folder = clean_copy(run, tmp_path / "run")
    (folder / SCRAPED).write_text("somebody was here")
    with pytest.raises(ReportMismatch):
        write_bag(AuditedRun(folder), tmp_path / "bag")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def clean_copy(run: AuditedRun, to: Path) -> Path:
    for name, data in files(run.folder).items():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        (to / name).write_bytes(data)
    return to


def test_a_page_is_in_the_bag_where_its_folder_is_given_and_by_digest_where_not(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.html").write_text(PAGE, "utf-8")
    folder = clean(tmp_path / "in", tmp_path / "run")
    write_bag(AuditedRun(folder), tmp_path / "without")
    write_bag(AuditedRun(folder, sources=tmp_path / "in"), tmp_path / "with")
    assert not (tmp_path / "without/data/objects/sources").exists()
    assert (tmp_path / "with/data/objects/sources/a.html").read_text("utf-8") == PAGE
    assert validates(tmp_path / "with")
    assert validates(tmp_path / "without")


def test_a_source_that_changed_since_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.html").write_text(PAGE, "utf-8")
    folder = clean(tmp_path / "in", tmp_path / "run")
    (tmp_path / "in/a.html").write_text(PAGE + "\n", "utf-8")
    with pytest.raises(ReportMismatch, match="the source with sha256"):
        write_bag(AuditedRun(folder, sources=tmp_path / "in"), tmp_path / "bag")


def test_a_redacted_run_has_its_sources_from_the_folder_that_was_read(tmp_path, seeds):
    folder = clean(seeds, tmp_path / "run", "--redact")
    write_bag(AuditedRun(folder, sources=seeds), tmp_path / "bag")
    assert (tmp_path / "bag/data/objects/sources" / SCRAPED).read_bytes() == (seeds / SCRAPED).read_bytes()
    assert validates(tmp_path / "bag")


def test_no_id_reads_a_file_outside_of_the_folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text(PARAGRAPH)
    (tmp_path / "in/link").symlink_to(tmp_path / "secret")
    rows = [
        {"id": id, "text": PARAGRAPH + id} for id in ("../secret", str(tmp_path / "secret"), "link", "\x00", "a" * 5000)
    ]
    run = AuditedRun(rows_run(rows, tmp_path), sources=tmp_path / "in")
    assert [record.source for record in run.records()] == [row["text"].encode() for row in rows]


@pytest.fixture(scope="module")
def hostile_bag(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    write_bag(AuditedRun(hostile_run(folder)), folder / "out" / "bag")
    return folder / "out" / "bag"


def test_bagit_finds_the_bag_of_hostile_texts_valid(hostile_bag):
    assert validates(hostile_bag)
    assert [p.name for p in hostile_bag.parent.iterdir()] == ["bag"]


@pytest.mark.parametrize("place", range(len(HOSTILE)), ids=HOSTILE)
def test_no_id_makes_a_name_that_climbs_hides_or_breaks_a_line(hostile_bag, place):
    lines = (hostile_bag / "manifest-sha256.txt").read_bytes().decode("utf-8").split("\n")
    assert len(lines) == 3 * len(HOSTILE) + 5 + 1
    names = sorted(line[66:] for line in lines if line[66:].startswith("data/objects/texts/"))
    name = names[place]
    assert name.isprintable()
    assert "%" not in name
    assert not {"..", ".", ""} & set(name.split("/"))
    assert (hostile_bag / name).is_file()
    assert all(len(part.encode()) <= 255 for part in name.split("/"))
