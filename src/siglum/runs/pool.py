"""Worker processes: documents done side by side, in order, with limits that hold from outside.

A worker that takes too long, or dies, costs the document it was at; that one is named, another worker takes the rest.
Batches go to workers and products come back several at a time, so that handing over costs little. Which document a
worker is at, and since when, stands in memory shared with it.
"""

from __future__ import annotations

import gc
import marshal
import math
import pickle
import signal
import time
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import TYPE_CHECKING, Any

from siglum.errors import SiglumError
from siglum.runs.catalogue import Summary
from siglum.runs.starting import context
from siglum.runs.tasks import Given
from siglum.runs.ways import Message, Receiver, Sender, way
from siglum.runs.work import Product, Wants, done, failed
from siglum.settings import Settings

if TYPE_CHECKING:
    from siglum.api import Chain

BATCH_BYTES = 250_000  # about what is handed to a worker at once
BATCH_TASKS = 64
AHEAD = 7  # batches in the works for each worker, so that none waits while the first in order is slow
AHEAD_LARGE = 2  # the same where documents are larger than a batch
GIVEN = 5  # of these, how many a worker has: enough until this process is back from the disk
TASKS_ROOM = 1 << 21  # bytes shared with a worker, so that what it is given lies there already when it asks
PRODUCTS_ROOM = 1 << 22  # the same for what comes from it: it need not wait while this process is at the disk
SENDING_S = 0.2  # after which a worker sends what it has done, though its batch is not
STARTING_S = 60.0  # what a worker may take to load before its first document
SEARCH_AFTER = 50_000  # objects made and kept: some dozens of documents
STARTS = 3  # workers in a row that may end in no document
PLAIN = 2  # marshal's last version that does not look whether it has met a value before

_AT, _SINCE = 0, 1  # what is shared with a worker: how many documents it began, and when the last one


@dataclass(frozen=True)
class Limits:
    """What one document may take; 0 is no limit."""

    seconds: float = 0.0  # by the clock
    memory_mb: int = 0  # address space of a worker, in MB of 1,000,000 bytes


@dataclass
class _Batch:
    tasks: list[Given]
    products: list[Product | None]
    missing: int
    size: int  # of its tasks, bytes or code points
    message: Message | None = None  # what is missing, as it goes to a worker


@dataclass
class _Worker:
    process: BaseProcess
    tasks: Sender  # what goes to it
    products: Receiver  # what comes from it
    marks: Any  # shared: see _AT, _SINCE
    given: deque[tuple[_Batch, deque[int]]] = field(default_factory=deque)  # what it has, with places of tasks
    done: int = 0  # products that came from it

    def close(self) -> None:
        """Let go of the ways to it and from it."""
        self.tasks.close()
        self.products.close()


def in_process(tasks: Iterable[Given], settings: Settings, wants: Wants) -> Iterator[Product]:
    """Yield the product of each task, in order, done here."""
    from siglum.api import Chain

    chain = Chain.default(settings)
    with _seldom_searched():
        for n, task in enumerate(tasks):
            yield done(task, chain, wants)
            if not n:
                gc.freeze()  # what the first document made load stays to the end


