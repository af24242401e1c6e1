"""What holds for every cut, every altered byte and any size; and that other readers find the same in whole files."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import random
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_making import arc, faults, found, http, ids, packed, page, records, warc, warc_record
from siglum.readers.open import Limits, Record, Skipped, read_any


def _sha1(data: bytes) -> str:
    return base64.b32encode(hashlib.sha1(data).digest()).decode()


Pack = Callable[[list[bytes]], bytes]


def together(parts: list[bytes]) -> bytes:
    return b"".join(parts)


def at_once(parts: list[bytes]) -> bytes:
    return gzip.compress(b"".join(parts), mtime=0)


DESCRIPTION = arc([])
ARC = [arc([(n, http(page(n)))])[len(DESCRIPTION) :] for n in range(4)]
RANDOM = [warc_record(http(page(n, random.Random(n).randbytes(3000).hex())), n) for n in range(4)]


@pytest.mark.parametrize("pack", [together, packed, at_once])
def test_wherever_a_warc_is_cut_all_before_comes_out_and_one_fault_names_the_cut(pack: Pack) -> None:
    parts = warc(range(4))
    data = pack(parts)
    ends = [len(pack(parts[: n + 1])) for n in range(4)] if pack is not at_once else [len(data)]
    for cut in range(1, len(data)):
        everything = found(data[:cut], "x.warc.gz")
        before = [str(n) for n, end in enumerate(ends) if end <= cut]
        assert ids(r for r in records(everything) if not r.notes)[: len(before)] == before
        # Where only the blank lines behind a record are cut, or nothing of the next one is there, nothing is missing.
        nothing_missing = cut in ends or any(end - 4 <= cut <= end for end in ends if pack is together)
        assert len(faults(everything)) == (0 if nothing_missing else 1), cut


def test_wherever_an_arc_is_cut_all_before_comes_out() -> None:
    data = DESCRIPTION + together(ARC)
    ends = [len(DESCRIPTION) + len(together(ARC[: n + 1])) for n in range(4)]
    for cut in range(len(DESCRIPTION), len(data)):
        everything = found(data[:cut], "x.arc")
        whole = [r.body for r in records(everything) if not r.notes]
        before = [page(n) for n, end in enumerate(ends) if end <= cut]
        assert whole[: len(before)] == before
        assert len(faults(everything)) <= 1, cut


def altered(data: bytes, trials: int, seed: int) -> Iterator[bytes]:
    chance = random.Random(seed)
    for _ in range(trials):
        torn = bytearray(data)
        torn[chance.randrange(len(torn))] ^= chance.randrange(1, 256)
        yield bytes(torn)


@pytest.mark.parametrize(
    ("parts", "pack", "most"), [(warc(range(6)), together, 2), (warc(range(6)), packed, 1), (RANDOM, packed, 1)]
)
def test_one_altered_byte_costs_a_record_and_at_most_its_neighbour(parts: list[bytes], pack: Pack, most: int) -> None:
    data = pack(parts)
    good = {r.id: r.body for r in records(found(data))}
    for torn in altered(data, 400, seed=len(parts)):
        everything = found(torn, "x.warc.gz")
        intact = {r.id for r in records(everything) if r.body == good.get(r.id)}
        assert len(good) - len(intact) <= most
        if pack is packed and len(intact) < len(good):
            assert faults(everything), "a checksum tells every altered byte"


def test_one_altered_byte_in_a_gzip_over_all_costs_nothing_before_it() -> None:
    data = at_once(RANDOM)
    good = [r.body for r in records(found(data))]
    chance = random.Random(5)
    for _ in range(40):
        at = chance.randrange(len(data) // 2, len(data) - 8)
        torn = data[:at] + bytes([data[at] ^ 64]) + data[at + 1 :]
        everything = found(torn, "x.warc.gz")
        assert [r.body for r in records(everything)][:1] == good[:1]
        assert faults(everything)


@given(
    st.lists(st.tuples(st.binary(max_size=300), st.booleans()), max_size=6),
    st.sampled_from([together, packed, at_once]),
)
def test_what_is_written_is_read(bodies: list[tuple[bytes, bool]], pack: Pack) -> None:
    parts = []
    expected = []
    for n, (body, as_resource) in enumerate(bodies):
        text = b"<!DOCTYPE html>" + body
        record = warc_record(text, n, type="resource") if as_resource else warc_record(http(text), n)
        parts.append(record)
        expected.append((str(n), text))
    everything = found(pack(parts), "x.warc") if parts else []
    got = {r.id.removeprefix("urn:uuid:"): r.body for r in records(everything)}
    # A body that begins as binary data does is no page, and says so.
    assert len(records(everything)) + sum(isinstance(one, Skipped) for one in everything) == len(parts)
    assert all(got.get(id, text) == text for id, text in expected)
    assert faults(everything) == []


SAID = [
    warc_record(
        http(page(n, "gulls " * (n * 7 % 40))),
        n,
        WARC_Block_Digest="sha1:" + _sha1(http(page(n, "gulls " * (n * 7 % 40)))),
    )
    for n in range(8)
]
GARBAGE = [
    b"?",
    b"a line of a log\r\n" * 9,
    bytes(700),
    bytes(range(256)),
    b"WARC/1.0 is a format\r\n",
    gzip.compress(b"x" * 99),
]
LENGTHS = ["0", "1", "-1", "", "many", "60", "101", "5000", "99999999", "9" * 30]


def damaged(parts: list[bytes], pack: Pack, kind: str, chance: random.Random) -> tuple[bytes, set[int]]:
    """Return the archive of *parts* with one fault of *kind*, and which of them it touches."""
    n = chance.randrange(len(parts))
    torn = list(parts)
    if kind == "length":
        at = torn[n].index(b"Content-Length: ") + 16
        end = torn[n].index(b"\r\n", at)
        torn[n] = torn[n][:at] + chance.choice(LENGTHS).encode() + torn[n][end:]
        return pack(torn), {n}
    if kind == "garbage":
        torn.insert(n, chance.choice(GARBAGE) + chance.choice([b"", b"\r\n"]))
        return pack(torn), set()
    if kind == "lost":
        at = chance.randrange(len(torn[n]) - 4)
        torn[n] = torn[n][:at] + torn[n][at + chance.choice([1, 2, 9, 80]) :]
        # What is lost of a record's end may reach into the next one only if that follows without a gap.
        return pack(torn), {n, n + 1} if len(torn[n]) < len(parts[n]) - 9 else {n}
    if kind == "no line breaks":
        torn[n] = torn[n].rstrip(b"\r\n")
        return pack(torn), set()
    if kind == "line ends":
        torn[n] = torn[n].replace(b"\r\n", b"\n")
        return pack(torn), {n}
    data = bytearray(pack(torn))
    start = len(pack(torn[:n]))
    end = len(pack(torn[: n + 1]))
    at = chance.randrange(start, end)
    for place in range(at, min(end, at + chance.choice([1, 3, 40]))):
        data[place] ^= chance.randrange(1, 256)
    return bytes(data), {n}


KINDS = ["length", "garbage", "lost", "no line breaks", "line ends", "altered"]


@pytest.mark.parametrize("pack", [together, packed])
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_is_done_to_one_record_all_others_come_out_and_none_is_made_up(kind: str, pack: Pack) -> None:
    good = {r.id: (r.url, r.body) for r in records(found(pack(SAID)))}
    chance = random.Random(KINDS.index(kind))
    for _ in range(120):
        data, touched = damaged(SAID, pack, kind, chance)
        everything = found(data, "x.warc.gz")
        got = records(everything)
        whole = {r.id for r in got if (r.url, r.body) == good.get(r.id)}
        assert {f"urn:uuid:{n}" for n in range(8) if n not in touched} <= whole
        assert len(got) <= len(SAID)
        untold = [r for r in got if (r.url, r.body) != good.get(r.id) and not faults(everything)]
        # No digest guards a record's head: an address may be altered there in silence.
        assert [r.body for r in untold if r.body not in [body for _, body in good.values()]] == []


@pytest.mark.parametrize("kind", ["length", "garbage", "altered"])
def test_whatever_is_done_to_two_records_the_others_come_out(kind: str) -> None:
    chance = random.Random(9)
    for _ in range(80):
        first, hit = damaged(SAID[:4], together, kind, chance)
        second, also = damaged(SAID[4:], together, kind, chance)
        everything = found(first + second, "x.warc")
        intact = {n for n in range(8) if n not in hit and n - 4 not in also}
        # The last of the first half and the first of the second lie side by side: damage to one may hide the other.
        assert {f"urn:uuid:{n}" for n in intact} <= {r.id for r in records(everything)}
        assert kind == "altered" or faults(everything)


class Made(io.RawIOBase):
    """A file made while it is read, of which only one part is ever in memory."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = iter(parts)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return next(self._parts, b"")


