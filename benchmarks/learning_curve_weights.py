"""The weights of curve forms: how often each predicted the end of a public learning curve.

    python benchmarks/learning_curve_weights.py lcdb-0.1.0/lcdb/database-accuracy.csv

Curves of data sets with an odd number are cut off at a half to a thirty-second of their last
size. Expectation and maximisation: a cell of a form's grid is responsible for an end as far as it
fits the part before and predicts the end to within 8 % (40 % with a tail); its weight is its share
of all ends. Prints parts per 10,000 for `eigenscale.forecasting.external.shapes`.
"""

import argparse
from pathlib import Path

import numpy as np
from learning_curves import positive, read_curves

from eigenscale.arrays import Floats
from eigenscale.forecasting.external.shapes import SHAPES, floor_and_fall

_CUTS = (1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32)
_RISES = (0.5, 1.0)
_CLOSE, _FAR, _TAIL = 0.08, 0.4, -3.0
_SCATTER, _BELIEF = 0.02, 2.0
_COUNT = 5.0  # ends that the first guess, equal weights of forms, counts for
_ROUNDS = 15


def evidence(sizes: Floats, errors: Floats, at: float, truth: float, rise: float) -> Floats:
    """Log of fit and prediction of each cell, shape (cells,)."""
    errors = positive(errors)
    u, end = sizes / sizes[-1], np.array([at / sizes[-1]])
    weight = u ** (2 * rise)
    shapes = np.concatenate([shape.at(u) for shape in SHAPES])
    floor, fall, misses = floor_and_fall(shapes, errors, weight / errors**2)
    ends = floor + fall * np.concatenate([shape.at(end) for shape in SHAPES])[:, 0]
    best, count = misses.min(), weight.sum()
    scatter2 = (best + _BELIEF * _SCATTER**2) / (max(count - 2, 0) + _BELIEF)
    apart = np.log(truth / np.maximum(ends, 1e-3 * errors.min()))
    close = np.logaddexp(-0.5 * (apart / _CLOSE) ** 2, _TAIL - 0.5 * (apart / _FAR) ** 2)
    return np.asarray(close - (misses - best) / (2 * scatter2))


def main() -> None:
    """Read the curves, iterate, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path)
    parser.add_argument("--ends", type=int, default=6000, help="drawn at random")
    asked = parser.parse_args()
    ends = []
    for curve in read_curves(asked.database, parity=1):
        for cut in _CUTS:
            seen = curve.sizes <= cut * curve.sizes[-1] * 1.0001
            if seen.sum() >= 4 and curve.errors[seen].any():
                ends.append(
                    (curve.sizes[seen], curve.errors[seen], curve.sizes[-1], curve.errors[-1])
                )
    chosen = np.random.default_rng(1).permutation(len(ends))[: asked.ends]
    table = np.array([evidence(*ends[i], rise) for i in chosen for rise in _RISES])
    first = np.concatenate(
        [np.full(len(s.weights), 1 / len(s.weights) / len(SHAPES)) for s in SHAPES]
    )
    weights = first
    for _ in range(_ROUNDS):
        share = np.log(weights) + table
        share = np.exp(share - share.max(axis=1, keepdims=True))
        share /= share.sum(axis=1, keepdims=True)
        weights = share.sum(axis=0) + _COUNT * first
        weights /= weights.sum()
    places = np.cumsum([len(shape.weights) for shape in SHAPES])[:-1]
    for shape, part in zip(SHAPES, np.split(weights, places), strict=True):
        print(shape.name, np.round(1e4 * part).astype(int).tolist())


if __name__ == "__main__":
    main()
