"""Models that learn features, lazy to rich, against the linear theory and the exponents of time."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.simulation.flows import simulate_flow

SPECTRUM = es.Spectrum.power_law(0.5, 60)


def endless(alpha, omega, last=1e12, nodes=200):
    """A power law without a visible end, on geometric steps."""
    edges = np.geomspace(1, last, nodes + 1)
    ranks, counts = np.sqrt(edges[1:] * edges[:-1]), np.diff(edges)
    return es.Spectrum(ranks ** -(1 + alpha), counts, ranks ** -(1 + omega))


def slope(x, y):
    return -np.polyfit(np.log(x), np.log(y), 1)[0]


@pytest.mark.parametrize("omega", [0.5, 0.8])
def test_rich_training_raises_the_exponent_of_a_hard_target(omega):
    alpha, times = 0.5, np.geomspace(30, 3000, 7)
    source = omega / (1 + alpha)
    lazy, rich = (simulate_flow(endless(alpha, omega), times, richness=r)[0] for r in (0.0, 100.0))
    assert slope(times, lazy) == pytest.approx(source, rel=0.005)
    assert slope(times, rich) == pytest.approx(2 * source / (1 + source), rel=0.005)


def test_a_lazy_net_on_fresh_data_is_the_linear_theory():
    times = [1.0, 10.0, 100.0]
    found = simulate_flow(SPECTRUM, times, draws=100, rng=0)
    theory = es.SolvableModel(SPECTRUM).loss(np.inf, np.inf, time=times)
    error = found.std(axis=0, ddof=1) / 100**0.5
    assert (np.abs(found.mean(axis=0) - theory) < 4 * error).all()


def test_a_quadratic_model_without_its_bend_is_that_of_random_features():
    times = [1.0, 30.0]
    found = simulate_flow(
        SPECTRUM, times, model="quadratic", n_features=20, n_samples=30, draws=60, rng=1
    )
    drawn = es.SolvableModel(SPECTRUM).simulate(20, 30, time=times, draws=60, rng=2)
    error = np.hypot(found.std(axis=0, ddof=1) / 60**0.5, drawn.standard_error)
    assert (np.abs(found.mean(axis=0) - drawn.loss) < 4 * error).all()


def test_a_bend_moves_features_and_keeps_the_first_step():
    options = {"model": "quadratic", "n_features": 15, "n_samples": 30, "rng": 3}
    flat, bent = (
        simulate_flow(SPECTRUM, [1e-3, 100.0], richness=r, **options)[0] for r in (0.0, 1.0)
    )
    assert bent[0] == pytest.approx(flat[0], rel=1e-4)
    assert bent[1] != pytest.approx(flat[1], rel=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": [2.0, 1.0]}, "ascend"),
        ({"model": "cubic"}, "use two-layer or quadratic"),
        ({"richness": -1.0}, "0 is lazy"),
        ({"model": "quadratic"}, "needs n_features"),
        ({"n_features": 5}, "has no n_features"),
        ({"n_samples": 0}, "a whole number from 1"),
    ],
)
def test_what_cannot_be_trained_is_one_line(change, message):
    inputs = {"times": [1.0], **change}
    with pytest.raises(es.InputError, match=message) as raised:
        simulate_flow(SPECTRUM, **inputs)
    assert "\n" not in str(raised.value)
