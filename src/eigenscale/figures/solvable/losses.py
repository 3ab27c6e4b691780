"""Gallery, second part: loss against features and samples, with the best ridge and with none."""

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.figures.solvable.draws import Draws
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Map, Panel, Points, Rule
from eigenscale.model import SolvableModel
from eigenscale.spectrum import Spectrum
from eigenscale.theory.iso_loss import iso_loss_contour

ALPHA = 0.5
_FEATURES = Axis("number of features N")
_LOSS = Axis("test loss L / L(0)")
_THEORY = "Exact theory for large sizes, no simulation; α = 0.5."
_METHOD = (
    "Points: means over drawn data and features with two standard errors. Curves: the theory for "
    "large sizes, with nothing fitted. α = 0.5; the loss is relative to that of no training."
)


def features(rng: Draws) -> Figure:
    """Loss against features for several numbers of samples."""
    model = _model(600)
    panels = []
    ridges: list[float | str] = ["optimal", 0.0]
    for title, ridge in zip(("best ridge", "no ridge"), ridges, strict=True):
        layers: list[Layer] = []
        for color, T in enumerate((10, 40, 160)):
            sizes = np.array([5.0, 10, 20, 40, 80, 160, 320, 500])
            label = f"T = {T}"
            layers += _pair(model, sizes[sizes != T], T, ridge, label, color, rng)
        loss = Axis(_LOSS.label, "log", (0.07, 20.0 if ridge == 0.0 else 1.0))
        panels.append(Panel(_FEATURES, loss, tuple(layers), title))
    return _figure(
        "loss-features",
        "Features or samples: the scarcer one sets the loss",
        panels,
        "M = 600 latent features. Without a ridge the loss diverges at N = T.",
    )


def samples(rng: Draws) -> Figure:
    """Loss against samples for several numbers of features, with the best ridge and with none."""
    model = _model(600)
    panels = []
    ridges: list[float | str] = ["optimal", 0.0]
    for title, ridge in zip(("best ridge", "no ridge"), ridges, strict=True):
        layers: list[Layer] = []
        for color, N in enumerate((10, 40, 160)):
            sizes = np.array([5.0, 10, 20, 40, 80, 160, 320, 500])
            layers += _pair_along_samples(model, N, sizes[sizes != N], ridge, color, rng)
        loss = Axis(_LOSS.label, "log", (0.07, 20.0 if ridge == 0.0 else 1.0))
        panels.append(Panel(Axis("number of training samples T"), loss, tuple(layers), title))
    return _figure(
        "loss-samples",
        "The loss against samples mirrors that against features",
        panels,
        "M = 600 latent features. N and T enter the loss alike; without a ridge it diverges at "
        "T = N.",
    )


def latent_dimension(rng: Draws) -> Figure:
    """Breakdown of the power law where features reach the latent dimension."""
    layers: list[Layer] = []
    for color, M in enumerate((30, 100, 300, 10**9)):
        model = _model(M)
        sizes = np.geomspace(2, 1000, 250)
        loss = _relative(model, sizes, np.inf, 0.0)
        label = "M = 10⁹" if M == 10**9 else f"M = {M}"
        layers.append(Line(sizes[loss > 1e-5], loss[loss > 1e-5], label, color))
        if M < 10**9:
            drawn = np.unique(np.geomspace(3, 0.9 * M, 6).round())
            layers.append(_points(model, drawn, 40 * M, 0.0, color, rng, draws=4))
    along = Panel(Axis("number of features N"), _LOSS, tuple(layers), "endless samples")
    mirrored = tuple(_breakdown_in_samples(rng))
    across = Panel(Axis("number of training samples T"), _LOSS, mirrored, "endless features")
    return _figure(
        "loss-latent-dimension",
        "The power law breaks where features or samples reach the latent dimension",
        [along, across],
        "No ridge. Left: curves for T = ∞, points for T = 40 M. Right: curves for N = ∞, points "
        "for N = 40 M. Near M the loss falls faster than any power: all there is has been learned.",
    )


def _breakdown_in_samples(rng: Draws) -> list[Layer]:
    """Breakdown of the power law where samples reach the latent dimension."""
    layers: list[Layer] = []
    for color, M in enumerate((30, 100, 300, 10**9)):
        model, sizes = _model(M), np.geomspace(2, 1000, 250)
        loss = np.asarray(model.loss(np.inf, sizes)) / _start(model)
        label = "M = 10⁹" if M == 10**9 else f"M = {M}"
        layers.append(Line(sizes[loss > 1e-5], loss[loss > 1e-5], label, color))
        if M < 10**9:
            drawn = np.unique(np.geomspace(3, 0.9 * M, 6).round())
            mean, spread = _samples_drawn(model, 40 * M, drawn, rng)
            low = np.maximum(mean - spread, mean / 2)
            layers.append(Points(drawn, mean, "", color, low=low, high=mean + spread))
    return layers


def _samples_drawn(
    model: SolvableModel, N: int, sizes: Floats, rng: Draws
) -> tuple[Floats, Floats]:
    none = np.zeros_like(sizes)
    mean, spread = rng.take(lambda g: _drawn(model, np.full_like(sizes, N), sizes, none, 4, g))
    return mean, spread


