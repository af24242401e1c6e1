"""The grammar of credits: when a sentence made of credit parts is a credit, and what it claims.

A credit says of the text it stands in that it was translated, and by whom or with what. It is recognised by its
parts, in any order a language puts them: a subject (this page), translation (was translated), and a machine, an
engine or a person. What lies between these must be made of credit parts too; a sentence about translation has other
words there.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice, pairwise

import regex

from siglum.packs.literals import Literals
from siglum.provenance.lexicon import MACHINE, Lexicon, Part, data, lexicon, parts
from siglum.provenance.names import is_name, strip_name
from siglum.provenance.view import CODE, URL

_TRANSLATION = frozenset({"done", "noun", "mt"})
_LINKS = frozenset({"by", "with", "link"})
_NO_NAME = frozenset({"name", "text", "noun", "mt", "auto", "ai", "service", "done", "original", "errors", "engine"})
_LONG_WORD = regex.compile(r"[^\W\d_]{7,20}")
_PLACEHOLDER = regex.compile(r"\{\{|\$\{|\{[a-z_.]{0,40}\}|%[sd@]|%\(|<%|\[(?:name|language|date|your name)\]|\bxxx+\b")
_CODELIKE = regex.compile(r"\w\s?=\s?[\w\"'(\[{]|\w\([\"']|\);|=>|\)\.\w|\w::\w|</|[{}]|\$\w")
_CODE_MARK = re.compile(r"=|\{|\}|\$|\(\"|\('|\);|\)\.|::|</")  # one of them stands in all that is like code
_OPENING = "\"'“”„«「『‘`"
_CLOSING = "\"'“”»」』’`"
_COLON = regex.compile(r"\s?[:：︰՝៖]\s?|\s[-–—=]\s")

# What opens a clause of its own after a credit: a mark, or "and" in the commonest languages.
_NEW_CLAUSE = regex.compile(
    r"[,;.!—–():、，。；]| (?:and|und|et|y|e|и|i|та|og|och|en|ja|a|es|ve|va|dan|và|si|și|и|oraz|но|but|mais|pero|aber) "
)

_CLAUSE_MARK = regex.compile(r"[,;:.!—–()、，。；：（]")

COVER_WITH_SUBJECT = 0.72  # of the letters between subject, translation and machine
COVER_NOUN = 0.86
COVER_TITLED = 0.88  # of all letters of a sentence that opens with "page", "article"
COVER_ALONE = 0.8  # of all letters of a sentence without subject
COVER_EXCUSED = 0.5  # of the same, where it says that there may be errors
WHOLE = 0.85
LONGEST = 700  # code points a sentence with a credit may have
TRIES = 4  # words for translation in one sentence that are tried as its credit
LEAD_LETTERS = 48  # unknown letters a sentence may have before its credit


@dataclass(frozen=True)
class Reading:
    """What one sentence says: the claims of a credit, where its core stands in the view, and how sure that is."""

    method: str
    start: int
    end: int
    language: str
    confidence: float
    claims: dict[str, str] = field(default_factory=dict)
    covered: float = 0.0  # share of the sentence's letters that credit parts explain

    @property
    def whole(self) -> bool:
        """Nothing but credit stands in the sentence."""
        return self.covered > WHOLE


@dataclass(frozen=True)
class Place:
    """How the stretch a sentence is read from stands in the document."""

    first: bool = True  # the sentence opens its block
    alone: bool = True  # the block is short
    item: bool = False  # of a list
    heading: bool = False
    bracketed: bool = False  # the whole line stands in brackets or is emphasised
    edge: bool = True  # near the start or end of the document
    boxed: bool = False  # a quotation, note box or comment
    comment: bool = False  # of markup: a note of who made the page, names of files in it are no other subject
    rest: str = ""  # the sentences after it in a short block, folded


@lru_cache(maxsize=256)  # a sentence is asked for in turn as a label, as a sentence, and with its paragraph
def languages_of(text: str) -> tuple[str, ...]:
    """Return the languages one of whose stems stands in folded *text*, in a stable order."""
    stems, codes, spoken = _stems()
    return tuple([codes[n] for n in sorted({n for stem in stems.found(text) for n in spoken[stem]})])


@cache
def _stems() -> tuple[Literals, tuple[str, ...], dict[str, list[int]]]:
    """Return the stems of all languages, the languages, and of each stem the numbers of its languages."""
    codes = tuple(data()["languages"])
    spoken: dict[str, list[int]] = {}
    for n, code in enumerate(codes):
        for stem in data()["languages"][code]["stems"]:
            spoken.setdefault(stem, []).append(n)
    return Literals(tuple(spoken)), codes, spoken


def letters(text: str) -> int:
    """Return how many letters and digits *text* has; inline code counts as six."""
    return sum(map(str.isalnum, text)) + 6 * text.count(CODE)


def cover(text: str, start: int, end: int, found: Iterable[Part]) -> float:
    """Return the share of letters of text[start:end] that stand inside *found*; 1.0 where there are none."""
    total = letters(text[start:end])
    if not total:
        return 1.0
    inside = bytearray(end - start)
    for p in found:
        lo, hi = max(start, p.start) - start, min(end, p.end) - start
        if lo < hi:
            inside[lo:hi] = b"\1" * (hi - lo)
    known = sum((c.isalnum() + 6 * (c == CODE)) for c, seen in zip(text[start:end], inside, strict=True) if seen)
    return known / total


def explained(text: str, code: str, *, any_word: bool = False) -> float:
    """Return the share of folded *text* that credit words of language *code* explain.

    *any_word* counts small words too, but those no credit has.
    """
    found = parts(text, lexicon(code))
    return cover(text, 0, len(text), [p for p in found if p.classes & _NO_NAME or (any_word and p.classes != {"stop"})])


def refused(text: str, code: str) -> bool:
    """Tell whether *text* as written opens with a word that only folding makes look like "translated"."""
    words = data()["languages"][code]["raw_stop"]
    return (
        bool(words)
        and regex.match(rf"\W{{0,12}}(?:{'|'.join(map(regex.escape, words))})(?!\w)", text.lower()) is not None
    )


@lru_cache(maxsize=16)  # a sentence is asked for as part of its line, and of its paragraph
def read(text: str, place: Place) -> Reading | None:
    """Return what folded sentence *text* claims, in the language that explains it best, or None for no credit."""
    best: Reading | None = None
    for lex in readable(text):
        reading = _read_in(text, lex, place)
        if reading and (best is None or _worth(reading) > _worth(best)):
            best = reading
    return best


@lru_cache(maxsize=16)  # as `read`
def readable(text: str) -> tuple[Lexicon, ...]:
    """Return the lexicons in whose words folded sentence *text* may claim something, wherever it stands."""
    if len(text) > LONGEST or _PLACEHOLDER.search(text) or _is_code(text):
        return ()
    return tuple([lex for lex in map(lexicon, languages_of(text)) if _names_anybody(text, lex)])


def _names_anybody(text: str, lex: Lexicon) -> bool:
    """Tell whether a machine or somebody who may have translated is named in *text*, without which it is no credit."""
    found = parts(text, lex)
    return (
        any(p.classes & MACHINE for p in found)
        or bool(_agents(text, lex, found))
        or (lex.spaced and len(_repaired(text, lex)) > len(found))
    )


def _is_code(text: str) -> bool:
    return _CODE_MARK.search(text) is not None and _CODELIKE.search(text) is not None


def _worth(reading: Reading) -> tuple[float, float, int]:
    """Return how well a reading explains its sentence: languages look alike, the right one knows all its words."""
    return reading.confidence, round(reading.covered, 2), len(reading.claims)


def _read_in(text: str, lex: Lexicon, place: Place) -> Reading | None:
    found = parts(text, lex)
    machine = any(p.classes & MACHINE for p in found)
    reading = _machine(text, lex, found, place) or _adopted(text, lex, found) if machine else None
    reading = reading or _person(text, lex, found, place)
    if reading is None and lex.spaced:
        repaired = _repaired(text, lex)
        if len(repaired) > len(found):
            reading = _machine(text, lex, repaired, place)
    return reading


@lru_cache(maxsize=16)  # as `read`
def _repaired(text: str, lex: Lexicon) -> Sequence[Part]:
    """Return the parts of *text* and misspelt long words: at most one or two letters away from one of the lexicon.

    Where no word would name a machine, spelt right or not, there is nothing to repair.
    """
    found = parts(text, lex)
    starts = [p.start for p in found]
    words = [m.span() for m in _LONG_WORD.finditer(text)]
    free = [(a, b) for a, b in words if not ((n := bisect_left(starts, b)) and found[n - 1].end > a)]
    if not any(p.classes & MACHINE for p in found) and not any(
        _meant(text[a:b], lex.code, machine=True) for a, b in free if text[a] in lex.machines
    ):
        return found
    return sorted([*found, *(Part(a, b, classes) for a, b in free if (classes := _meant(text[a:b], lex.code)))])


@lru_cache(maxsize=8192)
def _meant(word: str, code: str, *, machine: bool = False) -> frozenset[str]:
    """Return the classes of the first word of lexicon *code* that *word* is a misspelling of; none if of no word.

    With *machine*, only words that name a machine are looked at.
    """
    lex = lexicon(code)
    allowed = 2 if len(word) >= 9 else 1
    letters_of_word = set(word)
    for known, classes in (lex.machines if machine else lex.words).get(word[0], {}).items():
        if (
            abs(len(known) - len(word)) <= allowed
            and len(letters_of_word.symmetric_difference(known)) <= 2 * allowed  # each change swaps one letter at most
            and _near(word, known, allowed)
        ):
            return classes
    return frozenset()


def _near(a: str, b: str, allowed: int) -> bool:
    """Tell whether *a* becomes *b* by at most *allowed* insertions, deletions, changes or swaps of letters."""
    same = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    a, b = a[same:], b[same:]
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (x != y))
            if before and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > allowed:
            return False
        before, last = last, row
    return last[-1] <= allowed


def _has(part: Part, *classes: str) -> bool:
    return not part.classes.isdisjoint(classes)


def _subject(text: str, found: Sequence[Part], lex: Lexicon) -> Part | None:
    """Return the stretch that names this very text: "this page", "本文", "ta strona"; None where there is none."""
    for i, part in enumerate(found):
        if _has(part, "self"):
            return part
        if not _has(part, "this"):
            continue
        opens = not letters(text[: part.start]) or all(_has(p, "note", "glue") for p in found[:i])
        for other in found[max(0, i - 2) : i + 6]:
            if other is part or not _has(other, "text", "noun"):
                continue
            lo, hi = min(part.end, other.end), max(part.start, other.start)
            gap = letters(text[lo:hi])
            if gap <= 14 or (opens and gap <= 40 and cover(text, lo, hi, found) >= 0.99):
                return Part(min(part.start, other.start), max(part.end, other.end), frozenset({"self"}))
    return None


@dataclass(frozen=True)
class _Core:
    """The parts a machine credit hangs on, as found in one sentence, and what follows from where they stand."""

    text: str
    lex: Lexicon
    found: Sequence[Part]
    place: Place
    translation: Part
    engine: Part | None
    auto: Part | None  # "automatically", "by AI"
    service: Part | None
    subject: Part | None
    start: int
    end: int

    @property
    def inside(self) -> list[Part]:
        """The parts between the first and the last of the core, and a small word that stands right before it."""
        near = [
            p
            for p in self.found
            if p.end <= self.start and p.classes & _LINKS and letters(self.text[p.end : self.start]) == 0
        ]
        return [*near[-1:], *(p for p in self.found if p.start >= self.start and p.end <= self.end)]

    @property
    def known(self) -> list[Part]:
        """All parts, the subject as one of them."""
        return [*self.found, *([self.subject] if self.subject else [])]

    @property
    def linked(self) -> bool:
        """A small word joins engine and translation: by, with, is."""
        return any(p.classes & _LINKS for p in self.inside)

    @property
    def noun(self) -> bool:
        """The translation is named as a thing; nothing says yet that it was made of this text."""
        t = self.translation
        if any(_has(p, "made") for p in self.found):
            return False
        return not (_has(t, "done") or (_has(t, "mt") and _participle(self.text, t, self.lex)))

    @property
    def lead(self) -> int:
        """Unexplained letters before the core."""
        before = [p for p in self.found if p.end <= self.start]
        return letters(self.text[: self.start]) - sum(letters(self.text[p.start : p.end]) for p in before)

    @property
    def covered(self) -> float:
        """Share of the sentence's letters explained; who reviewed or apologises may be named in any words."""
        aside = {"review", "errors", "not", "original"}
        free = [
            p.end
            for p in self.found
            if p.start >= self.end and p.classes & aside and _NEW_CLAUSE.search(self.text[self.end : p.start])
        ]
        return cover(self.text, 0, min(free, default=len(self.text)), self.known)

    @property
    def close(self) -> int:
        """Where the credit's own words end: what a new clause says of original, errors or review is free of rules."""
        for m in _NEW_CLAUSE.finditer(self.text, self.end):
            if any(p.start >= m.end() and p.classes & {"original", "errors", "review"} for p in self.found):
                return m.start()
        return len(self.text)

    @property
    def clause(self) -> float:
        """Share explained of what follows the core up to the next mark: a service or a topic is no credit."""
        m = regex.search(r"[,.;:!?()、。，；：—–·]|$", self.text[self.end :])
        return cover(self.text, self.end, self.end + (m.start() if m else 0), self.found)


