"""Faults that archives of other people's making showed, each in a small archive made for it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import zlib
from pathlib import Path

import pytest

from archive_making import (
    SMALL,
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
from siglum.readers.archives.digests import fits
from siglum.readers.archives.sniff import kind_of
from siglum.readers.open import Limits, Record
from siglum.runs.reading import Reading


def reasons(everything: list) -> list[str]:  # type: ignore[type-arg]
    return [fault.reason for fault in faults(everything)]


# --- packed pages in packed archives -------------------------------------------------------------------------------

ZIPPED = http(gzip.compress(page(1), mtime=0), "Content-Type: text/html\r\nContent-Encoding: gzip")


@pytest.mark.parametrize("name", ["x.warc.gz", "x.warc", "x.gz"])
@pytest.mark.parametrize("pack", [packed, b"".join])
def test_a_page_packed_by_gzip_does_not_hide_the_archive_it_is_in(pack, name: str) -> None:  # type: ignore[no-untyped-def]
    everything = found(pack([response(0), warc_record(ZIPPED, 1), response(2)]), name)
    assert ids(everything) == ["0", "1", "2"]
    assert records(everything)[1].body == page(1)
    assert faults(everything) == []


def test_a_page_in_several_gzip_members_comes_out_whole() -> None:
    whole = page(1) + b"<p>and more"
    body = gzip.compress(page(1)) + gzip.compress(b"") + gzip.compress(b"<p>and more") + b"\0\0"
    for headers in ("Content-Type: text/html\r\nContent-Encoding: gzip", "Content-Type: text/html"):
        assert [r.body for r in records(found(warc_record(http(body, headers), 1)))] == [whole]


def test_a_page_packed_by_gzip_does_not_hide_the_archive_in_a_wacz() -> None:
    everything = found(wacz({"archive/x.warc.gz": packed([warc_record(ZIPPED, 1)])}), "x.wacz")
    assert ids(everything) == ["1"]


def test_a_gz_whose_first_bytes_are_damaged_is_read_from_its_next_member() -> None:
    data = bytearray(packed(warc(range(3))))
    data[:3] = b"???"
    everything = found(bytes(data), "x.warc.gz")
    assert ids(everything) == ["1", "2"]
    assert len(faults(everything)) == 1


@pytest.mark.parametrize("system", [0x00, 0x03, 0x0B, 0x13, 0xFF])  # 0x13: zlib on a Mac
@pytest.mark.parametrize("extra", [b"", b"\x0c\0sl\x08\0\x01\0\0\0\x02\0\0\0"])  # the second is what wget writes
def test_behind_damage_a_member_is_known_whoever_packed_it(system: int, extra: bytes) -> None:
    def member(record: bytes) -> bytes:
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        head = b"\x1f\x8b\x08" + (b"\x04" if extra else b"\0") + bytes(4) + b"\x02" + bytes([system]) + extra
        body = deflate.compress(record) + deflate.flush()
        return head + body + zlib.crc32(record).to_bytes(4, "little") + len(record).to_bytes(4, "little")

    first, second, third = map(member, warc(range(3)))
    everything = found(first + second[:60] + b"torn" + second[80:] + third, "x.warc.gz")
    assert ids(r for r in records(everything) if not r.notes) == ["0", "2"]
    assert faults(everything)


# --- where a record ends -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "garbage", [b"?", b"a line of a log\r\n" * 30, bytes(512), b"<p>a stray page</p>\n", bytes(range(256))]
)
@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"])
def test_garbage_between_records_costs_no_record(garbage: bytes, end: bytes) -> None:
    everything = found(response(0) + garbage + end + b"".join(warc([1, 2])), "x.warc")
    assert ids(everything) == ["0", "1", "2"]
    assert [r.body for r in records(everything)] == [page(0), page(1), page(2)]
    assert len(faults(everything)) == 1
    assert reasons(everything)[0].endswith("bytes that are no record")


def test_a_digest_tells_which_end_of_a_record_is_right() -> None:
    content = http(page(1) + b"\r\n\r\n<p>more of it")
    said = "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()
    cut = len(content) - len(b"\r\n\r\n<p>more of it")
    short = warc_record(content, 1, WARC_Block_Digest=said, Content_Length=str(cut))
    everything = found(short + response(2), "x.warc")
    assert [r.body for r in records(everything)] == [page(1) + b"\r\n\r\n<p>more of it", page(2)]
    whole = warc_record(content, 1, WARC_Block_Digest=said)
    everything = found(whole.rstrip(b"\r\n") + b" and garbage\r\n\r\n" + response(2), "x.warc")
    assert [r.body for r in records(everything)] == [page(1) + b"\r\n\r\n<p>more of it", page(2)]


def test_a_page_that_quotes_a_warc_stays_whole_when_its_digest_says_so() -> None:
    content = http(page(1) + b"\n" + response(77) + b"</pre>")
    said = "sha1:" + base64.b32encode(hashlib.sha1(content).digest()).decode()
    quoting = warc_record(content, 1, WARC_Block_Digest=said)
    everything = found(quoting.rstrip(b"\r\n") + b"garbage" + response(2), "x.warc")
    assert ids(everything) == ["1", "2"]
    assert records(everything)[0].body == content[len(http(b"")) :]


@pytest.mark.parametrize("pack", [packed, b"".join])
def test_a_page_cut_off_does_not_swallow_the_next_though_its_own_head_says_the_length(pack) -> None:  # type: ignore[no-untyped-def]
    cut = warc_record(http(page(1) + b"x" * 900, "Content-Type: text/html\r\nContent-Length: 957"), 1)[:-700]
    everything = found(pack([cut, *(response(n) for n in range(2, 9))]), "x.warc")
    assert ids(everything) == list("12345678")
    assert len(faults(everything)) == 1


@pytest.mark.parametrize("length", [20, 60, 100, 150, 200])
def test_a_head_cut_off_does_not_swallow_the_next(length: int) -> None:
    everything = found(response(1)[:length] + response(2) + response(3), "x.warc")
    assert ids(everything) == ["2", "3"]
    assert len(faults(everything)) == 1


def test_a_record_behind_one_that_was_cut_off_is_found_within_the_line() -> None:
    first = warc_record(http(page(0) + b"x" * 500), 0)
    everything = found(first[:-300] + response(1) + response(2), "x.warc")
    assert ids(everything) == ["0", "1", "2"]
    assert [r.body for r in records(everything)][1:] == [page(1), page(2)]
    assert len(faults(everything)) == 1


def test_a_broken_off_status_line_is_no_document() -> None:
    everything = found(warc_record(b"HTTP/1.1 2", 1) + response(2), "x.warc")
    assert ids(everything) == ["2"]


def test_lengths_that_are_all_too_long_cost_no_record() -> None:
    parts = [warc_record(http(page(n)), n, Content_Length="60000000") for n in range(800)]
    everything = found(b"".join(parts), "x.warc")
    assert [r.body for r in records(everything)] == [page(n) for n in range(800)]
    assert len(faults(everything)) == 800


ARC_PARTS = [arc([(n, http(page(n)))])[len(arc([])) :] for n in range(3)]


@pytest.mark.parametrize("garbage", [b"torn", b"a line\n" * 9, bytes(600)])
@pytest.mark.parametrize("pack", [packed, b"".join])
def test_garbage_in_an_arc_costs_no_record(garbage: bytes, pack) -> None:  # type: ignore[no-untyped-def]
    everything = found(pack([arc([]), ARC_PARTS[0], garbage, *ARC_PARTS[1:]]), "x.arc")
    assert [r.url for r in records(everything)] == [f"http://example.org/{n}" for n in range(3)]
    assert [r.body for r in records(everything)][1:] == [page(1), page(2)]
    assert len(faults(everything)) == 1


def test_a_length_that_takes_the_first_letter_of_the_next_address_is_mended() -> None:
    data = arc([(n, http(page(n))) for n in range(2)]).replace(b"text/html 100\n", b"text/html 102\n", 1)
    everything = found(data, "x.arc")
    assert [r.url for r in records(everything)] == ["http://example.org/0", "http://example.org/1"]
    assert len(faults(everything)) == 1


# --- where an archive begins ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "before", [bytes(range(256)) * 9, bytes(700), b"WARC/1.0\r\n\0\0: torn\r\n", b"<html>an error page</html>\n"]
)
@pytest.mark.parametrize("name", ["x.warc", "x"])
@pytest.mark.parametrize("pack", [lambda parts: parts, gzip.compress])
def test_an_archive_is_found_behind_whatever_stands_before_it(before: bytes, name: str, pack) -> None:  # type: ignore[no-untyped-def]
    everything = found(pack(before + b"".join(warc(range(2)))), name)
    assert ids(everything) == ["0", "1"]
    assert len(faults(everything)) == 1


def test_one_whole_record_makes_an_archive_of_a_file_that_is_called_so() -> None:
    assert ids(found(b"torn\r\n" + response(1), "x.warc")) == ["1"]
    assert [r.url for r in records(found(b"torn\n" + ARC_PARTS[1], "x.arc"))] == ["http://example.org/1"]


def test_a_text_that_quotes_one_record_stays_a_text() -> None:
    text = b"A record looks like this:\n\n" + response(1) + b"\nAnd so on.\n"
    assert found(text, "x.txt") == [Record("x.txt", text, "text")]


# --- digests -------------------------------------------------------------------------------------------------------


def base32(data: bytes, algorithm: str = "sha1") -> str:
    return base64.b32encode(hashlib.new(algorithm, data).digest()).decode()


@pytest.mark.parametrize(
    ("said", "fit"),
    [
        ("sha1:" + base32(b"x"), True),
        ("SHA-1:" + base32(b"x").lower(), True),
        ("sha1:" + hashlib.sha1(b"x").hexdigest(), True),
        ("md5:" + hashlib.md5(b"x").hexdigest(), True),
        ("md5:" + base32(b"x", "md5").rstrip("="), True),
        ("sha256:" + base32(b"x", "sha256"), True),
        ("sha-256:" + base64.b64encode(hashlib.sha256(b"x").digest()).decode(), True),
        ("sha1:" + base32(b"y"), False),
        ("sha1:AAAA", None),
        ("sha1:" + "-" * 32, None),
        ("xxh3:" + "A" * 26, None),
        ("", None),
        ("sha1:" + base32(b"x") + "A", None),
    ],
)
def test_a_digest_is_read_however_it_is_written(said: str, fit: bool | None) -> None:
    assert fits(said, b"x") is fit


def test_a_record_whose_digest_does_not_fit_comes_out_and_is_named() -> None:
    altered = warc_record(http(page(1)), 1, WARC_Block_Digest="sha1:" + base32(b"another"))
    everything = found(response(0) + altered + response(2), "x.warc")
    assert ids(everything) == ["0", "1", "2"]
    assert reasons(everything) == ["the digest of the record does not fit: it was altered"]
    assert records(everything)[1].notes == tuple(reasons(everything))


CHUNKED = b"%x\r\n%s\r\n0\r\n\r\n" % (len(page(1)), page(1))


@pytest.mark.parametrize(
    ("content", "of"),
    [
        (http(page(1)), page(1)),
        (http(page(1)), http(page(1))),
        (http(CHUNKED, "Content-Type: text/html\r\nTransfer-Encoding: chunked"), CHUNKED),
        (http(CHUNKED, "Content-Type: text/html\r\nTransfer-Encoding: chunked"), page(1)),
        (ZIPPED, page(1)),
        (ZIPPED, gzip.compress(page(1), mtime=0)),
    ],
)
def test_a_digest_of_the_payload_may_be_of_any_of_its_forms(content: bytes, of: bytes) -> None:
    assert faults(found(warc_record(content, 1, WARC_Payload_Digest="sha1:" + base32(of)))) == []


def test_a_digest_of_the_payload_may_be_stated_as_that_of_the_record() -> None:
    said = "sha1:" + base32(page(1))
    assert faults(found(warc_record(http(page(1)), 1, WARC_Block_Digest=said, WARC_Payload_Digest=said))) == []


def test_a_payload_that_does_not_fit_its_digest_comes_out_and_is_named() -> None:
    record = warc_record(http(page(1)), 1, WARC_Payload_Digest="sha1:" + base32(page(2)))
    everything = found(record)
    assert ids(everything) == ["1"]
    assert reasons(everything) == ["the digest of the payload does not fit: it was altered"]


def test_digests_of_something_else_are_no_fault() -> None:
    said = "sha1:" + base32(page(1))
    cut = warc_record(http(page(1)[:20]), 1, WARC_Payload_Digest=said, WARC_Truncated="length")
    again = warc_record(http(b""), 2, type="revisit", WARC_Payload_Digest=said, WARC_Block_Digest=said)
    assert faults(found(cut + again)) == []


# --- records in segments -------------------------------------------------------------------------------------------


def segment(content: bytes, number: int, **fields: str) -> bytes:
    if number == 1:
        return warc_record(content, 1, WARC_Segment_Number="1")
    about = {"WARC_Segment_Number": str(number), "WARC_Segment_Origin_ID": "<urn:uuid:1>", **fields}
    return warc_record(content, f"1-{number}", type="continuation", **about)


LONG = http(page(1) + b"<p>gull" * 300)
THREE = [LONG[:500], LONG[500:900], LONG[900:]]


def test_a_record_in_segments_is_joined() -> None:
    total = {"WARC_Segment_Total_Length": str(len(LONG))}
    first, second, third = segment(THREE[0], 1), segment(THREE[1], 2), segment(THREE[2], 3, **total)
    everything = found(response(0) + first + response(2) + second + third + response(3), "x.warc")
    assert ids(everything) == ["0", "2", "1", "3"]
    assert records(everything)[2].body == page(1) + b"<p>gull" * 300
    assert faults(everything) == []


@pytest.mark.parametrize(
    ("data", "body", "reason"),
    [
        (
            segment(THREE[0], 1) + segment(THREE[1], 2),
            THREE[0] + THREE[1],
            "the record goes on in further segments; here are 2 of them",
        ),
        (segment(THREE[0], 1), THREE[0], "the record goes on in further segments; here are 1 of them"),
        (
            segment(THREE[0], 1) + segment(THREE[1], 2, WARC_Segment_Total_Length="9999"),
            THREE[0] + THREE[1],
            "its segments hold 900 bytes, the last says 9999",
        ),
    ],
)
def test_a_record_that_lacks_segments_comes_out_as_far_as_it_is_there(data: bytes, body: bytes, reason: str) -> None:
    everything = found(data + response(2))
    assert sorted(ids(everything)) == ["1", "2"]
    (record,) = [r for r in records(everything) if r.id == "urn:uuid:1"]
    assert record.body == body[len(http(b"")) :]
    assert reasons(everything) == [reason]
    assert record.notes == (reason,)


def test_what_is_wrong_with_a_segment_is_told_once() -> None:
    first = segment(THREE[0], 1).replace(b"Content-Length: 500", b"Content-Length: 400")
    everything = found(first + response(2) + segment(THREE[1], 2), "x.warc")
    assert sorted(ids(everything)) == ["1", "2"]
    assert reasons(everything) == [
        "the head says 400 bytes; 500 bytes stand before the next record; "
        "the record goes on in further segments; here are 2 of them"
    ]


def test_a_segment_whose_record_is_not_here_is_named() -> None:
    everything = found(segment(THREE[1], 2) + response(0))
    assert ids(everything) == ["0"]
    assert reasons(everything) == ["continues a record whose segments before this one are not here: not read"]


def test_records_in_segments_hold_no_more_than_a_record_may() -> None:
    parts = [warc_record(http(page(n) + b"x" * 4000), n, WARC_Segment_Number="1") for n in range(9)]
    everything = found(b"".join(parts), limits=SMALL)
    assert sorted(ids(everything)) == [str(n) for n in range(9)]


def test_a_response_that_calls_itself_a_second_segment_comes_out_and_is_named() -> None:
    twice = [warc_record(http(page(n)), 1, WARC_Segment_Number=str(n)) for n in (1, 2)]
    everything = found(b"".join(twice) + response(3), "x.warc")
    assert sorted(r.body for r in records(everything)) == [page(1), page(2), page(3)]
    assert sorted(reasons(everything)) == [
        "says it is segment 2, which only a continuation can be",
        "the record goes on in further segments; here are 1 of them",
    ]


def test_fields_without_a_value_are_no_fields() -> None:
    record = warc_record(http(page(1)), 1).replace(
        b"WARC-Date", b"WARC-Segment-Number:\r\nWARC-Truncated:\r\nWARC-Date"
    )
    everything = found(record)
    assert [(r.body, r.notes) for r in records(everything)] == [(page(1), ())]
    assert faults(everything) == []


# --- old and odd heads ---------------------------------------------------------------------------------------------


def lower(record: bytes) -> bytes:
    head, content = record.split(b"\r\n\r\n", 1)
    return head.lower() + b"\r\n\r\n" + content


@pytest.mark.parametrize("before", [b"WARC-Target-URI", b"WARC-Date", b"Content-Type", b"Content-Length"])
@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_a_head_with_a_blank_line_in_it_is_read_on_and_named(before: bytes, ending: bytes) -> None:
    torn = response(1).replace(before, ending + before, 1)
    everything = found(response(0) + torn + response(2), "x.warc")
    assert [(r.id, r.url, r.body) for r in records(everything)][1] == ("urn:uuid:1", "http://example.org/1", page(1))
    assert ids(everything) == ["0", "1", "2"]
    assert reasons(everything) == ["blank lines stand within the head"]


def test_a_head_with_a_torn_address_is_read_on() -> None:
    torn = response(1).replace(b"example.org/1\r\n", b"example.org/\r\n\r\n1\r\n")
    everything = found(response(0) + torn + response(2), "x.warc")
    assert [r.body for r in records(everything)] == [page(0), page(1), page(2)]
    assert reasons(everything) == ["blank lines stand within the head"]


def test_an_empty_record_without_a_length_does_not_take_the_next_head_for_its_own() -> None:
    empty = warc_record(b"", 1, type="metadata", Content_Length="")
    everything = found(response(0) + empty + response(2), "x.warc")
    assert ids(everything) == ["0", "2"]
    assert reasons(everything) == ["the head has no length that can be read: taken up to the next record"]


def test_a_record_without_a_length_keeps_its_http_head() -> None:
    body = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 57\r\n\r\n" + page(1)
    everything = found(warc_record(body, 1, Content_Length="") + response(2), "x.warc")
    assert (records(everything)[0].body, records(everything)[0].meta["status"]) == (page(1), 200)
    assert len(faults(everything)) == 1


def test_heads_in_small_letters_are_read_and_found_behind_damage() -> None:
    parts = [lower(record) for record in warc(range(3))]
    assert ids(found(b"".join(parts), "x.warc")) == ["0", "1", "2"]
    everything = found(
        parts[0] + b"torn" + lower(warc_record(http(page(1)), 1, Content_Length="7")) + parts[2], "x.warc"
    )
    assert [r.body for r in records(everything)] == [page(0), page(1), page(2)]
    assert len(faults(everything)) == 2


def test_an_address_that_ends_like_a_head_is_none() -> None:
    log = warc_record(
        b"made it", 1, type="resource", WARC_Target_URI="metadata://made/warc/wget.log", Content_Type="text/plain"
    )
    everything = found(log + response(2) + b"torn" + log.replace(b"made it", b"made so") + response(3), "x.warc")
    assert [r.body for r in records(everything)] == [b"made it", page(2), b"made so", page(3)]
    assert len(faults(everything)) == 1


def test_a_message_of_http_is_a_response() -> None:
    content = http(page(1), "Server: x")
    line = b"warc/0.9 %d response http://example.org/1 20060920234350 message/http uuid:1\r\n\r\n" % len(content)
    (record,) = records(found(line + content + b"\r\n\r\n" + line + content + b"\r\n\r\n", "x.warc"))[:1]
    assert (record.kind, record.body) == ("html", page(1))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (b"filedesc:// - - - 76", []),
        (b"filedesc://made.arc a.b.c.d some_day odd\\type 76", []),
        (b"filedesc://made.arc a.b.c.d some day one", ["129 bytes that are no record"]),
    ],
)
def test_an_arc_whose_description_is_odd_is_read(line: bytes, named: list[str]) -> None:
    description = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    everything = found(line + b"\n" + description[:76].ljust(76) + b"\n" + ARC_PARTS[1], "x.arc")
    assert [r.body for r in records(everything)] == [page(1)]
    assert len(faults(everything)) == len(named)


# --- what a payload is ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        *(
            word.encode() + b" and other words, on a page of a dictionary.<p>Gulls"
            for word in (
                "ORCHESTRA",
                "OTTO",
                "ID3",
                "CWS",
                "FWS",
                "LZIP",
                "glTF",
                "OggS",
                "GIF89a",
                "wOFF",
                "FEA1 ftyp",
            )
        ),
        b"Gulls\0\0 nest\0\0\0 here<p>\0\0" * 20,
        b"\0\0\0\0\0\0<html><p>Gulls" + bytes(400),
        "<p>Möwen\0\0\0\0 nisten hier".encode() * 30,
    ],
)
@pytest.mark.parametrize("media_type", ["text/html", "text/plain"])
def test_no_page_or_text_is_taken_for_binary_data_for_a_word_or_some_nuls(body: bytes, media_type: str) -> None:
    everything = found(warc_record(http(body, f"Content-Type: {media_type}"), 1))
    assert [r.body for r in records(everything)] == [body]


@pytest.mark.parametrize(
    "data",
    [b"ORC\x0a\x03\x01", b"OTTO\0\x0b\0\x80", b"ID3\x04\0\0", b"\0\0\0\x18ftypmp42", b"GIF89a\x01\0\x01\0", bytes(64)],
)
def test_what_is_binary_stays_binary(data: bytes) -> None:
    assert kind_of(data, "x") == "media"


@pytest.mark.parametrize(
    "said", ["text/html charset=utf-8", "text/html, text/html", "TEXT/HTML;charset=x", "text/xhtml"]
)
def test_a_badly_written_media_type_costs_no_page(said: str) -> None:
    everything = found(warc_record(http(b"Gulls nest here", f"Content-Type: {said}"), 1))
    assert [r.kind for r in records(everything)] == ["html"]


JA = "カモメはここに巣を作ります。春になると島へ戻ってきて、夏の終わりまで過ごします。"
RU = "Чайки гнездятся здесь, весной возвращаются на остров и остаются до конца лета."
FR = "Les goélands nichent ici. L'été, à la fin de l'année, après le départ des élèves, où ça fût fêté."


@pytest.mark.parametrize(
    ("text", "codec", "said"),
    [
        (JA, "euc_jp", "iso-8859-1"),
        (JA, "shift_jis", "iso-8859-1"),
        (JA, "euc_jp", "shift_jis"),
        (JA, "iso2022_jp", "utf-8"),
        (JA, "euc_jp", "x-euc-jp"),
        (RU, "cp1251", "windows-1252"),
        (RU, "cp1251", "iso-8559-1"),
        (FR, "cp1252", "iso-8859-1"),
        (FR, "cp1252", "iso-8559-1"),
        ("Ärger über Öl. ÄÖÜÄÖÜÄÖÜ! " * 3, "cp1252", "iso-8859-1"),
        ("ｶﾓﾒﾊ ｺｺﾆ ｽｦ ﾂｸﾙ ｶﾓﾒﾊ ｺｺﾆ ｽｦ ﾂｸﾙ ｶﾓﾒﾊ", "shift_jis", "shift_jis"),
    ],
)
def test_a_page_whose_server_names_the_wrong_charset_is_read(text: str, codec: str, said: str) -> None:
    body = f"<html><title>x</title><p>{text}</p><p>{text}</p>".encode(codec)
    (record,) = records(found(warc_record(http(body, f"Content-Type: text/html; charset={said}"), 1)))
    read, account = decode(record.body, header=record.headers["content-type"], html=True)  # type: ignore[arg-type]
    assert text in read
    assert account.restore(read) == body


# --- HAR -----------------------------------------------------------------------------------------------------------


def har(text: str, **content: str) -> dict[str, object]:
    return {
        "request": {"url": "http://example.org/"},
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "text/html"}],
            "content": {"text": text, **content},
        },
    }


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"comment": "made", "log": {"entries": [har("<p>Gulls")]}}).encode(),
        b"\xef\xbb\xbf" + json.dumps({"log": {"entries": [har("<p>Gulls", mimeType="text/html")]}}).encode(),
    ],
)
def test_a_har_is_read_whatever_stands_before_its_log(data: bytes) -> None:
    assert [(r.kind, r.body) for r in records(found(data, "x.har"))] == [("html", "<p>Gulls")]


@pytest.mark.parametrize(("torn", "body"), [(b"\n\x01", "<p>Gulls\n\x01"), (b"\xff", "<p>Gulls\ufffd")])
def test_a_har_that_is_not_quite_json_loses_no_page(torn: bytes, body: str) -> None:
    data = json.dumps({"log": {"entries": [har("<p>Gulls")]}}).encode().replace(b"Gulls", b"Gulls" + torn)
    assert [r.body for r in records(found(data, "x.har"))] == [body]


@pytest.mark.parametrize(("sound", "torn"), [(b'"status": 200,', b'"status": {200,'), (b'", "mime', b', "mime')])
def test_behind_a_broken_entry_of_a_har_the_next_ones_are_read(sound: bytes, torn: bytes) -> None:
    entries = [{"startedDateTime": "2024", **har(f"<p>Gulls {n}", mimeType="text/html")} for n in range(4)]
    data = json.dumps({"log": {"entries": entries}}).encode()
    at = data.index(sound, data.index(b"Gulls 1") - 60 if b"mime" in sound else data.index(b"Gulls 0"))
    everything = found(data[:at] + torn + data[at + len(sound) :], "x.har")
    assert [r.body for r in records(everything)] == ["<p>Gulls 0", "<p>Gulls 2", "<p>Gulls 3"]
    assert "the JSON ends inside this entry" in reasons(everything)


def test_a_har_without_entries_is_named() -> None:
    assert reasons(found(b'{"log": {"version": "1.2"}}', "x.har")) == ["is JSON and no HAR: there are no entries in it"]


# --- what holds no documents ---------------------------------------------------------------------------------------

INDEX = b"org,example)/ 20240506070809 http://example.org/ text/html 200 A - - 1 2 x\n"


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (INDEX, "is an index of archives (CDX), which holds no documents"),
        (gzip.compress(INDEX, mtime=0), "is an index of archives (CDX), which holds no documents"),
        (
            b"org,example)/ 20240506070809\tx.cdx\t0\t275\t1\n",
            "is an index of archives (CDX), which holds no documents",
        ),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is a PNG image"),
    ],
)
def test_a_file_that_holds_no_documents_is_told_of(data: bytes, what: str) -> None:
    assert reasons(found(data, "x")) == [what]


def test_in_a_folder_of_archives_their_indexes_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "x.warc.gz").write_bytes(packed(warc([1])))
    (tmp_path / "x.cdx.gz").write_bytes(gzip.compress(INDEX))
    assert [(task.kind, task.id) for task in Reading().files([tmp_path])] == [("document", "urn:uuid:1")]


def test_a_limit_on_records_does_not_touch_their_digests() -> None:
    record = warc_record(http(page(1) + b"x" * 9000), 1, WARC_Block_Digest="sha1:" + base32(b"?"))
    everything = found(record + response(2), limits=Limits(record_bytes=4000))
    assert ids(everything) == ["2"]
    assert len(faults(everything)) == 1
    assert passed(everything) == []
