"""The solved model in the same planner: features and samples grow together."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.planning.plan import frontier


@pytest.fixture(scope="module")
def surface():
    return es.SolvableModel(es.Spectrum.power_law(0.5, 10**9)).surface(ridge=0.0)


def test_ridgeless_features_and_samples_keep_a_fixed_ratio(surface):
    """With L ~ m^-α / (1 - m/max) at fixed N T the best ratio max/m is 1 + 2/α, here 5."""
    found = frontier(surface, np.array([1e6, 1e8]))
    ratio = found.tokens.value / found.params.value
    np.testing.assert_allclose(np.maximum(ratio, 1 / ratio), 5.0, rtol=0.02)
    assert not found.at_edge.any()


def test_loss_falls_as_compute_to_half_of_alpha(surface):
    loss = frontier(surface, np.array([1e6, 1e9])).loss.value
    assert np.log(loss[1] / loss[0]) / np.log(1e3) == pytest.approx(-0.25, abs=0.003)


def test_words_are_those_of_the_theory(surface):
    plan = es.plan(surface, flops=1e6)
    plain = plan.to_dict()
    assert {"n_features", "n_samples", "samples_per_feature"} <= set(plain)
    assert plan.trust.grade == "theory"
    assert plan.warnings == ()
    assert "features" in plan.summary
    assert plan.params.value * plan.tokens.value == pytest.approx(1e6)
