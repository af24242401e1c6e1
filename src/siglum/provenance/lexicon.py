"""The lexicon: compiled credit parts as patterns, made per language when first needed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple

import regex

from siglum.packs.literals import Literals
from siglum.packs.store import section as compiled

TIMEOUT_S = 2.0
MACHINE = frozenset({"mt", "auto", "ai", "service", "engine"})  # one of these classes has what names a machine
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
_WORD_BEGINS = r"(?<!\w)"
_LATIN_BEGINS, _LATIN_ENDS = "(?<![a-z0-9])", "(?![a-z0-9])"

_pattern = cache(regex.compile)  # few, which all phrases share


class Phrase(NamedTuple):
    """A phrase as it stands in a folded text: its words, and what is before, between and after them."""

    first: str
    before: regex.Pattern[str]  # looks back; the phrase begins with its first group, where it has one
    others: tuple[tuple[regex.Pattern[str], str], ...]  # what is before each other word, and the word
    after: regex.Pattern[str]

    def spans(self, text: str, lo: int, hi: int) -> Iterator[tuple[int, int]]:
        """Yield where the phrase stands in text[lo:hi], from left to right, none overlapping another."""
        at = text.find(self.first, lo, hi)
        while at >= 0:
            found = self._around(text, at, hi)
            if found and found[0] >= lo:
                yield found
                lo = found[1]
            at = text.find(self.first, max(lo, at + 1), hi)

    def _around(self, text: str, at: int, hi: int) -> tuple[int, int] | None:
        """Return where the phrase stands whose first word stands at *at*, None where it does not."""
        end = at + len(self.first)
        for before, word in self.others:
            gap = before.match(text, end, hi)
            if gap is None or not text.startswith(word, gap.end(), hi):
                return None
            end = gap.end() + len(word)
        begun = self.before.match(text, at, hi)
        ended = self.after.match(text, end, hi) if begun else None
        return (begun.start(self.before.groups), ended.end()) if begun and ended else None


class Phrases:
    """Many phrases looked for at once, as one alternation would find them: the leftmost, then the first listed.

    A text holds few of them. Plain words are looked up among its words; each other phrase has a literal that must
    occur, and is looked for where that does. One alternation of all costs a tenth of a second to make and reads twenty
    times slower.
    """

    def __init__(self, phrases: Iterable[str], made: Callable[[str], Phrase], literal: Callable[[str], str]) -> None:
        """*made* returns what is looked for, *literal* what stands in each text that holds it, "" for a plain word."""
        self._phrases = tuple(phrases)
        self._make = made
        self._made: dict[int, Phrase] = {}  # of thousands of phrases a corpus meets few
        self._words: dict[str, int] = {}
        self._by_literal: dict[str, list[int]] = {}
        for n, phrase in enumerate(self._phrases):
            if needed := literal(phrase):
                self._by_literal.setdefault(needed, []).append(n)
            else:
                self._words[phrase] = n
        self._literals = Literals(tuple(self._by_literal))

    def matches(self, text: str, lo: int, hi: int) -> list[tuple[int, int, int]]:
        """Return (start, number of the phrase, end) of every match in text[lo:hi], in order; they may overlap."""
        found = [
            (start, n, end)
            for literal in self._literals.found(text[lo:hi])
            for n in self._by_literal[literal]
            for start, end in self._phrase(n).spans(text, lo, hi)
        ]
        if self._words:
            words = _WORD.finditer(text, lo, hi)
            found += [(m.start(), n, m.end()) for m in words if (n := self._words.get(m[0], -1)) >= 0]
        found.sort()
        return found

    def _phrase(self, n: int) -> Phrase:
        phrase = self._made.get(n)
        if phrase is None:
            phrase = self._made[n] = self._make(self._phrases[n])
        return phrase


@dataclass(frozen=True, eq=False)
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
    machines: dict[str, dict[str, frozenset[str]]]  # those of them that name a machine


@cache
def data() -> dict[str, Any]:
    """Return the compiled section "credits"."""
    section: dict[str, Any] = compiled("credits")
    return section


@cache
def lexicon(code: str) -> Lexicon:
    """Return the lexicon of language *code*. Raises KeyError where there is none."""
    language = data()["languages"][code]
    spaced, prefixes = language["spaced"], language["prefixes"]
    suffix = r"\w{0,3}" if language["suffixes"] else ""
    before = _before(prefixes) if spaced else ""
    classes = {phrase: frozenset(names) for phrase, names in language["lexicon"].items()}
    phrase = partial(_spaced, before=before, suffix=suffix) if spaced else _unspaced
    literal = _first_word if not spaced else _written if prefixes or suffix else _written_unless_plain
    words = {p.rstrip("*"): c for p, c in classes.items() if " " not in p and len(p) >= 7 and spaced}
    return Lexicon(
        code,
        spaced,
        language["suffixes"],
        language["compounds"],
        prefixes,
        tuple([p.rstrip("*") for p, c in classes.items() if "done" in c and len(p) >= 5]),
        tuple([p.rstrip("*") for p, c in classes.items() if "noun" in c]),
        tuple([p.rstrip("*") for p, c in classes.items() if "ai" in c]),
        tuple(language["stems"]),
        Phrases(classes, phrase, literal),
        tuple(classes.values()),
        Phrases(language["names"], partial(_name, before=before, after=r"\w{0,7}" if spaced else ""), str),
        tuple(language["names"].values()),
        _by_first(words),
        _by_first({word: c for word, c in words.items() if c & MACHINE}),
    )


def _by_first(words: dict[str, frozenset[str]]) -> dict[str, dict[str, frozenset[str]]]:
    out: dict[str, dict[str, frozenset[str]]] = {}
    for word, classes in words.items():
        out.setdefault(word[0], {})[word] = classes
    return out


def _words_of(phrase: str) -> list[str]:
    """Return the words of a *phrase* without the signs of their open endings."""
    return [word.rstrip("*") for word in phrase.split(" ")]


def _first_word(phrase: str) -> str:
    return phrase.partition(" ")[0].rstrip("*")


def _written(phrase: str) -> str:
    """Return what a *phrase* whose words are parted by spaces begins with, up to its first open ending."""
    return phrase.partition("*")[0]


def _written_unless_plain(phrase: str) -> str:
    """Return "" for a word to which nothing is written on, as `_written` for all else."""
    plain = not ("*" in phrase or " " in phrase) and phrase[0].isalnum() and phrase[-1].isalnum()
    return "" if plain and _WORD.fullmatch(phrase) else _written(phrase)


def _before(prefixes: str) -> str:
    return rf"(?<={_WORD_BEGINS}([{prefixes}]{{0,2}}))" if prefixes else _WORD_BEGINS


def _phrase(words: Sequence[str], before: str, between: Sequence[str], after: str) -> Phrase:
    """Return the phrase of *words*; the others are patterns: *between* tells what parts each word from the next."""
    others = tuple(zip(map(_pattern, between), words[1:], strict=True))
    return Phrase(words[0], _pattern(before), others, _pattern(after))


def _spaced(phrase: str, *, before: str, suffix: str) -> Phrase:
    between = [r"\w{0,12}\s" if word.endswith("*") else r"\s" for word in phrase.split(" ")[:-1]]
    after = r"\w{0,12}" if phrase[-1] == "*" else suffix + r"(?!\w)" if phrase[-1].isalnum() else ""
    return _phrase(_words_of(phrase), before if phrase[0].isalnum() else "", between, after)


def _unspaced(phrase: str) -> Phrase:
    words = _words_of(phrase)
    before, after = (_LATIN_BEGINS, _LATIN_ENDS) if phrase.isascii() else ("", "")
    return _phrase(words, before, [r"\s?"] * (len(words) - 1), after)


def _name(name: str, *, before: str, after: str) -> Phrase:
    return _phrase([name], before, [], after)


@cache
def engines() -> tuple[Phrases, tuple[Engine, ...]]:
    """Return all names of engines, and what each stands for."""
    known = dict(sorted(data()["engines"].items(), key=lambda item: (-len(item[0]), item[0])))
    return (
        Phrases(known, lambda phrase: _engine(phrase, model=known[phrase]["model"]), _first_word),
        tuple([Engine(e["id"], e["kind"], e["sure"], e["model"]) for e in known.values()]),
    )


def _engine(phrase: str, *, model: bool) -> Phrase:
    words = _words_of(phrase)
    star = phrase.endswith("*")
    if phrase[0].isascii():
        tail = r"[a-z0-9.\-]{0,16}" if star else ""
        version = _MODEL_VERSION if model else ""
        path = r"(?:/[^\s)\]]{0,60})?" if "." in phrase else ""
        before, after = _LATIN_BEGINS, f"{tail}{version}{path}{_LATIN_ENDS}"
    else:
        wide = ord(phrase[0]) > 0x2E80
        before, after = "" if wide else _WORD_BEGINS, r"\w{0,6}" if star and not wide else ""
    return _phrase(words, before, [r"[\s.-]?"] * (len(words) - 1), after)


@lru_cache(maxsize=256)  # asked once for each language a sentence may be in
def engine_parts(text: str) -> tuple[tuple[int, int, Engine], ...]:
    """Return every engine named in folded *text*: start, end, engine."""
    names, found = engines()
    out: list[tuple[int, int, Engine]] = []
    for start, n, end in names.matches(text, 0, len(text)):
        if not out or start >= out[-1][1]:
            out.append((start, end, found[n]))
    return tuple(out)


@lru_cache(maxsize=64)  # a short line is asked for as a label, then as a sentence, and lines of a menu on many pages
def parts(text: str, lex: Lexicon) -> tuple[Part, ...]:
    """Return the credit parts of folded *text* in order, none overlapping another; engines go first."""
    taken = [Part(s, e, frozenset({"engine"}), en.id) for s, e, en in engine_parts(text)]
    free = _free(taken, len(text))
    for lo, hi in free:
        taken.extend(_words(text, lo, hi, lex))
    return tuple(sorted(taken))


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
