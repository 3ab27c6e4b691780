"""A fit in words and one table."""

from typing import TYPE_CHECKING

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.allocation.approaches import growth_notes, growth_rows
from eigenscale.laws.uncertainty import delta

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit


GROWTHS = "beside it: how the best size and data grow, as C^exponent"


def summary(fit: "LawFit") -> str:
    """Say what was found, for people."""
    lines = [heading(fit), "", *aligned(parameter_rows(fit)), "", *closing_lines(fit)]
    if fit.table is not None:
        lines += ["", "how it moves:", *aligned(sensitivity_rows(fit))]
        if rows := growth_rows(fit):
            lines += ["", GROWTHS, *aligned(rows)]
        lines += growth_notes(fit)
    return "\n".join([*lines, *(f"careful: {text}" for text in fit.cautions)])


def heading(fit: "LawFit") -> str:
    """Name the law and how close it comes to the runs."""
    return f"{fit.law.name}: {fit.law.label} = {equation(fit)}\n{_how_close(fit)}"


def equation(fit: "LawFit") -> str:
    """Write the law with what the table counts, as n_features for params."""
    text = fit.law.equation
    for plain, counted in (("params", fit.size_name), ("tokens", fit.data_name)):
        text = text.replace(plain, counted)
    return text


def closing_lines(fit: "LawFit") -> list[str]:
    """Say what stands below the table of parameters."""
    lines = [fit.certificate.sentence()]
    if fit.by_delta:
        lines.append(delta.CAUTION)
    if fit.first is not None:
        values = ", ".join(f"{name} {p}" for name, p in fit.first.parameters.items())
        lines.append(f"predictions go through the loss: {fit.first.law.equation}, {values}")
    if fit.holdout is not None:
        lines.append(fit.holdout.sentence())
    return lines


def sensitivity_rows(fit: "LawFit") -> list[dict[str, object]]:
    """One row per change, the fit itself first."""
    first = {"change": "as fitted", "runs": fit.n_runs, **_values(fit), "loss beyond, %": 0.0}
    return [first, *(variation.row(fit.law.names) for variation in fit.sensitivity)]


def _values(fit: "LawFit") -> dict[str, float]:
    return dict(zip(fit.law.names, fit.theta.tolist(), strict=True))


def _how_close(fit: "LawFit") -> str:
    return (
        f"{fit.n_runs} runs; {fit.objective.name} objective, summed over runs: "
        f"{fit.objective_value:.10g}; residuals {100 * _rms(fit.residuals):.2g} % (rms)"
    )


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def parameter_rows(fit: "LawFit") -> list[dict[str, object]]:
    """One row per parameter: value, interval, standard error, meaning."""
    percent = f"{100 * fit.level:.3g} %"
    return [
        {
            "parameter": parameter.name,
            "value": interval.value,
            f"low {percent}": interval.low,
            f"high {percent}": interval.high,
            "se": np.nan if interval.se is None else interval.se,
            "meaning": "fixed" if parameter.name in fit.fixed else parameter.meaning,
        }
        for parameter, interval in zip(fit.law.parameters, fit.parameters.values(), strict=True)
    ]


def aligned(rows: list[dict[str, object]]) -> list[str]:
    """Align rows as text."""
    cells = [list(rows[0])] + [[_cell(v) for v in row.values()] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    left = [isinstance(value, str) for value in rows[0].values()]
    return [
        "  ".join(
            text.ljust(width) if flush else text.rjust(width)
            for text, width, flush in zip(row, widths, left, strict=True)
        ).rstrip()
        for row in cells
    ]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "–" if np.isnan(value) else f"{value:.5g}"
    return str(value)
