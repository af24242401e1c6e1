"""Language tags are read, refused, canonicalised and written as BCP 47, the T extension and CLDR say."""

from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.errors import TagError
from siglum.tags import base, canonical, iso639_3, parse, write

# What V8 with ICU 78 and CLDR 48 answers (Intl.getCanonicalLocales); "" where it refuses.
CANONICAL = [
    ("en-t-ru-t0-und", "en-t-ru-t0-und"),
    ("en-t-ru-t0-und-x0-yandex", "en-t-ru-t0-und-x0-yandex"),
    ("en-T-RU-t0-Yandex", "en-t-ru-t0-yandex"),
    ("en-t-ru-x0-yandex-t0-und", "en-t-ru-t0-und-x0-yandex"),
    ("en-t-ru-t0", ""),
    ("en-t-ru-t0-x", ""),
    ("en-t-und-t0-und", "en-t-und-t0-und"),
    ("en-t-t0-und", "en-t-t0-und"),
    ("en-t-zh-hant-t0-und", "en-t-zh-hant-t0-und"),
    ("sr-Latn-t-sr-cyrl-m0-bgn", "sr-Latn-t-sr-cyrl-m0-bgn"),
    ("en-t-ru-ru-t0-und", "en-t-ru-ru-t0-und"),
    ("en-t-ru-t0-und-t0-yandex", "en-t-ru-t0-und-t0-yandex"),
    ("en-t-ru-t0-ab", ""),
    ("en-t-ru-t0-und-x0-a", ""),
    ("en-t", ""),
    ("en-t-ru-t-uk", ""),
    ("en-t-ru-1990abcd", "en-t-ru-1990abcd"),
    ("en-t-rus-t0-und", "en-t-ru-t0-und"),
    ("en-t-ru-t0-und-x0-gpt4-2024", "en-t-ru-t0-und-x0-gpt4-2024"),
    ("en-t-ru-t0-und-x0-deepl-pe-yes", ""),
    ("und-t-ru-t0-und", "und-t-ru-t0-und"),
    ("zh-hant-t-en-t0-und", "zh-Hant-t-en-t0-und"),
    ("en-t-ru-latn-t0-und", "en-t-ru-latn-t0-und"),
    ("en-t-ru-t0-und-x-farm", "en-t-ru-t0-und-x-farm"),
    ("en-x-t-ru", "en-x-t-ru"),
    ("en-t-iw-t0-und", "en-t-he-t0-und"),
    ("en-t-mo-t0-und", "en-t-ro-t0-und"),
    ("en-t-zh-cmn-t0-und", ""),
    ("en-t-abcd-t0-und", ""),
    ("mul-t-ru-t0-und", "mul-t-ru-t0-und"),
    ("zxx-t-ru-t0-und", "zxx-t-ru-t0-und"),
    ("en-t-ru-petr1708-luna1918-t0-und", "en-t-ru-luna-t0-und"),
    # Beyond the T extension of these tags.
    ("en-latn-us", "en-Latn-US"),
    ("EN_us", ""),
    ("en-Latn-Latn", ""),
    ("de-1996-1996", ""),
    ("a", ""),
    ("en-", ""),
    ("", ""),
    ("en-u-ca-gregory-u-co-pinyin", ""),
    ("en-t-de-1996-1901", "en-t-de-1901-1996"),
    ("en-t-de-1996-1996", ""),
    ("en-t-sh", "en-t-sr-latn"),
    ("en-t-cmn", "en-t-zh"),
    ("en-t-de-dd", "en-t-de-de"),
    ("ru-SU", "ru-RU"),
    ("sgn-us", "ase"),
    ("tl", "fil"),
    ("no", "no"),
    ("hy-arevmda", "hyw"),
    ("en-t-hy-arevela", "en-t-hy"),
    ("ja-latn-hepburn-heploc", "ja-Latn-alalc97"),
    ("aa-saaho", "ssy"),
    ("art-lojban", "jbo"),
    ("qaa-qaai-x-a", "qaa-Zinh-x-a"),
    ("en-u-nu-latn-t-ru", "en-t-ru-u-nu-latn"),
    ("en-b-ccc-a-bbb", "en-a-bbb-b-ccc"),
    ("en-t-ru-m0-und-d0-npinyin", "en-t-ru-d0-npinyin-m0-und"),
    ("en-t-m0-names", "en-t-m0-prprname"),
]

# What RFC 5646 allows and V8 does not take for a locale.
WIDER = [
    ("zh-cmn-hans", "zh-Hans"),
    ("zh-yue", "yue"),
    ("zh-min-nan", "nan"),
    ("i-klingon", "tlh"),
    ("en-gb-oed", "en-GB-oxendict"),
    ("x-private", "x-private"),
]


