"""Documents: from the languages of lines to the language of a text, its foreign runs and its quotations."""

from __future__ import annotations

import operator
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple, overload

from siglum.language.tables import load
from siglum.native import twinned
from siglum.span import Span

NOT_NAMED = ("und", "zxx", "mul", "mis")
BODY_LINE = 60  # code points from which a line is running text
BODY = (
    1000  # code points of running text the second opinion is asked about: more changed no answer when it was measured
)
SURE = 0.8  # confidence from which a short line tells what others are, and below which it may join them
COMPANY = 2  # such lines of one language that make a company
LONGEST = 6  # lines, the longest, that stand for a text of which only its own language is asked
TOGETHER = 600  # code points of them that are read where they are read together
SPLIT = 0.8  # share of a line from which a quotation is the line itself

Tag = tuple[str, float, tuple[str, ...]]  # language, confidence, alternatives: what `LineLanguage` says they are


class LineLanguage(NamedTuple):
    """The language of the stretch [start, end) of a text, in code points."""

    start: int
    end: int
    language: str  # BCP 47; "und" where nothing can be said, "zxx" where there is no language
    confidence: float  # share of lines answered like this that were right when the tables were fitted
    alternatives: tuple[str, ...] = ()  # what else it may be, likeliest first


@dataclass(frozen=True, slots=True, eq=False)
class Lines(Sequence[LineLanguage]):
    """The languages of the lines of a text, in its order, kept as columns: a line is made when it is asked for.

    A text has hundreds of lines of which few are ever looked at one by one.

    >>> Lines([0, 5], [4, 9], [("en", 0.9, ()), ("de", 0.8, ("nl",))])[1]
    LineLanguage(start=5, end=9, language='de', confidence=0.8, alternatives=('nl',))
    """

    starts: Sequence[int]
    ends: Sequence[int]
    tags: Sequence[Tag]

    @classmethod
    def of(cls, lines: Iterable[LineLanguage]) -> Lines:
        """Return *lines* as columns."""
        rows = list(lines)
        return cls([row[0] for row in rows], [row[1] for row in rows], [row[2:] for row in rows])

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, index: int) -> LineLanguage: ...
    @overload
    def __getitem__(self, index: slice) -> Lines: ...
    def __getitem__(self, index: int | slice) -> LineLanguage | Lines:
        if isinstance(index, slice):
            return Lines(self.starts[index], self.ends[index], self.tags[index])
        return LineLanguage(self.starts[index], self.ends[index], *self.tags[index])

    def __iter__(self) -> Iterator[LineLanguage]:
        return (LineLanguage(start, end, *tag) for start, end, tag in self.rows())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def rows(self) -> Iterator[tuple[int, int, Tag]]:
        """Return start, end and tag of each line: quicker than the lines themselves."""
        return zip(self.starts, self.ends, self.tags, strict=True)


# One pair of marks a pattern; no mark and no end of a line may stand inside, so every search is linear.
_QUOTES = tuple(
    (left, re.compile(rf"{left}([^{left}{right}\r\n]{{1,4000}}){right}"))
    for left, right in ("“”", "«»", "„“", "„”", "””", "»«", "‹›", "「」", "『』", '""', "‘’")
)


@twinned("languages")
def spans(text: str) -> tuple[list[int], list[int], list[str]]:
    """Return where the lines of *text* that hold something begin and end, and the lines: all without space around them.

    \\n, \\r\\n and \\r end a line.

    >>> spans("one\\r\\n\\r\\n  two ")
    ([0, 9], [3, 12], ['one', 'two'])
    """
    starts, ends, found = [], [], []
    at = 0
    for whole in text.replace("\r", "\n").split("\n"):
        if line := whole.strip():
            start = at if line is whole else at + len(whole) - len(whole.lstrip())
            starts.append(start)
            ends.append(start + len(line))
            found.append(line)
        at += len(whole) + 1
    return starts, ends, found


def trimmed(text: str, spans: Iterable[Span]) -> tuple[list[int], list[int], list[str]]:
    """Return what `spans` does for given *spans*; those that cover only space are left out."""
    starts, ends, found = [], [], []
    for span in spans:
        whole = span.of(text)
        if line := whole.strip():
            starts.append(span.start + len(whole) - len(whole.lstrip()))
            ends.append(starts[-1] + len(line))
            found.append(line)
    return starts, ends, found


@twinned("languages")
def longest(text: str, count: int) -> list[str]:
    """Return the *count* longest lines of *text*, in their order.

    >>> longest("On\\n" + "Storm hits coast\\r\\n" * 9, 1)
    ['Storm hits coast']
    """
    lines = text.replace("\r", "\n").split("\n")
    sizes = list(map(len, lines))
    return [lines[i] for i in sorted(sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True)[:count])]


