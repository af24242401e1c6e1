"""Explanations: where a rule of credits is written, why it is there, and what it takes and leaves."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

PACK = "credits/"
_RECORD = "translator-metadata"  # the one rule that is code: a comment in which a tool records the file it wrote


def explain(rule: str) -> list[tuple[str, str]] | None:
    """Return what there is to say about *rule* as (name, text) pairs, or None where credits know no such rule.

    *rule* is named as in reports, with or without the pack and the version: "credits/label-ru", "google-font-pair".

    >>> dict(explain("credits/credit-de@1.0") or ())["rule"]
    'credits/credit-de (credits/germanic.toml)'
    """
    from siglum.packs.store import rules_dir

    wanted = rule.partition("@")[0].removeprefix(PACK)
    if wanted == _RECORD:
        why = "A comment that names the original's digest or file and the day of translation is a tool's own record."
        return [("rule", PACK + wanted), ("why", why)]
    form, _, code = wanted.partition("-")
    for path in sorted((rules_dir() / "credits").glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        if form in ("credit", "label") and isinstance(data.get(code), dict):
            return list(_language(wanted, code, path, data))
        for rows in data.values():
            for row in rows if isinstance(rows, list) else ():
                if row["id"] == wanted:
                    return list(_row(row, path))
    return None


def _language(wanted: str, code: str, path: Path, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    parts = data[code]
    yield "rule", f"{PACK}{wanted} (credits/{path.name})"
    yield "why", data["why"]
    if wanted.startswith("label-"):
        yield "sees", f"a label of translation in {code}, then a name: {parts.get('person', '')}"
    else:
        yield "sees", f"a sentence in {code} made of such parts: {parts.get('this', '')} + {parts.get('done', '')} + …"
        yield "never", f"a sentence with one of: {parts.get('stop', '')}"
    yield from _examples(parts)


def _row(row: Mapping[str, Any], path: Path) -> Iterator[tuple[str, str]]:
    yield "rule", f"{PACK}{row['id']} (credits/{path.name})"
    yield "why", row["why"]
    for name in ("keys", "words", "places", "relations"):
        if name in row:
            yield name, row[name] if isinstance(row[name], str) else " | ".join(row[name])
    for name in ("regex", "element", "attribute", "engine", "relation"):
        if row.get(name):
            yield name, row[name]
    yield from _examples(row)


def _examples(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for kind, name in (("match", "takes"), ("miss", "leaves")):
        for example in row.get(kind, ()):
            yield name, example if isinstance(example, str) else next(v for v in example.values() if isinstance(v, str))
