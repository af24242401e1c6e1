"""What packs a stream: gzip, zstd, bzip2, xz, lz4, unpacked member by member in bounded steps.

After damage, the next member is looked for from just behind the start of the damaged one: a decoder often runs on into
its neighbour before it notices.
"""

from __future__ import annotations

import re
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from siglum.errors import MissingExtra
from siglum.readers.archives.stream import Alarm, Break, ByteStream, Item, Member, anything
from siglum.readers.record import Budget, Limits

_PLAIN = re.compile(rb"WARC/[01]\.\d{1,2}\r{0,2}\n[A-Za-z]")  # records that were put there without being packed
_LEAST = 1 << 11  # packed bytes to try at once; more where the member before was larger, since all are copied
_KEPT = 1 << 20  # packed bytes of a member that are kept to look for the next one after damage


@dataclass(frozen=True)
class Packing:
    """One way of packing: how its members begin and what unpacks one."""

    name: str
    magic: bytes
    member: re.Pattern[bytes]  # a start of which chance would make none
    decoder: Callable[[], Any]  # an object with decompress, eof, unused_data; raises MissingExtra
    errors: Callable[[], tuple[type[Exception], ...]]
    step: int  # packed bytes at a time, so that what comes out at once stays small


def unpacked(raw: ByteStream, packing: Packing, limits: Limits, budget: Budget) -> Iterator[Item]:
    """Yield what *raw* holds, unpacked, with its members and breaks."""
    made = 0
    state: dict[str, Any] = {"typical": packing.step}
    while _next_member(raw, packing):
        start = raw.offset
        head = raw.peek(16)
        if not packing.member.match(head) and not head.startswith(packing.magic):
            plain, lost = raw.until(packing.member, anything, limits.record_bytes)
            reason = f"{lost:,} bytes at byte {start} are no {packing.name} member"
            if raw.exhausted() and raw.resume():
                reason += "; the packed file breaks off"
            yield Alarm(reason)
            if _PLAIN.search(plain):
                yield plain
            continue
        if packing.name == "zstd" and _is_skippable(head):
            _read_skippable(raw, state)
            continue
        yield Member(start)
        for item in _member(raw, packing, state, start):
            if isinstance(item, bytes):
                made += len(item)
                if not budget.spend(len(item)):
                    yield Break(f"unpacks to more than {limits.unpacked_bytes:,} bytes: reading stops here")
                    return
            yield item
            if made > limits.ratio_after and made > limits.ratio * raw.offset:
                yield Break(f"unpacks to more than {limits.ratio:,} times its size: reading stops here")
                return


def _next_member(raw: ByteStream, packing: Packing) -> bool:
    """Move to where the next member should begin; False at the end. Zeros may fill a file up."""
    raw.skip_any(b"\0")
    if raw.exhausted() and raw.resume():
        raw.until(packing.member, anything, 0)
    return not raw.exhausted()


def _member(raw: ByteStream, packing: Packing, state: dict[str, Any], start: int) -> Iterator[Item]:
    """Yield the bytes of the member that begins where *raw* stands, and what is wrong with it."""
    decoder = packing.decoder() if packing.name != "zstd" else zstd_decoder(state.get("dictionary", b""))
    before = None
    kept: deque[bytes] = deque()
    size = 0
    while not decoder.eof:
        piece = raw.take(packing.step if kept else min(packing.step, state["typical"]))
        if not piece:
            why = raw.resume()
            _go_behind(raw, packing, start, kept)
            yield Break(f"the {packing.name} member at byte {start} is cut" + (f": {why}" if why else ""))
            return
        if kept and packing.name == "gzip":
            before = decoder.copy()
        kept.append(piece)
        size += len(piece)
        while size > _KEPT and len(kept) > 1:
            size -= len(kept.popleft())
        try:
            data = decoder.decompress(piece)
        except packing.errors() as e:
            if packing.name == "gzip":
                yield _salvaged(before or packing.decoder(), piece)
            yield _after_damage(raw, packing, start, kept, e)
            return
        if data:
            yield data
    unused = len(decoder.unused_data or b"")
    raw.back(unused)
    state["typical"] = max(_LEAST, 2 * (size - unused))


def _salvaged(inflate: Any, piece: bytes) -> bytes:
    """Return what *inflate* makes of *piece* up to the byte it fails on."""
    parts = []
    with suppress(zlib.error):
        for at in range(len(piece)):
            parts += [inflate.decompress(piece[at : at + 1])]
    return b"".join(parts)


