"""Identifiability: parameters that could be very different and fit the runs as well."""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError
from eigenscale.laws.estimation.solve import refit
from eigenscale.laws.inferred import Inferred
from eigenscale.laws.uncertainty.sensitivity import beyond as inputs_beyond

FLOOR_KNOWN = 0.25  # half the interval of a floor, over the loss above it at the best run
WIDE = 1.6  # ratio of the ends of an interval
TOGETHER = 0.9  # correlation at which two parameters are said to move together
BEYOND = 10.0  # compute ratio at which consequences are stated


@dataclass(frozen=True, eq=False)
class Doubt:
    """A parameter that the runs do not identify.

    Attributes
    ----------
    parameter, partner : str
        The parameter, and the one that makes up for it (empty where none stands out).
    first, second : array (p,)
        Two sets of parameters that the runs hardly tell apart.
    apart, beyond : float
        Largest relative difference of their losses on the runs, and at ten times the compute.
    sentence : str
    """

    parameter: str
    partner: str
    first: Floats
    second: Floats
    apart: float
    beyond: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Identifiability:
    """Which parameters the runs identify.

    Attributes
    ----------
    correlation : array (p, p)
        Of the draws; logs of scales, centred so that no ridge is an artefact of units.
    doubts : tuple of Doubt
    """

    names: tuple[str, ...]
    correlation: Floats
    doubts: tuple[Doubt, ...]

    @property
    def floor_known(self) -> bool:
        """Whether the floor, where there is one, is settled."""
        return all(doubt.parameter != "E" for doubt in self.doubts)

    def to_dict(self) -> dict[str, object]:
        """Plain form."""
        return {
            "floor_known": self.floor_known,
            "not_identified": [doubt.parameter for doubt in self.doubts],
            "sentences": [doubt.sentence for doubt in self.doubts],
            "names": list(self.names),
            "correlation": self.correlation,
        }


def identifiability(fit: Inferred) -> Identifiability:
    """Judge every free parameter of a fit by its draws."""
    problem = fit.problem
    free = problem.free
    if len(fit.sample) < 20 or not free:
        return Identifiability(free, np.eye(len(free)), ())
    points = problem.coordinates(fit.sample)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = np.nan_to_num(np.atleast_2d(np.corrcoef(points.T)))
    doubts = [
        _doubt(fit, name, correlation[j]) for j, name in enumerate(free) if _unsettled(fit, name)
    ]
    return Identifiability(free, correlation, tuple(doubts))


def _unsettled(fit: Inferred, name: str) -> bool:
    """Floors by their interval against the loss above them; exponents by the ratio of ends."""
    parameter = fit.law.parameters[fit.law.index(name)]
    interval = fit.parameters[name]
    if not np.isfinite([interval.low, interval.high]).all():  # held by a bound: see the certificate
        return False
    if name == "E":
        assert fit.table is not None
        above = float(fit.table.target.min()) - interval.value
        wide = 0.5 * (interval.high - interval.low) > FLOOR_KNOWN * max(above, 1e-300)
        return interval.high > 0 and (interval.low <= 0.02 * interval.value or wide)
    if parameter.log:  # scales go with their exponent, and their own ends say little
        return False
    return interval.low <= 0 or interval.high > WIDE * interval.low or _at_bound(fit, name)


def _at_bound(fit: Inferred, name: str) -> bool:
    return name in fit.certificate.at_bounds


def _doubt(fit: Inferred, name: str, row: Floats) -> Doubt:
    """Hold the parameter at either end of its interval, and refit all others to the runs."""
    interval = fit.parameters[name]
    first, second = (_held(fit, name, end) for end in (interval.low, interval.high))
    free = fit.problem.free
    ranked = sorted(range(len(free)), key=lambda j: -abs(row[j]))
    partner = next((free[j] for j in ranked if free[j] != name and abs(row[j]) > TOGETHER), "")
    apart, beyond = _apart(fit, first, second)
    sentence = _sentence(fit, name, partner, first, second, apart, beyond)
    return Doubt(name, partner, first, second, apart, beyond, sentence)


def _held(fit: Inferred, name: str, value: float) -> Floats:
    assert fit.table is not None
    try:
        return refit(fit, fit.table, fixed={**fit.fixed, name: value})
    except ConvergenceError:
        return np.asarray(fit.sample[np.argmin(np.abs(fit.sample[:, fit.law.index(name)] - value))])


def _apart(fit: Inferred, first: Floats, second: Floats) -> tuple[float, float]:
    assert fit.table is not None
    inputs = {n: fit.table.inputs[n] for n in fit.law.inputs}
    largest = inputs_beyond(fit, BEYOND)

    def gap(at: dict[str, Floats]) -> float:
        one, two = fit.law.predict(first, **at), fit.law.predict(second, **at)
        return float(np.max(np.abs(np.log(one / two))))

    return gap(inputs), gap(largest)


def _sentence(
    fit: Inferred,
    name: str,
    partner: str,
    first: Floats,
    second: Floats,
    apart: float,
    beyond: float,
) -> str:
    shown = [name, partner] if partner else [name]

    def values(theta: Floats) -> str:
        return " with ".join(f"{n} = {theta[fit.law.index(n)]:.3g}" for n in shown)

    scatter = float(np.sqrt(np.mean(fit.residuals**2)))
    return (
        f"These runs cannot distinguish {values(first)} from {values(second)}: the losses differ "
        "by at most "
        f"{100 * apart:.2g} % on the runs (their scatter is {100 * scatter:.2g} %), and by "
        f"{100 * beyond:.2g} % at {BEYOND:g} times the largest {fit.cost}"
    )
