"""Embedded marks: provenance and watermarks hidden in the text, found before anything may touch them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from siglum.document import Document, Evidence, Finding
from siglum.native import twin
from siglum.span import Span

# C2PATextManifestWrapper (C2PA 2.4, Embedding Manifests into Unstructured Text): U+FEFF, then one variation selector a
# byte (0-15: U+FE00.., 16-255: U+E0100..): magic, version of one byte, length of four (big-endian), the manifest.
# Ordinary text never has two selectors in a row, so a run without the magic is still somebody's hidden bytes.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{2,}")
_MAGIC = b"C2PATXT\0"
_HEADER = len(_MAGIC) + 1 + 4

# The same specification's form for structured text: a reference or the manifest itself between two delimiters.
_ARMOUR_BEGIN, _ARMOUR_END = "-----BEGIN C2PA MANIFEST-----", "-----END C2PA MANIFEST-----"

# Marks of no width. A joiner or non-joiner is spelling in the scripts below and holds emoji together, so it is a mark
# only between two characters that have no use for it; the others are marks where they come in runs or split a word.
_ZERO_WIDTH = re.compile("[\u200b-\u200d\u2060-\u2064\ufeff]+")
_JOINERS = frozenset("\u200c\u200d")
_NO_JOINER = re.compile("[0-9A-Za-z\u00aa-\u024f\u0370-\u052f\u1e00-\u1fff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_WORD = re.compile(r"\w")
# Scripts written without spaces use U+200B to say where a line may break: Thai, Lao, Tibetan, Myanmar, Khmer and kin.
_BREAKS_INSIDE = re.compile("[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u1aaf\ua9e0-\uaa7f]")

_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+")
# Tag characters spell out the region in a subdivision's flag: after U+1F3F4, with a cancel tag at the end.
_TAGS = re.compile(
    "(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{3,6}\U000e007f)|[\U000e0001\U000e0020-\U000e007f]+"
)
_PLANE_14 = re.compile("[\U000e0000-\U000effff]")
_SOFT_HYPHEN = "\u00ad"

# What an ordinary text is tested for: kinds of characters, a bit each.
_ZERO_WIDTH_HELD, _BIDI_HELD, _SOFT_HYPHEN_HELD, _SELECTOR_HELD = 1, 2, 4, 8
_BEYOND_HELD, _PLANE_14_HELD = 16, 32  # something beyond U+FFFF; something there that is from the plane of tags
_KINDS = (
    (_ZERO_WIDTH_HELD, tuple("\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff")),
    (_BIDI_HELD, tuple("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")),
    (_SOFT_HYPHEN_HELD, (_SOFT_HYPHEN,)),
    (_SELECTOR_HELD, tuple(map(chr, range(0xFE00, 0xFE10)))),
)
_native = twin("scans")


@cache
def _scan() -> Any:
    """Return the compiled twins of `_held` and `_runs`, which look every character up in a table; None without them."""
    if _native is None:
        return None
    table = bytearray(0x10002)
    for bit, marks in _KINDS:
        for mark in marks:
            table[ord(mark)] |= bit
    table[0x10000], table[0x10001] = _BEYOND_HELD, _BEYOND_HELD | _PLANE_14_HELD
    return _native.Kinds(table)


def _held(text: str) -> int:
    """Return the bits of the kinds of characters that *text* holds."""
    if scan := _scan():
        bits: int = scan.held(text)
        return bits
    # Asking for one character after the other is the fastest there is in CPython: 2 to 11 microseconds in all for
    # 5,000 code points, a character class takes twice that.
    held = sum(bit for bit, marks in _KINDS if any(mark in text for mark in marks))
    if len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text):
        held |= _BEYOND_HELD | _PLANE_14_HELD * (_PLANE_14.search(text) is not None)
    return held


def _runs(text: str, kind: int, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return where the runs of characters of *kind* stand in *text*, which *pattern* finds too."""
    if scan := _scan():
        runs: list[tuple[int, int]] = scan.runs(text, kind)
        return runs
    return [run.span() for run in pattern.finditer(text)]


@dataclass(frozen=True)
class Embedded:
    """Marks what is hidden in the text; takes nothing away, since what it marks may be the text's provenance."""

    name: str = "embedded"
    version: str = "1"

    def __call__(self, doc: Document) -> Iterable[Finding]:
        """Return a finding for each manifest, run of invisible marks and run of tags, and one that counts hyphens."""
        text = doc.text
        held = 0 if text.isascii() else _held(text)
        yield from _hidden(text, held)
        if held & _BIDI_HELD:
            yield from _bidi(text)
        if held & _SOFT_HYPHEN_HELD:
            yield from _soft_hyphens(text)


def protected(text: str) -> list[Span]:
    """Return the spans other cleaners must not change, in order and disjoint: manifests and invisible watermarks.

    >>> protected("no marks here"), protected("a mark\u200bed word")
    ([], [Span(start=6, end=7)])
    """
    return sorted(found.span for found in _hidden(text, 0 if text.isascii() else _held(text)))


