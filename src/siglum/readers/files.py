"""Files in: which files of a folder are documents, in a stable order."""

from __future__ import annotations

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
            below = [(p.relative_to(path).as_posix(), p) for p in path.rglob("*") if p.is_file()]
            for id, found in sorted(below):
                if _fits(id, include) and not any(_fits(part, exclude) for part in id.split("/")):
                    yield Source(found, id)
        elif path.exists():
            yield Source(path, path.name)
        else:
            raise InputError(str(path), "no such file or folder")


def _fits(id: str, patterns: tuple[str, ...]) -> bool:
    name = id.rpartition("/")[2]
    return any(fnmatch(name, p) or fnmatch(id, p) for p in patterns)
