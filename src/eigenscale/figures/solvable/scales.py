"""Gallery, sixth part: three scales at once, dimensions, and what was known before."""

from functools import partial

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.figures.solvable.draws import Draws
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Panel, Points
from eigenscale.model import SolvableModel
from eigenscale.spectra.dimension.dimension import dimension
from eigenscale.spectra.measure import measure
from eigenscale.spectrum import Spectrum
from eigenscale.text.numbers import power_of_ten
from eigenscale.theory.baselines import baseline

ALPHA = 0.5
_LOSS = Axis("test loss L / L(0)")
_DIMENSIONS = (1, 2, 4, 8)


def three_scales(rng: Draws) -> Figure:  # noqa: ARG001  (no draws needed)
    """Loss against size, samples and time, each with the other two held."""
    model = _model(10**6)
    many = np.geomspace(10, 1e4, 60)
    panels = [
        _panel(
            "features N; curves: T, t",
            [(f"{T:g}, {power_of_ten(t)}", _relative(model, many, T, t)) for T, t in _PAIRS],
            many,
        ),
        _panel(
            "samples T; curves: N, t",
            [(f"{N:g}, {power_of_ten(t)}", _relative(model, N, many, t)) for N, t in _PAIRS],
            many,
        ),
    ]
    times = np.geomspace(1, 1e6, 60)
    pairs = ((30, 30), (300, 300), (3000, 3000), (30, 3000))
    curves = [(f"{N}, {T}", _relative(model, N, T, times)) for N, T in pairs]
    panels.append(_panel("time t, in 1/λ₁; curves: N, T", curves, times))
    return Figure(
        "loss-three-scales",
        "Of size, samples and time the scarcest sets the loss",
        tuple(panels),
        caption="L(N, T, t) of gradient flow, M = 10⁶, no noise, no ridge. Where one scale stops "
        "to matter a curve becomes level; near N = T long training overfits. Exact theory for "
        "large sizes, no simulation; α = 0.5.",
        alt="Three panels of loss curves that fall and become level.",
        columns=3,
    )


_PAIRS = ((100.0, 100.0), (100.0, 1e5), (3000.0, 100.0), (3000.0, 1e5))


def baselines(rng: Draws) -> Figure:
    """Learning curves of the model beside what the theory of learning said before."""
    M, noise = 300, 0.05
    model = _model(M, noise)
    T = np.geomspace(3, 3000, 160)
    best = np.asarray(model.loss(np.inf, T, ridge="optimal")) / model.loss_untrained
    marks = np.unique(np.geomspace(4, 1000, 9).round())
    points, spread = rng.take(lambda g: _drawn(model, marks, g))
    enough = T[T > M + 5]
    least = 0.5 * np.asarray(baseline("least-squares", enough, variance=noise, d=float(M)))
    left: list[Layer] = [
        Line(T, best, "solvable model, best ridge", 0),
        Points(marks, points, "", 0, low=np.maximum(points - spread, points / 2),
               high=points + spread),
        Line(enough, least / model.loss_untrained, "least squares, σ²d/(n-d-1)", 1),
        Line(T, np.asarray(baseline("4/d", T, d=8.0)), "4/d at d = 8: n⁻⁰·⁵", 2, "dash"),
        Line(T, np.asarray(baseline("smooth", T, s=1.0, d=8.0)), "smooth, s = 1, d = 8", 3, "dash"),
        Line(T, np.asarray(baseline("mean", T, variance=1.0)), "mean of n draws, 1/n", 4, "dot"),
    ]  # fmt: skip
    n = np.geomspace(10, 1e6, 120)
    right: list[Layer] = [
        Line(n, np.asarray(baseline("vc", n, d=11.0)), "VC, d = 11", 0),
        Line(n, np.asarray(baseline("pac-agnostic", n, log_size=220.0)), "PAC, agnostic", 1),
        Line(n, np.asarray(baseline("pac", n, log_size=220.0)), "PAC, realisable", 2),
    ]
    return Figure(
        "baselines",
        "Bounds for every problem fall as 1/n or 1/√n; power-law data set their own exponent",
        (
            Panel(Axis("number of training samples n"), Axis("loss over loss untrained", "log",
                  (1e-3, 2.0)), tuple(left), "regression"),
            Panel(Axis("number of training samples n"), Axis("error or gap", "log", (1e-4, 2.0)),
                  tuple(right), "classification: what is guaranteed"),
        ),
        caption=f"Left: α = 0.5, M = {M}, noise of 5 % of the target's variance, N = ∞; points are "
        "means over 16 draws at N = 20 M with two standard errors. Least squares needs n > d + 1 "
        "and then falls as 1/n. Right: linear classifiers of 10 inputs, a class of 2^317 rules, "
        "δ = 0.05; values above 1 say nothing.",
        alt="Learning curves and classical bounds on logarithmic axes.",
        columns=2,
    )  # fmt: skip


