"""Letters: what the characters of a line tell before any engine is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from siglum.language.tables import Tables
from siglum.native import twin

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SAMPLE = 160  # code points of a line that are looked at
BMP = 0x10000
LAST = 0x20000  # code points above it belong to no script we know
CAP = 3  # so many foreign letters count; one long name must not outvote a line

# The bare alphabets, on which `letters` and `lacks` of a language build.
_BARE = {
    "Latn": "abcdefghijklmnopqrstuvwxyz",
    "Cyrl": "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "Arab": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيی",
}


@dataclass(frozen=True)
class Measure:
    """What the letters of a batch of lines tell, a row for each line."""

    letters: NDArray[np.int32]  # how many letters; Han, kana and Hangul signs count twice
    scripts: NDArray[np.int32]  # letters of each script
    foreign: NDArray[np.float32]  # letters each language does not write, at most CAP


class Letters:
    """A table from code points to scripts and to the languages that do not write them."""

    def __init__(self, tables: Tables, tags: Sequence[str]) -> None:
        import numpy as np

        self.scripts = tables.scripts
        self._own = [tables.languages[tag].script for tag in tags]
        self._script = np.zeros(LAST + 1, np.uint8)
        for first, last, index in tables.script_ranges:
            self._script[first : last + 1] = index + 1
        self._row = np.zeros(LAST + 1, np.uint16)
        rows = [np.zeros(len(tags), np.int8)]
        for char, lacking in _lacking(tables, tags, self._script).items():
            self._row[ord(char)] = len(rows)
            rows.append(lacking)
        han = {tag: np.frombuffer(s.encode("utf-32-le"), np.uint32) for tag, s in tables.character_sets.items()}
        columns = [(tags.index(tag), signs) for tag, signs in han.items() if tag in tags]
        bits = np.zeros(LAST + 1, np.uint16)
        for bit, (_, signs) in enumerate(columns):
            bits[signs] |= 1 << bit
        ideographs = np.arange(0x3400, 0xA000)
        self._row[ideographs] = len(rows) + bits[ideographs]
        for combination in range(1 << len(columns)):
            row = np.zeros(len(tags), np.int8)
            for bit, (column, _) in enumerate(columns):
                row[column] = not combination >> bit & 1
            rows.append(row)
        self._lacks = np.array(rows, np.int8)
        heavy = {"Hani", "Jpan", "Hang"}
        self._worth = np.array([0, *(2 if s in heavy else 1 for s in self.scripts)], np.int32)
        self.own = [self.scripts.index(script) + 1 for script in self._own]
        native = twin("languages")
        self.native = native and native.Letters(self._script, self._row, self._lacks, self._worth)

    def spelling(self, column: int) -> Callable[[str], object]:
        """Return what tells whether text in lower case has letters of one script, none foreign to a language."""
        import numpy as np

        own = self.own[column]
        if native := self.native:
            return lambda text: native.spells(text, own, column)
        written = (self._script == own) & (self._lacks[self._row, column] == 0)
        written |= self._script == 0
        edges = np.flatnonzero(np.diff(written[:BMP], prepend=False, append=False)).reshape(-1, 2).tolist()
        # Written out: re reads that three times as fast as escapes.
        return re.compile(
            "[" + "".join(f"{_literal(first)}-{_literal(last - 1)}" for first, last in edges) + "]*"
        ).fullmatch

    def measure(self, texts: Sequence[str]) -> Measure:
        """Return what the letters of *texts* tell; each text is read up to SAMPLE code points."""
        import numpy as np

        kinds = len(self.scripts) + 1
        if self.native:
            found = Measure(
                np.zeros(len(texts), np.int32),
                np.zeros((len(texts), kinds - 1), np.int32),
                np.zeros((len(texts), self._lacks.shape[1]), np.float32),
            )
            self.native.measure(texts, found.letters, found.scripts, found.foreign)
            return found
        samples = [text[:SAMPLE].lower() for text in texts]
        codes = np.frombuffer("".join(samples).encode("utf-32-le", "surrogatepass"), np.uint32)
        codes = np.minimum(codes, LAST)
        line = np.repeat(np.arange(len(texts)), [len(sample) for sample in samples])
        script = self._script[codes]
        counts = np.bincount(line * kinds + script, minlength=len(texts) * kinds).reshape(len(texts), kinds)
        row = self._row[codes]
        hit = np.flatnonzero(row)
        foreign = np.zeros((len(texts), self._lacks.shape[1]), np.float32)
        if len(hit):
            of = line[hit]
            begin = np.flatnonzero(np.concatenate(([True], of[1:] != of[:-1])))
            sums = np.add.reduceat(self._lacks.take(row[hit], axis=0), begin, axis=0, dtype=np.int32)
            foreign[of[begin]] = np.minimum(sums, CAP)
        return Measure((counts * self._worth).sum(1).astype(np.int32), counts[:, 1:].astype(np.int32), foreign)


def _literal(code: int) -> str:
    return rf"\x{code:02x}" if code < 0x80 else chr(code)


def _lacking(tables: Tables, tags: Sequence[str], script: NDArray[np.uint8]) -> dict[str, NDArray[np.int8]]:
    """Return for each letter that tells languages apart a column mark for every language that does not write it."""
    import numpy as np

    out: dict[str, NDArray[np.int8]] = {}
    for name, bare in _BARE.items():
        members = [(i, tables.languages[tag]) for i, tag in enumerate(tags) if tables.languages[tag].script == name]
        index = tables.scripts.index(name) + 1
        extra = "".join(language.letters for _, language in members)
        every = {c for c in bare + extra if ord(c) <= LAST and script[ord(c)] == index}
        every |= {chr(c) for c in np.flatnonzero(script == index).tolist() if chr(c).islower() or name == "Arab"}
        for char in sorted(every):
            marks = np.zeros(len(tags), np.int8)
            for i, language in members:
                marks[i] = char not in language.letters and (char not in bare or char in language.lacks)
            if marks.any() and (len(members) > marks.sum() or char in bare + extra):
                out[char] = marks
    return out
