"""Fit the votes model and write rules/content/votes.toml.

    python scripts/fit_votes.py --data DIR [--cache FILE] [--no-write]

DIR holds <dataset>.jsonl.gz with rows {"id", "dataset", "site", "html", "gold"}. Only the data sets named in FIT_ON are
read. Both models are logistic regressions, fitted by Newton's method on tokens (a block weighs what it holds of its page);
the second is fitted on scores the first gave for sites it had not seen. Printed is F1 on tokens, page mean, from a
cross-validation in five parts that share no site.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np

from siglum.content import page_features
from siglum.content.blocks import page
from siglum.content.page_align import Reference
from siglum.content.votes import collect, vocabulary

FIT_ON = ("fundus", "scrapinghub", "wcxb")
WAYS = {
    "default": ("trafilatura-fast", "resiliparse", "density"),
    "thorough": ("trafilatura", "trafilatura-precision", "readability", "resiliparse", "justext", "density"),
}
FOLDS = 5
L2 = {"first": 8.0, "second": 2.0}
Matrix = Any


def fold_of(site: str) -> int:
    """Return the part of the cross-validation a site belongs to."""
    return int(hashlib.md5(site.encode()).hexdigest(), 16) % FOLDS


def read(folder: Path, voters: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return each page's features, lengths and labels."""
    pages = []
    for name in FIT_ON:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                of = page(row["html"])
                ballot = collect(of, voters)
                gold = Reference([block.text for block in of.every]).place(row["gold"]).covered
                seen = [i for i, block in enumerate(of.every) if not block.hidden]
                labels = [gold[i] >= 0.5 * max(1, n) for i, n in zip(seen, ballot.lengths, strict=True)]
                if any(labels):
                    rows = page_features.features(of, ballot.lengths, ballot.shares, vocabulary())
                    parent = Slim([Node(b.node) for b in of.blocks])
                    pages.append({"page": parent, "rows": rows, "lengths": ballot.lengths, "labels": labels, "fold": fold_of(row["site"])})
    return pages


class Node:
    """The chain of elements around a block without the elements: what a cache can hold."""

    def __init__(self, node: Any) -> None:
        self.node = self
        self.chain = [id(above) for above in node.ancestors()]

    def ancestors(self) -> list[int]:
        return self.chain


class Slim:
    """What smoothing asks of a page."""

    def __init__(self, blocks: list[Node]) -> None:
        self.blocks = blocks


def matrix(rows: list[dict[str, float]], names: list[str]) -> Matrix:
    """Return the rows as a matrix whose last column is the bias."""
    return np.array([[row.get(name, 0.0) for name in names] + [1.0] for row in rows]).reshape(-1, len(names) + 1)


def weights_of(pages: list[dict[str, Any]]) -> Matrix:
    """Return how much each block weighs: half by its tokens, half as one block among those of its page."""
    parts = []
    for p in pages:
        lengths = np.array(p["lengths"], float)
        parts.append(0.5 * lengths / lengths.sum() + 0.5 / len(lengths))
    return np.concatenate(parts)


def newton(x: Matrix, y: Matrix, weight: Matrix, l2: float, steps: int = 12) -> Matrix:
    """Return the weights of a logistic regression with a ridge on all but the bias."""
    w = np.zeros(x.shape[1])
    ridge = np.full(x.shape[1], l2 * weight.sum() / 1000)
    ridge[-1] = 1e-9
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (p - y)) + ridge * w
        curve = (x * (weight * np.maximum(p * (1 - p), 1e-4))[:, None]).T @ x + np.diag(ridge)
        step = np.linalg.solve(curve, gradient)
        w -= step * min(1.0, 3 / (np.abs(step).max() + 1e-9))
        if np.abs(step).max() < 1e-4:
            break
    return w


def fit(pages: list[dict[str, Any]], key: str, names: list[str], l2: float) -> Matrix:
    x = np.vstack([matrix(p[key], names) for p in pages])
    y = np.concatenate([np.array(p["labels"], float) for p in pages])
    return newton(x, y, weights_of(pages), l2)


def scores(w: Matrix, page_: dict[str, Any], key: str, names: list[str]) -> Matrix:
    return 1 / (1 + np.exp(-np.clip(matrix(page_[key], names) @ w, -30, 30)))


def smooth(page_: dict[str, Any], p: Matrix) -> list[dict[str, float]]:
    return page_features.smoothing(page_["page"], page_["lengths"], p.tolist(), page_["rows"])


def f1(page_: dict[str, Any], keep: Matrix) -> float:
    n, y = np.array(page_["lengths"], float), np.array(page_["labels"])
    return 2 * n[keep & y].sum() / max(1.0, n[keep].sum() + n[y].sum())


def both(pages: list[dict[str, Any]], names: list[str]) -> tuple[Matrix, Matrix, list[str]]:
    """Fit the first model, then the second on scores for sites the first had not seen."""
    inner = sorted({p["fold"] for p in pages})
    for k in inner:
        w = fit([p for p in pages if p["fold"] != k], "rows", names, L2["first"])
        for p in pages:
            if p["fold"] == k:
                p["around"] = smooth(p, scores(w, p, "rows", names))
    second_names = sorted({name for p in pages for row in p["around"] for name in row})
    return fit(pages, "rows", names, L2["first"]), fit(pages, "around", second_names, L2["second"]), second_names


def table(name: str, names: list[str], w: Matrix) -> str:
    lines = [f"[{name}]", f'"bias" = {w[-1]:.3f}']
    lines += [f'"{n}" = {v:.3f}' for n, v in sorted(zip(names, w[:-1], strict=True)) if abs(v) >= 0.005]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="keep the features here between runs")
    parser.add_argument("--no-write", action="store_true")
    args = parser.parse_args()
    parts = [HEAD]
    for way, voters in WAYS.items():
        cache = args.cache and args.cache.with_suffix(f".{way}.pickle")
        if cache and cache.exists():
            pages = pickle.loads(cache.read_bytes())
        else:
            pages = read(args.data, voters)
            if cache:
                cache.write_bytes(pickle.dumps(pages))
        names = sorted({name for p in pages for name in p["rows"][0]})
        told = {"first": 0.0, "second": 0.0}
        for k in range(FOLDS):
            w1, w2, second_names = both([p for p in pages if p["fold"] != k], names)
            for p in pages:
                if p["fold"] == k:
                    p1 = scores(w1, p, "rows", names)
                    p["around"] = smooth(p, p1)
                    p2 = scores(w2, p, "around", second_names)
                    told["first"] += f1(p, p1 >= 0.5) / len(pages)
                    told["second"] += f1(p, p2 >= 0.5) / len(pages)
        print(f"{way}: {len(pages)} pages, F1 by first model {told['first']:.3f}, by both {told['second']:.3f}", flush=True)
        w1, w2, second_names = both(pages, names)
        listed = ", ".join(f'"{v}"' for v in voters)
        parts.append(f"[{way}]\nvoters = [{listed}]\nthreshold = 0.5\n\n" + table(f"{way}.first", names, w1) + "\n\n" + table(f"{way}.second", second_names, w2))
    if not args.no_write:
        target = Path(__file__).resolve().parent.parent / "rules" / "content" / "votes.toml"
        target.write_text("\n\n".join(parts) + "\n", "utf-8")


HEAD = """# Weights of the votes model, made by scripts/fit_votes.py: change them there. A feature's weight is added to the
# log-odds of "content" as often as the feature says (features lie between 0 and 1); src/siglum/content/page_features.py
# says what each feature is. Fitted on the data sets fundus, scrapinghub and wcxb.
format = 1"""


if __name__ == "__main__":
    main()
