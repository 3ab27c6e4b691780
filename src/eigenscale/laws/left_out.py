"""Runs that were left out of a fit: which, why, and by how much the law misses them."""

from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.io.runs.columns import SHOWN, Exclusion
from eigenscale.laws.estimation.fitted import Fitted
from eigenscale.laws.table import tabulate
from eigenscale.text.numbers import percent


def left_out(fit: Fitted) -> list[dict[str, Any]]:
    """One entry for each reason: rows, names of the runs, and residuals where they follow."""
    return [
        {**one.to_dict(), **({} if (r := residuals(fit, one)) is None else {"residuals": r})}
        for one in fit.excluded
    ]


def residuals(fit: Fitted, one: Exclusion) -> Floats | None:
    """Log predicted − log measured of runs left out; None where their numbers do not say."""
    if fit.runs is None or "loss" not in one.numbers or fit.law.label != "loss":
        return None
    columns = {name: np.asarray(values) for name, values in one.numbers.items()}
    inputs = tabulate({**columns, "unit_factor": fit.runs.unit_factor}).inputs
    if not set(fit.law.inputs) <= set(inputs):
        return None
    predicted = fit.law.predict(fit.theta, **{name: inputs[name] for name in fit.law.inputs})
    return np.asarray(np.log(predicted * fit.runs.unit_factor / columns["loss"]))


def left_out_lines(fit: Fitted) -> list[str]:
    """Name the runs that were left out, with what the law misses them by."""
    lines = []
    for one in fit.excluded:
        found = residuals(fit, one)
        if found is None:
            continue
        names = one.runs or ("",) * len(one.rows)
        parts = [
            f"row {row}{f' {name}' if name else ''} ({_off(value)})"
            for row, name, value in zip(one.rows, names, found.tolist(), strict=True)
        ]
        more = f" and {len(parts) - SHOWN} more" if len(parts) > SHOWN else ""
        lines.append(f"Left out, {one.reason}: {', '.join(parts[:SHOWN])}{more}")
    return lines


def _off(residual: float) -> str:
    side = "above" if residual < 0 else "below"
    return f"{percent(abs(float(np.expm1(-residual))))} {side} the law"
