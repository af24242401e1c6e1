"""Whatever the bytes are, they become a text without surrogates, and the account gives exactly these bytes back."""

from __future__ import annotations

import encodings
import json
import pkgutil
import random
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.decoding import ByteRun, Decoding, decode
from siglum.errors import ReportMismatch

CODECS = sorted(module.name for module in pkgutil.iter_modules(encodings.__path__))
RUSSIAN = (
    "Вчера вечером в городе открыли новый мост через реку. Жители ждали его больше пяти лет, и пришли тысячи людей."
)
JAPANESE = "昨日の夕方、町に新しい橋が開通しました。住民は五年以上も待っていたので、大勢の人が集まりました。"
SIMPLIFIED = "昨天晚上，城里新建的大桥通车了。居民们等了五年多，有几千人来参加庆祝活动。"
TRADITIONAL = "昨天晚上，城裡新建的大橋通車了。居民們等了五年多，有幾千人來參加慶祝活動。"
KOREAN = "어제 저녁 도시에 새 다리가 개통되었습니다. 주민들은 오 년이 넘게 기다렸고 수천 명이 축제에 왔습니다."
GERMAN = "Gestern Abend wurde eine neue Brücke über den Fluss eröffnet. Die Bürger hatten mehr als fünf Jahre gewartet."
POLISH = (
    "Wczoraj wieczorem w mieście otwarto nowy most przez rzekę. Mieszkańcy czekali na niego ponad pięć lat, żółw śpi."
)
TURKISH = "Dün akşam şehirde ırmağın üzerinde yeni bir köprü açıldı. Halk onu beş yıldan fazla bekledi, çocuklar güldü."

# Line ends of each kind, marks, escapes of stateful codecs, bidi, combining, astral, doubly encoded, lone surrogates.
CHARACTERS = (
    "aZ09 \\+-~{}&<é\u0301ßЖяあ\u309aか漢字한국①∪≒€"
    "\x85\u2028\u2029\v\f\r\n\n\r\u202e\u2066😀𝄞\ufeff\0\x1b\x0e\x0f¥‾\ud800\udfff"
)


