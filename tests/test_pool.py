"""Workers do documents side by side: same bytes as one after the other, and a bad document costs only itself."""

from __future__ import annotations

import errno
import multiprocessing
import os
import signal
import time
from random import Random
from threading import Thread

import pytest

from siglum.api import Chain
from siglum.errors import SiglumError
from siglum.runs import pool, ways
from siglum.runs.pool import Limits, in_process, in_workers
from siglum.runs.reading import Reading
from siglum.runs.starting import context
from siglum.runs.tasks import Task, Unread
from siglum.runs.work import Wants
from siglum.settings import Settings

SETTINGS = Settings(tag_languages=False)
WANTS = Wants(text=True, row=True, report=True)


def tasks(n: int = 200) -> list[Task]:
    text = "Skip to main content\nStorm {} hits coast\n"
    return [Task(str(i), "r", text.format(i), html=False, from_rows=True) for i in range(n)]


def test_two_workers_give_what_one_process_gives_in_the_same_order():
    assert list(in_workers(tasks(), SETTINGS, WANTS, jobs=2)) == list(in_process(tasks(), SETTINGS, WANTS))


def test_where_no_process_can_be_asked_for_copies_each_worker_loads_for_itself(monkeypatch):
    def refused():
        raise OSError("AF_UNIX path too long")

    monkeypatch.setattr("multiprocessing.forkserver.ensure_running", refused)
    assert context().get_start_method() == "spawn"
    assert list(in_workers(tasks(20), SETTINGS, WANTS, jobs=2)) == list(in_process(tasks(20), SETTINGS, WANTS))


def test_no_document_is_no_product():
    assert list(in_workers([], SETTINGS, WANTS, jobs=2)) == []


@pytest.mark.parametrize(
    ("size", "most"), [(20, 4 * (pool.AHEAD + 1)), (pool.AHEAD * pool.BATCH_BYTES, pool.AHEAD_LARGE + 1)]
)
def test_tasks_are_read_ahead_within_a_bound(monkeypatch, size, most):
    monkeypatch.setattr(pool, "BATCH_TASKS", 4)
    read = 0

    def counted():
        nonlocal read
        for n in range(400):
            read += 1
            yield Task(str(n), "r", "x" * size, html=False)

    products = in_workers(counted(), SETTINGS, Wants(text=True), jobs=1)
    next(products)
    assert read <= most + 1  # the one that shows where a batch ends
    products.close()


class Faulty(Chain):
    """A chain that hangs, or dies, on documents that say so."""

    def clean(self, source, **about):
        if "hang" in source:
            time.sleep(600)
        if "nap" in source:
            time.sleep(1)
        if "die" in source:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().clean(source, **about)


def faulty_work(tasks, products, marks, settings, wants, limits):
    Chain.default = classmethod(lambda cls, settings: Faulty((), settings))
    real_work(tasks, products, marks, settings, wants, limits)


real_work = pool._work


@pytest.mark.parametrize(
    ("word", "why"), [("hang", "took longer than 0.5 s"), ("die", "the worker died (exit status -9)")]
)
def test_a_document_that_hangs_or_kills_its_worker_is_named_and_the_rest_is_done(monkeypatch, word, why):
    monkeypatch.setattr(pool, "_work", faulty_work)
    monkeypatch.setattr(pool, "STARTING_S", 30.0)
    rows = [Task(t, t, t, html=False) for t in ("one", "two", word, "four", "five")]
    # The first document warms the worker, so that the clock's short limit counts from the second on.
    products = list(in_workers(rows, SETTINGS, Wants(text=True), jobs=1, limits=Limits(seconds=0.5)))
    assert [p.error or p.text.decode() for p in products] == ["one", "two", f"{word}: {why}", "four", "five"]


def test_a_document_that_hangs_does_not_stop_those_that_are_too_large_for_the_way(monkeypatch):
    monkeypatch.setattr(pool, "_work", faulty_work)
    large = "x" * 3 * pool.TASKS_ROOM
    rows = [Task(str(n), "r", text, html=False) for n, text in enumerate(["one", "hang", large, "four", large])]
    products = list(in_workers(rows, SETTINGS, Wants(text=True), jobs=1, limits=Limits(seconds=2)))
    assert [p.error or len(p.text) for p in products] == [3, "1: took longer than 2 s", len(large), 4, len(large)]


def test_a_slow_first_document_does_not_stop_those_who_wait_for_it(monkeypatch):
    monkeypatch.setattr(pool, "_work", faulty_work)
    monkeypatch.setattr(pool, "BATCH_TASKS", 1)
    rows = [Task(str(n), "r", "one" if n != 2 else "nap", html=False) for n in range(30)]
    limits = Limits(seconds=60)  # should it hang again, the test fails and does not
    products = list(in_workers(rows, SETTINGS, Wants(text=True), jobs=2, limits=limits))
    assert [p.id for p in products] == [str(n) for n in range(30)]


def test_a_worker_out_of_memory_costs_one_document():
    rows = [Task("a", "a", "a"), Task("big", "big", b"x" * 400_000_000), Task("c", "c", "c")]
    products = list(in_workers(rows, SETTINGS, Wants(text=True), jobs=1, limits=Limits(memory_mb=900)))
    assert [bool(p.error) for p in products] == [False, True, False]
    assert products[1].error.startswith("big: ")


def dead_work(tasks, products, marks, settings, wants, limits):
    raise SystemExit(3)


