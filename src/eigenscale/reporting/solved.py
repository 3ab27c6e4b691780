"""A model with the spectrum of the data, solved and simulated, as numbers for the report."""

from dataclasses import dataclass

import numpy as np

from eigenscale.model import SolvableModel
from eigenscale.progress import Progress, track
from eigenscale.simulation.result import Simulation
from eigenscale.spectrum import Spectrum
from eigenscale.theory.solution import Solution

DRAWS = 32
MOST_MODES = 5000
MOST_FEATURES, MOST_SAMPLES = 120, 480
_SIZES = (0.1, 0.25, 0.6)  # numbers of features, as shares of the modes there are
_RIDGE = 1e-3  # in units of the trace per mode and sample: small, so that double descent shows


@dataclass(frozen=True, eq=False)
class Solved:
    """Theory on a grid of features and samples, and simulations of the same points."""

    model: SolvableModel
    solution: Solution
    simulated: tuple[Simulation, ...]

    @property
    def errors(self) -> np.ndarray:
        """Simulated over theory, minus one, shape (points,)."""
        measured = np.array([one.loss for one in self.simulated])
        return np.asarray(measured / self.solution.loss.ravel() - 1)


def solve(spectrum: Spectrum, seed: int, progress: Progress | None = None) -> Solved | None:
    """Solve the model on the spectrum and simulate it; None where modes are too many or unknown."""
    modes = int(spectrum.latent_dim)
    if spectrum.tail is not None or not 8 <= modes <= MOST_MODES:
        return None
    kept = Spectrum.from_eigenvalues(
        spectrum.eigenvalues, spectrum.target_power, spectrum.unexplained, spectrum.multiplicities
    )
    model = SolvableModel(kept)
    most = min(modes, MOST_FEATURES / _SIZES[-1])
    sizes = np.unique(np.round(np.array(_SIZES) * most).clip(2))
    grid = np.geomspace(sizes[0] / 2, min(4 * most, MOST_SAMPLES), 9)
    samples = np.unique(np.round(grid).clip(2))
    ridge = _RIDGE * kept.trace / modes * samples[-1]
    solution = model.solve(sizes[:, None, None], samples[None, :, None], ridge=np.array([ridge]))
    points = list(np.broadcast(solution.n_features, solution.n_samples))
    rngs = np.random.default_rng(seed).spawn(len(points))
    simulated = tuple(
        model.simulate(int(n), int(t), ridge=ridge, draws=DRAWS, rng=rng)
        for (n, t), rng in zip(track(points, len(points), progress), rngs, strict=True)
    )
    return Solved(model, solution, simulated)
