"""Labels that CLDR gives when rules are compiled."""

from __future__ import annotations

import langcodes
import pytest

from siglum.packs import cldr
from siglum.packs.keys import key, template_key

pytest.importorskip("babel")


def folded(kind: str) -> set[str]:
    return {template_key(key(label.replace("{n}", "0"))) for labels in cldr.expand(kind).values() for label in labels}


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("months", "January"),
        ("months", "ЯНВАРЬ"),
        ("months", "三月"),
        ("weekdays", "Mittwoch"),
        ("weekdays", "星期一"),
        ("relative-times", "5 minutes ago"),
        ("relative-times", "1 минуту назад"),
        ("language-names", "Deutsch"),
        ("language-names", "Russian"),
        ("dates", "March 14, 2024"),
        ("dates", "14 March 2024"),
        ("dates", "Thursday, March 14, 2024"),
        ("dates", "14. März 2024, 15:09"),
        ("dates", "14 марта 2024 г."),
        ("dates", "14 марта 2024"),
        ("dates", "2024年3月14日"),
    ],
)
def test_a_line_that_cldr_writes_is_known(kind: str, line: str) -> None:
    assert template_key(key(line)) in folded(kind)


@pytest.mark.parametrize("line", ["5", "3:09", "14.03.2024", "14/03/2024", "3 min", "Mo", "In March 2024 it rained."])
def test_a_line_that_says_too_little_or_more_is_not_known(line: str) -> None:
    assert [kind for kind in cldr.KINDS if template_key(key(line)) in folded(kind)] == []


def test_a_key_stands_in_one_kind() -> None:
    seen: set[str] = set()
    for kind in cldr.KINDS:
        assert not seen & folded(kind)
        seen |= folded(kind)


def test_tags_are_canonical_and_everything_is_sorted() -> None:
    for kind in cldr.KINDS:
        table = cldr.expand(kind)
        assert list(table) == sorted(table)
        for tag, labels in table.items():
            assert langcodes.standardize_tag(tag) == tag
            assert labels == sorted(labels)
            assert labels


def test_languages_do_not_leak_into_each_other() -> None:
    assert "mart" not in cldr.expand("months")["zh-Hans"]
    assert cldr.expand("months")["ja"] == ["{n}月"]


def test_all_kinds_together_are_bounded() -> None:
    total = sum(len(labels) for kind in cldr.KINDS for labels in cldr.expand(kind).values())
    assert 40_000 < total <= 120_000


def test_what_expand_returns_may_be_changed_without_harm() -> None:
    cldr.expand("months")["de"].clear()
    assert cldr.expand("months")["de"]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        cldr.expand("seasons")
