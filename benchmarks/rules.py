"""What a pack costs: the same documents with 100, 1,000 and 10,000 whole-line labels, as ratios in one run.

    python benchmarks/rules.py [FILES…]

FILES are texts, or JSON lines (also .gz) with a field "text"; without any, the seeds repeated. Prints CPU microseconds
a document of the whole rule cleaner, the median of rounds in which the sizes take turns, and the ratio to 100.
"""

from __future__ import annotations

import gzip
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from siglum.cleaners.rules import Rules
from siglum.document import Document
from siglum.packs.compiler import compile_rules
from siglum.packs.match import Index
from siglum.packs.rule import Rule
from siglum.page import page_of

ROOT = Path(__file__).resolve().parent.parent
SIZES = (100, 1_000, 10_000)
ROUNDS = 7
PER_RULE = 20


def texts(paths: Sequence[str]) -> Iterator[str]:
    for path in paths:
        opener = gzip.open if path.endswith(".gz") else open
        with opener(path, "rt", encoding="utf-8") as lines:
            if ".jsonl" in path:
                yield from (json.loads(line)["text"] for line in lines)
            else:
                yield lines.read()


def index(labels: int) -> Index:
    rules = [
        Rule(
            id=f"made-{n}",
            label="navigation",
            action="drop",
            why="A made label.",
            confidence=0.9,
            matcher="labels",
            declared={"exact": {"en": [f"Made label {n} number {i}" for i in range(PER_RULE)]}},
            path="made.toml",
        )
        for n in range(labels // PER_RULE)
    ]
    return Index(compile_rules(rules))


def seconds(cleaner: Rules, documents: Sequence[Document]) -> float:
    page_of.cache_clear()
    start = time.process_time()
    for document in documents:
        list(cleaner(document))
    return time.process_time() - start


def main() -> None:
    seeds = [p.read_text("utf-8") for p in sorted(ROOT.glob("seeds/*.txt"))]
    found = list(texts(sys.argv[1:])) or [
        f"{t}\n{n}" for n in range(200) for t in seeds
    ]  # no two alike: pages are cached
    documents = [Document(text) for text in found]
    cleaners = {size: Rules(index(size)) for size in SIZES}
    rounds: dict[int, list[float]] = {size: [] for size in SIZES}
    for _ in range(ROUNDS):
        for size, cleaner in cleaners.items():
            rounds[size].append(seconds(cleaner, documents))
    base = statistics.median(rounds[SIZES[0]])
    print(f"{len(documents)} documents, {sum(map(len, found)) / len(found):,.0f} code points each")
    print("labels   us/document   ratio")
    for size in SIZES:
        middle = statistics.median(rounds[size])
        print(f"{size:>6}   {1e6 * middle / len(documents):>11,.1f}   {middle / base:.3f}")


if __name__ == "__main__":
    main()
