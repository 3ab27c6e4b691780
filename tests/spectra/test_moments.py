"""Moments add up: any block size, any order, any tree gives NumPy's float64 answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.spectra.moments.accumulate import Accumulator
from eigenscale.spectra.moments.moments import Moments, merge


def graded_rows(n=3000, p=160, mean_over_sd=7.0, exponent=1.5, seed=0):
    """float32 rows of a rotated power-law covariance, far from the origin."""
    rng = np.random.default_rng(seed)
    rotation = np.linalg.qr(rng.normal(size=(p, p)))[0]
    rows = (rng.normal(size=(n, p)) * np.arange(1.0, p + 1) ** (-exponent / 2)) @ rotation
    return (rows + mean_over_sd * rows.std()).astype(np.float32)


ROWS = graded_rows()
TARGET = np.random.default_rng(1).normal(3.0, 2.0, (len(ROWS), 2))
EIGENVALUES = np.linalg.eigvalsh(np.cov(ROWS.astype(np.float64), rowvar=False))


def eigenvalues(moments):
    return np.linalg.eigvalsh(moments.covariance)


@given(st.lists(st.integers(1, 900), min_size=1, max_size=30), st.integers(0, 2**32 - 1))
@settings(max_examples=15)
def test_any_blocks_in_any_order_give_the_float64_eigenvalues(sizes, seed):
    edges = np.cumsum(sizes)
    blocks = np.split(np.arange(len(ROWS)), edges[edges < len(ROWS)])
    order = np.random.default_rng(seed).permutation(len(blocks))
    sums = Accumulator(ROWS.shape[1], 2, ROWS.dtype)
    for i in order:
        sums.add(ROWS[blocks[i]], TARGET[blocks[i]])
    got = sums.moments()
    assert got.n_samples == len(ROWS)
    np.testing.assert_allclose(eigenvalues(got), EIGENVALUES, rtol=1e-5)
    np.testing.assert_allclose(
        got.cross_covariance,
        np.cov(ROWS.astype(np.float64), TARGET, rowvar=False)[:-2, -2:],
        atol=1e-6,
    )
    np.testing.assert_allclose(got.target_covariance, np.cov(TARGET, rowvar=False), rtol=1e-12)


@st.composite
def trees(draw):
    """A way to add the moments of seven pieces two by two, in any shape of tree."""
    pieces = list(range(7))
    while len(pieces) > 1:
        i = draw(st.integers(0, len(pieces) - 1))
        left = pieces.pop(i)
        j = draw(st.integers(0, len(pieces) - 1))
        pieces.append((left, pieces.pop(j)))
    return pieces[0]


PARTS = [
    Moments.of(ROWS[part], TARGET[part])
    for part in np.array_split(np.random.default_rng(2).permutation(len(ROWS)), 7)
]


@given(trees())
@settings(max_examples=20)
def test_merged_in_any_tree(tree):
    def added(node):
        return PARTS[node] if isinstance(node, int) else added(node[0]) + added(node[1])

    got = added(tree)
    np.testing.assert_allclose(eigenvalues(got), EIGENVALUES, rtol=1e-5)
    np.testing.assert_allclose(got.mean, ROWS.mean(axis=0, dtype=float), rtol=1e-6)
    np.testing.assert_allclose(got.scatter, merge(PARTS).scatter, rtol=1e-10, atol=1e-9)


@given(st.floats(1e-15, 1e15), st.integers(-3, 3))
@settings(max_examples=20)
def test_units_and_origin_do_not_matter(unit, shift):
    rows = graded_rows(400, 130, mean_over_sd=0.0)
    moved = (rows.astype(np.float64) * unit).astype(np.float32) + np.float32(shift * unit)
    expected = np.cov(moved.astype(np.float64), rowvar=False)
    got = Moments.of(moved).covariance
    np.testing.assert_allclose(got, expected, atol=1e-6 * np.abs(expected).max())


def test_data_sorted_far_from_its_first_block_keeps_its_digits():
    rows = graded_rows(6000, 130, mean_over_sd=0.0)
    rows[1024:] += np.float32(1000.0 * rows.std())  # the pilot sees none of this
    got = Accumulator(130, 0, rows.dtype)
    got.add(rows[:1024])
    got.add(rows[1024:])
    exact = Moments.of(rows.astype(np.float64))
    np.testing.assert_allclose(eigenvalues(got.moments()), eigenvalues(exact), rtol=1e-5)


def test_constant_columns_have_exactly_no_variance():
    rows = np.column_stack([np.full(5000, 0.1), np.arange(5000.0)])
    assert Moments.of(rows).scatter[0, 0] == 0.0
    assert Moments.of(rows).scatter[0, 1] == 0.0


def test_saved_moments_come_back_bit_for_bit(tmp_path):
    PARTS[0].save(tmp_path / "moments.npz")
    back = Moments.load(tmp_path / "moments.npz")
    assert back.n_samples == PARTS[0].n_samples
    np.testing.assert_array_equal(back.scatter, PARTS[0].scatter)
    np.testing.assert_array_equal(back.cross, PARTS[0].cross)
    assert [p.name for p in tmp_path.iterdir()] == ["moments.npz"]


def test_the_moments_of_no_rows_change_nothing():
    nothing = Moments.empty(ROWS.shape[1], 2)
    assert (nothing + PARTS[0]).scatter is PARTS[0].scatter
    assert (PARTS[0] + nothing).scatter is PARTS[0].scatter


def test_moments_of_other_columns_are_refused():
    with pytest.raises(InputError, match="measure the same columns"):
        _ = Moments.of(ROWS) + Moments.of(ROWS[:, :5])
    with pytest.raises(InputError, match="no moments"):
        merge([])
