"""WARC 0.9 to 1.1: the heads of its records, and which of them are documents."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from siglum.readers.archives.digests import fits
from siglum.readers.archives.frames import HEAD_BYTES, Head
from siglum.readers.archives.http import is_as_long_as_it_says
from siglum.readers.archives.stream import ByteStream

_END = re.compile(rb"\n\r*(?:\n|\Z)")
_DAMAGED = re.compile(
    rb"\r*\n\r*\n[\r\n]{0,9}(?:WARC/|[^\r\n]{0,99}\r*\n(?:WARC-[A-Za-z-]{1,40}|Content-[A-Za-z-]{1,20})[ \t]{0,9}:)",
    re.IGNORECASE,
)
# Fields behind the blank line that should end a head without a length, and that length among them; the first line may
# be the rest of an address.
_NAMED = rb"(?:[A-Za-z][A-Za-z-]{1,60}[ \t]{0,9}:[^\n]{0,3000}\n){0,30}"
_REST = re.compile(
    rb"(?:[ \t]{0,9}\r*\n){0,3}(?:(?!HTTP/|WARC/)[^\r\n]{1,2000}\r*\n)?" + _NAMED + b"?"
    rb"Content-Length[ \t]{0,9}:[ \t]{0,9}\d{1,15}[ \t]{0,9}\r*\n" + _NAMED + rb"\r*\n",
    re.IGNORECASE,
)
_OLD = re.compile(
    rb"(?:WARC|warc)/0\.(?:9|10)[ \t]{1,99}(\d{1,15})[ \t]{1,99}(\S{1,99})[ \t]{1,99}(\S{1,3000})[ \t]{1,99}(\d{14})"
    rb"[ \t]{1,99}(\S{1,300})[ \t]{1,99}(\S{1,300})"
)
_OPENING = frozenset(bytes([byte]) for byte in b"\"'`> \t;")
_FIELD = re.compile(r"\n([^:\s]{1,99})[ \t]*:[ \t]*([^\r\n]*)")
_OLD_NAMES = ("warc-type", "warc-target-uri", "warc-date", "warc-record-id", "content-type")


_AFTER = rb"(?:%s[ \t]{0,9}\r{0,2}\n[A-Za-z][A-Za-z-]{1,40}[ \t]{0,9}:|0\.\d{1,2}[ \t]{1,9}\d{1,15}[ \t]{1,9}[a-z])"
HEAD = re.compile(rb"[Ww](?:ARC|arc)/" + _AFTER % rb"[\w.]{1,12}")
# Where it is searched for, a version is a number, and no part of an address, which may end in "/warc/" and something.
_SURE = re.compile(rb"(?:WARC|(?<!/)warc)/" + _AFTER % rb"\d{1,2}(?:\.\d{1,3}){0,2}")


class Warc:
    """Heads of WARC records: a version line, then named fields up to a blank line."""

    start = _SURE
    parting = re.compile(rb"\r*\n\r*\n")

    def begins(self, data: bytes, cut: bool) -> bool:
        """Tell whether *data* is a blank line and a head whose version line is damaged, or one that is *cut*."""
        rest = data.lstrip(b"\r\n")
        return _DAMAGED.match(data) is not None or (cut and rest[:5].upper() == b"WARC/"[: len(rest)])

    def is_quoted(self, before: bytes, ahead: bytes) -> bool:
        """Tell whether *before* opens a quotation, and *ahead* is no whole head, as one behind a cut record is."""
        if before not in _OPENING:
            return False
        end = _END.search(ahead)
        head = ahead[: end.start()].lower() if end else b""
        return not (b"\nwarc-type:" in head and b"\ncontent-length:" in head) or b"&lt;" in head

    def proves(self, head: Head, content: bytes) -> bool:
        """Tell whether *content* has the digest that *head* says."""
        return fits(head.fields.get("warc-block-digest", ""), content) is True

    def supports(self, content: bytes) -> bool:
        """Tell whether *content* is a response that is as long as its own head says."""
        return is_as_long_as_it_says(content)

    def read_head(self, stream: ByteStream) -> Head | None:
        """Read the head *stream* stands at; None where there is none, or where it does not end."""
        size = 4096
        while True:
            ahead = stream.peek(size)
            if not HEAD.match(ahead):
                return None
            end = _END.search(ahead)
            if end or len(ahead) < size or size >= HEAD_BYTES:
                break
            size *= 4
        if ahead[5:6] == b"0" and (old := _OLD.match(ahead)):
            return self._old(stream, ahead, old)
        if not end or self._holds_another(ahead[: end.start()]):
            return None
        fields = _fields(ahead[: end.start()])
        if "content-length" in fields or not (rest := _REST.match(ahead, end.end())):
            stream.read(end.end())
            return Head(_length(fields.get("content-length", "")), fields)
        stream.read(rest.end())
        fields = _fields(b"\n" + rest[0]) | fields
        return Head(_length(fields["content-length"]), fields, "blank lines stand within the head")

    def _holds_another(self, head: bytes) -> bool:
        """Tell whether *head* has lost its end and runs on into the next one."""
        return (head.find(b"WARC/", 1) > 0 or head.find(b"warc/", 1) > 0) and self.start.search(head, 1) is not None

    def _old(self, stream: ByteStream, ahead: bytes, match: re.Match[bytes]) -> Head:
        """Read a head of version 0.9: all in one line; its length is that of head and content, or of content alone."""
        names = _END.search(ahead)
        size = names.end() if names else match.end()
        stream.read(size)
        values = [value.decode("utf-8", "replace") for value in match.groups()[1:]]
        length = int(match[1])
        ahead = stream.peek(min(length, HEAD_BYTES) + 512)
        rest = ahead[length:].lstrip(b"\r\n")
        if len(ahead) < length or (rest and not HEAD.match(rest)):
            length = max(0, length - size)
        return Head(length, dict(zip(_OLD_NAMES, values, strict=True)))


def _fields(head: bytes) -> dict[str, str]:
    """Return the fields of a head that have a value, names in lower case; one that is said twice keeps the first."""
    fields: dict[str, str] = {}
    last = ""
    text = head.decode("utf-8", "replace")
    if "\n " not in text and "\n\t" not in text:
        for name, value in reversed(_FIELD.findall(text)):
            if said := value.rstrip():
                fields[name.lower()] = said
        return fields
    for line in text.split("\n")[1:]:
        if line[:1] in (" ", "\t") and last:
            fields[last] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        if colon:
            last = name.strip().lower()
            fields.setdefault(last, value.strip())
    return {name: value for name, value in fields.items() if value}


def _length(said: str) -> int | None:
    return int(said) if re.fullmatch(r"[+-]?\d{1,18}", said, re.ASCII) else None


def about(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return what is kept of a record's head in a document's meta."""
    kept = {name: fields[name] for name in _KEPT if name in fields}
    if "warc-record-id" in kept:
        kept["warc-record-id"] = kept["warc-record-id"].strip("<>")
    return kept


_KEPT = (
    *("warc-type", "warc-record-id", "warc-date", "warc-payload-digest", "warc-block-digest", "warc-truncated"),
    *("warc-identified-payload-type", "warc-identified-content-language", "warc-ip-address", "warc-filename"),
)
