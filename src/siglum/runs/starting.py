"""Where worker processes come from: each is a copy of one process that has loaded what all of them need.

So a worker is there at once, also one in the place of another that died, and what is loaded lies in memory once. The
process that is copied does nothing else: it has no threads that hold locks, and none of the run's open files.
"""

from __future__ import annotations

import multiprocessing
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

_LOADED = "siglum.runs.loaded"


def context() -> ForkServerContext | SpawnContext:
    """Return what starts processes and makes what they share; each process begins with nothing but what it is sent."""
    if sys.platform != "linux":  # on macOS a copied process may not use the system's own libraries
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([_LOADED])
    return context


def load() -> None:
    """Let the process that is to be copied load, while this one goes on."""
    if context().get_start_method() == "forkserver":
        from multiprocessing.forkserver import ensure_running

        ensure_running()
