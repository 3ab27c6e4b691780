"""Random features computed on the way: the spectrum beyond the inputs, without storing them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from typing import Any

import numpy as np

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.source import Source, mapped

PILOT_ROWS = 1024
_MAX_WIDTH = 2**20
_MAX_WEIGHTS = 4 * 10**9  # bytes


def _erf(x: Array) -> Array:
    from scipy.special import erf

    return np.asarray(erf(x))


def _gelu(x: Array) -> Array:
    from scipy.special import ndtr

    return np.asarray(x * ndtr(x))


def _sigmoid(x: Array) -> Array:
    from scipy.special import expit

    return np.asarray(expit(x))


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "erf": _erf,
    "gelu": _gelu,
    "silu": lambda x: x * _sigmoid(x),
    "sigmoid": _sigmoid,
    "sign": np.sign,
    "abs": np.abs,
    "cos": np.cos,
    "linear": lambda x: x,
}
_HALVED = ("relu", "gelu", "silu")  # which lose about half of the variance of what they are given


@dataclass(frozen=True)
class FeatureMap:
    """Random layers: `name` of the activation, `width` of each layer, `depth` layers.

    Inputs are centred and scaled to root mean square 1 by the first 1,024 rows; each layer is
    ``activation(x W / √n)`` with standard normal W, twice the variance for relu, and a uniform
    phase for cos. The last layer is divided by √width, so that the spectrum tends to that of the
    kernel as the width grows.

    Examples
    --------
    >>> FeatureMap.parse("relu:4096")
    FeatureMap(name='relu', width=4096, depth=1)
    """

    name: str
    width: int
    depth: int = 1

    @classmethod
    def parse(cls, text: str) -> "FeatureMap":
        """Read ``name:width`` or ``name:width:depth``.

        Raises
        ------
        InputError
            For an unknown name, or a width or depth that is not a positive whole number.
        """
        name, *sizes = text.split(":")
        if name not in ACTIVATIONS:
            raise InputError(
                f"features {text!r}: {name!r} is not known; use {', '.join(ACTIVATIONS)}"
            )
        if not 1 <= len(sizes) <= 2 or not all(s.isdecimal() and int(s) > 0 for s in sizes):
            raise InputError(
                f"features {text!r} is not name:width; write it as relu:4096 or relu:4096:2"
            )
        width, depth = int(sizes[0]), int(sizes[1]) if len(sizes) == 2 else 1
        if width > _MAX_WIDTH or depth > 32:
            raise InputError(
                f"features {text!r} is too large; the width goes to {_MAX_WIDTH}, the depth to 32"
            )
        return cls(name, width, depth)

    def draw(self, n_inputs: int, rng: int | np.random.Generator) -> "DrawnMap":
        """Draw the weights; the same seed gives the same map."""
        self._check_weights(n_inputs)
        generator = np.random.default_rng(rng)
        gain = np.sqrt(2.0 if self.name in _HALVED else 1.0)
        sizes = [n_inputs] + [self.width] * self.depth
        weights, phases = [], []
        for before, after in pairwise(sizes):
            matrix = generator.standard_normal((before, after), dtype=np.float32)
            weights.append(matrix * np.float32(gain / np.sqrt(before)))
            turn = generator.uniform(0, 2 * np.pi, after).astype(np.float32)
            phases.append(turn if self.name == "cos" else np.zeros(after, np.float32))
        return DrawnMap(self, tuple(weights), tuple(phases))

    def _check_weights(self, n_inputs: int) -> None:
        need = 4 * self.width * (n_inputs + (self.depth - 1) * self.width)
        if need > _MAX_WEIGHTS:
            raise InputError(
                f"features {self.name}:{self.width}:{self.depth} of {n_inputs:,} inputs have "
                f"{need / 1e9:.3g} GB of weights, more than the {_MAX_WEIGHTS / 1e9:.3g} GB that "
                "are allowed; ask for fewer"
            )


@dataclass(frozen=True, eq=False)
class DrawnMap:
    """A feature map with its weights; call it with standardised rows."""

    of: FeatureMap
    weights: tuple[Array, ...]
    phases: tuple[Array, ...]

    def __call__(self, rows: Array) -> Array:
        """Features of rows, shapes (n, n_inputs) → (n, width), in float32."""
        act = ACTIVATIONS[self.of.name]
        x = rows.astype(np.float32, copy=False)
        for matrix, phase in zip(self.weights, self.phases, strict=True):
            x = act(x @ matrix + phase)
        return np.asarray(x * np.float32(self.of.width**-0.5), dtype=np.float32)


def featured(
    source: Source,
    features: FeatureMap | str | Callable[[Array], Any],
    rng: int | np.random.Generator = 0,
) -> Source:
    """Put a feature map behind a source; nothing but one block is in memory at once.

    Rows that are not finite stay so, whatever the map makes of infinity.
    """
    wanted = FeatureMap.parse(features) if isinstance(features, str) else features
    head, source = peek(source, PILOT_ROWS)
    clean = head[np.isfinite(head).all(axis=1)]
    if not len(clean) or not np.ptp(clean, axis=0).any():
        raise InputError(
            f"{source.name} does not vary in its first {len(head)} rows, which scale the features"
        )
    if isinstance(wanted, FeatureMap):
        function, width = _standardised(wanted.draw(source.n_columns, rng), clean), wanted.width
        note = f"{width} random {wanted.name} features, {wanted.depth} deep"
    else:
        function = _own(wanted, source.name)
        width = function(clean[:2]).shape[1]
        note = f"{width} features by {getattr(wanted, '__name__', 'a function')}"
    return mapped(source, _finite_only(function, width), width, note)


def _standardised(drawn: DrawnMap, pilot: Array) -> Callable[[Array], Array]:
    """Centre and scale rows as the pilot rows ask for, then map them."""
    rows = pilot.astype(np.float64)
    mean = rows.mean(axis=0)
    factor = np.float32(1 / np.sqrt(np.mean((rows - mean) ** 2)))
    centre = mean.astype(np.float32)
    return lambda block: drawn((block.astype(np.float32, copy=False) - centre) * factor)


def _own(function: Callable[[Array], Any], name: str) -> Callable[[Array], Array]:
    """Check what a map of the caller's own gives."""

    def apply(block: Array) -> Array:
        rows = np.asarray(function(block))
        if rows.ndim != 2 or len(rows) != len(block) or rows.dtype.kind not in "fiub":
            raise InputError(
                f"features of {name} have shape {rows.shape} and dtype {rows.dtype} for "
                f"{len(block)} rows; a map gives a row of real numbers for each row"
            )
        return rows

    return apply


