#!/usr/bin/env python3
"""How fast lines are tagged, beside langdetect line by line and beside ftfy, in processor time of one run.

  benchmarks/language.py --rows FOLDER [--pages FOLDER] [--langdetect 400] [--modes light,default]

FOLDER of --rows holds short.jsonl and para.jsonl with rows {"text"}; FOLDER of --pages holds *.jsonl.gz with pages
{"text"}. Engines are loaded before the clock starts and each try begins with an empty cache. langdetect is asked about
the first rows only, as many as --langdetect says, and its time scaled to all of them. Of TRIES the shortest counts, and
what is compared is measured in turns, so that a busy machine slows both.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from time import process_time

from siglum.language.settings import LanguageSettings
from siglum.language.tagger import Tagger

TRIES = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=Path, required=True)
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--langdetect", type=int, default=400)
    parser.add_argument("--modes", default="light,default")
    options = parser.parse_args()
    taggers = {mode: loaded(mode) for mode in options.modes.split(",")}
    for name in ("short", "para"):
        with (options.rows / f"{name}.jsonl").open(encoding="utf-8") as f:
            texts = [json.loads(line)["text"] for line in f]
        compare_with_langdetect(name, texts, options.langdetect, taggers)
    if options.pages:
        compare_with_ftfy(options.pages, taggers)


def loaded(mode: str) -> Tagger:
    tagger = Tagger(LanguageSettings(mode=mode))
    tagger.load()
    return tagger


def seconds(works: dict[str, Callable[[], object]], tries: int = TRIES) -> dict[str, float]:
    """Return the least processor time of each of *works*, in seconds, each tried in turn."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(tries):
        for name, work in works.items():
            start = process_time()
            work()
            times[name].append(process_time() - start)
    return {name: min(found) for name, found in times.items()}


def compare_with_langdetect(name: str, texts: list[str], asked: int, taggers: dict[str, Tagger]) -> None:
    from langdetect import DetectorFactory, detect_langs
    from langdetect.lang_detect_exception import LangDetectException

    DetectorFactory.seed = 0
    detect_langs("This loads the profiles.")

    def langdetect() -> None:
        for text in texts[:asked]:
            try:
                detect_langs(text)
            except LangDetectException:
                continue

    def tag(tagger: Tagger) -> None:
        tagger.forget()
        tagger.tag_lines(texts)

    works = {mode: lambda tagger=tagger: tag(tagger) for mode, tagger in taggers.items()}
    found = seconds({"langdetect": langdetect, **works})
    reference = found.pop("langdetect") / min(asked, len(texts)) * len(texts)
    print(f"{name}: {len(texts)} rows; langdetect {reference / len(texts) * 1e6:.0f} microseconds a row")
    for mode, time in found.items():
        print(f"  {mode:8} {time / len(texts) * 1e6:7.1f} microseconds a row, {reference / time:6.1f} times langdetect")


def compare_with_ftfy(folder: Path, taggers: dict[str, Tagger]) -> None:
    import ftfy

    texts = []
    for path in sorted(folder.glob("*.jsonl.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as f:
            texts += [json.loads(line)["text"] for line in f]

    def tag(tagger: Tagger) -> None:
        tagger.forget()
        for text in texts:
            tagger.tag_lines([line.strip() for line in text.splitlines() if line.strip()])

    works = {mode: lambda tagger=tagger: tag(tagger) for mode, tagger in taggers.items()}
    found = seconds({"ftfy": lambda: [ftfy.fix_text(text) for text in texts], **works})
    reference = found.pop("ftfy")
    count = sum(1 for text in texts for line in text.splitlines() if line.strip())
    print(f"pages: {len(texts)} with {count} lines; ftfy.fix_text {reference:.2f} s")
    for mode, time in found.items():
        print(f"  {mode:8} {time:.2f} s, {time / reference:.2f} times ftfy")


if __name__ == "__main__":
    main()
