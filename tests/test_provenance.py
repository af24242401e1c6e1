"""The judgement: how claims add up, by which rules, and what the tag says."""

from __future__ import annotations

from functools import cache

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from siglum.cleaners.credits import Credits
from siglum.document import Document, Evidence, Finding
from siglum.provenance import grammar, hints
from siglum.provenance.collection import Judged, site_of, summarise
from siglum.provenance.fields import front_matter, language_tag
from siglum.provenance.folding import FOLDS, fold
from siglum.provenance.judge import Provenance, judge
from siglum.provenance.lexicon import data, lexicon, parts
from siglum.provenance.names import is_name, strip_name
from siglum.span import Span


def credit(span: tuple[int, int] = (0, 10), **claims: str) -> Finding:
    return Finding(Span(*span), Evidence("credit-xx", "credit", 0.97, {"asserted_by": "page", **claims}, quote="x"))


def test_nothing_stated_is_unknown_and_never_original() -> None:
    assert judge([], target="en").method == "unknown"
    assert judge([], target="en").tag() == "en"


def test_a_person_beside_an_engine_went_over_its_output() -> None:
    p = judge([credit(method="machine", engine="google"), credit(method="human", translator="Li")], target="zh")
    assert (p.method, p.engine, p.translator) == ("machine-postedited", "google", "Li")


def test_a_named_engine_goes_before_a_vague_one() -> None:
    p = judge([credit(method="machine", engine="ai"), credit(method="machine", engine="deepl")], target="en")
    assert p.engine == "deepl"


def test_a_claim_about_another_version_is_counter_evidence() -> None:
    p = judge([credit(method="machine", target="es", scope="other-version")], target="en")
    assert p.method == "unknown"
    assert len(p.counter) == 1


def test_a_widget_never_makes_a_method() -> None:
    widget = Finding(Span(0, 0), Evidence("google-element", "widget-translation", 0.9, {"engine": "google"}))
    assert judge([widget], target="en").method == "unknown"


SEED = "Live broadcast\n0\nОзвучить текст\n\nThe talks went on.\n\nПереведено сервисом «Яндекс Переводчик»\n"
PLAYER, CREDIT = Span(17, 31), Span(53, 92)


@pytest.mark.parametrize(
    ("lines", "source", "tag"),
    [
        ([(PLAYER, "ru", 0.99)], "ru", "en-t-ru-t0-und-x0-yandex"),
        ([], None, "en-t-t0-und-x0-yandex"),  # the credit alone speaks of its service
        ([(CREDIT, "ru", 0.99)], None, "en-t-t0-und-x0-yandex"),  # the same credit, tagged, is no second finding
        ([(PLAYER, "ru", 0.2)], None, "en-t-t0-und-x0-yandex"),
        ([(PLAYER, "ru", 0.99), (Span(0, 14), "de", 0.99)], None, "en-t-t0-und-x0-yandex"),
    ],
)
def test_two_lines_of_one_other_language_name_the_source(
    lines: list[tuple[Span, str, float]], source: str | None, tag: str
) -> None:
    findings = list(Credits()(Document(SEED)))
    p = judge(findings, target="en", line_languages=lines)
    assert (p.method, p.engine, p.source_language, p.tag()) == ("machine", "yandex", source, tag)
    assert p.basis == ("page-language" if source else "none")


def test_a_stated_source_goes_before_the_languages_of_lines() -> None:
    p = judge(
        [credit(method="machine", source="de", source_basis="stated", language="ru")],
        target="en",
        line_languages=[(Span(50, 60), "ru", 0.9)],
    )
    assert (p.source_language, p.basis) == ("de", "stated")


def test_a_source_equal_to_the_text_s_own_language_is_not_believed() -> None:
    assert judge([credit(method="machine", source="en")], target="en-GB").source_language is None


def test_a_human_translation_has_a_tag_without_machine() -> None:
    assert judge([credit(method="human", source="ru")], target="en").tag() == "en-t-ru"
    assert judge([credit(method="human")], target="en").tag() == "en"


