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
    from eigenscale.forecast.result import Forecast as Forecast
    from eigenscale.laws import LawFit as LawFit
    from eigenscale.laws import fit as fit
    from eigenscale.laws import published as published
    from eigenscale.measure import MeasuredSpectrum as MeasuredSpectrum
    from eigenscale.measure import Moments as Moments
    from eigenscale.model import Solution as Solution
    from eigenscale.model import SolvableModel as SolvableModel
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
    "LawFit": "eigenscale.laws",
    "fit": "eigenscale.laws",
    "published": "eigenscale.laws",
    "MeasuredSpectrum": "eigenscale.measure",
    "Moments": "eigenscale.measure",
    "Interval": "eigenscale.results",
    "Simulation": "eigenscale.simulate",
    "Solution": "eigenscale.model",
    "SolvableModel": "eigenscale.model",
    "Runs": "eigenscale.runs",
    "read_runs": "eigenscale.runs",
    "SampleSpectrum": "eigenscale.resolvent.sample",
    "expected_eigenvalues": "eigenscale.resolvent.sample",
    "sample_spectrum": "eigenscale.resolvent.sample",
    "Spectrum": "eigenscale.spectrum",
    "read_spectrum": "eigenscale.spectrum",
}

__all__ = list(_ROOMS)
__all__ += ["measure", "plan", "report"]
__all__ += ["forecast", "measure", "plan"]


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_ROOMS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