def _go_behind(raw: ByteStream, packing: Packing, start: int, kept: deque[bytes]) -> None:
    """Move *raw* back to the start of a damaged member, and then on to the next one."""
    packed = b"".join(kept)
    raw.unread(packed[1:] if raw.offset - len(packed) == start else packed)
    raw.until(packing.member, anything, 0)


def _after_damage(raw: ByteStream, packing: Packing, start: int, kept: deque[bytes], error: Exception) -> Item:
    """Move *raw* to the next member, and return what is wrong with the one that began at *start*."""
    _go_behind(raw, packing, start, kept)
    if "incorrect data check" in str(error):  # all bytes are there, and came out
        return Alarm(
            f"the checksum of the {packing.name} member at byte {start} does not fit: a byte in it was altered"
        )
    return Break(f"the {packing.name} member at byte {start} is damaged: {error}")


def _gzip_decoder() -> Any:
    return zlib.decompressobj(31)


def _bzip2_decoder() -> Any:
    import bz2

    return bz2.BZ2Decompressor()


def _xz_decoder() -> Any:
    import lzma

    return lzma.LZMADecompressor(memlimit=256 << 20)


def _lz4_decoder() -> Any:
    try:
        from lz4.frame import LZ4FrameDecompressor
    except ImportError as e:
        raise MissingExtra("archives", "reading lz4") from e
    return LZ4FrameDecompressor()


def zstd_decoder(dictionary: bytes = b"") -> Any:
    """Return a decoder of zstd, from the standard library where it has one (Python 3.14)."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return _zstandard_decoder(dictionary)
    return zstd.ZstdDecompressor(zstd_dict=zstd.ZstdDict(dictionary) if dictionary else None)


def _zstandard_decoder(dictionary: bytes) -> Any:
    try:
        import zstandard
    except ImportError as e:
        raise MissingExtra("archives", "reading zstd") from e
    known = zstandard.ZstdCompressionDict(dictionary) if dictionary else None
    return zstandard.ZstdDecompressor(dict_data=known, max_window_size=1 << 27).decompressobj()


def _is_skippable(head: bytes) -> bool:
    return head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50


def _read_skippable(raw: ByteStream, state: dict[str, Any]) -> None:
    """Pass over a skippable frame; that of a .warc.zst holds the dictionary for all its records."""
    head = raw.read(8)
    payload = raw.read(int.from_bytes(head[4:], "little"))
    if head[:1] == b"\x5d" and "dictionary" not in state:
        if payload.startswith(b"\x28\xb5\x2f\xfd"):
            payload = zstd_decoder().decompress(payload)
        state["dictionary"] = payload


def _zstd_errors() -> tuple[type[Exception], ...]:
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        import zstandard

        return (zstandard.ZstdError,)
    return (zstd.ZstdError,)


def _xz_errors() -> tuple[type[Exception], ...]:
    import lzma

    return (lzma.LZMAError,)


PACKINGS = (
    Packing(
        "gzip",
        b"\x1f\x8b\x08",
        re.compile(rb"\x1f\x8b\x08[\0-\x1f].{4}[\0\x02\x04][\0-\x1f\xff]", re.DOTALL),
        _gzip_decoder,
        lambda: (zlib.error,),
        1 << 15,
    ),
    Packing(
        "zstd",
        b"\x28\xb5\x2f\xfd",
        re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"),
        zstd_decoder,
        _zstd_errors,
        1 << 11,
    ),
    Packing(
        "bzip2",
        b"BZh",
        re.compile(rb"BZh[1-9](?:1AY&SY|\x17\x72\x45\x38\x50\x90)"),
        _bzip2_decoder,
        lambda: (OSError, ValueError),
        1 << 10,
    ),
    Packing("xz", b"\xfd7zXZ\0", re.compile(rb"\xfd7zXZ\0"), _xz_decoder, _xz_errors, 1 << 12),
    Packing(
        "lz4", b"\x04\x22\x4d\x18", re.compile(rb"\x04\x22\x4d\x18"), _lz4_decoder, lambda: (RuntimeError,), 1 << 16
    ),
)

PACKED = frozenset(packing.name for packing in PACKINGS)


def packing_of(head: bytes) -> Packing | None:
    """Return what packs the file that begins with *head*, None where nothing does."""
    return next((p for p in PACKINGS if p.member.match(head) or (p.magic != b"BZh" and head.startswith(p.magic))), None)


def gzip_behind_damage(head: bytes) -> Packing | None:
    """Return gzip where a member of it begins somewhere in *head*."""
    return PACKINGS[0] if PACKINGS[0].member.search(head) else None
