"""The hottest loops once more, compiled; on a machine that could not build them, the Python they stand for runs.

Every compiled function has a twin in Python, in the module that asks for it, which says what it does and why. The two
give the same answers: `tests/test_native*.py` hold them against each other. This is how CPython keeps its own
accelerators (PEP 399).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache, update_wrapper
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])

#: "0" in this variable of the environment lets the Python run where the compiled twins are there too.
SWITCH = "SIGLUM_NATIVE"


def twin(name: str) -> ModuleType | None:
    """Return the compiled module *name* of this package; None where it was not built, or is switched off.

    In a checkout, a module built from other sources than stand beside it now counts as not built: what calls it may
    have changed with them. `python -m siglum.making.native` builds all anew.
    """
    return import_module(f"{__name__}.{name}") if _is_on(name) else None


def twinned(name: str) -> Callable[[_Function], _Function]:
    """Return the decorator that puts the function of the same name in the compiled module *name* in a function's place.

    The Python stays within reach as its `__wrapped__`. What the compiled module needs of the module that asks for it
    must stand above the first function so marked, but for functions, which it may find when it is called.
    """

    def mark(function: _Function) -> _Function:
        compiled = getattr(_found(name), function.__name__, None)
        return cast("_Function", update_wrapper(compiled, function)) if compiled else function

    return mark


@cache
def _found(name: str) -> ModuleType | None:
    return twin(name)  # a module marks many functions, and is looked for once


def running() -> list[str]:
    """Return the names of the compiled modules that run here, sorted; none is loaded for that."""
    return sorted(module.name for module in iter_modules(__path__) if _is_on(module.name))


def _is_on(name: str) -> bool:
    return os.environ.get(SWITCH) != "0" and is_current(name)


def is_current(name: str) -> bool:
    """Return whether module *name* is built, and from the sources that stand beside it, if any do."""
    spec = find_spec(f"{__name__}.{name}")
    if spec is None or spec.origin is None:
        return False
    source, stamp = Path(__file__).with_name(f"{name}.pyx"), stamp_of(Path(spec.origin))
    return not source.exists() or (stamp.exists() and stamp.read_text("ascii") == digest(source))


def stamp_of(module: Path) -> Path:
    """Return the file beside the built *module* that holds the digest of what it was built from."""
    return module.with_suffix(".sha256")


def digest(source: Path) -> str:
    """Return the sha256, in hex, of *source*, of all definitions beside it, and of the sources these speak of.

    Modules may hand each other what only definitions tell: they are built of the same sources, or none of them counts.
    """
    shared = sorted(source.parent.glob("*.pxd"))
    files = (source, *shared, *filter(Path.exists, [path.with_suffix(".pyx") for path in shared]))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
