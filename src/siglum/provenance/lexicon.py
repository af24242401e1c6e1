"""The lexicon: compiled credit parts as patterns, made per language when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

import regex

from siglum.packs.literals import Literals
from siglum.packs.store import section as compiled

TIMEOUT_S = 2.0
SHORT = 1000  # code points, in which a pattern whose repeats are all bounded takes milliseconds whatever stands there
_NAME = frozenset({"name"})

# What may follow a language model's name: a number, and what its makers call their sizes.
_MODEL_VERSION = (
    r"(?:[\s-]?v?\d(?:[a-z0-9.\-]{0,11}[a-z0-9])?)?"
    r"(?:[\s-](?:sonnet|opus|haiku|turbo|pro|flash|plus|mini|nano|large|medium|instruct|thinking|preview|r1|v3)){0,3}"
)


class Part(NamedTuple):
    """One part of a credit found in a view."""

    start: int
    end: int
    classes: frozenset[str]
    value: str = ""  # of an engine: its id; of a language name: its tag


@dataclass(frozen=True)
class Engine:
    """What a name of an engine stands for."""

    id: str
    kind: str  # "engine", "llm", "plugin"
    sure: bool
    model: bool


_WORD = regex.compile(r"(?<!\w)\w+")


class Phrase(NamedTuple):
    """One phrase that is looked for."""

    words: tuple[str, ...]  # all of which must occur
    pattern: Callable[[], str]  # made when needed: of thousands of phrases a corpus meets few
    plain: bool = False  # whether it is one word, written just so


class Phrases:
    """Many phrases looked for at once, as one alternation would find them: the leftmost, then the first listed.

    A text holds few of them. Plain words are looked up among its words; each other phrase has a literal that must
    occur, and its pattern is made when that first does. One alternation of all costs a tenth of a second to make and
    reads twenty times slower.
    """

    def __init__(self, rows: Sequence[Phrase]) -> None:
        self._rows = rows
        self._made: dict[int, regex.Pattern[str]] = {}
        self._words: dict[str, list[int]] = {}
        self._by_literal: dict[str, list[int]] = {}
        for n, phrase in enumerate(rows):
            home = self._words if phrase.plain else self._by_literal
            home.setdefault(max(phrase.words, key=len), []).append(n)
        self._literals = Literals(tuple(self._by_literal))

    def matches(self, text: str, lo: int, hi: int) -> list[tuple[int, int, int]]:
        """Return (start, number of the phrase, end) of every match in text[lo:hi], in order; they may overlap."""
        found: list[tuple[int, int, int]] = []
        timeout = TIMEOUT_S if hi - lo > SHORT else None
        part = text[lo:hi]
        for literal in self._literals.found(part):
            for n in self._by_literal[literal]:
                if not all(word in part for word in self._rows[n].words):
                    continue
                pattern = self._made.get(n) or self._make(n)
                for m in pattern.finditer(text, lo, hi, timeout=timeout):
                    start, end = m.span()
                    found.append((start, n, end))
        for m in _WORD.finditer(text, lo, hi) if self._words else ():
            for n in self._words.get(m[0], ()):
                start, end = m.span()
                found.append((start, n, end))
        found.sort()
        return found

    def _make(self, n: int) -> regex.Pattern[str]:
        self._made[n] = regex.compile(self._rows[n].pattern())
        return self._made[n]


@dataclass(frozen=True)
class Lexicon:
    """The parts of credits in one language."""

    code: str
    spaced: bool
    suffixes: bool  # particles are written on to a word
    compounds: bool  # a noun may go before another: "translation service"
    prefixes: str  # letters that are written on to a word: "from", "to"
    done: tuple[str, ...]  # words for "translated", without endings
    nouns: tuple[str, ...]  # words for "translation"
    ai: tuple[str, ...]  # words for artificial intelligence
    stems: tuple[str, ...]
    phrases: Phrases
    classes: tuple[frozenset[str], ...]  # of the phrases
    names: Phrases
    name_codes: tuple[str, ...]
    words: dict[str, dict[str, frozenset[str]]]  # long single words by their first letter, for misspelt ones


@cache
def data() -> dict[str, Any]:
    """Return the compiled section "credits"."""
    section: dict[str, Any] = compiled("credits")
    return section


@cache
def lexicon(code: str) -> Lexicon:
    """Return the lexicon of language *code*. Raises KeyError where there is none."""
    language = data()["languages"][code]
    spaced = language["spaced"]
    suffix = r"[\w]{0,3}" if language["suffixes"] else ""
    prefix = f"[{language['prefixes']}]{{0,2}}" if language["prefixes"] else ""
    # At one length the written-out phrase comes before the one with an open ending: it knows more classes.
    phrases = sorted(
        language["lexicon"].items(), key=lambda item: (-len(item[0].rstrip("*")), item[0].endswith("*"), item[0])
    )
    bare = spaced and not prefix and not suffix
    words = [
        Phrase(_literals(p), partial(_phrase, p, spaced, prefix, suffix), plain=bare and _is_word(p))
        for p, _ in phrases
    ]
    classes = [frozenset(names) for _, names in phrases]
    names = sorted(language["names"].items(), key=lambda item: (-len(item[0]), item[0]))
    tail = r"\w{0,7}" if spaced else ""
    head = r"(?<!\w)" + prefix if spaced else ""
    return Lexicon(
        code,
        spaced,
        language["suffixes"],
        language["compounds"],
        language["prefixes"],
        tuple(p.rstrip("*") for p, c in phrases if "done" in c and len(p) >= 5),
        tuple(p.rstrip("*") for p, c in phrases if "noun" in c),
        tuple(p.rstrip("*") for p, c in phrases if "ai" in c),
        tuple(language["stems"]),
        Phrases(words),
        tuple(classes),
        Phrases([Phrase((n,), partial(_name, n, head, tail)) for n, _ in names]),
        tuple(c for _, c in names),
        _by_first({p.rstrip("*"): frozenset(c) for p, c in phrases if " " not in p and len(p) >= 7 and spaced}),
    )


def _by_first(words: dict[str, frozenset[str]]) -> dict[str, dict[str, frozenset[str]]]:
    out: dict[str, dict[str, frozenset[str]]] = {}
    for word, classes in words.items():
        out.setdefault(word[0], {})[word] = classes
    return out


def _is_word(phrase: str) -> bool:
    return phrase[0].isalnum() and phrase[-1].isalnum() and _WORD.fullmatch(phrase) is not None


def _literals(phrase: str) -> tuple[str, ...]:
    """Return the words of a *phrase*: a text without one of them does not hold the phrase."""
    return tuple([w.rstrip("*") for w in phrase.split(" ")])


def _phrase(phrase: str, spaced: bool, prefix: str, suffix: str) -> str:
    if not spaced:
        body = r"\s?".join(regex.escape(w) for w in phrase.rstrip("*").split(" "))
        latin = phrase.isascii()
        return f"(?<![a-z0-9]){body}(?![a-z0-9])" if latin else body
    words = phrase.split(" ")
    body = r"\s".join(regex.escape(w.rstrip("*")) + (r"\w{0,12}" if w.endswith("*") else "") for w in words)
    head = r"(?<!\w)" + prefix if phrase[0].isalnum() else ""
    tail = suffix + r"(?!\w)" if phrase[-1].isalnum() else ""
    return f"{head}{body}{tail}"


def _name(name: str, head: str, tail: str) -> str:
    return f"{head}{regex.escape(name)}{tail}"


@cache
def engines() -> tuple[Phrases, tuple[Engine, ...]]:
    """Return all names of engines, and what each stands for."""
    known = sorted(data()["engines"].items(), key=lambda item: (-len(item[0]), item[0]))
    phrases = [Phrase(_literals(phrase), partial(_engine, phrase, model=e["model"])) for phrase, e in known]
    return Phrases(phrases), tuple([Engine(e["id"], e["kind"], e["sure"], e["model"]) for _, e in known])


def _engine(phrase: str, *, model: bool) -> str:
    body = r"[\s.-]?".join(map(regex.escape, _literals(phrase)))
    star = phrase.endswith("*")
    if phrase[0].isascii():
        tail = r"[a-z0-9.\-]{0,16}" if star else ""
        version = _MODEL_VERSION if model else ""
        path = r"(?:/[^\s)\]]{0,60})?" if "." in phrase else ""
        return f"(?<![a-z0-9]){body}{tail}{version}{path}(?![a-z0-9])"
    wide = ord(phrase[0]) > 0x2E80
    tail = r"\w{0,6}" if star and not wide else ""
    head = "" if wide else r"(?<!\w)"
    return f"{head}{body}{tail}"


@lru_cache(maxsize=256)  # asked once for each language a sentence may be in
def engine_parts(text: str) -> tuple[tuple[int, int, Engine], ...]:
    """Return every engine named in folded *text*: start, end, engine."""
    names, found = engines()
    out: list[tuple[int, int, Engine]] = []
    for start, n, end in names.matches(text, 0, len(text)):
        if not out or start >= out[-1][1]:
            out.append((start, end, found[n]))
    return tuple(out)


def parts(text: str, lex: Lexicon) -> list[Part]:
    """Return the credit parts of folded *text* in order, none overlapping another; engines go first."""
    taken = [Part(s, e, frozenset({"engine"}), en.id) for s, e, en in engine_parts(text)]
    free = _free(taken, len(text))
    for lo, hi in free:
        taken.extend(_words(text, lo, hi, lex))
    return sorted(taken)


def _words(text: str, lo: int, hi: int, lex: Lexicon) -> Iterator[Part]:
    """Yield the words of credits and names of languages in text[lo:hi], from left to right."""
    words = [(s, e, lex.classes[n], "") for s, n, e in lex.phrases.matches(text, lo, hi)]
    names = [(s, e, _NAME, lex.name_codes[n]) for s, n, e in lex.names.matches(text, lo, hi)]
    pos, w, n = lo, 0, 0
    while True:
        while w < len(words) and words[w][0] < pos:
            w += 1
        while n < len(names) and names[n][0] < pos:
            n += 1
        word, name = words[w] if w < len(words) else None, names[n] if n < len(names) else None
        if name is not None and (word is None or _names_win(name, word)):
            yield Part(*name)
            pos = name[1]
        elif word is not None:
            yield Part(*word)
            pos = word[1]
        else:
            return


_Found = tuple[int, int, frozenset[str], str]


def _names_win(name: _Found, word: _Found) -> bool:
    """Tell whether a language's name goes before a word of credits: the first, then the longer, small words last."""
    if name[0] != word[0]:
        return name[0] < word[0]
    return name[1] > word[1] or (name[1] == word[1] and word[2] <= {"glue", "into", "text"})


def _free(taken: list[Part], size: int) -> list[tuple[int, int]]:
    out = []
    pos = 0
    for part in sorted(taken):
        if part.start > pos:
            out.append((pos, part.start))
        pos = max(pos, part.end)
    if pos < size:
        out.append((pos, size))
    return out
