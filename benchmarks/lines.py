"""Languages line by line: siglum's modes beside langdetect asked about each line."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.documents import spread
from benchmarks.timing import Missing, Step
from siglum.language.settings import MODES, LanguageSettings
from siglum.language.tagger import Tagger

MOST = 1_000  # lines: langdetect takes seconds for them
BATCH = 50  # lines that are tagged at once, as those of a text are


def batches(texts: Sequence[str], most: int = MOST) -> list[list[str]]:
    """Return lines of *texts*, spread over all, in batches."""
    lines = spread([line.strip() for text in texts for line in text.splitlines() if line.strip()], most)
    return [lines[at : at + BATCH] for at in range(0, len(lines), BATCH)]


def steps() -> dict[str, Step | Missing]:
    """Return langdetect and each mode that tags lines."""
    modes = [mode for mode in ("light", "default") if mode in MODES]
    return {"langdetect, line by line": langdetect(), **{f"siglum, {mode}": tagging(mode) for mode in modes}}


def tagging(mode: str) -> Step:
    return Tagger(LanguageSettings(mode=mode)).tag_lines


def langdetect() -> Step:
    from langdetect import DetectorFactory, detect_langs
    from langdetect.lang_detect_exception import LangDetectException

    DetectorFactory.seed = 0

    def run(lines: Sequence[str]) -> None:
        for line in lines:
            try:
                detect_langs(line)
            except LangDetectException:  # a line without letters
                continue

    return run
