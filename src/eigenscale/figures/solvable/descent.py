"""Gallery, fourth part: one-pass SGD, and structures that power laws come from."""

from functools import partial

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.figures.solvable.draws import Draws
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Panel, Points, Rule
from eigenscale.io.data.generators import generator
from eigenscale.spectra.generated import structured_exponent
from eigenscale.spectra.measure import measure
from eigenscale.spectrum import Spectrum
from eigenscale.text.numbers import raised
from eigenscale.theory.sgd.loss import sgd_loss

_RUNS = 200


def descent(rng: Draws) -> Figure:
    """Loss of one-pass SGD against steps, for several batches."""
    modes, rate = 200, 0.25
    spectrum = Spectrum.power_law(0.5, modes)
    start = 0.5 * float(spectrum.power().sum())
    steps, marks = np.unique(np.geomspace(1, 3000, 80).round()), np.array([1, 4, 16, 64, 256])
    layers: list[Layer] = []
    for color, batch in enumerate((1, 4, 16)):
        curve = sgd_loss(spectrum, np.inf, steps, batch=batch, lr=rate).loss / start
        mean, spread = rng.take(partial(_means, spectrum.eigenvalues, batch, rate, marks)) / start
        label = f"b = {batch}"
        layers += [
            Line(steps, curve, label, color),
            Points(marks, mean, "", color, low=mean - spread, high=mean + spread),
        ]
    flow = sgd_loss(spectrum, np.inf, steps, batch=np.inf, lr=rate).loss / start
    layers.append(Line(steps, flow, "b = ∞", 6, "dash", 1.5))
    return Figure(
        "sgd",
        "One pass over fresh data: small batches add noise that full descent does not have",
        (Panel(Axis("steps"), Axis("test loss L / L(0)"), tuple(layers)),),
        caption=f"α = 0.5, M = N = {modes}, no label noise, learning rate {rate:g}/λ₁. Points: "
        f"means over {_RUNS} simulated runs with two standard errors. Curves: the exact "
        "recursion, with nothing fitted.",
        alt="Loss falls with steps; curves of larger batches lie lower, points lie on them.",
        columns=1,
    )


def _means(
    values: Floats, batch: int, rate: float, marks: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Means and two standard errors of the losses of simulated runs at each mark."""
    seen = _trained(values, values.size, batch, rate, marks, rng)
    return seen.mean(axis=1), 2 * seen.std(axis=1, ddof=1) / _RUNS**0.5


def _trained(
    values: Floats, modes: int, batch: int, rate: float, marks: Floats, rng: np.random.Generator
) -> Floats:
    """Losses of simulated runs at each mark, shape (marks, runs)."""
    miss = rng.standard_normal((_RUNS, modes)) / modes**0.5
    roots, found = np.sqrt(values), []
    for step in range(1, int(marks[-1]) + 1):
        x = rng.standard_normal((_RUNS, batch, modes)) * roots
        residual = np.einsum("rbi,ri->rb", x, miss)
        miss = miss - rate / batch * np.einsum("rb,rbi->ri", residual, x)
        if step in marks:
            found.append(0.5 * miss**2 @ values)
    return np.array(found)


def structures(rng: Draws) -> Figure:
    """Spectra of a tree, a field and tokens, with their predicted exponents."""
    seed = rng.seed
    panels, told = [], []
    for color, name in enumerate(("tree:2:0.6", "field:2:3", "tokens:1.5")):
        made = generator(f"{name}:rows=8192:seed={seed}")
        measured = measure(made.source())
        found = structured_exponent(measured, made)
        values = measured.eigenvalues[: measured.rank]
        ranks = np.arange(1.0, values.size + 1)
        at = np.unique(np.geomspace(1, values.size, 60).round()).astype(int) - 1
        first, last = found.ranks
        inner = slice(first - 1, last)
        level = np.exp(np.mean(np.log(values[inner] * ranks[inner] ** (1 + made.alpha))))
        line = level * ranks[[0, -1]] ** -(1 + made.alpha)
        layers = (
            Points(ranks[at], values[at], "measured", color),
            Line(
                ranks[[0, -1]],
                line,
                f"{raised('rank', f'-{1 + made.alpha:.3g}')}, predicted",
                6,
                "dash",
                1.5,
            ),
            Rule(float(last), "x", "fitted below"),
        )
        low = max(float(values[-1]), 1e-6 * float(values[0]))
        eigenvalue = Axis("eigenvalue", "log", (0.5 * low, 3 * float(values[0])))
        panels.append(Panel(Axis("rank"), eigenvalue, layers, name))
        told.append(f"{name} α = {made.alpha:.3g}, measured {found.alpha.value:.3g}")
    return Figure(
        "structures",
        "Where power laws come from: trees, fields and word frequencies",
        tuple(panels),
        caption="Points: eigenvalues of 8,192 drawn rows. Dashed: the slope that the structure "
        f"predicts, its height fitted. {'; '.join(told)}.",
        alt="Three spectra on logarithmic axes follow their predicted slopes.",
        columns=3,
    )
