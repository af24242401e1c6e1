"""A run as a folder: clean texts or rows, reports, and an account; begun again after a crash, it goes on where it was.

What is unfinished lies in a folder of its own inside: growing files, and the catalogue that says how much of each is
done. At a checkpoint the files are flushed to disk before the catalogue is committed, so what it says is never more
than what is there; what lies behind is cut off when the run goes on.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import heapq
import io
import os
import shutil
import sqlite3
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from siglum.errors import InputError, MissingExtra, SiglumError
from siglum.report import dumps, loads, sha256
from siglum.runs.catalogue import CATALOGUE, COLUMNS, Catalogue, Summary, storable
from siglum.runs.forms import check_surrogates, dolma_names, pairs, write_dolma, write_parquet
from siglum.runs.tasks import Given, digest_of
from siglum.runs.work import Product, Wants, summary_line
from siglum.writers.files import MANIFEST, SUMMARY, Table, WholeFile, manifest_line, safe_name, write_whole

if TYPE_CHECKING:
    from siglum.runs.seen import Seen

RUN = "run.json"
LEARNED = "learned-rules"  # packs that were learned for this run, put into its folder before it begins
DOCUMENTS = "documents.jsonl"  # rows of what was not read from rows
UNFINISHED = ".siglum-unfinished"
CHECKPOINT_S = 2.0  # what a crash may cost, in seconds of work
CHECKPOINT_DOCUMENTS = 5_000
BUFFER = 1 << 18  # bytes of a growing file that wait in memory
KEYS = ".keys"  # a growing file of the keys of duplicates; it is not among the results
KEYS_AT_MOST = 15
KEY_RECORD = f"<{1 + KEYS_AT_MOST}Q"  # the number of a document and its keys, 0 for none
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
        self._unfinished = out / UNFINISHED
        self._parts: dict[str, _Part] = {}
        self._since, self._waiting = time.monotonic(), 0
        identity = sha256(dumps([about, wants.__dict__, packing, form, drop_duplicates]))
        self._touched: set[Path] = set()  # folders in which names are not yet durable
        with self._disk():
            self._db = self._opened(identity, force)
            self._touched.update((self._out.absolute().parent, self._out, self._unfinished))
            self._sync_folders()
            self._begun = self._db.parts()
            self._seen = self._known() if wants.duplicates else None
        self.done = self._db.count()
        self._input = bytes.fromhex(self._db.fact("input"))

    def _opened(self, identity: str, force: bool) -> Catalogue:
        unfinished = self._unfinished
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
            shutil.rmtree(unfinished, ignore_errors=True)  # what a run left that was stopped when it cleared up
            raise InputError(str(self._out), "holds a run already; --force overwrites it")
        if not force and self._out.exists() and any(p.name not in (LEARNED, UNFINISHED) for p in self._out.iterdir()):
            raise InputError(str(self._out), "is not empty; --force writes into it all the same")
        db = Catalogue(unfinished / CATALOGUE)
        db.set_fact("identity", identity)
        return db

    def _known(self) -> Seen:
        """Return the keys of the documents that are done, read back from the journal of keys."""
        from siglum.runs.seen import Seen

        seen, journal = Seen(self._unfinished), self._part(KEYS)
        for number, *keys in journal.records(KEY_RECORD):
            seen.add([key for key in keys if key], number)
        return seen

    def rest(self, tasks: Iterator[Given]) -> Iterator[Given]:
        """Yield the tasks that are not done yet. Raises SiglumError where those done are not what they were."""
        found = b""
        done = 0
        for task in islice(tasks, self.done):
            found = _chained(found, digest_of(task.read()))
            done += 1
        grown = self._db.fact("complete") and next(tasks, None) is not None
        if done < self.done or found != self._input or grown:
            raise SiglumError(
                f"{self._out}: the input is not what it was when this run began; --force starts the run anew"
            )
        yield from tasks

    def put(self, product: Product) -> Summary:
        """Take one product and return its row of the summary, which says of what it is a duplicate.

        Raises InputError where it cannot be written, SiglumError where nothing can.
        """
        with self._disk():
            if twin := self._twin(product):
                product = self._marked(product, *twin)
            summary, removals, line, fault = product.summary, product.removals, product.line, None
            try:
                self._put(product)
            except InputError as e:
                if isinstance(e.__cause__, OSError) and e.__cause__.errno in _FATAL:
                    raise
                told = Summary(storable(product.id), "failed", error=storable(str(e)), source=summary.source)
                summary, removals, line, fault = told, (), summary_line(told), e
            number = self._db.add(summary, removals)
            self._part(SUMMARY).write(line)
            if self._seen and product.keys and not twin and not fault:
                self._keep_keys(product.keys, number)
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
            if SUMMARY not in self._begun:
                self._part(SUMMARY)
            self._db.set_fact("complete", "yes")
            self._checkpoint()
            for name in self._db.parts():
                if name == SUMMARY:
                    self._finish(name, "")
                elif name == KEYS:
                    continue
                elif self._form:
                    self._convert(name)
                else:
                    self._finish(name, self._packing)
            account = dumps(self._account(), indent=True) + b"\n"
            self._db.add_file(RUN, self._write(RUN, account))
            self._db.commit()
            self._db.write(self._out / CATALOGUE, self._unfinished)
            # The manifest says that all is there, so all is made durable before it, and it before the rest is cleared.
            self._touched.add(self._out)
            self._sync_folders()
            self._manifest()
            sync_folder(self._out)
            self.leave()
            (self._unfinished / CATALOGUE).unlink()  # first, for without it nothing is left to go on with
            shutil.rmtree(self._unfinished, ignore_errors=True)

    def leave(self) -> None:
        """Let go of the folder, complete or not: what was done since the last checkpoint is done again."""
        for part in self._parts.values():
            part.close()
        if self._seen:
            self._seen.close()
        self._db.close()

    def _put(self, product: Product) -> None:
        if product.summary.status in ("skipped", "dropped"):
            return
        if self.wants.row and (product.from_rows or not self.wants.text):
            name = _rows_name(product.source) if product.from_rows else DOCUMENTS
            if self._form:
                check_surrogates(product.id, product.row)
            if self._form == "dolma":  # which holds the source's text, and the report holds what of it is gone
                check_surrogates(product.id, product.report)
            self._part(name).write(product.row)
            if product.report:
                reports = self._part(_report_rows(name))
                reports.write(product.report)
                reports.write(b"\n")
        elif not product.error:
            self._put_files(product)

    def _twin(self, product: Product) -> tuple[str, str] | None:
        """Return the id of the first document that has a key of *product*, and whether it is equal or near."""
        found = self._seen.first(product.keys) if self._seen else None
        return (self._db.id_of(found[0]), "near" if found[1] else "exact") if found else None

    def _keep_keys(self, keys: tuple[int, ...], number: int) -> None:
        """Note that the document *number* is the first with *keys*, also for when the run is stopped and goes on."""
        assert self._seen
        self._seen.add(keys, number)
        self._part(KEYS).write(struct.pack(KEY_RECORD, number, *keys, *([0] * (KEYS_AT_MOST - len(keys)))))

    def _marked(self, product: Product, kept: str, kind: str) -> Product:
        """Return *product* as a duplicate of the document *kept*."""
        summary = product.summary._replace(duplicate_of=kept, duplicate_kind=kind)
        line, row = product.line, product.row
        if self._drop:
            summary = summary._replace(status="dropped", error=f"duplicate ({kind}) of {kept}")
            line = summary_line(summary)
        if row:
            row = row[:-2] + b"," + dumps({"duplicate_of": kept, "duplicate_kind": kind})[1:] + b"\n"
        return product._replace(summary=summary, line=line, row=row)

    def _write(self, name: str, data: bytes) -> str:
        return write_whole(self._out / name, data, force=True, scratch=self._unfinished)

    def _put_files(self, product: Product) -> None:
        text_name, report_name = file_names(product)
        if self._db.has_file(text_name):
            raise InputError(product.id, f"another document of this run is written as {text_name!r}")
        report = loads(product.report)
        report["output"] = {"path": text_name, **report["output"]}
        for name, data in ((text_name, product.text), (report_name, dumps(report, indent=True) + b"\n")):
            # Nothing stands here but what this run wrote: it began in an empty folder, or was told to overwrite.
            self._db.add_file(name, self._write(name, data))
        self._touched.add((self._out / text_name).parent)

    def _part(self, name: str) -> _Part:
        """Return the growing file *name*; one that was begun before is cut to what is known to be done."""
        part = self._parts.get(name)
        if part is None:
            begin = Table(COLUMNS).head() if name == SUMMARY else b""
            part = self._parts[name] = _Part(self._unfinished / name, self._begun.get(name, 0), begin)
        return part

    def _checkpoint(self) -> None:
        for name, part in self._parts.items():
            if part.sync():
                self._db.set_part(name, part.size)
        self._sync_folders()
        self._db.set_fact("input", self._input.hex())
        self._db.commit()
        self._since, self._waiting = time.monotonic(), 0

    def _sync_folders(self) -> None:
        """Make the names of the files that were put in place outlive a power cut."""
        above = {parent for path in self._touched for parent in path.parents if parent.is_relative_to(self._out)}
        for path in sorted(self._touched | above):
            sync_folder(path)
        self._touched.clear()

    def _manifest(self) -> None:
        """Write the manifest; its lines go by name, and the catalogue cannot hold its own digest."""
        file = WholeFile(self._out / MANIFEST, force=True, scratch=self._unfinished)
        for name, digest in heapq.merge(self._db.files(), [(CATALOGUE, file_digest(self._out / CATALOGUE))]):
            file.write(manifest_line(name, digest))
        file.commit()

    def _finish(self, name: str, packing: str) -> None:
        """Put a file that has grown in its place; where a run before was stopped at this, do what is left."""
        part, final = self._unfinished / name, self._out / (name + packing)
        if part.exists():
            grown = self._part(name)
            final.parent.mkdir(parents=True, exist_ok=True)
            self._touched.add(final.parent)
            digest = pack(part, final, self._unfinished) if packing else grown.digest()
            grown.close()
            if packing:
                sync_folder(final.parent)
                part.unlink()
            else:
                os.replace(part, final)
        else:
            digest = file_digest(final)
        self._db.add_file(name + packing, digest)

    def _convert(self, name: str) -> None:
        """Write the rows in the growing file *name*, with their reports, in the form asked for."""
        parts, unfinished = self._db.parts(), self._unfinished
        if name in map(report_rows, parts):
            return
        stem, beside = name.rpartition(".")[0], report_rows(name)
        for part in {name, beside} & parts.keys():
            self._part(part).sync()
        with ExitStack() as stack:
            rows = stack.enter_context((unfinished / name).open("rb"))
            reports = stack.enter_context((unfinished / beside).open("rb")) if beside in parts else None
            found = pairs(rows, reports)
            if self._form == "parquet":
                written = [f"{stem}.parquet"]
                write_parquet(found, self._out / written[0], unfinished)
            else:
                written = list(dolma_names(f"{stem}.jsonl.gz"))
                documents, attributes, told = [self._out / made for made in written]
                write_dolma(found, stem, (documents, attributes, told), unfinished)
        for made in written:
            self._touched.add((self._out / made).parent)
            self._db.add_file(made, file_digest(self._out / made))

    def _account(self) -> dict[str, Any]:
        """Return what run.json says: what was run, and what it added up to."""
        return {
            "run_version": "1",
            **self._about,
            "input": {"documents": self._db.count(), "sha256": self._input.hex()},
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
            raise SiglumError(f"{self._unfinished / CATALOGUE}: cannot be written: {e}; {_CONTINUE}") from e


def counted(db: Catalogue) -> dict[str, Any]:
    """Return what the run of *db* adds up to, as run.json says it: counts by view, and failures."""
    views = ("status", "method", "language", "rule", "site")
    counts = {name: list(db.rows(f"SELECT * FROM by_{name} LIMIT {SHOWN}")) for name in views}
    return {"counts": counts, "failures": list(db.rows(f"SELECT id, error FROM failures LIMIT {SHOWN}"))}


_CONTINUE = "what is done is kept, and the same command goes on from there"


class _Part:
    """A file that grows: its first *size* bytes are known to be done, what lies behind is cut off.

    Its digest is taken as it grows, so that it need not be read again.
    """

    def __init__(self, path: Path, size: int, begin: bytes = b"") -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self.size = path, size
        self._file = path.open("r+b" if size or path.exists() else "x+b", buffering=0)
        self._file.truncate(size)
        self._sha = hashlib.sha256()
        for piece in iter(lambda: self._file.read(1 << 20), b""):
            self._sha.update(piece)
        self._waiting: list[bytes] = []
        self._room = BUFFER
        self._durable = self._named = False  # whether file and name would outlive a power cut
        if not size and begin:
            self.write(begin)

    def write(self, data: bytes) -> None:
        """Add *data* (bytes)."""
        self._waiting.append(data)
        self.size += len(data)
        self._room -= len(data)
        if self._room < 0:
            self._put_down()

    def _put_down(self) -> None:
        data = memoryview(b"".join(self._waiting))
        self._sha.update(data)
        while data:  # a disk that is all but full takes a part
            data = data[self._file.write(data) :]
        self._waiting.clear()
        self._room, self._durable = BUFFER, False

    def sync(self) -> bool:
        """Make what was written outlive a power cut; False where nothing was."""
        if self._waiting:
            self._put_down()
        if self._durable:
            return False
        os.fsync(self._file.fileno())
        if not self._named:
            sync_folder(self._path.parent)
        self._durable = self._named = True
        return True

    def digest(self) -> str:
        """Return the sha256 of what was written, in hex."""
        return self._sha.hexdigest()

    def records(self, form: str) -> Iterator[tuple[Any, ...]]:
        """Yield the records of the form *form* (see `struct`) that it holds, from the start."""
        self._file.seek(0)
        while piece := self._file.read(struct.calcsize(form) * 4096):
            yield from struct.iter_unpack(form, piece)

    def close(self) -> None:
        """Let go of the file."""
        with suppress(OSError):
            self._file.close()


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


_rows_name = lru_cache(maxsize=64)(rows_name)


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


_report_rows = lru_cache(maxsize=64)(report_rows)
PACKINGS = {"gz": ".gz", "zst": ".zst"}


def open_rows(path: Path) -> BinaryIO:
    """Return the file of rows or reports at *path*, unpacked as it is read. Raises MissingExtra, OSError."""
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path))
    if path.suffix == ".zst":
        return cast("BinaryIO", io.BufferedReader(_zstandard().open(path, "rb")))  # the reader itself knows no lines
    return path.open("rb")


def pack(source: Path, target: Path, scratch: Path | None = None) -> str:
    """Pack the file *source* as the ending of *target* says, whole or not at all; return the digest of that.

    Raises MissingExtra.
    """
    file = WholeFile(target, force=True, scratch=scratch)
    with source.open("rb") as rows:
        if target.suffix == ".zst":
            packer = _zstandard().ZstdCompressor(level=6).compressobj()
            for piece in iter(lambda: rows.read(1 << 20), b""):
                file.write(packer.compress(piece))
            file.write(packer.flush())
        else:
            with gzip.GzipFile("", "wb", 6, cast("BinaryIO", file), mtime=0) as packed:
                shutil.copyfileobj(rows, packed, 1 << 20)
    return file.commit()


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as e:
        raise MissingExtra("archives", "writing zstd") from e
    return zstandard


def _chained(so_far: bytes, digest: bytes) -> bytes:
    return hashlib.blake2b(so_far + digest, digest_size=16).digest()


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
