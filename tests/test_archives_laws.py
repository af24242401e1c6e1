"""What holds for every cut, every altered byte and any size; and that other readers find the same in whole files."""

from __future__ import annotations

import gzip
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
