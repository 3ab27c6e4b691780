"""Measure how good forecasts are: real fits on real data, next to what was forecast for them.

    python scripts/forecast_evidence.py [--only CASE,…] [--cifar FILE] [--points FILE]

Every case takes a sample, forecasts from it alone, and then trains on other rows (never the
sample's) and tests on yet others. Points go to a CSV file as they come.
"""

import argparse
import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.forecast.forecaster import Forecaster, Learner
from eigenscale.forecast.kernels import Scaling, kernel_named, random_features
from eigenscale.forecast.sample import Sample

ROOT = Path(__file__).resolve().parents[1]
POINTS = ROOT / "docs" / "forecast_evidence.csv"
RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, "optimal")
FIELDS = [
    "case",
    "data",
    "learner",
    "sample",
    "n_samples",
    "n_features",
    "ridge",
    "predicted",
    "low",
    "high",
    "measured",
    "se",
    "error_predicted",
    "error_low",
    "error_high",
    "error_measured",
    "seconds",
]

Rows = tuple[np.ndarray, np.ndarray]


def cifar(path: Path) -> Rows:
    """CIFAR-10 in grey, 1,024 inputs in 0…1, ten classes."""
    with np.load(path) as archive:
        images, labels = archive["images"], archive["labels"]
    return images.reshape(len(images), -1) / 255.0, np.eye(10)[labels]


