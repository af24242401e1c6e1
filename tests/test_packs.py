"""Packs are data that can be trusted: bad ones are refused with every fault named, good ones do what they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from siglum.chain import run
from siglum.cleaners.rules import Rules, shipped
from siglum.document import Document
from siglum.packs.compiler import compile_packs, compile_rules
from siglum.packs.examples import broken_examples, example_fault
from siglum.packs.keys import key, template_key
from siglum.packs.lint import patterns_of
from siglum.packs.load import load_packs
from siglum.packs.match import Index, on_site
from siglum.packs.rule import parse_example
from siglum.packs.store import rules_dir
from siglum.span import Span

GOOD = """
id = "skip"
label = "navigation"
action = "drop"
confidence = 0.9
why = "A reason."
match = ["Skip it"]
miss = ["Skip it not"]
exact = { en = ["Skip it"] }
"""


def pack(tmp_path: Path, body: str, name: str = "x.toml") -> Path:
    (tmp_path / name).write_text("format = 1\n\n[[rule]]\n" + body.strip() + "\n", "utf-8")
    return tmp_path


def index_of(tmp_path: Path, body: str) -> Index:
    return Index(compile_packs(pack(tmp_path, body)))


def cleaned(index: Index, text: str, url: str = "") -> str:
    return run([Rules(index)], Document(text, url=url)).clean.text


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('label = "navigation"', 'label = "naviagtion"'), "label 'naviagtion' is not one of"),
        (('action = "drop"', 'action = "strip"'), "action 'strip' is not one of drop, mark, replace"),
        (("confidence = 0.9", "confidence = 1.5"), "confidence 1.5 is outside (0, 1]"),
        (("confidence = 0.9", ""), "field 'confidence' is missing"),
        (('why = "A reason."', 'why = " "'), "why is empty"),
        (('id = "skip"', 'id = "Skip_it"'), "id 'Skip_it' is not lower-case words"),
        (('miss = ["Skip it not"]', "miss = []"), "miss has no example"),
        (('match = ["Skip it"]', "match = []"), "match has no example"),
        (('match = ["Skip it"]', 'match = ["⟦Skip it"]'), "brackets do not pair"),
        (('miss = ["Skip it not"]', 'miss = ["a", "a"]'), "stands 2 times"),
        (('exact = { en = ["Skip it"] }', ""), "no matcher"),
        (('exact = { en = ["Skip it"] }', 'exact = { en = ["Go"] }'), "too short to stand alone"),
        (('exact = { en = ["Skip it"] }', 'exact = { english_language = ["Skip it"] }'), "not BCP 47"),
        (('exact = { en = ["Skip it"] }', 'exact = { EN = ["Skip it"] }'), "is written 'en'"),
        (('exact = { en = ["Skip it"] }', 'exact = { en = ["» »"] }'), "no letter or digit left"),
        (('exact = { en = ["Skip it"] }', 'exact = { en = ["Skip it"] }\nregex = "a"'), "two matchers"),
        (('exact = { en = ["Skip it"] }', 'template = { en = ["Skip it"] }'), "has no {n}"),
        (('exact = { en = ["Skip it"] }', 'cldr = "planets"'), "cldr 'planets' is not one of"),
        (('exact = { en = ["Skip it"] }', 'regex = "Skip(it"\nliterals = ["skip"]'), "pattern does not compile"),
        (('exact = { en = ["Skip it"] }', 'regex = "Skip.*"\nliterals = ["skip"]'), "without an upper bound"),
        (('exact = { en = ["Skip it"] }', 'regex = "(Skip it)?"\nliterals = ["skip"]'), "can match the empty text"),
        (('exact = { en = ["Skip it"] }', 'regex = "Skip it"'), "literals are missing"),
        (('exact = { en = ["Skip it"] }', 'regex = "Skip it"\nliterals = ["Skip"]'), "not case-folded"),
        (('exact = { en = ["Skip it"] }', 'regex = "Skip it"\nliterals = ["jump"]'), "holds none of the literals"),
        (
            ('exact = { en = ["Skip it"] }', 'regex = "Skip it"\nliterals = ["skip"]\nclaims = { engine = "{name}" }'),
            "claim uses {name}, which no pattern captures",
        ),
        (('exact = { en = ["Skip it"] }', 'sequence = [{ exact = { en = ["Skip it"] } }]'), "two steps or more"),
        (
            ('exact = { en = ["Skip it"] }', 'sequence = [{ rule = "nobody" }, { regex = "a" }]'),
            "step names 'nobody', no rule or concept of labels",
        ),
        (('exact = { en = ["Skip it"] }', 'cluster = { regex = "a" }'), "a cluster needs min = 3"),
        (('exact = { en = ["Skip it"] }', "tag = {}"), "a tag names an element, an attribute, or both"),
        (('why = "A reason."', 'why = "A reason."\nstatus = "retired"'), "a retired rule says replaced_by"),
        (('why = "A reason."', 'why = "A reason."\ncolour = "red"'), "unknown field 'colour'"),
    ],
)
def test_a_bad_rule_is_refused_with_its_fault_its_file_and_its_line(tmp_path, change, message):
    with pytest.raises(ExceptionGroup) as caught:
        load_packs(pack(tmp_path, GOOD.replace(*change)))
    told = [str(e) for e in caught.value.exceptions]
    assert any(message in line for line in told), told
    assert all(line.startswith("x.toml:") for line in told)
    if "id" in GOOD.replace(*change):
        assert told[0].startswith("x.toml:4:")


def test_all_faults_of_all_files_come_at_once(tmp_path):
    pack(tmp_path, GOOD.replace("0.9", "2").replace("drop", "strip"), "a.toml")
    pack(tmp_path, "not toml at all", "b.toml")
    (tmp_path / "c.toml").write_text("format = 7\n")
    with pytest.raises(ExceptionGroup) as caught:
        load_packs(tmp_path)
    told = [str(e) for e in caught.value.exceptions]
    assert len(told) == 4
    assert {line.split(":")[0] for line in told} == {"a.toml", "b.toml", "c.toml"}


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (GOOD, "id is used already at a.toml:4"),
        (GOOD.replace('"skip"', '"other"'), "label 'skip it' stands in rule 'skip' too"),
    ],
)
def test_no_id_and_no_label_stands_in_two_rules(tmp_path, second, message):
    pack(tmp_path, GOOD, "a.toml")
    pack(tmp_path, second, "b.toml")
    with pytest.raises(ExceptionGroup) as caught:
        load_packs(tmp_path)
    assert any(message in str(e) for e in caught.value.exceptions)


def test_the_shipped_packs_have_no_fault_and_their_examples_hold():
    rules = load_packs(rules_dir())
    assert len(rules) > 80
    faults = list(broken_examples(rules, Index(compile_rules(rules))))
    assert not faults, "\n".join(map(str, faults))


def test_an_example_that_fails_is_told(tmp_path):
    rules = load_packs(pack(tmp_path, GOOD.replace('match = ["Skip it"]', 'match = ["Jump it"]')))
    index = Index(compile_rules(rules))
    assert "must take 'Jump it'" in example_fault(rules[0], rules[0].match[0], index)


def test_brackets_of_an_example_show_just_what_is_taken():
    assert parse_example("0\n⟦On\n⟧Off", match=True).spans == (Span(2, 5),)
    assert parse_example("On", match=True).spans == (Span(0, 2),)
    assert parse_example("On", match=False).spans == ()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("  » Skip  to MAIN | ", "skip to main"),
        ("ＳＫＩＰ", "skip"),  # width
        ("Größe", "grösse"),
        ("Yellow!", "yellow!"),  # a cry is no colour
        ("...", "..."),
        ("|||", ""),
    ],
)
def test_labels_are_compared_without_case_width_and_decoration(line, expected):
    assert key(line) == expected


@pytest.mark.parametrize(("line", "expected"), [("1,204 comments", "0 comments"), ("12:30", "0"), ("a1b", "a0b")])
def test_numbers_of_a_template_are_one_slot(line, expected):
    assert template_key(line) == expected


BODY = "The countries of the alliance will not take part in it, said the secretary general on Friday."


@pytest.mark.parametrize(
    ("safety", "text", "expected"),
    [
        ("always", f"{BODY}\nSkip it\n{BODY}", f"{BODY}\n{BODY}"),
        ("edge-zone", f"Skip it\n{BODY}\nSkip it", f"{BODY}\n"),
        ("edge-zone", f"{BODY}\nSkip it\n{BODY}", f"{BODY}\nSkip it\n{BODY}"),  # between paragraphs it is a heading
        ("edge-zone", "Skip it\nPizza", "Skip it\nPizza"),  # no paragraph, no edge
        ("edge-zone", f"{BODY}\nSkip it\nSkip it\nSkip it\n{BODY}", f"{BODY}\n{BODY}"),  # a cluster
        ("in-cluster", f"Skip it\n{BODY}", f"Skip it\n{BODY}"),
        ("in-cluster", f"Skip it\nSkip it\nSkip it\n{BODY}\nSkip it", f"{BODY}\n"),  # again, alone at the other edge
        ("repeated-only", f"Skip it\n{BODY}", f"Skip it\n{BODY}"),
    ],
)
def test_a_safety_class_decides_where_a_label_may_fire(tmp_path, safety, text, expected):
    index = index_of(tmp_path, GOOD.replace('label = "nav', f'safety = "{safety}"\nlabel = "nav'))
    assert cleaned(index, text) == expected


def test_a_draft_only_marks(tmp_path):
    index = index_of(tmp_path, GOOD.replace('label = "nav', 'status = "draft"\nlabel = "nav'))
    done = run([Rules(index)], Document("Skip it"))
    assert (done.clean.text, len(done.findings)) == ("Skip it", 1)


def test_a_retired_rule_finds_nothing(tmp_path):
    index = index_of(
        tmp_path, GOOD.replace('label = "nav', 'status = "retired"\nreplaced_by = "skip-link"\nlabel = "nav')
    )
    assert cleaned(index, "Skip it") == "Skip it"


def test_a_rule_of_a_site_fires_there_only(tmp_path):
    index = index_of(tmp_path, GOOD.replace('label = "nav', 'sites = ["iz.ru"]\nlabel = "nav'))
    assert cleaned(index, "Skip it\na", "https://en.iz.ru/1") == "a"
    assert cleaned(index, "Skip it\na", "https://biz.ru/1") == "Skip it\na"


def test_edge_lines_bound_a_rule_to_the_ends_of_a_page(tmp_path):
    index = index_of(tmp_path, GOOD.replace('label = "nav', 'edge_lines = 1\nlabel = "nav'))
    assert cleaned(index, "Skip it\na\nSkip it\nb\nSkip it") == "a\nSkip it\nb\n"


def test_a_number_slot_takes_any_number_and_nothing_else(tmp_path):
    index = index_of(
        tmp_path,
        GOOD.replace('exact = { en = ["Skip it"] }', 'template = { en = ["{n} views"] }')
        .replace('["Skip it"]', '["3 views"]')
        .replace("Skip it not", "views"),
    )
    assert cleaned(index, "1,204 views\nviews\nno views") == "views\nno views"


def test_a_line_pattern_takes_the_whole_line_and_a_text_pattern_the_stretch(tmp_path):
    line = GOOD.replace('exact = { en = ["Skip it"] }', 'regex = "[Ss]kip i{1,3}t"\nliterals = ["skip"]')
    assert cleaned(index_of(tmp_path, line), "skip iit\nskip it now") == "skip it now"
    assert cleaned(index_of(tmp_path, line.replace("literals", 'unit = "text"\nliterals')), "a skip it now") == "a  now"


def test_a_cluster_rule_takes_runs_of_its_length_and_no_shorter_ones(tmp_path):
    body = GOOD.replace('exact = { en = ["Skip it"] }', 'cluster = { regex = "[0-9]{1,2}" }\nmin = 3').replace(
        'match = ["Skip it"]', 'match = ["1\\n2\\n3"]'
    )
    index = index_of(tmp_path, body)
    assert cleaned(index, "1\n2\n\n3\nx\n1\n2\n") == "\nx\n1\n2\n"


def test_an_address_and_a_tag_mark_with_their_claims(tmp_path):
    url = GOOD.replace(
        'exact = { en = ["Skip it"] }', "url = '''[?&]sl=(?<source>[a-z]{2})'''\nclaims = { source = \"{source}\" }"
    )
    url = url.replace("drop", "mark").replace('["Skip it"]', '[{ url = "https://x.org/?sl=ru" }]')
    (found,) = Rules(index_of(tmp_path, url))(Document("", url="https://x.org/?sl=ru"))
    assert (found.evidence.claims, found.evidence.place) == ({"source": "ru"}, "url")
    tag = GOOD.replace(
        'exact = { en = ["Skip it"] }', 'tag = { element = "font", attribute = "style", value = "inherit" }'
    )
    tag = tag.replace("drop", "mark").replace('["Skip it"]', "[{ html = '<font style=\"inherit\">' }]")
    html = '<p><font color="red"><font style="vertical-align: inherit;">a</font></font></p>'
    (found,) = Rules(index_of(tmp_path, tag))(Document("a", html=html))
    assert found.evidence.quote == '<font style="vertical-align: inherit;">'


def test_packs_merged_on_top_win_and_keep_the_rest(tmp_path):
    first = index_of(tmp_path, GOOD)
    other = GOOD.replace('"skip"', '"other"').replace("Skip it", "Jump it").replace('why = "A', 'why = "B')
    both = first.merged(compile_rules(load_packs(pack(tmp_path, other))), "1")
    assert cleaned(both, "Skip it\nJump it\nx") == "x"
    assert {f.evidence.rule for f in Rules(both)(Document("Skip it\nJump it"))} == {"x/skip", "x/other"}


HOSTILE = [
    "a" * 50_000,
    "<" * 50_000,
    " " * 50_000,
    "1." * 25_000,
    "«" * 50_000,
    "\u0301" * 50_000,
    "\x00" * 50_000,
    "class=" * 9_000,
    "http://" * 7_000,
    "Переведено " * 5_000,
    "\ud800" * 50_000,
]


def test_hostile_lines_stop_no_pattern_of_the_shipped_packs():
    index = shipped()
    for text in HOSTILE:
        late = [f for f in index.find(Document(text, url=text[:2000], html=text)) if f.evidence.label == "timeout"]
        assert not late, (text[:20], late)


def test_every_shipped_pattern_is_among_those_the_hostile_lines_met():
    told = sum(len(patterns_of(r)) for r in load_packs(rules_dir()))
    data = shipped().data
    steps = sum("regex" in s for q in data["sequences"] for s in q["steps"])
    assert told == sum(len(data[k]) for k in ("patterns", "clusters", "urls")) + steps + sum(
        "value" in t for t in data["tags"]
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://en.iz.ru/en/1", True),
        ("https://iz.ru", True),
        ("https://biz.ru/", False),  # ends alike, is another site
        ("https://iz.ru.example.com/", False),
        ("https://user@iz.ru:8080/x", True),
        ("", False),
    ],
)
def test_a_site_covers_its_subdomains_only(url, expected):
    assert on_site(url, "iz.ru") is expected
