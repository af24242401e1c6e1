"""Small archives made in code, whole or with one fault each, for the tests of the readers."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from siglum.readers.open import Limits, Record, Skipped, read_any

CRLF = b"\r\n"


def page(n: int, words: str = "gulls nest here") -> bytes:
    return f"<!DOCTYPE html><title>Page {n}</title><p>{words} {n}".encode()


def http(body: bytes, headers: str = "Content-Type: text/html", status: str = "HTTP/1.1 200 OK") -> bytes:
    head = "\r\n".join(line for line in (status, headers) if line)
    return head.encode() + b"\r\n\r\n" + body


def warc_record(content: bytes, n: int | str = 0, *, type: str = "response", **fields: str) -> bytes:
    """Return one record; *fields* add to its head or replace what stands there, "" takes a field away."""
    media_type = "application/http; msgtype=response" if type in {"response", "revisit"} else "text/html"
    head = {
        "WARC-Type": type,
        "WARC-Record-ID": f"<urn:uuid:{n}>",
        "WARC-Target-URI": f"http://example.org/{n}",
        "WARC-Date": "2024-05-06T07:08:09Z",
        "Content-Type": media_type,
        "Content-Length": str(len(content)),
        **{name.replace("_", "-"): value for name, value in fields.items() if name != "version"},
    }
    lines = [fields.get("version", "WARC/1.0"), *(f"{name}: {value}" for name, value in head.items() if value)]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n\r\n"


def response(n: int, **fields: str) -> bytes:
    return warc_record(http(page(n)), n, **fields)


def warc(numbers: Iterable[int]) -> list[bytes]:
    return [response(n) for n in numbers]


def packed(records: Iterable[bytes]) -> bytes:
    """Return *records*, each a gzip member of its own."""
    return b"".join(gzip.compress(record, mtime=0) for record in records)


def arc(records: Iterable[tuple[int, bytes]], between: bytes = b"\n") -> bytes:
    description = b"1 0 Made\nURL IP-address Archive-date Content-type Archive-length\n\n"
    out = b"filedesc://made.arc 0.0.0.0 20240506070809 text/plain %d\n" % len(description) + description
    for n, content in records:
        line = f"http://example.org/{n} 192.0.2.1 20240506070809 text/html {len(content)}\n"
        out += line.encode() + content + between
    return out


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as bundle:
        for name, data in members.items():
            bundle.writestr(zipfile.ZipInfo(name), data, method)
    return file.getvalue()


def wacz(archives: Mapping[str, bytes]) -> bytes:
    books = {
        "datapackage.json": json.dumps({"profile": "data-package"}).encode(),
        "pages/pages.jsonl": b'{"format":1}\n',
    }
    return zipped({**books, **archives}, zipfile.ZIP_STORED)


class Pipe(io.RawIOBase):
    """Bytes that can be read once, as from standard input."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def found(source: bytes | Path, name: str = "made", **options: object) -> list[Record | Skipped]:
    return list(read_any(source if isinstance(source, Path) else io.BytesIO(source), name=name, **options))  # type: ignore[arg-type]


def records(everything: Iterable[Record | Skipped]) -> list[Record]:
    return [one for one in everything if isinstance(one, Record)]


def ids(everything: Iterable[Record | Skipped]) -> list[str]:
    return [record.id.removeprefix("urn:uuid:") for record in records(everything)]


def faults(everything: Iterable[Record | Skipped]) -> list[Skipped]:
    return [one for one in everything if isinstance(one, Skipped) and one.fault]


def passed(everything: Iterable[Record | Skipped]) -> list[str]:
    return [one.reason for one in everything if isinstance(one, Skipped) and not one.fault]


SMALL = Limits(record_bytes=10_000)
