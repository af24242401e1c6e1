"""What packs records: compressions, ZIP, WACZ, tar, HAR, MHTML; their faults and their bombs."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from archive_making import (
    SMALL,
    Pipe,
    faults,
    found,
    ids,
    packed,
    page,
    passed,
    records,
    response,
    wacz,
    warc,
    zipped,
)
from siglum.readers.archives.sniff import kind_of, looks_like_html
from siglum.readers.open import Limits, Record, Skipped, read_any

WARC = b"".join(warc(range(3)))


def zstd(data: bytes) -> bytes:
    return pytest.importorskip("zstandard").compress(data)  # type: ignore[no-any-return]


def lz4(data: bytes) -> bytes:
    return pytest.importorskip("lz4.frame").compress(data)  # type: ignore[no-any-return]


PACK = {"gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress, "zstd": zstd, "lz4": lz4}


# --- compressions --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PACK)
def test_each_compression_is_known_by_its_bytes(name: str) -> None:
    pack = PACK[name]
    assert found(pack(b"Gulls nest here."), "x") == [Record("x", b"Gulls nest here.", "text")]
    assert ids(found(pack(WARC))) == ["0", "1", "2"]
    assert ids(found(b"".join(map(pack, warc(range(3)))))) == ["0", "1", "2"]


@pytest.mark.parametrize("name", ["gzip", "bzip2", "zstd", "lz4"])
def test_behind_a_damaged_member_reading_goes_on(name: str) -> None:
    members = [PACK[name](response(n)) for n in range(5)]
    torn = bytearray(members[2])
    torn[len(torn) // 2 :] = b"\xff" * (len(torn) - len(torn) // 2)
    everything = found(b"".join([*members[:2], bytes(torn), *members[3:]]), "x.warc")
    whole = [r for r in records(everything) if not r.notes]
    assert ids(whole) == ["0", "1", "3", "4"]
    assert any(f"byte {len(members[0] + members[1])}" in f.reason for f in faults(everything))


def test_a_member_whose_checksum_fails_gives_its_record_and_is_named() -> None:
    members = [bytearray(gzip.compress(record)) for record in warc(range(3))]
    members[1][-6] ^= 1
    everything = found(b"".join(members), "x.warc")
    assert ids(everything) == ["0", "1", "2"]
    assert [f.reason for f in faults(everything)] == [
        f"the checksum of the gzip member at byte {len(members[0])} does not fit: a byte in it was altered"
    ]


def test_a_cut_text_comes_out_as_far_as_it_goes() -> None:
    words = " ".join(map(str, range(5000))).encode()
    everything = found(gzip.compress(words)[:-500], "x.txt.gz")
    (record,) = records(everything)
    assert words.startswith(bytes(record.body))  # type: ignore[arg-type]
    assert len(record.body) > 10_000
    assert [f.reason for f in faults(everything)] == ["the gzip member at byte 0 is cut"]
    assert record.notes == ("bytes are missing: the gzip member at byte 0 is cut",)


def test_a_zstd_warc_may_bring_its_dictionary() -> None:
    library = pytest.importorskip("zstandard")
    words = [response(n) for n in range(400)]
    dictionary = library.train_dictionary(2048, words)
    press = library.ZstdCompressor(dict_data=dictionary)
    for stored in (dictionary.as_bytes(), zstd(dictionary.as_bytes())):
        frame = b"\x5d\x2a\x4d\x18" + len(stored).to_bytes(4, "little") + stored
        everything = found(frame + b"".join(press.compress(record) for record in warc(range(3))), "x.warc.zst")
        assert ids(everything) == ["0", "1", "2"]
        assert faults(everything) == []


@pytest.mark.parametrize("name", ["zstandard", "lz4.frame", "pyarrow", "pyarrow.parquet", "brotli"])
def test_a_missing_library_is_named_with_its_extra(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from archive_making import http, warc_record

    made = {
        "zstandard": lambda: zstd(b"x"),
        "lz4.frame": lambda: lz4(b"x"),
        "pyarrow": lambda: b"ARROW1\0\0" + bytes(50),
        "pyarrow.parquet": lambda: b"PAR1" + bytes(50),
        "brotli": lambda: warc_record(http(b"\x8b\0\1\2\3\4\5", "Content-Type: text/html\r\nContent-Encoding: br"), 1),
    }[name]()
    monkeypatch.setitem(sys.modules, name, None)
    if name == "zstandard" and sys.version_info >= (3, 14):
        pytest.skip("the standard library reads zstd")
    (fault,) = faults(found(made))
    assert "pip install 'siglum[" in fault.reason


# --- bombs ---------------------------------------------------------------------------------------------------------

TIGHT = Limits(record_bytes=1 << 20, ratio=100, ratio_after=1 << 20)


@pytest.mark.parametrize("name", PACK)
def test_a_bomb_is_stopped_and_named(name: str) -> None:
    everything = found(PACK[name](response(1) + bytes(20 << 20)), "bomb.warc", limits=TIGHT)
    assert ids(everything) == ["1"]
    assert any("unpacks to more than 100 times its size" in f.reason for f in faults(everything))


def test_a_bomb_in_a_zip_is_stopped_and_its_neighbours_are_read() -> None:
    data = zipped({"a.txt": b"one", "bomb.txt": b"x" * (20 << 20), "b.txt": b"two"})
    everything = found(data, "x.zip", limits=TIGHT)
    assert ids(everything) == ["x.zip/a.txt", "x.zip/b.txt"]
    assert "x.zip/bomb.txt" in {f.id.split(",")[0] for f in faults(everything)}


def test_a_quine_of_archives_ends_at_the_depth_allowed() -> None:
    data = b"one"
    for _ in range(8):
        data = zipped({"x.zip": data})
    assert "more than 5 archives inside each other" in faults(found(data))[0].reason
    for _ in range(8):
        data = gzip.compress(data)
    assert "more than 5 archives inside each other" in faults(found(data))[0].reason


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(unpacked_bytes=1000), "unpacks to more than 1,000 bytes"),
        (Limits(members=2), "more than the limit of 2"),
        (Limits(record_bytes=100), "more than the limit of 100 bytes"),
    ],
)
def test_limits_are_told_where_they_are_met(limits: Limits, reason: str) -> None:
    data = zipped({f"{n}.txt": b"gulls " * 100 for n in range(4)})
    assert any(reason in f.reason for f in faults(found(data, limits=limits)))


def test_a_text_above_the_limit_is_named() -> None:
    assert [f.reason for f in faults(found(b"x" * 20_000, limits=SMALL))] == [
        "more than the limit of 10,000 bytes: not read"
    ]


# --- ZIP and WACZ --------------------------------------------------------------------------------------------------

FILES = {
    "a.txt": b"Gulls nest here.",
    "sub/page.html": page(1),
    "c.warc.gz": packed(warc(range(2))),
    "p.png": b"\x89PNG\r\n",
}


def test_a_zip_is_read_like_a_folder() -> None:
    everything = found(zipped(FILES), "x.zip")
    assert [(r.id, r.kind) for r in records(everything)] == [
        ("x.zip/a.txt", "text"),
        ("x.zip/sub/page.html", "html"),
        ("urn:uuid:0", "html"),
        ("urn:uuid:1", "html"),
    ]
    assert [(s.place, s.reason) for s in everything if isinstance(s, Skipped)] == [("x.zip/p.png", "a PNG image")]


def test_names_in_a_zip_cannot_lead_out_of_it() -> None:
    data = zipped({"../../a.txt": b"one", "/etc/b.txt": b"two", "x/./..\\c.txt": b"three"})
    assert ids(found(data, "x.zip")) == ["x.zip/a.txt", "x.zip/etc/b.txt", "x.zip/x/c.txt"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_from_a_pipe_is_read_too(method: int) -> None:
    everything = list(read_any(Pipe(zipped(FILES, method)), name="x.zip"))  # type: ignore[arg-type]
    assert len(records(everything)) == 4


def test_a_zip_that_lost_its_directory_is_read_from_the_start() -> None:
    everything = found(zipped(FILES)[:-200], "x.zip")
    assert len(records(everything)) == 4
    assert "directory cannot be read" in faults(everything)[0].reason


def test_a_zip_cut_in_a_member_gives_the_members_before_and_what_it_can() -> None:
    data = zipped(FILES)
    everything = found(data[: data.index(b"sub/page.html") + 40], "x.zip")
    assert ids(everything)[0] == "x.zip/a.txt"
    assert any("cut" in f.reason for f in faults(everything))


def test_a_member_whose_checksum_fails_comes_out_with_a_note() -> None:
    data = zipped({"a.txt": b"Gulls nest here.", "b.txt": b"two"}, zipfile.ZIP_STORED).replace(b"nest", b"rest", 1)
    everything = found(data, "x.zip")
    assert ids(everything) == ["x.zip/a.txt", "x.zip/b.txt"]
    assert len(faults(everything)) == 1
    assert "checksum" in records(everything)[0].notes[0]


def test_members_that_cannot_be_read_are_named() -> None:
    data = bytearray(zipped({"a.txt": b"one", "b.txt": b"two"}, zipfile.ZIP_LZMA))
    assert [f.reason for f in faults(found(bytes(data)))] == [
        "is packed by LZMA, which siglum does not read in a ZIP"
    ] * 2
    data = bytearray(zipped({"a.txt": b"one"}))
    data[data.index(b"PK\1\2") + 8] |= 1
    assert [f.reason for f in faults(found(bytes(data)))] == ["is encrypted"]


def test_of_a_wacz_the_archives_are_read_and_the_books_are_listed() -> None:
    everything = found(wacz({"archive/data.warc.gz": packed(warc(range(3))), "indexes/index.cdx.gz": b"x"}), "x.wacz")
    assert ids(everything) == ["0", "1", "2"]
    assert [r.meta["container"] for r in records(everything)] == ["x.wacz/archive/data.warc.gz"] * 3
    assert faults(everything) == []
    assert passed(everything) == ["belongs to the WACZ's own books"] * 3


def test_a_wacz_in_a_wacz_is_read() -> None:
    inner = wacz({"archive/data.warc.gz": packed(warc(range(3)))})
    assert ids(found(wacz({"archive/one.wacz": inner, "two.wacz": inner}))) == ["0", "1", "2"] * 2


# --- tar -----------------------------------------------------------------------------------------------------------


def tarred(members: dict[str, bytes], format: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=format) as bundle:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            bundle.addfile(info, io.BytesIO(data))
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        bundle.addfile(folder)
    return file.getvalue()


LONG = "deep/" * 40 + "gulls-é.txt"


@pytest.mark.parametrize("format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, lzma.compress])
def test_a_tar_is_read_like_a_folder(format: int, pack: Callable[[bytes], bytes]) -> None:
    files = dict(FILES) if format == tarfile.USTAR_FORMAT else {**FILES, LONG: b"far down"}
    everything = found(pack(tarred(files, format)), "x.tar")
    expected = ["x.tar/a.txt", "x.tar/sub/page.html", "0", "1"] + ([] if len(files) == 4 else [f"x.tar/{LONG}"])
    assert ids(everything) == expected
    assert faults(everything) == []


def test_behind_a_broken_header_the_next_file_is_read() -> None:
    data = bytearray(tarred({"a.txt": b"one", "b.txt": b"two", "c.txt": b"three"}))
    data[1024 + 130] ^= 7
    everything = found(bytes(data), "x.tar")
    assert ids(everything) == ["x.tar/a.txt", "x.tar/c.txt"]
    assert [(f.place, f.reason) for f in faults(everything)] == [
        ("x.tar, byte 1024", "1,024 bytes that are no file of a tar")
    ]


def test_a_cut_tar_is_named() -> None:
    everything = found(tarred({"a.txt": b"one", "b.txt": b"gulls " * 1000})[:3000], "x.tar")
    assert ids(everything) == ["x.tar/a.txt", "x.tar/b.txt"]
    assert [f.reason for f in faults(everything)] == ["the tar is cut inside this file"]


# --- HAR -----------------------------------------------------------------------------------------------------------


def entry(n: int, **content: str) -> dict[str, object]:
    return {
        "startedDateTime": "2024-05-06T07:08:09Z",
        "request": {"url": f"http://example.org/{n}"},
        "response": {"status": 200, "headers": [{"name": "Content-Language", "value": "fo"}], "content": content},
    }


ENTRIES = [
    entry(0, mimeType="text/html; charset=utf-8", text='<p>"Gulls" \\ [nest] {here}'),
    entry(1, mimeType="text/html", text=base64.b64encode(page(1)).decode(), encoding="base64"),
    entry(2, mimeType="image/png", text="iVBORw0KGgo=", encoding="base64"),
    entry(3, mimeType="text/html"),
    entry(4, mimeType="text/html", text="AAAAA", encoding="base64"),
    entry(5, mimeType="text/plain", text="Gulls"),
]
LOG = {"log": {"version": "1.2", "pages": [{"entries": [1, 2]}], "entries": ENTRIES, "comment": "made"}}


@pytest.mark.parametrize("indent", [None, 2])
def test_the_pages_of_a_har_come_out_one_by_one(indent: int | None) -> None:
    everything = found(json.dumps(LOG, indent=indent).encode(), "x.har")
    assert [(r.kind, r.body, r.url) for r in records(everything)] == [
        ("html", '<p>"Gulls" \\ [nest] {here}', "http://example.org/0"),
        ("html", page(1), "http://example.org/1"),
        ("text", "Gulls", "http://example.org/5"),
    ]
    assert records(everything)[0].headers == {"content-language": "fo"}
    assert records(everything)[0].meta["status"] == 200
    assert passed(everything) == ["image/png", "the log holds no body"]
    assert len(faults(everything)) == 1


def test_an_entry_above_the_limit_is_passed_and_the_next_one_read() -> None:
    entries = [entry(0, mimeType="text/html", text="a"), entry(1, text="x" * 50_000), ENTRIES[5]]
    everything = found(json.dumps({"log": {"entries": entries}}).encode(), "x.har", limits=SMALL)
    assert [r.body for r in records(everything)] == ["a", "Gulls"]
    assert "more than the limit" in faults(everything)[0].reason


def test_a_cut_har_gives_the_entries_before_the_cut() -> None:
    data = json.dumps(LOG).encode()
    everything = found(data[: data.index(b"example.org/5")], "x.har")
    assert len(records(everything)) == 2
    assert "the JSON ends inside this entry" in [f.reason for f in faults(everything)]


def test_a_damaged_entry_costs_itself() -> None:
    data = json.dumps({"log": {"entries": [ENTRIES[5]] * 3}}).encode()
    at = data.index(b'"status":', data.index(b'"status":') + 1) + 8
    everything = found(data[:at] + b"@" + data[at + 1 :], "x.har")
    assert [r.body for r in records(everything)] == ["Gulls", "Gulls"]
    assert "is no entry of a HAR" in faults(everything)[0].reason


# --- MHTML ---------------------------------------------------------------------------------------------------------


def mhtml(coding: str, body: bytes, start: str = "") -> bytes:
    return (
        b"From: <Saved by a browser>\r\nSnapshot-Content-Location: http://example.org/1\r\nSubject: x\r\n"
        b"Date: Mon, 6 May 2024 07:08:09 -0000\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/related;\r\n\ttype="text/html";' + start.encode() + b'\r\n\tboundary="----x"\r\n\r\n'
        b"------x\r\nContent-Type: text/css\r\nContent-Location: http://example.org/s.css\r\n\r\np {}\r\n"
        b"------x\r\nContent-Type: text/html; charset=utf-8\r\nContent-ID: <root>\r\nContent-Transfer-Encoding: "
        + coding.encode()
        + b"\r\nContent-Location: http://example.org/1\r\n\r\n"
        + body
        + b"\r\n------x--\r\n"
    )


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("quoted-printable", b"<!DOCTYPE html><p>M=C3=B6wen ni=\r\nsten"),
        ("base64", base64.encodebytes("<!DOCTYPE html><p>Möwen nisten".encode())),
        ("8bit", "<!DOCTYPE html><p>Möwen nisten".encode()),
    ],
)
def test_a_saved_page_gives_its_root(coding: str, body: bytes) -> None:
    everything = found(mhtml(coding, body, ' start="<root>";'), "x.mhtml")
    (record,) = records(everything)
    assert (record.kind, record.url, record.id) == ("html", "http://example.org/1", "x.mhtml")
    assert bytes(record.body).rstrip() == "<!DOCTYPE html><p>Möwen nisten".encode()  # type: ignore[arg-type]
    assert record.headers["content-type"] == "text/html; charset=utf-8"
    assert passed(everything) == ["text/css"]


# --- what files are ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ("Möwen nisten hier.".encode("utf-16"), "text"),
        ("Möwen nisten hier.".encode("utf-16-le"), "text"),
        ("Möwen nisten hier.".encode("utf-32-le"), "text"),
        ("カモメがここに巣を作ります。".encode("utf-16-le"), "text"),
        ("Чайки гнездятся здесь".encode("koi8-r"), "text"),
        ("カモメ".encode("iso2022_jp") * 20, "text"),
        (b"a text with one \0 in it, and nothing else that is odd", "text"),
        (bytes(range(256)) * 20, "media"),
        (bytes(1000), "media"),
        (b"%PDF-1.7\n", "media"),
        (page(1), "html"),
        (page(1).decode().encode("utf-16"), "html"),
        (b"\xef\xbb\xbf<!-- saved -->\n<HTML lang=fo>", "html"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C'>\n<html>", "html"),
        (b"<p>a fragment is a text", "text"),
        (b"Less than < html >", "text"),
        (b"WARC/1.0 is the version line of a record.", "text"),
        (b"From: a friend\nContent-Type of multipart/related is what I ask about", "text"),
        (b'{"log": {"version": "1.2"}}', "har"),
        (b"http://example.org/ was down on 20240506", "text"),
    ],
)
def test_bytes_tell_what_they_are(data: bytes, kind: str) -> None:
    assert kind_of(data, "x") == kind


@pytest.mark.parametrize(
    "data",
    [
        b"<!-- -->" * 9000,
        b"<!--" * 20_000,
        b" " * 65_536,
        b"<?xml ><!doctype ><!-- --> " * 3000,
        b"ab: 1.1.1.1 11111111111111 " * 3000,
        b"{ " * 30_000,
        b"text," * 13_000,
    ],
)
def test_what_a_file_is_can_be_told_however_it_begins(data: bytes) -> None:
    assert found(data, "x")


def test_a_page_is_told_from_a_text_about_pages() -> None:
    assert looks_like_html(b"\n<html><body>")
    assert not looks_like_html(b"The element <html> comes first.")


def test_an_empty_file_is_an_empty_text() -> None:
    assert found(b"", "x") == [Record("x", b"", "text")]


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz", "x.jsonl", "x.csv"])
def test_an_empty_file_that_should_hold_records_holds_none(name: str) -> None:
    assert [s.reason for s in found(b"", name) if isinstance(s, Skipped)] == ["is empty"]
    assert records(found(gzip.compress(b""), name)) == []


def test_a_file_is_opened_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(packed(warc(range(3))))
    assert ids(read_any(path)) == ["0", "1", "2"]
    with pytest.raises(FileNotFoundError):
        list(read_any(tmp_path / "nowhere"))


def test_a_source_that_fails_while_it_is_read_is_named() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() >= 310:
                raise OSError(5, "Input/output error")
            return super().read(310)

    everything = list(read_any(Failing(WARC), name="x.warc"))
    assert ids(everything) == ["0"]
    assert "Input/output error" in faults(everything)[0].reason
