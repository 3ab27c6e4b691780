"""Evidence that a fit is the best there is: many starts, one end, no slope left."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats, Mask
from eigenscale.laws.estimation.objective import Objective
from eigenscale.laws.estimation.refine import Refined, Status, model_at
from eigenscale.laws.estimation.robust import RobustProblem

SAME = 1e-8  # relative difference of objectives that counts as the same end
FLAT = 1e-6  # scaled gradient below which nothing is left to gain
NOISE = 1e-12  # log residuals below this are rounding
FAINT = 1e-6  # of the sensitivity of all coordinates together: one below it no longer matters
EXACT = 1e-7  # residuals below this are not asked to balance: their gradient is rounding


@dataclass(frozen=True)
class Certificate:
    """How a fit ended.

    Attributes
    ----------
    starts, agreeing : int
        Cold starts, and how many of them ended at the best objective.
    gradient_norm : float
        Largest component of the gradient, in units in which 1 means that the parameter explains
        all of the residuals. Zero at an optimum; what pushes against a bound does not count.
    gain_left : float
        Share of the objective that one more Newton step promises to take off.
    second_objective : float or None
        Objective of the next best place where a start ended; None where all agree.
    basin_distance : float or None
        Largest difference between the two ends in any coordinate.
    at_bounds : tuple of str
        Parameters that ended at a bound, or so far out that they no longer matter.
    """

    starts: int
    agreeing: int
    gradient_norm: float
    gain_left: float
    second_objective: float | None
    basin_distance: float | None
    at_bounds: tuple[str, ...]

    @property
    def converged(self) -> bool:
        """Whether nothing is left to gain nearby."""
        return self.gradient_norm < FLAT

    def sentence(self) -> str:
        """Say it in words."""
        if not self.converged:
            return (
                f"NOT CONVERGED: the scaled gradient is {self.gradient_norm:.2g}, "
                f"and should be below {FLAT:g}"
            )
        text = (
            f"{self.agreeing} of {self.starts} cold starts end at this optimum, "
            f"scaled gradient {self.gradient_norm:.1e}"
        )
        if self.at_bounds:
            text += f"; at a bound: {', '.join(self.at_bounds)}"
        return text

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "starts": self.starts,
            "agreeing": self.agreeing,
            "agreeing_share": self.agreeing / self.starts,
            "gradient_norm": self.gradient_norm,
            "gain_left": self.gain_left,
            "second_objective": self.second_objective,
            "basin_distance": self.basin_distance,
            "at_bounds": list(self.at_bounds),
            "converged": self.converged,
        }


def certify(problem: RobustProblem, objective: Objective, at: Floats, ends: Refined) -> Certificate:
    """Judge the point `at` (q,) in the light of where all the starts ended."""
    value, slope, promise, stuck = _local(problem, objective, at)
    best = min(value, float(ends.objective.min()))
    tolerance = SAME * best + len(problem.weights) * NOISE**2
    same = ends.objective <= best + tolerance
    others = np.flatnonzero(~same & (ends.status == Status.CONVERGED))
    second = others[np.argmin(ends.objective[others])] if len(others) else None
    return Certificate(
        starts=len(ends.objective),
        agreeing=int(same.sum()) if value <= best + tolerance else 0,
        gradient_norm=slope,
        gain_left=promise,
        second_objective=None if second is None else float(ends.objective[second]),
        basin_distance=None
        if second is None
        else float(np.abs(ends.coordinates[second] - at).max(initial=0.0)),
        at_bounds=tuple(np.array(problem.free)[stuck].tolist()),
    )


def _local(
    problem: RobustProblem, objective: Objective, at: Floats
) -> tuple[float, float, float, Mask]:
    """Objective, scaled gradient, promised gain and what is at a bound."""
    model, stuck, promise = model_at(problem, objective, at)
    value = float(model.objective[0])
    curved = np.einsum("bii->bi", model.majorant)[0]
    stuck = stuck | (curved < FAINT**2 * float(np.trace(model.majorant[0])) + 1e-300)
    floor = min(objective.delta, EXACT) * EXACT * problem.weights.sum()
    scale = np.sqrt(curved * (2 * value + floor)) + 1e-300
    gradient = np.where(stuck, 0.0, np.abs(model.gradient[0]) / scale)
    return value, float(gradient.max(initial=0.0)), promise / (value + floor), stuck
