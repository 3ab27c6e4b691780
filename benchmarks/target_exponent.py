"""How often the interval of the target's exponent holds it, on drawn data.

Run with ``python benchmarks/target_exponent.py [TRIALS]``; 12 trials take two CPU-minutes. 200
inputs with α = 0.5, ω in 0.3, 0.5, 1 and 1.5, T = 200 and 1,000 samples, noise of a tenth of the
target's variance; the teacher's weights are Gaussian, or have exactly the power and random signs.
"""

import sys
from collections import defaultdict

import numpy as np

from eigenscale import measure
from eigenscale.spectra.exponent.target import target_exponent

INPUTS = 200


def trial(omega, samples, kind, seed):
    rng = np.random.default_rng(seed)
    ranks = np.arange(1.0, INPUTS + 1)
    power, values = ranks ** -(1 + omega), ranks**-1.5
    signs = rng.standard_normal(INPUTS) if kind == "Gaussian" else rng.choice([-1, 1], INPUTS)
    rows = rng.standard_normal((samples, INPUTS)) * np.sqrt(values)
    labels = rows @ (signs * np.sqrt(power / values))
    labels += np.sqrt(0.1 * power.sum()) * rng.standard_normal(samples)
    measured = measure(rows, target=labels)
    found = target_exponent(measured, measured.finite_sample(structure="direct").population)
    known = found.status == "interval"
    return known, known and found.exponent.low <= omega <= found.exponent.high


if __name__ == "__main__":
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    total = defaultdict(list)
    for kind in ("Gaussian", "exact"):
        for samples in (200, 1000):
            for omega in (0.3, 0.5, 1.0, 1.5):
                seeds = [[k, samples, int(10 * omega)] for k in range(trials)]
                known, inside = np.array([trial(omega, samples, kind, s) for s in seeds]).T
                total[kind].append((known.sum(), inside.sum()))
                counts = f"{inside.sum()} of {known.sum()} inside"
                print(f"{kind} teacher, T = {samples}, ω = {omega}: {counts}", flush=True)
        known, inside = np.sum(total[kind], axis=0)
        print(f"{kind} teacher: {inside / known:.1%} of {known} intervals hold the exponent")
