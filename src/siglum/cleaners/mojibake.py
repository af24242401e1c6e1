"""Mojibake: ftfy with an archive's settings, run only where it can change something, told as the smallest edits."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from operator import attrgetter
from sys import byteorder
from typing import TYPE_CHECKING, Any
from unicodedata import is_normalized

from siglum.cleaners.embedded import protected
from siglum.document import Document, Evidence, Finding
from siglum.native import twin
from siglum.span import Span

if TYPE_CHECKING:
    from ftfy import ExplanationStep, TextFixerConfig

_native = twin("scans")
BMP = 0x10000  # code points of the basic plane

#: The ftfy whose patterns and tables `_trigger` was reasoned about; a test holds the installed one against it.
FTFY = "6.3.1"


@cache
def archive() -> TextFixerConfig:
    """Return ftfy's settings for an archive: repair what a machine broke, leave what an author or editor chose.

    Kept: the repair of wrongly decoded text with its helpers (lost no-break spaces, lossy sequences, stretches of
    another encoding, C1 controls), joined surrogates, terminal escapes and control characters taken out.
    """
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False,  # character references are the markup cleaner's, which knows code from residue
        fix_latin_ligatures=False,  # a ligature may be the print's own spelling
        fix_character_width=False,  # full width is the norm in East Asian typography
        uncurl_quotes=False,  # curly quotes are the author's
        fix_line_breaks=False,  # line ends are the layout cleaner's
        normalization=None,  # the Unicode form is a choice of its own: siglum.cleaners.unicode_form
    )


@dataclass(frozen=True)
class Mojibake:
    """Finds what ftfy would repair, as one replacement for each smallest stretch that changes.

    Spans that `siglum.cleaners.embedded.protected` names are left as they are, and what stands between them is
    repaired stretch by stretch; without them the edited text is exactly what ftfy returns.
    """

    name: str = "mojibake"

    @cached_property
    def version(self) -> str:
        """The version of ftfy, which decides what is repaired."""
        from ftfy import __version__

        return f"ftfy {__version__}"

    def __call__(self, doc: Document) -> Iterable[Finding]:
        """Return the repairs in order; none for text that ftfy would give back unchanged."""
        kept: list[Span] | None = None
        for line in _suspects(doc.text, archive()):
            kept = protected(doc.text) if kept is None else kept
            for stretch in _without(line, kept):
                before = stretch.of(doc.text)
                for start, end, new, why in (_repairs_again if len(before) <= _SHORT else _repairs)(before):
                    yield Finding(Span(stretch.start + start, stretch.start + end), why, new)


_SHORT = 200  # code points of a stretch whose repairs are kept: what is broken in furniture is so on all of its pages


def _repairs(before: str) -> tuple[tuple[int, int, str, Evidence], ...]:
    """Return the stretches of *before* that ftfy would change, what it puts in their place, and why."""
    from ftfy import fix_and_explain
    from ftfy.chardata import CONTROL_CHARS

    after, steps = fix_and_explain(before, archive())
    if after == before:
        return ()
    repaired = Evidence("mojibake/encoding", "mojibake", 0.99, why=_told(steps or ()))
    removed = repaired._replace(rule="mojibake/control")
    return tuple(
        [
            (start, end, new, removed if not new and ord(before[start]) in CONTROL_CHARS else repaired)
            for start, end, new in _differences(before, after)
        ]
    )


_repairs_again = lru_cache(maxsize=1024)(_repairs)


def guarded(text: str, config: TextFixerConfig | None = None) -> str:
    """Return exactly `ftfy.fix_text(text, config)`, much faster where there is little to fix; *config* as in ftfy.

    >>> guarded("plain text, cafÃ©")
    'plain text, café'
    """
    from ftfy import TextFixerConfig, fix_and_explain

    config = config or TextFixerConfig(explain=False)
    if config.unescape_html == "auto" and "<" in text:
        # ftfy stops to unescape for good at the first segment with a "<": two halves with settings of their own.
        cut = _segment(text, text.index("<"), config.max_decode_length).start
        head, tail = config._replace(unescape_html=True), config._replace(unescape_html=False)
        return guarded(text[:cut], head) + guarded(text[cut:], tail)
    out: list[str] = []
    done = 0
    for segment in _suspects(text, config):
        out += text[done : segment.start], fix_and_explain(segment.of(text), config).text
        done = segment.end
    return "".join(out) + text[done:] if out else text


def _suspects(text: str, config: TextFixerConfig) -> Iterator[Span]:
    """Yield, in order, ftfy's segments of *text* that it might change; all others it provably would not."""
    form = config.normalization
    at = 0
    if form and not is_normalized(form, text):
        while at < len(text):
            segment = _segment(text, at, config.max_decode_length)
            if not is_normalized(form, segment.of(text)) or _first(config, text, *segment) >= 0:
                yield segment
            at = segment.end
        return
    while (hit := _first(config, text, at, len(text))) >= 0:
        segment = _segment(text, hit, config.max_decode_length)
        yield segment
        at = segment.end


