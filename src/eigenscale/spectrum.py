"""The spectrum: covariance eigenvalues of the data, and how much of the target each mode holds."""

import csv
import json
import math
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.results import Result

_HEAD = 1000  # eigenvalues kept one by one before quadrature takes over
_EXACT = 20_000  # up to here all are kept, so that such a spectrum can be simulated
_PANEL = 3.0  # width of a quadrature panel in log λ: 12 nodes there are exact to rounding
_NODES = 12


@dataclass(frozen=True)
class Tail:
    """What is known of eigenvalues that are not known one by one, all below those that are.

    Attributes
    ----------
    modes : float
        How many they are, zeros included.
    alive : float
        How many of them can differ from zero.
    power, square : float
        Their sum and the sum of their squares.
    square_error : float
        Standard error of `square`; 0 where it is exact.
    """

    modes: float
    alive: float
    power: float
    square: float
    square_error: float = 0.0


@dataclass(frozen=True, eq=False)
class Spectrum(Result):
    """Covariance eigenvalues λ_J with multiplicities, and the target's power per mode.

    Build one with `power_law`, `from_eigenvalues` or `read_spectrum`.

    Attributes
    ----------
    eigenvalues : array, shape (n,)
        Variances of the latent features, descending, not negative.
    multiplicities : array, shape (n,)
        How many modes share each eigenvalue. Quadrature weights may be fractional;
        their sum is the latent dimension M.
    target_power : array, shape (n,), or None
        v_J², the variance of the target that one mode of each eigenvalue explains, in units of
        the target squared. None means the isotropic teacher of the solvable model,
        v_J² = weight_var · λ_J / M.
    unexplained : float
        Variance of the target that no linear function of the modes explains. It acts as noise.
    tail : Tail, optional
        Where only the leading eigenvalues are known one by one. `latent_dim` and `trace` count it;
        theory needs a whole spectrum and refuses one with a tail.

    Examples
    --------
    >>> Spectrum.power_law(alpha=0.5, latent_dim=10**12)
    Spectrum(latent_dim=1e+12, trace=2.612, largest=1, smallest=1e-18)
    """

    eigenvalues: Floats
    multiplicities: Floats
    target_power: Floats | None = None
    unexplained: float = 0.0
    tail: Tail | None = None

    def __post_init__(self) -> None:
        for name in ("eigenvalues", "multiplicities", "target_power"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, _vector(value, name))
        _check_spectrum(self)

    def __repr__(self) -> str:
        target = (
            "" if self.target_power is None else f", target_variance={self.target_variance:.4g}"
        )
        return (
            f"{type(self).__name__}(latent_dim={self.latent_dim:g}, trace={self.trace:.4g}, "
            f"largest={self.eigenvalues[0]:.4g}, smallest={self.eigenvalues[-1]:.4g}{target})"
        )

    @classmethod
    def power_law(
        cls,
        alpha: float,
        latent_dim: float,
        scale: float = 1.0,
        *,
        target_exponent: float | None = None,
        weight_var: float = 1.0,
    ) -> "Spectrum":
        """Eigenvalues ``scale · J^-(1+alpha)``, J = 1 … latent_dim.

        **The spectrum falls as 1 + alpha**, the loss as alpha. Up to 20,000 eigenvalues
        are all kept. Of more the first 1,000 are, and the rest is Gauss–Legendre quadrature in
        log J with the first Euler–Maclaurin correction at both ends, so that any latent
        dimension costs the same.

        Parameters
        ----------
        alpha : float
            Exponent of the loss, greater than -1 (the model needs more than 0 for a finite
            trace at infinite latent_dim).
        latent_dim : float
            Number of modes M, a whole number of at least 1.
        scale : float
            The largest eigenvalue λ_+, greater than 0.
        target_exponent : float, optional
            ω, greater than -1: the target's power in mode J is
            ``weight_var / latent_dim · scale · J^-(1+target_exponent)``. ω = alpha is the
            isotropic teacher, which is meant where it is left out.
        weight_var : float
            σ_w², used with a target exponent; else the model gives it.

        Raises
        ------
        InputError
            Where a value breaks its rule.
        """
        _check_power_law(alpha, latent_dim, scale)
        steepest = alpha if target_exponent is None else max(alpha, target_exponent)
        _check_target(target_exponent, weight_var)
        ranks, counts = _ranks(steepest, float(latent_dim))
        values = scale * ranks ** -(1.0 + alpha)
        if target_exponent is None:
            return cls(values, counts)
        power = weight_var / latent_dim * scale * ranks ** -(1.0 + target_exponent)
        return cls(values, counts, power)

    @classmethod
    def from_eigenvalues(
        cls,
        values: ArrayLike,
        target_power: ArrayLike | None = None,
        unexplained: float = 0.0,
        multiplicities: ArrayLike | None = None,
        tail: Tail | None = None,
    ) -> "Spectrum":
        """Make a spectrum from eigenvalues in any order; the target's power is sorted along.

        Negative eigenvalues within rounding (1e-12 of the largest) count as 0.

        Examples
        --------
        >>> Spectrum.from_eigenvalues([0.5, 2.0], target_power=[0.1, 0.4]).target_power
        array([0.4, 0.1])
        """
        raw = _vector(values, "eigenvalues")
        if raw.size:
            raw = np.where((raw < 0) & (raw >= -1e-12 * raw.max()), 0.0, raw)
        order = np.argsort(-raw, kind="stable")
        counts = np.ones(raw.size) if multiplicities is None else _vector(multiplicities, "counts")
        power = None if target_power is None else _vector(target_power, "target_power")
        for name, value in (("multiplicities", counts), ("target_power", power)):
            _check_length(name, value, raw)
        power = None if power is None else power[order]
        return cls(raw[order], counts[order], power, unexplained, tail)

    @cached_property
    def latent_dim(self) -> float:
        """Number of modes M, zero eigenvalues included."""
        known = count_modes(self.multiplicities)
        return known if self.tail is None else known + self.tail.modes

    @cached_property
    def rank(self) -> float:
        """Number of modes with a positive eigenvalue."""
        return count_modes(self.multiplicities[self.eigenvalues > 0])

    @cached_property
    def trace(self) -> float:
        """Total variance Σ λ_J."""
        known = float(self.multiplicities @ self.eigenvalues)
        return known if self.tail is None else known + self.tail.power

    @cached_property
    def target_variance(self) -> float | None:
        """Σ v_J², the variance of the target that the modes explain; None for a teacher."""
        power = self.target_power
        return None if power is None else float(self.multiplicities @ power)

    def check_whole(self) -> None:
        """Refuse where eigenvalues are missing, for what needs them all.

        Raises
        ------
        InputError
            Where there is a `tail`.
        """
        if self.tail is not None:
            raise InputError(
                f"spectrum has {self.eigenvalues.size:,} of its {self.latent_dim:,.0f} eigenvalues "
                "one by one, and theory needs them all; let a power law stand in for the others "
                "with spectrum.completed()"
            )

    def power(self, weight_var: float = 1.0) -> Floats:
        """v_J² per mode, shape (n,): the target's where known, else the isotropic teacher's."""
        if self.target_power is not None:
            return self.target_power
        return weight_var / self.latent_dim * self.eigenvalues

    def to_dict(self) -> dict[str, Any]:
        """Plain values, which `read_spectrum` reads back from JSON."""
        return {
            "latent_dim": self.latent_dim,
            "eigenvalues": self.eigenvalues.tolist(),
            "multiplicities": self.multiplicities.tolist(),
            "target_power": None if self.target_power is None else self.target_power.tolist(),
            "unexplained": self.unexplained,
            **({} if self.tail is None else {"tail": asdict(self.tail)}),
        }


