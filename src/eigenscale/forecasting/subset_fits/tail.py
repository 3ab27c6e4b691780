"""Where a sample says little: the loss without variance from its end, and κ below any seen.

B = E - V is a small difference of large numbers where nearly every row is used up (D → n). There
the sample does not tell it, and a floor and a power, ``B = floor + c κ^β``, fitted to values of κ
where it does, take over by degrees (`steady`).

A fit of n rows with more modes than rows has a smallest effective ridge κ₀, that of no ridge. More
rows reach below it, to modes that the sample never saw (`extend`). There z continues as the power
law of its end (with `max_rank` modes at most: log z/(max_rank - z) is straight in log κ), and B as
fitted. Nothing says where a power law ends: the draws differ in the part that is fitted and in how
the slope of z goes on, so that the interval grows with the distance.
"""

from dataclasses import replace

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.forecasting.subset_fits.subset_fit import SubsetFit

_REACH, _STEP = 10.0, 0.15  # e-folds below κ₀, and their steps
_POWERS = np.geomspace(0.02, 2.0, 32)
_WINDOWS = (2.0, 3.0, 4.0, 5.0)  # e-folds above the last κ that is known, which a draw fits
_WINDOW = 3.5
_KNOWN = 0.02  # relative error at which half is taken from the fit
SCENARIOS = ((0.5, 1.0), (0.0, 0.95), (1.0, 1.05))  # share of the trend, factor on the slope


def is_open(subset: SubsetFit) -> bool:
    """Whether there may be modes below the subset fit's smallest κ."""
    rows = subset.n_samples - 1
    return subset.max_rank > rows and bool(subset.modes[0] > 0.9 * rows)


def steady(subset: SubsetFit) -> SubsetFit:
    """Replace the loss without variance by its fit where the sample does not tell it."""
    trust, last = _trust(subset)
    x = subset.log_kappa - subset.log_kappa[last]
    fits = _fits(subset)
    values = []
    for bias, cross, binned, (bias_fit, power) in zip(
        (subset.bias[None], subset.bias_draws),
        (subset.cross[None], subset.cross_draws),
        (subset.binned[None], subset.binned_draws),
        fits,
        strict=True,
    ):
        mixed = trust * bias + (1 - trust) * bias_fit(x)
        gap = (cross - bias)[:, [last]] * np.exp(power * np.minimum(x, 0))
        shape = binned[:, :, [last]] / bias[:, None, [last]]
        values += [
            mixed,
            mixed + trust * (cross - bias) + (1 - trust) * gap,
            trust * binned + (1 - trust) * shape * bias_fit(x)[:, None],
        ]
    return _with(subset, values)


def extend(subset: SubsetFit, scenario: int = 0) -> SubsetFit:
    """Add points below the smallest κ; `subset` is as measured, what is added is steady."""
    below = -np.arange(_REACH, 0, -_STEP)
    modes, wide = _modes(subset, below, *SCENARIOS[scenario])
    _, last = _trust(subset)
    x = below + subset.log_kappa[0] - subset.log_kappa[last]
    added = []
    for bias, cross, binned, (bias_fit, power) in zip(
        (subset.bias[None], subset.bias_draws),
        (subset.cross[None], subset.cross_draws),
        (subset.binned[None], subset.binned_draws),
        _fits(subset),
        strict=True,
    ):
        gap = (cross - bias)[:, [last]] * np.exp(power * x)
        shape = binned[:, :, [last]] / bias[:, None, [last]]
        added += [bias_fit(x), bias_fit(x) + gap, shape * bias_fit(x)[:, None]]
    bare = replace(
        subset,
        log_kappa=np.concatenate([subset.log_kappa[0] + below, subset.log_kappa]),
        modes=np.concatenate([modes, subset.modes]),
        wide_modes=np.concatenate([wide, subset.wide_modes]),
        odds=_held(subset.odds, below),
        log_ridges=_held(subset.log_ridges, below),
        loss=_held(subset.loss, below),
        loss_draws=_held(subset.loss_draws, below),
        excess=_held(subset.excess, below),
        excess_draws=_held(subset.excess_draws, below),
        scatter=_held(subset.scatter, below),
    )
    old = [subset.bias[None], subset.cross[None], subset.binned[None]]
    old += [subset.bias_draws, subset.cross_draws, subset.binned_draws]
    return _with(bare, [_prepend(a, b) for a, b in zip(added, old, strict=True)])


def _with(subset: SubsetFit, values: list[Floats]) -> SubsetFit:
    bias, cross, binned, bias_draws, cross_draws, binned_draws = values
    return replace(
        subset,
        bias=bias[0],
        cross=cross[0],
        binned=binned[0],
        bias_draws=bias_draws,
        cross_draws=cross_draws,
        binned_draws=binned_draws,
    )


def _held(values: Floats, below: Floats) -> Floats:
    """Go on with the value at the smallest κ."""
    return _prepend(np.repeat(values[..., :1], len(below), axis=-1), values)


