"""Reading WARC and ARC as they are found: one test for each fault of real archives."""

from __future__ import annotations

import gzip
import zlib

import pytest

from archive_making import (
    SMALL,
    Pipe,
    arc,
    faults,
    found,
    http,
    ids,
    packed,
    page,
    passed,
    records,
    response,
    wacz,
    warc,
    warc_record,
)
from siglum.decoding import decode
from siglum.readers.open import Limits, Record, read_any

GOOD = warc(range(3))


def around(record: bytes) -> bytes:
    """Return *record* between two good ones, which are called a and b."""
    return response("a") + record + response("b")  # type: ignore[arg-type]


# --- what is whole -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"".join(GOOD), id="plain"),
        pytest.param(packed(GOOD), id="gzip-by-record"),
        pytest.param(gzip.compress(b"".join(GOOD)), id="gzip-over-all"),
        pytest.param(packed([b"", *GOOD]), id="empty-first-member"),
        pytest.param(packed([GOOD[0], b"", *GOOD[1:]]) + bytes(500), id="filled-up-with-zeros"),
        pytest.param(packed([b"".join(GOOD[:2]), GOOD[2]]), id="two-records-in-a-member"),
        pytest.param(b"\r\n\r\n" + b"".join(GOOD), id="blank-lines-first"),
        pytest.param(b"".join(r.rstrip(b"\r\n") + b"\n" for r in GOOD), id="one-line-break-between"),
    ],
)
def test_every_record_of_a_whole_warc_comes_out(data: bytes) -> None:
    everything = found(data, "made.warc")
    assert ids(everything) == ["0", "1", "2"]
    assert [r.body for r in records(everything)] == [page(n) for n in range(3)]
    assert faults(everything) == []


@pytest.mark.parametrize("version", ["WARC/0.17", "WARC/0.18", "WARC/1.0", "WARC/1.1", "WARC/1.0.2"])
def test_each_version_is_read(version: str) -> None:
    assert ids(found(warc_record(http(page(1)), 1, version=version))) == ["1"]


def test_a_response_that_lost_its_type_is_known_by_its_content() -> None:
    assert ids(found(around(warc_record(http(page(1)), 1, WARC_Type="")))) == ["a", "1", "b"]


def test_a_record_tells_where_it_stood_and_how_it_was_captured() -> None:
    (record,) = records(found(packed([GOOD[0], response(7)])[0:], "x.warc.gz"))[1:]
    start = len(gzip.compress(GOOD[0], mtime=0))
    assert record.url == "http://example.org/7"
    assert record.headers == {"content-type": "text/html"}
    assert dict(record.meta) == {
        "warc-type": "response",
        "warc-record-id": "urn:uuid:7",
        "warc-date": "2024-05-06T07:08:09Z",
        "container": "x.warc.gz",
        "offset": len(GOOD[0]),
        "packed-offset": start,
        "status": 200,
    }


@pytest.mark.parametrize("counts_head", [True, False])
@pytest.mark.parametrize("name", [b"WARC", b"warc"])
def test_heads_of_version_0_9_are_read(name: bytes, counts_head: bool) -> None:
    content = http(page(1))
    head = name + b"/0.9   %d response http://example.org/1 20060504030201 uuid:1 text/html\r\n\r\n"
    size = len(content) + (len(head % 100) if counts_head else 0)
    everything = found((head % size + content + b"\r\n\r\n") * 2)
    assert [r.body for r in records(everything)] == [page(1), page(1)]
    assert faults(everything) == []


# --- payloads that are not what their headers say ------------------------------------------------------------------


def brotli(data: bytes) -> bytes:
    return pytest.importorskip("brotli").compress(data)  # type: ignore[no-any-return]