def _machine(text: str, lex: Lexicon, found: Sequence[Part], place: Place) -> Reading | None:
    """Return the machine credit *found* makes up, or None."""
    subject = _subject(text, found, lex)
    best: Reading | None = None
    named = (t for t in found if t.classes & _TRANSLATION or _is_named_translation(text, t, lex, found, subject))
    for t in islice(named, TRIES):
        reading = _core(text, lex, found, place, t, subject)
        if reading and (best is None or _worth(reading) > _worth(best)):
            best = reading
    return best


def _is_named_translation(text: str, part: Part, lex: Lexicon, found: Sequence[Part], subject: Part | None) -> bool:
    """Tell whether an engine's own name says "translation": 本文由百度翻译提供, "was produced by Amazon Translate"."""
    if subject is None or not _has(part, "engine") or not any(s in text[part.start : part.end] for s in lex.stems):
        return False
    return not lex.spaced or any(_has(p, "made") and p.end <= part.start for p in found)


def _core(
    text: str, lex: Lexicon, found: Sequence[Part], place: Place, t: Part, subject: Part | None
) -> Reading | None:
    """Return the machine credit whose translation is *t*, or None."""
    engine = _nearest(t, (p for p in found if _has(p, "engine")), 90)
    auto = (
        t if _has(t, "mt") else _nearest(t, (p for p in found if p.classes & {"auto", "ai", "mt"} and p is not t), 70)
    )
    service = _nearest(t, (p for p in found if _has(p, "service")), 90)
    if subject is None and _has(t, "mt", "noun") and not _participle(text, t, lex):
        subject = _pointed(text, found, t)
    if subject is not None and letters(text[min(subject.end, t.end) : max(subject.start, t.start)]) > 120:
        subject = None
    machine = [p for p in (auto, engine) if p is not None] or (
        [service] if service is not None and (subject is not None or _titled(text, found, t.start)) else []
    )
    if not machine:
        return None
    ends = [t, *machine, *([subject] if subject else [])]
    core = _Core(
        text, lex, found, place, t, engine, auto, service, subject, min(p.start for p in ends), max(p.end for p in ends)
    )
    if _is_mention(core):
        return None
    plugin_only = engine is not None and auto is None and _kind(engine) == "plugin"
    if subject is not None:
        confidence = _with_subject(core)
    elif _titled(text, found, core.start):
        confidence = _with_title(core) if core.covered >= COVER_TITLED else 0.0
    else:
        confidence = 0.0 if plugin_only else _alone(core)
    if not confidence:
        return None
    claims = _claims(text, lex, found, engine, t)
    named = subject or _titled(text, found, core.start)
    if named and any(_has(p, "piece") and named.start <= p.start < named.end for p in found):
        claims["scope"] = "part"
    method = "translated" if plugin_only else "machine-postedited" if claims.get("post_edited") == "yes" else "machine"
    return Reading(method, core.start, core.end, lex.code, confidence, claims, core.covered)


