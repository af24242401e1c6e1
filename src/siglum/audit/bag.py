"""BagIt: a run as a package that anybody can check (RFC 8493): sources, clean texts, reports, and what is told of them.

The payload lies as a standard transfer does, `objects/` beside `metadata/`, and PREMIS names files by these paths.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from siglum.audit.premis import write_premis
from siglum.audit.prov import prov
from siglum.audit.record import AuditedRun
from siglum.audit.statement import statement
from siglum.errors import InputError
from siglum.writers.files import MANIFEST, SUMMARY

ALGORITHMS = ("sha256", "sha512")


def write_bag(run: AuditedRun, out: Path) -> None:
    """Write the run as a bag to the folder *out*, whole or not at all. Nothing is moved; nothing there is touched.

    A source that neither the reports nor `run.sources` give is not in the bag; PREMIS names it by its digest. Raises
    InputError where *out* exists or cannot be written, ReportMismatch where a source does not come back.
    """
    if out.exists():
        raise InputError(str(out), "exists already; a bag needs a folder of its own")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=out.parent, prefix=".siglum-"))
    except OSError as e:
        raise InputError(str(out), f"cannot be written: {e.strerror or e}") from e
    try:
        _fill(run, draft)
        draft.chmod(0o755)
        os.rename(draft, out)
    except OSError as e:
        raise InputError(str(out), f"cannot be written: {e.strerror or e}") from e
    finally:
        with suppress(OSError):
            shutil.rmtree(draft)


def _fill(run: AuditedRun, bag: Path) -> None:
    payload = _Files(bag)
    for name, data in _objects(run):
        payload.add(f"data/{name}", [data])
    with payload.open("data/metadata/premis.xml") as file:
        write_premis(run, file)
    payload.add("data/metadata/prov.json", [prov(run)])
    payload.add("data/metadata/statement.txt", [statement(run)])
    for name, copied in (("summary.csv", SUMMARY), ("run-manifest-sha256.txt", MANIFEST)):
        payload.add(f"data/metadata/{name}", [(run.folder / copied).read_bytes()])
    tags = _Files(bag)
    tags.add("bagit.txt", [b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"])
    tags.add("bag-info.txt", [_info(run, payload)])
    for algorithm in ALGORITHMS:
        tags.add(f"manifest-{algorithm}.txt", [payload.manifest(algorithm)])
    manifests = {algorithm: tags.manifest(algorithm) for algorithm in ALGORITHMS}
    for algorithm, data in manifests.items():
        tags.add(f"tagmanifest-{algorithm}.txt", [data])


def _objects(run: AuditedRun) -> Iterator[tuple[str, bytes]]:
    for record in run.records():
        if record.source is not None:
            yield record.names.source, record.source
        yield record.names.text, record.text_bytes
        yield record.names.report, record.report_bytes


def _info(run: AuditedRun, payload: _Files) -> bytes:
    tool = run.facts["tool"] if run.facts else {"name": "siglum", "version": ""}
    rows = [
        ("Bag-Software-Agent", f"{tool['name']} {tool['version']}".strip()),
        ("Bagging-Date", run.date[:10]),
        ("External-Identifier", f"urn:sha256:{run.digest}"),
        ("External-Description", "Texts cleaned by siglum, with their sources and the account of every change."),
        *[("Source-Organization", a.name) for a in run.agents if a.type == "organization"],
        *[("Contact-Name", a.name) for a in run.agents if a.type == "person"],
        ("Payload-Oxum", f"{payload.size}.{len(payload.digests)}"),
    ]
    # A line break in a value would begin an element of its own.
    return "".join(f"{name}: {' '.join(value.split())}\n" for name, value in rows).encode("utf-8", "replace")


class _Files:
    """Files below a folder, with the digests of what was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.digests: dict[str, _Hashed] = {}

    @property
    def size(self) -> int:
        """Bytes written."""
        return sum(hashed.size for hashed in self.digests.values())

    def add(self, name: str, parts: Iterable[bytes]) -> None:
        """Write *parts* to the file *name*."""
        with self.open(name) as file:
            for part in parts:
                file.write(part)

    def open(self, name: str) -> _Hashed:
        """Return the file *name*, to be written to."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.digests[name] = _Hashed(path)
        return self.digests[name]

    def manifest(self, algorithm: str) -> bytes:
        """Return the manifest of all files so far, by name; no name here needs escaping."""
        rows = [f"{file.digests[algorithm].hexdigest()}  {name}\n" for name, file in sorted(self.digests.items())]
        return "".join(rows).encode()


class _Hashed:
    """A file that counts and digests what is written to it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self.digests = {algorithm: hashlib.new(algorithm) for algorithm in ALGORITHMS}
        self.size = 0

    def __enter__(self) -> _Hashed:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> None:
        """Add *data* (bytes)."""
        self._file.write(data)
        self.size += len(data)
        for digest in self.digests.values():
            digest.update(data)
