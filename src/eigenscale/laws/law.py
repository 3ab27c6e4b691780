"""What a law is: named parameters, an equation, and its derivatives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError

Columns = Sequence[Any]
Logs = Mapping[str, Floats]
Evaluation = tuple[Floats, Callable[[], list[Any]]]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a law.

    Attributes
    ----------
    name, meaning, unit : str
        As in the law's equation; what it stands for; what it is counted in.
    log : bool
        Fitted by its logarithm (scales), or as it is (floors, exponents).
    low, high : float
        Bounds of the value, for parameters fitted as they are. Scales are bounded by
        what they contribute to the loss at the centre of the runs.
    """

    name: str
    meaning: str = ""
    unit: str = ""
    log: bool = False
    low: float = 0.0
    high: float = inf


def floor(meaning: str = "loss that no model of this kind gets below") -> Parameter:
    """Describe the constant E of a law, zero or more."""
    return Parameter("E", meaning, "loss")


def scale(name: str, meaning: str, unit: str = "") -> Parameter:
    """Describe a positive factor, known by its order of magnitude."""
    return Parameter(name, meaning, unit, log=True)


def exponent(name: str, meaning: str, high: float = 5.0) -> Parameter:
    """Describe the power of an input, from 0 to `high`."""
    return Parameter(name, meaning, "", low=0.0, high=high)


@dataclass(frozen=True)
class Centre:
    """Says that log `scale` moves by `weight` × `exponent` × the mean log of `input`.

    With ``A / N**alpha`` the pair (log A, alpha) lies on a ridge; the pair
    (log A − alpha · mean log N, alpha) does not. `exponent` None is a plain shift, with the
    scale no further than `beyond` logs outside of what `input` spans.
    """

    scale: str
    input: str
    exponent: str | None = None
    weight: float = -1.0
    beyond: float = 200.0


@dataclass(frozen=True, eq=False)
class Law:
    """A formula for the loss (or a score) with named parameters.

    Attributes
    ----------
    name, equation, source : str
        The name it is asked for by, the formula, and where it was published.
    inputs : tuple of str
        Columns of the runs that it needs, all positive.
    parameters : tuple of Parameter
        In the order of every ``theta``.
    evaluate : callable
        ``evaluate(columns, logs) -> (value, partials)``. `columns` are the parameters, each
        ready to broadcast against the inputs, whose logarithms are in `logs`. ``partials()``
        lists the derivatives, by log parameter where `Parameter.log`.
    starts : callable or None
        ``starts(logs, loss, fixed) -> (S, p)``: where to begin a fit. None: by `linear`.
    linear : tuple of str
        Parameters that the value is linear in, eliminated when starts are sought.
    grid : mapping of str to tuple of float
        Values of the other parameters to try.
    centre : tuple of Centre
        How scales and exponents are separated, see `Centre`.
    label : str
        The column that is predicted: ``loss`` or ``score``.
    tidy : callable or None
        ``tidy(theta) -> theta``: the same law in the one of its spellings that is shown.
    """

    name: str
    equation: str
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    evaluate: Callable[[Columns, Logs], Evaluation]
    source: str = ""
    starts: Callable[[Logs, Floats, Mapping[str, float]], Floats] | None = None
    linear: tuple[str, ...] = ()
    grid: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    centre: tuple[Centre, ...] = ()
    label: str = "loss"
    tidy: Callable[[Floats], Floats] | None = None

    def __repr__(self) -> str:
        return f"Law({self.name}: {self.equation})"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(p.name for p in self.parameters)

    def index(self, name: str) -> int:
        """Position of a parameter; `InputError` where the law has none of that name."""
        if name not in self.names:
            raise InputError(
                f"{self.name} has no parameter {name!r}; its parameters are {', '.join(self.names)}"
            )
        return self.names.index(name)

    def columns(self, theta: ArrayLike, ndim: int) -> list[Floats]:
        """Parameters of shape (..., p) as p arrays that broadcast against `ndim` axes."""
        theta = np.asarray(theta, dtype=float)
        if theta.shape[-1:] != (len(self.parameters),):
            raise InputError(
                f"theta has shape {theta.shape}; its last axis holds the {len(self.parameters)} "
                f"parameters {', '.join(self.names)} of {self.name}"
            )
        shape = theta.shape[:-1] + (1,) * ndim
        return [theta[..., i].reshape(shape) for i in range(theta.shape[-1])]

    def logs(self, inputs: Mapping[str, ArrayLike]) -> dict[str, Floats]:
        """Logarithms of the inputs that the law needs, broadcast against each other."""
        missing = [name for name in self.inputs if inputs.get(name) is None]
        if missing:
            raise InputError(
                f"{self.name} needs {' and '.join(missing)}, which is not there; "
                f"its inputs are {', '.join(self.inputs)}"
            )
        arrays = [np.asarray(inputs[name], dtype=float) for name in self.inputs]
        for name, values in zip(self.inputs, arrays, strict=True):
            wrong = ~(values > 0)
            if wrong.any():
                raise InputError(
                    f"{name} has {values[wrong].flat[0]:g}; inputs of a law are positive; "
                    "drop the point or mend the value"
                )
        full = np.broadcast_arrays(*(np.log(values) for values in arrays))
        return dict(zip(self.inputs, full, strict=True))

    def predict(self, theta: ArrayLike, **inputs: ArrayLike) -> Floats:
        """Value of the law.

        Parameters
        ----------
        theta : array, shape (..., p)
            Parameters in the order of `names`; leading axes are draws.
        **inputs : arrays
            One per name in `inputs`; they broadcast.

        Returns
        -------
        array, shape (..., *inputs)

        Raises
        ------
        InputError
            An input is missing or not positive.

        Examples
        --------
        >>> from eigenscale.laws.registry import get
        >>> law = get("chinchilla")
        >>> theta = [1.69, 406.4, 410.7, 0.34, 0.28]
        >>> float(law.predict(theta, params=70e9, tokens=1.4e12).round(4))
        1.9366
        """
        logs = self.logs(inputs)
        ndim = next(iter(logs.values())).ndim
        with np.errstate(over="ignore"):
            return np.asarray(self.evaluate(self.columns(theta, ndim), logs)[0])

    def jacobian(self, theta: ArrayLike, **inputs: ArrayLike) -> Floats:
        """Differentiate the value by the parameters themselves, shape (..., *inputs, p)."""
        logs = self.logs(inputs)
        columns = self.columns(theta, next(iter(logs.values())).ndim)
        value, partials = self.evaluate(columns, logs)
        natural = [
            np.broadcast_to(d / c if p.log else d, value.shape)
            for d, c, p in zip(partials(), columns, self.parameters, strict=True)
        ]
        return np.stack(natural, axis=-1)

    def renamed(self, **changes: Any) -> "Law":
        """Copy with some attributes changed."""
        return replace(self, **changes)
