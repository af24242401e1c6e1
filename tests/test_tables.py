"""Rows of tables as documents: JSON lines, CSV, TSV, Parquet, Arrow; and what a bad row costs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive_making import SMALL, Pipe, faults, found, ids, records
from siglum.readers.open import Fields, Limits, Record, read_any
from siglum.readers.tables import delimiter_of, looks_like_rows, looks_like_table

ROWS = [{"id": f"r{n}", "text": f"Gulls nest here {n}.", "lang": "en"} for n in range(3)]


def lines(rows: Iterable[Any]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


# --- JSON lines ----------------------------------------------------------------------------------------------------


def test_each_line_is_a_document_and_its_other_fields_go_with_it() -> None:
    everything = found(lines(ROWS), "x")
    assert everything == [Record(f"r{n}", f"Gulls nest here {n}.", "row", meta={"lang": "en"}) for n in range(3)]


def test_a_row_of_dolma_and_one_of_fineweb_need_no_settings() -> None:
    dolma = {
        "id": "1",
        "text": "a",
        "source": "cc",
        "added": "2024-05-06",
        "created": "2023",
        "metadata": {"url": "http://example.org/1", "n": 2},
    }
    fineweb = {
        "text": "b",
        "id": "<urn:uuid:2>",
        "dump": "CC-MAIN",
        "url": "http://example.org/2",
        "date": "2024-05-06",
        "file_path": "s3://x",
        "language": "en",
        "token_count": 1,
    }
    one, two = records(found(lines([dolma, fineweb])))
    assert (one.id, one.body, one.url) == ("1", "a", "http://example.org/1")
    assert dict(one.meta) == {k: dolma[k] for k in ("source", "added", "created", "metadata")}
    assert (two.id, two.body, two.url) == ("<urn:uuid:2>", "b", "http://example.org/2")
    assert dict(two.meta) == {k: fineweb[k] for k in ("dump", "date", "file_path", "language", "token_count")}


def test_the_fields_can_be_named() -> None:
    fields = Fields(text=("doc.body",), id=("key",), url=("link",))
    row = {"key": 7, "doc": {"body": "Gulls"}, "link": "http://example.org/", "text": "no"}
    (record,) = records(found(lines([row]), fields=fields))
    assert (record.id, record.body, record.url) == ("7", "Gulls", "http://example.org/")


def test_markup_in_a_row_is_a_page_with_its_headers() -> None:
    row = {"id": "p", "html": "<p>x", "text": "x", "headers": {"Content-Language": "fo"}, "meta": {"a": 1}, "b": 2}
    (record,) = records(found(lines([row])))
    assert (record.kind, record.body, record.headers) == ("html", "<p>x", {"content-language": "fo"})
    assert dict(record.meta) == {"a": 1, "b": 2, "text": "x"}


BAD = [
    (b'{"text": "a"', "the line is not JSON"),
    (b"[1, 2]", "expected an object, found list"),
    (b"null", "expected an object, found NoneType"),
    (b'{"id": "x"}', 'a row has "text" or "content" or "raw_content" or "html", a string; found none among id'),
    (b'{"text": 5, "id": "x"}', "found a value of type int among text, id"),
    (b'{"text": null}', "found none among text"),
    (b'{"text": "' + b"[" * 5000, "the line is not JSON"),
    (b"[" * 100_000, "the line is not JSON"),
    (b'{"text": "\xff"}', "byte 10 of the row (byte 60 of the file) is not UTF-8"),
]


@pytest.mark.parametrize(("bad", "reason"), BAD)
def test_a_bad_row_is_named_and_the_others_are_read(bad: bytes, reason: str) -> None:
    data = lines(ROWS[:1]) + bad + b"\n\n \n" + lines(ROWS[1:])
    everything = found(data, "x.jsonl")
    assert ids(everything) == ["r0", "r1", "r2"]
    (fault,) = faults(everything)
    assert reason.replace("byte 60", f"byte {len(lines(ROWS[:1])) + 10}") in fault.reason
    assert (fault.place, fault.offset) == ("x.jsonl:2", 2)


@pytest.mark.parametrize("at", range(len(b'{"id": "r1", "text": "gulls"}')))
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xed\xa0\x80"])
def test_invalid_utf8_anywhere_in_a_row_is_named_by_row_and_byte(at: int, bad: bytes) -> None:
    row = b'{"id": "r1", "text": "gulls"}'
    data = lines(ROWS[:1]) + row[:at] + bad + row[at:] + b"\n" + lines(ROWS[2:])
    everything = found(data, "x.jsonl")
    assert ids(everything) == ["r0", "r2"]
    (fault,) = faults(everything)
    start = len(lines(ROWS[:1]))
    assert fault.reason == f"byte {at} of the row (byte {start + at} of the file) is not UTF-8"
    assert fault.place == "x.jsonl:2"


def test_nul_escapes_and_lone_surrogates_in_a_row_are_kept() -> None:
    (record,) = records(found(b'{"text": "a\\u0000b\\ud800c"}\n'))
    assert record.body == "a\0b\ud800c"


def test_a_row_above_the_limit_is_named_and_passed() -> None:
    data = lines([ROWS[0], {"text": "x" * 20_000}, *ROWS[1:]])
    everything = found(data, "x.jsonl", limits=SMALL)
    assert ids(everything) == ["r0", "r1", "r2"]
    assert [(f.place, f.reason) for f in faults(everything)] == [
        ("x.jsonl:2", "a row of 20,013 bytes, more than the limit of 10,000: not read")
    ]


def test_a_line_of_many_megabytes_is_not_held(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "x.jsonl"
    with path.open("wb") as out:
        out.write(lines(ROWS[:1]) + b'{"text": "')
        for _ in range(64):
            out.write(b"x" * (1 << 20))
        out.write(b'"}\n' + lines(ROWS[1:]))
    tracemalloc.start()
    everything = list(read_any(path, limits=Limits(record_bytes=1 << 20)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(everything) == ["r0", "r1", "r2"]
    assert len(faults(everything)) == 1
    assert peak < 8 << 20


@pytest.mark.parametrize(
    ("data", "name", "rows"),
    [
        (b'{"text": "a"}\n', "x", True),
        (b'\xef\xbb\xbf\n{"text": "a"}', "x", True),
        (b"broken\n", "x.jsonl", True),
        (b'{"a\n{"text": "b"}\n', "x", True),
        (b"{curly} beginnings are no rows\n", "x", False),
        (b'{\n  "text": "pretty"\n}\n', "x", False),
        (b'Quote: {"text": "a"}\n', "x", False),
    ],
)
def test_rows_are_told_from_texts(data: bytes, name: str, rows: bool) -> None:
    assert looks_like_rows(data, name) is rows


# --- CSV and TSV ---------------------------------------------------------------------------------------------------


def table(rows: Iterable[Iterable[str]], **dialect: Any) -> bytes:
    out = io.StringIO()
    csv.writer(out, **dialect).writerows(rows)
    return out.getvalue().encode()


HEADER = ["id", "text", "lang"]
CELLS = [["1", 'Gulls, "terns"\nand skuas; all', "en"], ["2", "Möwen\tnisten | hier", "de"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["x", "x.csv"])
def test_a_table_is_known_by_its_first_line(delimiter: str, name: str) -> None:
    quoting = csv.QUOTE_ALL if delimiter == "\t" else csv.QUOTE_MINIMAL
    cells = [["1", CELLS[0][1].replace("\n", " "), "en"], CELLS[1]] if delimiter == "\t" else CELLS
    cells = [[c.replace("\t", " ") for c in row] for row in cells]
    everything = found(table([HEADER, *cells], delimiter=delimiter, quoting=quoting), name)
    assert [(r.id, r.body, dict(r.meta)) for r in records(everything)] == [(i, t, {"lang": v}) for i, t, v in cells]
    assert faults(everything) == []


def test_quotes_are_characters_in_a_table_parted_by_tabs_that_does_not_pair_them() -> None:
    data = b'id\ttext\n1\t"Gulls" nest\n2\t5" of snow\n'
    assert [r.body for r in records(found(data, "x.tsv"))] == ['"Gulls" nest', '5" of snow']


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"2,b\n", "the row has 2 cells, the first line names 3 columns"),
        (b"2,b,c,d\n", "the row has 4 cells, the first line names 3 columns"),
        (b'2,"b"b,c\n', "the row cannot be read"),
        (b"2,\xff,c\n", "byte 2 of the line"),
        (b"2," + b"x" * 20_000 + b",c\n", "more than the limit of 10,000"),
    ],
)
def test_a_bad_row_of_a_table_is_named_and_the_others_are_read(bad: bytes, reason: str) -> None:
    data = b"id,text,lang\n1,a,en\n" + bad + "3,Möwen,en\n".encode()
    everything = found(data, "x.csv", limits=SMALL)
    assert ids(everything) == ["1", "3"]
    (fault,) = faults(everything)
    assert fault.place == "x.csv:3"
    assert reason in fault.reason


def test_large_cells_and_nuls_are_read() -> None:
    big = "x" * 500_000
    assert [r.body for r in records(found(table([HEADER, ["1", big, "en"], ["2", "a\0b", "en"]]), "x.csv"))] == [
        big,
        "a\0b",
    ]


@pytest.mark.parametrize("limits", [Limits(), Limits(record_bytes=100)])
def test_a_quote_that_is_never_closed_costs_its_row_only(limits: Limits) -> None:
    data = b'id,text\n1,"open\n' + b"".join(b"%d,b\n" % n for n in range(2, 2000))
    everything = found(data, "x.csv", limits=limits)
    assert ids(everything) == [str(n) for n in range(2, 2000)]
    assert [f.place for f in faults(everything)] == ["x.csv:2"]
    assert "the row cannot be read" in faults(everything)[0].reason


@pytest.mark.parametrize("codec", ["utf-16", "cp1252", "utf-8-sig"])
def test_a_table_in_another_encoding_is_read(codec: str) -> None:
    text = "id,text\n" + "".join(f"{n},Möwen nisten über dem Häuschen – schön\n" for n in range(30))
    everything = found(text.encode(codec), "x.csv")
    assert len(records(everything)) == 30
    assert records(everything)[29].body == "Möwen nisten über dem Häuschen – schön"


def test_a_table_without_a_text_column_says_what_it_has() -> None:
    everything = found(b"name,age\nGull,3\n", "x.csv")
    assert [f.reason for f in faults(everything)] == [
        'there is no column "text" or "content" or "raw_content" or "html"; there are name, age: '
        "name the one that holds the text"
    ]
    assert len(records(found(b"name,age\nGull,3\n", "x.csv", fields=Fields(text=("name",))))) == 1


@pytest.mark.parametrize(
    ("data", "is_table"),
    [
        (b"id,text\n1,a\n", True),
        (b"text\tid\nGulls\t1\n", True),
        (b"text, as I said, is what we read.\nMore, of it.\n", False),
        (b"Gulls, terns\nand skuas, too\n", False),
        (b"id,text\nno comma follows\n", False),
        (b"text\nGulls\n", False),
    ],
)
def test_tables_are_told_from_texts(data: bytes, is_table: bool) -> None:
    assert looks_like_table(data, "x", Fields()) is is_table


def test_the_delimiter_is_the_one_that_makes_a_text_column() -> None:
    assert delimiter_of("id;text;a,b", Fields()) == ""
    assert delimiter_of("id;text;note", Fields()) == ";"


# --- Parquet and Arrow ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def arrow() -> Any:
    pytest.importorskip("pyarrow.parquet")
    return pytest.importorskip("pyarrow")


def parquet(arrow: Any, columns: dict[str, Any], rows: int = 100) -> bytes:
    import pyarrow.parquet

    out = io.BytesIO()
    pyarrow.parquet.write_table(
        arrow.table(columns), out, row_group_size=rows, compression="none", use_dictionary=False
    )
    return out.getvalue()


def ipc(arrow: Any, columns: dict[str, Any], new: str) -> bytes:
    out = io.BytesIO()
    made = arrow.table(columns)
    with getattr(arrow.ipc, new)(out, made.schema) as writer:
        writer.write_table(made, max_chunksize=50)
    return out.getvalue()


def columns(n: int = 250) -> dict[str, Any]:
    return {"id": [f"r{i}" for i in range(n)], "text": [f"Gulls {i}" for i in range(n)], "n": list(range(n))}


MAKERS = ["parquet", "new_file", "new_stream"]


def columnar(arrow: Any, kind: str, data: dict[str, Any]) -> bytes:
    return parquet(arrow, data) if kind == "parquet" else ipc(arrow, data, kind)


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("wrap", [io.BytesIO, Pipe])
def test_a_columnar_table_gives_its_rows(arrow: Any, kind: str, wrap: Any) -> None:
    everything = list(read_any(wrap(columnar(arrow, kind, columns())), name="x"))
    assert ids(everything) == [f"r{n}" for n in range(250)]
    assert records(everything)[249] == Record("r249", "Gulls 249", "row", meta={"n": 249})
    assert faults(everything) == []


@pytest.mark.parametrize("kind", MAKERS)
def test_a_wrong_column_is_told_with_those_there_are(arrow: Any, kind: str) -> None:
    data = columnar(arrow, kind, columns())
    (fault,) = faults(found(data, fields=Fields(text=("txt",), html=())))
    assert fault.reason == 'there is no column "txt"; there are id, text, n: name the one that holds the text'


@pytest.mark.parametrize("kind", MAKERS)
def test_rows_without_a_text_are_named(arrow: Any, kind: str) -> None:
    data = columnar(arrow, kind, {"id": ["a", "b", "c"], "text": ["x", None, "z"]})
    everything = found(data, "x.parquet")
    assert ids(everything) == ["a", "c"]
    assert [f.place for f in faults(everything)] == ["x.parquet:2"]


@pytest.mark.parametrize("kind", MAKERS)
def test_invalid_utf8_in_a_columnar_table_costs_its_row(arrow: Any, kind: str) -> None:
    data = columnar(arrow, kind, columns(5)).replace(b"Gulls 2", b"Gull\xff 2")
    everything = found(data, "x")
    assert ids(everything) == ["r0", "r1", "r3", "r4"]
    assert [f.reason for f in faults(everything)] == [
        "the column 'text' is not UTF-8: Invalid UTF8 sequence at string index 0"
    ]


def test_a_damaged_row_group_is_named_and_the_next_one_read(arrow: Any) -> None:
    data = bytearray(parquet(arrow, columns()))
    at = data.index(b"Gulls 150") - 700
    data[at : at + 900] = b"\xff" * 900
    everything = found(bytes(data), "x.parquet")
    assert {"r0", "r99", "r200", "r249"} <= set(ids(everything))
    assert any("cannot be read" in f.reason or "not UTF-8" in f.reason for f in faults(everything))


@pytest.mark.parametrize("cut", [20, 400, 3000])
def test_a_cut_parquet_is_refused_in_clear_words(arrow: Any, cut: int) -> None:
    (fault,) = faults(found(parquet(arrow, columns())[:-cut], "x.parquet"))
    assert "is no Parquet file that can be read" in fault.reason


@given(
    st.lists(
        st.fixed_dictionaries({"text": st.text(), "id": st.uuids().map(str)}, optional={"x": st.integers()}), max_size=9
    )
)
def test_what_is_written_as_rows_is_read_as_it_was(rows: list[dict[str, Any]]) -> None:
    everything = found(lines(rows), "x.jsonl")
    assert [{"text": r.body, "id": r.id, **r.meta} for r in records(everything)] == rows


@given(
    st.binary(max_size=400),
    st.sampled_from(["x", "x.jsonl", "x.csv", "x.tsv", "x.warc", "x.har", "x.parquet", "x.zip"]),
)
def test_no_bytes_under_any_name_raise(data: bytes, name: str) -> None:
    assert found(data, name) is not None


STARTS = [
    b"WARC/1.0\r\nWARC-Type: response\r\n",
    b"PK\3\4",
    b"PAR1",
    b"ARROW1\0\0",
    b'{"log":{',
    b"\x1f\x8b\x08",
    b"filedesc://x 0 1 2\n",
]


@given(st.sampled_from(STARTS), st.binary(max_size=300))
def test_no_bytes_behind_any_beginning_raise(start: bytes, data: bytes) -> None:
    assert found(start + data, "x") is not None
