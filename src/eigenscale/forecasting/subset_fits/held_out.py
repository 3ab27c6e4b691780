"""One fit, scored on rows it has not seen, at every ridge at once.

Ridge regression on n centred rows has the hat matrix ``H = Σ_j u_j u_jᵀ a_j/(a_j + μ)``. A training
row i that had been left out would have the residual ``e_i = r_i/(1 - H_ii - 1/n)``: no refit. Rows
outside the training set are predicted as they are. The leverages give more. For rows ``x =
√τ·(Gaussian)`` of unequal size, the random Σ̂ + μ acts like the population's, at a effective ridge
κ:

    μ (Σ̂ + μ)⁻¹ ~ κ (Σ + κ)⁻¹,     H_ii/(1 - H_ii) = s τ_i,     z(κ) = Σ_i H_ii,
    μ = κ · mean_i τ_i/(1 + s τ_i).

So z, κ and the spread of τ are read off the leverages, without estimating a single population
eigenvalue. With all τ = 1 this is ``μ = κ (1 - z/n)``, the one equation of the theory (★) without
features, and the held-out error is generalised cross-validation.
Source: Marchenko and Pastur 1967; El Karoui 2009 (elliptical data); derived in docs/forecast.md.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats, Index, Mask
from eigenscale.forecasting.sample.rows import Basis, Rows

POINTS = 96
_ODDS_CAP = 30.0  # times the median
_BLOCK = 4_000_000  # residuals held at once


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Held-out errors and leverages of one fit, at K ridges.

    Attributes
    ----------
    ridges : array, shape (K,)
        Per sample, ascending.
    squared, cross : array, shape (n_rows, K)
        Squared held-out residual of every row, and its product with the centred target, both
        summed over target columns.
    residual : array, shape (n_rows, K, columns) or None
        The held-out residuals themselves, where they are asked for.
    odds : array, shape (n, K)
        s τ_i = H_ii/(1 - H_ii) of the training rows.
    modes, modes_slope : array, shape (K,)
        z, and dz/dlog μ.
    kappa_slope : array, shape (K,)
        dlog κ/dlog μ.
    """

    ridges: Floats
    squared: Floats
    cross: Floats
    residual: Floats | None
    odds: Floats
    modes: Floats
    modes_slope: Floats
    kappa_slope: Floats


def held_out(
    rows: Rows,
    target: Floats,
    train: Index,
    ridges: Floats | None = None,
    keep_residual: bool = False,
) -> HeldOut:
    """Fit on the rows `train` at each of `ridges` and score every row.

    Without `ridges`, they reach from far above the largest eigenvalue to far below the smallest.
    """
    n = len(train)
    other = np.setdiff1d(np.arange(rows.n_rows), train)
    basis = rows.basis(train, other)
    if ridges is None:
        ridges = _ridges(basis.eigenvalues)
    squared, cross = np.empty((2, rows.n_rows, len(ridges)))
    kept = np.empty((*squared.shape, target.shape[1])) if keep_residual else None
    lost = ridges[:, None] / (basis.eigenvalues + ridges[:, None])
    square = basis.inside**2
    outside_span = _outside_span(square, n)
    spanned = outside_span == 0
    rest = outside_span[:, None] + square @ lost.T  # 1 - 1/n - H_ii
    step = max(1, _BLOCK // target.size)
    for start in range(0, len(ridges), step):
        part = slice(start, start + step)
        for index, residual in _residuals(basis, target, train, other, lost[part], spanned):
            if index is train:
                residual /= rest[:, part].T[:, :, None]
            if kept is not None:
                kept[index, part] = residual.transpose(1, 0, 2)
            squared[index, part] = np.einsum("knc,knc->nk", residual, residual)
            centred = target[index] - target.mean(axis=0)
            cross[index, part] = np.einsum("knc,nc->nk", residual, centred)
    return HeldOut(ridges, squared, cross, kept, *_leverages(square, lost, rest, n, outside_span))


def _ridges(eigenvalues: Floats) -> Floats:
    top, bottom = eigenvalues[-1], eigenvalues[0]
    body = np.geomspace(max(0.01 * bottom, 1e-12 * top), 30 * top, POINTS)
    return np.concatenate([body[0] * np.array([1e-6, 1e-4, 1e-2]), body])


def _outside_span(square: Floats, n: int) -> Floats:
    """Share of each row that no eigenvector holds; zero where they hold everything."""
    left = np.maximum(1 - 1 / n - square.sum(axis=1), 0.0)
    return np.where(left < 1e-10, 0.0, left)


def _residuals(
    basis: Basis, target: Floats, train: Index, other: Index, lost: Floats, spanned: Mask
) -> list[tuple[Index, Floats]]:
    """Residuals of the training rows and of the others, each (ridges, rows, columns)."""
    mean = target[train].mean(axis=0)
    centred = target[train] - mean
    coefficients = basis.inside.T @ centred
    null = centred - basis.inside @ coefficients
    null[spanned] = 0.0
    inside = null + _combine(basis.inside, lost[:, :, None] * coefficients)
    kept = (1 - lost)[:, :, None] * coefficients
    outside = target[other] - mean - _combine(basis.outside, kept)
    return [(train, inside), (other, outside)]


def _combine(vectors: Floats, coefficients: Floats) -> Floats:
    """``vectors @ coefficients`` for a stack (ridges, r, columns), in one product."""
    n_ridges, rank, n_columns = coefficients.shape
    flat = vectors @ coefficients.transpose(1, 0, 2).reshape(rank, n_ridges * n_columns)
    return flat.reshape(len(vectors), n_ridges, n_columns).transpose(1, 0, 2)


def _leverages(
    square: Floats, lost: Floats, rest: Floats, n: int, outside_span: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Odds, z, dz/dlog μ and dlog κ/dlog μ, free of cancellation as μ → 0."""
    odds = (square @ (1 - lost).T) / rest
    curved = outside_span[:, None] + square @ (lost**2).T
    change = curved - rest  # dH_ii/dlog μ
    growth = ((1 - 1 / n) * curved - rest**2) / rest**2  # odds + dodds/dlog μ
    # A row alone in some direction has odds without bound; it tells nothing of the others.
    most = _ODDS_CAP * np.median(odds, axis=0)
    high = odds > most
    usual = np.where(high, 0.0, odds).sum(axis=0)
    rate = np.where(high, 0.0, growth).sum(axis=0) / usual
    odds = np.where(high, most, odds)
    growth = np.where(high, most * rate, growth)
    change = np.where(high, (1 - 1 / n) * most * (rate - 1) / (1 + most) ** 2, change)
    modes, modes_slope = (1 - 1 / n) * (odds / (1 + odds)).sum(axis=0), change.sum(axis=0)
    kappa_slope = growth.mean(axis=0) / odds.mean(axis=0) - modes_slope / modes
    return odds, modes, modes_slope, kappa_slope
