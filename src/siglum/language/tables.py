"""Tables: what the language layer knows, compiled out of `rules/language/` and loaded once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import regex

from siglum.errors import RuleError
from siglum.language.siblings import Group
from siglum.language.words import learned
from siglum.packs.store import section

FORMAT = 1
FILES = ("languages", "names", "scripts", "words", "siblings", "fusion")


@dataclass(frozen=True)
class Language:
    """A language a line can be tagged with."""

    tag: str  # BCP 47
    script: str  # ISO 15924
    core: bool  # a candidate without being asked for
    letters: str  # beyond the bare ones of its script, lower case
    lacks: str  # bare letters it does not use
    aliases: tuple[str, ...]  # what engines call it
    prior: float  # nats by which it is likelier than others before anything is seen


@dataclass(frozen=True)
class Tables:
    """The compiled knowledge, as the tagger uses it."""

    languages: Mapping[str, Language]
    engine_codes: Mapping[str, tuple[str, ...]]  # an engine's answer -> the tags it stands for
    siblings: tuple[Group, ...]
    names: frozenset[str]
    scripts: tuple[str, ...]
    script_ranges: tuple[tuple[int, int, int], ...]  # first code point, last, index into scripts
    also: Mapping[str, tuple[str, ...]]  # script -> languages that write it beside their own
    character_sets: Mapping[str, str]  # language -> the Han signs of its national character set
    words: Mapping[str, Any]  # the model of the words engine
    fusion: Mapping[str, Any]

    @property
    def macros(self) -> dict[str, tuple[str, ...]]:
        """Macro languages and the members each stands for."""
        return {group.macro: group.members for group in self.siblings if group.macro}


@cache
def load() -> Tables:
    """Return the tables of the shipped rules."""
    data = section("language")
    return Tables(
        languages={
            tag: Language(tag, d["script"], d["core"], d["letters"], d["lacks"], tuple(d["aliases"]), d["prior"])
            for tag, d in data["languages"].items()
        },
        engine_codes={code: tuple(tags) for code, tags in data["engine_codes"].items()},
        siblings=tuple(
            _group(group, data["fusion"]["siblings"].get(group["name"], UNFITTED)) for group in data["siblings"]
        ),
        names=frozenset(data["names"]),
        scripts=tuple(data["scripts"]),
        script_ranges=tuple((first, last, script) for first, last, script in data["script_ranges"]),
        also={script: tuple(tags) for script, tags in data["also"].items()},
        character_sets=data["character_sets"],
        words=data["words"],
        fusion=data["fusion"],
    )


UNFITTED = {"weights": [1.0, 1.0], "shares": [0.0, 1.0], "right": [0.0, 1.0]}


def _group(group: Mapping[str, Any], fitted: Mapping[str, Any]) -> Group:
    words = {tag: frozenset(words.split()) for tag, words in group["words"].items()}
    evidence, word = fitted["weights"]
    return Group(
        group["name"],
        tuple(words),
        words,
        group["macro"],
        (evidence, word),
        tuple(fitted["shares"]),
        tuple(fitted["right"]),
    )


def compile_tables(rules: Path) -> dict[str, Any]:
    """Return the section "language": the TOML files of `rules/language/`, checked and put into loadable form.

    Raises an ExceptionGroup of RuleError that names every fault.
    """
    faults: list[RuleError] = []
    files = {name: _read(rules / "language" / f"{name}.toml", faults) for name in FILES}
    if faults:
        raise ExceptionGroup("the language tables cannot be compiled", faults)
    languages = {
        tag: {
            "script": d["script"],
            "core": d.get("core", False),
            "letters": d.get("letters", ""),
            "lacks": d.get("lacks", ""),
            "aliases": d.get("aliases", []),
            "prior": d.get("prior", 0.0),
        }
        for tag, d in files["languages"]["language"].items()
    }
    scripts = [*files["scripts"]["scripts"], *files["scripts"]["joined"]]
    _check(rules, languages, scripts, files, faults)
    if faults:
        raise ExceptionGroup("the language tables cannot be compiled", faults)
    codes = {tag: [tag] for tag in languages}
    for tag, d in languages.items():
        codes.update({alias: [tag] for alias in d["aliases"]})
    codes.update(files["languages"]["engine_codes"])
    return {
        "languages": languages,
        "engine_codes": codes,
        "siblings": [
            {"name": group["name"], "macro": group.get("macro", ""), "words": group["words"]}
            for group in files["siblings"]["group"]
        ],
        "names": sorted(files["names"]["names"]),
        "scripts": scripts,
        "script_ranges": _script_ranges(scripts, files["scripts"]["joined"]),
        "also": files["scripts"]["also"],
        "character_sets": {tag: _han_of(codec) for tag, codec in files["scripts"]["character_sets"].items()},
        "words": learned(files["words"]["words"]),
        "fusion": {name: table for name, table in files["fusion"].items() if name != "format"},
    }


def _read(path: Path, faults: list[RuleError]) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        faults.append(RuleError(path.name, 0, f"cannot be read: {error}"))
        return {}
    if data.get("format") != FORMAT:
        faults.append(RuleError(path.name, 1, f"format is {data.get('format')!r}, and only {FORMAT} is known"))
    return data


def _check(
    rules: Path,
    languages: Mapping[str, Mapping[str, Any]],
    scripts: list[str],
    files: Mapping[str, Mapping[str, Any]],
    faults: list[RuleError],
) -> None:
    path = (rules / "language" / "languages.toml").name
    for tag, d in languages.items():
        if d["script"] not in scripts:
            faults.append(
                RuleError(path, 0, f"language {tag} is written in {d['script']}, which scripts.toml does not list")
            )
    named = {
        "siblings": [tag for group in files["siblings"]["group"] for tag in group["words"]],
        "engine_codes": [tag for tags in files["languages"]["engine_codes"].values() for tag in tags],
        "also": [tag for tags in files["scripts"]["also"].values() for tag in tags],
        "character_sets": list(files["scripts"]["character_sets"]),
        "words": list(files["words"]["words"]),
    }
    for place, tags in named.items():
        faults.extend(
            RuleError(path, 0, f"{place} names {tag}, which is no language of this file")
            for tag in tags
            if tag not in languages
        )


def _script_ranges(scripts: list[str], joined: Mapping[str, list[str]]) -> list[tuple[int, int, int]]:
    """Return where in Unicode's first two planes the letters of each script stand, as runs of code points."""
    every = "".join(map(chr, [*range(0x80, 0xD800), *range(0xE000, 0x20000)]))
    ranges: list[tuple[int, int, int]] = []
    for index, name in enumerate(scripts):
        members = "".join(rf"\p{{Script={script}}}" for script in joined.get(name, [name]))
        pattern = regex.compile(rf"(?V1)[[{members}]&&[\p{{L}}\p{{Mc}}]]+")
        for match in pattern.finditer(every):
            first = start = ord(match[0][0])
            # The text leaves out code points, so a run may stand for two.
            for char in match[0]:
                if ord(char) > start + 1:
                    ranges.append((first, start, index))
                    first = ord(char)
                start = ord(char)
            ranges.append((first, start, index))
    latin = scripts.index("Latn")
    return sorted([(ord("A"), ord("Z"), latin), (ord("a"), ord("z"), latin), *ranges])


def _han_of(codec: str) -> str:
    """Return the Han signs that *codec*, a character set of Python's standard library, can write."""

    def has(char: str) -> bool:
        try:
            return bool(char.encode(codec))
        except UnicodeEncodeError:
            return False

    return "".join(char for char in map(chr, range(0x4E00, 0xA000)) if has(char))
