"""Read rows of JSON from standard input and write each row's provenance: `python -m siglum.provenance < rows.jsonl`."""

from __future__ import annotations

import re
import sys
from typing import Any

import orjson

from siglum.cleaners.credits import Credits
from siglum.document import Document
from siglum.provenance.judge import judge


def _visible(html: str) -> str:
    """Return a page's text, roughly: good enough to score credits by."""
    from lxml import etree
    from lxml import html as lxml_html

    html = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]|&#(?:x0?[0-8bcef]|x1[0-9a-f]|[0-8]|1[124-9]|2\d|3[01]);", " ", html)
    try:
        tree = lxml_html.document_fromstring(html.encode("utf-8", "replace"), parser=lxml_html.HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ""
    for e in list(tree.iter("script", "style", "template", "noscript", "head", "code", "pre")):
        e.drop_tree() if e.getparent() is not None else None
    for e in list(tree.iter()):
        if isinstance(e.tag, str) and e.getparent() is not None and ("display:none" in (e.get("style") or "").replace(" ", "") or e.get("hidden") is not None):
            e.drop_tree()
    for e in tree.iter("p", "div", "li", "br", "h1", "h2", "h3", "h4", "td", "tr", "section", "article", "blockquote", "ul", "footer", "header", "figcaption"):
        try:
            e.tail = "\n" + (e.tail or "")
            if e.tag != "br":
                e.text = "\n" + (e.text or "")
        except ValueError:  # a character reference to a control character
            continue
    lines = (" ".join(line.split()) for line in tree.text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def _answer(row: dict[str, Any], cleaner: Credits) -> dict[str, Any]:
    html = row.get("html") or ""
    text = row.get("text") or (_visible(html) if html else "")
    doc = Document(
        text,
        id=str(row.get("id", "")),
        url=row.get("url") or "",
        media_type="text/html" if html else "text/plain",
        headers={k.lower(): v for k, v in (row.get("headers") or {}).items()},
        meta=row.get("meta") or {},
        html=html,
    )
    return {"id": row.get("id"), "provenance": judge(tuple(cleaner(doc)), target=row.get("language") or "und").to_json()}


def main() -> int:
    """Answer every row; return 0."""
    cleaner = Credits(hints=False)
    for line in sys.stdin.buffer:
        if line.strip():
            sys.stdout.buffer.write(orjson.dumps(_answer(orjson.loads(line), cleaner)) + b"\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
