"""Blocks: the visible text of an HTML page, in the order of its source, and where each piece stands in the markup.

The page is parsed once (lxml, libxml2's forgiving HTML parser) and walked once without recursion. What a reader of the
page would not see is named as hidden and never mixed with the text. No style sheet is read: what only a style sheet
hides counts as visible.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from siglum.content.page_data import linked_data


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Elements that begin and end a line of their own. Form controls stand among them: each is read as one label.
BLOCK_TAGS = _words(
    "html body address article aside blockquote button center caption dd details dialog dir div dl dt fieldset "
    "figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr label legend li listing main menu nav "
    "ol optgroup option output p plaintext pre search section select summary table tbody td textarea tfoot th thead "
    "tr ul xmp"
)
HEADINGS = _words("h1 h2 h3 h4 h5 h6")
_KIND = {
    **dict.fromkeys(HEADINGS, "heading"),
    **dict.fromkeys(("li", "dt", "dd"), "item"),
    **dict.fromkeys(("pre", "xmp", "listing", "plaintext", "textarea"), "code"),
    **dict.fromkeys(("figcaption", "caption"), "caption"),
    **dict.fromkeys(("button", "label", "legend", "option", "select", "optgroup", "summary"), "control"),
    "blockquote": "quote",
}
# A paragraph in a list item is still the item's text; a section in it starts afresh.
_AFRESH = BLOCK_TAGS - _words("p div td th tr center address")
_PREFORMATTED = frozenset(("pre", "xmp", "listing", "plaintext", "textarea"))
_NOT_TEXT = _words("script style iframe embed applet defs metadata annotation annotation-xml")
_NEVER_SHOWN = {
    **{tag: tag for tag in ("template", "noscript", "noframes", "noembed", "datalist", "rp", "desc")},
    **{tag: f"fallback of {tag}" for tag in ("object", "video", "audio", "canvas")},
}
_HEAD_ONLY = _words("title meta link base")
_NOT_READ = _HEAD_ONLY | _NOT_TEXT
_SPACING = _words("a br img input")
# Elements that are more than words in a line even where no element stands in them.
_HOLDING = BLOCK_TAGS | _PREFORMATTED | frozenset(_NEVER_SHOWN)
# React sends late parts of a page in <div hidden id="S:0"> and moves them into place: they are seen.
_STREAMED_ID = re.compile(r"S:[0-9a-f]{1,4}")
_REVEALED = (
    3  # times the visible text: one hidden element with so much more is shown by a script, as a page's loader does
)
_REVEALED_LENGTH = 1_000  # code points, below which a hidden element is never taken for the page
_HIDING_STYLE = re.compile(
    r"(?:^|[;\s])(display\s{0,9}:\s{0,9}none|visibility\s{0,9}:\s{0,9}(?:hidden|collapse))", re.IGNORECASE
)
# All that a browser draws as one blank, and all that str.splitlines would take for the end of a line.
_BLANK = " \t\n\r\f\v\x1c\x1d\x1e\x1f\x85\u2028\u2029"
# Runs of them that are not one space already; in ASCII these are the blanks of str.split.
_BLANKS = re.compile(f"[{_BLANK[1:]}][{_BLANK}]*| [{_BLANK}]+")
_NOT_IN_LINES = re.compile(r"[\r\f\v\x1c-\x1f\x85\u2028\u2029]")
_CLOSE = frozenset(
    ("item", "row", "control", "cell")
)  # of these, neighbours stand on lines without a blank one between
_CELL = "\x1f"  # ASCII unit separator, between the cells of a row while it is read
_CELL_LENGTH = 200  # code points: with a longer cell a row is taken for layout, and each cell keeps its own lines
_ROW_BREAKERS = _words("table ul ol dl h1 h2 h3 h4 h5 h6 pre form article section blockquote")


class Node:
    """One element on the way from the root to a block."""

    __slots__ = ("_counts", "_path", "cover", "depth", "element", "hidden", "kind", "link", "number", "parent", "tag")

    def __init__(self, element: Any, tag: str, parent: Node | None) -> None:
        self.element, self.tag, self.parent = element, tag, parent
        self._counts: dict[str, int] | None = None
        self._path = ""
        if parent is None:
            self.hidden: str = ""  # why it is not seen
            self.cover: Node | None = None  # the outermost hidden element around it
            self.link: bool = tag == "a"
            self.kind: str = _KIND.get(tag, "text")
            self.number = 1  # among the elements of its name in its parent
            self.depth = 0
            return
        self.hidden, self.cover = parent.hidden, parent.cover
        self.link = parent.link or tag == "a"
        self.kind = _KIND.get(tag) or ("text" if tag in _AFRESH else parent.kind)
        self.number = parent.count(tag)
        self.depth = parent.depth + 1

    def count(self, tag: str) -> int:
        """Return the number of the next element *tag* in this one."""
        counts = self._counts
        if counts is None:
            self._counts = {tag: 1}
            return 1
        number = counts[tag] = counts.get(tag, 0) + 1
        return number

    @property
    def path(self) -> str:
        """The element path below the root: "body/main/p[3]"; a step without a number is the first of its name."""
        if self._path or self.parent is None:
            return self._path
        chain = [self]
        node = self.parent
        while not node._path and node.parent is not None:
            chain.append(node)
            node = node.parent
        path = node._path
        for below in reversed(chain):
            step = below.tag if below.number == 1 else f"{below.tag}[{below.number}]"
            path = below._path = f"{path}/{step}" if path else step
        return path

    def ancestors(self) -> Iterator[Node]:
        """Yield this node and every one above it, the root last."""
        node: Node | None = self
        while node is not None:
            yield node
            node = node.parent


class PageBlock(NamedTuple):
    """One block of visible text as the walk found it."""

    text: str
    node: Node  # the innermost block-level element around it
    kind: str
    line: int  # 1-based line of the source, 0 where unknown
    linked: int  # code points of the text that stand inside links
    soft: bool  # goes on after the line break of the block before it, in the same element
    hidden: str = ""  # why a reader of the page would not see it: "display:none", "hidden", "noscript"


@dataclass(frozen=True)
class Page:
    """A parsed page. The tree is shared: read it, never change it."""

    root: Any  # None where nothing parses
    every: tuple[PageBlock, ...]  # visible and hidden, as they stand in the source
    unread: Mapping[str, int]  # elements that hold no text for readers, by tag: {"script": 12, "style": 3}
    data: bytes  # the page as it was parsed: UTF-8, NUL dropped, each lone surrogate put as "?"
    linked: tuple[Mapping[str, Any], ...] = ()  # its JSON-LD objects
    whole: bool = True  # False: nested too deeply to be parsed, the blocks have no places

    @cached_property
    def depth(self) -> int:
        """How many elements stand around the innermost block."""
        return max((block.node.depth for block in self.every), default=0)

    @cached_property
    def html(self) -> str:
        """The page as it was parsed, as text."""
        return self.data.decode("utf-8")

    @cached_property
    def blocks(self) -> tuple[PageBlock, ...]:
        """The visible blocks."""
        return tuple(block for block in self.every if not block.hidden)

    @cached_property
    def hidden(self) -> tuple[PageBlock, ...]:
        """The blocks of text that a reader of the page would not see."""
        return tuple(block for block in self.every if block.hidden)

    @cached_property
    def layout(self) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The visible text, one block after the other, and the span of each block in it."""
        parts: list[str] = []
        spans: list[tuple[int, int]] = []
        at = 0
        before = ""  # the kind of the block before
        for text, _, kind, _, _, soft, _ in self.blocks:
            if spans:
                gap = "\n" if soft or (kind == before and kind in _CLOSE) else "\n\n"
                parts.append(gap)
                at += len(gap)
            parts.append(text)
            spans.append((at, at := at + len(text)))
            before = kind
        text = "".join(parts)
        return (text + "\n" if text else ""), tuple(spans)


