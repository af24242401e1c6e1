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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from siglum.content.blocks import Node, Page

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]
    Numbers = NDArray[np.int64]
    Rows = dict[str, NDArray[Any]]  # of numbers or of yes and no

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_END = tuple(".!?…。！？؟۔।॥։።។：:;；\"”»’')）」』")
_COMMAS = re.compile("[,，、،;；]")
_DIGITS = re.compile(r"\d")
_TAGS = (
    *("nav", "footer", "header", "aside", "article", "main", "section", "form"),
    *("figure", "table", "blockquote", "p", "li"),
)
_TAG_PLACES = {tag: n for n, tag in enumerate(_TAGS)}
_KINDS = ("text", "heading", "item", "code", "caption", "control", "quote", "row", "cell")
_LONG = 10  # tokens from which a block counts as running text
_NEAR = 3  # blocks: what no extractor chose nor anything within this distance is not weighed at all
_LEVELS = (1, 2, 3)
_DENSITY = "density"


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

    def named(self, node: Node, classes: str) -> int:
        """Return the kinds that the names of an element of these *classes* say, one bit each."""
        if node.tag in ("html", "body"):
            return 0
        get = node.element.get
        names = f"{classes} {get('id') or ''} {get('role') or ''} {get('itemprop') or ''}"
        return self.mask(names[:400]) if len(names) > 3 else 0


@dataclass(frozen=True)
class Table:
    """The features of those blocks of a page that are weighed: a row for each name, a column for each block."""

    names: tuple[str, ...]
    used: tuple[int, ...]  # which of the visible blocks
    rows: Column

    def scores(self, weights: Mapping[str, float]) -> list[float]:
        """Return for each of *used* how probably it is content, by the *weights* of the names and of "bias"."""
        import numpy as np

        weight = np.array([weights.get(name, 0.0) for name in self.names])
        odds = np.clip(weight @ self.rows + weights["bias"], -30, 30)
        scores: list[float] = (1 / (1 + np.exp(-odds))).tolist()
        return scores

    def select(self, names: Sequence[str]) -> list[dict[str, float]]:
        """Return for each of *used* those features of *names* that are not zero."""
        at = {name: n for n, name in enumerate(self.names)}
        columns = self.rows[[at[name] for name in names]].T.tolist()
        return [{name: value for name, value in zip(names, column, strict=True) if value} for column in columns]