def _is_mention(core: _Core) -> bool:
    """Tell whether the sentence denies, asks, conditions or quotes what it says."""
    text, engine, t = core.text, core.engine, core.translation
    # "from YAML", "into HTML": what was translated was no language.
    if any(a.classes & {"from", "into"} and b.classes == {"stop"} for a, b in pairwise(core.found)):
        return True
    if any("not" in p.classes and not p.classes & {"glue", "text"} for p in core.inside):
        return True
    if core.auto is not None and core.auto is not t and engine is None and _apart(core):
        return True
    if any(
        _has(p, "cond") for p in core.found if p.start >= core.end and not _CLAUSE_MARK.search(text, core.end, p.start)
    ):
        return True
    if (
        text.rstrip().endswith(("?", "？", "؟"))
        or _stopped(core.found, 0, core.end)
        or _quoted(text, core.start, core.end)
    ):
        return True
    return (
        engine is not None and engine is not t and core.auto is None and not (core.linked or _adjacent(text, engine, t))
    )


def _apart(core: _Core) -> bool:
    """Tell whether other words part "automatically" from "translated", so that it may speak of something else."""
    auto, t = core.auto, core.translation
    assert auto is not None
    if cover(core.text, min(auto.end, t.end), max(auto.start, t.start), core.known) >= 0.95:
        return False
    return not any(_has(p, "with", "by") and p.end <= auto.start and auto.start - p.end <= 14 for p in core.found)


