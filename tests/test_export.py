"""`siglum export`: every form to a file or a pipe, whole or not at all, with a fitting exit status."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from audited import HOSTILE, SCRAPED, clean, hostile_run
from siglum.audit.record import summary
from siglum.cli.export import FORMS, export
from siglum.errors import InputError, SiglumError

BEGINNINGS = {
    "premis": b"<?xml",
    "warc": b"\x1f\x8b",
    "prov": b"{",
    "pages": b'{"format":"json-pages-1.0"',
    "statement": b"Statement on a run of siglum\n",
}


def run_export(*args: str | Path, env: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(export, [str(a) for a in args], catch_exceptions=False, env=env)


@pytest.fixture(scope="module")
def run(tmp_path_factory, seeds):
    return clean(seeds, tmp_path_factory.mktemp("export") / "run")


@pytest.mark.parametrize("form", BEGINNINGS)
def test_a_file_and_a_pipe_get_the_same_bytes(run, tmp_path, form):
    piped = run_export(run, "--to", form)
    assert run_export(run, "--to", form, "-o", tmp_path / "out").exit_code == 0
    assert piped.stdout_bytes.startswith(BEGINNINGS[form])
    assert (tmp_path / "out").read_bytes() == piped.stdout_bytes


def test_every_form_is_tried_here():
    assert {*BEGINNINGS, "bag"} == set(FORMS)


def test_a_warc_is_compressed_unless_its_name_says_otherwise(run, tmp_path):
    for name in ("x.warc", "x.warc.gz"):
        run_export(run, "--to", "warc", "-o", tmp_path / name)
    assert (tmp_path / "x.warc").read_bytes() == gzip.decompress((tmp_path / "x.warc.gz").read_bytes())


def test_a_bag_needs_a_folder(run, tmp_path):
    assert "say where with -o" in run_export(run, "--to", "bag").stderr
    assert run_export(run, "--to", "bag", "-o", tmp_path / "new" / "bag").exit_code == 0
    assert (tmp_path / "new/bag/bagit.txt").is_file()


def test_nothing_is_overwritten_unless_forced(run, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(InputError, match="--force"):
        run_export(run, "--to", "premis", "-o", tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
    run_export(run, "--to", "premis", "-o", tmp_path / "out", "--force")
    assert (tmp_path / "out").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("harm", ["no JSON", "{}", "a field less"])
def test_a_faulty_report_ends_with_status_3_and_no_file(tmp_path, seeds, form, harm):
    folder = clean(seeds, tmp_path / "run")
    path = folder / SCRAPED.replace(".txt", ".report.json")
    told = json.loads(path.read_bytes())
    del told["output"]
    path.write_text(json.dumps(told) if harm == "a field less" else harm)
    done = run_export(folder, "--to", form, "-o", tmp_path / "out")
    if form == "pages" and harm == "a field less":
        return  # a text without an address is no page: nothing of its report is asked for
    assert done.exit_code == 3
    assert done.stderr.startswith("siglum: ")
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_cell_of_the_summary_is_a_formula(hostile_rows, name):
    row = hostile_rows[list(HOSTILE).index(name)]
    assert row["status"] == "cleaned"
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values())


@pytest.fixture(scope="module")
def hostile_rows(tmp_path_factory) -> list[dict[str, str]]:
    return summary(hostile_run(tmp_path_factory.mktemp("hostile")))


@pytest.mark.parametrize("form", ["warc", "statement", "bag"])
def test_a_run_somebody_touched_ends_with_status_3_and_no_file(tmp_path, seeds, form):
    folder = clean(seeds, tmp_path / "run")
    (folder / SCRAPED).write_text("somebody was here")
    done = run_export(folder, "--to", form, "-o", tmp_path / "out")
    assert done.exit_code == 3
    assert f"{SCRAPED}: expected the clean text with sha256" in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_dates_come_from_source_date_epoch(run):
    told = run_export(run, "--to", "premis", env={"SOURCE_DATE_EPOCH": "1773446400"}).stdout
    assert "<premis:eventDateTime>2026-03-14T00:00:00Z<" in told
    with pytest.raises(SiglumError, match="SOURCE_DATE_EPOCH"):
        run_export(run, "--to", "premis", env={"SOURCE_DATE_EPOCH": "now"})


def test_agents_come_from_the_configuration(run, tmp_path):
    (tmp_path / "siglum.toml").write_text('[agents.ada]\nname = "Ada Example"\n')
    told = json.loads(run_export(run, "--to", "prov", "--config", tmp_path / "siglum.toml").stdout)
    assert "Ada Example" in [a["prov:label"] for a in told["agent"].values()]


def test_agents_come_from_the_configuration_of_this_folder(run, tmp_path, monkeypatch):
    (tmp_path / "siglum.toml").write_text('[agents.ada]\nname = "Ada Example"\n')
    monkeypatch.chdir(tmp_path)
    assert "Ada Example: implementer" in run_export(run, "--to", "statement").stdout


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no run"):
        run_export(tmp_path, "--to", "premis")
