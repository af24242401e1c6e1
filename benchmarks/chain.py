"""What each step and the whole chain cost, in one run on the same documents, beside ftfy and trafilatura.

    python benchmarks/chain.py [FILES…] [--text text] [--html html] [--documents 200] [--rounds 3] [--scale 1,10,100]

FILES are JSON lines (also .gz) with those fields; without any, the seeds repeated. In each round all rows of a table
take turns; a row shows the median. CPU time of one thread for tables 1 to 3; the clock, start included, for whole
commands (4 and 5), with the peak memory of the largest process. Texts are repeated there, so starting weighs little.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MEGA = 1_000_000

LAUNCHER = """
import json, resource, subprocess, sys
status = subprocess.run([sys.executable, "-m", "siglum", *sys.argv[1:]]).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""

Step = Callable[[str], object]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--text", default="text")
    parser.add_argument("--html", default="html")
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", default="1,10,100")
    parser.add_argument("--repeat", type=int, default=10)
    args = parser.parse_args()
    texts, pages = documents(args.files, args.text, args.html, args.documents)
    print(f"{len(texts)} texts, {size(texts) / MEGA:.2f} MB; {len(pages)} pages, {size(pages) / MEGA:.2f} MB of HTML\n")
    table("1. Plain text", text_steps(), texts, args.rounds)
    if pages:
        table("2. HTML", page_steps(), pages, args.rounds)
    table("3. Rules: the whole chain without languages", rule_steps(), texts, args.rounds)
    print("4. Commands: siglum clean ROWS -o RUN, by the clock")
    for languages in ("off", "light", "default"):
        for jobs in (1, 2):
            command(texts * args.repeat, f"languages {languages}, {jobs} worker{'s' * (jobs > 1)}", languages, jobs)
    command(texts * args.repeat, "languages off, duplicates marked", "off", 1, "--duplicates", "mark")
    print("\n5. Scale: the same command, languages off, 1 worker")
    for times in map(int, args.scale.split(",")):
        command(texts[:100] * times, f"documents x {times}", "off", 1)


