"""What the votes model looks at: for each block of a page, who chose it, its shape, its markup, and what is around it.

Every feature lies between 0 and 1. Names say what they are:

- `vote:NAME`, `share`, `core`, `votes>=N`: the share of the block's tokens that an extractor chose, the mean of these,
  the least of these (`density` left out), and whether at least N of them chose the block.
- `up1:`, `up2:`, `up3:`: the nearest elements that hold more than the block: `share`, `core`, `linked`, `long` of what
  they hold beside it; `holds` and `corehold`: how much of all that is chosen; `size`: how much of the page.
- `alike:`: the other blocks whose three innermost elements have the same tags and classes.
- `at-1:` and the like: the blocks before and after. `before`, `after`, `between`: how near the next chosen block is.
- `of:KIND`: an element around the block whose names say KIND, less the more of the page it holds; `near:KIND`: one of
  the three innermost does. `in:TAG`, `kind:KIND`: elements around it, and what the block is.
- the rest: length, links, punctuation and position, and how far the extractors agree on this page.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, islice
from math import log1p

from siglum.content.blocks import Node, Page, PageBlock

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_END = tuple(".!?…。！？؟۔।॥։።។：:;；\"”»’')）」』")
_COMMAS = re.compile("[,，、،;；]")
_DIGITS = re.compile(r"\d")
_PARTS = ("nav", "footer", "header", "aside", "article", "main", "section")
_TAGS = frozenset((*_PARTS, "form", "figure", "table", "blockquote", "p", "li"))
_LONG = 10  # tokens from which a block counts as running text
_NEAR = 3  # blocks: what no extractor chose nor anything within this distance is not weighed at all
_LEVELS = (1, 2, 3)
_DENSITY = "density"

Row = dict[str, float]


class Vocabulary:
    """Which words of class, id, role and itemprop name which kind of page part."""

    def __init__(self, kinds: Mapping[str, Sequence[str]]) -> None:
        self.kinds = tuple(kinds)
        self._of: dict[str, int] = {}
        for n, words in enumerate(kinds.values()):
            for word in words:
                self._of[word] = self._of.get(word, 0) | 1 << n
        self.mask = lru_cache(maxsize=20_000)(self._mask)

    def _mask(self, names: str) -> int:
        mask = 0
        for word in _WORDS.findall(names):
            mask |= self._of.get(word.lower(), 0)
        return mask

    def kinds_in(self, mask: int) -> list[str]:
        """Return the kinds whose bits are set."""
        return [kind for n, kind in enumerate(self.kinds) if mask >> n & 1] if mask else []

    def named(self, node: Node) -> int:
        """Return the kinds that the names of an element say, one bit each."""
        if node.tag in ("html", "body"):
            return 0
        get = node.element.get
        names = f"{get('class') or ''} {get('id') or ''} {get('role') or ''} {get('itemprop') or ''}"
        return self.mask(names[:400]) if len(names) > 3 else 0


class _Part:
    """What one element, or a group of blocks alike, holds."""

    __slots__ = ("above", "blocks", "chosen", "core", "linked", "long", "markup", "mask", "tag", "tokens")

    def __init__(self, mask: int = 0, tag: str = "", above: _Part | None = None) -> None:
        self.mask, self.tag, self.above = mask, tag, above
        self.markup: Row = {}
        self.blocks = self.tokens = self.long = 0
        self.chosen = self.core = self.linked = 0.0  # tokens, weighted

    def add(self, tokens: int, chosen: float, core: float, linked: float) -> None:
        self.blocks += 1
        self.tokens += tokens
        self.chosen += chosen
        self.core += core
        self.linked += linked
        if tokens >= _LONG:
            self.long += tokens

    def pass_on(self) -> None:
        """Add what stands here to the part above."""
        above = self.above
        if above is not None:
            above.blocks += self.blocks
            above.tokens += self.tokens
            above.long += self.long
            above.chosen += self.chosen
            above.core += self.core
            above.linked += self.linked

    def around(self) -> Iterator[_Part]:
        """Yield this part and those above it."""
        part: _Part | None = self
        while part is not None:
            yield part
            part = part.above

    def read_markup(self, total: int, vocabulary: Vocabulary) -> None:
        """Set `in:` and `of:` for what stands here; the part above must have been read."""
        row = self.above.markup if self.above is not None else {}
        if self.tag in _TAGS or self.mask:
            row = dict(row)
            if self.tag in _TAGS:
                row[f"in:{self.tag}"] = 1.0
            weight = 1 - _ratio(self.tokens, total)
            for kind in vocabulary.kinds_in(self.mask):
                row[f"of:{kind}"] = max(weight, row.get(f"of:{kind}", 0.0))
        self.markup = row


class _Facts:
    """What is computed once a page."""

    def __init__(
        self, blocks: Sequence[PageBlock], lengths: Sequence[int], votes: Mapping[str, Sequence[float]]
    ) -> None:
        columns = list(votes.values())
        strict = [votes[v] for v in votes if v != _DENSITY] or columns
        self.share = [sum(of) / len(columns) for of in zip(*columns, strict=True)] if columns else [0.0] * len(blocks)
        self.core = [min(of) for of in zip(*strict, strict=True)] if strict else [0.0] * len(blocks)
        self.linked = [_ratio(b.linked, len(b.text)) for b in blocks]
        self.total = sum(lengths)
        self.chosen = [s * t for s, t in zip(self.share, lengths, strict=True)]
        self.cored = [s * t for s, t in zip(self.core, lengths, strict=True)]
        self.all_chosen, self.all_core = sum(self.chosen), sum(self.cored)
        self.before, self.after = _both_ways(self.share, lengths)
        self.core_before, self.core_after = _both_ways(self.core, lengths)
        self.done = [0, *accumulate(lengths)]
        self.done_chosen = [0.0, *accumulate(self.chosen)]
        self.done_core = [0.0, *accumulate(self.cored)]
        every = sum(t * min(of) for t, of in zip(lengths, zip(*columns, strict=True), strict=False))
        some = sum(t * max(of) for t, of in zip(lengths, zip(*columns, strict=True), strict=False))
        self.agreement = _ratio(every, some)


def features(
    page: Page, lengths: Sequence[int], votes: Mapping[str, Sequence[float]], vocabulary: Vocabulary
) -> list[Row]:
    """Return the features of each visible block by name, zeros left out; {} where nothing near it was chosen.

    *lengths* are the blocks' tokens, *votes* for each extractor the share of each block's tokens that it chose.
    """
    blocks = page.blocks
    facts = _Facts(blocks, lengths, votes)
    parts: dict[Node, _Part] = {}
    alike: dict[tuple[str, ...], _Part] = {}
    groups: list[_Part] = []
    seen = Counter(block.text for block in blocks)
    for i, block in enumerate(blocks):
        held = (lengths[i], facts.chosen[i], facts.cored[i], facts.linked[i] * lengths[i])
        _part_of(block.node, parts, vocabulary).add(*held)
        group = alike.setdefault(_signature(block.node), _Part())
        group.add(*held)
        groups.append(group)
    for part in reversed(parts.values()):  # an element comes after those it stands in
        part.pass_on()
    for part in parts.values():
        part.read_markup(facts.total, vocabulary)
    rows: list[Row] = []
    for i, block in enumerate(blocks):
        if not any(facts.share[max(0, i - _NEAR) : i + _NEAR + 1]):
            rows.append({})
            continue
        part = parts[block.node]
        row = dict(part.markup)
        near = 0
        for above in islice(part.around(), 3):
            near |= above.mask
        for kind in vocabulary.kinds_in(near):
            row[f"near:{kind}"] = 1.0
        _votes(row, i, votes, facts)
        _shape(row, block, lengths[i], facts.linked[i], seen[block.text] > 1)
        _containers(row, i, part, lengths[i], facts)
        _like(row, i, lengths[i], groups[i], facts)
        _neighbours(row, i, lengths, facts)
        rows.append({name: value for name, value in row.items() if value})
    return rows


def _part_of(node: Node, parts: dict[Node, _Part], vocabulary: Vocabulary) -> _Part:
    """Return the part of an element, made on the way with those above it."""
    made: list[Node] = []
    above: Node | None = node
    while above is not None and above not in parts:
        made.append(above)
        above = above.parent
    part = parts[above] if above is not None else None
    for below in reversed(made):
        part = parts[below] = _Part(vocabulary.named(below), below.tag, part)
    return parts[node]


def _votes(row: Row, i: int, votes: Mapping[str, Sequence[float]], facts: _Facts) -> None:
    for name, column in votes.items():
        row[f"vote:{name}"] = column[i]
    share, core = facts.share[i], facts.core[i]
    count = sum(column[i] >= 0.5 for column in votes.values())
    for n in range(1, count + 1):
        row[f"votes>={n}"] = 1.0
    row["share"], row["core"] = share, core
    row["share:any"] = float(share > 0.25)
    row["core:page"] = _ratio(facts.all_core, facts.all_chosen)
    row["core:any"] = float(facts.all_core > 20)
    row["core:missing"] = max(0.0, share - core) * min(1.0, facts.all_core / 100)
    before, after = facts.core_before[i], facts.core_after[i]
    row["core:before"], row["core:after"], row["core:between"] = before, after, min(before, after)
    row["core:none"] = float(not before and not after)
    if facts.all_core > 0 and core < 0.5:
        done = facts.done_core[i]
        row["core:late"] = float(done >= 0.999 * facts.all_core)
        row["core:early"] = float(done == 0)
        row["core:late-share"], row["core:early-share"] = row["core:late"] * share, row["core:early"] * share


def _shape(row: Row, block: PageBlock, tokens: int, linked: float, repeated: bool) -> None:
    text = block.text
    head = text[:500]
    row["length"] = min(1.0, log1p(tokens) / 5)
    row["short"] = float(tokens <= 4)
    row["long"] = float(tokens >= 20)
    row["linked"] = linked
    row["all-linked"] = float(linked > 0.9)
    row["ended"] = float(text.endswith(_END))
    row["commas"] = min(1.0, len(_COMMAS.findall(text[:2_000])) / 5)
    row["digits"] = _ratio(len(_DIGITS.findall(head)), len(head))
    row["repeated"] = float(repeated)
    row["soft"] = float(block.soft)
    row[f"kind:{block.kind}"] = 1.0


def _containers(row: Row, i: int, own: _Part, tokens: int, facts: _Facts) -> None:
    found: list[_Part] = []
    size = tokens
    for part in own.around():
        if part.tokens > size:
            size = part.tokens
            found.append(part)
            if len(found) == len(_LEVELS):
                break
    if not found:
        return
    found += [found[-1]] * (len(_LEVELS) - len(found))
    for level, part in zip(_LEVELS, found, strict=True):
        rest = part.tokens - tokens
        row[f"up{level}:share"] = _ratio(part.chosen - facts.chosen[i], rest)
        row[f"up{level}:core"] = _ratio(part.core - facts.cored[i], rest)
        row[f"up{level}:linked"] = _ratio(part.linked - facts.linked[i] * tokens, rest)
        row[f"up{level}:holds"] = _ratio(part.chosen, facts.all_chosen)
        row[f"up{level}:corehold"] = _ratio(part.core, facts.all_core)
        row[f"up{level}:long"] = _ratio(part.long, part.tokens)
        row[f"up{level}:size"] = _ratio(part.tokens, facts.total)


def _like(row: Row, i: int, tokens: int, alike: _Part, facts: _Facts) -> None:
    others = alike.blocks > 1
    rest = alike.tokens - tokens
    row["alike:share"] = _ratio(alike.chosen - facts.chosen[i], rest) if others else facts.share[i]
    row["alike:core"] = _ratio(alike.core - facts.cored[i], rest) if others else facts.core[i]
    row["alike:linked"] = _ratio(alike.linked, alike.tokens)
    row["alike:count"] = min(1.0, log1p(alike.blocks - 1) / 4)


def _neighbours(row: Row, i: int, lengths: Sequence[int], facts: _Facts) -> None:
    before, after = facts.before[i], facts.after[i]
    row["before"], row["after"], row["between"] = before, after, min(before, after)
    row["position"] = _ratio(facts.done[i], facts.total)
    row["passed"] = _ratio(facts.done_chosen[i], facts.all_chosen)
    row["started"] = float(facts.done_chosen[i] > 0)
    row["over"] = float(0 < facts.all_chosen <= 1.001 * facts.done_chosen[i])
    row["agreement"] = facts.agreement
    row["page:share"] = _ratio(facts.all_chosen, facts.total)
    row["page:length"] = min(1.0, log1p(facts.total) / 10)
    for offset in (-3, -2, -1, 1, 2, 3):
        j = i + offset
        if 0 <= j < len(lengths):
            row[f"at{offset:+d}:share"] = facts.share[j]
            if abs(offset) < 3:
                row[f"at{offset:+d}:length"] = min(1.0, log1p(lengths[j]) / 5)
                row[f"at{offset:+d}:linked"] = facts.linked[j]


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0


def _signature(node: Node) -> tuple[str, ...]:
    """Return what blocks of one role in a page's design have in common: tags and classes of the nearest elements."""
    signs: list[str] = []
    for above in node.ancestors():
        signs += (above.tag, above.element.get("class") or "")
        if len(signs) == 6:
            break
    return tuple(signs)


