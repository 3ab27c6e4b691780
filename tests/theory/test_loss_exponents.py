"""Exponents of the regimes against the exact loss of very large problems."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.theory.exponents import loss_exponents

CASES = [(0.5, 0.5), (0.5, 2.2), (0.4, 4.0)]


def slope(x, loss):
    return -np.polyfit(np.log(x), np.log(loss), 1)[0]


@pytest.mark.parametrize(("alpha", "omega"), CASES)
def test_the_exact_loss_falls_as_the_regimes_say(alpha, omega):
    expected = {one.name: one.exponent for one in es.loss_exponents(alpha, omega)}
    spectrum = es.Spectrum.power_law(alpha, 10**12, target_exponent=omega, weight_var=1e12)
    model, large = es.SolvableModel(spectrum), np.geomspace(3e4, 3e6, 5)
    found = slope(large, model.loss(large, np.inf))
    near = abs(omega - 1 - alpha) > 0.5  # beside a change of regime the slope is between both
    assert found == pytest.approx(expected["features"], rel=0.03 if near else 0.12)
    found = slope(large, model.loss(np.inf, large, ridge="optimal"))
    assert found == pytest.approx(expected["samples"], rel=0.05)
    times = np.geomspace(1e3, 1e6, 4)
    found = slope(times, model.solve(np.inf, np.inf, time=times).loss)
    assert found == pytest.approx(expected["time"], rel=0.03)
    noisy = es.SolvableModel(spectrum, noise_var=1.0)
    found = slope(large, noisy.loss(np.inf, large, ridge="optimal"))
    assert found == pytest.approx(expected["noise"], rel=0.05)


def test_the_isotropic_teacher_has_the_exponents_of_one_alpha():
    found = {one.name: one.exponent for one in loss_exponents(0.5)}
    assert found["features"] == found["samples"] == 0.5
    assert found["time"] == pytest.approx(1 / 3)
    assert found["noise"] == pytest.approx(1 / 3)
    assert found["compute"] == pytest.approx(0.2)


def test_what_has_no_law_is_refused():
    with pytest.raises(es.InputError, match="target_exponent 0 gives no power law"):
        loss_exponents(0.5, 0.0)
