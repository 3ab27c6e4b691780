"""From data to its intrinsic dimension in one call, with the spectrum's exponent."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.io.preparation.preparation import Asked, Preparation
from eigenscale.io.preparation.tables import Gaps, prepared_source
from eigenscale.progress import Progress
from eigenscale.results import Interval, Result
from eigenscale.spectra.dimension.estimators import Dimension, dimension_of
from eigenscale.spectra.dimension.neighbours import EXACT
from eigenscale.spectra.measure import left, measure
from eigenscale.spectra.moments.collect import BadRows, Missing

MAX_POINTS = 200_000
_FEWEST = 200  # points of a subsample


@dataclass(frozen=True)
class Subsample:
    """The dimension of a random part of the points, at the same number of neighbours."""

    n_points: int
    radius: float
    mle: Interval


@dataclass(frozen=True, eq=False)
class Geometry(Result):
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
    subsamples : tuple of Subsample
        The estimate on fewer points, where neighbours are farther: another way to change scale.
    dropped : int
        Rows left out because they were not finite.
    notes : tuple of str
        What was done to the data on the way.
    prepared : Preparation or None
        What was done to the columns of a table.
    """

    name: str
    dimension: Dimension
    alpha: float | None
    expected_alpha: float
    reading: str
    subsamples: tuple[Subsample, ...] = ()
    dropped: int = 0
    notes: tuple[str, ...] = ()
    prepared: Preparation | None = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return (*self.notes, *self.dimension.notes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values: the keys of the dimension, then the exponents."""
        from dataclasses import asdict

        return (
            {"name": self.name}
            | asdict(self.dimension)
            | {
                "notes": [*self.notes, *self.dimension.notes],
                "warnings": list(self.warnings),
                "subsamples": [asdict(s) for s in self.subsamples],
                "dropped": self.dropped,
                "alpha": self.alpha,
                "expected_alpha": self.expected_alpha,
                "reading": self.reading,
            }
            | ({} if self.prepared is None else {"prepared": self.prepared.to_dict()})
        )


def dimension(
    data: Any,
    neighbours: int = 20,
    *,
    samples: int | None = None,
    columns: Any = None,
    patches: int | None = None,
    grey: bool = False,
    missing: Gaps = "refuse",
    prepare: Asked = "auto",
    level: float = 0.9,
    rng: int = 0,
    progress: Progress | None = None,
) -> Geometry:
    """Measure the intrinsic dimension of data; see `dimension_of` for the method.

    Parameters
    ----------
    data : path, array, dataframe or iterator of arrays
        As for `measure`, with the same `columns`, `patches`, `grey`, `missing` and `prepare`.
    samples : int, optional
        Use a random subset of so many rows.

    Raises
    ------
    InputError
        Where the data cannot be read or is not finite, or holds more than 200,000 rows and no
        `samples` is given.
    """
    data, _, columns, made = prepared_source(data, None, columns, prepare, gaps=missing)
    source = open_source(data, columns, patches=patches, grey=grey)
    rows, dropped = _rows(source, samples, left(missing), rng)
    found = dimension_of(rows, neighbours, level=level, rng=rng, progress=progress)
    spectrum = measure(rows)
    alpha = spectrum.exponent().alpha.value if spectrum.rank >= 3 else None
    expected = 4 / found.mle.value
    return Geometry(
        source.name,
        found,
        alpha,
        expected,
        _reading(alpha, expected),
        _subsamples(rows, neighbours, level, rng),
        dropped,
        source.notes,
        made,
    )


def _subsamples(rows: Any, neighbours: int, level: float, rng: int) -> tuple[Subsample, ...]:
    """Estimate on a sixteenth and a quarter of the points, whose neighbours are farther."""
    order = np.random.default_rng(rng).permutation(len(rows))
    found = []
    for size in (len(rows) // 16, len(rows) // 4):
        if not max(_FEWEST, 4 * neighbours) <= size <= EXACT:
            continue
        try:
            part = dimension_of(rows[order[:size]], neighbours, level=level, rng=rng)
        except InputError:  # too few distinct points
            continue
        scale = next(s for s in part.scales if s.neighbours == neighbours)
        found.append(Subsample(part.n_points, scale.radius, scale.mle))
    return tuple(found)


def _rows(source: Any, samples: int | None, missing: Missing, rng: int) -> tuple[Any, int]:
    """Give the finite rows, or a random subset of them, and how many others were dropped."""
    parts, read, kept, bad = [], 0, 0, BadRows()
    for block in source.blocks(4096):
        keep = np.isfinite(block).all(axis=1)
        if not keep.all():
            bad.note(block, read)
        parts.append(np.array(block[keep]))
        read, kept = read + len(block), kept + len(parts[-1])
        if samples is None and kept > MAX_POINTS:
            raise InputError(
                f"{source.name} has more than {MAX_POINTS} rows; take a random subset with "
                "samples=50000 (--samples 50000)"
            )
    if bad.rows and missing == "refuse":
        raise bad.refuse(source.name)
    if not kept:
        raise InputError(f"{source.name} has no rows of finite numbers; give at least 12")
    rows = np.concatenate(parts)
    if samples is None:
        return rows, bad.rows
    if not 4 <= samples <= len(rows):
        raise InputError(f"samples has {samples}; it lies between 4 and the {len(rows)} rows")
    return rows[np.random.default_rng(rng).permutation(len(rows))[:samples]], bad.rows


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
