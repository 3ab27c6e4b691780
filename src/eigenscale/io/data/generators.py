"""Data drawn from three structures whose spectra are power laws with a known exponent.

A b-ary tree of depth n gives each node an independent innovation of variance ρ^ℓ at level ℓ; an
input is a leaf, the sum of its ancestors. A stationary field in d dimensions has power |k|^-s, and
the inputs are its values on a grid. Tokens have frequencies i^-ζ and are one-hot, with a random
sign, so that their covariance is diagonal with the frequencies. The eigenvalues fall as rank to the
power -(1+α) with

    α = -log_b ρ,    α = s/d - 1,    α = ζ - 1.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from eigenscale.arrays import Array, Floats
from eigenscale.errors import InputError
from eigenscale.io.formats.source import Source, seekable

FORMS = {"tree": "tree:BRANCH:RHO", "field": "field:DIM:S", "tokens": "tokens:ZETA"}
_CHUNK = 2048  # rows drawn from one seed, so that a row does not depend on how it is read
_SIDES = {1: 512, 2: 24, 3: 8, 4: 5}
_LEAVES = 512


@dataclass(frozen=True, eq=False)
class Generator:
    """Data of a known exponent, drawn row by row.

    Attributes
    ----------
    name : str
        As it was asked for.
    alpha : float
        The exponent that the structure predicts; the spectrum falls as 1 + alpha.
    n_rows, n_columns : int
        Samples and inputs.
    seed : int
        The same seed gives the same rows.
    places : array, shape (k,)
        Where the population's eigenvalues lie: λ falls as ``places^-(1+alpha)``, ascending.
    counts : array, shape (k,)
        How many modes share each of them.
    values : array, shape (k,)
        The eigenvalues.
    draw : callable
        Takes a random generator and a number of rows.
    """

    name: str
    alpha: float
    n_rows: int
    n_columns: int
    seed: int
    places: Floats
    counts: Floats
    values: Floats
    draw: Callable[[np.random.Generator, int], Array]

    def source(self) -> Source:
        """Give the rows to what reads data."""

        def read(size: int, first: int) -> Iterator[Array]:
            step = max(1, min(size, _CHUNK))
            for chunk in range(first // _CHUNK, -(-self.n_rows // _CHUNK)):
                rng = np.random.default_rng([self.seed, chunk])
                rows = self.draw(rng, min(_CHUNK, self.n_rows - chunk * _CHUNK))
                rows = rows[max(first - chunk * _CHUNK, 0) :]
                for start in range(0, len(rows), step):
                    yield rows[start : start + step]

        note = f"drawn with a predicted exponent α = {self.alpha:.4g}"
        source = seekable(self.name, self.n_columns, read, self.n_rows, (note,))
        return replace(source, fingerprint=lambda: {"generator": self.name, "seed": str(self.seed)})


def is_generator(data: Any) -> bool:
    """Whether data is the name of a generator, as ``tree:2:0.6``.

    Examples
    --------
    >>> is_generator("tree:2:0.6"), is_generator("tree.csv")
    (True, False)
    """
    return isinstance(data, str) and data.partition(":")[0] in FORMS and ":" in data


def teacher(name: str) -> Floats:
    """Draw a target for the rows of a generator: a linear teacher with equal weights in all inputs.

    Its power in mode J is proportional to λ_J, so that the loss of a linear learner falls as
    n^-alpha.

    Returns
    -------
    array, shape (rows,)
    """
    made = generator(name)
    weights = np.random.default_rng([made.seed, made.n_columns]).standard_normal(made.n_columns)
    return np.concatenate([rows @ weights for rows in made.source().blocks(_CHUNK)])


def with_seed(data: Any, seed: int) -> Any:
    """Give a generator the seed of a command, unless its name has one; leave other data alone."""
    if is_generator(data) and ":seed=" not in data:
        return f"{data}:seed={seed}"
    return data


def generator(name: str) -> Generator:
    """Make data of a known exponent from its name.

    Parameters
    ----------
    name : str
        ``tree:BRANCH:RHO``, ``field:DIM:S`` or ``tokens:ZETA``; ``:rows=20000`` and ``:seed=1`` may
        follow.

    Raises
    ------
    InputError
        Where the name has another form, or a value breaks its rule.

    Examples
    --------
    >>> round(generator("tree:2:0.6").alpha, 3)
    0.737
    """
    kind, *parts = name.split(":")
    if kind not in FORMS:
        raise InputError(f"{name!r} is not a generator; write one of {', '.join(FORMS.values())}")
    options = dict(part.split("=", 1) for part in parts if "=" in part)
    values = [_number(name, part) for part in parts if "=" not in part]
    unknown = sorted(set(options) - {"rows", "seed"})
    if unknown or len(values) != FORMS[kind].count(":"):
        raise InputError(
            f"{name!r} is not {FORMS[kind]}; rows=… and seed=… may follow, each after a colon"
        )
    plain = ":".join([kind, *(part for part in parts if "=" not in part)])
    makers: dict[str, Callable[..., Generator]] = {
        "tree": _tree,
        "field": _field,
        "tokens": _tokens,
    }
    made = makers[kind](plain, *values)
    rows = _whole(name, options.get("rows", str(made.n_rows)), "rows", 2)
    return replace(made, n_rows=rows, seed=_whole(name, options.get("seed", "0"), "seed", 0))


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{name!r} has {text!r}, which is not a number; mend it")
    return value


def _whole(name: str, text: str, what: str, least: int) -> int:
    value = _number(name, text)
    if value != int(value) or value < least or value > 1e15:
        raise InputError(f"{name!r} has {what}={text}; it is a whole number of at least {least}")
    return int(value)


def _tree(name: str, branch: float, rho: float) -> Generator:
    if branch != int(branch) or not 2 <= branch <= 10:
        raise InputError(f"{name!r} has {branch:g} branches; they are a whole number from 2 to 10")
    if not 0 < rho < 1:
        raise InputError(f"{name!r} has ρ = {rho:g}; it is between 0 and 1")
    b = int(branch)
    depth = max(3, math.floor(math.log(_LEAVES, b) + 1e-9))
    levels = np.arange(depth + 1.0)

    def draw(rng: np.random.Generator, rows: int) -> Array:
        leaves = np.zeros((rows, 1))
        for level in range(depth + 1):
            wide = np.repeat(leaves, b, axis=1) if level else leaves
            leaves = wide + rho ** (level / 2) * rng.standard_normal(wide.shape)
        return leaves

    # λ(ℓ) = Σ_{k≥ℓ} ρ^k b^(n-k); the root is common to all leaves.
    below = rho**levels * b ** (depth - levels)
    values = np.cumsum(below[::-1])[::-1]
    counts = np.where(levels > 0, b**levels - b ** (levels - 1.0), 1.0)
    return Generator(
        name, -math.log(rho) / math.log(b), 16_384, b**depth, 0, b**levels, counts, values, draw
    )


def _field(name: str, dimension: float, power: float) -> Generator:
    if dimension not in _SIDES:
        raise InputError(f"{name!r} has {dimension:g} dimensions; they are 1, 2, 3 or 4")
    if not 0 < power <= 100:
        raise InputError(f"{name!r} has a power of {power:g}; it is positive, at most 100")
    d = int(dimension)
    side = _SIDES[d]
    ticks = np.fft.fftfreq(side, 1 / side)
    square = sum(k * k for k in np.meshgrid(*[ticks] * d, indexing="ij"))
    kept = (square > 0) & (square < (side / 2) ** 2)
    amplitude = np.where(kept, np.where(kept, square, 1.0) ** (-power / 4), 0.0)
    axes = tuple(range(1, d + 1))

    def draw(rng: np.random.Generator, rows: int) -> Array:
        white = rng.standard_normal((rows, *[side] * d))
        field = np.fft.ifftn(np.fft.fftn(white, axes=axes) * amplitude, axes=axes)
        return field.real.reshape(rows, -1)

    shells, counts = np.unique(square[kept], return_counts=True)
    places = shells ** (d / 2)
    return Generator(
        name,
        power / d - 1,
        16_384,
        side**d,
        0,
        places,
        counts.astype(float),
        shells ** (-power / 2),
        draw,
    )


def _tokens(name: str, zeta: float) -> Generator:
    if not 0 < zeta <= 100:
        raise InputError(f"{name!r} has ζ = {zeta:g}; it is positive, at most 100")
    kinds = 256
    ranks = np.arange(1.0, kinds + 1)
    shares = ranks**-zeta / (ranks**-zeta).sum()

    def draw(rng: np.random.Generator, rows: int) -> Array:
        token = rng.choice(kinds, size=rows, p=shares)
        out = np.zeros((rows, kinds))
        out[np.arange(rows), token] = rng.choice([-1.0, 1.0], size=rows)
        return out

    return Generator(name, zeta - 1, 262_144, kinds, 0, ranks, np.ones(kinds), shares, draw)
