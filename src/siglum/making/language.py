"""Fit what the language layer weighs its evidence with.

    python -m siglum.making.language LABELS PAGES [--rules rules]

LABELS is a table of interface labels (TSV or TSV.gz: concept, language, label, source and more).
PAGES is a folder with fundus.jsonl.gz, scrapinghub.jsonl.gz and wcxb.jsonl.gz, whose pages declare a language.
Writes rules/language/words.toml (word lists of the labels) and rules/language/fusion.toml (weights and calibration).
Labels of the sources in HELD_OUT enter neither: benchmarks of short lines are drawn from them.

Weights and calibration are fitted on predictions for labels of sources which the word lists in use had not seen: the
sources are dealt into FOLDS parts, and each part is predicted with the lists of the others.
"""

from __future__ import annotations

import argparse
import collections
import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from siglum.language import fusion
from siglum.language.settings import LanguageSettings
from siglum.language.siblings import Group
from siglum.language.tables import load
from siglum.language.tagger import WORDS, Batch, _Judge
from siglum.language.words import WordsEngine, learned, normal

Array = NDArray[Any]
Label = tuple[str, frozenset[str], str, str]  # label, languages that have it, source, concept
Line = tuple[str, frozenset[str], str]  # text, languages that count as right, source

HELD_OUT = ("wikimedia/", "oojs")
FOLDS = 4
# Confidence below which more sources are asked, in each mode; early: of words and cld2, before fastText is.
SURE = {"light": 0.5, "default": 0.9, "full": 0.9, "early": 0.93}
TOLD = {"light": 0.0, "default": 0.98}  # confidence from which cld2's one answer settles a line, in each mode
PER_CONCEPT = 25  # labels of one concept and language that are fitted on: month names must not outweigh all else
PER_PAGE_LANGUAGE = 400
ENGINES = ("cld2", "fasttext", "py3langid", "langdetect")
SOURCES = (WORDS, *ENGINES)
SIBLINGS_ON = (WORDS, "cld2", "fasttext", "py3langid")  # whose shares the weights within groups are fitted on
TAGS = {
    "no": "nb",
    "fil": "tl",
    "sr": "sr-Cyrl",
    "iw": "he",
    "in": "id",
    "zh-TW": "zh-Hant",
    "zh-HK": "zh-Hant",
    "zh-MO": "zh-Hant",
    "zh-CN": "zh-Hans",
    "zh-SG": "zh-Hans",
    "zh": "zh-Hans",
}
QUICK_SETS = [(), ("cld2",), ("fasttext",), ("cld2", "fasttext")]
# The models where every engine is installed; those for a missing engine are fitted on each THIN-th line.
MAIN = [
    (WORDS, "cld2", "fasttext"),
    (WORDS, "cld2", "fasttext", "py3langid"),
    (WORDS, *ENGINES),
    (WORDS, "cld2"),
    ("cld2",),
]
THIN = 3
RIDGE = 2.0
RIDGE_LANGUAGE = 5.0
TURNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("pages", type=Path)
    parser.add_argument("--rules", type=Path, default=Path(__file__).resolve().parents[3] / "rules")
    options = parser.parse_args()
    labels = read_labels(options.labels)
    lists = word_lists(labels)
    write_words(options.rules / "language" / "words.toml", lists, labels)
    lines = fitting_lines(labels) + page_lines(options.pages)
    table = fit(labels, lines) | fit_settled(lines)
    write_fusion(options.rules / "language" / "fusion.toml", table, len(lines))


def read_labels(path: Path) -> list[Label]:
    """Return (label, languages that have it, source, concept), one row for each label and source."""
    core = [tag for tag, language in load().languages.items() if language.core]
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    rows = []
    every: dict[str, set[str]] = collections.defaultdict(set)
    for concept, language, label, source, *_ in csv.reader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE):
        tag = TAGS.get(language, language)
        if tag not in core:
            tag = TAGS.get(tag.split("-")[0], tag.split("-")[0])
        if tag not in core or source.startswith(HELD_OUT) or not any(map(str.isalpha, label)):
            continue
        every[label].add(tag)
        rows.append((label, tag, source, concept))
    groups = dict.fromkeys((label, source, concept) for label, _, source, concept in rows)
    own: dict[tuple[str, str, str], set[str]] = collections.defaultdict(set)
    for label, tag, source, concept in rows:
        own[label, source, concept].add(tag)
    return [(label, frozenset(own[label, source, concept]), source, concept) for label, source, concept in groups]


