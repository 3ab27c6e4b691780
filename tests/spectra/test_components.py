"""The principal components' view of a spectrum."""

import numpy as np
import pytest

from eigenscale.spectra.diagonalised import components_of
from eigenscale.spectra.measured import from_eigenvalues


def test_explained_variance_is_that_of_scikit_learn():
    decomposition = pytest.importorskip("sklearn.decomposition")
    from eigenscale.spectra.measure import measure

    rows = np.random.default_rng(0).normal(size=(300, 12)) * np.arange(1.0, 13) ** -1
    theirs = np.cumsum(decomposition.PCA().fit(rows).explained_variance_ratio_)
    ours = measure(rows).components
    np.testing.assert_allclose(ours.explained, theirs, rtol=1e-9)
    assert ours.needed[0.9] == int(np.argmax(theirs >= 0.9)) + 1


def test_a_gap_is_found_where_it_is():
    values = np.concatenate([np.full(5, 10.0), np.linspace(1.0, 0.5, 20)])
    found = components_of(values)
    assert (found.gap_rank, found.gap) == (5, pytest.approx(10.0))
    assert found.to_dict()["components_for"]["0.5"] == 4


def test_a_share_that_is_not_reached_is_left_out():
    """Where only the leading eigenvalues are known the trace is larger than their sum."""
    found = components_of(np.array([4.0, 2.0]), trace=10.0)
    assert found.needed == {0.5: 2}


def test_one_eigenvalue_has_no_gap():
    assert from_eigenvalues([2.0], n_samples=10).components.gap_rank == 0
