"""What the lines of a text look like, as numbers: length, characters, blank lines around, nearest sentences.

No word of any language is known here. A line is read as counts of kinds of characters, so any script is measured the
same way; where a script writes no spaces, characters stand in for words. All is worked out for the whole text at
once with numpy, since a text has many lines and each is asked some hundred questions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from siglum.content.weights import KINDS
from siglum.packs.store import section

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

HEAD, TAIL = 1500, 500  # code points of a line that are looked at: from its start and its end
WORDS_A_CHARACTER = 0.6  # of a script without spaces: a Chinese word has about 1.7 characters
LETTERS_A_CHARACTER = 3.3  # so that a word of such a script is as long as an English one
SHORT, SENTENCE, LONG = (
    6,
    8,
    25,
)  # in words: shorter is a label or a heading, so long with a stop a sentence, a paragraph
_PIECE = 512  # lines
FAR = 100  # lines; what lies further is as good as nowhere

_K = len(KINDS)
_LOWER, _UPPER, _DENSE, _LETTER, _DIGIT, _STOP, _ELLIPSIS, _, _COMMA, _SYMBOL, _QUOTE, _OTHER = range(1, _K)

# Lower bounds of buckets. A table has one weight for each bucket.
LENGTHS = (0, 1, 2, 3, 4, 6, 8, 11, 16, 24, 36, 60)  # words
DISTANCES = (1, 2, 3, 5, 9, 17, 40)  # lines
BLOCK_LINES, BLOCK_WORDS = (1, 2, 3, 4, 7, 13), (0, 2, 4, 8, 16, 30)

# name -> what its rows and its columns stand for
TABLES: dict[str, tuple[Sequence[object], Sequence[object]]] = {
    "length": (LENGTHS, ("goes on", "ends a sentence")),
    "first": (KINDS, ("long", "short")),
    "last": (KINDS, ("long", "short")),
    "block": (BLOCK_LINES, BLOCK_WORDS),  # between blank lines: lines, mean words of a line
    "sentences": (DISTANCES, DISTANCES),  # to the nearest above, below
    "paragraphs": (DISTANCES, DISTANCES),
}
# Where the line stands on the page is left out on purpose: pages differ too much in what surrounds the article, and
# weights on it, or on plain counts of characters, did worse on sites of other times and languages.
RATIOS = (
    "commas a word",
    "symbols a word",
    "other marks a word",
    "letters a word",
    "share of capitals",
    "capitalised words",
    "share of digits",
)
LOGARITHMS = ("log words", "log commas", "log stops", "log quotes", "log repeats", "log run")
NUMBERS = (
    *RATIOS,
    *LOGARITHMS,
    "log words squared",
    "capitalised words of a long line",
    "no letter",
    "long and repeated",
)


# What is counted of a line: which kinds of characters, and how often each; first its words, as tenths, so that sums are
# whole numbers on any machine. A character with which a word begins counts as one of the same kind `_K` further on.
_COUNTED: tuple[dict[int, float], ...] = (
    {**dict.fromkeys(range(_K, 2 * _K), 10.0), **dict.fromkeys((_DENSE, _K + _DENSE), 10 * WORDS_A_CHARACTER)},
    *({kind: 1.0, _K + kind: 1.0} for kind in (_COMMA, _STOP, _QUOTE)),
    *({kind: 1.0, _K + kind: 1.0} for kind in (_COMMA, _SYMBOL, _OTHER)),
    {kind: (LETTERS_A_CHARACTER if kind % _K == _DENSE else 1.0) / 6 for kind in range(2 * _K)},  # letters
    {_UPPER: 1.0, _K + _UPPER: 1.0},
    {_K + _UPPER: 1.0},
    {_DIGIT: 1.0, _K + _DIGIT: 1.0},
    {n + kind: 1.0 for n in (0, _K) for kind in (_LOWER, _UPPER, _DENSE, _LETTER)},  # letters without digits
    dict.fromkeys(range(_K, 2 * _K), 1.0),  # words that begin
)
_WORDS, _RATIOS, _LETTERS, _BEGUN = 0, slice(4, 11), 11, 12  # rows of these


@dataclass(frozen=True, slots=True)
class Shape:
    """The lines of a text that are not blank, as numbers. Column i of each field is the i-th such line."""

    places: Sequence[int]  # index among all lines
    codes: Ints  # (tables, lines): which bucket of each table, counted from where the table begins (`offsets`)
    numbers: Floats  # (NUMBERS, lines)
    words: Floats
    run: Ints  # how many lines in a row are short, or long, as this one
    repeats: Ints  # 1, 2, or 3 for more


class _Tools(NamedTuple):
    """What is worked out once: numpy, the kind of each code point, and the bucket tables."""

    np: Any
    kind_of: Any  # of each code point
    latin: bytes  # of the first 256
    wordy: bytes  # kind -> 1 where it belongs to a word
    first: Any  # kind -> row of the table "first"
    last: Any
    length_of: Any  # words -> row of the table "length"
    distance_of: Any  # lines -> row or column of a table of distances
    block_lines: Any
    block_words: Any
    counted: Any  # `_COUNTED` as a matrix
    most: Any  # of each of `RATIOS`


@lru_cache(maxsize=1)
def _tools() -> _Tools:
    import numpy as np

    starts, kinds = section("content")["characters"]
    kind_of = np.repeat(np.array(kinds, dtype=np.uint8), np.diff(np.array([*starts, 0x110000])))

    def buckets(bounds: Sequence[int], size: int) -> Any:
        return np.searchsorted(np.array(bounds), np.arange(size), side="right") - 1

    # A script without capitals begins a line as a capital does, and ends it as a small letter does.
    first_kind, last_kind = np.arange(_K), np.arange(_K)
    first_kind[[_DENSE, _LETTER]], last_kind[[_DENSE, _LETTER]] = _UPPER, _LOWER
    wordy = np.zeros(256, np.uint8)
    wordy[:_K] = [k in ("lower", "upper", "letter", "digit") for k in KINDS]
    counted = np.zeros((len(_COUNTED), 2 * _K))
    for row, kinds_of in enumerate(_COUNTED):
        counted[row, list(kinds_of)] = list(kinds_of.values())
    return _Tools(
        np,
        kind_of,
        kind_of[:256].tobytes(),
        wordy.tobytes(),
        first_kind,
        last_kind,
        buckets(LENGTHS, FAR + 1),
        np.maximum(buckets(DISTANCES, FAR + 1), 0),
        np.array(BLOCK_LINES),
        np.array(BLOCK_WORDS, float),
        counted,
        np.array([1, 1, 1, 2, np.inf, np.inf, np.inf])[:, None],
    )


def offsets() -> Ints:
    """Return where each table begins when all are written one after the other, as a column; the last is the end."""
    import numpy as np

    sizes = [len(rows) * len(columns) for rows, columns in TABLES.values()]
    return np.cumsum([0, *sizes])[:, None]


def standing(lines: Sequence[str]) -> list[int]:
    """Return which of *lines* are not blank."""
    return [i for i, line in enumerate(lines) if line and not line.isspace()]


def measure(lines: Sequence[str]) -> Shape | None:
    """Return the shape of *lines*, or None where all are blank."""
    places = standing(lines)
    return measure_texts(places, [lines[i].strip() for i in places]) if places else None


def measure_texts(places: Sequence[int], texts: Sequence[str]) -> Shape:
    """Return the shape of the lines *texts*, at least one, not blank and without blanks around them, at *places*."""
    tools = _tools()
    np = tools.np
    m = len(texts)
    size = np.fromiter(map(len, texts), np.int64, m)
    if size.max() > HEAD + TAIL:
        cut = [t if len(t) <= HEAD + TAIL else t[:HEAD] + t[-TAIL:] for t in texts]
        size = np.minimum(size, HEAD + TAIL)
    else:
        cut = list(texts)
    at = np.arange(m)
    count, first, last, last_but_one = _characters(tools, cut, size, at)
    words = count[_WORDS]
    words /= 10
    whole = np.minimum(words, FAR).astype(np.int64)
    stop = last == _STOP
    ellipsis = stop & (last_but_one == _STOP)
    stop |= (last == _QUOTE) & (last_but_one == _STOP)
    stop &= ~ellipsis
    short = whole < SHORT
    run = _runs(np, short, m)
    seen = Counter(texts) if len(set(texts)) < m else None
    repeats = np.minimum([seen[t] for t in texts], 3) if seen else np.ones(m, np.int64)

    codes = np.empty((len(TABLES), m), np.int64)
    np.add(tools.length_of.take(whole) * 2, stop, out=codes[0])
    np.add(tools.first.take(first) * 2, short, out=codes[1])
    last = tools.last.take(last)
    last[ellipsis] = _ELLIPSIS
    np.add(last * 2, short, out=codes[2])
    codes[3] = _in_block(tools, places, words, m)
    flags = np.empty((2, m), np.bool_)
    np.greater_equal(whole, SENTENCE, out=flags[0])
    flags[0] &= stop
    np.greater_equal(whole, LONG, out=flags[1])
    codes[4:] = _distances(tools, flags, at, m)
    codes += _offsets()

    numbers = np.empty((len(NUMBERS), m))
    ratios, logs = numbers[: len(RATIOS)], numbers[len(RATIOS) : len(RATIOS) + len(LOGARITHMS)]
    least = np.empty_like(ratios)
    least[:4], least[4], least[5], least[6] = words, count[_LETTERS], count[_BEGUN], size
    np.divide(count[_RATIOS], np.maximum(least, 1, out=least), out=ratios)
    np.minimum(ratios, tools.most, out=ratios)
    logs[:4], logs[4] = count[:4], repeats - 1
    np.multiply(run, short, out=logs[5])
    np.log1p(logs, out=logs)
    rest = numbers[len(RATIOS) + len(LOGARITHMS) :]
    np.multiply(logs[0], logs[0], out=rest[0])
    np.multiply(ratios[5], np.minimum(words, 20) / 20, out=rest[1])
    rest[2] = count[_LETTERS] == 0
    rest[3] = (repeats > 1) & (whole >= 12)
    return Shape(places, codes, numbers, words, run, repeats)


@lru_cache(maxsize=1)
def _offsets() -> Ints:
    return offsets()[:-1]


def _characters(tools: _Tools, texts: Sequence[str], size: Any, at: Any) -> tuple[Any, Any, Any, Any]:
    """Return what is counted of each line, (_COUNTED, lines), and the kind of its first, last and last but one."""
    np = tools.np
    text = "".join(texts)
    try:
        kinds = text.encode("latin-1").translate(tools.latin)
    except UnicodeEncodeError:
        kinds = tools.kind_of.take(np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)).tobytes()
    kind = np.frombuffer(kinds, np.uint8)
    end = np.cumsum(size)
    start = end - size
    # A word begins where a character that belongs to words follows one that does not, or the line begins.
    inside = np.frombuffer(kinds.translate(tools.wordy), np.uint8)
    cell = np.empty_like(kind)
    np.greater(inside[1:], inside[:-1], out=cell[1:])
    cell[start] = inside[start]
    cell *= _K
    cell += kind
    counts = np.bincount(np.repeat(at * (2 * _K), size) + cell, minlength=len(at) * 2 * _K).reshape(len(at), 2 * _K)
    # In pieces too small for a matrix library to share them out to threads, which costs more than the product.
    pieces = [tools.counted @ counts[i : i + _PIECE].T for i in range(0, len(at), _PIECE)]
    count = pieces[0] if len(pieces) == 1 else np.concatenate(pieces, axis=1)
    return count, kind[start], kind[end - 1], kind[np.maximum(end - 2, start)]


def _runs(np: Any, flag: Any, m: int) -> Any:
    """Return for each line how many in a row have the same *flag*."""
    bounds = _bounds(np, flag[1:] != flag[:-1], m)
    lengths = bounds[1:] - bounds[:-1]
    return lengths.repeat(lengths)


def _bounds(np: Any, turns: Any, m: int) -> Any:
    """Return where stretches of lines begin, given for each but the first whether one does; the last is the end."""
    inner = turns.nonzero()[0]
    bounds = np.empty(len(inner) + 2, np.int64)
    bounds[0], bounds[-1] = 0, m
    np.add(inner, 1, out=bounds[1:-1])
    return bounds


def _in_block(tools: _Tools, places: Sequence[int], words: Any, m: int) -> Any:
    """Return which bucket of the table "block" each line falls in."""
    np = tools.np
    where = np.fromiter(places, np.int64, m)
    bounds = _bounds(np, where[1:] - where[:-1] > 1, m)
    lines = bounds[1:] - bounds[:-1]
    # In tenths of a word, whole numbers, so that no order of adding them up moves a mean across a bound.
    mean = np.add.reduceat((words * 10).round(), bounds[:-1]) / (10 * lines)
    rows = tools.block_lines.searchsorted(lines, side="right") - 1
    columns = tools.block_words.searchsorted(mean, side="right") - 1
    return (rows * len(BLOCK_WORDS) + columns).repeat(lines)


def _distances(tools: _Tools, flags: Any, at: Any, m: int) -> Any:
    """Return for each row of *flags* which bucket the lines above and below each line fall in that have the flag."""
    np = tools.np
    n = len(flags)
    both = np.concatenate([flags, flags[:, ::-1]])
    last = np.where(both, at, -FAR)
    np.maximum.accumulate(last, axis=1, out=last)
    far = np.full((2 * n, m), FAR)
    np.minimum(at[1:] - last[:, :-1], FAR, out=far[:, 1:])
    found = tools.distance_of.take(far)
    return found[:n] * len(DISTANCES) + found[n:, ::-1]
