"""Intrinsic dimension: time, known manifolds held, and the approximate search against the exact.

python benchmarks/dimension.py              # time of 10,000 × 64, one thread; manifolds
python benchmarks/dimension.py --many       # 120,000 points: pynndescent against exact search
"""

import argparse
import sys
import time

import numpy as np

from eigenscale.spectra.dimension.estimators import dimension_of
from eigenscale.spectra.dimension.neighbours import find_neighbours

DRAWS, POINTS = 20, 3000


def ball(rng, d, n):
    x = rng.normal(size=(n, d))
    return x / np.linalg.norm(x, axis=1)[:, None] * rng.random((n, 1)) ** (1 / d)


def sphere(rng, d, n):
    x = rng.normal(size=(n, d + 1))
    return x / np.linalg.norm(x, axis=1)[:, None]


def gaussian(rng, d, n, inputs=64):
    return rng.normal(size=(n, d)) @ np.linalg.qr(rng.normal(size=(inputs, d)))[0].T


def swiss_roll(rng, n):
    t, height = 1.5 * np.pi * (1 + 2 * rng.random(n)), 21 * rng.random(n)
    return np.stack([t * np.cos(t), height, t * np.sin(t)], axis=1)


def torus(rng, n):
    a, b = rng.random((2, n)) * 2 * np.pi
    return np.stack([(3 + np.cos(b)) * np.cos(a), (3 + np.cos(b)) * np.sin(a), np.sin(b)], axis=1)


MANIFOLDS = {
    "disc": (lambda rng, n: ball(rng, 2, n), 2),
    "ball in 3": (lambda rng, n: ball(rng, 3, n), 3),
    "ball in 10": (lambda rng, n: ball(rng, 10, n), 10),
    "sphere": (lambda rng, n: sphere(rng, 2, n), 2),
    "9-sphere": (lambda rng, n: sphere(rng, 9, n), 9),
    "swiss roll": (swiss_roll, 2),
    "torus": (torus, 2),
    "Gaussian of 10 in 64": (lambda rng, n: gaussian(rng, 10, n), 10),
}


def speed():
    points = gaussian(np.random.default_rng(0), 10, 10_000)
    start = time.process_time()
    got = dimension_of(points)
    sys.stdout.write(
        f"10,000 × 64: {time.process_time() - start:.2f} CPU-s, maximum likelihood "
        f"{got.mle.value:.2f}, TwoNN {got.two_nn.value:.2f}\n\n"
    )


def held():
    sys.stdout.write("| manifold | dimension | held % | held by TwoNN % | estimate | width |\n")
    sys.stdout.write("|---|---|---|---|---|---|\n")
    for name, (draw, truth) in MANIFOLDS.items():
        rng = np.random.default_rng(0)
        found = [dimension_of(draw(rng, POINTS), rng=i) for i in range(DRAWS)]
        shares = [
            100 * np.mean([one.low <= truth <= one.high for one in kind])
            for kind in ([f.mle for f in found], [f.two_nn for f in found])
        ]
        middle = np.median([f.mle.value for f in found])
        width = np.median([f.mle.high - f.mle.low for f in found])
        sys.stdout.write(
            f"| {name} | {truth} | {shares[0]:.0f} | {shares[1]:.0f} | {middle:.2f} "
            f"| {width:.2f} |\n"
        )
        sys.stdout.flush()


def many(n=120_000):
    sys.path.pop(0)  # this folder, whose coverage.py numba would take for the package
    points = gaussian(np.random.default_rng(0), 6, n, 16)
    for exact in (n, n - 1):
        start = time.process_time()
        got = find_neighbours(points, 20, np.random.default_rng(0), exact=exact)
        name = "approximate" if got.approximate else "exact"
        sys.stdout.write(
            f"{n:,} × 16, {name}: {time.process_time() - start:.1f} CPU-s, mean distance to the "
            f"20th neighbour {got.distances[:, -1].mean():.5f}, to the first "
            f"{got.distances[:, 0].mean():.5f}\n"
        )
        sys.stdout.flush()


def main():
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--many", action="store_true")
    if parser.parse_args().many:
        many()
    else:
        speed()
        held()


if __name__ == "__main__":
    main()
