"""A page's structure stays: as marks in the clean text, each an edit that can be undone."""

from __future__ import annotations

import siglum
from siglum.report import Report, dumps
from siglum.settings import Settings

STORY = "The harbour was closed on Monday because of the storm, the mayor told reporters late in the evening. " * 3
PAGE = f"""<html><body><article><h1>Storm closes harbour</h1><p>{STORY}</p><h2>What to do</h2>
<ul><li>Stay away from the quay and from the lighthouse road<li>Tie up the boats before the evening tide comes in</ul>
<blockquote><p>Nobody was hurt, and we are very glad about that, the mayor said.</p></blockquote><p>{STORY}</p>
</article></body></html>"""


def test_headings_lists_and_quotations_stand_as_markdown():
    text = siglum.clean(PAGE, html=True, settings=Settings(format="markdown")).text
    assert "# Storm closes harbour\n\nThe harbour" in text
    assert "## What to do\n\n- Stay away from the quay and from the lighthouse road\n- Tie up" in text
    assert "\n\n> Nobody was hurt" in text


def test_markdown_is_undone_like_any_edit():
    result = siglum.clean(PAGE, html=True, settings=Settings(format="markdown"))
    report = Report.loads(dumps(dict(result.report().data)))
    assert report.restore_text(result.text) == result.run.source.text
    assert any(r.startswith("markdown/structure@") for e in report.data["edits"] for r in e["rules"])


def test_a_plain_text_has_no_structure_to_write():
    assert (
        siglum.clean("1 * 2\n# not a heading\n", settings=Settings(format="markdown")).text
        == "1 * 2\n# not a heading\n"
    )
