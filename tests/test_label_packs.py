"""The label packs in rules/labels, and the module that writes them."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import langcodes
import pytest

from siglum.making import labels as making
from siglum.packs import cldr
from siglum.packs.keys import key, template_key

ROOT = Path(__file__).resolve().parents[1]
PACKS = sorted((ROOT / "rules" / "labels").glob("*.toml"))
LABELS = {
    *("navigation", "player", "switch", "advertising", "share", "consent", "credit"),
    *("byline", "markup", "address", "layout", "metadata", "widget", "notice"),
}
SAFETY = {"always", "edge-zone", "in-cluster", "repeated-only"}


@cache
def rules() -> list[dict[str, Any]]:
    return [rule for path in PACKS for rule in tomllib.loads(path.read_text("utf-8"))["rule"]]


def folded_template(label: str) -> str:
    return template_key(key(label.replace("{n}", "0")))


@cache
def tables(rule_id: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the keys of a rule: of its whole labels, and of its labels with a number (CLDR's with them)."""
    rule = next(rule for rule in rules() if rule["id"] == rule_id)
    exact = {key(label) for labels in rule.get("exact", {}).values() for label in labels}
    templates = [label for labels in rule.get("template", {}).values() for label in labels]
    if "cldr" in rule:
        templates += [label for labels in cldr.expand(rule["cldr"]).values() for label in labels]
    return frozenset(exact), frozenset(map(folded_template, templates))


def takes(rule_id: str, line: str) -> bool:
    exact, templates = tables(rule_id)
    return key(line) in exact or template_key(key(line)) in templates


@pytest.mark.parametrize("path", PACKS, ids=lambda path: path.stem)
def test_each_file_holds_rules_of_one_concept_in_the_fixed_format(path: Path) -> None:
    pack = tomllib.loads(path.read_text("utf-8"))
    assert pack["format"] == 1
    for rule in pack["rule"]:
        assert rule["concept"] == path.stem
        assert rule["label"] in LABELS
        assert rule["action"] in {"drop", "mark"}
        assert rule["safety"] in SAFETY
        assert 0 < rule["confidence"] <= 1
        assert rule["why"]
        assert rule["sources"]
        assert len(rule["match"]) >= 3 or rule["id"] == "highlight-main-toggle"
        assert len(rule["miss"]) >= 3


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["id"])
def test_a_rule_takes_its_matches_and_leaves_its_misses(rule: dict[str, Any]) -> None:
    assert [line for line in rule["match"] if not takes(rule["id"], line)] == []
    assert [line for line in rule["miss"] if takes(rule["id"], line)] == []


def test_no_key_stands_in_two_rules() -> None:
    owners: dict[tuple[str, str], list[str]] = defaultdict(list)
    for rule in rules():
        exact, templates = tables(rule["id"])
        for folded in exact:
            owners["exact", folded].append(rule["id"])
        for folded in templates:
            owners["template", folded].append(rule["id"])
        for folded in exact:
            assert folded not in templates, (rule["id"], folded)
    assert {folded: ids for folded, ids in owners.items() if len(ids) > 1} == {}
    both = {folded for kind, folded in owners if kind == "exact"} & {f for kind, f in owners if kind == "template"}
    assert both == set()


def test_tags_are_canonical_and_tags_and_labels_are_sorted() -> None:
    for rule in rules():
        for table in ("exact", "template"):
            tags = list(rule.get(table, {}))
            assert tags == sorted(tags)
            for tag, labels in rule.get(table, {}).items():
                assert langcodes.Language.get(tag).is_valid(), (rule["id"], tag)
                assert langcodes.standardize_tag(tag) == tag, (rule["id"], tag)
                assert labels == sorted(labels)
                folded = [folded_template(label) if table == "template" else key(label) for label in labels]
                assert len(set(folded)) == len(folded), (rule["id"], tag)


def test_keys_of_one_or_two_letters_do_not_stand() -> None:
    short = [(rule["id"], k) for rule in rules() for k in tables(rule["id"])[0] if making.too_short(k)]
    assert short == []


@pytest.mark.parametrize(
    ("label", "short"),
    [
        ("no", True),
        ("OK", True),
        ("да", True),
        ("A+", True),
        ("はい", True),
        ("关闭", False),
        ("닫기", False),
        ("Top", False),
    ],
)
def test_han_and_pairs_of_hangul_are_words_though_short(label: str, short: bool) -> None:
    assert making.too_short(key(label)) is short


def test_forty_concepts_and_more_speak_sixty_languages() -> None:
    languages: dict[str, set[str]] = defaultdict(set)
    for rule in rules():
        languages[rule["concept"]].update(rule.get("exact", {}), rule.get("template", {}))
    assert sum(len(tags) >= 60 for tags in languages.values()) >= 40


def test_the_packs_stay_under_three_million_bytes() -> None:
    assert sum(path.stat().st_size for path in PACKS) < 3_000_000


