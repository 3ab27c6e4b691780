"""What the planner knows of a loss surface: its law in closed form, its draws, its range."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.reference.constants import published
from eigenscale.planning.surfaces.additive import AdditiveLaw, additive
from eigenscale.surface import LossSurface, Provenance, TracedSurface
from eigenscale.text.words import cost_unit


@dataclass(frozen=True, eq=False)
class Known:
    """A surface with what speeds planning up and what limits its trust.

    Attributes
    ----------
    surface : LossSurface
    origin : Provenance
        Where it comes from.
    best, draws : AdditiveLaw or None
        The estimate and its draws, coefficients (draws, 1), where the optimum has a closed form.
    is_additive : bool
        `best` gives the loss everywhere, not only at the optimum.
    """

    surface: LossSurface
    origin: Provenance
    best: AdditiveLaw | None = None
    draws: AdditiveLaw | None = None
    is_additive: bool = True

    @property
    def name(self) -> str:
        """For sentences: ``"chinchilla, fitted to 240 runs"``."""
        return self.origin.name

    @property
    def size_name(self) -> str:
        """What size counts, as ``"params"``."""
        return self.surface.size_name

    @property
    def data_name(self) -> str:
        """What data count, as ``"tokens"``."""
        return self.surface.data_name

    @property
    def cost_unit(self) -> str:
        """What compute is counted in."""
        return cost_unit(self.size_name, self.data_name)

    @property
    def is_theory(self) -> bool:
        """Whether the surface was solved rather than fitted or published."""
        return self.origin.latent_dim is not None

    @property
    def measured(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest size, data and flops among the runs."""
        runs = self.origin.runs
        known = {name: (float(v.min()), float(v.max())) for name, v in runs.items()}
        return known or dict(self.origin.ranges)

    @property
    def n_draws(self) -> int:
        """How many draws say what is uncertain."""
        if self.draws is not None:
            return int(self.draws.alpha.size)
        return int(np.shape(self.surface.loss_draws(1.0, 1.0))[0])

    def loss(self, log_size: Floats, log_data: Floats) -> Floats:
        """Best estimate from logarithms of size and data; infinite where data are none."""
        if self.best is not None and self.is_additive:
            return self.best.loss_of_logs(log_size, log_data)
        size, data, payable = _positive(log_size, log_data)
        return np.where(payable, self.surface.loss(size, data), np.inf)

    def loss_draws(self, log_size: Floats, log_data: Floats) -> Floats:
        """Draws of the loss, shape (draws, *shape); no draws where nothing is uncertain."""
        size, data, payable = _positive(log_size, log_data)
        return np.where(payable, self.surface.loss_draws(size, data), np.inf)


def _positive(log_size: Floats, log_data: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    size, data = np.broadcast_arrays(np.exp(log_size), np.exp(log_data))
    payable = data > 0
    return size, np.where(payable, data, 1.0), payable


def known(surface: Any) -> Known:
    """Look at a surface, a fit, or the name of published constants.

    Raises
    ------
    InputError
        The name is unknown, or the thing gives no loss for size and data.
    """
    if isinstance(surface, Known):
        return surface
    if isinstance(surface, str):
        surface = published(surface)
    if not isinstance(surface, LossSurface):
        raise InputError(
            f"{type(surface).__name__} is no loss surface; give a fit, the name of published "
            "constants such as 'hoffmann', or anything with loss(size, data)"
        )
    if not isinstance(surface, TracedSurface):
        return Known(surface, Provenance(type(surface).__name__))
    origin = surface.provenance()
    _check(origin)
    theta, draws = origin.theta, origin.draws
    return Known(
        surface=surface,
        origin=origin,
        best=None if theta is None else additive(origin.law, theta),
        draws=None if draws is None else additive(origin.law, draws[:, None, :]),
        is_additive=origin.law != "data-constrained",
    )


def _check(origin: Provenance) -> None:
    """Refuse constants that were not published, and a law that does not see both resources."""
    if origin.theta is not None and not np.all(np.isfinite(origin.theta)):
        raise InputError(
            f"{origin.name} has constants that were not published, so it gives no "
            "loss; take a law with all of them, such as hoffmann"
        )
    if origin.inputs and not {"params", "tokens"} <= set(origin.inputs):
        raise InputError(
            f"{origin.name} depends on {' and '.join(origin.inputs)} alone, so it "
            "cannot choose between size and data; take a law in params and tokens, as chinchilla"
        )