def _finite_only(function: Callable[[Array], Array], width: int) -> Callable[[Array], Array]:
    """Map finite rows; put what is not finite of the others in their first columns."""

    def apply(block: Array) -> Array:
        finite = np.isfinite(block).all(axis=1)
        if finite.all():
            return function(block)
        bad = block[~finite]
        marks = np.zeros((len(bad), max(width, bad.shape[1])), np.float32)
        marks[:, : bad.shape[1]] = np.where(np.isfinite(bad), 0, bad)
        lost = np.isfinite(marks[:, :width]).all(axis=1)
        marks[lost, 0] = np.nan
        whole = function(block[finite]) if finite.any() else np.empty((0, width), np.float32)
        rows = np.empty((len(block), width), np.result_type(whole.dtype, np.float32))
        rows[finite], rows[~finite] = whole, marks[:, :width]
        return rows

    return apply


def peek(source: Source, rows: int) -> tuple[Array, Source]:
    """Read the first rows; give a source that still has them, even one that is read once."""
    if not source.once:
        return source.head(rows), source
    stream, parts = source.blocks(rows), list[Array]()
    while sum(map(len, parts)) < rows:
        block = next(stream, None)
        if block is None:
            break
        parts.append(block.copy())

    def blocks(size: int) -> Iterator[Array]:
        for block in chain(parts, stream):
            for start in range(0, len(block), size):
                yield block[start : start + size]

    return np.concatenate(parts)[:rows], replace(source, blocks=blocks)