class Shape:
    """What of a page's features no vote changes; `table` adds the votes.

    The blocks in an element stand one after the other, so that what an element holds is the difference of two sums.
    """

    def __init__(self, page: Page, lengths: Sequence[int], vocabulary: Vocabulary) -> None:
        import numpy as np

        self.blocks, self.vocabulary = page.blocks, vocabulary
        self.tokens = np.array(lengths, np.float64)
        self.linked = np.array([block.linked / len(block.text) for block in self.blocks])
        self.log = np.log1p(self.tokens)
        self.seen = Counter([block.text for block in self.blocks])
        self._read_elements()

    def _read_elements(self) -> None:
        """Set what is asked of the elements around the blocks: each before those that stand in it."""
        import numpy as np

        places: dict[Node, int] = {}
        nodes: list[Node] = []
        above: list[int] = []
        first: list[int] = []
        last: list[int] = []
        own: list[int] = []  # the innermost element of each block
        for i, block in enumerate(self.blocks):
            at = places.get(block.node)
            if at is None:
                made = [block.node]
                node = block.node.parent
                while node is not None and node not in places:
                    made.append(node)
                    node = node.parent
                at = places[node] if node is not None else -1
                for node in reversed(made):
                    above.append(at)
                    at = places[node] = len(nodes)
                    nodes.append(node)
                    first.append(i)
                    last.append(i)
            last[at] = i
            own.append(at)
        for at in range(len(nodes) - 1, 0, -1):
            if last[at] > last[above[at]]:
                last[above[at]] = last[at]
        self.own = np.array(own, np.int64)
        self.first, self.past = np.array(first, np.int64), np.array(last, np.int64) + 1
        self.held = self.in_elements(self.tokens)
        held = self.held.tolist()
        bigger: list[int] = []  # the nearest element around each that holds more
        for at, up in enumerate(above):
            bigger.append(up if up < 0 or held[up] > held[at] else bigger[up])
        self.bigger = np.array(bigger, np.int64)
        classes = [node.element.get("class") or "" for node in nodes]
        self._read_markup(nodes, classes, above, held)
        self.alike = np.array(_alike(own, nodes, classes, above), np.int64)

    def _read_markup(
        self, nodes: Sequence[Node], classes: Sequence[str], above: Sequence[int], held: Sequence[float]
    ) -> None:
        """Set `in:`, `of:` and `near:` for the innermost element of each block."""
        import numpy as np

        total, kinds = float(self.tokens.sum()), len(self.vocabulary.kinds)
        masks = list(map(self.vocabulary.named, nodes, classes))
        said: list[Column] = [np.zeros(len(_TAGS) + kinds)]  # by the elements whose tag or names say something
        sign: list[int] = []  # which of these is the innermost around each element
        for node, up, mask, size in zip(nodes, above, masks, held, strict=True):
            outer = sign[up] if up >= 0 else 0
            if mask or node.tag in _TAG_PLACES:
                row = said[outer].copy()
                if node.tag in _TAG_PLACES:
                    row[_TAG_PLACES[node.tag]] = 1.0
                weight = 1 - size / total if total else 1.0
                for kind in _bits(mask):
                    row[len(_TAGS) + kind] = max(weight, row[len(_TAGS) + kind])
                outer = len(said)
                said.append(row)
            sign.append(outer)
        self.markup = np.array(said).T[:, np.array(sign, np.int64)[self.own]]
        twice = [mask | (masks[up] if up >= 0 else 0) for mask, up in zip(masks, above, strict=True)]
        thrice = [mask | (twice[up] if up >= 0 else 0) for mask, up in zip(masks, above, strict=True)]
        near = np.array(thrice, np.int64)[self.own]
        self.near = (near >> np.arange(kinds)[:, None] & 1).astype(np.float64)

    def in_elements(self, values: Column) -> Column:
        """Return the sum of *values*, one a block, over each element."""
        sums = _running(values)
        held: Column = sums[self.past] - sums[self.first]
        return held

    def table(self, votes: Mapping[str, Sequence[float]]) -> Table:
        """Return the features by *votes*: for each extractor the share of each block's tokens that it chose.

        A block is left out where no extractor chose anything near it.
        """
        import numpy as np

        facts = _Facts(self.tokens, {name: np.array(column, np.float64) for name, column in votes.items()})
        used = np.flatnonzero(_windows(facts.share, _NEAR))
        rows: Rows = {}
        rows |= zip([f"in:{tag}" for tag in _TAGS], self.markup[:, used], strict=False)
        rows |= zip([f"of:{kind}" for kind in self.vocabulary.kinds], self.markup[len(_TAGS) :, used], strict=True)
        rows |= zip([f"near:{kind}" for kind in self.vocabulary.kinds], self.near[:, used], strict=True)
        self._votes(rows, used, facts)
        self._text(rows, used)
        self._containers(rows, used, facts)
        self._like(rows, used, facts)
        self._neighbours(rows, used, facts)
        every = np.zeros((len(rows), len(used)))
        for n, row in enumerate(rows.values()):
            every[n] = row
        return Table(tuple(rows), tuple(used.tolist()), every)

    def _votes(self, rows: Rows, used: Numbers, facts: _Facts) -> None:
        import numpy as np

        for name, column in facts.votes.items():
            rows[f"vote:{name}"] = column[used]
        share, core = facts.share[used], facts.core[used]
        for n in range(1, len(facts.votes) + 1):
            rows[f"votes>={n}"] = facts.count[used] >= n
        rows["share"], rows["core"] = share, core
        rows["share:any"] = share > 0.25
        rows["core:page"] = _one(_ratio(facts.all_core, facts.all_chosen))
        rows["core:any"] = _one(facts.all_core > 20)
        rows["core:missing"] = np.maximum(0.0, share - core) * min(1.0, facts.all_core / 100)
        before, after = _nearness(facts.core, self.tokens)
        rows["core:before"], rows["core:after"] = before[used], after[used]
        rows["core:between"] = np.minimum(before, after)[used]
        rows["core:none"] = (before + after)[used] == 0
        done = _running(facts.cored)[used]
        open_ = (core < 0.5) & (facts.all_core > 0)
        late, early = open_ & (done >= 0.999 * facts.all_core), open_ & (done == 0)
        rows["core:late"], rows["core:early"] = late, early
        rows["core:late-share"], rows["core:early-share"] = late * share, early * share

    def _text(self, rows: Rows, used: Numbers) -> None:
        import numpy as np

        blocks = [self.blocks[n] for n in used.tolist()]
        texts = [block.text for block in blocks]
        tokens, linked = self.tokens[used], self.linked[used]
        rows["length"] = np.minimum(1.0, self.log[used] / 5)
        rows["short"], rows["long"] = tokens <= 4, tokens >= 20
        rows["linked"], rows["all-linked"] = linked, linked > 0.9
        rows["ended"] = np.array([text.endswith(_END) for text in texts], bool)
        commas = np.array([len(_COMMAS.findall(text, 0, 2_000)) for text in texts], np.float64)
        rows["commas"] = np.minimum(1.0, commas / 5)
        rows["digits"] = np.array([len(_DIGITS.findall(text, 0, 500)) / min(500, len(text)) for text in texts])
        rows["repeated"] = np.array([self.seen[text] > 1 for text in texts], bool)
        rows["soft"] = np.array([block.soft for block in blocks], bool)
        kinds = np.array([_KINDS.index(block.kind) for block in blocks], np.int64)
        for n, kind in enumerate(_KINDS):
            rows[f"kind:{kind}"] = kinds == n

    def _containers(self, rows: Rows, used: Numbers, facts: _Facts) -> None:
        import numpy as np

        tokens = self.tokens[used]
        chosen, core = self.in_elements(facts.chosen), self.in_elements(facts.cored)
        linked = self.in_elements(self.linked * self.tokens)
        long = self.in_elements(np.where(self.tokens >= _LONG, self.tokens, 0.0))
        own = self.own[used]
        at = np.where(self.held[own] > tokens, own, self.bigger[own])
        any_ = at >= 0  # else the block is all that the page holds
        for level in _LEVELS:
            held = self.held[at]
            rest = held - tokens
            found = {
                "share": _ratios(chosen[at] - facts.chosen[used], rest),
                "core": _ratios(core[at] - facts.cored[used], rest),
                "linked": _ratios(linked[at] - (self.linked * self.tokens)[used], rest),
                "holds": chosen[at] * _ratio(1.0, facts.all_chosen),
                "corehold": core[at] * _ratio(1.0, facts.all_core),
                "long": _ratios(long[at], held),
                "size": held * _ratio(1.0, facts.total),
            }
            rows |= {f"up{level}:{name}": column * any_ for name, column in found.items()}
            wider = self.bigger[at]
            at = np.where(wider >= 0, wider, at)

    def _like(self, rows: Rows, used: Numbers, facts: _Facts) -> None:
        import numpy as np

        def within(values: Column) -> Column:
            sums: Column = np.bincount(self.alike, values).astype(np.float64)[self.alike[used]]
            return sums

        held, blocks = within(self.tokens), within(np.ones(len(self.tokens)))
        rest, others = held - self.tokens[used], blocks > 1
        for name, mass, own in (("share", facts.chosen, facts.share), ("core", facts.cored, facts.core)):
            rows[f"alike:{name}"] = np.where(others, _ratios(within(mass) - mass[used], rest), own[used])
        rows["alike:linked"] = _ratios(within(self.linked * self.tokens), held)
        rows["alike:count"] = np.minimum(1.0, np.log(blocks) / 4)

    def _neighbours(self, rows: Rows, used: Numbers, facts: _Facts) -> None:
        import numpy as np

        before, after = _nearness(facts.share, self.tokens)
        rows["before"], rows["after"] = before[used], after[used]
        rows["between"] = np.minimum(before, after)[used]
        passed = _running(facts.chosen)[used]
        rows["position"] = _running(self.tokens)[used] * _ratio(1.0, facts.total)
        rows["passed"] = passed * _ratio(1.0, facts.all_chosen)
        rows["started"] = passed > 0
        rows["over"] = (facts.all_chosen > 0) & (facts.all_chosen <= 1.001 * passed)
        rows["agreement"] = _one(facts.agreement)
        rows["page:share"] = _one(_ratio(facts.all_chosen, facts.total))
        rows["page:length"] = _one(min(1.0, float(np.log1p(facts.total)) / 10))
        length = np.minimum(1.0, self.log / 5)
        shares, lengths, linked = (_padded(column, 3) for column in (facts.share, length, self.linked))
        for offset in (-3, -2, -1, 1, 2, 3):
            at = used + offset + 3
            rows[f"at{offset:+d}:share"] = shares[at]
            if abs(offset) < 3:
                rows[f"at{offset:+d}:length"] = lengths[at]
                rows[f"at{offset:+d}:linked"] = linked[at]


