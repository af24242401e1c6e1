"""The files of a run written anew with some documents changed, whatever form they have: all of them or none.

What is new is gathered in a folder inside the run. Its manifest comes last: with it the change is decided, and what a
crash leaves undone after that is done by the next who calls `land`; without it, nothing has happened.
"""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from siglum.errors import ReportMismatch
from siglum.report import Report, dumps, loads
from siglum.runs.audit import REVIEWING, digests_of, holders, reports_in, text_name
from siglum.runs.folder import file_digest, open_rows, pack, report_rows, sync_folder
from siglum.runs.forms import dolma_attributes, dolma_names, read_dolma_rows, rewrite_parquet
from siglum.writers.files import MANIFEST, manifest, write_whole


class Changed(NamedTuple):
    """A document as it is from now on."""

    report: dict[str, Any]
    text: str  # the clean text
    lines: int  # that are not blank, and that the source has more than the clean text
    code_points: int  # likewise


# What becomes of a document: None leaves it, and its bytes, as they are.
Change = Callable[[Report, str], Changed | None]


class Rewriting:
    """New files for the run at *folder*, gathered beside the old ones; `commit` puts them in place.

    Raises InputError where the folder is no run.
    """

    def __init__(self, folder: Path) -> None:
        land(folder)
        self.folder, self.digests = folder, digests_of(folder)
        self.staging = folder / REVIEWING
        self._new: dict[str, str] = {}

    def documents(self, wanted: Container[str], change: Change) -> None:
        """Ask *change* about every document whose id is *wanted*, and write the files of those that do change.

        Raises ReportMismatch where a file that holds such a document is not what the manifest says.
        """
        writers = {"text": self._text, "jsonl": self._rows, "parquet": self._table, "dolma": self._spans}

        def asked(report: Report, text: str) -> Changed | None:
            return change(report, text) if report.id in wanted else None

        for name, form in holders(self.digests):
            if any(report.id in wanted for report in reports_in(self.folder, name, form)):
                writers[form](name, asked)

    def put(self, name: str, data: bytes) -> None:
        """Write the file *name*."""
        self._new[name] = write_whole(self.staging / name, data, force=True)

    def take(self, name: str) -> None:
        """Take in the file *name*, which the caller has written below `staging`."""
        self._new[name] = file_digest(self.staging / name)

    def checked(self, name: str) -> Path:
        """Return the path of the run's file *name*. Raises ReportMismatch where other hands changed it."""
        path = self.folder / name
        found = file_digest(path) if path.is_file() else "of no file"
        if found != self.digests[name]:
            raise ReportMismatch(name, f"sha256 {self.digests[name]}, as the manifest says", found)
        return path

    @property
    def files(self) -> dict[str, str]:
        """The digests of the run's files as they will be, by name."""
        return self.digests | self._new

    def commit(self) -> None:
        """Decide, and put every file in its place."""
        for folder in {path.parent for path in self.staging.rglob("*")}:
            sync_folder(folder)
        write_whole(self.staging / MANIFEST, manifest(self.files), force=True)
        sync_folder(self.staging)
        land(self.folder)

    def discard(self) -> None:
        """Leave no trace of what is not decided; after `commit` this does nothing."""
        if not (self.staging / MANIFEST).exists():
            shutil.rmtree(self.staging, ignore_errors=True)

    def _text(self, name: str, change: Change) -> None:
        report = Report.loads(self.checked(name).read_bytes())
        text = self.checked(text_name(name)).read_bytes().decode("utf-8", "surrogatepass")
        if changed := change(report, text):
            self.put(text_name(name), changed.text.encode("utf-8", "surrogatepass"))
            self.put(name, dumps(changed.report, indent=True) + b"\n")

    def _rows(self, name: str, change: Change) -> None:
        beside = report_rows(name)
        with ExitStack() as stack:
            old = [stack.enter_context(open_rows(self.checked(n))) for n in (name, beside)]
            new = [stack.enter_context(self._growing(n)) for n in (name, beside)]
            touched = False
            for line in old[0]:
                row = loads(line)
                told = b"" if "error" in row else next(old[1], b"")
                if told and (changed := change(Report.loads(told), row["text"])):
                    touched = True
                    line, told = dumps(_row(row, changed)) + b"\n", dumps(changed.report) + b"\n"
                new[0].write(line)
                new[1].write(told)
        self._settle((name, beside), touched)

    def _spans(self, name: str, change: Change) -> None:
        documents, attributes, reports = dolma_names(name.removeprefix("documents/"))
        touched = False
        with ExitStack() as stack:
            old = [stack.enter_context(gzip.open(self.checked(n))) for n in (attributes, reports)]
            new = [stack.enter_context(self._growing(n)) for n in (attributes, reports)]
            found = read_dolma_rows(self.checked(documents), self.folder / reports)
            for (row, _), spans, told in zip(found, *old, strict=True):
                if changed := change(Report.loads(told), row["text"]):
                    touched = True
                    size = changed.report["text"]["codepoints"]
                    spans = dumps({**loads(spans), "attributes": dolma_attributes(changed.report, size)}) + b"\n"
                    told = dumps(changed.report) + b"\n"
                new[0].write(spans)
                new[1].write(told)
        self._settle((attributes, reports), touched)

    def _table(self, name: str, change: Change) -> None:
        touched = False

        def cells(row: dict[str, Any]) -> dict[str, Any]:
            nonlocal touched
            changed = change(Report.loads(row["report"]), row["text"]) if row["report"] else None
            if not changed:
                return row
            touched = True
            counts = {"lines_removed": changed.lines, "code_points_removed": changed.code_points}
            lines = {"lines": _lines(changed.report)} if row["lines"] is not None else {}
            return {**row, "text": changed.text, "report": dumps(changed.report).decode(), **counts, **lines}

        rewrite_parquet(self.checked(name), self._part(name), cells)
        self._settle((name,), touched)

    def _part(self, name: str) -> Path:
        path = self.staging / f"{name}.part"
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextmanager
    def _growing(self, name: str) -> Iterator[BinaryIO]:
        with self._part(name).open("wb") as file:
            yield file

    def _settle(self, names: tuple[str, ...], touched: bool) -> None:
        """Keep the files that have grown, packed as their names say, where a document in them changed."""
        for name in names:
            part, final = self._part(name), self.staging / name
            if not touched:
                part.unlink()
                continue
            if name.endswith((".gz", ".zst")):
                pack(part, final)
                part.unlink()
            else:
                with part.open("rb+") as file:
                    os.fsync(file.fileno())
                os.replace(part, final)
            self.take(name)


def land(folder: Path) -> bool:
    """Complete a change of the run at *folder* that was decided; forget one that was not. Tell whether there was one.

    Raises OSError where a file cannot be put in its place; the same call then goes on later.
    """
    staging = folder / REVIEWING
    decided = (staging / MANIFEST).exists()
    if decided:
        last = staging / MANIFEST
        for path in sorted(p for p in staging.rglob("*") if p.is_file() and p != last):
            place = folder / path.relative_to(staging)
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(path, place)
            sync_folder(place.parent)
        os.replace(last, folder / MANIFEST)
        sync_folder(folder)
    shutil.rmtree(staging, ignore_errors=True)
    return decided


def _row(row: Mapping[str, Any], changed: Changed) -> dict[str, Any]:
    new = {**row, "text": changed.text, "removed": {"lines": changed.lines, "code_points": changed.code_points}}
    return new if "lines" not in row else {**new, "lines": _lines(changed.report)}


def _lines(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"start": s["out"][0], "end": s["out"][1], "language": s["lang"], "confidence": s["confidence"]}
        for s in report["segments"]
        if s["out"]
    ]