def word_lists(labels: Iterable[Label]) -> dict[str, str]:
    """Return the words of each language, with the number of labels they stand in."""
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for label, tags, _, _ in {(label, tags, "", "") for label, tags, _, _ in labels}:
        for word in sorted(set(normal(label).split())):
            for tag in tags:
                counts[tag][word] += 1
    return {
        tag: " ".join(f"{word}:{n}" if n > 1 else word for word, n in sorted(counts[tag].items()))
        for tag in sorted(counts)
    }


def fitting_lines(labels: Sequence[Label]) -> list[Line]:
    """Return (text, languages that count as right, source) of the labels that are fitted on."""
    every: dict[str, set[str]] = collections.defaultdict(set)
    for label, tags, _, _ in labels:
        every[label] |= tags
    taken: collections.Counter[tuple[str, str]] = collections.Counter()
    out = []
    seen = set()
    for label, tags, source, concept in labels:
        if len(every[label]) > 3 or ("en" in every[label] and len(every[label]) > 1) or (label, source) in seen:
            continue
        if min(taken[concept, tag] for tag in tags) >= PER_CONCEPT:
            continue
        seen.add((label, source))
        taken.update((concept, tag) for tag in tags)
        out.append((label, frozenset(every[label]), source))
    return out


def page_lines(folder: Path) -> list[Line]:
    """Return (line, its language, "pages") of the articles of pages that declare their language."""
    core = {tag for tag, language in load().languages.items() if language.core}
    taken: collections.Counter[str] = collections.Counter()
    out = []
    for name in ("fundus", "scrapinghub", "wcxb"):
        with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as f:
            for page in map(json.loads, f):
                tag = TAGS.get(page["lang"], page["lang"])
                for line in (page["gold"] or "").splitlines() if tag in core else ():
                    if len(line) >= 40 and taken[tag] < PER_PAGE_LANGUAGE:
                        taken[tag] += 1
                        out.append((line.strip(), frozenset([tag]), "pages"))
    return out


def folds(labels: Iterable[Label]) -> dict[str, int]:
    """Return the fold of each source: the largest sources first, each into the fold that is smallest so far."""
    sizes = collections.Counter(source for _, _, source, _ in labels)
    filled = [0] * FOLDS
    out = {}
    for source, size in sizes.most_common():
        out[source] = filled.index(min(filled))
        filled[out[source]] += size
    return out


