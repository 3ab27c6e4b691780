"""Simulation against theory: many configurations, corrected for finite size, with z-scores.

Theory is that of large sizes. With every eigenvalue repeated m times, N, T and the ridge multiplied
by m and the target's power per mode divided by m it stays where it is, so that what simulation
differs by is a function of 1/m: it is measured at m = 1, 2 and 4 and extrapolated to 0. What is
left is noise, whose size is known: over many configurations z-scores have mean 0 and spread 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.model import SolvableModel
from eigenscale.progress import Progress
from eigenscale.results import Rows, to_plain
from eigenscale.simulation.problem import Modes
from eigenscale.simulation.request import Request, answer, ask
from eigenscale.spectrum import Spectrum

FACTORS = (1, 2, 4)
"""Times that every eigenvalue is repeated, and sizes multiplied."""
DRAWS = (128, 128, 32)
"""Of each factor: about the cheapest way to a given error of the extrapolated loss."""
WEIGHTS = (1 / 3, -2.0, 8 / 3)
"""Of the losses in the value at 1/m = 0 of the parabola in 1/m through them."""
FULL, QUICK = 320, 40
_MOST_SIZE = 100  # of N, T and M before they are multiplied by up to 4
_OUTLIER = 5.0


@dataclass(frozen=True, eq=False)
class Configuration:
    """One point to verify: a model, its sizes and how it is trained."""

    model: SolvableModel
    n_features: int
    n_samples: int
    ridge: float
    time: float | None = None
    name: str = ""

    def theory(self) -> float:
        """Loss of large sizes."""
        return float(
            self.model.loss(self.n_features, self.n_samples, ridge=self.ridge, time=self.time)
        )

    def request(self, factor: int, draws: int, seed: int) -> Request:
        """Ask for the same problem at sizes multiplied by `factor`."""
        return ask(
            Modes.of(repeated(self.model.spectrum, factor), self.model.weight_var),
            factor * self.n_features,
            factor * self.n_samples,
            ridge=factor * self.ridge,
            time=self.time,
            noise_var=self.model.noise_var,
            unexplained=self.model.spectrum.unexplained,
            feature_var=self.model.feature_var,
            draws=draws,
            seed=seed,
            normalise=False,
            latent_map=None,
            test_samples=0,
            precision="float64",
            named={"spectrum": self.name, "factor": factor},
        )


def repeated(spectrum: Spectrum, factor: int) -> Spectrum:
    """Repeat every eigenvalue, and divide the target's power among its copies."""
    power = spectrum.target_power
    return Spectrum(
        spectrum.eigenvalues,
        factor * spectrum.multiplicities,
        None if power is None else power / factor,
        spectrum.unexplained,
    )


