"""Documents: from the languages of lines to the language of a text, its foreign runs and its quotations."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from siglum.language.tables import load
from siglum.span import Span

_start = attrgetter("start")
NOT_NAMED = ("und", "zxx", "mul", "mis")
BODY_LINE = 60  # code points from which a line is running text
BODY = (
    1000  # code points of running text the second opinion is asked about: more changed no answer when it was measured
)
SURE = 0.8  # confidence from which a short line tells what others are
COMPANY = 2  # such lines of one language that make a company
DOUBT = 0.8  # confidence below which a short line may join it
SPLIT = 0.8  # share of a line from which a quotation is the line itself


class LineLanguage(NamedTuple):
    """The language of the stretch [start, end) of a text, in code points."""

    start: int
    end: int
    language: str  # BCP 47; "und" where nothing can be said, "zxx" where there is no language
    confidence: float  # share of lines answered like this that were right when the tables were fitted
    alternatives: tuple[str, ...] = ()  # what else it may be, likeliest first


# One pair of marks a pattern; no mark and no end of a line may stand inside, so every search is linear.
_QUOTES = tuple(
    (left, re.compile(rf"{left}([^{left}{right}\r\n]{{1,4000}}){right}"))
    for left, right in ("“”", "«»", "„“", "„”", "””", "»«", "‹›", "「」", "『』", '""', "‘’")
)
_LINE = re.compile(r"\S[^\r\n]*")


def lines(text: str) -> Iterator[Span]:
    """Return the lines of *text* that hold something, without the space around them; \\n, \\r\\n and \\r end a line.

    >>> list(lines("one\\r\\n\\r\\n  two "))
    [Span(start=0, end=3), Span(start=9, end=12)]
    """
    for match in _LINE.finditer(text):
        start = match.start()
        yield Span(start, start + len(match[0].rstrip()))


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


def in_company(tagged: Sequence[LineLanguage]) -> list[LineLanguage]:
    """Return *tagged* with doubtful short lines named as other short lines surely are, where they may be that.

    Interface lines come together: of "Меню" nobody can tell whether it is Russian or Ukrainian, but four more of its
    kind may. The language of the text itself never counts, so that no line is pulled toward the article.

    >>> article = LineLanguage(0, 90, "uk", 0.99)
    >>> menu = [LineLanguage(91, 99, "ru", 0.95), LineLanguage(100, 109, "ru", 0.95)]
    >>> in_company([article, *menu, LineLanguage(110, 114, "bg", 0.5, ("ru",))])[-1].language
    'ru'
    """
    article = vote([line for line in tagged if line.end - line.start >= BODY_LINE])[0]
    company: defaultdict[str, int] = defaultdict(int)
    for line in tagged:
        if line.confidence >= SURE and line.end - line.start < BODY_LINE and line.language not in (*NOT_NAMED, article):
            company[line.language] += 1
    known = sorted((language for language, n in company.items() if n >= COMPANY), key=lambda one: -company[one])
    return [_joined(line, known) for line in tagged] if known else list(tagged)


def _joined(line: LineLanguage, known: Sequence[str]) -> LineLanguage:
    if line.confidence >= DOUBT or line.end - line.start >= BODY_LINE or line.language in known:
        return line
    language = next((one for one in known if one in line.alternatives), None)
    if language is None:
        return line
    others = (line.language, *line.alternatives)
    return line._replace(
        language=language, alternatives=tuple(o for o in others if o != language and o not in NOT_NAMED)
    )


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
    """Return every quotation of *shortest* code points or more inside a line, with that line; *tagged* is in order."""
    found = {
        match.span(1)
        for left, pattern in _QUOTES
        if left in text
        for match in pattern.finditer(text)
        if match.end(1) - match.start(1) >= shortest
    }
    for start, end in sorted(found):
        line = tagged[max(bisect_right(tagged, start, key=_start) - 1, 0)]
        within = line.start < start and end < line.end
        if within and line.language not in NOT_NAMED and end - start < SPLIT * (line.end - line.start):
            yield line, Span(start, end)


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
