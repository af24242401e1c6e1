"""The reader of HTML: all that is seen, where it stood, what is hidden, and what the page says about itself."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.content.blocks import page
from siglum.content.markdown import to_markdown, to_text
from siglum.content.page_align import Reference
from siglum.document import Document
from siglum.errors import InputError
from siglum.readers.guarded import Guard, read_guarded
from siglum.readers.html import hidden_blocks, read_html

PAGE = """<!doctype html><html lang="pt-BR"><head><title>Gulls | The Shore</title>
<link rel="canonical" href="https://shore.example/gulls">
<meta property="og:title" content="Gulls of the north">
<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2021-05-04",
 "author": [{"name": "Ada Lind"}], "publisher": {"@type": "Organization", "name": "The Shore"}}</script></head>
<body><nav><ul><li><a href="/">Home</a><li><a href="/n">News</a></ul></nav>
<main><h1>Gulls of the <em>north</em></h1>
<p>They nest on roofs.<br>They shout.</p>
<table><tr><th>Bird<th>Eggs<tr><td>Herring gull<td>3</table>
<pre>if gull:
    shout()</pre>
<p style="color:red; display : none">Not for you.</p>
<figure><img src="g.jpg"><figcaption>A gull.</figcaption></figure></main>
<a rel="license" href="https://licences.example/by">some rights reserved</a>
<script>var x = "gull";</script></body></html>"""


@pytest.fixture(scope="module")
def doc() -> Document:
    return read_html(PAGE, id="g", url="https://shore.example/gulls?x")


def test_the_text_is_the_whole_visible_page_block_by_block(doc: Document) -> None:
    assert doc.text == (
        "Home\nNews\n\nGulls of the north\n\nThey nest on roofs.\nThey shout.\n\nBird | Eggs\nHerring gull | 3\n\n"
        "if gull:\n    shout()\n\nA gull.\n\nsome rights reserved\n"
    )


def test_each_block_says_its_place_line_and_kind(doc: Document) -> None:
    told = [(b.span.of(doc.text), b.path, b.line, b.kind) for b in doc.blocks]
    assert told[1] == ("News", "body/nav/ul/li[2]", 6, "item")
    assert told[2] == ("Gulls of the north", "body/main/h1", 7, "heading")
    assert told[4] == ("They shout.", "body/main/p", 8, "text")
    assert told[6] == ("Herring gull | 3", "body/main/table/tr[2]", 9, "row")
    assert told[7] == ("if gull:\n    shout()", "body/main/pre", 10, "code")
    assert told[8][3] == "caption"


def test_what_is_hidden_is_named_and_not_in_the_text(doc: Document) -> None:
    assert "Not for you" not in doc.text
    assert [(b.path, b.line, b.hidden, text) for b, text in hidden_blocks(PAGE)] == [
        ("body/main/p[2]", 12, "display:none", "Not for you.")
    ]
    assert doc.meta["hidden"] == {"display:none": 1, "script": 2}


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p hidden>x", "hidden"),
        ("<p style='visibility:hidden'>x", "visibility:hidden"),
        ("<noscript>x</noscript>", "noscript"),
        ("<template><p>x</template>", "template"),
        ("<dialog><p>x</dialog>", "dialog not open"),
        ("<video>x</video>", "fallback of video"),
        ("<p>y <span hidden>x</span> z", "hidden"),
    ],
)
def test_each_way_of_hiding_is_named(html: str, why: str) -> None:
    assert [(b.hidden, text) for b, text in hidden_blocks(html)] == [(why, "x")]


@pytest.mark.parametrize(
    "html",
    [
        "<body style='display:none'><p>x",  # a page that shows itself when it has loaded
        "<dialog open>x</dialog>",
        "<details>x</details>",
        "<p style='display:block'>x",
        "<p aria-hidden='true'>x",  # hidden from screen readers alone
        "<div hidden id='S:0'>x</div>",  # streamed by React and moved into place
    ],
)
def test_what_only_looks_hidden_is_read(html: str) -> None:
    assert read_html(html).text == "x\n"


def test_a_hidden_span_does_not_break_the_line_around_it() -> None:
    assert read_html("<p>one <span hidden>two</span>three").text == "one three\n"


def test_a_hidden_element_that_holds_nearly_all_of_the_page_is_read() -> None:
    story = "<p>" + "The gulls came back in spring and nested on the roof. " * 10
    assert read_html(f"<p>Loading</p><div hidden>{story * 3}</div>").text.count("The gulls") == 30
    assert "gulls" not in read_html(f"<p>{'Seen text. ' * 100}</p><div hidden>{story}</div>").text


def test_what_the_page_says_about_itself_comes_with_its_source(doc: Document) -> None:
    told = doc.meta["page"]
    assert told["title"] == {"value": "Gulls of the north", "source": "meta:og:title"}
    assert told["date"] == {"value": "2021-05-04", "source": "json-ld:datePublished"}
    assert told["author"] == {"value": "Ada Lind", "source": "json-ld:author"}
    assert told["site"] == {"value": "The Shore", "source": "json-ld:publisher"}
    assert told["address"] == {"value": "https://shore.example/gulls", "source": "link:canonical"}
    assert told["license"] == {"value": "https://licences.example/by", "source": "a:license"}
    assert told["languages"] == [{"value": "pt-BR", "source": "html:lang"}]
    assert doc.language == "pt-BR"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<?xml version='1.0' encoding='utf-16'?><html><body>hällo</body></html>", "hällo\n"),
        ("<p>a\0b", "ab\n"),
        ("a\x85b\u2028c", "a b c\n"),
        ("<table><tr><td><p>Menu</p><p>More</p><td>Text</table>", "Menu\n\nMore\n\nText\n"),  # layout, no data
        ("<table><tr><td><td>alone</table>", "alone\n"),
        ("<a href=a>One</a><a href=b>Two</a>", "One Two\n"),
        ("<p>drop<b>cap</b>", "dropcap\n"),
        ("<svg><title>icon</title><text>chart</text></svg>", "icon chart\n"),
        ("", ""),
    ],
)
def test_odd_markup_still_reads_well(html: str, text: str) -> None:
    got = read_html(html).text
    assert got == text or (html.startswith("<svg") and "chart" in got)


def test_an_empty_page_is_a_document_with_a_warning() -> None:
    assert read_html(" \0").meta["warning"] == "the page is empty"


@pytest.mark.parametrize("tag", ["div", "b", "table", "ul><li", "span"])
def test_a_page_nested_without_end_keeps_its_text(tag: str) -> None:
    doc = read_html(f"<{tag}>" * 50_000 + "the end")
    assert "the end" in doc.text
    assert "nested too deeply" in doc.meta["warning"]


def test_a_long_page_is_read_to_its_end() -> None:
    assert len(read_html("<p>word <a href=x>link</a> word</p>" * 50_000).blocks) == 50_000


@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<td>", "<tr>", "<br>", "<pre>", "<li hidden>", "</li>", "a", " b", "\n", "<x"])
    )
)
def test_spans_cut_the_text_into_its_blocks(parts: list[str]) -> None:
    doc = read_html("".join(parts))
    end = 0
    for block in doc.blocks:
        assert doc.text[end : block.span.start].strip("\n") == ""
        assert block.span.of(doc.text).strip()
        end = block.span.end
    assert doc.text[end:].strip("\n") == ""


@given(st.text(max_size=300))
def test_no_string_raises(text: str) -> None:
    read_html(text)
    read_html(f"<p>{text}</p><div style='{text}'>x")


def test_lone_surrogates_and_control_characters_do_not_raise() -> None:
    assert "x" in read_html("<p>\ud800x\x01\x1b").text


WORDS = st.sampled_from(["gull", "roof", "egg", "nest", "tide", "一", "二"])


@given(st.lists(st.lists(WORDS, min_size=1), min_size=1, max_size=8))
def test_a_page_is_placed_wholly_on_itself(lines: list[list[str]]) -> None:
    texts = [" ".join(line) for line in lines]
    placed = Reference(texts).place("\n".join(texts))
    assert placed.in_order == placed.total == sum(placed.covered)


def test_a_repeated_line_is_placed_where_its_neighbours_stand() -> None:
    texts = ["Read on", "the first story of the day is long", "Read on", "the second story is longer still", "Read on"]
    assert Reference(texts).place("the second story is longer still Read on").covered == (0, 0, 0, 6, 2)


def test_what_stands_nowhere_on_the_page_is_reported() -> None:
    placed = Reference(["one two three four"]).place("one two five six seven four")
    assert placed.in_order == 3
    assert placed.lost == ("five six seven",)


def test_markdown_keeps_headings_lists_tables_quotes_and_code(doc: Document) -> None:
    html = "<h2>Gulls *here*</h2><ol><li>one<li>two<ul><li>three</ul></ol><blockquote><p>said</blockquote><p># no"
    assert to_markdown(read_html(html)) == ("## Gulls \\*here\\*\n\n1. one\n2. two\n    - three\n\n> said\n\n\\# no\n")
    text = to_markdown(doc)
    assert "| Bird | Eggs |\n| --- | --- |\n| Herring gull | 3 |" in text
    assert "```\nif gull:\n    shout()\n```" in text


def test_plain_text_of_kept_blocks_keeps_its_paragraphs(doc: Document) -> None:
    assert to_text(doc) == doc.text
    assert to_text(doc, {2, 3, 4}) == "Gulls of the north\n\nThey nest on roofs.\nThey shout.\n"


def test_a_guarded_page_gives_the_same_document() -> None:
    with Guard(seconds=60) as guard:
        assert read_guarded(guard, PAGE, id="g") == read_html(PAGE, id="g")


def test_a_page_that_takes_too_long_is_named_and_the_worker_is_replaced() -> None:
    with Guard(seconds=60) as guard:
        guard.call("warm", len, "x")
        guard.seconds = 0.2
        with pytest.raises(InputError, match=r"slow: took longer than 0\.2 seconds"):
            guard.call("slow", time.sleep, 30)
        guard.seconds = 60
        assert guard.call("next", len, "abc") == 3


def test_a_page_that_asks_for_too_much_memory_is_named() -> None:
    pytest.importorskip("resource")
    with Guard(seconds=60, megabytes=1_024) as guard, pytest.raises(InputError, match="big: needs more than 1024 MB"):
        guard.call("big", bytes, 10**10)


def test_the_last_page_is_parsed_once() -> None:
    assert page(PAGE) is page(PAGE)
