"""Which figures each result has: what `result.plot`, `result.kinds` and notebooks draw."""

import base64
import html
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eigenscale.errors import InputError
from eigenscale.figures.spec import Figure
from eigenscale.figures.topics.approaches import approaches_figure
from eigenscale.figures.topics.curves import curve_figure
from eigenscale.figures.topics.dimension import dimension_figure
from eigenscale.figures.topics.fits import holdout_figure, law_figure, residual_figure
from eigenscale.figures.topics.forecast import forecast_figure
from eigenscale.figures.topics.learners import learners_figure
from eigenscale.figures.topics.plain import (
    curve_records,
    predicted_points,
    runs_figure,
    scores_figure,
    spectrum_of,
)
from eigenscale.figures.topics.plan import bands, contours, valleys
from eigenscale.figures.topics.plan_costs import costs
from eigenscale.figures.topics.plan_sensitivity import tornado_of
from eigenscale.figures.topics.side_by_side import side_by_side_figure
from eigenscale.figures.topics.spectrum import spectrum_figure
from eigenscale.figures.topics.theory import descent_curves, loss_curves, theory_and_simulation
from eigenscale.figures.topics.versus import versus_figure
from eigenscale.forecasting.external.comparison import Comparison as Learners
from eigenscale.forecasting.external.probe import Enough
from eigenscale.forecasting.result import Forecast
from eigenscale.io.curves.curve import Curve
from eigenscale.io.runs.container import Runs
from eigenscale.laws.curves.result import CurveFit
from eigenscale.laws.result import LawFit
from eigenscale.laws.saving.registered import ScoreCard
from eigenscale.laws.selection.average import Blend
from eigenscale.laws.selection.compare import Comparison
from eigenscale.model_grid import SimulatedGrid
from eigenscale.planning.advice.outlook import Outlook
from eigenscale.planning.frontier import Frontier, Plan
from eigenscale.planning.predict import Predictions
from eigenscale.planning.target import Reach
from eigenscale.planning.training.answers import CurveAnswer
from eigenscale.planning.versus import Versus
from eigenscale.results import Result
from eigenscale.spectra.dimension.dimension import Geometry
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.spectra.side_by_side import SideBySide
from eigenscale.spectrum import Spectrum
from eigenscale.theory.sgd.loss import SgdLoss
from eigenscale.theory.solution import Solution

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Makers = dict[str, Callable[[], Figure]]
"""The figures of one result by name, each made when it is asked for."""


def _law(fit: LawFit) -> Makers:
    found: Makers = {"law": lambda: law_figure(fit)}
    if fit.table is not None:
        found["residuals"] = lambda: residual_figure(fit)
    if fit.table is not None and fit.holdout is not None:
        found["held-out"] = lambda: holdout_figure(fit)
    if fit.table is not None and fit.approaches:
        found["approaches"] = lambda: approaches_figure(fit)
    return found


def _frontier(front: Frontier) -> Makers:
    front = front.distinct()
    if len(front) == 1:
        return {"valleys": lambda: valleys(front), "tornado": lambda: tornado_of(front)}
    makers = {"frontier": bands, "contours": contours, "valleys": valleys, "costs": costs}
    return {name: lambda make=make: make(front) for name, make in makers.items()}  # type: ignore[misc]


def _plan(plan: Plan) -> Makers:
    return {} if plan.frontier is None else _frontier(plan.frontier)


def _measured(found: MeasuredSpectrum) -> Makers:
    if found.rank < 3:
        return {}
    return {"spectrum": lambda: spectrum_figure(found, found.exponent())}


def _answer(found: CurveAnswer) -> Makers:
    best = () if found.best is None else (found.best.prediction,)
    more = () if found.more is None else (found.more.cooled, found.more.longer)
    return {"curves": lambda: curve_figure(found.fit, (*found.predictions, *best, *more))}


def _grid(found: SimulatedGrid) -> Makers:
    if len(found.models) != 1:
        return {}
    parts = found.models[0], found.solutions[0], found.table
    return {"loss": lambda: theory_and_simulation(*parts)}


