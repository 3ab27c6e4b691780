"""One pass: folds, rows that are not finite, targets that do not fit."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import as_target
from eigenscale.spectra.moments.collect import collect
from eigenscale.spectra.moments.moments import Moments

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(1001, 6))
LABELS = RNG.integers(0, 3, 1001)


def test_folds_are_rows_modulo_the_number_of_folds():
    got = collect(open_source(ROWS), as_target(LABELS), folds=4)
    hot = np.eye(3)[LABELS]
    for fold, moments in enumerate(got.folds):
        expected = Moments.of(ROWS[fold::4], hot[fold::4])
        np.testing.assert_allclose(moments.scatter, expected.scatter)
        np.testing.assert_allclose(moments.cross, expected.cross)
    whole = Moments.of(ROWS, hot)
    np.testing.assert_allclose(got.moments.scatter, whole.scatter)
    np.testing.assert_allclose(got.moments.target_scatter, whole.target_scatter)


def test_folds_do_not_depend_on_chunks():
    chunks = iter([ROWS[:7], ROWS[7:400], ROWS[400:]])
    a = collect(open_source(chunks), as_target(LABELS), folds=3).folds
    b = collect(open_source(ROWS), as_target(LABELS), folds=3).folds
    for one, other in zip(a, b, strict=True):
        assert one.n_samples == other.n_samples
        np.testing.assert_allclose(one.cross, other.cross)


def broken():
    rows = ROWS.copy()
    rows[16, 2] = np.nan
    rows[500, [0, 3]] = np.inf, -np.inf
    return rows


def test_values_that_are_not_finite_are_counted_and_refused():
    with pytest.raises(InputError, match=r"3 values that are NaN or infinity in 2 rows"):
        collect(open_source(broken()))
    with pytest.raises(InputError, match="the first in row 17, column 3"):
        collect(open_source(broken()))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_or_their_rows_are_dropped_with_their_targets(dtype):
    rows = broken().astype(dtype)
    got = collect(open_source(rows), as_target(LABELS), folds=2, missing="drop")
    keep = np.isfinite(rows).all(axis=1)
    expected = Moments.of(rows[keep].astype(float), np.eye(3)[LABELS][keep])
    assert (got.n_read, got.n_dropped, got.moments.n_samples) == (1001, 2, 999)
    np.testing.assert_allclose(got.moments.cross, expected.cross, rtol=1e-6, atol=1e-6)


def test_a_column_of_the_largest_float32_is_not_called_infinite():
    rows = np.full((300, 2), 3e38, np.float32)
    rows[::2, 0] = -3e38
    assert collect(open_source(rows)).n_dropped == 0


def test_a_target_of_another_length_is_refused():
    with pytest.raises(InputError, match="target has 1000 rows where array has 1001"):
        collect(open_source(ROWS), as_target(LABELS[:-1]))
    with pytest.raises(InputError, match="target has 1000 rows where iterator has 1001"):
        collect(open_source(iter([ROWS[:500], ROWS[500:]])), as_target(LABELS[:-1]))


def test_one_row_is_not_a_sample():
    with pytest.raises(InputError, match="1 usable rows; a spectrum needs at least 2"):
        collect(open_source(ROWS[:1]))


def test_progress_counts_rows():
    seen = []
    collect(open_source(ROWS), progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (1001, 1001)


def test_more_inputs_than_a_matrix_can_hold_are_refused_before_reading():
    wide = open_source(np.zeros((2, 20000), np.float32))
    with pytest.raises(InputError, match="20000 inputs, and moments are kept for at most 16384"):
        collect(wide)
