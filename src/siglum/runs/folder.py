"""A run as a folder: clean texts or rows, reports, and an account; begun again after a crash, it goes on where it was.

What is unfinished lies in a folder of its own inside: growing files, and the catalogue that says how much of each is
done. At a checkpoint the files are flushed to disk before the catalogue is committed, so what it says is never more
than what is there; what lies behind is cut off when the run goes on.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from siglum.errors import InputError, MissingExtra, SiglumError
from siglum.report import dumps, loads, sha256
from siglum.runs.catalogue import CATALOGUE, COLUMNS, Catalogue
from siglum.runs.forms import check_surrogates, dolma_names, pairs, write_dolma, write_parquet
from siglum.runs.work import Product, Task, Wants, digest_of
from siglum.writers.files import MANIFEST, SUMMARY, Table, WholeFile, manifest, safe_name, write_whole

RUN = "run.json"
LEARNED = "learned-rules"  # packs that were learned for this run, put into its folder before it begins
DOCUMENTS = "documents.jsonl"  # rows of what was not read from rows
UNFINISHED = ".siglum-unfinished"
CHECKPOINT_S = 2.0  # what a crash may cost, in seconds of work
CHECKPOINT_DOCUMENTS = 5_000
SHOWN = 1_000  # rows of each list in run.json; the catalogue has all

# Faults of the disk, not of a document: nothing after them could be written either.
_FATAL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO, errno.EACCES, errno.EPERM}


class Folder:
    """A folder with clean texts or rows, reports, summary.csv, run.json, run.db and a manifest.

    *about* says what run this is: its command, settings, packs. Where an unfinished run about the same lies in the
    folder, it goes on; `rest` leaves out the tasks that are done. Raises InputError where another run, or anything
    else, stands in the folder and *force* is not given, and SiglumError where the folder cannot be written.
    """

    def __init__(
        self,
        out: Path,
        wants: Wants,
        about: Mapping[str, Any],
        *,
        force: bool = False,
        packing: str = "",
        form: str = "",
        drop_duplicates: bool = False,
    ) -> None:
        self.wants = wants
        self._form, self._drop = form, drop_duplicates
        self._out, self._about, self._packing = out, about, packing
        self._parts: dict[str, BinaryIO] = {}
        self._since, self._waiting = time.monotonic(), 0
        identity = sha256(dumps([about, wants.__dict__, packing, form, drop_duplicates]))
        with self._disk():
            self._db = self._opened(identity, force)
        self.done = self._db.count()
        self._input = self._db.fact("input")

    def _opened(self, identity: str, force: bool) -> Catalogue:
        unfinished = self._out / UNFINISHED
        if force:
            (self._out / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(unfinished, ignore_errors=True)
        elif (unfinished / CATALOGUE).exists():
            db = Catalogue(unfinished / CATALOGUE)
            if db.fact("identity") in (identity, ""):
                db.set_fact("identity", identity)
                return db
            db.close()
            if not (self._out / MANIFEST).exists():
                why = "holds an unfinished run of another command, with other settings or packs; --force starts anew"
                raise InputError(str(self._out), why)
        if (self._out / MANIFEST).exists():
            raise InputError(str(self._out), "holds a run already; --force overwrites it")
        if not force and self._out.exists() and any(p.name not in (LEARNED, UNFINISHED) for p in self._out.iterdir()):
            raise InputError(str(self._out), "is not empty; --force writes into it all the same")
        db = Catalogue(unfinished / CATALOGUE)
        db.set_fact("identity", identity)
        return db

    def rest(self, tasks: Iterator[Task]) -> Iterator[Task]:
        """Yield the tasks that are not done yet. Raises SiglumError where those done are not what they were."""
        found = ""
        done = 0
        for task in islice(tasks, self.done):
            found = _chained(found, digest_of(task))
            done += 1
        if done < self.done or found != self._input:
            raise SiglumError(
                f"{self._out}: the input is not what it was when this run began; --force starts the run anew"
            )
        yield from tasks

    def put(self, product: Product) -> Mapping[str, Any]:
        """Take one product and return its row of the summary, which says of what it is a duplicate.

        Raises InputError where it cannot be written, SiglumError where nothing can.
        """
        with self._disk():
            product = self._marked(product)
            summary, fault = product.summary, None
            try:
                self._put(product)
            except InputError as e:
                if isinstance(e.__cause__, OSError) and e.__cause__.errno in _FATAL:
                    raise
                summary, fault = {"id": product.id, "status": "failed", "error": str(e)}, e
            self._db.add(product.source, summary)
            self._input = _chained(self._input, product.digest)
            self._waiting += 1
            if self._waiting >= CHECKPOINT_DOCUMENTS or time.monotonic() - self._since > CHECKPOINT_S:
                self._checkpoint()
        if fault:
            raise fault
        return summary

    def close(self) -> None:
        """Complete the run: every file in its place, the manifest last."""
        with self._disk():
            self._checkpoint()
            self._db.forget_keys()
            for name in self._db.parts():
                if self._form:
                    self._convert(name)
                else:
                    self._finish(name)
            self._db.add_file(SUMMARY, self._summary())
            account = dumps(self._account(), indent=True) + b"\n"
            self._db.add_file(RUN, write_whole(self._out / RUN, account, force=True))
            self._db.commit()
            self._db.write(self._out / CATALOGUE)
            digests = self._db.files() | {CATALOGUE: file_digest(self._out / CATALOGUE)}
            write_whole(self._out / MANIFEST, manifest(digests), force=True)
            self.leave()
            shutil.rmtree(self._out / UNFINISHED, ignore_errors=True)

    def leave(self) -> None:
        """Let go of the folder, complete or not: what was done since the last checkpoint is done again."""
        for file in self._parts.values():
            with suppress(OSError):
                file.close()
        self._db.close()

    def _put(self, product: Product) -> None:
        if product.summary["status"] in ("skipped", "dropped"):
            return
        if self.wants.row and (product.from_rows or not self.wants.text):
            name = rows_name(product.source) if product.from_rows else DOCUMENTS
            if self._form:
                check_surrogates(product.id, product.row)
            if self._form == "dolma":  # which holds the source's text, and the report holds what of it is gone
                check_surrogates(product.id, product.report)
            self._part(name).write(product.row)
            if product.report:
                self._part(report_rows(name)).write(product.report + b"\n")
        elif not product.error:
            self._put_files(product)

    def _marked(self, product: Product) -> Product:
        """Return *product* with the document it is a duplicate of, if it is one."""
        twin = self._db.twin(product.keys, product.id) if product.keys else None
        if not twin:
            return product
        summary = {**product.summary, "duplicate_of": twin[0], "duplicate_kind": twin[1]}
        if self._drop:
            summary |= {"status": "dropped", "error": f"duplicate ({twin[1]}) of {twin[0]}"}
        row = product.row
        if row:
            row = row[:-2] + b"," + dumps({"duplicate_of": twin[0], "duplicate_kind": twin[1]})[1:] + b"\n"
        return product._replace(summary=summary, row=row)

    def _put_files(self, product: Product) -> None:
        text_name, report_name = file_names(product)
        if self._db.has_file(text_name):
            raise InputError(product.id, f"another document of this run is written as {text_name!r}")
        report = loads(product.report)
        report["output"] = {"path": text_name, **report["output"]}
        for name, data in ((text_name, product.text), (report_name, dumps(report, indent=True) + b"\n")):
            # Nothing stands here but what this run wrote: it began in an empty folder, or was told to overwrite.
            self._db.add_file(name, write_whole(self._out / name, data, force=True))

    def _part(self, name: str) -> BinaryIO:
        """Return the growing file *name*; one that was begun before is cut to what is known to be done."""
        if name not in self._parts:
            path = self._out / UNFINISHED / name
            path.parent.mkdir(parents=True, exist_ok=True)
            file = path.open("r+b" if path.exists() else "x+b")
            file.truncate(self._db.parts().get(name, 0))
            file.seek(0, os.SEEK_END)
            self._parts[name] = file
        return self._parts[name]

    def _checkpoint(self) -> None:
        for name, file in self._parts.items():
            file.flush()
            os.fsync(file.fileno())
            self._db.set_part(name, file.tell())
            sync_folder((self._out / UNFINISHED / name).parent)
        self._db.set_fact("input", self._input)
        self._db.commit()
        self._since, self._waiting = time.monotonic(), 0

    def _finish(self, name: str) -> None:
        """Put a file that has grown in its place; where a run before was stopped at this, do what is left."""
        part, final = self._out / UNFINISHED / name, self._out / (name + self._packing)
        if part.exists():
            with part.open("r+b") as file:
                file.truncate(self._db.parts()[name])
            final.parent.mkdir(parents=True, exist_ok=True)
            if self._packing:
                pack(part, final)
                part.unlink()
            else:
                os.replace(part, final)
        self._db.add_file(name + self._packing, file_digest(final))

    def _convert(self, name: str) -> None:
        """Write the rows in the growing file *name*, with their reports, in the form asked for."""
        parts, unfinished = self._db.parts(), self._out / UNFINISHED
        if name in map(report_rows, parts):
            return
        stem, beside = name.rpartition(".")[0], report_rows(name)
        for part in {name, beside} & parts.keys():
            with (unfinished / part).open("r+b") as file:
                file.truncate(parts[part])
        with ExitStack() as stack:
            rows = stack.enter_context((unfinished / name).open("rb"))
            reports = stack.enter_context((unfinished / beside).open("rb")) if beside in parts else None
            found = pairs(rows, reports)
            if self._form == "parquet":
                written = [f"{stem}.parquet"]
                write_parquet(found, self._out / written[0])
            else:
                written = list(dolma_names(f"{stem}.jsonl.gz"))
                write_dolma(found, stem, *[self._out / made for made in written])
        for made in written:
            self._db.add_file(made, file_digest(self._out / made))

    def _summary(self) -> str:
        file, table = WholeFile(self._out / SUMMARY, force=True), Table(COLUMNS)
        file.write(table.head())
        for row in self._db.rows(f"SELECT {', '.join(COLUMNS)} FROM documents ORDER BY number"):
            file.write(table.row({name: "" if value is None else value for name, value in row.items()}))
        return file.commit()

    def _account(self) -> dict[str, Any]:
        """Return what run.json says: what was run, and what it added up to."""
        return {
            "run_version": "1",
            **self._about,
            "input": {"documents": self._db.count(), "sha256": self._input},
            **counted(self._db),
        }

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """Turn faults of the disk into an error that says what to do."""
        try:
            yield
        except InputError as e:
            if isinstance(e.__cause__, OSError) and e.__cause__.errno in _FATAL:
                raise SiglumError(f"{e}; {_CONTINUE}") from e
            raise
        except OSError as e:
            raise SiglumError(f"{e.filename or self._out}: cannot be written: {e.strerror or e}; {_CONTINUE}") from e
        except sqlite3.OperationalError as e:
            raise SiglumError(f"{self._out / UNFINISHED / CATALOGUE}: cannot be written: {e}; {_CONTINUE}") from e


def counted(db: Catalogue) -> dict[str, Any]:
    """Return what the run of *db* adds up to, as run.json says it: counts by view, and failures."""
    views = ("status", "method", "language", "rule", "site")
    counts = {name: list(db.rows(f"SELECT * FROM by_{name} LIMIT {SHOWN}")) for name in views}
    return {"counts": counts, "failures": list(db.rows(f"SELECT id, error FROM failures LIMIT {SHOWN}"))}


_CONTINUE = "what is done is kept, and the same command goes on from there"


def rows_name(source: str) -> str:
    """Return the name of the file of rows of what was read from *source*.

    >>> rows_name("a/b.jsonl.gz"), rows_name("crawl.warc.gz"), rows_name("-")
    ('a/b.jsonl', 'crawl.warc.gz.jsonl', 'rows.jsonl')
    """
    name = safe_name("rows.jsonl" if source == "-" else source)
    for packed in (".gz", ".zst", ".bz2", ".xz", ".lz4"):
        if name.removesuffix(packed).endswith((".jsonl", ".ndjson")):
            return name.removesuffix(packed)
    return f"{name}.jsonl"


def file_names(product: Product) -> tuple[str, str]:
    """Return the names of a document's clean text and of its report, below the folder of the run."""
    name = f"{product.source}/{product.id}" if product.from_rows else product.id
    stem = safe_name("document" if name == "-" else name).removesuffix(".txt")
    return f"{stem}.txt", f"{stem}.report.json"