def _strays(core: _Core) -> bool:
    """Tell whether unexplained words part subject and translation, and no auxiliary takes the subject up again."""
    subject, t = core.subject, core.translation
    assert subject is not None
    if subject.end > t.start:
        return False
    between = core.text[subject.end : t.start]
    inner = [p for p in core.found if subject.end <= p.start and p.end <= t.start]
    stray = letters(between) - sum(letters(core.text[p.start : p.end]) for p in inner)
    if stray <= 8 or " " in core.text[t.start : t.end]:
        return False
    last = inner[-1] if inner else None
    return last is None or "text" in last.classes or not last.classes & {"glue", "auto", "engine", "with"}


def _with_subject(core: _Core) -> float:
    """Return the confidence of a credit that names its text, 0.0 for none."""
    subject, t = core.subject, core.translation
    assert subject is not None
    inner = cover(core.text, core.start, core.end, core.known)
    if core.lead > LEAD_LETTERS or inner < (COVER_NOUN if core.noun else COVER_WITH_SUBJECT):
        return 0.0
    if core.engine is None and core.auto is None and not any(_has(p, "with") for p in core.inside):
        return 0.0
    if _strays(core) or _attributive(core):
        return 0.0
    if core.noun:
        if _stopped(core.found, core.end, core.close) or (core.lex.compounds and core.clause < 0.6):
            return 0.0
        if subject.start > t.start and (core.engine is None or core.engine.start < subject.end):
            return 0.96 if _predicated(core) else 0.0
        if not core.lex.spaced and not _closed(core):
            return 0.0
        if not (core.linked or (not core.lead and _copula(core.text, subject, t, core.found))):
            return 0.0
    return 0.99 if inner > 0.9 else 0.96


