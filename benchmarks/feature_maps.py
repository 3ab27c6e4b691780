"""A nonlinear map extends the power law: eigenvalues and useful samples beyond the input dimension.

Run with ``python benchmarks/feature_maps.py``; two minutes. 40 inputs whose spectrum falls as
J^-1.5, and a target that is a random relu network of them. Linear features have 40 eigenvalues and
learn little from more than about 40 samples; relu and gelu features go on. Each loss is that of the
best of eleven ridges.
"""

import numpy as np
from threadpoolctl import threadpool_limits

from eigenscale import SolvableModel, Spectrum
from eigenscale.simulation.learned import simulate_eigenvalues
from eigenscale.simulation.maps import ACTIVATIONS

INPUTS, FEATURES = 40, 600
RIDGES = np.geomspace(1e-3, 1e3, 11)
SAMPLES = np.array([20, 40, 80, 160, 320])


def eigenvalue_slopes(spectrum, activation):
    """Slope of log eigenvalue against log rank within the inputs and beyond them."""
    scaled = Spectrum.from_eigenvalues(spectrum.eigenvalues / spectrum.trace * FEATURES)
    values = simulate_eigenvalues(scaled, 3000, FEATURES, activation=activation, draws=2, rng=0)
    slopes = []
    for first, last in ((3, 30), (60, 300)):
        kept = values[first:last]
        ranks = np.arange(first, last) + 1
        alive = (kept > 1e-9 * values[0]).all()
        slopes.append(np.polyfit(np.log(ranks), np.log(kept), 1)[0] if alive else np.nan)
    return slopes


if __name__ == "__main__":
    spectrum = Spectrum.power_law(0.5, INPUTS)
    model = SolvableModel(spectrum)
    with threadpool_limits(1):
        for name in ("linear", "relu", "gelu"):
            within, beyond = eigenvalue_slopes(spectrum, ACTIVATIONS[name])
            found = model.simulate(
                FEATURES, SAMPLES, ridge=RIDGES[:, None], draws=8, rng=0, normalise=True,
                latent_map=name, target_map="relu",
            )  # fmt: skip
            best = found.loss.argmin(axis=0), np.arange(len(SAMPLES))
            losses = ", ".join(
                f"{one:.3f} ± {error:.3f}"
                for one, error in zip(found.loss[best], found.standard_error[best], strict=True)
            )
            print(
                f"{name:6}: eigenvalues fall as {within:.2f} within {INPUTS} and {beyond:.2f} "
                f"beyond; L/L(0) at {', '.join(map(str, SAMPLES))} samples: {losses}"
            )
