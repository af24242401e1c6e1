"""What repairing mojibake costs: plain ftfy against the guarded one, same settings, same texts, one run.

Usage: python benchmarks/mojibake.py [FOLDER OR FILE ...]

Reads `.txt` files whole and each row's `text` of `.jsonl` and `.jsonl.gz` files; without arguments the seeds, repeated.
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import ftfy

from siglum.cleaners.mojibake import Mojibake, archive, guarded
from siglum.document import Document

SEEDS = Path(__file__).parent.parent / "seeds"
ROUNDS = 3


def main(paths: list[Path]) -> int:
    """Print MB/s of each way and the ratio to plain ftfy; return 1 if a text came out otherwise than ftfy's."""
    texts = [text for path in paths for text in read(path)] if paths else [*read(SEEDS)] * 200
    size = sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
    print(f"{len(texts):,} texts, {size / 1e6:.2f} MB (1e6 bytes of UTF-8), best of {ROUNDS}, processor time")
    status = 0
    for name, config in (("archive settings", archive()), ("ftfy's own settings", ftfy.TextFixerConfig())):
        plain = seconds(lambda text, config=config: ftfy.fix_text(text, config), texts)
        fast = seconds(lambda text, config=config: guarded(text, config), texts)
        differ = sum(guarded(text, config) != ftfy.fix_text(text, config) for text in texts)
        status |= differ > 0
        print(f"{name}: ftfy {size / plain / 1e6:.2f} MB/s, guarded {size / fast / 1e6:.2f} MB/s,", end=" ")
        print(f"ratio {plain / fast:.1f}, texts that differ {differ}")
    cleaner = seconds(lambda text: list(Mojibake()(Document(text))), texts)
    print(f"the cleaner, findings and all: {size / cleaner / 1e6:.2f} MB/s, {cleaner / size * 5e9:.0f} us for 5 KB")
    return status


def seconds(work: Callable[[str], object], texts: list[str]) -> float:
    """Return the least processor time, in seconds, that *work* took for all *texts*."""
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for text in texts:
            work(text)
        taken.append(time.process_time() - start)
    return min(taken)


def read(path: Path) -> Iterator[str]:
    """Yield the texts of a file, or of the files of a folder in the order of their names."""
    if path.is_dir():
        for inner in sorted(path.iterdir()):
            yield from read(inner)
    elif path.suffix == ".txt":
        yield path.read_text(encoding="utf-8")
    elif path.name.endswith((".jsonl", ".jsonl.gz")):
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as rows:
            yield from (str(row["text"]) for row in map(json.loads, rows) if row.get("text"))


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
