"""Rows in: JSON lines, CSV and TSV, one document a row; a bad row is reported and reading goes on."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Literal

from siglum.decoding import decode
from siglum.document import NOTHING
from siglum.readers.archives.stream import Break, ByteStream, Item
from siglum.readers.record import Fields, Found, Inside, Record, Row, Skipped

_BOM = b"\xef\xbb\xbf"
_DELIMITERS = ("\t", ",", ";", "|")
_COLUMN = re.compile(r"\w[\w .:/()-]{0,63}")
_SAMPLE = 1 << 16


def read_json_lines(stream: ByteStream, inside: Inside) -> Found:
    """Yield each row of *stream*, one JSON object a line, still to be `parsed`; blank lines are passed over."""
    number = 0
    while True:
        if stream.exhausted():
            if not stream.broken:
                break
            yield inside.fault(stream.resume(), f"after line {number}", number)
            continue
        start = stream.offset
        line, size = stream.line(inside.limits.record_bytes)
        number += 1
        if line.strip():
            yield Row(line.removeprefix(_BOM) if number == 1 else line, inside.name, number, start, inside.fields)
        elif not line:
            yield _too_large(inside, number, size)
    yield from _alarms(stream, inside)


def parsed(row: Row) -> Record | Skipped:
    """Return the record that *row* is; without an id it is called "NAME:LINE", with the number of its line."""
    line, name, number, start, fields = row
    place = f"{name}:{number}"
    try:
        told = _parsed(line)
    except UnicodeDecodeError as e:
        reason = f"byte {e.start} of the row (byte {start + e.start} of the file) is not UTF-8"
        return Skipped(place, place, reason, True, number)
    except (ValueError, RecursionError) as e:
        return Skipped(place, place, f"the line is not JSON: {e}", True, number)
    if not isinstance(told, dict):
        return Skipped(place, place, f"expected an object, found {type(told).__name__}", True, number)
    return row_record(told, place, number, fields)


def _parsed(line: bytes) -> Any:
    """Return the value of *line*, lone surrogates written as escapes included. Raises ValueError."""
    import orjson

    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line.decode("utf-8"))


def row_record(row: Mapping[str, Any], place: str, number: int, fields: Fields) -> Record | Skipped:
    """Return *row* as a record; what *fields* do not name stays in its meta, and an object "meta" is spread there."""
    id_field, id = _first(row, fields.id)
    named = str(id) if id not in (None, "") else place
    html_field, html = _first(row, fields.html)
    text_field, text = (html_field, html) if isinstance(html, str | bytes) else _first(row, fields.text)
    if not isinstance(text, str | bytes):
        wanted = " or ".join(f'"{name}"' for name in (*fields.text, *fields.html))
        found = f"a value of type {type(text).__name__}" if text_field and text is not None else "none"
        return Skipped(named, place, f"a row has {wanted}, a string; found {found} among {_names(row)}", True, number)
    url_field, url = _first(row, fields.url)
    headers_field, headers = _first(row, fields.headers)
    used = {id_field, text_field, url_field, headers_field if isinstance(headers, Mapping) else ""}
    meta = {key: value for key, value in row.items() if key not in used}
    if isinstance(inner := meta.get("meta"), Mapping):
        del meta["meta"]
        meta = {**inner, **meta}
    known = {str(k).lower(): str(v) for k, v in headers.items()} if isinstance(headers, Mapping) else NOTHING
    kind = "html" if text_field in fields.html else "row"
    return Record(named, text, kind, str(url or ""), known, meta)


def _first(row: Mapping[str, Any], names: tuple[str, ...]) -> tuple[str, Any]:
    """Return the first of *names* that *row* has a value for, and the value."""
    for name in names:
        value = row.get(name)
        if value is None and "." in name:
            outer, _, inner = name.partition(".")
            inside = row.get(outer)
            value = inside.get(inner) if isinstance(inside, Mapping) else None
        if value is not None:
            return name, value
    return "", None


def _names(row: Mapping[str, Any]) -> str:
    names = ", ".join(map(str, list(row)[:12]))
    return (names[:200] or "no fields") + (" …" if len(row) > 12 else "")


def looks_like_rows(data: bytes, name: str) -> bool:
    """Tell whether *data* begins as JSON lines do: with an object on a line of its own."""
    start = data.removeprefix(_BOM).lstrip()
    if re.search(r"\.(?:jsonl|ndjson|jsonlines)\b", name.lower()):
        return True
    if not re.match(rb"\{\s{0,9}(?:\"|\})", start):
        return False
    lines = start.split(b"\n")
    for line in lines[:-1][:5] or lines:
        try:
            if isinstance(_parsed(line), dict):
                return True
        except (ValueError, RecursionError):
            continue
    return len(lines) == 1 and len(data) >= _SAMPLE


class _BadLine(csv.Error):
    """A line that the csv module was not given."""


class _Lines:
    """The lines of a table, decoded, for the csv module; counts them, and can give those of a failed row again."""

    def __init__(self, stream: ByteStream, codec: str, most: int) -> None:
        self._stream, self._codec, self._most = stream, codec, most
        self._row: list[str] = []  # the lines given since the row began
        self._again: deque[str] = deque()
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        self.number += 1
        line = self._again.popleft() if self._again else self._read()
        self._row.append(line)
        return line

    def _read(self) -> str:
        if self._stream.exhausted():
            self.number -= 1
            raise StopIteration
        start = self._stream.offset
        line, size = self._stream.line(self._most)
        if not line:
            raise _BadLine(f"a line of {size:,} bytes, more than the limit of {self._most:,}")
        if self.number == 1:
            line = line.removeprefix(_BOM)
        try:
            return line.decode(self._codec)
        except UnicodeDecodeError as e:
            at = f"byte {e.start} of the line (byte {start + e.start} of the file)"
            raise _BadLine(f"{at} is not {self._codec.upper()}") from e

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self._row.clear()

    def retry(self) -> None:
        """Give the lines of the failed row again, without the first: a quote in it may have swallowed the others."""
        self._again.extendleft(reversed(self._row[1:]))
        self.number -= len(self._row[1:])


def read_csv(stream: ByteStream, inside: Inside) -> Found:
    """Yield each row of *stream*, a table whose first line names its columns.

    The delimiter is the one that parts the first line into a text column and others. Quotes count, but in a table
    parted by tabs only where its first lines pair them.
    """
    if stream.peek(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        stream = ByteStream(_utf8(stream))
    sample = stream.peek(_SAMPLE)
    codec = _codec(sample)
    notes = () if codec == "utf-8" else (f"the table is no UTF-8: it was read as {codec}",)
    header = sample.removeprefix(_BOM).decode(codec, "replace").split("\n", 1)[0].rstrip("\r")
    delimiter = delimiter_of(header, inside.fields) or ","
    # The csv module has one limit for the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), inside.limits.record_bytes))
    lines = _Lines(stream, codec, inside.limits.record_bytes)
    bare = delimiter == "\t" and not _quotes_paired(sample)
    quoting: Literal[0, 3] = csv.QUOTE_NONE if bare else csv.QUOTE_MINIMAL
    rows = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
    columns: list[str] | None = None
    while True:
        start = lines.number + 1
        lines.begin_row()
        try:
            cells = next(rows)
        except StopIteration:
            if not stream.broken:
                break
            yield inside.fault(stream.resume(), f"after line {lines.number}", lines.number)
            continue
        except csv.Error as e:
            place = f"{inside.name}:{start}"
            yield Skipped(place, place, f"the row cannot be read: {e}", True, start)
            if not isinstance(e, _BadLine):
                lines.retry()
            continue
        if columns is None:
            columns = cells
            if not set(columns) & {*inside.fields.text, *inside.fields.html}:
                yield inside.fault(no_column(inside.fields, columns))
                return
        elif cells:
            found = _csv_row(cells, columns, start, inside)
            yield found._replace(notes=notes) if isinstance(found, Record) else found
    yield from _alarms(stream, inside)


def _csv_row(cells: list[str], columns: list[str], number: int, inside: Inside) -> Record | Skipped:
    place = f"{inside.name}:{number}"
    if len(cells) != len(columns):
        reason = f"the row has {len(cells)} cells, the first line names {len(columns)} columns"
        return Skipped(place, place, reason, True, number)
    return row_record(dict(zip(columns, cells, strict=True)), place, number, inside.fields)


def no_column(fields: Fields, columns: list[str]) -> str:
    """Return the words for a table none of whose *columns* is one of *fields*."""
    wanted = " or ".join(f'"{name}"' for name in (*fields.text, *fields.html))
    found = ", ".join(columns[:20])[:400]
    return f"there is no column {wanted}; there are {found}: name the one that holds the text"


def delimiter_of(header: str, fields: Fields) -> str:
    """Return what parts *header*, a table's first line, so that one of its columns holds text; "" if nothing does."""
    for delimiter in _DELIMITERS:
        columns = [cell.strip().strip('"') for cell in header.split(delimiter)]
        named = set(columns) & {*fields.text, *fields.html}
        if len(columns) > 1 and named and all(_COLUMN.fullmatch(column) for column in columns):
            return delimiter
    return ""


