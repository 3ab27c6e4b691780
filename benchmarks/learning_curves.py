"""Learning curves of public classifiers, their ends predicted from the first part.

    pip download --no-deps lcdb==0.1.0 && tar xzf lcdb-0.1.0.tar.gz
    python benchmarks/learning_curves.py lcdb-0.1.0/lcdb/database-accuracy.csv --curves 400

Every curve (data set and classifier) is the mean test error over splits at each size. The last size
is predicted from sizes up to a quarter and up to a sixteenth of it. Development used data sets with
an odd number only; `--parity even` judges. Table: docs/forecast.md.
"""

import argparse
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
from pyarrow import csv
from scipy.optimize import least_squares

from eigenscale.arrays import Floats
from eigenscale.forecasting.external.forecast_points import forecast_points

_LEAST = {0.25: 5, 0.0625: 4}  # sizes to predict from


@dataclass(frozen=True, eq=False)
class Curve:
    """Mean errors at each size of one classifier on one data set."""

    data_set: int
    classifier: str
    sizes: Floats
    errors: Floats


def read_curves(path: Path, parity: int) -> list[Curve]:
    """Mean test errors of all classifiers on data sets with an even (0) or odd (1) number."""
    table = csv.read_csv(path)
    table = table.filter(pc.equal(pc.bit_wise_and(table["openmlid"], 1), parity))
    keys = ["openmlid", "learner", "size_train"]
    found: dict[tuple[int, str], list[tuple[float, float]]] = {}
    for row in table.group_by(keys).aggregate([("score_test", "mean")]).to_pylist():
        if row["score_test_mean"] is not None:
            where = found.setdefault((row["openmlid"], row["learner"]), [])
            where.append((row["size_train"], 1 - row["score_test_mean"]))
    curves = []
    for (data_set, classifier), points in sorted(found.items()):
        sizes, errors = np.array(sorted(points), dtype=float).T
        if len(sizes) >= 12 and errors[-1] >= 0.01:
            curves.append(Curve(data_set, classifier, sizes, errors))
    return curves


def positive(errors: Floats) -> Floats:
    """Errors of zero as half the least that is not."""
    return np.maximum(errors, errors[errors > 0].min() / 2)


def last(sizes: Floats, errors: Floats, at: float) -> float:
    """The last value."""
    return float(errors[-1])


def line(sizes: Floats, errors: Floats, at: float) -> float:
    """A straight line in logarithms through the last five points."""
    slope, height = np.polyfit(np.log(sizes[-5:]), np.log(positive(errors)[-5:]), 1)
    return float(np.exp(height + slope * np.log(at)))


def form(value: Callable[[Floats, Floats], Floats], starts: list[list[float]]) -> Callable:
    """Least squares of a form from several starts; the finite fit with the least error."""

    def predict(sizes: Floats, errors: Floats, at: float) -> float:
        best, found = np.inf, float(errors[-1])
        for start in starts:
            try:
                fit = least_squares(
                    lambda p: np.nan_to_num(value(p, sizes) - errors, nan=1e3, posinf=1e3),
                    start,
                    max_nfev=200,
                )
            except ValueError:
                continue
            end = float(value(fit.x, np.array([at]))[0])
            if fit.cost < best and np.isfinite(end):
                best, found = fit.cost, end
        return found

    return predict


POW3 = form(
    lambda p, x: p[0] + p[1] * x ** -abs(p[2]),
    [[0.1, 1, 0.5], [0.0, 1, 0.2], [0.2, 3, 1.0]],
)
MMF = form(
    lambda p, x: (p[0] * p[1] + p[2] * x ** abs(p[3])) / (p[1] + x ** abs(p[3])),
    [[0.5, 10, 0.1, 0.7], [0.5, 100, 0.0, 1.0], [0.7, 3, 0.2, 0.4]],
)


def run(curves: list[Curve], fraction: float) -> None:
    """Print a table of errors for one fraction."""
    names = {"last value": last, "line through five points": line, "pow3": POW3, "MMF": MMF}
    errors: dict[str, list[float]] = {name: [] for name in [*names, "eigenscale"]}
    inside, widths = [], []
    for curve in curves:
        seen = curve.sizes <= fraction * curve.sizes[-1] * 1.0001
        if seen.sum() < _LEAST[fraction] or not curve.errors[seen].any():
            continue
        sizes, known, at, truth = (
            curve.sizes[seen],
            curve.errors[seen],
            curve.sizes[-1],
            curve.errors[-1],
        )
        for name, predict in names.items():
            errors[name].append(abs(predict(sizes, known, at) / truth - 1))
        loss = forecast_points(sizes, known, n_samples=[at], draws=200)[0].loss
        errors["eigenscale"].append(abs(loss.value / truth - 1))
        inside.append(loss.low <= truth <= loss.high)
        widths.append(np.log(loss.high / max(loss.low, 1e-12)) / 2)
    print(f"\nfrom 1/{1 / fraction:.0f}: {len(inside)} curves")
    for name, found in errors.items():
        print(f"{name:26s} median {np.median(found):6.1%}  mean {np.mean(found):6.1%}")
    print(f"90 % intervals hold {np.mean(inside):.0%}; median half-width {np.median(widths):.0%}")


def main() -> None:
    """Read the curves and print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--curves", type=int, default=400, help="drawn at random")
    parser.add_argument("--parity", choices=["odd", "even"], default="odd")
    asked = parser.parse_args()
    curves = read_curves(asked.database, int(asked.parity == "odd"))
    chosen = np.random.default_rng(0).permutation(len(curves))[: asked.curves]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for fraction in _LEAST:
            run([curves[i] for i in chosen], fraction)


if __name__ == "__main__":
    main()