def fit(labels: Sequence[Label], lines: Sequence[Line]) -> dict[str, Any]:
    """Return the models of all sets of sources, for lines of every kind and in doubt, and within siblings."""
    settings = LanguageSettings(engines=ENGINES, mode="full", langdetect_backend="rust")
    judge = _Judge(settings, [tag for tag, language in load().languages.items() if language.core])
    fold = folds(labels)
    parts: list[tuple[Array, ...]] = []
    texts: list[str] = []
    script_right = script_all = 0
    for part in range(FOLDS):
        judge._words = WordsEngine(learned(word_lists([row for row in labels if fold[row[2]] != part])))
        judge._word_columns = np.array([judge._words.languages.index(tag) for tag in judge.tags])
        mine = [line for i, line in enumerate(lines) if fold.get(line[2], i % FOLDS) == part]
        gated = [judge.gate(text) for text, _, _ in mine]
        measure = judge._letters.measure([line for line, _ in gated])
        allowed = judge.allowed(measure.scripts)
        choices = allowed.sum(1)
        clear = [i for i in range(len(mine)) if gated[i][1] is None and measure.letters[i] >= settings.min_letters]
        alone = [i for i in clear if choices[i] == 1]
        script_all += len(alone)
        script_right += sum(judge.tags[int(allowed[i].argmax())] in mine[i][1] for i in alone)
        rows = [i for i in clear if choices[i] > 1]
        batch = Batch([gated[i][0] for i in rows], measure.letters[rows], measure.foreign[rows], allowed[rows], {})
        right = np.array([[tag in mine[i][1] for tag in judge.tags] for i in rows])
        heard = [judge.evidence(source, batch) for source in SOURCES]
        parts.append(
            (
                np.moveaxis(np.concatenate([-batch.foreign.astype(np.float64)[None], *heard]), 0, 2),
                batch.allowed,
                right,
                fusion.length_class(batch.letters),
            )
        )
        texts += batch.lines
    features, allowed, right, lengths = (np.concatenate(column) for column in zip(*parts, strict=True))
    data = Data(features, allowed, right & allowed, lengths, balance(right))
    groups = [[judge.tags.index(tag) for tag in members] for members in load().macros.values()]
    table: dict[str, Any] = {"script": round(script_right / script_all, 4), "all": {}, "doubt": {}, "siblings": {}}
    every = [(WORDS, *engines) for n in range(len(ENGINES) + 1) for engines in combinations(ENGINES, n)]
    thin = data.rows(np.arange(len(lengths)) % THIN == 0)
    for sources in [*every, ("cld2",), ("fasttext",)]:
        lot = data if sources in MAIN else thin
        table["all"]["+".join(sources)] = fitted = fit_model(lot, sources, groups)
        report("all", sources, lot, fitted, groups)
    later = [((WORDS, *quick), (slow,)) for quick in QUICK_SETS for slow in ("py3langid", "langdetect")]
    for first, more in later:
        lot = data if (*first, *more) in MAIN else thin
        model = as_model(table["all"]["+".join(first)], first)
        best = merged(shares_of(lot.of(first), lot.lengths, lot.allowed, model), groups)
        doubt = lot.rows(fusion.calibrate(best, lot.lengths, model) < SURE["default"])
        sources = (*first, *more)
        table["doubt"]["+".join(sources)] = fitted = fit_model(doubt, sources, groups)
        report("doubt", sources, doubt, fitted, groups)
    best = shares_of(
        data.of(SIBLINGS_ON), data.lengths, data.allowed, as_model(table["all"]["+".join(SIBLINGS_ON)], SIBLINGS_ON)
    )
    for group in load().siblings:
        columns = [judge.tags.index(tag) for tag in group.members]
        table["siblings"][group.name] = fit_siblings(group, columns, texts, best, data.right, data.weight)
    return table


