"""What every worker needs, whatever its settings are: who imports this has it loaded, and may be copied."""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from importlib import import_module

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start threads, and who has some is not to be copied
for name in ("siglum.runs.pool", "siglum.runs.duplicates"):
    import_module(name)
with suppress(Exception):  # what is wrong with the rules, a worker will tell
    import_module("siglum.cleaners.rules").shipped()
gc.freeze()  # what is never searched for garbage is not written to, and stays shared
