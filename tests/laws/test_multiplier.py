"""Two fits compared by what they need for the same loss."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.selection.multiplier import multiplier

THETA = np.array([1.69, 406.4, 410.7, 0.34, 0.28])


def made(theta, seed):
    N, D = np.meshgrid(np.geomspace(1e7, 1e10, 7), np.geomspace(1e9, 1e12, 7))
    inputs = {"params": N.ravel(), "tokens": D.ravel()}
    scatter = 0.003 * np.random.default_rng(seed).standard_normal(49)
    loss = get("chinchilla").predict(theta, **inputs) * np.exp(scatter)
    return fit({**inputs, "loss": loss}, objective="huber:0.01", bootstrap=100, rng=seed)


def test_a_law_that_needs_less_data_is_seen_to():
    better = THETA * [1, 1, 1.4**-0.28, 1, 1]  # every token is worth 1.4 tokens
    first, second = made(THETA, 0), made(better, 1)
    found = multiplier(first, second, 1e9, 1e11)
    assert found.factor.low < 1.4 < found.factor.high
    assert 1.2 < found.factor.value < 1.6
    assert "less data than A" in found.sentence()
    params, tokens = found.matched
    assert second.loss(params, tokens) == pytest.approx(found.loss, rel=1e-9)
    assert params == 1e9
    params, tokens = multiplier(first, second, 1e9, 1e11, "compute").matched
    assert second.loss(params, tokens) == pytest.approx(found.loss, rel=1e-9)
    assert tokens / params == pytest.approx(100)
    same = multiplier(first, first, 1e9, 1e11, "compute")
    assert same.factor.value == pytest.approx(1, rel=1e-9)
    assert found.to_dict()["factor"]["level"] == 0.9


def test_a_floor_that_is_too_high_is_never_made_up_for():
    worse = THETA + np.array([2.0, 0, 0, 0, 0])
    assert multiplier(made(THETA, 0), made(worse, 1), 1e9, 1e11).factor.value == 0


def test_refusals():
    found = made(THETA, 0)
    with pytest.raises(InputError, match="resource 'time' is unknown"):
        multiplier(found, found, 1e9, 1e11, "time")
    curve = fit({"tokens": [1e9, 1e10, 1e11, 1e12], "loss": [4, 3, 2.5, 2.3]}, "power", bootstrap=0)
    with pytest.raises(InputError, match="no law of params and tokens"):
        multiplier(found, curve, 1e9, 1e11)
    with pytest.raises(InputError, match="must both be positive"):
        multiplier(found, found, 0, 1e11)