def report_rows(name: str) -> str:
    """Return the name of the file of reports beside the file of rows *name*.

    >>> report_rows("pages.jsonl"), report_rows("pages.jsonl.gz")
    ('pages.reports.jsonl', 'pages.reports.jsonl.gz')
    """
    packed = next((ending for ending in PACKINGS.values() if name.endswith(ending)), "")
    stem, _, ending = name.removesuffix(packed).rpartition(".")
    return (f"{stem}.reports.{ending}" if stem else f"{name}.reports") + packed


PACKINGS = {"gz": ".gz", "zst": ".zst"}


def open_rows(path: Path) -> BinaryIO:
    """Return the file of rows or reports at *path*, unpacked as it is read. Raises MissingExtra, OSError."""
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path))
    if path.suffix == ".zst":
        return cast("BinaryIO", io.BufferedReader(_zstandard().open(path, "rb")))  # the reader itself knows no lines
    return path.open("rb")


def pack(source: Path, target: Path) -> None:
    """Pack the file *source* as the ending of *target* says, whole or not at all. Raises MissingExtra."""
    file = WholeFile(target, force=True)
    with source.open("rb") as rows:
        if target.suffix == ".zst":
            packer = _zstandard().ZstdCompressor(level=6).compressobj()
            for piece in iter(lambda: rows.read(1 << 20), b""):
                file.write(packer.compress(piece))
            file.write(packer.flush())
        else:
            with gzip.GzipFile("", "wb", 6, cast("BinaryIO", file), mtime=0) as packed:
                shutil.copyfileobj(rows, packed, 1 << 20)
    file.commit()


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as e:
        raise MissingExtra("archives", "writing zstd") from e
    return zstandard


def _chained(so_far: str, digest: str) -> str:
    return hashlib.blake2b(f"{so_far} {digest}".encode(), digest_size=16).hexdigest()


def file_digest(path: Path) -> str:
    """Return the sha256 of the file at *path*, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(path: Path) -> None:
    """Make the names in the folder *path* outlive a power cut, where the system can."""
    if os.name == "nt":
        return
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
