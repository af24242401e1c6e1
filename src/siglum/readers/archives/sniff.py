"""What bytes are, told by their beginning; names only decide where the bytes leave it open."""

from __future__ import annotations

import re

from siglum.readers.archives.arc import Arc
from siglum.readers.archives.warc import HEAD

WINDOW = 1 << 16  # bytes that are looked at
_SAMPLE = 1 << 12  # bytes that tell binary data from text

_TAGS = rb"(?:!doctype\s{1,9}html|(?:html|head|body|title|meta|script|style|frameset|base|link)[\s>/])"
_PAGE = re.compile(
    rb"(?is)\A(?:\xef\xbb\xbf)?\s{0,2000}(?:<\?xml[^>]{0,300}>\s{0,200})?(?>(?><!--.{0,3000}?-->)\s{0,200}){0,4}"
    rb"(?:<!doctype\s[^>]{0,300}>\s{0,200}){0,1}<" + _TAGS
)
_DOCTYPE = re.compile(rb"(?is)\A(?:\xef\xbb\xbf)?\s{0,2000}(?:<\?xml[^>]{0,300}>\s{0,200})?<!doctype\s{1,9}html[\s>]")
_MARKUP = re.compile(rb"(?i)<(?:!doctype|html|head|title|body|meta|script|table|div|p|a|br|h[1-6])[\s>/]")
_FRAGMENT = re.compile(
    rb"(?is)\A\s{0,2000}(?>(?><!--.{0,3000}?-->)\s{0,200}){0,4}</?(?:a|b|br|center|div|font|form|h[1-6]|hr|i|iframe|img|p|pre|span|table|ul|ol)[\s>/]"
)
_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\0\0\1\0", "an icon"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"OTTO", "a font"),
    (b"\0\1\0\0\0", "a font"),
    (b"%PDF-", "a PDF document"),
    (b"%!PS", "a PostScript document"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an old office program"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, which siglum does not read"),
    (b"Rar!\x1a\x07", "a RAR archive, which siglum does not read"),
    (b"FEA1", "a Feather file of version 1, which siglum does not read"),
    (b"ORC", "an ORC table, which siglum does not read"),
    (b"Obj\1", "an Avro file, which siglum does not read"),
    (b"\x1f\x9d", "a file packed by compress, which siglum does not read"),
    (b"\x1f\xa0", "a file packed by compress, which siglum does not read"),
    (b"LZIP", "a file packed by lzip, which siglum does not read"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\0", "a program"),
    (b"ID3", "a sound"),
    (b"OggS", "a sound or film"),
    (b"fLaC", "a sound"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"CWS", "a Flash film"),
    (b"FWS", "a Flash film"),
    (b"glTF", "a model"),
    (b"\0asm", "a program"),
)
BINARY = "binary data"
_NAMES = dict(_MAGIC)
_ANY_MAGIC = re.compile(b"|".join(re.escape(magic) for magic, _ in _MAGIC))
_TEXTUAL = frozenset([b"%PDF-", b"%!PS", b"{\\rtf"])
_ODD = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f\x80-\xff]")
_NEAR = 64  # bytes in which something odd follows a magic number made of letters, but hardly a word that begins so
_RIFF = {b"WEBP": "a WebP image", b"WAVE": "a sound", b"AVI ": "a film"}
_CDX = re.compile(
    rb"(?:[ ,\t;]?CDX(?: [A-Za-z]){2,40}|!OpenWayback-CDXJ"
    rb"|[^\s(]{1,300}\)/\S{0,3000} \d{14}(?: \{| \S{1,3000} \S{1,200} |\t\S{1,300}\t\d{1,15}\t\d))"
)
_MHTML = re.compile(rb"(?im)^content-type:[ \t]{0,9}multipart/related")
_HAR = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,999}\{\s{0,999}\"log\"\s{0,99}:\s{0,99}\{")
_ARROW_STREAM = re.compile(rb"\xff\xff\xff\xff.{2}\0\0[\x08-\x1c]\0\0\0", re.DOTALL)


def looks_like_html(data: bytes) -> bool:
    """Tell whether *data* begins as a page does, in any encoding whose letters are ASCII, or in UTF-16."""
    return _PAGE.match(_narrow(data)) is not None


def is_fragment(data: bytes) -> bool:
    """Tell whether *data* begins with an element that stands in the body of a page."""
    return _FRAGMENT.match(_narrow(data)) is not None


def _narrow(data: bytes) -> bytes:
    start = data[:8192]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start[2:]
    return start.replace(b"\0", b"") if b"\0" in start else start


def media_in(data: bytes) -> str:
    """Return what *data* is if it is no text ("a PNG image"), else ""."""
    if data[:1] == b"<":
        return ""
    match = _ANY_MAGIC.match(data)
    if match and (match[0] in _TEXTUAL or not match[0].isalnum() or _ODD.search(data[:_NEAR])):
        return _NAMES[match[0]]
    if data[:4] == b"RIFF" and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    if data[4:8] == b"ftyp" and data[:1] == b"\0":
        return "a film or image"
    return BINARY if _is_binary(data[:_SAMPLE]) else ""


