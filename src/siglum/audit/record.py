"""What every export reads: the documents of a run, each with its report, its clean text and its source."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid5

from siglum.audit.agents import NAMESPACE, Agent
from siglum.errors import InputError, ReportMismatch, SiglumError
from siglum.report import Report, dumps, sha256
from siglum.runs.audit import documents
from siglum.writers.files import MANIFEST, SUMMARY, safe_name
from siglum.writers.visible import visible

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXCERPT = 200  # code points of page text that go into a note
LONGEST_PATH = 500  # code points of an id that still becomes a path with folders

# What XML 1.0 cannot hold, not even escaped (section 2.2, production Char).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TOKEN = re.compile(r"⟨(?:U\+)?([0-9A-F]{4,6}|…)⟩")  # what `visible` and `printable` write
_BLANK = re.compile(r"[^\S ]| (?=/|\Z)")


class Names(NamedTuple):
    """Where a document's files lie in a package, each below its folder."""

    source: str
    text: str
    report: str


@dataclass(frozen=True)
class Record:
    """One document of a run."""

    report: Report
    text: str
    names: Names
    key: str  # the report's id; where a run holds the same report twice, with a number
    sources: Path | None = None  # the folder the run read, where the caller has it

    def uuid(self, what: str) -> str:
        """Return the UUID of *what* of this document: the same in every export, and in every export of the same run."""
        return str(uuid5(NAMESPACE, f"{self.key} {what}"))

    @property
    def data(self) -> Mapping[str, Any]:
        """The report's fields."""
        return self.report.data

    @property
    def edits(self) -> list[Mapping[str, Any]]:
        """The edits that were made; those a review rejected are not."""
        return [edit for edit in self.data["edits"] if edit["state"] == "applied"]

    @property
    def captured(self) -> str:
        """When the source was captured, "2020-03-14T15:09:26Z"; "" where that is not known to the second."""
        date = str(self.data["source"].get("captured", ""))
        return date if date.endswith("Z") and date.count(":") == 2 else ""

    @property
    def rejected(self) -> int:
        """How many edits a review rejected."""
        return sum(edit["state"] == "rejected" for edit in self.data["edits"])

    @property
    def reviewers(self) -> tuple[str, ...]:
        """Who reviewed this document, as their decisions say, the first first."""
        return tuple(dict.fromkeys(entry["reviewer"] for entry in self.data.get("history", ())))

    @cached_property
    def text_bytes(self) -> bytes:
        """The clean text as the run wrote it."""
        return self.text.encode("utf-8", "surrogatepass")

    @cached_property
    def report_bytes(self) -> bytes:
        """The report as a run writes it to a file of its own."""
        return dumps(self.report.data, indent=True) + b"\n"

    @cached_property
    def source(self) -> bytes | None:
        """The bytes that were read; None where neither the report nor the caller's folder gives them.

        A report gives back a text, not the bytes of a page; a redacted one gives nothing. Raises ReportMismatch where
        the caller's file is not the one that was read, or clean text and report do not fit.
        """
        given = _given(self.sources, self.report.id)
        if given is not None:
            if sha256(given) != self.data["source"]["sha256"]:
                expected = f"the source with sha256 {self.data['source']['sha256']}"
                raise ReportMismatch(self.report.id, expected, sha256(given))
            return given
        inverse = self.data["inverse"]
        if inverse["status"] != "verified" or inverse["restores"] == "visible-text":
            return None
        return self.report.restore(self.text_bytes)


@dataclass(frozen=True)
class AuditedRun:
    """A run as exports see it: its folder, and what the caller adds to it."""

    folder: Path
    agents: tuple[Agent, ...] = ()
    when: datetime = EPOCH  # what exports say where a date is asked for: there is no clock
    sources: Path | None = None

    def records(self) -> Iterator[Record]:
        """Yield the documents in the order of the manifest; raises as `documents` does."""
        names, seen = _Namer(), Counter[str]()
        for report, text in documents(self.folder):
            key = str(report.data["report_id"])
            seen[key] += 1
            again = f" {seen[key]}" if seen[key] > 1 else ""
            yield Record(report, text, names.of(report.id), key + again, self.sources)

    @cached_property
    def digest(self) -> str:
        """The sha256 of the run's manifest, which holds that of every file: what tells this run from any other."""
        return sha256((self.folder / MANIFEST).read_bytes())

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What the first report says of the run; nothing of an empty run."""
        return next((report.data["run"] for report, _ in documents(self.folder)), {})

    def answering(self, record: Record) -> tuple[Agent, ...]:
        """Return who answers for *record*: the caller's agents, and reviewers who are not among them by name."""
        names = {agent.name for agent in self.agents}
        found = [Agent(excerpt(name), "person", "validator") for name in record.reviewers if name not in names]
        return (*self.agents, *found)

    @property
    def date(self) -> str:
        """The date as XML and WARC write it, "1970-01-01T00:00:00Z"."""
        return self.when.strftime("%Y-%m-%dT%H:%M:%SZ")


