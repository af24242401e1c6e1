"""The catalogue of a run: an SQLite database of its documents, what was taken, and the files it wrote.

While the run goes on, the same database is its journal: what is committed there is done, and stays done after a crash.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from siglum.errors import SiglumError

CATALOGUE = "run.db"

COLUMNS = (
    "id",
    "status",
    "source_sha256",
    "output_sha256",
    "lines_removed",
    "code_points_removed",
    "percent_removed",
    "language",
    "tag",
    "method",
    "engine",
    "source_language",
    "basis",
    "inverse",
    "risk",
    "error",
)
_KEPT = (*COLUMNS, "source", "site", "duplicate_of", "duplicate_kind")
_NUMBERS = {"lines_removed": "INTEGER", "code_points_removed": "INTEGER", "percent_removed": "REAL"}

_REVIEWS = """CREATE TABLE IF NOT EXISTS reviews (
    document INTEGER NOT NULL REFERENCES documents (number), edit TEXT NOT NULL, verdict TEXT NOT NULL,
    state_before TEXT NOT NULL, state TEXT NOT NULL, reviewer TEXT NOT NULL, decided TEXT NOT NULL, note TEXT NOT NULL,
    decisions_sha256 TEXT NOT NULL
);"""
_SCHEMA = f"""
CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE documents (number INTEGER PRIMARY KEY, {", ".join(f"{c} {_NUMBERS.get(c, 'TEXT')}" for c in _KEPT)});
CREATE TABLE removals (
    document INTEGER NOT NULL REFERENCES documents (number), rule TEXT NOT NULL, label TEXT NOT NULL,
    edits INTEGER NOT NULL, code_points INTEGER NOT NULL, PRIMARY KEY (document, rule)
) WITHOUT ROWID;
CREATE TABLE files (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE parts (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
{_REVIEWS}
CREATE TABLE keys (key BLOB PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID;
CREATE VIEW by_status AS SELECT status, count(*) AS documents, sum(lines_removed) AS lines_removed,
    sum(code_points_removed) AS code_points_removed FROM documents GROUP BY status ORDER BY documents DESC, status;
CREATE VIEW by_rule AS SELECT rule, label, count(*) AS documents, sum(edits) AS edits, sum(code_points) AS code_points
    FROM removals GROUP BY rule, label ORDER BY edits DESC, rule;
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
_ADD = f"INSERT INTO documents ({', '.join(_KEPT)}) VALUES ({', '.join('?' * len(_KEPT))})"


class Catalogue:
    """The catalogue at *path*, made if it is not there; nothing lasts before `commit`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path)
        self._db.execute("PRAGMA synchronous = EXTRA")  # a commit outlives a power cut
        if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'facts'").fetchone():
            self._db.executescript(f"BEGIN; {_SCHEMA} COMMIT;")

    def fact(self, name: str) -> str:
        """Return the fact called *name*, "" if there is none."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else ""

    def set_fact(self, name: str, value: str) -> None:
        """Keep *value* under *name*."""
        self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def add(self, source: str, summary: Mapping[str, Any]) -> int:
        """Add a document by its row of the summary, and return its number (from 1)."""
        values = {**summary, "source": source}
        number = self._db.execute(_ADD, [_storable(values.get(column)) for column in _KEPT]).lastrowid
        assert number
        self._put_rules(number, summary)
        return number

    def change(self, number: int, summary: Mapping[str, Any]) -> None:
        """Put the fields of *summary* in the place of those of the document *number*, its rules too."""
        columns = [column for column in _KEPT if column in summary]
        told = ", ".join(f"{column} = ?" for column in columns)
        values = [_storable(summary[column]) for column in columns]
        self._db.execute(f"UPDATE documents SET {told} WHERE number = ?", (*values, number))
        self._db.execute("DELETE FROM removals WHERE document = ?", (number,))
        self._put_rules(number, summary)

    def add_review(self, number: int, entry: Mapping[str, Any]) -> None:
        """Note the decisions on the document *number* that *entry* of its report's history holds."""
        self._db.execute(_REVIEWS)
        for told in entry["changes"]:
            states, when = (told["from"], told["to"]), told.get("when") or entry["when"]
            who = (entry["reviewer"], when, told.get("note", ""), entry["decisions_sha256"])
            row = (told["edit"], told["verdict"], *states, *who)
            self._db.execute(f"INSERT INTO reviews VALUES (?{', ?' * len(row)})", (number, *map(_storable, row)))

    def _put_rules(self, number: int, summary: Mapping[str, Any]) -> None:
        rules = [(number, *rule) for rule in summary.get("rules", ())]
        self._db.executemany("INSERT INTO removals VALUES (?, ?, ?, ?, ?)", rules)

    def add_file(self, name: str, digest: str) -> None:
        """Note the sha256 of the file *name* of the run."""
        self._db.execute("INSERT OR REPLACE INTO files VALUES (?, ?)", (name, digest))

    def has_file(self, name: str) -> bool:
        """Tell whether the run wrote a file called *name*."""
        return bool(self._db.execute("SELECT 1 FROM files WHERE name = ?", (name,)).fetchone())

    def files(self) -> dict[str, str]:
        """Return the digests of the files by their names."""
        return dict(self._db.execute("SELECT name, sha256 FROM files ORDER BY name"))

    def set_part(self, name: str, size: int) -> None:
        """Note that *size* bytes of the growing file *name* are done."""
        self._db.execute("INSERT OR REPLACE INTO parts VALUES (?, ?)", (name, size))

    def parts(self) -> dict[str, int]:
        """Return how many bytes of each growing file are done."""
        return dict(self._db.execute("SELECT name, bytes FROM parts ORDER BY name"))

    def twin(self, keys: Sequence[bytes], id: str) -> tuple[str, str] | None:
        """Return the first document that had one of *keys*, the first of which is that of equal texts, and its kind.

        Where there was none, the document *id* has them from now on.
        """
        for n, key in enumerate(keys):
            if row := self._db.execute("SELECT id FROM keys WHERE key = ?", (key,)).fetchone():
                return str(row[0]), "near" if n else "exact"
        kept = _storable(id)
        self._db.executemany("INSERT INTO keys VALUES (?, ?)", [(key, kept) for key in keys])
        return None

    def forget_keys(self) -> None:
        """Drop the keys of duplicates, which nobody needs once all documents are done."""
        self._db.execute("DELETE FROM keys")

    def count(self) -> int:
        """Return how many documents are done."""
        return int(self._db.execute("SELECT coalesce(max(number), 0) FROM documents").fetchone()[0])

    def rows(self, query: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of *query* by the names of their columns."""
        found = self._db.execute(query)
        names = [column[0] for column in found.description]
        for row in found:
            yield dict(zip(names, row, strict=True))

    def commit(self) -> None:
        """Make what was added last."""
        self._db.commit()

    def write(self, path: Path) -> None:
        """Write the catalogue to *path*, whole or not at all; the same documents give the same bytes."""
        made = path.with_name(f".siglum-{path.name}")
        made.unlink(missing_ok=True)
        self._db.execute("VACUUM INTO ?", (str(made),))
        with made.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(made, path)

    def close(self) -> None:
        """Leave the catalogue; what was not committed is forgotten."""
        self._db.close()


def _storable(value: Any) -> Any:
    """Return *value* as SQLite can hold it: lone surrogates, for which UTF-8 has no form, as escapes."""
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "backslashreplace").decode()
    return value


def open_catalogue(run: Path) -> sqlite3.Connection:
    """Return a connection that cannot write to the catalogue of *run*. Raises SiglumError if there is none."""
    path = run / CATALOGUE if run.is_dir() else run
    if not path.is_file():
        raise SiglumError(f"{run}: is no run with a catalogue: {CATALOGUE} is missing")
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    db.execute("PRAGMA query_only = 1")
    db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    return db