def peak_of(parts: Iterable[bytes], **options: object) -> tuple[int, int]:
    """Return how many records *parts* hold, and how much memory reading them took, in bytes."""
    tracemalloc.start()
    count = sum(isinstance(one, Record) for one in read_any(Made(parts), name="x", **options))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return count, peak


BLOCK = 200


@pytest.mark.parametrize("pack", [together, packed])
def test_memory_stays_flat_however_many_records_there_are(pack: Pack) -> None:
    block = pack(warc(range(BLOCK)))
    few = peak_of(block for _ in range(5))
    many = peak_of(block for _ in range(40))
    assert few[0] == 5 * BLOCK
    assert many[0] == 40 * BLOCK
    assert many[1] < few[1] * 1.2 + (1 << 18)
    assert many[1] < 8 << 20


def test_memory_stays_flat_over_a_record_that_is_too_large() -> None:
    head = warc_record(b"", 1, Content_Length=str(200 << 20))[:-4]
    start = http(b"<!DOCTYPE html>" + b"x" * (1 << 20))[: 1 << 20]

    def parts() -> Iterator[bytes]:
        yield from warc(range(2))
        yield head
        yield start
        for _ in range(199):
            yield b"x" * (1 << 20)
        yield b"\r\n\r\n"
        yield from warc(range(2))

    count, peak = peak_of(parts(), limits=Limits(record_bytes=4 << 20))
    assert count == 4
    assert peak < 24 << 20