def _hidden(text: str, held: int) -> Iterator[Finding]:
    """Yield what carries something, or may: manifests, runs of selectors, marks without width, tags."""
    if _ARMOUR_BEGIN in text:
        yield from _armoured(text)
    if held & _ZERO_WIDTH_HELD:
        yield from _zero_width(text)
    if held & _BEYOND_HELD and held & (_SELECTOR_HELD | _PLANE_14_HELD):
        yield from _selected(text)
    if held & _PLANE_14_HELD:
        yield from _tags(text)


def _armoured(text: str) -> Iterator[Finding]:
    """Yield each armoured block; a line of more than a comment mark and one token is prose about such blocks."""
    at = 0
    while (begin := text.find(_ARMOUR_BEGIN, at)) >= 0 and (end := text.find(_ARMOUR_END, begin)) >= 0:
        at = end + len(_ARMOUR_END)
        body = text[begin + len(_ARMOUR_BEGIN) : end].strip()
        if all(len(line.split(maxsplit=2)) <= 2 for line in body.split("\n")):
            what = "an armoured C2PA manifest or the reference to one"
            yield Finding(Span(begin, at), _manifest("c2pa-armour", what, body.encode("utf-8", "replace")))


def _selected(text: str) -> Iterator[Finding]:
    """Yield each run of variation selectors, decoded to bytes: a manifest, whole or cut short, or other hidden data."""
    for match in _SELECTORS.finditer(text):
        payload = bytes(_byte(ord(mark)) for mark in match.group())
        start, end = match.span()
        span = Span(start - text.startswith("\ufeff", max(start - 1, 0), start), end)
        if not payload.startswith(_MAGIC):
            why = f"variation selectors in a row spell {len(payload):,} hidden bytes, sha256 {_digest(payload)}…"
            yield Finding(
                span, Evidence(rule="embedded/variation-selectors", label="embedded", confidence=0.9, why=why)
            )
            continue
        manifest = payload[_HEADER:]
        stated = int.from_bytes(payload[_HEADER - 4 : _HEADER], "big") if len(payload) >= _HEADER else 0
        what = "a C2PA manifest in variation selectors"
        if len(payload) < _HEADER or len(manifest) < stated:
            what += ", cut short"
        yield Finding(span, _manifest("c2pa-text", what, manifest[:stated]))


def _byte(mark: int) -> int:
    return mark - 0xFE00 if mark <= 0xFE0F else mark - 0xE0100 + 16


def _manifest(rule: str, what: str, payload: bytes) -> Evidence:
    why = f"{what}: {len(payload):,} bytes, sha256 {_digest(payload)}…; any edit of the text breaks a hard binding"
    return Evidence(rule=f"embedded/{rule}", label="embedded", why=why)


def _digest(payload: bytes) -> str:
    return sha256(payload).hexdigest()[:16]


def _zero_width(text: str) -> Iterator[Finding]:
    """Yield the runs of marks without width that spelling, line breaking and emoji do not account for."""
    for start, end in _runs(text, _ZERO_WIDTH_HELD, _ZERO_WIDTH):
        run, before, after = text[start:end], text[start - 1 : start], text[end : end + 1]
        if (run[-1] == "\ufeff" and _SELECTORS.match(text, end)) or not _is_mark(run, before, after):
            continue
        kinds = ", ".join(f"U+{ord(mark):04X} {run.count(mark)}" for mark in sorted(set(run)))
        why = f"{end - start} marks without width ({kinds}): they may carry a watermark"
        yield Finding(Span(start, end), Evidence(rule="embedded/zero-width", label="embedded", confidence=0.5, why=why))


def _is_mark(run: str, before: str, after: str) -> bool:
    """Tell whether a *run* of marks between the characters *before* and *after* has no ordinary use."""
    if len(set(run) - _JOINERS) == 0 and not (_NO_JOINER.match(before) and _NO_JOINER.match(after)):
        return len(run) > 2  # spelling needs one, at times two
    if len(run) > 1:
        return True
    if run == "\u200b" and (_BREAKS_INSIDE.match(before) or _BREAKS_INSIDE.match(after)):
        return False
    return bool(_WORD.match(before) and _WORD.match(after))


def _bidi(text: str) -> Iterator[Finding]:
    for start, end in _runs(text, _BIDI_HELD, _BIDI):
        kinds = ", ".join(f"U+{ord(mark):04X}" for mark in dict.fromkeys(text[start:end]))
        why = f"direction controls ({kinds}): they can make a line read other than it is stored"
        yield Finding(Span(start, end), Evidence(rule="embedded/bidi-control", label="embedded", why=why))


def _tags(text: str) -> Iterator[Finding]:
    for match in _TAGS.finditer(text):
        if match.group(1):
            continue
        hidden = "".join(chr(ord(mark) - 0xE0000) for mark in match.group() if 0xE0020 <= ord(mark) < 0xE007F)
        why = f"{len(match.group())} tag characters outside a flag, invisible"
        evidence = Evidence(rule="embedded/tag-characters", label="embedded", confidence=0.9, why=why, quote=hidden)
        yield Finding(Span(*match.span()), evidence)


def _soft_hyphens(text: str) -> Iterator[Finding]:
    why = f"{text.count(_SOFT_HYPHEN)} soft hyphens (U+00AD): invisible places where a word may break"
    first = text.index(_SOFT_HYPHEN)
    yield Finding(Span(first, first + 1), Evidence(rule="embedded/soft-hyphen", label="embedded", why=why))
