"""How a run goes, for who watches it: a bar on a terminal, lines where there is none, or JSON for another program.

Nothing of it reaches what the run writes. Rates count from the first document on, so that loading weighs nothing.
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

import click

from siglum.writers.visible import visible

if TYPE_CHECKING:
    from siglum.runs.reading import Reading
    from siglum.runs.sinks import Tally
    from siglum.runs.tasks import Given

Clock = Callable[[], float]

FIRST_S = 5.0  # after which the first line comes, without a terminal
EVERY_S = 30.0  # between the lines after it
DRAWN_S = 0.1  # between two states of the bar
COUNTED = 10_000  # files of a folder whose sizes are added up; of more, how much there is stays open


class Meter:
    """How many bytes of the input were read, of how many; None where that cannot be known cheaply."""

    def __init__(self, total: int | None) -> None:
        self.total = total
        self._before = self._here = 0  # of the files before, and of the one that is read
        self._file: BinaryIO | None = None
        self._of_tasks: deque[int] = deque()

    def open(self, path: Path) -> BinaryIO:
        """Return the file at *path*, opened to be read, and count what is read of it."""
        self._before, self._here = self._before + self._here, 0
        self._file = path.open("rb")
        return self._file

    def read(self) -> int:
        """Return how many bytes were read so far."""
        file = self._file
        if file is not None and not file.closed:
            self._here = max(self._here, file.tell())  # a reader may step back, in a ZIP
        return self._before + self._here

    def measured(self, tasks: Iterable[Given]) -> Iterator[Given]:
        """Yield *tasks*, and remember how far reading was with each."""
        for task in tasks:
            self._of_tasks.append(self.read())
            yield task

    def next_done(self) -> int:
        """Return how many bytes had been read when the next task, in order, was."""
        return self._of_tasks.popleft()


def size_of(paths: Iterable[Path], reading: Reading) -> int | None:
    """Return how many bytes the files at *paths* have; None where there are too many to be asked."""
    from siglum.readers.files import find_files

    files = list(islice(find_files(paths, reading.include, reading.exclude), COUNTED + 1))
    try:
        return sum(file.path.stat().st_size for file in files) if len(files) <= COUNTED else None
    except OSError:
        return None


@dataclass(frozen=True)
class State:
    """How far a run is."""

    documents: int
    failed: int
    bytes: int
    total: int | None  # bytes of the input
    seconds: float  # since the first document
    documents_per_s: float
    bytes_per_s: float

    @property
    def share(self) -> float | None:
        """The share of the input that is done, from 0 to 1."""
        return min(1.0, self.bytes / self.total) if self.total else None

    @property
    def seconds_left(self) -> float | None:
        """What is left to do, in seconds, at the rate so far."""
        if not self.total or not self.bytes_per_s:
            return None
        return max(0, self.total - self.bytes) / self.bytes_per_s


class Pace:
    """Counts documents, and tells how far the run is; *before* documents were done in an earlier one."""

    def __init__(self, meter: Meter, clock: Clock = time.monotonic) -> None:
        self.clock = clock
        self._meter = meter
        self._documents = self._failed = self._bytes = 0
        self._begun: tuple[float, int] | None = None  # when the first document was done, and how far reading was

    def count(self, *, failed: bool) -> None:
        """Count one document."""
        self._bytes = self._meter.next_done()
        self._documents += 1
        self._failed += failed
        if self._begun is None:
            self._begun = self.clock(), self._bytes

    def state(self) -> State:
        """Return how far the run is now."""
        since, start = self._begun or (self.clock(), 0)
        seconds = self.clock() - since
        # The first document only starts the clock.
        documents, read = max(0, self._documents - 1), self._bytes - start
        rates = (documents / seconds, read / seconds) if seconds > 0 else (0.0, 0.0)
        return State(self._documents, self._failed, self._bytes, self._meter.total, seconds, *rates)


class Watch(Protocol):
    """Tells how a run goes."""

    def begin(self, about: Mapping[str, Any]) -> None:
        """Tell that the run begins; *about* says which."""

    def note(self, text: str) -> None:
        """Tell something that is no fault."""

    def fault(self, id: str, error: str) -> None:
        """Tell that the document *id* failed."""

    def count(self, *, failed: bool) -> None:
        """Count one document, and tell how far the run is when it is time."""

    def end(self, tally: Tally | None) -> None:
        """Tell what the run added up to; None: it was stopped."""


class Silent:
    """Only what failed is told."""

    def begin(self, about: Mapping[str, Any]) -> None:
        pass

    def note(self, text: str) -> None:
        pass

    def fault(self, id: str, error: str) -> None:
        self.say(f"siglum: {visible(error)}")

    def count(self, *, failed: bool) -> None:
        pass

    def end(self, tally: Tally | None) -> None:
        pass

    def say(self, text: str) -> None:
        """Write a line for a person."""
        _say(text)


class Lines(Silent):
    """A line now and then, the first after FIRST_S."""

    first, every = FIRST_S, EVERY_S

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._next = pace.clock() + self.first

    def note(self, text: str) -> None:
        self.say(f"siglum: {text}")

    def count(self, *, failed: bool) -> None:
        self._pace.count(failed=failed)
        if self._pace.clock() >= self._next:
            self._next = self._pace.clock() + self.every
            self.tell(self._pace.state())

    def tell(self, state: State) -> None:
        """Tell how far the run is."""
        share = "" if state.share is None else f" ({state.share:.0%} of the input)"
        _say(f"siglum: {state.documents:,} documents{share}, {told(state)}")

    def end(self, tally: Tally | None) -> None:
        if tally:
            _say(tally.line())


class Json(Lines):
    """The same as objects of JSON, one a line."""

    def begin(self, about: Mapping[str, Any]) -> None:
        _event("started", **about)

    def note(self, text: str) -> None:
        _event("note", text=text)

    def fault(self, id: str, error: str) -> None:
        _event("failed", id=id, error=error)

    def tell(self, state: State) -> None:
        left = state.seconds_left
        _event(
            "progress",
            documents=state.documents,
            failed=state.failed,
            bytes=state.bytes,
            total_bytes=state.total,
            documents_per_s=round(state.documents_per_s, 1),
            bytes_per_s=round(state.bytes_per_s),
            seconds_left=None if left is None else round(left),
        )

    def end(self, tally: Tally | None) -> None:
        if tally:
            _event("finished", **tally.counts())


class SilentJson(Silent):
    """Only what failed is told, as JSON."""

    def fault(self, id: str, error: str) -> None:
        _event("failed", id=id, error=error)


class Bar(Lines):
    """A bar that moves, on a terminal."""

    first, every = 0.0, DRAWN_S

    def __init__(self, pace: Pace, console: Any = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn  # loaded only where a bar is drawn

        super().__init__(pace)
        columns = (BarColumn(bar_width=12), TextColumn("{task.description}"))  # fits 80 columns
        console = console or Console(stderr=True)
        self._bar = Progress(*columns, console=console, transient=True, auto_refresh=False)
        self._task = self._bar.add_task("", total=None)

    def begin(self, about: Mapping[str, Any]) -> None:
        self._bar.start()

    def tell(self, state: State) -> None:
        share = "" if state.share is None else f"{state.share:.0%} · "
        text = f"{share}{state.documents:,} documents · {told(state)}"
        self._bar.update(self._task, completed=state.bytes, total=state.total, description=text, refresh=True)

    def end(self, tally: Tally | None) -> None:
        self._bar.stop()
        super().end(tally)

    def say(self, text: str) -> None:
        # What a page says is no markup of the console's.
        self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)


def told(state: State) -> str:
    """Return rates, failures and the time left, for a person.

    >>> told(State(100, 3, 5_000_000, 20_000_000, 10.0, 9.9, 500_000.0))
    '3 failed; 9.9 documents/s, 0.50 MB/s; 0:30 left'
    """
    rate = f"{state.documents_per_s:,.0f}" if state.documents_per_s >= 10 else f"{state.documents_per_s:.1f}"
    left = state.seconds_left
    end = "" if left is None else f"; {_clock_of(left)} left"
    return f"{state.failed:,} failed; {rate} documents/s, {state.bytes_per_s / 1e6:.2f} MB/s{end}"


def _clock_of(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def watch_of(form: str, *, quiet: bool, terminal: bool, meter: Meter, clock: Clock = time.monotonic) -> Watch:
    """Return who tells how the run goes, in the *form* "text" or "json"."""
    if quiet:
        return SilentJson() if form == "json" else Silent()
    pace = Pace(meter, clock)
    if form == "json":
        return Json(pace)
    return Bar(pace) if terminal else Lines(pace)


def _say(text: str) -> None:
    click.echo(text, err=True)


def _event(name: str, **about: Any) -> None:
    from siglum.report import dumps

    click.echo(dumps({"event": name, **about}).decode(), err=True)


def on_terminal(*, results_on_stdout: bool) -> bool:
    """Tell whether a bar can be drawn: standard error is a terminal, and no results come between."""
    return sys.stderr.isatty() and not (results_on_stdout and sys.stdout.isatty())