def fit_siblings(
    group: Group, columns: list[int], texts: Sequence[str], shares: Array, right: Array, weight: Array
) -> dict[str, Any]:
    """Return the weights of evidence and words within *group*, on lines that are surely of the group."""
    rows = np.flatnonzero((shares[:, columns].sum(1) > 0.5) & right[:, columns].any(1))
    x: Array = np.array([group.features(texts[i], shares[i, columns].tolist()) for i in rows.tolist()], float)
    target = right[rows][:, columns]
    balanced = balance(target)
    w = newton(x, np.ones(target.shape, bool), target, balanced, np.array([0.5, 1.0]))
    total = x @ w
    p = np.exp(total - total.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    good = target[np.arange(len(p)), p.argmax(1)]
    before = target[np.arange(len(p)), x[:, :, 0].argmax(1)]
    knots = isotonic(p.max(1), good, balanced, bins=8)
    print(
        f"siblings {group.name}: lines {len(rows)} right {before.mean():.4f} -> {good.mean():.4f} weights {w.round(3)}"
    )
    return {
        "weights": np.round(w, 4).tolist(),
        "shares": np.round(knots[0], 4).tolist(),
        "right": np.round(knots[1], 4).tolist(),
    }


def fit_settled(lines: Iterable[Line]) -> dict[str, Any]:
    """Return the table of confidence for lines cld2 settles alone."""
    tags = [tag for tag, language in load().languages.items() if language.core]
    light = _Judge(LanguageSettings(mode="light"), tags)
    found = []
    for text, right, _ in lines:
        line, gate = light.gate(text)
        told = None if gate else light.told(line, light.engines["cld2"](line))
        if told is not None and told[2] < 1:
            found.append((told[0][0], told[1], told[2], told[0][0] in right))
    names, kinds, shares, good = map(np.array, zip(*found, strict=True))
    weight = balance(np.array([names == tag for tag in tags]).T)
    knots = [isotonic(shares[r], good[r], weight[r], 12) for r in (kinds == k for k in range(len(fusion.LENGTHS) + 1))]
    print(f"settled: {len(good)} right {good.mean():.4f}")
    return {
        "told": {
            "shares": np.round([x for x, _ in knots], 4).tolist(),
            "right": np.round([y for _, y in knots], 4).tolist(),
        },
    }


class Data:
    """Evidence for lines: features, allowed candidates, which are right, class of length, weight."""

    def __init__(self, features: Array, allowed: Array, right: Array, lengths: Array, weight: Array) -> None:
        self.features, self.allowed, self.right, self.lengths, self.weight = features, allowed, right, lengths, weight

    def of(self, sources: Iterable[str]) -> Array:
        columns = [0]
        for source in sources:
            place = SOURCES.index(source)
            columns += [1] if source == WORDS else [2 * place, 2 * place + 1]
        found: Array = self.features[:, :, columns]
        return found

    def rows(self, mask: Array) -> Data:
        return Data(self.features[mask], self.allowed[mask], self.right[mask], self.lengths[mask], self.weight[mask])


def shares_of(features: Array, lengths: Array, allowed: Array, model: fusion.Model) -> Array:
    return fusion.shares(np.ascontiguousarray(np.moveaxis(features, 2, 0)), lengths, allowed, model)


def merged(shares: Array, groups: Iterable[list[int]]) -> Array:
    best: Array = shares.max(1)
    for columns in groups:
        best = np.maximum(best, shares[:, columns].sum(1))
    return best


def right_merged(shares: Array, right: Array, groups: Iterable[list[int]]) -> Array:
    """Tell for each line whether its likeliest candidate, or the macro group that is likelier, is right."""
    good: Array = right[np.arange(len(shares)), shares.argmax(1)]
    best = shares.max(1)
    for columns in groups:
        together = shares[:, columns].sum(1)
        good = np.where(together >= best, right[:, columns].any(1), good)
        best = np.maximum(best, together)
    return good


def balance(right: Array) -> Array:
    """Return a weight for each line such that each language weighs alike, within a factor of ten."""
    counts = right.sum(0)
    of_language = 1 / np.maximum(counts, counts.max() / 10)
    weight: Array = (right * of_language).sum(1) / np.maximum(right.sum(1), 1)
    even: Array = weight / weight.mean()
    return even


def fit_model(data: Data, sources: Sequence[str], groups: Sequence[list[int]]) -> dict[str, Any]:
    """Return weights of classes of length and corrections for languages, fitted in turns, and their calibration."""
    features = data.of(sources)
    kinds, width = len(fusion.LENGTHS) + 1, features.shape[2]
    trust, lean = np.zeros((features.shape[1], width - 1)), np.zeros(features.shape[1])
    for _ in range(TURNS):
        extra = (features[:, :, 1:] * trust).sum(2) + lean
        weights, prior = [], np.full(width, 0.3)
        for length in range(kinds):
            mask = (data.lengths == length) & data.right.any(1)
            prior = newton(features[mask], data.allowed[mask], data.right[mask], data.weight[mask], prior, extra[mask])
            weights.append(prior)
        plain = fusion.Model(
            np.array(weights), np.zeros_like(trust), np.zeros_like(lean), np.zeros((1, 1)), np.zeros((1, 1))
        )
        trust, lean = corrections(features, data, plain, trust, lean)
    for i, language in enumerate(language for language in load().languages.values() if language.core):
        if language.prior:
            lean[i], trust[i] = language.prior, np.maximum(trust[i], 0)
    model = fusion.Model(np.array(weights), trust, lean, np.zeros((1, 1)), np.zeros((1, 1)))
    share = shares_of(features, data.lengths, data.allowed, model)
    best, good = merged(share, groups), right_merged(share, data.right, groups)
    knots = [isotonic(best[rows], good[rows], data.weight[rows]) for rows in (data.lengths == k for k in range(kinds))]
    tags = [tag for tag, language in load().languages.items() if language.core]
    return {
        "weights": np.round(weights, 4).tolist(),
        "shares": np.round([x for x, _ in knots], 4).tolist(),
        "right": np.round([y for _, y in knots], 4).tolist(),
        "languages": {tag: np.round([lean[i], *trust[i]], 3).tolist() for i, tag in enumerate(tags)},
    }


def corrections(features: Array, data: Data, plain: fusion.Model, trust: Array, lean: Array) -> tuple[Array, Array]:
    """Return for each language what its evidence weighs more or less than that of others, drawn toward nothing."""
    rows = data.right.any(1)
    x, allowed, right, lengths, weight = (
        a[rows] for a in (features, data.allowed, data.right, data.lengths, data.weight)
    )
    base = np.where(allowed, (x * plain.weights[lengths][:, None, :]).sum(2), -1e9)
    x = x[:, :, 1:] * allowed[:, :, None]
    for _ in range(6):
        total = base + (x * trust).sum(2) + lean
        odds = np.exp(total - total.max(1, keepdims=True)) * allowed
        p = odds / odds.sum(1, keepdims=True)
        q = p * right
        q /= np.maximum(q.sum(1, keepdims=True), 1e-300)
        off = (q - p) * weight[:, None]
        curve = p * (1 - p) * weight[:, None]
        step = ((off[:, :, None] * x).sum(0) - RIDGE_LANGUAGE * 10 * trust) / (
            (curve[:, :, None] * x**2).sum(0) + RIDGE_LANGUAGE * 10
        )
        trust = trust + np.clip(step / (1 + x.shape[2]), -0.1, 0.1)
        lean = lean + np.clip((off.sum(0) - RIDGE_LANGUAGE * lean) / (curve.sum(0) + RIDGE_LANGUAGE) / 2, -0.5, 0.5)
    return trust, lean


def newton(x: Array, allowed: Array, right: Array, weight: Array, prior: Array, extra: Array | float = 0.0) -> Array:
    """Return the weights that make the right candidates likeliest, drawn toward *prior* by RIDGE."""
    w = prior.copy()
    for _ in range(12):
        total = np.where(allowed, x @ w + extra, -1e9)
        odds = np.exp(total - total.max(1, keepdims=True)) * allowed
        p = odds / odds.sum(1, keepdims=True)
        q = p * right
        q /= np.maximum(q.sum(1, keepdims=True), 1e-300)
        mean = np.einsum("nk,nkf->nf", p, x)
        gradient = (weight[:, None] * (np.einsum("nk,nkf->nf", q, x) - mean)).sum(0) - RIDGE * (w - prior)
        spread = np.einsum("n,nk,nkf,nkg->fg", weight, p, x, x, optimize=True) - np.einsum(
            "n,nf,ng->fg", weight, mean, mean, optimize=True
        )
        step = np.linalg.solve(spread + RIDGE * np.eye(len(w)), gradient)
        w = w + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-9))
        w = np.maximum(w, 0.0)  # no evidence speaks against what it names
        if np.abs(step).max() < 0.002:
            break
    return w


