"""Credits: every example of every rule file, what is cut, and what no hostile text may do."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.cleaners.credits import Credits, Lines
from siglum.document import Document, Finding
from siglum.provenance.claims import KEYS, LABEL_CREDIT, LABEL_WIDGET
from siglum.provenance.judge import judge

RULES = Path(__file__).resolve().parent.parent / "rules" / "credits"
CREDITS = Credits()
BEFORE = "The first paragraph of the page makes no claim of its own.\n\n"
AFTER = "\n\nAnd here the page goes on with more of its text.\n"


def _languages() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path in sorted(RULES.glob("*.toml")):
        data = tomllib.loads(path.read_text("utf-8"))
        for code, parts in data.items():
            if isinstance(parts, dict):
                for kind in ("match", "miss"):
                    for n, example in enumerate(parts.get(kind, [])):
                        yield f"{code}-{kind}-{n}", kind, example


def _rules(name: str, key: str) -> Iterator[tuple[str, str, Any]]:
    for rule in tomllib.loads((RULES / f"{name}.toml").read_text("utf-8"))[key]:
        for kind in ("match", "miss"):
            for n, example in enumerate(rule[kind]):
                yield f"{rule['id']}-{kind}-{n}", kind, example


def _found(text: str = "", **page: Any) -> list[Finding]:
    return list(CREDITS(Document(text, **page)))


def _claims(findings: list[Finding]) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    for f in findings:
        if f.evidence.label != "hint":
            for key, value in f.evidence.claims.items():
                out.setdefault(key, set()).add(value)
    return out


def _check(kind: str, example: Any, findings: list[Finding]) -> None:
    judged = judge(findings, target="und")
    if kind == "miss":
        assert judged.method == "unknown"
        return
    claims = _claims(findings)
    for key, value in example["claims"].items():
        assert value in claims.get(key, set()), f"{key}: {claims.get(key)} is not {value}"
    if example["claims"].get("method", "translated") != "translated":
        assert judged.method == example["claims"]["method"]


@pytest.mark.parametrize(("kind", "example"), [pytest.param(k, e, id=i) for i, k, e in _languages()])
def test_every_wording_of_a_language_is_read_as_its_file_says(kind: str, example: dict[str, Any]) -> None:
    _check(kind, example, _found(BEFORE + example["text"] + AFTER))


@pytest.mark.parametrize(("kind", "example"), [pytest.param(k, e, id=i) for i, k, e in _rules("metadata", "field")])
def test_every_field_is_read_as_its_file_says(kind: str, example: Any) -> None:
    findings = _found(example if isinstance(example, str) else example["text"])
    if kind == "match" and "method" in example["claims"]:
        assert judge(findings, target="und").method.replace("-unknown", "") == example["claims"]["method"]
    _check(
        kind,
        {"claims": {k: v for k, v in example["claims"].items() if k != "method"}} if kind == "match" else example,
        findings,
    )


@pytest.mark.parametrize(("kind", "example"), [pytest.param(k, e, id=i) for i, k, e in _rules("markup", "mark")])
def test_every_mark_is_read_as_its_file_says(kind: str, example: Any) -> None:
    findings = _found(html=example if isinstance(example, str) else example["html"])
    if kind == "match" and example.get("widget"):
        assert [f.evidence.label for f in findings] == [LABEL_WIDGET]
        assert judge(findings, target="und").method == "unknown"
        return
    _check(kind, example, findings)


@pytest.mark.parametrize(("kind", "example"), [pytest.param(k, e, id=i) for i, k, e in _rules("addresses", "address")])
def test_every_address_is_read_as_its_file_says(kind: str, example: Any) -> None:
    _check(kind, example, _found(url=example if isinstance(example, str) else example["url"]))


@pytest.mark.parametrize(("kind", "example"), [pytest.param(k, e, id=i) for i, k, e in _rules("hints", "hint")])
def test_every_hint_is_shown_and_never_a_method(kind: str, example: str) -> None:
    findings = list(
        Credits(hints=True)(
            Document(
                f"A plain English sentence stands before it so that the script is clear. {example} And one after it."
            )
        )
    )
    assert bool([f for f in findings if f.evidence.label == "hint"]) is (kind == "match")
    assert judge(findings, target="en").method == "unknown"


@pytest.mark.parametrize("kind", ["machine", "human"])
def test_forty_languages_and_more_have_credits_of_both_kinds(kind: str) -> None:
    covered = {i.split("-")[0] for i, k, e in _languages() if k == "match" and e["claims"]["method"].startswith(kind)}
    assert len(covered) >= 40


@pytest.mark.parametrize(
    "notice", ["Translated with DeepL", "> This page was machine translated.", "Note: this text was translated by AI."]
)
def test_a_notice_that_stands_alone_goes_with_its_line_break(notice: str) -> None:
    text = f"One.\n\n{notice}\n\nTwo.\n"
    stated, dropped = _found(text)
    assert dropped.after == ""
    assert dropped.span.of(text) == f"{notice}\n"
    assert "method" not in dropped.evidence.claims
    assert stated.after is None
    assert stated.evidence.quote == stated.span.of(text)
    assert stated.evidence.quote in notice


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("**Hinweis:** Dieser **Text** wurde maschinell übersetzt.", "Dieser **Text** wurde maschinell übersetzt."),
        (
            "> *Translated by* **[Jane Roe](https://example.org/j)**",
            "*Translated by* **[Jane Roe](https://example.org/j)**",
        ),
        ("**This page was machine translated.**", "This page was machine translated."),
    ],
)
def test_a_quote_holds_no_half_of_an_emphasis(text: str, quote: str) -> None:
    assert _found(BEFORE + text + AFTER)[0].evidence.quote == quote


@pytest.mark.parametrize(
    "text",
    [
        "Übersetzen mit DeepL", "Traducir con Google", "Översätt med Google", "Oversett med Google", "Dịch bằng Google",
        "Terjemahkan dengan Google", "Traduire avec Google", "ترجم باستخدام جوجل", "Google で翻訳",
        "翻译：你好，世界", "번역: 안녕하세요", "翻訳：無料", "Traducteur : gratuit", "Translator: default",
        "This message was translated automatically when the user's locale differs.",
        '"Translated by Google" is what the label says.', "Deutsch von Anfang an", "자리 옮김", "英文 訳",
    ],
)  # fmt: skip
def test_buttons_and_settings_and_examples_are_no_credits(text: str) -> None:
    assert judge(_found(BEFORE + text + AFTER), target="und").method == "unknown"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Text: Jan Novák, translation: Eva Nová", "Eva Nová"),
        ("译者：李明 / 校对：王芳", "李明"),
        ("鈴木太郎 訳", "鈴木太郎"),
        ("Kiss Anna fordítása", "Kiss Anna"),
        ("Tłum. Krzysztof Wiśniewski", "Krzysztof Wiśniewski"),
        ("Traduit de l'anglais (États-Unis) par Claire Lambert", "Claire Lambert"),
        ("Dal francese di Anna Rossi", "Anna Rossi"),
    ],
)
def test_a_translator_is_found_wherever_the_line_puts_the_name(text: str, name: str) -> None:
    p = judge(_found(BEFORE + text + AFTER), target="und")
    assert (p.method, p.translator) == ("human", name)


def test_a_credit_of_a_review_speaks_of_its_block_alone() -> None:
    review = "The chain broke after two days, and nobody answered my letters."
    text = f"Shop of chains.\n\n{review}\n\n(This review was automatically translated.)\n\nAnother review.\n"
    p = judge(_found(text), target="en")
    assert (p.method, p.scope, p.tag()) == ("machine", "part", "en")
    ((span, tag),) = p.spans
    assert (span.of(text).split("\n")[0], tag) == (review, "en-t-t0-und")


@pytest.mark.parametrize(
    "text",
    [
        "Translated by Maria Gomez from [the original](https://example.org/post)",
        "Original: <https://example.org/post>\nTranslated by Maria Gomez",
        "译者：李明\n原文：https://example.org/post",
    ],
)
def test_the_original_is_what_a_credit_links_as_such(text: str) -> None:
    assert judge(_found(text + "\n"), target="und").original == "https://example.org/post"


@pytest.mark.parametrize(
    "rule", ["credits/label-ru", "credits/credit-zh@1.0", "google-font-pair", "credits/translator"]
)
def test_every_rule_is_explained_with_its_file_and_examples(rule: str) -> None:
    from siglum.provenance.explain import explain

    told = explain(rule) or []
    assert {"rule", "why", "takes"} <= {name for name, _ in told}
    assert ".toml" in dict(told)["rule"]


def test_a_rule_nobody_wrote_has_no_explanation() -> None:
    from siglum.provenance.explain import explain

    assert explain("credits/label-xx") is None


def test_the_rules_of_credits_are_named_with_their_pack() -> None:
    text = "---\ntranslator: DeepL\n---\nTranslated with DeepL\n\nThe talks in Kiev went on, he said, and on.\n"
    found = list(CREDITS(Document(text, url="https://example-org.translate.goog/?_x_tr_sl=ru&_x_tr_tl=en")))
    assert len(found) > 3
    assert all(f.evidence.rule.startswith("credits/") for f in found)


def test_a_notice_between_comments_goes_with_them() -> None:
    notice = "**Disclaimer**:\nThis page was machine translated."
    text = f"One.\n\n<!-- AUTO DISCLAIMER START -->\n{notice}\n<!-- AUTO DISCLAIMER END -->\n"
    (finding,) = [f for f in _found(text) if f.after == ""]
    assert finding.span.of(text) == text[6:]


def test_a_translator_s_name_is_kept_in_the_text() -> None:
    (finding,) = _found("One.\n\nTranslated by Maria Gomez\n")
    assert finding.after is None


@pytest.mark.parametrize(
    "text",
    [
        "```\nTranslated with DeepL\n```\n",
        "| Translated with DeepL | yes |\n",
        "Use the notice `This page was machine translated.` on each page.\n",
        "Translated by {{ engine }}\n",
        "The label reads “This page was translated by Google” in small type.\n",
    ],
)
def test_code_templates_tables_and_quotations_are_mentions(text: str) -> None:
    assert not [f for f in _found(BEFORE + text) if f.evidence.claims.get("method")]


def test_credits_in_many_languages_are_a_list_and_not_a_credit() -> None:
    text = "Translated with DeepL\n\nÜbersetzt mit DeepL\n\nTraduit avec DeepL\n\nTradotto con DeepL\n"
    assert judge(_found(text), target="en").method == "unknown"


def test_a_hidden_notice_is_not_one() -> None:
    from siglum.document import Block
    from siglum.span import Span

    notice = "This page was machine translated."
    shown = Document(notice, html="<p></p>", blocks=(Block(Span(0, len(notice)), "body/p", 1),))
    hidden = Document(notice, html="<p></p>", blocks=(Block(Span(0, len(notice)), "body/p", 1, hidden="display:none"),))
    assert judge(list(CREDITS(shown)), target="en").method == "machine"
    assert judge(list(CREDITS(hidden)), target="en").method == "unknown"


def test_claims_keep_to_their_vocabulary() -> None:
    for _, kind, example in _languages():
        if kind == "match":
            for f in _found(example["text"]):
                assert set(f.evidence.claims) <= KEYS
                assert all(isinstance(v, str) for v in f.evidence.claims.values())


def test_a_cleaner_is_pure() -> None:
    doc = Document(BEFORE + "Translated with DeepL" + AFTER)
    assert list(CREDITS(doc)) == list(CREDITS(doc))


PIECES = st.lists(
    st.sampled_from(
        [
            "translated",
            "by",
            "DeepL",
            "\n",
            "\n\n",
            "> ",
            "```",
            "[",
            "](",
            "x",
            "翻译",
            "：",
            "перевод",
            "\x00",
            "\ud800",
            "<!--",
            "-->",
            "<b",
            "{%",
            "İ",
            "---\n",
            ":a: ",
            "．",
        ]
    ),
    max_size=60,
)


@given(PIECES)
def test_no_text_breaks_the_reader(pieces: list[str]) -> None:
    text = " ".join(pieces)
    for finding in CREDITS(Document(text)):
        assert 0 <= finding.span.start <= finding.span.end <= len(text)


@pytest.mark.parametrize(
    "text",
    [
        "translated " * 200_000,
        "[" * 200_000 + "translated",
        "翻译" * 200_000,
        "<!--" * 100_000 + " translated",
        "> " * 200_000 + "translated by",
        "\n".join(["translated by"] * 50_000),
        "(" * 100_000 + "перевод: " + ")" * 100_000,
    ],
)
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    assert not [f for f in CREDITS(Document(text)) if f.evidence.label == "timeout"]


def test_labelled_documents_are_judged_as_labelled(bench: Path) -> None:
    import orjson

    folder = bench / "bench" / "provenance"
    wrong = []
    for line in (folder / "labels.jsonl").read_bytes().splitlines():
        row = orjson.loads(line)
        if row["label"] == "unknown" or row["file"].endswith(".html"):
            continue
        text = (folder / "docs" / row["file"]).read_bytes().decode("utf-8", "replace")
        said = judge(_found(text), target="und").method.removesuffix("-postedited")
        if said.replace("translated-unknown", "unknown") != {"none": "unknown"}.get(row["label"], row["label"]):
            wrong.append(row["id"])
    assert wrong == []


def test_findings_name_their_label() -> None:
    assert {f.evidence.label for f in _found("Translated with DeepL")} == {LABEL_CREDIT}


@pytest.mark.parametrize("channel", ["markup", "hints", "text"])
def test_a_pattern_that_takes_too_long_costs_its_channel_and_is_named(monkeypatch, channel):
    def slow(*_: object, **__: object) -> Any:
        raise TimeoutError

    def slowly(*_: object) -> Iterator[Finding]:
        yield slow()

    page = "<html><body><p>Translated from German by DeepL.</p></body></html>"
    doc = Document("Translated from German by DeepL.", html=page if channel == "markup" else "")
    read = {"markup": "siglum.provenance.markup.meta_fields", "hints": "siglum.provenance.hints.read"}
    target = read.get(channel, "siglum.cleaners.credits.view_of")
    monkeypatch.setattr(target, slowly if channel == "hints" else slow)
    found = {f.evidence.rule: f.evidence.label for f in Credits()(doc)}
    assert found[f"credits/timeout-{channel}"] == "timeout"
    assert ("credit" in found.values()) == (channel != "text")


@given(st.text("a\r\n", max_size=30), st.lists(st.integers(0, 30), max_size=6))
def test_lines_are_the_same_in_whatever_order_they_are_asked_for(text: str, order: list[int]) -> None:
    lines, expected, start = Lines(text), [], 0
    for line in text.split("\n"):
        end = start + len(line)
        expected.append((start, end - line.endswith("\r"), min(end + 1, len(text))))
        start = end + 1
    asked = [n % len(expected) for n in order]
    assert [lines[n] for n in asked] == [expected[n] for n in asked]
    assert list(lines) == expected


@pytest.mark.parametrize("before", ["", "İİ\n\n", "a\n" * 50, "İ\n" * 50])
def test_a_credit_is_found_in_its_place_whatever_grows_in_small_letters_before_it(before: str) -> None:
    credit = "This page was automatically translated by DeepL."
    found = [f for f in CREDITS(Document(f"{before}{credit}\n\nMore of the text.")) if f.evidence.claims]
    assert [(f.span.start, f.evidence.quote) for f in found] == [(len(before), credit)]
