"""Guarded reading: work on a page in a process of its own, with hard limits on time and memory."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from siglum.document import Document
from siglum.errors import InputError
from siglum.readers.html import read_html


@dataclass
class Guard:
    """One worker process, started when first needed and again after it was killed; use as a context manager.

    *seconds* a page may take by the wall clock, *megabytes* of address space the worker may hold (enforced where the
    platform has RLIMIT_AS; elsewhere only the time holds).
    """

    seconds: float = 30.0
    megabytes: int = 2_048
    _process: Any = field(default=None, repr=False)
    _pipe: Connection | None = field(default=None, repr=False)

    def __enter__(self) -> Guard:
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def call(self, id: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """Return what *function* (importable by name) returns for these arguments in the worker.

        Raises InputError, naming the document *id*, when the page takes too long, asks for too much memory, kills the
        worker or makes the function raise. A worker that was killed is replaced.
        """
        pipe = self._started()
        try:
            pipe.send((function, args, kwargs))
            if not pipe.poll(self.seconds):
                self.stop()
                raise InputError(id, f"took longer than {self.seconds:g} seconds and was given up")
            done, value = pipe.recv()
        except (EOFError, OSError) as error:
            self.stop()
            raise InputError(id, f"its worker died, most likely for want of memory ({self.megabytes} MB)") from error
        if done:
            return value
        if value == "MemoryError":
            self.stop()
            value = f"needs more than {self.megabytes} MB of memory"
        raise InputError(id, value)

    def stop(self) -> None:
        """End the worker, if one runs."""
        process, self._process = self._process, None
        pipe, self._pipe = self._pipe, None
        if pipe is not None:
            pipe.close()
        if process is not None:
            process.kill()
            process.join()

    def _started(self) -> Connection:
        if self._pipe is None or not self._process.is_alive():
            self.stop()
            context = multiprocessing.get_context("spawn")
            self._pipe, there = context.Pipe()
            self._process = context.Process(target=_serve, args=(there, self.megabytes), daemon=True)
            self._process.start()
            there.close()
        return self._pipe


def read_guarded(guard: Guard, html: str, *, id: str = "", **about: Any) -> Document:
    """Return what `read_html` returns for the same arguments, read within the limits of *guard*; raises InputError."""
    done: Document = guard.call(id, read_html, html, id=id, **about)
    return done


def _serve(pipe: Connection, megabytes: int) -> None:
    """Answer calls until the other end is gone."""
    try:
        import resource

        limit = megabytes * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ImportError, ValueError, OSError):
        pass
    while True:
        try:
            function, args, kwargs = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer = (True, function(*args, **kwargs))
        except MemoryError:
            answer = (False, "MemoryError")
        except Exception as error:  # told to the caller, who raises it by the document's name
            answer = (False, f"{type(error).__name__}: {error}")
        try:
            pipe.send(answer)
        except (TypeError, ValueError, AttributeError) as error:
            pipe.send((False, f"what came of it cannot be sent: {error}"))
