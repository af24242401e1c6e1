"""An HTTP response as archives hold it: head and body, read leniently, and the body decoded by looking at its bytes.

A header that says gzip, chunked or brotli is a claim to be checked: pages were often stored decoded with the header
left as it was. What is untrue is noted, never an error.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from siglum.errors import MissingExtra
from siglum.readers.archives.stream import Damage

_STATUS = re.compile(
    rb"(?:(?:HTTP|ICY)(?:/[\d.]{1,5})?[ \t]{1,9}){1,4}(\d{3})(?!\d)[^\n]{0,2000}(?:\n|\Z)", re.IGNORECASE
)
_CUT = re.compile(rb"(?:H|HTT?|HTTP(?:/[\d.]{0,5})?[ \t]{0,9}\d{0,3})\Z", re.IGNORECASE)
_DOUBLED = re.compile(rb"(?:HTTP|ICY)(?:/[\d.]{1,5})?[ \t]{1,9}(?:HTTP|ICY)", re.IGNORECASE)
_HEADER = re.compile(rb"([!#-'*+.^-z|~A-Z0-9-]{1,100})[ \t]{0,9}:[ \t]*([^\n]*)")
_MARKUP = re.compile(rb"[ \t]{0,99}<[!?a-zA-Z]")
# One of these among the first lines shows that what has no status line is a head all the same.
_KNOWN = frozenset(
    ["age", "cache-control", "connection", "content-encoding", "content-length", "content-type", "date", "etag",
     "expires", "last-modified", "location", "mime-version", "pragma", "server", "set-cookie", "transfer-encoding",
     "vary", "via"]
)  # fmt: skip
_HEAD_BYTES = 1 << 18
_CHUNK = re.compile(rb"[ \t]{0,9}([0-9A-Fa-f]{1,8})[ \t]{0,9}(?:;[^\r\n]{0,500})?\r*\n")
_LAYERS = 4  # codings on top of each other
_STEP = 1 << 10  # packed bytes at a time: zstd makes up to 32 MB of them


class Response(NamedTuple):
    """A response: its status (None where none is said), headers with lower-case names, and body."""

    status: int | None
    headers: dict[str, str]
    body: bytes
    notes: tuple[str, ...]


class Body(NamedTuple):
    """A decoded body; *fault* says why it could not be decoded, and the body is then what stood there."""

    data: bytes
    notes: tuple[str, ...] = ()
    fault: str = ""


def read_response(content: bytes) -> Response:
    r"""Return *content* as a response, whatever of its head is doubled, missing or broken.

    >>> read_response(b"HTTP/1.1 HTTP/1.1 200 OK\r\r\nServer: x\r\r\n\r\r\n<p>").headers
    {'server': 'x'}
    """
    notes: list[str] = []
    at = len(content) - len(content.lstrip(b"\r\n")) if content[:1] in b"\r\n" else 0
    status = _STATUS.match(content, at)
    if status:
        at = status.end()
        if _DOUBLED.match(status[0]):
            notes.append("the status line is doubled")
    headers, end, why = _headers(content, at)
    if status is None and _CUT.match(content, at):
        return Response(None, {}, b"", ("the head does not end",))
    if status is None:
        if not _KNOWN & headers.keys():
            return Response(None, {}, content, ("there is no HTTP head",))
        notes.append("there is no status line")
    if b"\r\r\n" in content[:end]:
        notes.append("the head's lines end in CR CR LF")
    if why:
        notes.append(why)
    return Response(int(status[1]) if status else None, headers, content[end:], tuple(notes))


def is_as_long_as_it_says(content: bytes) -> bool:
    """Tell whether *content* is a response with a body of just the length its head says."""
    response = read_response(content)
    said = response.headers.get("content-length", "")
    return response.status is not None and said.isdecimal() and said.isascii() and len(response.body) == int(said[:18])


def _headers(content: bytes, at: int) -> tuple[dict[str, str], int, str]:
    """Return the headers from *at* on, where the body begins, and what is wrong with the head's end."""
    headers: dict[str, str] = {}
    last = ""
    most = min(len(content), at + _HEAD_BYTES)
    while at < most:
        end = content.find(b"\n", at) + 1 or len(content)
        line = content[at:end]
        bare = line.rstrip(b"\r\n")
        if not bare:
            return headers, end, ""
        if match := _HEADER.match(bare):
            last = match[1].decode("latin-1").lower()
            value = _text(match[2])
            headers[last] = f"{headers[last]}, {value}" if last in headers and last != "content-type" else value
        elif _MARKUP.match(bare):
            return headers, at, "no blank line parts head and body"
        elif bare[:1] in b" \t" and last:
            headers[last] += " " + _text(bare)
        at = end
    return headers, at, "the head does not end" if at < len(content) else ""


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8").strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def decode_body(headers: Mapping[str, str], body: bytes, most: int) -> Body:
    """Return *body* without its transfer and content codings, as its bytes show them, not as *headers* claim.

    More than *most* bytes unpacked are a fault. A coding that breaks off gives what came out so far, with a note.
    """
    notes: list[str] = []
    said = [c.strip().lower() for c in headers.get("content-encoding", "").split(",") if c.strip()]
    if "chunked" in headers.get("transfer-encoding", "").lower() or _CHUNK.match(body):
        claimed = "chunked" in headers.get("transfer-encoding", "").lower()
        joined, note = unchunked(body, claimed)
        body = joined
        if note:
            notes.append(note)
    said = [c for c in said if c not in {"identity", "none", "utf-8", "binary", "8bit"}]
    for coding in reversed(said[-_LAYERS:]):
        done = _uncoded(coding, body, most)
        notes += done.notes
        if done.fault:
            return Body(body, tuple(notes), done.fault)
        body = done.data
    if not said and _coding_of(body):
        done = _uncoded(_coding_of(body), body, most)
        if done.fault or done.notes:
            return Body(body, tuple(notes), done.fault)
        notes.append(f"the payload is {_coding_of(body)}, no header says so")
        body = done.data
    return Body(body, tuple(notes))