@pytest.mark.parametrize("method", ["machine", "human", "translated"])
def test_the_judgement_as_json_keeps_to_the_row_contract(method: str) -> None:
    row = judge([credit(method=method)], target="en").to_json()
    assert row["method"] == (method if method != "translated" else "unknown")
    assert {"engine", "source_language", "basis", "confidence", "evidence"} <= set(row)
    assert {"rule", "start", "end", "quote"} <= set(row["evidence"][0])


def test_an_untranslated_quotation_in_a_translated_page_keeps_its_own_tag() -> None:
    lines = [
        (Span(0, 20), "en", 0.99),
        (Span(21, 40), "ru", 0.99),
        (Span(41, 60), "ru", 0.9),
        (Span(61, 70), "fr", 0.2),
    ]
    p = judge([credit((80, 90), method="machine", engine="deepl")], target="en", line_languages=lines)
    assert p.spans == ((Span(21, 60), "ru"),)


def test_the_judgement_speaks_schema_org() -> None:
    p = judge([credit(method="machine", engine="deepl", source="ru")], target="en")
    assert p.schema_org()["translationOfWork"] == {"@type": "CreativeWork", "inLanguage": "ru"}
    assert p.schema_org()["inLanguage"] == "en-t-ru-t0-und-x0-deepl"
    assert "translator" not in judge([], target="en").schema_org()


def test_residue_counts_only_with_the_language_of_the_marked_text() -> None:
    font = '<font style="vertical-align: inherit;"><font style="vertical-align: inherit;">{}</font></font>'
    page = '<html lang="en"><body><p>' + font + "</p></body></html>"

    def language_of(text: str) -> tuple[str, float]:
        return ("de", 0.9) if "Tag" in text else ("en", 0.9)

    def method(text: str) -> str:
        return judge(list(Credits(language_of)(Document(text, html=page.format(text)))), target="und").method

    assert method("Guten Tag, das ist ein schöner Tag") == "machine"
    assert method("Good day, this is a beautiful walk") == "unknown"


def test_residue_gives_the_source_text_back() -> None:
    html = (
        '<p><ya-tr-span data-translated="true" data-source-lang="en" data-value="Good day"'
        ' data-translation="Добрый день">Добрый день</ya-tr-span></p>'
    )
    (finding,) = Credits()(Document("Добрый день", html=html))
    assert finding.evidence.claims["source_text"] == "Good day"


@pytest.mark.parametrize(
    ("meta", "headers", "method"),
    [
        ({"translator": "DeepL"}, {}, "machine"),
        ({"machine_translated": True}, {}, "machine"),
        ({"machine_translated": False}, {}, "unknown"),
        ({"translator": "Ana Ruiz"}, {}, "human"),
        ({}, {"weglot-translated": "true"}, "translated-unknown"),
        ({}, {"content-language": "en"}, "unknown"),
    ],
)
def test_the_caller_s_metadata_and_headers_are_read(
    meta: dict[str, object], headers: dict[str, str], method: str
) -> None:
    assert judge(list(Credits()(Document("Text", meta=meta, headers=headers))), target="en").method == method


@pytest.mark.parametrize(
    ("html", "method"),
    [
        ('<html><head><meta http-equiv="X-Translated-By" content="Google"></head><body>x</body></html>', "machine"),
        ('<html><head><meta name="translator" content="Ana Ruiz"></head><body>x</body></html>', "human"),
        ('<html><body><script type="application/json">{"isAutoTranslated": true}</script></body></html>', "machine"),
        ('<html><body><script>{"isAutoTranslated": false}</script></body></html>', "unknown"),
        ('<html><body><div id="google_translate_element"></div></body></html>', "unknown"),
    ],
)
def test_a_page_s_own_data_is_read(html: str, method: str) -> None:
    assert judge(list(Credits()(Document("x", html=html))), target="en").method == method


