"""Losses measured outside this package, of any learner: read from whatever they come in."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.forecasting.external.columns import columns_of
from eigenscale.io.runs.sources import read_source


@dataclass(frozen=True, eq=False)
class Points:
    """Measured losses, one row for each number of samples, ascending.

    Attributes
    ----------
    n_samples : array, shape (m,)
    losses : array, shape (m, k)
        Repeats; NaN where a size has fewer.
    paired : bool
        Whether a column is one fold or seed at all sizes, which moves them together.
    name : str
    notes : tuple of str
    errors : array, shape (m,), or None
        Standard errors of the means, where they were measured with them.
    """

    n_samples: Floats
    losses: Floats
    paired: bool
    name: str
    notes: tuple[str, ...] = ()
    errors: Floats | None = None

    @property
    def repeats(self) -> NDArray[np.int64]:
        """Losses measured at each size."""
        return np.asarray(np.isfinite(self.losses).sum(axis=1))

    @property
    def mean(self) -> Floats:
        """Mean loss at each size."""
        return np.asarray(np.nanmean(self.losses, axis=1))


def read_points(points: Any, loss: Any = None, scoring: str | None = None) -> Points:
    """Read measured points.

    Parameters
    ----------
    points : array, tuple, path, dataframe, mapping, or LearningCurveDisplay
        Numbers of samples, with `loss`; ``(n_samples, loss)``; what scikit-learn's
        `learning_curve` returns; its display; or a table with columns n_samples and loss.
    loss : array, shape (m,) or (m, repeats), optional
    scoring : str, optional
        What scikit-learn's scores are: names that begin with ``neg_`` are losses with their sign
        turned, of all others the loss is 1 - score. Without it, scores that are nowhere positive
        are the former, and scores between 0 and 1 the latter.

    Raises
    ------
    InputError
        Where sizes and losses do not fit together or are not positive and finite.
    """
    if loss is not None:
        return _of_arrays(points, loss, "the points")
    if hasattr(points, "train_sizes") and hasattr(points, "test_scores"):
        return _of_scores(points.train_sizes, points.test_scores, scoring, "the display")
    if isinstance(points, tuple) and len(points) >= 3:
        return _of_scores(points[0], points[2], scoring, "the learning curve")
    if isinstance(points, tuple) and len(points) == 2:
        return _of_arrays(*points, name="the points")
    if isinstance(points, str | Path | Mapping) or hasattr(points, "columns"):
        return _of_table(points)
    raise InputError(
        f"points are {type(points).__name__}; give n_samples and loss, a table with these columns, "
        "or what scikit-learn's learning_curve returns"
    )


def _of_table(table: Any) -> Points:
    found = read_source(table)
    name = Path(table).name if isinstance(table, str | Path) else "the table"
    held = columns_of(found, name)
    points = _of_arrays(held.sizes, held.losses, name)
    errors = None
    if held.errors is not None and len(points.n_samples) == len(held.sizes):
        errors = held.errors[np.argsort(held.sizes, kind="stable")]
        _refuse(~(np.isfinite(errors) & (errors >= 0)), errors, "standard error", name, "known")
    return replace(points, errors=errors, notes=held.notes)


def _of_scores(sizes: Any, scores: Any, scoring: str | None, name: str) -> Points:
    values = _numbers(scores, "test scores")
    turned = scoring.startswith("neg_") if scoring is not None else bool((values <= 0).all())
    if scoring is None and not turned and not ((values >= 0) & (values <= 1)).all():
        raise InputError(
            f"{name} has scores from {values.min():.3g} to {values.max():.3g}, which may be losses "
            "or not; say scoring='neg_mean_squared_error', 'r2' or the like"
        )
    losses = -values if turned else 1 - values
    found = _of_arrays(sizes, losses, name)
    note = "losses are scores with their sign turned" if turned else "losses are 1 - score"
    notes = (note,) if scoring is None else ()
    return Points(found.n_samples, found.losses, found.paired, name, notes)


def _of_arrays(sizes: Any, losses: Any, name: str) -> Points:
    n, values = _numbers(sizes, "n_samples"), _numbers(losses, "loss")
    if n.ndim != 1 or values.ndim not in (1, 2) or len(values) != len(n):
        raise InputError(
            f"{name}: n_samples has shape {n.shape} and loss {values.shape}; give a loss, or a row "
            "of repeated losses, for each number of samples"
        )
    if not n.size:
        raise InputError(f"{name} is empty; give measured losses at four sizes or more")
    _refuse(~(np.isfinite(n) & (n > 0)), n, "n_samples", name, "positive")
    _refuse(~(np.isfinite(values) & (values >= 0)), values, "loss", name, "zero or more")
    values = values.reshape(len(n), -1)
    order = np.argsort(n, kind="stable")
    n, values = n[order], values[order]
    distinct, paired = np.unique(n), values.shape[1] > 1
    if len(distinct) < len(n):
        n, values, paired = distinct, _grouped(n, values, distinct), False
    return Points(n, values, paired, name)


def _grouped(n: Floats, values: Floats, distinct: Floats) -> Floats:
    """Losses of the same size side by side, filled up with NaN."""
    groups = [values[n == size].ravel() for size in distinct]
    out = np.full((len(distinct), max(len(group) for group in groups)), np.nan)
    for row, group in zip(out, groups, strict=True):
        row[: len(group)] = group
    return out


def _numbers(values: Any, name: str) -> Floats:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise InputError(f"{name} holds what is not a number; give numbers of one shape") from None


def _refuse(bad: NDArray[np.bool_], values: Floats, column: str, name: str, rule: str) -> None:
    if bad.any():
        row = int(np.argwhere(bad)[0][0]) + 1
        raise InputError(
            f"{name}: {column} has {values[bad].flat[0]:g} in row {row}; it is {rule} and "
            "finite; drop the row or mend the value"
        )


def sizes_asked(points: Points, n_samples: Any) -> Floats:
    """Sizes to forecast for: as asked, or from the smallest measured to ten times the largest."""
    if n_samples is not None:
        return np.asarray(n_samples, dtype=float)
    last = points.n_samples[-1]
    below, beyond = np.geomspace(points.n_samples[0], last, 8), np.geomspace(last, 10 * last, 7)
    return np.unique(np.concatenate([below, beyond]).round())
