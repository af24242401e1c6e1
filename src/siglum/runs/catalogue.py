"""The catalogue of a run: an SQLite database of its documents, what was taken, and the files it wrote.

While the run goes on, the same database is its journal: what is committed there is done, and stays done after a crash.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from siglum.errors import SiglumError

if TYPE_CHECKING:
    from siglum.report import Removals

CATALOGUE = "run.db"
IDS_KEPT = 4096  # of documents that others are duplicates of
GATHERED = 500  # documents that are added to the database at once


class Summary(NamedTuple):
    """What the catalogue says of one document; None where it does not apply, as to a document that failed."""

    id: str
    status: str  # "cleaned", "unchanged", "failed", "skipped", "dropped"
    source_sha256: str | None = None
    output_sha256: str | None = None
    lines_removed: int | None = None
    code_points_removed: int | None = None
    percent_removed: float | None = None
    language: str | None = None
    tag: str | None = None
    method: str | None = None
    engine: str | None = None
    source_language: str | None = None
    basis: str | None = None
    inverse: str | None = None
    risk: str | None = None
    error: str | None = None
    source: str = ""
    site: str | None = None
    duplicate_of: str | None = None
    duplicate_kind: str | None = None


COLUMNS = Summary._fields[: Summary._fields.index("source")]  # of summary.csv
_NUMBERS = {"lines_removed": "INTEGER", "code_points_removed": "INTEGER", "percent_removed": "REAL"}

_REVIEWS = """CREATE TABLE IF NOT EXISTS reviews (
    document INTEGER NOT NULL REFERENCES documents (number), edit TEXT NOT NULL, verdict TEXT NOT NULL,
    state_before TEXT NOT NULL, state TEXT NOT NULL, reviewer TEXT NOT NULL, decided TEXT NOT NULL, note TEXT NOT NULL,
    decisions_sha256 TEXT NOT NULL
);"""
_SCHEMA = f"""
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY, {", ".join(f"{c} {_NUMBERS.get(c, 'TEXT')}" for c in Summary._fields)}
);
CREATE TABLE rules (number INTEGER PRIMARY KEY, rule TEXT NOT NULL, label TEXT NOT NULL);
CREATE TABLE removed (
    document INTEGER NOT NULL REFERENCES documents (number), rule INTEGER NOT NULL REFERENCES rules (number),
    edits INTEGER NOT NULL, code_points INTEGER NOT NULL, PRIMARY KEY (document, rule)
) WITHOUT ROWID;
CREATE TABLE files (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE parts (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
{_REVIEWS}
CREATE VIEW removals AS SELECT document, rules.rule AS rule, label, edits, code_points
    FROM removed JOIN rules ON rules.number = removed.rule;
CREATE VIEW by_status AS SELECT status, count(*) AS documents, sum(lines_removed) AS lines_removed,
    sum(code_points_removed) AS code_points_removed FROM documents GROUP BY status ORDER BY documents DESC, status;
CREATE VIEW by_rule AS SELECT rules.rule AS rule, label, documents, edits, code_points FROM (
    SELECT rule, count(*) AS documents, sum(edits) AS edits, sum(code_points) AS code_points FROM removed GROUP BY rule
) AS found JOIN rules ON rules.number = found.rule ORDER BY edits DESC, rules.rule, label;
CREATE VIEW by_site AS SELECT site, count(*) AS documents, sum(lines_removed) AS lines_removed,
    round(avg(percent_removed), 1) AS mean_percent_removed FROM documents WHERE site <> ''
    GROUP BY site ORDER BY documents DESC, site;
CREATE VIEW by_language AS SELECT language, count(*) AS documents FROM documents WHERE language IS NOT NULL
    GROUP BY language ORDER BY documents DESC, language;
CREATE VIEW by_method AS SELECT method, engine, source_language, count(*) AS documents FROM documents
    WHERE method IS NOT NULL GROUP BY method, engine, source_language ORDER BY documents DESC, method, engine;
CREATE VIEW failures AS SELECT number, id, source, error FROM documents WHERE status = 'failed' ORDER BY number;
CREATE VIEW skipped AS SELECT number, id, source, error AS reason FROM documents WHERE status = 'skipped'
    ORDER BY number;
CREATE VIEW largest_removals AS SELECT id, percent_removed, lines_removed, risk FROM documents
    WHERE percent_removed > 0 ORDER BY percent_removed DESC, number;
CREATE VIEW duplicates AS SELECT id, duplicate_of, duplicate_kind FROM documents WHERE duplicate_of IS NOT NULL
    ORDER BY number;
CREATE VIEW rule_by_site AS SELECT site, rule, sum(edits) AS edits FROM removals JOIN documents ON number = document
    WHERE site <> '' GROUP BY site, rule ORDER BY edits DESC, site, rule;
"""
_ADD = f"INSERT INTO documents VALUES (?{', ?' * len(Summary._fields)})"


class Catalogue:
    """The catalogue at *path*, made if it is not there; nothing lasts before `commit`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA synchronous = EXTRA")  # a commit outlives a power cut
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
            self._db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        self._count = int(self._db.execute("SELECT coalesce(max(number), 0) FROM documents").fetchone()[0])
        self._rules = {(rule, label): n for n, rule, label in self._db.execute("SELECT * FROM rules")}
        self._documents: list[tuple[Any, ...]] = []  # what is not yet in the database
        self._removed: list[tuple[int, ...]] = []
        self.id_of = lru_cache(IDS_KEPT)(self._id_of)

    def fact(self, name: str) -> str:
        """Return the fact called *name*, "" if there is none."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        """Keep *value* under *name*."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def add(self, summary: Summary, removals: Removals = ()) -> int:
        """Add a document, with what each rule took of it, and return its number (from 1)."""
        self._count += 1
        self._documents.append((self._count, *summary))
        self._take(self._count, removals)
        if len(self._documents) >= GATHERED:
            self._put_down()
        return self._count

    def _take(self, number: int, removals: Iterable[tuple[str, str, int, int]]) -> None:
        known = self._rules
        self._removed += [
            (number, known.get((rule, label)) or self._new_rule(rule, label), edits, code_points)
            for rule, label, edits, code_points in removals
        ]

    def change(self, number: int, summary: Mapping[str, Any]) -> None:
        """Put the fields of *summary* in the place of those of the document *number*, its rules too."""
        columns = [column for column in Summary._fields if column in summary]
        told = ", ".join(f"{column} = ?" for column in columns)
        values = [_storable(summary[column]) for column in columns]
        self._put_down()
        self._db.execute(f"UPDATE documents SET {told} WHERE number = ?", (*values, number))
        self._db.execute("DELETE FROM removed WHERE document = ?", (number,))
        self._take(number, summary.get("rules", ()))

    def add_review(self, number: int, entry: Mapping[str, Any]) -> None:
        """Note the decisions on the document *number* that *entry* of its report's history holds."""
        self._db.execute(_REVIEWS)
        for told in entry["changes"]:
            states, when = (told["from"], told["to"]), told.get("when") or entry["when"]
            who = (entry["reviewer"], when, told.get("note", ""), entry["decisions_sha256"])
            row = (told["edit"], told["verdict"], *states, *who)
            self._db.execute(f"INSERT INTO reviews VALUES (?{', ?' * len(row)})", (number, *map(_storable, row)))

    def _new_rule(self, rule: str, label: str) -> int:
        number = self._rules[rule, label] = len(self._rules) + 1
        self._db.execute("INSERT INTO rules VALUES (?, ?, ?)", (number, rule, label))
        return number

    def _put_down(self) -> None:
        self._db.executemany(_ADD, self._documents)
        self._db.executemany("INSERT INTO removed VALUES (?, ?, ?, ?)", self._removed)
        self._documents.clear()
        self._removed.clear()

    def _id_of(self, number: int) -> str:
        """Return the id of the document *number*."""
        if self._documents and number >= self._documents[0][0]:
            return str(self._documents[number - self._documents[0][0]][1])
        return str(self._db.execute("SELECT id FROM documents WHERE number = ?", (number,)).fetchone()[0])

    def add_file(self, name: str, digest: str) -> None:
        """Note the sha256 of the file *name* of the run."""
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, digest))

    def has_file(self, name: str) -> bool:
        """Tell whether the run wrote a file called *name*."""
        return bool(self._db.execute("SELECT 1 FROM files WHERE name = ?", (name,)).fetchone())

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the names of the files, in order, with their digests."""
        yield from self._db.execute("SELECT name, sha256 FROM files ORDER BY name")

    def set_part(self, name: str, size: int) -> None:
        """Note that *size* bytes of the growing file *name* are done."""
        self._db.execute("INSERT OR REPLACE INTO parts VALUES (?, ?)", (name, size))

    def parts(self) -> dict[str, int]:
        """Return how many bytes of each growing file are done."""
        return dict(self._db.execute("SELECT name, bytes FROM parts ORDER BY name"))

    def count(self) -> int:
        """Return how many documents were added."""
        return self._count

    def rows(self, query: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of *query* by the names of their columns."""
        self._put_down()
        found = self._db.execute(query)
        names = [column[0] for column in found.description]
        for row in found:
            yield dict(zip(names, row, strict=True))

    def commit(self) -> None:
        """Make what was added last."""
        self._put_down()
        self._db.commit()

    def write(self, path: Path, scratch: Path | None = None) -> None:
        """Write the catalogue to *path*, whole or not at all, by way of *scratch*; same documents, same bytes."""
        made = (scratch or path.parent) / f".siglum-{path.name}"
        made.unlink(missing_ok=True)
        self._db.execute("VACUUM INTO ?", (str(made),))
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(made, path)

    def close(self) -> None:
        """Leave the catalogue; what was not committed is forgotten."""
        self._db.close()


def _storable(value: Any) -> Any:
    return storable(value) if isinstance(value, str) else value


def storable(text: str) -> str:
    """Return *text* as SQLite can hold it: lone surrogates, for which UTF-8 has no form, as escapes."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def open_catalogue(run: Path) -> sqlite3.Connection:
    """Return a connection that cannot write to the catalogue of *run*. Raises SiglumError if there is none."""
    path = run / CATALOGUE if run.is_dir() else run
    if not path.is_file():
        raise SiglumError(f"{run}: is no run with a catalogue: {CATALOGUE} is missing")
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    db.execute("PRAGMA query_only = 1")
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return db
