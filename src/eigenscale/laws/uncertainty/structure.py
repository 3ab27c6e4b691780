"""Structure in the residuals: curvature says that another law is needed."""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.inferred import Inferred

DOUBTFUL = 1e-3  # p-value below which a shape is reported
VISIBLE = 0.5  # of the scatter: bends smaller than this do not matter


@dataclass(frozen=True)
class Structure:
    """Shape of the residuals.

    Attributes
    ----------
    runs_p : float
        p-value of the number of sign changes along compute (Wald and Wolfowitz).
    bend_p, bend : dict of str to float
        Per input: p-value of a parabola in its log, and its height over the runs, relative.
    """

    runs_p: float
    bend_p: dict[str, float]
    bend: dict[str, float]

    def sentences(self, scatter: float) -> list[str]:
        """Warnings, where there is reason for any."""
        found = [
            f"The residuals are curved by {100 * abs(self.bend[name]):.2g} % along {name} "
            f"(p = {p:.1g}): "
            "the law is straighter than the runs; try a broken or the generalised form (--law all)"
            for name, p in self.bend_p.items()
            if p < DOUBTFUL and abs(self.bend[name]) > VISIBLE * scatter
        ]
        if not found and self.runs_p < DOUBTFUL:
            found.append(
                f"Residuals of the same sign are adjacent along compute (p = {self.runs_p:.1g}): "
                "the law misses a trend, or the runs are not independent; see the residual figure"
            )
        return found


def structure(fit: Inferred) -> Structure:
    """Test the residuals of a fit."""
    assert fit.table is not None
    columns = {name: np.log(fit.table.inputs[name]) for name in fit.law.inputs}
    measured = -fit.residuals
    bends = {name: _bend(x, measured) for name, x in columns.items()}
    order = np.argsort(fit.table.compute(), kind="stable")
    return Structure(
        _runs_test(measured[order]),
        {name: found[0] for name, found in bends.items()},
        {name: found[1] for name, found in bends.items()},
    )


def _bend(x: Floats, y: Floats) -> tuple[float, float]:
    """Test the quadratic term of y in x: p-value, and its height; outliers are drawn in."""
    span = np.ptp(x)
    if span == 0 or len(x) < 6:
        return 1.0, 0.0
    cut = 3 * 1.4826 * np.median(np.abs(y)) + 1e-300
    y = np.clip(y, -cut, cut)
    t = 2 * (x - x.min()) / span - 1
    design = np.stack([np.ones_like(t), t, t * t], axis=1)
    inverse = np.linalg.pinv(design.T @ design)
    weights = inverse @ design.T @ y
    residual = y - design @ weights
    robust = inverse @ (design.T * residual**2) @ design @ inverse * len(x) / (len(x) - 3)
    z = abs(weights[2]) / sqrt(robust[2, 2] + 1e-300)
    return erfc(z / sqrt(2)), float(weights[2])


def _runs_test(values: Floats) -> float:
    signs = values > 0
    up, down = int(signs.sum()), int((~signs).sum())
    n = up + down
    if min(up, down) < 5:
        return 1.0
    count = 1 + int((signs[1:] != signs[:-1]).sum())
    mean = 1 + 2 * up * down / n
    variance = (mean - 1) * (mean - 2) / (n - 1)
    return 0.5 * erfc((mean - count) / sqrt(2 * variance))  # too few changes only
