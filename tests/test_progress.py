"""How a run goes is told in time, in the form asked for, and changes nothing that is written."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.console import Console

from siglum.cli import progress
from siglum.cli.main import main
from siglum.cli.progress import Bar, Json, Lines, Meter, Pace, size_of, watch_of
from siglum.runs.reading import Reading

OFF = ("--languages", "off")


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Read(Meter):
    """A meter of documents of a million bytes each."""

    def next_done(self) -> int:
        self.done = getattr(self, "done", 0) + 1_000_000
        return self.done


def run(watch: object, clock: Clock, documents: int, seconds: float, failed: int = 0) -> None:
    for n in range(documents):
        watch.count(failed=n < failed)
        clock.now += seconds


def siglum(*args: str | Path) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], catch_exceptions=False)


def rows_file(path: Path, n: int = 20) -> Path:
    lines = [json.dumps({"id": str(i), "text": f"Skip to main content\nRow {i} is here.\n"}) for i in range(n)]
    path.write_text("\n".join(lines) + "\n{bad\n")
    return path


def test_the_state_of_a_run_counts_rates_from_the_first_document_and_tells_what_is_left():
    clock = Clock()
    pace = Pace(Read(50_000_000), clock)
    clock.now += 60  # loading
    for n in range(11):
        clock.now += 2 if n else 0
        pace.count(failed=n < 3)
    state = pace.state()
    assert (state.documents, state.failed, state.bytes, state.seconds) == (11, 3, 11_000_000, 20.0)
    assert (state.documents_per_s, state.bytes_per_s) == (0.5, 500_000.0)
    assert (state.share, state.seconds_left) == (0.22, 78.0)


def test_without_a_known_size_neither_share_nor_time_left_is_told():
    pace = Pace(Read(None), Clock())
    pace.count(failed=False)
    assert (pace.state().share, pace.state().seconds_left) == (None, None)


def test_lines_come_first_after_some_seconds_and_then_seldom(capsys):
    clock = Clock()
    run(Lines(Pace(Read(100_000_000), clock)), clock, 70, 1.0, failed=2)
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "siglum: 6 documents (6% of the input), 2 failed; 1.0 documents/s, 1.00 MB/s; 1:34 left",
        "siglum: 36 documents (36% of the input), 2 failed; 1.0 documents/s, 1.00 MB/s; 1:04 left",
        "siglum: 66 documents (66% of the input), 2 failed; 1.0 documents/s, 1.00 MB/s; 0:34 left",
    ]


def test_a_short_run_has_no_line_of_progress(capsys):
    clock = Clock()
    run(Lines(Pace(Read(None), clock)), clock, 100, 0.01)
    assert capsys.readouterr().err == ""


def test_events_are_objects_of_json_one_a_line(capsys):
    clock = Clock()
    watch = Json(Pace(Read(10_000_000), clock))
    watch.begin({"command": "clean"})
    watch.fault("a\nb", "a\nb: is broken")
    run(watch, clock, 7, 1.0)
    events = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [event["event"] for event in events] == ["started", "failed", "progress"]
    assert events[1] == {"event": "failed", "id": "a\nb", "error": "a\nb: is broken"}
    assert events[2] == {
        "event": "progress",
        "documents": 6,
        "failed": 0,
        "bytes": 6_000_000,
        "total_bytes": 10_000_000,
        "documents_per_s": 1.0,
        "bytes_per_s": 1_000_000,
        "seconds_left": 4,
    }


def test_a_bar_shows_share_rate_failures_and_time_left_and_prints_what_failed_as_it_is():
    clock, out = Clock(), io.StringIO()
    bar = Bar(Pace(Read(40_000_000), clock), Console(file=out, force_terminal=True, width=120))
    bar.begin({})
    run(bar, clock, 11, 2.0, failed=1)
    bar.fault("x", "x: [bold]is broken[/bold]\x1b[31m")
    bar.end(None)
    shown = out.getvalue()
    assert "28% · 11 documents · 1 failed; 0.5 documents/s, 0.50 MB/s; 0:58 left" in shown
    assert "siglum: x: [bold]is broken[/bold]⟨U+001B⟩[31m" in shown


def test_a_bar_is_not_drawn_for_every_document():
    clock, out = Clock(), io.StringIO()
    bar = Bar(Pace(Read(None), clock), Console(file=out, force_terminal=True, width=120))
    bar.begin({})
    run(bar, clock, 1_000, 0.001)
    bar.end(None)
    assert out.getvalue().count("documents/s") <= 12


def test_the_meter_knows_how_far_reading_was_with_each_document(tmp_path):
    for name in ("a.jsonl", "b.jsonl"):
        rows_file(tmp_path / name, 2_000)
    meter = Meter(size_of([tmp_path], Reading()))
    reading = Reading(opened=meter.open)
    tasks = list(meter.measured(reading.files([tmp_path])))
    far = [meter.next_done() for _ in tasks]
    size = (tmp_path / "a.jsonl").stat().st_size
    assert far == sorted(far)
    assert 0 < far[0] <= size < far[-1] == meter.total == 2 * size


def test_of_very_many_files_no_size_is_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(progress, "COUNTED", 2)
    for n in range(3):
        (tmp_path / f"{n}.txt").write_text("A line.\n")
    assert size_of([tmp_path], Reading()) is None


@pytest.mark.parametrize(
    ("form", "quiet", "terminal", "expected"),
    [
        ("text", False, True, "Bar"),
        ("text", False, False, "Lines"),
        ("text", True, True, "Silent"),
        ("json", False, True, "Json"),
        ("json", True, False, "SilentJson"),
    ],
)
def test_who_tells_depends_on_terminal_and_options(form, quiet, terminal, expected):
    assert type(watch_of(form, quiet=quiet, terminal=terminal, meter=Meter(None))).__name__ == expected


def test_the_log_in_json_tells_start_failures_and_end(tmp_path):
    source = rows_file(tmp_path / "r.jsonl")
    result = siglum("clean", source, "-o", tmp_path / "out", "--log-format", "json", *OFF)
    events = [json.loads(line) for line in result.stderr.splitlines()]
    assert [event["event"] for event in events] == ["started", "failed", "finished"]
    assert events[0]["bytes"] == source.stat().st_size
    assert events[1]["id"] == "r.jsonl:21"
    assert {name: events[2][name] for name in ("documents", "cleaned", "failed")} == {
        "documents": 21,
        "cleaned": 20,
        "failed": 1,
    }


@pytest.mark.parametrize(("form", "told"), [("text", "siglum: r.jsonl:21"), ("json", '{"event":"failed"')])
def test_quiet_tells_only_what_failed(tmp_path, form, told):
    result = siglum("clean", rows_file(tmp_path / "r.jsonl"), "-o", tmp_path / "o", "-q", "--log-format", form, *OFF)
    (line,) = result.stderr.splitlines()
    assert line.startswith(told)


def test_what_is_written_does_not_depend_on_what_is_told(tmp_path):
    source, trees = rows_file(tmp_path / "r.jsonl"), []
    for n, options in enumerate([(), ("-q",), ("--log-format", "json")]):
        out = tmp_path / str(n)
        siglum("clean", source, "-o", out, *options, *OFF)
        trees.append({p.name: p.read_bytes() for p in out.iterdir()})
    assert trees[0] == trees[1] == trees[2]
