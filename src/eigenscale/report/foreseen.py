"""The learning curve of the data: forecast from its spectrum, and checked by training students."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.figures.forecast import forecast_figure
from eigenscale.figures.spec import Figure, Points
from eigenscale.forecast import forecast
from eigenscale.forecast.result import Forecast
from eigenscale.forecast.sample import Sample, read_sample
from eigenscale.progress import Progress
from eigenscale.report.words import number, percent, with_interval
from eigenscale.results import Interval

Floats = NDArray[np.float64]

AHEAD = 10
MOST_INPUTS = 2000
CHECK_ROWS = 8000
REPEATS = 4
CHECKED = 5


@dataclass(frozen=True, eq=False)
class Foreseen:
    """A forecast for a linear student on the inputs, and students trained to check it.

    Attributes
    ----------
    forecast : Forecast
        Its last two rows are for as many samples as there are, and for ten times as many.
    samples, measured, error : array, shape (k,)
        Training samples, mean test loss over `REPEATS` students each, its standard error.
    predicted : array, shape (k,)
        What the forecast says at `samples`.
    """

    forecast: Forecast
    samples: Floats
    measured: Floats
    error: Floats
    predicted: Floats

    @property
    def now(self) -> Interval:
        """Loss with as many samples as there are."""
        return self.forecast[-2].loss

    @property
    def ahead(self) -> Interval:
        """Loss with ten times as many."""
        return self.forecast[-1].loss


def foresee(
    data: Any, target: Any, level: float, seed: int, progress: Progress | None = None
) -> Foreseen | None:
    """Forecast and check; None where the data are too few, or too wide to train students on."""
    try:
        sample = read_sample(data, target, max_rows=CHECK_ROWS, rng=np.random.default_rng(seed))
        if sample.inputs.shape[1] > MOST_INPUTS:
            return None
        wanted = _grid(sample)
        found = forecast(data, target, n_samples=wanted, level=level, rng=seed, progress=progress)
    except InputError:
        return None
    rows = [row for row in found.rows[:-2] if row.n_samples <= sample.n_rows // 2]
    rows = rows[-CHECKED:]
    rng = np.random.default_rng([seed, 1])
    losses = np.array([_students(sample, r.n_samples, r.ridge, rng) for r in rows])
    losses = losses.reshape(-1, REPEATS)
    return Foreseen(
        found,
        np.array([float(row.n_samples) for row in rows]),
        losses.mean(axis=1),
        losses.std(axis=1, ddof=1) / np.sqrt(REPEATS),
        np.array([row.loss.value for row in rows]),
    )


def _grid(sample: Sample) -> Floats:
    """Return samples to forecast for: below half of those kept, then all there are and beyond."""
    half = sample.n_rows // 2
    below = np.geomspace(max(half / 100, 8), half, 9).round()
    between = np.geomspace(half, AHEAD * sample.n_read, 6)[1:-1].round()
    return np.array([*below, *between, sample.n_read, AHEAD * sample.n_read])


def _students(sample: Sample, count: int, ridge: float, rng: np.random.Generator) -> list[float]:
    """Test losses of linear students trained on `count` rows each and tested on the others."""
    losses = []
    for _ in range(REPEATS):
        order = rng.permutation(sample.n_rows)
        train, test = order[:count], order[count:]
        centre, offset = sample.inputs[train].mean(axis=0), sample.target[train].mean(axis=0)
        x, y = sample.inputs[train] - centre, sample.target[train] - offset
        missed = (sample.inputs[test] - centre) @ _ridge(x, y, ridge) + offset - sample.target[test]
        losses.append(float(np.mean(np.sum(missed**2, axis=1))))
    return losses


def _ridge(x: Floats, y: Floats, ridge: float) -> Floats:
    """Return the weights that minimise |xw − y|²/n + ridge |w|², of least norm at no ridge."""
    wide = x.shape[1] > len(x)
    values, modes = np.linalg.eigh((x @ x.T if wide else x.T @ x) / len(x))
    kept = values > values[-1] * 1e-13
    inside = modes[:, kept]
    solved = inside / (values[kept] + ridge) @ (inside.T @ (y if wide else x.T @ y / len(x)))
    return np.asarray(x.T @ solved / len(x) if wide else solved)


def foreseen_figure(found: Foreseen) -> Figure:
    """Draw the forecast with the students that were trained to check it."""
    figure = forecast_figure(found.forecast)
    spread = 2 * found.error
    trained = Points(
        found.samples,
        found.measured,
        "students trained",
        color=1,
        low=found.measured - spread,
        high=found.measured + spread,
    )
    panel = figure.panels[0]
    caption = (
        f"{figure.caption} Points are means over {REPEATS} students trained on that many of the "
        "rows and tested on others, with two standard errors."
    )
    panels = (replace(panel, layers=(*panel.layers, trained)),)
    return replace(figure, panels=panels, caption=caption)


def foreseen_words(found: Foreseen) -> str:
    """Say what the forecast says, and how well it met the students."""
    apart = np.abs(found.predicted / found.measured - 1)
    guess = found.forecast.target_variance
    checked = (
        f" Students trained to check it ended within {percent(float(np.median(apart)))} of the "
        f"forecast in the median, {percent(float(apart.max()))} at most."
        if apart.size
        else ""
    )
    return (
        "The same theory, read off your own sample, forecasts the test loss of a linear student "
        f"on your labels (squared error, summed over target columns; a guess by the mean has "
        f"{number(guess)}): {with_interval(found.now)} with the {found.forecast.n_read:,} samples "
        f"there are, {with_interval(found.ahead)} with ten times as many.{checked}"
    )
