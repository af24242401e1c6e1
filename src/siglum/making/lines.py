"""Fit the weights of the line model on pages whose article text is known, and write rules/content/line-weights.toml.

    python -m siglum.making.lines PAGES.jsonl.gz …

Rows hold {"site", "title", "text", "gold"}: the page's visible text and its article text. Pages of the same site are
never on both sides of a split: the second reading is fitted on what a first reading says that did not see the site.

A line's label is projected from the gold text: article when three quarters of its word 4-grams stand there, furniture
when at most a quarter do; shorter lines when they stand in the gold text beside article lines, or nowhere. Others are
not counted. Only numpy is used: penalised logistic regression by Newton's method, which has one solution.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from siglum.content.line_shape import NUMBERS, TABLES, Shape, measure, offsets
from siglum.content.lines import CONTEXT, surroundings

TARGET = Path(__file__).resolve().parents[3] / "rules" / "content" / "line-weights.toml"
FOLDS = 5
PENALTY = 3.0
NEAR = 3  # lines
CLEAN_SHARE = 0.1  # what a page counts that was cut down to its article
_DENSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(f"[{_DENSE}]|[^\\W{_DENSE}]+")


@dataclass(frozen=True)
class Page:
    """One page to learn from: its lines measured, and what each is."""

    site: str
    shape: Shape
    is_article: Any  # 1 article, 0 furniture, -1 not known
    weight: Any


def tokens(text: str) -> list[str]:
    """Return the words of *text*, folded; characters of scripts without spaces one by one."""
    return _TOKEN.findall(unicodedata.normalize("NFKC", text).casefold())


def label_lines(text: str, gold: str, title: str) -> list[int]:
    """Return 1, 0 or -1 for each line of *text*: article, furniture, not known."""
    gold_tokens = tokens(gold)
    gold_grams = set(zip(*(gold_tokens[i:] for i in range(4)), strict=False))
    gold_string = f" {' '.join(gold_tokens)} "
    gold_lines = {" ".join(tokens(line)) for line in gold.split("\n")}
    headline = tokens(title)
    lines = [tokens(line) for line in text.split("\n")]
    found = [_by_grams(line, gold_grams, gold_string) for line in lines]
    places = [i for i, line in enumerate(lines) if line]
    sure = [found[i] for i in places]
    for p, i in enumerate(places):
        if found[i] == 2:
            company = [found[j] for j in places[max(0, p - NEAR) : p + NEAR + 1]].count(1)
            sure[p] = 1 if company >= (1 if " ".join(lines[i]) in gold_lines else 2) else -1
    labels = [-1] * len(lines)
    for i, label in zip(places, sure, strict=True):
        labels[i] = -1 if lines[i] == headline else label
    begin = labels.index(1) if 1 in labels else 0
    for i in range(begin - 1, max(begin - 30, -1), -1):  # the headline nearest to the article belongs to it
        if headline and lines[i] == headline:
            labels[i] = 1
            break
    return labels


def _by_grams(line: list[str], gold_grams: set[tuple[str, ...]], gold_string: str) -> int:
    """Return 1 or 0 as in `label_lines`, -1 for in between, 2 for a short line that stands in the gold text."""
    if not line:
        return -1
    if len(line) < 4:
        return 2 if f" {' '.join(line)} " in gold_string else 0
    grams = list(zip(*(line[i:] for i in range(4)), strict=False))
    share = sum(g in gold_grams for g in grams) / len(grams)
    return 1 if share >= 0.75 else 0 if share <= 0.25 else -1


def pages(rows: Iterable[dict[str, str]]) -> Iterator[Page]:
    """Yield each row as a page, and a second time cut down to its article: a clean text must stay whole."""
    for row in rows:
        lines = row["text"].split("\n")
        labels = label_lines(row["text"], row["gold"], row["title"] or "")
        yield from _page(row["site"], lines, labels, 1.0)
        article = [i for i, label in enumerate(labels) if label == 1]
        if len(article) >= 3:
            kept = [i for i, line in enumerate(lines) if labels[i] == 1 or not line.strip()]
            yield from _page(row["site"], [lines[i] for i in kept], [labels[i] for i in kept], CLEAN_SHARE)


def _page(site: str, lines: list[str], labels: list[int], share: float) -> Iterator[Page]:
    shape = measure(lines)
    if shape is None:
        return
    known = np.array([labels[i] for i in shape.places])
    weight = np.sqrt(np.minimum(shape.words, 60) + 2)
    if (known >= 0).any():
        yield Page(site, shape, known, 100 * share * weight / weight[known >= 0].sum())


def design(shape: Shape) -> Any:
    """Return one row a line: a one in the column of each bucket it falls in, then the numbers."""
    out = np.zeros((len(shape.places), int(offsets()[-1, 0])))
    np.put_along_axis(out, shape.codes.T, 1.0, axis=1)
    return np.concatenate([out, shape.numbers.T], axis=1)


def fit(rows: Sequence[Any], marked: Sequence[Page]) -> tuple[Any, float]:
    """Return the weights of the columns of *rows* and the bias."""
    x = np.concatenate(rows)
    y = np.concatenate([p.is_article for p in marked])
    w = np.concatenate([p.weight for p in marked])
    x, y, w = x[y >= 0], y[y >= 0], w[y >= 0]
    mean, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 0.1)
    a = np.concatenate([(x - mean) / spread, np.ones((len(x), 1))], axis=1)
    penalty = np.full(a.shape[1], PENALTY)
    penalty[-1] = 1e-6
    b = np.zeros(a.shape[1])
    for _ in range(20):
        p = 1 / (1 + np.exp(-a @ b))
        hessian = (a * (w * p * (1 - p) + 1e-9)[:, None]).T @ a + np.diag(penalty)
        step = np.linalg.solve(hessian, a.T @ (w * (p - y)) + penalty * b)
        b -= step
        if np.abs(step).max() < 1e-4:
            break
    weights = b[:-1] / spread
    return weights, float(b[-1] - mean @ weights)


def fit_twice(marked: Sequence[Page]) -> dict[str, tuple[Any, float]]:
    """Return both readings; the second is fitted on first readings that did not see the site."""
    rows = [design(p.shape) for p in marked]
    fold = [zlib.crc32(p.site.encode()) % FOLDS for p in marked]
    contexts: list[Any] = [None] * len(marked)
    for k in range(FOLDS):
        seen = [i for i, f in enumerate(fold) if f != k]
        weights, bias = fit([rows[i] for i in seen], [marked[i] for i in seen])
        for i in (i for i, f in enumerate(fold) if f == k):
            contexts[i] = surroundings(rows[i] @ weights + bias, marked[i].shape.words).T
    second = [np.concatenate([r, c], axis=1) for r, c in zip(rows, contexts, strict=True)]
    return {"first": fit(rows, marked), "second": fit(second, marked)}


def to_toml(readings: dict[str, tuple[Any, float]]) -> str:
    """Return the rule file: each weight beside the name of what it weighs."""
    out = [
        "# Fitted by siglum.making.lines; not written by hand. Log odds: above 0 speaks for article text.",
        "# A table's rows and columns are the buckets that siglum.content.line_shape.TABLES names.",
        "format = 1",
    ]
    for name, (weights, bias) in readings.items():
        left = [f"{w:.4f}" for w in weights]
        out += ["", f"[{name}]", f"bias = {bias:.4f}", "", f"[{name}.tables]"]
        for table, (rows, columns) in TABLES.items():
            cells, left = left[: len(rows) * len(columns)], left[len(rows) * len(columns) :]
            out.append(f"{table} = [")
            for i, row in enumerate(rows):
                out.append(f"  [{', '.join(cells[i * len(columns) : (i + 1) * len(columns)])}],  # {row}")
            out.append("]")
        for group, names in (("numbers", NUMBERS), ("context", CONTEXT)):
            if left:
                out += ["", f"[{name}.{group}]", *(f'"{n}" = {w}' for n, w in zip(names, left, strict=False))]
                left = left[len(names) :]
    return "\n".join(out) + "\n"


def load(paths: Sequence[Path]) -> Iterator[dict[str, str]]:
    """Yield the rows of gzipped JSON lines."""
    for path in paths:
        with gzip.open(path, "rt", encoding="utf-8") as f:
            yield from map(json.loads, f)


def main() -> None:
    """Fit on the files named and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", type=Path, nargs="+")
    parser.add_argument("-o", "--out", type=Path, default=TARGET)
    args = parser.parse_args()
    args.out.write_text(to_toml(fit_twice(list(pages(load(args.pages))))), "utf-8")


if __name__ == "__main__":
    main()