def test_hints_of_one_document_never_count_more_than_their_cap() -> None:
    text = "He said in Krivoy Rog that the Chzhao talks and the Fukusima plant were far from Kiev, said Si Tszinpin."
    found = tuple(hints.read(Document(text)))
    assert hints.weight(found)["ru"] == hints.CAP


def test_front_matter_is_read_in_every_form() -> None:
    for text in ("---\na: 1\n---\nx", "+++\na = 1\n+++\nx", ":a: 1\n\nx", "#+a: 1\n\nx", "[#]: a: 1\n\nx"):
        fields, end = front_matter(text)
        assert [(f.key, f.value) for f in fields] == [("a", "1")]
        assert 0 < end <= len(text)


@pytest.mark.parametrize("text", ["", "---", "---\na: 1\n", "----\na: 1\n----", "a: 1"])
def test_what_is_no_front_matter_gives_no_fields(text: str) -> None:
    assert front_matter(text) == ([], 0)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Maria Gomez", True), ("@octocat", True), ("王小明", True), ("김민수", True), ("Ана Петровић", True),
        ("J. R. Smith and Li Wei", True),
        ("TBD", False), ("", False), ("the quick brown fox", False), ("https://", False), ("{name}", False),
        ("这是一个非常长的句子而不是名字啊", False),
    ],
)  # fmt: skip
def test_a_name_is_short_and_written_like_one(name: str, expected: bool) -> None:
    assert is_name(name) is expected


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("[Ana](https://example.org/a) 校对：[Li](x)", "Ana"),
        ("Ana Ruiz (2020)", "Ana Ruiz"),
        ("**Ana**", "Ana"),
        ("Ana <a@example.org>", "Ana"),
    ],
)
def test_a_name_ends_where_the_next_label_starts(raw: str, name: str) -> None:
    assert strip_name(raw) == name


@pytest.mark.parametrize(("value", "tag"), [("en_US", "en-US"), ("German", "de"), ("javascript", None), ("", None)])
def test_a_language_is_read_by_tag_or_english_name(value: str, tag: str | None) -> None:
    assert language_tag(value) == tag


def test_folding_leaves_marks_of_indic_scripts_alone() -> None:
    assert fold("Überſetzt ПЕРЕВЁЛ") == "ubersetzt перевел"
    assert "ि" in fold("अनुवादित")


def test_a_page_without_its_site_s_credit_is_shown_as_odd() -> None:
    stated = Provenance(method="machine", engine="deepl", target="en")
    documents = [Judged(f"d{n}", "example.org", stated) for n in range(19)]
    documents.append(Judged("d19", "example.org", Provenance(target="en")))
    summary = summarise(documents)
    assert [(o.id, o.expected, o.engine) for o in summary.odd] == [("d19", "machine", "deepl")]
    assert summary.engines == (("deepl", 19),)


def test_a_site_of_few_or_mixed_documents_has_no_habit() -> None:
    stated = Provenance(method="machine", engine="deepl", target="en")
    few = [Judged("a", "example.org", stated), Judged("b", "example.org", Provenance(target="en"))]
    mixed = [Judged(str(n), "example.org", stated if n % 2 else Provenance(target="en")) for n in range(20)]
    assert summarise(few).odd == summarise(mixed).odd == ()


def test_a_site_is_its_host() -> None:
    assert site_of("https://www.example.org/x") == "example.org"
    assert site_of("http://[bad") == ""


@given(st.text("aZ9 =\"'([{$}])>:;.</अ\u093eé", max_size=12))
def test_whatever_is_like_code_has_one_of_its_marks(text: str) -> None:
    assert grammar._is_code(text) == (grammar._CODELIKE.search(text) is not None)


