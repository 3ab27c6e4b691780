"""The finite-sample fit recovers what least squares misses, and says what it cannot know."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.spectra.exponent.populations import ranks_of
from eigenscale.spectra.measure import measure


def rows(alpha, latent, n_inputs, n_samples, seed):
    """Power-law data: the latent features themselves, or random linear maps of them."""
    rng = np.random.default_rng(seed)
    variances = np.arange(1.0, latent + 1) ** -(1 + alpha)
    if n_inputs is None:
        return rng.normal(size=(n_samples, latent)) * np.sqrt(variances)
    maps = rng.normal(size=(n_inputs, latent)) / np.sqrt(n_inputs)
    factor = np.linalg.cholesky(maps * variances @ maps.T)
    return rng.normal(size=(n_samples, n_inputs)) @ factor.T


@pytest.mark.parametrize("n_samples", [30, 150, 600])
@pytest.mark.parametrize(("latent", "n_inputs"), [(150, None), (150, 150), (1000, 150)])
@pytest.mark.parametrize("alpha", [0.3, 1.0])
def test_alpha_lies_within_its_interval(alpha, latent, n_inputs, n_samples):
    """One draw each at 99 %: the study in scripts/recovery.py counts coverage."""
    data = rows(alpha, latent, n_inputs, n_samples, seed=7)
    structure = "direct" if n_inputs is None else "random map"
    fit = measure(data).finite_sample(level=0.99, structure=structure)
    assert fit.alpha.low < alpha < fit.alpha.high
    assert fit.p_value > 1e-3
    if n_samples > 100:
        assert fit.alpha.high - fit.alpha.low < 0.3


def test_intervals_cover_and_beat_least_squares():
    """Forty samples whose tails are bent: T equal to the number of inputs."""
    inside, error, line = 0, [], []
    for seed in range(40):
        spectrum = measure(rows(0.5, 100, None, 100, seed))
        fit = spectrum.finite_sample(structure="direct")
        inside += fit.alpha.low <= 0.5 <= fit.alpha.high
        error.append(abs(fit.alpha.value - 0.5))
        line.append(abs(spectrum.exponent((1, spectrum.rank)).alpha.value - 0.5))
    assert 31 <= inside <= 40  # 36 expected; 31 is the 0.8 % quantile of a binomial
    assert np.median(line) > 5 * np.median(error)


def test_the_structure_is_told_apart():
    assert measure(rows(0.5, 150, None, 300, 1)).finite_sample().structure == "direct"
    mapped = measure(rows(0.5, 600, 150, 600, 1)).finite_sample()
    assert mapped.structure == "random map"
    assert mapped.latent_dim.status == "interval"
    assert mapped.latent_dim.low < 600 < mapped.latent_dim.high


def test_a_latent_dimension_that_leaves_no_trace_is_only_bounded():
    fit = measure(rows(1.5, 20000, 100, 60, 3)).finite_sample(structure="random map")
    assert fit.latent_dim.status in ("lower bound", "not identifiable")
    assert fit.latent_dim.high == np.inf
    assert "fits" in str(fit.latent_dim) or "at least" in str(fit.latent_dim)


def test_units_do_not_matter():
    data = rows(0.5, 100, None, 200, 5)
    a, b = measure(data).finite_sample(), measure(1e4 * data).finite_sample()
    assert a.alpha.value == pytest.approx(b.alpha.value, abs=1e-3)
    assert b.scale == pytest.approx(1e8 * a.scale, rel=1e-2)


def test_verdicts():
    ranks = np.arange(1.0, 201)
    rng = np.random.default_rng(0)

    def verdict(variances):
        return measure(rng.normal(size=(1000, 200)) * np.sqrt(variances)).answers()

    power = verdict(ranks**-1.5)
    assert power.verdict.power_law
    assert power.trusted == "finite sample"
    assert power.alpha.low < 0.5 < power.alpha.high
    noise = verdict(np.ones(200))
    assert not noise.verdict.power_law
    assert "isotropic" in noise.verdict.sentence
    broken = verdict(np.where(ranks < 20, ranks**-1.1, 20**1.4 * ranks**-2.5))
    assert "broken power law is far likelier" in broken.verdict.sentence
    assert broken.trusted == "least squares"
    bent = verdict(np.exp(-((ranks / 3) ** 0.4)))
    assert "stretched exponential is far likelier" in bent.verdict.sentence


def test_power_laws_seen_through_random_maps_are_called_power_laws():
    """A shape whose own variances are smaller must not win where only the jitter is seen."""
    found = [measure(rows(0.5, 600, 120, 600, seed)).answers().verdict for seed in range(8)]
    assert sum(verdict.power_law for verdict in found) >= 7


def test_a_head_of_any_size_can_be_left_out():
    data = rows(0.5, 150, None, 600, 2)
    data[:, :3] *= 30.0
    fit = measure(data).finite_sample()
    assert fit.ranks[0] in (4, 8)
    assert fit.p_value > 0.05
    assert fit.alpha.value == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("latent", [5, 64.5, 200, 1e4, 1e4 + 0.5])
def test_quadrature_over_ranks_equals_the_sum(latent):
    ranks, counts = ranks_of(latent, 1.7)
    whole = np.arange(1.0, np.floor(latent) + 1)
    part = latent - np.floor(latent)
    expected = np.sum(whole**-1.7) + part * latent**-1.7
    assert counts @ ranks**-1.7 == pytest.approx(expected, rel=1e-6)
    assert counts.sum() == pytest.approx(latent)


def test_too_few_ranks_and_unknown_structures_are_refused():
    spectrum = measure(rows(0.5, 20, None, 50, 0))
    with pytest.raises(InputError, match="at least 8 ranks"):
        spectrum.finite_sample((3, 7))
    with pytest.raises(InputError, match="not known; use auto"):
        spectrum.finite_sample(structure="free")
