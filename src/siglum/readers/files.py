"""Files in: which files of a folder are documents, in a stable order."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

from siglum.errors import InputError

# What a folder is searched for when nothing else is said. A README tells of the folder, an index of its archives;
# neither is a document of it.
INCLUDE = ("*.txt", "*.text", "*.html", "*.htm", "*.xhtml", "*.md", "*.markdown", "*.rst", "*.jsonl", "*.ndjson")
EXCLUDE = ("README*", ".*", "*.cdx.gz", "*.cdxj.gz")

ROWS = (".jsonl", ".ndjson")


class Source(NamedTuple):
    """A file to read: where it is, and its id, the path below the folder it was found in."""

    path: Path
    id: str


def find_files(
    paths: Iterable[Path], include: Iterable[str] = INCLUDE, exclude: Iterable[str] = EXCLUDE
) -> Iterator[Source]:
    """Yield the files *paths* name, and those of the folders among them whose names fit, sorted within a folder.

    Patterns are compared with a file's name and with its path below the folder. A file named itself is always taken.
    Raises InputError for a path that does not exist.
    """
    include, exclude = tuple(include), tuple(exclude)
    for path in paths:
        if path.is_dir():
            yield from _below(path, "", include, exclude)
        elif path.exists():
            yield Source(path, path.name)
        else:
            raise InputError(str(path), "no such file or folder")


def _below(folder: Path, prefix: str, include: tuple[str, ...], exclude: tuple[str, ...]) -> Iterator[Source]:
    """Yield the files below *folder* whose names fit, sorted by their ids, which begin with *prefix*.

    In memory are only the names in the folders on the way to a file. A folder that cannot be read is given as it is:
    who opens it will tell.
    """
    try:
        with os.scandir(folder) as entries:
            kinds = [(e.name, e.is_dir(follow_symlinks=False), e.is_file()) for e in entries]
    except OSError:
        yield Source(folder, prefix.rstrip("/") or folder.name)
        return
    # With its slash, a folder sorts where the files in it would.
    for name in sorted([f"{name}/" if is_dir else name for name, is_dir, is_file in kinds if is_dir or is_file]):
        id = f"{prefix}{name}"
        if _fits(name.rstrip("/"), exclude):
            continue
        if name.endswith("/"):
            yield from _below(folder / name, id, include, exclude)
        elif _fits(id, include):
            yield Source(folder / name, id)


def _fits(id: str, patterns: tuple[str, ...]) -> bool:
    name = id.rpartition("/")[2]
    return any(fnmatch(name, p) or fnmatch(id, p) for p in patterns)
