"""Worker processes: documents done side by side, in order, with limits that hold from outside.

A worker that takes too long, or dies, costs the document it was at; that one is named, another worker takes the rest.
"""

from __future__ import annotations

import multiprocessing
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from siglum.runs.work import Product, Task, Wants, done, failed
from siglum.settings import Settings

BATCH_BYTES = 100_000  # about what is handed to a worker at once: enough that handing over costs little
BATCH_TASKS = 64
AHEAD = 3  # batches in the works for each worker, so that none waits while the first in order is slow
STARTING_S = 60.0  # what a worker may take to load before its first document


@dataclass(frozen=True)
class Limits:
    """What one document may take; 0 is no limit."""

    seconds: float = 0.0  # by the clock
    memory_mb: int = 0  # address space of a worker, in MB of 1,000,000 bytes


@dataclass
class _Batch:
    tasks: list[Task]
    products: list[Product] = field(default_factory=list)


@dataclass
class _Worker:
    process: BaseProcess
    pipe: Connection
    batch: _Batch | None = None
    since: float = 0.0  # when it was given the document it is at
    warm: bool = False


def in_process(tasks: Iterable[Task], settings: Settings, wants: Wants) -> Iterator[Product]:
    """Yield the product of each task, in order, done here."""
    from siglum.api import Chain

    chain = Chain.default(settings)
    for task in tasks:
        yield done(task, chain, wants)


def in_workers(
    tasks: Iterable[Task], settings: Settings, wants: Wants, *, jobs: int, limits: Limits = Limits()
) -> Iterator[Product]:
    """Yield the product of each task, in order, done by *jobs* processes.

    At most AHEAD batches a worker are read ahead, so memory does not grow with the input.
    """
    source = _batches(tasks)
    order: deque[_Batch] = deque()
    waiting: deque[_Batch] = deque()
    workers = [_started(settings, wants, limits) for _ in range(jobs)]
    try:
        exhausted = False
        while True:
            # What is done goes out first: then either a worker is at the first batch, or there is room to read on.
            while order and len(order[0].products) == len(order[0].tasks):
                yield from order.popleft().products
            while not exhausted and len(order) < AHEAD * jobs:
                batch = next(source, None)
                if batch is None:
                    exhausted = True
                else:
                    order.append(batch)
                    waiting.append(batch)
            if not order:
                return
            for worker in workers:
                if worker.batch is None and waiting:
                    _give(worker, waiting.popleft())
            _collect(workers, settings, wants, limits)
    finally:
        for worker in workers:
            worker.process.kill()
            worker.pipe.close()


def _batches(tasks: Iterable[Task]) -> Iterator[_Batch]:
    found: list[Task] = []
    size = 0
    for task in tasks:
        # A large one goes alone: should it be too large to be received, no other is blamed.
        if found and (size + len(task.body) > BATCH_BYTES or len(found) >= BATCH_TASKS):
            yield _Batch(found)
            found, size = [], 0
        found.append(task)
        size += len(task.body)
    if found:
        yield _Batch(found)


def _started(settings: Settings, wants: Wants, limits: Limits) -> _Worker:
    # "spawn" gives a worker nothing of this process but what it is sent: no locks held by threads, no open files.
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, settings, wants, limits), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _work(pipe: Connection, settings: Settings, wants: Wants, limits: Limits) -> None:
    """What a worker does until its pipe is closed: take a batch, send a product for each of its tasks."""
    from siglum.api import Chain

    _limit_memory(limits.memory_mb)
    chain = Chain.default(settings)
    while True:
        try:
            batch: list[Task] = pipe.recv()
        except EOFError:
            return
        for task in batch:
            pipe.send(done(task, chain, wants))


def _limit_memory(megabytes: int) -> None:
    if not megabytes:
        return
    try:
        import resource
    except ImportError:  # no such limit on Windows; the clock's limit holds there too
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000,) * 2)


def _give(worker: _Worker, batch: _Batch) -> None:
    worker.batch, worker.since = batch, time.monotonic()
    try:
        worker.pipe.send(batch.tasks[len(batch.products) :])
    except OSError:
        return  # it is dead; `_collect` will find so and name the document


def _collect(workers: list[_Worker], settings: Settings, wants: Wants, limits: Limits) -> None:
    """Take what workers have ready, waiting until one has; replace those that died or took too long."""
    busy = [w for w in workers if w.batch is not None]
    ready = set(wait([w.pipe for w in busy], timeout=_patience(busy, limits)))
    for worker in busy:
        batch = worker.batch
        assert batch is not None
        if worker.pipe in ready:
            try:
                batch.products.append(worker.pipe.recv())
                worker.since, worker.warm = time.monotonic(), True
            except (EOFError, OSError):
                worker.process.join()
                _replace(worker, f"the worker died (exit status {worker.process.exitcode})", settings, wants, limits)
        elif _overdue(worker, limits):
            _replace(worker, f"took longer than {limits.seconds:g} s", settings, wants, limits)
        if worker.batch is not None and len(batch.products) == len(batch.tasks):
            worker.batch = None


def _allowed(worker: _Worker, limits: Limits) -> float:
    return limits.seconds + (0 if worker.warm else STARTING_S)


def _overdue(worker: _Worker, limits: Limits) -> bool:
    return bool(limits.seconds) and time.monotonic() - worker.since > _allowed(worker, limits)


def _patience(busy: list[_Worker], limits: Limits) -> float | None:
    """Return how long to wait for a worker, in seconds, until the first one would be overdue; None is forever."""
    if not limits.seconds:
        return None
    now = time.monotonic()
    return max(0.0, min(w.since + _allowed(w, limits) - now for w in busy)) + 0.01


def _replace(worker: _Worker, why: str, settings: Settings, wants: Wants, limits: Limits) -> None:
    """Name the document *worker* was at, and let a new process take the rest of its batch."""
    batch = worker.batch
    assert batch is not None
    task = batch.tasks[len(batch.products)]
    batch.products.append(failed(task, f"{task.id}: {why}", wants))
    worker.process.kill()
    worker.pipe.close()
    new = _started(settings, wants, limits)
    worker.process, worker.pipe, worker.warm = new.process, new.pipe, False
    if len(batch.products) < len(batch.tasks):
        _give(worker, batch)
