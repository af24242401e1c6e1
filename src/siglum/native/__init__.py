"""The hottest loops once more, compiled; on a machine that could not build them, the Python they stand for runs.

Every compiled function has a twin in Python, in the module that asks for it, which says what it does and why. The two
give the same answers: `tests/test_native.py` holds them against each other. This is how CPython keeps its own
accelerators (PEP 399).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import update_wrapper
from importlib import import_module
from types import ModuleType
from typing import Any, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])

#: "0" in this variable of the environment lets the Python run where the compiled twins are there too.
SWITCH = "SIGLUM_NATIVE"


def twin(name: str) -> ModuleType | None:
    """Return the compiled module *name* of this package; None where it was not built, or is switched off."""
    if os.environ.get(SWITCH) == "0":
        return None
    whole = f"{__name__}.{name}"
    try:
        return import_module(whole)
    except ModuleNotFoundError as e:
        if e.name == whole:
            return None
        raise


def twinned(name: str) -> Callable[[_Function], _Function]:
    """Return the decorator that puts the function of the same name in the compiled module *name* in a function's place.

    The Python stays within reach as its `__wrapped__`. What the compiled module needs of the module that asks for it
    must stand above the first function so marked, but for functions, which it may find when it is called.
    """

    def mark(function: _Function) -> _Function:
        compiled = getattr(twin(name), function.__name__, None)
        return cast("_Function", update_wrapper(compiled, function)) if compiled else function

    return mark