def restored(data: bytes, **how: object) -> tuple[str, Decoding]:
    """Decode, and hold *decode* to its two promises on the way."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # unicode_escape on unknown escapes
        text, account = decode(data, **how)
        text.encode("utf-8")  # raises on a lone surrogate
        assert account.restore(text) == data
        return text, account


def encoded(text: str, codec: str) -> bytes:
    try:
        return text.encode(codec, "ignore")
    except (UnicodeError, LookupError, AssertionError):
        return text.encode("utf-8", "surrogatepass")


@given(st.data(), st.sampled_from(CODECS))
def test_any_bytes_come_back_in_any_codec_python_has(data, codec):
    text = data.draw(st.text(st.sampled_from(CHARACTERS), max_size=40))
    for source in (encoded(text, codec), data.draw(st.binary(max_size=40)), text.encode("utf-8", "surrogatepass")):
        restored(source, caller=codec)


@given(st.binary(max_size=60), st.text(max_size=20), st.text(max_size=20), st.booleans())
def test_no_input_and_no_name_raises(data, caller, header, html):
    restored(data, caller=caller, header=f"text/html; charset={header}", html=html)


def test_five_thousand_made_inputs_come_back():
    made = random.Random(5)
    marks = [b"", b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\0\0", b"\0\0\xfe\xff"]
    for number in range(5000):
        codec = CODECS[number % len(CODECS)]
        data = bytearray(made.choice(marks) + encoded("".join(made.choices(CHARACTERS, k=made.randrange(60))), codec))
        for _ in range(made.randrange(4) if data else 0):  # corrupt some
            data[made.randrange(len(data))] = made.randrange(256)
        how = made.choice([{"caller": codec}, {"caller": codec}, {"header": codec}, {"html": True}, {}])
        restored(bytes(data[: made.choice([len(data), made.randrange(len(data) + 1)])]), **how)


@pytest.mark.parametrize("codec", [c for c in CODECS if c not in {"idna", "punycode", "undefined"}])
def test_what_a_codec_reads_without_fault_is_what_the_caller_gets(codec):
    text = "plain words 09\n"
    try:
        data = text.encode(codec)
        expected = data.decode(codec)
    except LookupError:
        pytest.skip("no encoding of text, or not on this system")
    assert restored(data, caller=codec)[0] == expected


@pytest.mark.parametrize(
    ("text", "codec"),
    [(RUSSIAN, c) for c in ("utf-8", "cp1251", "koi8-r", "iso8859-5", "cp866")]
    + [(JAPANESE, c) for c in ("utf-8", "euc_jp", "shift_jis", "iso2022_jp")]
    + [(SIMPLIFIED, "gb18030"), (SIMPLIFIED, "gb2312"), (TRADITIONAL, "big5"), (KOREAN, "euc_kr"), (KOREAN, "cp949")]
    + [(GERMAN, "cp1252"), (POLISH, "cp1250"), (POLISH, "iso8859-2"), (TURKISH, "cp1254")]
    + [(t, c) for t in (GERMAN, RUSSIAN) for c in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")],
)
def test_a_text_that_declares_nothing_is_read(text, codec):
    assert restored(text.encode(codec))[0] == text


@pytest.mark.xfail(reason="uchardet does not know these codecs")
@pytest.mark.parametrize(("text", "codec"), [(KOREAN, "johab"), (GERMAN, "mac_roman"), (GERMAN, "cp850")])
def test_a_text_in_a_rare_codec_is_read(text, codec):
    assert decode(text.encode(codec))[0] == text


@pytest.mark.parametrize(
    ("data", "how", "codec", "basis"),
    [
        (b"\xef\xbb\xbfabc", {"caller": "cp1251"}, "utf-8", "bom"),
        ("\ufeffabc".encode("utf-16-le"), {}, "utf-16-le", "bom"),
        ("\ufeffabc".encode("utf-32-be"), {}, "utf-32-be", "bom"),
        (RUSSIAN.encode("koi8-r"), {"caller": "koi8-r", "header": "windows-1251"}, "koi8-r", "caller"),
        (RUSSIAN.encode("cp1251"), {"header": "text/html; charset=windows-1251"}, "cp1251", "http-header"),
        (b'<meta charset="windows-1251">' + RUSSIAN.encode("cp1251"), {"html": True}, "cp1251", "html-meta"),
        (
            b"<?xml version='1.0' encoding='koi8-r'?>" + RUSSIAN.encode("koi8-r"),
            {"html": True},
            "koi8-r",
            "xml-declaration",
        ),
        (RUSSIAN.encode(), {}, "utf-8", "detected"),
        (b"plain", {}, "utf-8", "default"),
        (b"", {}, "utf-8", "default"),
        (b"\x81\x8d\x8f\x90\x9d" * 3, {}, "cp1252", "default"),
        (
            b'<!-- <meta charset="koi8-r"> --><meta charset=utf-8>' + RUSSIAN.encode(),
            {"html": True},
            "utf-8",
            "html-meta",
        ),
        (b'<meta charset="utf-16"><p>plain', {"html": True}, "utf-8", "html-meta"),
        (b'<meta charset="koi8-r">plain', {}, "utf-8", "default"),  # not a page
    ],
)
def test_the_strongest_ground_decides(data, how, codec, basis):
    account = restored(data, **how)[1]
    assert (account.codec, account.basis) == (codec, basis)


@pytest.mark.parametrize(
    ("label", "text", "codec"),
    [
        ("iso-8859-1", "“quoted” – 5 €", "cp1252"),
        ("x-sjis", "①" + JAPANESE, "cp932"),
        ("gb2312", SIMPLIFIED + "镕", "gb18030"),
        ("ks_c_5601-1987", KOREAN + "똠", "cp949"),
        ("big5-hkscs", TRADITIONAL, "big5hkscs"),
        ("big5_solaris", TRADITIONAL, "big5hkscs"),
        ("iso-8559-1", GERMAN, "cp1252"),
        ("unicode-1-1-utf-8", GERMAN, "utf-8"),
        ("x-user-defined", GERMAN, "cp1252"),
        ("euc-jp", "①" + JAPANESE, "euc_jis_2004"),
        ("win-1251", RUSSIAN, "cp1251"),
    ],
)
def test_a_page_gets_the_codec_browsers_mean_by_its_label(label, text, codec):
    got, account = restored(text.encode(codec), header=f'text/html; charset="{label}"')
    assert (got, account.codec, account.basis) == (text, codec, "http-header")


@pytest.mark.parametrize(
    "label", ["unicode_escape", "raw-unicode-escape", "utf-7", "idna", "punycode", "undefined", "rot13"]
)
def test_a_page_may_not_ask_for_what_is_no_encoding_of_pages(label):
    text, account = restored(b"a\\u0041+AGE-", header=f"text/html; charset={label}")
    assert text == "a\\u0041+AGE-"
    assert account.rejected[0].codec.replace("-", "") in {label.replace("-", ""), "rot13"}


@pytest.mark.parametrize(
    ("data", "how", "codec", "why"),
    [
        (GERMAN.encode(), {"header": "ascii"}, "cp1252", "all bytes are well-formed UTF-8"),
        (JAPANESE.encode(), {"caller": "euc_jp"}, "euc_jp", "are not euc_jp"),
        (RUSSIAN.encode("cp1251"), {"header": "utf-8"}, "utf-8", "are not utf-8"),
        (b"plain words", {"header": "utf-16"}, "utf-16-le", "no NUL byte"),
        (b"plain", {"caller": "no-such-codec"}, "no-such-codec", "no codec of that name"),
        (b"plain", {"caller": "a\0b"}, "a\0b", "no codec of that name"),
        (b"plain", {"caller": "base64"}, "base64", "not a text encoding"),
    ],
)
def test_a_declaration_the_bytes_contradict_is_passed_over_with_its_reason(data, how, codec, why):
    account = restored(data, **how)[1]
    assert account.codec == "utf-8" or account.codec == "cp1251"
    assert account.rejected[0].codec == codec
    assert why in account.rejected[0].why


def test_a_few_broken_bytes_do_not_cost_a_text_its_codec():
    text, account = restored(RUSSIAN.encode() + b" \xd0\xff end")
    assert text == RUSSIAN + " \ufffd end"
    assert (account.codec, account.exceptions) == (
        "utf-8",
        (ByteRun(len(RUSSIAN.encode()) + 1, "d0ff", len(RUSSIAN) + 1, 1),),
    )


def test_a_second_spelling_of_a_character_is_kept_alone():
    text, account = restored(b"abc \x87\x90 def \x82\xa0\n", caller="cp932")
    assert (text, account.exceptions) == ("abc ≒ def あ\n", (ByteRun(4, "8790", 4, 1),))


def test_offsets_of_exceptions_count_the_byte_order_mark():
    account = restored(b"\xef\xbb\xbf" + RUSSIAN.encode() + b"\xff")[1]
    assert (account.bom, account.exceptions[0].byte_start) == ("efbbbf", 3 + len(RUSSIAN.encode()))


def test_line_ends_are_counted_by_kind():
    account = restored("a\nb\r\nc\rd\r\r\n\v\f\x85\u2028\u2029e\n".encode())[1]
    assert dict(account.newlines) == {"lf": 2, "crlf": 2, "cr": 2, "other": 5}
    assert account.ends_with_newline
    assert not restored(b"a\nb")[1].ends_with_newline


@pytest.mark.parametrize("data", [b"abc\0", b"a\0bc\0def\0", b"\0", "é\0".encode(), b"rec1\0rec22\0rec333\0x\0"])
def test_stray_nul_bytes_are_no_utf16(data):
    assert restored(data)[0] == data.decode()


@given(st.binary(max_size=40), st.sampled_from(["", "cp932", "utf-7", "iso2022_jp"]))
def test_an_account_survives_json(data, caller):
    text, account = decode(data, caller=caller)
    again = Decoding.from_json(json.loads(json.dumps(account.to_json())))
    assert again == account
    assert again.restore(text) == data


@pytest.mark.parametrize("other", ["abcd", "abé"])
def test_another_text_is_refused(other):
    with pytest.raises(ReportMismatch):
        decode(b"abc", caller="ascii")[1].restore(other)


@pytest.mark.parametrize(
    ("unit", "how"),
    [
        (b"\xff", {}),
        (b"\xff", {"caller": "utf-8"}),
        (b"\x87\x90", {"caller": "cp932"}),
        (b"\0", {}),
        (b"\x1b$B", {"caller": "iso2022_jp"}),
        (b"<meta ", {"html": True}),
        (b"<!--", {"html": True}),
        (b"\\ud800", {"caller": "unicode_escape"}),
        ("я".encode() * 9 + b"\xff", {}),
    ],
)
def test_hostile_bytes_by_the_megabyte_come_back(unit, how):
    data = unit * (1_000_000 // len(unit))  # work that grows with the square would end only with the test's time
    restored(data, **how)
