"""Beyond what was measured: lenses smaller than any that the sample resolves.

A fit of n rows with more modes than rows has a smallest lens κ₀, that of no ridge. More rows reach
below it, to modes that the sample never saw. There, z continues as the power law of its end (with
`max_rank` modes at most: log z/(max_rank - z) is straight in log κ), and the loss without variance
as a floor and a power, ``B = floor + c κ^β``, fitted to the last part above κ₀. Nothing says where
a power law ends: the draws differ in the part that is fitted and in how the slope of z goes on, so
that the interval grows with the distance.
"""

from dataclasses import replace

import numpy as np

from eigenscale.forecast.anchor import Anchor
from eigenscale.forecast.rows import Floats

_REACH, _STEP = 10.0, 0.15  # e-folds below κ₀, and their steps
_POWERS = np.geomspace(0.02, 2.0, 32)
_WINDOWS = (2.0, 3.0, 4.0, 5.0)  # e-folds above κ₀ that a draw fits
_WINDOW = 3.5
SCENARIOS = ((0.5, 1.0), (0.0, 0.95), (1.0, 1.05))  # share of the trend, factor on the slope


def is_open(anchor: Anchor) -> bool:
    """Whether there may be modes below the anchor's smallest lens."""
    rows = anchor.n_samples - 1
    return anchor.max_rank > rows and bool(anchor.modes[0] > 0.9 * rows)


def extend(anchor: Anchor, scenario: int = 0) -> Anchor:
    """Add points below the smallest lens."""
    below = -np.arange(_REACH, 0, -_STEP)
    modes, wide = _modes(anchor, below, *SCENARIOS[scenario])
    windows = np.resize(_WINDOWS, len(anchor.bias_draws))
    fall, power = _bias(anchor, anchor.bias[None], np.array([_WINDOW]), below)
    fall_draws, power_draws = _bias(anchor, anchor.bias_draws, windows, below)
    bias, bias_draws = anchor.bias[:1] - fall[0], anchor.bias_draws[:, :1] - fall_draws
    gap = (anchor.cross - anchor.bias)[:1] * np.exp(power * below)
    gap_draws = (anchor.cross_draws - anchor.bias_draws)[:, :1] * np.exp(power_draws * below)
    share = bias / anchor.bias[0]
    share_draws = bias_draws / anchor.bias_draws[:, :1]
    binned_draws = anchor.binned_draws[:, :, :1] * share_draws[:, None]
    return replace(
        anchor,
        log_lens=np.concatenate([anchor.log_lens[0] + below, anchor.log_lens]),
        modes=np.concatenate([modes, anchor.modes]),
        wide_modes=np.concatenate([wide, anchor.wide_modes]),
        odds=_prepend(np.repeat(anchor.odds[:, :1], len(below), axis=1), anchor.odds),
        bias=np.concatenate([bias, anchor.bias]),
        cross=np.concatenate([bias + gap[0], anchor.cross]),
        binned=_prepend(anchor.binned[:, :1] * share, anchor.binned),
        bias_draws=_prepend(bias_draws, anchor.bias_draws),
        cross_draws=_prepend(bias_draws + gap_draws, anchor.cross_draws),
        binned_draws=_prepend(binned_draws, anchor.binned_draws),
        scatter=np.concatenate([np.full(len(below), anchor.scatter[0]), anchor.scatter]),
    )


def _prepend(below: Floats, values: Floats) -> Floats:
    return np.concatenate([below, values], axis=-1)


def _modes(anchor: Anchor, below: Floats, trend: float, factor: float) -> tuple[Floats, Floats]:
    """Z and D below κ₀."""
    z, D, rank = anchor.modes, anchor.wide_modes, anchor.max_rank
    slope = (D - z) / (z * (1 - z / rank))  # of log z/(rank - z) in log κ
    window = anchor.log_lens < anchor.log_lens[0] + _WINDOW
    x, w = anchor.log_lens[window], np.gradient(anchor.log_lens)[window]
    fit = (
        np.polyfit(x - x[0], slope[window], 1, w=np.sqrt(w)) if window.sum() > 3 else (0, slope[0])
    )
    start = float(np.clip(slope[0] * factor, -2.0, -1e-3))
    bend = trend * float(np.clip(fit[0], -0.05, 0.05))
    path = np.clip(start + bend * below, 1.5 * start, 0.5 * start)
    steps = np.append(np.diff(below), -below[-1])
    rise = -np.cumsum((path * steps)[::-1])[::-1]
    odds = (z[0] / (rank - z[0]) if np.isfinite(rank) else z[0]) * np.exp(rise)
    modes = rank * odds / (1 + odds) if np.isfinite(rank) else odds
    return modes, modes * (1 + path * (1 - modes / rank))


def _bias(anchor: Anchor, bias: Floats, windows: Floats, below: Floats) -> tuple[Floats, Floats]:
    """How far B falls below its value at κ₀, shape (B, points), and the power, (B, 1)."""
    x = anchor.log_lens - anchor.log_lens[0]
    weight = np.gradient(anchor.log_lens) * (x < windows[:, None])
    best = np.full(len(bias), np.inf)
    scale, power = np.zeros(len(bias)), np.full(len(bias), _POWERS[0])
    for beta in _POWERS:
        miss, slope = _line(np.exp(beta * x), bias, weight)
        better = miss < best
        best, scale = np.where(better, miss, best), np.where(better, slope, scale)
        power = np.where(better, beta, power)
    # The floor is not negative: what is left at κ → 0 is at least nothing.
    scale = np.clip(scale, 0.0, np.maximum(bias[:, 0], 0.0))
    fall = scale[:, None] * -np.expm1(power[:, None] * below)
    return fall, power[:, None]


def _line(x: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Weighted least squares of each row of y on x with a floor of at least 0: miss and slope."""
    total = weight.sum(axis=1)
    mean_x, mean_y = weight @ x / total, (weight * y).sum(axis=1) / total
    dx, dy = x - mean_x[:, None], y - mean_y[:, None]
    slope = (weight * dx * dy).sum(axis=1) / (weight * dx**2).sum(axis=1)
    without = (weight * x * y).sum(axis=1) / (weight @ x**2)
    slope = np.where(mean_y - slope * mean_x < 0, without, slope)
    floor = np.where(slope == without, 0.0, mean_y - slope * mean_x)
    return (weight * (y - floor[:, None] - slope[:, None] * x) ** 2).sum(axis=1), slope
