"""Alignment: which block of a page each token of an extractor's output came from.

Whole lines that equal whole blocks are placed first, then the tokens of what is left, both times by the heaviest chain
that runs forward in the output and in the page at once (sparse dynamic programming over matching runs: Eppstein, Galil,
Giancarlo and Italiano, "Sparse dynamic programming I", 1992). A string that stands on a page several times is so placed
where its neighbours stand. What finds no place in that order may still find one out of it, and is counted apart.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

# Scripts written without spaces: each character is a token.
_SINGLE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(f"[{_SINGLE}]|[^\\W{_SINGLE}]+")
_ASCII_TOKEN = re.compile("[a-z0-9_]+")  # the same where the text is ASCII in lower case
_COMMON = 12  # a key or gram with more places than this says little about where it stands
_SEEDS = (5, 2, 1)  # tokens of a gram, for ever smaller gaps
_LONG = 8  # tokens from which a line that equals a block is taken to come from it
_GOOD = 0.98  # share of tokens in order below which the lines so placed are doubted
_GAP = 4_000  # tokens of a gap on either side up to which grams of fewer than five tokens are tried


def tokens(text: str) -> list[str]:
    """Return the case-folded words of *text*; where no spaces are written, its characters.

    >>> tokens("Ein Wort, 一二")
    ['ein', 'wort', '一', '二']
    """
    return _ASCII_TOKEN.findall(text.lower()) if text.isascii() else _TOKEN.findall(text.casefold())


@dataclass(frozen=True)
class Placement:
    """Where an extractor's output stands on the page."""

    covered: tuple[int, ...]  # per block, how many of its tokens the output holds
    total: int  # tokens of the output
    in_order: int  # of these, placed in the order of the page
    out_of_order: int  # of these, placed, but not in that order
    lost: tuple[str, ...] = ()  # runs of tokens that stand nowhere on the page