@pytest.mark.parametrize(
    ("line", "rule_id"),
    [
        ("Skip to main content", "skip-link"),
        ("Advertisement", "advertisement"),
        ("Live broadcast", "live-badge-phrase"),
        ("Прямой эфир", "live-badge-phrase"),
        ("Озвучить текст", "listen-button-phrase"),
        ("Select important", "highlight-main-toggle"),
        ("Выделить главное", "highlight-main-toggle"),
        ("Читайте также:", "related"),
        ("Lesen Sie auch", "related"),
        ("相关阅读", "related"),
        ("関連記事", "related"),
        ("12 comments", "comment-count"),
    ],
)
def test_a_common_label_stands_where_it_belongs(line: str, rule_id: str) -> None:
    assert [rule["id"] for rule in rules() if takes(rule["id"], line)] == [rule_id]


@pytest.mark.parametrize("line", ["X", "On", "No", "2 min", "Note", "0", "2024", "14.03.2024", "555-123-4567", "Love"])
def test_lines_that_articles_have_are_never_always_or_edge_zone(line: str) -> None:
    assert [r["id"] for r in rules() if r["safety"] in {"always", "edge-zone"} and takes(r["id"], line)] == []


def test_single_everyday_words_of_safe_concepts_need_company() -> None:
    safety = {rule["id"]: rule["safety"] for rule in rules()}
    for line in ("Top", "Ads", "Anzeige", "More", "Details", "Next", "Contact", "Privacy", "Cookies", "Loading"):
        [owner] = [rule["id"] for rule in rules() if takes(rule["id"], line)]
        assert safety[owner] in {"in-cluster", "repeated-only"}, line


TABLE = """concept\tlang\tlabel\tsource\tlicence\tkind\tn_sources
share\tde-DE\tTeilen\ta@1\tMIT\tliteral\t1
share\tde\tTeilen\tb@1\tMIT\tliteral\t1
share\tde-AT\tTeilen\tb@1\tMIT\tliteral\t1
share\ten-XA\t[Šĥåŕé]\ta@1\tMIT\tliteral\t1
share\ten\tShare\ta@1\tMIT\tliteral\t1
share\ten\tShare with %(name)s\ta@1\tMIT\tliteral\t1
share\ten\tno\ta@1\tMIT\tliteral\t1
count\ten\t{{count}} shares\ta@1\tMIT\ttemplate-num\t1
count\tod\t%1$d ସେୟାର\ta@1\tMIT\ttemplate-num\t1
count\ten\tMarch\ta@1\tMIT\tliteral\t1
close\ten\tShare\ta@1\tMIT\tliteral\t1
close\ten\tClose\tmemory\tfrom memory, unverified\tliteral\t1
"""
CONCEPTS = "concept\tsafety_class\nshare\tedge-zone\ncount\tedge-zone\nclose\tin-cluster\n"
DECISIONS = """
skip = []
number_names = ["count"]
number_slots = []
[tags]
en-XA = ""
od = "or"
[parents]
[concept.share]
label = "share"
why = "Shares."
match = ["Teilen"]
miss = ["Share"]
[concept.count]
label = "widget"
why = "Counts."
match = ["3 shares"]
miss = ["shares"]
[concept.close]
label = "widget"
why = "Closes."
match = ["Close", "Share"]
miss = ["Closed"]
"""


def made(folder: Path, decisions: str = DECISIONS) -> dict[str, bytes]:
    for name, text in (("labels.tsv", TABLE), ("concepts.tsv", CONCEPTS), ("decisions.toml", decisions)):
        (folder / name).write_text(text, "utf-8")
    inputs = [str(folder / "labels.tsv"), str(folder / "concepts.tsv"), "--decisions", str(folder / "decisions.toml")]
    assert making.main([*inputs, "-o", str(folder / "out")]) == 0
    return {path.name: path.read_bytes() for path in sorted((folder / "out").iterdir())}


def test_the_script_writes_the_same_bytes_on_every_run(tmp_path: Path) -> None:
    assert made(tmp_path) == made(tmp_path)


def test_the_script_folds_regions_drops_pseudo_locales_and_settles_homonyms(tmp_path: Path) -> None:
    packs = {name: tomllib.loads(text.decode("utf-8"))["rule"][0] for name, text in made(tmp_path).items()}
    assert packs["share.toml"]["exact"] == {"de": ["Teilen"]}  # "Share" went to the stricter rule
    assert packs["close.toml"]["exact"] == {"en": ["Close", "Share"]}
    assert packs["count.toml"]["template"] == {"en": ["{n} shares"], "or": ["{n} ସେୟାର"]}
    assert "exact" not in packs["count.toml"]  # CLDR gives "March"
    assert "common interface wording, unverified" in packs["close.toml"]["sources"]


def test_the_script_refuses_an_example_its_own_labels_contradict(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AssertionError):
        made(tmp_path, DECISIONS.replace('miss = ["shares"]', 'miss = ["4 shares"]'))
    assert "count: takes '4 shares'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("de-DE", "de"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("sr-Latn", "sr-Latn"),
        ("iw", "he"),
        ("pt-BR", "pt-BR"),
        ("roa-Tara", None),
        ("not a tag", None),
        ("und", None),
    ],
)
def test_a_tag_becomes_the_shortest_that_means_the_same(tag: str, expected: str | None) -> None:
    assert making.canonical(tag, {}) == expected
