"""Texts that say the same, or nearly, share a key; keys are found again on disk as in memory."""

from __future__ import annotations

import random

import pytest

from siglum.runs import duplicates, seen
from siglum.runs.duplicates import keys_of
from siglum.runs.seen import Seen

STORY = " ".join(
    f"On day {n} the harbour of town {n * 7} stayed closed and {n * 3} ferries went north" for n in range(40)
)


def shared(a: str, b: str) -> int:
    return len(set(keys_of(a)) & set(keys_of(b)))


@pytest.mark.parametrize(
    "other",
    [
        STORY.upper(),
        STORY.replace(" ", "\n\n"),
        STORY.replace(" the ", " “the” "),  # marks around words, ASCII or not, are no part of them
        STORY.replace(" the ", " the\u00a0"),
        "… " + STORY + "!",
        STORY.replace("a", "\uff41"),  # fullwidth forms
    ],
)
def test_the_same_words_have_the_same_keys(other):
    assert keys_of(other) == keys_of(STORY)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Café au lait, s'il vous plaît, dit-elle.", "Cafe\u0301 au lait, s'il vous plai\u0302t, dit-elle."),
        ("STRASSE nach Köln und zurück ist gesperrt", "Strasse nach KÖLN und zurück ist gesperrt"),
        ("Привет, мир и все остальные люди", "ПРИВЕТ МИР И ВСЕ ОСТАЛЬНЫЕ ЛЮДИ"),
    ],
)
def test_case_and_composition_make_no_difference(one, other):
    assert keys_of(one) == keys_of(other) != ()


def test_other_words_or_another_order_are_no_equal_text():
    a = keys_of("one two three four five six")
    assert a[0] not in (keys_of("one two three four five seven")[0], keys_of("two one three four five six")[0])
    assert keys_of("onetwo three four")[0] != keys_of("one two three four")[0]


def test_scripts_without_blanks_are_compared_by_their_characters():
    text = "".join(chr(0x4E00 + (n * n * 7919) % 5000) for n in range(800))
    changed = text[:400] + "人" + text[401:]
    assert shared(text, changed) > 5
    assert shared(text, text[::-1]) == 0


@pytest.mark.parametrize("text", ["", " \n", "—…!", "\u200b"])
def test_a_text_without_words_has_no_keys(text):
    assert keys_of(text) == ()


def test_a_text_of_few_words_is_only_equal_or_not():
    assert len(keys_of("only four words here")) == 1
    assert len(keys_of("but here there are five")) == 15


@pytest.mark.parametrize(
    "text", ["\ud800 a b c d e", "\0" * 9, "🎈" * 50, "a" * 300_000, "𠀀𠀁𠀂𠀃𠀄𠀅", "é " * 100_000]
)
def test_any_text_has_keys_of_64_bits(text):
    assert all(0 <= key < 1 << 64 for key in keys_of(text))


def test_where_a_text_is_cut_to_be_hashed_makes_no_difference(monkeypatch):
    whole = keys_of(STORY)
    monkeypatch.setattr(duplicates, "BLOCK", 64)
    duplicates._powers.cache_clear()
    assert keys_of(STORY) == whole
    duplicates._powers.cache_clear()


def test_keys_are_what_they_were():
    # Runs that are stopped, and runs on other machines, count on it.
    assert keys_of("The harbour stayed closed for most of the day.")[:3] == (
        16375922593070268662,
        1983760761115164418,
        2313794213745040567,
    )


def alike(chance: random.Random, words: int, changed: float) -> tuple[str, str, float]:
    a = [str(chance.randrange(20_000)) for _ in range(words)]
    b = [str(chance.randrange(20_000)) if chance.random() < changed else word for word in a]
    grams = [set(zip(*(text[n:] for n in range(5)), strict=False)) for text in (a, b)]
    return " ".join(a), " ".join(b), len(grams[0] & grams[1]) / len(grams[0] | grams[1])


@pytest.mark.parametrize("words", [60, 400])
@pytest.mark.parametrize("changed", [0.02, 0.05, 0.09])
def test_near_texts_meet_as_often_as_theory_says(words, changed):
    chance, met, expected = random.Random(words), 0, 0.0
    for _ in range(150):
        a, b, share = alike(chance, words, changed)
        met += shared(a, b) > 0
        expected += 1 - (1 - share**8) ** 14
    assert abs(met - expected) < 20


# The index


def drawn(chance: random.Random, n: int = 15) -> tuple[int, ...]:
    return tuple(chance.getrandbits(64) for _ in range(n))


def test_keys_are_found_wherever_they_went(tmp_path, monkeypatch):
    monkeypatch.setattr(seen, "GATHERED", 60)
    monkeypatch.setattr(seen, "MERGED", 200)
    monkeypatch.setattr(seen, "BLOCK", 16)
    monkeypatch.setattr(seen, "FILTER_BITS", (4, 8))
    index, chance = Seen(tmp_path), random.Random(3)
    documents = [drawn(chance) for _ in range(1_000)]
    for number, keys in enumerate(documents, 1):
        assert index.first(keys) is None
        index.add(keys, number)
    for number, keys in enumerate(documents, 1):
        assert index.first(keys) == (number, 0)
        assert index.first((*drawn(chance, 3), keys[7], keys[2])) == (number, 3)
        assert index.first(drawn(chance)) is None
    index.close()
    assert list(tmp_path.iterdir()) == []


def test_few_keys_are_asked_of_the_disk_in_vain(tmp_path, monkeypatch):
    index, chance = Seen(tmp_path), random.Random(4)
    for number in range(9_000):
        index.add(drawn(chance), number)
    asked = 0

    def counted(key):
        nonlocal asked
        asked += 1

    monkeypatch.setattr(index, "_on_disk", counted)
    for _ in range(1_000):
        index.first(drawn(chance))
    assert asked < 15_000 * 0.02
