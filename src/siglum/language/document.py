"""Documents: from the languages of lines to the language of a text, its foreign runs and its quotations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import regex

from siglum.language.tables import load
from siglum.span import Span

NOT_NAMED = ("und", "zxx", "mul", "mis")
BODY_LINE = 60  # code points from which a line is running text
BODY = (
    1000  # code points of running text the second opinion is asked about: more changed no answer when it was measured
)
SPLIT = 0.8  # share of a line from which a quotation is the line itself


class LineLanguage(NamedTuple):
    """The language of the stretch [start, end) of a text, in code points."""

    start: int
    end: int
    language: str  # BCP 47; "und" where nothing can be said, "zxx" where there is no language
    confidence: float  # share of lines answered like this that were right when the tables were fitted
    alternatives: tuple[str, ...] = ()  # what else it may be, likeliest first


# One pair of marks a pattern; no mark may stand inside, so every search is linear.
_QUOTES = tuple(
    regex.compile(rf"{left}([^{left}{right}\r\n]{{1,4000}}){right}")
    for left, right in ("“”", "«»", "„“", "„”", "””", "»«", "‹›", "「」", "『』", '""', "‘’")
)
_LINE = regex.compile(r"[^\r\n]+")


def lines(text: str) -> Iterator[Span]:
    """Return the lines of *text* that hold something, without the space around them; \\n, \\r\\n and \\r end a line.

    >>> list(lines("one\\r\\n\\r\\n  two "))
    [Span(start=0, end=3), Span(start=9, end=12)]
    """
    for match in _LINE.finditer(text):
        yield from trimmed(text, [Span(*match.span())])


def trimmed(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Return *spans* without the space around what they cover; those that cover only space are left out."""
    for span in spans:
        line = span.of(text)
        start = span.start + len(line) - len(line.lstrip())
        if end := len(line.strip()):
            yield Span(start, start + end)


def vote(tagged: Sequence[LineLanguage]) -> tuple[str, float]:
    """Return the language of most of a text and its share, each line counting by its length and confidence.

    Lines without a language do not vote; where none has one the answer is ("und", 0.0). Between equals the
    first line wins.

    >>> vote([LineLanguage(0, 40, "en", 0.9), LineLanguage(41, 51, "ru", 0.9), LineLanguage(52, 53, "zxx", 0.9)])
    ('en', 0.8)
    """
    weight: defaultdict[str, float] = defaultdict(float)
    for line in tagged:
        if line.language not in NOT_NAMED:
            weight[line.language] += (line.end - line.start) * line.confidence
    total = sum(weight.values())
    if not total:
        return "und", 0.0
    best = max(weight, key=weight.__getitem__)
    return best, round(weight[best] / total, 4)


def runs(tagged: Sequence[LineLanguage], language: str) -> Iterator[LineLanguage]:
    """Return the runs of lines that are in another language than *language*, as one stretch each.

    Lines without a language neither begin nor end a run; the confidence is the lowest of its lines.

    >>> some = [LineLanguage(0, 9, "en", 0.9), LineLanguage(10, 15, "ru", 0.9), LineLanguage(16, 19, "ru", 0.7)]
    >>> list(runs(some, "en"))
    [LineLanguage(start=10, end=19, language='ru', confidence=0.7, alternatives=())]
    """
    run: LineLanguage | None = None
    for line in tagged:
        if line.language in NOT_NAMED:
            continue
        if run is not None and line.language == run.language:
            run = run._replace(end=line.end, confidence=min(run.confidence, line.confidence))
            continue
        if run is not None:
            yield run
        run = None if same(line.language, language) else line._replace(alternatives=())
    if run is not None:
        yield run


def quotations(text: str, tagged: Sequence[LineLanguage], shortest: int) -> Iterator[tuple[LineLanguage, Span]]:
    """Return every quotation of *shortest* code points or more inside a line, with that line."""
    for line in tagged:
        if line.end - line.start <= shortest or line.language in NOT_NAMED:
            continue
        taken = set()
        for pattern in _QUOTES:
            for match in pattern.finditer(text, line.start, line.end):
                span = Span(*match.span(1))
                long_enough = shortest <= span.end - span.start < SPLIT * (line.end - line.start)
                if long_enough and span not in taken:
                    taken.add(span)
                    yield line, span


def body(text: str, tagged: Sequence[LineLanguage]) -> str:
    """Return the running text of *text*, line after line, at most BODY code points."""
    out: list[str] = []
    size = 0
    for line in tagged:
        if line.end - line.start >= BODY_LINE and line.language != "zxx":
            out.append(text[line.start : min(line.end, line.start + BODY - size)])
            size += len(out[-1]) + 1
            if size >= BODY:
                break
    return "\n".join(out)


def same(one: str, other: str) -> bool:
    """Tell whether two tags name one language.

    Bokmål and Nynorsk, Chinese in either script, and the members of a macro language count as one.

    >>> same("zh-Hans", "zh"), same("hr", "sr-Latn"), same("ru", "uk")
    (True, True, False)
    """
    return one == other or _family(one) == _family(other)


def _family(tag: str) -> str:
    for macro, members in load().macros.items():
        if tag == macro or tag in members:
            return macro
    primary = tag.split("-")[0]
    return {"nn": "no", "nb": "no", "sr": "sh"}.get(primary, primary)
