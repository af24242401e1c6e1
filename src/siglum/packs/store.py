"""The compiled knowledge: rules/ turned once into JSON sections that load fast.

A wheel carries the sections ready made, and they are trusted. In a checkout they are made anew whenever a rule file or
a compiler changed, and kept beside the package where that folder can be written.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import orjson

PACKAGE = Path(__file__).resolve().parent.parent
COMPILED = PACKAGE / "_compiled"

# name of a section -> "module:function"; the function takes the rules folder and returns what JSON can hold
SECTIONS = {
    "packs": "siglum.packs.compiler:compile_packs",
    "credits": "siglum.provenance.compiler:compile_credits",
    "content": "siglum.content.weights:compile_weights",
    "language": "siglum.language.tables:compile_tables",
}


def rules_dir() -> Path:
    """Return the folder of rule files: inside an installed package, or `rules/` of a checkout."""
    shipped = PACKAGE / "_rules"
    return shipped if shipped.is_dir() else PACKAGE.parent.parent / "rules"


def compile_section(name: str, rules: Path) -> Any:
    """Run the compiler of section *name* over the folder *rules* and return its data."""
    module, function = SECTIONS[name].split(":")
    return getattr(importlib.import_module(module), function)(rules)


@cache
def digest() -> str:
    """Return the sha256 of the shipped knowledge: every rule file with its path, in sorted order."""
    recorded = COMPILED / "digest"
    if (PACKAGE / "_rules").is_dir() and recorded.exists():
        return recorded.read_text("ascii").split()[0]
    return _digest_of(rules_dir(), "*.toml")


@cache
def section(name: str) -> Any:
    """Return the compiled section *name*, compiling it first where a checkout's rules or compilers changed."""
    path = COMPILED / f"{name}.json"
    if (PACKAGE / "_rules").is_dir() and path.exists():
        return orjson.loads(path.read_bytes())
    stamp = COMPILED / f"{name}.stamp"
    wanted = f"{digest()} {_compilers(name)}"
    if path.exists() and stamp.exists() and stamp.read_text("ascii") == wanted:
        return orjson.loads(path.read_bytes())
    data = orjson.dumps(compile_section(name, rules_dir()))
    _keep(path, data)
    _keep(stamp, wanted.encode("ascii"))
    return orjson.loads(data)


def write_all(rules: Path, target: Path) -> None:
    """Compile every section of *rules* into the folder *target*, with the digest: what the build of a wheel calls."""
    target.mkdir(parents=True, exist_ok=True)
    for name in SECTIONS:
        (target / f"{name}.json").write_bytes(orjson.dumps(compile_section(name, rules)))
    (target / "digest").write_text(_digest_of(rules, "*.toml"), "ascii")


def _compilers(name: str) -> str:
    """Return a digest of the code that makes section *name*: its compiler's folder and what reads packs."""
    home = SECTIONS[name].split(":")[0].split(".")[1]
    return _digest_of(PACKAGE / home, "*.py") + _digest_of(PACKAGE / "packs", "*.py")


@cache
def pack_digest(path: Path) -> str:
    """Return the sha256 of the packs at *path*, a file or a folder."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else _digest_of(path, "*.toml")


def _digest_of(folder: Path, pattern: str) -> str:
    h = hashlib.sha256()
    for path in sorted(folder.rglob(pattern)):
        h.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return h.hexdigest()


def _keep(path: Path, data: bytes) -> None:
    """Write *data* to *path* whole, or leave it: a checkout that cannot be written only compiles again next time."""
    try:
        path.parent.mkdir(exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as f:
            f.write(data)
        os.replace(f.name, path)
    except OSError:
        return
