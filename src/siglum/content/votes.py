"""Votes: which blocks of a page are its content, by extractors that vote and a small model that reads their votes.

Each extractor's output is mapped back to the page's blocks by alignment (`page_align`). A logistic model then scores
each block by the votes on it and around it, its shape and its markup (`page_features`). The weights are in
`rules/content/votes.toml`, made by `siglum.making.votes`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

from siglum.content import page_features
from siglum.content.blocks import Page, page
from siglum.content.page_align import Placement, Reference
from siglum.content.page_features import Shape, Table
from siglum.document import Document
from siglum.packs.store import section

_DEEPEST = 256  # elements: extractors meet deeper pages with time that grows with the cube, so they are not asked
_NOWHERE = 0.01  # score of a block with nothing near it that any extractor chose
DENSITY = "density"  # no extractor but `page_features.densest`
_THIN, _THIN_SHARE = 3_000, 0.1  # code points, and share of the visible text: below both an output is thin
_TOLD_PARTS = ("nav", "footer", "aside", "form")
_CHOSEN = 0.5  # share of a block's tokens from which an extractor counts as having chosen it


class BlockVote(NamedTuple):
    """What was decided about one block, and who said what."""

    keep: bool
    score: float  # (0, 1): how probably the block is content
    votes: Mapping[str, bool]  # extractor -> did it choose the block
    why: str  # in words


@dataclass(frozen=True)
class Model:
    """The weights of one way of voting."""

    voters: tuple[str, ...]
    weights: Mapping[str, float]
    threshold: float
    enough: float = 1.0  # expected error up to which no further extractor is asked


@dataclass(frozen=True)
class Ballot:
    """All votes on a page, before they are weighed."""

    reference: Reference
    lengths: tuple[int, ...]  # tokens of each visible block
    shares: Mapping[str, tuple[float, ...]]  # extractor -> share of each block's tokens that it chose
    placements: Mapping[str, Placement]  # extractor -> how its output was mapped back


@cache
def model(name: str) -> Model:
    """Return the weights of the way of voting *name*: "quick", "default" or "thorough"."""
    data = section("content")["votes"][name]
    return Model(tuple(data["voters"]), data["weights"], data["threshold"], data.get("enough", 1.0))


@cache
def vocabulary() -> page_features.Vocabulary:
    """Return the words that name parts of a page."""
    return page_features.Vocabulary(section("content")["page_kinds"]["kinds"])


def vote(doc: Document, *, thorough: bool = False) -> list[BlockVote]:
    """Return for each block of *doc*, in order, whether it is content and who voted how.

    *doc* comes from `read_html`; its text may have been edited since, its blocks stay the blocks of its markup.
    """
    return list(decide(doc, thorough=thorough))


def decide(doc: Document, *, thorough: bool = False) -> Decision:
    """Return what `vote` does, with the words for a block made when it is asked for."""
    ways = ("thorough",) if thorough else ("quick", "default")
    return judge(page(doc.html), *map(model, ways))


@dataclass(frozen=True)
class Decision(Sequence[BlockVote]):
    """The decision on each visible block of a page."""

    scores: Sequence[float]
    keep: Sequence[bool]
    voters: tuple[str, ...]
    ballot: Ballot | None = None  # None where nobody could be asked
    table: Table | None = None

    def __len__(self) -> int:
        return len(self.scores)

    @cached_property
    def _weighed(self) -> dict[int, Mapping[str, float]]:
        """What the words say of each block that was weighed."""
        if self.table is None:
            return {}
        return dict(zip(self.table.used, self.table.select(_told_of()), strict=True))

    @cached_property
    def _far(self) -> BlockVote:
        nobody = dict.fromkeys(self.voters, False)
        return BlockVote(False, _NOWHERE, nobody, "chosen by no extractor, nor anything near it")

    def __getitem__(self, i: int) -> BlockVote:  # type: ignore[override]  # slices are not asked for
        score = self.scores[i]
        if self.ballot is None:
            why = "kept: the page is nested too deeply for any extractor"
            return BlockVote(True, score, dict.fromkeys(self.voters, False), why)
        facts = self._weighed.get(i)
        if facts is None:
            return self._far
        votes = {name: self.ballot.shares[name][i] >= _CHOSEN for name in self.voters}
        return BlockVote(self.keep[i], score, votes, _why(score, votes, facts, self.ballot.lengths[i]))


@cache
def _told_of() -> tuple[str, ...]:
    """Return the features that the words for a decision speak of."""
    return ("linked", *(f"in:{kind}" for kind in _TOLD_PARTS), *(f"near:{kind}" for kind in vocabulary().kinds))


def judge(of: Page, *by: Model) -> Decision:
    """Return the decision on each visible block of a page.

    Of several models, each is asked when the one before it is not sure enough; its voters include theirs.
    """
    if not _readable(of) or not of.blocks:
        return Decision([0.5] * len(of.blocks), [True] * len(of.blocks), by[-1].voters)
    ballot = collect(of, ())
    shape = Shape(of, ballot.lengths, vocabulary())
    for one in by:
        ballot = collect(of, one.voters, ballot)
        table = shape.table(ballot.shares)
        scores = [_NOWHERE] * len(of.blocks)
        for i, score in zip(table.used, table.scores(one.weights), strict=True):
            scores[i] = score
        keep = [score >= one.threshold for score in scores]
        if one is by[-1] or _expected_error(scores, keep, ballot.lengths) <= one.enough:
            break
    return Decision(scores, keep, one.voters, ballot, table)


def _expected_error(scores: Sequence[float], keep: Sequence[bool], lengths: Sequence[int]) -> float:
    """Return how many tokens a decision is expected to get wrong between the first and the last block it keeps.

    As a share of the tokens it keeps. Doubt about what stands before and behind is no reason to ask further: that is
    furniture nearly always, and where the story is short other extractors rather take it in than leave it.
    """
    kept = [i for i, yes in enumerate(keep) if yes]
    if not kept:
        return 1.0
    inside = slice(kept[0], kept[-1] + 1)
    wrong = sum(n * min(score, 1 - score) for score, n in zip(scores[inside], lengths[inside], strict=True))
    return wrong / max(sum(lengths[i] for i in kept), 1)


def collect(of: Page, voters: Sequence[str], known: Ballot | None = None) -> Ballot:
    """Ask each of *voters* for its choice and map it back to the blocks; *known* holds votes that are in already."""
    reference = known.reference if known else Reference([block.text for block in of.every])
    seen = [i for i, block in enumerate(of.every) if not block.hidden]
    lengths = known.lengths if known else tuple(len(reference.tokens[i]) for i in seen)
    shares: dict[str, tuple[float, ...]] = {}
    placements: dict[str, Placement] = {}
    for name in voters:
        if known and name in known.shares:
            shares[name] = known.shares[name]
            if name in known.placements:
                placements[name] = known.placements[name]
            continue
        if name == DENSITY:
            shares[name] = tuple(page_features.densest(of, lengths))
            continue
        placement = placements[name] = reference.place(_run(name, of))
        shares[name] = tuple(
            min(1.0, placement.covered[i] / n) if n else 0.0 for i, n in zip(seen, lengths, strict=True)
        )
    return Ballot(reference, lengths, shares, placements)


def _readable(of: Page) -> bool:
    """Tell whether extractors can be asked about a page."""
    return of.whole and of.depth <= _DEEPEST


def _run(name: str, of: Page) -> str:
    """Return the output of one extractor, "" where it fails: a vote less, not an error."""
    if not _readable(of):
        return ""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # a page that an extractor cannot read is no news to who reads our log
    try:
        return EXTRACTORS[name](of)
    except Exception:  # whatever a peer raises over a broken page
        return ""
    finally:
        logging.disable(before)


def _trafilatura(of: Page, **options: Any) -> str:
    from trafilatura import extract

    return extract(of.root, include_comments=False, **options) or ""


def _quick(of: Page) -> str:
    """Return what trafilatura's own rules find; where that is thin, its whole cascade."""
    text = _trafilatura(of, fast=True)
    seen = sum(len(block.text) for block in of.blocks)
    return _trafilatura(of) if len(text) < _THIN and len(text) < _THIN_SHARE * seen else text


