"""Build the compiled twins: every `.pyx` of `siglum.native`, with Cython and the C compiler of this machine.

    python -m siglum.making.native

builds them beside their sources, where a checkout finds them. The build of a wheel does the same into the wheel.

What is built depends on nothing but the sources and the tools: it is made from copies in a scratch folder, by names
relative to it, and without what a debugger reads, so that it is the same wherever the sources stand.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from siglum.native import digest, stamp_of

NATIVE = Path(__file__).resolve().parent.parent / "native"

# No fused multiply-add, which some processors have: sums come out alike on all of them. MSVC is asked for nothing.
FLAGS = ["-O3", "-ffp-contract=off", "-g0"] if os.name == "posix" else []
PROBE = "#include <Python.h>\nPyMODINIT_FUNC PyInit_probe(void) { return NULL; }\n"


class NotBuilt(Exception):
    """The twins could not be built here; the message says why."""


class ToolsMissing(NotBuilt):
    """They could not because this machine has not all it takes."""


def build(target: Path) -> list[Path]:
    """Build every module into the folder *target* and return the files, sorted. Raises NotBuilt where that fails.

    Beside each is written what it was built from, by which `siglum.native.twin` knows it.
    """
    target, package = target.resolve(), Path("siglum/native")
    with tempfile.TemporaryDirectory(prefix="siglum-native-") as scratch, contextlib.chdir(scratch):
        _see_tools()
        package.mkdir(parents=True)
        for path in (NATIVE / "__init__.py", *NATIVE.glob("*.pyx"), *NATIVE.glob("*.pxd")):
            shutil.copy(path, package)
        sources = sorted(package.glob("*.pyx"))
        try:
            modules = _compile(_translate(sources))
            stamps = {source.stem: digest(source) for source in sources}
            return sorted(_put(path, target, stamps[path.name.partition(".")[0]]) for path in modules)
        except Exception as e:
            raise NotBuilt(f"building failed ({_first_line(e)})") from e


def _see_tools() -> None:
    """Raise ToolsMissing where a tool is missing: seen first, since translating takes long and fails in many ways."""
    for package in ("setuptools", "Cython.Build"):
        try:
            import_module(package)
        except ImportError as e:
            raise ToolsMissing(f"{package.split('.')[0]} is not installed, or not whole ({_first_line(e)})") from e
    Path("probe.c").write_text(PROBE, "ascii")
    try:
        _compile([_extension("probe", "probe.c")])
    except Exception as e:  # what a compiler's set-up can throw differs by platform, and means the same
        headers = Path(sysconfig.get_path("include"), "Python.h")
        lacking = "no C compiler works here" if headers.exists() else "the headers of Python are not installed here"
        raise ToolsMissing(f"{lacking} ({_first_line(e)})") from e


def _translate(sources: Sequence[Path]) -> list[Any]:
    """Return the modules of *sources* as extensions in C."""
    from Cython.Build import cythonize

    extensions = [_extension(f"siglum.native.{source.stem}", source.as_posix()) for source in sources]
    translated: list[Any] = cythonize(extensions, compiler_directives={"language_level": 3}, quiet=True)
    return translated


def _extension(module: str, source: str) -> Any:
    from setuptools import Extension

    return Extension(module, [source], extra_compile_args=FLAGS)


def _compile(extensions: list[Any]) -> list[Path]:
    """Compile *extensions* in the scratch folder, side by side, and return the files."""
    from setuptools import Distribution

    command: Any = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib, command.build_temp, command.parallel = "lib", "temp", True
    command.ensure_finalized()
    command.run()
    return [Path(path) for path in command.get_outputs()]


def _put(built: Path, target: Path, stamp: str) -> Path:
    """Move *built* into *target* in one step, since running processes keep the old module, and *stamp* beside it."""
    part = Path(shutil.copy(built, target / f"{built.name}.part"))
    module = part.replace(target / built.name)
    stamp_of(module).write_text(stamp, "ascii")
    return module


def _first_line(e: Exception) -> str:
    return next(iter(str(e).splitlines()), type(e).__name__)


def main() -> None:
    """Build beside the sources and say what was built. Exit status: 1 the sources do not build, 2 tools are missing."""
    try:
        built = build(NATIVE)
    except NotBuilt as e:
        print(f"{e}; the Python twins run", file=sys.stderr)
        sys.exit(2 if isinstance(e, ToolsMissing) else 1)
    for path in built:
        print(f"built {path}")


if __name__ == "__main__":
    main()