def _predicated(core: _Core) -> bool:
    """Tell whether "the translation of this text" goes on with "is automatic"."""
    auto, subject = core.auto, core.subject
    if auto is None or subject is None or auto is core.translation or auto.start < subject.end or core.lead:
        return False
    between = [p for p in core.found if p.start >= subject.end and p.end <= auto.start]
    small = bool(between) and all(p.classes & {"glue", "link"} for p in between)
    return small and cover(core.text, subject.end, auto.start, between) >= 0.99


def _attributive(core: _Core) -> bool:
    """Tell whether "translated" belongs to another thing than the text: "machine translated subtitles of this page"."""
    t, subject = core.translation, core.subject
    assert subject is not None
    after = next((p for p in core.found if p.start >= t.end), None)
    return (
        core.lex.compounds
        and after is not None
        and _has(after, "text")
        and after.end <= subject.start
        and not letters(core.text[t.end : after.start])
    )


def _closed(core: _Core, more: tuple[str, ...] = ("text", "original")) -> bool:
    """Tell whether a noun in unspaced writing ends its clause, or a verb that says "made" or "is" follows it."""
    rest = core.text[core.end :].lstrip()
    if not rest or not rest[0].isalnum() or letters(rest) == 1:
        return True
    after = next((p for p in core.found if p.start >= core.end), None)
    if after is None or letters(core.text[core.end : after.start]):
        return False
    return bool(after.classes & {"link", "done", "with", "by", "from", *more})


def _backed(core: _Core) -> bool:
    """Tell whether what follows in a short block speaks of the original, of errors or of review, as notices do."""
    if not core.place.rest or len(core.place.rest) > 400:
        return False
    after = parts(core.place.rest, core.lex)
    return any(p.classes & {"original", "errors", "review"} for p in after) and not _stopped(after, 0, 40)


def _with_title(core: _Core) -> float:
    """Return the confidence of a credit that opens with a plain word for its text, 0.0 for none."""
    titled = _titled(core.text, core.found, core.start)
    assert titled is not None
    if not core.place.first or core.place.heading or _stopped(core.found, core.end, core.close):
        return 0.0
    if core.place.item and not core.place.bracketed:
        return 0.0
    if core.noun and not (core.linked or _copula(core.text, titled, core.translation, core.found)):
        return 0.0
    return 0.95


def _alone(core: _Core) -> float:
    """Return the confidence of a credit without a subject, 0.0 for none: it must be a credit and no more."""
    text, found, place, t = core.text, core.found, core.place, core.translation
    if core.lead or not place.first or not place.alone or _stopped(found, core.end, core.close):
        return 0.0
    if (place.item and not place.bracketed) or any(_has(p, "this") and p.start < t.start for p in found):
        return 0.0
    excused = any(_has(p, "errors") for p in found)
    filed = (
        place.comment and not core.noun and any(_has(p, "from", "with", "by") for p in found if p.start == core.end + 1)
    )
    if core.covered < (COVER_EXCUSED if excused else COVER_ALONE) and not filed:
        return 0.0
    more = excused or any(p.classes & {"review", "original"} for p in found) or _backed(core)
    stated = _languages(text, found, core.lex)[0] is not None
    if core.engine is not None:
        agent = any("by" in p.classes for p in core.inside) or stated or more
        if core.noun and not core.lex.spaced and not _closed(core, ()):
            return 0.0
        if core.noun and not (place.bracketed or (core.linked and agent)):
            return 0.0
        if place.heading and core.noun:
            return 0.0
    elif place.heading or not (filed or _enough(core, more, stated)):
        return 0.0
    return 0.97 if core.covered > 0.95 else 0.93


def _enough(core: _Core, more: bool, stated: bool) -> bool:
    """Tell whether a bare "automatically translated" has something beside it that only a credit has."""
    auto = core.auto
    made = auto is not None and any(
        _has(p, "with", "by") and (p is auto or abs(p.end - auto.start) <= 14) for p in core.found
    )
    made = made or (
        core.lex.suffixes and auto is not None and auto is not core.translation and auto.start < core.translation.start
    )
    classes = frozenset().union(*(p.classes for p in core.found))
    textual = not core.lex.spaced and core.covered > 0.95 and bool(classes & _LINKS) and "text" in classes
    if core.noun:
        return (stated and (more or core.place.first)) or (more and core.covered > 0.9) or textual
    # "Auto-translated." in brackets or emphasis is a remark on its text; without them it may be a label in a list.
    remark = core.place.bracketed and core.covered > 0.95
    return stated or more or made or textual or remark


def _pointed(text: str, found: Sequence[Part], t: Part) -> Part | None:
    """Return the "this" of "this is a machine translation": it opens the sentence and only small words follow it."""
    for i, p in enumerate(found):
        if _has(p, "this") and p.start < t.start:
            between = found[i + 1 : found.index(t)]
            small = all(q.classes & {"glue", "link"} for q in between) and cover(text, p.end, t.start, between) >= 0.99
            if small and all(q.classes & {"glue", "note"} for q in found[:i]):
                return p
    return None