def _is_binary(data: bytes) -> bool:
    """Tell whether one byte in twenty is a control character, but for NULs where UTF-16 and UTF-32 put them."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:4] == b"\0\0\xfe\xff":
        return False
    control = len(data) - len(data.translate(None, _CONTROL))
    zeros = data.count(0)
    if zeros * 5 > len(data):  # an alphabet in UTF-16 or UTF-32 has its NULs in every second or fourth place
        places = sorted(data[n::4].count(0) for n in range(4))
        wide = places[-1] * 5 > len(data) and places[0] * 40 < len(data)
        if wide:
            return control * 4 > len(data)
    odd = control + zeros
    return odd > 4 and odd * 20 > len(data) and not (zeros and _is_utf8(data.replace(b"\0", b""), len(data)))


def _is_utf8(rest: bytes, size: int) -> bool:
    """Tell whether *rest*, what is left of *size* bytes without NULs, is a text that came to be sprinkled with them."""
    if len(rest) * 2 < size or (len(rest) - len(rest.translate(None, _CONTROL))) * 50 > len(rest):
        return False
    try:
        rest[: max(len(rest) - 3, 3)].decode("utf-8")
    except UnicodeDecodeError as e:
        return e.start > len(rest) - 8
    return True


_CONTROL = bytes(b for b in range(1, 32) if b not in b"\t\n\r\f\v\x1b\x1a\x08")


def kind_of(data: bytes, name: str = "") -> str:
    """Return what the stream that begins with *data* is: the name of a reader, or "" where it is none we know.

    Packed streams are not told here. *name* is that of the file and only decides between a table and a text.
    """
    suffixes = name.lower().removesuffix(".gz").removesuffix(".zst").removesuffix(".bz2").removesuffix(".xz")
    start = data.lstrip(b"\r\n")
    if HEAD.match(start):
        return "warc"
    if start.startswith(b"filedesc:") or (Arc.start.match(start) and not start.startswith(b"<")):
        return "arc"
    for magic, kind in ((b"PK\3\4", "zip"), (b"PK\5\6", "zip"), (b"PAR1", "parquet"), (b"ARROW1", "arrow")):
        if data.startswith(magic):
            return kind
    if _ARROW_STREAM.match(data):
        return "arrow-stream"
    if data[257:262] == b"ustar" or _is_old_tar(data):
        return "tar"
    if _CDX.match(data):
        return "cdx"
    if _HAR.match(data) or (suffixes.endswith(".har") and re.match(rb"(?:\xef\xbb\xbf)?\s{0,999}\{", data)):
        return "har"
    head = re.split(rb"\r?\n\r?\n", data[:16384], maxsplit=1)[0]
    if _MHTML.search(head) and re.match(rb"[A-Za-z-]{2,40}:", head):
        return "mhtml"
    if media_in(data) and not looks_like_html(data):
        return "media"
    if looks_like_html(data) or (suffixes.endswith((".html", ".htm", ".xhtml")) and b"<" in data):
        return "html"
    return "text"


def _is_old_tar(data: bytes) -> bool:
    from siglum.readers.archives.bundles import tar_header

    return tar_header(data[:512]) is not None


def as_text(data: bytes) -> str:
    """Return how *data* begins, to be shown in a message."""
    line = data[:200].decode("utf-8", "replace").strip().split("\n", 1)[0]
    return line[:60].rstrip() + ("…" if len(line) > 60 else "")


def plain_type(said: str) -> str:
    """Return the media type that *said*, a header's value, begins with, in lower case.

    >>> plain_type("Text/HTML charset=utf-8, text/html")
    'text/html'
    """
    return re.split(r"[;,\s]", said.strip(), maxsplit=1)[0].lower()


def kind_of_payload(media_type: str, body: bytes) -> tuple[str, str]:
    """Return "html" or "text" and a note, or "" and why *body*, which a header calls *media_type*, is no document.

    >>> kind_of_payload("image/png", b"<!DOCTYPE html><title>Not found</title>")
    ('html', 'header says image/png, the payload is a page')
    """
    media_type = plain_type(media_type)
    if not body.strip(b"\0 \t\r\n"):
        return "", "the payload is empty"
    if media_type in HTML_TYPES:
        found = media_in(body)
        if found == BINARY and _MARKUP.search(_narrow(body)):
            return "html", "there is binary data in it"
        return ("", f"header says {media_type}, the payload is {found}") if found else ("html", "")
    if _PAGE.match(_narrow(body)) if media_type in _UNSURE else _DOCTYPE.match(_narrow(body)):
        said = f"header says {media_type}, the payload is a page"
        return "html", "" if media_type in _UNKNOWN or "xml" in media_type else said
    if media_type in TEXT_TYPES or media_type in _UNKNOWN:
        found = media_in(body)
        if found:
            return "", found
        if media_type in _UNKNOWN and is_fragment(body):
            return "html", "no header says what the payload is; it begins as markup"
        return "text", ""
    return "", media_type


HTML_TYPES = frozenset(
    ["text/html", "application/xhtml+xml", "application/vnd.wap.xhtml+xml", "text/xhtml", "text/x-html", "text/htm"]
)
TEXT_TYPES = frozenset(["text/plain", "text/markdown", "text/x-markdown", "text/x-rst"])
_UNKNOWN = frozenset(["", "-", "no-type", "unknown", "unk", "application/unknown", "application/octet-stream"])
_UNSURE = _UNKNOWN | TEXT_TYPES | {"text/xml", "application/xml"}
