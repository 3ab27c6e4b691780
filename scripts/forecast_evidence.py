"""Measure how good forecasts are: real fits on real data, next to what was forecast for them.

    python scripts/forecast_evidence.py [--seeds 3] [--only CASE,…] [--resume]

Every case takes a sample, forecasts from it alone, and then trains on other rows (never the
sample's) and tests on yet others. Points go to a CSV file as they come, and the table of all of
them to standard output at the end. A fresh file is begun unless `--resume` is given.
Measured points do not depend on how forecasts are made: they are kept in a folder
(`--truth`) and read from there by later runs; delete it to measure anew.
"""

import argparse
import csv
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from forecast_cases import Case, cases, load
from forecast_table import table
from forecast_truth import Truth, truth

from eigenscale.forecasting.forecaster import Forecaster
from eigenscale.forecasting.sample.kernels import Scaling
from eigenscale.forecasting.sample.sample import Sample

ROOT = Path(__file__).resolve().parents[1]
FIELDS = [
    "data",
    "learner",
    "sample",
    "seed",
    "n_samples",
    "n_features",
    "ridge",
    "predicted",
    "low",
    "high",
    "spread",
    "measured",
    "se",
    "row",
    "error_predicted",
    "error_low",
    "error_high",
    "error_spread",
    "error_measured",
    "error_se",
    "error_row",
    "seconds",
]


def learned(case: Case, x: np.ndarray, y: np.ndarray) -> tuple[Forecaster, float]:
    """Forecaster of the sample, and the seconds that it took."""
    start = time.process_time()
    classes = tuple("abcdefghij"[: y.shape[1]]) if set(np.unique(y)) == {0.0, 1.0} else None
    sample = Sample(x, y, classes, len(x), case.data)
    made = Forecaster.learn(sample, case.learner, rng=np.random.default_rng(case.seed))
    return made, time.process_time() - start


def run(case: Case, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Points of one case."""
    x, y = load(case.data, options.cifar)
    mine, others = case.split(len(x))
    rest, scaling = (x[others], y[others]), Scaling.of(x[mine])
    measured = {
        (N, T): truth(case, rest, scaling, T, N, options.truth)
        for N in case.features
        for T in case.samples
    }
    if options.measure:
        return
    forecaster, seconds = learned(case, x[mine], y[mine])
    for (N, T), real in measured.items():
        for ridge in case.ridges:
            yield {
                "data": case.data,
                "learner": case.learner.name or "fixed",
                "sample": case.sample,
                "seed": case.seed,
                "n_samples": T,
                "n_features": N or "",
                "ridge": ridge,
                **_point(forecaster, T, N or np.inf, ridge, real),
                "seconds": round(seconds, 2),
            }


def _point(forecaster: Forecaster, T: int, N: float, ridge: Any, real: Truth) -> dict[str, Any]:
    query, got = forecaster.ask(T, N, ridge)
    at = real.at(float(query.ridge[0]))
    out = {"predicted": got.value[0], **_interval("", got.draws[:, 0])}
    out |= {"measured": at["loss"], "se": at["loss_se"], "row": at["loss_row"]}
    rate = forecaster.error_rate(query, got)
    if rate is None:
        return out
    out |= {"error_predicted": rate[0][0], **_interval("error_", rate[1][:, 0])}
    out |= {"error_measured": at["wrong"], "error_se": at["wrong_se"]}
    return out | {"error_row": at["wrong_row"]}


def _interval(name: str, draws: np.ndarray) -> dict[str, float]:
    low, high = np.quantile(draws, [0.05, 0.95])
    return {f"{name}low": low, f"{name}high": high, f"{name}spread": draws.std(ddof=1)}


def chosen(options: argparse.Namespace) -> Iterator[Case]:
    """Cases that are asked for, the cheap ones of every seed first."""
    only = set(filter(None, options.only.split(",")))
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        for case in cases(seed):
            if not only or case.name in only or case.data in only:
                yield replace(case, seed=seed)


def main() -> None:
    """Run the cases that are asked for, and print the table."""
    options = _options()
    done: set[tuple[str, ...]] = set()
    if options.resume and options.points.exists():
        with options.points.open(newline="") as file:
            done = {_key(row) for row in csv.DictReader(file)}
    with options.points.open("a" if done else "w", newline="") as file:
        out = csv.DictWriter(file, FIELDS)
        if not done:
            out.writeheader()
        for case in chosen(options):
            if _key(vars(case) | {"learner": case.learner.name or "fixed"}) in done:
                continue
            start = time.perf_counter()
            out.writerows(run(case, options))
            file.flush()
            took = time.perf_counter() - start
            print(f"{case.name} {case.sample} seed {case.seed}: {took:.0f} s", flush=True)
    with options.points.open(newline="") as file:
        print(table(list(csv.DictReader(file))))


def _key(row: dict[str, Any]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ("data", "learner", "sample", "seed"))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3, help="draws of the samples")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--only", default="", help="data sets, or data/learner pairs")
    parser.add_argument("--resume", action="store_true", help="keep the points that are there")
    parser.add_argument("--measure", action="store_true", help="only measure, do not forecast")
    parser.add_argument("--points", type=Path, default=ROOT / "build/forecast_evidence.csv")
    parser.add_argument("--truth", type=Path, default=ROOT / "build/forecast_truth")
    parser.add_argument(
        "--cifar", type=Path, default=ROOT.parent / "shared/data/images/cifar10_gray_12k.npz"
    )
    options = parser.parse_args()
    options.points.parent.mkdir(parents=True, exist_ok=True)
    return options


if __name__ == "__main__":
    main()
