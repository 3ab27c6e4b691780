"""The learning curve of the data: forecast from its spectrum, and checked by training students."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.figures.forecast import forecast_figure
from eigenscale.figures.spec import Figure
from eigenscale.forecast import forecast
from eigenscale.forecast.check import LEAST_ROWS
from eigenscale.forecast.result import Forecast
from eigenscale.progress import Progress
from eigenscale.report.words import number, with_interval
from eigenscale.results import Interval

Floats = NDArray[np.float64]

AHEAD = 10
MOST_INPUTS = 2000
ROWS = 4000


@dataclass(frozen=True, eq=False)
class Foreseen:
    """A forecast for a linear student on the inputs, and students trained to check it.

    Attributes
    ----------
    forecast : Forecast
        Its last two rows are for as many samples as there are, and for ten times as many; its
        `check` says how students met it.
    """

    forecast: Forecast

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
    from eigenscale.data import as_target, open_source

    try:
        n_rows = len(as_target(target))
        if open_source(data).n_columns > MOST_INPUTS:
            return None
        found = forecast(
            data,
            target,
            n_samples=_grid(n_rows),
            level=level,
            max_rows=ROWS,
            check=n_rows >= LEAST_ROWS,
            rng=seed,
            progress=progress,
        )
    except InputError:
        return None
    return Foreseen(found)


def _grid(n_rows: int) -> Floats:
    """Return samples to forecast for: below the rows there are, all of them, and ten times more."""
    below = np.geomspace(max(min(n_rows, ROWS) / 100, 8), n_rows, 12)[:-1]
    between = np.geomspace(n_rows, AHEAD * n_rows, 6)[1:-1]
    return np.array([*below.round(), *between.round(), n_rows, AHEAD * n_rows])


def foreseen_figure(found: Foreseen) -> Figure:
    """Draw the forecast with the students that were trained to check it."""
    return forecast_figure(found.forecast)


def foreseen_words(found: Foreseen) -> str:
    """Say what the forecast says, and how well it met the students."""
    check = found.forecast.check
    guess = found.forecast.target_variance or 0.0
    checked = "" if check is None else f" {check.summary}"
    return (
        "The same theory, read off your own sample, forecasts the test loss of a linear student "
        f"on your labels (squared error, summed over target columns; a guess by the mean has "
        f"{number(guess)}): {with_interval(found.now)} with the {found.forecast.n_read:,} samples "
        f"there are, {with_interval(found.ahead)} with ten times as many.{checked}"
    )


def foreseen_cautions(found: Foreseen) -> list[str]:
    """Say what the check warns of."""
    check = found.forecast.check
    return [] if check is None else [f"{line.removesuffix('.')}." for line in check.warnings]