@lru_cache(maxsize=2)
def page(html: str) -> Page:
    """Parse *html* and return its visible blocks; a page that does not parse at all has no root and no blocks.

    The last pages are kept, since the reader and the voters look at the same page one after the other.
    """
    return page_of_bytes(html.replace("\0", "").encode("utf-8", "replace"))


def page_of_bytes(data: bytes) -> Page:
    """Parse a page in UTF-8 that holds no NUL."""
    root, whole = _parse(data)
    if root is None:
        return Page(None, (), {}, data)
    if not whole:
        return _unnested(root, data)
    linked = tuple(linked_data(root))
    walk = _Walk(root)
    walk.run()
    revealed = _revealed(walk.blocks, linked)
    if revealed is not None:
        walk = _Walk(root, revealed)
        walk.run()
    return Page(root, tuple(walk.blocks), dict(sorted(walk.unread.items())), data, linked)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _parse(data: bytes) -> tuple[Any, bool]:
    """Return the root element, comments left out, and whether the parser read to the end.

    There is no root where nothing stands in the page, and none after a page of comments alone. libxml2 stops at some
    2,000 open elements.
    """
    from lxml import etree

    if not data.strip():
        return None, True
    parser = _parser()
    try:
        root = etree.fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None, True
    return root, not any(error.level_name == "FATAL" for error in parser.error_log)


