"""Markdown: the kept blocks of a page with the structure its elements gave them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from siglum.document import Block, Document
from siglum.span import Span

_STEP = re.compile(r"([A-Za-z0-9:_-]{1,60})(?:\[(\d{1,9})\])?")
_SPECIAL = re.compile(r"([\\`*_\[\]<>])")
_STARTS = re.compile(r"(#{1,6}(?=\s)|[-+](?=\s)|\d{1,9}(?=[.)]\s)|>|=+$|-{3,}$)")


def to_markdown(doc: Document, kept: Collection[int] | None = None) -> str:
    """Return the blocks of *doc* whose indexes are in *kept* (all by default) as Markdown.

    Headings, lists with their nesting, tables, quotations and code keep their form, read from the blocks' kinds and
    paths; characters that Markdown would take for markup are escaped. The blocks stand in the order of the text.

    >>> from siglum.readers.html import read_html
    >>> print(to_markdown(read_html("<h2>Gulls</h2><ul><li>eggs<li>nests</ul>")), end="")
    ## Gulls
    <BLANKLINE>
    - eggs
    - nests
    """
    return "".join([written for _, written in rewritten(doc, kept)])


def rewritten(doc: Document, kept: Collection[int] | None = None) -> Iterator[tuple[Span, str]]:
    """Yield stretch by stretch what `to_markdown` makes of the text of *doc*: each span with what stands for it.

    The spans cover the text without a gap, so that the pieces can be told as edits.
    """
    before: Block | None = None
    at = 0
    for i, block in enumerate(doc.blocks):
        text = block.span.of(doc.text)
        if (kept is not None and i not in kept) or not text.strip():
            continue
        between = "" if before is None else "\n" if _together(before, block) else "\n\n"
        yield Span(at, block.span.start), between
        yield block.span, "".join(_table_head(before, block, doc.text)) or _written(block, text)
        before, at = block, block.span.end
    yield Span(at, len(doc.text)), "\n" if before else ""


def to_text(doc: Document, kept: Collection[int] | None = None) -> str:
    """Return the same blocks as plain text, as the reader set them: a line each, blank lines between paragraphs."""
    parts: list[str] = []
    end = 0
    for i, block in enumerate(doc.blocks):
        text = block.span.of(doc.text)
        if (kept is None or i in kept) and text.strip():
            if parts:
                parts.append("\n\n" if doc.text.find("\n\n", end, block.span.start + 1) >= 0 else "\n")
            parts.append(text)
        else:
            continue
        end = block.span.end
    return "".join(parts) + ("\n" if parts else "")


def _written(block: Block, text: str) -> str:
    """Return one block as Markdown."""
    if block.kind == "code":
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
        return f"{fence}\n{text}\n{fence}"
    line = _escaped(text)
    if block.kind == "heading":
        return f"{'#' * _level(block.path)} {line}"
    if block.kind == "item":
        return f"{_bullet(block.path)} {line}"
    if block.kind == "quote":
        return f"> {line}"
    if block.kind == "row":
        return f"| {' | '.join(cell.strip() for cell in line.split(' | '))} |"
    return line


def _escaped(text: str) -> str:
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split("\n")))
    start = _STARTS.match(line)
    if start is None:
        return line
    # An ordinal is defused before its stop, everything else before its first character.
    at = start.end() if start[0].isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


def _table_head(before: Block | None, block: Block, text: str) -> list[str]:
    """Return the first row of a table with the rule that Markdown asks for below it, [] for anything else."""
    if block.kind != "row" or (before is not None and before.kind == "row" and _table(before) == _table(block)):
        return []
    row = _written(block, block.span.of(text))
    return [row, "\n|" + " --- |" * (1 + block.span.of(text).count(" | "))]


def _together(before: Block, block: Block) -> bool:
    """Tell whether two blocks belong to one list or table, with no blank line between."""
    if before.kind != block.kind:
        return False
    if block.kind == "row":
        return _table(before) == _table(block)
    return block.kind == "item" and _outer_list(before.path) == _outer_list(block.path)


def _table(block: Block) -> str:
    return block.path.rpartition("table")[0]


def _outer_list(path: str) -> str:
    found = re.search(r"(?:^|/)(?:ul|ol|dl)(?:\[\d{1,9}\])?(?=/|$)", path)
    return path[: found.end()] if found else path


def _steps(path: str) -> Iterator[tuple[str, int]]:
    for step in path.split("/"):
        if found := _STEP.fullmatch(step):
            yield found[1].lower(), int(found[2] or 1)


def _level(path: str) -> int:
    levels = [int(tag[1]) for tag, _ in _steps(path) if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456"]
    return levels[-1] if levels else 2


def _bullet(path: str) -> str:
    """Return the indented mark of a list item."""
    depth, mark, inside = 0, "-", ""
    for tag, number in _steps(path):
        if tag in ("ul", "ol", "dl", "menu"):
            depth += 1
            inside = tag
        elif tag == "li":
            mark = f"{number}." if inside == "ol" else "-"
    return "    " * max(0, depth - 1) + mark