def source_date(environment: Mapping[str, str]) -> datetime:
    """Return the time SOURCE_DATE_EPOCH names, `EPOCH` without one. Raises SiglumError where it names none.

    >>> source_date({"SOURCE_DATE_EPOCH": "86400"}).isoformat()
    '1970-01-02T00:00:00+00:00'
    """
    seconds = environment.get("SOURCE_DATE_EPOCH", "0")
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError) as e:
        raise SiglumError(f"SOURCE_DATE_EPOCH is {seconds!r}, expected seconds since 1970-01-01") from e


def summary(folder: Path) -> list[dict[str, str]]:
    """Return the rows of the run's summary.csv, failed documents among them. Raises InputError for a faulty one."""
    path = folder / SUMMARY
    csv.field_size_limit(2**31 - 1)  # an id may be as long as it likes
    try:
        with path.open(encoding="utf-8-sig", newline="") as f:
            rows = csv.DictReader(f)
            missing = {"id", "status", "lines_removed", "error"} - set(rows.fieldnames or ())
            if missing:
                raise InputError(str(path), f"has no column {', '.join(sorted(missing))}")
            return list(rows)
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise InputError(str(path), f"cannot be read: {e}") from e


def printable(text: str) -> str:
    """Return *text* with what XML cannot hold as a visible token; everything else stays.

    >>> printable("a\\x00b\\ufffe")
    'a⟨U+0000⟩b⟨U+FFFE⟩'
    """
    return _FORBIDDEN.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", text)


def excerpt(text: str) -> str:
    """Return the beginning of *text* in one line, at most `EXCERPT` code points, with nothing unseen in it."""
    line = " ".join(printable(visible(text[: 4 * EXCERPT])).split())
    return line if len(line) <= EXCERPT and len(text) <= 4 * EXCERPT else line[:EXCERPT] + "…"


def counts(edits: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """Return how many of *edits*, rows of a report, there are of each category."""
    return Counter(edit["category"] for edit in edits)


def _given(folder: Path | None, id: str) -> bytes | None:
    """Return the file that *id* names below *folder*; None where there is none. Nothing outside of it is ever read."""
    if folder is None:
        return None
    try:
        path = (folder / id).resolve()
        return path.read_bytes() if path.is_relative_to(folder.resolve()) and path.is_file() else None
    except (OSError, ValueError):  # a name no file system takes
        return None


@dataclass
class _Namer:
    """Gives every document names of its own, also where a file system does not tell case or Unicode forms apart."""

    _sources: _Taken = field(default_factory=lambda: _Taken())
    _texts: _Taken = field(default_factory=lambda: _Taken())
    _reports: _Taken = field(default_factory=lambda: _Taken())

    def of(self, id: str) -> Names:
        name = _package_name(id)
        last = name.rpartition("/")[2]
        ending = last[last.rindex(".") :] if "." in last[1:] else ""
        source = self._sources.take(name.removesuffix(ending), ending)
        text = self._texts.take(name.removesuffix(".txt"), ".txt")
        report = self._reports.take(name.removesuffix(".txt"), ".report.json")
        return Names(f"objects/sources/{source}", f"objects/texts/{text}", f"objects/reports/{report}")


class _Taken:
    """The names of one folder. None is a folder of another, and no two are one where case is not told apart."""

    def __init__(self) -> None:
        self._files: set[str] = set()
        self._folders: set[str] = set()
        self._next: Counter[str] = Counter()

    def take(self, stem: str, ending: str) -> str:
        """Return *stem* with *ending* if it is free; else without folders, and numbered."""
        for candidate in self._candidates(stem, ending):
            folded = unicodedata.normalize("NFC", candidate).casefold()
            parents = [folded[:n] for n, c in enumerate(folded) if c == "/"]
            taken = folded in self._files or folded in self._folders
            if not taken and self._files.isdisjoint(parents):
                self._files.add(folded)
                self._folders.update(parents)
                return candidate
        raise AssertionError("numbers do not end")

    def _candidates(self, stem: str, ending: str) -> Iterator[str]:
        yield stem + ending
        flat = stem.replace("/", "_")
        while True:
            self._next[flat + ending] += 1
            yield f"{flat}~{self._next[flat + ending] + 1}{ending}"


def _package_name(id: str) -> str:
    """Return *id* as a path that XML, a manifest and a person can read.

    Without "%", which readers of bags disagree on, white space at the end of a name, which they strip, and what is
    unseen: a name may be `gnp.exe` written backward.
    """
    name = safe_name(id if len(id) <= LONGEST_PATH else id.replace("/", "_")).replace("%", "=")
    seen = _TOKEN.sub(r"=\1", printable(visible(name)))
    return _BLANK.sub(lambda m: f"={ord(m[0]):02X}", seen)