def _resiliparse(of: Page) -> str:
    from resiliparse.extract.html2text import extract_plain_text

    return str(extract_plain_text(of.html, main_content=True, alt_texts=False, comments=False))


def _readability(of: Page) -> str:
    from readability import Document as Readable

    from siglum.content.blocks import page_of_bytes

    summary = Readable(of.html).summary()
    return "\n".join(block.text for block in page_of_bytes(summary.encode("utf-8", "replace")).every)


def _justext(of: Page) -> str:
    import justext

    paragraphs = justext.justext(of.html.encode("utf-8", "replace"), _stopwords(), encoding="utf-8")
    return "\n".join(p.text for p in paragraphs if not p.is_boilerplate)


@cache
def _stopwords() -> frozenset[str]:
    import justext

    return frozenset(word for name in sorted(justext.get_stoplists()) for word in justext.get_stoplist(name))


EXTRACTORS: Mapping[str, Callable[[Page], str]] = {
    "trafilatura": _trafilatura,
    "trafilatura-quick": _quick,
    "trafilatura-precision": lambda of: _trafilatura(of, favor_precision=True),
    "readability": _readability,
    "resiliparse": _resiliparse,
    "justext": _justext,
}


def _why(score: float, votes: Mapping[str, bool], facts: Mapping[str, float], length: int) -> str:
    """Say in words what the decision on a block rests on; *facts* holds those of `_told_of` that are not zero."""
    chosen = [name for name, kept in votes.items() if kept]
    said = "chosen by " + ", ".join(chosen) if chosen else "chosen by no extractor"
    if chosen and len(chosen) < len(votes):
        said += ", not by " + ", ".join([name for name, kept in votes.items() if not kept])
    said += f"; {length} word{'' if length == 1 else 's'}"
    if facts:
        if facts.get("linked", 0.0) > 0.5:
            said += ", mostly links"
        said += "".join([f", in {part}" for part in _TOLD_PARTS if f"in:{part}" in facts])
        if named := [name.removeprefix("near:") for name in facts if name.startswith("near:")]:
            said += f", markup names {', '.join(named)}"
    return f"{said}; {score:.2f} likely content"
