"""More inputs than a matrix holds, tried at a limit of 60 instead of 16,384."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale.errors import ConvergenceError, InputError
from eigenscale.spectra.measure import measure
from eigenscale.spectra.moments import collect
from eigenscale.spectra.subsets import measure_all
from eigenscale.spectra.wide import gram, search, wide

LIMIT = 60


@pytest.fixture(autouse=True)
def low_limit(monkeypatch):
    monkeypatch.setattr(collect, "MAX_INPUTS", LIMIT)


@pytest.fixture
def small_slabs(monkeypatch):
    """One block of rows, or a strip of few columns, at a time."""
    monkeypatch.setattr(gram, "SLAB_BYTES", 20_000)


def data(n_rows, n_inputs, fall=1.5, dtype=np.float32, shift=3.0, seed=0):
    rng = np.random.default_rng(seed)
    scale = np.arange(1.0, n_inputs + 1) ** (-fall / 2)
    return (rng.standard_normal((n_rows, n_inputs)) * scale + shift).astype(dtype)


def exact(rows):
    """Eigenvalues of the sample covariance by a full matrix in float64, descending."""
    centred = rows.astype(np.float64) - rows.mean(axis=0, dtype=np.float64)
    return np.linalg.eigvalsh(centred.T @ centred / (len(rows) - 1))[::-1]


def labels(rows, seed=1):
    rng = np.random.default_rng(seed)
    return rows[:, :2].astype(np.float64) @ [2.0, 1.0] + 0.1 * rng.standard_normal(len(rows))


@pytest.mark.parametrize("fall", [0.6, 1.1, 1.5, 3.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [(700, 90), (150, 400)])
def test_leading_eigenvalues_agree_with_a_full_matrix(fall, dtype, size):
    rows = data(*size, fall, dtype)
    found, truth = measure(rows, leading=10), exact(rows)
    assert len(found.eigenvalues) == 10
    assert found.eigenvalues == pytest.approx(truth[:10], rel=2e-4)
    assert np.all(np.abs(found.eigenvalues - truth[:10]) <= 3 * found.errors + 1e-6 * truth[:10])
    assert found.trace == pytest.approx(truth.sum(), rel=1e-6)
    assert found.square == pytest.approx(np.sum(truth**2), rel=1e-6)
    assert found.participation_ratio == pytest.approx(truth.sum() ** 2 / np.sum(truth**2), rel=1e-5)


@pytest.mark.parametrize("size", [(700, 90), (150, 400)])
def test_the_norm_is_the_same_in_small_slabs(size, small_slabs):
    rows = data(*size, fall=0.8)
    found = measure(rows, leading=8, frobenius="exact")
    assert found.tail.square_error == 0
    assert found.square == pytest.approx(np.sum(exact(rows) ** 2), rel=1e-6)


def test_an_estimated_norm_is_within_its_error():
    misses = []
    for seed in range(8):
        rows = data(300, 150, fall=0.5, seed=seed)
        found = measure(rows, leading=5, frobenius="estimate")
        assert found.tail.square_error > 0
        misses.append((found.square - np.sum(exact(rows) ** 2)) / found.tail.square_error)
    assert 0.2 < np.std(misses) < 2.5
    assert np.abs(misses).max() < 4


def test_the_exact_norm_is_taken_where_it_is_affordable(monkeypatch):
    rows = data(300, 150)
    assert measure(rows, leading=8).tail.square_error == 0
    monkeypatch.setattr(wide, "_AFFORDABLE", 0.01)
    estimated = measure(rows, leading=8)
    assert estimated.tail.square_error > 0
    assert "sum of squares estimated" in estimated.notes[-1]


def test_the_tail_says_what_is_known_of_it():
    rows = data(300, 150)
    found, truth = measure(rows, leading=8), exact(rows)
    tail = found.tail
    assert (tail.modes, tail.alive) == (142, 142)
    assert tail.power == pytest.approx(truth[8:].sum(), rel=1e-3)
    assert tail.square == pytest.approx(np.sum(truth[8:] ** 2), rel=1e-3)
    assert found.latent_dim == 150
    low, high = found.effective_rank_bounds
    share = truth / truth.sum()
    assert low < np.exp(-np.sum(share * np.log(share))) < high
    assert np.isnan(found.effective_rank)
    assert "the leading 8 eigenvalues" in found.notes[-1]


def test_few_rows_give_the_whole_spectrum(small_slabs):
    rows = data(50, 300, fall=2.5)
    found = measure(rows)
    assert found.tail is None
    assert found.eigenvalues[:49] == pytest.approx(exact(rows)[:49], rel=1e-9)
    assert np.all(found.eigenvalues[49:] == 0)
    assert found.rank == 49


def test_few_rows_are_noticed_where_only_reading_tells(tmp_path):
    path = tmp_path / "rows.csv"
    rows = data(40, 70)
    np.savetxt(path, rows, delimiter=",", header=",".join(f"c{i}" for i in range(70)), comments="")
    found = measure(path, prepare="none")
    assert found.tail is None
    assert found.eigenvalues[:39] == pytest.approx(exact(rows)[:39], rel=1e-5)


@pytest.mark.parametrize("rank", [5, 15])
def test_data_of_low_rank_has_no_tail(rank):
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((300, rank)) @ rng.standard_normal((rank, 120))
    found = measure(rows, leading=10)
    if rank == 5:
        assert found.tail is None
        assert found.rank == 5
        assert len(found.eigenvalues) == 120
    assert found.eigenvalues[: min(rank, 10)] == pytest.approx(exact(rows)[: min(rank, 10)])


def test_a_block_as_wide_as_the_data_finds_everything():
    rows = data(300, 80)
    found = measure(rows, leading=79)
    assert found.tail is None
    assert found.eigenvalues == pytest.approx(exact(rows), rel=1e-6)


@pytest.mark.parametrize("size", [(50, 300), (400, 90)])
def test_target_power_is_that_of_a_full_matrix(size, monkeypatch):
    rows = data(*size)
    target = labels(rows)[:, None]
    found = measure(rows, target, leading=6)
    monkeypatch.setattr(collect, "MAX_INPUTS", 10_000)
    full = measure(rows, target)
    assert found.target_power[:4] == pytest.approx(full.target_power[:4], abs=2e-3)
    assert found.target_variance_total == pytest.approx(full.target_variance_total)
    if size == (50, 300):
        assert found.unexplained == pytest.approx(full.unexplained, abs=1e-6)
    else:
        assert found.unexplained >= full.unexplained * 0.9


def test_constant_columns_and_huge_and_tiny_scales_change_nothing():
    rows = data(300, 100)
    rows[:, 7] = 5.0
    plain = measure(rows, leading=6)
    for scale in (1e-25, 1e15):
        scaled = measure(rows.astype(np.float64) * scale, leading=6)
        assert scaled.eigenvalues / scale**2 == pytest.approx(plain.eigenvalues, rel=1e-4)
        assert scaled.trace / scale**2 == pytest.approx(plain.trace, rel=1e-5)


def test_a_mean_far_from_zero_costs_no_digits():
    rows = data(300, 100, shift=0.0, dtype=np.float64)
    found = measure(rows + 1e6, leading=6)
    assert found.eigenvalues == pytest.approx(exact(rows)[:6], rel=1e-4)


def test_nan_is_refused_or_dropped_in_every_pass():
    rows = data(300, 100)
    bad = np.insert(rows, [3, 200], np.nan, axis=0)
    with pytest.raises(InputError, match="200 values that are NaN in 2 rows"):
        measure(bad, leading=6)
    found = measure(bad, leading=6, missing="drop")
    assert (found.n_samples, found.n_dropped) == (300, 2)
    assert found.eigenvalues == pytest.approx(exact(rows)[:6], rel=2e-4)
    target = labels(np.nan_to_num(bad[:50]))[:, None]
    few = measure(bad[:50], target, missing="drop")
    clean = measure(rows[:49], np.delete(target, 3, axis=0))
    assert few.eigenvalues == pytest.approx(clean.eigenvalues)
    assert few.target_power == pytest.approx(clean.target_power)


def test_feature_maps_go_the_same_way():
    rows = data(200, 10, fall=0.5)
    found = measure(rows, features="relu:120", leading=5)
    assert found.n_inputs == 120
    assert "random block" in found.notes[-1]


def test_refusals_are_one_line():
    rows = data(300, 100)
    with pytest.raises(InputError, match="one time only; save the rows"):
        measure(iter([rows]))
    with pytest.raises(InputError, match="ask for 1 or more"):
        measure(rows, leading=0)
    with pytest.raises(InputError, match=r"takes 3.2e\+04 GB, more than the 4 GB .* at most"):
        measure(rows, leading=10**10)
    with pytest.raises(InputError, match="frobenius 'maybe'"):
        measure(rows, frobenius="maybe")
    with pytest.raises(InputError, match="no column that varies"):
        measure(np.ones((100, 80)))
    with pytest.raises(InputError, match="leave the scheduler out"):
        measure(rows, scheduler="threads")
    with pytest.raises(InputError, match="99 rows where"):
        measure(rows, np.arange(99.0)[:, None])


def test_memory_sets_how_many_are_looked_for(monkeypatch):
    monkeypatch.setattr(wide, "MEMORY", 100 * 2 * 16 * 20)
    assert len(measure(data(300, 100)).eigenvalues) == 20
    monkeypatch.setattr(wide, "MEMORY", 1000)
    with pytest.raises(InputError, match="take more than the 1e-06 GB"):
        measure(data(300, 100))


def test_what_does_not_converge_is_left_to_the_tail(monkeypatch):
    monkeypatch.setattr(search, "MOST_PASSES", 3)
    found = measure(data(600, 200, fall=1.2), leading=20)
    assert 0 < len(found.eigenvalues) < 20
    assert "of 20 wanted: the others did not converge" in found.notes[-1]
    assert found.eigenvalues == pytest.approx(
        exact(data(600, 200, fall=1.2))[: len(found.eigenvalues)], rel=3e-4
    )
    flat = np.random.default_rng(0).standard_normal((2000, 300))
    with pytest.raises(ConvergenceError, match="no leading eigenvalue to 1 in 10,000"):
        measure(flat, leading=20)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 2**32 - 1),
    fall=st.floats(0.8, 3.0),
    scale=st.floats(1e-3, 1e3),
    n_rows=st.integers(61, 600),
    cuts=st.lists(st.integers(1, 60), max_size=3),
)
def test_rotation_order_scale_and_chunks_change_no_eigenvalue(seed, fall, scale, n_rows, cuts):
    from eigenscale.io.formats.source import from_array
    from eigenscale.spectra.wide.wide import measure_wide

    rng = np.random.default_rng(seed)
    rows = data(n_rows, 75, fall, np.float64, seed=seed)
    rotation = np.linalg.qr(rng.standard_normal((75, 75)))[0]
    turned = scale * rng.permutation(rows) @ rotation
    found = measure_wide(from_array(rows), leading=5)
    other = measure_wide(from_array(turned), leading=5)
    assert other.eigenvalues / scale**2 == pytest.approx(found.eigenvalues, rel=4e-4)
    assert other.trace / scale**2 == pytest.approx(found.trace, rel=1e-9)
    assert other.square / scale**4 == pytest.approx(found.square, rel=1e-6)

    class Chunked:
        """An array that is read in uneven pieces."""

        def __init__(self, source):
            self.source = source

        def blocks_from(self, size, start):
            ends = [start, *sorted(start + c for c in cuts), n_rows]
            yield from (rows[a:b] for a, b in pairwise(ends))

    source = from_array(rows)
    uneven = replace(source, seek=Chunked(source).blocks_from)
    again = measure_wide(uneven, leading=5)
    assert np.array_equal(again.eigenvalues, found.eigenvalues)


@pytest.mark.parametrize("n_rows", [50, 400])
def test_nested_subsets_are_those_of_narrow_data(n_rows, monkeypatch, small_slabs):
    rows, sizes = data(n_rows, 100, dtype=np.float64), [10, 40]
    target = labels(rows)[:, None]
    found = measure_all(rows, target, sizes, leading=8)
    monkeypatch.setattr(collect, "MAX_INPUTS", 10_000)
    narrow = measure_all(rows, target, sizes)
    assert [s.n_samples for s in found] == [10, 40, n_rows]
    assert [s.n_dropped for s in found] == [0, 0, 0]
    for one, other in zip(found[:2], narrow[:2], strict=True):
        assert one.tail is None
        assert one.eigenvalues == pytest.approx(other.eigenvalues, rel=1e-6, abs=1e-12)
        assert one.target_power == pytest.approx(other.target_power, rel=1e-6, abs=1e-9)
    k = min(len(found[2].eigenvalues), n_rows - 1)
    assert found[2].eigenvalues[:k] == pytest.approx(narrow[2].eigenvalues[:k], rel=2e-4)


def test_subsets_of_wide_data_refuse_in_one_line(tmp_path):
    rows = data(70, 100)
    with pytest.raises(InputError, match="samples has 71 where array has 70 rows"):
        measure_all(rows, sizes=[71])
    with pytest.raises(InputError, match="no checkpoint"):
        measure_all(rows, sizes=[10], checkpoint=tmp_path / "sums.npz")


def test_a_dask_array_is_read_a_partition_at_a_time():
    array = pytest.importorskip("dask.array")
    rows = data(300, 100)
    found = measure(array.from_array(rows, chunks=(70, 100)), leading=6)
    assert np.array_equal(found.eigenvalues, measure(rows, leading=6).eigenvalues)