def chunked(data: bytes, size: int = 20) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def deflated(data: bytes) -> bytes:
    return zlib.compress(data, wbits=-15) if hasattr(zlib, "compress") else b""


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("Content-Encoding: br", brotli),
        ("Content-Encoding: gzip", gzip.compress),
        ("Content-Encoding: x-gzip", gzip.compress),
        ("Content-Encoding: deflate", zlib.compress),
        ("Content-Encoding: deflate", deflated),
        ("Transfer-Encoding: chunked", chunked),
        ("Content-Encoding: gzip\r\nTransfer-Encoding: chunked", lambda data: chunked(gzip.compress(data))),
    ],
)
def test_a_payload_comes_out_decoded(coding: str, pack) -> None:  # type: ignore[no-untyped-def]
    content = http(pack(page(1)), f"Content-Type: text/html\r\n{coding}")
    everything = found(around(warc_record(content, 1)))
    assert ids(everything) == ["a", "1", "b"]
    assert records(everything)[1].body == page(1)
    assert records(everything)[1].notes == ()


@pytest.mark.parametrize(
    ("coding", "note"),
    [
        ("Content-Encoding: gzip", "header says gzip, the payload is not"),
        ("Content-Encoding: br", "header says brotli, the payload is not"),
        ("Content-Encoding: deflate", "header says deflate, the payload is not"),
        ("Content-Encoding: zstd", "header says zstd, the payload is not"),
        ("Transfer-Encoding: chunked", "header says chunked, the payload is not"),
        ("Content-Encoding: brotli-of-sorts", "header says brotli-of-sorts, the payload is not"),
    ],
)
def test_an_untrue_header_costs_nothing_and_is_noted(coding: str, note: str) -> None:
    everything = found(around(warc_record(http(page(1), f"Content-Type: text/html\r\n{coding}"), 1)))
    assert ids(everything) == ["a", "1", "b"]
    assert records(everything)[1].body == page(1)
    assert records(everything)[1].notes == (note,)
    assert faults(everything) == []


def test_a_header_may_name_another_coding_than_the_payload_has() -> None:
    content = http(gzip.compress(page(1)), "Content-Type: text/html\r\nContent-Encoding: br")
    (record,) = records(found(warc_record(content, 1)))
    assert (record.body, record.notes) == (page(1), ("header says brotli, the payload is gzip",))


def test_gzip_that_no_header_names_is_seen() -> None:
    (record,) = records(found(warc_record(http(gzip.compress(page(1))), 1)))
    assert (record.body, record.notes) == (page(1), ("the payload is gzip, no header says so",))


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_payload_that_cannot_be_decoded_costs_one_record(coding: str) -> None:
    body = gzip.compress(page(1))[:10] + b"\xff" * 50 if coding == "gzip" else b"\x8b\xff\x00\x01\x02\x03\xfe" * 9
    content = http(body, f"Content-Type: text/html\r\nContent-Encoding: {coding}")
    everything = found(around(warc_record(content, 1)), "x.warc")
    assert ids(everything) == ["a", "b"]
    (fault,) = faults(everything)
    assert fault.id == "urn:uuid:1"
    assert fault.place == f"x.warc, byte {len(response('a'))}"  # type: ignore[arg-type]
    assert "cannot be decoded" in fault.reason


def test_a_payload_cut_by_the_crawler_comes_out_as_far_as_it_goes() -> None:
    long = page(1, "words that do not repeat: " + " ".join(map(str, range(3000))))
    content = http(gzip.compress(long)[:-2000], "Content-Type: text/html\r\nContent-Encoding: gzip")
    (record,) = records(found(warc_record(content, 1, WARC_Truncated="length")))
    assert long.startswith(bytes(record.body))  # type: ignore[arg-type]
    assert len(record.body) > 1000
    assert record.notes == ("the crawler cut the record: length", "the gzip payload is damaged: it is cut")


def test_a_page_that_unpacks_beyond_the_limit_is_left_out_and_named() -> None:
    content = http(gzip.compress(page(1) + b" " * 400_000), "Content-Type: text/html\r\nContent-Encoding: gzip")
    everything = found(around(warc_record(content, 1)), limits=SMALL)
    assert ids(everything) == ["a", "b"]
    assert [f.reason for f in faults(everything)] == ["the payload unpacks to more than 10,000 bytes"]


