"""Local exponents without a form: weighted quadratics in log size and log data.

Where runs are dense, the slope of log loss in log size and log data is told by the neighbours of a
place alone. A law whose own slope differs there has the wrong form.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.law import Law
from eigenscale.laws.table import Table
from eigenscale.results import Interval

FEWEST = 15  # runs of a table that is dense enough
NEIGHBOURS, SHARE = 12, 0.4  # at least so many, and such a share of the runs, around a place
PLACES = (0.25, 0.5, 0.75)  # quantiles of compute
TERMS = 6  # of a quadratic in two variables
SPREAD = 0.15  # standard deviation of log size and log data that slopes need, each given the other
CLEAR, MATTERS = 2.5, 0.15  # standard errors and share of the slope that part a law from the runs


@dataclass(frozen=True)
class Place:
    """Slopes of log loss at one place, by its neighbours and by the law.

    Attributes
    ----------
    flops, params, tokens : float
    runs : int
        Neighbours that carry the estimate.
    size_exponent, data_exponent : Interval
        Minus the slope of log loss in log params and log tokens.
    law_size, law_data : float
        The same of the law.
    best_params : float or None
        Size of the lowest loss at this compute, where the quadratic has one among the neighbours.
    """

    flops: float
    params: float
    tokens: float
    runs: int
    size_exponent: Interval
    data_exponent: Interval
    law_size: float
    law_data: float
    best_params: float | None

    @property
    def agrees(self) -> bool:
        """Whether the law's slopes are those of the runs, within their errors."""
        pairs = ((self.size_exponent, self.law_size), (self.data_exponent, self.law_data))
        return not any(
            abs(one.value - law) > max(CLEAR * (one.se or 0.0), MATTERS * abs(law))
            for one, law in pairs
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "flops": self.flops,
            "params": self.params,
            "tokens": self.tokens,
            "runs": self.runs,
            "exponent_params": self.size_exponent.to_dict(),
            "exponent_tokens": self.data_exponent.to_dict(),
            "law_exponent_params": self.law_size,
            "law_exponent_tokens": self.law_data,
            "best_params": self.best_params,
            "agrees": self.agrees,
        }


def local_slopes(table: Table, law: Law, theta: Floats, level: float = 0.9) -> list[Place]:
    """Estimate local exponents at quantiles of compute, beside those of a law.

    Parameters
    ----------
    table : Table
        With params and tokens.
    law, theta
        A law of params and tokens, and its parameters.
    level : float
        Coverage of the intervals.

    Raises
    ------
    InputError
        Where runs are too few, or size and data were not varied apart.

    Notes
    -----
    Local polynomial regression (Cleveland 1979) of second degree with tricube weights; its
    intervals are by the t distribution.
    """
    names = ("params", "tokens")
    if not set(names) <= set(table.inputs) or not set(names) <= set(law.inputs):
        raise InputError("local exponents need a law of params and tokens; take chinchilla")
    known = np.isfinite(table.inputs["params"] * table.inputs["tokens"])
    if known.sum() < FEWEST:
        raise InputError(
            f"{known.sum()} runs are too few for local exponents, which take at least {FEWEST} "
            "with size and data varied independently"
        )
    table = table.take(known)
    x, y = (np.log(table.inputs[name]) for name in names)
    order = np.argsort(table.compute(), kind="stable")
    found = [
        place
        for share in PLACES
        if (place := _place(table, law, theta, x, y, order[round(share * (len(x) - 1))], level))
    ]
    if not found:
        raise InputError(
            "size and data grow together in these runs, so that their exponents cannot be told "
            "apart locally; vary one at a fixed value of the other"
        )
    return found


