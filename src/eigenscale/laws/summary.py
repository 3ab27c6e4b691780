"""A fit as text and tables."""

from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.allocation.approaches import AHEAD, weighable
from eigenscale.laws.allocation.growth import Growth
from eigenscale.laws.estimation import delta
from eigenscale.laws.estimation.stated import DEFAULT
from eigenscale.laws.estimation.weighting import effective_number
from eigenscale.laws.judged import Judged
from eigenscale.laws.left_out import left_out_lines
from eigenscale.text.table import aligned

NO_GROUPS = (
    "No IsoFLOP groups (two budgets of compute with four sizes around a best one): approach 2 "
    "does not apply"
)
GROWTHS = "Compute-optimal size and data as C^exponent, by three approaches of Hoffmann et al."


def summary(fit: Judged) -> str:
    """Say what was found, as text."""
    lines = [heading(fit), "", *aligned(parameter_rows(fit)), "", *closing_lines(fit)]
    if fit.table is not None:
        lines += ["", "Sensitivity to choices of the analysis:", *aligned(sensitivity_rows(fit))]
        if rows := growth_rows(fit):
            lines += ["", GROWTHS, *aligned(rows)]
        lines += growth_notes(fit)
    return "\n".join([*lines, *(f"Warning: {text}" for text in fit.warnings)])


def heading(fit: Judged) -> str:
    """Name the law and how close it comes to the runs."""
    return f"{fit.law.name}: {fit.law.label} = {equation(fit)}\n{_how_close(fit)}"


def estimator_text(fit: Judged) -> str:
    """Say how the runs were weighted, and which priors were added."""
    parts = []
    if fit.settings.get("estimator") == DEFAULT and fit.table is not None:
        weights = fit.table.weights
        count = fit.n_runs if weights is None else float(effective_number(weights))
        parts.append(
            f"with weights that rise with compute (as {count:.0f} equal runs of {fit.n_runs})"
        )
    if fit.table is not None and fit.table.errors is not None:
        parts.append("with weights that fall with the stated errors")
    if fit.prior is not None:
        names = ", ".join(
            f"{k} = {p.mean:.3g} ± {p.sd:.2g}" for k, p in fit.prior.parameters.items()
        )
        parts.append(f"with normal priors {names}")
    return " and ".join(parts) or "with every run weighted alike"


def equation(fit: Judged) -> str:
    """Write the law with what the table counts, as n_features for params."""
    text = fit.law.equation
    for plain, counted in (("params", fit.size_name), ("tokens", fit.data_name)):
        text = text.replace(plain, counted)
    return text


def closing_lines(fit: Judged) -> list[str]:
    """Say what stands below the table of parameters."""
    lines = [fit.certificate.sentence()]
    if fit.prior is not None:
        text = estimator_text(fit)
        lines.append(f"{text[0].upper()}{text[1:]}")
    if fit.by_delta:
        lines.append(delta.CAUTION)
    if fit.first is not None:
        values = ", ".join(f"{name} {p}" for name, p in fit.first.parameters.items())
        lines.append(f"Predictions go through the loss: {fit.first.law.equation}, {values}")
    if fit.holdout is not None:
        lines.append(fit.holdout.sentence())
    return lines + left_out_lines(fit)


def sensitivity_rows(fit: Judged) -> list[dict[str, object]]:
    """One row per change, the fit itself first."""
    first = {"change": "as fitted", "runs": fit.n_runs, **_values(fit), "loss beyond, %": 0.0}
    return [first, *(variation.row(fit.law.names) for variation in fit.sensitivity)]


def _values(fit: Judged) -> dict[str, float]:
    return dict(zip(fit.law.names, fit.theta.tolist(), strict=True))


def _how_close(fit: Judged) -> str:
    return (
        f"{fit.n_runs} runs; {fit.objective.name} objective, summed over runs: "
        f"{fit.objective_value:.10g}; residuals {100 * _rms(fit.residuals):.2g} % (rms)"
    )


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))


def parameter_rows(fit: Judged) -> list[dict[str, object]]:
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


def growth_rows(fit: Judged) -> list[dict[str, Any]]:
    """One row per approach and quantity: exponent, interval, bias, and the best further on."""
    if fit.shown_table is None or not fit.approaches:
        return []
    ahead = AHEAD * float(fit.shown_table.compute().max())
    percent = f"{100 * fit.level:.3g} %"
    names = {"params": fit.size_name, "tokens": fit.data_name}
    return [
        {
            "best": names[one.quantity],
            "approach": one.approach.replace(one.quantity, names[one.quantity]),
            "exponent": round(one.exponent, 4),
            f"low {percent}": round(one.interval.low, 4),
            f"high {percent}": round(one.interval.high, 4),
            "bias": np.nan if one.bias is None else round(one.bias, 4),
            f"at C = {ahead:.3g}": float(f"{one.at(ahead).value:.3g}"),
        }
        for one in fit.approaches
    ]


def growth_notes(fit: Judged) -> list[str]:
    """Warn of budgets that are missing, at the edge, or flat."""
    if fit.table is None or not weighable(fit.table):
        return []
    parabolas = [one for one in fit.approaches if one.approach.startswith("2")]
    if not parabolas:
        return [NO_GROUPS]
    names = {"params": fit.size_name, "tokens": fit.data_name}
    notes = [note for kind in _DOUBTS for note in _doubts(kind, parabolas, names)]
    sound = [(one, one.sound_exponent()) for one in parabolas]
    sound_values = [
        f"{value:.3g} ({names[one.quantity]})" for one, value in sound if value is not None
    ]
    if notes and sound_values:
        notes.append(f"Exponents without these budgets: {', '.join(sound_values)}")
    return notes


_DOUBTS = {
    "edge": "the optimum lies outside the runs; add runs on that side",
    "flat": "the curve is nearly flat, so its minimum is not identified",
    "": "the losses have no minimum; the budgets are left out",
}


def _doubts(kind: str, parabolas: list[Growth], names: dict[str, str]) -> list[str]:
    """Name the budgets of one flag (or without a bottom), once for quantities that agree."""
    found: dict[str, list[str]] = {}
    for one in parabolas:
        places = one.flagged(kind).tolist() if kind else list(one.no_bottom)
        if places:
            total = len(one.compute) + len(one.no_bottom)
            text = f"{len(places)} of {total} budgets ({_listed(places)})"
            found.setdefault(text, []).append(names[one.quantity])
    return [f"For {' and '.join(who)}, in {text} {_DOUBTS[kind]}" for text, who in found.items()]


def _listed(values: list[float]) -> str:
    return "C = " + ", ".join(f"{value:.2g}".replace("e+", "e") for value in values)