# --- heads and lengths ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ending", "name"), [(b"\n", "LF"), (b"\r\r\n", "CR CR LF")])
def test_other_line_ends_are_read(ending: bytes, name: str) -> None:
    def turned(n: int) -> bytes:
        content = http(page(n)).replace(b"\r\n", ending)
        head, body = warc_record(content, n).split(b"\r\n\r\n", 1)
        return head.replace(b"\r\n", ending) + ending * 2 + body[: len(content)] + ending * 2

    everything = found(b"".join(map(turned, range(3))))
    assert ids(everything) == ["0", "1", "2"]
    assert [r.body for r in records(everything)] == [page(n) for n in range(3)]
    assert faults(everything) == []


WRONG = [
    pytest.param("20", "the head says 20 bytes; 100 bytes stand before the next record", id="too-short"),
    pytest.param("99", "the head says 99 bytes; 100 bytes stand before the next record", id="short-by-one"),
    pytest.param("5", "the head says 5 bytes; 100 bytes stand before the next record", id="inside-the-status-line"),
    pytest.param("106", "the head says 106 bytes; the next record comes after 100 bytes", id="into-the-next-head"),
    pytest.param("300", "the head says 300 bytes; the next record comes after 100 bytes", id="too-long"),
    pytest.param("9000", "the head says 9,000 bytes; the next record comes after 100 bytes", id="behind-the-end"),
    pytest.param("99999", "the head says 99,999 bytes; the next record comes after 100 bytes", id="above-the-limit"),
    pytest.param("-7", "the head has a length of -7: taken up to the next record", id="negative"),
    pytest.param("many", "the head has no length that can be read: taken up to the next record", id="no-number"),
    pytest.param("", "the head has no length that can be read: taken up to the next record", id="missing"),
]


@pytest.mark.parametrize("by_member", [False, True])
@pytest.mark.parametrize(("length", "reason"), WRONG)
def test_a_wrong_length_is_named_mended_and_passed(length: str, reason: str, by_member: bool) -> None:
    each = [*warc(range(3)), warc_record(http(page(3)), 3, Content_Length=length), *warc(range(4, 8))]
    data = packed(each) if by_member else b"".join(each)
    everything = found(data, "x.warc", limits=SMALL)
    assert ids(everything) == list("01234567")
    assert [r.body for r in records(everything)] == [page(n) for n in range(8)]
    (fault,) = faults(everything)
    start = len(packed(each[:3])) if by_member else len(b"".join(each[:3]))
    assert (fault.id, fault.place, fault.reason) == ("urn:uuid:3", f"x.warc, byte {start}", reason)
    assert records(everything)[3].notes == (reason,)


def test_a_page_that_quotes_a_warc_is_one_page_where_records_are_packed_one_by_one() -> None:
    quoting = warc_record(http(page(9) + b"\n" + response(77) + b"</pre>"), 9, Content_Length="50")
    everything = found(packed([*GOOD, quoting, response(4)]))
    assert ids(everything) == ["0", "1", "2", "9", "4"]


@pytest.mark.parametrize("pack", [lambda records: b"".join(records), packed])
def test_a_cut_file_gives_what_stands_there_and_names_the_cut(pack) -> None:  # type: ignore[no-untyped-def]
    everything = found(pack(GOOD)[:-30], "x.warc")
    assert ids(everything) == ["0", "1", "2"]
    (fault,) = faults(everything)
    assert fault.place == f"x.warc, byte {len(pack(GOOD[:2]))}"
    assert "cut" in fault.reason
    assert page(2).startswith(bytes(records(everything)[2].body))  # type: ignore[arg-type]
    assert records(everything)[2].notes == (fault.reason,)


