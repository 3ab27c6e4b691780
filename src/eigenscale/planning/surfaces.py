"""What the planner knows of a loss surface: its law in closed form, its draws, its range."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.planning.optimum.additive import AdditiveLaw
from eigenscale.planning.optimum.budget import TRAINING
from eigenscale.text.words import cost_unit

if TYPE_CHECKING:
    from eigenscale.surface import LossSurface


_TINY = 1e-12  # an exponent or a factor that a bootstrap draw put at zero


@dataclass(frozen=True, eq=False)
class Known:
    """A surface with what speeds planning up and what limits its trust.

    Attributes
    ----------
    surface : LossSurface
    name : str
        For sentences: ``"chinchilla, fitted to 240 runs"``.
    best, draws : AdditiveLaw or None
        The estimate and its draws, coefficients (draws, 1), where the optimum has a closed form.
    is_additive : bool
        `best` gives the loss everywhere, not only at the optimum.
    runs : mapping of str to (n,)
        Size, data and ``"flops"`` of the runs, by their names here, where there are runs.
    extent : mapping of str to (low, high)
        The same as ranges, for a fit that was saved without its runs.
    """

    surface: "LossSurface"
    name: str
    best: AdditiveLaw | None = None
    draws: AdditiveLaw | None = None
    is_additive: bool = True
    runs: Mapping[str, Floats] = field(default_factory=dict)
    extent: Mapping[str, tuple[float, float]] = field(default_factory=dict)

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
        return hasattr(self.surface, "model")

    @property
    def measured(self) -> dict[str, tuple[float, float]]:
        """Smallest and largest size, data and flops among the runs."""
        known = {name: (float(v.min()), float(v.max())) for name, v in self.runs.items()}
        return known or dict(self.extent)

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
        from eigenscale.laws.constants import published

        surface = published(surface)
    if not callable(getattr(surface, "loss", None)) or not hasattr(surface, "size_name"):
        raise InputError(
            f"{type(surface).__name__} is no loss surface; give a fit, the name of published "
            "constants such as 'hoffmann', or anything with loss(size, data)"
        )
    law, theta, draws = _parameters(surface)
    _check_inputs(surface)
    return Known(
        surface=surface,
        name=_name(surface, law),
        best=None if theta is None else additive(law, theta),
        draws=None if draws is None else additive(law, draws[:, None, :]),
        is_additive=law != "data-constrained",
        runs=_runs(surface),
        extent=_extent(surface),
    )


def _parameters(surface: Any) -> tuple[str, Floats | None, Floats | None]:
    """Name of the law, its parameters and their draws, as far as the surface has them."""
    law, theta = getattr(surface, "law", None), getattr(surface, "theta", None)
    if law is None or theta is None:
        return "", None, None
    if not np.all(np.isfinite(theta)):
        raise InputError(
            f"{_name(surface, law.name)} has constants that were not published, so it gives no "
            "loss; take a law with all of them, such as hoffmann"
        )
    draws = getattr(surface, "draws", None)
    some = draws is not None and np.ndim(draws) == 2 and len(draws) > 0
    return law.name, np.asarray(theta), np.asarray(draws) if some else None


def _check_inputs(surface: Any) -> None:
    """Refuse a law that does not see both size and data: it cannot choose between them."""
    inputs = getattr(getattr(surface, "law", None), "inputs", None)
    if inputs is not None and not {"params", "tokens"} <= set(inputs):
        raise InputError(
            f"{_name(surface, surface.law.name)} depends on {' and '.join(inputs)} alone, so it "
            "cannot choose between size and data; take a law in params and tokens, as chinchilla"
        )


def additive(law: str, theta: ArrayLike) -> AdditiveLaw | None:
    """Find the closed form of a law by name, with parameters in the order of the law.

    Parameters
    ----------
    law : str
    theta : (…, p)
        Leading axes are draws.

    Returns
    -------
    AdditiveLaw or None
        None where the law has no closed form over size and data.
    """
    columns = np.maximum(np.moveaxis(np.asarray(theta, dtype=np.float64), -1, 0), _TINY)
    if law == "chinchilla":
        E, A, B, alpha, beta = columns
        return AdditiveLaw.of(floor=E, a=A, b=B, alpha=alpha, beta=beta)
    if law == "data-constrained":  # as long as every token is fresh
        E, A, B, alpha, beta = columns[:5]
        return AdditiveLaw.of(floor=E, a=A, b=B, alpha=alpha, beta=beta)
    if law == "chinchilla-tied":
        E, A, B, alpha = columns
        return AdditiveLaw.of(floor=E, a=A, b=B, alpha=alpha, beta=alpha)
    if law == "over-training":  # Gadre's, with C = 6 N D
        E, a, b, eta = columns
        return AdditiveLaw.of(floor=E, a=a * 6**-eta, b=b * 6**-eta, alpha=2 * eta, beta=2 * eta)
    if law == "kaplan":
        N_c, D_c, alpha_N, alpha_D = columns
        ratio = alpha_N / alpha_D
        one, none = np.ones_like(ratio), np.zeros_like(ratio)
        return AdditiveLaw(none, ratio * np.log(N_c), ratio, np.log(D_c), one, alpha_D)
    return None


def _name(surface: Any, law: str) -> str:
    if hasattr(surface, "model"):
        return "the solvable model"
    n_runs = getattr(surface, "n_runs", None)
    if n_runs is not None and not hasattr(surface, "members"):
        return f"{law or 'a law'}, fitted to {n_runs} runs"
    return str(getattr(surface, "name", type(surface).__name__))


def _runs(surface: Any) -> dict[str, Floats]:
    """Size, data and compute of the runs that a fit kept."""
    inputs = getattr(getattr(surface, "table", None), "inputs", {})
    size, data = inputs.get("params"), inputs.get("tokens")
    if size is None or data is None or not len(size):
        return {}
    if (surface.size_name, surface.data_name) == ("params", "tokens"):
        flops = inputs.get("flops", TRAINING * size * data)
    else:  # features × samples: compute is their product, as in `Limits.budget`
        flops = size * data
    return {surface.size_name: size, surface.data_name: data, "flops": flops}


def _extent(surface: Any) -> dict[str, tuple[float, float]]:
    """Ranges of size, data and compute that a fit saved without its runs remembers."""
    ranges = getattr(getattr(surface, "measured", None), "ranges", {})
    names = (surface.size_name, surface.data_name)
    compute = "flops" if names == ("params", "tokens") else "product"
    known = {names[0]: "params", names[1]: "tokens", "flops": compute}
    return {name: ranges[column] for name, column in known.items() if column in ranges}
