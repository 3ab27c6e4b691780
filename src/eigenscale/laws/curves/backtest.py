"""What a law of the curve has missed curves by that it was not fitted to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.problem import CurveProblem
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.curves.solve import Solved
from eigenscale.laws.curves.uncertainty import draw_coordinates, noise_of
from eigenscale.laws.estimation.refine import refine

EARLIER = 0.6  # share of a single curve's records that its end is predicted from
ENOUGH = 20  # records that a single curve needs for that
USUAL = 0.0035  # what laws usually miss other schedules by, beyond their own doubt
SURE = 3.0  # other curves that this experience counts for
FAR = 2.0  # expected deviations from which on a miss is taken for the law's, not for chance
DRAWS = 100


@dataclass(frozen=True)
class Miss:
    """The end of one curve, predicted without it.

    Attributes
    ----------
    name : str
    error : float
        Log predicted − log measured.
    deviation : float
        What the prediction itself expected to be wrong by.
    """

    name: str
    error: float
    deviation: float


def misses(solved: Solved, curves: Sequence[ScheduledCurve], seed: int = 0) -> tuple[Miss, ...]:
    """Leave out one curve after another and predict its end from the others.

    Of a single curve the end is predicted from its earlier part.

    Parameters
    ----------
    curves : sequence of ScheduledCurve
        As they were fitted, in the order of the problem.
    """
    if len(curves) > 1:
        parts = [
            ([c for c in curves if c is not left], left) for left in curves if len(left.steps) > 1
        ]
    else:
        count = int(EARLIER * len(curves[0].steps))
        if len(curves[0].steps) < ENOUGH:
            return ()
        parts = [([curves[0].until(int(curves[0].steps[count - 1]))], curves[0])]
    return tuple(_miss(solved, kept, left, seed) for kept, left in parts)


def _miss(solved: Solved, kept: Sequence[ScheduledCurve], left: ScheduledCurve, seed: int) -> Miss:
    problem = _only(solved.problem, kept)
    begin = np.stack([solved.at, np.append(solved.at[:3], problem.prior.mean[3:])])
    ends = refine(problem, solved.goal, begin, iterations=60, tolerance=1e-8)
    at = ends.coordinates[int(np.argmin(ends.objective))]
    part = replace(solved, problem=problem, at=at)
    noise = noise_of(part)
    drawn = draw_coordinates(part, noise, DRAWS, np.random.default_rng(seed))
    last = expose(left.schedule, left.steps[-1:])
    logs = np.log([problem.law.loss(problem.theta(v), last)[0] for v in (at, *drawn)])
    deviation = float(np.hypot(np.nanstd(logs[1:]), noise.deviation))
    return Miss(left.name, float(logs[0] - left.log_loss[-1]), deviation)


def _only(problem: CurveProblem, curves: Sequence[ScheduledCurve]) -> CurveProblem:
    exposures = [expose(c.schedule, c.steps) for c in curves]
    log_loss: Floats = np.concatenate([c.log_loss for c in curves])
    return replace(problem, exposures=exposures, log_loss=log_loss)


@dataclass(frozen=True)
class Excess:
    """What predictions of other schedules are wrong by, beyond what they expect themselves.

    Attributes
    ----------
    deviation : float
        Standard deviation in log loss.
    freedom : float
        Degrees of freedom that it is known with.
    """

    deviation: float
    freedom: float

    def half_width(self, deviation: float, level: float) -> float:
        """Half-width of an interval where the rest has the given standard deviation.

        Student's t with the degrees of freedom of Welch and Satterthwaite, to first order.
        """
        z = NormalDist().inv_cdf((1 + level) / 2)
        if not self.deviation > 0:
            return z * deviation
        total = float(np.hypot(deviation, self.deviation))
        freedom = self.freedom * (total / self.deviation) ** 4
        return total * z * (1 + (z**2 + 1) / (4 * freedom))


def excess_of(found: Sequence[Miss], misfit: float = 1.0) -> Excess:
    """Estimate it: shrunk towards the usual where the curves are few.

    Parameters
    ----------
    misfit : float
        Share of the usual that the residuals ask for, see `noise.misfit_share`.
    """
    beyond = sum(m.error**2 - m.deviation**2 for m in found if abs(m.error) > FAR * m.deviation)
    freedom = SURE + len(found)
    return Excess(float(np.sqrt((misfit * SURE * USUAL**2 + beyond) / freedom)), freedom)
