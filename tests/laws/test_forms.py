"""Every form: its derivatives by a second route, and its published values."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws.fitting import fit
from eigenscale.laws.reference.constants import published
from eigenscale.laws.registry import get, is_family, names


def test_every_law_has_a_certified_problem(certified):
    for name in names():
        certified_name = {"power-no-floor": "power-no-floor:flops"}.get(name, f"{name}:tokens")
        certified(certified_name if is_family(name) else name)


def test_the_jacobian_is_that_of_the_value(law_name, certified):
    law, theta, runs = certified(law_name)
    inputs = {name: runs[name] for name in law.inputs}
    jacobian = law.jacobian(theta, **inputs)
    for i, value in enumerate(theta):
        step = np.zeros(len(theta))
        step[i] = 1e-5 * value
        moved = law.predict(theta + step, **inputs) - law.predict(theta - step, **inputs)
        rounding = 1e-10 * runs[law.label].max() / abs(value)
        np.testing.assert_allclose(moved / (2 * step[i]), jacobian[:, i], rtol=1e-6, atol=rounding)


def test_draws_and_points_broadcast(law_name, certified):
    law, theta, runs = certified(law_name)
    draws = theta * np.array([[1.0], [1.01], [0.99]])
    grid = {name: runs[name][:4, None] * np.ones(2) for name in law.inputs}
    points = {name: runs[name][:4] for name in law.inputs}
    assert law.predict(draws, **grid).shape == (3, 4, 2)
    np.testing.assert_allclose(law.predict(draws, **grid)[1, :, 0], law.predict(draws[1], **points))
    assert law.jacobian(draws, **points).shape == (3, 4, len(law.names))


def test_exact_tables_are_recovered_to_eight_digits(law_name, certified):
    law, theta, runs = certified(law_name)
    found = fit(runs, law, bootstrap=0)
    np.testing.assert_allclose(found.theta, theta, rtol=1e-8)


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


def test_repeats_count_less_and_excess_params_too():
    law = published("muennighoff").law
    theta = published("muennighoff").theta
    fresh = law.predict(theta, params=1e9, tokens=1e11, unique_tokens=1e11)
    repeated = law.predict(theta, params=1e9, tokens=1e11, unique_tokens=1e10)
    no_more = law.predict(theta, params=1e9, tokens=1e10, unique_tokens=1e10)
    assert fresh < repeated < no_more
    excess = law.predict(theta, params=[1e12, 1e13], tokens=1e10, unique_tokens=1e10)
    assert excess[0] - excess[1] < 1e-3


def test_limits_of_forms():
    N, D = np.geomspace(1e7, 1e10, 5), np.geomspace(1e9, 1e12, 5)
    same = {"params": N, "tokens": D}
    chinchilla = get("chinchilla").predict([1.7, 400, 410, 0.34, 0.28], **same)
    general = get("generalised").predict([1.7, 400, 410, 0.34, 0.28, 1.0], **same)
    np.testing.assert_allclose(general, chinchilla, rtol=1e-13)
    joint = get("kaplan").predict([6.4e13, 1.8e13, 0.076, 0.103], **same)
    as_general = [0.0, 6.4e13 ** (0.076 / 0.103), 1.8e13, 0.076 / 0.103, 1.0, 0.103]
    np.testing.assert_allclose(get("generalised").predict(as_general, **same), joint, rtol=1e-12)
    over = get("over-training").predict([1.7, 30.0, 40.0, 0.15], **same)
    M, C = D / N, 6 * N * D
    np.testing.assert_allclose(over, 1.7 + (30 * M**0.15 + 40 * M**-0.15) * C**-0.15, rtol=1e-12)
    finite = get("solvable-latent").predict([0.0, 2.0, 1e30, 0.4], **same)
    infinite = get("solvable").predict([0.0, 2.0, 0.4], **same)
    np.testing.assert_allclose(finite, infinite, rtol=1e-9)
    plain = get("saturating:tokens").predict([1.0, 1e9, 3.0, 0.3, 0.0], tokens=D)
    np.testing.assert_allclose(plain, 1 + 3 * D**-0.3, rtol=1e-7)
    straight = get("broken:tokens").predict([1.0, 3.0, 0.3, 1e10, 0.0, 0.5], tokens=D)
    np.testing.assert_allclose(straight, 1 + 3 * D**-0.3, rtol=1e-12)


def test_the_latent_dimension_ends_the_power_law():
    law = get("solvable-latent")
    value = law.predict([0.02, 2.0, 1e6, 0.4], params=1e30, tokens=[1e5, 9.99e5])
    np.testing.assert_allclose(value, 0.02 + 2 * (1 / np.array([1e5, 9.99e5]) - 1e-6) ** 0.4)


def test_the_saturating_law_solves_its_equation():
    E, L_0, A, alpha, gamma = 1.6, 11.0, 900.0, 0.32, 0.7
    x = np.geomspace(1e2, 1e14, 9)
    L = get("saturating:tokens").predict([E, L_0, A, alpha, gamma], tokens=x)
    np.testing.assert_allclose((L - E) / (L_0 - L) ** gamma, A * x**-alpha, rtol=1e-9)