def _titled(text: str, found: Sequence[Part], lo: int) -> Part | None:
    """Return the plain word for a text that opens the sentence: "Page translated by …", "Die Seite wurde …"."""
    for p in found:
        if _has(p, "text") and not _has(p, "done") and (p.start <= lo or letters(text[lo : p.start]) <= 6):
            return p
        if not p.classes & {"glue", "note"} or p.start > lo:
            return None
    return None


def _adopted(text: str, lex: Lexicon, found: Sequence[Part]) -> Reading | None:
    """Return the credit of a line that only says which translation engine the text proudly uses."""
    engine = next((p for p in found if _has(p, "engine")), None)
    opens = not lex.spaced and bool(found) and _has(found[0], "by") and found[-1] is engine and len(found) == 2
    if (
        engine is None
        or not (opens or any(_has(p, "adopts") for p in found))
        or cover(text, 0, len(text), found) < 0.95
    ):
        return None
    if not any(s in text[engine.start : engine.end] for s in lex.stems):
        return None
    claims = {"engine": engine.value, "engine_text": text[engine.start : engine.end]}
    return Reading("machine", 0, len(text), lex.code, 0.93, claims, 1.0)


def _participle(text: str, t: Part, lex: Lexicon) -> bool:
    """Tell whether a fused word holds a word for "translated": it says what was done, not what the thing is."""
    word = text[t.start : t.end]
    said = max((len(d) for d in lex.done if d in word), default=0)
    return said > max((len(n) for n in lex.nouns if n in word), default=0)


def _copula(text: str, subject: Part, t: Part, found: Sequence[Part]) -> bool:
    """Tell whether only small words stand between *subject* and noun *t*: "this is a machine translation"."""
    lo, hi = min(subject.end, t.end), max(subject.start, t.start)
    between = [p for p in found if p.start >= lo and p.end <= hi]
    if not letters(text[lo:hi]):
        return True
    return (
        bool(between)
        and all(
            p.classes & {"glue", "link", "note", "name", "from", "from_after", "into", "into_after"} for p in between
        )
        and cover(text, lo, hi, between) >= 0.99
    )


def _nearest(t: Part, candidates: Iterable[Part], reach: int) -> Part | None:
    best = None
    for p in candidates:
        gap = max(p.start - t.end, t.start - p.end)
        if gap <= reach and (best is None or gap < best[0]):
            best = (gap, p)
    return best[1] if best else None


def _adjacent(text: str, a: Part, b: Part) -> bool:
    return letters(text[min(a.end, b.end) : max(a.start, b.start)]) <= 3


def _kind(engine: Part) -> str:
    return next((e["kind"] for e in data()["engines"].values() if e["id"] == engine.value), "engine")


def _stopped(found: Sequence[Part], lo: int, hi: int) -> bool:
    """Tell whether a word stands in [lo, hi) that no credit has: "if", "can be", "plugin"."""
    return any(
        p.classes == {"stop"} or ("stop" in p.classes and not p.classes & {"text", "glue"})
        for p in found
        if lo <= p.start < hi
    )


def _quoted(text: str, lo: int, hi: int) -> bool:
    """Tell whether the credit is quoted inside a longer sentence."""
    before, after = text[:lo].rstrip(), text[hi:].lstrip()
    if not before or before[-1] not in _OPENING:
        return False
    closed = regex.search(f"[{regex.escape(_CLOSING)}]", after)
    return closed is not None and (letters(before) > 0 or letters(after[closed.end() :]) > 0)


def _languages(text: str, found: Sequence[Part], lex: Lexicon) -> tuple[str | None, str | None]:
    """Return (source, target) as the sentence names them."""
    source = target = None
    for i, part in enumerate(found):
        if not _has(part, "name"):
            continue
        word = text[part.start : part.end]
        before = found[i - 1] if i and letters(text[found[i - 1].end : part.start]) == 0 else None
        after = found[i + 1] if i + 1 < len(found) and letters(text[part.end : found[i + 1].start]) <= 1 else None
        language = data()["languages"][lex.code]["lexicon"]
        ends_from = any("from_after" in c and word.endswith(p) and len(word) > len(p) for p, c in language.items())
        ends_into = any("into_after" in c and word.endswith(p) and len(word) > len(p) for p, c in language.items())
        prior = [p for p in found[max(0, i - 3) : i] if part.start - p.end <= 16]
        attached = word[0] if lex.prefixes and len(word) > 1 else ""
        if (
            (
                attached
                and "from" in language.get(attached, ())
                and not text[: part.start].endswith(tuple("אבגדהוזחטיכלמנסעפצקרשת"))
            )
            or (i > 1 and before is not None and _has(found[i - 2], "original") and before.classes & {"into", "glue"})
            or (before is not None and _has(before, "from"))
        ):
            source = source or part.value
        elif before is not None and _has(before, "into") and not _has(before, "from"):
            target = target or part.value
        elif (after is not None and _has(after, "from_after")) or (lex.spaced and ends_from):
            source = source or part.value
        elif (after is not None and _has(after, "into_after")) or (lex.spaced and ends_into):
            target = target or part.value
        elif any(_has(p, "original") for p in ([before] if before else []) + ([after] if after else [])) or any(
            _has(p, "from") for p in prior
        ):
            source = source or part.value
        elif any(_has(p, "into") for p in prior):
            target = target or part.value
    if source == target:
        target = None
    return source, target


