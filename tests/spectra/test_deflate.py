"""Small eigenvalues of float32 data keep their digits beside large ones."""

import numpy as np
import pytest

from eigenscale.spectra.moments.accumulate import Accumulator
from eigenscale.spectra.moments.deflate import Directions, leading


def rows_with(variances, n=6000, mean_over_sd=7.0, seed=0):
    """float32 rows of these variances in rotated directions, far from the origin."""
    rng = np.random.default_rng(seed)
    p = len(variances)
    rotation = np.linalg.qr(rng.standard_normal((p, p)))[0]
    rows = (rng.standard_normal((n, p)) * np.sqrt(variances)) @ rotation
    return (rows + mean_over_sd * rows.std()).astype(np.float32)


def summed(rows, target=None):
    sums = Accumulator(rows.shape[1], 0 if target is None else target.shape[1], rows.dtype)
    sums.add(rows, target)
    return sums.moments()


def errors(rows):
    """Relative errors of eigenvalues down to 1e-6 of the largest, and the same of bare float32."""
    wide = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    exact = np.linalg.eigvalsh(wide.T @ wide)[::-1]
    keep = exact > 1e-6 * exact[0]
    bare = np.zeros((rows.shape[1],) * 2)
    for start in range(0, len(rows), 1024):
        block = wide[start : start + 1024].astype(np.float32)
        bare += block.T @ block
    found = (summed(rows).scatter, bare)
    return [np.abs(np.linalg.eigvalsh(s)[::-1][keep] / exact[keep] - 1).max() for s in found]


FALLS = {
    "power 1": lambda p: np.arange(1.0, p + 1) ** -1,
    "power 1.5": lambda p: np.arange(1.0, p + 1) ** -1.5,
    "power 2.2": lambda p: np.arange(1.0, p + 1) ** -2.2,
    "power 2.8": lambda p: np.arange(1.0, p + 1) ** -2.8,
    "exponential": lambda p: np.geomspace(1, 1e-6, p),
    "ten large": lambda p: np.r_[np.ones(10), np.full(p - 10, 2e-6)],
}


@pytest.mark.parametrize("fall", FALLS)
@pytest.mark.parametrize("p", [130, 512])
def test_eigenvalues_are_right_to_1e_5_down_to_a_millionth(p, fall):
    ours, bare = errors(rows_with(FALLS[fall](p)))
    assert ours < 1e-5
    assert fall.startswith("power 1") or bare > 1e-5  # the others need care


def test_directions_that_go_stale_are_chosen_anew():
    steep = np.arange(1.0, 301) ** -2.2
    rows = np.concatenate([rows_with(steep, 3000, seed=s) for s in (0, 1)])
    sums = Accumulator(300, 0, rows.dtype)
    sums.add(rows)
    got = sums.moments()
    assert sums.done is not None  # the second rotation called for a new pilot
    exact = np.cov(rows.astype(np.float64), rowvar=False)
    np.testing.assert_allclose(
        np.linalg.eigvalsh(got.covariance)[::-1], np.linalg.eigvalsh(exact)[::-1], rtol=1e-5
    )


def test_target_and_constant_columns_survive():
    rows = rows_with(np.arange(1.0, 201) ** -2.2)
    rows[:, 7] = 3.0
    target = rows[:, :2].astype(np.float64) @ [[1.0, 2.0], [0.5, -1.0]]
    got = summed(rows, target)
    wide = rows.astype(np.float64)
    exact = np.cov(wide, target, rowvar=False)
    np.testing.assert_allclose(got.cross_covariance, exact[:200, 200:], atol=1e-6 * exact.max())
    np.testing.assert_allclose(got.mean, wide.mean(axis=0), rtol=1e-7)
    assert got.scatter[7, 7] == 0.0


def test_flat_spectra_and_doubles_need_no_directions():
    centred = np.random.default_rng(0).standard_normal((1000, 300))
    assert leading(centred) is None
    assert leading(centred.astype(np.float32)) is None
    assert leading(np.zeros((1000, 300), np.float32)) is None
    assert leading(centred[:20].astype(np.float32)) is None


def test_taking_out_and_putting_back_is_exact_for_any_directions():
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((500, 140), dtype=np.float32)
    basis = np.asfortranarray(rng.standard_normal((140, 5), dtype=np.float32) / 10)
    directions, both = Directions(basis), np.pad(rows, ((0, 0), (0, 5)))
    directions.take_out(both)
    left, along = both[:, :140], both[:, 140:]
    np.testing.assert_allclose(along, rows @ basis, atol=1e-5)
    np.testing.assert_allclose(left + along @ basis.T, rows, atol=1e-5)
    first, second = both.sum(axis=0, dtype=float), np.cov(both.astype(float), rowvar=False)
    offset, scatter = directions.whole(500, first, second * 499)
    wide = rows.astype(np.float64)
    np.testing.assert_allclose(offset, wide.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(scatter / 499, np.cov(wide, rowvar=False), atol=1e-5)
    np.testing.assert_allclose(directions.whole_cross(both.T), rows.T @ np.eye(500), atol=1e-5)


def test_fewer_directions_are_taken_where_single_precision_bears_the_rest():
    def count(rows):
        return leading((rows - rows.mean(axis=0)).astype(np.float32)).shape[1]

    ranks = np.arange(1.0, 401)
    slow, steep = rows_with(ranks**-1.7, 1024), rows_with(ranks**-2.2, 1024)
    assert count(slow) < count(steep)
    slow_but_for_one = np.r_[ranks[:-1] ** -1.7, 1e-6]
    assert count(rows_with(slow_but_for_one, 1024)) > count(slow)
    assert errors(rows_with(slow_but_for_one))[0] < 1e-5
