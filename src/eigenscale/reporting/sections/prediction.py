"""The learning curve of the data: forecast from its spectrum, and checked by training students."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.figures.spec import Figure
from eigenscale.figures.topics.forecast import forecast_figure
from eigenscale.forecasting.check.check import LEAST_ROWS
from eigenscale.forecasting.forecast import forecast
from eigenscale.forecasting.result import Forecast
from eigenscale.progress import Progress
from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.sections.section import Section
from eigenscale.results import Interval
from eigenscale.text.numbers import number

NAME, TITLE = "learning-curve", "The learning curve of your data"
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
    from eigenscale.io.data.columns import settle
    from eigenscale.io.data.opening import open_source
    from eigenscale.io.data.targets import as_target

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
    return Foreseen(found)


def _grid(n_rows: int) -> Floats:
    """Return samples to forecast for: below the rows there are, all of them, and ten times more."""
    below = np.geomspace(max(min(n_rows, ROWS) / 100, 8), n_rows, 12)[:-1]
    between = np.geomspace(n_rows, AHEAD * n_rows, 6)[1:-1]
    return np.array([*below.round(), *between.round(), n_rows, AHEAD * n_rows])


def foreseen_section(evidence: Evidence) -> Section:
    """Show the learning curve, how far to trust it, and what to do next."""
    found = evidence.foreseen
    if found is None:
        return Section(NAME, TITLE, (_none(evidence),))
    check = found.forecast.check
    paragraphs = [foreseen_words(found), found.forecast.advice().summary]
    if check is not None:
        paragraphs.insert(1, check.summary)
    figures = (foreseen_figure(found),)
    return Section(NAME, TITLE, tuple(paragraphs), figures=figures)


def _none(evidence: Evidence) -> str:
    spectrum = evidence.spectrum
    if spectrum is None or spectrum.target_power is None:
        return "No data with a target were given, so there is no learning curve to forecast."
    return (
        f"{spectrum.n_samples:,} rows of {spectrum.n_inputs:,} inputs are too few, or too wide, "
        "for a forecast here; the command `eigenscale forecast` has no such limit."
    )


def foreseen_figure(found: Foreseen) -> Figure:
    """Draw the forecast with the students that were trained to check it."""
    return forecast_figure(found.forecast)


def foreseen_words(found: Foreseen) -> str:
    """Say what the forecast says."""
    guess = found.forecast.target_variance or 0.0
    return (
        "The same theory, read off your own sample, forecasts the test loss of a linear student "
        f"on your labels: squared error, summed over target columns, of which a guess by the mean "
        f"has {number(guess)}. Nothing is fitted to the curve, and nothing was trained for it."
    )


def foreseen_cautions(found: Foreseen) -> list[str]:
    """Say what the check warns of."""
    check = found.forecast.check
    return [] if check is None else [f"{line.removesuffix('.')}." for line in check.warnings]
