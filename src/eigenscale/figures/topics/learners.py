"""Learners drawn: measured learning curves side by side, with forecasts and crossings."""

import numpy as np

from eigenscale.figures.spec import Axis, Band, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.forecasting.external.comparison import Comparison
from eigenscale.text.numbers import count

_STEPS = 60


def learners_figure(comparison: Comparison) -> Figure:
    """Draw loss against training rows, one colour for each learner."""
    layers: list[Layer] = []
    level = comparison.forecasts[0].rows[0].loss.level
    ends = [(1 - level) / 2, (1 + level) / 2]
    furthest = max(row.n_samples for forecast in comparison.forecasts for row in forecast)
    for color, (curve, forecast) in enumerate(
        zip(comparison.curves, comparison.forecasts, strict=True)
    ):
        x = np.geomspace(curve.sizes[0], max(furthest, curve.sizes[-1]), _STEPS)
        low, high = np.quantile(forecast.forecaster.loss_draws(1, x), ends, axis=0)
        layers += [
            Band(x, low, high, color=color),
            Line(x, forecast.forecaster.loss(1, x), curve.learner, color=color),
            Points(curve.sizes, curve.losses.mean(axis=1), color=color),
        ]
    last = min(curve.sizes[-1] for curve in comparison.curves)
    layers.append(Rule(float(last), "x", "largest measured"))
    layers += [
        Rule(found.n_samples.value, "x", f"{found.after} passes {found.before}")
        for found in comparison.crossings
    ]
    winner = comparison.wins[-1]
    return Figure(
        "learners",
        f"At {count(winner.n_samples)} rows {winner.learner} is expected to be the best",
        (Panel(Axis("training rows"), Axis(comparison.metric), tuple(layers)),),
        caption=f"Points are means over folds; bands are {100 * level:.3g} % intervals.",
        alt="Measured losses of learners against training rows, and how they go on.",
    )