def test_bytes_between_records_are_named_and_go_to_none() -> None:
    everything = found(b"".join([GOOD[0], b"\0\1 torn to pieces\r\n\r\n", GOOD[1]]), "x.warc")
    assert ids(everything) == ["0", "1"]
    assert [f.reason for f in faults(everything)] == ["21 bytes that are no record"]


def test_a_record_whose_version_line_is_damaged_is_passed_and_its_neighbours_stay() -> None:
    everything = found(b"".join([GOOD[0], GOOD[1].replace(b"WARC/", b"WRC//"), GOOD[2]]), "x.warc")
    assert ids(everything) == ["0", "2"]
    assert records(everything)[0].body == page(0)
    assert [(f.place, f.reason) for f in faults(everything)] == [
        (f"x.warc, byte {len(GOOD[0])}", "310 bytes that are no record")
    ]


def test_a_warc_whose_beginning_is_torn_off_is_read_from_its_first_whole_record() -> None:
    data = b"".join(warc(range(4)))[40:]
    everything = found(data, "x.warc")
    assert ids(everything) == ["1", "2", "3"]
    assert len(faults(everything)) == 1


# --- HTTP heads ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "status", "notes"),
    [
        (http(page(1), status="HTTP/1.1 HTTP/1.1 200 OK"), 200, ("the status line is doubled",)),
        (http(page(1), status=""), None, ("there is no status line",)),
        (http(page(1), status="HTTP/1.0 404"), 404, ()),
        (http(page(1), status="HTTP/2 200"), 200, ()),
        (b"\r\n" + http(page(1)), 200, ()),
        (http(page(1)).replace(b"\r\n", b"\n"), 200, ()),
        (http(page(1)).replace(b"\r\n", b"\r\r\n"), 200, ("the head's lines end in CR CR LF",)),
        (http(page(1)).replace(b"\r\n\r\n", b"\r\n"), 200, ("no blank line parts head and body",)),
        (http(page(1), "Content-Type: text/html\r\nno header at all\r\nX: y"), 200, ()),
        (page(1), None, ("there is no HTTP head",)),
    ],
)
def test_a_broken_http_head_costs_no_page(content: bytes, status: int | None, notes: tuple[str, ...]) -> None:
    everything = found(around(warc_record(content, 1)))
    assert ids(everything) == ["a", "1", "b"]
    record = records(everything)[1]
    assert (record.body, record.meta.get("status"), record.notes) == (page(1), status, notes)


@pytest.mark.parametrize(
    ("charset", "codec"),
    [("big5_solaris", "big5"), ("iso-8559-1", "latin-1"), ("euc-jp", "euc_jp"), ("x-euc-jp", "euc_jp"), ("", "euc_jp")],
)
def test_a_charset_python_lacks_loses_no_page(charset: str, codec: str) -> None:
    words = {"big5": "海鷗在這裡築巢，每年春天都會回來。", "latin-1": "Möwen nisten hier"}.get(
        codec, "カモメがここに巣を作ります。毎年春に戻ってきます。"
    )
    body = f"<!DOCTYPE html><title>x</title><p>{words * 3}".encode(codec)
    header = f"Content-Type: text/html; charset={charset}" if charset else "Content-Type: text/html"
    (record,) = records(found(warc_record(http(body, header), 1)))
    text, account = decode(bytes(record.body), header=record.headers["content-type"], html=True)  # type: ignore[arg-type]
    assert words in text, account


# --- what is no page -----------------------------------------------------------------------------------------------


def test_what_is_no_page_is_listed_and_is_no_fault() -> None:
    everything = found(
        warc_record(b"software: made\r\n", "info", type="warcinfo")
        + warc_record(b"GET / HTTP/1.1\r\n\r\n", "ask", type="request")
        + warc_record(b"{}", "wat", type="metadata")
        + warc_record(http(b"\x89PNG\r\n\x1a\n", "Content-Type: image/png"), "png")
        + warc_record(http(b"body { }", "Content-Type: text/css"), "css")
        + warc_record(http(b""), "void")
        + warc_record(http(b"\xff\xd8\xff\xe0 jpeg"), "lie")
        + warc_record(b"?", "odd", type="x-odd")
        + response(1)
    )
    assert ids(everything) == ["1"]
    assert faults(everything) == []
    assert passed(everything) == [
        "warcinfo",
        "request",
        "metadata",
        "image/png",
        "text/css",
        "the payload is empty",
        "header says text/html, the payload is a JPEG image",
        "a record of type 'x-odd'",
    ]


