"""How loss falls with more data, a bigger model or longer training, and why.

Three ways in: your data (`measure`), a solvable model (`SolvableModel`) and your
training runs (`read_runs`, `fit`). They meet in the loss surface, on which `plan`,
the figures and the `report` are built.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from eigenscale import _moved as _moved
from eigenscale._version import __version__ as __version__
from eigenscale.signatures import readable

if TYPE_CHECKING:
    from eigenscale.equation.sample import SampleSpectrum as SampleSpectrum
    from eigenscale.equation.sample import expected_eigenvalues as expected_eigenvalues
    from eigenscale.equation.sample import sample_spectrum as sample_spectrum
    from eigenscale.errors import ConvergenceError as ConvergenceError
    from eigenscale.errors import InputError as InputError
    from eigenscale.figures.gallery import gallery as gallery
    from eigenscale.forecasting.external.estimator import (
        LearningCurveForecast as LearningCurveForecast,
    )
    from eigenscale.forecasting.external.forecast_points import forecast_points as forecast_points
    from eigenscale.forecasting.external.probe import probe as probe
    from eigenscale.forecasting.forecast import forecast as forecast
    from eigenscale.forecasting.result import Forecast as Forecast
    from eigenscale.io.curves.curve import Curve as Curve
    from eigenscale.io.curves.read import read_curves as read_curves
    from eigenscale.io.look import look as look
    from eigenscale.io.runs.container import Runs as Runs
    from eigenscale.io.runs.read import read_runs as read_runs
    from eigenscale.laws.curves.fitting import fit_curves as fit_curves
    from eigenscale.laws.curves.result import CurveFit as CurveFit
    from eigenscale.laws.public import fit as fit
    from eigenscale.laws.reference.constants import published as published
    from eigenscale.laws.result import LawFit as LawFit
    from eigenscale.laws.saving.registered import ScoreCard as ScoreCard
    from eigenscale.laws.saving.registered import score as score
    from eigenscale.laws.saving.saved import load as load
    from eigenscale.laws.saving.saved import load_fit as load_fit
    from eigenscale.laws.saving.saved import save_fit as save_fit
    from eigenscale.model import SolvableModel as SolvableModel
    from eigenscale.model_grid import SimulatedGrid as SimulatedGrid
    from eigenscale.model_grid import power_law_spectra as power_law_spectra
    from eigenscale.model_grid import simulate_grid as simulate_grid
    from eigenscale.planning.advice.break_points import break_points as break_points
    from eigenscale.planning.advice.marginal import margin as margin
    from eigenscale.planning.advice.outlook import outlook as outlook
    from eigenscale.planning.advice.scenarios import sensitivity as sensitivity
    from eigenscale.planning.costs.flops import Architecture as Architecture
    from eigenscale.planning.costs.hardware import Hardware as Hardware
    from eigenscale.planning.design.ladder import ladder as ladder
    from eigenscale.planning.design.next_runs import next_runs as next_runs
    from eigenscale.planning.frontier import Frontier as Frontier
    from eigenscale.planning.frontier import Plan as Plan
    from eigenscale.planning.limits.limits import Limits as Limits
    from eigenscale.planning.plan import frontier as frontier
    from eigenscale.planning.plan import plan as plan
    from eigenscale.planning.predict import Predictions as Predictions
    from eigenscale.planning.predict import predict as predict
    from eigenscale.planning.target import reach as reach
    from eigenscale.planning.training.best import best_schedule as best_schedule
    from eigenscale.planning.training.curve import curve as curve
    from eigenscale.planning.versus import compare as compare
    from eigenscale.reporting.report import report as report
    from eigenscale.results import Interval as Interval
    from eigenscale.simulation.flows import simulate_flow as simulate_flow
    from eigenscale.simulation.result import Simulation as Simulation
    from eigenscale.spectra.dimension.dimension import dimension as dimension
    from eigenscale.spectra.features import FeatureMap as FeatureMap
    from eigenscale.spectra.measure import measure as measure
    from eigenscale.spectra.measured import MeasuredSpectrum as MeasuredSpectrum
    from eigenscale.spectra.moments.moments import Moments as Moments
    from eigenscale.spectrum import Spectrum as Spectrum
    from eigenscale.spectrum import read_spectrum as read_spectrum
    from eigenscale.store.table import read_store as read_store
    from eigenscale.theory.baselines import baseline as baseline
    from eigenscale.theory.compute import compute_frontier as compute_frontier
    from eigenscale.theory.exponents import loss_exponents as loss_exponents
    from eigenscale.theory.iso_loss import iso_loss as iso_loss
    from eigenscale.theory.regimes import fit_simple_law as fit_simple_law
    from eigenscale.theory.sgd.loss import SgdLoss as SgdLoss
    from eigenscale.theory.sgd.loss import sgd_curve as sgd_curve
    from eigenscale.theory.sgd.loss import sgd_loss as sgd_loss
    from eigenscale.theory.sgd.phases import sgd_phase as sgd_phase
    from eigenscale.theory.solution import Solution as Solution
    from eigenscale.verification import Verification as Verification
    from eigenscale.verification import verify as verify

# Public name -> the module that defines it. A module loads when one of its names is
# first used, so that `import eigenscale` costs no more than NumPy.
_HOMES = {
    "Architecture": "planning.costs.flops",
    "ConvergenceError": "errors",
    "Curve": "io.curves.curve",
    "CurveFit": "laws.curves.result",
    "FeatureMap": "spectra.features",
    "Forecast": "forecasting.result",
    "Frontier": "planning.frontier",
    "Hardware": "planning.costs.hardware",
    "InputError": "errors",
    "Interval": "results",
    "LawFit": "laws.result",
    "LearningCurveForecast": "forecasting.external.estimator",
    "Limits": "planning.limits.limits",
    "MeasuredSpectrum": "spectra.measured",
    "Moments": "spectra.moments.moments",
    "Plan": "planning.frontier",
    "Predictions": "planning.predict",
    "Runs": "io.runs.container",
    "SampleSpectrum": "equation.sample",
    "SimulatedGrid": "model_grid",
    "SgdLoss": "theory.sgd.loss",
    "ScoreCard": "laws.saving.registered",
    "Simulation": "simulation.result",
    "Solution": "theory.solution",
    "SolvableModel": "model",
    "Spectrum": "spectrum",
    "Verification": "verification",
    "best_schedule": "planning.training.best",
    "baseline": "theory.baselines",
    "break_points": "planning.advice.break_points",
    "compare": "planning.versus",
    "compute_frontier": "theory.compute",
    "curve": "planning.training.curve",
    "dimension": "spectra.dimension.dimension",
    "expected_eigenvalues": "equation.sample",
    "fit": "laws.public",
    "fit_curves": "laws.curves.fitting",
    "fit_simple_law": "theory.regimes",
    "forecast": "forecasting.forecast",
    "forecast_points": "forecasting.external.forecast_points",
    "frontier": "planning.plan",
    "gallery": "figures.gallery",
    "iso_loss": "theory.iso_loss",
    "ladder": "planning.design.ladder",
    "load": "laws.saving.saved",
    "load_fit": "laws.saving.saved",
    "loss_exponents": "theory.exponents",
    "look": "io.look",
    "margin": "planning.advice.marginal",
    "measure": "spectra.measure",
    "next_runs": "planning.design.next_runs",
    "outlook": "planning.advice.outlook",
    "plan": "planning.plan",
    "power_law_spectra": "model_grid",
    "predict": "planning.predict",
    "probe": "forecasting.external.probe",
    "published": "laws.reference.constants",
    "reach": "planning.target",
    "read_curves": "io.curves.read",
    "read_runs": "io.runs.read",
    "read_spectrum": "spectrum",
    "report": "reporting.report",
    "read_store": "store.table",
    "sample_spectrum": "equation.sample",
    "save_fit": "laws.saving.saved",
    "simulate_flow": "simulation.flows",
    "simulate_grid": "model_grid",
    "verify": "verification",
    "score": "laws.saving.registered",
    "sensitivity": "planning.advice.scenarios",
    "sgd_curve": "theory.sgd.loss",
    "sgd_loss": "theory.sgd.loss",
    "sgd_phase": "theory.sgd.phases",
}

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = readable(getattr(import_module(f"eigenscale.{_HOMES[name]}"), name))
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
