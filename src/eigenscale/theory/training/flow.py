"""Loss after training for a time: gradient flow, with weight decay where wanted.

Gradient flow on ``(1/2T)‖θφ - (y+ε)‖²`` in features normalised to σ_u² = M/N learns a mode of an
infinite problem as ``1 - e^(-λ t)``. The student at time t is an average of ridge students along
a contour (`theory.training.paths`), so its test loss is the average of the two-point loss
(`eigenscale.theory.training.pairs`) over pairs of nodes,

    L(t) = ½ Σ_ij a_i a_j E(ζ_i, ζ_j).

Two contours that share no node give the value and its error. Without ridge t → ∞ is the ridgeless
limit; for N, T → ∞ the loss is ``½ Σ v² e^(-2λt)``.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from eigenscale.arrays import Complexes, Floats, Mask
from eigenscale.equation.continuation import Continued, follow
from eigenscale.equation.edges import lower_edge, upper_edge
from eigenscale.equation.root import solve
from eigenscale.errors import InputError
from eigenscale.spectrum import Spectrum
from eigenscale.theory.ridge import ridge_loss
from eigenscale.theory.training.contour import Contour, hyperbola, talbot
from eigenscale.theory.training.pairs import Averages, pair_averages
from eigenscale.theory.training.paths import (
    NEVER,
    Path,
    edge_in_steps,
    flow_path,
    gap_path,
    in_steps,
    joined,
    with_decay,
)
from eigenscale.theory.training.quadrature import Quadrature, full_quadrature, short_quadrature

ACCURACY = 1e-6
"""Relative error of the loss above which the status is ``"inexact"``."""

_CONTOURS = (talbot(20), hyperbola(20))
_BLOCK = 1 << 18
_FORGOTTEN = -20.0  # log of what steps may leave of a mode that they overshoot
_LATE = (7.0, 14.0)  # edge · time around which the contour begins to turn at the edge
_OVER = 340.0  # edge · time from which what is left is below the smallest numbers
_RESOLVED = -700.0  # log g of the student trained to the end, where every mode is learned


@dataclass(frozen=True, eq=False)
class TimedLoss:
    """Loss after training for a time; all arrays have the broadcast shape.

    Attributes
    ----------
    loss : array
        Half the mean squared error on noise-free labels; ``inf`` where it diverges.
    error : array
        Estimate of the numerical error of `loss`: the difference of two contours.
    train_loss : array
        Half the mean squared error on the noisy training labels.
    bias, variance, noise : array
        Bias² of the mean student, variance from drawing data and features, and what the
        noise of the labels adds; their sum is the loss.
    resolved_modes : array
        Number of modes learned by then, Σ_J (learned fraction of mode J).
    exponent_time : array
        -∂ln L/∂ln t.
    status : array of str
        ``"ok"``, ``"diverges"`` (training to the end with no ridge and N = T < M, or steps that
        are too long), or ``"inexact"`` where `error` is above `ACCURACY` of the loss.
    """

    loss: Floats
    error: Floats
    train_loss: Floats
    bias: Floats
    variance: Floats
    noise: Floats
    resolved_modes: Floats
    exponent_time: Floats
    status: NDArray[np.str_]


def timed_loss(
    spectrum: Spectrum,
    n_features: ArrayLike,
    n_samples: ArrayLike,
    time: ArrayLike,
    *,
    decay: ArrayLike = 0.0,
    step: ArrayLike = 0.0,
    noise_var: float = 0.0,
    weight_var: float = 1.0,
) -> TimedLoss:
    """Test loss after gradient flow for `time`, for every element of the broadcast arguments.

    Parameters
    ----------
    spectrum : Spectrum
        Eigenvalues, and the target's power where it is known.
    n_features, n_samples : array_like
        N and T, positive; ``inf`` is allowed.
    time : array_like
        t ≥ 0, in units of 1/λ; ``inf`` trains to the end.
    decay : array_like
        Weight decay ζ ≥ 0: the ridge per sample in normalised features
        (`eigenscale.theory.ridge.log_ridge_per_sample` gives its logarithm).
    step : array_like
        Size of the steps of gradient descent, at most a tenth of `time`; 0 is gradient flow.
        Steps of 2/(largest eigenvalue of the sample) or more diverge.
    noise_var : float
        Variance of the label noise; the spectrum's unexplained variance is added.
    weight_var : float
        σ_w² of the isotropic teacher, used where the spectrum has no target power.

    Raises
    ------
    InputError
        Where a size is not positive, a time, decay or step is negative or NaN, or a step longer
        than a tenth of the time.

    Examples
    --------
    >>> spectrum = Spectrum.from_eigenvalues([1.0, 0.1], target_power=[1.0, 1.0])
    >>> result = timed_loss(spectrum, np.inf, np.inf, 2.0)
    >>> exact = 0.5 * (np.exp(-4.0) + np.exp(-0.4))
    >>> bool(abs(result.loss / exact - 1) < 1e-9)
    True
    """
    arrays = (n_features, n_samples, time, decay, step)
    columns = np.broadcast_arrays(*(np.asarray(x, dtype=float) for x in arrays))
    shape = columns[0].shape
    N, T, t, zeta, steps = (x.ravel() for x in columns)
    _check(N, T, t, zeta, steps)
    t = np.where(t < NEVER, 0.0, t)
    table = _Table(spectrum, N, T, t, zeta, steps, noise_var + spectrum.unexplained, weight_var)
    rows, status = table.fill()
    values = [row.reshape(shape) for row in rows]
    return TimedLoss(*(*values, status.reshape(shape)))


def _check(N: Floats, T: Floats, t: Floats, zeta: Floats, step: Floats) -> None:
    for name, value, low in (
        ("n_features", N, "positive"),
        ("n_samples", T, "positive"),
        ("time", t, "at least 0"),
        ("decay", zeta, "finite and at least 0"),
        ("step", step, "finite and at least 0"),
    ):
        good = value > 0 if low == "positive" else value >= 0
        if name in ("decay", "step"):
            good &= value < np.inf
        if not good.all():
            bad = value[~good].flat[0]
            raise InputError(f"{name} has {bad:g}; it is {low}; mend or drop it")
    long = (step > 0.1001 * t) & (t > 0)
    if long.any():
        raise InputError(
            f"step has {step[long].flat[0]:g} for a time of {t[long].flat[0]:g}; "
            "it is at most a tenth of the time; take ten steps or more"
        )


@dataclass(frozen=True, eq=False)
class _Table:
    """Points, one per row, and how each kind of them is worked out.

    The rows of a result are those of `TimedLoss`, in order, without the status.
    """

    spectrum: Spectrum
    n_features: Floats
    n_samples: Floats
    time: Floats
    decay: Floats
    step: Floats
    noise_var: float
    weight_var: float

    def fill(self) -> tuple[Floats, NDArray[np.str_]]:
        """Give the rows of the result and the status."""
        rows = np.full((8, self.time.size), np.nan)
        reached = np.ones(self.time.size, dtype=bool)
        edge = edge_in_steps(self._edge(), self.step)
        phase = edge * np.where(edge > 0, self.time, 0.0)
        done = np.isinf(self.time) | (phase > _OVER)
        late = (phase > _LATE[0]) & ~done
        rows[:, self.time == 0] = self._start()[:, None]
        if done.any():
            rows[:, done] = self._end(np.flatnonzero(done))
        flow = np.flatnonzero((self.time > 0) & ~done & (phase < _LATE[1]))
        for index in _blocks(flow, short_quadrature(self.spectrum).counts.size):
            rows[:, index], reached[index] = self._flow(index)
        for index in _blocks(np.flatnonzero(late), self.spectrum.eigenvalues.size):
            found, good = self._late(index, edge)
            better = ~(rows[1, index] <= found[1])
            rows[:, index[better]], reached[index[better]] = found[:, better], good[better]
        return self._unstable(rows, reached)

    def _unstable(self, rows: Floats, reached: Mask) -> tuple[Floats, NDArray[np.str_]]:
        """Say where steps are too long for the largest eigenvalue of the sample."""
        factor = np.zeros(self.time.size)
        used = np.flatnonzero((self.step > 0) & (self.time > 0))
        if used.size:
            top = self.decay[used] + self._per_pair(upper_edge, used)
            factor[used] = np.maximum(self.step[used] * top - 1.0, 0.0)
            with np.errstate(divide="ignore"):
                steps = self.time[used] / self.step[used]
                reached[used] &= steps * np.log(factor[used]) < _FORGOTTEN
        unstable = factor >= 1.0
        for row in (0, 2, 4):
            rows[row, unstable] = np.inf
        return rows, np.where(unstable, "diverges", _status(rows, reached))

    def _per_pair(
        self, edge_of: Callable[[Spectrum, Floats, Floats], Floats], index: NDArray[np.intp]
    ) -> Floats:
        """Work an edge of the sample's spectrum out once for each pair of sizes."""
        pairs, where = np.unique(
            np.stack([self.n_features[index], self.n_samples[index]]), axis=1, return_inverse=True
        )
        return edge_of(self.spectrum, *pairs)[where]

    def _edge(self) -> Floats:
        """Where the sample's spectrum ends above 0, for training without decay; 0 elsewhere."""
        edge = np.zeros(self.time.size)
        fits = self.spectrum.rank < np.minimum(self.n_features, self.n_samples)
        index = np.flatnonzero(fits & (self.decay == 0) & (self.time < np.inf))
        edge[index] = self._per_pair(lower_edge, index)
        return edge

    @property
    def _scale(self) -> float:
        return self.weight_var if self.spectrum.target_power is None else 1.0

    def _start(self) -> Floats:
        """Before training: nothing is learned, the student is 0."""
        power = self._scale * float(self.spectrum.multiplicities @ self.spectrum.power())
        train = power + self.noise_var
        return 0.5 * np.array([power, 0.0, train, power, 0.0, 0.0, 0.0, 0.0])

    def _end(self, index: NDArray[np.intp]) -> Floats:
        """Training to the end: the ridge student, with no ridge where there is no decay."""
        with np.errstate(divide="ignore"):
            log_zeta = np.log(self.decay[index])
        end = ridge_loss(
            self.spectrum,
            self.n_features[index],
            self.n_samples[index],
            log_zeta,
            noise_var=self.noise_var - self.spectrum.unexplained,
            weight_var=self.weight_var,
        )
        nothing = np.zeros(index.size)
        parts = (end.loss, nothing, end.train_loss, end.bias, end.variance, end.noise)
        return np.stack([*parts, end.root.z, nothing])

    def _flow(self, index: NDArray[np.intp]) -> tuple[Floats, Mask]:
        quadrature = short_quadrature(self.spectrum)
        time, decay, step = self.time[index], self.decay[index], self.step[index]
        return self._compare(
            index, quadrature, lambda c: with_decay(in_steps(flow_path(c, time), step), decay)
        )

    def _late(self, index: NDArray[np.intp], edge: Floats) -> tuple[Floats, Mask]:
        quadrature = full_quadrature(self.spectrum)
        time, turn, step = self.time[index], edge[index], self.step[index]
        return self._compare(index, quadrature, lambda c: in_steps(gap_path(c, time, turn), step))

    def _compare(
        self, index: NDArray[np.intp], quadrature: Quadrature, build: Callable[[Contour], Path]
    ) -> tuple[Floats, Mask]:
        """Rows from the first contour; the second one, followed along with it, gives the error."""
        path = joined([build(contour) for contour in _CONTOURS])
        sizes = np.tile(self.n_features[index], 2), np.tile(self.n_samples[index], 2)
        roots = follow(quadrature.spectrum, *sizes, path.log_zeta)
        weights, rates, whole = _with_end(quadrature.spectrum, *sizes, path, roots)
        found = pair_averages(quadrature, *sizes, whole, weights, rates)
        rows = _rows(found, self._scale, self.noise_var)
        rows, check = rows[:, : index.size], rows[:, index.size :]
        rows[1] = np.abs(rows[0] - check[0])
        one, two = roots.converged.reshape(2, -1)
        return rows, one & two


