"""HAR: the log of a browser, JSON whose entries are read one by one, however large the file."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from siglum.readers.archives.sniff import kind_of_payload
from siglum.readers.archives.stream import ByteStream
from siglum.readers.record import Found, Inside, Record, Skipped
from siglum.report import loads

_TOKEN = re.compile(rb"[\"{}\[\]]")
_IN_STRING = re.compile(rb"[\"\\]")
_NAME_BYTES = 64
_BEGINNING = re.compile(
    r'\{\s{0,99}"(?:startedDateTime|pageref|request|time|connection|cache|timings|_\w{1,40})"\s{0,99}:'
)
_TRIED = 2_000  # places where an entry may begin behind damage


class _Element(NamedTuple):
    """One element of the array; *data* is None where it is too large."""

    offset: int
    data: bytes | None
    whole: bool = True


def read_har(stream: ByteStream, inside: Inside) -> Found:
    """Yield the pages and texts among the responses of a HAR file."""
    most = inside.limits.record_bytes
    number = 0
    for number, element in enumerate(_elements(stream, most), 1):
        place = f"entry {number} at byte {element.offset}"
        if not element.whole:
            yield inside.fault("the JSON ends inside this entry", place, element.offset)
            yield from _rescued(element, inside)
        elif element.data is None:
            yield inside.fault(f"more than the limit of {most:,} bytes: not read", place, element.offset)
        else:
            one = _entry(element.data, inside, place, element.offset)
            yield one
            if isinstance(one, Skipped) and one.fault:
                yield from _rescued(element, inside)
    if not number:
        yield inside.fault("is JSON and no HAR: there are no entries in it")
    for reason in stream.alarms:
        yield inside.fault(reason)
    if reason := stream.resume():
        yield inside.fault(reason, stream.place(stream.offset), stream.offset)


def _rescued(rest: _Element, inside: Inside) -> Found:
    """Yield the entries that stand whole in *rest*: a lost bracket or quote makes one of them and all behind it."""
    text = (rest.data or b"").decode("utf-8", "replace")
    decoder = json.JSONDecoder(strict=False)
    at = 1
    for _ in range(_TRIED):
        match = _BEGINNING.search(text, at)
        if not match:
            return
        at = match.end()
        try:
            entry, end = decoder.raw_decode(text, match.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict) and {"request", "response"} <= entry.keys():
            offset = rest.offset + len(text[: match.start()].encode())
            yield _entry(text[match.start() : end].encode(), inside, f"entry at byte {offset}", offset)
            at = end


def _entry(data: bytes, inside: Inside, place: str, offset: int) -> Record | Skipped:
    try:
        entry = _read(data)
        response, request = entry["response"], entry["request"]
        content = response.get("content") or {}
        headers = {str(h["name"]).lower(): str(h["value"]) for h in response.get("headers") or ()}
        url, text = request["url"], content.get("text")
        media_type = content.get("mimeType") or headers.get("content-type", "")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as e:
        return inside.fault(f"is no entry of a HAR: {e!r}"[:300], place, offset)
    if not isinstance(text, str) or not isinstance(url, str) or not isinstance(media_type, str):
        return inside.passed("the log holds no body", place, offset)
    body: str | bytes = text
    if content.get("encoding") == "base64":
        try:
            body = base64.b64decode(text)
        except (binascii.Error, ValueError) as e:
            return inside.fault(f"the body is not base64: {e}", place, offset)
    start = body if isinstance(body, bytes) else body[:8192].encode("utf-8", "replace")
    kind, note = kind_of_payload(media_type, start)
    if not kind:
        return inside.passed(note, place, offset)
    meta = {"container": inside.name, "offset": offset, **_facts(entry, response)}
    return Record(f"{inside.name}, {place}", body, kind, url, headers, meta, (note,) if note else ())


def _read(data: bytes) -> Any:
    """Return what *data* says, also where strings hold control characters or bytes that are no UTF-8."""
    try:
        return loads(data)
    except ValueError:
        return json.loads(data.decode("utf-8", "replace"), strict=False)


def _facts(entry: Mapping[str, Any], response: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in (("date", entry.get("startedDateTime")), ("status", response.get("status")))
        if isinstance(value, str | int)
    }


def _elements(stream: ByteStream, most: int) -> Iterator[_Element]:
    """Yield the elements of the array log.entries, found by counting brackets outside of strings."""
    depth = 0
    name = b""  # the string last read at depth 2
    inside = False  # the array
    string: list[bytes] | None = None
    parts: list[bytes] | None = None
    size = start = 0
    while True:
        chunk = stream.take(1 << 18)
        if not chunk:
            break
        base = stream.offset - len(chunk)
        at = begun = 0  # of the element, in this chunk
        while at < len(chunk):
            if string is not None:
                match = _IN_STRING.search(chunk, at)
                end = match.start() if match else len(chunk)
                if sum(map(len, string)) <= _NAME_BYTES:
                    string.append(chunk[at : min(end, at + _NAME_BYTES + 1)])
                if not match:
                    break
                if match[0] == b"\\":
                    if end + 1 >= len(chunk):
                        more = stream.take(1)
                        chunk += more
                        if not more:
                            break
                    at = end + 2
                else:
                    name = b"".join(string) if depth == 2 else name
                    string = None
                    at = end + 1
                continue
            match = _TOKEN.search(chunk, at)
            if not match:
                break
            at = match.end()
            if match[0] == b'"':
                string = []
            elif match[0] in b"{[":
                depth += 1
                if inside and depth == 4:
                    parts, size, begun, start = [], 0, match.start(), base + match.start()
                inside = inside or (depth == 3 and match[0] == b"[" and name == b"entries")
            else:
                depth -= 1
                if inside and depth == 3 and parts is not None:
                    parts.append(chunk[begun:at])
                    size += at - begun
                    yield _Element(start, b"".join(parts) if size <= most else None)
                    parts = None
                elif inside and depth == 2:
                    inside, name = False, b""
        if parts is not None:
            size += len(chunk) - begun
            parts.append(chunk[begun:])
            if size > most:
                parts = [b""]
    if parts is not None or inside or depth:
        rest = b"".join(parts) if parts is not None and size <= most else None
        yield _Element(start if parts is not None else stream.offset, rest, whole=False)
