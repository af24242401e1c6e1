"""The reader of HTML: a page's whole visible text, block by block, and what the page says about itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from siglum.content import blocks, page_data
from siglum.document import NOTHING, Block, Document
from siglum.span import Span


def read_html(
    html: str,
    *,
    id: str = "",
    url: str = "",
    headers: Mapping[str, str] = NOTHING,
    meta: Mapping[str, Any] = NOTHING,
) -> Document:
    """Return *html* as a document whose text is all a reader of the page sees, one block after the other.

    Items of a list and rows of a table stand on lines of their own, the cells of a row joined by " | "; code keeps its
    lines; between other blocks there is a blank line. What is hidden is not in the text: `hidden_blocks` lists it, and
    `meta["hidden"]` counts it by reason. `meta["page"]` holds title, date, author, address, site, license and declared
    languages, each with its source. A page that does not parse gives an empty text and a `meta["warning"]`; nothing is
    raised for any string.

    >>> read_html("<h1>Gulls</h1><p>They nest <b>here</b>.<p hidden>Menu").text
    'Gulls\\n\\nThey nest here.\\n'
    """
    page = blocks.page(html)
    if page.root is None:
        warning = "the page is empty" if not html.strip("\0 \t\r\n") else "the page does not parse as HTML"
        return Document("", id, url, "text/html", headers=dict(headers), meta={**meta, "warning": warning}, html=html)
    text, spans = page.layout
    placed = tuple(
        [
            Block(Span(*span), block.node.path, block.line, block.kind)
            for block, span in zip(page.blocks, spans, strict=True)
        ]
    )
    named = page_data.metas(page.root)
    languages = page_data.languages(page.root, named)
    told = page_data.facts(page.root, page.linked, named)
    facts: dict[str, Any] = {name: fact._asdict() for name, fact in told.items()}
    if languages:
        facts["languages"] = [language._asdict() for language in languages]
    about: dict[str, Any] = {**meta, "page": facts, "hidden": _counts(page)}
    if not page.whole:
        about["warning"] = "the page is nested too deeply: its text was read without element paths"
    return Document(
        text,
        id,
        url,
        "text/html",
        language=languages[0].value if languages else "und",
        headers=dict(headers),
        meta=about,
        html=html,
        blocks=placed,
    )


def hidden_blocks(html: str) -> list[tuple[Block, str]]:
    """Return each block of text a reader of the page would not see, with its text.

    The span of such a block is empty: it stands nowhere in the document's text.

    >>> [(b.hidden, text) for b, text in hidden_blocks('<p>Seen<p style="display: none">Not seen')]
    [('display:none', 'Not seen')]
    """
    return [
        (Block(Span(0, 0), block.node.path, block.line, block.kind, block.hidden), block.text)
        for block in blocks.page(html).hidden
    ]


def _counts(page: blocks.Page) -> dict[str, int]:
    """Return how many blocks are hidden for each reason, and how many elements hold no text for readers."""
    counts = dict(page.unread)
    for block in page.hidden:
        counts[block.hidden] = counts.get(block.hidden, 0) + 1
    return dict(sorted(counts.items()))
