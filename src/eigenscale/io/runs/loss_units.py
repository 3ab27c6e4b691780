"""Units of losses and scores: what people measure, and how it becomes a loss that falls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.results import Interval


@dataclass(frozen=True)
class LossUnit:
    """How a column is told, and what a law is fitted to.

    Attributes
    ----------
    name : str
        As it is printed and stands in JSON: ``"bits/byte"``.
    factor : float
        Losses inside for one of the unit, where it is a multiple: ln 2 for bits.
    inward, outward : callable
        From the column to the positive loss of a law in this unit, and back.
    rule : str
        What `inward` does, empty where nothing.
    rises : bool
        Whether larger is better.
    """

    name: str
    factor: float = 1.0
    inward: Callable[[Floats], Floats] = np.asarray
    outward: Callable[[Floats], Floats] = np.asarray
    rule: str = ""
    rises: bool = False


def _one_minus(values: Floats) -> Floats:
    return 1.0 - np.asarray(values)


def _hundred_minus(values: Floats) -> Floats:
    return 100.0 - np.asarray(values)


_LN2 = float(np.log(2.0))
_BITS = "bits × ln 2"

UNITS = {
    unit.name: unit
    for unit in (
        LossUnit("nats/token"),
        LossUnit("nats/byte"),
        LossUnit("bits/token", _LN2, rule=_BITS),
        LossUnit("bits/byte", _LN2, rule=_BITS),
        LossUnit("bits/char", _LN2, rule=_BITS),
        LossUnit("perplexity", 1.0, np.log, np.exp, "ln(perplexity)"),
        LossUnit("accuracy", 1.0, _one_minus, _one_minus, "1 - accuracy", True),
        LossUnit("percent accuracy", 1.0, _hundred_minus, _hundred_minus, "100 - accuracy", True),
        LossUnit("score", 1.0, _one_minus, _one_minus, "1 - score", True),
        *(LossUnit(name) for name in ("error", "percent", "MSE", "RMSE", "MAE", "WER", "loss")),
    )
}
"""Units by name."""

_OTHER_NAMES = {
    "nats": "nats/token",
    "nat": "nats/token",
    "bits": "bits/token",
    "bit": "bits/token",
    "bpb": "bits/byte",
    "bpc": "bits/char",
    "bits/character": "bits/char",
    "ppl": "perplexity",
    "%": "percent",
    "acc": "accuracy",
    "error rate": "error",
    "err": "error",
}
BYTES_EACH = "bytes_per_token"
"""What is said among the units to turn losses per byte into losses per token."""

LOSS_UNITS = ("nats", "bits", "perplexity", *UNITS)
"""Names that are understood, the plain ones first."""


def loss_unit(name: str) -> LossUnit:
    """Find a unit by its name or by another one for it.

    Raises
    ------
    InputError
        When the name is not known.

    Examples
    --------
    >>> loss_unit("bits").name, loss_unit("nats per byte").name, loss_unit("mse").name
    ('bits/token', 'nats/byte', 'MSE')
    """
    plain = " ".join(str(name).strip().lower().replace("_", " ").replace(" per ", "/").split())
    plain = _OTHER_NAMES.get(plain, plain)
    found = next((unit for key, unit in UNITS.items() if key.lower() == plain), None)
    if found is None:
        raise InputError(f"unit {name!r} of loss is not known; use one of {', '.join(UNITS)}")
    return found


def bytes_per_token(given: str | float) -> float:
    """Read how many bytes a token has on average.

    Raises
    ------
    InputError
        Where it is no number between 0.5 and 100.
    """
    try:
        count = float(given)
    except ValueError:
        count = float("nan")
    if not 0.5 <= count <= 100:
        raise InputError(
            f"bytes_per_token={given} is not between 0.5 and 100; give the bytes of the "
            "validation text over its tokens, as 4.3"
        )
    return count


def outward(interval: Interval, unit: str) -> Interval:
    """Give an interval of the loss of a law in the unit that people see.

    Examples
    --------
    >>> outward(Interval(0.2, 0.1, 0.3, 0.9), "accuracy").low
    0.7
    """
    change = loss_unit(unit).outward
    low, high = sorted(float(change(np.asarray(end))) for end in (interval.low, interval.high))
    value = float(change(np.asarray(interval.value)))
    error = interval.se if change is np.asarray else None
    return Interval(value, low, high, interval.level, error)


def inward(value: float, unit: str) -> float:
    """Give a loss that people see as the loss of a law."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return float(loss_unit(unit).inward(np.asarray(value, dtype=np.float64)))


def of_runs(runs: Any) -> str:
    """Give the unit of the losses of runs, or of a mapping of columns."""
    return str(getattr(runs, "unit", "nats/token"))


def unit_of_scores(column: str, values: Floats) -> LossUnit:
    """Choose the unit of a column of scores: accuracies, in per cent where they exceed one."""
    known = values[np.isfinite(values)]
    if known.size and 1.0 < known.max() <= 100.0 and known.min() >= 0:
        return UNITS["percent accuracy"]
    return UNITS["accuracy" if "acc" in column.lower() else "score"]