@contextmanager
def _seldom_searched() -> Iterator[None]:
    """Let Python search for garbage in cycles seldom: documents leave little, and each search walks all that is loaded.

    With what is loaded frozen, a fifth of the time of a text with its report.
    """
    before = gc.get_threshold()
    gc.set_threshold(SEARCH_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def in_workers(
    tasks: Iterable[Given], settings: Settings, wants: Wants, *, jobs: int, limits: Limits = Limits()
) -> Iterator[Product]:
    """Yield the product of each task, in order, done by *jobs* processes.

    At most AHEAD batches a worker are read ahead, so memory does not grow with the input; fewer of large documents.
    Raises SiglumError where workers cannot even begin.
    """
    pool = _Pool(settings, wants, limits)
    source = _batches(tasks, jobs)
    order: deque[_Batch] = deque()
    try:
        with _seldom_searched():
            pool.workers.extend(pool.started() for _ in range(jobs))
            exhausted = False
            while True:
                while not exhausted and _has_room(order, jobs):
                    batch = next(source, None)
                    if batch is None:
                        exhausted = True
                        break
                    order.append(batch)
                    pool.waiting.append(batch)
                    pool.give()
                if not order:
                    return
                # What is done goes out first: then either a worker is at the first batch, or there is room to read on.
                if not order[0].missing:
                    for product in order.popleft().products:
                        assert product is not None
                        yield product
                else:
                    pool.collect()
                pool.give()
    finally:
        pool.close()


def _has_room(order: Collection[_Batch], jobs: int) -> bool:
    """Tell whether one more batch may be in the works."""
    if len(order) < AHEAD_LARGE * jobs:
        return True
    return len(order) < AHEAD * jobs and sum(batch.size for batch in order) < AHEAD * jobs * BATCH_BYTES


def _batches(tasks: Iterable[Given], jobs: int) -> Iterator[_Batch]:
    found: list[Given] = []
    size = made = 0
    for task in tasks:
        # A large one goes alone: should it be too large to be received, no other is blamed. The first batches are
        # small, so that of few documents each worker has some.
        most = min(BATCH_TASKS, 1 + made // jobs)
        if found and (size + len(task.body) > BATCH_BYTES or len(found) >= most):
            yield _Batch(found, [None] * len(found), len(found), size)
            found, size, made = [], 0, made + 1
        found.append(task)
        size += len(task.body)
    if found:
        yield _Batch(found, [None] * len(found), len(found), size)


class _Pool:
    """The workers and what they are at."""

    def __init__(self, settings: Settings, wants: Wants, limits: Limits) -> None:
        self.workers: list[_Worker] = []
        self.waiting: deque[_Batch] = deque()  # what no worker has, in order
        self._settings, self._wants, self._limits = settings, wants, limits
        self._context = context()
        self._lost = 0  # workers in a row that ended in no document
        self._any = False  # whether any did one

    def started(self) -> _Worker:
        """Return a new worker. Raises SiglumError where there can be none."""
        try:
            return self._started()
        except OSError as e:  # no memory to be shared, no more processes or files
            why = f"{e.strerror or e} ({e.filename})" if e.filename else e.strerror or e
            raise SiglumError(f"no worker can be started: {why}; one process without limits needs none") from e

    def _started(self) -> _Worker:
        (tasks_out, tasks), (products, products_into) = (way(self._context, n) for n in (TASKS_ROOM, PRODUCTS_ROOM))
        marks = self._context.RawArray("d", 2)
        marks[_SINCE] = time.monotonic() + STARTING_S
        told = (tasks_out, products_into, marks, self._settings, self._wants, self._limits)
        process = self._context.Process(target=_work, args=told, daemon=True)
        process.start()
        tasks_out.close()
        products_into.close()
        return _Worker(process, tasks, products, marks)

    def close(self) -> None:
        for worker in self.workers:
            worker.process.kill()
            worker.close()
        for worker in self.workers:
            worker.process.join()

    def give(self) -> None:
        """Give what is waiting to workers that have few batches, the idle first."""
        for most in range(GIVEN):
            for worker in self.workers:
                if not self.waiting:
                    return
                if len(worker.given) <= most and self._hand(worker, self.waiting[0]):
                    self.waiting.popleft()

    def _hand(self, worker: _Worker, batch: _Batch) -> bool:
        """Give *batch* to *worker*, if it is idle or the batch finds room: this process never waits for a document."""
        rest = [n for n, product in enumerate(batch.products) if product is None]
        message = batch.message = batch.message or _handed([batch.tasks[n] for n in rest])
        if worker.given and not worker.tasks.fits(message):
            return False
        batch.message = None
        worker.given.append((batch, deque(rest)))
        with suppress(OSError):  # it is dead; `collect` will find so and name the document
            worker.tasks.put(message)
            worker.tasks.tell()
        return True

    def collect(self) -> None:
        """Take what workers have ready, waiting until one has; replace those that died or are overdue."""
        busy = [w for w in self.workers if w.given]
        ready = set(wait([w.products.out for w in busy], timeout=self._patience(busy)))
        for worker in busy:
            if worker.products.out in ready:
                try:
                    products = [_returned(*message) for message in worker.products.receive()]
                except (EOFError, OSError):
                    worker.process.join()
                    self._replace(worker, f"the worker died (exit status {worker.process.exitcode})")
                    continue
                self._lost, self._any = 0, True
                worker.done += len(products)
                batch, places = worker.given[0]
                for product in products:
                    batch.products[places.popleft()] = product
                batch.missing -= len(products)
                if not places:
                    worker.given.popleft()
            elif began := self._overdue(worker):
                self._replace(worker, f"took longer than {self._limits.seconds:g} s", began)

    def _overdue(self, worker: _Worker) -> int:
        """Return how many documents *worker* began if it takes too long for the last one, else 0."""
        began = int(worker.marks[_AT])  # read first: should it go on to another now, the time read next is new
        late = bool(self._limits.seconds) and time.monotonic() - worker.marks[_SINCE] > self._limits.seconds
        return max(1, began) if late else 0

    def _patience(self, busy: list[_Worker]) -> float | None:
        """Return how long to wait, in seconds, until the first worker could be overdue; None is forever."""
        if not self._limits.seconds:
            return None
        left: float = min(w.marks[_SINCE] for w in busy) - time.monotonic() + self._limits.seconds
        return min(max(0.0, left), self._limits.seconds) + 0.01

    def _replace(self, worker: _Worker, why: str, began: int = 0) -> None:
        """Name the document *worker* was at, the last of *began*; others take those it had left."""
        worker.process.kill()
        worker.process.join()
        worker.close()
        began = began or int(worker.marks[_AT])
        blamed = began - 1 - worker.done
        if blamed < 0:  # it ended in no document: it may be given the same again, but not for ever
            self._lost += 1
            if self._lost >= STARTS and not self._any:
                raise SiglumError(f"workers end before their first document: {why}")
            blamed = 0 if self._lost >= STARTS else -1
        if blamed >= 0:
            batch, n = [(batch, n) for batch, places in worker.given for n in places][blamed]
            task = batch.tasks[n].read()
            batch.products[n] = failed(task, f"{task.id}: {why}", self._wants)
            batch.missing -= 1
        self.workers[self.workers.index(worker)] = self.started()
        self.waiting.extendleft(batch for batch, _ in reversed(worker.given) if batch.missing)


def _work(tasks: Receiver, products: Sender, marks: Any, settings: Settings, wants: Wants, limits: Limits) -> None:
    """What a worker does until its ways are closed: take batches, send a product for each of their tasks."""
    from siglum.api import Chain

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who started this process ends it
    _limit_memory(limits.memory_mb)
    chain = Chain.default(settings)
    with _seldom_searched(), suppress(EOFError, OSError):  # nobody is there any more
        while True:
            marks[_SINCE] = math.inf
            try:
                given = [task for message in tasks.receive() for task in _taken(*message)]
            except MemoryError:
                marks[_AT] += 1  # what cannot be received begins with the document at fault
                raise
            first = not marks[_AT]
            _work_off(given, products, marks, chain, wants)
            if first:
                gc.freeze()


def _work_off(given: list[Given], products: Sender, marks: Any, chain: Chain, wants: Wants) -> None:
    told = time.monotonic()
    for task in given:
        now = time.monotonic()
        if now - told > SENDING_S:
            products.tell()
            told = now
        marks[_SINCE] = now
        marks[_AT] += 1
        product = done(task, chain, wants)
        marks[_SINCE] = math.inf  # should there be no room for it now, no document is late
        products.put(_returning(product))
    products.tell()


def _handed(tasks: Sequence[Given]) -> Message:
    """Return *tasks* as they go to a worker: what is known of them, then the body of each as it is."""
    parted = [(type(task), *task.parted()) for task in tasks]
    return pickle.dumps([(kind, fields) for kind, fields, _ in parted], 5), *[body for _, _, body in parted]


def _taken(told: bytes, *bodies: bytes) -> list[Given]:
    """Undo `_handed`."""
    return [kind.joined(fields, body) for (kind, fields), body in zip(pickle.loads(told), bodies, strict=True)]


def _returning(product: Product) -> Message:
    """Return *product* as it comes from a worker: what is said of a document, then what is written of it, as it is."""
    id, source, from_rows, error, text, row, report, summary, *others = product
    told: Any = (id, source, from_rows, error, tuple(summary), *others)
    # These are plain values, and both ends are one Python: marshal takes half the time of pickle.
    return marshal.dumps(told, PLAIN), text, row, report


def _returned(told: bytes, text: bytes, row: bytes, report: bytes) -> Product:
    """Undo `_returning`."""
    id, source, from_rows, error, summary, *others = marshal.loads(told)
    return Product(id, source, from_rows, error, text, row, report, Summary(*summary), *others)


def _limit_memory(megabytes: int) -> None:
    if not megabytes:
        return
    try:
        import resource
    except ImportError:  # no such limit on Windows; the clock's limit holds there too
        return
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000,) * 2)
