"""WARC 1.1: clean texts as `conversion` records, their reports as `metadata`, their sources as `resource`.

Records are free-standing and refer to each other. The report has a target of its own, `urn:cleaning-report:...`, and so
has the source: a replay index must never offer either of them as the page.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from urllib.parse import quote
from uuid import UUID, uuid5

from siglum.audit.agents import NAMESPACE
from siglum.audit.premis import Writable
from siglum.audit.record import AuditedRun, Record
from siglum.report import dumps, sha256
from siglum.tags import iso639_3

STYLES = ("conversion", "urn-text")
SOFTWARE = "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
LONGEST_TARGET = 2000  # characters; a longer one is named by its digest

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,30}:")
_RECORD_ID = re.compile(r"<?urn:uuid:([0-9A-Fa-f-]{36})>?\Z")


def write_warc(run: AuditedRun, out: Writable, *, style: str = "conversion", compress: bool = True) -> None:
    """Write the run as WARC 1.1 to *out*, record by record; with *compress*, each its own gzip member.

    *style* "urn-text" writes clean texts as `resource` records of `urn:text:<address>`, as some crawlers do. Raises
    ReportMismatch where a source does not come back.
    """
    for record in _records(run, style):
        out.write(gzip.compress(record, mtime=0) if compress else record)


def pages(run: AuditedRun) -> Iterator[bytes]:
    """Yield the lines of a WACZ pages.jsonl: every document that has an address, with text, language tag and report.

    "lang" and "cleaningReport" are ours; WACZ 1.1 allows further properties.
    """
    head = {"format": "json-pages-1.0", "id": "pages", "title": "Pages cleaned by siglum", "hasText": True}
    yield dumps(head) + b"\n"
    for record in run.records():
        if url := _address(record):
            row = {
                "id": record.uuid("page"),
                "url": url,
                "ts": record.captured or run.date,
                "text": record.text,
                "lang": record.data["output"]["lang"],
                "cleaningReport": record.data["report_id"],
            }
            yield dumps(row) + b"\n"


def _records(run: AuditedRun, style: str) -> Iterator[bytes]:
    tool = run.facts["tool"] if run.facts else {"name": "siglum", "version": ""}
    about = f"software: {tool['name']}/{tool['version']}\r\nformat: WARC File Format 1.1\r\nconformsTo: {SOFTWARE}\r\n"
    about += "".join(f"operator: {_header(a.name)}\r\n" for a in run.agents if a.role == "implementer")
    id = str(uuid5(NAMESPACE, f"warcinfo {run.digest} {style}"))
    yield _record(run, "warcinfo", id, "application/warc-fields", about.encode())
    for record in run.records():
        yield from _document(run, record, style)


def _document(run: AuditedRun, record: Record, style: str) -> Iterator[bytes]:
    address = _address(record) or _urn("urn:siglum:source:", record.report.id)
    text_id, source_id = record.uuid(f"warc {style}"), _came_from(record)
    if source_id is None and record.source is not None:
        source_id = record.uuid("warc resource")
        target = _urn("urn:siglum:source:", record.report.id)
        about = {"WARC-Target-URI": target, "WARC-Date": record.captured or run.date}
        yield _record(run, "resource", source_id, _media_type(record), record.source, about)
    about = {"WARC-Identified-Content-Language": iso639_3(record.data["output"]["lang"])}
    if style == "conversion":
        about["WARC-Target-URI"] = address
        if source_id:
            about["WARC-Refers-To"] = f"<urn:uuid:{source_id}>"
        yield _record(run, "conversion", text_id, "text/plain; charset=utf-8", record.text_bytes, about)
    else:
        about["WARC-Target-URI"] = _urn("urn:text:", address)
        yield _record(run, "resource", text_id, "text/plain; charset=utf-8", record.text_bytes, about)
    about = {"WARC-Target-URI": _urn("urn:cleaning-report:", address), "WARC-Refers-To": f"<urn:uuid:{text_id}>"}
    yield _record(run, "metadata", record.uuid(f"warc report {style}"), "application/json", record.report_bytes, about)


def _record(
    run: AuditedRun, type: str, id: str, media_type: str, block: bytes, about: dict[str, str] | None = None
) -> bytes:
    # In all records written here the payload is the block.
    digest = f"sha256:{sha256(block)}"
    headers = {
        "WARC-Type": type,
        "WARC-Record-ID": f"<urn:uuid:{id}>",
        "WARC-Date": run.date,
        **(about or {}),
        "WARC-Block-Digest": digest,
        "WARC-Payload-Digest": digest,
        "Content-Type": media_type,
        "Content-Length": str(len(block)),
    }
    if type == "warcinfo":
        del headers["WARC-Payload-Digest"]
    head = "".join(f"{name}: {_header(value)}\r\n" for name, value in headers.items())
    return f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"


def _address(record: Record) -> str:
    """Return the document's address as a URI, "" without one. What a URI cannot hold is percent-encoded."""
    url = str(record.data["source"].get("url", ""))
    return _uri(url) if _SCHEME.match(url) and len(url) <= LONGEST_TARGET else ""


def _urn(prefix: str, id: str) -> str:
    uri = prefix + _uri(id)
    return uri if len(uri) <= LONGEST_TARGET else f"{prefix}sha256:{sha256(id)}"


def _uri(text: str) -> str:
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~", errors="surrogatepass")


def _came_from(record: Record) -> str | None:
    """Return the UUID of the WARC record the document was read from, where its id is one."""
    m = _RECORD_ID.match(record.report.id)
    try:
        return str(UUID(m[1])) if m else None
    except ValueError:
        return None


def _media_type(record: Record) -> str:
    source, decoding = record.data["source"], record.data["decoding"]
    restored_text = record.data["inverse"]["restores"] == "text"
    codec = decoding["codec"] if decoding else "utf-8" if restored_text else ""
    return f"{source['media_type']}; charset={codec}" if codec else str(source["media_type"])


def _header(value: str) -> str:
    """Return *value* as one line of a header: no control character begins a header of its own."""
    return "".join(c if c.isprintable() else " " for c in value)
