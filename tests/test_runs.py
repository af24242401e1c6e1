"""Runs: any input, an account of everything, and a run that is stopped at any moment goes on where it was."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from siglum.cli.main import main
from siglum.readers.files import find_files
from siglum.runs import folder as folder_module
from siglum.runs.catalogue import CATALOGUE
from siglum.runs.folder import UNFINISHED
from siglum.writers.files import read_manifest

PAGE = "Skip to main content\nStorm hits coast\n"
HTML = "<html><body><article><p>Storm hits the coast on Tuesday night.</p></article></body></html>"
OFF = ("--languages", "off")


def siglum(*args: str | Path, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], input=stdin, catch_exceptions=False)


def rows(data: bytes) -> list[dict]:
    return [json.loads(line) for line in data.splitlines()]


def rows_file(path: Path, n: int, **more: object) -> Path:
    lines = [json.dumps({"id": str(i), "text": PAGE + f"Row {i}.\n", **more}) for i in range(n)]
    path.write_text("\n".join(lines) + "\n")
    return path


def warc_record(url: str, body: bytes, type: str = "text/html; charset=utf-8", id: str = "1") -> bytes:
    http = f"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Record-ID: <urn:x:{id}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def crawl() -> bytes:
    return b"".join(
        gzip.compress(record)
        for record in (
            warc_record("https://a.example/1", HTML.encode(), id="1"),
            warc_record("https://a.example/2.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "image/png", id="2"),
            warc_record(
                "https://a.example/3",
                HTML.replace("Tuesday", "日曜日").encode("shift_jis"),
                "text/html; charset=shift_jis",
                id="3",
            ),
        )
    )


def tree(path: Path) -> dict[str, bytes]:
    return {p.relative_to(path).as_posix(): p.read_bytes() for p in sorted(path.rglob("*")) if p.is_file()}


# Inputs


def test_pages_of_an_archive_become_rows_and_an_image_is_counted_as_passed_over(tmp_path):
    (tmp_path / "crawl.warc.gz").write_bytes(crawl())
    result = siglum("clean", tmp_path / "crawl.warc.gz", *OFF)
    found = rows(result.stdout_bytes)
    assert [row["url"] for row in found] == ["https://a.example/1", "https://a.example/3"]
    assert "日曜日" in found[1]["text"]
    assert result.exit_code == 0
    assert "1 skipped" in result.stderr


def test_what_is_passed_over_stands_in_the_summary_with_its_reason(tmp_path):
    (tmp_path / "crawl.warc.gz").write_bytes(crawl())
    siglum("clean", tmp_path / "crawl.warc.gz", "-o", tmp_path / "out", *OFF)
    assert "skipped" in (tmp_path / "out/summary.csv").read_text("utf-8-sig")
    assert len(rows((tmp_path / "out/crawl.warc.gz.jsonl").read_bytes())) == 2
    assert siglum("verify", tmp_path / "out").exit_code == 0


def packed_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        info = tarfile.TarInfo("a/page.html")
        info.size = len(HTML)
        tar.addfile(info, io.BytesIO(HTML.encode()))
    return out.getvalue()


def packed_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a/page.html", HTML)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("page.html", HTML.encode()),
        ("page.html.gz", gzip.compress(HTML.encode(), mtime=0)),
        ("pages.zip", packed_zip()),
        ("pages.tar.gz", packed_tar()),
        ("rows.jsonl", json.dumps({"html": HTML}).encode()),
        ("rows.jsonl.gz", gzip.compress(json.dumps({"html": HTML}).encode(), mtime=0)),
        ("rows.csv", b'id,text\n1,"Storm hits the coast on Tuesday night."\n'),
        ("rows.tsv", b"id\ttext\n1\tStorm hits the coast on Tuesday night.\n"),
        ("crawl.warc", warc_record("https://a.example/", HTML.encode())),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_folder_is_searched_for_all_that_holds_documents(tmp_path, name, data):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / name).write_bytes(data)
    result = siglum("clean", tmp_path / "in", "--to", "jsonl", *OFF)
    (row,) = rows(result.stdout_bytes)
    assert row["text"].strip() == "Storm hits the coast on Tuesday night."
    assert result.exit_code == 0


def test_content_decides_not_the_suffix(tmp_path):
    (tmp_path / "page.txt").write_bytes(gzip.compress(HTML.encode(), mtime=0))
    assert siglum("clean", tmp_path / "page.txt", *OFF).stdout.strip() == "Storm hits the coast on Tuesday night."


def test_a_pipe_of_an_archive_gives_rows():
    found = rows(siglum("clean", "-", *OFF, stdin=crawl()).stdout_bytes)
    assert len(found) == 2


def test_columns_can_be_named(tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps({"key": 7, "body": PAGE}))
    result = siglum("clean", tmp_path / "rows.jsonl", "--field", "text=body", "--field", "id=key", *OFF)
    (row,) = rows(result.stdout_bytes)
    assert (row["id"], row["text"]) == ("7", "Storm hits coast\n")


@pytest.mark.parametrize("option", [("--field", "body"), ("--field", "nobody=x"), ("--limit", "depth=deep")])
def test_a_faulty_column_or_limit_is_told(tmp_path, option):
    result = siglum("clean", tmp_path, *option)
    assert result.exit_code == 2
    assert "expected" in result.stderr


def test_values_json_does_not_know_become_texts(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    import datetime
    import decimal

    import pyarrow.parquet as parquet

    table = arrow.table(
        {"text": [PAGE], "day": [datetime.date(2020, 1, 2)], "n": [decimal.Decimal("1.5")], "raw": [b"\xff"]}
    )
    parquet.write_table(table, tmp_path / "rows.parquet")
    (row,) = rows(siglum("clean", tmp_path / "rows.parquet", *OFF).stdout_bytes)
    assert row["meta"] == {"day": "2020-01-02", "n": "1.5", "raw": "\\xff"}


# Bad input: the fault is named, and all other documents are there


def bad_gzip() -> bytes:
    return gzip.compress(b"".join(json.dumps({"id": str(i), "text": PAGE}).encode() + b"\n" for i in range(400)))[:-200]


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("b.jsonl.gz", bad_gzip(), "b.jsonl.gz"),
        ("b.txt.gz", gzip.compress(random.Random(3).randbytes(3000).hex().encode())[:-900], "b.txt.gz"),
        (
            "b.warc",
            b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 99999\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
            "b.warc",
        ),
        ("b.warc.gz", b"no archive at all", "is called a WARC file and is none"),
        ("b.jsonl", b'{"id": "x", "text": "\xff"}\n', "is not UTF-8"),
        ("b.jsonl", b'{"id": "x", "te\xffxt": "a"}\n', "is not UTF-8"),
        ("b.jsonl", b'{"id": "x", "body": "a"}\n', 'a row has "text"'),
        ("b.csv", b"id,body\n1,x\n", "there is no column"),
        ("b.zip", packed_zip()[:-30], "b.zip"),
    ],
)
def test_a_fault_is_named_and_all_other_documents_are_there(tmp_path, name, data, told):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.txt").write_text(PAGE)
    (tmp_path / "in" / name).write_bytes(data)
    (tmp_path / "in/c.txt").write_text(PAGE)
    result = siglum("clean", tmp_path / "in", "-o", tmp_path / "out", *OFF)
    assert result.exit_code == 1
    assert told in result.stderr
    assert (tmp_path / "out/a.txt").read_text() == "Storm hits coast\n" == (tmp_path / "out/c.txt").read_text()
    failed = siglum("query", tmp_path / "out", "SELECT source, error FROM failures", "--to", "json").stdout_bytes
    assert {row["source"] for row in rows(failed)} == {name}
    assert siglum("verify", tmp_path / "out").exit_code == 0


def test_rows_around_a_faulty_one_are_there(tmp_path):
    good = json.dumps({"id": "g", "text": PAGE}).encode()
    (tmp_path / "r.jsonl").write_bytes(b"\n".join([good, b'{"id": "b\xff"}', b"\0\0", good]))
    result = siglum("clean", tmp_path / "r.jsonl", *OFF)
    assert ["error" in row for row in rows(result.stdout_bytes)] == [False, True, True, False]


def test_a_text_with_nul_bytes_is_done_and_comes_back_byte_for_byte(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"A line as they are, and one\0two after it.\n" * 50)
    assert siglum("clean", tmp_path / "a.txt", "-o", tmp_path / "out", *OFF).exit_code == 0
    back = siglum("restore", tmp_path / "out/a.txt", "--report", tmp_path / "out/a.report.json")
    assert back.stdout_bytes == b"A line as they are, and one\0two after it.\n" * 50


def test_a_bomb_stops_at_the_limit_and_is_named(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/bomb.txt.gz").write_bytes(gzip.compress(b"0" * 3_000_000))
    (tmp_path / "in/c.txt").write_text(PAGE)
    result = siglum("clean", tmp_path / "in", "-o", tmp_path / "out", "--limit", "record_bytes=1000000", *OFF)
    assert result.exit_code == 1
    assert "bomb.txt.gz: more than the limit of 1,000,000 bytes" in result.stderr
    assert (tmp_path / "out/c.txt").exists()


def test_a_bomb_in_a_zip_is_named_and_what_stands_beside_it_is_there(tmp_path):
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", PAGE)
        archive.writestr("bomb.txt", b"0" * 3_000_000)
        archive.writestr("c.txt", PAGE)
    result = siglum("clean", tmp_path / "in.zip", "--to", "jsonl", "--limit", "record_bytes=1000000", *OFF)
    found = rows(result.stdout_bytes)
    assert [row["id"].rpartition("/")[2] for row in found if "error" not in row] == ["a.txt", "c.txt"]
    assert "bomb.txt" in result.stderr
    assert "limit of 1,000,000 bytes" in result.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="files with holes, and memory told in KB")
def test_a_line_of_a_gigabyte_is_named_and_the_rows_around_it_are_there(tmp_path):
    with (tmp_path / "r.jsonl").open("wb") as file:
        file.write(json.dumps({"id": "before", "text": PAGE}).encode() + b"\n")
        file.seek(1 << 30, os.SEEK_CUR)  # a hole: it takes no room on the disk
        file.write(b"\n" + json.dumps({"id": "after", "text": PAGE}).encode() + b"\n")
    command = [sys.executable, "-c", MEASURED, "clean", str(tmp_path / "r.jsonl"), "--from", "jsonl", *OFF]
    done = subprocess.run(command, capture_output=True)
    assert [row["id"] for row in rows(done.stdout)] == ["before", "r.jsonl:2", "after"]
    assert b"r.jsonl:2: a row of 1,073,741,825 bytes, more than the limit" in done.stderr
    assert int(done.stderr.split()[-1]) < 400_000  # KB


# Of this program alone; what getrusage says begins with the memory of the process that started it.
MEASURED = """
import re, sys
from siglum.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print(re.search(r"VmHWM:\\s+([0-9]+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""


def test_a_byte_that_is_no_utf8_is_found_at_every_place_of_a_row(tmp_path):
    row = json.dumps({"id": "x", "text": "A línea.", "meta": {"n": 1}}, ensure_ascii=False).encode()
    good = json.dumps({"id": "good", "text": PAGE}).encode()
    with (tmp_path / "r.jsonl").open("wb") as file:
        for at in range(len(row) + 1):
            file.write(row[:at] + b"\xff" + row[at:] + b"\n" + good + b"\n")
    found = rows(siglum("clean", tmp_path / "r.jsonl", *OFF).stdout_bytes)
    assert len(found) == 2 * (len(row) + 1)
    assert all("not UTF-8" in row["error"] for row in found[::2])
    assert all(row["text"] == "Storm hits coast\n" for row in found[1::2])


def test_a_table_without_the_column_is_named_and_the_others_are_there(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    (tmp_path / "in").mkdir()
    parquet.write_table(arrow.table({"id": ["1"], "body": [PAGE]}), tmp_path / "in/a.parquet")
    parquet.write_table(arrow.table({"id": ["2"], "text": [PAGE]}), tmp_path / "in/b.parquet")
    result = siglum("clean", tmp_path / "in", "-o", tmp_path / "out", *OFF)
    assert result.exit_code == 1
    assert "a.parquet" in result.stderr
    assert "body" in result.stderr
    assert [row["id"] for row in rows((tmp_path / "out/b.parquet.jsonl").read_bytes())] == ["2"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser reads and writes anything")
def test_a_file_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "in").mkdir()
    rows_file(tmp_path / "in/a.jsonl", 2).chmod(0)
    (tmp_path / "in/c.txt").write_text(PAGE)
    result = siglum("clean", tmp_path / "in", *OFF)
    assert "a.jsonl: cannot be read: Permission denied" in result.stderr
    assert result.stdout == "Storm hits coast\n"


def test_a_file_that_is_gone_is_named_and_the_others_are_done(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_text(PAGE)
    plain = Path.open

    def refusing(self, *args, **kwargs):
        if self.name == "a.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return plain(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", refusing)
    result = siglum("clean", tmp_path / "in", *OFF)
    assert (result.exit_code, result.stdout) == (1, "Storm hits coast\n")
    assert "a.txt: cannot be read: Permission denied" in result.stderr


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
from siglum.cli.main import main
main(sys.argv[1:])
"""


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(tmp_path):
    source = rows_file(tmp_path / "r.jsonl", 150)
    command = ["clean", str(source), "-o", str(tmp_path / "out"), *OFF]
    full = subprocess.run([sys.executable, "-c", LIMITED, *command], capture_output=True, text=True)
    assert full.returncode == 2
    assert "the same command goes on from there" in full.stderr
    assert "Traceback" not in full.stderr
    assert not (tmp_path / "out/manifest-sha256.txt").exists()
    assert siglum(*command).exit_code == 0
    siglum("clean", source, "-o", tmp_path / "undisturbed", *OFF)
    assert tree(tmp_path / "out") == tree(tmp_path / "undisturbed")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
def test_a_stream_that_takes_no_more_is_told(tmp_path):
    command = [sys.executable, "-m", "siglum", "clean", str(rows_file(tmp_path / "r.jsonl", 3)), *OFF]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 2
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_a_disk_that_fails_on_the_way_is_told_and_the_run_goes_on_when_it_works_again(
    tmp_path, monkeypatch, number, form
):
    (tmp_path / "in").mkdir()
    for n in range(9):
        (tmp_path / f"in/{n}.txt").write_text(PAGE + f"Text {n}.\n")
    command = ("clean", tmp_path / "in", "--to", form, *OFF)
    fsync, calls = os.fsync, 0

    def failing(fd):
        nonlocal calls
        calls += 1
        if calls == 9:
            raise OSError(number, os.strerror(number))
        fsync(fd)

    with monkeypatch.context() as patch:
        patch.setattr(folder_module, "CHECKPOINT_DOCUMENTS", 2)
        patch.setattr(os, "fsync", failing)
        result = siglum(*command, "-o", tmp_path / "out")
    assert result.exit_code == 2
    assert os.strerror(number) in result.stderr
    assert "the same command goes on from there" in result.stderr
    assert siglum(*command, "-o", tmp_path / "out").exit_code == 0
    siglum(*command, "-o", tmp_path / "undisturbed")
    assert tree(tmp_path / "out") == tree(tmp_path / "undisturbed")


def test_an_output_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "a.txt").write_text(PAGE)
    (tmp_path / "file").write_text("")
    result = siglum("clean", tmp_path / "a.txt", "-o", tmp_path / "file/out", *OFF)
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


# The account


@pytest.fixture
def done(tmp_path):
    source = rows_file(tmp_path / "pages.jsonl", 5, url="https://www.a.example/x")
    with source.open("a") as file:
        file.write("{bad\n")
    siglum("clean", source, "-o", tmp_path / "out", *OFF)
    return tmp_path / "out"


def test_the_account_names_command_settings_packs_counts_and_failures_and_no_path(done, tmp_path):
    told = json.loads((done / "run.json").read_bytes())
    assert told["command"] == {"name": "clean", "inputs": ["pages.jsonl"], "options": {"languages": "off"}}
    assert {row["status"]: row["documents"] for row in told["counts"]["status"]} == {"cleaned": 5, "failed": 1}
    assert told["counts"]["site"][0]["site"] == "a.example"
    assert "labels/skip-link/skip-link" in {row["rule"] for row in told["counts"]["rule"]}
    assert [row["id"] for row in told["failures"]] == ["pages.jsonl:6"]
    assert told["rulepacks"][0]["sha256"]
    assert str(tmp_path) not in (done / "run.json").read_text()


def test_everything_of_a_run_stands_in_its_manifest(done):
    named = read_manifest((done / "manifest-sha256.txt").read_bytes())
    assert set(named) == set(tree(done)) - {"manifest-sha256.txt"}


@pytest.mark.parametrize("options", [(), ("--jobs", "2")])
def test_the_same_input_gives_the_same_bytes_everywhere(done, tmp_path, options, monkeypatch):
    monkeypatch.setattr(folder_module, "CHECKPOINT_DOCUMENTS", 2)
    (tmp_path / "elsewhere").mkdir()
    moved = (tmp_path / "pages.jsonl").rename(tmp_path / "elsewhere/pages.jsonl")
    siglum("clean", moved, "-o", tmp_path / "again", *OFF, *options)
    assert tree(tmp_path / "again") == tree(done)


def test_stats_prints_what_a_run_adds_up_to(done):
    told = siglum("stats", done).stdout
    for part in ("cleaned", "a.example", "labels/skip-link/skip-link", "pages.jsonl:6"):
        assert part in told


@pytest.mark.parametrize(("form", "answer"), [("table", "n\n5\n"), ("json", '{"n":5}\n'), ("csv", "n\n5\n")])
def test_a_question_is_answered_as_table_json_or_csv(done, form, answer):
    sql = "SELECT count(*) AS n FROM documents WHERE status = 'cleaned'"
    assert siglum("query", done, sql, "--to", form).stdout == answer


@pytest.mark.parametrize(
    "sql", ["DELETE FROM documents", "DROP TABLE files", "ATTACH 'x.db' AS x", "SELEC 1", "SELECT 1; SELECT 2"]
)
def test_a_question_that_would_change_something_or_is_none_is_refused(done, sql):
    before = tree(done)
    result = siglum("query", done, sql)
    assert result.exit_code == 2
    assert "the query failed" in result.stderr
    assert tree(done) == before


def test_an_answer_is_cut_at_the_limit_and_says_so(done):
    result = siglum("query", done, "SELECT id FROM documents", "--limit", "2", "--to", "csv")
    assert (result.stdout, "only the first 2 rows" in result.stderr) == ("id\n0\n1\n", True)


def test_what_is_no_run_has_no_catalogue(tmp_path):
    assert "is no run with a catalogue" in siglum("stats", tmp_path).stderr


def test_every_view_of_the_catalogue_answers(done):
    db = sqlite3.connect(done / CATALOGUE)
    for (view,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall():
        db.execute(f"SELECT * FROM {view}").fetchall()


def test_rows_are_packed_where_that_is_asked_and_the_run_verifies(done, tmp_path):
    siglum("clean", tmp_path / "pages.jsonl", "-o", tmp_path / "packed", "--compress", "gz", *OFF)
    unpacked = gzip.decompress((tmp_path / "packed/pages.jsonl.gz").read_bytes())
    assert unpacked == (done / "pages.jsonl").read_bytes()
    assert siglum("verify", tmp_path / "packed").exit_code == 0
    assert "taken" in siglum("explain", tmp_path / "packed", "1:1").stdout


# Going on


KILLED = """
import sys
from siglum.runs import folder
folder.CHECKPOINT_DOCUMENTS = 7
begin = folder.Folder.__init__
def begun(self, *args, **kwargs):
    begin(self, *args, **kwargs)
    print("begun", flush=True)
folder.Folder.__init__ = begun
from siglum.cli.main import main
main(sys.argv[1:])
"""


def mixed_input(path: Path) -> Path:
    path.mkdir()
    rows_file(path / "rows.jsonl", 150)
    alike_rows(path / "alike.jsonl")
    (path / "crawl.warc.gz").write_bytes(crawl())
    for n in range(40):
        (path / f"t{n:02}.txt").write_text(PAGE + f"Text {n}.\n")
    return path


@pytest.mark.skipif(os.name == "nt", reason="kills by a signal")
@pytest.mark.parametrize(
    ("options", "kills"),
    [
        ((), 4),
        (("--jobs", "2"), 2),
        (("--to", "jsonl"), 1),
        (("--to", "jsonl", "--jobs", "2", "--compress", "gz", "--duplicates", "drop"), 2),
        (("--to", "parquet"), 1),
        (("--to", "parquet", "--jobs", "2"), 1),
        (("--to", "dolma"), 1),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_run_killed_at_random_moments_ends_with_the_bytes_of_an_undisturbed_one(tmp_path, options, kills):
    if "parquet" in options:
        pytest.importorskip("pyarrow")
    source = mixed_input(tmp_path / "in")
    siglum("clean", source, "-o", tmp_path / "undisturbed", *OFF, *options)
    out = tmp_path / "out"
    command = [sys.executable, "-c", KILLED, "clean", str(source), "-o", str(out), *OFF, *options]
    chance = random.Random(7)
    kills = int(os.environ.get("SIGLUM_KILLS", kills))
    killed = 0
    while killed < kills:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.readline()  # it is at work, or has nothing to do
        time.sleep(0.5 * chance.random() ** 2)
        process.kill()
        process.stdout.close()
        killed += process.wait(timeout=60) == -signal.SIGKILL
        if (out / "manifest-sha256.txt").exists() and killed < kills:
            # Complete, or killed just before it cleared up: both must stand up to being started again.
            assert subprocess.run(command, capture_output=True, timeout=60).returncode in (0, 2)
            assert tree(out) == tree(tmp_path / "undisturbed")
            shutil.rmtree(out)
    assert subprocess.run(command, capture_output=True, timeout=60).returncode in (0, 2)
    assert tree(out) == tree(tmp_path / "undisturbed")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names of open files come from /proc")
@pytest.mark.parametrize("form", ["text", "jsonl"])
def test_nothing_is_called_done_before_it_would_outlive_a_power_cut(tmp_path, monkeypatch, form):
    (tmp_path / "in/deep").mkdir(parents=True)
    for n in range(7):
        (tmp_path / f"in/deep/{n}.txt").write_text(PAGE + f"Text {n}.\n")
    out, made = tmp_path / "out", []
    fsync, replace, commit = os.fsync, os.replace, folder_module.Catalogue.commit

    def synced(fd):
        made.append(("sync", Path(os.readlink(f"/proc/self/fd/{fd}"))))
        fsync(fd)

    def replaced(old, new):
        made.append(("name", Path(new).parent))
        replace(old, new)

    def committed(self):
        made.append(("commit", out))
        commit(self)

    monkeypatch.setattr(folder_module, "CHECKPOINT_DOCUMENTS", 2)
    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    monkeypatch.setattr(folder_module.Catalogue, "commit", committed)
    siglum("clean", tmp_path / "in", "-o", out, "--to", form, *OFF)
    first, second, *_ = [n for n, (what, _) in enumerate(made) if what == "commit"]
    begun, between = made[:first], made[first:second]
    needed = {out / "deep"} if form == "text" else {out / UNFINISHED / "documents.jsonl"}
    assert {tmp_path, out, out / UNFINISHED, *needed} <= {path for what, path in begun if what == "sync"}
    assert needed <= {path for what, path in between if what == "sync"}
    names = [n for n, (what, _) in enumerate(made) if what == "name"]
    for n in names[:-1]:  # the manifest gets its name last
        assert ("sync", made[n][1]) in made[n : names[-1]]
    assert made[-1] == ("sync", out)


class Stop(BaseException):
    pass


def stopped(source: Path, out: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Begin a run and end it without a word after so many documents, of which those up to a checkpoint are kept."""
    put = folder_module.Folder.put
    seen = 0

    def counting(self, product):
        nonlocal seen
        told = put(self, product)
        seen += 1
        if seen == after:
            raise Stop
        return told

    with monkeypatch.context() as patch:
        patch.setattr(folder_module, "CHECKPOINT_DOCUMENTS", min(3, after))
        patch.setattr(folder_module.Folder, "put", counting)
        with pytest.raises(Stop):
            siglum("clean", source, "-o", out, *OFF)


@pytest.mark.parametrize("after", range(1, 12, 2))
def test_a_run_goes_on_after_any_document(tmp_path, monkeypatch, after):
    source = rows_file(tmp_path / "r.jsonl", 10) if after < 10 else rows_file(tmp_path / "r.jsonl", 12)
    stopped(source, tmp_path / "out", monkeypatch, after)
    result = siglum("clean", source, "-o", tmp_path / "out", *OFF)
    assert "going on after" in result.stderr
    siglum("clean", source, "-o", tmp_path / "undisturbed", *OFF)
    assert tree(tmp_path / "out") == tree(tmp_path / "undisturbed")


def test_input_that_changed_in_between_is_noticed(tmp_path, monkeypatch):
    source = rows_file(tmp_path / "r.jsonl", 10)
    stopped(source, tmp_path / "out", monkeypatch, 7)
    source.write_text(source.read_text().replace("Row 1.", "Row one."))
    result = siglum("clean", source, "-o", tmp_path / "out", *OFF)
    assert result.exit_code == 2
    assert "the input is not what it was when this run began" in result.stderr
    assert siglum("clean", source, "-o", tmp_path / "out", "--force", *OFF).exit_code == 0


def test_another_command_does_not_go_on_with_the_run_of_one(tmp_path, monkeypatch):
    source = rows_file(tmp_path / "r.jsonl", 10)
    stopped(source, tmp_path / "out", monkeypatch, 7)
    result = siglum("clean", source, "-o", tmp_path / "out", "--profile", "mark-only", *OFF)
    assert result.exit_code == 2
    assert "holds an unfinished run of another command" in result.stderr


def test_a_run_does_not_begin_where_other_files_stand(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/precious.txt").write_text("mine")
    (tmp_path / "precious.txt").write_text(PAGE)
    result = siglum("clean", tmp_path / "precious.txt", "-o", tmp_path / "out", *OFF)
    assert result.exit_code == 2
    assert "is not empty" in result.stderr
    assert tree(tmp_path / "out") == {"precious.txt": b"mine"}


def test_two_documents_of_one_name_are_told(tmp_path):
    (tmp_path / "in").mkdir()
    rows_file(tmp_path / "in/r.jsonl", 1).write_text((json.dumps({"id": "a", "text": PAGE}) + "\n") * 2)
    result = siglum("clean", tmp_path / "in", "-o", tmp_path / "out", "--to", "text", *OFF)
    assert result.exit_code == 1
    assert "another document of this run is written as 'r.jsonl/a.txt'" in result.stderr


# Duplicates


STORY = " ".join(
    f"On day {n} the harbour of town {n * 7} stayed closed and {n * 3} ferries went north." for n in range(40)
)


def alike_rows(path: Path) -> Path:
    texts = {
        "kept": STORY,
        "equal": STORY.upper().replace(" ", "\n", 9),
        "near": STORY.replace("day 17", "evening 17"),
        "half": " ".join(STORY.split()[:260]) + " ".join(f"Entirely other words {n} follow" for n in range(60)),
        "other": "Nothing of the kind was said by anyone at all.",
        "empty": "",
        "empty too": "",
    }
    path.write_text("".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in texts.items()))
    return path


@pytest.mark.parametrize("options", [(), ("--duplicates", "mark"), ("--jobs", "2")])
def test_duplicates_point_to_the_kept_one_and_what_shares_half_is_none(tmp_path, options):
    siglum("clean", alike_rows(tmp_path / "r.jsonl"), "-o", tmp_path / "out", *options, *OFF)
    found = {
        row["id"]: (row.get("duplicate_of"), row.get("duplicate_kind"))
        for row in rows((tmp_path / "out/r.jsonl").read_bytes())
    }
    assert found == {
        "kept": (None, None),
        "equal": ("kept", "exact"),
        "near": ("kept", "near"),
        "half": (None, None),
        "other": (None, None),
        "empty": (None, None),
        "empty too": (None, None),
    }
    assert siglum("query", tmp_path / "out", "SELECT count(*) FROM duplicates", "--to", "csv").stdout.split()[-1] == "2"
    assert siglum("verify", tmp_path / "out").exit_code == 0


def test_duplicates_are_left_alone_where_that_is_asked(tmp_path):
    siglum("clean", alike_rows(tmp_path / "r.jsonl"), "-o", tmp_path / "out", "--duplicates", "off", *OFF)
    assert not any("duplicate_of" in row for row in rows((tmp_path / "out/r.jsonl").read_bytes()))


def test_a_document_that_could_not_be_written_is_kept_for_none(tmp_path):
    pytest.importorskip("pyarrow")
    texts = {"lone": f"{STORY} \ud800", "whole": STORY}
    lines = "".join(json.dumps({"id": id, "text": text}) + "\n" for id, text in texts.items())
    (tmp_path / "r.jsonl").write_text(lines)
    options = ("--to", "parquet", "--duplicates", "drop", "--profile", "mark-only")
    result = siglum("clean", tmp_path / "r.jsonl", "-o", tmp_path / "out", *options, *OFF)
    assert "1 failed" in result.stderr
    assert "dropped" not in result.stderr


def test_a_duplicate_of_a_document_before_the_stop_is_found_after_it(tmp_path, monkeypatch):
    stopped(alike_rows(tmp_path / "r.jsonl"), tmp_path / "out", monkeypatch, 2)
    siglum("clean", tmp_path / "r.jsonl", "-o", tmp_path / "out", *OFF)
    siglum("clean", tmp_path / "r.jsonl", "-o", tmp_path / "undisturbed", *OFF)
    assert tree(tmp_path / "out") == tree(tmp_path / "undisturbed")
    assert b'"duplicate_of":"kept"' in (tmp_path / "out/r.jsonl").read_bytes()


def test_dropped_duplicates_are_counted_and_stand_in_the_summary(tmp_path):
    result = siglum("clean", alike_rows(tmp_path / "r.jsonl"), "-o", tmp_path / "out", "--duplicates", "drop", *OFF)
    assert [row["id"] for row in rows((tmp_path / "out/r.jsonl").read_bytes())] == [
        "kept",
        "half",
        "other",
        "empty",
        "empty too",
    ]
    assert "2 dropped as duplicates" in result.stderr
    assert "duplicate (near) of kept" in (tmp_path / "out/summary.csv").read_text("utf-8-sig")
    assert siglum("verify", tmp_path / "out").exit_code == 0


# Forms of output


def mixed_rows(path: Path) -> Path:
    told = "Translated by Google Translate\n"
    texts = [{"id": "a", "text": PAGE + told, "url": "https://a.example/1", "n": 1}, {"id": "b", "text": "é " + PAGE}]
    path.write_text("".join(json.dumps(row) + "\n" for row in texts) + "{bad\n")
    return path


def test_parquet_has_typed_columns_and_reports_and_verifies(tmp_path):
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as parquet

    result = siglum(
        "clean", mixed_rows(tmp_path / "r.jsonl"), "-o", tmp_path / "out", "--to", "parquet", "--lines", *OFF
    )
    assert result.exit_code == 1
    table = parquet.read_table(tmp_path / "out/r.parquet")
    assert str(table.schema.field("lines_removed").type) == "int64"
    a, b, bad = table.to_pylist()
    assert (a["id"], a["url"], json.loads(a["meta"]), a["method"]) == ("a", "https://a.example/1", {"n": 1}, "machine")
    assert b["text"] == "é " + PAGE
    assert json.loads(a["report"])["edits"][0]["del"] == "Skip to main content\n"
    assert (bad["text"], bad["report"]) == (None, None)
    assert "not JSON" in bad["error"]
    assert siglum("verify", tmp_path / "out").exit_code == 0
    assert "taken" in siglum("explain", tmp_path / "out", "a:1").stdout


def test_files_become_one_parquet_table(tmp_path):
    pytest.importorskip("pyarrow")
    (tmp_path / "in").mkdir()
    for name in ("a.txt", "b.txt"):
        (tmp_path / "in" / name).write_text(PAGE)
    siglum("clean", tmp_path / "in", "-o", tmp_path / "out", "--to", "parquet", *OFF)
    assert siglum("verify", tmp_path / "out").exit_code == 0
    assert (tmp_path / "out/documents.parquet").exists()


def test_dolma_spans_stand_beside_the_untouched_text(tmp_path):
    siglum("clean", mixed_rows(tmp_path / "r.jsonl"), "-o", tmp_path / "out", "--to", "dolma", *OFF)
    documents = rows(gzip.decompress((tmp_path / "out/documents/r.jsonl.gz").read_bytes()))
    attributes = rows(gzip.decompress((tmp_path / "out/attributes/siglum/r.jsonl.gz").read_bytes()))
    assert [row["id"] for row in documents] == [row["id"] for row in attributes] == ["a", "b"]
    assert documents[0]["text"] == PAGE + "Translated by Google Translate\n"
    spans = attributes[0]["attributes"]
    ((start, end, score),) = spans["siglum__removed_navigation"]
    assert documents[0]["text"][start:end] == "Skip to main content\n"
    assert 0 < score <= 1
    assert "siglum__translation_machine" in spans
    assert siglum("verify", tmp_path / "out").exit_code == 0


@pytest.mark.parametrize("form", ["parquet", "dolma"])
def test_a_text_the_form_cannot_hold_is_named_and_the_others_are_there(tmp_path, form):
    pytest.importorskip("pyarrow")
    (tmp_path / "r.jsonl").write_text(
        json.dumps({"id": "lone", "text": "a \ud800 b"}) + "\n" + json.dumps({"id": "whole", "text": PAGE})
    )
    result = siglum("clean", tmp_path / "r.jsonl", "-o", tmp_path / "out", "--to", form, "--profile", "mark-only", *OFF)
    assert result.exit_code == 1
    assert "lone: holds lone surrogates" in result.stderr
    assert siglum("verify", tmp_path / "out").exit_code == 0


@pytest.mark.parametrize(
    "options",
    [["--to", "parquet"], ["--to", "dolma", "-o", "x", "--redact"], ["--to", "dolma", "-o", "x", "--compress", "gz"]],
)
def test_options_that_do_not_go_with_a_form_are_told(options, tmp_path):
    assert siglum("clean", tmp_path, *options).exit_code == 2


# Folders


def test_files_of_a_folder_come_in_the_order_of_their_ids(tmp_path):
    ids = ["a-b/x.txt", "a.txt", "a/b/c.txt", "a/b.txt", "a0.txt", "B.txt", "é.txt"]
    for id in ids:
        (tmp_path / id).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / id).write_text("A line.\n")
    (tmp_path / "a/.git").mkdir()
    (tmp_path / "a/.git/x.txt").write_text("left out")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    assert [source.id for source in find_files([tmp_path])] == sorted(ids)


def test_a_folder_that_cannot_be_read_is_named_and_the_others_are_done(tmp_path, monkeypatch):
    for name in ("a", "b"):
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "t.txt").write_text(PAGE)
    plain = os.scandir

    def refusing(path):
        if Path(path).name == "a":
            raise PermissionError(13, "Permission denied", str(path))
        return plain(path)

    monkeypatch.setattr(os, "scandir", refusing)
    result = siglum("clean", tmp_path / "in", *OFF)
    assert (result.exit_code, result.stdout) == (1, "Storm hits coast\n")
    assert "a: cannot be read" in result.stderr
