"""The hottest loops once more, compiled; on a machine that could not build them, the Python they stand for runs.

Every compiled function has a twin in Python, in the module that asks for it, which says what it does and why. The two
give the same answers: `tests/test_native.py` holds them against each other. This is how CPython keeps its own
accelerators (PEP 399).
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType

#: "0" in this variable of the environment lets the Python run where the compiled twins are there too.
SWITCH = "SIGLUM_NATIVE"


def twin(name: str) -> ModuleType | None:
    """Return the compiled module *name* of this package; None where it was not built, or is switched off."""
    if os.environ.get(SWITCH) == "0":
        return None
    try:
        return import_module(f"{__name__}.{name}")
    except ImportError:
        return None
