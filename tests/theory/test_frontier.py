import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.theory.compute import compute_frontier, compute_frontier_of_three
from eigenscale.theory.iso_loss import iso_loss

SURFACE = SolvableModel(Spectrum.power_law(0.5, 1e12)).surface()


def test_points_on_a_line_have_its_loss():
    level = SURFACE.loss(1000, 1000)
    sizes = np.geomspace(500, 1e6, 9)
    data = iso_loss(SURFACE, level, sizes)
    within = np.isfinite(data)
    assert within.sum() >= 7
    np.testing.assert_allclose(SURFACE.loss(sizes[within], data[within]), level, rtol=1e-8)
    assert (np.diff(data[within]) < 0).all()


def test_a_line_ends_where_no_data_suffice_or_one_sample_does():
    level = float(SURFACE.loss(1000, np.inf))
    assert iso_loss(SURFACE, level, 900) == np.inf
    assert iso_loss(SURFACE, 1e9, 10) == 1
    with pytest.raises(InputError, match="level is positive"):
        iso_loss(SURFACE, 0.0, 10)


@pytest.mark.parametrize("alpha", [0.3, 0.7])
def test_features_and_samples_should_grow_together(alpha):
    # C = N·T: the best split is N = T, and L* falls as C^-(alpha/2).
    surface = SolvableModel(Spectrum.power_law(alpha, 1e15)).surface()
    best = compute_frontier(surface.loss, np.geomspace(1e5, 1e10, 6))
    np.testing.assert_allclose(best.size, best.data, rtol=1e-3)
    np.testing.assert_allclose(best.exponent, alpha / 2, rtol=0.02)


def test_a_split_at_the_edge_stays_there():
    best = compute_frontier(lambda size, data: 1.0 / data + 0.0 * size, [100.0, 1e4])
    np.testing.assert_allclose(best.size, 1.0)
    with pytest.raises(InputError, match=r"compute has 0\.5"):
        compute_frontier(SURFACE.loss, 0.5)


@pytest.mark.parametrize("alpha", [0.5, 1.0])
def test_fresh_data_for_a_time(alpha):
    # C = N·t: L* falls as C^-(alpha/(2 + alpha)) (Bordelon, Atanasov and Pehlevan 2024).
    model = SolvableModel(Spectrum.power_law(alpha, 1e12))
    best = compute_frontier(lambda n, t: model.loss(n, np.inf, time=t), np.geomspace(1e7, 1e10, 4))
    np.testing.assert_allclose(best.exponent, alpha / (2 + alpha), rtol=0.02)


def test_features_samples_and_time_at_once():
    # C = N·T·t: N = T and t ~ N^(1 + alpha), so that L* falls as C^-(alpha/(3 + alpha)).
    model = SolvableModel(Spectrum.power_law(0.5, 1e12))
    best = compute_frontier_of_three(lambda n, t, s: model.loss(n, t, time=s), [1e10, 1e13])
    np.testing.assert_allclose(best.exponent, 0.5 / 3.5, rtol=0.02)
    np.testing.assert_allclose(best.size, best.data, rtol=0.01)
    assert best.time is not None
    np.testing.assert_allclose(best.size * best.data * best.time, best.compute, rtol=1e-9)


def test_too_little_to_split_in_three():
    with pytest.raises(InputError, match="above 1"):
        compute_frontier_of_three(lambda n, t, s: 1.0, 1.0)