def unchunked(body: bytes, claimed: bool) -> tuple[bytes, str]:
    """Return *body* with its chunks joined, and a note; as it was where it is not chunked.

    Where no header claims chunks, only a body that is chunked to the last byte counts.
    """
    parts: list[bytes] = []
    at = 0
    while match := _CHUNK.match(body, at):
        size = int(match[1], 16)
        at = match.end()
        if not size:
            return b"".join(parts), "" if claimed else "the payload is chunked, no header says so"
        parts.append(body[at : at + size])
        at += size
        if at > len(body):
            break
        at += len(re.match(rb"\r*\n?", body[at : at + 4])[0])  # type: ignore[index]
    if not claimed:
        return body, ""
    if not parts:
        return body, "" if not body else "header says chunked, the payload is not"
    if at >= len(body):
        return b"".join(parts), "the chunked payload is cut"
    return b"".join(parts) + body[at:], "the chunked payload breaks off: what follows was taken as it stood"


def _coding_of(body: bytes) -> str:
    if body.startswith(b"\x1f\x8b\x08"):
        return "gzip"
    return "zstd" if body.startswith(b"\x28\xb5\x2f\xfd") else ""


def _uncoded(coding: str, body: bytes, most: int) -> Body:
    """Return *body* without *coding*; as it was, with a note, where it does not have it."""
    if not body:
        return Body(body)
    shown = _coding_of(body)
    names = {"x-gzip": "gzip", "br": "brotli", "zstd": "zstd", "gzip": "gzip", "deflate": "deflate", "brotli": "brotli"}
    said = names.get(coding, coding)
    real = shown or (said if said in {"deflate", "brotli"} else "")
    untrue = f"header says {said}, the payload is not"
    if not real:
        return Body(body, (untrue,))
    try:
        data, why = _decoded(real, body, most)
    except MissingExtra as e:
        return Body(body, (), str(e))
    if len(data) > most:
        return Body(body, (), f"the payload unpacks to more than {most:,} bytes")
    notes = () if real == said else (f"header says {said}, the payload is {real}",)
    # By chance a text is the beginning of a deflate or brotli stream, but hardly of one that grows to its end.
    if not shown and _is_plain(body) and (why or len(data) < len(body)):
        return Body(body, (untrue,))
    if not why:
        return Body(data, notes)
    if not data:
        return Body(body, (), f"the {real} payload cannot be decoded: {why}")
    return Body(data, (*notes, f"the {real} payload is damaged: {why}"))


