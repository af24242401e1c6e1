"""Write the label packs: one readable TOML file a concept, out of a table of interface labels and a file of decisions.

    python -m siglum.making.labels LABELS.tsv.gz CONCEPTS.tsv -o rules/labels

LABELS has the columns concept, lang, label, source, licence, kind; CONCEPTS has concept and safety_class. What a table
cannot know (the reason for a rule, its examples, words too common to stand alone, labels the table lacks) is in
labels.toml beside this module. The same input gives the same bytes. rules/labels/README.md tells what is dropped.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import html
import re
import sys
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import langcodes
from langcodes.tag_parser import LanguageTagError

from siglum.packs import cldr
from siglum.packs.keys import key, template_key

DECISIONS = Path(__file__).with_name("labels.toml")

STRICTNESS = {"always": 0, "edge-zone": 1, "in-cluster": 2, "repeated-only": 3}
CONFIDENCE = {"always": 0.99, "edge-zone": 0.97, "in-cluster": 0.95, "repeated-only": 0.9}

# A rule keeps a label against a stricter one only where this many times more sources and languages have it.
CLEARLY_MORE = 3
MAX_WORDS = 12
MAX_CODE_POINTS = 120

_SLOT = re.compile(
    r"\{\{\s*[\w.]+\s*\}\}|[%％]?\{\s*\w+\s*\}%?|%\(\w+\)[sd]|%\d+\$[sd]|%[sdn](?!\w)|\$[a-zA-Z]\w*(?!\w)"
    r"|\[[A-Z]+_[A-Z]+\]|(?<![\w\]])#(?=\s)"
)
_MARKUP = re.compile(r"[<>\\^$]|\{\{|\}\}|__|[\x00-\x1f]")
_HAN = re.compile(r"[\u3005-\u3007\u3400-\u9fff\uf900-\ufaff]")
_KANA_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7a3]")
_HANGUL_PAIR = re.compile(r"[\uac00-\ud7a3]\s?[\uac00-\ud7a3]")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class Label:
    """One label of one source, ready to be compared."""

    tag: str
    text: str
    key: str
    template: bool
    source: str
    by_hand: bool = False


@dataclass(slots=True)
class Pack:
    """One rule as it will be written."""

    id: str
    concept: str
    safety: str
    head: dict[str, Any]
    labels: list[Label] = field(default_factory=list)


def main(argv: Sequence[str] | None = None) -> int:
    args = _arguments(argv)
    decisions = tomllib.loads(args.decisions.read_text("utf-8"))
    classes = {row["concept"]: row["safety_class"] for row in _rows(args.concepts)}
    packs, dropped = build(_rows(args.labels), classes, decisions, cldr_keys())
    faults = [fault for pack in packs for fault in example_faults(pack)]
    if faults:
        print(*faults, sep="\n", file=sys.stderr)
        return 1
    args.output.mkdir(parents=True, exist_ok=True)
    for old in args.output.glob("*.toml"):
        old.unlink()
    for name, text in written(packs).items():
        (args.output / f"{name}.toml").write_text(text, "utf-8", newline="\n")
    labels = sum(len(pack.labels) for pack in packs)
    tags = {label.tag for pack in packs for label in pack.labels}
    print(f"{len(classes)} concepts, {len(packs)} rules, {labels} labels, {len(tags)} languages")
    print(*(f"  dropped {count:6} {why}" for why, count in sorted(dropped.items())), sep="\n")
    return 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("labels", type=Path, help="table of labels, .tsv or .tsv.gz")
    parser.add_argument("concepts", type=Path, help="table of concepts with their safety class, .tsv")
    parser.add_argument(
        "-o", "--output", type=Path, required=True, help="folder for the packs; its *.toml are replaced"
    )
    parser.add_argument("--decisions", type=Path, default=DECISIONS, help="what was decided by hand (TOML)")
    return parser.parse_args(argv)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    yield from csv.DictReader(text.split("\n"), delimiter="\t", quoting=csv.QUOTE_NONE)


def cldr_keys() -> dict[str, set[str]]:
    """Return the keys CLDR gives when packs are compiled, by kind."""
    return {
        kind: {
            template_key(key(label.replace("{n}", "0"))) for labels in cldr.expand(kind).values() for label in labels
        }
        for kind in cldr.KINDS
    }


def build(
    rows: Iterable[dict[str, str]], classes: dict[str, str], decisions: dict[str, Any], given: dict[str, set[str]]
) -> tuple[list[Pack], Counter[str]]:
    """Return the packs, sorted by id, and how many labels were dropped for which reason.

    *given* holds the keys that CLDR gives, by kind. Raises KeyError for a concept without a decision.
    """
    dropped: Counter[str] = Counter()
    labels: dict[str, list[Label]] = defaultdict(list)
    for row in rows:
        label = _from_row(row, decisions)
        if isinstance(label, str):
            dropped[label] += 1
        else:
            labels[row["concept"]].append(label)
    for concept, decided in decisions["concept"].items():
        labels[concept] += _by_hand(decided)
    of_cldr = set().union(*given.values())
    packs: dict[str, Pack] = {}
    for concept in sorted(classes):
        decided = decisions["concept"][concept]
        for pack in _packs_of(concept, classes[concept], decided):
            packs[pack.id] = pack
        for label in labels[concept]:
            if label.key in of_cldr:
                dropped["CLDR gives it"] += 1
                continue
            packs[_pack_id(concept, label, decided)].labels.append(label)
    dropped["stands in another rule"] = _settle_homonyms(packs)
    for pack in packs.values():
        dropped["same key in the language or its base"] += _fold(pack, decisions["parents"])
    kept = [pack for _, pack in sorted(packs.items()) if pack.labels or "cldr" in pack.head]
    return kept, dropped


def _from_row(row: dict[str, str], decisions: dict[str, Any]) -> Label | str:
    """Return the label of a table row, or why it is dropped."""
    concept, source = row["concept"], row["source"]
    decided = decisions["concept"].get(concept)
    if decided is None:
        return "concept without a decision"
    tag = canonical(row["lang"], decisions["tags"])
    if tag is None:
        return "not a language tag"
    text = _cleaned(row["label"])
    if _skipped(concept, source, text, decisions["skip"]):
        return "CLDR source" if source.startswith(("babel", "cldr")) else "source does not fit the concept"
    slots = _SLOT.findall(text)
    if slots and not all(_is_number(slot, text, concept, source, decisions) for slot in slots):
        return "slot for something other than a number"
    text = _SLOT.sub("{n}", text)
    template = bool(slots)
    if not template and decided.get("digits") and re.search(r"\d", text):
        text, template = re.sub(r"\d+(?:[.,]\d+)*", "{n}", text), True
    if source == "memory":
        source = "common interface wording, unverified"
    elif row["licence"]:
        source = f"{source} ({row['licence']})"
    label = _label(tag, text, template, source)
    return _fault(label, decided) or label


def _skipped(concept: str, source: str, text: str, skip: list[list[str]]) -> bool:
    return any(
        concept == entry[0] and source.startswith(entry[1]) and (entry[2:] != ["numbers"] or re.search(r"\d", text))
        for entry in skip
    )


def _cleaned(text: str) -> str:
    text = html.unescape(text).replace('\\"', '"').replace("\\'", "'")
    return " ".join(text.split()).strip("\u200b\u200e\u200f\ufeff")


def _is_number(slot: str, text: str, concept: str, source: str, decisions: dict[str, Any]) -> bool:
    name = slot.strip("%％{}()[]$# ").removesuffix(")s").removesuffix(")d")
    if slot in {"%s", "{1}", "{2}"}:
        # The tables do not say what these stand for: listed by concept and source. A sentence holds a name.
        listed = any(concept == c and source.startswith(s) for c, s in decisions["number_slots"])
        return listed and not text.strip().endswith((".", "。", "।", "…"))
    return slot.startswith("#") or name in decisions["number_names"] or bool(re.fullmatch(r"(?:\d+\$)?[dn]", name))


def _label(tag: str, text: str, template: bool, source: str, by_hand: bool = False) -> Label:
    folded = template_key(key(text.replace("{n}", "0"))) if template else key(text)
    return Label(tag, text, folded, template, source, by_hand)


def _fault(label: Label, decided: dict[str, Any]) -> str | None:
    """Return why *label* may not stand in a pack, or None."""
    if _MARKUP.search(label.text):
        return "markup or a pattern"
    if _too_short(label):
        return "key of one or two letters"
    if not decided.get("prose") and (words(label.text) > MAX_WORDS or len(label.text) > MAX_CODE_POINTS):
        return "prose"
    if label.key in {key(k) for k in decided.get("never", ())}:
        return "refused by hand"
    return None


def _too_short(label: Label) -> bool:
    return label.text.count("{n}") < 2 and too_short(label.key)  # "1 of 30" says enough with its two numbers


def too_short(folded: str) -> bool:
    """Tell whether *folded* has one or two letters and no Han character and no pair of Hangul syllables.

    >>> too_short("no"), too_short("a+ a"), too_short("关闭"), too_short("닫기"), too_short("top")
    (True, True, False, False, False)
    """
    letters = sum(unicodedata.category(c)[0] in "LM" for c in folded)
    return letters <= 2 and not _HAN.search(folded) and not _HANGUL_PAIR.search(folded)


def words(text: str) -> int:
    """Return how many words *text* has; where a script leaves no spaces, by the usual length of its words.

    >>> words("Skip to main content"), words("跳转到主要内容"), words("ข้ามไปยังเนื้อหา")
    (4, 4, 4)
    """
    total = 0
    for token in text.split():
        han = len(_HAN.findall(token))
        other = 0 if re.search(r"[\uac00-\ud7a3]", token) else len(_KANA_HANGUL.findall(token))
        unspaced = len(_UNSPACED.findall(token))
        total += max(1, round(han / 2 + other / 4 + unspaced / 4))
    return total


def canonical(tag: str, table: dict[str, str]) -> str | None:
    """Return the BCP 47 tag for a source's *tag*, the shortest that means the same; None for what is no language.

    *table* maps what sources write otherwise (od -> or); "" drops.

    >>> canonical("de-DE", {}), canonical("zh-TW", {}), canonical("pt-BR", {}), canonical("en-XA", {"en-XA": ""})
    ('de', 'zh-Hant', 'pt-BR', None)
    """
    tag = table.get(tag, tag)
    try:
        language = langcodes.Language.get(langcodes.standardize_tag(tag)) if tag else None
    except LanguageTagError:
        return None
    if language is None or not language.is_valid() or language.language in (None, "und"):
        return None
    if language.to_tag() == "pt-BR":  # "pt" is Brazilian by default, yet sources mean both by it
        return "pt-BR"
    wanted = language.maximize()
    if language.variants or language.private or language.extensions:
        return language.to_tag()
    shorter = [
        langcodes.Language.make(language.language, script=script, territory=territory)
        for script, territory in ((None, None), (wanted.script, None), (None, wanted.territory))
    ]
    short = next((s for s in shorter if s.maximize() == wanted), language)
    return "zh-Hans" if short.to_tag() == "zh" else short.to_tag()


def _by_hand(decided: dict[str, Any]) -> list[Label]:
    """Return the labels decided by hand, those of the concept and those of its parts."""
    out = []
    for part in (decided, *decided.get("part", ())):
        for tag, texts in part.get("extra", {}).items():
            for text in texts:
                source = part.get("extra_source", decided.get("extra_source", "common interface wording"))
                if text in part.get("seen", ()):
                    source = "page interface, seen"
                out.append(_label(tag, text, "{n}" in text, source, by_hand=True))
    return out


def _packs_of(concept: str, safety: str, decided: dict[str, Any]) -> Iterator[Pack]:
    yield Pack(concept, concept, safety, decided)
    for part in decided.get("part", ()):
        yield Pack(part["id"], concept, part["safety"], {**decided, "cldr": None, "extra": {}, **part})


def _pack_id(concept: str, label: Label, decided: dict[str, Any]) -> str:
    """Return the rule of *concept* that *label* belongs to: the first part that asks for it, else the main rule."""
    for part in decided.get("part", ()):
        if label.by_hand and any(label.text in texts for texts in part.get("extra", {}).values()):
            return str(part["id"])
    for part in decided.get("part", ()):
        if _asks_for(part, label):
            return str(part["id"])
    return concept


def _asks_for(part: dict[str, Any], label: Label) -> bool:
    if label.key in {key(k) for k in part.get("keys", ())}:
        return True
    if label.key in {key(k) for k in part.get("not", ())}:
        return False
    if "max_words" not in part and "min_words" not in part and "has" not in part:
        return False
    count = words(label.key.replace("0", " ") if label.template else label.key)
    if label.template and "max_words" in part and not part.get("templates"):
        return False
    return part.get("min_words", 0) <= count <= part.get("max_words", count) and (
        "has" not in part or any(stem in label.key for stem in part["has"])
    )


def _settle_homonyms(packs: dict[str, Pack]) -> int:
    """Leave each key in one rule and return how many labels went; see README.md for the order of reasons."""
    standing: dict[tuple[bool, str], dict[str, list[Label]]] = defaultdict(lambda: defaultdict(list))
    for pack in packs.values():
        for label in pack.labels:
            standing[label.template, label.key][pack.id].append(label)
    lost: set[tuple[str, bool, str]] = set()
    for (template, folded), rules in standing.items():
        if len(rules) > 1:
            winner = _winner(rules, packs)
            lost.update((rule, template, folded) for rule in rules if rule != winner)
    gone = 0
    for pack in packs.values():
        kept = [label for label in pack.labels if (pack.id, label.template, label.key) not in lost]
        gone += len(pack.labels) - len(kept)
        pack.labels = kept
    return gone


def _winner(rules: dict[str, list[Label]], packs: dict[str, Pack]) -> str:
    support = {rule: len({(label.tag, label.source) for label in labels}) for rule, labels in rules.items()}
    strict = {rule: STRICTNESS[packs[rule].safety] for rule in rules}
    by_hand = [rule for rule in rules if any(label.by_hand for label in rules[rule])]
    if by_hand:
        return min(by_hand, key=lambda rule: (-strict[rule], rule))
    most = min(rules, key=lambda rule: (-support[rule], -strict[rule], rule))
    if all(support[most] >= CLEARLY_MORE * support[rule] for rule in rules if rule != most):
        return most
    return min(rules, key=lambda rule: (-strict[rule], -support[rule], rule))


def _fold(pack: Pack, parents: dict[str, str]) -> int:
    """Leave each key once a language, and not again in a region whose base language has it; return how many went."""
    by_tag: dict[str, dict[tuple[bool, str], list[Label]]] = defaultdict(lambda: defaultdict(list))
    for label in pack.labels:
        by_tag[label.tag][label.template, label.key].append(label)
    kept = []
    for tag, by_key in by_tag.items():
        base = parents.get(tag, tag.split("-")[0])
        for folded, labels in by_key.items():
            if tag == base or folded not in by_tag.get(base, {}):
                kept.append(min(labels, key=lambda label: (len(label.text), label.text, label.source)))
    gone = len(pack.labels) - len(kept)
    pack.labels = sorted(kept, key=lambda label: (label.tag, label.template, label.text))
    return gone


def example_faults(pack: Pack) -> Iterator[str]:
    """Yield a line for each label too short to stand and each example that the rule's own labels contradict."""
    for label in pack.labels:
        if _too_short(label):
            yield f"{pack.id}: {label.text!r} has one or two letters"
    exact = {label.key for label in pack.labels if not label.template}
    templates = {label.key for label in pack.labels if label.template}
    if pack.head.get("cldr"):
        templates |= cldr_keys()[pack.head["cldr"]]
    for wanted, examples in ((True, pack.head["match"]), (False, pack.head["miss"])):
        for example in examples:
            if (key(example) in exact or template_key(key(example)) in templates) is not wanted:
                yield f"{pack.id}: {'misses' if wanted else 'takes'} {example!r}"


