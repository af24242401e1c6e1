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
from typing import TYPE_CHECKING, Any

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
NUMBERS = (
    "log words",
    "log words squared",
    "letters a word",
    "share of capitals",
    "capitalised words",
    "capitalised words of a long line",
    "share of digits",
    "no letter",
    "commas a word",
    "log commas",
    "log stops",
    "symbols a word",
    "log quotes",
    "other marks a word",
    "log repeats",
    "long and repeated",
    "log run",
)


@dataclass(frozen=True)
class Shape:
    """The lines of a text that are not blank, as numbers. Row i of each field is the i-th such line."""

    places: list[int]  # index among all lines
    codes: Ints  # (tables, lines): which bucket of each table
    numbers: Floats  # (lines, NUMBERS)
    words: Floats
    run: Ints  # how many lines in a row are short, or long, as this one
    repeats: Ints  # 1, 2, or 3 for more


@lru_cache(maxsize=1)
def _tools() -> Any:
    """Return numpy, the kind of each code point, and the bucket tables."""
    import numpy as np

    starts, kinds = section("content")["characters"]
    kind_of = np.repeat(np.array(kinds, dtype=np.uint8), np.diff(np.array([*starts, 0x110000])))

    def buckets(bounds: Sequence[int], size: int) -> Any:
        return np.searchsorted(np.array(bounds), np.arange(size), side="right") - 1

    # A script without capitals begins a line as a capital does, and ends it as a small letter does.
    first_kind, last_kind = np.arange(_K), np.arange(_K)
    first_kind[[_DENSE, _LETTER]], last_kind[[_DENSE, _LETTER]] = _UPPER, _LOWER
    return (
        np,
        kind_of,
        first_kind,
        last_kind,
        np.array([k in ("lower", "upper", "letter", "digit") for k in KINDS]),
        buckets(LENGTHS, FAR + 1),
        np.maximum(buckets(DISTANCES, FAR + 1), 0),
    )


def offsets() -> Ints:
    """Return where each table begins when all are written one after the other, as a column; the last is the end."""
    import numpy as np

    sizes = [len(rows) * len(columns) for rows, columns in TABLES.values()]
    return np.cumsum([0, *sizes])[:, None]


def measure(lines: Sequence[str]) -> Shape | None:
    """Return the shape of *lines*, or None where all are blank."""
    np, kind_of, first_kind, last_kind, wordy, length_of, distance_of = _tools()
    places = [i for i, line in enumerate(lines) if line and not line.isspace()]
    if not places:
        return None
    texts = [lines[i].strip() for i in places]
    m = len(texts)
    size = np.fromiter(map(len, texts), np.int64, m)
    if size.max() > HEAD + TAIL:
        texts = [t if len(t) <= HEAD + TAIL else t[:HEAD] + t[-TAIL:] for t in texts]
        size = np.minimum(size, HEAD + TAIL)
    at = np.arange(m)

    # characters
    kind = kind_of.take(np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), dtype=np.uint32))
    end = np.cumsum(size)
    start = end - size
    counts = np.bincount(np.repeat(at * _K, size) + kind, minlength=m * _K).reshape(m, _K)
    first, last = first_kind[kind[start]], last_kind[kind[end - 1]]
    last_but_one = kind[np.maximum(end - 2, start)]
    inside = wordy.take(kind)
    begins = inside.copy()
    begins[1:] &= ~inside[:-1]
    begins[start] = inside[start]
    spaced = np.add.reduceat(begins, start, dtype=np.int64)
    capitalised = np.add.reduceat(begins & (kind == _UPPER), start, dtype=np.int64)
    words = spaced + WORDS_A_CHARACTER * counts[:, _DENSE]
    whole = np.minimum(words, FAR).astype(np.int64)
    last[(last == _STOP) & (last_but_one == _STOP)] = _ELLIPSIS
    stop = (last == _STOP) | ((last_but_one == _STOP) & (last == _QUOTE))
    length = length_of[whole]
    short = (whole < SHORT).astype(np.int64)

    # blocks between blank lines, runs of lines of one sort, repeats
    gap, turn = np.ones(m, np.bool_), np.ones(m, np.bool_)
    where = np.array(places)
    gap[1:] = where[1:] - where[:-1] > 1
    turn[1:] = short[1:] != short[:-1]
    block = np.cumsum(gap) - 1
    block_lines = np.bincount(block)
    block_words = np.bincount(block, weights=words) / block_lines
    in_block = (
        np.searchsorted(BLOCK_LINES, block_lines, side="right") * len(BLOCK_WORDS)
        + np.searchsorted(BLOCK_WORDS, block_words, side="right")
        - len(BLOCK_WORDS)
        - 1
    )[block]
    turns = np.append(np.flatnonzero(turn), m)
    run_lengths = turns[1:] - turns[:-1]
    run = np.repeat(run_lengths, run_lengths)
    seen = Counter(texts)
    repeats = np.fromiter([seen[t] for t in texts], np.int64, m) if len(seen) < m else np.ones(m, np.int64)
    repeats = np.minimum(repeats, 3)

    # nearest sentences and paragraphs
    sentence = stop & (whole >= SENTENCE)
    from_sentence, to_sentence = _nearest(np, sentence, at, m)
    from_long, to_long = _nearest(np, whole >= LONG, at, m)
    d = len(DISTANCES)
    codes = np.stack(
        [
            length * 2 + stop,
            first * 2 + short,
            last * 2 + short,
            in_block,
            distance_of[from_sentence] * d + distance_of[to_sentence],
            distance_of[from_long] * d + distance_of[to_long],
        ]
    )

    # numbers
    at_least_one = np.maximum(words, 1)
    letters = counts[:, _LOWER] + counts[:, _UPPER] + counts[:, _DENSE] + counts[:, _LETTER]
    long_words = np.log1p(words)
    capital_share = capitalised / np.maximum(spaced, 1)
    logs = np.log1p(counts)
    a_word = np.minimum(counts / at_least_one[:, None], 1)
    numbers = np.stack(
        [
            long_words,
            long_words * long_words,
            np.minimum((size + (LETTERS_A_CHARACTER - 1) * counts[:, _DENSE]) / at_least_one, 12) / 6,
            counts[:, _UPPER] / np.maximum(letters, 1),
            capital_share,
            capital_share * np.minimum(words, 20) / 20,
            counts[:, _DIGIT] / size,
            letters == 0,
            a_word[:, _COMMA],
            logs[:, _COMMA],
            logs[:, _STOP],
            a_word[:, _SYMBOL],
            logs[:, _QUOTE],
            a_word[:, _OTHER],
            np.log(repeats),
            (repeats > 1) & (whole >= 12),
            np.log1p(run * short),
        ],
    ).T
    return Shape(places, codes, numbers, words, run, repeats)


def _nearest(np: Any, flag: Any, at: Any, m: int) -> tuple[Any, Any]:
    """Return how many lines above and below the nearest other line with *flag* lies, `FAR` at most."""
    above, below = np.full(m, FAR), np.full(m, FAR)
    above[1:] = np.minimum(at[1:] - np.maximum.accumulate(np.where(flag, at, -FAR))[:-1], FAR)
    below[:-1] = np.minimum(np.minimum.accumulate(np.where(flag, at, m + FAR)[::-1])[::-1][1:] - at[:-1], FAR)
    return above, below
