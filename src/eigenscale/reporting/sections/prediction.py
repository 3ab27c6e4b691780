"""The learning curve of the data: forecast from its spectrum, and checked by training students."""

from eigenscale.figures.spec import Figure
from eigenscale.figures.topics.forecast import forecast_figure
from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.predicted import Predicted
from eigenscale.reporting.sections.section import Section
from eigenscale.text.numbers import number

NAME, TITLE = "learning-curve", "The learning curve of your data"


def prediction_section(evidence: Evidence) -> Section:
    """Show the learning curve, how far to trust it, and what to do next."""
    found = evidence.predicted
    if found is None:
        return Section(NAME, TITLE, (_none(evidence),))
    check = found.forecast.check
    paragraphs = [prediction_text(found), found.forecast.advice().summary]
    if check is not None:
        paragraphs.insert(1, check.summary)
    figures = (prediction_figure(found),)
    return Section(NAME, TITLE, tuple(paragraphs), figures=figures)


def _none(evidence: Evidence) -> str:
    spectrum = evidence.spectrum
    if spectrum is None or spectrum.target_power is None:
        return "No data with a target were given, so there is no learning curve to forecast."
    return (
        f"{spectrum.n_samples:,} rows of {spectrum.n_inputs:,} inputs are too few, or too wide, "
        "for a forecast here; the command `eigenscale forecast` has no such limit."
    )


def prediction_figure(found: Predicted) -> Figure:
    """Draw the forecast with the students that were trained to check it."""
    return forecast_figure(found.forecast)


def prediction_text(found: Predicted) -> str:
    """Say what the forecast says."""
    guess = found.forecast.target_variance or 0.0
    return (
        "The same theory, read off your own sample, forecasts the test loss of a linear student "
        "on your labels: the squared error, summed over target columns. Predicting the mean gives "
        f"{number(guess)}. Nothing is fitted to the curve, and nothing was trained for it."
    )


def prediction_warnings(found: Predicted) -> list[str]:
    """Say what the check warns of."""
    check = found.forecast.check
    return [] if check is None else [f"{line.removesuffix('.')}." for line in check.warnings]
