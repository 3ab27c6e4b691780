import numpy as np
import pytest

from eigenscale.theory.training.contour import hyperbola, talbot


@pytest.mark.parametrize(("contour", "accuracy"), [(talbot(20), 1e-11), (hyperbola(20), 2e-10)])
@pytest.mark.parametrize("rate", [0.0, 1e-3, 1.0, 30.0, 1e6])
def test_exponentials_come_back(contour, accuracy, rate):
    value = (contour.weights / (contour.nodes + rate)).sum().real
    assert value == pytest.approx(np.exp(-rate), abs=accuracy)


def test_the_average_of_a_constant_is_the_constant():
    for contour in (talbot(12), hyperbola(16)):
        assert contour.averages.real.sum() == pytest.approx(1.0, abs=1e-15)
        assert (contour.nodes.imag > 0).all()
        assert contour.nodes.size == contour.order // 2


def test_the_error_falls_with_the_order():
    errors = [
        abs((c.weights / np.sqrt(c.nodes)).sum().real - 1 / np.sqrt(np.pi))
        for c in (talbot(8), talbot(12), talbot(16))
    ]
    assert errors[1] < errors[0] / 50
    assert errors[2] < errors[1] / 50
