"""Arrays of inputs become the cells of a sweep, and their losses arrays again."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats, broadcast_inputs
from eigenscale.errors import InputError
from eigenscale.progress import Progress
from eigenscale.simulation.cells import Cell, Setting
from eigenscale.simulation.devices import device_named
from eigenscale.simulation.maps import LatentMap
from eigenscale.simulation.problem import Modes, Precision, Problem
from eigenscale.simulation.result import Simulation
from eigenscale.simulation.sweep import Measured, sweep

MOST_CELLS = 1_000_000


@dataclass(frozen=True, eq=False)
class Request:
    """Cells in the order of the flattened inputs, and the loss that counts as 1."""

    cells: list[Cell]
    inputs: dict[str, Floats]
    scale: float


def ask(
    modes: Modes,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    ridge: ArrayLike,
    time: ArrayLike | None,
    noise_var: ArrayLike,
    unexplained: float,
    feature_var: float,
    draws: int,
    seed: int,
    normalise: bool,
    latent_map: LatentMap | None,
    target_map: LatentMap | None = None,
    test_samples: int,
    precision: Precision,
    device: str | None = None,
    named: Mapping[str, Any] | None = None,
) -> Request:
    """Check the inputs of `eigenscale.simulation.simulate.simulate` and lay out their cells."""
    inputs: dict[str, ArrayLike] = {
        "n_features": n_features, "n_samples": n_samples, "ridge": ridge, "noise_var": noise_var
    }  # fmt: skip
    if time is not None:
        inputs["time"] = time
    arrays = broadcast_inputs(inputs, MOST_CELLS)
    _check(arrays, feature_var, precision)
    count = _whole(draws, "draws", 2)
    if target_map is not None and latent_map is None:
        latent_map = LatentMap.linear()
    place = device_named(device)
    if place is not None and latent_map is not None:
        raise InputError(f"device {device!r} is for linear features; leave it or the map out")
    tested = 0 if latent_map is None else _whole(test_samples, "test_samples", 2)
    # u has variance σ_u²/M: dividing φφᵀ and γ by that leaves the student as it is.
    unit = modes.eigenvalues.size / feature_var
    lists = {name: values.ravel().tolist() for name, values in arrays.items()}
    times = lists.get("time", [None] * len(lists["ridge"]))
    sizes = list(zip(lists["n_features"], lists["n_samples"], strict=True))
    problems = {
        (N, T): Problem(modes, int(N), int(T), latent_map, precision, tested, target_map)
        for N, T in set(sizes)
    }
    cells = [
        Cell(problems[size], Setting(γ, γ * unit, t, noise + unexplained), seed, count, named or {})
        for size, γ, t, noise in zip(sizes, lists["ridge"], times, lists["noise_var"], strict=True)
    ]
    return Request(cells, arrays, modes.loss_untrained if normalise else 1.0)


def answer(
    requests: Sequence[Request],
    *,
    store: str | Path | None = None,
    engine: Any = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    announce: Callable[[float], None] | None = None,
) -> list[Simulation]:
    """Measure the cells of all requests in one sweep."""
    cells = [cell for one in requests for cell in one.cells]
    if len(cells) > MOST_CELLS:
        raise InputError(
            f"the sweep has {len(cells):,} points; at most {MOST_CELLS:,} are taken at once; "
            "shorten the lists"
        )
    how = {"engine": engine, "jobs": jobs, "progress": progress, "announce": announce}
    found = iter(sweep(cells, store=store, **how))
    return [_gathered([next(found) for _ in one.cells], one, store is not None) for one in requests]


def _gathered(found: list[Measured], request: Request, stored: bool) -> Simulation:
    shape = request.inputs["ridge"].shape
    losses = np.array([one.losses for one in found]) / request.scale
    hits = np.array([one.from_store for one in found])
    loss, error = (
        np.array([getattr(one, name) for one in found]).reshape(shape) / request.scale
        for name in ("loss", "standard_error")
    )
    return Simulation(
        loss if shape else float(loss),
        error if shape else float(error),
        losses.shape[-1],
        losses.reshape(*shape, -1),
        **request.inputs,
        from_store=hits.reshape(shape) if stored else None,
    )


def _check(arrays: dict[str, Floats], feature_var: float, precision: str) -> None:
    """Refuse sizes that are not whole, and numbers below 0."""
    for name, values in arrays.items():
        if name.startswith("n_"):
            good = (values >= 1) & (values < np.inf) & (values == np.floor(values))
            rule = "it is a whole number from 1"
        elif name == "time":
            good, rule = values >= 0, "it is at least 0"
        else:
            good, rule = (values >= 0) & (values < np.inf), "it is finite and at least 0"
        if not good.all():
            raise InputError(f"{name} {values[~good].flat[0]:g} cannot be drawn; {rule}")
    if not 0 < feature_var < np.inf:
        raise InputError(f"feature_var {feature_var!r} is not a variance; it is positive")
    if precision not in ("float64", "float32"):
        raise InputError(f"precision {precision!r} is not known; use float64 or float32")


def _whole(value: float, name: str, least: int) -> int:
    if not (np.isfinite(value) and value == int(value) and value >= least):
        raise InputError(f"{name} {value!r} cannot be drawn; it is a whole number from {least}")
    return int(value)
