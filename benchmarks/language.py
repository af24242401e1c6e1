#!/usr/bin/env python3
"""How fast lines are tagged, beside langdetect line by line and beside ftfy, in processor time of one run.

  benchmarks/language.py --rows FOLDER [--pages FOLDER] [--langdetect 400]

FOLDER of --rows holds short.jsonl and para.jsonl with rows {"text"}; FOLDER of --pages holds *.jsonl.gz with pages {"text"}.
Each tagger starts with an empty cache and loaded engines. langdetect is asked about the first rows only, as many as
--langdetect says, and its time scaled to all of them.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from time import process_time

MODES = ("light", "default", "full")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--langdetect", type=int, default=400)
    parser.add_argument("--modes", default="light,default")
    options = parser.parse_args()
    modes = options.modes.split(",")
    for name in ("short", "para"):
        texts = [json.loads(line)["text"] for line in (options.rows / f"{name}.jsonl").open(encoding="utf-8")]
        compare_with_langdetect(name, texts, options.langdetect, modes)
    if options.pages:
        compare_with_ftfy(options.pages, modes)


def seconds(work: Callable[[], object], *, tries: int = 3) -> float:
    """Return the least processor time of *tries* runs of *work*, in seconds."""
    times = []
    for _ in range(tries):
        start = process_time()
        work()
        times.append(process_time() - start)
    return min(times)


def tag_all(mode: str, texts: list[str]) -> Callable[[], object]:
    from siglum.language.settings import LanguageSettings
    from siglum.language.tagger import Tagger

    settings = LanguageSettings(mode=mode)
    warm = Tagger(settings)
    warm.tag_lines(["This is a line to load the engines with", "Ein anderer, Äpfel", "Ordenar", "mesto"])

    def work() -> None:
        warm.forget()
        warm.tag_lines(texts)

    return work


def compare_with_langdetect(name: str, texts: list[str], asked: int, modes: list[str]) -> None:
    from langdetect import DetectorFactory, detect_langs
    from langdetect.lang_detect_exception import LangDetectException

    DetectorFactory.seed = 0
    detect_langs("This loads the profiles.")

    def ask() -> None:
        for text in texts[:asked]:
            try:
                detect_langs(text)
            except LangDetectException:
                continue

    reference = seconds(ask, tries=1) / min(asked, len(texts)) * len(texts)
    print(f"{name}: {len(texts)} rows; langdetect {reference / len(texts) * 1e6:.0f} microseconds a row")
    for mode in modes:
        time = seconds(tag_all(mode, texts))
        print(f"  {mode:8} {time / len(texts) * 1e6:7.1f} microseconds a row, {reference / time:6.1f} times langdetect")


def compare_with_ftfy(folder: Path, modes: list[str]) -> None:
    import ftfy

    from siglum.language.document import lines

    texts = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as f:
            texts += [json.loads(line)["text"] for line in f]
    reference = seconds(lambda: [ftfy.fix_text(text) for text in texts], tries=2)
    count = sum(1 for text in texts for _ in lines(text))
    print(f"pages: {len(texts)} with {count} lines; ftfy.fix_text {reference:.2f} s")
    for mode in modes:
        work = tag_all(mode, [])
        from siglum.language.settings import LanguageSettings
        from siglum.language.tagger import Tagger

        def pages(mode: str = mode) -> None:
            tagger = Tagger(LanguageSettings(mode=mode))
            tagger.load()
            start = process_time()
            for text in texts:
                tagger.tag_lines([span.of(text) for span in lines(text)])
            print(f"  {mode:8} {process_time() - start:.2f} s, {(process_time() - start) / reference:.2f} times ftfy")

        pages()


if __name__ == "__main__":
    main()