@pytest.mark.parametrize(("tag", "expected"), [row for row in CANONICAL + WIDER if row[1]])
def test_a_well_formed_tag_has_its_canonical_form(tag, expected):
    assert canonical(tag) == expected
    assert canonical(expected) == expected


@pytest.mark.parametrize("tag", [tag for tag, expected in CANONICAL if not expected])
def test_an_ill_formed_tag_is_refused(tag):
    with pytest.raises(TagError):
        canonical(tag)


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ("en-t-ru-t0", "expected a value of the field 't0', found the end"),
        ("en-t", "expected a language or a field after 't', found the end"),
        ("en-t-ru-t-uk", "expected each extension once, found a second 't'"),
        ("en_US", "expected subtags of one to eight letters or digits, found 'en_us'"),
        ("en-ру", "expected ASCII"),
        ("en-" + "a" * 300, "at most 250 characters"),
    ],
)
def test_a_refusal_says_what_was_expected_and_what_was_found(tag, message):
    with pytest.raises(TagError, match=re.escape(message)):
        parse(tag)


def test_a_tag_is_read_into_its_parts():
    tag = parse("zh-Hant-TW-t-ru-t0-und-x0-yandex-u-nu-latn-x-a")
    assert tag.language == ("zh", "hant", "tw", ())
    assert tag.source == ("ru", "", "", ())
    assert tag.fields == (("t0", ("und",)), ("x0", ("yandex",)))
    assert (tag.extensions, tag.private) == ((("u", ("nu", "latn")),), ("a",))
    assert tag.machine_translated
    assert not parse("en-t-ru").machine_translated


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("en", "ru", True, "Yandex Translate", False), "en-t-ru-t0-und-x0-yandex"),
        (("en", None, True, "", False), "en-t-t0-und"),
        (("en", "und", True, "", False), "en-t-t0-und"),
        (("en", "ru", False, "", False), "en-t-ru"),
        (("en", None, False, "", False), "en"),
        (("en", "und", False, "DeepL", True), "en"),  # nothing says that it is a translation
        (("zh-hant", "sr-Latn", True, "DeepL", True), "zh-Hant-t-sr-latn-t0-und-x0-deepl-pedit"),
        (("en", "ru", True, "", True), "en-t-ru-t0-und-x0-pedit"),
        (("en", "ru", True, "Microsoft Translator", False), "en-t-ru-t0-und-x0-microsof"),
        (("en", "ru", True, "GPT-4o", False), "en-t-ru-t0-und-x0-gpt4o"),
        (("en", "ru", True, "ИИ", False), "en-t-ru-t0-und"),  # nothing of it can be spelled in a tag
        (("en-u-ca-gregory", "rus-t-en", True, "", False), "en-t-ru-t0-und"),
        (("und", "ru", True, "", False), "und-t-ru-t0-und"),
    ],
)
def test_a_translation_is_written_as_the_extension_says(arguments, expected):
    target, source, machine, engine, post_edited = arguments
    assert write(target, source, machine=machine, engine=engine, post_edited=post_edited) == expected


@given(st.text(max_size=60), st.booleans())
def test_any_engine_name_gives_a_well_formed_tag(engine, post_edited):
    tag = write("en", "ru", machine=True, engine=engine, post_edited=post_edited)
    assert canonical(tag) == tag
    assert tag.startswith("en-t-ru-t0-und")


LANGUAGES = ["en", "ru", "RUS", "zh", "cmn", "iw", "sh", "hant", "Latn", "cyrl", "us", "SU", "419"]
OTHERS = [
    "1996",
    "rozaj",
    "heploc",
    "arevela",
    "luna1918",
    "t",
    "u",
    "x",
    "a",
    "t0",
    "m0",
    "x0",
    "und",
    "yandex",
    "ab",
    "i",
]
SUBTAGS = st.sampled_from(LANGUAGES + OTHERS)


@given(st.lists(SUBTAGS, min_size=1, max_size=9).map("-".join))
def test_a_canonical_form_is_its_own_canonical_form(tag):
    try:
        once = canonical(tag)
    except TagError:
        return
    assert canonical(once) == once


@given(st.text(max_size=20))
def test_any_text_is_a_tag_or_refused(text):
    with contextlib.suppress(TagError):
        assert str(parse(text))


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en-t-ru-t0-und", "en"), ("EN-us-x-a", "en-US"), ("zh-hant-t-en", "zh-Hant"), ("x-a", "und"), ("iw", "he")],
)
def test_the_base_is_what_stands_before_the_first_singleton(tag, expected):
    assert base(tag) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en-t-ru-t0-und", "eng"),
        ("ru", "rus"),
        ("zh-Hant", "zho"),
        ("sr-Latn", "srp"),
        ("yue", "yue"),
        ("und", "und"),
        ("mul", "mul"),
        ("zxx", "zxx"),
        ("x-a", "und"),
    ],
)
def test_warc_headers_get_three_letters(tag, expected):
    assert iso639_3(tag) == expected
