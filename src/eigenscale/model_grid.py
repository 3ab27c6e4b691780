"""The solvable model simulated over lists of anything: spectra, targets, noise, maps, seeds."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.model import SolvableModel
from eigenscale.progress import Progress
from eigenscale.results import Rows, to_plain
from eigenscale.simulation.draws import as_seed
from eigenscale.simulation.maps import LatentMap
from eigenscale.simulation.problem import Modes, Precision
from eigenscale.simulation.request import MOST_CELLS, Request, answer, ask
from eigenscale.simulation.sampled import TEST_SAMPLES
from eigenscale.spectrum import Spectrum
from eigenscale.theory.solution import Solution

Maps = str | Callable[[Floats], Any] | None


@dataclass(frozen=True, eq=False)
class SimulatedGrid(Rows):
    """A table of simulated losses, one row per point of a grid.

    Attributes
    ----------
    table : tuple of dict
        Inputs, `loss`, `standard_error`, `draws`, and `theory_loss` where theory has one.
    solutions : tuple of Solution
        What theory says, for each spectrum, noise, map and seed.
    models : tuple of SolvableModel
        Likewise.
    """

    table: tuple[dict[str, Any], ...]
    solutions: tuple[Solution, ...]
    models: tuple[SolvableModel, ...]

    def __repr__(self) -> str:
        return f"SimulatedGrid({len(self.table)} points)"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give the rows."""
        yield from self.table

    def to_dict(self) -> dict[str, Any]:
        """Key ``rows``."""
        return {"rows": [to_plain(row) for row in self.table]}


def power_law_spectra(
    alpha: ArrayLike,
    latent_dim: ArrayLike,
    target_exponent: ArrayLike | None = None,
    scale: float = 1.0,
    weight_var: float = 1.0,
) -> list[tuple[dict[str, float], Spectrum]]:
    """Give the power law of every combination, with the inputs that tell it from the others.

    Examples
    --------
    >>> [inputs for inputs, _ in power_law_spectra([0.5, 1.0], 100)]
    [{'alpha': 0.5, 'latent_dim': 100.0}, {'alpha': 1.0, 'latent_dim': 100.0}]
    """
    targets: Iterable[float | None] = [None] if target_exponent is None else _list(target_exponent)
    found = []
    for a, M, ω in product(_list(alpha), _list(latent_dim), targets):
        spectrum = Spectrum.power_law(a, M, scale, target_exponent=ω, weight_var=weight_var)
        inputs = {"alpha": a, "latent_dim": spectrum.latent_dim}
        if ω is not None:
            inputs["target_exponent"] = ω
        found.append((inputs, spectrum))
    return found


