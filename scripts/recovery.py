"""Does the finite-sample fit recover α and the latent dimension? A study on synthetic data.

500 inputs are the latent features themselves or random linear maps of 500, 2,000 or 20,000 of
them; α in {0.1, 0.3, 0.5, 1, 1.5}; samples over inputs in {0.2, 1, 5}. For each case: how often
the 90 % interval of α covers the truth, the median error of the fit and of least squares over
all ranks, and how often the latent dimension is right or said to be unknown.

    python scripts/recovery.py --trials 200
"""

import argparse
import json
import sys
import time
from dataclasses import replace
from itertools import product

import numpy as np

from eigenscale.measure import Moments
from eigenscale.measure.finite_sample import finite_sample_fit
from eigenscale.measure.measured import MeasuredSpectrum

N_INPUTS = 500
LATENT = (None, 500, 2000, 20000)  # None: the inputs are the latent features
ALPHAS = (0.1, 0.3, 0.5, 1.0, 1.5)
RATIOS = (0.2, 1.0, 5.0)


def sample(latent, alpha, n_samples, rng):
    """Eigenvalues of one sample covariance, n_samples its degrees of freedom."""
    size = N_INPUTS if latent is None else latent
    variances = np.arange(1.0, size + 1) ** -(1 + alpha)
    if latent is None:
        rows = rng.standard_normal((n_samples, size)) * np.sqrt(variances)
    else:
        maps = rng.standard_normal((N_INPUTS, size)) * np.sqrt(variances / N_INPUTS)
        values, vectors = np.linalg.eigh(maps @ maps.T)
        half = vectors * np.sqrt(np.maximum(values, 0.0))
        rows = rng.standard_normal((n_samples, N_INPUTS)) @ half.T
    gram = rows @ rows.T if n_samples < N_INPUTS else rows.T @ rows
    return np.maximum(np.linalg.eigvalsh(gram / n_samples)[::-1], 0.0)


def spectrum_of(values, n_samples):
    """Make a measured spectrum without its covariance matrix, which the fit does not need."""
    padded = np.zeros(N_INPUTS)
    padded[: len(values)] = values
    moments = replace(Moments.empty(1), n_samples=n_samples + 1, mean=np.zeros(N_INPUTS))
    return MeasuredSpectrum(eigenvalues=padded, multiplicities=np.ones(N_INPUTS), moments=moments)


def trial(latent, alpha, n_samples, rng):
    """One sample: covered, errors of fit and line, what was said of the latent dimension."""
    spectrum = spectrum_of(sample(latent, alpha, n_samples, rng), n_samples)
    fit = finite_sample_fit(spectrum)
    line = spectrum.exponent((1, spectrum.rank)).alpha.value
    said, truth = fit.latent_dim, N_INPUTS if latent is None else latent
    right = said.low * (1 - 1e-6) <= truth <= said.high * (1 + 1e-6)
    return {
        "covered": fit.alpha.low <= alpha <= fit.alpha.high,
        "error": abs(fit.alpha.value - alpha),
        "line": abs(line - alpha),
        "latent": "unknown" if said.status == "not identifiable" else "right" if right else "wrong",
        "structure": (fit.structure == "direct") == (latent is None),
    }


def case(latent, alpha, ratio, trials, seed=0):
    """Summarise `trials` of one case."""
    rng = np.random.default_rng([seed, latent or 0, round(100 * alpha), round(10 * ratio)])
    n_samples = round(ratio * N_INPUTS)
    rows = [trial(latent, alpha, n_samples, rng) for _ in range(trials)]
    return {
        "latent": latent or "direct",
        "alpha": alpha,
        "ratio": ratio,
        "trials": trials,
        "coverage": float(np.mean([r["covered"] for r in rows])),
        "median_error": float(np.median([r["error"] for r in rows])),
        "least_squares": float(np.median([r["line"] for r in rows])),
        "latent_right": float(np.mean([r["latent"] == "right" for r in rows])),
        "latent_unknown": float(np.mean([r["latent"] == "unknown" for r in rows])),
        "structure_right": float(np.mean([r["structure"] for r in rows])),
    }


def main():
    """Run all cases, a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--ratios", type=float, nargs="*", default=RATIOS)
    options = parser.parse_args()
    for latent, alpha, ratio in product(LATENT, ALPHAS, options.ratios):
        start = time.process_time()
        row = case(latent, alpha, ratio, options.trials)
        row["seconds"] = round((time.process_time() - start) / options.trials, 2)
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
