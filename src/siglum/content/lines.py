"""Lines of a plain text: for each, how likely it is article text, and why.

The model reads a text twice. First each line is judged by its shape and its neighbours' shape (`siglum.content.line_shape`).
Then it is judged again, knowing what the first reading made of the lines around it: how sure it was of the next one,
two, … seventeen lines on either side, and where the stretch lies that reads most like an article. Both readings are
logistic regressions; their weights are in `rules/content/line-weights.toml`, one number a named feature.
"""

from __future__ import annotations

import argparse
import json
import sys
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
    """Return for each of *lines* how likely it is article text; *labels* names the label rule that fits a line, or "".

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
    if any(labels):
        labelled = np.array([bool(labels[i]) for i in shape.places])
        known = section("content")["lines"]["labels"]
        first += known["first"] * labelled
        final += np.where(labelled, known["second"], known["others"] * labelled.mean())
    final += surroundings(first, shape.words) @ weights.context
    chance = _chance(final)
    stretch = _stretch(np, (chance - SPAN_CHANCES[0]) * _weight(np, shape.words))
    keep = chance.round(3).tolist()
    for i in _headlines(shape, stretch[0]):
        keep[i] = max(keep[i], section("content")["lines"]["headline"]["keep"])
    return Reading(shape, keep, stretch)


def _headlines(shape: Shape, begin: int) -> Iterator[int]:
    """Yield the lines that stand above the article, which begins at line *begin*, as headline and standfirst do.

    They are read without sentence ends, between labels and far from the first paragraph, so the model alone takes them
    for furniture.
    """
    limits = section("content")["lines"]["headline"]
    found = 0
    for i in range(begin - 1, max(begin - 1 - limits["lines"], -1), -1):
        if shape.words[i] >= limits["words"]:
            if shape.run[i] <= limits["run"] and shape.repeats[i] == 1:
                yield i
            found += 1
            if found == limits["run"]:
                return


def surroundings(first: Floats, words: Floats) -> Floats:
    """Return what the second reading knows of each line, (lines, CONTEXT); *first* is the first reading as log odds."""
    import numpy as np

    m = len(first)
    at = np.arange(m)
    chance = _chance(first)
    weight = _weight(np, words)
    mass = chance * weight
    sums = np.zeros((m + 1, 3))
    np.cumsum(np.stack([chance, mass, weight], axis=1), axis=0, out=sums[1:])
    windows = np.array(WINDOWS)[:, None]
    above = sums[at] - sums[np.maximum(at - windows, 0)]
    below = sums[np.minimum(at + 1 + windows, m)] - sums[at + 1]
    out = np.empty((m, len(CONTEXT)))
    n = len(WINDOWS)
    out[:, 0] = first
    column = 1
    for values in (above[..., 0] / windows, below[..., 0] / windows):
        out[:, column : column + n] = values.T
        column += n
    out[:, column : column + n] = np.minimum(out[:, 1 : 1 + n], out[:, 1 + n : 1 + 2 * n])
    column += n
    for values in (above, below):
        out[:, column : column + n] = (values[..., 1] / np.maximum(values[..., 2], 1)).T
        column += n
    out[:, column : column + n] = np.minimum(out[:, column - 2 * n : column - n], out[:, column - n : column])
    column += n
    total = max(sums[m, 1], 1e-9)
    out[:, column] = sums[:m, 1] / total
    out[:, column + 1] = 1 - sums[1:, 1] / total
    out[:, column + 2] = np.minimum(out[:, column], out[:, column + 1])
    column += 3
    longer = np.concatenate([[0], np.cumsum(words >= SHORT)])
    stretches = [_stretch(np, (chance - worth) * weight) for worth in SPAN_CHANCES]
    for begin, end in stretches:
        out[:, column] = (at >= begin) & (at < end)
        out[:, column + 1] = np.log1p(np.maximum(begin - at, 0))
        out[:, column + 2] = np.log1p(np.maximum(at - end + 1, 0))
        out[:, column + 3] = np.log1p(np.maximum(longer[begin] - longer[1:], 0))
        out[:, column + 4] = np.log1p(np.maximum(longer[:-1] - longer[end], 0))
        column += 5
    begin, end = stretches[0]
    out[:, column] = (sums[end, 1] - sums[begin, 1]) / total
    out[:, column + 1] = (sums[end, 0] - sums[begin, 0]) / max(end - begin, 1)
    return out


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
    small = "no one two three four five six seven eight nine ten eleven twelve".split()
    return small[n] if n < len(small) else str(n)


def _lines(n: int) -> str:
    return "one line" if n == 1 else f"{_number(n)} lines"


def main() -> None:
    """Clean JSON lines {"id", "text"} from standard input by the line model alone."""
    parser = argparse.ArgumentParser(prog="python -m siglum.content.lines", description=main.__doc__)
    parser.add_argument("--profile", choices=sorted(_profiles()), default="archive")
    take_below = _profiles()[parser.parse_args().profile]["take_below"]
    for row in map(json.loads, sys.stdin):
        lines = row["text"].split("\n")
        kept = (line for line, score in zip(lines, score_lines(lines), strict=True) if score.keep >= take_below)
        print(json.dumps({"id": row["id"], "text": "\n".join(kept)}, ensure_ascii=False))


if __name__ == "__main__":
    main()