def simulate_grid(
    spectra: Sequence[tuple[Mapping[str, Any], Spectrum]],
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    ridge: ArrayLike | str = 0.0,
    time: ArrayLike | str | None = None,
    noise_var: ArrayLike = 0.0,
    weight_var: float = 1.0,
    feature_var: float = 1.0,
    latent_map: Maps | Sequence[Maps] = None,
    target_map: Maps = None,
    seed: ArrayLike = 0,
    draws: int = 64,
    test_samples: int = TEST_SAMPLES,
    precision: Precision = "float64",
    device: str | None = None,
    store: str | Path | None = None,
    engine: Any = None,
    jobs: int | None = None,
    progress: Progress | None = None,
    announce: Callable[[float], None] | None = None,
) -> SimulatedGrid:
    """Simulate every combination of the lists given, in one sweep.

    Parameters
    ----------
    spectra : sequence of (dict, Spectrum)
        Spectra with the inputs that name them in the rows, see `power_law_spectra`.
    n_features, n_samples, ridge, time
        Lists; every combination is a point. Ridge may be ``"optimal"``, time ``"best"``.
    noise_var, latent_map, seed
        Lists too.
    target_map, weight_var, feature_var, draws, test_samples, precision, device
        See `eigenscale.simulation.simulate.simulate`.
    store, engine, jobs, progress
        See `eigenscale.simulation.simulate.simulate`.
    announce : callable, optional
        Called before anything is drawn, with the bytes of memory that will be held at most.

    Returns
    -------
    SimulatedGrid
        A row for every point, the last of the lists running fastest.

    Examples
    --------
    >>> spectra = power_law_spectra(0.5, [30, 60])
    >>> grid = simulate_grid(spectra, [5, 10], 20, ridge=0.1, draws=4)
    >>> len(grid.table), grid.to_pandas().shape
    (4, (4, 10))
    """
    maps = latent_map if isinstance(latent_map, Sequence) and not isinstance(latent_map, str) else [
        latent_map
    ]  # fmt: skip
    noises, seeds = _list(noise_var), [as_seed(one) for one in _list(seed)]
    inputs = _grid(n_features, n_samples, ridge, time)
    _check_count(len(spectra) * len(noises) * len(maps) * len(seeds), inputs)
    target = LatentMap.of(target_map)
    requests: list[Request] = []
    labels: list[dict[str, Any]] = []
    solutions: list[Solution] = []
    models: list[SolvableModel] = []
    for named, spectrum in spectra:
        modes = Modes.of(spectrum, weight_var)
        for noise, wanted, one_seed in product(noises, maps, seeds):
            nonlinear = LatentMap.of(wanted)
            models.append(SolvableModel(spectrum, noise, weight_var, feature_var))
            solutions.append(models[-1].solve(**inputs))
            labels.append(
                {**named, "noise_var": noise}
                | ({} if nonlinear is None and len(maps) == 1 else {"map": _name(nonlinear)})
                | ({} if len(seeds) == 1 else {"seed": one_seed})
            )
            requests.append(
                ask(
                    modes,
                    solutions[-1].n_features,
                    solutions[-1].n_samples,
                    ridge=solutions[-1].ridge,
                    time=solutions[-1].time,
                    noise_var=noise,
                    unexplained=spectrum.unexplained,
                    feature_var=feature_var,
                    draws=draws,
                    seed=one_seed,
                    normalise=False,
                    latent_map=nonlinear,
                    target_map=target,
                    test_samples=test_samples,
                    precision=precision,
                    device=device,
                    named=labels[-1],
                )
            )
    how = {"engine": engine, "jobs": jobs, "progress": progress, "announce": announce}
    found = answer(requests, store=store, **how)
    table = []
    for one, named, solution in zip(found, labels, solutions, strict=True):
        for row, theory in zip(one.rows(), solution.loss.flat, strict=True):
            del row["noise_var"]
            linear = target is None and named.get("map", "linear") == "linear"
            known = {"theory_loss": float(theory)} if linear else {}
            table.append({**named, **row, **known})
    return SimulatedGrid(tuple(table), tuple(solutions), tuple(models))


def _list(values: ArrayLike) -> list[float]:
    return np.atleast_1d(np.asarray(values, dtype=float)).ravel().tolist()


def _name(latent_map: LatentMap | None) -> str:
    if latent_map is None:
        return "linear"
    return latent_map.name if latent_map.depth == 1 else f"{latent_map.name}:{latent_map.depth}"


def _grid(
    n_features: ArrayLike,
    n_samples: ArrayLike,
    ridge: ArrayLike | str,
    time: ArrayLike | str | None,
) -> dict[str, Any]:
    """Give each list an axis of its own."""
    lists: dict[str, Any] = {"n_features": n_features, "n_samples": n_samples, "ridge": ridge}
    if time is not None:
        lists["time"] = time
    found: dict[str, Any] = {}
    for place, (name, values) in enumerate(lists.items()):
        if isinstance(values, str):
            found[name] = values
        else:
            after = (1,) * (len(lists) - 1 - place)
            found[name] = np.reshape(_list(values), (-1, *after))
    return found


def _check_count(variants: int, inputs: Mapping[str, Any]) -> None:
    """Refuse more points than one sweep takes, before theory is asked."""
    count = variants * int(
        np.prod([np.size(v) for v in inputs.values() if not isinstance(v, str)], dtype=object)
    )
    if count > MOST_CELLS:
        raise InputError(
            f"the sweep has {count:.4g} points; at most {MOST_CELLS:,} are taken at once; shorten "
            "the lists"
        )