def _place(
    table: Table, law: Law, theta: Floats, x: Floats, y: Floats, at: int, level: float
) -> Place | None:
    spread = np.array([x.std(), y.std()])
    near = np.hypot((x - x[at]) / spread[0], (y - y[at]) / spread[1])
    count = max(min(NEIGHBOURS, len(x)), round(SHARE * len(x)))
    rows = np.argsort(near, kind="stable")[:count]
    weights = np.clip(1 - (near[rows] / (1.05 * near[rows].max())) ** 3, 0, None) ** 3
    u, v = x[rows] - x[at], y[rows] - y[at]
    if not _apart(u, v):
        return None
    slopes = _quadratic(u, v, np.log(table.target[rows]), weights)
    if slopes is None:
        return None
    values, errors, free, bend = slopes
    size, data = (_interval(-values[i], errors[i], free, level) for i in (1, 2))
    inputs = {name: column[at : at + 1] for name, column in table.inputs.items()}
    mine = [_slope(law, theta, inputs, name) for name in ("params", "tokens")]
    return Place(
        float(table.compute()[at]), float(np.exp(x[at])), float(np.exp(y[at])), len(rows),
        size, data, mine[0], mine[1], _best(values, bend, u, v, float(np.exp(x[at]))),
    )  # fmt: skip


def _apart(u: Floats, v: Floats) -> bool:
    """Whether size and data vary each without the other."""
    cross = np.cov(np.stack([u, v]))
    if min(cross[0, 0], cross[1, 1]) <= 0:
        return False
    left = np.linalg.det(cross) / np.array([cross[1, 1], cross[0, 0]])
    return bool((left > SPREAD**2).all())


def _quadratic(
    u: Floats, v: Floats, z: Floats, w: Floats
) -> tuple[Floats, Floats, float, Floats] | None:
    """Coefficients (1, u, v), their standard errors, degrees of freedom, and the curvatures."""
    X = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=1)
    root = np.sqrt(w)
    free = float(w.sum() ** 2 / (w**2).sum()) - TERMS
    if free < 2 or np.linalg.matrix_rank(X * root[:, None]) < TERMS:
        return None
    inverse = np.linalg.pinv(X * root[:, None])
    values = inverse @ (root * z)
    residual = z - X @ values
    scatter = float((w * residual**2).sum() / w.sum()) * (free + TERMS) / free
    errors = np.sqrt(scatter * ((inverse * root) ** 2).sum(axis=1))
    return values, errors, free, values[3:]


def _interval(value: float, error: float, free: float, level: float) -> Interval:
    from scipy.special import stdtrit

    half = float(stdtrit(free, 0.5 + level / 2)) * error
    return Interval(float(value), float(value - half), float(value + half), level, float(error))


def _slope(law: Law, theta: Floats, inputs: dict[str, Floats], name: str) -> float:
    """Minus the slope of the law's log value in the log of one input, C moving with it."""
    step = 1e-4
    values = []
    for sign in (1, -1):
        moved = {n: inputs[n] for n in law.inputs}
        factor = np.exp(sign * step)
        for other in (name, "flops"):
            if other in moved:
                moved[other] = moved[other] * factor
        values.append(float(np.log(law.predict(theta, **moved))[0]))
    return -(values[0] - values[1]) / (2 * step)


def _best(values: Floats, bend: Floats, u: Floats, v: Floats, size: float) -> float | None:
    """Minimum along u + v = 0, where it bends up and lies among the neighbours."""
    curve, slope = bend[0] - bend[1] + bend[2], values[1] - values[2]
    if not curve > 0:
        return None
    step = -slope / (2 * curve)
    inside = u.min() <= step <= u.max() and v.min() <= -step <= v.max()
    return float(size * np.exp(step)) if inside else None


def local_sentence(places: list[Place]) -> str:
    """Say whether the law has the slopes that the runs have."""
    off = [place for place in places if not place.agrees]
    if not off:
        return (
            f"Local regression without a form agrees with the law's exponents at {len(places)} "
            f"{'place' if len(places) == 1 else 'places'} among the runs"
        )
    where = ", ".join(f"{place.flops:.2g}" for place in off)
    return (
        f"Local regression without a form differs from the law's exponents at {len(off)} of "
        f"{len(places)} places (C = {where} FLOP): the form is wrong there; compare --law all"
    )
