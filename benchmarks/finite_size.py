"""Simulation against theory as sizes grow: the relative difference, and its standard error.

Run with ``python benchmarks/finite_size.py``; one minute. Every column multiplies N, T, M and the
ridge by the same factor, with eigenvalues repeated, so that the theory stays where it is.
"""

import numpy as np

from eigenscale import SolvableModel, Spectrum

CASES = {  # name: (N, T, ridge, noise_var) at size 1, in units of 8 modes
    "few features": (4, 12, 0.3, 0.05),
    "few samples": (12, 4, 0.3, 0.05),
    "N = T, ridge": (6, 6, 0.3, 0.05),
    "N = T, small ridge": (6, 6, 0.01, 0.05),
    "no ridge": (4, 8, 0.0, 0.05),
    "no ridge, no noise": (8, 4, 0.0, 0.0),
    "all modes resolved": (12, 16, 0.0, 0.05),
}
FACTORS = {1: 8000, 2: 4000, 4: 2000, 8: 1000, 16: 400, 32: 100}


def row(N, T, ridge, noise_var):
    cells = []
    for factor, draws in FACTORS.items():
        spectrum = Spectrum.from_eigenvalues(np.repeat(np.arange(1, 9.0) ** -1.5, factor))
        model = SolvableModel(spectrum, noise_var=noise_var)
        sizes = {"n_features": N * factor, "n_samples": T * factor, "ridge": ridge * factor}
        drawn = model.simulate(**sizes, draws=draws, rng=factor)
        theory = model.loss(**sizes)
        cells.append(
            f"{100 * (drawn.loss / theory - 1):7.2f} ± {100 * drawn.standard_error / theory:4.2f}"
        )
    return cells


if __name__ == "__main__":
    print(f"{'(simulation - theory)/theory, %':32}" + "".join(f"  M = {8 * f:<8}" for f in FACTORS))
    for name, case in CASES.items():
        print(f"{name:32}" + "".join(f" {cell:14}" for cell in row(*case)))
