"""The measured spectrum: eigenvalues, ranks, and the power of the target in each mode."""

import json

import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.results import to_plain

RNG = np.random.default_rng(0)
VARIANCES = np.arange(1.0, 41) ** -1.5
LATENT = RNG.normal(size=(20000, 40)) * np.sqrt(VARIANCES)
ROTATION = np.linalg.qr(RNG.normal(size=(40, 40)))[0]
ROWS = LATENT @ ROTATION + 5.0


def test_eigenvalues_are_those_of_the_sample_covariance():
    got = es.measure(ROWS)
    expected = np.linalg.eigvalsh(np.cov(ROWS, rowvar=False))[::-1]
    np.testing.assert_allclose(got.eigenvalues, expected, rtol=1e-10)
    assert (got.n_samples, got.n_inputs, got.rank) == (20000, 40, 40)
    assert got.latent_dim == 40


def test_target_power_and_unexplained_variance_are_those_of_the_teacher():
    weights = RNG.normal(size=(40, 2))
    noise = 0.5 * RNG.normal(size=(20000, 2))
    got = es.measure(ROWS, target=LATENT @ weights + noise)
    expected = VARIANCES * np.sum(weights**2, axis=1)
    # modes are told apart by gaps in the spectrum; sums over neighbours are not mixed
    np.testing.assert_allclose(got.target_power[:5], expected[:5], rtol=0.15)
    assert got.target_power.sum() == pytest.approx(expected.sum(), rel=0.05)
    assert got.unexplained == pytest.approx(0.5, rel=0.02)


def test_sampling_does_not_add_power_or_hide_noise():
    """With 40 modes and 100 samples plain values would be off by 40 %."""
    rng = np.random.default_rng(1)
    unexplained, power = [], []
    for _ in range(200):
        got = es.measure(rng.normal(size=(100, 40)), target=rng.normal(size=100))
        unexplained.append(got.unexplained)
        power.append(got.target_power.sum())
    assert np.mean(unexplained) == pytest.approx(1.0, abs=0.05)
    assert np.mean(power) < 0.35  # plain: 0.4; clipping at zero keeps some


def test_more_inputs_than_samples_leave_exact_zeros():
    got = es.measure(RNG.normal(size=(10, 30)))
    assert got.rank == 9
    assert (got.eigenvalues[9:] == 0).all()


def test_classes_become_columns():
    labels = (LATENT[:, 0] > 0).astype(int)
    got = es.measure(ROWS, target=labels)
    variance = 2 * labels.mean() * (1 - labels.mean())
    assert got.target_variance_total == pytest.approx(variance, rel=1e-3)
    # a linear score of a sign explains 2/π of its variance
    assert got.target_power[0] == pytest.approx(variance * 2 / np.pi, rel=0.03)


def test_ranks_of_flat_and_of_single_spectra():
    flat = es.measure(RNG.normal(size=(50000, 20)))
    assert flat.effective_rank == pytest.approx(20, rel=0.01)
    assert flat.participation_ratio == pytest.approx(20, rel=0.01)
    line = es.measure(np.outer(np.arange(50.0), [1.0, 2.0]))
    assert line.effective_rank == pytest.approx(1)
    assert line.rank == 1


def test_the_result_is_plain_and_readable():
    got = es.measure(ROWS, target=LATENT[:, 0])
    plain = json.loads(json.dumps(to_plain(got)))
    assert plain["n_samples"] == 20000
    assert len(plain["eigenvalues"]) == len(plain["target_power"]) == 40
    assert "20000 samples of 40 inputs" in repr(got)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.ones((5, 3)), "no column that varies"),
        (np.arange(5.0), "two dimensions are needed"),
        (np.empty((0, 3)), "is empty"),
        (np.array([["a", "b"]]), "encode the text"),
        (np.array([[object(), 1]]), "plain array"),
        (np.ones((3, 2), complex), "real and imaginary"),
        ("nowhere.npy", "does not exist"),
    ],
)
def test_bad_data_is_one_line(data, message):
    with pytest.raises(InputError, match=message) as caught:
        es.measure(data)
    assert "\n" not in str(caught.value)


def test_single_constant_columns_are_fine():
    rows = ROWS.copy()
    rows[:, 3] = 0.1
    assert es.measure(rows).eigenvalues[-1] == pytest.approx(0, abs=1e-15)
