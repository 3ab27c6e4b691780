"""Random features tried on parts of the sample: by how much theory misses at few features.

With N random features in front, theory takes rows for one shape of unequal sizes twice: for the
samples and for the features. Where rows are of several kinds (smooth blocks of photographs have
nothing in the small modes), the features' part is missed by up to 2 times at small ridges. So ridge
regression on real random features is fitted to parts of the sample, in steps of 2 in samples and
features, and scored on held-out rows. What stands out of the noise there corrects the forecast.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats, Index
from eigenscale.forecasting.extrapolation.transfer import Query
from eigenscale.forecasting.sample.rows import FeatureRows
from eigenscale.forecasting.subset_fits.held_out import held_out
from eigenscale.progress import Progress

Predict = Callable[[Query], Floats]

_LEAST = 32  # samples and features of the smallest fit
_WIDEST = 2  # features of the widest fit, over the rows of the sample
WIDTH = 4  # random features to fit with, over the rows of the sample
_RIDGES = np.geomspace(1e-7, 10, 17)  # rows have length 1, so the kernel's trace is about 1
_MOST_MISS = 1.5  # of the logarithm
_FEWEST, _MOST = 2, 6  # fits that are averaged
_KEPT = 0.5  # power of n/T with which a miss fades beyond the sample
_ROUGH = 0.2  # share of a miss that may be wrong between points


@dataclass(frozen=True, eq=False)
class Trials:
    """Corrections of the forecast by real fits with random features.

    Attributes
    ----------
    log_samples, log_features, log_ridges : array, shapes (J,), (K,), (L,)
        Ascending.
    miss : array, shape (J, K, L)
        Logarithm of measured over forecast, by as much as it stands out of its noise.
    noise : array, shape (J, K, L)
        Standard deviation of what is left.
    """

    log_samples: Floats
    log_features: Floats
    log_ridges: Floats
    miss: Floats
    noise: Floats

    @classmethod
    def of(
        cls,
        predict: Predict,
        bank: Floats,
        target: Floats,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> "Trials":
        """Fit and score, beside the forecasts of `predict`.

        `bank` has `WIDTH` random features for each row.
        """
        n = len(target)
        samples, widths = _halved(n), _halved(_WIDEST * n)
        miss, noise = np.zeros((2, len(samples), len(widths), len(_RIDGES)))
        for j, T in enumerate(samples):
            for k, N in enumerate(widths):
                losses = _tried(bank, target, (T, N), rng)
                miss[j, k] = _miss(losses.mean(axis=0), predict, T, N)
                noise[j, k] = losses.var(axis=0, ddof=1) / losses.mean(axis=0) ** 2 / len(losses)
            if progress is not None:
                progress(j + 1, len(samples))
        noise = _smooth(noise)
        trust = np.maximum(miss**2 - noise, 0) / (miss**2 + 1e-12)
        left = np.sqrt(trust * noise)
        return cls(np.log(samples), np.log(widths), np.log(_RIDGES), trust * miss, left)

    def __call__(self, query: Query) -> tuple[Floats, Floats]:
        """Give the correction of the logarithm of each query's loss, and its uncertainty."""
        at = (
            np.log(query.n_samples),
            np.log(np.minimum(query.n_features, 1e300)),
            np.log(np.maximum(query.ridge, 1e-300)),
        )
        axes = (self.log_samples, self.log_features, self.log_ridges)
        both = _between(axes, at, np.stack([self.miss, self.noise], axis=-1))
        wider = np.exp(np.minimum(self.log_features[-1] - at[1], 0))
        shift, noise = both[:, 0] * wider, both[:, 1] * wider
        kept = np.exp(_KEPT * np.minimum(self.log_samples[-1] - at[0], 0))
        doubt = np.hypot(_ROUGH, 1 - kept) * shift
        return kept * shift, np.hypot(kept * noise, doubt)


def _halved(most: int) -> list[int]:
    """Sizes that halve from `most`, ascending."""
    steps = int(np.log2(max(most / _LEAST, 1)))
    return [max(round(most / 2**k), 2) for k in range(steps, -1, -1)]


def _tried(bank: Floats, target: Floats, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Held-out losses of single fits, each on rows and features of its own, (draws, ridges)."""
    T, N = size
    n, width = bank.shape
    rows = rng.permutation(n)
    losses = []
    for i in range(int(np.clip(n // T, _FEWEST, _MOST))):
        part: Index = np.sort(np.roll(rows, -i * T)[:T])
        start = i * N % (width - N + 1)
        features = FeatureRows(bank[:, start : start + N] * np.sqrt(width / N))
        losses.append(held_out(features, target, part, _RIDGES).squared.mean(axis=0))
    return np.array(losses)


def _miss(measured: Floats, predict: Predict, T: int, N: int) -> Floats:
    """Logarithm of measured over forecast on all ridges; 0 where the forecast diverges."""
    n = len(_RIDGES)
    query = Query(np.full(n, float(T)), np.full(n, float(N)), _RIDGES)
    loss = predict(query)
    sound = np.isfinite(loss) & (measured > 0)
    ratio = np.where(sound, measured, 1.0) / np.where(sound, loss, 1.0)
    return np.asarray(np.clip(np.log(ratio), -_MOST_MISS, _MOST_MISS))


def _smooth(variance: Floats) -> Floats:
    """Average each variance with its neighbours in features and in ridge."""
    for axis in (1, 2):
        padded = np.pad(variance, [(0, 0) if i != axis else (1, 1) for i in range(3)], "edge")
        n = variance.shape[axis]
        variance = np.mean([padded.take(np.arange(i, i + n), axis) for i in range(3)], axis=0)
    return variance


def _between(axes: tuple[Floats, ...], at: tuple[Floats, ...], values: Floats) -> Floats:
    """Interpolate linearly on each axis, the ends held; values (J, K, L, what) to (n, what)."""
    out = values[None]
    for axis, x in zip(axes, at, strict=True):
        x = np.clip(x, axis[0], axis[-1])
        left = np.clip(np.searchsorted(axis, x, side="right") - 1, 0, max(len(axis) - 2, 0))
        right = np.minimum(left + 1, len(axis) - 1)
        width = np.where(right > left, axis[right] - axis[left], 1.0)
        share = ((x - axis[left]) / width).reshape(-1, *[1] * (out.ndim - 2))
        row = np.arange(len(x)) if len(out) > 1 else 0
        out = out[row, left] * (1 - share) + out[row, right] * share
    return np.asarray(out)
