"""Options of a forecast, checked: sizes, ridges, the learner and the resampling."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import check_count, check_level
from eigenscale.errors import InputError
from eigenscale.forecasting.forecaster import Learner
from eigenscale.forecasting.sample.kernels import kernel_named, limit_of


def sizes(values: ArrayLike, name: str, least: int) -> np.ndarray:
    """Check numbers of samples or features."""
    found = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    if not found.size:
        raise InputError(f"{name} is empty; give at least one number")
    for value in found:
        if not value >= least or not np.isfinite(value):
            raise InputError(f"{name} has {value:g}; it is a whole number of at least {least}")
    return np.round(found)


def ridges_asked(ridge: Any) -> list[float | str]:
    """Check ridges: numbers, or "optimal"."""
    if isinstance(ridge, str):
        if ridge != "optimal":
            raise InputError(f'ridge {ridge!r} is not a number; give one, or "optimal"')
        return [ridge]
    values = np.atleast_1d(np.asarray(ridge, dtype=float)).ravel()
    if not values.size or not (values >= 0).all() or not np.isfinite(values).all():
        raise InputError(f"ridge {ridge!r} has a value that is not 0 or more; mend or drop it")
    return [float(value) for value in values]


def learner_asked(
    features: np.ndarray | None,
    feature_map: str,
    kernel: str | None,
    width: float,
) -> Learner:
    """Check what is to be forecast."""
    if not 0 < width < np.inf:
        raise InputError(f"width {width:g} is not positive and finite; 1 suits most data")
    if kernel is not None:
        if features is not None:
            raise InputError("n_features goes with random features, not with a kernel; drop one")
        kernel_named(kernel)
        return Learner("kernel", kernel, width)
    if features is None:
        return Learner()
    limit_of(feature_map)
    return Learner("random", feature_map, width)


def check_options(level: float, draws: int, max_rows: int | None) -> None:
    """Check what all forecasts take."""
    check_level(level)
    if draws < 20:
        raise InputError(f"draws {draws} is too few for an interval; use 20 or more")
    check_count(draws, "draws")
    if max_rows is not None and max_rows < 16:
        raise InputError(f"max_rows {max_rows} is too few; use 16 or more")


def check_independent(learner: Learner, check: bool) -> None:
    """Refuse what is for independent rows only, where groups or times are given."""
    if check:
        raise InputError(
            "a check holds rows back at random; with groups or time losses are measured on splits "
            "that respect them already: leave the check out"
        )
    if learner.kind != "fixed":
        raise InputError(
            f"{learner} is forecast for independent rows only; leave out groups and time, or the "
            "features and kernel"
        )
