"""How loss falls with more data, a bigger model or longer training, and why.

Three doors lead in: your data (`measure`), a solvable model (`SolvableModel`) and
your training runs (`read_runs`, `fit`). They meet in the loss surface, on which
`plan`, the figures and the `report` are built.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eigenscale.forecast import forecast as forecast
from eigenscale.measure import measure as measure
from eigenscale.plan import plan as plan
from eigenscale.report import report as report

__version__ = "0.1.0"

if TYPE_CHECKING:
    from eigenscale.errors import ConvergenceError as ConvergenceError
    from eigenscale.errors import InputError as InputError
    from eigenscale.forecast.elsewhere import forecast_points as forecast_points
    from eigenscale.forecast.estimator import LearningCurveForecast as LearningCurveForecast
    from eigenscale.forecast.result import Forecast as Forecast
    from eigenscale.laws import LawFit as LawFit
    from eigenscale.laws import fit as fit
    from eigenscale.laws import published as published
    from eigenscale.measure import FeatureMap as FeatureMap
    from eigenscale.measure import MeasuredSpectrum as MeasuredSpectrum
    from eigenscale.measure import Moments as Moments
    from eigenscale.measure import dimension as dimension
    from eigenscale.model import Solution as Solution
    from eigenscale.model import SolvableModel as SolvableModel
    from eigenscale.plan.break_points import break_points as break_points
    from eigenscale.plan.compute_optimal import frontier as frontier
    from eigenscale.plan.flops import Architecture as Architecture
    from eigenscale.plan.frontier import Frontier as Frontier
    from eigenscale.plan.frontier import Plan as Plan
    from eigenscale.plan.hardware import Hardware as Hardware
    from eigenscale.plan.limits import Limits as Limits
    from eigenscale.plan.marginal import margin as margin
    from eigenscale.plan.next_runs import next_runs as next_runs
    from eigenscale.plan.outlook import outlook as outlook
    from eigenscale.plan.target import reach as reach
    from eigenscale.resolvent.sample import SampleSpectrum as SampleSpectrum
    from eigenscale.resolvent.sample import expected_eigenvalues as expected_eigenvalues
    from eigenscale.resolvent.sample import sample_spectrum as sample_spectrum
    from eigenscale.results import Interval as Interval
    from eigenscale.runs import Runs as Runs
    from eigenscale.runs import read_runs as read_runs
    from eigenscale.simulate import Simulation as Simulation
    from eigenscale.spectrum import Spectrum as Spectrum
    from eigenscale.spectrum import read_spectrum as read_spectrum

# Name at the top of the package -> the room it lives in. Rooms load when a name is
# first used, so that `import eigenscale` costs no more than NumPy.
_ROOMS = {
    "ConvergenceError": "eigenscale.errors",
    "InputError": "eigenscale.errors",
    "Forecast": "eigenscale.forecast.result",
    "LearningCurveForecast": "eigenscale.forecast.estimator",
    "forecast_points": "eigenscale.forecast.elsewhere",
    "LawFit": "eigenscale.laws",
    "fit": "eigenscale.laws",
    "published": "eigenscale.laws",
    "FeatureMap": "eigenscale.measure",
    "MeasuredSpectrum": "eigenscale.measure",
    "Moments": "eigenscale.measure",
    "dimension": "eigenscale.measure",
    "Solution": "eigenscale.model",
    "SolvableModel": "eigenscale.model",
    "break_points": "eigenscale.plan.break_points",
    "frontier": "eigenscale.plan.compute_optimal",
    "Architecture": "eigenscale.plan.flops",
    "Frontier": "eigenscale.plan.frontier",
    "Plan": "eigenscale.plan.frontier",
    "Hardware": "eigenscale.plan.hardware",
    "Limits": "eigenscale.plan.limits",
    "margin": "eigenscale.plan.marginal",
    "next_runs": "eigenscale.plan.next_runs",
    "outlook": "eigenscale.plan.outlook",
    "reach": "eigenscale.plan.target",
    "SampleSpectrum": "eigenscale.resolvent.sample",
    "expected_eigenvalues": "eigenscale.resolvent.sample",
    "sample_spectrum": "eigenscale.resolvent.sample",
    "Interval": "eigenscale.results",
    "Runs": "eigenscale.runs",
    "read_runs": "eigenscale.runs",
    "Simulation": "eigenscale.simulate",
    "Spectrum": "eigenscale.spectrum",
    "read_spectrum": "eigenscale.spectrum",
}

__all__ = list(_ROOMS)
__all__ += ["forecast", "measure", "plan", "report"]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
