"""MHTML (RFC 2557): a saved page as a mail of many parts, of which the root is the page."""

from __future__ import annotations

import email
import email.policy
from email.message import Message

from siglum.readers.archives.sniff import HTML_TYPES
from siglum.readers.record import Found, Inside, Record


def read_mhtml(data: bytes, inside: Inside) -> Found:
    """Yield the page that the MHTML file *data* was saved from, and what else is in it as passed over."""
    message = email.message_from_bytes(data, policy=email.policy.compat32)
    parts = [part for part in message.walk() if not part.is_multipart()]
    root = _root(message, parts)
    if root is None:
        yield inside.fault("an MHTML file without a part of type text/html")
    for number, part in enumerate(parts, 1):
        if part is root:
            yield _page(message, part, inside)
        else:
            yield inside.passed(part.get_content_type(), f"part {number}")


def _root(message: Message, parts: list[Message]) -> Message | None:
    pages = [part for part in parts if part.get_content_type() in HTML_TYPES]
    start = _header(message, "content-type", "start")
    named = [page for page in pages if start and str(page.get("content-id", "")).strip() == start]
    return next(iter(named or pages), None)


def _header(message: Message, name: str, parameter: str) -> str:
    found = message.get_param(parameter, "", name)
    return str(found).strip() if found else ""


def _page(message: Message, part: Message, inside: Inside) -> Record:
    payload = part.get_payload(decode=True)
    body = payload if isinstance(payload, bytes) else b""
    notes = [f"the part is damaged: {type(defect).__name__}" for defect in part.defects + message.defects]
    url = str(part.get("content-location") or message.get("snapshot-content-location") or "").strip()
    meta = {"container": inside.name}
    if date := message.get("date"):
        meta["date"] = str(date)
    return Record(inside.name, body, "html", url, {"content-type": str(part.get("content-type"))}, meta, tuple(notes))