def digits() -> Rows:
    """scikit-learn's digits, 64 inputs in 0…1, ten classes."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return x / 16.0, np.eye(10)[y]


def blocks(height: int, width: int) -> list[np.ndarray]:
    """Grey blocks of the two sample photographs, not overlapping, one array per photograph."""
    from sklearn.datasets import load_sample_images

    out = []
    for image in load_sample_images().images:
        grey = image.mean(axis=2) / 255.0
        rows, columns = grey.shape[0] // height, grey.shape[1] // width
        cut = grey[: rows * height, : columns * width].reshape(rows, height, columns, width)
        out.append(cut.transpose(0, 2, 1, 3).reshape(rows * columns, height, width))
    return out


def patches_class() -> Rows:
    """8×8 blocks; which of the two photographs they are from."""
    parts = blocks(8, 8)
    labels = np.repeat([0, 1], [len(part) for part in parts])
    return np.concatenate(parts).reshape(len(labels), -1), np.eye(2)[labels]


def patches_next() -> Rows:
    """8×8 blocks; the grey values of the column to their right (edges make its errors heavy)."""
    both = np.concatenate(blocks(8, 9))
    return both[:, :, :8].reshape(len(both), -1), both[:, :, 8]


def synthetic() -> Rows:
    """500 inputs, spectrum J^-1.5, rows of Student-t size (4 degrees), half of y is noise."""
    rng = np.random.default_rng(12)
    n, d, columns = 30_000, 500, 10
    ranks = np.arange(1, d + 1.0)
    size = np.sqrt(2 / rng.chisquare(4, n))  # mean of size² is 1
    x = rng.standard_normal((n, d)) * ranks**-0.75 * size[:, None]
    weights = rng.standard_normal((d, columns)) * ranks[:, None] ** -0.25
    signal = x @ weights
    noise = rng.standard_normal((n, columns)) * signal.std()
    return x, signal + noise


@dataclass(frozen=True)
class Case:
    """A sample of one data set and one learner, and the sizes to ask for."""

    data: str
    learner: Learner
    sample: int
    samples: tuple[int, ...]
    features: tuple[int, ...] = (0,)
    ridges: tuple[Any, ...] = RIDGES
    draws: int = 4
    seed: int = 0
    name: str = field(default="")


GAUSS, LAPLACE, ARC = (Learner("kernel", name) for name in ("gaussian", "laplace", "arc-cosine"))
RELU, ERF = Learner("random", "relu"), Learner("random", "erf")
FIXED = Learner()
SMALL = (1e-5, 1e-4, 1e-3, 1e-2, "optimal")


def cases() -> Iterator[Case]:
    """All cases of the table."""
    for data, n, sizes in (
        ("cifar", 1000, (100, 200, 500, 1000, 2000, 5000, 8000)),
        ("cifar", 3000, (100, 200, 500, 1000, 2000, 3000, 6000)),
        ("digits", 1000, (30, 60, 120, 300, 600)),
        ("digits", 300, (30, 60, 120, 300, 600, 1000)),
        ("patches-class", 1000, (50, 100, 200, 500, 1000, 2000, 5000)),
        ("patches-next", 1000, (50, 100, 200, 500, 1000, 2000, 5000)),
        ("synthetic", 1000, (50, 100, 200, 500, 1000, 2000, 5000, 10_000)),
        ("synthetic", 300, (50, 100, 200, 300, 1000, 3000)),
    ):
        yield Case(data, FIXED, n, sizes)
    for data, n, T in (
        ("cifar", 1500, (150, 500, 1500, 5000)),
        ("digits", 800, (50, 150, 400, 800)),
        ("patches-class", 1000, (100, 300, 1000, 4000)),
        ("synthetic", 1000, (100, 300, 1000, 5000)),
    ):
        yield Case(data, RELU, n, T, (100, 300, 1000, 4000), SMALL)
    yield Case("cifar", ERF, 1500, (150, 500, 1500, 5000), (100, 1000), SMALL)
    for kernel in (GAUSS, LAPLACE, ARC):
        yield Case("cifar", kernel, 400, (50, 100, 200, 400, 1000, 2000, 4000), ridges=SMALL)
        yield Case("cifar", kernel, 1500, (100, 300, 1000, 1500, 4000), ridges=SMALL)
        yield Case("digits", kernel, 800, (50, 150, 400, 800), ridges=SMALL)
        yield Case("patches-class", kernel, 400, (50, 100, 400, 1000, 4000), ridges=SMALL)
        yield Case("synthetic", kernel, 400, (50, 100, 400, 1000, 4000), ridges=SMALL)


def load(name: str, path: Path) -> Rows:
    """Rows of a data set by its name."""
    makers: dict[str, Callable[[], Rows]] = {
        "cifar": lambda: cifar(path),
        "digits": digits,
        "patches-class": patches_class,
        "patches-next": patches_next,
        "synthetic": synthetic,
    }
    return makers[name]()


def learned(case: Case, x: np.ndarray, y: np.ndarray) -> tuple[Forecaster, float]:
    """Forecaster of the sample, and the seconds that it took."""
    start = time.process_time()
    classes = tuple("abcdefghij"[: y.shape[1]]) if set(np.unique(y)) == {0.0, 1.0} else None
    sample = Sample(x, y, classes, len(x), case.data)
    made = Forecaster.learn(sample, case.learner, rng=np.random.default_rng(case.seed))
    return made, time.process_time() - start


def seen(case: Case, x: np.ndarray, scaling: Scaling, N: int, seed: int) -> np.ndarray:
    """Rows as the learner sees them (kernels see scaled rows)."""
    if case.learner.kind == "fixed":
        return x
    scaled = scaling(x)
    if case.learner.kind == "kernel":
        return scaled
    rng = np.random.default_rng(seed)
    return random_features(case.learner.name, scaled, N, case.learner.width, rng)


def fit(case: Case, train: Rows, test: Rows, ridges: np.ndarray) -> np.ndarray:
    """Test loss and error rate of real fits, shape (ridges, 2)."""
    (x, y), (xt, yt) = train, test
    T, mean = len(x), y.mean(axis=0)
    if case.learner.kind == "kernel":
        kernel = kernel_named(case.learner.name)
        inner, outer = kernel(x, x, case.learner.width), kernel(xt, x, case.learner.width)
        level = inner.mean(axis=0)
        outer = outer - level - outer.mean(axis=1)[:, None] + inner.mean()
        inner = inner - level - level[:, None] + inner.mean()
    else:
        x, xt = x - x.mean(axis=0), xt - x.mean(axis=0)
        inner, outer = (x.T @ x, xt) if x.shape[1] < T else (x @ x.T, xt @ x.T)
    values, axes = np.linalg.eigh(inner / T)
    right = y - mean if len(inner) == T else x.T @ (y - mean)
    pull = axes.T @ right / T
    seen_modes = (values > 1e-13 * values[-1])[:, None]
    out = []
    for ridge in ridges:
        predicted = (
            outer
            @ (
                axes
                @ np.where(seen_modes, pull / (np.maximum(values, 0) + ridge + 1e-300)[:, None], 0)
            )
            + mean
        )
        wrong = (predicted.argmax(axis=1) != yt.argmax(axis=1)).mean()
        out.append((((predicted - yt) ** 2).sum(axis=1).mean(), wrong))
    return np.array(out)


def measured(
    case: Case, rest: Rows, scaling: Scaling, T: int, N: int, ridges: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean over draws of training set (and features), and its standard error with the test's."""
    x, y = rest
    n_test = min(len(x) - T, 4000)
    draws = case.draws * (4 if len(x) < 3000 else 1) * (2 if T <= 500 else 1)
    rng = np.random.default_rng(case.seed + 1)
    out = []
    for draw in range(draws):
        order = rng.permutation(len(x))
        part = order[: T + n_test]
        rows = seen(case, x[part], scaling, N, 1000 + draw)
        train, test = (rows[:T], y[part[:T]]), (rows[T:], y[part[T:]])
        out.append(fit(case, train, test, ridges))
        if T * min(T, N or rows.shape[1]) > 1.2e7:
            break
    return np.mean(out, axis=0), np.std(out, axis=0) / np.sqrt(max(len(out) - 1, 1))


