"""B from pairs of training sets, against data whose B is known and against the theory."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale.forecasting.extrapolation.nested import _partitions, _sizes
from eigenscale.forecasting.extrapolation.pairs import calibrated, graft
from eigenscale.forecasting.extrapolation.transfer import Place, Query, loss_at
from eigenscale.forecasting.sample.rows import FeatureRows
from eigenscale.forecasting.subset_fits.subset_fit import Weights, fit_subsets


def mixed_rows(n, rng, n_inputs=20):
    """Rows of two kinds that differ in direction: no common shape, so no theory is exact."""
    kind = rng.random(n) < 0.2
    size = np.where(kind[:, None], np.ones(n_inputs), np.arange(1, n_inputs + 1) ** -2.0)
    x = rng.normal(size=(n, n_inputs)) * size
    noise = np.where(kind, 1.0, 0.2)
    return x, (x.sum(axis=1) + noise * rng.normal(size=n))[:, None]


def made(x, y, size, partitions=None, seed=0):
    rng = np.random.default_rng(seed)
    parts = partitions or _partitions(len(x), size, rng)
    return fit_subsets(FeatureRows(x), y, parts, Weights.draw(len(x), 40, rng))


def test_pairs_measure_the_loss_of_the_mean_fit():
    ridge, pairs = 1e-3, []
    for seed in range(8):
        x, y = mixed_rows(2000, np.random.default_rng(seed))
        got = made(x, y, 60, seed=seed)
        pairs.append(np.interp(np.log(ridge), got.log_ridges, got.bias))
    rng = np.random.default_rng(99)
    other, target = mixed_rows(4000, rng)
    fits = []
    for _ in range(400):
        a, b = mixed_rows(60, rng)
        x = a - a.mean(axis=0)
        w = np.linalg.solve(x.T @ x / 60 + ridge * np.eye(20), x.T @ (b - b.mean()) / 60)
        fits.append((other - a.mean(axis=0)) @ w + b.mean(axis=0))
    spread = np.var(fits, axis=0).mean()
    truth = ((np.mean(fits, axis=0) - target) ** 2).mean() - spread / 399
    assert np.mean(pairs) == pytest.approx(truth, rel=0.15)
    assert truth < 0.5 * (truth + spread)  # so that the split matters


def test_a_calibrated_anchor_gives_back_what_was_measured():
    x, y = mixed_rows(400, np.random.default_rng(1))
    got = calibrated(made(x, y, 100))
    place = Place.of(got, got.log_kappa)
    n = np.full(len(got.log_kappa), 100.0)
    back = loss_at(got, Query(n, np.full_like(n, np.inf), np.zeros_like(n)), place)[0]
    inside = (got.excess > 0.21) & (got.excess < 4.9)
    assert inside.sum() > 20
    np.testing.assert_allclose(back[inside], 1.01 * got.loss[inside], rtol=1e-6)


def test_the_whole_sample_takes_its_bias_over_from_pairs():
    x, y = mixed_rows(400, np.random.default_rng(2))
    half, whole = made(x, y, 200), made(x, y, 400)
    assert half.paired
    assert not whole.paired
    taken = graft(whole, half)
    common = np.clip(whole.log_kappa, half.log_kappa[0], half.log_kappa[-1])
    want = np.interp(common, half.log_kappa, half.bias)
    np.testing.assert_allclose(taken.bias, want, rtol=1e-9)
    np.testing.assert_array_equal(taken.loss, whole.loss)


@settings(deadline=None, max_examples=20)
@given(st.integers(40, 300), st.integers(0, 10))
def test_training_sets_of_a_partition_share_no_row(n, seed):
    rng = np.random.default_rng(seed)
    for size in _sizes(n, 1):
        for partition in _partitions(n, size, rng):
            rows = np.concatenate(partition)
            assert len(set(rows)) == len(rows) == size * len(partition)


@settings(deadline=None, max_examples=10)
@given(st.floats(0.01, 100.0), st.integers(0, 5))
def test_units_of_the_target_only_scale_the_loss(unit, seed):
    x, y = mixed_rows(80, np.random.default_rng(seed))
    a, b = made(x, y, 40), made(x, unit * y, 40)
    np.testing.assert_allclose(b.bias, unit**2 * a.bias, rtol=1e-6)
    np.testing.assert_allclose(calibrated(b).excess, calibrated(a).excess, rtol=1e-4)