def _blocks(index: NDArray[np.intp], modes: int) -> Iterator[NDArray[np.intp]]:
    """Parts of `index` whose points × nodes × modes fit in a block."""
    step = max(1, _BLOCK // (2 * modes * _CONTOURS[0].nodes.size))
    for start in range(0, index.size, step):
        yield index[start : start + step]


def _with_end(
    spectrum: Spectrum, n_features: Floats, n_samples: Floats, path: Path, roots: Continued
) -> tuple[Complexes, Complexes, Continued]:
    """Add the student trained to the end as one more node, where the path has it."""
    if not path.finished:
        return path.weights, path.rates, roots
    end = solve(spectrum, n_features, n_samples)
    ones = np.ones((n_features.size, 1))
    whole = Continued(
        np.hstack([np.full_like(roots.log_g[:, :1], _RESOLVED), roots.log_g]),
        np.hstack([end.left_features[:, None], roots.left_features]),
        np.hstack([end.left_samples[:, None], roots.left_samples]),
        roots.converged,
    )
    return np.hstack([ones, path.weights]), np.hstack([0 * ones, path.rates]), whole


def _rows(found: Averages, scale: float, noise_var: float) -> Floats:
    loss = 0.5 * (scale * found.signal + noise_var * found.noise)
    rate = 0.5 * (scale * found.signal_rate + noise_var * found.noise_rate)
    train = 0.5 * (scale * found.train_signal + noise_var * found.train_noise)
    bias, noise = 0.5 * scale * found.bias, 0.5 * noise_var * found.noise
    with np.errstate(invalid="ignore", divide="ignore"):
        exponent = -rate / loss
    unknown = np.zeros_like(loss)
    return np.stack(
        [loss, unknown, train, bias, loss - bias - noise, noise, found.resolved, exponent]
    )


def _status(rows: Floats, reached: Mask) -> NDArray[np.str_]:
    loss, error = rows[0], rows[1]
    with np.errstate(invalid="ignore"):
        good = reached & (error <= ACCURACY * loss)
    return np.where(np.isposinf(loss), "diverges", np.where(good, "ok", "inexact"))