def vote(tagged: Lines) -> tuple[str, float]:
    """Return the language of most of a text and its share, each line counting by its length and confidence.

    Lines without a language do not vote; where none has one the answer is ("und", 0.0). Between equals the
    first line wins.

    >>> vote(Lines([0, 41, 52], [40, 51, 53], [("en", 0.9, ()), ("ru", 0.9, ()), ("zxx", 0.9, ())]))
    ('en', 0.8)
    """
    return _won(weights(tagged.starts, tagged.ends, tagged.tags))


@twinned("languages")
def weights(starts: Sequence[int], ends: Sequence[int], tags: Sequence[Tag]) -> dict[str, float]:
    """Return for each language the length times the confidence of its lines, added up."""
    found: defaultdict[str, float] = defaultdict(float)
    for start, end, (language, confidence, _) in zip(starts, ends, tags, strict=True):
        found[language] += (end - start) * confidence
    return found


def _won(weight: dict[str, float]) -> tuple[str, float]:
    for language in NOT_NAMED:
        weight.pop(language, None)
    total = sum(weight.values())
    if not total:
        return "und", 0.0
    best = max(weight, key=weight.__getitem__)
    return best, round(weight[best] / total, 4)


def in_company(tagged: Lines) -> Lines:
    """Return *tagged* with doubtful short lines named as other short lines surely are, where they may be that.

    Interface lines come together: of "Меню" nobody can tell whether it is Russian or Ukrainian, but four more of its
    kind may. The language of the text itself never counts, so that no line is pulled toward the article.

    >>> article = LineLanguage(0, 90, "uk", 0.99)
    >>> menu = [LineLanguage(91, 99, "ru", 0.95), LineLanguage(100, 109, "ru", 0.95)]
    >>> in_company(Lines.of([article, *menu, LineLanguage(110, 114, "bg", 0.5, ("ru",))]))[-1].language
    'ru'
    """
    body, company, doubtful = sides(tagged.starts, tagged.ends, tagged.tags, BODY_LINE, SURE)
    article = _won(body)[0]
    known = [language for language, n in company.items() if n >= COMPANY and language not in (*NOT_NAMED, article)]
    if not known or not doubtful:
        return tagged
    known.sort(key=lambda language: -company[language])
    tags = list(tagged.tags)
    for i in doubtful:
        tags[i] = _joined(tags[i], known)
    return replace(tagged, tags=tags)


@twinned("languages")
def sides(
    starts: Sequence[int], ends: Sequence[int], tags: Sequence[Tag], body_line: int, sure: float
) -> tuple[dict[str, float], dict[str, int], list[int]]:
    """Return the weight of each language in the body, how many short lines are surely in each, and those in doubt."""
    body: defaultdict[str, float] = defaultdict(float)
    company: defaultdict[str, int] = defaultdict(int)
    doubtful: list[int] = []
    for i, (start, end, (language, confidence, others)) in enumerate(zip(starts, ends, tags, strict=True)):
        if end - start >= body_line:
            body[language] += (end - start) * confidence
        elif confidence >= sure:
            company[language] += 1
        elif others:
            doubtful.append(i)
    return body, company, doubtful


def _joined(tag: Tag, known: Sequence[str]) -> Tag:
    language, confidence, others = tag
    joins = next((one for one in known if one in others), None)
    if joins is None or language in known:
        return tag
    return joins, confidence, tuple(o for o in (language, *others) if o != joins and o not in NOT_NAMED)


def runs(tagged: Iterable[LineLanguage], language: str) -> Iterator[LineLanguage]:
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


def quotations(text: str, starts: Sequence[int], ends: Sequence[int], shortest: int) -> Iterator[tuple[int, Span]]:
    """Return every quotation of *shortest* code points or more inside a line, with the number of that line.

    *starts* and *ends* are the bounds of the lines, in order. A quotation that is most of its line is none.
    """
    found = {
        match.span(1)
        for left, pattern in _QUOTES
        if left in text
        for match in pattern.finditer(text)
        if match.end(1) - match.start(1) >= shortest
    }
    for start, end in sorted(found):
        i = bisect_right(starts, start) - 1
        if i >= 0 and starts[i] < start and end < ends[i] and end - start < SPLIT * (ends[i] - starts[i]):
            yield i, Span(start, end)


def body(text: str, tagged: Lines) -> str:
    """Return the running text of *text*, line after line, at most BODY code points."""
    out: list[str] = []
    size = 0
    for start, end, (language, _, _) in tagged.rows():
        if end - start >= BODY_LINE and language != "zxx":
            out.append(text[start : min(end, start + BODY - size)])
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


@lru_cache(maxsize=1024)
def _family(tag: str) -> str:
    for macro, members in load().macros.items():
        if tag == macro or tag in members:
            return macro
    primary = tag.split("-")[0]
    return {"nn": "no", "nb": "no", "sr": "sh"}.get(primary, primary)