def double_descent(rng: Draws) -> Figure:
    """Double descent, and its removal by the best ridge."""
    T, M = 100, 400
    model = _model(M, noise=0.05)
    sizes = np.array([5.0, 10, 20, 40, 70, 90, 115, 150, 250, 400, 800])
    small = 1e-3 * T / M
    layers: list[Layer] = []
    names = "no ridge", "small ridge", "best ridge"
    amounts: list[float | str] = [0.0, small, "optimal"]
    for color, (label, amount) in enumerate(zip(names, amounts, strict=True)):
        layers += _pair(model, sizes, T, amount, label, color, rng)
    layers.append(Rule(float(T), "x", "N = T"))
    panel = Panel(_FEATURES, Axis("test loss L / L(0)", "log", (0.08, 30.0)), tuple(layers))
    return _figure(
        "double-descent",
        "Double descent, and its removal by the best ridge",
        [panel],
        f"T = {T} samples, M = {M}, label noise of 5 % of the target's variance. With the best "
        "ridge more features never hurt.",
    )


def iso_loss_lines(rng: Draws) -> Figure:  # noqa: ARG001  (no draws needed)
    """Lines of equal loss, which put N and T on one footing."""
    model = _model(10**6)
    surface = model.surface("optimal")
    sizes = np.geomspace(10, 1e4, 61)
    loss = surface.loss(sizes[None, :], sizes[:, None]) / _start(model)
    layers: list[Layer] = [Map(sizes, sizes, loss, "L / L(0)", log=True)]
    for color, level in enumerate(surface.loss(*[np.array([30.0, 100, 300, 1000, 3000])] * 2)):
        size, data = iso_loss_contour(surface, float(level), (10.0, 1e4), (10.0, 1e4))
        label = "equal loss" if color == 0 else ""
        layers.append(Line(size, data, label, 4, "solid", 1.6))
    layers.append(Line(sizes, sizes, "N = T", 1, "dash"))
    panel = Panel(_FEATURES, Axis("number of samples T"), tuple(layers))
    return _figure(
        "iso-loss",
        "Lines of equal loss bend at N = T: let features and samples grow together",
        [panel],
        "M = 10⁶ latent features, best ridge everywhere. Away from the corner more of the ample "
        "resource buys nothing.",
        _THEORY,
    )


def _model(latent_dim: int, noise: float = 0.0) -> SolvableModel:
    """Build a model whose target has variance 1; `noise` is that of the labels."""
    spectrum = Spectrum.power_law(ALPHA, latent_dim)
    return SolvableModel(spectrum, noise, weight_var=latent_dim / spectrum.trace)


def _start(model: SolvableModel) -> float:
    return float(model.loss(1, 1, time=0.0))


def _relative(model: SolvableModel, N: Floats, T: float, ridge: float | str) -> Floats:
    return np.asarray(model.loss(N, T, ridge=ridge)) / _start(model)


def _pair(
    model: SolvableModel,
    sizes: Floats,
    T: int,
    ridge: float | str,
    label: str,
    color: int,
    rng: Draws,
) -> list[Layer]:
    """Theory and simulation along N at one T."""
    dense = np.geomspace(sizes[0], sizes[-1], 240)
    if ridge == 0.0:
        dense = np.sort(np.concatenate([dense, T * (1 + np.array([-1e-2, 0.0, 1e-2]))]))
    loss = _relative(model, dense, T, ridge)
    return [
        Line(dense, np.where(np.isfinite(loss), loss, np.nan), label, color),
        _points(model, sizes, T, ridge, color, rng),
    ]


def _pair_along_samples(
    model: SolvableModel,
    N: int,
    sizes: Floats,
    ridge: float | str,
    color: int,
    rng: Draws,
) -> list[Layer]:
    """Theory and simulation along T at one N."""
    dense = np.geomspace(sizes[0], sizes[-1], 240)
    if ridge == 0.0:
        dense = np.sort(np.concatenate([dense, N * (1 + np.array([-1e-2, 0.0, 1e-2]))]))
    start = _start(model)
    loss = np.asarray(model.loss(N, dense, ridge=ridge)) / start
    ridges = np.broadcast_to(model.solve(N, sizes, ridge=ridge).ridge, sizes.shape)
    mean, spread = rng.take(lambda g: _drawn(model, np.full_like(sizes, N), sizes, ridges, 12, g))
    return [
        Line(dense, np.where(np.isfinite(loss), loss, np.nan), f"N = {N}", color),
        Points(sizes, mean, "", color, low=np.maximum(mean - spread, mean / 2), high=mean + spread),
    ]


def _points(
    model: SolvableModel,
    sizes: Floats,
    T: int,
    ridge: float | str,
    color: int,
    rng: Draws,
    draws: int = 12,
) -> Points:
    ridges = np.broadcast_to(model.solve(sizes, T, ridge=ridge).ridge, sizes.shape)
    loss, spread = rng.take(
        lambda g: _drawn(model, sizes, np.full_like(sizes, T), ridges, draws, g)
    )
    return Points(
        sizes, loss, "", color, low=np.maximum(loss - spread, loss / 2), high=loss + spread
    )


def _drawn(
    model: SolvableModel,
    n_features: Floats,
    n_samples: Floats,
    ridges: Floats,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Means and two standard errors of drawn losses relative to no training, shape (2, points)."""
    found = model.simulate(n_features, n_samples, ridge=ridges, draws=draws, rng=rng)
    return np.stack([found.loss, 2 * found.standard_error]) / _start(model)


def _figure(
    name: str, title: str, panels: list[Panel], about: str, method: str = _METHOD
) -> Figure:
    return Figure(
        name,
        title,
        tuple(panels),
        caption=f"{about} {method}",
        alt=title + ".",
        columns=len(panels),
    )