class _Facts:
    """What the votes on a page say, block by block and in all."""

    def __init__(self, tokens: Column, votes: Mapping[str, Column]) -> None:
        import numpy as np

        self.votes = votes
        columns = np.array(list(votes.values()))
        strict = np.array([votes[name] for name in votes if name != _DENSITY] or columns)
        self.share, self.core = columns.sum(0) / len(columns), strict.min(0)
        self.count = (columns >= 0.5).sum(0)
        self.chosen, self.cored = self.share * tokens, self.core * tokens
        self.total = float(tokens.sum())
        self.all_chosen, self.all_core = float(_running(self.chosen)[-1]), float(_running(self.cored)[-1])
        self.agreement = _ratio(float(tokens @ columns.min(0)), float(tokens @ columns.max(0)))


@lru_cache(maxsize=4096)
def _bits(mask: int) -> tuple[int, ...]:
    return tuple([n for n in range(mask.bit_length()) if mask >> n & 1])


def _running(values: Column) -> Column:
    """Return the sum of all *values* before each, and last that of all."""
    import numpy as np

    sums = np.zeros(len(values) + 1)
    np.cumsum(values, out=sums[1:])
    return sums


def _padded(values: Column, by: int) -> Column:
    """Return *values* with so many zeros before and behind."""
    import numpy as np

    padded = np.zeros(len(values) + 2 * by)
    padded[by:-by] = values
    return padded


