"""Imports go downward: a module uses what stands on its own floor or below, and no cleaner uses another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import siglum

PACKAGE = Path(siglum.__file__).parent

# From the ground up. The longest name that fits a module decides.
FLOORS = (
    ("span", "errors", "native", ""),
    ("edit", "document", "offsets", "decoding", "tags", "packs.keys", "packs.literals", "packs.rule", "packs.store"),
    ("page", "language", "provenance", "content", "report"),
    ("packs", "chain"),
    ("cleaners",),
    ("settings", "api", "readers", "writers"),
    ("runs", "sites", "audit", "adapters"),
    ("cli", "making", "__main__"),
)


def floor(module: str) -> int:
    fits = [(len(name), n) for n, names in enumerate(FLOORS) for name in names if _below(module, name)]
    assert fits, f"{module} stands on no floor: say in FLOORS where it belongs"
    return max(fits)[1]


def _below(module: str, name: str) -> bool:
    return module == name or (name != "" and module.startswith(name + "."))


def imports() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("siglum"):
                yield module, (node.module or "").removeprefix("siglum").lstrip(".")
            elif isinstance(node, ast.Import):
                yield from ((module, a.name[7:]) for a in node.names if a.name.startswith("siglum."))


def test_no_module_imports_from_a_floor_above_its_own():
    upward = [(m, used) for m, used in imports() if m and floor(used) > floor(m)]
    assert upward == []


def test_no_cleaner_imports_another():
    shared = {"cleaners.embedded"}  # what it protects, all who edit must leave
    across = [
        (m, used)
        for m, used in imports()
        if m.startswith("cleaners.") and used.startswith("cleaners.") and used not in shared
    ]
    assert across == []