def count_modes(counts: Floats) -> float:
    """Sum of multiplicities; a whole number within rounding (1e-11) is meant as one."""
    exact = counts.size <= _EXACT  # long lists are eigenvalues one by one, which sum exactly
    total = math.fsum(counts.tolist()) if exact else float(counts.sum())
    return float(round(total)) if abs(total - round(total)) <= 1e-11 * total else total


def read_spectrum(path: str | Path) -> Spectrum:
    """Read a spectrum from a file of eigenvalues, in any order.

    Parameters
    ----------
    path : str or Path
        ``.npy``: an array of shape (n,), or (n, 2) with the target power per mode beside.
        ``.csv``: columns ``eigenvalues`` and, where known, ``target_power`` and
        ``multiplicities``; one column needs no header. ``.json``: an object with these keys and
        ``unexplained``, as ``eigenscale spectrum --json`` prints, or a list of eigenvalues. With a
        ``tail`` the eigenvalues are the leading ones.

    Raises
    ------
    InputError
        Where the file holds something else.
    """
    path = Path(path)
    readers = {".npy": _read_npy, ".csv": _read_csv, ".json": _read_json}
    if path.suffix.lower() not in readers:
        raise InputError(f"{path} is not a .npy, .csv or .json file; save the eigenvalues as one")
    columns = readers[path.suffix.lower()](path)
    if columns.get("eigenvalues") is None:
        raise InputError(
            f"{path} has no eigenvalues; name a column or key 'eigenvalues' (found {list(columns)})"
        )
    return Spectrum.from_eigenvalues(
        columns["eigenvalues"],
        columns.get("target_power"),
        _as_float(columns.get("unexplained") or 0.0, "unexplained"),
        columns.get("multiplicities"),
        _tail(columns.get("tail"), path),
    )


