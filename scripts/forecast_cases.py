"""The data sets and cases that `forecast_evidence.py` runs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from eigenscale.forecasting.forecaster import Learner

Rows = tuple[np.ndarray, np.ndarray]

RIDGES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, "optimal")
SMALL = (1e-5, 1e-4, 1e-3, 1e-2, "optimal")
GAUSS, LAPLACE, ARC = (Learner("kernel", name) for name in ("gaussian", "laplace", "arc-cosine"))
RELU, ERF = Learner("random", "relu"), Learner("random", "erf")
FIXED = Learner()


@dataclass(frozen=True)
class Case:
    """A sample of one data set and one learner, and the sizes to ask for."""

    data: str
    learner: Learner
    sample: int
    samples: tuple[int, ...]
    features: tuple[int, ...] = (0,)
    ridges: tuple[Any, ...] = RIDGES
    seed: int = 0

    @property
    def name(self) -> str:
        """Data and learner, as `cifar/fixed`."""
        return f"{self.data}/{self.learner.name or 'fixed'}"

    def split(self, n_rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Rows of the sample and the others: every case draws its own, so that luck averages."""
        own = crc32(f"{self.name} {self.sample}".encode())
        order = np.random.default_rng([self.seed, own]).permutation(n_rows)
        return order[: self.sample], order[self.sample :]


def cases(seed: int) -> Iterator[Case]:
    """All cases of the table, for one draw of the samples."""
    for data, n, T in (
        ("cifar", 1000, (100, 200, 500, 1000, 2000, 5000, 8000)),
        ("cifar", 3000, (100, 200, 500, 1000, 2000, 3000, 6000)),
        ("digits", 300, (30, 60, 120, 300, 600, 1000)),
        ("digits", 1000, (30, 60, 120, 300, 600)),
        ("patches-class", 1000, (50, 100, 200, 500, 1000, 2000, 5000)),
        ("patches-class", 3000, (50, 100, 300, 1000, 3000, 5000)),
        ("patches-next", 1000, (50, 100, 200, 500, 1000, 2000, 5000)),
        ("patches-next", 3000, (50, 100, 300, 1000, 3000, 4000)),
        ("synthetic", 300, (50, 100, 200, 300, 1000, 3000)),
        ("synthetic", 1000, (50, 100, 200, 500, 1000, 2000, 5000, 10_000)),
        ("synthetic", 4000, (50, 200, 1000, 4000, 10_000)),
    ):
        yield Case(data, FIXED, n, T, seed=seed)
    for data, n, T in (
        ("cifar", 1500, (150, 500, 1500, 5000)),
        ("digits", 800, (50, 150, 400, 800)),
        ("patches-class", 1000, (100, 300, 1000, 4000)),
        ("synthetic", 1000, (100, 300, 1000, 5000)),
    ):
        yield Case(data, RELU, n, T, (100, 300, 1000, 4000), SMALL, seed)
    yield Case("cifar", ERF, 1500, (150, 500, 1500, 5000), (100, 1000), SMALL, seed)
    for kernel in (GAUSS, LAPLACE, ARC):
        for data, n, T in (
            ("cifar", 400, (50, 100, 200, 400, 1000, 2000, 4000)),
            ("cifar", 1500, (100, 300, 1000, 1500, 4000)),
            ("digits", 800, (50, 150, 400, 800)),
            ("patches-class", 400, (50, 100, 400, 1000, 4000)),
            ("patches-class", 2000, (100, 500, 2000, 4000)),
            ("synthetic", 400, (50, 100, 400, 1000, 4000)),
            ("synthetic", 2000, (100, 500, 2000, 4000)),
        ):
            yield Case(data, kernel, n, T, ridges=SMALL, seed=seed)


def load(name: str, path: Path) -> Rows:
    """Rows of a data set by its name."""
    makers: dict[str, Callable[[], Rows]] = {
        "cifar": lambda: _cifar(path),
        "digits": _digits,
        "patches-class": _patches_class,
        "patches-next": _patches_next,
        "synthetic": _synthetic,
    }
    return makers[name]()


def _cifar(path: Path) -> Rows:
    """CIFAR-10 in grey, 1,024 inputs in 0…1, ten classes."""
    with np.load(path) as archive:
        images, labels = archive["images"], archive["labels"]
    return images.reshape(len(images), -1) / 255.0, np.eye(10)[labels]


def _digits() -> Rows:
    """scikit-learn's digits, 64 inputs in 0…1, ten classes."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return x / 16.0, np.eye(10)[y]


def _blocks(height: int, width: int) -> list[np.ndarray]:
    """Grey blocks of the two sample photographs, not overlapping, one array per photograph."""
    from sklearn.datasets import load_sample_images

    out = []
    for image in load_sample_images().images:
        grey = image.mean(axis=2) / 255.0
        rows, columns = grey.shape[0] // height, grey.shape[1] // width
        cut = grey[: rows * height, : columns * width].reshape(rows, height, columns, width)
        out.append(cut.transpose(0, 2, 1, 3).reshape(rows * columns, height, width))
    return out


def _patches_class() -> Rows:
    """8×8 blocks; which of the two photographs they are from."""
    parts = _blocks(8, 8)
    labels = np.repeat([0, 1], [len(part) for part in parts])
    return np.concatenate(parts).reshape(len(labels), -1), np.eye(2)[labels]


def _patches_next() -> Rows:
    """8×8 blocks; the grey values of the column to their right (edges make its errors heavy)."""
    both = np.concatenate(_blocks(8, 9))
    return both[:, :, :8].reshape(len(both), -1), both[:, :, 8]


def _synthetic() -> Rows:
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