def _is_plain(body: bytes) -> bool:
    """Tell whether *body* looks like text: hardly any control characters among its first bytes."""
    start = body[:1000]
    control = sum(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in start)
    return control * 50 <= len(start)


def _decoded(coding: str, body: bytes, most: int) -> tuple[bytes, str]:
    """Return what *coding* makes of *body*, little more than *most* bytes of it, and why it broke off."""
    if coding == "gzip":
        return _gathered(_members(body), most)
    if coding != "deflate":
        return _drained(_decoder(coding), body, most)
    best = (b"", "")
    for bits in (15, -15):
        data, why = _drained(zlib.decompressobj(bits), body, most)
        if not why:
            return data, why
        best = max(best, (data, why), key=lambda found: len(found[0]))
    return best


def _decoder(coding: str) -> Any:
    if coding == "zstd":
        from siglum.readers.archives.packing import zstd_decoder

        return zstd_decoder()
    try:
        import brotli
    except ImportError as e:
        raise MissingExtra("archives", "reading brotli") from e
    return brotli.Decompressor()


def _drained(decoder: Any, body: bytes, most: int) -> tuple[bytes, str]:
    data, why = _gathered(_pieces(decoder, body), most)
    if why:  # of a decoder that failed nothing more can be asked
        return data, why
    done = decoder.is_finished() if hasattr(decoder, "is_finished") else decoder.eof
    return data, "" if done or len(data) > most else "it is cut"


def _gathered(pieces: Iterator[bytes], most: int) -> tuple[bytes, str]:
    """Return *pieces* joined, up to little more than *most* bytes, and why they broke off."""
    parts: list[bytes] = []
    size = 0
    try:
        for data in pieces:
            parts.append(data)
            size += len(data)
            if size > most:
                break
    except Exception as e:  # zlib.error, brotli.error, ZstdError: each library has its own
        return b"".join(parts), str(e) or type(e).__name__
    return b"".join(parts), ""


def _members(body: bytes) -> Iterator[bytes]:
    """Yield what the gzip members of *body* hold; what follows the last one is left. Raises Damage where one is cut."""
    at = 0
    while not at or body.startswith(b"\x1f\x8b\x08", at):
        inflate = zlib.decompressobj(31)
        while not inflate.eof:
            piece = body[at : at + _STEP]
            if not piece:
                raise Damage("it is cut")
            yield inflate.decompress(piece)
            at += len(piece) - len(inflate.unused_data)


def _pieces(decoder: Any, body: bytes) -> Iterator[bytes]:
    """Yield what *decoder* makes of *body*, in steps small enough that a bomb does no harm."""
    if hasattr(decoder, "process"):
        for at in range(0, len(body), _STEP):
            data = decoder.process(body[at : at + _STEP], output_buffer_limit=1 << 20)
            yield data
            while data and not decoder.can_accept_more_data():
                data = decoder.process(b"", output_buffer_limit=1 << 20)
                yield data
            if decoder.is_finished():
                return
        return
    for at in range(0, len(body), _STEP):
        yield decoder.decompress(body[at : at + _STEP])
        if decoder.eof:
            return
