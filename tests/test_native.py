"""The compiled twins: built from the sources beside them, the same answers as the Python, and no need of them."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from dataclasses import astuple, fields
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum import native
from siglum.content import lines as line_model
from siglum.making import native as making
from siglum.page import Rows, lay_out
from test_lines import ARABIC, HAN, PARAGRAPH, page

ROOT = Path(__file__).resolve().parent.parent
SOURCES = sorted(making.NATIVE.glob("*.pyx"))
DOCUMENTS = [*sorted((ROOT / "seeds").glob("*.txt")), *sorted((ROOT / "fixtures").glob("*/source.*"))]
HERE = [
    name for name in (source.stem for source in SOURCES) if any(making.NATIVE.glob(f"{name}{EXTENSION_SUFFIXES[0]}"))
]

needs_lines = pytest.mark.skipif(native.twin("lines") is None, reason="the compiled line model is not built here")


# What is built
@pytest.mark.skipif(not HERE, reason="no twin is built here: python -m siglum.making.native builds them")
@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_a_twin_is_built_from_the_source_beside_it(source: Path) -> None:
    assert native.is_current(source.stem), "changed since it was built: run python -m siglum.making.native"


@needs_lines
def test_a_twin_of_another_source_than_the_one_beside_it_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "digest", lambda source: "0" * 64)
    assert native.twin("lines") is None
    assert native.running() == []


def test_a_definition_that_sources_share_makes_all_of_them_others(tmp_path: Path) -> None:
    source = tmp_path / "a.pyx"
    source.write_text("cdef int a = 1")
    before = native.digest(source)
    (tmp_path / "shared.pxd").write_text("cdef int b")
    assert native.digest(source) != before


def test_a_source_that_a_definition_speaks_of_makes_all_others_with_it(tmp_path: Path) -> None:
    source, shared = tmp_path / "a.pyx", tmp_path / "shared.pyx"
    for path in (source, shared, tmp_path / "shared.pxd"):
        path.write_text("cdef int a = 1")
    before = native.digest(source)
    shared.write_text("cdef int a = 2")
    assert native.digest(source) != before


def test_no_twin_runs_where_they_are_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(native.SWITCH, "0")
    assert [native.twin(source.stem) for source in SOURCES] == [None] * len(SOURCES)
    assert native.running() == []


def test_a_module_that_was_never_built_has_no_twin() -> None:
    assert native.twin("nothing") is None


def test_without_a_compiler_the_build_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "/nonexistent")
    pytest.importorskip("Cython")
    with pytest.raises(making.ToolsMissing, match=r"^no C compiler works here \(.*/nonexistent"):
        making.build(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("package", ["Cython", "setuptools"])
def test_without_a_tool_of_python_the_build_names_it(
    package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(making.ToolsMissing, match=f"^{package} is not installed"):
        making.build(tmp_path)


def test_a_wheel_made_without_a_compiler_is_for_every_machine_and_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CC", "/nonexistent")
    monkeypatch.setattr(sys, "path", sys.path.copy())  # the hook adds the sources
    builder = pytest.importorskip("hatchling.builders.wheel").WheelBuilder(str(ROOT))
    (wheel,) = builder.build(directory=str(tmp_path), versions=["standard"])
    assert wheel.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as z:
        assert [name for name in z.namelist() if name.startswith("siglum/native/")] == ["siglum/native/__init__.py"]
        z.extractall(tmp_path)

    def siglum_there(*arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
        command = [sys.executable, "-m", "siglum", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, check=True
        ).stdout.decode()

    assert siglum_there("--version").endswith(" (nothing compiled)\n")
    assert "credits/label-ru" in siglum_there("inspect", str(ROOT / "seeds/004_357bbdf13a6a8e1a.txt"))


# The same answers
LINES = st.text(max_size=40) | st.text(alphabet="aZ .,;!?…·5|'\"你あअ\ud800\0", min_size=1, max_size=90)
LONG = st.builds(lambda text, n: text * n, st.text(min_size=1, max_size=9), st.integers(200, 900))
TEXTS = st.lists(LINES | LONG | st.sampled_from(["", "", "Home", "Read more", "On"]), max_size=60)
LABELS = st.sampled_from(["named", "repeats", "template", "navigation"])


def read_twice(lines: list[str], labels: dict[int, str]) -> None:
    """Hold the twins of the line model against each other.

    The compiled one adds numbers up in another order, so that they differ in the last bits: chances, told to three
    places, would only show it where one lies within a millionth of a millionth of the middle between two of them.
    """
    places = [i for i, line in enumerate(lines) if line.strip()]
    texts = [lines[place].strip() for place in places]
    labels = {n: label for n, label in labels.items() if n < len(texts)}
    for rows in (Rows(tuple(places), tuple(texts)), lay_out("\n".join(lines))) if texts else ():
        compiled = line_model._compiled().read(rows, labels)
        python = line_model._with_headlines(line_model._judge(rows.places, rows.lines, labels), labels)
        assert [getattr(compiled, field.name) for field in fields(python)] == list(astuple(python))


@needs_lines
@given(TEXTS, st.dictionaries(st.integers(0, 60), LABELS, max_size=9))
def test_the_line_model_reads_any_lines_the_same_compiled(lines: list[str], labels: dict[int, str]) -> None:
    read_twice(lines, labels)


@needs_lines
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.stem if p.parent.name == "seeds" else p.parent.name)
def test_the_line_model_reads_documents_the_same_compiled(path: Path) -> None:
    lines = path.read_text("utf-8", errors="surrogateescape").split("\n")
    read_twice(lines, {})
    read_twice(lines * 3, {0: "template", 2: "navigation"})


@needs_lines
@pytest.mark.parametrize("paragraph", [PARAGRAPH, HAN, ARABIC], ids=["Latin", "Han", "Arabic"])
def test_the_line_model_reads_pages_of_any_script_the_same_compiled(paragraph: str) -> None:
    lines = page(paragraph)
    for label in ("", "repeats", "template", "navigation"):
        read_twice(lines, dict.fromkeys(range(5), label) if label else {})


@needs_lines
@pytest.mark.parametrize(
    "lines",
    [
        ["x" * 10_000_000],
        ["\0"],
        ["."] * 5_000,
        ["a b " * 500_000, "", "c"],
        ["."],
        ["\U0010ffff"],
        ["A" * 2000, "A" * 2001],
    ],
    ids=["10 MB line", "NUL", "many lines", "many words", "one stop", "last code point", "longest looked at"],
)
def test_the_line_model_reads_hostile_lines_the_same_compiled(lines: list[str]) -> None:
    read_twice(lines, {0: "named"})


# One document a line: what it becomes, and its report.
CLEAN_ALL = """
import json, sys
from pathlib import Path
import siglum
for path in map(Path, sys.argv[1:]):
    result = siglum.clean(path.read_bytes(), id=path.parent.name + path.name)
    print(json.dumps([result.text, dict(result.report().data)]))
"""


@pytest.mark.skipif(not HERE, reason="no twin is built here")
def test_reports_are_the_same_to_the_byte_with_twins_and_without() -> None:
    def reports(switch: str) -> bytes:
        command = [sys.executable, "-c", CLEAN_ALL, *map(str, DOCUMENTS)]
        return subprocess.run(
            command, env={**os.environ, native.SWITCH: switch}, stdout=subprocess.PIPE, check=True
        ).stdout

    assert reports("1") == reports("0")