def _tail(found: Any, path: Path) -> Tail | None:
    """Read what a file says of eigenvalues that it does not hold."""
    if found is None:
        return None
    try:
        tail = Tail(**{name: float(value) for name, value in found.items()})
    except (AttributeError, TypeError, ValueError):
        tail = Tail(math.nan, 0.0, 0.0, 0.0)
    if not all(0 <= value < math.inf for value in asdict(tail).values()):
        raise InputError(
            f"{path} has a tail that is not modes, alive, power and square, each at least 0; "
            "write it with eigenscale spectrum --json"
        )
    return tail


def _read_npy(path: Path) -> dict[str, Any]:
    try:
        array = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise InputError(
            f"{path} is not a plain array ({error}); save it with numpy.save"
        ) from None
    if not isinstance(array, np.ndarray):
        raise InputError(f"{path} is an archive of arrays; save the eigenvalues alone, as .npy")
    if array.ndim == 2 and array.shape[1] == 2:
        return {"eigenvalues": array[:, 0], "target_power": array[:, 1]}
    return {"eigenvalues": array}


def _read_csv(path: Path) -> dict[str, Any]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} is not text in columns ({error}); save it as CSV") from None
    if not rows:
        raise InputError(f"{path} is empty; give one eigenvalue per line")
    if len(rows[0]) == 1 and _is_number(rows[0][0]):
        return {"eigenvalues": [row[0] for row in rows]}
    if any(len(row) != len(rows[0]) for row in rows):
        raise InputError(f"{path} has rows of different lengths; give each {len(rows[0])} values")
    names = [name.strip() for name in rows[0]]
    return {name: [row[i] for row in rows[1:]] for i, name in enumerate(names)}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON ({error}); check how it was written") from None
    return content if isinstance(content, dict) else {"eigenvalues": content}


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _as_float(value: Any, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InputError(f"{name} {value!r} is not a number; give one such as 0.1") from None


def _vector(values: ArrayLike, name: str) -> Floats:
    try:
        array = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} hold something that is not a number; give numbers only") from None
    if array.ndim != 1:
        raise InputError(f"{name} have shape {array.shape}; give a list, shape (n,)")
    array.flags.writeable = False
    return array


def _check_length(name: str, value: Floats | None, like: Floats) -> None:
    if value is not None and value.size != like.size:
        raise InputError(
            f"{name} have {value.size} values for {like.size} eigenvalues; give one for each"
        )


