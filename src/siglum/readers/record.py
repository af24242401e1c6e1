"""What reading an input yields: records, and what was passed over or found damaged, each with its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from siglum.document import NOTHING


class Record(NamedTuple):
    """One document of an input, as it stood there: nothing is decoded but what transport had encoded."""

    id: str  # unique in the input: WARC-Record-ID, the row's id, or the place
    body: bytes | str  # bytes as they stood; str where the container holds text (rows, HAR)
    kind: str  # "html", "text", or "row": a text out of a table
    url: str = ""
    headers: Mapping[str, str] = NOTHING  # of the HTTP response, names in lower case, as they stood
    meta: Mapping[str, Any] = NOTHING  # of an archive: container, offset, date, status …; of a row: its other fields
    notes: tuple[str, ...] = ()  # what was untrue or had to be mended: "header says gzip, the payload is not"


class Row(NamedTuple):
    """A row of JSON lines that is not parsed yet: `siglum.readers.tables.parsed` gives its record."""

    line: bytes
    name: str  # of the container
    number: int  # of the line, from 1
    start: int  # the byte it begins at
    fields: Fields


class Skipped(NamedTuple):
    """Something in an input that is no document, or damage to it."""

    id: str  # of the record if it has one, else the place
    place: str  # "crawl.warc.gz, byte 4711": the container, and where in it
    reason: str
    fault: bool  # True: damage, or a document that was not read; False: not a document (an image, a request)
    offset: int | None = None  # the byte or the line (of rows) that *place* names


Found = Iterator[Record | Skipped | Row]


@dataclass(frozen=True)
class Limits:
    """How much one input may ask for. What is larger is passed over and reported, and reading goes on."""

    record_bytes: int = 64 << 20  # of one record, packed or unpacked
    ratio: int = 1_000  # bytes unpacked for each byte packed, by one layer; zlib cannot give more than 1,032
    ratio_after: int = 256 << 20  # bytes unpacked before the ratio counts
    unpacked_bytes: int = 1 << 40  # of one input, all layers together
    spooled_bytes: int = 4 << 30  # of a ZIP, Parquet or Arrow file inside another file: it is copied to disk to be read
    members: int = 1_000_000  # of one ZIP or tar
    depth: int = 5  # layers inside each other: a .warc.gz in a WACZ in a WACZ are three
    revisits: int = 20_000  # revisits kept in memory until their originals are looked for


@dataclass(frozen=True)
class Fields:
    """Which columns of a table mean what: of each list, the first that a row has; "a.b" is the key b of object a."""

    text: tuple[str, ...] = ("text", "content", "raw_content")
    html: tuple[str, ...] = ("html",)
    id: tuple[str, ...] = ("id",)
    url: tuple[str, ...] = ("url", "metadata.url", "meta.url")
    headers: tuple[str, ...] = ("headers",)


@dataclass
class Budget:
    """What may still be unpacked of one input; shared by all its layers."""

    left: int

    def spend(self, size: int) -> bool:
        """Take *size* bytes off, and tell whether there was that much."""
        self.left -= size
        return self.left >= 0


@dataclass(frozen=True)
class Inside:
    """Where reading is: in which container, how deep, and what is allowed there."""

    name: str
    limits: Limits
    fields: Fields
    budget: Budget
    depth: int = 0
    containers: tuple[str, ...] = field(default=())  # kinds of the layers around: ("wacz", "gzip")

    def entering(self, kind: str, member: str = "") -> Inside:
        """Return where reading is inside *member* of this container, which is of *kind*."""
        # No name in an archive may lead out of it, should a path be made of the id.
        steps = [step for step in re.split(r"[/\\]", member) if step not in ("", ".", "..")]
        name = "/".join([self.name, *steps])
        return replace(self, name=name, depth=self.depth + 1, containers=(*self.containers, kind))

    def fault(self, reason: str, place: str = "", offset: int | None = None, id: str = "") -> Skipped:
        """Return the account of a fault at *place* in this container."""
        return self._skipped(reason, place, offset, id, True)

    def passed(self, reason: str, place: str = "", offset: int | None = None, id: str = "") -> Skipped:
        """Return the account of what is no document, at *place* in this container."""
        return self._skipped(reason, place, offset, id, False)

    def _skipped(self, reason: str, place: str, offset: int | None, id: str, fault: bool) -> Skipped:
        where = f"{self.name}, {place}" if place else self.name
        return Skipped(id or where, where, reason, fault, offset)