def _prepend(below: Floats, values: Floats) -> Floats:
    return np.concatenate([below, values], axis=-1)


def _error(subset: SubsetFit) -> Floats:
    return np.asarray(subset.bias_draws.std(axis=0))


def _trust(subset: SubsetFit) -> tuple[Floats, int]:
    """How far to believe B at each κ, 0 to 1, and the smallest κ at half or more."""
    known = max(_KNOWN, 1 / np.sqrt(subset.n_samples))
    # Luck with the rows that moves the whole loss alike says nothing against B.
    share = subset.bias_draws / np.maximum(subset.loss_draws, 1e-300)
    error = share.std(axis=0) / np.maximum(share.mean(axis=0), 1e-300)
    trust = 1 / (1 + (error / known) ** 2)
    trust = np.minimum.accumulate(trust[::-1])[::-1]
    last = int(np.argmax(trust >= 0.5)) if (trust >= 0.5).any() else len(trust) - 1
    last = min(last, len(trust) - 4)
    return np.minimum(trust / trust[last], 1.0), last


class _Fit:
    """A floor and a power for each draw, as a function of log κ below the last known κ."""

    def __init__(self, floor: Floats, scale: Floats, power: Floats) -> None:
        self.floor, self.scale, self.power = floor, scale, power

    def __call__(self, x: Floats) -> Floats:
        fall = np.exp(self.power * np.minimum(x, 0.0))
        return np.asarray(self.floor[:, None] + self.scale[:, None] * fall)


def _fits(subset: SubsetFit) -> list[tuple[_Fit, Floats]]:
    """Fits of B and of its draws."""
    _, last = _trust(subset)
    x = subset.log_kappa - subset.log_kappa[last]
    error = _error(subset) ** 2 + (0.01 * subset.bias[last]) ** 2
    weight = np.gradient(subset.log_kappa) / error
    out = []
    for bias, windows in (
        (subset.bias[None], np.array([_WINDOW])),
        (subset.bias_draws, np.resize(_WINDOWS, len(subset.bias_draws))),
    ):
        fit = _fit(x, bias, weight * (x < windows[:, None]))
        out.append((fit, fit.power))
    return out


def _fit(x: Floats, bias: Floats, weight: Floats) -> _Fit:
    """Least squares over a floor of at least 0, a scale of at least 0, and the power."""
    n = len(bias)
    best, power = np.full(n, np.inf), np.full(n, _POWERS[0])
    floor, scale = np.zeros(n), np.zeros(n)
    for beta in _POWERS:
        miss, constant, slope = _line(np.exp(beta * np.minimum(x, 50)), bias, weight)
        better = miss < best
        best, power = np.where(better, miss, best), np.where(better, beta, power)
        floor, scale = np.where(better, constant, floor), np.where(better, slope, scale)
    return _Fit(floor, scale, power[:, None])


def _line(x: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """Weighted least squares of each row of y on x: miss, constant ≥ 0, slope ≥ 0."""
    total = weight.sum(axis=1)
    mean_x, mean_y = weight @ x / total, (weight * y).sum(axis=1) / total
    dx, dy = x - mean_x[:, None], y - mean_y[:, None]
    spread = (weight * dx**2).sum(axis=1)
    slope = (weight * dx * dy).sum(axis=1) / np.where(spread > 0, spread, 1.0)
    slope = np.maximum(slope, 0.0)
    without = np.maximum((weight * x * y).sum(axis=1) / (weight @ x**2), 0.0)
    through = mean_y - slope * mean_x < 0
    slope = np.where(through, without, slope)
    constant = np.where(through, 0.0, mean_y - slope * mean_x)
    miss = (weight * (y - constant[:, None] - slope[:, None] * x) ** 2).sum(axis=1)
    return miss, constant, slope


def _modes(subset: SubsetFit, below: Floats, trend: float, factor: float) -> tuple[Floats, Floats]:
    """Z and D below κ₀."""
    z, D, rank = subset.modes, subset.wide_modes, subset.max_rank
    slope = (D - z) / (z * (1 - z / rank))  # of log z/(rank - z) in log κ
    window = subset.log_kappa < subset.log_kappa[0] + _WINDOW
    x, w = subset.log_kappa[window], np.gradient(subset.log_kappa)[window]
    bend = np.polyfit(x - x[0], slope[window], 1, w=np.sqrt(w))[0] if window.sum() > 3 else 0.0
    start = float(np.clip(slope[0] * factor, -2.0, -1e-3))
    bend = trend * float(np.clip(bend, -0.05, 0.05))
    path = np.clip(start + bend * below, 1.5 * start, 0.5 * start)
    steps = np.append(np.diff(below), -below[-1])
    rise = -np.cumsum((path * steps)[::-1])[::-1]
    odds = (z[0] / (rank - z[0]) if np.isfinite(rank) else z[0]) * np.exp(rise)
    modes = rank * odds / (1 + odds) if np.isfinite(rank) else odds
    return modes, modes * (1 + path * (1 - modes / rank))
