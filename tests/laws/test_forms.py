"""Every form: its derivatives by a second route, and its published values."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws import get, names, published
from eigenscale.laws.registry import is_family

LAWS = [f"{name}:tokens" if is_family(name) else name for name in names()]


def inputs_for(law, rng, n=7):
    return {name: np.exp(rng.uniform(np.log(1e8), np.log(1e11), n)) for name in law.inputs}


def theta_for(law, rng):
    values = {"log": lambda: np.exp(rng.uniform(3, 8)), "plain": lambda: rng.uniform(0.2, 0.6)}
    return np.array([values["log" if p.log else "plain"]() for p in law.parameters])


@pytest.mark.parametrize("name", LAWS)
def test_the_jacobian_is_that_of_the_value(name):
    law, rng = get(name), np.random.default_rng(1)
    theta, inputs = theta_for(law, rng), inputs_for(law, rng)
    jacobian = law.jacobian(theta, **inputs)
    for i, value in enumerate(theta):
        step = np.zeros(len(theta))
        step[i] = 1e-5 * value
        moved = law.predict(theta + step, **inputs) - law.predict(theta - step, **inputs)
        np.testing.assert_allclose(moved / (2 * step[i]), jacobian[:, i], rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("name", LAWS)
def test_draws_and_points_broadcast(name):
    law, rng = get(name), np.random.default_rng(2)
    draws = np.array([theta_for(law, rng) for _ in range(3)])
    inputs = inputs_for(law, rng, 4)
    grid = {key: values[:, None] * np.ones(2) for key, values in inputs.items()}
    assert law.predict(draws, **grid).shape == (3, 4, 2)
    np.testing.assert_allclose(law.predict(draws, **grid)[1, :, 0], law.predict(draws[1], **inputs))
    assert law.jacobian(draws, **inputs).shape == (3, 4, len(law.names))


def test_errors_say_value_rule_and_mend():
    with pytest.raises(InputError, match=r"law 'chinchila' is unknown; laws are .*chinchilla"):
        get("chinchila")
    law = get("chinchilla")
    with pytest.raises(InputError, match="needs tokens"):
        law.predict([1, 1, 1, 1, 1], params=1e9)
    with pytest.raises(InputError, match=r"params has 0; .* positive"):
        law.predict([1, 1, 1, 1, 1], params=0, tokens=1)
    with pytest.raises(InputError, match="last axis holds the 5 parameters"):
        law.predict([1, 1], params=1, tokens=1)
    with pytest.raises(InputError, match="no parameter 'gamma'"):
        law.index("gamma")


@pytest.mark.parametrize(("epochs", "kept"), [(4, 0.93), (16, 0.66), (40, 0.38)])
def test_repeated_tokens_keep_their_published_worth(epochs, kept):
    law = published("muennighoff")
    E, A, B, alpha, beta = law.theta[:5]  # few params, so that none are in excess
    repeated = law.predict(params=1e6, tokens=1e10 * epochs, unique_tokens=1e10)
    worth = ((repeated - E - A / 1e6**alpha) / B) ** (-1 / beta) / 1e10
    assert worth / epochs == pytest.approx(kept, abs=0.005)
