"""What the votes model looks at: for each block of a page, who chose it, its shape, its markup, and what is around it.

Every feature lies between 0 and 1. Names say what they are:

- `vote:NAME`, `share`, `core`, `votes>=N`: the share of the block's tokens that an extractor, the mean of them, all but
  `density` and at least N of them chose.
- `up1:`, `up2:`, `up3:`: the nearest elements that hold more than the block (the block itself left out): `share`, `core`,
  `linked` and `long` of what they hold; `holds` and `corehold`: how much of all that is chosen; `size`: of the page.
- `alike:`: the other blocks whose three innermost elements have the same tags and classes.
- `at-1:` and the like: the blocks before and after. `before`, `after`, `between`: how near the next chosen block is.
- `of:KIND`: an element around the block whose names say KIND, less the more of the page it holds; `near:KIND`: one of the
  three innermost does. `in:TAG`, `kind:KIND`: elements around it, and what the block is.
- the rest: length, links, punctuation and position, and how far the extractors agree on this page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from math import log1p

from siglum.content.blocks import Node, Page, PageBlock

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_END = tuple(".!?…。！？؟۔।॥։።។：:;；\"”»’')）」』")
_COMMAS = re.compile("[,，、،;；]")
_DIGITS = re.compile(r"\d")
_TAGS = frozenset("nav footer header aside article main form figure table p li blockquote section".split(" "))
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

    def named(self, node: Node) -> int:
        """Return the kinds that the names of an element say, one bit each."""
        if node.tag in ("html", "body"):
            return 0
        get = node.element.get
        names = f"{get('class') or ''} {get('id') or ''} {get('role') or ''} {get('itemprop') or ''}"
        return self.mask(names[:400]) if len(names) > 3 else 0


class _Part:
    """What one element, or a group of blocks alike, holds."""

    __slots__ = ("blocks", "chosen", "core", "linked", "long", "mask", "tokens")

    def __init__(self, mask: int = 0) -> None:
        self.mask = mask
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


class _Facts:
    """What is computed once a page."""

    def __init__(self, blocks: Sequence[PageBlock], lengths: Sequence[int], votes: Mapping[str, Sequence[float]]) -> None:
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
    signs: list[tuple[str, ...]] = []
    seen: dict[str, int] = {}
    for i, block in enumerate(blocks):
        held = (lengths[i], facts.chosen[i], facts.cored[i], facts.linked[i] * lengths[i])
        for node in block.node.ancestors():
            part = parts.get(node)
            if part is None:
                part = parts[node] = _Part(vocabulary.named(node))
            part.add(*held)
        sign = _signature(block.node)
        signs.append(sign)
        alike.setdefault(sign, _Part()).add(*held)
        seen[block.text] = seen.get(block.text, 0) + 1
    rows: list[Row] = []
    for i, block in enumerate(blocks):
        if not any(facts.share[max(0, i - _NEAR) : i + _NEAR + 1]):
            rows.append({})
            continue
        row = _votes(i, votes, facts)
        row |= _shape(block, lengths[i], facts.linked[i], seen[block.text] > 1)
        row |= _markup(block.node, parts, facts.total, vocabulary.kinds)
        row |= _containers(i, block.node, lengths[i], parts, facts)
        row |= _like(i, lengths[i], alike[signs[i]], facts)
        row |= _neighbours(i, lengths, facts)
        rows.append({name: value for name, value in row.items() if value})
    return rows


def _votes(i: int, votes: Mapping[str, Sequence[float]], facts: _Facts) -> Row:
    row = {f"vote:{name}": column[i] for name, column in votes.items()}
    share, core = facts.share[i], facts.core[i]
    count = sum(column[i] >= 0.5 for column in votes.values())
    row |= {f"votes>={n}": 1.0 for n in range(1, count + 1)}
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
    return row


def _shape(block: PageBlock, tokens: int, linked: float, repeated: bool) -> Row:
    text = block.text
    head = text[:500]
    return {
        "length": min(1.0, log1p(tokens) / 5),
        "short": float(tokens <= 4),
        "long": float(tokens >= 20),
        "linked": linked,
        "all-linked": float(linked > 0.9),
        "ended": float(text.endswith(_END)),
        "commas": min(1.0, len(_COMMAS.findall(text[:2_000])) / 5),
        "digits": _ratio(len(_DIGITS.findall(head)), len(head)),
        "repeated": float(repeated),
        "soft": float(block.soft),
        f"kind:{block.kind}": 1.0,
    }


def _markup(node: Node, parts: Mapping[Node, _Part], total: int, kinds: tuple[str, ...]) -> Row:
    row: Row = {}
    near = 0
    weights: dict[int, float] = {}
    for depth, above in enumerate(node.ancestors()):
        if above.tag in _TAGS:
            row[f"in:{above.tag}"] = 1.0
        part = parts[above]
        if part.mask:
            if depth < 3:
                near |= part.mask
            weight = 1 - _ratio(part.tokens, total)
            if weight > weights.get(part.mask, 0.0):
                weights[part.mask] = weight
    for n, kind in enumerate(kinds):
        bit = 1 << n
        if near & bit:
            row[f"near:{kind}"] = 1.0
        row[f"of:{kind}"] = max((weight for mask, weight in weights.items() if mask & bit), default=0.0)
    return row


def _containers(i: int, node: Node, tokens: int, parts: Mapping[Node, _Part], facts: _Facts) -> Row:
    row: Row = {}
    found: list[_Part] = []
    size = tokens
    for above in node.ancestors():
        part = parts[above]
        if part.tokens > size:
            size = part.tokens
            found.append(part)
            if len(found) == len(_LEVELS):
                break
    if not found:
        return row
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
    return row


def _like(i: int, tokens: int, alike: _Part, facts: _Facts) -> Row:
    others = alike.blocks > 1
    rest = alike.tokens - tokens
    return {
        "alike:share": _ratio(alike.chosen - facts.chosen[i], rest) if others else facts.share[i],
        "alike:core": _ratio(alike.core - facts.cored[i], rest) if others else facts.core[i],
        "alike:linked": _ratio(alike.linked, alike.tokens),
        "alike:count": min(1.0, log1p(alike.blocks - 1) / 4),
    }


def _neighbours(i: int, lengths: Sequence[int], facts: _Facts) -> Row:
    before, after = facts.before[i], facts.after[i]
    row = {
        "before": before,
        "after": after,
        "between": min(before, after),
        "position": _ratio(facts.done[i], facts.total),
        "passed": _ratio(facts.done_chosen[i], facts.all_chosen),
        "started": float(facts.done_chosen[i] > 0),
        "over": float(0 < facts.all_chosen <= 1.001 * facts.done_chosen[i]),
        "agreement": facts.agreement,
        "page:share": _ratio(facts.all_chosen, facts.total),
        "page:length": min(1.0, log1p(facts.total) / 10),
    }
    for offset in (-3, -2, -1, 1, 2, 3):
        j = i + offset
        if 0 <= j < len(lengths):
            row[f"at{offset:+d}:share"] = facts.share[j]
            if abs(offset) < 3:
                row[f"at{offset:+d}:length"] = min(1.0, log1p(lengths[j]) / 5)
                row[f"at{offset:+d}:linked"] = facts.linked[j]
    return row


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0


def _signature(node: Node) -> tuple[str, ...]:
    """Return what blocks of the same role in a page's design have in common: tags and classes of the nearest elements."""
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
