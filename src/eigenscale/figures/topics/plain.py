"""Figures of what was read or asked alone: runs, records of a curve, a spectrum, predictions."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Panel, Points
from eigenscale.io.curves.curve import Curve
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.laws.saving.registered import ScoreCard
from eigenscale.planning.predict import Predictions
from eigenscale.spectrum import Spectrum
from eigenscale.text.numbers import count

RANKS = 400  # points of a spectrum that are drawn


def runs_figure(runs: Runs) -> Figure:
    """Draw the loss of the runs against what they cost, or against what the table has."""
    by = {
        "compute, FLOP": runs.flops,
        runs.data_name.replace("n_", ""): runs.tokens,
        runs.size_name.replace("n_", ""): runs.params,
        "steps": runs.steps,
        "row of the table": runs.rows,
    }
    name, x = next((name, np.asarray(v, float)) for name, v in by.items() if v is not None)
    shade = runs.params if name == "compute, FLOP" else None
    loss = np.asarray(loss_unit(runs.unit).outward(runs.loss / runs.unit_factor))
    hover = () if runs.name is None else tuple(str(one) for one in runs.name)
    points = Points(x, loss, "runs", 0, shade=shade, shade_label=runs.size_name, hover=hover)
    title = f"{count(len(runs))} runs of {runs.source}"
    scale = Axis(name, "log" if (x > 0).all() else "linear")
    return Figure(
        "runs",
        title,
        (Panel(scale, Axis(f"loss, {runs.unit}"), (points,)),),
        caption="The runs as they were read.",
        alt=f"Loss of {title} against {name}.",
        columns=1,
    )


def curve_records(curve: Curve) -> Figure:
    """Draw the recorded losses of one run."""
    known = np.isfinite(curve.loss)
    x = np.asarray(curve.steps[known], float)
    points = Points(x, np.asarray(curve.loss)[known], "records")
    return Figure(
        "records",
        f"{count(int(known.sum()))} records of {curve.name}",
        (Panel(Axis("step", "linear"), Axis(f"loss, {curve.unit}", "linear"), (points,)),),
        caption="Losses as they were recorded.",
        alt=f"Loss of {curve.name} against the step.",
        columns=1,
    )


def spectrum_of(spectrum: Spectrum) -> Figure:
    """Draw the eigenvalues of a spectrum against their rank."""
    ends = np.cumsum(spectrum.multiplicities)
    ranks = ends - (spectrum.multiplicities - 1) / 2
    kept = np.unique(np.geomspace(1, ranks.size, min(RANKS, ranks.size)).round().astype(int)) - 1
    points = Points(ranks[kept], spectrum.eigenvalues[kept], "eigenvalues")
    return Figure(
        "spectrum",
        f"A spectrum of {spectrum.latent_dim:.4g} modes",
        (Panel(Axis("rank"), Axis("eigenvalue"), (points,)),),
        caption="Eigenvalues against their rank; groups of equal ones stand at their middle.",
        alt="Eigenvalues fall with their rank.",
        columns=1,
    )


def predicted_points(found: Predictions) -> Figure:
    """Draw predictions with their intervals, against what they cost where that is known."""
    names = list(found.points[0])
    columns = {name: np.array([point[name] for point in found.points]) for name in names}
    name, x = next(iter(columns.items()))
    if {"params", "tokens"} <= set(columns):
        name, x = "compute, FLOP", 6.0 * columns["params"] * columns["tokens"]
    value, low, high = _ends(found)
    layers: list[Layer] = [Points(x, value, "predicted", 1, "diamond", low=low, high=high)]
    level = 100 * found.intervals[0].level
    return Figure(
        "predictions",
        f"Losses that {found.law} predicts",
        (Panel(Axis(name), Axis(f"loss, {found.unit}"), tuple(layers)),),
        caption=f"Bars are {level:.3g} % intervals of a single run.",
        alt=f"Predicted losses against {name}.",
        columns=1,
    )


def _ends(found: Predictions) -> tuple[Floats, Floats, Floats]:
    rows = np.array([[one.value, one.low, one.high] for one in found.intervals]).T
    return (
        rows[0],
        np.where(np.isnan(rows[1]), rows[0], rows[1]),
        np.where(np.isnan(rows[2]), rows[0], rows[2]),
    )


def scores_figure(found: ScoreCard) -> Figure:
    """Draw what was measured against what was predicted, with the intervals."""
    measured = np.array([one.measured for one in found.scores])
    value, low, high = (
        np.array([getattr(one.predicted, end) for one in found.scores])
        for end in ("value", "low", "high")
    )
    ends = np.array([min(value.min(), measured.min()), max(value.max(), measured.max())])
    inside = sum(one.inside for one in found.scores)
    title = f"{inside} of {len(found.scores)} runs lie inside the interval predicted for them"
    layers: tuple[Layer, ...] = (
        Line(ends, ends, "as predicted", dash="dash"),
        Points(value, measured, "runs", 1, x_low=low, x_high=high),
    )
    axis = f"loss, {found.unit}"
    return Figure(
        "scores",
        title,
        (Panel(Axis(f"predicted {axis}", "linear"), Axis(f"measured {axis}", "linear"), layers),),
        caption="Bars are the intervals that were registered before the runs were trained.",
        alt=title,
        columns=1,
    )