class Reference:
    """The blocks of one page, made ready to place outputs on them."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.tokens = [tokens(text) for text in texts]
        self._places: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for i, toks in enumerate(self.tokens):
            if toks:
                self._places[tuple(toks)].append(i)

    def place(self, output: str) -> Placement:
        """Return where each token of *output* stands."""
        lines = [toks for line in output.split("\n") if (toks := tokens(line))]
        placed = self._whole_lines(lines)
        placement = self._fill(lines, placed)
        if placement.in_order < _GOOD * placement.total and any(j >= 0 for j in placed):
            # A line taken for a whole block may stand in the way of a longer run: without them it costs more time.
            placement = max(placement, self._fill(lines, [-1] * len(lines)), key=lambda p: p.in_order)
        return placement

    def _fill(self, lines: list[list[str]], placed: list[int]) -> Placement:
        """Place the tokens of the lines that have no block in *placed* between those that have one."""
        covered = [0] * len(self.tokens)
        for j in placed:
            if j >= 0:
                covered[j] = len(self.tokens[j])
        in_order = sum(covered)
        rest: list[list[str]] = []
        for gap, low, high in _gaps(lines, placed, len(covered)):
            hits, left = self._tokens_in(gap, range(low, high), covered)
            in_order += hits
            rest += left
        out_of_order = 0
        lost: list[str] = []
        free = [j for j in range(len(covered)) if not covered[j]] if rest else []
        for run in rest:
            hits, left = self._tokens_in(run, free, covered) if len(run) > 2 else (0, [run])
            out_of_order += hits
            lost += [" ".join(words) for words in left]
        return Placement(tuple(covered), sum(map(len, lines)), in_order, out_of_order, tuple(lost))

    def _whole_lines(self, lines: list[list[str]]) -> list[int]:
        """Return for each line the block it equals, -1 where none does in order; short lines say too little."""
        points: list[tuple[int, int, int]] = []
        for i, line in enumerate(lines):
            if len(line) >= _LONG:
                places = self._places.get(tuple(line), ())
                if len(places) <= _COMMON:
                    points += [(i, j, len(line)) for j in places]
        placed = [-1] * len(lines)
        for i, j, _ in _heaviest_chain(points):
            placed[i] = j
        return placed

    def _tokens_in(self, words: list[str], free: Sequence[int], covered: list[int]) -> tuple[int, list[list[str]]]:
        """Place *words* on the blocks *free*, adding to *covered*; return the hits and the runs without a place."""
        page: list[str] = []
        owner: list[int] = []
        for j in free:
            page += self.tokens[j]
            owner += [j] * len(self.tokens[j])
        hits = 0
        left: list[list[str]] = []
        end = 0
        for i, j, n in [*_matching_runs(words, page), (len(words), 0, 0)]:
            if i > end:
                left.append(words[end:i])
            for place in range(j, j + n):
                covered[owner[place]] += 1
            hits += n
            end = i + n
        return hits, left


def _gaps(lines: list[list[str]], placed: list[int], blocks: int) -> list[tuple[list[str], int, int]]:
    """Return each stretch of lines without a place: its tokens, and the blocks [low, high) it must stand among."""
    gaps: list[tuple[list[str], int, int]] = []
    words: list[str] = []
    low = 0
    for line, j in zip([*lines, []], [*placed, blocks], strict=True):
        if j < 0:
            words += line
            continue
        if words:
            gaps.append((words, low, j))
            words = []
        low = j + 1
    return gaps


def _matching_runs(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int, int]]:
    """Return runs (i, j, n) with a[i:i+n] == b[j:j+n], rising in i and j: coarse ones first, then what fits between."""
    return _refine(a, b, 0, len(a), 0, len(b), 0)


def _refine(
    a: Sequence[str], b: Sequence[str], a0: int, a1: int, b0: int, b1: int, level: int
) -> list[tuple[int, int, int]]:
    if a0 >= a1 or b0 >= b1 or level >= len(_SEEDS):
        return []
    if level and (a1 - a0 > _GAP or b1 - b0 > _GAP):
        return []
    runs: list[tuple[int, int, int]] = []
    for i, j, n in [*_chain(a, b, a0, a1, b0, b1, _SEEDS[level]), (a1, b1, 0)]:
        runs += _refine(a, b, a0, i, b0, j, level + 1)
        if n:
            runs.append((i, j, n))
        a0, b0 = i + n, j + n
    return runs


def _chain(
    a: Sequence[str], b: Sequence[str], a0: int, a1: int, b0: int, b1: int, k: int
) -> list[tuple[int, int, int]]:
    """Return the heaviest forward chain of disjoint runs of at least *k* tokens."""
    wanted = {tuple(a[i : i + k]) for i in range(a0, a1 - k + 1)}
    places: dict[tuple[str, ...], list[int]] = {}
    for j in range(b0, b1 - k + 1):
        gram = tuple(b[j : j + k])
        if gram in wanted:
            places.setdefault(gram, []).append(j)
    open_runs: dict[int, list[int]] = {}  # by diagonal j - i: the run that may go on there
    runs: list[list[int]] = []
    for i in range(a0, a1 - k + 1):
        hits = places.get(tuple(a[i : i + k]), ())
        if len(hits) > _COMMON:
            continue
        for j in hits:
            run = open_runs.get(j - i)
            if run is not None and run[0] + run[2] >= i:
                run[2] = i + k - run[0]
            else:
                run = open_runs[j - i] = [i, j, k]
                runs.append(run)
    return _disjoint(_heaviest_chain([(i, j, n) for i, j, n in runs]), k)


def _heaviest_chain(points: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Return those of *points* (i, j, weight), strictly rising in i and in j, whose weights add up to the most."""
    if not points:
        return []
    columns = sorted({j for _, j, _ in points})
    best: list[tuple[int, int]] = [(0, -1)] * (len(columns) + 1)  # Fenwick tree: weight and point of prefix maxima
    back = [-1] * len(points)
    order = sorted(range(len(points)), key=lambda p: (points[p][0], -points[p][1]))
    top = (0, -1)
    for p in order:
        _, j, weight = points[p]
        at = bisect_left(columns, j)
        found = (0, -1)
        n = at
        while n > 0:
            if best[n][0] > found[0]:
                found = best[n]
            n -= n & -n
        back[p] = found[1]
        reached = (found[0] + weight, p)
        if reached[0] > top[0]:
            top = reached
        n = at + 1
        while n < len(best):
            if reached[0] > best[n][0]:
                best[n] = reached
            n += n & -n
    chain = []
    p = top[1]
    while p >= 0:
        chain.append(points[p])
        p = back[p]
    return chain[::-1]


def _disjoint(chain: list[tuple[int, int, int]], k: int) -> list[tuple[int, int, int]]:
    """Cut the beginning off each run that overlaps the one before it, in either text."""
    runs: list[tuple[int, int, int]] = []
    a_end = b_end = 0
    for i, j, n in chain:
        cut = max(0, a_end - i, b_end - j)
        if cut < n:
            runs.append((i + cut, j + cut, n - cut))
            a_end, b_end = i + n, j + n
    return runs
