"""The benchmarks' command prints every row it promises; how fast anything is, is asserted nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="every try runs in a copy of a process")

INSIDE = "--only=text,parts,lines,pages,page-parts,rules --documents=2 --rounds=1 --rules=2,4 --modes=off,light"
COMMANDS = "seeds --only=commands,scale --modes=off --documents=2 --rounds=1 --load=1 --scale=1,2"
DRAW = """
import json, sys
from benchmarks import page
from benchmarks.tables import Row, Table
found = json.load(open(sys.argv[1]))["tables"]
tables = {t["name"]: Table(**{**t, "rows": tuple(Row(**row) for row in t["rows"])}) for t in found}
print(page.picture(tables) if sys.argv[2] == "picture" else page.figures(tables, "Two texts.", "A machine."))
"""


def python(*given: str) -> str:
    done = subprocess.run([sys.executable, *given], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What a run with each table printed, and the file of its figures."""
    folder = tmp_path_factory.mktemp("figures")
    printed, figures = "", {}
    for options in (INSIDE, COMMANDS):
        printed += python("-m", "benchmarks", *options.split(), "--json", str(folder / "part.json"))
        found = json.loads((folder / "part.json").read_text("utf-8"))
        figures = {**found, "tables": [*figures.get("tables", []), *found["tables"]]}
    (folder / "all.json").write_text(json.dumps(figures), "utf-8")
    return printed, folder / "all.json"


@pytest.mark.parametrize(
    "row",
    [
        "ftfy.fix_text",
        "datatrove",  # its steps, or that it is not installed
        "siglum, languages off",
        "siglum, languages off, report",
        "siglum, languages light, report",
        "mojibake",
        "edits, digests, trying the restore",
        "report as JSON",
        "language, light",
        "langdetect, line by line",
        "trafilatura",
        "siglum, reading the page alone",
        "extractors, as content asks them",
        "4 labels",
        "4 sequences",
        "4 patterns",
        "start: one document",
        "languages off, no reports, 1 process",
        "languages off, reports, 2 processes",
        "documents x 2",
    ],
)
def test_every_row_is_printed(ran, row):
    assert any(line.startswith(row) for line in ran[0].splitlines())


def test_the_file_holds_the_figures_that_were_printed(ran):
    printed, file = ran
    tables = json.loads(file.read_text("utf-8"))["tables"]
    for table in tables:
        assert table["title"] in printed or table["name"] == "bounds"
        for row in table["rows"]:
            assert row["name"] in printed or table["name"] == "bounds"
            assert row["figures"] or row["told"]
            assert len(row["figures"]) in (0, len(table["columns"]))


def test_no_document_fails(ran):
    assert "failed on" not in ran[0]


def test_the_same_figures_give_the_same_picture_and_it_is_sound(ran):
    first, second = (python("-c", DRAW, str(ran[1]), "picture") for _ in range(2))
    assert first == second
    root = ElementTree.fromstring(first)
    assert root.tag.endswith("svg")
    assert len(root.findall(".//{http://www.w3.org/2000/svg}polyline")) == 6


def test_the_page_gets_every_table_between_its_marks(ran):
    page = (ROOT / "docs" / "performance.md").read_text("utf-8")
    figures = python("-c", DRAW, str(ran[1]), "figures")
    for mark in (figures.splitlines()[0], figures.rstrip().splitlines()[-1]):
        assert mark in page
    for table in json.loads(ran[1].read_text("utf-8"))["tables"]:
        assert f"### {table['title']}" in figures


def test_an_unknown_table_is_named():
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--only=speed"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert "no table is called speed" in done.stderr
