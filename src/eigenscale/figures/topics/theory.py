"""Figures of the solvable model: loss curves from theory, and simulation on top of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.figures.spec import Axis, Figure, Layer, Line, Panel, Points
from eigenscale.model import SolvableModel
from eigenscale.theory.sgd.loss import SgdLoss
from eigenscale.theory.solution import Solution

_AXES = {
    "n_features": "number of features N",
    "n_samples": "number of training samples T",
    "ridge": "ridge γ",
    "time": "training time t",
}
_SHORT = {"n_features": "N", "n_samples": "T", "ridge": "γ", "time": "t"}
_MOST_CURVES = 6


def loss_curves(solution: Solution) -> Figure:
    """Loss on a grid of features × samples × ridges, along the axis with most values.

    Parameters
    ----------
    solution : Solution
        With arrays of shape (features, samples, ridges), or (features, samples, ridges, times)
        for training that is stopped. Of more than six curves six are drawn.
    """
    axis = _longest(solution)
    layers: list[Layer] = []
    for color, (label, x, y) in enumerate(_curves(solution, axis)):
        shown = np.where(np.isfinite(y), y, np.nan)
        if x.size == 1:
            layers.append(Points(x, shown, label, color))
        else:
            layers.append(Line(x, shown, label, color))
    panel = Panel(Axis(_AXES[axis]), Axis("test loss L"), tuple(layers))
    return Figure(
        "theory-loss",
        f"Test loss of the solvable model against the {_AXES[axis]}",
        (panel,),
        caption="Exact for large sizes. A gap in a curve is where the loss diverges.",
        alt=f"Curves of test loss against the {_AXES[axis]}.",
        columns=1,
    )


def theory_and_simulation(
    model: SolvableModel,
    solution: Solution,
    simulated: Sequence[Mapping[str, Any]],
    optimal: bool = False,
) -> Figure:
    """Theory as curves, simulation as points with two standard errors.

    Parameters
    ----------
    model : SolvableModel
        Asked for the curves between the points.
    solution : Solution
        Theory at the points, arrays of shape (features, samples, ridges) or with times last.
    simulated : sequence of mappings
        A row for each point in the order of `solution`, with ``loss`` and ``standard_error``.
    optimal : bool
        Whether the ridge was the best at each point, rather than the one of the point.
    """
    axis = _longest(solution)
    shape = solution.loss.shape
    measured, error = (
        np.array([row[name] for row in simulated]).reshape(shape)
        for name in ("loss", "standard_error")
    )
    layers: list[Layer] = []
    for color, index in enumerate(_picked(solution, axis)):
        x = _along(getattr(solution, axis), axis, index)
        y, spread = _along(measured, axis, index), 2 * _along(error, axis, index)
        dense = np.unique(np.concatenate([_dense(x), x]))
        inputs: dict[str, Any] = {
            name: dense if name == axis else float(_along(getattr(solution, name), axis, index)[0])
            for name in _names(solution)
        }
        if optimal:
            inputs["ridge"] = "optimal"
        loss = np.asarray(model.loss(**inputs))
        label = _label(solution, axis, index)
        layers += [
            Line(dense, np.where(np.isfinite(loss), loss, np.nan), label, color),
            Points(x, y, "", color, low=np.maximum(y - spread, 0.5 * y), high=y + spread),
        ]
    panel = Panel(Axis(_AXES[axis]), Axis("test loss L"), tuple(layers))
    draws = int(simulated[0]["draws"])
    return Figure(
        "theory-and-simulation",
        "Theory (curves) against simulation (points)",
        (panel,),
        caption=(
            f"Points are means over {draws} draws of data and features with two standard errors; "
            "teacher, noise and test points are averaged exactly. Curves are the theory for large "
            "sizes, with nothing fitted."
        ),
        alt="Points of simulated loss lie on the curves of the theory.",
        columns=1,
    )


def descent_curves(found: SgdLoss) -> Figure:
    """Loss of one-pass SGD against its steps.

    Parameters
    ----------
    found : SgdLoss
        With arrays of shape (features, steps, batches, rates), or with steps last. Of more than
        six curves six are drawn.
    """
    axis = 1 if found.loss.ndim == 4 else -1
    columns = [np.moveaxis(x, axis, -1) for x in (found.steps, found.loss)]
    steps, loss = (x.reshape(-1, x.shape[-1]) for x in columns)
    names = {"N": found.n_features, "b": found.batch, "η": found.lr}
    flat = {k: np.moveaxis(v, axis, -1).reshape(steps.shape)[:, 0] for k, v in names.items()}
    telling = [k for k, v in flat.items() if np.unique(v).size > 1] or list(flat)
    layers: list[Layer] = []
    shown = np.unique(np.linspace(0, len(steps) - 1, min(len(steps), _MOST_CURVES)).round())
    for color, i in enumerate(shown.astype(int).tolist()):
        label = ", ".join(f"{k} = {flat[k][i]:g}" for k in telling)
        kind = Points if steps.shape[1] == 1 else Line
        layers.append(kind(steps[i], loss[i], label, color))
    return Figure(
        "theory-sgd",
        "Test loss of one-pass stochastic gradient descent",
        (Panel(Axis("steps r"), Axis("test loss L"), tuple(layers)),),
        caption="Exact in modes: the mean over batches, teacher and noise.",
        alt="Curves of test loss against steps.",
        columns=1,
    )


def _names(solution: Solution) -> list[str]:
    """Name the axes of the grid."""
    return [name for name in _AXES if getattr(solution, name) is not None]


def _longest(solution: Solution) -> str:
    sizes = dict(zip(_names(solution), solution.loss.shape, strict=True))
    return max(sizes, key=lambda name: sizes[name])


def _along(values: NDArray[Any], axis: str, index: tuple[int, ...]) -> NDArray[Any]:
    """Return the values along one axis of the grid at an index of the others."""
    position = list(_AXES).index(axis)
    return np.asarray(np.moveaxis(values, position, -1)[index])


def _picked(solution: Solution, axis: str) -> list[tuple[int, ...]]:
    """Return the indices of at most six curves, evenly chosen."""
    sizes = zip(_names(solution), solution.loss.shape, strict=True)
    shape = [n for name, n in sizes if name != axis]
    every = list(np.ndindex(*shape))
    chosen = np.unique(np.linspace(0, len(every) - 1, min(len(every), _MOST_CURVES)).round())
    return [every[int(i)] for i in chosen]


def _label(solution: Solution, axis: str, index: tuple[int, ...]) -> str:
    """Name what tells the curve from the others; all fixed inputs where it is the only one."""
    sizes = dict(zip(_names(solution), solution.loss.shape, strict=True))
    others = [name for name in sizes if name != axis]
    telling = [name for name in others if sizes[name] > 1] or others
    values = {name: _along(getattr(solution, name), axis, index) for name in telling}
    return ", ".join(
        f"{_SHORT[name]} = {v[0]:.4g}" if np.ptp(v) == 0 else f"best {_SHORT[name]}"
        for name, v in values.items()
    )


def _curves(solution: Solution, axis: str) -> list[tuple[str, Floats, Floats]]:
    return [
        (
            _label(solution, axis, index),
            _along(getattr(solution, axis), axis, index),
            _along(solution.loss, axis, index),
        )
        for index in _picked(solution, axis)
    ]


def _dense(x: Floats) -> Floats:
    low, high = x.min(), x.max()
    if low <= 0:
        return x
    room = 2.0 if low == high else 1.0
    return np.geomspace(low / room, high * room, 200)