_MAKERS: dict[type[Result], Callable[[Any], Makers]] = {
    LawFit: _law,
    Blend: lambda found: _law(found.shown),
    Comparison: lambda found: _law(found.best),
    Versus: lambda found: {"laws": lambda: versus_figure(found)},
    Frontier: _frontier,
    Plan: _plan,
    Reach: lambda found: _plan(found.plan),
    Outlook: lambda found: _frontier(found.frontier),
    Predictions: lambda found: {"predictions": lambda: predicted_points(found)},
    ScoreCard: lambda found: {"scores": lambda: scores_figure(found)},
    Runs: lambda found: {"runs": lambda: runs_figure(found)},
    Curve: lambda found: {"records": lambda: curve_records(found)},
    CurveFit: lambda found: {"curves": lambda: curve_figure(found)},
    CurveAnswer: _answer,
    Spectrum: lambda found: {"spectrum": lambda: spectrum_of(found)},
    MeasuredSpectrum: _measured,
    SideBySide: lambda found: {"spectra": lambda: side_by_side_figure(found)},
    Geometry: lambda found: {
        "dimension": lambda: dimension_figure(found.dimension, found.name, found.subsamples)
    },
    Forecast: lambda found: {"forecast": lambda: forecast_figure(found)},
    Learners: lambda found: {"learners": lambda: learners_figure(found)},
    Enough: lambda found: {"learners": lambda: learners_figure(found.comparison)},
    Solution: lambda found: {"loss": lambda: loss_curves(found)} if found.loss.size > 1 else {},
    SgdLoss: lambda found: {"loss": lambda: descent_curves(found)} if found.loss.size > 1 else {},
    SimulatedGrid: _grid,
}


def figures(result: Result) -> Makers:
    """Give the figures of a result by name; none where it has none."""
    return next((make(result) for kind, make in _MAKERS.items() if type(result) is kind), {})


def kinds(result: Result) -> Sequence[str]:
    """Name the figures of a result."""
    return list(figures(result))


def figure_of(result: Result, kind: str | None = None) -> Figure:
    """Make one figure of a result, its first by default.

    Raises
    ------
    InputError
        It has none, or none of that name.
    """
    known: Mapping[str, Callable[[], Figure]] = figures(result)
    if not known:
        raise InputError(f"a {type(result).__name__} like this one has no figure")
    name = next(iter(known)) if kind is None else kind
    if name not in known:
        raise InputError(f"kind {name!r} is not a figure of it; there are {', '.join(known)}")
    return known[name]()


def plot(result: Result, ax: Any, kind: str | None) -> "Axes":
    """Draw one figure of a result on matplotlib axes, see `eigenscale.results.Result.plot`."""
    from matplotlib.axes import Axes

    from eigenscale.figures.render import paper

    figure = figure_of(result, kind)
    if ax is None:
        with paper.plain_text():
            return paper.on_new_axes(figure)
    given = [ax] if isinstance(ax, Axes) else list(ax)
    if not given or not all(isinstance(one, Axes) for one in given):
        raise InputError("ax is no matplotlib Axes, nor a sequence of them; pass plt.subplots()[1]")
    panels = list(figure.panels)
    if len(given) == 1 and not panels[0].title:
        panels[0] = replace(panels[0], title=figure.title)
    with paper.plain_text():
        for one, panel in zip(given, panels, strict=False):
            paper.draw_panel(one, panel)
    return given[0]


def as_html(result: Result) -> str:
    """Draw the first figure of a result as an image of a notebook."""
    from eigenscale.figures.render import paper

    figure = figure_of(result)
    buffer = io.BytesIO()
    paper.draw(figure).savefig(buffer, format="png", dpi=90)
    data = base64.b64encode(buffer.getvalue()).decode()
    return f'<img alt="{html.escape(figure.alt)}" src="data:image/png;base64,{data}">'
