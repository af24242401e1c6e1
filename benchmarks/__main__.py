"""Print what siglum costs, beside ftfy, trafilatura, datatrove and langdetect, in one run on the same documents.

    python -m benchmarks [FOLDER or FILE ...] [--only text,pages] [--json FILE] [--write-docs]

Any file that siglum reads; rows of JSON lines may hold "text", "html" or both. Without one, the repository's own seeds
and fixtures, copied. Tables (--only):
  text      plain text: the chain in each way of telling languages, with and without reports; ftfy; datatrove
  parts     where the chain's time goes on plain text
  lines     each line's language, beside langdetect
  pages     HTML: the chain, and extractors alone
  page-parts where the chain's time goes on pages
  rules     100, 1,000 and 10,000 rules
  commands  whole commands: 1 and 2 processes, with and without reports, peak memory
  scale     documents x 1, 10, 100: time and peak memory
How times are taken, and what to make of them: docs/performance.md.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy is loaded: threads of its own would count as ours

from benchmarks import chains, commands, lines, page, peers, rules
from benchmarks.documents import Documents, read, size, spread
from benchmarks.tables import Figure, Row, Table, as_json, as_text
from benchmarks.timing import measured

RATES = ("MB/s", "documents/s", "us/document")
SHARES = ("us/document", "MB/s", "% of all")
COMMANDS = ("documents", "MB/s", "documents/s", "seconds", "CPU seconds", "times 1 process", "peak MB")
SCALE = ("documents", "MB", "seconds", "CPU seconds", "CPU us/document", "peak MB")


@dataclass(frozen=True)
class Bench:
    """What one run measures, and how often."""

    documents: Documents
    warm: Documents
    rounds: int
    ways: tuple[str, ...]  # of telling languages
    load: int
    base: int
    scales: tuple[int, ...]
    sizes: tuple[int, ...]  # numbers of rules

    def text(self) -> Table:
        texts = self.documents.texts
        steps = {**peers.text_peers(), **chains.steps(self.ways, html=False)}
        rows = measured(steps, texts, self.rounds, bytes=size(texts), warm=self.warm.texts)
        return Table("text", "Plain text", (*RATES, page.TIMES_FTFY), tuple(rows))

    def parts(self) -> Table:
        texts = self.documents.texts
        rows = chains.part_rows(texts, self.warm.texts, self.rounds, self.ways, html=False)
        note = "Languages are off in the sum; what each way of telling them adds stands below it."
        return Table("parts", "Parts of the chain, plain text", SHARES, tuple(rows), note)

    def lines(self) -> Table:
        batches, warm = lines.batches(self.documents.texts), lines.batches(self.warm.texts)
        rows = measured(lines.steps(), batches, self.rounds, bytes=size(map("\n".join, batches)), warm=warm)
        count = sum(map(len, batches))
        per_line = [r._replace(figures=_per_line(r.figures, len(batches) / count)) for r in rows]
        columns = ("MB/s", "lines/s", "us/line", "times langdetect")
        return Table("lines", f"Languages of {count:,} lines", columns, tuple(per_line))

    def pages(self) -> Table:
        found = self.documents.pages
        rows = measured(chains.page_steps(self.ways), found, self.rounds, bytes=size(found), warm=self.warm.pages)
        return Table("pages", "HTML", (*RATES, page.TIMES_TRAFILATURA), tuple(map(_as_time, rows)))

    def page_parts(self) -> Table:
        found = self.documents.pages
        rows = chains.part_rows(found, self.warm.pages, self.rounds, (), html=True)
        return Table("page-parts", "Parts of the chain, HTML", SHARES, tuple(rows))

    def rules(self) -> Table:
        rows = rules.rows(self.documents.texts, self.warm.texts, self.rounds, self.sizes)
        title = "Rules: the chain without languages, with made rules beside those shipped"
        return Table("rules", title, ("rules", "us/document", page.TIMES_FEWEST), tuple(rows))

    def commands(self) -> Table:
        rows = commands.command_rows(self.documents.texts, self.rounds, self.ways, self.load)
        return Table("commands", "Commands: siglum clean, by the clock", COMMANDS, tuple(rows))

    def scale(self) -> Table:
        texts = spread(self.documents.texts, self.base)
        rows = commands.scale_rows(texts, self.rounds, self.scales)
        return Table("scale", "Scale: siglum clean, languages off, reports, 1 process", SCALE, tuple(rows))


TABLES: dict[str, Callable[[Bench], Table]] = {
    "text": Bench.text,
    "parts": Bench.parts,
    "lines": Bench.lines,
    "pages": Bench.pages,
    "page-parts": Bench.page_parts,
    "rules": Bench.rules,
    "commands": Bench.commands,
    "scale": Bench.scale,
}
ON_PAGES = {"pages", "page-parts"}


def main() -> None:
    """Measure, print, and write what was asked for."""
    options = _options()
    logging.disable(logging.CRITICAL)  # what extractors say of broken pages
    documents, warm = read(options.paths, options.documents)
    bench = Bench(
        documents, warm, options.rounds, options.modes, options.load, options.base, options.scale, options.rules
    )
    told, machine = _told(documents, options.paths, options.rounds), page.machine()
    print(told, machine, sep="\n", flush=True)
    tables: dict[str, Table] = {}
    for name in options.only:
        if documents.pages if name in ON_PAGES else documents.texts:
            tables[name] = TABLES[name](bench)
            print(f"\n{as_text(tables[name])}", flush=True)
    kept = page.bounds(tables)
    if kept.rows and options.paths:  # they are about documents of ordinary length
        print(f"\n{as_text(kept)}")
    if options.json:
        data = {"documents": told, "machine": machine, "tables": as_json([*tables.values(), kept])}
        options.json.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if options.write_docs:
        page.write(tables, told, machine)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="FOLDER or FILE")
    parser.add_argument("--only", type=_names, default=tuple(TABLES), help="tables, by name, joined by commas")
    parser.add_argument("--documents", type=int, default=200, help="most texts, and most pages, that are measured")
    parser.add_argument("--rounds", type=int, default=3, help="tries of each row, taken in turns; the best counts")
    parser.add_argument("--modes", type=_names, default=chains.LANGUAGES, help="ways of telling languages")
    parser.add_argument("--rules", type=_numbers, default=rules.SIZES, help="numbers of made rules")
    parser.add_argument("--scale", type=_numbers, default=(1, 10, 100), help="how many times the documents")
    parser.add_argument("--load", type=int, default=2, help="how many times more texts whole commands get")
    parser.add_argument("--base", type=int, default=100, help="documents the curve begins with")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    parser.add_argument("--write-docs", action="store_true", help="write docs/performance.md and its picture anew")
    options = parser.parse_args()
    if unknown := [name for name in options.only if name not in TABLES]:
        parser.error(f"no table is called {', '.join(unknown)}; there are {', '.join(TABLES)}")
    if options.write_docs and options.only != tuple(TABLES):
        parser.error("--write-docs wants all tables, not --only")
    return options


def _names(given: str) -> tuple[str, ...]:
    return tuple(name for name in given.split(",") if name)


def _numbers(given: str) -> tuple[int, ...]:
    return tuple(map(int, _names(given)))


def _told(documents: Documents, paths: list[Path], rounds: int) -> str:
    texts, pages = documents
    source = ", ".join(path.name for path in paths) or "the repository's seeds and fixtures, copied"
    of_texts = f"{len(texts):,} texts ({size(texts) / 1e6:.2f} MB)"
    of_pages = f"{len(pages):,} pages ({size(pages) / 1e6:.2f} MB of HTML)"
    return f"{of_texts} and {of_pages} of {source}; {rounds} rounds."


def _as_time(row: Row) -> Row:
    """Return *row* with the time it takes as a multiple of the first's in place of its speed."""
    return row._replace(figures=(*row.figures[:-1], 1 / (row.figures[-1] or 1))) if row.figures else row


def _per_line(figures: tuple[Figure, ...], batches_per_line: float) -> tuple[Figure, ...]:
    rate, batches, cost, times = figures
    return rate, (batches or 0) / batches_per_line, (cost or 0) * batches_per_line, times


if __name__ == "__main__":
    main()