def documents(files: Sequence[str], text: str, html: str, most: int) -> tuple[list[str], list[str]]:
    """Return texts and pages of *files*, at most *most* of each, spread over all; the seeds without files."""
    if not files:
        seeds = [path.read_text("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))]
        return (seeds * most)[:most], []
    rows = [row for path in files for row in read_rows(Path(path))]
    return tuple(spread([row[name] for row in rows if row.get(name)], most) for name in (text, html))  # type: ignore


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def spread(found: list[str], most: int) -> list[str]:
    return found[:: max(1, -(-len(found) // most))][:most]


def size(texts: Sequence[str]) -> int:
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def text_steps() -> dict[str, Step]:
    import ftfy

    from siglum.api import Chain
    from siglum.decoding import decode
    from siglum.report import dumps, sha256
    from siglum.runs.duplicates import keys_of
    from siglum.settings import Settings
    from siglum.writers.rows import line_of, row_of

    off = Chain.default(Settings(tag_languages=False))
    light = Settings()
    light = replace(light, language=replace(light.language, mode="light"))
    steps: dict[str, Step] = {
        "ftfy.fix_text": ftfy.fix_text,
        "sha256": sha256,
        "decode bytes": lambda text: decode(text.encode("utf-8", "surrogatepass")),
    }
    for n in range(1, len(off.cleaners) + 1):
        name = f"chain up to {off.cleaners[n - 1].name}"
        steps[name] = partly(Chain(off.cleaners[:n], off.settings))
    steps["  and report as JSON"] = lambda text: dumps(off.clean(text).report().data)
    steps["  and row as JSON"] = lambda text: line_of(row_of(off.clean(text)))
    steps["keys of duplicates alone"] = keys_of
    for name, chain in (("light", Chain.default(light)), ("default", Chain.default(Settings()))):
        steps[f"chain, languages {name}"] = partly(chain)
        steps[f"chain, languages {name}, report"] = reported(chain)
    return steps


def partly(chain: object) -> Step:
    return lambda text: chain.clean(text)  # type: ignore[attr-defined]


def reported(chain: object) -> Step:
    from siglum.report import dumps

    return lambda text: dumps(chain.clean(text).report().data)  # type: ignore[attr-defined]


def page_steps() -> dict[str, Step]:
    from trafilatura import extract

    from siglum.api import Chain
    from siglum.content.votes import vote
    from siglum.readers.html import read_html
    from siglum.report import dumps
    from siglum.settings import Settings

    chain = Chain.default(Settings(tag_languages=False))
    return {
        "trafilatura.extract": lambda html: extract(html, include_comments=False),
        "siglum: reading the page": read_html,
        "siglum: reading and votes": lambda html: vote(read_html(html)),
        "siglum: chain without languages": lambda html: chain.clean(html, html=True),
        "siglum: chain and report": lambda html: dumps(chain.clean(html, html=True).report().data),
    }


def rule_steps() -> dict[str, Step]:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from rules import SIZES, index

    from siglum.api import Chain
    from siglum.chain import Together
    from siglum.cleaners.content import Content
    from siglum.cleaners.rules import Rules
    from siglum.settings import Settings

    plain = Chain.default(Settings(tag_languages=False))
    steps: dict[str, Step] = {}
    for labels in SIZES:
        made = index(labels)
        both = Together((Rules(made), Content(made, "archive", False)))
        steps[f"{labels:,} labels"] = partly(Chain((*plain.cleaners[:3], both, *plain.cleaners[4:]), plain.settings))
    return steps


def table(title: str, steps: dict[str, Step], texts: Sequence[str], rounds: int) -> None:
    """Print MB/s, documents/s, microseconds a document, and the speed as a multiple of the first step's."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for text, step in ((text, step) for step in steps.values() for text in texts[:5]):
        step(text)  # what is loaded once is not counted
    for _ in range(rounds):
        for name, step in steps.items():
            begun = time.process_time()
            for text in texts:
                step(text)
            seconds[name].append(time.process_time() - begun)
    first = seconds[next(iter(steps))]
    print(f"{title}\n{'':45} {'MB/s':>8} {'doc/s':>9} {'us/doc':>9} {'times first':>12}")
    for name, spent in seconds.items():
        middle = statistics.median(spent)
        ratio = statistics.median([a / b for a, b in zip(first, spent, strict=True)])
        rates = (size(texts) / middle / MEGA, len(texts) / middle, middle / len(texts) * MEGA, ratio)
        print("{:45} {:8.2f} {:9.0f} {:9.0f} {:12.2f}".format(name, *rates))
    print()


def command(texts: Sequence[str], title: str, languages: str, jobs: int, *options: str) -> None:
    """Run `siglum clean` over *texts* in a process of its own, and print its rate and peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        with rows.open("w") as file:
            file.writelines(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(texts))
        given = [
            "clean",
            str(rows),
            "-o",
            f"{folder}/run",
            "--languages",
            languages,
            "--jobs",
            str(jobs),
            "-q",
            *options,
        ]
        # Started by a small process: what a process may have held before it became another counts as its peak.
        begun = time.monotonic()
        told = subprocess.run([sys.executable, "-c", LAUNCHER, *given], capture_output=True, text=True)
        spent = time.monotonic() - begun
        status, cpu, peak = json.loads(told.stdout)
        written = sum(p.stat().st_size for p in Path(folder, "run").rglob("*") if p.is_file())
    peak *= (1 if sys.platform == "darwin" else 1024) / MEGA
    print(
        f"{title:45} {size(texts) / spent / MEGA:8.2f} MB/s {len(texts) / spent:8.0f} doc/s {spent:7.1f} s "
        f"(CPU {cpu:.1f}) peak {peak:.0f} MB, {written / MEGA:.1f} MB written" + (f" FAILED {status}" if status else "")
    )


if __name__ == "__main__":
    main()
