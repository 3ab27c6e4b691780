"""From data to its intrinsic dimension in one call, beside the spectrum's exponent."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.data import open_source
from eigenscale.errors import InputError
from eigenscale.measure.dimension import Dimension, dimension_of
from eigenscale.measure.door import measure
from eigenscale.progress import Progress

MAX_POINTS = 200_000


@dataclass(frozen=True)
class Geometry:
    """Intrinsic dimension d of data, and what the exponent of its spectrum says about it.

    Attributes
    ----------
    name : str
        Of the data.
    dimension : Dimension
        With its intervals and scales.
    alpha : float or None
        α of the covariance spectrum by least squares; None with fewer than three eigenvalues.
    expected_alpha : float
        4/d, the exponent of the loss that Sharma and Kaplan (2020, arXiv:2004.10802) expect of a
        network on data of this dimension.
    reading : str
        What the two say together, one sentence.
    """

    name: str
    dimension: Dimension
    alpha: float | None
    expected_alpha: float
    reading: str

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the keys of the dimension, then the exponents."""
        from dataclasses import asdict

        return (
            {"name": self.name}
            | asdict(self.dimension)
            | {
                "alpha": self.alpha,
                "expected_alpha": self.expected_alpha,
                "reading": self.reading,
            }
        )


def dimension(
    data: Any,
    neighbours: int = 20,
    *,
    samples: int | None = None,
    columns: Any = None,
    level: float = 0.9,
    rng: int = 0,
    progress: Progress | None = None,
) -> Geometry:
    """Measure the intrinsic dimension of data; see `dimension_of` for the method.

    Parameters
    ----------
    data : path, array, dataframe or iterator of arrays
        As for `measure`.
    samples : int, optional
        Use a random subset of so many rows.

    Raises
    ------
    InputError
        Where the data cannot be read or is not finite, or holds more than 200,000 rows and no
        `samples` is given.
    """
    source = open_source(data, columns)
    rows = _rows(source, samples, rng)
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        raise InputError(
            f"{source.name} has {int(bad.sum())} rows with NaN or infinity, the first in row "
            f"{int(np.argmax(bad)) + 1}; mend or drop them"
        )
    found = dimension_of(rows, neighbours, level=level, rng=rng, progress=progress)
    spectrum = measure(rows)
    alpha = spectrum.exponent().alpha.value if spectrum.rank >= 3 else None
    expected = 4 / found.mle.value
    return Geometry(source.name, found, alpha, expected, _reading(alpha, expected))


def _rows(source: Any, samples: int | None, rng: int) -> Any:
    parts = []
    for block in source.blocks(4096):
        parts.append(np.array(block))
        if samples is None and sum(map(len, parts)) > MAX_POINTS:
            raise InputError(
                f"{source.name} has more than {MAX_POINTS} rows; take a random subset with "
                "samples=50000 (--samples 50000)"
            )
    rows = np.concatenate(parts)
    if samples is None:
        return rows
    if not 4 <= samples <= len(rows):
        raise InputError(f"samples has {samples}; it lies between 4 and the {len(rows)} rows")
    return rows[np.random.default_rng(rng).permutation(len(rows))[:samples]]


def _reading(alpha: float | None, expected: float) -> str:
    if alpha is None:
        return "too few eigenvalues for an exponent"
    if abs(alpha - expected) <= 0.3 * max(alpha, expected):
        return "the linear spectrum falls about as fast as the dimension alone would have it"
    if alpha < expected:
        return (
            "the linear spectrum falls more slowly than 4/d: the data is curved, and a network "
            "that learns its shape can gain more from data than a linear or kernel learner"
        )
    return (
        "the linear spectrum falls faster than 4/d: few directions carry most of the variance, "
        "and a linear learner may do better than the dimension suggests"
    )
