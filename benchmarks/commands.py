"""Whole commands, in processes of their own: by the clock, start included, with the peak memory of the largest."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from benchmarks.chains import OFF
from benchmarks.documents import copies, size
from benchmarks.tables import Row

# Started by a small process: what a process may have held before it became another counts as its peak.
LAUNCHER = """
import ctypes, json, os, resource, subprocess, sys
if sys.platform == "linux":  # a process that workers are copies of outlives who started it, and comes to us
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
status = subprocess.run([sys.executable, "-m", "siglum", *sys.argv[1:]], stdout=subprocess.DEVNULL).returncode
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([status, used.ru_utime + used.ru_stime, used.ru_maxrss]))
"""
UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in which the peak is told

# Python keeps what it compiled, as it does of what is installed.
AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

# So many copies of the texts in each mode that starting, half a second to one, weighs little in every run.
LOAD = {OFF: 240, "document": 160, "light": 80, "default": 50}


class Took(NamedTuple):
    """What one run took."""

    seconds: float
    cpu: float  # seconds of all its processes
    peak: float  # MB of the largest process


@dataclass(frozen=True)
class Command:
    """One way to run `siglum clean` over rows of texts."""

    texts: Sequence[str]
    languages: str = OFF
    jobs: int = 1
    report: bool = True

    @property
    def name(self) -> str:
        """The name of its row."""
        many = "2 processes" if self.jobs == 2 else f"{self.jobs} process"
        return f"languages {self.languages}, {'reports' if self.report else 'no reports'}, {many}"

    def run(self) -> Took:
        """Run it once. Raises RuntimeError where it fails."""
        with tempfile.TemporaryDirectory() as folder:
            rows = Path(folder, "rows.jsonl")
            with rows.open("w", encoding="utf-8") as file:
                file.writelines(json.dumps({"id": str(n), "text": text}) + "\n" for n, text in enumerate(self.texts))
            out = ["-o", f"{folder}/run"] if self.report else ["--to", "jsonl"]
            told = ["clean", str(rows), *out, "--languages", self.languages, "--jobs", str(self.jobs), "-q"]
            start = time.monotonic()
            launched = [sys.executable, "-c", LAUNCHER, *told]
            done = subprocess.run(launched, capture_output=True, text=True, env=AS_INSTALLED)
            seconds = time.monotonic() - start
        status, cpu, peak = json.loads(done.stdout or "[1, 0, 0]")
        if status:
            raise RuntimeError(f"siglum {' '.join(told)} ended with status {status}: {done.stderr[-2000:]}")
        return Took(seconds, cpu, peak * UNIT / 1e6)


def in_turns(commands: Sequence[Command], rounds: int) -> list[list[Took]]:
    """Return what each of *commands* took in each round."""
    found: list[list[Took]] = [[] for _ in commands]
    for _ in range(rounds):
        for command, took in zip(commands, found, strict=True):
            took.append(command.run())
    return found


def command_rows(texts: Sequence[str], rounds: int, ways: Sequence[str], load: int) -> list[Row]:
    """Return a row for each way of telling languages, with and without reports, for one process and two.

    Figures: documents, MB/s and documents/s by the clock, seconds of processor time, times as fast as one process, peak
    memory of the largest process in MB. Best of *rounds*.
    """
    rows = [command_row(Command(texts[:1]), [Command(texts[:1]).run() for _ in range(rounds)], "start: one document")]
    for languages in ways:
        many = copies(texts, load * LOAD[languages])
        pairs = [Command(many, languages, jobs, report) for report in (False, True) for jobs in (1, 2)]
        found = in_turns(pairs, rounds)
        for n, (command, took) in enumerate(zip(pairs, found, strict=True)):
            one = found[n - 1] if command.jobs == 2 else None
            rows.append(command_row(command, took, command.name, one))
    return rows


def command_row(command: Command, took: Sequence[Took], name: str, one: Sequence[Took] | None = None) -> Row:
    best, count = min(took), len(command.texts)
    faster = min(one).seconds / best.seconds if one else None
    rates = size(command.texts) / best.seconds / 1e6, count / best.seconds
    return Row(name, (count, *rates, best.seconds, best.cpu, faster, max(t.peak for t in took)))


def scale_rows(texts: Sequence[str], rounds: int, times: Sequence[int]) -> list[Row]:
    """Return a row for so many times the documents: documents, MB, seconds, processor time, and peak memory in MB."""
    commands = [Command(copies(texts, n)) for n in times]
    rows = []
    for n, command, took in zip(times, commands, in_turns(commands, rounds), strict=True):
        best, count = min(took), len(command.texts)
        peak = max(t.peak for t in took)
        figures = (count, size(command.texts) / 1e6, best.seconds, best.cpu, best.cpu / count * 1e6, peak)
        rows.append(Row(f"documents x {n}", figures))
    return rows
