"""Bytes to text as a recorded, reversible decision: which codec, on what ground, and how the exact bytes come back.

What is asked, in this order: a byte order mark; the caller; for pages the HTTP header, the XML declaration and the
``meta`` element; NUL bytes that show UTF-16 or UTF-32; well-formed UTF-8; a detector; and where all of them are silent,
windows-1252. A declaration that the bytes contradict is passed over, and the account says why: so is one of Latin
where bytes and detector agree on another script, since servers call every page Latin.

The detector is uchardet, as `resiliparse.parse.encoding` binds it. On 88 made samples (19 languages in 44 pairs of
language and legacy codec, each as two sentences and as the first 40 % of them) it read 78 without a fault in 0.2 ms a
text; charset-normalizer 3.5 read 63 in 0.7 ms. What it misses are MS-DOS and Macintosh pages, Johab and Vietnamese.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from siglum.errors import ReportMismatch

# A text with more undecodable bytes than one in ten of those that could be wrong was not written in that codec: a wrong
# multi-byte codec fails on far more, a page with a few cut or foreign characters on far fewer.
_MAX_BAD_SHARE = 0.10
# Four continuation bytes in a row of lawful places do not happen by chance in a page of another codec.
_UTF8_CERTAIN = 4
_SNIFFED = 4096  # bytes in which a page must have declared itself; browsers look at 1,024
_SAMPLED = 1 << 17  # bytes the detector sees of a long text, half from each end

# Where there are so many bytes above 0x7F, in runs of so many on average, the language is not written in Latin.
_FEW, _LONG = 20, 3

_BOMS = (
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-32-le", b"\xff\xfe\0\0"),  # before utf-16-le, which begins alike
    ("utf-32-be", b"\0\0\xfe\xff"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
)
_EXACT = frozenset(codec for codec, _ in _BOMS)  # what they decode strictly they encode to the same bytes
# Names that write or expect a mark of their own: the mark is kept apart, so here they have none.
_UNMARKED = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}

# Codecs a page may not ask for: not encodings of text, tied to one machine, or known ways to smuggle markup.
_NOT_FOR_PAGES = frozenset(
    ["charmap", "idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape", "utf-7"]
)
_NOT_FOR_PAGES_NAMES = frozenset(name.replace("_", "").replace("-", "") for name in _NOT_FOR_PAGES)
# What pages mean by a name is the larger set that browsers read it as (WHATWG Encoding Standard, section 4.2).
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# NEC's row 13 (circled numbers, units) stands on many EUC-JP pages, and Python's euc_jp cannot read it.
_SECOND_TRY = {"euc_jp": "euc_jis_2004"}
# Names met on pages that neither the standard nor Python knows, where what is meant is plain.
_MEANT = (
    (re.compile(r"(?:iso-?)?8559-(\d{1,2})", re.IGNORECASE), r"iso-8859-\1"),  # digits swapped
    (re.compile(r"(?:cp|win|windows)[-_ ]?(125\d)", re.IGNORECASE), r"windows-\1"),
    (re.compile(r"big5[-_](?:solaris|eten|tw)", re.IGNORECASE), "big5"),
    (re.compile(r"utf-?8(?:mb[34]|n|-mac)", re.IGNORECASE), "utf-8"),
    (re.compile(r"x-user-defined", re.IGNORECASE), "windows-1252"),  # HTML Standard, 13.2.3.2
    (re.compile(r"x-mac-(?:cyrillic|ukrainian)", re.IGNORECASE), "mac_cyrillic"),
    (re.compile(r"(?:x-)?sjis(?:-win|_open)?", re.IGNORECASE), "shift_jis"),
    (re.compile(r"euc-?jp-?(?:win|ms)", re.IGNORECASE), "euc_jp"),
)

_LABEL = r"[A-Za-z0-9][\w.:+-]{0,39}"
_CHARSET = re.compile(rf"charset\s{{0,9}}=\s{{0,9}}[\"']?\s{{0,9}}({_LABEL})", re.ASCII | re.IGNORECASE)
_BARE = re.compile(rf"\s{{0,9}}({_LABEL})\s{{0,9}}", re.ASCII)
_META = re.compile(rb"<meta\s[^<>]{1,500}", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_XML = re.compile(
    rf"\s{{0,99}}<\?xml\s[^<>]{{0,200}}?encoding\s{{0,9}}=\s{{0,9}}[\"']({_LABEL})[\"']".encode(), re.IGNORECASE
)

_LATIN = frozenset(["ascii", "cp1250", "cp1252", "cp1254", "cp1257", "iso8859-2", "iso8859-15", "mac-roman"])
_ELSEWHERE = frozenset(
    ["big5hkscs", "cp1251", "cp1253", "cp1255", "cp1256", "cp866", "cp874", "cp932", "cp949", "euc_jp", "euc_tw",
     "gb18030", "hz", "iso2022_jp", "iso2022_kr", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8", "koi8-u",
     "mac-cyrillic"]
)  # fmt: skip
_HIGH = re.compile(rb"[\x80-\xff]+")
_HALF_WIDTH = re.compile("[\uff61-\uff9f]")

_OTHER_BREAKS = "\v\f\x85\u2028\u2029"
_ASCII = bytes(range(128))
_LOW = bytes(byte for byte in range(32) if byte not in b"\n\r")
_MARKS = re.compile("[\udc00-\udcff]+")
_CHARACTERS = re.compile("[\ud800-\udfff]+|.", re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udfff]+")
_REPLACEMENT = "\ufffd"
_FAULTS = (ValueError, LookupError, AssertionError, OverflowError, TypeError)  # what Python's codecs raise


class ByteRun(NamedTuple):
    """Bytes that encoding the text would not give back, and the code points that stand for them."""

    byte_start: int  # in the source, its byte order mark included
    hex: str
    cp_start: int
    cp_len: int


class Rejected(NamedTuple):
    """A codec, or a name that is none, which was considered and passed over."""

    codec: str
    why: str


@dataclass(frozen=True, slots=True)
class Decoding:
    """How bytes became a text; with that text it gives the bytes back."""

    codec: str  # Python's name for it
    basis: str  # "bom", "caller", "http-header", "xml-declaration", "html-meta", "detected" or "default"
    why: str
    rejected: tuple[Rejected, ...]
    bom: str  # hex; "" where there is none; not part of the text
    exceptions: tuple[ByteRun, ...]
    newlines: Mapping[str, int]  # "lf", "crlf", "cr", and "other": U+000B, U+000C, U+0085, U+2028, U+2029
    ends_with_newline: bool
    code_points: int
    size: int  # bytes

    def restore(self, text: str) -> bytes:
        """Return the exact bytes that `decode` read *text* from.

        Raises `ReportMismatch` where *text* is visibly another one; the digest in a report is what tells for certain.
        """
        if len(text) != self.code_points:
            raise ReportMismatch("decoding", f"{self.code_points} code points", str(len(text)))
        try:
            return bytes.fromhex(self.bom) + _written(text, self.exceptions, self.codec)
        except _FAULTS as fault:
            raise ReportMismatch("decoding", f"a text that {self.codec} can write", _told(fault)) from fault

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold, the form in which a report keeps it."""
        return {
            "codec": self.codec,
            "basis": self.basis,
            "why": self.why,
            "rejected": [entry._asdict() for entry in self.rejected],
            "bom": self.bom,
            "exceptions": [run._asdict() for run in self.exceptions],
            "newlines": dict(self.newlines),
            "ends_with_newline": self.ends_with_newline,
            "code_points": self.code_points,
            "size": self.size,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Decoding:
        """Return the decoding whose `to_json` is *data*."""
        rejected = tuple(Rejected(**entry) for entry in data["rejected"])
        exceptions = tuple(ByteRun(**run) for run in data["exceptions"])
        return cls(**{**data, "rejected": rejected, "exceptions": exceptions})


def decode(data: bytes, *, caller: str = "", header: str = "", html: bool = False) -> tuple[str, Decoding]:
    r"""Return *data* as text, and the account that turns this text into *data* again.

    *caller* is a codec the caller knows to be right; *header* a ``Content-Type`` or a bare charset name; *html* says
    that the bytes are a page, whose own declaration counts. No input and no name raises. The text holds no lone
    surrogate; each run of undecodable bytes is one U+FFFD. A byte order mark is not part of the text.

    >>> text, account = decode("Привет".encode("cp1251"), header="text/plain; charset=windows-1251")
    >>> text, account.codec, account.basis
    ('Привет', 'cp1251', 'http-header')
    >>> account.restore(text) == "Привет".encode("cp1251")
    True
    """
    rejected: list[Rejected] = []
    for choice in _choices(data, caller, header, html):
        if not choice.codec:
            rejected.append(Rejected(choice.label, choice.why))
            continue
        if choice.basis == "detected" and any(choice.codec == codec for codec, _ in rejected):
            continue  # a ground that only repeats what was refused
        body = data[len(choice.bom) :]
        try:
            codec, marked, clean = _read(body, choice.codec)
        except _FAULTS as fault:
            rejected.append(Rejected(choice.codec, f"{choice.why}; {_told(fault)}"))
            continue
        objection = _objection(choice, body, marked, clean)
        if not objection:
            return _account(data, choice._replace(codec=codec), marked, clean, rejected)
        rejected.append(Rejected(choice.codec, f"{choice.why}; {objection}"))
    raise AssertionError("the last choice is always taken")


class _Choice(NamedTuple):
    """One codec to try; without a codec, a name that had to be passed over."""

    codec: str
    basis: str
    why: str
    bom: bytes = b""
    label: str = ""


def _choices(data: bytes, caller: str, header: str, html: bool) -> Iterator[_Choice]:
    """Yield what speaks for a codec, strongest ground first; the last one is always taken."""
    for codec, bom in _BOMS:
        if data.startswith(bom):
            yield _Choice(codec, "bom", f"the bytes begin with the byte order mark of {codec.upper()}", bom)
    if caller:
        yield _named(caller, "caller", "the caller says", _python_codec(caller))
    for label, basis, why in _declarations(data, header, html):
        yield _named(label, basis, why, _page_codec(label, basis))
    if b"\0" in data:
        for codec in _wide_by_zeros(data):
            yield _Choice(codec, "detected", f"NUL bytes stand where {codec.upper()} puts them")
    if data.isascii() and b"\x1b" not in data:
        yield _Choice("utf-8", "default", "there are only ASCII bytes")
        return
    if not data.isascii():
        yield _Choice("utf-8", "detected", "the bytes are UTF-8")
    if found := _detected(data):
        yield _Choice(found, "detected", f"uchardet finds {found}")
    yield _Choice("utf-8" if data.isascii() else "cp1252", "default", "nothing else fits")


def _named(label: str, basis: str, why: str, resolved: tuple[str, str]) -> _Choice:
    codec, problem = resolved
    shown = label if len(label) <= 60 else label[:59] + "…"
    return _Choice(codec, basis, problem or f"{why} {shown}", label=shown)


def _declarations(data: bytes, header: str, html: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the names a page goes by: label, basis and how it was declared."""
    if header and (match := _CHARSET.search(header[:1000]) or _BARE.fullmatch(header[:1000])):
        yield match[1], "http-header", "the HTTP header says"
    if not html:
        return
    start = data[:_SNIFFED]
    if declared := _XML.match(start):
        yield declared[1].decode("ascii"), "xml-declaration", "the XML declaration says"
    for element in _META.finditer(_COMMENT.sub(b"", start)):
        if named := _CHARSET.search(element[0].decode("latin-1")):
            yield named[1], "html-meta", "the meta element says"
            return


@lru_cache(maxsize=256)
def _python_codec(label: str) -> tuple[str, str]:
    """Return Python's name for *label* and "", or "" and what is wrong with it."""
    try:
        name = codecs.lookup(label).name
    except _FAULTS:
        return "", "no codec of that name is known"
    return _UNMARKED.get(name, name), ""


@lru_cache(maxsize=256)
def _page_codec(label: str, basis: str) -> tuple[str, str]:
    """Return the codec a page means by *label* and "", or "" and why it may not have it."""
    from resiliparse.parse.encoding import map_encoding_to_html5

    meant = next((pattern.sub(name, label) for pattern, name in _MEANT if pattern.fullmatch(label)), label)
    codec, problem = _python_codec(map_encoding_to_html5(meant, fallback_utf8=False) or meant)
    if problem:
        return "", problem
    if codec.replace("_", "").replace("-", "") in _NOT_FOR_PAGES_NAMES:
        return "", "pages may not ask for this codec"
    if basis == "html-meta" and codec.startswith("utf-16"):
        codec = "utf-8"  # the element was read as ASCII, so the page is not in UTF-16 (HTML Standard, 13.2.3.2)
    return _WIDER.get(codec, codec), ""


def _wide_by_zeros(data: bytes) -> Iterator[str]:
    """Yield the UTF-16 or UTF-32 whose empty bytes the NULs of *data* are."""
    sample = data[: min(_SNIFFED, len(data) // 4 * 4)]
    columns = [sample[place::4] for place in range(4)]
    zeros = [column.count(0) for column in columns]
    quarter = len(columns[0])
    # In UTF-32 the highest byte of four is always 0, the next one nearly always, and the lowest one hardly ever.
    if zeros[3] == quarter and zeros[2] * 2 > quarter >= zeros[0] * 2:
        yield "utf-32-le"
    if zeros[0] == quarter and zeros[1] * 2 > quarter >= zeros[3] * 2:
        yield "utf-32-be"
    low = [len(column) - len(column.translate(None, _LOW)) for column in columns]
    for codec, high, other in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        # Alphabets have a high byte below 0x20 in nearly every unit; of the low bytes, Thai ones are that in half.
        alphabet = (low[high] + low[high + 2]) * 10 > quarter * 16 and (low[other] + low[other + 2]) * 10 < quarter * 12
        # Ideographs have higher ones: there the blanks and breaks must agree.
        blanks = zeros[high] + zeros[high + 2]
        agreed = blanks >= 4 and blanks * 50 >= quarter and blanks > 3 * (zeros[other] + zeros[other + 2])
        if alphabet or (agreed and not _is_utf8(data)):
            yield codec


def _detected(data: bytes) -> str:
    """Return the codec that uchardet finds, or "" where it finds none that adds to what was tried before."""
    from resiliparse.parse.encoding import detect_encoding

    label = detect_encoding(data, max_len=_SAMPLED, html5_compatible=False)
    codec, _ = _python_codec(label) if label else ("", "")
    if codec == "koi8-r":
        return "koi8-u"  # the same but for eight box-drawing signs, which are letters there
    if codec in {"ascii", "utf-8"}:
        return ""
    return _WIDER.get(codec, codec)


def _read(body: bytes, codec: str) -> tuple[str, str, bool]:
    """Return the codec that read *body*, the text with undecodable bytes as marks, and whether there are none.

    A mark is U+DC00 plus the byte. Raises what the codec raises where it cannot go on after a fault.
    """
    for name in (codec, _SECOND_TRY.get(codec)):
        if name:
            with suppress(UnicodeError):
                return name, body.decode(name), True
    with suppress(UnicodeError):
        # Python's own handler gives the same marks, ten times as quickly, but refuses bytes below 0x80.
        return codec, body.decode(codec, "surrogateescape"), False
    return codec, body.decode(codec, "siglum-mark"), False


def _mark(fault: UnicodeError) -> tuple[str, int]:
    """Return the marks of the bytes at fault, and where to go on: an error handler for `bytes.decode`."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    return "".join(chr(0xDC00 + byte) for byte in fault.object[fault.start : fault.end]), fault.end


codecs.register_error("siglum-mark", _mark)


def _objection(choice: _Choice, body: bytes, marked: str, clean: bool) -> str:
    """Return why *choice* cannot be right for *body*, "" where nothing speaks against it."""
    if choice.basis == "default":
        return ""
    declared = choice.basis in {"http-header", "html-meta", "xml-declaration"}
    wide = choice.codec in _EXACT - {"utf-8"}
    if declared and wide and body and b"\0" not in body and _is_utf8(body):
        return "there is no NUL byte, and all bytes are well-formed UTF-8"
    if not clean:
        bad = sum(map(len, _MARKS.findall(marked)))
        doubtful = len(body) if wide else len(body.translate(None, _ASCII)) or len(body)
        if bad > _MAX_BAD_SHARE * doubtful:
            return f"{bad} of {doubtful} bytes that could be wrong are not {choice.codec}"
        if choice.basis != "bom" and choice.codec != "utf-8" and not body.isascii() and _is_utf8(body):
            return f"{bad} bytes are not {choice.codec}, and all are well-formed UTF-8"
        return _misdeclared(choice.codec, body, marked) if declared and not wide else ""
    if declared and not wide and choice.codec != "utf-8" and not body.isascii():
        inside = _continuation_bytes(body)
        if inside >= _UTF8_CERTAIN:
            return f"all bytes are well-formed UTF-8, {inside} of them inside longer characters"
    return _misdeclared(choice.codec, body, marked) if declared and not wide else ""


def _misdeclared(codec: str, body: bytes, marked: str) -> str:
    """Return why *body* is in another codec than the declared one, which reads it too; "" where nothing says so.

    Servers call every page Latin, and Latin reads every byte. What gives a page away: in a Latin language bytes above
    0x7F stand alone or in twos; no Japanese is all half-width; and text holds no escapes that switch character sets.
    """
    if codec in _LATIN:
        runs = _HIGH.findall(body[:_SAMPLED])
        high = sum(map(len, runs))
        odd = high >= _FEW and high >= _LONG * len(runs)
        why = "too many bytes above 0x7F stand together"
    elif codec == "cp932":
        beyond = sum(not character.isascii() for character in marked[:_SAMPLED])
        odd = beyond >= _FEW and len(_HALF_WIDTH.findall(marked[:_SAMPLED])) * 2 > beyond
        why = "it would be half-width letters throughout"
    else:
        odd = b"\x1b$" in body and body.isascii() and not codec.startswith("iso2022")
        why = "there are escapes of ISO 2022"
    found = _detected(body) if odd else ""
    if found == codec or found not in _ELSEWHERE:
        return ""
    try:
        _, _, clean = _read(body, found)
    except _FAULTS:
        return ""
    return f"{why}, and uchardet finds {found}" if clean else ""


def _account(data: bytes, choice: _Choice, marked: str, clean: bool, rejected: list[Rejected]) -> tuple[str, Decoding]:
    body = data[len(choice.bom) :]
    exact = clean and choice.codec in _EXACT
    text, runs = (marked, ()) if exact else _settled(body, choice.codec, marked)
    shift = len(choice.bom)
    cr = text.count("\r")
    crlf = text.count("\r\n") if cr else 0
    bad = sum(len(run.hex) // 2 for run in runs)
    account = Decoding(
        codec=choice.codec,
        basis=choice.basis,
        why=choice.why + (f"; {bad} bytes are kept as exceptions" if bad else ""),
        rejected=tuple(rejected),
        bom=choice.bom.hex(),
        exceptions=tuple(run._replace(byte_start=run.byte_start + shift) for run in runs) if shift else runs,
        newlines={
            "lf": text.count("\n") - crlf,
            "crlf": crlf,
            "cr": cr - crlf,
            "other": sum(map(text.count, _OTHER_BREAKS[:2] if text.isascii() else _OTHER_BREAKS)),
        },
        ends_with_newline=text.endswith(("\n", "\r")),
        code_points=len(text),
        size=len(data),
    )
    return text, account


def _settled(body: bytes, codec: str, marked: str) -> tuple[str, tuple[ByteRun, ...]]:
    """Return the text without marks, and the runs with which encoding it gives *body*: as few bytes as can be had."""
    if (pieces := _by_marks(body, codec, marked)) is not None:
        return _joined(pieces)
    shown = _shown(marked)
    text, runs = _joined(list(_by_lines(body, codec)))
    with suppress(*_FAULTS):
        if text == shown and _written(text, runs, codec) == body:
            return text, runs
    # Neighbours that encode otherwise together than alone, or a state that reaches across lines.
    return shown, (ByteRun(0, body.hex(), 0, len(shown)),)


class _Piece(NamedTuple):
    raw: bytes
    text: str
    exact: bool  # encoding the text gives the bytes


def _by_marks(body: bytes, codec: str, marked: str) -> list[_Piece] | None:
    """Return *body* cut at its undecodable runs, None where something else does not come back either."""
    pieces: list[_Piece] = []
    done = 0
    for match in (*_MARKS.finditer(marked), None):
        good = marked[done : match.start() if match else len(marked)]
        # Some codecs write surrogates; a text must not hold any.
        encoded = _encode(good, codec) if good else b""
        if encoded is None or _SURROGATES.search(good):
            return None
        pieces.append(_Piece(encoded, good, True))
        if match:
            # The lower byte of each UTF-16 unit is the byte that was marked.
            pieces.append(_Piece(match[0].encode("utf-16-le", "surrogatepass")[::2], _REPLACEMENT, False))
            done = match.end()
    return pieces if b"".join(piece.raw for piece in pieces) == body else None


def _by_lines(body: bytes, codec: str) -> Iterator[_Piece]:
    """Yield *body* line by line, cut around what does not come back."""
    for line in body.splitlines(keepends=True):
        try:
            marked = line.decode(codec, "siglum-mark")
        except _FAULTS:
            yield _Piece(line, _REPLACEMENT, False)
            continue
        pieces = _by_marks(line, codec, marked)
        yield from pieces if pieces is not None else _by_characters(line, codec, marked)


def _by_characters(line: bytes, codec: str, marked: str) -> list[_Piece]:
    """Return *line* cut around the characters that have a second spelling of the same length, else all as one piece."""
    whole = _Piece(line, _shown(marked), False)
    pieces: list[_Piece] = []
    done = 0
    for match in _CHARACTERS.finditer(marked):
        text = _shown(match[0])
        encoded = _encode(text, codec) if text == match[0] else b"?" * len(match[0])  # a mark stands for one byte
        if encoded is None:
            return [whole]
        raw = line[done : done + len(encoded)]
        pieces.append(_Piece(raw, text, raw == encoded and text == match[0]))
        done += len(encoded)
    return pieces if done == len(line) else [whole]


def _joined(pieces: list[_Piece]) -> tuple[str, tuple[ByteRun, ...]]:
    """Return the text of *pieces*, and one run for each stretch of them that is not exact."""
    runs: list[ByteRun] = []
    bytes_done = characters_done = 0
    for exact, stretch in groupby(pieces, key=lambda piece: piece.exact):
        together = list(stretch)
        raw = b"".join(piece.raw for piece in together)
        length = sum(len(piece.text) for piece in together)
        if not exact:
            runs.append(ByteRun(bytes_done, raw.hex(), characters_done, length))
        bytes_done += len(raw)
        characters_done += length
    return "".join(piece.text for piece in pieces), tuple(runs)


def _written(text: str, runs: Iterable[ByteRun], codec: str) -> bytes:
    """Return *text* in bytes, *runs* put where they stand; raises what the codec raises on the rest."""
    parts: list[bytes] = []
    done = 0
    for run in runs:
        if done < run.cp_start:  # some codecs write something for nothing
            parts.append(text[done : run.cp_start].encode(codec))
        parts.append(bytes.fromhex(run.hex))
        done = run.cp_start + run.cp_len
    if done < len(text):
        parts.append(text[done:].encode(codec))
    return b"".join(parts)


def _encode(text: str, codec: str) -> bytes | None:
    try:
        return text.encode(codec)
    except _FAULTS:
        return None


def _shown(marked: str) -> str:
    return _SURROGATES.sub(_REPLACEMENT, marked)


def _told(fault: Exception) -> str:
    """Return a fault of a codec in one short line; the bytes it quotes are left out."""
    return str(getattr(fault, "reason", fault))[:120] or type(fault).__name__


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _continuation_bytes(data: bytes) -> int:
    """Return how many bytes of *data* are the second or later ones of a UTF-8 character; 0 where it is not UTF-8."""
    try:
        return len(data) - len(data.decode("utf-8"))
    except UnicodeDecodeError:
        return 0
