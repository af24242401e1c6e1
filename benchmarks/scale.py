"""Whether a run stays small and straight: the whole command on made input of three sizes, a hundred-fold apart.

    python benchmarks/scale.py [--rows 5000000] [--pages 200000] [--words 60] [--jobs 2] [--shares 100,10,1] [OPTIONS…]

Makes a JSON-lines file of so many rows and a WARC of so many small pages (seeded: the same bytes every time), runs
`siglum clean INPUT -o RUN --to jsonl` on a hundredth, a tenth and the whole of each, and prints documents a second and
the peak memory of the process that hands out and writes, and of the largest worker. OPTIONS (after --) go to the
command. Every run is checked: as many rows, reports and lines of the catalogue as there were documents, none twice.
Where the largest run has a peak above LIMIT_MB, or took more than twice as long a document as the smallest, it fails.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LIMIT_MB = 400
ONE_IN = 50  # documents, one repeats what was said before

LAUNCHER = """
import json, resource, runpy, sys

if __name__ == "__main__":
    try:
        runpy.run_module("siglum", run_name="__main__", alter_sys=True)
    except SystemExit as e:
        status = e.code or 0
    if sys.platform == "linux":  # the process that workers are copies of counts when it has ended, and they with it
        from multiprocessing import forkserver
        forkserver._forkserver._stop()
    own, workers = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps([status, own.ru_maxrss, workers.ru_maxrss, own.ru_utime + own.ru_stime]))
"""

FURNITURE = "Skip to main content\nHome | News | Sport\n", "\nShare on Facebook\nAll rights reserved.\n"


class Peak(NamedTuple):
    """What one run took."""

    documents: int
    seconds: float
    own_mb: float
    worker_mb: float
    own_seconds: float


def main() -> None:
    """Print the table; exit with 1 where a run grew or went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--pages", type=int, default=200_000)
    parser.add_argument("--words", type=int, default=60)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--shares", default="100,10,1")
    parser.add_argument("--folder", type=Path, help="where input and runs are put for the time; a temporary folder")
    parser.add_argument("options", nargs="*", default=["--languages", "off"])
    args = parser.parse_args()
    shares = [int(share) for share in args.shares.split(",")]
    all_straight = True
    print("input  documents   doc/s  ms/doc  own MB  worker MB  own µs/doc")
    for name, most, make in (("rows.jsonl", args.rows, rows), ("pages.warc", args.pages, pages)):
        if not most:
            continue
        found = []
        for count in [most // share for share in shares if most // share]:
            with tempfile.TemporaryDirectory(dir=args.folder) as folder:
                source = Path(folder) / name
                write(source, make(count, args.words))
                found.append(measured(source, Path(folder) / "run", count, args.jobs, args.options))
            print(line(name, found[-1]), flush=True)
        all_straight &= is_straight(found)
    sys.exit(0 if all_straight else 1)


def words(count: int, size: int) -> Iterator[str]:
    """Yield *count* texts of about *size* words, of which one in ONE_IN is one that was there before."""
    chance = random.Random(20)
    vocabulary = ["".join(chance.choices("abcdefghiklmnoprstuv", k=chance.randint(2, 9))) for _ in range(4_000)]
    for number in range(count):
        again = number % ONE_IN == ONE_IN - 1
        one = random.Random(number // 2 // ONE_IN * ONE_IN if again else number)
        sentences, left = [], size
        while left > 0:
            length = min(left, one.randint(8, 20))
            sentences.append(" ".join(one.choices(vocabulary, k=length)).capitalize() + ".")
            left -= length
        yield "\n\n".join(sentences)


def rows(count: int, size: int) -> Iterator[bytes]:
    """Yield the lines of a file of JSON lines."""
    for number, text in enumerate(words(count, size)):
        body = FURNITURE[0] + text + FURNITURE[1]
        row = {"id": f"doc-{number}", "text": body, "url": f"https://site{number % 5_000}.example/{number}"}
        yield json.dumps(row).encode() + b"\n"


def pages(count: int, size: int) -> Iterator[bytes]:
    """Yield the records of a WARC."""
    for number, text in enumerate(words(count, size)):
        story = "".join(f"<p>{part}</p>" for part in text.split("\n\n"))
        menu = "<nav><a href='/'>Home</a> <a href='/n'>News</a></nav><footer>All rights reserved.</footer>"
        html = f"<html><head><title>Page {number}</title></head><body>{menu}<article>{story}</article></body></html>"
        http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{html}".encode()
        head = (
            f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://site{number % 5_000}.example/{number}\r\n"
            f"WARC-Record-ID: <urn:made:{number}>\r\nContent-Type: application/http; msgtype=response\r\n"
            f"Content-Length: {len(http)}\r\n\r\n"
        )
        yield head.encode() + http + b"\r\n\r\n"


def write(path: Path, pieces: Iterator[bytes]) -> None:
    """Write *pieces* to *path*."""
    with path.open("wb") as file:
        file.writelines(pieces)


def measured(source: Path, out: Path, count: int, jobs: int, options: list[str]) -> Peak:
    """Run the command, check what it wrote, and return what it took."""
    command = ["clean", str(source), "-o", str(out), "--to", "jsonl", "-j", str(jobs), "--quiet", *options]
    launcher = source.with_name("launcher.py")
    launcher.write_text(LAUNCHER)
    begun = time.monotonic()
    done = subprocess.run([sys.executable, str(launcher), *command], stdout=subprocess.PIPE, check=True)
    seconds = time.monotonic() - begun
    status, own, worker, cpu = json.loads(done.stdout.splitlines()[-1])
    if status:
        sys.exit(f"{source.name}: exit status {status}")
    check(out, source.name, count)
    shutil.rmtree(out)
    unit = 1_000 if sys.platform != "darwin" else 1_000_000
    return Peak(count, seconds, own / unit, worker / unit, cpu)


def check(out: Path, name: str, count: int) -> None:
    """Exit where *out* has not one row, report and line in the catalogue for each of *count* documents."""
    stem = name.removesuffix(".jsonl")
    counts = {file: lines(out / file) for file in (f"{stem}.jsonl", f"{stem}.reports.jsonl")}
    db = sqlite3.connect(out / "run.db")
    counts["run.db"], counts["ids"] = db.execute("SELECT count(*), count(DISTINCT id) FROM documents").fetchone()
    counts["summary.csv"] = lines(out / "summary.csv") - 1
    (alike,) = db.execute("SELECT count(*) FROM duplicates").fetchone()
    db.close()
    if set(counts.values()) != {count} or (count > 2 * ONE_IN and not alike):
        sys.exit(f"{name}: expected {count} everywhere and some duplicates, found {counts}, {alike} duplicates")


def lines(path: Path) -> int:
    """Return how many lines the file at *path* has."""
    with path.open("rb") as file:
        return sum(piece.count(b"\n") for piece in iter(lambda: file.read(1 << 20), b""))


def line(name: str, peak: Peak) -> str:
    """Return the line of the table for one run."""
    n, s = peak.documents, peak.seconds
    return (
        f"{name:<10} {n:>9,} {n / s:>7.0f} {1_000 * s / n:>7.2f} {peak.own_mb:>7.0f} {peak.worker_mb:>10.0f} "
        f"{1e6 * peak.own_seconds / n:>11.0f}"
    )


def is_straight(found: list[Peak]) -> bool:
    """Tell whether memory stayed under the limit and the time of a document did not grow."""
    small = all(max(p.own_mb, p.worker_mb) < LIMIT_MB for p in found)
    return small and found[-1].seconds / found[-1].documents < 2 * found[0].seconds / found[0].documents


if __name__ == "__main__":
    main()