def _check_spectrum(spectrum: Spectrum) -> None:
    values = spectrum.eigenvalues
    if values.size == 0:
        raise InputError("eigenvalues are empty; give at least one")
    _check_length("multiplicities", spectrum.multiplicities, values)
    _check_length("target_power", spectrum.target_power, values)
    _check_range("eigenvalues", values)
    _check_range("target_power", spectrum.target_power)
    _check_range("multiplicities", spectrum.multiplicities)
    if not spectrum.multiplicities.all():
        raise InputError("multiplicities hold 0; they are positive; drop those eigenvalues")
    if values[0] == 0.0:
        raise InputError("eigenvalues are all 0; at least one is positive; check the data")
    if (np.diff(values) > 0).any():
        raise InputError("eigenvalues are not descending; use Spectrum.from_eigenvalues")
    with np.errstate(over="ignore"):
        whole = float(spectrum.multiplicities @ values)
    if not math.isfinite(whole):
        raise InputError(
            f"eigenvalues from {values[0]:g} down have a sum beyond 1.8e308; divide them all by "
            "the same number"
        )
    if not 0 <= spectrum.unexplained < math.inf:
        raise InputError(
            f"unexplained {spectrum.unexplained!r} is not a variance; it is finite and at least 0"
        )


def _check_range(name: str, values: Floats | None) -> None:
    if values is None:
        return
    bad = ~((values >= 0) & (values < np.inf))
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{name} hold {values[i]:g} at {i}; they are finite and not negative; mend the value"
        )


def _check_power_law(alpha: float, latent_dim: float, scale: float) -> None:
    if not -1.0 < alpha < math.inf:
        raise InputError(f"alpha {alpha!r} is not above -1; the spectrum falls as 1 + alpha")
    if not 1 <= latent_dim < math.inf or latent_dim != int(latent_dim):
        raise InputError(f"latent_dim {latent_dim!r} is not a whole number of at least 1")
    if not 0 < scale < math.inf:
        raise InputError(f"scale {scale!r} is not a positive number; it is the largest eigenvalue")


def _check_target(exponent: float | None, weight_var: float) -> None:
    if exponent is not None and not -1.0 < exponent < math.inf:
        raise InputError(
            f"target_exponent {exponent!r} is not above -1; the target's power in mode J falls as "
            "J^-(1+target_exponent)"
        )
    if not 0 <= weight_var < math.inf:
        raise InputError(f"weight_var {weight_var!r} is not a variance; it is finite, at least 0")


def _ranks(alpha: float, latent_dim: float) -> tuple[Floats, Floats]:
    """Ranks J and weights with Σ weight·f(J) = Σ_{J=1}^{M} f(J) for f smooth in log J.

    The sum over J = h+1 … M-1 is the integral from h + ½ to M - ½ minus f'/24 at its ends
    (Euler–Maclaurin, midpoint form); f' is a difference of neighbours, which moves 1/24 of a
    mode from h to h + 1 and from M to M - 1. What is left is of order h^-4.
    """
    if latent_dim <= _EXACT:
        ranks = np.arange(1.0, latent_dim + 1.0)
        return ranks, np.ones(ranks.size)
    head = np.arange(1.0, _HEAD + 2.0)
    first, last = math.log(_HEAD + 0.5), math.log(latent_dim - 0.5)
    # Beyond a thousand panels the tail is below the smallest numbers.
    panels = max(1, min(1000, math.ceil((last - first) * max(1.0, 1.0 + alpha) / _PANEL)))
    edges = np.linspace(first, last, panels + 1)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    inner = np.exp(edges[:-1, None] + half * (1 + nodes)).ravel()
    ranks = np.concatenate([head, inner, [latent_dim - 1, latent_dim]])
    counts = np.concatenate([np.ones(_HEAD + 1), (half * weights).ravel() * inner, [0.0, 1.0]])
    counts[[_HEAD - 1, -1]] -= 1 / 24
    counts[[_HEAD, -2]] = 1 / 24
    counts[np.argmax(counts)] += latent_dim - math.fsum(counts.tolist())  # what rounding lost
    order = np.argsort(ranks, kind="stable")
    return ranks[order], counts[order]
