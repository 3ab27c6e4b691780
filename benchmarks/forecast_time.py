"""What a forecast costs: learning from the rows once, then a curve of 100 points with intervals.

    python benchmarks/forecast_time.py [--rows 4000] [--data images.npz]

CPU seconds on one BLAS thread. Without `--data` (an archive of `images` and `labels`), rows are
Gaussian with 1,024 inputs and ten classes.
"""

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from eigenscale.forecasting.forecast import rows_for
from eigenscale.forecasting.forecaster import Forecaster, Learner
from eigenscale.forecasting.sample.sample import Sample, read_sample

POINTS = 100
INPUTS, CLASSES = 1024, 10


def drawn(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Gaussian rows with a falling spectrum, and classes that depend on them."""
    x = rng.standard_normal((rows, INPUTS)) * np.arange(1, INPUTS + 1) ** -0.7
    scores = x @ rng.standard_normal((INPUTS, CLASSES)) + 0.5 * rng.standard_normal((rows, CLASSES))
    return x, scores.argmax(axis=1)


def spent(job: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of a job and what it gives."""
    start = time.process_time()
    found = job()
    return time.process_time() - start, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--data")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    if arguments.data:
        with np.load(arguments.data) as archive:
            x = archive["images"].reshape(len(archive["images"]), -1) / 255.0
            y = archive["labels"]
    else:
        x, y = drawn(arguments.rows, rng)
    cases = {
        "classes, with error rates": (Learner(), y),
        "numbers": (Learner(), y.astype(float)),
        "random features (relu), numbers": (Learner("random", "relu"), y.astype(float)),
    }
    print(f"{arguments.rows:,} rows of {x.shape[1]:,} inputs; a curve of {POINTS} points, CPU-s")
    with threadpool_limits(limits=1):
        for name, (learner, target) in cases.items():
            report(name, learner, read(x, target, arguments.rows))


def read(x: np.ndarray, target: np.ndarray, rows: int) -> Sample:
    """Read as `forecast` does."""
    return read_sample(x, target, max_rows=rows, rng=np.random.default_rng(0))


def report(name: str, learner: Learner, sample: Sample) -> None:
    """Print one line per ridge."""
    rng = np.random.default_rng(0)
    learning, made = spent(lambda: Forecaster.learn(sample, learner, rng=rng))
    T = np.geomspace(100, 10 * sample.n_rows, POINTS).round()
    N = np.array([np.inf if learner.kind == "fixed" else 1000.0])
    print(f"  {name:<34} learning {learning:6.2f}", end="")
    for ridge in (1e-2, "optimal"):
        curve, _ = spent(lambda r=ridge: rows_for(made, sample, T, N, [r], 0.9))
        print(f"   ridge {ridge}: {curve:5.2f}", end="")
    advising, _ = spent(
        lambda: rows_for(made, sample, T[:1], N, [1e-2], 0.9).advice(target_loss=0.5)
    )
    print(f"   advice {advising:5.2f}", flush=True)


if __name__ == "__main__":
    main()
