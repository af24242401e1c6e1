"""The compiled twins of pages, keys, edits, labels, findings and reports answer as their Python does, to the byte."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import chain as chained
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from siglum import chain, document, edit, page, report
from siglum.cleaners import content, layout
from siglum.cleaners.rules import shipped
from siglum.content.lines import Reading
from siglum.document import NOTHING, Evidence, Finding
from siglum.edit import Edit, EditMap
from siglum.errors import EditError
from siglum.native import twin
from siglum.packs import keys, match
from siglum.page import Rows, page_of
from siglum.runs import work
from siglum.span import Span
from test_edit import TEXT, edited, edited_twice

pytestmark = pytest.mark.skipif(twin("edits") is None, reason="the twins are not built, or switched off")

MODULES = (chain, document, edit, page, report, content, keys, layout, match)
# All that splits, joins, folds, decorates or is long: any of it may stand beside any other.
ODD = "\r\n\t\v\f\x1c\x85\u1680\u2028\u3000\u00a0 |»…•—.,:'’٣²½ßſﬁİ가각ㄱᅡक\u093f\u0301\u09be中ก😀\ud800\x00"
WILD = st.text(alphabet=st.one_of(st.sampled_from(ODD), st.sampled_from("aA Z09"), st.characters()), max_size=60)


def twins() -> list[Any]:
    found = [f for module in MODULES for f in vars(module).values() if hasattr(f, "__wrapped__") and _compiled(f)]
    return sorted(set(found), key=lambda f: (f.__module__, f.__name__))


def _compiled(function: Callable[..., Any]) -> bool:
    return type(function).__name__ == "cython_function_or_method"


def both(function: Any, *args: Any) -> tuple[Any, Any]:
    """Return what the compiled function answers, and what its Python does; of a refusal, its words."""
    answers = []
    for twin_ in (function, function.__wrapped__):
        try:
            answers.append(twin_(*args))
        except EditError as e:
            answers.append(str(e))
    return answers[0], answers[1]


def test_every_function_so_marked_has_its_twin_here() -> None:
    assert {f.__name__ for f in twins()} >= {
        *("lay_out", "body_of", "keys_of", "template_key", "label_findings", "line_findings", "settle", "apply"),
        *("undo", "bounds", "compose", "move", "shared", "traced", "labelled", "tallied", "written_edits"),
        *("written_findings", "listed", "gaps_amiss", "kinds_of", "places_of"),
    }


def test_a_twin_has_the_words_and_the_home_of_its_python() -> None:
    for function in twins():
        assert (function.__doc__, function.__module__) == (
            function.__wrapped__.__doc__,
            function.__wrapped__.__module__,
        )


# Pages and keys
LAID_OUT = ("places", "lines", "starts", "ends")


def gathered(lines: list[str]) -> list[Any]:
    """Return *lines* as rows: those of a text, which the compiled twins made, and those that Python holds."""
    return [page.lay_out("\n".join(lines)), Rows(tuple(range(len(lines))), tuple(lines))]


@given(WILD)
@example("a\r\n\r\n b \rc\n")
@example("\r\r\n\n\r")
@example("")
def test_a_page_is_laid_out_alike(text: str) -> None:
    compiled, python = both(page.lay_out, text)
    assert len(compiled) == len(python)
    assert [getattr(compiled, field) for field in LAID_OUT] == [getattr(python, field) for field in LAID_OUT]


@given(st.lists(WILD.map(lambda t: t.replace("\n", " ").replace("\r", " ").strip()).filter(bool), max_size=8))
def test_keys_and_their_digits_are_told_alike(lines: list[str]) -> None:
    compiled, python = both(keys.keys_of, tuple(lines))
    assert compiled == python


@given(
    st.lists(WILD.map(lambda t: t.replace("\n", " ").replace("\r", " ").strip()).filter(bool), max_size=8),
    st.lists(st.sampled_from(("share", "2 comments", "0", "0:0", "page 0 of 0", "a", "it's 0", "x" * 160)), max_size=6),
)
@example(["read mor", "read more", "Read more »»»", "» read  more?", "read mo\u0301re"], ["read mor", "0", "read more"])
@example(["Page 1,234 of 2’000", "Share »", "… share", "x" * 160, "x" * 161, "12:30"], ["page 0 of 0", "share", "0"])
def test_known_keys_are_met_alike(lines: list[str], known: list[str]) -> None:
    held = lines + known
    labels = keys.Coded.of({k: n for n, k in enumerate(known[::2]) if k})
    templates = keys.Coded.of({keys.template_key(k): n for n, k in enumerate(lines + known) if k})
    all_keys = keys.Coded.of({k: 1 for k in keys.keys_of(tuple(held))[0] if k})
    for among in ((labels, templates, known[1::2]), (all_keys, keys.Coded("", []), ())):
        python = keys.KeySet(*among).met(Rows((), tuple(held)))
        for rows in gathered(held):
            compiled = keys.key_set(*among).met(rows)
            assert [list(told.items()) for told in compiled] == [list(told.items()) for told in python]


def test_every_code_point_has_the_same_key_by_itself_and_between_letters() -> None:
    lines = tuple(chained.from_iterable((chr(c), f"a{chr(c)}b {chr(c)}") for c in range(0x110000) if chr(c).strip()))
    compiled = keys.keys_of(lines)[0]
    assert [k for k, line in zip(compiled, lines, strict=True) if k != keys.key(line)] == []


def test_what_joins_with_a_letter_before_it_is_known_by_name() -> None:
    joined = twin("keys").JOINS  # type: ignore[union-attr]
    second = {
        parts[1]
        for c in range(0x10000)
        if unicodedata.is_normalized("NFC", chr(c))
        and len(parts := unicodedata.decomposition(chr(c)).split()) == 2
        and not parts[0].startswith("<")
    }
    starters = {chr(int(p, 16)) for p in second if unicodedata.combining(chr(int(p, 16))) == 0}
    assert starters <= set(joined)


@given(st.text(alphabet="0129٣.,:'’\u00a0\u202fab ", max_size=20))
def test_numbers_of_a_key_are_put_alike(text: str) -> None:
    compiled, python = both(keys.template_key, text)
    assert compiled == python


@given(st.lists(st.one_of(WILD, st.text(alphabet="ab 中ก.。”", min_size=20, max_size=170)).filter(bool), max_size=6))
def test_the_body_of_a_page_is_found_alike(lines: list[str]) -> None:
    for rows in gathered(lines):
        compiled, python = both(page.body_of, rows)
        assert compiled == python


LABELLED = (
    "Share",
    "Skip to main content",
    "Home",
    "News",
    "Read more",
    "2 comments",
    "Advertisement",
    "0",
    "A line that is no label",
    "A paragraph long enough to be read as one, with a full stop where it ends.",
)


@given(st.lists(st.sampled_from(LABELLED), max_size=16), st.booleans())
def test_labels_fire_alike(lines: list[str], anywhere: bool) -> None:
    index, shown = shipped(), page_of("\n".join(lines))
    compiled, python = both(match.label_findings, index, shown, index.label(shown), (), anywhere)
    assert compiled == python


@given(
    st.dictionaries(st.integers(0, 40), st.sampled_from(("share", "on", "home"))),
    st.dictionaries(st.integers(0, 40), st.integers(0, 3 * match.LANGUAGES - 1)),
    st.sets(st.integers(0, 3)),
)
def test_what_is_asked_of_all_labels_is_told_alike(keys: dict[int, str], codes: dict[int, int], of: set[int]) -> None:
    for function, asked in (
        (match.kinds_of, (codes, ("menu", "share", "footer"))),
        (match.places_of, (keys, codes, {"on": []}, {rule: [] for rule in of})),
    ):
        compiled, python = both(function, *asked)
        assert compiled == python


def test_a_label_of_no_rule_is_refused_and_not_read() -> None:
    for code in (-match.LANGUAGES, 2 * match.LANGUAGES):
        with pytest.raises(IndexError):
            match.kinds_of({0: code}, ("menu", "share"))


@given(st.text(alphabet="a\n\r \t\f\v\u00a0\u2003\u2028\u3000\u200b中😀\ud800\x00", max_size=40))
@example("a \nb\n\n\nc\n \n d\n\ne")
@example("a\r\nb\rc\n\r\n \rd")
def test_gaps_that_may_be_amiss_are_found_alike(text: str) -> None:
    start = head.end() if (head := layout._HEAD.match(text)) else 0
    compiled, python = both(layout.gaps_amiss, text, start, max(start, len(text.rstrip())))
    assert compiled == python


# Edits
@given(edited())
def test_edits_are_made_and_undone_alike(case: tuple[str, list[Edit]]) -> None:
    text, edits = case
    for function, given_text in ((edit.apply, text), (edit.undo, edit.apply(text, edits))):
        compiled, python = both(function, given_text, edits)
        assert compiled == python


@given(edited(), st.sampled_from(("", "a", "é", "—", "😀")), st.sampled_from(("", "b", "ü", "…", "🎈")))
@example(("abc", []), "", "")
def test_a_text_is_as_narrow_as_one_that_was_never_edited(case: tuple[str, list[Edit]], more: str, other: str) -> None:
    text, edits = case[0] + more, [*case[1]]
    if more:
        edits.append(Edit(Span(len(case[0]), len(text)), more, other))
    clean = edit.apply(text, edits)
    fresh = clean.encode("utf-32-le", "surrogatepass").decode("utf-32-le", "surrogatepass")
    assert (clean, clean.isascii()) == (fresh, fresh.isascii())  # texts of two kinds are never equal
    back = edit.undo(clean, edits)
    assert (back, back.isascii()) == (text, text.isascii())


@given(edited(), TEXT)
def test_what_undoes_edits_is_told_alike(case: tuple[str, list[Edit]], other: str) -> None:
    text, edits = case
    clean = edit.apply(text, edits)
    assert both(edit.undoes, clean, edits, text) == (True, True)
    for given_text, source in ((clean, other), (other, text), (clean + "x", text), (clean, text + "x")):
        compiled, python = both(edit.undoes, given_text, edits, source)
        assert compiled == python


@pytest.mark.parametrize(
    "edits",
    [
        [Edit(Span(2, 3), "c"), Edit(Span(0, 1), "a")],
        [Edit(Span(9, 9), "", "x")],
        [Edit(Span(2, 5), "c")],
        [Edit(Span(-1, 0), "c")],
        [Edit(Span(-1, 0), "", "x")],
    ],
    ids=str,
)
def test_edits_out_of_order_or_beyond_the_text_are_refused_alike(edits: list[Edit]) -> None:
    for function in (edit.apply, edit.undo):
        compiled, python = both(function, "abc", edits)
        assert compiled == python
    assert isinstance(both(edit.apply, "abc", edits)[0], str)


@given(edited())
def test_bounds_are_told_alike(case: tuple[str, list[Edit]]) -> None:
    compiled, python = both(edit.bounds, case[1])
    assert compiled == python


@given(edited(), TEXT)
def test_edits_of_another_text_are_refused_in_the_same_words(case: tuple[str, list[Edit]], other: str) -> None:
    _, edits = case
    for function in (edit.apply, edit.undo):
        compiled, python = both(function, other, edits)
        assert compiled == python


def test_what_is_no_edit_is_refused_and_not_read() -> None:
    for wrong in (None, (), (Span(0, 1),), ((0,), "a", "", ())):
        with pytest.raises(TypeError):
            edit.apply("abc", [wrong])  # type: ignore[list-item]


@given(edited_twice())
def test_edits_are_composed_alike_and_are_edits(case: tuple[str, list[Edit], list[Edit]]) -> None:
    compiled, python = both(edit.compose, *case[1:])
    assert compiled == python
    assert list(map(hash, compiled)) == list(map(hash, python))
    assert {type(e) for e in compiled} <= {Edit}
    assert {type(e.span) for e in compiled} <= {Span}


@given(edited(), st.integers(0, 30), st.integers(0, 30))
def test_spans_are_moved_alike(case: tuple[str, list[Edit]], a: int, b: int) -> None:
    there = EditMap(case[1])
    for sides in (
        (there._starts, there._ends, there._out_starts, there._out_ends),
        (there._out_starts, there._out_ends, there._starts, there._ends),
    ):
        compiled, python = both(edit.move, Span(min(a, b), max(a, b)), *sides)
        assert compiled == python


@given(TEXT, TEXT)
def test_what_two_texts_share_is_counted_alike(a: str, b: str) -> None:
    compiled, python = both(edit.shared, a, b)
    assert compiled == python


FINDING = st.builds(
    lambda a, b, after, n: Finding(Span(min(a, b), max(a, b)), Evidence(f"r{n}", "layout"), after),
    st.integers(0, 20),
    st.integers(0, 20),
    st.sampled_from((None, "", "x", "ab")),
    st.integers(0, 3),
)


@given(TEXT, st.lists(FINDING, max_size=12))
def test_findings_are_settled_alike(text: str, findings: list[Finding]) -> None:
    inside = [f for f in findings if f.span.end <= len(text)]
    compiled, python = both(chain.settle, text, inside, 7)
    assert compiled == python


# Findings of the line model, and reports
@given(
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 400), st.integers(1, 40), st.integers(1, 3)), max_size=70),
    st.sets(st.integers(0, 69), max_size=20),
    st.tuples(st.integers(0, 69), st.integers(0, 69)),
)
def test_what_the_line_model_found_is_told_alike(
    lines: list[tuple[int, int, int, int]], labelled: set[int], stretch: tuple[int, int]
) -> None:
    told = (
        [keep / 1000 for keep, _, _, _ in lines],
        [words / 10 for _, words, _, _ in lines],
        [company for _, _, company, _ in lines],
        [repeats for _, _, _, repeats in lines],
        (min(stretch), max(stretch)),
    )
    rows, labels = page.lay_out("a line\n\n" * len(lines)), dict.fromkeys(sorted(labelled), "navigation")
    compiled = content.line_findings(twin("lines").Reading(*told), labels, rows, 0.06, 0.5)  # type: ignore[union-attr]
    python = content.line_findings.__wrapped__(Reading(*told), labels, rows, 0.06, 0.5)  # type: ignore[attr-defined]
    assert compiled == python


CAUSE = st.builds(
    lambda rule, label, confidence, why, quote, after, claims: Finding(
        Span(0, 3), Evidence(rule, label, confidence, claims, why, quote), after
    ),
    st.sampled_from(("a", "b", "c")),
    st.sampled_from(("layout", "credit", "language", "text-language", "widget")),
    st.sampled_from((0.5, 0.9, 0.95, 0.98, 1.0)),
    st.sampled_from(("", "one reason", "another")),
    st.sampled_from(("", "words")),
    st.sampled_from((None, "", "x")),
    st.sampled_from((NOTHING, {"method": "machine"})),
)


@given(st.lists(CAUSE, max_size=5))
def test_the_findings_a_report_lists_are_chosen_alike(findings: list[Finding]) -> None:
    compiled, python = both(report.listed, findings)
    assert compiled == python


@given(edited(), st.lists(CAUSE, min_size=1, max_size=5), st.randoms(use_true_random=False))
@example(("a\r\nb\rc\né😀\ud800", [Edit(Span(1, 3), "\r\n"), Edit(Span(5, 8), "c\né", "x")]), [], None)
@example(("".join(map(chr, range(0x90))), [Edit(Span(0, 0x90), "".join(map(chr, range(0x90))), "\ud800")]), [], None)
def test_the_rows_of_a_report_are_alike(case: tuple[str, list[Edit]], findings: list[Finding], random: Any) -> None:
    text, edits = case
    places = range(len(findings))
    caused = [e._replace(causes=tuple(random.sample(places, min(2, len(places))) if places else ())) for e in edits]
    ids = {n: f"f{n}" for n in report.listed(findings)}
    answers = []
    for function in (report.written_edits, report.written_edits.__wrapped__):  # type: ignore[attr-defined]
        rules: dict[str, dict[str, Any]] = {}
        refs = report._Refs({"tool": {"version": "1"}}, rules)
        answers.append((function(text, caused, findings, ids, refs), list(rules.items())))
    assert answers[0] == answers[1]


@given(edited(), st.lists(CAUSE, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_rules_are_added_up_alike_and_as_the_rows_say(
    case: tuple[str, list[Edit]], findings: list[Finding], random: Any
) -> None:
    text, edits = case
    places = range(len(findings))
    caused = [e._replace(causes=tuple(random.choices(places, k=random.randint(0, 3)))) for e in edits]
    compiled, python = both(report.tallied, caused, findings)
    assert compiled == python
    rules: dict[str, dict[str, Any]] = {}
    rows = report.edit_rows(text, caused, findings, {}, report._Refs({"tool": {"version": "1"}}, rules))
    told = {"edits": rows, "rules": rules}
    assert compiled == (work.risk_of(told), work.rules_of(told))


@given(WILD, st.lists(CAUSE, max_size=5))
@example("\ud800bc", [Finding(Span(0, 2), Evidence("a", "credit"))])
@example("abc", [Finding(Span(0, 2), Evidence("a", "credit", claims={"quote": "\ud800"}))])
@example("abc", [Finding(Span(-2, -1), Evidence("a", "widget", 0.5, {"n": "é"}, "why", "x\x00", "html"))])
def test_the_findings_of_a_report_are_told_alike(text: str, findings: list[Finding]) -> None:
    answers = []
    for function in (report.written_findings, report.written_findings.__wrapped__):  # type: ignore[attr-defined]
        rules: dict[str, dict[str, Any]] = {}
        refs = report._Refs({"tool": {"version": "1"}}, rules)
        ids = {n: f"f{n}" for n in range(len(findings))}
        answers.append((function(text, findings, ids, refs), list(rules.items())))
    assert answers[0] == answers[1]


@given(st.lists(CAUSE, max_size=5), st.lists(st.sampled_from(("layout", "credit", "no such")), max_size=2))
def test_findings_are_chosen_by_label_alike(findings: list[Finding], labels: list[str]) -> None:
    compiled, python = both(document.labelled, findings, tuple(labels))
    assert compiled == python


def test_rows_with_a_lone_surrogate_are_left_to_those_who_can_write_it() -> None:
    refs = report._Refs({"tool": {"version": "1"}}, {})
    for character in ("\ud800", "\udfff"):
        assert both(report.written_edits, character, [Edit(Span(0, 1), character)], [], {}, refs) == (None, None)


@pytest.mark.parametrize("confidence", [0.5, -0.0, 0.0, 1, 1e-7, 123456789.125, 0.1 + 0.2, float("nan")], ids=repr)
def test_confidences_are_written_alike(confidence: float) -> None:
    findings = [Finding(Span(0, 1), Evidence("a", "layout", confidence), "")]
    for _ in range(2):  # as they are met for the first time, and again
        refs = report._Refs({"tool": {"version": "1"}}, {})
        compiled, python = both(report.written_edits, "x", [Edit(Span(0, 1), "x", "", (0,))], findings, {}, refs)
        assert compiled == python


@given(edited(), st.lists(CAUSE, max_size=5), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 5)), max_size=5))
def test_findings_are_traced_alike(
    case: tuple[str, list[Edit]], findings: list[Finding], places: list[tuple[int, int]]
) -> None:
    text, edits = case
    size = len(edit.apply(text, edits))
    spans = [Span(min(start, size), min(start + length, size)) for start, length in places]
    found = [finding._replace(span=span) for finding, span in zip(findings, spans, strict=False)]
    compiled, python = both(chain.traced, found, edits)
    assert compiled == python
    assert [type(finding.span) for finding in compiled] == [Span] * len(found)


def test_a_report_row_beyond_the_text_is_refused_and_not_read() -> None:
    refs = SimpleNamespace(known={}, of=None)
    with pytest.raises(ValueError, match="positions must not descend"):
        report.written_edits("abc", [Edit(Span(2, 9), "c123456")], [], {}, refs)  # type: ignore[arg-type]
