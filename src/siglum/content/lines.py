"""Lines of a plain text: for each, how likely it is article text, and why.

The model reads a text twice. First each line is judged by its shape and what stands near (`siglum.content.line_shape`).
Then it is judged again, knowing what the first reading made of the lines around it: how sure it was of the next one,
two, … seventeen lines on either side, and where the stretch lies that reads most like an article. Both readings are
logistic regressions; their weights are in `rules/content/line-weights.toml`, one number a named feature.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from siglum.content.line_shape import NUMBERS, SHORT, TABLES, Shape, measure, offsets
from siglum.packs.store import section

if TYPE_CHECKING:
    from siglum.content.line_shape import Floats

WINDOWS = (1, 2, 3, 5, 9, 17)  # lines on one side
SPAN_CHANCES = (0.5, 0.3)  # what a line must be worth to make the article's stretch longer
PLACES = ("inside", "lines before", "lines after", "longer lines before", "longer lines after")
CONTEXT = (
    "first reading",
    *(
        f"{what} of {n} lines {side}"
        for what in ("chance", "chance by words")
        for side in ("before", "after", "either side")
        for n in WINDOWS
    ),
    "article above",
    "article below",
    "article on the lesser side",
    *(f"{where} the stretch at {chance}" for chance in SPAN_CHANCES for where in PLACES),
    "share of the article in the stretch",
    "chance in the stretch",
)


class LineScore(NamedTuple):
    """What the model thinks of one line."""

    keep: float  # chance that the line is article text, to three places; 1.0 for a blank line, which is never judged
    why: str  # in words, for a line that a profile would take or mark; "" for one that every profile keeps


@dataclass(frozen=True, slots=True)
class Reading:
    """What the model made of a text. Lists have one entry for each line that is not blank."""

    shape: Shape
    keep: list[float]
    stretch: tuple[int, int]  # the lines, from and to, that read most like an article

    def why(self, i: int) -> str:
        """Return in words what sets the i-th line that is not blank apart: its own shape, its company, its place."""
        words, run = int(self.shape.words[i]), int(self.shape.run[i])
        first, end = self.stretch
        own = "short line" if words < SHORT else f"line of {words} words"
        company = f" among {_number(run)} {'short' if words < SHORT else 'longer'} lines" if run > 1 else " by itself"
        repeated = ", repeated on the page" if self.shape.repeats[i] > 1 else ""
        if first == end:
            return f"{own}{company}{repeated}, in a text that reads like no article"
        if i < first:
            return f"{own}{company}{repeated}, {_lines(first - i)} above the article"
        if i >= end:
            return f"{own}{company}{repeated}, {_lines(i - end + 1)} below the article"
        return f"{own}{company}{repeated}, inside the article"


def score_lines(lines: Sequence[str], labels: Sequence[str] = ()) -> list[LineScore]:
    """Return for each of *lines* how likely it is article text.

    *labels* says what kind of label rule fits a line, or "": "template" for one learned from the line's site, any other
    word for a label known by name. It is evidence beside the line's shape and place.

    >>> [s.keep for s in score_lines(["", " "])]
    [1.0, 1.0]
    """
    scores = [LineScore(1.0, "")] * len(lines)
    reading = read(lines, labels)
    if reading is None:
        return scores
    told = max(limits["unsure_below"] for limits in _profiles().values())
    for i, (place, keep) in enumerate(zip(reading.shape.places, reading.keep, strict=True)):
        scores[place] = LineScore(keep, reading.why(i) if keep < told else "")
    return scores


def read(lines: Sequence[str], labels: Sequence[str] = ()) -> Reading | None:
    """Return what the model makes of *lines*, or None where all of them are blank."""
    import numpy as np

    shape = measure(lines)
    if shape is None:
        return None
    weights = _weights()
    found = weights.tables[:, shape.codes + weights.offsets[:-1]].sum(axis=1) + (shape.numbers @ weights.numbers).T
    first, final = found + weights.bias[:, None]
    known = _known(shape, labels)
    context = surroundings(first + known[0], shape.words)
    context[:, 0] = first  # what a label says of its own line is added once, below
    final += context @ weights.context + known[1]
    chance = _chance(final)
    stretch = _stretch(np, (chance - SPAN_CHANCES[0]) * _weight(np, shape.words))
    keep = chance.round(3).tolist()
    for i in _headlines(shape, stretch[0]):
        if labels and labels[shape.places[i]]:
            continue  # what is known by name, or repeats on its site, is no headline
        keep[i] = max(keep[i], section("content")["lines"]["headline"]["keep"])
    return Reading(shape, keep, stretch)


def _known(shape: Shape, labels: Sequence[str]) -> Floats:
    """Return what labels add to the log odds of each line: (2 readings, lines)."""
    import numpy as np

    out = np.zeros((2, len(shape.places)))
    if any(labels):
        kinds = section("content")["lines"]["labels"]
        told = [kinds.get(labels[i], kinds["named"]) if labels[i] else None for i in shape.places]
        lift = sum(kind["others"] for kind in told if kind) / len(told)
        out[0] = [kind["first"] if kind else 0.0 for kind in told]
        out[1] = [kind["second"] if kind else lift for kind in told]
    return out


def _headlines(shape: Shape, begin: int) -> Iterator[int]:
    """Yield the lines that stand above the article, which begins at line *begin*, as headline and standfirst do.

    They are read without sentence ends, between labels and far from the first paragraph, so the model alone takes them
    for furniture.
    """
    limits = section("content")["lines"]["headline"]
    above = shape.words[max(begin - limits["lines"], 0) : begin]
    longer = [i for i in range(len(above) - 1, -1, -1) if above[i] >= limits["words"]][: limits["run"]]
    first = begin - len(above)
    for i in longer:
        top, end = i, i + 1
        while top > 0 and above[top - 1] >= SHORT:
            top -= 1
        while end < len(above) and above[end] >= SHORT:
            end += 1
        if end - top <= limits["run"] and shape.repeats[first + i] == 1:
            yield first + i


def surroundings(first: Floats, words: Floats) -> Floats:
    """Return what the second reading knows of each line, (lines, CONTEXT); *first* is the first reading as log odds."""
    import numpy as np

    m = len(first)
    at = np.arange(m)
    chance = _chance(first)
    weight = _weight(np, words)
    mass = chance * weight
    sums = np.zeros((3, m + 1))
    np.cumsum(np.stack([chance, mass, weight]), axis=1, out=sums[:, 1:])
    windows = np.array(WINDOWS)[:, None]
    above = sums[:, :-1][:, None, :] - sums.take(np.maximum(at - windows, 0), axis=1)
    below = sums.take(np.minimum(at + 1 + windows, m), axis=1) - sums[:, 1:][:, None, :]
    plain = above[0] / windows, below[0] / windows
    by_words = above[1] / np.maximum(above[2], 1), below[1] / np.maximum(below[2], 1)
    total = max(sums[1, m], 1e-9)
    article_above, article_below = sums[1, :-1] / total, 1 - sums[1, 1:] / total
    longer = np.concatenate([[0], np.cumsum(words >= SHORT)])
    out = [
        first[None],
        *plain,
        np.minimum(*plain),
        *by_words,
        np.minimum(*by_words),
        np.stack([article_above, article_below, np.minimum(article_above, article_below)]),
    ]
    stretches = [_stretch(np, (chance - worth) * weight) for worth in SPAN_CHANCES]
    for begin, end in stretches:
        distances = np.stack(
            [begin - at, at - end + 1, longer[begin] - longer[1:], longer[:-1] - longer[end]],
        )
        out += [((at >= begin) & (at < end))[None], np.log1p(np.maximum(distances, 0))]
    begin, end = stretches[0]
    share = (sums[1, end] - sums[1, begin]) / total
    mean = (sums[0, end] - sums[0, begin]) / max(end - begin, 1)
    out.append(np.repeat([[share], [mean]], m, axis=1))
    rows: Floats = np.concatenate(out)
    return rows.T


def _stretch(np: Any, worth: Floats) -> tuple[int, int]:
    """Return from where to where the sum of *worth* is largest; (0, 0) where nothing is worth anything.

    With (chance - 0.5) times words as worth this is the stretch most like an article, found in one pass (Kadane's
    algorithm for the largest segment).
    """
    sums = np.concatenate([[0.0], np.cumsum(worth)])
    lowest = np.minimum.accumulate(sums)
    end = int((sums - lowest).argmax())
    return int(sums[: end + 1].argmin()) if end else 0, end


def _weight(np: Any, words: Floats) -> Floats:
    weight: Floats = np.minimum(words, 50) + 1
    return weight


def _chance(log_odds: Floats) -> Floats:
    import numpy as np

    chance: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return chance


@dataclass(frozen=True, slots=True)
class _Weights:
    offsets: Any  # where each table begins
    tables: Any  # (2 readings, all tables one after the other)
    numbers: Any  # (NUMBERS, 2 readings)
    context: Any  # of the second reading
    bias: Any  # (2 readings,)


@lru_cache(maxsize=1)
def _weights() -> _Weights:
    import numpy as np

    readings = [section("content")["line-weights"][name] for name in ("first", "second")]
    return _Weights(
        offsets(),
        np.array([[w for name in TABLES for row in r["tables"][name] for w in row] for r in readings]),
        np.array([[r["numbers"][name] for r in readings] for name in NUMBERS]),
        np.array([readings[1]["context"][name] for name in CONTEXT]),
        np.array([r["bias"] for r in readings]),
    )


@lru_cache(maxsize=1)
def _profiles() -> dict[str, dict[str, float]]:
    return {k: v for k, v in section("content")["lines"].items() if isinstance(v, dict) and "take_below" in v}


def _number(n: int) -> str:
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return small[n] if n < len(small) else str(n)


def _lines(n: int) -> str:
    return "one line" if n == 1 else f"{_number(n)} lines"
