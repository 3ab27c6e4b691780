"""The table of docs/forecast.md, from the points of `forecast_evidence.py`."""

from collections.abc import Sequence
from typing import Any

import numpy as np

Row = dict[str, Any]

_HEAD = (
    "| data | learner | T | samples | points | median | 90th | covered | with noise | rows know |",
    "|---|---|---|---|---|---|---|---|---|---|",
)
_Z = 1.645
_MANY = 1000  # rows of a sample


def table(rows: Sequence[Row]) -> str:
    """One line for each data set, learner and range of T; then all; then error rates."""
    place = np.array([_place(row) for row in rows])
    lines = [*_HEAD]
    for key in sorted(set(place)):
        data, learner, where = key.split("|")
        part = [row for row, at in zip(rows, place, strict=True) if at == key]
        lines.append(f"| {data} | {learner} | {where} | {_line(part, '')} |")
    for learner, least in (("all", 0), (f"n from {_MANY:,} on", _MANY)):
        for where in ("within", "beyond"):
            part = [row for row in rows if _where(row) == where and int(row["sample"]) >= least]
            lines.append(f"| all | {learner} | {where} | {_line(part, '')} |")
    lines += ["", "Error rates (differences in points):", "", *_HEAD]
    for data in sorted({row["data"] for row in rows}):
        for where in ("within", "beyond"):
            part = [row for row in rows if row["data"] == data and row["error_predicted"]]
            part = [row for row in part if _where(row) == where]
            if part:
                lines.append(f"| {data} | all | {where} | {_line(part, 'error_')} |")
    return "\n".join(lines)


def _where(row: Row) -> str:
    return "within" if int(row["n_samples"]) <= int(row["sample"]) else "beyond"


def _place(row: Row) -> str:
    return f"{row['data']}|{row['learner']}, n = {int(row['sample']):,}|{_where(row)}"


def _line(rows: Sequence[Row], name: str) -> str:
    if not rows:
        return "0 | 0 | | | |"

    def column(what: str) -> np.ndarray:
        return np.array([float(row[f"{name}{what}"]) for row in rows])

    value = column("predicted")
    measured, se = (
        column("measured"),
        np.array([float(row["error_se" if name else "se"]) for row in rows]),
    )
    missed = 100 * (np.abs(value - measured) if name else np.abs(value / measured - 1))
    low, high = column("low"), column("high")
    inside = (low <= measured) & (measured <= high)
    # Ends moved out as the measurement's own error adds to the forecast's, in quadrature.
    low = value - np.hypot(value - low, _Z * se)
    high = value + np.hypot(high - value, _Z * se)
    wide = (low <= measured) & (measured <= high)
    samples = {(row["data"], row["learner"], row["sample"], row["seed"]) for row in rows}
    known, far = _known(rows, name)
    return (
        f"{len(samples)} | {len(rows)} | {np.median(missed):.1f} | "
        f"{np.quantile(missed, 0.9):.1f} | {100 * inside.mean():.0f} % | {100 * wide.mean():.0f} % "
        f"| {known:.1f}, {far:.1f}"
    )


def _known(rows: Sequence[Row], name: str) -> tuple[float, float]:
    """Median and 90th percentile of the error that a test set as large as the sample would have.

    No method that sees the sample alone knows the loss of its own fits better.
    """
    row = np.array([float(each[f"{name}row"]) for each in rows])
    size = np.array([float(each["sample"]) for each in rows])
    level = 1.0 if name else np.array([float(each["measured"]) for each in rows])
    normal = np.abs(np.random.default_rng(0).standard_normal(2000))
    error = 100 * (row / np.sqrt(size) / level)[:, None] * normal
    return float(np.median(error)), float(np.quantile(error, 0.9))
