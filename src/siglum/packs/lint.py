"""What makes a pack a bad pack: one small generator for each check, all run over all rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

import regex

from siglum.errors import RuleError, TagError
from siglum.packs.keys import key, template_key
from siglum.packs.rule import ACTIONS, CLDR_KINDS, LABELS, SAFETY, STATUSES, Rule
from siglum.tags import canonical

SHORT = 3  # code points of a key; shorter ones mean too many things, but for Han, where two are a word
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_HAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")
_UNBOUNDED = re.compile(r"(?<!\\)(?:\\\\)*(?:[*+]|\{\d*,\})")
_SLOT = re.compile(r"\{([a-z_]+)\}")

Check = Callable[[Rule], Iterable[str]]


def faults(rules: Sequence[Rule]) -> list[RuleError]:
    """Return every fault of *rules*, in the order of the rules; none for a good pack."""
    found = [RuleError(r.path, r.line, message, r.id) for r in rules for check in CHECKS for message in check(r)]
    return found + list(_repeated_ids(rules)) + list(_homonyms(rules)) + list(_unknown_steps(rules))


def _words(rule: Rule) -> Iterator[str]:
    if not _ID.match(rule.id):
        yield f"id {rule.id!r} is not lower-case words joined by hyphens"
    for value, allowed, what in (
        (rule.label, LABELS, "label"),
        (rule.action, ACTIONS, "action"),
        (rule.status, STATUSES, "status"),
        (rule.safety, tuple(SAFETY), "safety"),
        (rule.unit, ("line", "text"), "unit"),
    ):
        if value not in allowed:
            yield f"{what} {value!r} is not one of {', '.join(allowed)}"
    if not 0 < rule.confidence <= 1:
        yield f"confidence {rule.confidence} is outside (0, 1]"
    if not rule.why.strip():
        yield "why is empty: say in a sentence what a reader of the report should know"


def _examples(rule: Rule) -> Iterator[str]:
    if not rule.match:
        yield "match has no example"
    if not rule.miss:
        yield "miss has no example: give a near neighbour the rule must leave"
    for example, n in Counter((e.text, e.url, e.html) for e in (*rule.match, *rule.miss)).items():
        if n > 1:
            yield f"the example {example[0] or example[1]!r} stands {n} times"


def _labels(rule: Rule) -> Iterator[str]:
    if rule.matcher != "labels":
        return
    kind = rule.declared.get("cldr")
    if kind is not None and kind not in CLDR_KINDS:
        yield f"cldr {kind!r} is not one of {', '.join(CLDR_KINDS)}"
    short = []
    for field in ("exact", "template"):
        for language, labels in rule.declared.get(field, {}).items():
            yield from _bad_tag(language)
            if not isinstance(labels, list):
                yield f"{field}.{language} is not a list"
                continue
            for label in labels:
                k = key(label)
                if not k:
                    yield f"label {label!r} has no letter or digit left to compare"
                elif len(k) < SHORT and not rule.sites and not _HAN.search(k):
                    short.append(label)
                if field == "template" and "{n}" not in label:
                    yield f"template {label!r} has no {{n}}"
    if short:
        yield f"labels {short} are too short to stand alone; use a sequence or name a site"


def _bad_tag(language: str) -> Iterator[str]:
    # Only the case is held to: a macro-language may stand for its member ("zza" for "diq"); the sharper tag says more.
    try:
        written = canonical(language)
    except TagError as e:
        yield f"language key {language!r} is not BCP 47: {e}"
        return
    if written != language and written.casefold() == language.casefold():
        yield f"language key {language!r} is written {written!r}"


def _patterns(rule: Rule) -> Iterator[str]:
    for pattern in patterns_of(rule):
        try:
            compiled = regex.compile(pattern, regex.V0)
        except regex.error as e:
            yield f"pattern does not compile: {e}"
            continue
        # A character class holds no repeat: "[*+]" is two characters.
        bare = re.sub(r"\[(?:\\.|[^\]\\])*\]", "[]", pattern)
        if _UNBOUNDED.search(bare):
            yield f"pattern {pattern!r:.80} has a repeat without an upper bound: write {{0,40}} for *, {{1,40}} for +"
        if compiled.fullmatch("") is not None and rule.matcher == "regex":
            yield f"pattern {pattern!r:.80} can match the empty text"
    if rule.matcher == "regex" and not rule.literals:
        yield "literals are missing: name the folded texts one of which every match holds"
    for literal in rule.literals:
        if literal != literal.casefold() or not literal:
            yield f"literal {literal!r} is not case-folded text"
    if rule.matcher == "regex" and rule.literals:
        for example in rule.match:
            if not any(lit in example.text.casefold() for lit in rule.literals):
                yield f"match {example.text!r:.60} holds none of the literals"


def patterns_of(rule: Rule) -> list[str]:
    """Return every regular expression *rule* declares, of whichever matcher."""
    declared = rule.declared
    match rule.matcher:
        case "regex":
            return [declared["regex"]]
        case "url":
            return [declared["url"]]
        case "cluster":
            return [declared["cluster"]["regex"]] if "regex" in declared["cluster"] else []
        case "tag":
            return [declared["tag"]["value"]] if "value" in declared["tag"] else []
        case "sequence":
            return [step["regex"] for step in declared["sequence"] if "regex" in step]
    return []


def _claims(rule: Rule) -> Iterator[str]:
    groups: set[str] = set()
    for pattern in patterns_of(rule):
        try:
            groups |= set(regex.compile(pattern, regex.V0).groupindex)
        except regex.error:
            return
    for value in rule.claims.values():
        for slot in _SLOT.findall(value):
            if slot not in groups:
                yield f"claim uses {{{slot}}}, which no pattern captures"


def _shapes(rule: Rule) -> Iterator[str]:
    if rule.matcher == "sequence":
        steps = rule.declared["sequence"]
        if len(steps) < 2:
            yield "a sequence has two steps or more"
        for step in steps:
            if len({"exact", "regex", "rule"} & set(step)) != 1:
                yield f"a step has exactly one of exact, regex, rule: {step!r:.80}"
        if not any("exact" in step or "rule" in step for step in steps):
            yield "a sequence needs one step with exact labels or a rule, by which it is found"
    if rule.matcher == "cluster" and int(rule.declared.get("min", 0)) < 3:
        yield "a cluster needs min = 3 or more"
    if rule.matcher == "tag" and not {"element", "attribute"} & set(rule.declared["tag"]):
        yield "a tag names an element, an attribute, or both"
    if rule.status == "retired" and not rule.replaced_by:
        yield "a retired rule says replaced_by, so that old reports stay readable"


CHECKS: tuple[Check, ...] = (_words, _examples, _labels, _patterns, _claims, _shapes)


def _repeated_ids(rules: Sequence[Rule]) -> Iterator[RuleError]:
    first: dict[str, Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.id, rule)
        if other is not rule:
            yield RuleError(rule.path, rule.line, f"id is used already at {other.path}:{other.line}", rule.id)


def _homonyms(rules: Sequence[Rule]) -> Iterator[RuleError]:
    """A line must name one rule: the same key in two rules of the same scope is a fault of the later one."""
    owner: dict[tuple[tuple[str, ...], str], Rule] = {}
    for rule in rules:
        if rule.matcher != "labels" or rule.status == "retired":
            continue
        for k in sorted(label_keys(rule)):
            other = owner.setdefault((rule.sites, k), rule)
            if other is not rule:
                yield RuleError(rule.path, rule.line, f"label {k!r} stands in rule {other.id!r} too", rule.id)


def label_keys(rule: Rule) -> set[str]:
    """Return the keys of the labels a rule lists itself, templates with "0" for each number."""
    exact = {key(label) for labels in rule.declared.get("exact", {}).values() for label in labels}
    template = {
        template_key(key(label.replace("{n}", "0")))
        for labels in rule.declared.get("template", {}).values()
        for label in labels
    }
    return exact | template


def _unknown_steps(rules: Sequence[Rule]) -> Iterator[RuleError]:
    ids = {name for r in rules if r.matcher == "labels" for name in (r.id, r.concept)}
    for rule in rules:
        if rule.matcher == "sequence":
            for step in rule.declared["sequence"]:
                if "rule" in step and step["rule"] not in ids:
                    yield RuleError(
                        rule.path, rule.line, f"step names {step['rule']!r}, no rule or concept of labels", rule.id
                    )
