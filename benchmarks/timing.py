"""Fair times: rows take turns, each try in a process of its own, counted in processor time.

A busy machine only ever makes a try slower, so the best of all rounds is told, and turns give every row the same
chances. What a try remembers of the documents dies with its process. Each loads for itself what it needs, as the
process of a user does, and other documents go before those that are timed, so that loading is not counted.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from time import process_time
from typing import Any, NamedTuple, TypeVar

from benchmarks.tables import Row

Step = Callable[[Any], object]
K = TypeVar("K")
T = TypeVar("T")


class Missing(NamedTuple):
    """A step that cannot be measured here, and why."""

    why: str


class Spent(NamedTuple):
    """What one try took."""

    seconds: float
    failed: int


def apart(work: Callable[[], T]) -> T:
    """Return what *work* returns in a copy of this process.

    Raises EOFError where it fails; its traceback is printed.
    """
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=lambda: there.send(work()))
    process.start()
    there.close()
    try:
        found: T = here.recv()
        return found
    finally:
        process.join()


def spent(step: Step, documents: Iterable[Any]) -> Spent:
    """Return the processor time of *step* over *documents*, and on how many it failed."""
    failed = 0
    start = process_time()
    for document in documents:
        try:
            step(document)
        except Exception:  # a peer may fail on a document; the row says so
            failed += 1
    return Spent(process_time() - start, failed)


def warmed(step: Step, documents: Iterable[Any], warm: Iterable[Any]) -> Spent:
    """Return what *step* spends on *documents* after it has met *warm*, twice: a copy owns little memory at first."""
    for _ in range(2):
        spent(step, warm)
    return spent(step, documents)


def in_turns(tries: Mapping[K, Callable[[], T]], rounds: int) -> dict[K, list[T]]:
    """Return what each of *tries* gave in each round, every try apart from all others."""
    gc.collect()
    gc.freeze()  # a collection would write to every page of memory that a copy shares with this process
    found: dict[K, list[T]] = {name: [] for name in tries}
    for _ in range(rounds):
        for name, attempt in tries.items():
            found[name].append(apart(attempt))
    return found


def measured(
    steps: Mapping[str, Step | Missing], documents: Sequence[Any], rounds: int, *, bytes: int, warm: Sequence[Any]
) -> list[Row]:
    """Return a row for each step: MB/s, documents/s, microseconds a document, times as fast as the first step.

    *bytes* is the size of *documents*; *warm* are other documents, on which everything is loaded.
    """
    there = {name: step for name, step in steps.items() if not isinstance(step, Missing)}
    tries = {name: partial(warmed, step, documents, warm) for name, step in there.items()}
    best = {name: min(found) for name, found in in_turns(tries, rounds).items()}
    first, count = next(iter(best.values())).seconds, len(documents)
    rows = []
    for name, given in steps.items():
        if isinstance(given, Missing):
            rows.append(Row(name, (), given.why))
            continue
        seconds, failed = best[name]
        figures = (bytes / seconds / 1e6, count / seconds, seconds / count * 1e6, first / seconds)
        rows.append(Row(name, figures, f"failed on {failed}" if failed else ""))
    return rows
