"""Spectra side by side: layers, checkpoints or models, with intervals of their differences.

Rows are cut into groups at random; every number is computed again without each group in turn, and
the spread of these gives its standard error (a delete-one-group jackknife). Where two files have
as many rows, row for row the same samples, the same groups are left out of both, so that what is
special about the sample cancels in their difference.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.io.formats.source import Source
from eigenscale.io.preparation.preparation import Asked
from eigenscale.io.preparation.tables import Gaps, prepared_source
from eigenscale.progress import Progress, share_of
from eigenscale.results import Interval, Result, to_plain
from eigenscale.spectra.effective_ranks import DEFINITIONS, EffectiveRanks, effective_ranks
from eigenscale.spectra.exponent.least_squares import default_window, least_squares
from eigenscale.spectra.features import FeatureMap, featured
from eigenscale.spectra.measure import left
from eigenscale.spectra.measured import MeasuredSpectrum, from_moments
from eigenscale.spectra.moments import collect as limits
from eigenscale.spectra.moments.collect import Missing, collect
from eigenscale.spectra.moments.moments import Moments, about_zero, merge

_GROUPS = 10
_FEW_GROUPS, _MANY_INPUTS = 5, 2048  # groups where an eigenvalue problem takes long
_BLOCK = 64  # rows of a block, where the number of rows is not known
_FIELDS = [field.name for field in fields(EffectiveRanks)]


@dataclass(frozen=True, eq=False)
class Side:
    """One of several spectra.

    Attributes
    ----------
    spectrum : MeasuredSpectrum
    alpha : Interval or None
        By least squares; None with fewer than three eigenvalues.
    ranks : (int, int) or None
        Its window.
    effective : dict of Interval
        Effective ranks by name, see `DEFINITIONS`.
    left_out : array, shape (groups, ranks)
        The same without each group.
    """

    spectrum: MeasuredSpectrum
    alpha: Interval | None
    ranks: tuple[int, int] | None
    effective: dict[str, Interval]
    left_out: Floats

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        measured = self.spectrum
        return {
            "name": measured.name,
            "n_samples": measured.n_samples,
            "n_inputs": measured.n_inputs,
            "alpha": to_plain(self.alpha),
            "ranks": to_plain(self.ranks),
            **to_plain(self.effective),
            "eigenvalues": measured.eigenvalues.tolist(),
            **({} if measured.prepared is None else {"prepared": measured.prepared.to_dict()}),
        }


@dataclass(frozen=True, eq=False)
class SideBySide(Result):
    """Several spectra and how they differ.

    Attributes
    ----------
    sides : tuple of Side
    differences : tuple of dict
        Each spectrum less the first: names `of` and `less`, whether the rows are `paired`, and an
        interval for each effective rank.
    """

    sides: tuple[Side, ...]
    differences: tuple[dict[str, Any], ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return tuple(
            f"{side.spectrum.name}: {note}" for side in self.sides for note in side.spectrum.notes
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values, with a line of definition for each effective rank."""
        plain: dict[str, Any] = to_plain(
            {
                "spectra": list(self.sides),
                "differences": list(self.differences),
                "definitions": DEFINITIONS,
            }
        )
        return plain


def side_by_side(
    data: Sequence[Any],
    *,
    columns: Sequence[str] | None = None,
    patches: int | None = None,
    grey: bool = False,
    features: "FeatureMap | str | Callable[[Any], Any] | None" = None,
    center: bool = True,
    missing: Gaps = "refuse",
    prepare: Asked = "auto",
    level: float = 0.9,
    rng: int = 0,
    progress: Progress | None = None,
) -> SideBySide:
    """Measure several datasets alike, and compare their effective ranks with the first one's.

    Parameters
    ----------
    data : sequence of path, array or dataframe
        Rows are samples; columns may differ in number.
    columns, patches, grey, features, missing, prepare
        As for `measure`, for all alike.
    center : bool
        Whether the mean is taken off; RankMe and others are often quoted without.
    level : float
        Of the intervals.
    rng : int
        Of the groups and the features.

    Raises
    ------
    InputError
        Where data cannot be read, have fewer rows than groups, or more than 16,384 inputs.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.random.default_rng(0).normal(size=(500, 20))
    >>> found = side_by_side([rows, rows * np.arange(1, 21) ** -1.0])
    >>> found.differences[0]["rankme"].high < 0
    True
    """
    sides, step = [], 1 / len(data)
    for number, one in enumerate(data):
        one, _, names, made = prepared_source(one, None, columns, prepare, gaps=missing)
        source = open_source(one, names, patches=patches, grey=grey)
        if features is not None:
            source = featured(source, features, rng)
        folds = _folds(
            source, left(missing), rng, share_of(progress, number * step, (number + 1) * step)
        )
        side = _side(source, folds, center, level)
        sides.append(replace(side, spectrum=replace(side.spectrum, prepared=made)))
    differences = tuple(_difference(side, sides[0], level) for side in sides[1:])
    return SideBySide(tuple(sides), differences)


