import numpy as np
import pytest

from eigenscale import Spectrum
from eigenscale.theory.ridge import ridge_loss
from eigenscale.theory.training.flow import timed_loss
from eigenscale.theory.training.stopping import best_stopping


def best_ridge_loss(spectrum, N, T, noise_var):
    return ridge_loss(spectrum, N, T, np.linspace(-24, 6, 1501), noise_var=noise_var).loss.min()


@pytest.mark.parametrize("noise_var", [1e-6, 1e-4])
@pytest.mark.parametrize("T", [30, 300, 3000])
def test_stopping_is_close_to_but_not_below_the_best_ridge(T, noise_var):
    # With all features the ridge student of an isotropic teacher is the best that samples allow.
    spectrum = Spectrum.power_law(0.5, 1000)
    best = best_stopping(spectrum, np.inf, T, noise_var=noise_var)
    ridge = best_ridge_loss(spectrum, np.inf, T, noise_var)
    assert ridge * (1 - 1e-7) <= best.loss <= 1.06 * ridge


@pytest.mark.parametrize(("N", "T"), [(40, 40), (20, 80), (80, 20), (400, 300)])
def test_stopping_stays_close_to_the_best_ridge_with_few_features(N, T):
    spectrum = Spectrum.power_law(0.5, 2000)
    best = best_stopping(spectrum, N, T)
    assert float(best.loss) == pytest.approx(best_ridge_loss(spectrum, N, T, 0.0), rel=0.02)


def test_the_time_is_where_the_loss_is_least():
    spectrum, N, T = Spectrum.power_law(0.7, 500), np.array([30.0, 300.0]), 100
    best = best_stopping(spectrum, N, T, noise_var=1e-3)
    around = best.time[:, None] * np.geomspace(0.3, 3, 25)
    losses = timed_loss(spectrum, N[:, None], T, around, noise_var=1e-3).loss
    assert (losses >= best.loss[:, None] * (1 - 1e-9)).all()
    assert losses.min(axis=1) == pytest.approx(best.loss, rel=1e-2)


def test_none_and_all_are_found():
    spectrum = Spectrum.power_law(0.5, 50)
    assert best_stopping(spectrum, 10, 10, noise_var=1e6).time < 0.2
    assert np.isinf(best_stopping(spectrum, np.inf, 20).time)
    assert np.isinf(best_stopping(spectrum, 80, 90).time)
    assert best_stopping(spectrum, 80, 90).loss == 0