def _segment(text: str, at: int, longest: int) -> Span:
    """Return the segment that holds the code point *at*: its line, or the cut of *longest* of an overlong one."""
    first = text.rfind("\n", 0, at) + 1
    first += (at - first) // longest * longest
    end = text.find("\n", at, first + longest) + 1
    return Span(first, end or min(len(text), first + longest))


def _without(line: Span, kept: Sequence[Span]) -> Iterator[Span]:
    """Yield the stretches of *line* between the spans *kept*, which are in order and disjoint."""
    at = line.start
    for place in range(bisect_left(kept, line.start, key=attrgetter("end")), len(kept)):
        span = kept[place]
        if span.start >= line.end:
            break
        if at < span.start:
            yield Span(at, span.start)
        at = max(at, span.end)
    if at < line.end:
        yield Span(at, line.end)


#: Characters a repair leaves standing as a rule, so that two texts can be laid side by side at them.
_STEADY = re.compile(r"[\t\n\r -~]")
#: How far such a character is looked for, how far any place to meet again, and how much has to agree there, all in
#: code points: bounds that keep hostile lines linear.
_FAR, _REACH, _AGREE = 4096, 24, 3


def _differences(before: str, after: str) -> Iterator[tuple[int, int, str]]:
    """Yield (start, end, new) for the stretches of *before* that differ, in order; replacing them gives *after*.

    Repairs are local, so the sides are walked side by side: after a difference they meet again at the next ASCII
    character if it is the same on both, else at the nearest place within reach where three agree, else at the end.
    Linear in the length of the text; how small the stretches are is not proved, that they give *after* is.
    """
    i, j = 0, 0
    while True:
        same = _common(before, i, after, j)
        i, j = i + same, j + same
        if i == len(before) and j == len(after):
            return
        x, y = _meeting(before, i, after, j)
        tail = _common(before[i:x][::-1], 0, after[j:y][::-1], 0)
        yield i, x - tail, after[j : y - tail]
        i, j = x, y


def _common(one: str, i: int, two: str, j: int) -> int:
    """Return how many code points agree from *i* in *one* and *j* in *two* on."""
    width = 64
    done = 0
    while one[i + done : i + done + width] == two[j + done : j + done + width] and i + done < len(one):
        done += width
    for a, b in zip(one[i + done : i + done + width], two[j + done : j + done + width], strict=False):
        if a != b:
            return done
        done += 1
    return min(done, len(one) - i, len(two) - j)


def _meeting(one: str, i: int, two: str, j: int) -> tuple[int, int]:
    """Return the next places of *one* and *two*, not both at *i* and *j*, from which they are the same again."""
    x, y = _STEADY.search(one, i, i + _FAR), _STEADY.search(two, j, j + _FAR)
    if x and y and x.group() == y.group():
        return x.start(), y.start()
    for apart in range(1, 2 * _REACH):
        for p in range(max(0, apart - _REACH), min(apart, _REACH) + 1):
            a, b = i + p, j + apart - p
            if one[a : a + _AGREE] == two[b : b + _AGREE] and b + _AGREE <= len(two):
                return a, b
    return len(one), len(two)


# What each of ftfy's steps undoes, in the words of a report.
_STEPS = {
    "restore_byte_a0": "a no-break space had become a space",
    "replace_lossy_sequences": "some bytes were lost and stand as U+FFFD",
    "decode_inconsistent_utf8": "stretches of UTF-8 were read in another encoding",
    "fix_c1_controls": "C1 controls stand for characters of windows-1252",
    "fix_surrogates": "surrogates stood alone or in pairs",
    "remove_terminal_escapes": "terminal escape sequences were left",
    "remove_control_chars": "control characters without a meaning in text were left",
}


