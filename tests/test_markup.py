"""Markup is taken where it is residue, and left where it is what the text is about."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siglum.cleaners.markup import Markup
from siglum.document import Cleaner, Document


def cleaned(text: str, media_type: str = "text/plain") -> str:
    out = text
    for found in reversed(list(Markup()(Document(text, media_type=media_type)))):
        assert found.evidence.label == "markup"
        out = out[: found.span.start] + (found.after or "") + out[found.span.end :]
    return out


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>One.</p><p>Two.</p>", "One.\nTwo."),
        ("First line.<br>Second.<br/>Third", "First line.\nSecond.\nThird"),
        ("One.<br>\r\nTwo.</p>\r\n", "One.\r\nTwo.\r\n"),
        ('text <a href="/x"\r\nmore', "text \r\nmore"),
        ("The end.</p>\n\nNext", "The end.\n\nNext"),
        ('See <a href="/x" target="_blank">the page</a> now', "See the page now"),
        ("Look for <strong>a verified health report</strong>, now", "Look for a verified health report, now"),
        ("a bit of wreck</font> floats", "a bit of wreck floats"),
        ('<font style="vertical-align: inherit;"><font>Hi</font></font>', "Hi"),
        ("<ya-tr-span>Hello</ya-tr-span> world", "Hello world"),
        ("<!-- x --><p>Text</p>\n", "Text\n"),
        ('class="lead" href="/x">Text of it\nmore', "Text of it\nmore"),
        ('text <a href="/x"\nmore', "text \nmore"),
        ("Tom &amp; Jerry&nbsp;go &#8217;home&#x2019;", "Tom & Jerry\u00a0go ’home’"),
        ("twice &amp;nbsp;escaped", "twice \u00a0escaped"),
        ("windows &#146;quote", "windows ’quote"),
    ],
)
def test_residue_goes_and_its_text_stays(text, expected):
    assert cleaned(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Use the <b> tag for bold.",
        "A line is broken with the `<br>` sign.",
        "He wrote <b>so</b> in the form.",
        "Every HTML page has <p>paragraphs</p>.\n<p>Like this.</p>",
        "In CSS, &nbsp; is no value.",
        "if a <b and c> d then x",
        "a < b & c > d, AT&T; R&D",
        "# Title\n\n<details>\n<p>hidden</p></details> &amp;",
        "<!-- Translated by a machine -->\nText",
        "<!DOCTYPE html>\n<p>Page</p>",
        "```\n<p>code</p>\n```",
        "    <p>indented code</p>\n    &amp;",
        "&lt;p&gt; begins a paragraph",
        "an impossible &#0; and &#xD800; and &unknown;",
        'name="value" in a settings file\nport="80"',
        "write (<br>) there",
        "mail <p.smith@example.org> today",
    ],
)
def test_markup_that_is_content_stays(text):
    assert cleaned(text) == text


@pytest.mark.parametrize("media_type", ["text/markdown", "text/html"])
def test_only_plain_text_is_looked_at(media_type):
    assert cleaned("<p>One.</p> &amp;", media_type) == "<p>One.</p> &amp;"


def test_a_page_is_not_looked_at():
    assert list(Markup()(Document("<p>One.</p>", html="<pre>&lt;p>One.&lt;/p></pre>"))) == []


def test_a_manifest_in_a_comment_stays():
    text = "<p>Text</p>\n<!-- -----BEGIN C2PA MANIFEST----- aGk= -----END C2PA MANIFEST----- -->"
    assert cleaned(text) == text.replace("<p>", "").replace("</p>", "")


PARTS = ["<p>", "</p>", "<br>", '<a href="x">', "</a>", "<", ">", "&", "&amp;", 'id="x"', "a", " ", "\n", "<!--", "-->"]


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_findings_are_in_order_and_disjoint(text):
    spans = [found.span for found in Markup()(Document(text))]
    assert all(one.end <= two.start for one, two in pairwise(spans))


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<b ", '<a href="x', 'class="x" ', "&#", "&amp;amp;", "`a", "<p>", "[", "|---"]
)
def test_hostile_text_is_read_to_its_end(piece):
    assert len(cleaned(piece * 20_000 + "<br>")) <= len(piece) * 20_000 + 4


def test_it_is_a_cleaner():
    assert isinstance(Markup(), Cleaner)