def _both_ways(share: Sequence[float], lengths: Sequence[int]) -> tuple[list[float], list[float]]:
    """Return how near the last chosen block of some length before each block is, and the next after it."""
    return _nearness(share, lengths), _nearness(share[::-1], lengths[::-1])[::-1]


def _nearness(share: Sequence[float], lengths: Sequence[int]) -> list[float]:
    """Return 1 next to a chosen block, 1/2 one further on, and so on; 0 where it is a hundred blocks away."""
    result = []
    last = -1_000
    for i, (s, t) in enumerate(zip(share, lengths, strict=True)):
        result.append(1 / (i - last) if i - last < 100 else 0.0)
        if s >= 0.5 and t >= 8:
            last = i
    return result


def densest(page: Page, lengths: Sequence[int]) -> list[float]:
    """Return 1 for each block inside the element that holds the most running text, 0 for the others.

    A block gives its element points for length and commas, and less and less to the elements above, as readability
    tools have done since 2009 (Arc90). Links take points away.
    """
    scores: dict[Node, float] = {}
    for block, tokens in zip(page.blocks, lengths, strict=True):
        length = len(block.text)
        if tokens < 8 or block.linked > 0.5 * length:
            continue
        commas = min(8, len(_COMMAS.findall(block.text)))
        score = (1 + min(tokens / 20, 3) + commas) * (1 - block.linked / length)
        chain = block.node.ancestors()
        if block.node.tag in ("p", "li", "pre", "blockquote", "td", "h1", "h2", "h3"):
            next(chain)
        for node in chain:
            scores[node] = scores.get(node, 0.0) + score
            score *= 0.6
            if score < 0.1:
                break
    best = max(scores, key=lambda node: scores[node], default=None)
    return [float(any(node is best for node in block.node.ancestors())) for block in page.blocks]