@dataclass(frozen=True, eq=False)
class Verification(Rows):
    """Simulation against theory over configurations.

    Attributes
    ----------
    table : tuple of dict
        Inputs, `loss` (corrected for finite size) with `standard_error`, `theory_loss`, `z`, and
        the relative difference from theory at each factor, `bias_1`, `bias_2`, `bias_4`.
    """

    table: tuple[dict[str, Any], ...]

    @property
    def z(self) -> Floats:
        """(simulation - theory)/standard error, shape (configurations,)."""
        return np.array([row["z"] for row in self.table])

    @property
    def mean(self) -> float:
        """Mean of the z-scores, 0 where theory is right."""
        return float(self.z.mean())

    @property
    def spread(self) -> float:
        """Standard deviation of the z-scores about 0, 1 where standard errors are right."""
        return float(np.sqrt(np.mean(self.z**2)))

    @property
    def passed(self) -> bool:
        """Whether mean, spread and largest z-score are what chance gives."""
        count = len(self.table)
        allowed = max(0.1, 3 / count**0.5)
        low, high = 1 - max(0.1, 2.2 / count**0.5), 1 + max(0.15, 3 / count**0.5)
        ordinary = count < 8 or low <= self.spread <= high
        return bool(abs(self.mean) <= allowed and ordinary and np.abs(self.z).max() <= _OUTLIER)

    @property
    def bias(self) -> dict[int, float]:
        """Median over configurations of |simulation/theory - 1| at each factor."""
        return {m: float(np.median([abs(row[f"bias_{m}"]) for row in self.table])) for m in FACTORS}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Give the rows."""
        yield from self.table

    def to_dict(self) -> dict[str, Any]:
        """Keys `rows`, `passed`, `z_mean`, `z_spread`, `z_largest` and `bias` by factor."""
        return {
            "rows": [to_plain(row) for row in self.table],
            "passed": self.passed,
            "z_mean": self.mean,
            "z_spread": self.spread,
            "z_largest": float(np.abs(self.z).max()),
            "bias": {str(m): value for m, value in self.bias.items()},
        }

    def _text(self) -> str:
        count = len(self.table)
        worst = max(self.table, key=lambda row: abs(row["z"]))
        biases = ", ".join(f"{100 * value:.2g} %" for value in self.bias.values())
        verdict = "agrees" if self.passed else "DOES NOT AGREE"
        inputs = ", ".join(
            f"{name} {worst[name]:.4g}"
            for name in ("n_features", "n_samples", "ridge", "time")
            if worst.get(name) is not None
        )
        return (
            f"Simulation {verdict} with theory over {count} configuration"
            f"{'' if count == 1 else 's'}.\n"
            f"z-scores after the correction for finite size: mean {self.mean:.2f}, spread "
            f"{self.spread:.2f}, largest {abs(worst['z']):.1f} ({inputs}).\n"
            "Median difference before it, with sizes multiplied by 1, 2 and 4: " + biases + "."
        )


def configurations(count: int, seed: int = 20221) -> list[Configuration]:
    """Draw configurations: power laws and flat spectra, any sizes, ridges, noise and times.

    Left out is what has no finite variance (no ridge and T within 1 of N or M) or no loss.
    """
    rng = np.random.default_rng(seed)
    found: list[Configuration] = []
    while len(found) < count:
        M, N, T = (int(n) for n in np.exp(rng.uniform(np.log(10), np.log(_MOST_SIZE), 3)).round())
        alpha, flat = rng.uniform(0.1, 1.5), rng.random() < 0.1
        spectrum = Spectrum.from_eigenvalues(np.ones(M)) if flat else Spectrum.power_law(alpha, M)
        noise = float(rng.choice([0.0, 1e-3, 0.1]))
        per_sample = 10 ** rng.uniform(-4, 0) if rng.random() < 0.75 else 0.0
        time = float(10 ** rng.uniform(-0.5, 4)) if rng.random() < 0.3 else None
        one = Configuration(
            SolvableModel(spectrum, noise_var=noise), N, T, per_sample * N * T / M, time,
            "flat" if flat else f"alpha {alpha:.3g}",
        )  # fmt: skip
        square = min(abs(N - T), abs(min(N, M) - T)) <= 1  # samples as many as equations
        if per_sample == 0 and time is None and (square or (noise == 0 and min(N, T) >= M)):
            continue
        found.append(one)
    return found


def configurations_of(
    spectra: Sequence[tuple[Mapping[str, Any], Spectrum]],
    n_features: ArrayLike,
    n_samples: ArrayLike,
    *,
    ridge: ArrayLike | str = 0.0,
    time: ArrayLike | str | None = None,
    noise_var: Sequence[float] | Floats = (0.0,),
    weight_var: float = 1.0,
    feature_var: float = 1.0,
) -> list[Configuration]:
    """Give a configuration for every spectrum, noise and point of the broadcast other inputs."""
    found = []
    for named, spectrum in spectra:
        for noise in noise_var:
            model = SolvableModel(spectrum, float(noise), weight_var, feature_var)
            solution = model.solve(n_features, n_samples, ridge=ridge, time=time)
            found += [
                Configuration(
                    model,
                    int(row["n_features"]),
                    int(row["n_samples"]),
                    row["ridge"],
                    row.get("time"),
                    ", ".join(f"{name} {value:.4g}" for name, value in named.items()),
                )
                for row in solution.rows()
            ]
    return found


def verify(
    points: Sequence[Configuration] | None = None,
    *,
    quick: bool = False,
    seed: int = 0,
    store: str | Path | None = None,
    engine: Any = None,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Verification:
    """Simulate configurations at three sizes each, extrapolate, and compare with theory.

    Parameters
    ----------
    points : sequence of Configuration, optional
        What to verify; by default 320 stated ones (some minutes), or 40 where `quick`.
    seed : int
        Of the draws.
    store, engine, jobs, progress
        See `eigenscale.simulation.simulate.simulate`.

    Raises
    ------
    InputError
        Where theory gives no loss to compare with.

    Examples
    --------
    >>> verify(configurations(2)).passed
    True
    """
    points = configurations(QUICK if quick else FULL) if points is None else points
    theory = np.array([one.theory() for one in points])
    for one, loss in zip(points, theory, strict=True):
        if not 0 < loss < np.inf:
            raise InputError(
                f"n_features {one.n_features} and n_samples {one.n_samples} with ridge "
                f"{one.ridge:g} have a loss of {loss:g} in theory; verify where it is positive "
                "and finite"
            )
    requests = [
        one.request(factor, draws, seed)
        for one in points
        for factor, draws in zip(FACTORS, DRAWS, strict=True)
    ]
    found = answer(requests, store=store, engine=engine, jobs=jobs, progress=progress)
    losses = np.array([one.loss for one in found]).reshape(len(points), -1)
    errors = np.array([one.standard_error for one in found]).reshape(len(points), -1)
    weights = np.array(WEIGHTS)
    return Verification(
        tuple(
            _row(one, exact, float(mean @ weights), float(np.hypot.reduce(error * weights)), mean)
            for one, exact, mean, error in zip(points, theory, losses, errors, strict=True)
        )
    )


def _row(
    one: Configuration, theory: float, loss: float, error: float, means: Floats
) -> dict[str, Any]:
    return {
        "spectrum": one.name,
        "latent_dim": one.model.spectrum.latent_dim,
        "noise_var": one.model.noise_var,
        "n_features": one.n_features,
        "n_samples": one.n_samples,
        "ridge": one.ridge,
        "time": one.time,
        "loss": loss,
        "standard_error": error,
        "theory_loss": float(theory),
        "z": (loss - theory) / error,
        **{f"bias_{m}": float(mean / theory - 1) for m, mean in zip(FACTORS, means, strict=True)},
    }
