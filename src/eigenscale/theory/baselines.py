"""What the theory of learning said before scaling laws: errors against the number of samples.

Each baseline is one formula in n samples, to stand beside a measured or a predicted curve. Sums of
squares are in units of the target squared, errors of classifiers and rates without unit.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.spectrum import Spectrum
from eigenscale.theory.sgd.features import power_missed


@dataclass(frozen=True)
class Baseline:
    """One formula, with the names and defaults of what it needs beside n.

    Attributes
    ----------
    name, formula, meaning : str
        What it is called, and says.
    inputs : mapping of str to float
        Parameters with their defaults; NaN where there is none.
    value : callable
        ``value(n, **inputs)``.
    """

    name: str
    formula: str
    meaning: str
    inputs: Mapping[str, float]
    value: Callable[..., Floats]


def _mean(n: Floats, variance: float) -> Floats:
    return variance / n


def _least_squares(n: Floats, variance: float, d: float) -> Floats:
    spare = n - d - 1.0
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spare > 0, variance * d / np.where(spare > 0, spare, 1.0), np.inf)


def _pac(n: Floats, log_size: float, delta: float) -> Floats:
    return np.asarray((log_size - np.log(delta)) / n)


def _pac_agnostic(n: Floats, log_size: float, delta: float) -> Floats:
    return np.asarray(np.sqrt((np.log(2.0) + log_size - np.log(delta)) / (2.0 * n)))


def _vc(n: Floats, d: float, delta: float) -> Floats:
    return np.asarray(np.sqrt(8.0 / n * (d * (1.0 + np.log(2.0 * n / d)) + np.log(4.0 / delta))))


def _smooth(n: Floats, s: float, d: float) -> Floats:
    return np.asarray(n ** (-2.0 * s / (2.0 * s + d)))


def _power(n: Floats, d: float, numerator: float) -> Floats:
    return np.asarray(n ** (-numerator / d))


_NONE = float("nan")
BASELINES = {
    line.name: line
    for line in (
        Baseline("mean", "σ²/n", "error of the mean of n draws", {"variance": _NONE}, _mean),
        Baseline(
            "least-squares",
            "σ² d/(n - d - 1)",
            "excess error of least squares on d Gaussian inputs",
            {"variance": _NONE, "d": _NONE},
            _least_squares,
        ),
        Baseline(
            "pac",
            "(ln|H| + ln 1/δ)/n",
            "error of a finite class that holds the truth (PAC, realisable)",
            {"log_size": _NONE, "delta": 0.05},
            _pac,
        ),
        Baseline(
            "pac-agnostic",
            "√(ln(2|H|/δ)/(2n))",
            "gap between training and test error of a finite class (PAC, agnostic)",
            {"log_size": _NONE, "delta": 0.05},
            _pac_agnostic,
        ),
        Baseline(
            "vc",
            "√((8/n)(d ln(2en/d) + ln(4/δ)))",
            "gap between training and test error at VC dimension d",
            {"d": _NONE, "delta": 0.05},
            _vc,
        ),
        Baseline(
            "smooth",
            "n^(-2s/(2s+d))",
            "minimax rate for s derivatives in d dimensions",
            {"s": 2.0, "d": _NONE},
            _smooth,
        ),
        Baseline(
            "nearest",
            "n^(-1/d)",
            "distance of the nearest of n points in d dimensions",
            {"d": _NONE},
            lambda n, d: _power(n, d, 1.0),
        ),
        Baseline(
            "4/d",
            "n^(-4/d)",
            "loss of a piecewise linear fit in d dimensions (Sharma and Kaplan 2022)",
            {"d": _NONE},
            lambda n, d: _power(n, d, 4.0),
        ),
    )
}
"""The baselines by name."""


def baseline(name: str, n_samples: ArrayLike, **inputs: float) -> Floats:
    """Give the error that a baseline names at each number of samples.

    Parameters
    ----------
    name : str
        A key of `BASELINES`.
    n_samples : array_like
        n, positive.
    **inputs : float
        What the formula needs: ``variance`` σ², ``d`` inputs, VC or intrinsic dimension, ``s``
        derivatives, ``log_size`` ln|H|, ``delta`` δ.

    Returns
    -------
    array
        ``inf`` where least squares has too few samples.

    Raises
    ------
    InputError
        Where the name is not known, an input is missing, not used, or breaks its rule.

    Examples
    --------
    >>> baseline("least-squares", [50, 111], variance=1.0, d=10.0)
    array([0.25641026, 0.1       ])
    """
    rule = find_baseline(name)
    n = np.asarray(n_samples, float)
    if not (n > 0).all():
        raise InputError(f"n_samples has {n[~(n > 0)].flat[0]:g}; sizes are positive; mend it")
    unknown = sorted(set(inputs) - set(rule.inputs))
    if unknown:
        raise InputError(
            f"baseline {name} has no input {unknown[0]!r}; it takes {', '.join(rule.inputs)}"
        )
    values = {**rule.inputs, **inputs}
    for key, value in values.items():
        _check_input(rule, key, value)
    return np.asarray(rule.value(n, **values))


def _check_input(rule: Baseline, key: str, value: float) -> None:
    if np.isnan(value):
        raise InputError(
            f"baseline {rule.name} needs {key}, and none is given: its error is {rule.formula}; "
            f"write {rule.name}:{key}=10"
        )
    least = value >= 0 if key in ("variance", "log_size") else value > 0
    if not (least and value < (1.0 if key == "delta" else np.inf)):
        rule_of = "between 0 and 1" if key == "delta" else "positive and finite"
        raise InputError(f"{key} {value:g} of baseline {rule.name} is not {rule_of}; mend it")


def model_baseline(
    spectrum: Spectrum,
    name: str,
    n_features: float,
    n_samples: float,
    inputs: Mapping[str, float],
    *,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> dict[str, Any]:
    """Give a baseline for a student with N features on T samples of the solvable model.

    What is not among the inputs follows from the model: σ² is the variance of the labels for the
    mean, and of their noise with what N features cannot express for least squares on d = N inputs
    (d = M where N is infinite); the VC dimension is N + 1, and a finite class has 32 bits for each
    feature.

    Returns
    -------
    dict
        ``name``, ``value``, ``formula`` and ``meaning``, and the inputs.
    """
    rule = find_baseline(name)
    d = n_features if np.isfinite(n_features) else spectrum.latent_dim
    noise = noise_var + spectrum.unexplained
    known: dict[str, float] = {}
    if name == "mean":
        whole = float(spectrum.multiplicities @ spectrum.power(weight_var))
        known = {"variance": noise + whole}
    elif name == "least-squares":
        known = {"variance": noise + power_missed(spectrum, n_features, weight_var), "d": d}
    elif name == "vc":
        known = {"d": d + 1.0}
    elif "log_size" in rule.inputs:
        known = {"log_size": 32.0 * np.log(2.0) * d}
    used = {**rule.inputs, **known, **inputs}
    value = float(baseline(name, n_samples, **used))
    about = {"name": name, "value": value, "formula": rule.formula, "meaning": rule.meaning}
    return {**about, **used}


def find_baseline(name: str) -> Baseline:
    """Find a baseline by name, or list the names there are."""
    if name not in BASELINES:
        raise InputError(f"baseline {name!r} is not known; there are {', '.join(BASELINES)}")
    return BASELINES[name]