def _windows(share: Column, reach: int) -> Column:
    """Return how many blocks that somebody chose stand no further than *reach* from each."""
    import numpy as np

    counts = _running((share > 0).astype(np.float64))
    at = np.arange(len(share))
    near: Column = counts[np.minimum(at + reach + 1, len(share))] - counts[np.maximum(at - reach, 0)]
    return near


def _one(value: float) -> Column:
    """Return a column that is the same for all blocks."""
    import numpy as np

    return np.array(value, np.float64)


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0


def _ratios(a: Column, b: Column) -> Column:
    """Return the ratios of two columns, 0 where there is nothing to divide by."""
    import numpy as np

    ratios: Column = np.divide(a, b, out=np.zeros(len(a)), where=b > 0)
    return ratios


def _alike(own: Sequence[int], nodes: Sequence[Node], classes: Sequence[str], above: Sequence[int]) -> list[int]:
    """Return a number for each block, the same for blocks of one role in the page's design.

    These have tags and classes of the three innermost elements in common.
    """
    groups: dict[tuple[str, ...], int] = {}
    of: dict[int, int] = {}
    for at in own:
        if at not in of:
            signs: list[str] = []
            up = at
            while up >= 0 and len(signs) < 6:
                signs += (nodes[up].tag, classes[up])
                up = above[up]
            of[at] = groups.setdefault(tuple(signs), len(groups))
    return [of[at] for at in own]


def _nearness(share: Column, tokens: Column) -> tuple[Column, Column]:
    """Return how near the last chosen block of some length before each block is, and the next after it.

    1 for a neighbour, 1/2 for the one behind it, and so on; 0 from a hundred blocks on.
    """
    import numpy as np

    at = np.arange(len(share))
    chosen = (share >= 0.5) & (tokens >= 8)
    last = np.maximum.accumulate(np.concatenate(([-1_000], np.where(chosen, at, -1_000))))[:-1]
    following = np.concatenate((np.where(chosen, at, len(share) + 1_000), [len(share) + 1_000]))
    next_ = np.minimum.accumulate(following[::-1])[::-1][1:]
    before, after = at - last, next_ - at
    return np.where(before < 100, 1 / before, 0.0), np.where(after < 100, 1 / after, 0.0)


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
    if best is None:
        return [0.0] * len(page.blocks)
    inside: dict[Node, float] = {best: 1.0}
    return [_inside(block.node, inside) for block in page.blocks]


def _inside(node: Node, known: dict[Node, float]) -> float:
    """Return whether *node* stands in one of those *known* to be in or out, which learn of it."""
    way: list[Node] = []
    at: Node | None = node
    while at is not None and at not in known:
        way.append(at)
        at = at.parent
    found = known[at] if at is not None else 0.0
    known |= dict.fromkeys(way, found)
    return found