def written(packs: Sequence[Pack]) -> dict[str, str]:
    """Return the text of each pack file, by concept."""
    by_concept: dict[str, list[Pack]] = defaultdict(list)
    for pack in packs:
        by_concept[pack.concept].append(pack)
    return {concept: _file(concept, rules) for concept, rules in sorted(by_concept.items())}


def _file(concept: str, rules: Sequence[Pack]) -> str:
    rules = sorted(rules, key=lambda pack: (pack.id != concept, pack.id))
    sources = _sources(rules)
    lines = [
        f"# {concept}: labels of page interfaces. Written by siglum.making.labels from labels.toml.",
        f"# Sources: {'; '.join(sources) or 'CLDR by way of babel (Unicode-3.0)'}.",
        "format = 1",
    ]
    for pack in rules:
        lines += ["", *_rule(pack)]
    return "\n".join(lines) + "\n"


def _sources(rules: Sequence[Pack]) -> list[str]:
    return sorted({label.source for pack in rules for label in pack.labels})


def _rule(pack: Pack) -> Iterator[str]:
    head = pack.head
    yield "[[rule]]"
    yield f"id = {_string(pack.id)}"
    yield f"label = {_string(head['label'])}"
    yield f"action = {_string(head.get('action', 'drop'))}"
    yield f"safety = {_string(pack.safety)}"
    yield f"confidence = {head.get('confidence', CONFIDENCE[pack.safety])}"
    yield f"why = {_string(head['why'])}"
    yield f"concept = {_string(pack.concept)}"
    yield from _array("sources", _sources([pack]) or ["CLDR by way of babel (Unicode-3.0)"])
    yield from _array("match", head["match"])
    yield from _array("miss", head["miss"])
    if head.get("cldr"):
        yield f"cldr = {_string(head['cldr'])}"
    for table, template in (("exact", False), ("template", True)):
        by_tag: dict[str, list[str]] = defaultdict(list)
        for label in pack.labels:
            if label.template is template:
                by_tag[label.tag].append(label.text)
        if by_tag:
            yield f"[rule.{table}]"
            for tag in sorted(by_tag):
                yield from _array(tag, sorted(by_tag[tag]))


def _array(name: str, values: Sequence[str]) -> Iterator[str]:
    line = f"{name} = [{', '.join(map(_string, values))}]"
    if len(line) <= 120:
        yield line
        return
    yield f"{name} = ["
    yield from (f"  {_string(value)}," for value in values)
    yield "]"


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    # Marks that steer the direction of writing, joiners and the like would be invisible in the file.
    return '"' + "".join(c if c == " " or c.isprintable() else _escaped(c) for c in escaped) + '"'


def _escaped(c: str) -> str:
    return f"\\u{ord(c):04x}" if ord(c) < 0x10000 else f"\\U{ord(c):08x}"


if __name__ == "__main__":
    sys.exit(main())
