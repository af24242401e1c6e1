"""Fit the votes model and write rules/content/votes.toml.

    python -m siglum.making.votes --data DIR [--no-write]

DIR holds <dataset>.jsonl.gz with rows {"id", "dataset", "site", "html", "gold"}. Only the data sets named in FIT_ON are
read. The model is a logistic regression, fitted by Newton's method; a block weighs half by its tokens, half as one of
its page's blocks. Printed is F1 on tokens, page mean, from a cross-validation in five parts that share no site.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np

from siglum.content.blocks import page
from siglum.content.page_align import Reference
from siglum.content.page_features import Shape
from siglum.content.votes import collect, vocabulary

FIT_ON = ("fundus", "scrapinghub", "wcxb")
WAYS = {
    "quick": ("resiliparse", "density"),
    "default": ("trafilatura-quick", "resiliparse", "density"),
    "thorough": ("trafilatura", "trafilatura-precision", "readability", "resiliparse", "justext", "density"),
}
# Where `quick` is expected to get no more tokens wrong than this share of what it keeps, no further extractor is asked:
# `siglum.content.votes` says which tokens count. A quarter of the pages is in doubt. Page-mean F1 on 4-grams is level
# from 0.12 to 0.25, and above that of asking always, on the sites fitted on as on others.
ENOUGH = {"quick": 0.14}
FOLDS = 5
RIDGE = 0.008  # times the pages, for each weight squared
Matrix = Any


def fold_of(site: str) -> int:
    """Return the part of the cross-validation a site belongs to."""
    return int(hashlib.md5(site.encode()).hexdigest(), 16) % FOLDS


def read(folder: Path, voters: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return each page's features, lengths and labels; a block is content when half its tokens are in the gold text."""
    pages = []
    for name in FIT_ON:
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
            for line in file:
                row = json.loads(line)
                of = page(row["html"])
                ballot = collect(of, voters)
                gold = Reference([block.text for block in of.every]).place(row["gold"]).covered
                seen = [i for i, block in enumerate(of.every) if not block.hidden]
                labels = [n > 0 and gold[i] >= 0.5 * n for i, n in zip(seen, ballot.lengths, strict=True)]
                if any(labels):
                    table = Shape(of, ballot.lengths, vocabulary()).table(ballot.shares)
                    pages.append(
                        {"table": table, "lengths": ballot.lengths, "labels": labels, "fold": fold_of(row["site"])}
                    )
    return pages


def prepare(pages: list[dict[str, Any]]) -> None:
    """Give each page its matrix x (a column for each feature, the bias last), labels y and weights w."""
    for p in pages:
        table = p["table"]
        used = list(table.used)
        x = np.concatenate((table.rows.T, np.ones((len(used), 1))), axis=1)
        tokens = np.array(p["lengths"], float)
        share = 0.5 * tokens / tokens.sum() + 0.5 / len(tokens)
        p |= {"used": used, "x": x, "y": np.array(p["labels"], float)[used], "w": share[used]}


def fit(pages: list[dict[str, Any]], steps: int = 12) -> Matrix:
    """Return the weights of a logistic regression with a ridge on all but the bias."""
    x, y, weight = (np.concatenate([p[key] for p in pages]) for key in "xyw")
    w = np.zeros(x.shape[1])
    ridge = np.full(x.shape[1], RIDGE * len(pages))
    ridge[-1] = 0
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (weight * (p - y)) + ridge * w
        curve = (x * (weight * np.maximum(p * (1 - p), 1e-4))[:, None]).T @ x + np.diag(ridge + 1e-9)
        step = np.linalg.solve(curve, gradient)
        w -= step * min(1.0, 3 / (np.abs(step).max() + 1e-9))
        if np.abs(step).max() < 1e-4:
            break
    return w


def f1(p: dict[str, Any], w: Matrix) -> float:
    """Return F1 on the tokens of a page."""
    keep = np.zeros(len(p["labels"]), bool)
    keep[p["used"]] = p["x"] @ w >= 0
    tokens, y = np.array(p["lengths"], float), np.array(p["labels"], bool)
    return float(2 * tokens[keep & y].sum() / max(1.0, tokens[keep].sum() + tokens[y].sum()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--no-write", action="store_true")
    args = parser.parse_args()
    parts = [HEAD]
    for way, voters in WAYS.items():
        pages = read(args.data, voters)
        names = pages[0]["table"].names
        prepare(pages)
        told = []
        for k in range(FOLDS):
            w = fit([p for p in pages if p["fold"] != k])
            told += [f1(p, w) for p in pages if p["fold"] == k]
        print(
            f"{way}: {len(pages)} pages, {len(names)} features, F1 on sites not fitted on {np.mean(told):.3f}",
            flush=True,
        )
        w = fit(pages)
        rows = [f'"{n}" = {v:.3f}' for n, v in sorted(zip(names, w[:-1], strict=True)) if abs(v) >= 0.005]
        listed = ", ".join(f'"{v}"' for v in voters)
        enough = f"\nenough = {ENOUGH[way]}" if way in ENOUGH else ""
        parts.append(f"[{way}]\nvoters = [{listed}]\nthreshold = 0.5{enough}")
        parts.append(f'[{way}.weights]\n"bias" = {w[-1]:.3f}\n' + "\n".join(rows))
    if not args.no_write:
        target = Path(__file__).resolve().parents[3] / "rules" / "content" / "votes.toml"
        target.write_text("\n\n".join(parts) + "\n", "utf-8")


HEAD = """# Weights of the votes model, made by siglum.making.votes: change them there. A block's weights, each times
# its feature (0 to 1), add up to the log-odds of "content"; src/siglum/content/page_features.py says what each is.
# Fitted on the data sets fundus, scrapinghub and wcxb.
format = 1"""


if __name__ == "__main__":
    main()
