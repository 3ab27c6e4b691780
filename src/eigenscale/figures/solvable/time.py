"""Gallery, third part: training that is stopped."""

from functools import partial
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.figures.solvable.draws import Draws
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Note, Panel, Points
from eigenscale.model import SolvableModel
from eigenscale.simulation.learned import simulate_learned
from eigenscale.spectrum import Spectrum
from eigenscale.text.numbers import raised
from eigenscale.theory.compute import compute_frontier
from eigenscale.theory.training.learned import learned_in_time
from eigenscale.theory.training.stopping import best_stopping

ALPHA = 0.5
_TIME = Axis("training time t, in units of 1/λ₁")
_METHOD = (
    "Points: means over drawn data and features. Curves: the theory for large sizes, with nothing "
    "fitted. α = 0.5."
)


def loss_in_time(rng: Draws) -> Figure:
    """Loss against time for several numbers of features."""
    spectrum = Spectrum.power_law(ALPHA, 500)
    model = SolvableModel(spectrum, 0.05, weight_var=500 / spectrum.trace)
    start = float(model.loss(1, 1, time=0.0))
    times, dense = np.geomspace(0.3, 3e4, 9), np.geomspace(0.1, 1e5, 200)
    layers: list[Layer] = []
    for color, N in enumerate((10, 40, 150, 400)):
        loss, spread = rng.take(partial(_trained, model, N, times)) / start
        curve = np.asarray(model.loss(N, 150, time=dense)) / start
        layers += [
            Line(dense, curve, f"N = {N}", color),
            Points(
                times, loss, "", color, low=np.maximum(loss - spread, loss / 2), high=loss + spread
            ),
        ]
    best = best_stopping(
        spectrum, np.geomspace(10, 400, 16), 150, noise_var=0.05, weight_var=model.weight_var
    )
    layers.append(Line(best.time, best.loss / start, "best time", 6, "dash", 1.5))
    return _figure(
        "loss-time",
        "Training longer helps until the noise is learned",
        Panel(_TIME, Axis("test loss L / L(0)"), tuple(layers)),
        "T = 150 samples, M = 500, label noise of 5 % of the target's variance. At N = T training "
        "to the end is worst; the dashed line joins the best times of all N.",
    )


def modes_in_time(rng: Draws) -> Figure:
    """Modes learned in the order of their eigenvalues."""
    spectrum, N, T = Spectrum.power_law(ALPHA, 400), 200, 300
    dense, times = np.geomspace(0.1, 1e5, 200), np.geomspace(0.3, 3e4, 11)
    curves = learned_in_time(spectrum, N, T, dense)
    modes = (1, 4, 16, 64, 256)
    drawn = rng.take(partial(_learned, spectrum, (N, T), times, modes))
    layers: list[Layer] = []
    for color, mode in enumerate(modes):
        points = drawn[:, color]
        label = "mode 1" if mode == 1 else str(mode)
        layers += [
            Line(dense, curves[:, mode - 1], label, color),
            Points(times, points, "", color),
        ]
    fraction = Axis("fraction of the teacher that is learned", "linear", (-0.02, 1.02))
    return _figure(
        "modes-time",
        "Modes are learned in the order of their eigenvalues",
        Panel(_TIME, fraction, tuple(layers)),
        f"N = {N} features, T = {T} samples, M = 400. Points are means over modes of nearly the "
        "same rank. Late modes stay unlearned: features and samples are too few.",
    )


def _trained(
    model: SolvableModel, N: int, times: Floats, rng: np.random.Generator
) -> tuple[Any, Any]:
    """Means and two standard errors of drawn losses after each time."""
    found = model.simulate(N, 150, time=times, draws=6, rng=rng)
    return found.loss, 2 * found.standard_error


def _learned(
    spectrum: Spectrum,
    sizes: tuple[int, int],
    times: Floats,
    modes: tuple[int, ...],
    rng: np.random.Generator,
) -> list[list[float]]:
    """Give what drawn students have of the modes near some ranks, for each time."""
    found = []
    for t in times:
        one = simulate_learned(spectrum, *sizes, time=float(t), draws=8, rng=rng)
        found.append([float(one[m - 1 - m // 10 : m + m // 10].mean()) for m in modes])
    return found


def frontier_of_compute(rng: Draws) -> Figure:  # noqa: ARG001  (no draws needed)
    """Least loss for an amount of compute N·t with fresh data."""
    spectrum = Spectrum.power_law(ALPHA, 10**9)
    model = SolvableModel(spectrum, weight_var=10**9 / spectrum.trace)
    start = float(model.loss(1, 1, time=0.0))

    def loss(N: Floats | float, t: Floats) -> Floats:
        return np.asarray(model.loss(N, np.inf, time=t))

    layers: list[Layer] = []
    for color, N in enumerate((10, 50, 250, 1250)):
        compute = np.geomspace(3 * N, 3e7, 160)
        layers.append(Line(compute, loss(N, compute / N) / start, f"N = {N}", color))
    best = compute_frontier(loss, np.geomspace(100, 3e7, 25))
    layers.append(Line(best.compute, best.loss / start, "least loss", 6, "solid", 3.0))
    power = 0.7 * best.loss[12] / start * (best.compute / best.compute[12]) ** (-1 / 5)
    layers.append(Line(best.compute, power, "", 6, "dot", 1.5))
    layers.append(Note(1e4, 0.045, raised("C", "-0.2")))
    return _figure(
        "compute-frontier",
        "At the least loss for a compute, model and training grow together",
        Panel(Axis("compute C = N · t"), Axis("test loss L / L(0)"), tuple(layers)),
        "Fresh data at every step (T = ∞), M = 10⁹. Each N has its range of compute; the envelope "
        "falls as C^-(α/(2+α)) = C^-0.2, as the theory for infinite M says.",
        "Exact theory for large sizes, no simulation; α = 0.5.",
    )


def _figure(name: str, title: str, panel: Panel, about: str, method: str = _METHOD) -> Figure:
    return Figure(name, title, (panel,), caption=f"{about} {method}", alt=title + ".", columns=1)