def isotonic(share: Array, right: Array, weight: Array, bins: int = 20) -> tuple[list[float], list[float]]:
    """Return knots of share and of the part that was right, never falling: pool adjacent violators over equal bins."""
    order = np.argsort(share, kind="stable")
    edges = np.linspace(0, len(order), bins + 1).astype(int)
    pools: list[tuple[float, float, list[float]]] = []
    for a, b in pairwise(edges.tolist()):
        rows = order[a:b]
        if len(rows):
            place = float(np.average(share[rows], weights=weight[rows]))
            pools.append((weight[rows].sum(), (weight[rows] * right[rows]).sum(), [place]))
        while len(pools) > 1 and pools[-2][1] / pools[-2][0] >= pools[-1][1] / pools[-1][0]:
            last = pools.pop()
            pools[-1] = (pools[-1][0] + last[0], pools[-1][1] + last[1], pools[-1][2] + last[2])
    xs, ys = [0.0], [0.0]
    for size, good, places in pools:
        for x in places:
            xs.append(x)
            ys.append(good / size)
    xs, ys = [*xs, 1.0], [*ys, ys[-1]]
    while len(xs) < bins + 2:
        xs.append(1.0)
        ys.append(ys[-1])
    return xs, ys


def as_model(model: Mapping[str, Any], sources: Sequence[str]) -> fusion.Model:
    tags = [tag for tag, language in load().languages.items() if language.core]
    return fusion.load_model({"+".join(sources): model}, sources, tags)