def _claims(text: str, lex: Lexicon, found: Sequence[Part], engine: Part | None, t: Part) -> dict[str, str]:
    claims: dict[str, str] = {}
    if engine is not None:
        claims["engine"] = engine.value
        claims["engine_text"] = text[engine.start : engine.end]
        if _kind(engine) == "llm" and engine.value != "co-op-translator":
            claims["model"] = claims["engine_text"]
    elif any(_has(p, "ai") for p in found) or _says_ai(text[t.start : t.end], lex):
        claims["engine"] = "ai"
    source, target = _languages(text, found, lex)
    if source:
        claims["source"], claims["source_basis"] = source, "stated"
    if target:
        claims["target"] = target
    version = _version(text, found, t)
    if version and version != lex.code:
        claims["target"], claims["scope"] = version, "other-version"
    edited = post_edited(text, found)
    if edited:
        claims["post_edited"] = edited
    return claims


def _says_ai(word: str, lex: Lexicon) -> bool:
    """Tell whether a fused word like "AI translation" holds a word for artificial intelligence."""
    return any(regex.search(rf"(?<![a-z]){regex.escape(a)}(?![a-z])", word) for a in lex.ai)


def _version(text: str, found: Sequence[Part], t: Part) -> str | None:
    """Return the language of "the Spanish version" where that is what was translated."""
    for part, after in pairwise(found):
        if (
            _has(part, "name")
            and _has(after, "text")
            and after.end <= t.start
            and letters(text[part.end : after.start]) == 0
        ):
            return part.value
    return None


def post_edited(text: str, found: Sequence[Part]) -> str:
    """Return "yes" or "no" where the sentence says whether people went over the translation, else ""."""
    reviews = [p for p in found if _has(p, "review")]
    if not reviews:
        return (
            "no"
            if any(_has(p, "not") for p in found)
            and any(text[p.start : p.end] in ("unedited", "unreviewed") for p in found)
            else ""
        )
    denied = any(_has(p, "not") and abs(p.start - r.start) <= 60 for p in found for r in reviews)
    return "no" if denied else "yes"


def _person(text: str, lex: Lexicon, found: Sequence[Part], place: Place) -> Reading | None:
    """Return the human credit a sentence makes up: translated, by, and a name nothing else explains."""
    agents = _agents(text, lex, found)
    if not agents:
        return None
    t = next(p for p in found if _translates(p))
    subject = _subject(text, found, lex)
    if subject is None and any(_has(p, "this") for p in found):
        return None
    found = _with_asides(text, found)
    for by in agents:
        people = next((p for p in found if _has(p, "human") and 0 <= p.start - by.end <= 12), None)
        alone = subject is not None and cover(text, 0, len(text), [*found, subject]) >= WHOLE
        if people is not None and alone and not _stopped(found, 0, len(text)):
            return Reading("human", by.end, people.end, lex.code, 0.93, {}, 1.0)
        for start, end in _runs(text, found, by):
            rest = [*found, Part(start, end, frozenset({"name"})), *([subject] if subject else [])]
            if cover(text, 0, len(text), rest) < 0.85 or _stopped(found, 0, len(text)):
                continue
            if subject is None and (letters(text[: t.start]) > 30 or not place.first):
                continue
            if abs(t.start - by.start) > 90:
                continue
            source, target = _languages(text, found, lex)
            claims = {"source": source, "source_basis": "stated"} if source else {}
            if target:
                claims["target"] = target
            return Reading("human?", start, end, lex.code, 0.95, claims, 1.0)
    return None


def _agents(text: str, lex: Lexicon, found: Sequence[Part]) -> list[Part]:
    """Return the words beside which a translator is named: "by", or a word for a person; none in a machine's credit."""
    if not any(map(_translates, found)) or any(_has(p, "engine", "mt", "auto", "ai") for p in found):
        return []
    return [p for p in found if _has(p, "by")] or [p for p in found if _has(p, "person") and _has_by(text, p, lex)]


def _translates(part: Part) -> bool:
    return _has(part, "done") or (_has(part, "noun", "person") and not _has(part, "mt"))


def _with_asides(text: str, found: Sequence[Part]) -> list[Part]:
    """Return *found* with brackets that stand right after a language's name: "from English (United States) by"."""
    asides = [m.span() for p in found if _has(p, "name") and (m := _ASIDE.match(text, p.end))]
    return sorted([*found, *(Part(a, b, frozenset({"glue"})) for a, b in asides)])


