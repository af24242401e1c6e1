"""TOML packs in: every fault of every file in one ExceptionGroup, each named by file and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from siglum.errors import RuleError
from siglum.packs.lint import faults
from siglum.packs.rule import FORMAT, LINE_LABELS, MATCHERS, Rule, parse_example

# Folders below rules/ that hold knowledge of another kind, each with a compiler of its own.
OTHER_KINDS = ("credits", "language", "content")

REQUIRED = ("id", "label", "action", "confidence", "why", "match", "miss")
OPTIONAL = (
    *MATCHERS,
    "safety",
    "status",
    "unit",
    "concept",
    "literals",
    "sites",
    "edge_lines",
    "replacement",
    "claims",
    "sources",
    "since",
    "replaced_by",
    "evidence",
    "min",
)
_ID_LINE = re.compile(r"""^\s*id\s*=\s*["']([^"']{1,200})["']""", re.MULTILINE)


def pack_files(folder: Path) -> list[Path]:
    """Return the pack files at *folder* (a file, or a folder with sub-folders), sorted by path."""
    if folder.is_file():
        return [folder]
    found = sorted(folder.rglob("*.toml"), key=lambda p: p.relative_to(folder).as_posix())
    return [p for p in found if p.relative_to(folder).parts[0] not in OTHER_KINDS]


def load_packs(folder: Path) -> list[Rule]:
    """Return every rule of the packs at *folder*, in order of file and place.

    Raises ExceptionGroup of RuleError with all faults of all files, so that a person can mend them at one go.
    """
    rules: list[Rule] = []
    wrong: list[RuleError] = []
    for path in pack_files(folder):
        name = path.name if folder.is_file() else path.relative_to(folder).as_posix()
        for item in read_pack(path, name):
            if isinstance(item, Rule):
                rules.append(item)
            else:
                wrong.append(item)
    wrong += faults(rules)
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} faults in the rules at {folder}", wrong)
    return rules


def read_pack(path: Path, name: str) -> Iterator[Rule | RuleError]:
    """Yield the rules of one file, and a RuleError for each that cannot be read; *name* stands in messages."""
    try:
        text = path.read_text("utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as e:
        yield RuleError(name, 0, f"cannot be read: {e}")
        return
    except tomllib.TOMLDecodeError as e:
        at = re.search(r"line (\d+)", str(e))
        yield RuleError(name, int(at[1]) if at else 0, f"is not TOML: {e}")
        return
    if data.get("format") != FORMAT:
        yield RuleError(name, 1, f"format is {data.get('format')!r}; this version reads format = {FORMAT}")
        return
    for unknown in sorted(set(data) - {"format", "rule"}):
        yield RuleError(name, _line_of(text, unknown), f"unknown key {unknown!r} outside a rule")
    places = {m[1]: text.count("\n", 0, m.start()) + 1 for m in reversed(list(_ID_LINE.finditer(text)))}
    tables = data.get("rule", [])
    if not isinstance(tables, list):
        yield RuleError(name, 1, "rules are written as [[rule]]")
        return
    for raw in tables:
        id = str(raw.get("id", ""))
        yield from _rule(raw, name, places.get(id, 1))


def _line_of(text: str, word: str) -> int:
    at = text.find(word)
    return text.count("\n", 0, at) + 1 if at >= 0 else 0


def _rule(raw: Mapping[str, Any], path: str, line: int) -> Iterator[Rule | RuleError]:
    id = str(raw.get("id", "(no id)"))
    wrong = list(_shape_faults(raw))
    if wrong:
        yield from (RuleError(path, line, message, id) for message in wrong)
        return
    kinds = [k for k in MATCHERS if k in raw]
    matcher = "labels" if kinds[0] in LINE_LABELS else kinds[0]
    declared = {k: raw[k] for k in (*kinds, "min") if k in raw}
    try:
        yield Rule(
            id=id,
            label=raw["label"],
            action=raw["action"],
            why=raw["why"],
            confidence=float(raw["confidence"]),
            matcher=matcher,
            declared=declared,
            safety=raw.get("safety", "always"),
            status=raw.get("status", "stable"),
            unit=raw.get("unit", "line"),
            concept=raw.get("concept", ""),
            literals=tuple(raw.get("literals", ())),
            sites=tuple(raw.get("sites", ())),
            edge_lines=int(raw.get("edge_lines", 0)),
            replacement=raw.get("replacement", ""),
            claims={str(k): str(v) for k, v in raw.get("claims", {}).items()},
            match=tuple(parse_example(e, match=True) for e in raw["match"]),
            miss=tuple(parse_example(e, match=False) for e in raw["miss"]),
            sources=tuple(raw.get("sources", ())),
            since=raw.get("since", ""),
            replaced_by=raw.get("replaced_by", ""),
            evidence=raw.get("evidence", {}),
            path=path,
            line=line,
        )
    except (ValueError, TypeError, AttributeError) as e:
        yield RuleError(path, line, f"a field has the wrong form: {e}", id)


def _shape_faults(raw: Mapping[str, Any]) -> Iterable[str]:
    for field in REQUIRED:
        if field not in raw:
            yield f"field {field!r} is missing"
    for field in sorted(set(raw) - {*REQUIRED, *OPTIONAL}):
        yield f"unknown field {field!r}"
    kinds = [k for k in MATCHERS if k in raw]
    if not kinds:
        yield f"no matcher: give one of {', '.join(MATCHERS)}"
    elif len(kinds) > 1 and not set(kinds) <= set(LINE_LABELS):
        yield f"two matchers: {', '.join(kinds)}; a rule has exactly one"
