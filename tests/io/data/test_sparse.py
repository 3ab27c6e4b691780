"""Sparse matrices, in memory and as SciPy saves them."""

import numpy as np
import pytest
from scipy import sparse

from eigenscale.errors import InputError
from eigenscale.forecasting.forecast import forecast
from eigenscale.io.data.opening import open_source
from eigenscale.spectra.measure import measure

MATRIX = sparse.random(300, 40, 0.1, format="csr", random_state=0)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dok"])
def test_a_sparse_matrix_has_the_spectrum_of_a_dense_one(kind):
    got, want = measure(MATRIX.asformat(kind)), measure(MATRIX.toarray())
    np.testing.assert_array_equal(got.eigenvalues, want.eigenvalues)
    assert "10 % of the values are stored" in got.notes[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, bool])
@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "bsr"])
def test_a_saved_matrix_is_read(kind, dtype, tmp_path):
    matrix = MATRIX.astype(dtype)
    sparse.save_npz(tmp_path / "x.npz", matrix.asformat(kind))
    source = open_source(tmp_path / "x.npz")
    assert (source.n_rows, source.n_columns) == matrix.shape
    blocks = [*source.blocks(7)]
    assert len(blocks) == 43
    np.testing.assert_array_equal(np.concatenate(blocks), matrix.toarray())
    np.testing.assert_array_equal(
        np.concatenate([*source.blocks_from(9, 123)]), matrix.toarray()[123:]
    )


def test_a_pass_over_it_goes_on_where_it_was_killed(tmp_path):
    saved = tmp_path / "pass"
    want = measure(MATRIX)
    np.testing.assert_array_equal(measure(MATRIX, checkpoint=saved).eigenvalues, want.eigenvalues)


def test_a_forecast_reads_it():
    target = MATRIX @ np.arange(40.0)
    by_sparse = forecast(MATRIX, target, n_samples=[100, 1000], draws=20)
    by_dense = forecast(MATRIX.toarray(), target, n_samples=[100, 1000], draws=20)
    assert by_sparse[0].loss == by_dense[0].loss


@pytest.mark.parametrize("name", ["indices", "indptr", "shape", "format"])
def test_a_changed_archive_is_one_line(name, tmp_path):
    sparse.save_npz(tmp_path / "x.npz", MATRIX)
    with np.load(tmp_path / "x.npz") as archive:
        parts = {key: archive[key] for key in archive.files}
    changed = {
        "indices": np.full_like(parts["indices"], 40),
        "indptr": parts["indptr"][::-1],
        "shape": np.array([300, 3]),
        "format": np.array(b"xyz"),
    }
    np.savez(tmp_path / "x.npz", **(parts | {name: changed[name]}))
    with pytest.raises(InputError, match=r"x\.npz is not a whole sparse matrix") as caught:
        open_source(tmp_path / "x.npz")
    assert "\n" not in str(caught.value)


def test_what_has_no_numbers_is_refused():
    with pytest.raises(InputError, match="real numbers"):
        measure(MATRIX.astype(complex))
    with pytest.raises(InputError, match="so it is empty"):
        measure(sparse.csr_array((0, 5)))
    bad = MATRIX.copy()
    bad.data[3] = np.nan
    with pytest.raises(InputError, match="1 value"):
        measure(bad)
