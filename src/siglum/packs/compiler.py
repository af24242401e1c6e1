"""Packs compiled: one table for all whole-line labels, and short lists of everything else, as JSON can hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from siglum.packs.cldr import expand
from siglum.packs.keys import Coded, key, template_key
from siglum.packs.load import load_packs
from siglum.packs.rule import LANGUAGES, CompiledRule, Rule


def compile_packs(folder: Path) -> dict[str, Any]:
    """Return the packs of *folder* compiled; raises ExceptionGroup of RuleError where they are faulty."""
    return compile_rules(load_packs(folder))


def compile_rules(rules: Sequence[Rule]) -> dict[str, Any]:
    """Return *rules* compiled; retired ones are left out.

    A label a rule lists itself comes before one that CLDR adds to another rule.
    """
    live = [r for r in rules if r.status != "retired"]
    tables = _Tables()
    for n, rule in enumerate(live):
        if rule.matcher == "labels":
            tables.add(n, rule, rule.declared.get("exact", {}), rule.declared.get("template", {}))
    for n, rule in enumerate(live):
        if "cldr" in rule.declared:
            tables.add(n, rule, expand(rule.declared["cldr"]), {})
    return {
        "rules": [[getattr(r, f) for f in CompiledRule._fields] for r in live],
        "claims": {str(n): dict(r.claims) for n, r in enumerate(live) if r.claims},
        **tables.data(),
        "patterns": [
            {"rule": n, "regex": r.declared["regex"], "unit": r.unit, "literals": r.literals, "sites": r.sites}
            for n, r in enumerate(live)
            if r.matcher == "regex"
        ],
        "sequences": [
            {"rule": n, "sites": r.sites, "steps": [_step(s, live) for s in r.declared["sequence"]]}
            for n, r in enumerate(live)
            if r.matcher == "sequence"
        ],
        "clusters": [
            {"rule": n, "sites": r.sites, "regex": r.declared["cluster"]["regex"], "min": r.declared["min"]}
            for n, r in enumerate(live)
            if r.matcher == "cluster"
        ],
        "tags": [{"rule": n, **r.declared["tag"]} for n, r in enumerate(live) if r.matcher == "tag"],
        "urls": [{"rule": n, "regex": r.declared["url"]} for n, r in enumerate(live) if r.matcher == "url"],
    }


def _step(step: Mapping[str, Any], rules: Sequence[Rule]) -> dict[str, Any]:
    taken = {"take": False} if step.get("take") is False else {}
    if "rule" in step:
        named = [n for n, r in enumerate(rules) if step["rule"] in (r.id, r.concept) and r.matcher == "labels"]
        return {"rules": named, **taken}
    if "regex" in step:
        return {"regex": step["regex"], **taken}
    return {"keys": sorted({key(label) for labels in step["exact"].values() for label in labels}), **taken}


class _Tables:
    """The label tables while they grow: key to code, for every site and for each one."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[str, tuple[int, list[str]]]] = {}

    def add(
        self, n: int, rule: Rule, exact: Mapping[str, Iterable[str]], template: Mapping[str, Iterable[str]]
    ) -> None:
        for language, labels in exact.items():
            for label in labels:
                if "{n}" in label:
                    self._put(n, rule, "templates", template_key(key(label.replace("{n}", "0"))), language)
                else:
                    self._put(n, rule, "labels", key(label), language)
        for language, labels in template.items():
            for label in labels:
                self._put(n, rule, "templates", template_key(key(label.replace("{n}", "0"))), language)

    def _put(self, n: int, rule: Rule, table: str, k: str, language: str) -> None:
        for site in rule.sites or ("",):
            owner, languages = self._found.setdefault((site, table), {}).setdefault(k, (n, []))
            if owner == n and language not in languages:
                languages.append(language)

    def data(self) -> dict[str, Any]:
        sets: dict[str, int] = {}
        sites: dict[str, dict[str, dict[str, int]]] = {}
        for (site, table), found in sorted(self._found.items()):
            codes = sites.setdefault(site, {"labels": {}, "templates": {}})[table]
            for k, (n, languages) in found.items():
                spoken = " ".join(sorted(languages))
                codes[k] = n * LANGUAGES + sets.setdefault(spoken, len(sets))
        general = sites.pop("", {"labels": {}, "templates": {}})
        return {**{t: list(Coded.of(codes)) for t, codes in general.items()}, "languages": list(sets), "sites": sites}