def looks_like_table(data: bytes, name: str, fields: Fields) -> bool:
    """Tell whether *data* begins with a line that names columns, one of text, and goes on with rows."""
    if re.search(r"\.(?:csv|tsv|tab)\b", name.lower()):
        return True
    lines = data[:_SAMPLE].removeprefix(_BOM).decode("utf-8", "replace").split("\n", 2)
    delimiter = delimiter_of(lines[0].rstrip("\r"), fields)
    return bool(delimiter) and " " not in lines[0] and len(lines) > 1 and delimiter in lines[1]


def _utf8(stream: ByteStream) -> Iterator[Item]:
    """Yield *stream*, which is in UTF-16, in UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while piece := stream.take(1 << 16):
        yield decoder.decode(piece).encode("utf-8", "surrogatepass")
    if reason := stream.resume():
        yield Break(reason)


def _codec(sample: bytes) -> str:
    """Return the codec of a table: UTF-8 unless none of its first lines with other than ASCII characters is."""
    lines = [line for line in sample.split(b"\n")[:-1] if not line.isascii()]
    for line in lines:
        with suppress(UnicodeDecodeError):
            line.decode("utf-8")
            return "utf-8"
    return decode(b"\n".join(lines))[1].codec if lines else "utf-8"


def _quotes_paired(sample: bytes) -> bool:
    """Tell whether cells parted by tabs are quoted: some begin with a quote, and all of those end with one."""
    cells = [cell.strip(b"\r") for line in sample.split(b"\n")[:-1] for cell in line.split(b"\t")]
    quoted = [cell for cell in cells if cell.startswith(b'"')]
    return bool(quoted) and all(len(cell) > 1 and cell.endswith(b'"') for cell in quoted)


def _too_large(inside: Inside, number: int, size: int) -> Skipped:
    place = f"{inside.name}:{number}"
    reason = f"a row of {size:,} bytes, more than the limit of {inside.limits.record_bytes:,}: not read"
    return Skipped(place, place, reason, True, number)


def _alarms(stream: ByteStream, inside: Inside) -> Iterator[Skipped]:
    for reason in stream.alarms:
        yield inside.fault(reason)