def _spelt(code: str, phrase: str) -> regex.Pattern[str]:
    """Return what `Phrase` looks for of a phrase of credits, as one pattern."""
    lex = lexicon(code)
    words = phrase.split(" ")
    if not lex.spaced:
        body = r"\s?".join(regex.escape(word) for word in phrase.rstrip("*").split(" "))
        return regex.compile(f"(?<![a-z0-9]){body}(?![a-z0-9])" if phrase.isascii() else body)
    prefix = f"[{lex.prefixes}]{{0,2}}" if lex.prefixes else ""
    suffix = r"\w{0,3}" if lex.suffixes else ""
    body = r"\s".join(regex.escape(w.rstrip("*")) + (r"\w{0,12}" if w.endswith("*") else "") for w in words)
    head = r"(?<!\w)" + prefix if phrase[0].isalnum() else ""
    return regex.compile(head + body + (suffix + r"(?!\w)" if phrase[-1].isalnum() else ""))


@cache
def _patterns(code: str) -> tuple[list[regex.Pattern[str]], list[regex.Pattern[str]]]:
    language = data()["languages"][code]
    head = r"(?<!\w)" + (f"[{language['prefixes']}]{{0,2}}" if language["prefixes"] else "")
    spaced = language["spaced"]
    names = [f"{head}{regex.escape(n)}\\w{{0,7}}" if spaced else regex.escape(n) for n in language["names"]]
    return [_spelt(code, phrase) for phrase in language["lexicon"]], [regex.compile(name) for name in names]


def _one_by_one(patterns: list[regex.Pattern[str]], text: str, lo: int, hi: int) -> list[tuple[int, int, int]]:
    return sorted((m.start(), n, m.end()) for n, found in enumerate(patterns) for m in found.finditer(text, lo, hi))


PIECES = {
    "ru": ["перевод", "на русский", "и", "машинный", "переводчик", "переведено", "с английского", "японскими"],
    "en": ["translated", "by a machine", "ai", "translation of this", "into english", "portugueselike", "auto-"],
    "cs": ["přeloženo", "strojově přeložený", "překlad", "z angličtiny", "automaticky"],
    "ko": ["번역", "기계 번역", "번역기로", "영어에서", "자동으로", "인공지능이다"],
    "he": ["תרגום", "בתרגום", "ומתורגם", "מאנגלית", "ל", "בב", "שמאנגלית", "תורגם באופן אוטומטי"],
    "ar": ["ترجمة", "وبترجمة", "بواسطة", "من الإنجليزية", "فف", "ترجمة آلية"],
    "zh": ["机器 翻译", "机器翻译", "ai", "ai翻译", "由", "英语", "x"],
}


def _texts_of(code: str) -> st.SearchStrategy[tuple[str, str]]:
    pieces = st.sampled_from([*map(fold, PIECES[code]), " ", " ", ", ", "_", "-", "e", "és"])
    return st.tuples(st.just(code), st.lists(pieces, max_size=9).map("".join))


@given(st.sampled_from(sorted(PIECES)).flatmap(_texts_of), st.integers(0, 9), st.integers(0, 9))
def test_phrases_are_found_where_their_patterns_find_them(case: tuple[str, str], skipped: int, cut: int) -> None:
    code, text = case
    phrases, names = _patterns(code)
    lo, hi = min(skipped, len(text)), max(min(skipped, len(text)), len(text) - cut)
    assert lexicon(code).phrases.matches(text, lo, hi) == _one_by_one(phrases, text, lo, hi)
    assert lexicon(code).names.matches(text, lo, hi) == _one_by_one(names, text, lo, hi)


def test_the_only_space_of_a_folded_text_is_the_common_one() -> None:
    folded = "".join(map(FOLDS.__getitem__, range(0x110000)))
    assert set(regex.findall(r"\s", folded)) == {" "}


def test_a_sentence_is_repaired_where_a_misspelt_word_names_the_machine() -> None:
    lex = lexicon("en")
    wrong, other = "this page was automaticaly translated", "this pagge was beautifuly translated by him"
    added = set(grammar._repaired(wrong, lex)) - set(parts(wrong, lex))
    assert [wrong[p.start : p.end] for p in added] == ["automaticaly"]
    assert grammar._repaired(other, lex) == parts(other, lex)
