"""Siblings: languages that engines confuse, told apart by words that one of them uses and another does not."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import regex

CAP = 4  # telling words of a line that count
SAMPLE = 400  # code points of a line that are read for them
LEAST = (
    0.02  # share that counts as none: engines are sure of siblings beyond reason, and two words must be able to say so
)

_WORD = regex.compile(r"\p{L}++")


@dataclass(frozen=True)
class Group:
    """Languages that are weighed anew against each other once the line is known to be one of them."""

    name: str
    members: tuple[str, ...]
    words: Mapping[str, frozenset[str]]  # of each member
    macro: str  # the macro language of the group, or ""
    weights: tuple[float, float]  # of a member's log share so far, and of one telling word
    shares: tuple[float, ...]  # knots of the share within the group ...
    right: tuple[float, ...]  # ... and how often the likeliest member was right

    @cached_property
    def _every(self) -> frozenset[str]:
        return frozenset().union(*self.words.values())

    def counts(self, text: str) -> list[int]:
        """Return how many telling words of each member stand in *text*, at most CAP."""
        found = [word for word in _WORD.findall(text[:SAMPLE].lower()) if word in self._every]
        return [min(CAP, sum(word in self.words[member] for word in found)) for member in self.members]

    def features(self, text: str, shares: Sequence[float]) -> list[tuple[float, int]]:
        """Return for each member the log of its part in the group's *shares*, and its telling words in *text*."""
        whole = sum(shares) or 1.0
        return [
            (math.log(max(share / whole, LEAST)), count) for share, count in zip(shares, self.counts(text), strict=True)
        ]

    def weigh(self, text: str, shares: Sequence[float]) -> list[float]:
        """Return the share of each member within the group, given the *shares* the evidence gave them."""
        total = [self.weights[0] * share + self.weights[1] * count for share, count in self.features(text, shares)]
        odds = [math.exp(value - max(total)) for value in total]
        return [value / sum(odds) for value in odds]

    def sure(self, share: float) -> float:
        """Return how often the likeliest member was right where its share within the group was *share*."""
        i = min(max(bisect_right(self.shares, share), 1), len(self.shares) - 1)
        left, right = self.shares[i - 1], self.shares[i]
        part = (share - left) / (right - left) if right > left else 1.0
        return self.right[i - 1] + part * (self.right[i] - self.right[i - 1])
