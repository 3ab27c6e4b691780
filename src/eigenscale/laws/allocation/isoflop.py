"""Approach 2 of Hoffmann et al. 2022: a parabola through each set of runs of equal compute."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.allocation.growth import NONE, Growth, line, through
from eigenscale.laws.table import Table, tabulate

SAME_BUDGET = 0.1  # runs whose log compute differs by less from the next are one budget
WIDEST = 0.5  # log compute that a budget may span
FEWEST = 4  # runs of a budget that a parabola is drawn through
FLAT = 2.0  # standard errors that the curvature of a parabola must have


@dataclass(frozen=True, eq=False)
class Valley:
    """The runs of one compute budget, and the least-squares parabola through any losses of theirs.

    Attributes
    ----------
    compute : float
    rows : int array (n,)
    t : array (n,)
        Log quantity, minus `middle`, over `width`.
    design, solver : arrays (n, 3), (3, n)
        Coefficients are ``solver @ loss``.
    """

    compute: float
    rows: NDArray[np.int64]
    middle: float
    width: float
    t: Floats
    design: Floats
    solver: Floats

    def coefficients(self, loss: Floats) -> Floats:
        """Parabolas (..., 3) through losses (..., n): constant, linear, quadratic."""
        return np.asarray(loss @ self.solver.T)

    def bottom(self, loss: Floats) -> Floats:
        """Log quantity (...) of the lowest point; NaN where the parabola has none."""
        c = self.coefficients(loss)
        with np.errstate(divide="ignore", invalid="ignore"):
            t = -c[..., 1] / (2 * c[..., 2])
        return np.where(c[..., 2] > 0, self.middle + self.width * t, np.nan)

    def flag(self, loss: Floats) -> str:
        """Say what is wrong with the lowest point, if anything."""
        c = self.coefficients(loss)
        bottom = -c[1] / (2 * c[2])
        if not self.t.min() < bottom < self.t.max():
            return "edge"
        spare = len(self.t) - 3
        noise = float(((loss - self.design @ c) ** 2).sum()) / spare
        se = np.sqrt(noise * np.linalg.inv(self.design.T @ self.design)[2, 2])
        return "flat" if c[2] < FLAT * se else ""

    def curve(self, loss: Floats, log_quantity: Floats) -> Floats:
        """Evaluate the parabola through `loss` at any log quantities."""
        t = (log_quantity - self.middle) / self.width
        c = self.coefficients(loss)
        return np.asarray(c[0] + c[1] * t + c[2] * t * t)


def budgets(table: Table) -> list[tuple[float, NDArray[np.int64]]]:
    """Find sets of runs of equal compute: (geometric mean, rows) of each."""
    log_c = np.log(table.compute())
    order = np.argsort(log_c, kind="stable")
    breaks = np.flatnonzero(np.diff(log_c[order]) > SAME_BUDGET) + 1
    return [
        (float(np.exp(log_c[rows].mean())), rows)
        for rows in np.split(order, breaks)
        if np.ptp(log_c[rows]) < WIDEST
    ]


def valleys(table: Table, quantity: str) -> list[Valley]:
    """Find the budgets that a parabola can be drawn through, by compute."""
    log_q = np.log(table.inputs[quantity])
    found = []
    for compute, rows in budgets(table):
        x = log_q[rows]
        if np.unique(x.round(9)).size < FEWEST:
            continue
        middle, width = float(x.mean()), float(x.std())
        t = (x - middle) / width
        design = np.stack([np.ones_like(t), t, t * t], axis=1)
        solver = np.asarray(np.linalg.pinv(design), float)
        found.append(Valley(compute, rows, middle, width, t, design, solver))
    return found


def isoflop(
    runs: Any, quantity: str = "tokens", *, draws: int = 0, level: float = 0.9, rng: Any = 0
) -> Growth:
    """Approach 2: the bottoms of parabolas in the log of `quantity`, one per compute budget.

    Parameters
    ----------
    runs : Runs, Table or mapping
    quantity : {"tokens", "params"}
    draws : int
        Tables to resample for the intervals: the parabolas stay, their relative residuals, made
        wider for the three coefficients that each budget spends, are drawn anew.
    level : float
    rng : int or Generator

    Raises
    ------
    InputError
        Fewer than two budgets have four sizes and a bottom.

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
    every = valleys(table, quantity)
    bottoms = np.array([v.bottom(table.target[v.rows]) for v in every])
    kept = [v for v, b in zip(every, bottoms, strict=True) if np.isfinite(b)]
    if len(kept) < 2:
        raise InputError(
            f"{len(kept)} compute budgets have {FEWEST} runs or more around a best {quantity}; "
            "approach 2 needs two"
        )
    return through(
        f"2: parabolas in log {quantity}",
        quantity,
        np.array([v.compute for v in kept]),
        bottoms[np.isfinite(bottoms)],
        tuple(v.flag(table.target[v.rows]) for v in kept),
        _drawn(kept, table.target, draws, np.random.default_rng(rng)) if draws else NONE,
        no_bottom=tuple(v.compute for v in every if v not in kept),
        level=level,
    )


def _drawn(found: list[Valley], loss: Floats, draws: int, rng: np.random.Generator) -> Floats:
    """Bottoms (B, k) with the residuals of all budgets drawn with replacement."""
    fitted = [v.design @ v.coefficients(loss[v.rows]) for v in found]
    spread = np.concatenate(
        [
            (loss[v.rows] / f - 1) * np.sqrt(len(f) / (len(f) - 3))
            for v, f in zip(found, fitted, strict=True)
        ]
    )
    columns = [
        v.bottom(f * (1 + rng.choice(spread, size=(draws, len(f)))))
        for v, f in zip(found, fitted, strict=True)
    ]
    return np.stack(columns, axis=1)


def isoflop_lines(table: Table, quantity: str, losses: Floats, like: Growth) -> Floats:
    """Exponents and log coefficients (S, 2) by approach 2 with other losses (S, n)."""
    kept = [v for v in valleys(table, quantity) if v.compute in like.compute]
    bottoms = np.stack([v.bottom(losses[:, v.rows]) for v in kept], axis=1)
    return line(np.log(like.compute), bottoms)
