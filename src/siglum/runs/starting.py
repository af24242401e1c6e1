"""Where worker processes come from: each is a copy of one process that has loaded what all of them need.

So a worker is there at once, also one in the place of another that died, and what is loaded lies in memory once. The
process that is copied does nothing else: it has no threads that hold locks, and none of the run's open files.
"""

from __future__ import annotations

import multiprocessing
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

_LOADED = "siglum.runs.loaded"


def context() -> ForkServerContext | SpawnContext:
    """Return what starts processes and makes what they share; each process begins with nothing but what it is sent.

    The process that is copied begins to load with the first call, while this one goes on.
    """
    if sys.platform == "linux":  # on macOS a copied process may not use the system's own libraries
        from multiprocessing.forkserver import ensure_running

        forking = multiprocessing.get_context("forkserver")
        forking.set_forkserver_preload([_LOADED])
        with suppress(OSError):  # it is asked through a file, in a folder that may be full, or have too long a name
            ensure_running()
            return forking
    return multiprocessing.get_context("spawn")
