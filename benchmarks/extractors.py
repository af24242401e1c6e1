"""Print how good main-content tools are, in one table on labelled pages, measured by the same scorer in the same run.

    python -m benchmarks.extractors --score PATH/score.py --data DIR [--datasets a,b] [--tools a,b] [--every N]

PATH/score.py brings the measures (its functions `load` and `score`); DIR holds its data. A tool that is not installed
is named and left out. CPU is process time of this process for extraction alone. `siglum` reads a page and votes on it,
`siglum-clean` runs the whole chain.
"""

from __future__ import annotations

import argparse
import importlib.util
import logging
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.peers import EXTRACTORS

Tool = Callable[[str], Any]


def siglum_default() -> Tool:
    return _siglum(thorough=False)


def siglum_thorough() -> Tool:
    return _siglum(thorough=True)


def _siglum(*, thorough: bool) -> Tool:
    from siglum.content.markdown import to_text
    from siglum.content.votes import vote
    from siglum.readers.html import read_html

    def run(html: str) -> str:
        doc = read_html(html)
        return to_text(doc, {i for i, told in enumerate(vote(doc, thorough=thorough)) if told.keep})

    return run


def siglum_chain() -> Tool:
    """Return all that `siglum clean` does with a page but for telling languages."""
    from siglum.api import Chain
    from siglum.settings import Settings

    chain = Chain.default(Settings(tag_languages=False))
    return lambda html: chain.clean(html, html=True).text


TOOLS: dict[str, Callable[[], Tool]] = {
    "siglum": siglum_default,
    "siglum-thorough": siglum_thorough,
    "siglum-clean": siglum_chain,
    **EXTRACTORS,
}


def scorer(path: Path) -> ModuleType:
    """Return the scorer at *path* as a module."""
    spec = importlib.util.spec_from_file_location("scorer", path)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def measure(score: ModuleType, rows: list[dict[str, Any]], tool: Tool) -> tuple[dict[str, str], float, int]:
    """Return each page's output, the seconds of CPU, and how many pages the tool failed on."""
    outputs: dict[str, str] = {}
    failed = 0
    start = time.process_time()
    for row in rows:
        try:
            outputs[row["id"]] = tool(row["html"])
        except Exception:  # a peer that fails on a page has no output for it
            outputs[row["id"]] = ""
            failed += 1
    return outputs, time.process_time() - start, failed


def line(name: str, scored: list[dict[str, Any]], datasets: list[str], seconds: float, failed: int) -> str:
    def mean(rows: list[dict[str, Any]], key: str) -> float:
        return float(sum(r[key] for r in rows)) / max(1, len(rows))

    lost, of = sum(len(r["lost"]) for r in scored), sum(r["G"] for r in scored)
    left, furniture = sum(len(r["left"]) for r in scored), sum(r["B"] for r in scored)
    other = [r for r in scored if r["lang"] != "en"]
    by_set = "  ".join(f"{mean([r for r in scored if r['dataset'] == d], 'F'):.3f}".rjust(len(d)) for d in datasets)
    return (
        f"{name:22} {mean(scored, 'P'):.3f} {mean(scored, 'R'):.3f} {mean(scored, 'F'):.3f} {mean(other, 'F'):.3f}  "
        f"{1 - lost / max(1, of):.3f} {1 - left / max(1, furniture):.3f}  {by_set}  "
        f"{1000 * seconds / max(1, len(scored)):7.1f} {failed:4}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--score", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--datasets", type=lambda s: set(s.split(",")))
    parser.add_argument("--tools", type=lambda s: s.split(","), default=list(TOOLS))
    parser.add_argument("--every", type=int, default=1, help="measure each Nth page only")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)
    score = scorer(args.score)
    rows = [r for r in score.load(args.data, args.datasets, None, "H") if r["dataset"] not in score.SILVER][
        :: args.every
    ]
    datasets = sorted({r["dataset"] for r in rows})
    cpu: dict[str, float] = {}
    print(f"{len(rows)} pages            P4    R4    F4    F4 not en  keepG dropB  {'  '.join(datasets)}   ms CPU fail")
    for name in args.tools:
        try:
            tool = TOOLS[name]()
            tool("<html><body><p>A page to load what is loaded once.</p></body></html>")
        except ImportError as error:
            print(f"{name:22} not installed: {error}")
            continue
        outputs, seconds, failed = measure(score, rows, tool)
        cpu[name] = seconds
        print(line(name, score.score(rows, outputs), datasets, seconds, failed), flush=True)
    if "trafilatura" in cpu:
        ratios = (f"{name} {seconds / cpu['trafilatura']:.2f}" for name, seconds in cpu.items())
        print(f"CPU, trafilatura's being 1: {', '.join(ratios)}")


if __name__ == "__main__":
    main()
