"""The excess loss under stochastic gradient descent, as an affine map and its powers.

With eigenvalues a_i of the features, mean squared errors c_i of the student in their basis, batch
b, learning rate η and label noise s², one step on fresh Gaussian data changes c exactly by

    c_i ← c_i - 2 η a_i c_i + η² [(1 + 1/b) a_i² c_i + (a_i/b)(Σ_j a_j c_j + s²)].

What a mode still lacks of the target, and what the noise of batches has put there, are followed
apart, p and d with Σ p + Σ d = Σ a c, so that each has as few nodes as its sums need. Powers of the
map are kept as power - 1: E ← 2E + E² loses no small eigenvalue to rounding.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.gauss import condense
from eigenscale.theory.sgd.features import FeatureModes

_TOP = 150  # leading modes that are kept one by one: rates near the largest one single them out
_ROUNDS = 200


@dataclass(frozen=True, eq=False)
class Recursion:
    """The affine map of one step, for given nodes.

    Attributes
    ----------
    signal_values, signal : array
        Nodes of the target's power, and the power of each before training.
    noise_values, counts : array
        Nodes of the modes, and how many modes each of them stands for.
    """

    signal_values: Floats
    signal: Floats
    noise_values: Floats
    counts: Floats

    @classmethod
    def of(cls, modes: FeatureModes) -> "Recursion":
        """Shorten the modes to nodes."""
        signal = _shortened(modes.values, modes.power)
        return cls(*signal, *_shortened(modes.values, modes.counts))

    @property
    def start(self) -> Floats:
        """The state before training: p, then d."""
        return np.concatenate([self.signal, np.zeros(self.counts.size)])

    def step(self, batch: float, rate: float) -> tuple[Floats, Floats]:
        """Give the decay of each part of the state in one step, and what a unit of loss adds."""
        values = np.concatenate([self.signal_values, self.noise_values])
        decay = -2.0 * rate * values + rate**2 * (1.0 + 1.0 / batch) * values**2
        gain = np.zeros(values.size)
        gain[self.signal.size :] = rate**2 / batch * self.counts * self.noise_values**2
        return decay, gain

    def after(
        self, steps: Floats, batch: float, rate: float, noise: float
    ) -> tuple[Floats, Floats]:
        """Give Σ a c after each number of steps, and its change by one more step.

        Parameters
        ----------
        steps : array, shape (n,)
            Whole numbers of steps.
        batch, rate : float
            b and η.
        noise : float
            s².
        """
        decay, gain = self.step(batch, rate)
        change = np.diag(decay) + gain[:, None]
        shift = noise * gain
        one = (decay, gain)
        state = np.repeat(self.start[:, None], steps.size, axis=1)
        left = [int(n) for n in steps]
        while any(left):
            odd = np.flatnonzero([n & 1 for n in left])
            state[:, odd] += change @ state[:, odd] + shift[:, None]
            left = [n >> 1 for n in left]
            if any(left):
                shift = 2.0 * shift + change @ shift
                change = 2.0 * change + change @ change
        loss = state.sum(axis=0)
        step = one[0] @ state + one[1].sum() * (loss + noise)
        return loss, step

    def follow(self, rates: Floats, batch: float, noise: float) -> Floats:
        """Give Σ a c before and after each step of a schedule of rates, shape (steps + 1,)."""
        state = self.start
        out = np.empty(rates.size + 1)
        out[0] = state.sum()
        for i, rate in enumerate(rates.tolist()):
            decay, gain = self.step(batch, rate)
            state = state + decay * state + gain * (out[i] + noise)
            out[i + 1] = state.sum()
        return out


def _shortened(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    kept = weights > 0
    values, weights = values[kept], weights[kept]
    if values.size <= 2 * _TOP:
        return values, weights
    rest = condense(values[_TOP:], weights[_TOP:])
    return np.concatenate([values[:_TOP], rest[0]]), np.concatenate([weights[:_TOP], rest[1]])


def largest_rate(modes: FeatureModes, batch: float) -> float:
    """Give the largest learning rate at which the excess loss stays finite for ever.

    It is the root of ``(η/b) Σ a/(2 - η (1 + 1/b) a) = 1`` below 2/((1 + 1/b) a_1): there the noise
    of batches feeds itself. An infinite batch has the latter alone.

    Examples
    --------
    >>> one = FeatureModes(np.array([2.0]), np.array([1.0]), np.array([1.0]), 0.0)
    >>> largest_rate(one, batch=1.0)  # 2/(a (1 + 2/b))
    0.3333333333333333
    """
    more = 1.0 + 1.0 / batch
    high = 2.0 / (more * float(modes.values[0]))
    if np.isinf(batch):
        return high
    low = 0.0
    for _ in range(_ROUNDS):
        middle = 0.5 * (low + high)
        if middle in (low, high):
            break
        room = 2.0 - middle * more * modes.values
        with np.errstate(divide="ignore"):
            fed = middle / batch * float(modes.counts @ (modes.values / np.maximum(room, 0.0)))
        low, high = (middle, high) if fed < 1.0 else (low, middle)
    return low
