"""The section on theory against simulation, for a model that has the spectrum of the data."""

from dataclasses import dataclass

import numpy as np

from eigenscale.figures.topics.theory import theory_and_simulation
from eigenscale.model import SolvableModel
from eigenscale.progress import Progress, track
from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.sections.section import Section
from eigenscale.text.numbers import number, percent
from eigenscale.simulation.result import Simulation
from eigenscale.spectrum import Spectrum
from eigenscale.theory.solution import Solution

NAME, TITLE = "theory", "Theory against simulation"
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


def theory_section(evidence: Evidence) -> Section:
    """Show theory and simulation side by side, and say how far apart they are."""
    if evidence.spectrum is None:
        return Section(NAME, TITLE, ("No data were given, so there is no spectrum to solve for.",))
    solved = evidence.solved
    if solved is None:
        beyond = f"{evidence.spectrum.n_inputs:,} inputs are outside what is simulated here."
        return Section(NAME, TITLE, (beyond,))
    rows = [one.to_dict() for one in solved.simulated]
    figure = theory_and_simulation(solved.model, solved.solution, rows)
    return Section(NAME, TITLE, (_words(evidence), _agreement(solved)), figures=(figure,))


def _words(evidence: Evidence) -> str:
    spectrum = evidence.spectrum
    assert spectrum is not None
    teacher = (
        "and a target that holds as much power in each mode as yours"
        if spectrum.target_power is not None
        else "and a random target, since none was given"
    )
    return (
        "What a student of N random features learns from T samples can be solved for: one "
        "equation gives its test loss. Here it is solved for Gaussian data with the measured "
        f"spectrum {teacher}, and the same student is drawn and trained. Loss is half the squared "
        "error on labels without noise. Near N = T the loss peaks (double descent): there, more "
        "data hurt unless the ridge is raised."
    )


def _agreement(solved: Solved) -> str:
    apart = np.abs(solved.errors)
    return (
        f"Over {len(apart)} sizes, {DRAWS} draws each, simulation and theory differ by "
        f"{percent(float(np.median(apart)))} in the median and {percent(float(apart.max()))} at "
        f"most; the theory is exact for large sizes and the smallest here has "
        f"{number(float(solved.solution.n_features.min()))} features."
    )