def _parser() -> Any:
    """Return a parser whose elements are all of one class, which is what extractors ask for.

    lxml's own lookup of a class for each tag calls Python for each element each time it is met.
    """
    from lxml import etree, html

    parser = html.HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
        huge_tree=True,
    )
    parser.set_element_class_lookup(etree.ElementDefaultClassLookup(element=html.HtmlElement))
    return parser


def _unnested(root: Any, data: bytes) -> Page:
    """Return the page's visible lines without their places: what is left to do for a page nested too deeply."""
    from resiliparse.extract.html2text import extract_plain_text

    top = Node(root, "html", None)
    lines = extract_plain_text(data.decode("utf-8"), alt_texts=False).split("\n")
    return Page(
        root,
        tuple(PageBlock(t, top, "text", 0, 0, False) for line in lines if (t := line.strip())),
        {},
        data,
        (),
        False,
    )


def _revealed(blocks: list[PageBlock], linked: Sequence[Mapping[str, Any]]) -> Any:
    """Return the hidden element that holds the page's text and that a script must show; None for most pages.

    It holds so much more than all that is visible, or it holds the article that the page's JSON-LD names.
    """
    seen = 0
    covered: dict[Node, list[PageBlock]] = {}
    for block in blocks:
        if not block.hidden:
            seen += len(block.text) - block.linked
        elif block.node.cover is not None and block.node.cover.tag not in _NEVER_SHOWN:
            covered.setdefault(block.node.cover, []).append(block)
    sizes = {cover: sum(len(b.text) - b.linked for b in held) for cover, held in covered.items()}
    cover = max(sizes, key=lambda node: sizes[node], default=None)
    if cover is None or sizes[cover] < _REVEALED_LENGTH:
        return None
    if sizes[cover] >= _REVEALED * seen:
        return cover.element
    article = _letters("".join(o["articleBody"] for o in linked if isinstance(o.get("articleBody"), str)))
    told = sum(len(b.text) for b in covered[cover] if _letters(b.text[:200]) in article) if article else 0
    return cover.element if told > 0.5 * sizes[cover] else None


class _Run:
    """The line that is being read."""

    __slots__ = ("line", "linked", "parts", "pre", "row", "soft")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.linked = 0
        self.line = 0
        self.soft = False
        self.row: Any = None  # the table row that is read as one line
        self.pre = 0  # open elements whose line breaks count