def _has_by(text: str, part: Part, lex: Lexicon) -> bool:
    last = text[part.start : part.end].split()[-1:]
    by = data()["languages"][lex.code]["lexicon"].get(last[0] if last else "", ())
    return "by" in by or "done" in part.classes


def _runs(text: str, found: Sequence[Part], by: Part) -> Iterable[tuple[int, int]]:
    """Yield the unexplained stretches that stand next to *by*: where an agent's name must be."""
    after = next(
        (p.start for p in found if p.start >= by.end and not _has(p, "glue", "person", "noun", "text")), len(text)
    )
    if letters(text[by.end : after]) >= 2:
        yield by.end, after
    before = max((p.end for p in found if p.end <= by.start), default=0)
    if letters(text[before : by.start]) >= 2:
        yield before, by.start


@dataclass(frozen=True)
class Label:
    """A labelled credit, "Translator: NAME": where the name stands in the view, and the label's language."""

    start: int
    name_start: int
    name_end: int
    language: str
    weak: bool  # the label is the plain noun "translation"
    colon: bool
    source: str | None
    target: str | None


def label(text: str) -> Label | None:
    """Return the labelled credit the folded segment *text* opens with, or None."""
    best: Label | None = None
    for code in languages_of(text):
        lex = lexicon(code)
        found = _label_in(text, lex)
        if found and (best is None or found.name_start - found.start > best.name_start - best.start):
            best = found
    return best


def _label_in(text: str, lex: Lexicon) -> Label | None:
    start = next((i for i, c in enumerate(text) if c.isalnum()), None)
    if start is None or start > 6:
        return None
    end, weak, person = _label_end(text, lex, start)
    if not person:
        return None
    colon = _COLON.match(text, end)
    if colon is None and text[end : end + 1] not in (" ", "@"):
        return None
    name_start = colon.end() if colon else end + (text[end : end + 1] == " ")
    if name_start >= len(text):
        return None
    found = parts(text[:end], lex)
    source, target = _languages(text[:end], found, lex)
    by = text[:end].endswith(".") or any(_has(p, "by", "signs") or _has_by(text, p, lex) for p in found[-1:])
    if colon is None and lex.spaced and not (by or source or any(_has(p, "done") for p in found)):
        return None
    return Label(start, name_start, len(text), lex.code, weak and not by, colon is not None, source, target)


def _label_end(text: str, lex: Lexicon, start: int) -> tuple[int, bool, bool]:
    """Return (end, weak, is a label) of the run of label words that opens *text*."""
    end, weak, person = start, True, False
    seen: set[str] = set()
    head = text[start : start + 120]
    for p in parts(head, lex):
        at = start + p.start
        gap = text[end:at]
        if letters(gap) or any(c in ":：" for c in gap) or len(gap) > 3:
            break
        if p.start == 0 and not p.classes & {"person", "from", "done", "noun", "self"}:
            break
        if _has(p, "person"):
            person = True
            weak = weak and (
                _has(p, "noun") or head[p.start : p.end] in ("translation", "翻译", "翻譯", "译", "譯", "訳")
            )
        elif not (
            p.classes
            & {
                "name",
                "from",
                "into",
                "by",
                "done",
                "noun",
                "glue",
                "from_after",
                "into_after",
                "self",
                "text",
                "with",
                "this",
                "review",
            }
        ):
            break
        end = start + p.end
        seen |= p.classes & {"from", "name", "done", "noun"}
        if _has(p, "by") and (seen >= {"from", "name"} or "done" in seen):
            person, weak = True, False
    return end, weak, person


_ASIDE = regex.compile(r"\s?\([^()]{2,30}\)")
_SIGNED = regex.compile(r"(?P<name>[^()（）/:：,，。]{2,30}?)\s?[\s/(（](?P<sign>[^\s()（）]{1,12})[)）]?\s?$")


def signature(text: str) -> tuple[int, int, str] | None:
    """Return (start, end, language) of the name in a short folded line that ends as translators sign: "鈴木太郎 訳"."""
    m = _SIGNED.match(text) if len(text) <= 40 else None
    if m is None:
        return None
    for code in languages_of(text):
        lex = lexicon(code)
        signs = data()["languages"][code]["lexicon"].get(m["sign"], ())
        if "signs" not in signs or letters(m["name"]) < (3 if lex.suffixes else 2):
            continue
        if explained(m["name"], code) < 0.5:
            return *m.span("name"), code
    return None


def name_of(raw: str) -> str:
    """Return the name in *raw*, as written, or "" where it is no name of a person or group."""
    name = strip_name(raw)
    return name if is_name(name) else ""


__all__ = [
    "CODE",
    "URL",
    "Label",
    "Place",
    "Reading",
    "explained",
    "label",
    "letters",
    "name_of",
    "read",
    "readable",
    "refused",
    "signature",
]