def test_resources_and_conversions_are_documents() -> None:
    everything = found(
        warc_record(page(1), 1, type="resource")
        + warc_record(b"Gulls nest here.", 2, type="conversion", Content_Type="text/plain")
        + warc_record(b"Gulls nest here.", 3, type="resource", Content_Type="text/dns")
    )
    assert [(r.kind, r.meta["warc-type"]) for r in records(everything)] == [
        ("html", "resource"),
        ("text", "conversion"),
    ]


@pytest.mark.parametrize(
    ("media_type", "body", "kind"),
    [
        ("text/html", b"no markup at all", "html"),
        ("application/xhtml+xml", b"<html><p>x</html>", "html"),
        ("text/plain", b"Gulls", "text"),
        ("text/plain", page(1), "html"),
        ("image/png", page(1), "html"),
        ("application/octet-stream", page(1), "html"),
        ("", b"<p>Gulls", "html"),
        ("", b"Gulls", "text"),
        ("application/xml", b"<?xml version='1.0'?><html><p>x</html>", "html"),
        ("application/xml", b"<?xml version='1.0'?><rss></rss>", ""),
        ("application/json", b"{}", ""),
        ("application/javascript", b"document.write('<html>')", ""),
    ],
)
def test_the_payload_decides_where_the_header_errs(media_type: str, body: bytes, kind: str) -> None:
    everything = found(warc_record(http(body, f"Content-Type: {media_type}" if media_type else "Server: x"), 1))
    assert [r.kind for r in records(everything)] == ([kind] if kind else [])


# --- revisits ------------------------------------------------------------------------------------------------------

DIGEST = "sha1:AAAA"
BY = [
    {"WARC_Refers_To": "<urn:uuid:7>"},
    {"WARC_Refers_To_Target_URI": "http://example.org/7", "WARC_Refers_To_Date": "2024-05-06T07:08:09Z"},
    {"WARC_Payload_Digest": DIGEST},
]


def revisit(n: int | str, **fields: str) -> bytes:
    return warc_record(http(b"", "Content-Type: text/html\r\nX-Seen: again"), n, type="revisit", **fields)


@pytest.mark.parametrize("named", BY)
@pytest.mark.parametrize("wrap", [lambda r: b"".join(r), packed, lambda r: wacz({"archive/x.warc.gz": packed(r)})])
def test_a_revisit_gets_the_body_of_its_original(named: dict[str, str], wrap) -> None:  # type: ignore[no-untyped-def]
    everything = found(wrap([response(1), revisit(9, **named), response(7, WARC_Payload_Digest=DIGEST)]))
    assert ids(everything) == ["1", "7", "9"]
    record = records(everything)[2]
    assert record.body == page(7)
    assert record.url == "http://example.org/9"
    assert record.headers["x-seen"] == "again"
    assert record.meta["revisit-of"] == "urn:uuid:7"
    assert faults(everything) == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (revisit(9, **BY[0]), "a revisit: the original is not in this input, or is no page"),
        (revisit(9), "a revisit: it names no original"),
    ],
)
def test_a_revisit_without_an_original_is_listed(data: bytes, reason: str) -> None:
    everything = found(data + response(1))
    assert ids(everything) == ["1"]
    assert passed(everything) == [reason]


def test_revisits_in_a_stream_are_listed_since_it_cannot_be_read_again() -> None:
    everything = list(read_any(Pipe(response(7) + revisit(9, **BY[0])), name="-"))  # type: ignore[arg-type]
    assert ids(everything) == ["7"]
    assert "read only once" in passed(everything)[0]


