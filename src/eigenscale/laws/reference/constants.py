"""Published laws as named constants, each with its source, units and way of counting."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.law import Law
from eigenscale.laws.reference.literature import LOSS_LAWS, RULES
from eigenscale.laws.surface import surface_loss
from eigenscale.results import Result
from eigenscale.surface import Provenance


@dataclass(frozen=True, eq=False)
class PublishedLaw(Result):
    """A law with the constants that somebody published; a loss surface without uncertainty.

    Attributes
    ----------
    name : str
    law : Law
    theta : array, shape (p,)
        The constants in the order of ``law.names``, in params, tokens and FLOPs.
    source, units, counting : str
        Where they come from, what the originals are counted in, and what counts as a parameter.

    Examples
    --------
    >>> hoffmann = published("hoffmann")
    >>> hoffmann.parameters["alpha"]
    0.34
    >>> float(hoffmann.loss(70e9, 1.4e12).round(4))
    1.9366
    """

    name: str
    law: Law
    theta: Floats
    source: str
    units: str
    counting: str

    size_name = "params"
    data_name = "tokens"

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={value:.6g}" for key, value in self.parameters.items())
        return f"PublishedLaw({self.name}: {self.law.equation}; {shown})"

    @property
    def parameters(self) -> dict[str, float]:
        """The constants by name."""
        return {k: float(v) for k, v in zip(self.law.names, self.theta, strict=True)}

    def predict(self, **inputs: ArrayLike) -> Floats:
        """Value of the law at its own inputs, which broadcast."""
        self._need_all()
        return self.law.predict(self.theta, **inputs)

    def loss(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """Loss of `size` params on `data` fresh tokens."""
        if self.law.label != "loss":
            raise InputError(
                f"{self.name} gives the {self.law.label}, not the loss; take a law such as hoffmann"
            )
        self._need_all()
        return surface_loss(self.law, self.theta, size, data)

    def loss_draws(self, size: ArrayLike, data: ArrayLike, /) -> Floats:
        """No draws: the constants were published without any. Shape (0, *broadcast)."""
        return np.empty((0, *np.shape(self.loss(size, data))))

    def provenance(self) -> Provenance:
        """Say where this surface comes from, for planning."""
        return Provenance(
            self.name, self.law.name, self.law.inputs, theta=self.theta, counting=self.counting
        )

    def _need_all(self) -> None:
        unknown = [name for name, value in self.parameters.items() if np.isnan(value)]
        if unknown:
            raise InputError(
                f"{self.name} was published without {', '.join(unknown)}: it has exponents to "
                "compare with, but predicts no value; take a law such as hoffmann"
            )

    def to_dict(self) -> dict[str, object]:
        """Plain form."""
        return {
            "name": self.name,
            "law": self.law.name,
            "parameters": self.parameters,
            "source": self.source,
            "units": self.units,
            "counting": self.counting,
        }


_PUBLISHED = {
    name: PublishedLaw(name, law, np.array(theta, dtype=float), source, units, counting)
    for name, law, theta, source, units, counting in LOSS_LAWS + RULES
}


def published_names() -> tuple[str, ...]:
    """Names that `published` knows."""
    return tuple(_PUBLISHED)


def published(name: str) -> PublishedLaw:
    """Give the published law of that name.

    Raises
    ------
    InputError
        There is none; the message lists what there is.
    """
    if name not in _PUBLISHED:
        raise InputError(
            f"constants {name!r} are unknown; published laws are {', '.join(_PUBLISHED)}"
        )
    return _PUBLISHED[name]
