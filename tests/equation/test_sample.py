import numpy as np
import pytest

from eigenscale import InputError, Spectrum
from eigenscale.equation.sample import expected_eigenvalues, sample_spectrum

CASES = [
    (300, np.inf, 100),
    (100, np.inf, 300),
    (100, np.inf, 100),
    (300, 100, 150),
    (80, 160, 120),
]


def drawn(spectrum, N, T, draws, rng):
    """Mean ordered eigenvalues of φφᵀ/T over draws, and their standard error."""
    M = spectrum.eigenvalues.size
    out = []
    for _ in range(draws):
        x = rng.normal(size=(M, T)) * np.sqrt(spectrum.eigenvalues)[:, None]
        features = x if np.isinf(N) else rng.normal(size=(N, M)) / np.sqrt(N) @ x
        out.append(np.linalg.svd(features, compute_uv=False) ** 2 / T)
    values = np.array(out)
    return values.mean(axis=0), values.std(axis=0) / np.sqrt(draws)


@pytest.mark.parametrize(("M", "N", "T"), CASES)
def test_expected_eigenvalues_are_those_of_draws(M, N, T):
    spectrum = Spectrum.power_law(0.5, M)
    mean, error = drawn(spectrum, N, T, 40, np.random.default_rng(1))
    expected = expected_eigenvalues(spectrum, T, N)
    inner = slice(0, int(0.8 * expected.size))  # the last ones feel the discreteness of the edge
    allowed = 4 * error[inner] + 0.02 * mean[inner]
    assert (np.abs(expected[inner] - mean[inner]) < allowed).all()


@pytest.mark.parametrize(("M", "N", "T"), CASES)
def test_the_sum_is_the_trace_and_the_order_is_kept(M, N, T):
    spectrum = Spectrum.power_law(0.5, M)
    values = expected_eigenvalues(spectrum, T, N)
    assert values.size == min(M, N, T)
    assert values.sum() == pytest.approx(spectrum.trace, rel=3e-4)
    assert (np.diff(values) <= 0).all()


def test_marchenko_and_pastur_density():
    ratio, T = 0.25, 400
    sample = sample_spectrum(Spectrum.from_eigenvalues(np.ones(100)), T)
    a = sample.eigenvalues
    low, high = (1 - np.sqrt(ratio)) ** 2, (1 + np.sqrt(ratio)) ** 2
    exact = 100 * np.sqrt(np.maximum((high - a) * (a - low), 0)) / (2 * np.pi * ratio * a)
    assert sample.density == pytest.approx(exact, abs=1e-6 * exact.max())
    assert sample.count[[0, -1]] == pytest.approx([0, 100], abs=1e-9)


def test_moments_of_the_density():
    # E tr (φφᵀ/T)² = Σλ² (1 + 1/T)(1 + 1/N) + (Σλ)² (1/T + 1/N) to leading order in sizes.
    spectrum, N, T = Spectrum.power_law(0.3, 200), 300, 150
    sample = sample_spectrum(spectrum, T, N)
    found = (sample.ordered(np.arange(1, 151)) ** 2).sum()
    square = spectrum.eigenvalues @ spectrum.eigenvalues
    exact = square * (1 + 1 / (N * T)) + spectrum.trace**2 * (1 / T + 1 / N)
    assert found == pytest.approx(exact, rel=0.01)


def test_separate_bands_hold_one_eigenvalue_each():
    sample = sample_spectrum(Spectrum.power_law(1.0, 50), 10**5)
    between = np.sqrt(np.arange(1.0, 6.0) ** -2 * np.arange(2.0, 7.0) ** -2)
    counts = np.interp(-between, -sample.eigenvalues, sample.count)
    assert counts == pytest.approx(np.arange(1.0, 6.0), abs=1e-6)


@pytest.mark.parametrize("latent_dim", [40, 300])
def test_many_samples_give_the_population_back(latent_dim):
    spectrum = Spectrum.power_law(0.5, latent_dim)
    assert expected_eigenvalues(spectrum, 10**9) == pytest.approx(spectrum.eigenvalues, rel=1e-5)


def test_both_directions_and_scales():
    # φφᵀ/T with N and T exchanged has the same eigenvalues; the unit of λ scales them.
    spectrum = Spectrum.power_law(0.5, 300)
    one, two = expected_eigenvalues(spectrum, 50, 120), expected_eigenvalues(spectrum, 120, 50)
    assert one == pytest.approx(two, rel=1e-9)
    scaled = Spectrum.power_law(0.5, 300, scale=1e-200)
    assert expected_eigenvalues(scaled, 50, 120) == pytest.approx(1e-200 * one, rel=1e-9)


@pytest.mark.parametrize(
    ("spectrum", "T", "N"),
    [
        (Spectrum.power_law(5.0, 10**15), 30, np.inf),
        (Spectrum.power_law(0.01, 10**15), 30, 30),
        (Spectrum.from_eigenvalues([1.0, 0.0, 0.0]), 5, np.inf),
        (Spectrum.from_eigenvalues([1.0]), 1, 1),
        (Spectrum.from_eigenvalues(np.geomspace(1, 1e-290, 30)), 20, np.inf),
        (Spectrum.from_eigenvalues(np.geomspace(1, 1e-290, 30)), 10**15, 10**15),
    ],
)
def test_extreme_spectra_stay_in_order(spectrum, T, N):
    values = expected_eigenvalues(spectrum, T, N)
    assert values.size == min(spectrum.rank, T, N)
    assert np.isfinite(values).all()
    assert (values >= 0).all()
    assert values.sum() == pytest.approx(spectrum.trace, rel=0.02)


def test_bad_sizes_are_refused():
    spectrum = Spectrum.power_law(0.5, 10)
    with pytest.raises(InputError, match="sizes are positive"):
        sample_spectrum(spectrum, 0)
    with pytest.raises(InputError, match="both infinite"):
        sample_spectrum(spectrum, np.inf)