def _folds(
    source: Source, missing: Missing, rng: int, progress: Progress | None
) -> Sequence[Moments]:
    """Moments of each group of rows."""
    if source.n_columns > limits.MAX_INPUTS:
        raise InputError(
            f"{source.name} has {source.n_columns:,} inputs; several spectra are compared up to "
            f"{limits.MAX_INPUTS:,}: measure it alone, or choose columns"
        )
    groups = _FEW_GROUPS if source.n_columns > _MANY_INPUTS else _GROUPS
    if source.n_rows is not None and source.n_rows < 3 * groups:
        raise InputError(
            f"{source.name} has {source.n_rows} rows; intervals of differences need {3 * groups}"
        )
    places = None
    if source.n_rows is not None:
        places = np.random.default_rng(rng).permutation(source.n_rows)

    def group(start: int, stop: int) -> NDArray[np.int64]:
        rows = np.arange(start, stop) // _BLOCK if places is None else places[start:stop]
        return np.asarray(rows % groups)

    got = collect(source, None, folds=groups, fold=group, missing=missing, progress=progress)
    return got.folds


def _side(source: Source, folds: Sequence[Moments], center: bool, level: float) -> Side:
    whole = _measured(merge(folds), source, center)
    ranks = alpha = None
    if whole.rank >= 3:
        ranks = default_window(whole)
        alpha = least_squares(whole, ranks, level).alpha
    value = effective_ranks(whole, ranks)
    left_out = []
    for number in range(len(folds)):
        others = [fold for at, fold in enumerate(folds) if at != number]
        part = _measured(merge(others), source, center)
        window = None if ranks is None else (ranks[0], min(ranks[1], part.rank))
        left_out.append(list(vars(effective_ranks(part, window)).values()))
    array = np.array(left_out)
    effective = {
        name: _jackknife(value.to_dict()[name], array[:, at], level)
        for at, name in enumerate(_FIELDS)
    }
    return Side(whole, alpha, ranks, effective, array)


def _measured(moments: Moments, source: Source, center: bool) -> MeasuredSpectrum:
    return from_moments(moments if center else about_zero(moments), source.name, notes=source.notes)


def _difference(side: Side, first: Side, level: float) -> dict[str, Any]:
    """Effective ranks of a side less those of the first."""
    paired = side.spectrum.n_samples == first.spectrum.n_samples
    paired = paired and side.left_out.shape == first.left_out.shape
    found: dict[str, Any] = {
        "of": side.spectrum.name,
        "less": first.spectrum.name,
        "paired": paired,
    }
    for at, name in enumerate(_FIELDS):
        one, other = side.effective[name], first.effective[name]
        value = one.value - other.value
        if paired:
            draws = side.left_out[:, at] - first.left_out[:, at]
            found[name] = _jackknife(value, draws, level)
        else:
            error = float(np.hypot(one.se or 0.0, other.se or 0.0))
            found[name] = _student(value, error, len(side.left_out), level)
    return found


def _jackknife(value: float, left_out: Floats, level: float) -> Interval:
    groups = len(left_out)
    error = float(np.sqrt((groups - 1) / groups * np.sum((left_out - left_out.mean()) ** 2)))
    return _student(value, error, groups, level)


def _student(value: float, error: float, groups: int, level: float) -> Interval:
    from scipy.stats import t

    half = float(t.ppf((1 + level) / 2, groups - 1)) * error
    return Interval(value, value - half, value + half, level, error)