def test_only_so_many_revisits_are_kept_in_memory() -> None:
    data = response(7) + b"".join(revisit(n, **BY[0]) for n in range(10, 15))
    everything = found(data, limits=Limits(revisits=3))
    assert ids(everything) == ["7", "10", "11", "12"]
    assert passed(everything) == ["a revisit: more than 3 of them are not looked up"] * 2


# --- ARC -----------------------------------------------------------------------------------------------------------

ARC = [(n, http(page(n))) for n in range(3)]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(arc(ARC), id="plain"),
        pytest.param(gzip.compress(arc(ARC)), id="gzip-over-all"),
        pytest.param(arc(ARC, between=b""), id="no-line-breaks-between"),
        pytest.param(arc(ARC, between=b"\r\n\n"), id="many-line-breaks-between"),
        pytest.param(packed([arc([]), *(arc([one])[len(arc([])) :] for one in ARC)]), id="gzip-by-record"),
        pytest.param(arc(ARC)[len(arc([])) :], id="without-its-description"),
    ],
)
def test_every_record_of_an_arc_comes_out(data: bytes) -> None:
    everything = found(data, "x.arc")
    assert [r.body for r in records(everything)] == [page(n) for n in range(3)]
    assert [r.url for r in records(everything)] == [f"http://example.org/{n}" for n in range(3)]
    assert faults(everything) == []


def test_a_wrong_length_in_an_arc_is_named_and_mended() -> None:
    data = arc(ARC).replace(b"text/html 100\n", b"text/html 90\n", 1)
    everything = found(data, "x.arc")
    assert [r.body for r in records(everything)] == [page(n) for n in range(3)]
    assert [f.reason for f in faults(everything)] == ["the head says 90 bytes; 100 bytes stand before the next record"]


def test_an_arc_record_of_version_2_and_an_address_with_blanks_are_read() -> None:
    content = http(page(1))
    line = b"http://example.org/a page 192.0.2.1 20240506070809 text/html 200 sum - 10 x.arc %d\n" % len(content)
    (record,) = records(found(arc([]) + line + content + b"\n"))
    assert (record.url, record.body) == ("http://example.org/a page", page(1))


# --- what only looks like an archive --------------------------------------------------------------------------------

PROSE = b"The WARC format\n\nA record begins with WARC/1.0 and goes on with fields.\n\nWARC/1.0\nWARC-Type: response\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PROSE, "is called a WARC file and is none: it begins 'The WARC format'"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "is called a WARC file and is a PNG image"),
        (
            b" CDX N b a m s k r M S V g\norg,example)/ 20240506070809 http://example.org/ text/html 200 A - - 1 2 x\n",
            "is called a WARC file and is an index of archives (CDX), which holds no documents",
        ),
        (b"<!DOCTYPE html><p>Not found", "is called a WARC file and is none: it begins '<!DOCTYPE html><p>Not found'"),
    ],
)
@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_what_only_is_called_a_warc_is_refused_in_clear_words(data: bytes, reason: str, name: str) -> None:
    everything = found(gzip.compress(data) if name.endswith("gz") else data, name)
    assert records(everything) == []
    assert [f.reason for f in faults(everything)] == [reason]


def test_the_same_prose_under_its_own_name_is_a_text() -> None:
    assert found(PROSE, "warc.txt") == [Record("warc.txt", PROSE, "text")]


# --- limits --------------------------------------------------------------------------------------------------------


def test_a_record_above_the_limit_is_passed_and_only_a_page_counts_as_lost() -> None:
    film = warc_record(http(bytes(20_000), "Content-Type: video/mp4"), "film")
    everything = found(around(warc_record(http(page(1) + b"x" * 20_000), 1) + film), limits=SMALL)
    assert ids(everything) == ["a", "b"]
    assert [f.reason for f in faults(everything)] == ["20,100 bytes, more than the limit of 10,000: not read"]
    assert passed(everything) == ["video/mp4"]