def dimensions(rng: Draws) -> Figure:
    """Latent dimension by the spectrum beside intrinsic dimension by neighbours."""
    layers: list[Layer] = []
    found = [rng.take(partial(_measured, sphere)) for sphere in _DIMENSIONS]
    for color, (sphere, values) in enumerate(zip(_DIMENSIONS, found, strict=True)):
        ranks = np.unique(np.geomspace(1, values.size - 2, 40).round())
        label = f"sphere of d = {sphere}"
        layers.append(Points(ranks, values[ranks.astype(int) + 1], label, color))
    d, estimates = np.array(_DIMENSIONS, float), np.array([v[0] for v in found])
    modes = np.array([v[1] for v in found])
    right: list[Layer] = [
        Points(d, estimates, "intrinsic dimension, by neighbours", 0),
        Points(d, modes, "modes that hold 99.9 % of the variance", 1, "square"),
        Line(d, d, "d", 6, "dash", 1.5),
    ]
    spectra = Panel(Axis("rank"), Axis("eigenvalue"), tuple(layers), "spectra")
    return Figure(
        "dimensions",
        "The intrinsic dimension is not the latent dimension",
        (spectra, Panel(Axis("dimension of the sphere d"), Axis("dimension"), tuple(right),
                        "two dimensions")),
        caption="2,000 points on spheres of d dimensions, seen through 300 random ReLU features. "
        "Neighbours find d; the spectrum goes on for hundreds of modes, as a curved surface fills "
        "all directions. It falls faster, the smaller d is. Measured, one draw each.",
        alt="Left four spectra, right intrinsic dimensions on the diagonal and modes far above it.",
        columns=2,
    )  # fmt: skip


def _measured(d: int, rng: np.random.Generator) -> Floats:
    """Intrinsic dimension, modes that hold 99.9 %, then eigenvalues."""
    points = rng.standard_normal((2000, d + 1))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    rows = np.maximum(points @ rng.standard_normal((d + 1, 300)), 0.0)
    values = measure(rows).eigenvalues
    values = values[values > 1e-12 * values[0]]
    share = np.cumsum(values) / values.sum()
    near = dimension(rows).dimension.mle.value
    return np.concatenate([[near, 1.0 + np.argmax(share > 0.999)], values])


def _drawn(model: SolvableModel, marks: Floats, rng: np.random.Generator) -> Floats:
    N = int(20 * model.spectrum.latent_dim)
    ridges = model.solve(N, marks, ridge="optimal").ridge
    found = model.simulate(N, marks, ridge=ridges, draws=16, rng=rng)
    return np.stack([found.loss, 2 * found.standard_error]) / model.loss_untrained


def _model(latent_dim: int, noise: float = 0.0) -> SolvableModel:
    spectrum = Spectrum.power_law(ALPHA, latent_dim)
    return SolvableModel(spectrum, noise, weight_var=latent_dim / spectrum.trace)


def _relative(
    model: SolvableModel, N: Floats | float, T: Floats | float, time: Floats | float
) -> Floats:
    return np.asarray(model.loss(N, T, time=time)) / model.loss_untrained


def _panel(label: str, curves: list[tuple[str, Floats]], x: Floats) -> Panel:
    layers = [Line(x, y, name, color) for color, (name, y) in enumerate(curves)]
    return Panel(Axis(label), Axis(_LOSS.label, "log", (5e-3, 1.1)), tuple(layers))