def test_workers_that_cannot_even_begin_end_the_run_and_blame_no_document(monkeypatch):
    monkeypatch.setattr(pool, "_work", dead_work)
    with pytest.raises(SiglumError, match=r"before their first document: the worker died \(exit status 3\)"):
        list(in_workers(tasks(3), SETTINGS, WANTS, jobs=1))


def test_where_nothing_can_be_shared_with_a_worker_the_run_ends_and_says_so(monkeypatch):
    def refused(self, code, size):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", "/dev/shm")

    monkeypatch.setattr(type(context()), "RawArray", refused)
    with pytest.raises(SiglumError, match=r"no worker can be started: No such file or directory \(/dev/shm\)"):
        list(in_workers(tasks(3), SETTINGS, WANTS, jobs=1))


def test_what_a_dead_worker_had_done_but_not_sent_is_done_again(monkeypatch):
    monkeypatch.setattr(pool, "_work", faulty_work)
    rows = [Task(str(n), "r", "die" if n == 30 else f"text {n}", html=False) for n in range(60)]
    products = list(in_workers(rows, SETTINGS, Wants(text=True), jobs=2))
    assert [p.id for p in products] == [str(n) for n in range(60)]
    assert [p.id for p in products if p.error] == ["30"]


def test_no_worker_is_left_behind(monkeypatch):
    products = in_workers(tasks(), SETTINGS, WANTS, jobs=2)
    next(products)
    left = multiprocessing.active_children()
    products.close()
    assert len(left) >= 2
    assert not any(process.is_alive() for process in left)


def test_rows_are_handed_to_workers_unread_and_give_what_they_give_here(tmp_path):
    rows = ['{"id": "a", "text": "Skip to main content\\nStorm"}', "{bad", '{"text": 5}', '{"text": "\\ud800"}', "[1]"]
    path = tmp_path / "rows.jsonl"
    path.write_bytes("\n".join([*rows, '{"text": "caf\u00e9", "n": 1}\n']).encode("latin-1"))
    given = list(Reading().files([path]))
    assert all(isinstance(one, Unread) for one in given)
    wants = Wants(row=True, report=True, account=True, duplicates=True)
    here = list(in_process(given, SETTINGS, wants))
    assert [bool(product.error) for product in here] == [False, True, True, False, True, True]
    assert list(in_workers(given, SETTINGS, wants, jobs=2)) == here


def test_a_row_that_kills_its_worker_is_named_by_its_id(monkeypatch, tmp_path):
    monkeypatch.setattr(pool, "_work", faulty_work)
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "first", "text": "one"}\n{"id": "second", "text": "die"}\n')
    products = list(in_workers(Reading().files([path]), SETTINGS, Wants(text=True), jobs=1))
    assert [(p.id, p.error) for p in products] == [
        ("first", ""),
        ("second", "second: the worker died (exit status -9)"),
    ]


def received(receiver, count):
    found = []
    while len(found) < count:
        found += receiver.receive()
    return found


@pytest.mark.parametrize(
    "message", [[], [b""], [b"a", b"", b"bc"], [b"x" * 992], [b"x" * 993], [b"x" * 3_000_000, b"y"], [b"z"] * 1_500]
)
def test_a_way_gives_messages_of_any_size_and_number(message):
    receiver, sender = ways.way(context(), 1000)

    def send():
        for _ in range(20):
            sender.put(message)
            sender.put([b"between"])
            sender.tell()

    Thread(target=send, daemon=True).start()
    assert received(receiver, 40) == 20 * [message, [b"between"]]


def test_messages_come_in_order_whether_they_find_room_or_not():
    drawn = Random(6)
    messages = [[drawn.randbytes(drawn.randrange(90)) for _ in range(drawn.randrange(4))] for _ in range(2_000)]
    receiver, sender = ways.way(context(), 256)

    def send():
        for n, message in enumerate(messages):
            sender.put(message)
            if n % 7 in (0, 1, 4):
                sender.tell()
        sender.tell()

    Thread(target=send, daemon=True).start()
    assert received(receiver, len(messages)) == messages


def test_where_no_memory_can_be_shared_all_goes_through_the_pipes(monkeypatch):
    given, shared = context(), type(context()).RawArray

    def little(self, code, size):
        if size > 1000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return shared(self, code, size)

    monkeypatch.setattr(type(given), "RawArray", little)
    assert list(in_workers(tasks(), SETTINGS, WANTS, jobs=2)) == list(in_process(tasks(), SETTINGS, WANTS))


def test_what_fits_is_put_without_waiting():
    receiver, sender = ways.way(context(), 1024)
    assert sender.fits([b"x" * 1016])  # and 8 bytes that say how many they are
    assert not sender.fits([b"x" * 1017])
    sender.put([b"x" * 500])
    assert sender.fits([b"x" * 508])
    assert not sender.fits([b"x" * 509])
    sender.tell()
    assert list(receiver.receive()) == [[b"x" * 500]]
    assert sender.fits([b"x" * 1016])


def test_a_way_that_ends_within_a_message_has_ended():
    receiver, sender = ways.way(context(), 1024)
    sender.put([b"whole"])
    sender.tell()
    os.write(sender._into.fileno(), b"\0\0\0\5\0\0")
    sender.close()
    assert list(receiver.receive()) == [[b"whole"]]
    with pytest.raises((EOFError, OSError)):
        list(receiver.receive())
