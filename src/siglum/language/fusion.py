"""Fusion: the answers of engines, letters and words added up to one probability for each language.

A log-linear model: every piece of evidence gives each candidate a number, the numbers are weighed and added, and the
sums are turned into shares (softmax). The weights depend on the length of the line and on which engines spoke; they and
the table that turns a share into a confidence are fitted by `siglum.making.language` into
`rules/language/fusion.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from siglum.language.engines import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Letters a line has at most to be in each class of length; the last class has no upper bound.
LENGTHS = (6, 11, 19, 39, 79)

FLOOR = 0.001  # share below which an engine's answer is no evidence
WORDS_FLOOR = -12.0  # nats below the best language at which the words engine's odds end
OUTSIDE = -30.0  # what a candidate of another script gets


# What an engine weighs for which no weights were fitted, where its answer is reliable and where not: as much as another
# engine of its kind. Such sources come last.
UNFITTED = {"lingua": (0.35, 0.2)}


@dataclass(frozen=True)
class Model:
    """The weights of the evidence of some sources, and the table that turns shares into confidence."""

    weights: NDArray[np.float64]  # a row for each class of length; a column for letters, then those of each source
    trust: NDArray[np.float64]  # a row for each candidate: what is added to all weights but that of letters
    lean: NDArray[np.float64]  # for each candidate, what is added to its sum
    shares: NDArray[np.float64]  # a row of knots for each class of length
    right: NDArray[np.float64]  # what part of the lines with such a share was right

    @cached_property
    def knots(self) -> NDArray[np.float64]:
        """The knots of all classes as one table: those of each begin two further to the right."""
        import numpy as np

        apart: NDArray[np.float64] = self.shares + 2.0 * np.arange(len(self.shares))[:, None]
        return apart.ravel()


def load_model(table: Mapping[str, Any], sources: Sequence[str], tags: Sequence[str]) -> Model:
    """Return the model of *sources* for the candidates *tags* out of the compiled *table*."""
    import numpy as np

    fitted = [source for source in sources if source not in UNFITTED]
    data = table["+".join(fitted)]
    # Nothing was fitted for these: they weigh what UNFITTED says at every length, and for every candidate alike.
    added = [weight for source in sources if source in UNFITTED for weight in UNFITTED[source]]
    data = data | {
        "weights": [[*row, *added] for row in data["weights"]],
        "languages": {tag: [*row, *(0.0 for _ in added)] for tag, row in data["languages"].items()},
    }
    width = len(data["weights"][0])
    # What was not fitted for a candidate is what most candidates have: nothing.
    rows = np.array([data["languages"].get(tag, [0.0] * width) for tag in tags])
    trust, lean = np.ascontiguousarray(rows[:, 1:]), np.ascontiguousarray(rows[:, 0])
    return Model(np.array(data["weights"]), trust, lean, np.array(data["shares"]), np.array(data["right"]))


def length_class(letters: NDArray[np.int32]) -> NDArray[np.int64]:
    """Return the class of length of each line, from its number of letters."""
    import numpy as np

    return np.searchsorted(np.array(LENGTHS), letters)


def evidence(answers: Sequence[Answer], columns: Mapping[str, Sequence[int]], width: int) -> NDArray[np.float64]:
    """Return two features of each line and candidate: what a reliable answer and what an unreliable one says for it.

    *columns* gives the candidates an engine's code stands for. A share counts as log(share / FLOOR), at least 0.
    """
    import numpy as np

    size = len(answers) * width
    places, values = [], []
    for i, (ranked, reliable) in enumerate(answers):
        row = i * width if reliable else size + i * width
        for code, share in ranked:
            if share > FLOOR:
                for column in columns.get(code, ()):
                    places.append(row + column)
                    values.append(share)
    out = np.zeros(2 * size)
    np.maximum.at(out, places, np.log(np.array(values) / FLOOR))
    return out.reshape(2, len(answers), width)


def shares(
    features: NDArray[np.float64], lengths: NDArray[np.int64], allowed: NDArray[np.bool_], model: Model
) -> NDArray[np.float64]:
    """Return the share of each candidate for each line: softmax of the weighed features over the allowed candidates.

    *features* is a stack of tables, one a feature, with a row for each line and a column for each candidate.
    """
    import numpy as np

    weights = model.weights[lengths]
    # Written as products and sums, not as a matrix product: the same line gives the same bits in any batch.
    total = features[0] * weights[:, :1] + model.lean
    for i, feature in enumerate(features[1:], 1):
        total += feature * (weights[:, i, None] + model.trust[:, i - 1])
    total[~allowed] = OUTSIDE
    total -= total.max(1, keepdims=True)
    odds: NDArray[np.float64] = np.exp(total, out=total)
    odds /= odds.sum(1, keepdims=True)
    return odds


def calibrate(share: NDArray[np.float64], lengths: NDArray[np.int64], model: Model) -> NDArray[np.float64]:
    """Return the confidence of each line: how often lines of its length and share were right in the fit."""
    import numpy as np

    out: NDArray[np.float64] = np.interp(share + 2.0 * lengths, model.knots, model.right.ravel())
    return out