def test_memory_stays_flat_over_rows() -> None:
    block = b'{"text": "gulls nest here"}\n' * 2000
    count, peak = peak_of(block for _ in range(20))
    assert count == 40_000
    assert peak < 4 << 20


@pytest.mark.parametrize("pack", [together, packed])
def test_other_readers_find_the_same_records(pack: Pack, tmp_path: Path) -> None:
    parts = [warc_record(http(page(n, "gulls " * n)), n) for n in range(300)]
    path = tmp_path / "x.warc"
    path.write_bytes(pack(parts))
    ours = [(r.id, r.body) for r in records(read_any(path))]
    assert len(ours) == 300
    assert ours == _by_fastwarc(path)
    assert ours == _by_warcio(path)


def _by_fastwarc(path: Path) -> list[tuple[str, bytes]]:
    library = pytest.importorskip("fastwarc.warc")
    with path.open("rb") as file:
        return [(r.record_id.strip("<>"), r.reader.read()) for r in library.ArchiveIterator(file, parse_http=True)]


def _by_warcio(path: Path) -> list[tuple[str, bytes]]:
    library = pytest.importorskip("warcio.archiveiterator")
    with path.open("rb") as file:
        return [
            (r.rec_headers.get_header("WARC-Record-ID").strip("<>"), r.content_stream().read())
            for r in library.ArchiveIterator(file)
        ]
