"""Spectra of nested subsets come from one pass and are those of the rows drawn."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.spectra.measure import measure
from eigenscale.spectra.subsets import measure_all

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(900, 20)) * np.arange(1.0, 21) ** -0.7


def test_subsets_are_nested_random_rows_of_the_sizes_asked_for():
    order = np.random.default_rng(3).permutation(900)
    got = measure_all(ROWS, sizes=[300, 50], rng=3)
    assert [s.n_samples for s in got] == [50, 300, 900]
    for spectrum, size in zip(got, (50, 300, 900), strict=True):
        expected = measure(ROWS[order < size])
        np.testing.assert_allclose(spectrum.eigenvalues, expected.eigenvalues, rtol=1e-9)


def test_all_rows_are_not_measured_twice():
    assert [s.n_samples for s in measure_all(ROWS, sizes=[100, 900])] == [100, 900]


def test_iterators_give_their_first_rows():
    got = measure_all(iter([ROWS[:500], ROWS[500:]]), sizes=[100])
    np.testing.assert_allclose(got[0].eigenvalues, measure(ROWS[:100]).eigenvalues)
    assert "first rows" in got[0].notes[-1]


def test_targets_go_along():
    got = measure_all(ROWS, ROWS[:, 0], sizes=[400])
    assert got[0].target_power.sum() == pytest.approx(ROWS[:, 0].var(), rel=0.1)


@pytest.mark.parametrize("sizes", [[1], [901]])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(InputError, match="samples has"):
        measure_all(ROWS, sizes=sizes)
    if sizes[0] > 900:
        with pytest.raises(InputError, match="ask for fewer"):
            measure_all(open_source(iter([ROWS])), sizes=sizes)