def _told(steps: Sequence[ExplanationStep]) -> str:
    """Return ftfy's *steps* as a sentence, each said once, in their order."""
    said: list[str] = []
    codec = ""
    for action, parameter in steps:
        if action == "encode":
            codec = parameter.removeprefix("sloppy-")
        elif action == "decode":
            said.append(f"text was {parameter.upper().removesuffix('-VARIANTS')} read as {codec}")
        else:
            said.append(_STEPS.get(parameter, parameter))
    return "; ".join(dict.fromkeys(said))


# Where ftfy can change something. Read off ftfy 6.3.1: a segment passes through it unchanged unless it holds a
# character one of its tables takes, or is "bad", which means a match of its badness pattern. That pattern costs a
# fifth of ftfy's time; nearly each of its alternatives needs two neighbours outside ASCII of which one is rare in
# sound text (currency, fractions, box drawing, closing quotes, capitals with accents, ...). So one set of those rare
# characters is searched, which costs next to nothing, and only at a hit its neighbours are looked at. Each line below
# names what it stands for; all are as wide as the alternative they replace, or wider. The classes are ftfy's own.
_ANCHORS = "{bad}{upper_accented}{box}{start_punctuation}{end_punctuation}{currency}{numeric}{law}œЂÙ°"
_WEIRD = "{bad}{lower_accented}{upper_accented}{box}{start_punctuation}{end_punctuation}{currency}{numeric}{law}"
_Three = tuple[str, str, str]  # the character before, the anchor, the character after: "" for any, or none
_AFTER_FOREIGN: tuple[_Three, ...] = (  # the anchor stands after a character outside ASCII
    (_WEIRD + "{lower_common}{upper_common}", "{bad}", ""),
    ("{lower_accented}{lower_common}{box}{end_punctuation}{currency}{numeric}", "{upper_accented}", ""),
    ("{lower_accented}{box}{end_punctuation}β", "{currency}", ""),
    ("{upper_accented}{box}à×", "{numeric}{law}", ""),
    ("{lower_accented}{upper_accented}{box}{currency}{end_punctuation}", "{start_punctuation}", "{numeric}"),
    (
        "{lower_accented}{upper_accented}{currency}{numeric}{box}{law}",
        "{end_punctuation}",
        "{start_punctuation}",
    ),
    ("{currency}{numeric}{box}", "{start_punctuation}", ""),
    ("{lower_accented}{upper_accented}{currency}{numeric}{start_punctuation}{end_punctuation}{law}", "{box}", ""),
    ("{lower_accented}{upper_accented}", "{start_punctuation}{end_punctuation}", r"\w"),
    ("ВГРС", "{bad}{start_punctuation}{end_punctuation}{currency}°µ", "ВГРС"),
    ("ΒΓΞΟ", "{bad}{start_punctuation}{end_punctuation}{currency}°", "ΒΓΞΟ"),
    ("вВ", "Ђ", ""),
)
_BEFORE_FOREIGN: tuple[_Three, ...] = (  # the anchor stands before one
    ("", "{bad}", _WEIRD),
    ("", "{box}{end_punctuation}{currency}{numeric}", "{lower_accented}"),
    (r"\sa-z", "{upper_accented}", "{start_punctuation}{currency}"),
    ("", "{box}", "{kaomoji}{end_punctuation}"),
    ("", "{upper_accented}", "°"),
    ("", "ÂÃÎÐØÙ√≈‚", r"^\x00-\x7f"),
)
_BESIDE_ASCII: tuple[_Three, ...] = (
    ("", "Œœ", "^A-Za-z"),
    ("", "ÂÃ", " "),
)
_ENTITY = r"(?<=&)(?=#?[0-9A-Za-z]{1,24};)"


@lru_cache(maxsize=16)
def _trigger(config: TextFixerConfig) -> re.Pattern[str]:
    """Return a pattern that finds something in each segment which ftfy with *config* changes, normalising apart."""
    taken = _taken(config)
    branches = [
        f"(?<=[{taken}])",
        *([_ENTITY] if config.unescape_html else []),
        rf"(?<=[^\x00-\x7f][{_ANCHORS}])(?:{'|'.join(map(_around, _AFTER_FOREIGN))})",
        rf"(?=[^\x00-\x7f])(?:{'|'.join(map(_around, _BEFORE_FOREIGN))})",
        *map(_around, _BESIDE_ASCII),
    ]
    return re.compile(_spelt(f"[{taken}{'&' if config.unescape_html else ''}{_ANCHORS}](?:{'|'.join(branches)})"))


