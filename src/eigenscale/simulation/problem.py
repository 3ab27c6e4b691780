"""What is drawn: a spectrum and its target, sizes, a feature map; and what a draw takes."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.simulation.decomposition import Form, linear_form
from eigenscale.simulation.devices import on_device
from eigenscale.simulation.draws import Streams, draw_linear
from eigenscale.simulation.maps import LatentMap
from eigenscale.simulation.sampled import TARGET_WIDTH, sampled_form
from eigenscale.spectrum import Spectrum

MAX_MODES = 20_000
VERSION = 2
"""Of the numbers that a draw gives; a store keeps what other versions gave apart."""

Precision = Literal["float64", "float32"]
_BLOCK = 4e6  # numbers held by one batch of draws: 32 MB


@dataclass(frozen=True, eq=False)
class Modes:
    """Eigenvalue λ_J and target power v_J² of every single mode, shape (M,) each."""

    eigenvalues: Floats
    power: Floats

    @classmethod
    def of(cls, spectrum: Spectrum, weight_var: float = 1.0) -> "Modes":
        """Take a spectrum apart.

        Raises
        ------
        InputError
            Where there are more than 20,000 modes, or parts of one.
        """
        counts = spectrum.multiplicities
        if spectrum.latent_dim > MAX_MODES or (counts != np.rint(counts)).any():
            raise InputError(
                f"latent_dim {spectrum.latent_dim:g} cannot be drawn; simulation takes at most "
                f"{MAX_MODES:,} whole modes; lower it"
            )
        whole = counts.astype(int)
        power = np.repeat(spectrum.power(weight_var), whole)
        return cls(np.repeat(spectrum.eigenvalues, whole), power)

    @cached_property
    def rank(self) -> int:
        """Number of modes with a positive eigenvalue."""
        return int((self.eigenvalues > 0).sum())

    @cached_property
    def loss_untrained(self) -> float:
        """½ Σ v_J², the loss of a student that predicts 0."""
        return 0.5 * float(self.power.sum())

    @cached_property
    def digest(self) -> str:
        """Name of the numbers, by twelve digits of each: the last bit depends on the machine."""
        rounded = [f"{value:.11e}" for part in (self.eigenvalues, self.power) for value in part]
        return hashlib.sha256(" ".join(rounded).encode()).hexdigest()[:24]


@dataclass(frozen=True, eq=False)
class Problem:
    """Models of one size on one spectrum, to be drawn and solved.

    Attributes
    ----------
    modes : Modes
        Of the latent data and the target.
    n_features, n_samples : int
        N and T.
    latent_map : LatentMap or None
        Nonlinear features; None for linear ones.
    precision : {"float64", "float32"}
        Of the random numbers and of the products with M terms; decompositions are float64.
    test_samples : int
        Test points of a draw with nonlinear features.
    target_map : LatentMap or None
        What the target is linear in; None for the modes.
    device : str or None
        Of torch, for linear features; None for NumPy.
    """

    modes: Modes
    n_features: int
    n_samples: int
    latent_map: LatentMap | None = None
    precision: Precision = "float64"
    test_samples: int = 0
    target_map: LatentMap | None = None
    device: str | None = None

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that the numbers of a draw follow from, but for the seed."""
        nonlinear: dict[str, Any] = {}
        if self.latent_map is not None:
            nonlinear = self.latent_map.identity | {"test_samples": self.test_samples}
        if self.target_map is not None:
            target = self.target_map.identity
            nonlinear |= {f"target_{name}": value for name, value in target.items()}
        return {
            "modes": self.modes.digest,
            "latent_dim": self.modes.eigenvalues.size,
            "n_features": self.n_features,
            "n_samples": self.n_samples,
            "precision": self.precision,
            **({} if self.device is None else {"device": self.device}),
            **nonlinear,
        }

    @property
    def key(self) -> tuple[Any, ...]:
        """The same for problems that are the same in one sweep."""
        sizes = (self.n_features, self.n_samples, self.test_samples)
        maps = (
            None if one is None else (one.name, one.depth, one.function)
            for one in (self.latent_map, self.target_map)
        )
        return id(self.modes), *sizes, self.precision, self.device, *maps

    @property
    def held(self) -> float:
        """Numbers that one draw holds at most, all arrays counted."""
        M, N, T = (float(n) for n in (self.modes.eigenvalues.size, self.n_features, self.n_samples))
        kept = min(N, T)
        square = 3.0 * N * T + 8.0 * kept**2
        if self.latent_map is None:
            return M * (N + T + 2 * min(kept, M)) + square
        tested = self.test_samples * (3 * M + 3 * N)
        if self.target_map is not None:
            tested += 2.0 * TARGET_WIDTH * (self.test_samples + T + TARGET_WIDTH)
        return M * (N + 2 * T + 2 * kept) + square + tested + self.latent_map.depth * N**2

    @property
    def work(self) -> float:
        """Floating-point operations of one draw, roughly: what progress counts."""
        M, N, T = self.modes.eigenvalues.size, self.n_features, self.n_samples
        kept = min(N, T)
        linear = 2.0 * M * (N * T + kept * (N + T + kept)) + 40.0 * kept**3 + 2.0 * N * T * kept
        return linear + 20.0 * M * (N + T) + 2.0 * self.test_samples * (M + kept) * (N + M) + 1e5

    @property
    def batch(self) -> int:
        """Draws that are solved at once."""
        return 1 if self.latent_map is not None else max(1, int(_BLOCK / self.held))

    def forms(self, seed: int, draws: range) -> list[Form]:
        """Draw and reduce several draws, all at once or one by one."""
        streams = Streams(seed, (self.modes.eigenvalues.size, self.n_features, self.n_samples))
        sizes = (self.n_features, self.n_samples)
        values, power = (
            part.astype(self.precision) for part in (self.modes.eigenvalues, self.modes.power)
        )
        if self.latent_map is None:
            drawn = on_device(draw_linear(streams, draws, *sizes, np.sqrt(values)), self.device)
            return [linear_form(*drawn, self.modes.power, self.modes.rank)]
        return [
            sampled_form(
                streams,
                draw,
                *sizes,
                values,
                power,
                self.latent_map,
                self.target_map,
                self.test_samples,
            )
            for draw in draws
        ]
