"""Measure the bundled tables of training runs again: `make example-runs` (ten minutes of one core).

Every student is drawn, trained and tested on its own: its seed fixes its features, its training
rows and nothing else; test rows are the same for all. Results repeat to the last digit on one
machine, and to rounding between machines.
"""

import csv
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from threadpoolctl import threadpool_limits

from eigenscale.reporting.example import DIGITS_RUNS, RUNS
from eigenscale.reporting.example.photographs import Patches, photograph_patches
from eigenscale.reporting.example.students import Examples, Trained, train
from eigenscale.writing import whole_file

SEEDS = range(4)
PHOTOGRAPH_FEATURES = (64, 128, 256, 512, 1024, 2048)
PHOTOGRAPH_SAMPLES = (256, 512, 1024, 2048, 4096, 8192, 16384, 32768)
DIGIT_FEATURES = (16, 32, 64, 128, 256, 512, 1024)
DIGIT_SAMPLES = (64, 128, 256, 512, 1024)
COLUMNS = ("n_features", "n_samples", "seed", "loss", "ridge")


def as_examples(patches: Patches) -> Examples:
    """Patches as inputs and a column of targets."""
    return Examples(patches.inputs.astype(float), patches.target.astype(float)[:, None])


def photograph_runs() -> Iterator[dict[str, float]]:
    """Students that predict a pixel from its surround."""
    pool, held = photograph_patches("train"), photograph_patches("test")
    shuffled = held.take(22_000, np.random.default_rng(1))
    validate_on = as_examples(Patches(shuffled.inputs[:2000], shuffled.target[:2000]))
    test_on = as_examples(Patches(shuffled.inputs[2000:], shuffled.target[2000:]))
    for n_features in PHOTOGRAPH_FEATURES:
        for n_samples in PHOTOGRAPH_SAMPLES:
            for seed in SEEDS:
                rng = np.random.default_rng([seed, n_features, n_samples])
                train_on = as_examples(pool.take(n_samples, rng))
                yield row(
                    n_features,
                    n_samples,
                    seed,
                    train(train_on, validate_on, test_on, n_features, rng),
                )


def digit_runs() -> Iterator[dict[str, float]]:
    """Students that tell ten digits apart, one-hot targets, 64 pixels scaled to variance 1."""
    digits = load_digits()
    inputs = digits.data / digits.data.std()
    targets = np.eye(10)[digits.target]
    order = np.random.default_rng(0).permutation(len(inputs))
    pool, validation, test = np.split(order, [1100, 1300])
    held = [Examples(inputs[rows], targets[rows]) for rows in (validation, test)]
    for n_features in DIGIT_FEATURES:
        for n_samples in DIGIT_SAMPLES:
            for seed in SEEDS:
                rng = np.random.default_rng([seed, n_features, n_samples])
                rows = rng.choice(pool, n_samples, replace=False)
                train_on = Examples(inputs[rows], targets[rows])
                yield row(n_features, n_samples, seed, train(train_on, *held, n_features, rng))


def row(n_features: int, n_samples: int, seed: int, trained: Trained) -> dict[str, float]:
    """Name what one run has measured."""
    values = (n_features, n_samples, seed, trained.loss, trained.ridge)
    return dict(zip(COLUMNS, values, strict=True))


def write(path: Path, runs: Iterator[dict[str, float]], total: int) -> None:
    """Write a table when all of its runs are done, counting them on stderr."""
    start = time.perf_counter()
    with whole_file(path) as temporary, temporary.open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        for done, run in enumerate(runs, start=1):
            table.writerow({k: v if isinstance(v, int) else f"{v:.6g}" for k, v in run.items()})
            sys.stderr.write(f"\r{path.name}: {done} of {total} runs")
    sys.stderr.write(f", {time.perf_counter() - start:.0f} s\n")


def main() -> None:
    """Measure both tables."""
    seeds = len(SEEDS)
    with threadpool_limits(2):
        write(DIGITS_RUNS, digit_runs(), seeds * len(DIGIT_FEATURES) * len(DIGIT_SAMPLES))
        grid = len(PHOTOGRAPH_FEATURES) * len(PHOTOGRAPH_SAMPLES)
        write(RUNS, photograph_runs(), seeds * grid)


if __name__ == "__main__":
    main()