def _around(three: _Three) -> str:
    """Return the pattern of *three* for the place behind its anchor."""
    before, anchor, after = three
    return f"(?<={before and f'[{before}]'}[{anchor}])" + (after and f"(?=[{after}])")


def _taken(config: TextFixerConfig) -> str:
    """Return the class of the characters that ftfy with *config* takes wherever they stand."""
    from ftfy.chardata import CONTROL_CHARS, DOUBLE_QUOTE_RE, LIGATURES, SINGLE_QUOTE_RE, WIDTH_MAP

    taken = "\x80-\x9f\ud800-\udfff" + _ranges(CONTROL_CHARS)  # the escape that opens a terminal sequence is a control
    if config.fix_latin_ligatures:
        taken += _ranges(LIGATURES)
    if config.fix_character_width:
        taken += _ranges(WIDTH_MAP)
    if config.uncurl_quotes:
        taken += SINGLE_QUOTE_RE.pattern.strip("[]") + DOUBLE_QUOTE_RE.pattern.strip("[]")
    if config.fix_line_breaks:
        taken += "\r\u2028\u2029"
    return taken


def _spelt(pattern: str) -> str:
    """Return *pattern* with the names of ftfy's classes replaced by their members."""
    from ftfy.badness import MOJIBAKE_CATEGORIES

    for name, members in MOJIBAKE_CATEGORIES.items():
        pattern = pattern.replace("{" + name + "}", members)
    return pattern


@lru_cache(maxsize=16)
def _threes(config: TextFixerConfig) -> Any:
    """Return the compiled scan that names each place where the pattern of `_trigger` finds something, and few others.

    It asks of each character and its two neighbours the conditions of which the pattern is made, all at once: a kind
    of character is a number, and the bits kept of it are the conditions it meets. Classes that most characters are in
    are left to the pattern.
    """
    if _native is None:
        return None
    threes = [("", _taken(config), ""), *_AFTER_FOREIGN, *_BEFORE_FOREIGN, *_BESIDE_ASCII]
    threes += [("", "&", "")] if config.unescape_html else []
    threes = [(before, anchor, "" if after.startswith(("^", r"\w")) else after) for before, anchor, after in threes]
    bit_of = {part: 1 << bit for bit, part in enumerate(dict.fromkeys(part for three in threes for part in three))}
    every = array("I", range(BMP)).tobytes().decode(f"utf-32-{byteorder[0]}e", "surrogatepass")
    known = "".join(re.findall(_spelt(f"[{''.join(bit_of)}]"), every))
    classes = dict.fromkeys(known, bit_of[""])  # of each character
    for part in filter(None, bit_of):
        for character in re.findall(_spelt(f"[{part}]"), known):
            classes[character] |= bit_of[part]
    kinds = {bit_of[""]: 0}  # of the characters that no class names, and of all beyond U+FFFF
    kind_of = bytearray(BMP + 1)
    for character, met in classes.items():
        kind_of[ord(character)] = kinds.setdefault(met, len(kinds))
    conditions = array("I")
    for met in kinds:
        conditions.extend(
            sum(bool(met & bit_of[three[place]]) << bit for bit, three in enumerate(threes)) for place in range(3)
        )
    return _native.Threes(kind_of, conditions)


def _first(config: TextFixerConfig, text: str, begin: int, end: int) -> int:
    """Return where the pattern of `_trigger` first finds something in text[begin:end], -1 where nowhere."""
    threes = _threes(config)
    if threes is None:
        hit = _trigger(config).search(text, begin, end)
        return hit.start() if hit else -1
    at: int = threes.first(text, begin, end)
    while at >= 0 and not _trigger(config).match(text, at, end):
        at = threes.first(text, at + 1, end)
    return at


def _ranges(code_points: Iterable[int]) -> str:
    """Return *code_points* as the inside of a character class."""
    return "".join(f"\\u{code:04x}" for code in sorted(code_points))
