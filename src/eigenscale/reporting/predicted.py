"""The learning curve of the data, forecast and checked, as numbers for the report."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.forecasting.check.check import LEAST_ROWS
from eigenscale.forecasting.forecast import forecast
from eigenscale.forecasting.result import Forecast
from eigenscale.io.data.columns import settle
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import as_target
from eigenscale.progress import Progress
from eigenscale.results import Interval

AHEAD = 10
MOST_INPUTS = 2000
ROWS = 4000


@dataclass(frozen=True, eq=False)
class Predicted:
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


def predict_curve(
    data: Any, target: Any, level: float, seed: int, progress: Progress | None = None
) -> Predicted | None:
    """Forecast and check; None where the data are too few, or too wide to train students on."""
    try:
        read, columns = settle(data, target)
        n_rows = len(as_target(read))
        if open_source(data, columns).n_columns > MOST_INPUTS:
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
    return Predicted(found)


def _grid(n_rows: int) -> Floats:
    """Return samples to forecast for: below the rows there are, all of them, and ten times more."""
    below = np.geomspace(max(min(n_rows, ROWS) / 100, 8), n_rows, 12)[:-1]
    between = np.geomspace(n_rows, AHEAD * n_rows, 6)[1:-1]
    return np.array([*below.round(), *between.round(), n_rows, AHEAD * n_rows])