class _Walk:
    """One pass over a tree; *blocks* and *unread* hold what it saw."""

    def __init__(self, root: Any, revealed: Any = None) -> None:
        self.root, self.revealed = root, revealed
        self.blocks: list[PageBlock] = []
        self.unread: dict[str, int] = {}
        self._run = _Run()
        self._outer: list[tuple[Any, _Run]] = []  # hidden elements that are open, each with the line it interrupts

    def run(self) -> None:
        """Read the whole tree, without recursion: pages may be nested deeper than Python's stack."""
        node = Node(self.root, "html", None)
        if self.root.text:
            self._add(self.root.text, self.root, node.link)
        siblings = iter(self.root)  # what is left to read in *node*
        above: list[Any] = []  # and in those around it
        after_link = False  # the element before is a link, and nothing stands behind it
        while True:
            for element in siblings:
                tag = element.tag
                if tag.__class__ is not str or tag in _NOT_READ:
                    if tag in _NOT_TEXT:
                        self.unread[tag] = self.unread.get(tag, 0) + 1
                elif tag not in _HOLDING and not len(element) and not _hidden(element, tag):
                    # A word in bold, a link, an icon: no block can stand in it, so it needs no node.
                    node.count(tag)
                    if tag in _SPACING:
                        self._space(tag, node, after_link)
                    if text := element.text:
                        self._add(text, element, node.link or tag == "a")
                else:
                    node = Node(element, tag, node)
                    self._open(node, after_link)
                    if text := element.text:
                        self._add(text, element, node.link)
                    if len(element):
                        above.append(siblings)
                        siblings, after_link = iter(element), False
                        break
                    self._close(node)
                    node = node.parent or node
                tail = element.tail
                after_link = tag == "a" and not tail
                if tail:
                    self._add(tail, element, node.link)
            else:
                self._close(node)
                if not above:
                    return
                siblings = above.pop()
                element, tag, node = node.element, node.tag, node.parent or node
                tail = element.tail
                after_link = tag == "a" and not tail
                if tail:
                    self._add(tail, element, node.link)

    def _open(self, node: Node, after_link: bool) -> None:
        tag, element, run = node.tag, node.element, self._run
        why = _hidden(element, tag)
        if why and element is not self.revealed:
            if not node.hidden:
                node.hidden, node.cover = why, node
            self._outer.append((element, run))
            self._run = _Run()
        elif tag in _PREFORMATTED:
            self._flush(node.parent or node)
            run.pre += 1
        elif tag in BLOCK_TAGS:
            if run.row is not None:
                run.parts.append(_CELL if tag in ("td", "th") else " ")
                return
            if run.parts or run.soft:
                self._flush(node.parent or node)
            if tag == "tr" and _is_data_row(element):
                run.row = element
        elif tag in _SPACING:
            self._space(tag, node.parent or node, after_link)

    def _close(self, node: Node) -> None:
        tag, run = node.tag, self._run
        if self._outer and self._outer[-1][0] is node.element:
            self._flush(node)
            self._run = self._outer.pop()[1]
        elif tag in _PREFORMATTED:
            self._flush(node)
            run.pre -= 1
        elif run.row is not None:
            if node.element is run.row:
                self._flush(node)
                run.row = None
        elif (run.parts or run.soft) and tag in BLOCK_TAGS:
            self._flush(node)

    def _space(self, tag: str, node: Node, after_link: bool) -> None:
        """Set apart in *node* what stands before an element *tag* from what follows."""
        run = self._run
        if tag == "br":
            self._break(node)
        elif tag != "a" or (after_link and run.parts and not run.pre):
            # Neighbouring links are set apart on the page by style alone.
            run.parts.append(" ")

    def _break(self, node: Node) -> None:
        run = self._run
        if run.pre:
            run.parts.append("\n")
        elif run.row is not None:
            run.parts.append(" ")
        else:
            run.soft = self._flush(node)

    def _add(self, text: str, element: Any, linked: bool) -> None:
        run = self._run
        if not run.parts and not run.pre and not text.strip(_BLANK):
            return  # before the first word of a line
        if not run.line and not text.isspace():
            run.line = element.sourceline or 0
        run.parts.append(text)
        if linked:
            run.linked += len(text.strip())

    def _flush(self, node: Node) -> bool:
        """Close the line that is being read, whose element is *node*; tell whether there was one."""
        run = self._run
        soft, run.soft = run.soft, False
        if not run.parts:
            return False
        raw = "".join(run.parts)
        line, linked = run.line, run.linked
        run.parts, run.line, run.linked = [], 0, 0
        while node.parent is not None and node.tag not in BLOCK_TAGS and node.cover is node.parent.cover:
            node = node.parent
        kind = "cell" if node.tag in ("td", "th") else node.kind
        if run.pre:
            text = _lines_of(raw)
        elif run.row is not None:
            text, kind = _row_of(raw)
        else:
            text = _on_one_line(raw)
        if not text or text.isspace():
            return False
        self.blocks.append(PageBlock(text, node, kind, line, min(linked, len(text)), soft, node.hidden))
        return True


def _on_one_line(raw: str) -> str:
    """Return *raw* with each run of blanks as one space, and none at its ends."""
    return " ".join(raw.split()) if raw.isascii() else _BLANKS.sub(" ", raw).strip(" ")


def _row_of(raw: str) -> tuple[str, str]:
    """Return a table row as one line, and its kind: with fewer than two cells that hold text it is no row.

    >>> _row_of("\x1fName\x1f\x1f Age ")
    ('Name | | Age', 'row')
    """
    cells = [_on_one_line(cell).strip() for cell in raw.split(_CELL)[1:]]
    filled = [cell for cell in cells if cell]
    if len(filled) < 2:
        return "".join(filled), "cell"
    return " | ".join(cells).replace("|  |", "| |").strip(), "row"


def _lines_of(raw: str) -> str:
    """Return preformatted text with its own line breaks, blank lines around it cut off."""
    raw = _NOT_IN_LINES.sub(" ", raw.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.rstrip() for line in raw.split("\n")).strip("\n")


def _hidden(element: Any, tag: str) -> str:
    """Return why a reader of the page does not see *element*, "" when it is seen."""
    if tag in _NEVER_SHOWN:
        return _NEVER_SHOWN[tag]
    if tag == "dialog" and element.get("open") is None:
        return "dialog not open"
    if tag == "body" or not element.attrib:
        return ""
    if element.get("hidden") is not None and not _STREAMED_ID.fullmatch(element.get("id") or ""):
        return "hidden"
    style = element.get("style")
    if style and (found := _HIDING_STYLE.search(style)):
        return "".join(found[1].lower().split())
    return ""


def _is_data_row(row: Any) -> bool:
    """Tell whether a table row is read as one line: several short cells with nothing but a line of text in each."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2:
        return False
    for cell in cells:
        length = wrappers = 0
        for element in cell.iter():
            tag = element.tag
            if tag in _ROW_BREAKERS:
                return False
            wrappers += tag in ("p", "div")
            length += len(element.text or "") + (len(element.tail or "") if element is not cell else 0)
            if length > _CELL_LENGTH or wrappers > 1:
                return False
    return True
