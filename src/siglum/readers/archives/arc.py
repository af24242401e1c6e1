"""ARC 1.0 and 1.1: one line of fields parted by blanks, then the content. No line break need part two records."""

from __future__ import annotations

import re

from siglum.readers.archives.frames import Head
from siglum.readers.archives.http import is_as_long_as_it_says
from siglum.readers.archives.stream import ByteStream

# URL, IP address, date, media type (whose parameters may hold blanks; in version 2 five fields follow), and the length.
# Addresses may hold blanks too; the fields after them are so narrow that few places are tried.
_AFTER = rb"[ \t]([0-9A-Fa-f.:]{2,45}|-)[ \t](\d{8,17})[ \t]([^\r\n]{0,200}?)[ \t](-?\d{1,15})[ \t]{0,9}\r{0,2}"
# A scheme that only ends in a known one is that with something torn before it.
_URL = rb"(?![A-Za-z0-9+.-]{1,16}(?:https?|ftp)://)[A-Za-z][A-Za-z0-9+.-]{1,20}:[^\r\n]{1,3000}?"
_KNOWN_URL = (
    rb"(?:https?|ftp)://[!-~]{1,500}+|dns:[!-~]{1,255}+"  # within a line, where no line break parts two records
)
_DAMAGED = re.compile(rb"[^\r\n]{8,3000} [^ \r\n]{1,80} [^ \r\n]{8,17} [^\r\n]{1,300} [^ \r\n]{1,15}\r?\n")
_CUT = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{0,20}(?::|\Z)")
_HEAD = re.compile(b"(" + _URL + b")" + _AFTER + rb"(?:\n|\Z)")

# Of the file's own description, any field but the length may be anything.
_DESCRIPTION = re.compile(rb"(filedesc:[^ \r\n]{0,3000}) (\S{1,99}) (\S{1,99}) (\S{1,99}) (\d{1,9})[ \t]{0,9}\r{0,2}\n")


class Arc:
    """Heads of ARC records."""

    start = re.compile(b"(?m)(?:^" + _URL + b"|" + _KNOWN_URL + b")" + _AFTER + rb"\n")
    parting = re.compile(rb"(?!)")  # one line break, if any, which says nothing

    def begins(self, data: bytes, cut: bool) -> bool:
        """Tell whether *data* is a line break and a head with a damaged field, or one that is *cut*."""
        rest = data.lstrip(b"\r\n")
        if rest == data:
            return False
        return _DAMAGED.match(rest) is not None or (cut and b"\n" not in rest and _CUT.match(rest) is not None)

    def is_quoted(self, before: bytes, ahead: bytes) -> bool:
        """Tell that no head is: its fields are too many to be found in a text."""
        return False

    def proves(self, head: Head, content: bytes) -> bool:
        """Tell that nothing does: there are no digests."""
        return False

    def supports(self, content: bytes) -> bool:
        """Tell whether *content* is a response that is as long as its own head says."""
        return is_as_long_as_it_says(content)

    def read_head(self, stream: ByteStream) -> Head | None:
        """Read the head *stream* stands at; None where there is none."""
        ahead = stream.peek(4096)
        match = _HEAD.match(ahead) or _DESCRIPTION.match(ahead)
        if not match:
            return None
        stream.read(match.end())
        url, ip, date, media_type, length = (part.decode("utf-8", "replace") for part in match.groups())
        fields = {"arc-url": url, "arc-ip-address": ip, "arc-date": date, "content-type": media_type}
        return Head(int(length), fields)
