"""What the docs show is what happens: the README's examples run, and every command, label and field is written down."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import siglum
from siglum.cli.main import COMMANDS
from siglum.packs.load import OPTIONAL, REQUIRED
from siglum.packs.rule import LABELS, SAFETY

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
RULES = (ROOT / "docs/rules.md").read_text("utf-8")


def test_the_python_of_the_readme_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})


def test_the_settings_of_the_readme_are_settings():
    import tomllib

    from siglum.settings import Settings

    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert Settings.from_mapping(tomllib.loads(text)).profile == "corpus"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_docs(name):
    docs = "".join(p.read_text("utf-8") for p in (ROOT / "docs").glob("*.md"))
    assert f"siglum {name}" in README + docs


@pytest.mark.parametrize("word", [*LABELS, *SAFETY, *REQUIRED, *OPTIONAL])
def test_every_word_of_a_rule_is_in_its_docs(word):
    assert re.search(rf"\b{word}\b", RULES)


def test_every_link_of_the_readme_leads_somewhere():
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def modules() -> list[str]:
    found = pkgutil.walk_packages(siglum.__path__, "siglum.")
    return [m.name for m in found if not m.name.endswith(("__main__", "build_hook"))]


@pytest.mark.parametrize("name", modules())
def test_the_examples_in_docstrings_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