def report(
    kind: str, sources: Sequence[str], data: Data, model: Mapping[str, Any], groups: Sequence[list[int]]
) -> None:
    m = as_model(model, sources)
    share = shares_of(data.of(sources), data.lengths, data.allowed, m)
    good = right_merged(share, data.right, groups)
    confidence = fusion.calibrate(merged(share, groups), data.lengths, m)
    bins = np.minimum((confidence * 10).astype(int), 9)
    w = data.weight / data.weight.sum()
    error = sum(abs((w * (confidence - good))[bins == b].sum()) for b in np.unique(bins))
    figures = f"lines {len(good):6} right {good.mean():.4f} balanced {(w * good).sum():.4f} error {error:.4f}"
    print(f"{kind:5} {'+'.join(sources):44} {figures}", flush=True)


def write_words(path: Path, lists: Mapping[str, str], labels: Iterable[Label]) -> None:
    sources = ", ".join(sorted({source for _, _, source, _ in labels}))
    head = f"""# The words of interface labels, language by language: what the words engine learns from.
#
# Written by siglum.making.language; "word:3" stands in three different labels. Labels are facts; they were gathered
# from the message catalogues of: {sources}.
# No label of a Wikimedia project or of OOjs UI is in it: benchmarks of short lines are drawn from those.

format = 1

[words]
"""
    path.write_text(
        head + "".join(f"{tag} = {json.dumps(words, ensure_ascii=False)}\n" for tag, words in lists.items()), "utf-8"
    )


def write_fusion(path: Path, table: Mapping[str, Any], lines: int) -> None:
    sure = ", ".join(f"{mode} = {value}" for mode, value in SURE.items())
    head = f"""# What each piece of evidence weighs and how sure the sum makes us, by siglum.making.language from
# {lines:,} lines; see there for what they are. Never edited by hand.
#
# all: for lines of every kind; doubt: for lines the first sources left in doubt. weights: a row for each class of
# length (fusion.LENGTHS), a column for letters, then for each source of the name one (words) or two (what a reliable
# and what an unreliable answer weighs). shares, right: knots of the table from the share of the best candidate to the
# part of such lines that was right. languages: what is added to the sum of a candidate, then to each weight but that
# of letters.
# siblings: what the evidence and what a telling word weighs within a group, and the same table.

format = 1

# Confidence below which more sources are asked, in each mode; early: of words and cld2, before fastText is.
sure = {{ {sure} }}
script = {table["script"]}  # confidence of a line whose script only one candidate writes
"""
    parts = [head]
    for kind in ("all", "doubt", "siblings"):
        for name, model in table[kind].items():
            parts.append(f'\n[{kind}."{name}"]\n')
            for key, rows in model.items():
                parts.append(f"{key} = {numbers(rows)}\n")
    least = ", ".join(f"{mode} = {value}" for mode, value in TOLD.items())
    parts.append(
        "\n# Lines that cld2's one answer settles: the share it comes to, how many were right, and from which"
        f"\n# confidence on it does in each mode.\n[told]\nleast = {{ {least} }}\n"
    )
    parts += [f"{key} = {numbers(rows)}\n" for key, rows in table["told"].items()]
    path.write_text("".join(parts), "utf-8")


def numbers(rows: Any) -> str:
    if isinstance(rows, dict):
        return "{ " + ", ".join(f"{tag} = {numbers(row)}" for tag, row in rows.items()) + " }"
    if isinstance(rows[0], float):
        return f"[{', '.join(map(str, rows))}]"
    return "[\n" + "".join(f"  {numbers(row)},\n" for row in rows) + "]"


if __name__ == "__main__":
    main()