def run(case: Case, path: Path) -> Iterator[dict[str, Any]]:
    """Points of one case."""
    x, y = load(case.data, path)
    order = np.random.default_rng(case.seed).permutation(len(x))
    mine, others = order[: case.sample], order[case.sample :]
    forecaster, seconds = learned(case, x[mine], y[mine])
    scaling = Scaling.of(x[mine])
    for N in case.features:
        for T in case.samples:
            asked = [forecaster.ask(T, N or np.inf, ridge) for ridge in case.ridges]
            ridges = np.array([query.ridge[0] for query, _ in asked])
            value, se = measured(case, (x[others], y[others]), scaling, T, N, ridges)
            for i, (query, got) in enumerate(asked):
                wrong = forecaster.error_rate(query, got)
                low, high = np.quantile(got.draws[:, 0], [0.05, 0.95])
                yield {
                    "data": case.data,
                    "learner": str(case.learner.name or "fixed"),
                    "sample": case.sample,
                    "n_samples": T,
                    "n_features": N or "",
                    "ridge": case.ridges[i],
                    "predicted": got.value[0],
                    "low": low,
                    "high": high,
                    "measured": value[i, 0],
                    "se": se[i, 0],
                    **_errors(wrong, value[i, 1]),
                    "seconds": seconds,
                }


def _errors(wrong: tuple[np.ndarray, np.ndarray] | None, measured: float) -> dict[str, Any]:
    if wrong is None:
        return {}
    low, high = np.quantile(wrong[1][:, 0], [0.05, 0.95])
    return {
        "error_predicted": wrong[0][0],
        "error_low": low,
        "error_high": high,
        "error_measured": measured,
    }


def main() -> None:
    """Run the cases that are asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="", help="data/learner pairs, as cifar/fixed")
    parser.add_argument(
        "--cifar", type=Path, default=ROOT.parent / "shared/data/images/cifar10_gray_12k.npz"
    )
    parser.add_argument("--points", type=Path, default=POINTS)
    options = parser.parse_args()
    only = set(filter(None, options.only.split(",")))
    new = not options.points.exists()
    with options.points.open("a", newline="") as file:
        out = csv.DictWriter(file, FIELDS)
        if new:
            out.writeheader()
        for case in cases():
            if only and f"{case.data}/{case.learner.name or 'fixed'}" not in only:
                continue
            start = time.perf_counter()
            for point in run(case, options.cifar):
                out.writerow(point)
                file.flush()
            print(case.data, case.learner, case.sample, f"{time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
