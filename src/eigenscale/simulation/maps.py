"""Nonlinear feature maps of latent data: random layers with any activation.

The first layer is φ = σ(u x) with inputs to σ of unit variance on average; further layers take the
last one's features in. Every layer is scaled to a mean square of 1 per feature for standard normal
inputs, and the last one to that of linear features, so that a ridge weighs as much in every map.
"""

import hashlib
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.spectra.features import ACTIVATIONS as _OF_DATA

ACTIVATIONS: dict[str, Callable[[Floats], Any]] = {
    **{name: function for name, function in _OF_DATA.items() if name != "cos"},
    "quadratic": np.square,
}
"""Name -> function of an array, element by element."""

_MOST_LAYERS = 32


@dataclass(frozen=True)
class LatentMap:
    """Layers of random features with one activation.

    Attributes
    ----------
    name : str
        Of the activation.
    depth : int
        Number of layers, each as wide as the number of features.
    function : callable
        The activation: an array to an array of the same shape, element by element.

    Examples
    --------
    >>> LatentMap.of("relu:2")
    LatentMap(name='relu', depth=2)
    """

    name: str
    depth: int
    function: Callable[[Floats], Any] = field(repr=False, compare=False)

    @classmethod
    def of(cls, wanted: "str | Callable[[Floats], Any] | LatentMap | None") -> "LatentMap | None":
        """Read ``relu``, ``relu:2`` (two layers), ``module:function`` or a function of one's own.

        None and ``linear`` with one layer give None: linear features, which need no test points.

        Raises
        ------
        InputError
            For a name that is not known, a depth outside 1 to 32, or a function that does not
            give an array of finite numbers of the same shape.
        """
        if wanted is None or isinstance(wanted, LatentMap):
            return wanted
        if callable(wanted):
            return cls(getattr(wanted, "__qualname__", type(wanted).__name__), 1, wanted)._checked()
        name, depth = _name_and_depth(wanted)
        if name in ACTIVATIONS:
            found = cls(name, depth, ACTIVATIONS[name])
        elif ":" in name:
            found = cls(name, depth, _imported(name))
        else:
            raise InputError(
                f"map {wanted!r} is not known; use {', '.join(sorted(ACTIVATIONS))}, "
                "module:function or, in Python, a function"
            )
        return None if found == cls("linear", 1, found.function) else found._checked()

    @classmethod
    def linear(cls) -> "LatentMap":
        """Linear features, whose loss is then measured on test points as that of others is."""
        return cls("linear", 1, ACTIVATIONS["linear"])

    def _checked(self) -> "LatentMap":
        """Return the map where its activation works; `gain` says what is wrong with it."""
        assert self.gain > 0
        return self

    @cached_property
    def gain(self) -> float:
        """1/√E σ(z)² for standard normal z: what scales features to a mean square of 1."""
        z = np.linspace(-12.0, 12.0, 24_001)  # with 0, where many activations have their kink
        weights = np.exp(-0.5 * z**2)
        square = float(np.sum(weights * self(z) ** 2) / weights.sum())
        if not 0 < square < np.inf:
            raise InputError(
                f"map {self.name} has a mean square of {square:g} for standard normal inputs; "
                "it is positive and finite; give another activation"
            )
        return float(1.0 / np.sqrt(square))

    def __call__(self, values: Floats) -> Floats:
        """Apply the activation, and check what it gives."""
        try:
            found = np.asarray(self.function(values))
        except Exception as error:
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:120]
            raise InputError(f"map {self.name} fails ({reason}); mend the function") from error
        if found.shape != values.shape or found.dtype.kind not in "fiub":
            raise InputError(
                f"map {self.name} gives shape {found.shape} and dtype {found.dtype} for an array "
                f"of shape {values.shape}; it gives a real number for each number"
            )
        if not np.isfinite(found).all():
            raise InputError(f"map {self.name} gives numbers that are not finite; use another")
        return found.astype(values.dtype, copy=False)

    def features(self, inputs: Floats, deeper: Sequence[Floats]) -> Floats:
        """Features (n, N) of inputs (n, N) of unit variance, by weights (N, N) of each layer."""
        gain, width = inputs.dtype.type(self.gain), inputs.dtype.type(inputs.shape[-1] ** 0.5)
        found = gain * self(inputs)
        for weights in deeper:
            found = gain * self(found @ weights / width)
        return found

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Tell this map from every other in a store: name, depth, and the code of own functions."""
        if self.name in ACTIVATIONS and self.function is ACTIVATIONS[self.name]:
            return {"map": self.name, "depth": self.depth}
        code = getattr(self.function, "__code__", None)
        if code is None or getattr(self.function, "__closure__", None):
            raise InputError(
                f"map {self.name} holds values of its own, so that a store cannot tell it from "
                "others; give a plain function, or leave the store out"
            )
        digest = hashlib.sha256(repr(_content(code)).encode()).hexdigest()[:16]
        return {"map": self.name, "depth": self.depth, "code": digest}


def _content(code: CodeType) -> tuple[Any, ...]:
    """Give what a function does, wherever it stands: its code, constants and names."""
    constants = [_content(one) if isinstance(one, CodeType) else one for one in code.co_consts]
    return code.co_code.hex(), tuple(constants), code.co_names


def _name_and_depth(text: str) -> tuple[str, int]:
    name, _, depth = text.strip().rpartition(":")
    if not name or not depth.isdecimal():
        return text.strip(), 1
    if not 1 <= int(depth) <= _MOST_LAYERS:
        raise InputError(f"map {text!r} has {depth} layers; it has 1 to {_MOST_LAYERS}")
    return name, int(depth)


def _imported(name: str) -> Callable[[Floats], Any]:
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            f"map {name!r} cannot be imported ({error}); write module:function of a module that "
            "Python finds"
        ) from None
    if not callable(found):
        raise InputError(f"map {name!r} is not a function; write module:function")
    return found  # type: ignore[no-any-return]
