"""Weights: the rule files of content turned into what the models load."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

# Kinds of characters the line model tells apart; their order is the order of its weights.
KINDS = (
    "space",
    "lower",
    "upper",
    "dense",  # letters of scripts that write no spaces between words
    "letter",  # of scripts without capitals
    "digit",
    "stop",
    "ellipsis",
    "colon",
    "comma",
    "symbol",
    "quote",  # and brackets
    "other",
)
DENSE_SCRIPTS = (  # as the blocks of Unicode have them: Thai, Lao, Burmese, Khmer, kana, Han
    range(0x0E00, 0x0F00),
    range(0x1000, 0x10A0),
    range(0x1780, 0x1800),
    range(0x3040, 0x3100),
    range(0x3400, 0x4DC0),
    range(0x4E00, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x40000),
)


def compile_weights(rules: Path) -> dict[str, Any]:
    """Return every `content/*.toml` under *rules* by the file's stem, and "characters": the kind of each code point.

    Kinds are written as two lists: the code points where a run of one kind starts, and that kind's place in `KINDS`.
    """
    data: dict[str, Any] = {
        path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted((rules / "content").glob("*.toml"))
    }
    data["characters"] = _runs(data.get("lines", {}).get("characters", {}))
    return data


def _runs(named: dict[str, str]) -> tuple[list[int], list[int]]:
    by_name = {ch: KINDS.index(kind) for kind, characters in named.items() for ch in characters}
    starts, kinds = [0], [_kind("\0", by_name)]
    for point in range(1, 0x110000):
        kind = _kind(chr(point), by_name)
        if kind != kinds[-1]:
            starts.append(point)
            kinds.append(kind)
    return starts, kinds


def _kind(ch: str, by_name: dict[str, int]) -> int:
    if ch in by_name:
        return by_name[ch]
    category = unicodedata.category(ch)
    match category[0]:
        case "L" | "M":
            if any(ord(ch) in script for script in DENSE_SCRIPTS):
                name = "dense"
            else:
                name = {"Lu": "upper", "Lt": "upper", "Ll": "lower"}.get(category, "letter")
        case "N":
            name = "digit"
        case "S":
            name = "symbol"
        case "P":
            name = "quote" if category in ("Pi", "Pf", "Ps", "Pe") else "other"
        case "Z":
            name = "space"
        case _:
            name = "space" if category in ("Cc", "Cf") else "other"
    return KINDS.index(name)
