"""Approaches 1 and 2 of Hoffmann et al. beside the fit, and the bias that they have.

Approach 1 takes the runs that nothing cheaper beats; approach 2 a parabola through each set of
runs of equal compute. Both then draw a line through log best size against log compute. Parabolas
in the log are no exact shape of any law, so their optima are biased even without noise: by how
much is measured on the fitted law, evaluated at the user's own runs.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.laws.base import Floats
from eigenscale.laws.table import Table, tabulate

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit

SAME_BUDGET = 0.1  # runs whose log compute differs by less from the next are one budget
FEWEST = 4  # runs of a budget that a parabola is drawn through
FLAT = 2.0  # standard errors that the curvature of a parabola must have
GRID = 401


@dataclass(frozen=True, eq=False)
class Growth:
    """How the best `quantity` grows with compute: coefficient × C^exponent.

    Attributes
    ----------
    approach, quantity : str
    exponent, coefficient : float
    compute, optimum : array (k,)
        The points that the line goes through.
    flags : tuple of str
        One per point: "" where it is sound, else "edge", "flat" or "few".
    bias : float or None
        Exponent by this approach on exact losses of the fitted law, minus the law's own.
    """

    approach: str
    quantity: str
    exponent: float
    coefficient: float
    compute: Floats
    optimum: Floats
    flags: tuple[str, ...] = ()
    bias: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "approach": self.approach,
            "quantity": self.quantity,
            "exponent": self.exponent,
            "coefficient": self.coefficient,
            "bias": self.bias,
            "points": [
                {"flops": c, "optimum": v, "flag": f}
                for c, v, f in zip(
                    self.compute.tolist(), self.optimum.tolist(), self.flags, strict=True
                )
            ],
        }


def budgets(table: Table) -> list[tuple[float, NDArray[np.int64]]]:
    """Find sets of runs of equal compute: (geometric mean, rows) of each."""
    log_c = np.log(table.compute())
    order = np.argsort(log_c, kind="stable")
    breaks = np.flatnonzero(np.diff(log_c[order]) > SAME_BUDGET) + 1
    return [
        (float(np.exp(log_c[rows].mean())), rows)
        for rows in np.split(order, breaks)
        if np.ptp(log_c[rows]) < 5 * SAME_BUDGET
    ]


def isoflop(runs: Any, quantity: str = "tokens") -> Growth:
    """Approach 2: the bottoms of parabolas in the log of `quantity`, one per compute budget.

    Parameters
    ----------
    runs : Runs, Table or mapping
    quantity : {"tokens", "params"}

    Raises
    ------
    InputError
        Fewer than two budgets have four runs and a bottom.

    Examples
    --------
    >>> import numpy as np
    >>> C, N = np.meshgrid([1e18, 1e19, 1e20], np.geomspace(1e8, 1e10, 7))
    >>> runs = {"flops": C.ravel(), "params": N.ravel(), "tokens": (C / 6 / N).ravel()}
    >>> runs["loss"] = 1.7 + 400 / runs["params"] ** 0.3 + 400 / runs["tokens"] ** 0.3
    >>> round(isoflop(runs, "params").exponent, 3)  # the law's own is 0.5: parabolas are biased
    0.488
    """
    table = runs if isinstance(runs, Table) else tabulate(runs)
    if quantity not in table.inputs:
        raise InputError(f"the runs have no {quantity}; approach 2 needs it and flops")
    found = []
    for compute, rows in budgets(table):
        if len(rows) >= FEWEST:
            x = np.log(table.inputs[quantity][rows])
            bottom, flag = _bottom(x, table.target[rows])
            if np.isfinite(bottom):
                found.append((compute, np.exp(bottom), flag))
    if len(found) < 2:
        raise InputError(
            f"{len(found)} compute budgets have {FEWEST} runs or more around a best {quantity}; "
            "approach 2 needs two"
        )
    return _line(f"2: parabolas in log {quantity}", quantity, found)


def _bottom(x: Floats, loss: Floats) -> tuple[float, str]:
    """Lowest point of the parabola through the losses; NaN where it has none."""
    middle, width = x.mean(), x.std() + 1e-300
    t = (x - middle) / width
    design = np.stack([np.ones_like(t), t, t * t], axis=1)
    if np.linalg.matrix_rank(design) < 3:
        return float("nan"), "few"
    c0 = np.linalg.lstsq(design, loss, rcond=None)[0]
    if c0[2] <= 0:
        return float("nan"), "flat"
    bottom = -c0[1] / (2 * c0[2])
    flag = "" if t.min() < bottom < t.max() else "edge"
    spare = len(x) - 3
    if spare > 0 and not flag:
        noise = float(((loss - design @ c0) ** 2).sum()) / spare
        se = np.sqrt(noise * np.linalg.inv(design.T @ design)[2, 2])
        flag = "flat" if c0[2] < FLAT * se else ""
    return float(middle + width * bottom), flag


def envelope(runs: Any, quantity: str = "params") -> Growth:
    """Approach 1: the runs whose loss no run of the same or less compute beats.

    Raises
    ------
    InputError
        Fewer than three runs are on the envelope.
    """
    table = runs if isinstance(runs, Table) else tabulate(runs)
    if quantity not in table.inputs:
        raise InputError(f"the runs have no {quantity}; approach 1 needs it and flops")
    compute = table.compute()
    order = np.lexsort((table.target, compute))
    best = np.minimum.accumulate(table.target[order])
    on = order[np.concatenate([[True], best[1:] < best[:-1]])]
    if len(on) < 3:
        raise InputError(f"{len(on)} runs are on the envelope; approach 1 needs three")
    points = [(compute[i], table.inputs[quantity][i], "") for i in on]
    return _line("1: envelope of the runs", quantity, points)


def _line(approach: str, quantity: str, points: list[tuple[float, float, str]]) -> Growth:
    compute = np.array([p[0] for p in points])
    optimum = np.array([p[1] for p in points])
    slope, height = np.polyfit(np.log(compute), np.log(optimum), 1)
    flags = tuple(p[2] for p in points)
    return Growth(approach, quantity, float(slope), float(np.exp(height)), compute, optimum, flags)


def law_growth(fit: "LawFit", quantity: str, compute: Floats) -> Growth:
    """Approach 3: the best size or data of the fitted law at each compute."""
    assert fit.table is not None
    ratio = float(np.median(fit.table.compute() / _product(fit.table)))
    log_nd = np.log(compute / ratio)
    lows = (
        np.log(fit.table.inputs["params"].min()) - 7,
        np.log(fit.table.inputs["params"].max()) + 7,
    )
    log_n = np.broadcast_to(np.linspace(*lows, GRID), (len(compute), GRID))
    for _ in range(4):  # each round narrows the bracket a hundredfold
        inputs = {"params": np.exp(log_n), "tokens": np.exp(log_nd[:, None] - log_n)}
        at = np.argmin(fit.law.predict(fit.theta, **inputs), axis=1)
        best = log_n[np.arange(len(compute)), at]
        step = log_n[:, 1] - log_n[:, 0]
        log_n = best[:, None] + 2 * step[:, None] * np.linspace(-1, 1, GRID)
    optimum = np.exp(best if quantity == "params" else log_nd - best)
    points = [(float(c), float(v), "") for c, v in zip(compute, optimum, strict=True)]
    return _line("3: the fitted law", quantity, points)


def _product(table: Table) -> Floats:
    return np.asarray(table.inputs["params"] * table.inputs["tokens"])


def approaches(fit: "LawFit") -> list[Growth]:
    """All three approaches for size and data, with the bias of the first two.

    Only for laws of params and tokens on a table that has both; else empty.
    """
    table = fit.table
    if table is None or set(fit.law.inputs) != {"params", "tokens"}:
        return []
    exact = Table(table.inputs, fit.law.predict(fit.theta, **_inputs(table)))
    found = []
    for quantity in ("params", "tokens"):
        for method in (envelope, isoflop):
            try:
                seen, ideal = method(table, quantity), method(exact, quantity)
            except InputError:
                continue
            true = law_growth(fit, quantity, ideal.compute)
            found.append(replace(seen, bias=ideal.exponent - true.exponent))
        compute = np.geomspace(table.compute().min(), table.compute().max(), 9)
        found.append(law_growth(fit, quantity, compute))
    return found


def _inputs(table: Table) -> dict[str, Floats]:
    return {name: table.inputs[name] for name in ("params", "tokens")}
