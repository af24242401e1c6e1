"""Files out: whole or not at all, with a manifest by which anybody can check them."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from siglum.errors import InputError

MANIFEST = "manifest-sha256.txt"
SUMMARY = "summary.csv"
LONGEST_NAME = 200  # bytes; file systems allow 255, and endings are added


class WholeFile:
    """A file that is there whole or not at all: written under another name, flushed to disk, then renamed.

    It keeps the sha256 of what was written. The other name lies beside *path*, or in the folder *scratch* of the same
    file system, where nobody minds what a crash leaves. Raises InputError where *path* exists and *force* is not given,
    and where the file cannot be written.
    """

    def __init__(self, path: Path, *, force: bool = False, scratch: Path | None = None) -> None:
        if path.exists() and not force:
            raise InputError(str(path), "exists already; --force overwrites it")
        self.path = path
        self._digest = hashlib.sha256()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            folder = scratch or path.parent
            self._file = tempfile.NamedTemporaryFile(dir=folder, prefix=".siglum-", delete=False)  # noqa: SIM115
        except OSError as e:
            raise _unwritable(path, e) from e

    def write(self, data: bytes) -> None:
        """Add *data* (bytes)."""
        self._digest.update(data)
        try:
            self._file.write(data)
        except OSError as e:
            self.discard()
            raise _unwritable(self.path, e) from e

    def commit(self) -> str:
        """Put the file in place and return the sha256 of its bytes, in hex."""
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            os.chmod(self._file.name, 0o666 & ~_umask())
            os.replace(self._file.name, self.path)
        except OSError as e:
            self.discard()
            raise _unwritable(self.path, e) from e
        return self._digest.hexdigest()

    def discard(self) -> None:
        """Leave no trace of the file; after `commit` this does nothing."""
        with suppress(OSError):
            self._file.close()
        with suppress(OSError):
            os.unlink(self._file.name)


def write_whole(path: Path, data: bytes, *, force: bool = False, scratch: Path | None = None) -> str:
    """Write *data* to *path* whole or not at all and return its sha256; raises as `WholeFile` does."""
    file = WholeFile(path, force=force, scratch=scratch)
    file.write(data)
    return file.commit()


def _unwritable(path: Path, e: OSError) -> InputError:
    return InputError(str(path), f"cannot be written: {e.strerror or e}")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def manifest(digests: Mapping[str, str]) -> bytes:
    """Return a manifest in the form `sha256sum -c` reads, of file names with the sha256 of each, in hex."""
    return b"".join(manifest_line(name, digest) for name, digest in sorted(digests.items()))


def manifest_line(name: str, digest: str) -> bytes:
    """Return the line of a manifest for one file."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "\\" if escaped != name else ""
    return f"{mark}{digest}  {escaped}\n".encode("utf-8", "surrogateescape")


def read_manifest(data: bytes) -> dict[str, str]:
    """Return the digests of a manifest by name. Raises ValueError, naming the line, where it is none."""
    found = {}
    for number, line in enumerate(data.decode("utf-8", "surrogateescape").splitlines(), 1):
        escaped = line.startswith("\\")
        digest, gap, name = line.removeprefix("\\").partition("  ")
        if len(digest) != 64 or not gap:
            raise ValueError(f"line {number} is not a digest, two spaces and a name")
        if escaped:
            name = name.replace("\\n", "\n").replace("\\r", "\r").replace("\\\\", "\\")
        found[name] = digest
    return found


class Table:
    """CSV in UTF-8 with a byte-order mark, as spreadsheets read it, row by row; formulas are made harmless."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        self._line = io.StringIO(newline="")
        self._writer = csv.writer(self._line, lineterminator="\r\n")

    def head(self) -> bytes:
        """Return the first line, with the names of the columns."""
        return b"\xef\xbb\xbf" + self.row(dict(zip(self.columns, self.columns, strict=True)))

    def row(self, values: Mapping[str, Any]) -> bytes:
        """Return one line; a column *values* does not name is empty."""
        return self.line([values.get(c, "") for c in self.columns])

    def line(self, cells: Sequence[Any]) -> bytes:
        """Return one line of *cells*, one for each column."""
        self._line.seek(0)
        self._line.truncate()
        self._writer.writerow(list(map(harmless, cells)))
        return self._line.getvalue().encode("utf-8", "backslashreplace")


def harmless(value: Any) -> Any:
    """Return *value* so that no spreadsheet runs it: a text that begins a formula gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value


def safe_name(id: str) -> str:
    """Return *id* as a path below a folder: no step upward, no character file systems choke on, no part too long.

    >>> safe_name("../a b/c?.txt"), safe_name("https://example.org/1")
    ('%2E%2E/a b/c%3F.txt', 'https%3A/example.org/1')
    """
    parts = [p for p in id.split("/") if p] or ["document"]
    return "/".join(map(_safe_part, parts))


def _safe_part(part: str) -> str:
    if set(part) == {"."}:
        return "%2E" * len(part)
    safe = re.sub(r'[\x00-\x1f\x7f<>:"\\|?*%\ud800-\udfff]', lambda m: f"%{ord(m[0]):02X}", part)
    data = safe.encode()
    if len(data) <= LONGEST_NAME:
        return safe
    # A name cut short keeps a digest of the whole, so that two long names stay two.
    return data[: LONGEST_NAME - 17].decode("utf-8", "ignore") + "-" + hashlib.sha256(data).hexdigest()[:16]
