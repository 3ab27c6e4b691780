"""Whether the rows depend on each other: copies, near copies, and an order that matters.

The theory, and every split at random, takes rows to be drawn independently. Where they are not,
rows held back resemble rows trained on, and losses look better than new rows will have.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.results import to_plain
from eigenscale.text.numbers import percent

_COPIES = 0.01  # share of rows with a copy from which on they are mentioned
_AGREE = 0.98  # of rows with equal inputs, the share with equal targets that makes them copies
_NEAR = 0.05  # share of rows held back with a near copy, beyond what is expected
_CLOSE = 0.25  # a near copy is so much closer than the other neighbours
_RANKS = (2, 6, 20)  # which neighbour the nearest is compared with
_MOST, _MOST_TEST = 4000, 1000
_SURE, _WORTH = 3.0, 0.02  # standard errors, and relative rise of the loss, that are mentioned


class Copies:
    """Counts rows that are the same as another, by hashing: 16 bytes a row are kept."""

    def __init__(self) -> None:
        self.left_out = False  # whether only one of each is learned from
        self._inputs: list[bytes] = []
        self._both: list[bytes] = []

    def see(self, block: NDArray[Any], target: Floats) -> None:
        """Take in rows and their targets."""
        for row, wanted in zip(np.ascontiguousarray(block), target, strict=True):
            digest = blake2b(row.tobytes(), digest_size=8)
            self._inputs.append(digest.digest())
            digest.update(wanted.tobytes())
            self._both.append(digest.digest())

    @property
    def n_rows(self) -> int:
        """Rows taken in."""
        return len(self._inputs)

    @property
    def inputs(self) -> float:
        """Share of rows whose inputs are those of another row."""
        return _repeated(self._inputs)

    @property
    def both(self) -> float:
        """Share of rows whose inputs and target are those of another row."""
        return _repeated(self._both)


def _repeated(digests: list[bytes]) -> float:
    if not digests:
        return 0.0
    found, counts = np.unique(np.frombuffer(b"".join(digests), np.uint64), return_counts=True)
    return float(counts[counts > 1].sum() / len(digests)) if len(found) else 0.0


def near_copies(train: Floats, test: Floats, rng: np.random.Generator) -> float:
    """Share of test rows with a near copy among the training rows, beyond what chance gives.

    A near copy is four times closer than the second, sixth or twentieth neighbour. Among
    independent rows of dimension d the k-th neighbour is that far with probability
    1 - (1 - 4^-d)^(k-1), with d as the farther neighbours show it. Rows at no distance at all are
    left to `Copies`: values may recur.
    """
    from sklearn.neighbors import NearestNeighbors

    some = train[rng.permutation(len(train))[:_MOST]]
    asked = test[rng.permutation(len(test))[:_MOST_TEST]]
    ranks = [k for k in (*_RANKS, 2 * _RANKS[-1]) if k <= len(some) // 4]
    if len(ranks) < 2:
        return 0.0
    search = NearestNeighbors(n_neighbors=ranks[-1]).fit(some)
    distances = search.kneighbors(asked)[0]
    return max(_excess(distances, k, ranks[-1]) for k in ranks[:-1])


def _excess(distances: Floats, k: int, last: int) -> float:
    nearest, other, far = distances[:, 0], distances[:, k - 1], distances[:, last - 1]
    found = float(np.mean((nearest > 0) & (nearest < _CLOSE * other)))
    spread = np.log(far[other > 0] / other[other > 0])
    if not spread.size or spread.mean() <= 0:
        return 0.0
    dimension = np.log(last / k) / spread.mean()
    chance = 1 - (1 - _CLOSE**dimension) ** (k - 1)
    return found - float(chance)


@dataclass(frozen=True)
class Stretches:
    """Losses on rows held back at random, and on whole stretches of the data held back.

    Attributes
    ----------
    random, stretch : float
        Mean losses on the same rows, of students that were trained on as many rows.
    rise : float
        stretch/random - 1.
    sigmas : float
        The rise in its own standard errors, over stretches.
    tested : bool
        False where rows are sorted by target or too few: then their order says nothing.
    """

    random: float = np.nan
    stretch: float = np.nan
    rise: float = 0.0
    sigmas: float = 0.0
    tested: bool = False

    @property
    def matters(self) -> bool:
        """Whether the order of rows makes a difference that is worth a word."""
        return self.tested and self.sigmas > _SURE and self.rise > _WORTH


@dataclass(frozen=True)
class Dependence:
    """What rows have to do with each other.

    Attributes
    ----------
    n_rows : int
        Rows looked at for copies.
    copies : float
        Share of rows with inputs and target of another row.
    same_inputs : float
        Share of rows with inputs of another row.
    near : float
        Share of rows held back with a near copy in training, beyond what chance gives.
    order : Stretches
    one_of_each : bool
        Whether copies were left out before the forecast was made.
    """

    n_rows: int
    copies: float
    same_inputs: float
    near: float
    order: Stretches = field(default_factory=Stretches)
    one_of_each: bool = False

    @property
    def found(self) -> bool:
        """Whether there is anything to warn of."""
        return bool(self.warnings)

    @property
    def warnings(self) -> list[str]:
        """One line for each kind that is found."""
        lines = []
        if self._copied and self.one_of_each:
            lines.append(
                f"{percent(self.copies)} of the rows are copies of another row: one of each is kept"
            )
        elif self._copied:
            lines.append(
                f"{percent(self.copies)} of the rows are copies of another row: "
                "the rows held back were trained on, so new rows will have a higher loss than "
                "forecast; drop the copies"
            )
        elif self.near > _NEAR:
            lines.append(
                f"{percent(self.near)} of the rows held back have a near copy among those trained "
                "on (four times closer than other neighbours): new rows will have a higher loss "
                "than forecast; keep one of each group"
            )
        if self.order.matters:
            lines.append(
                "rows near each other in the data are alike: with whole stretches held back the "
                f"loss is {self.order.stretch:.3g}, {percent(self.order.rise)} above that of rows "
                "held back at random; if new rows come later or from elsewhere, expect that rise"
            )
        return lines

    @property
    def _copied(self) -> bool:
        """Whether equal rows are copies; values that recur by chance differ in their targets."""
        return self.copies > _COPIES and self.copies > _AGREE * self.same_inputs

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        plain: dict[str, Any] = to_plain(
            {**vars(self), "order": vars(self.order), "warnings": self.warnings}
        )
        return plain
