import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.theory.frontier import frontier, iso_loss

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
    best = frontier(surface.loss, np.geomspace(1e5, 1e10, 6))
    np.testing.assert_allclose(best.size, best.data, rtol=1e-3)
    np.testing.assert_allclose(best.exponent, alpha / 2, rtol=0.02)


def test_a_split_at_the_edge_stays_there():
    best = frontier(lambda size, data: 1.0 / data + 0.0 * size, [100.0, 1e4])
    np.testing.assert_allclose(best.size, 1.0)
    with pytest.raises(InputError, match=r"compute has 0\.5"):
        frontier(SURFACE.loss, 0.5)
