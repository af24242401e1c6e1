"""Lines of a plain text: for each, how likely it is article text, and why.

The model reads a text twice. First each line is judged by its shape and what stands near (`siglum.content.line_shape`).
Then it is judged again, knowing what the first reading made of the lines around it: how sure it was of the next one,
two, … seventeen lines on either side, and where the stretch lies that reads most like an article. Both readings are
logistic regressions; their weights are in `rules/content/line-weights.toml`, one number a named feature.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, NamedTuple

from siglum.content.line_shape import NUMBERS, SHORT, TABLES, measure_texts, standing
from siglum.native import twin
from siglum.packs.store import section
from siglum.page import Rows

if TYPE_CHECKING:
    from siglum.content.line_shape import Floats, Ints

WINDOWS = (1, 2, 3, 5, 9, 17)  # lines on one side
_WIDEST = WINDOWS[-1]
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

    keep: list[float]  # chance that the line is article text, to three places
    words: list[float]
    company: list[int]  # how many lines in a row are short, or long, as this one
    repeats: list[int]  # how often the line stands in the text: 1, 2, or 3 for more
    stretch: tuple[int, int]  # the lines, from and to, that read most like an article

    def reasons(self, runs: Sequence[tuple[int, int]]) -> Iterator[str]:
        """Yield in words what sets the lines of each run apart: their shape, their company, their place.

        A run is given by its first and its last line, as numbers of lines that are not blank.
        """
        words, company, repeats, (begin, end) = self.words, self.company, self.repeats, self.stretch
        short = [0, *accumulate([w < SHORT for w in words])]
        repeated = [0, *accumulate([n > 1 for n in repeats])]
        for first, last in runs:
            away = None if begin == end else last - begin if last < begin else first - end + 1 if first >= end else 0
            if away:
                away = max(-MANY - 1, min(MANY + 1, away))
            if first == last:
                many = MANY + 1
                yield reason_of_one(min(int(words[first]), many), min(company[first], many), repeats[first] > 1, away)
            else:
                stop = last + 1
                yield reason_of_many(stop - first, short[stop] - short[first], repeated[stop] - repeated[first], away)


@lru_cache(maxsize=8192)
def reason_of_one(words: int, company: int, repeated: bool, away: int | None) -> str:
    short = words < SHORT
    own = "short line" if short else "long line" if words > MANY else f"line of {words} words"
    others = f" among {_number(company)} {'short' if short else 'longer'} lines" if company > 1 else " by itself"
    return f"{own}{others}{', repeated on the page' if repeated else ''}, {_place(away)}"


@lru_cache(maxsize=8192)
def reason_of_many(lines: int, short: int, repeated: int, away: int | None) -> str:
    own = "all short" if short == lines else "none short" if not short else f"{_number(short)} of them short"
    again = f", {_number(repeated)} repeated on the page" if repeated else ""
    return f"{_number(lines)} lines in a row, {own}{again}, {_place(away)}"


def _place(away: int | None) -> str:
    """Return where lines stand; *away* counts lines below the article, above it when negative, None without one."""
    if away is None:
        return "in a text that reads like no article"
    if away == 0:
        return "inside the article"
    far = "one line" if abs(away) == 1 else "far" if abs(away) > MANY else f"{_number(abs(away))} lines"
    return f"{far} {'above' if away < 0 else 'below'} the article"


MANY = 24  # above this the exact number tells a reader nothing


def score_lines(lines: Sequence[str], labels: Sequence[str] = ()) -> list[LineScore]:
    """Return for each of *lines* how likely it is article text.

    *labels* says what kind of label rule fits a line, or "": "template" for one learned from the line's site, any other
    word for a label known by name. It is evidence beside the line's shape and place.

    >>> [s.keep for s in score_lines(["", " "])]
    [1.0, 1.0]
    """
    scores = [LineScore(1.0, "")] * len(lines)
    places = standing(lines)
    reading = _read_at(places, lines, labels)
    if reading is None:
        return scores
    told = max(limits["unsure_below"] for limits in _profiles().values())
    for place, keep in zip(places, reading.keep, strict=True):
        scores[place] = LineScore(keep, "")
    low = [i for i, keep in enumerate(reading.keep) if keep < told]
    for i, why in zip(low, reading.reasons([(i, i) for i in low]), strict=True):
        scores[places[i]] = LineScore(reading.keep[i], why)
    return scores


def read(lines: Sequence[str], labels: Sequence[str] = ()) -> Reading | None:
    """Return what the model makes of *lines*, or None where all of them are blank."""
    return _read_at(standing(lines), lines, labels)


def _read_at(places: Sequence[int], lines: Sequence[str], labels: Sequence[str]) -> Reading | None:
    named = {i: labels[place] for i, place in enumerate(places) if labels[place]} if labels else {}
    found = read_rows(Rows(tuple(places), tuple([lines[place].strip() for place in places])), named)
    return found and Reading(found.keep, found.words, found.company, found.repeats, found.stretch)


def read_rows(rows: Rows, labels: Mapping[int, str]) -> Reading | None:
    """Return what the model makes of the lines *rows*; None of no line. *labels* go by the number of the line.

    Compiled, what comes back has the fields of a `Reading`.
    """
    if not len(rows):
        return None
    if model := _compiled():
        found: Reading = model.read(rows, labels)
        return found
    return _with_headlines(_judge(rows.places, rows.lines, labels), labels)


def _judge(places: Sequence[int], texts: Sequence[str], labels: Mapping[int, str]) -> Reading:
    import numpy as np

    weights, shape = _weights(), measure_texts(places, texts)
    first, final = weights.tables.take(shape.codes, axis=1).sum(axis=1) + weights.numbers @ shape.numbers + weights.bias
    known = _known(len(final), labels) if labels else None
    context = surroundings(first if known is None else first + known[0], shape.words)
    context[0] = first  # what a label says of its own line is added once, below
    final += weights.context @ context
    if known is not None:
        final += known[1]
    chance = _chance(np, final)
    stretch = _stretch(np, (chance - SPAN_CHANCES[0]) * _weight(np, shape.words))
    return Reading(chance.round(3).tolist(), shape.words.tolist(), shape.run.tolist(), shape.repeats.tolist(), stretch)


@lru_cache(maxsize=1)
def _compiled() -> Any:
    """Return the compiled model, or None."""
    native = twin("lines")
    limits = section("content")["lines"]
    return native and native.Model(_weights(), limits["labels"], limits["headline"], WINDOWS, SPAN_CHANCES)


def _with_headlines(reading: Reading, labels: Mapping[int, str]) -> Reading:
    least = section("content")["lines"]["headline"]["keep"]
    for i in _headlines(reading):
        if i not in labels:  # what is known by name, or repeats on its site, is no headline
            reading.keep[i] = max(reading.keep[i], least)
    return reading


def _known(lines: int, labels: Mapping[int, str]) -> Floats:
    """Return what labels add to the log odds of each line: (2 readings, lines)."""
    import numpy as np

    kinds = section("content")["lines"]["labels"]
    told = [(i, kinds.get(label, kinds["named"])) for i, label in labels.items()]
    out = np.zeros((2, lines))
    out[1] = sum([kind["others"] for _, kind in told]) / lines
    out[:, [i for i, _ in told]] = [[kind[reading] for _, kind in told] for reading in ("first", "second")]
    return out


def _headlines(reading: Reading) -> Iterator[int]:
    """Yield the lines that stand above the article as headline and standfirst do.

    They are read without sentence ends, between labels and far from the first paragraph, so the model alone takes them
    for furniture.
    """
    limits = section("content")["lines"]["headline"]
    begin = reading.stretch[0]
    above = reading.words[max(begin - limits["lines"], 0) : begin]
    longer = [i for i in range(len(above) - 1, -1, -1) if above[i] >= limits["words"]][: limits["run"]]
    first = begin - len(above)
    for i in longer:
        top, end = i, i + 1
        while top > 0 and above[top - 1] >= SHORT:
            top -= 1
        while end < len(above) and above[end] >= SHORT:
            end += 1
        if end - top <= limits["run"] and reading.repeats[first + i] == 1:
            yield first + i


def surroundings(first: Floats, words: Floats) -> Floats:
    """Return what the second reading knows of each line, (CONTEXT, lines); *first* is the first reading as log odds."""
    import numpy as np

    m, n = len(first), len(WINDOWS)
    at = np.arange(m)
    chance = _chance(np, first)
    weight = _weight(np, words)
    # Sums of chance, of chance by words and of words over the lines above, with what a window needs beyond either end.
    sums = np.zeros((3, m + 1 + 2 * _WIDEST))
    inner = sums[:, _WIDEST + 1 : _WIDEST + 1 + m]
    inner[0], inner[2] = chance, weight
    np.multiply(chance, weight, out=inner[1])
    np.cumsum(inner, axis=1, out=inner)
    sums[:, _WIDEST + 1 + m :] = inner[:, -1:]
    here = sums[:, _WIDEST : _WIDEST + 1 + m]
    bounds = sums.take(at + _window_bounds(), axis=1)  # (3, before and after by window, lines)
    bounds[:, :n] -= here[:, None, :-1]
    bounds[:, n:] -= here[:, None, 1:]
    np.abs(bounds, out=bounds)
    out = np.empty((len(CONTEXT), m))
    out[0] = first
    plain, by_words = out[1 : 1 + 3 * n].reshape(3, n, m), out[1 + 3 * n : 1 + 6 * n].reshape(3, n, m)
    np.divide(bounds[0].reshape(2, n, m), _window_sizes(), out=plain[:2])
    np.divide(bounds[1], np.maximum(bounds[2], 1), out=by_words[:2].reshape(2 * n, m))
    np.minimum(plain[0], plain[1], out=plain[2])
    np.minimum(by_words[0], by_words[1], out=by_words[2])
    total = max(float(here[1, m]), 1e-9)
    article = out[1 + 6 * n :]
    np.divide(here[1, :-1], total, out=article[0])
    np.subtract(1, here[1, 1:] / total, out=article[1])
    np.minimum(article[0], article[1], out=article[2])
    longer = np.zeros(m + 1)
    np.cumsum(words >= SHORT, out=longer[1:])
    stretches = [_stretch(np, (chance - worth) * weight) for worth in SPAN_CHANCES]
    distances = article[3 : 3 + len(PLACES) * len(stretches)].reshape(len(stretches), len(PLACES), m)
    for rows, (begin, end) in zip(distances, stretches, strict=True):
        rows[0] = 0
        np.subtract(begin, at, out=rows[1])
        np.subtract(at, end - 1, out=rows[2])
        np.subtract(longer[begin], longer[1:], out=rows[3])
        np.subtract(longer[:-1], longer[end], out=rows[4])
    np.log1p(np.maximum(distances, 0, out=distances), out=distances)
    for rows, (begin, end) in zip(distances, stretches, strict=True):
        rows[0, begin:end] = 1
    begin, end = stretches[0]
    out[-2] = (here[1, end] - here[1, begin]) / total
    out[-1] = (here[0, end] - here[0, begin]) / max(end - begin, 1)
    return out


@lru_cache(maxsize=1)
def _window_bounds() -> Ints:
    """Return how far from a line its windows begin or end, as places in the sums, one row a window."""
    import numpy as np

    return np.array([_WIDEST - w for w in WINDOWS] + [_WIDEST + 1 + w for w in WINDOWS])[:, None]


@lru_cache(maxsize=1)
def _window_sizes() -> Floats:
    import numpy as np

    return np.array(WINDOWS, float)[:, None]


def _stretch(np: Any, worth: Floats) -> tuple[int, int]:
    """Return from where to where the sum of *worth* is largest; (0, 0) where nothing is worth anything.

    With (chance - 0.5) times words as worth this is the stretch most like an article, found in one pass (Kadane's
    algorithm for the largest segment).
    """
    sums = np.zeros(len(worth) + 1)
    worth.cumsum(out=sums[1:])
    end = int((sums - np.minimum.accumulate(sums)).argmax())
    return int(sums[: end + 1].argmin()) if end else 0, end


def _weight(np: Any, words: Floats) -> Floats:
    weight: Floats = np.minimum(words, 50) + 1
    return weight


def _chance(np: Any, log_odds: Floats) -> Floats:
    """Return the logistic function of *log_odds*, as a hyperbolic tangent, which meets no overflow."""
    half: Floats = np.tanh(log_odds / 2)
    half += 1
    half /= 2
    return half


@dataclass(frozen=True, slots=True)
class _Weights:
    tables: Any  # (2 readings, all tables one after the other)
    numbers: Any  # (2 readings, NUMBERS)
    context: Any  # of the second reading
    bias: Any  # (2 readings, 1)


@lru_cache(maxsize=1)
def _weights() -> _Weights:
    import numpy as np

    readings = [section("content")["line-weights"][name] for name in ("first", "second")]
    return _Weights(
        np.array([[w for name in TABLES for row in r["tables"][name] for w in row] for r in readings]),
        np.array([[r["numbers"][name] for name in NUMBERS] for r in readings]),
        np.array([readings[1]["context"][name] for name in CONTEXT]),
        np.array([[r["bias"]] for r in readings]),
    )


@lru_cache(maxsize=1)
def _profiles() -> dict[str, dict[str, float]]:
    return {k: v for k, v in section("content")["lines"].items() if isinstance(v, dict) and "take_below" in v}


def _number(n: int) -> str:
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    return small[n] if n < len(small) else "many" if n > MANY else str(n)
