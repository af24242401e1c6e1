"""siglum's own rows: the chain in each way of telling languages, with and without a report, and by its parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from time import process_time
from typing import Any

from benchmarks.documents import size
from benchmarks.peers import extractor
from benchmarks.tables import Row
from benchmarks.timing import Missing, Step, in_turns
from siglum.api import Chain
from siglum.chain import Around
from siglum.document import Document, Finding
from siglum.language.settings import MODES
from siglum.report import Report
from siglum.settings import Settings

OFF = "off"
LANGUAGES = (OFF, *(mode for mode in ("document", "light", "default") if mode in MODES))
REST = "edits, digests, trying the restore"
EXTRACTORS = "extractors, as content asks them"

Clock = defaultdict[str, float]  # seconds by the name of a part


def chain(languages: str) -> Chain:
    """Return the default chain, telling languages in that way."""
    if languages == OFF:
        return Chain.default(Settings(tag_languages=False))
    settings = Settings()
    return Chain.default(replace(settings, language=replace(settings.language, mode=languages)))


def named(languages: str, report: bool) -> str:
    """Return the name of a row of siglum's."""
    return f"siglum, languages {languages}{', report' if report else ''}"


def cleaning(made: Chain, *, html: bool, report: bool) -> Step:
    """Return what cleans a document, and writes its report as JSON where *report* is asked for."""
    if report:
        return lambda source: made.clean(source, html=html).report().dumps()
    return lambda source: made.clean(source, html=html)


def steps(ways: Sequence[str], *, html: bool) -> dict[str, Step | Missing]:
    """Return the chain in each of *ways* of telling languages, with and without a report."""
    return {named(w, r): cleaning(chain(w), html=html, report=r) for w in ways for r in (False, True)}


def page_steps(ways: Sequence[str]) -> dict[str, Step | Missing]:
    """Return extractors alone, siglum's reading of a page, and the chain on pages."""
    from siglum.readers.html import read_html

    names = ("trafilatura", "trafilatura-fast", "readability-lxml", "resiliparse", "justext")
    alone = {name: extractor(name) for name in names}
    return {**alone, "siglum, reading the page alone": read_html, **steps(ways, html=True)}


@dataclass(frozen=True)
class Timed(Around):
    """A cleaner with a clock beside it."""

    clock: Clock

    def __call__(self, doc: Document) -> Iterable[Finding]:
        start = process_time()
        found = list(self.cleaner(doc))
        self.clock[self.name] += process_time() - start
        return found


def timed(cleaner: Any, clock: Clock) -> Any:
    """Return *cleaner*, or those it holds, with *clock* beside them."""
    if inner := getattr(cleaner, "cleaners", None):
        return replace(cleaner, cleaners=tuple([timed(c, clock) for c in inner]))
    return Timed(cleaner, clock)


def parts(documents: Sequence[str], warm: Sequence[str], languages: str, html: bool) -> dict[str, float]:
    """Return the seconds that each part of cleaning *documents* took, after *warm* have been cleaned.

    To be run in a process of its own: it puts clocks around functions of the library.
    """
    from siglum import api
    from siglum.content import votes

    clock: Clock = defaultdict(float)

    def clocked(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **options: Any) -> Any:
            start = process_time()
            try:
                return work(*given, **options)
            finally:
                clock[name] += process_time() - start

        return run

    for name, part in (("decode", "decoding"), ("read_html", "reading the page")):
        setattr(api, name, clocked(part, getattr(api, name)))
    votes.EXTRACTORS = {name: clocked(EXTRACTORS, work) for name, work in votes.EXTRACTORS.items()}
    made = chain(languages)
    made = replace(made, cleaners=tuple([timed(c, clock) for c in made.cleaners]))
    clean, report = clocked("clean", made.clean), clocked("report", _report)
    write = clocked("report as JSON", Report.dumps)
    for number, document in enumerate((*warm, *documents)):
        if number == len(warm):
            clock.clear()
        write(report(clean(document.encode("utf-8", "surrogatepass"), html=html)))
    clock["content"] -= clock[EXTRACTORS]
    whole, told = clock.pop("clean"), {name: clock.pop(name) for name in ("report", "report as JSON")}
    rest = whole - sum(clock.values())
    return {**clock, REST: rest, **told}


def _report(result: Any) -> Report:
    made: Report = result.report()
    return made


def part_rows(
    documents: Sequence[str], warm: Sequence[str], rounds: int, ways: Sequence[str], *, html: bool
) -> list[Row]:
    """Return a row for each part of the chain: microseconds a document, MB/s, share of the whole in percent.

    Languages are off in the whole; what telling them adds stands below it, a row for each of *ways*.
    """
    tries = {way: partial(parts, documents, warm, way, html) for way in (OFF, *ways)}
    found, bytes = in_turns(tries, rounds), size(documents)
    seconds = {name: min(one[name] for one in found[OFF]) for name in found[OFF][0]}
    seconds = {name: spent for name, spent in seconds.items() if spent}
    whole = sum(seconds.values())
    seconds["all of these"] = whole
    for way in ways:
        if way != OFF:
            seconds[f"language, {way}"] = min(one["language"] for one in found[way])
    return [
        Row(name, (spent / len(documents) * 1e6, bytes / spent / 1e6 if spent else None, 100 * spent / whole))
        for name, spent in seconds.items()
    ]
