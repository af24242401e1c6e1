"""What packs cost: the whole chain without languages, with 100, 1,000 and 10,000 made rules on top of those shipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from benchmarks.chains import OFF, chain, cleaning
from benchmarks.tables import Row
from benchmarks.timing import Step, in_turns, spent, warmed
from siglum.api import Chain
from siglum.cleaners.rules import shipped
from siglum.packs.compiler import compile_rules
from siglum.packs.rule import Rule

SIZES = (100, 1_000, 10_000)


def label_rule(n: int) -> Rule:
    """Return a made rule for a line in ten wordings."""
    return _rule(n, "labels", {"exact": {"en": [f"Made label {n} in wording {i}" for i in range(10)]}})


def sequence_rule(n: int) -> Rule:
    """Return a made rule for three lines that follow each other."""
    return _rule(n, "sequence", {"sequence": [{"exact": {"en": [f"Made step {n} {word}"]}} for word in "abc"]})


def pattern_rule(n: int) -> Rule:
    """Return a made rule with a pattern, and the literal that gates it."""
    literal = f"made pattern {n} of"
    return _rule(n, "regex", {"regex": rf"(?i){literal} \d{{1,9}}"}, literals=(literal,))


KINDS: dict[str, Callable[[int], Rule]] = {"labels": label_rule, "sequences": sequence_rule, "patterns": pattern_rule}


def _rule(n: int, matcher: str, declared: dict[str, Any], literals: tuple[str, ...] = ()) -> Rule:
    return Rule(
        id=f"made-{n}",
        label="navigation",
        action="drop",
        why="A made rule.",
        confidence=0.9,
        matcher=matcher,
        declared=declared,
        literals=literals,
        path="made.toml",
    )


def with_rules(kind: str, count: int) -> Chain:
    """Return the chain without languages, with so many made rules of that kind beside the shipped ones."""
    index = shipped().merged(compile_rules([KINDS[kind](n) for n in range(count)]), "made")
    made = chain(OFF)
    return replace(made, cleaners=tuple([_indexed(cleaner, index) for cleaner in made.cleaners]))


def _indexed(cleaner: Any, index: Any) -> Any:
    if inner := getattr(cleaner, "cleaners", None):
        return replace(cleaner, cleaners=tuple([_indexed(c, index) for c in inner]))
    return replace(cleaner, index=index) if hasattr(cleaner, "index") else cleaner


def named(kind: str, count: int) -> str:
    """Return the name of a row."""
    return f"{count:,} {kind}"


def rows(texts: Sequence[str], warm: Sequence[str], rounds: int, sizes: Sequence[int]) -> list[Row]:
    """Return a row for each kind and count: rules, microseconds a document, times the time of the fewest."""
    out = []
    for kind in KINDS:
        steps: dict[int, Step] = {n: cleaning(with_rules(kind, n), html=False, report=True) for n in sizes}
        for step in steps.values():
            spent(step, warm)
        found = in_turns({n: partial(warmed, step, texts, warm) for n, step in steps.items()}, rounds)
        best = {n: min(tries).seconds for n, tries in found.items()}
        out += [Row(named(kind, n), (n, b / len(texts) * 1e6, b / best[sizes[0]])) for n, b in best.items()]
    return out
