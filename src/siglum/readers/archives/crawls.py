"""Documents out of WARC and ARC files: pages and texts among responses, resources and conversions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from siglum.readers.archives.arc import Arc
from siglum.readers.archives.digests import fits
from siglum.readers.archives.frames import Fault, Frame, frames
from siglum.readers.archives.http import Response, decode_body, read_response, unchunked
from siglum.readers.archives.segments import Segments
from siglum.readers.archives.sniff import HTML_TYPES, TEXT_TYPES, kind_of_payload, plain_type
from siglum.readers.archives.stream import ByteStream
from siglum.readers.archives.warc import Warc, about
from siglum.readers.record import Found, Inside, Record, Skipped

# Types whose payload is worth decoding before it is judged; of others only what begins as a page is.
_LIKELY = (
    HTML_TYPES
    | TEXT_TYPES
    | {"", "-", "no-type", "unknown", "unk", "application/octet-stream", "text/xml", "application/xml"}
)
_HTTP = frozenset(["application/http", "message/http"])
_NO_PAYLOAD = frozenset(["warcinfo", "request", "metadata"])


class Revisit(NamedTuple):
    """A capture that says "as before", and which earlier capture it means."""

    record: Record  # without a body
    place: str
    offset: int
    keys: tuple[tuple[str, ...], ...]


@dataclass
class Revisits:
    """Revisits whose originals are to be looked for once the whole input was read."""

    most: int
    waiting: list[Revisit] = field(default_factory=list)

    def take(self, revisit: Revisit) -> bool:
        """Remember *revisit*; False where there are too many."""
        if len(self.waiting) >= self.most:
            return False
        self.waiting.append(revisit)
        return True

    def resolve(self, found: Found) -> Iterator[Record | Skipped]:
        """Yield each revisit with the body of its original, where that is among *found*; then those that stay open."""
        by_key: dict[tuple[str, ...], list[int]] = {}
        for number, revisit in enumerate(self.waiting):
            for key in revisit.keys:
                by_key.setdefault(key, []).append(number)
        done: set[int] = set()
        for original in found:
            if not isinstance(original, Record):
                continue
            for key in _keys_of(original):
                for number in by_key.pop(key, ()):
                    if number not in done:
                        done.add(number)
                        yield _revisited(self.waiting[number], original)
        for number, revisit in enumerate(self.waiting):
            if number not in done:
                reason = "a revisit: the original is not in this input, or is no page"
                yield Skipped(revisit.record.id, revisit.place, reason, False, revisit.offset)


def _keys_of(original: Record) -> Iterator[tuple[str, ...]]:
    meta = original.meta
    if "warc-record-id" in meta:
        yield "id", meta["warc-record-id"]
        yield "at", original.url, meta.get("warc-date", "")
        yield "digest", meta.get("warc-payload-digest", "")


def _revisited(revisit: Revisit, original: Record) -> Record:
    record = revisit.record
    return original._replace(
        id=record.id,
        url=record.url,
        headers={**original.headers, **record.headers},
        meta={**record.meta, "revisit-of": original.id},
        notes=(*original.notes, "a revisit: the body is that of the original"),
    )


@dataclass(frozen=True)
class _Crawl:
    """One WARC or ARC file being read."""

    stream: ByteStream
    inside: Inside
    revisits: Revisits | None

    def warc(self) -> Found:
        segments = Segments(self.inside.limits.record_bytes)
        for found in frames(self.stream, Warc(), self.inside.limits.record_bytes):
            if isinstance(found, Fault):
                yield self.inside.fault(found.reason, found.place, found.offset)
                continue
            frame = found._replace(fault=found.fault or _altered(found))
            kind = frame.head.fields.get("warc-type", "").lower()
            number = frame.head.fields.get("warc-segment-number", "").lstrip("0")
            if kind != "continuation" and number == "1" and segments.begin(frame):
                continue  # what is wrong with it is told when it is whole
            yield from self._damage(frame)
            if kind == "continuation":
                yield from self._continued(frame, segments)
            else:
                if number not in {"", "1"}:
                    yield self._fault(frame, f"says it is segment {number}, which only a continuation can be")
                yield from self._warc_record(frame)
        for frame in segments.rest():
            yield from self._segmented(frame)

    def _continued(self, frame: Frame, segments: Segments) -> Found:
        """Join *frame* to the record it continues, and yield that once it is whole."""
        known, joined = segments.goes_on(frame)
        if not known:
            yield self._fault(frame, "continues a record whose segments before this one are not here: not read")
        if joined:
            yield from self._segmented(joined)

    def _segmented(self, frame: Frame) -> Found:
        yield from self._damage(frame)
        yield from self._warc_record(frame)

    def arc(self) -> Found:
        for found in frames(self.stream, Arc(), self.inside.limits.record_bytes):
            if isinstance(found, Fault):
                yield self.inside.fault(found.reason, found.place, found.offset)
                continue
            yield from self._damage(found)
            yield self._arc_record(found)

    def _damage(self, frame: Frame) -> Found:
        if frame.fault:
            yield self.inside.fault(frame.fault, frame.place, frame.offset, _record_id(frame))

    def _warc_record(self, frame: Frame) -> Found:
        if found := self._warc_document(frame):
            yield found

    def _warc_document(self, frame: Frame) -> Record | Skipped | None:
        fields = frame.head.fields
        is_http = frame.content.startswith(b"HTTP/")
        kind = fields.get("warc-type", "response" if is_http else "").lower()
        if kind in _NO_PAYLOAD:
            return self._passed(frame, kind)
        if kind == "revisit":
            return self._revisit(frame)
        if kind not in {"response", "resource", "conversion"}:
            return self._passed(frame, f"a record of type {kind!r}" if kind else "a record without a type")
        notes = [frame.fault] if frame.fault else []
        if "warc-truncated" in fields:
            notes.append(f"the crawler cut the record: {fields['warc-truncated']}")
        url = fields.get("warc-target-uri", "").strip("<>")
        media_type = fields.get("content-type", "")
        said_http = plain_type(media_type) in _HTTP
        http = said_http or (kind == "response" and (is_http or url[:4].lower() == "http"))
        return self._document(frame, url, media_type, http, about(fields), notes)

    def _arc_record(self, frame: Frame) -> Record | Skipped:
        fields = frame.head.fields
        url = fields["arc-url"]
        if url.startswith("filedesc:"):
            return self._passed(frame, "the file's own description")
        media_type = fields["content-type"].split(" ")[0].rstrip(";")
        meta = {"arc-date": fields["arc-date"], "arc-ip-address": fields["arc-ip-address"]}
        notes = [frame.fault] if frame.fault else []
        return self._document(frame, url, media_type, url[:4].lower() == "http", meta, notes)

    def _document(
        self, frame: Frame, url: str, media_type: str, http: bool, meta: dict[str, Any], notes: list[str]
    ) -> Record | Skipped:
        response = read_response(frame.content) if http else Response(None, {}, frame.content, ())
        said = response.headers.get("content-type", "")
        if not said and not (http and plain_type(media_type) in _HTTP):
            said = media_type  # of a resource; of an ARC, what the crawler wrote beside the address
        plain = plain_type(said)
        body = response.body
        if plain not in _LIKELY and not kind_of_payload(plain, body[:8192])[0]:
            return self._passed(frame, plain if body else "the payload is empty")
        most = self.inside.limits.record_bytes
        if frame.size > len(frame.content):
            return self._fault(frame, f"{frame.size:,} bytes, more than the limit of {most:,}: not read")
        decoded = decode_body(response.headers, body, most)
        if decoded.fault:
            return self._fault(frame, decoded.fault)
        kind, note = kind_of_payload(plain, decoded.data)
        if not kind:
            unread = plain in HTML_TYPES and note.endswith("binary data")
            return self._fault(frame, note) if unread else self._passed(frame, note)
        headers = response.headers
        if not headers and media_type and not http:
            headers = {"content-type": media_type}
        every = (*notes, *response.notes, *decoded.notes, *((note,) if note else ()))
        return Record(self._id(frame), decoded.data, kind, url, headers, self._meta(frame, meta, response), every)

    def _revisit(self, frame: Frame) -> Skipped | None:
        """Put a revisit by until its original is looked for; return why that will not be done."""
        fields = frame.head.fields
        url = fields.get("warc-target-uri", "").strip("<>")
        keys = (
            ("id", fields.get("warc-refers-to", "").strip("<>")),
            ("at", fields.get("warc-refers-to-target-uri", "").strip("<>"), fields.get("warc-refers-to-date", "")),
            ("digest", fields.get("warc-payload-digest", "")),
        )
        keys_said = tuple(key for key in keys if all(key))
        if self.revisits is None or not keys_said:
            return self._passed(frame, "a revisit: " + ("it names no original" if not keys_said else _ONCE))
        response = read_response(frame.content)
        record = Record(self._id(frame), b"", "", url, response.headers, self._meta(frame, about(fields), response))
        revisit = Revisit(record, f"{self.inside.name}, {frame.place}", frame.offset, keys_said)
        if not self.revisits.take(revisit):
            return self._passed(frame, f"a revisit: more than {self.revisits.most:,} of them are not looked up")
        return None

    def _meta(self, frame: Frame, meta: Mapping[str, Any], response: Response) -> dict[str, Any]:
        placed: dict[str, Any] = {"container": self.inside.name, "offset": frame.offset}
        if frame.packed_offset is not None:
            placed["packed-offset"] = frame.packed_offset
        if response.status is not None:
            placed["status"] = response.status
        return {**meta, **placed}

    def _id(self, frame: Frame) -> str:
        return _record_id(frame) or f"{self.inside.name}, {frame.place}"

    def _passed(self, frame: Frame, reason: str) -> Skipped:
        return self.inside.passed(reason, frame.place, frame.offset, _record_id(frame))

    def _fault(self, frame: Frame, reason: str) -> Skipped:
        return self.inside.fault(reason, frame.place, frame.offset, _record_id(frame))


def _altered(frame: Frame) -> str:
    """Return which digest in the head of *frame* does not fit its content, "" if none.

    Crawlers mean different things by a payload, and some state its digest as that of the record, so any form will do.
    What a revisit says is true of another record; of a payload that was cut or is in segments, it is of the whole.
    """
    fields = frame.head.fields
    kind = fields.get("warc-type", "").lower()
    if kind == "revisit" or frame.size > len(frame.content):
        return ""
    said = fields.get("warc-block-digest", "")
    if fits(said, frame.content) is False and not any(fits(said, form) for form in _payloads(frame)):
        return "the digest of the record does not fit: it was altered"
    said = fields.get("warc-payload-digest", "")
    if (
        not said
        or kind not in {"response", "resource"}
        or "warc-truncated" in fields
        or "warc-segment-number" in fields
    ):
        return ""
    if any(fits(said, form) is not False for form in _payloads(frame)) or fits(said, frame.content):
        return ""
    return "the digest of the payload does not fit: it was altered"


def _payloads(frame: Frame) -> Iterator[bytes]:
    """Yield what a crawler may mean by the payload: as it came, without chunks, decoded."""
    response = read_response(frame.content)
    yield response.body
    yield unchunked(response.body, True)[0]
    yield decode_body(response.headers, response.body, len(frame.content) * _GROWTH).data


_GROWTH = 100  # times a payload may unpack to for its digest to be compared
_ONCE = "its original cannot be looked for in an input that is read only once"


def _record_id(frame: Frame) -> str:
    return frame.head.fields.get("warc-record-id", "").strip("<>")


def read_warc(stream: ByteStream, inside: Inside, revisits: Revisits | None) -> Found:
    """Yield the pages and texts of a WARC file, what else is in it, and what is damaged."""
    return _Crawl(stream, inside, revisits).warc()


def read_arc(stream: ByteStream, inside: Inside) -> Found:
    """Yield the pages and texts of an ARC file, what else is in it, and what is damaged."""
    return _Crawl(stream, inside, None).arc()
