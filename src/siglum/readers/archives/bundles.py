"""ZIP (WACZ among them) and tar: files in a file, each read as if it lay in a folder."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple

from siglum.readers.archives.stream import Alarm, Break, ByteStream, Item, anything, items_of
from siglum.readers.record import Found, Inside, Limits

Reader = Callable[[ByteStream, Inside], Found]

_LOCAL = struct.Struct("<4s5H3I2H")  # APPNOTE 4.3.7
_STEP = 1 << 15
_WACZ_PAGES = ("archive/",)
_METHODS = {0: "", 8: "", 9: "Deflate64", 12: "bzip2", 14: "LZMA", 93: "zstd", 95: "xz", 99: "AES"}


def read_zip(file: BinaryIO, inside: Inside, read: Reader) -> Found:
    """Yield what is in the members of the ZIP *file*, in the order of its directory, each read by *read*.

    Of a WACZ only the archives are read. Where the directory at the end is missing, members are read one after the
    other from the start.
    """
    try:
        members = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as e:
        yield inside.fault(f"the ZIP's directory cannot be read ({e}): its members are read from the start")
        yield from _salvaged(file, inside, read)
        return
    wacz = any(m.filename == "datapackage.json" for m in members) and any(
        m.filename.startswith(_WACZ_PAGES) or m.filename.endswith(".wacz") for m in members
    )
    inner = "wacz" if wacz else "zip"
    for number, member in enumerate(members):
        place = f"byte {member.header_offset}"
        if number >= inside.limits.members:
            yield inside.fault(
                f"has {len(members):,} members, more than the limit of {inside.limits.members:,}: not read on"
            )
            return
        if member.filename.endswith("/"):
            continue
        here = inside.entering(inner, member.filename)
        if wacz and not (member.filename.startswith(_WACZ_PAGES) or member.filename.endswith(".wacz")):
            yield here.passed("belongs to the WACZ's own books")
        elif member.flag_bits & 1:
            yield here.fault("is encrypted", place, member.header_offset)
        elif _METHODS.get(member.compress_type, "?"):
            method = _METHODS.get(member.compress_type, str(member.compress_type))
            yield here.fault(f"is packed by {method}, which siglum does not read in a ZIP", place, member.header_offset)
        else:
            yield from read(ByteStream(_member(file, member, inside)), here)


def _member(file: BinaryIO, member: zipfile.ZipInfo, inside: Inside) -> Iterator[Item]:
    """Yield the bytes of *member*. Unlike zipfile, give what was read before a fault is told."""
    try:
        file.seek(member.header_offset)
        head = file.read(_LOCAL.size)
        if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
            yield Break("the ZIP's directory names a place where no member begins")
            return
        fields = _LOCAL.unpack(head)
        file.seek(fields[9] + fields[10], 1)
    except (OSError, ValueError) as e:
        yield Break(f"cannot be read: {e}")
        return
    yield from _content(ByteStream(items_of(file)), member.compress_type, member.compress_size, member.CRC, inside)


def _content(raw: ByteStream, method: int, size: int | None, checksum: int | None, inside: Inside) -> Iterator[Item]:
    """Yield what a member of *size* packed bytes holds; without a size, what deflate says is all."""
    inflate = zlib.decompressobj(-15) if method == 8 else None
    left = size
    made = used = seen = 0
    while left is None or left:
        piece = raw.take(_STEP if left is None else min(left, _STEP))
        if not piece:
            yield Break("the ZIP is cut inside this member" + (f": {why}" if (why := raw.resume()) else ""))
            return
        used += len(piece)
        left = None if left is None else left - len(piece)
        try:
            data = inflate.decompress(piece) if inflate else piece
        except zlib.error as e:
            yield Break(f"the ZIP member is damaged: {e}")
            return
        made += len(data)
        seen = zlib.crc32(data, seen)
        if not inside.budget.spend(len(data)):
            yield Break(f"unpacks to more than {inside.limits.unpacked_bytes:,} bytes: reading stops here")
            return
        if data:
            yield data
        if made > inside.limits.ratio_after and made > inside.limits.ratio * used:
            yield Break(f"unpacks to more than {inside.limits.ratio:,} times its size: reading stops here")
            return
        if inflate and inflate.eof:
            raw.back(len(inflate.unused_data))
            break
    if checksum is not None and seen != checksum:
        yield Alarm("the checksum of the ZIP member does not fit: a byte in it was altered")


def _salvaged(file: BinaryIO, inside: Inside, read: Reader) -> Found:
    """Yield what is in the members of a ZIP without a directory, as far as their own heads tell."""
    head = re.compile(rb"PK\x03\x04[\x0a-\x3f]\x00.{2}[\x00\x08]\x00", re.DOTALL)
    file.seek(0)
    raw = ByteStream(items_of(file))
    for _ in range(inside.limits.members):
        raw.until(head, anything, 0)
        if raw.exhausted():
            return
        start = raw.offset
        _, _, flags, method, _, _, checksum, packed, _, name_size, extra = _LOCAL.unpack(raw.peek(30).ljust(30, b"\0"))
        raw.read(30)
        name = raw.read(name_size).decode("utf-8", "replace")
        raw.read(extra)
        if name.endswith("/"):
            continue
        here = inside.entering("zip", name)
        if flags & 1 or (flags & 8 and method == 0) or packed == 0xFFFFFFFF:
            yield here.fault("cannot be read without the ZIP's directory", f"byte {start}", start)
            continue
        streamed = bool(flags & 8)
        content = ByteStream(
            _content(raw, method, None if streamed else packed, None if streamed else checksum, inside)
        )
        yield from read(content, here)


class TarHeader(NamedTuple):
    """One header of a tar."""

    name: str
    size: int
    type: bytes


def tar_header(block: bytes) -> TarHeader | None:
    """Return what a block of 512 bytes says, None where it is no header: its sum must fit (POSIX.1-1988, ustar)."""
    said = _number(block[148:156]) if len(block) == 512 else None
    if said is None or said != sum(block) - sum(block[148:156]) + 8 * 32 or not said:
        return None
    size = _number(block[124:136])
    if size is None or size < 0:
        return None
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0" and block[345]:
        name = block[345:500].split(b"\0", 1)[0] + b"/" + name
    return TarHeader(name.decode("utf-8", "replace"), size, block[156:157])


def _number(field: bytes) -> int | None:
    """Return a number of a header, octal or, of large ones, binary (GNU)."""
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        return None


def read_tar(stream: ByteStream, inside: Inside, read: Reader) -> Found:
    """Yield what is in the files of the tar *stream*, each read by *read*; after a broken header, go on at the next."""
    long_name = ""
    long_size: int | None = None
    members = 0
    while not stream.exhausted() or stream.broken:
        if stream.exhausted():
            yield inside.fault(stream.resume(), stream.place(stream.offset), stream.offset)
            continue
        start = stream.offset
        block = stream.read(512)
        if not block.strip(b"\0"):
            continue
        header = tar_header(block)
        if header is None:
            yield inside.fault(_search(stream, start), stream.place(start), start)
            continue
        if header.type in b"LxgK" and header.type:
            data = stream.read(min(header.size, 1 << 20))
            _skip(stream, header.size - len(data))
            _skip(stream, -header.size % 512)
            if header.type == b"L":
                long_name = data.rstrip(b"\0").decode("utf-8", "replace")
            elif header.type == b"x":
                facts = _pax(data)
                long_name = facts.get("path", long_name)
                long_size = int(facts["size"]) if facts.get("size", "").isdigit() else None
            continue
        name, size = long_name or header.name, header.size if long_size is None else long_size
        long_name, long_size = "", None
        members += 1
        if members > inside.limits.members:
            yield inside.fault(f"has more than {inside.limits.members:,} members: not read on")
            return
        here = inside.entering("tar", name)
        if header.type in (b"0", b"\0", b"7") and not name.endswith("/"):
            content = ByteStream(_tar_content(stream, size))
            yield from read(content, here)
            while content.read(1 << 20) or content.resume():
                pass
        elif header.type in (b"S", b"M"):
            yield here.fault(
                "is a sparse or split file, which siglum does not read in a tar", stream.place(start), start
            )
            _skip(stream, size)
        else:
            _skip(stream, size if header.type not in b"123456" else 0)
            continue
        _skip(stream, -size % 512)


def _tar_content(stream: ByteStream, left: int) -> Iterator[Item]:
    while left:
        piece = stream.take(min(left, 1 << 18))
        if not piece:
            yield Break("the tar is cut inside this file" + (f": {why}" if (why := stream.resume()) else ""))
            return
        left -= len(piece)
        yield piece


def _search(stream: ByteStream, start: int) -> str:
    """Move to the next header, and say what lies between."""
    while (block := stream.peek(512)) and tar_header(block) is None:
        stream.read(512)
    return f"{stream.offset - start:,} bytes that are no file of a tar"


def _skip(stream: ByteStream, size: int) -> None:
    while size > 0 and (piece := stream.take(min(size, 1 << 18))):
        size -= len(piece)


def _pax(data: bytes) -> dict[str, str]:
    """Return the records of a pax header: "LENGTH KEY=VALUE" lines."""
    facts: dict[str, str] = {}
    at = 0
    while (blank := data.find(b" ", at, at + 20)) > 0 and data[at:blank].isdigit():
        end = at + int(data[at:blank])
        key, _, value = data[blank + 1 : end - 1].partition(b"=")
        facts[key.decode("utf-8", "replace")] = value.decode("utf-8", "replace")
        if end <= at:
            break
        at = end
    return facts


def spooled(stream: ByteStream, file: BinaryIO, limits: Limits) -> str:
    """Copy *stream* to *file*; return what went wrong, "" if nothing."""
    size = 0
    while piece := stream.take(1 << 20):
        size += len(piece)
        if size > limits.spooled_bytes:
            return f"more than {limits.spooled_bytes:,} bytes inside another file: not read"
        try:
            file.write(piece)
        except OSError as e:
            return f"cannot be copied to disk to be read: {e.strerror or e}"
    file.seek(0)
    return stream.resume()
