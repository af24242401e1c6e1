"""The lexicon: compiled credit parts as patterns, made per language when first needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import regex

from siglum.packs.store import section as compiled

TIMEOUT_S = 2.0

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
    pattern: regex.Pattern[str]
    classes: tuple[frozenset[str], ...]  # of the pattern's groups, from group 1
    names: regex.Pattern[str] | None
    name_codes: tuple[str, ...]
    words: dict[str, frozenset[str]]  # long single words, for misspelt ones


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
    groups = []
    classes = []
    for phrase, names in phrases:
        groups.append(f"({_phrase(phrase, spaced, prefix, suffix)})")
        classes.append(frozenset(names))
    names = sorted(language["names"].items(), key=lambda item: (-len(item[0]), item[0]))
    name_pattern = None
    if names:
        tail = r"\w{0,7}" if spaced else ""
        head = r"(?<!\w)" + (prefix or "") if spaced else ""
        name_pattern = regex.compile("|".join(f"({head}{regex.escape(n)}{tail})" for n, _ in names))
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
        regex.compile("|".join(groups)),
        tuple(classes),
        name_pattern,
        tuple(c for _, c in names),
        {p.rstrip("*"): frozenset(c) for p, c in phrases if " " not in p and len(p) >= 7 and spaced},
    )


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


@cache
def engines() -> tuple[regex.Pattern[str], tuple[Engine, ...]]:
    """Return the pattern of all engine names, one group each, and what each group stands for."""
    groups = []
    found = []
    for phrase, e in sorted(data()["engines"].items(), key=lambda item: (-len(item[0]), item[0])):
        words = phrase.rstrip("*").split(" ")
        body = r"[\s.-]?".join(regex.escape(w.rstrip("*")) for w in words)
        latin = phrase[0].isascii()
        wide = ord(phrase[0]) > 0x2E80
        star = phrase.endswith("*")
        if latin:
            tail = r"[a-z0-9.\-]{0,16}" if star else ""
            version = _MODEL_VERSION if e["model"] else ""
            path = r"(?:/[^\s)\]]{0,60})?" if "." in phrase else ""
            groups.append(f"((?<![a-z0-9]){body}{tail}{version}{path}(?![a-z0-9]))")
        else:
            tail = r"\w{0,6}" if star and not wide else ""
            head = "" if wide else r"(?<!\w)"
            groups.append(f"({head}{body}{tail})")
        found.append(Engine(e["id"], e["kind"], e["sure"], e["model"]))
    return regex.compile("|".join(groups)), tuple(found)


def engine_parts(text: str) -> list[tuple[int, int, Engine]]:
    """Return every engine named in folded *text*: start, end, engine."""
    pattern, found = engines()
    return [
        (m.start(), m.end(), found[m.lastindex - 1]) for m in pattern.finditer(text, timeout=TIMEOUT_S) if m.lastindex
    ]


def parts(text: str, lex: Lexicon) -> list[Part]:
    """Return the credit parts of folded *text* in order, none overlapping another; engines go first."""
    taken = [Part(s, e, frozenset({"engine"}), en.id) for s, e, en in engine_parts(text)]
    free = _free(taken, len(text))
    for lo, hi in free:
        taken.extend(_words(text, lo, hi, lex))
    return sorted(taken)


def _words(text: str, lo: int, hi: int, lex: Lexicon) -> Iterator[Part]:
    """Yield the words of credits and names of languages in text[lo:hi], from left to right."""
    pos = lo
    word = lex.pattern.search(text, pos, hi, timeout=TIMEOUT_S)
    name = lex.names.search(text, pos, hi, timeout=TIMEOUT_S) if lex.names else None
    while word is not None or name is not None:
        if name is not None and (word is None or _names_win(name, word, lex)):
            yield Part(name.start(), name.end(), frozenset({"name"}), lex.name_codes[(name.lastindex or 1) - 1])
            pos = max(name.end(), pos + 1)
        elif word is not None:
            yield Part(word.start(), word.end(), lex.classes[(word.lastindex or 1) - 1])
            pos = max(word.end(), pos + 1)
        # A match that was passed over is still the next one: only what was read or overlapped is looked for again.
        if word is not None and word.start() < pos:
            word = lex.pattern.search(text, pos, hi, timeout=TIMEOUT_S)
        if name is not None and name.start() < pos and lex.names is not None:
            name = lex.names.search(text, pos, hi, timeout=TIMEOUT_S)


def _names_win(n: regex.Match[str], m: regex.Match[str], lex: Lexicon) -> bool:
    """Tell whether a language's name goes before a word of credits: the first, then the longer, small words last."""
    if n.start() != m.start():
        return n.start() < m.start()
    return n.end() > m.end() or (n.end() == m.end() and lex.classes[(m.lastindex or 1) - 1] <= {"glue", "into", "text"})


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
