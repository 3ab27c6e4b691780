import numpy as np
import pytest

from eigenscale.forecasting.sample.rows import FeatureRows, KernelRows
from eigenscale.forecasting.subset_fits.held_out import held_out


def refit(x, y, train, row, ridge):
    """Ridge regression on centred rows, without `row`, predicted at `row`."""
    keep = train[train != row]
    mean, level = x[keep].mean(0), y[keep].mean(0)
    inner = x[keep] - mean
    # The ridge is per sample of the full training set, so that its total stays the same.
    total = inner.T @ inner + ridge * len(train) * np.eye(x.shape[1])
    weights = np.linalg.solve(total, inner.T @ (y[keep] - level))
    return y[row] - level - (x[row] - mean) @ weights


@pytest.mark.parametrize(("n", "n_inputs"), [(40, 8), (20, 30)])
def test_held_out_residuals_are_those_of_refits(n, n_inputs):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, n_inputs)) + 3, rng.normal(size=(50, 2)) - 1
    train, ridges = np.arange(n), np.array([1e-3, 0.1, 10.0])
    got = held_out(FeatureRows(x), y, train, ridges)
    for k, ridge in enumerate(ridges):
        for row in (0, 7, n + 5):
            want = (refit(x, y, train, row, ridge) ** 2).sum()
            assert got.squared[row, k] == pytest.approx(want, rel=1e-8)


def test_a_linear_kernel_is_the_same_as_its_features():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(60, 90)), rng.normal(size=(60, 3))
    train, ridges = np.arange(0, 60, 2), np.geomspace(1e-4, 10, 5)
    a = held_out(FeatureRows(x), y, train, ridges)
    b = held_out(KernelRows(x @ x.T), y, train, ridges)
    for name in ("squared", "cross", "odds", "modes", "modes_slope", "kappa_slope"):
        np.testing.assert_allclose(getattr(a, name), getattr(b, name), rtol=1e-7, err_msg=name)


def test_slopes_are_derivatives():
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(80, 50)) * np.arange(1, 51) ** -0.8, rng.normal(size=(80, 1))
    for train in (np.arange(80), np.arange(30)):
        ridges = np.array([0.01, 0.01 * np.exp(1e-4)])
        got = held_out(FeatureRows(x), y, train, ridges)
        log_kappa = np.log(ridges * got.odds.mean(axis=0) / got.modes)
        assert np.diff(got.modes)[0] / 1e-4 == pytest.approx(got.modes_slope[0], rel=1e-3)
        assert np.diff(log_kappa)[0] / 1e-4 == pytest.approx(got.kappa_slope[0], rel=1e-3)


def test_a_row_alone_in_a_direction_leaves_the_rest_finite():
    rng = np.random.default_rng(3)
    x = np.column_stack([rng.normal(size=(40, 5)), np.eye(40)[:, 0]])
    got = held_out(FeatureRows(x), rng.normal(size=(40, 1)), np.arange(40))
    for values in (got.squared, got.odds, got.modes, got.kappa_slope):
        assert np.isfinite(values).all()
    assert got.odds.max() < 100 * np.median(got.odds, axis=0).max()
