"""Certified problems with random constants: every law, cold starts, exact tables, eight digits."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import ONE_INPUT, get, is_family, names

MOST = 12  # random numbers that the constants of a law are made of
MIDDLE = {"params": 3e8, "tokens": 3e10, "flops": 3e19, "steps": 3e4}
ENDS = {
    "params": (1e7, 1e10),
    "tokens": (1e9, 1e12),
    "flops": (1e17, 1e22),
    "unique_tokens": (3e8, 3e10),
    "steps": (1e3, 1e6),
    "loss": (1.5, 4.0),
}


class Draw:
    """Numbers in [0, 1], taken one by one and stretched."""

    def __init__(self, unit):
        self.rest = iter(unit)

    def __call__(self, low, high):
        return low + (high - low) * next(self.rest)

    def exponent(self, low=0.15, high=0.9):
        return self(low, high)

    def share(self):
        """A term of the loss at the middle of the runs."""
        return self(0.05, 1)


def power(u, x):
    alpha = u.exponent()
    return [u(0.1, 3), u.share() * MIDDLE[x] ** alpha, alpha]


def power_no_floor(u, x):
    alpha = u.exponent(0.02, 0.6)
    return [3 * u.share() * MIDDLE[x] ** alpha, alpha]


def broken(u, x, breaks=1):
    """Breaks well inside the runs, further apart than they are wide; the law always falls."""
    alpha, low, high = u.exponent(0.1, 0.3), *np.log(ENDS[x])
    bends = []
    for i in range(breaks):
        at = np.exp(low + (high - low) * (i + u(0.35, 0.65)) / breaks)
        change = (-1) ** i * u(0.15, 0.3) if breaks > 1 else u(0.1, 0.5)
        bends += [at, change, u(0.2, 0.5) if breaks == 1 else u(0.15, 0.3)]
    return [u(0.1, 1), 10 * u.share() * MIDDLE[x] ** alpha, alpha, *bends]


def saturating(u, x):
    E, alpha, gamma = u(0.1, 3), u.exponent(0.2, 0.6), u(0.3, 1.2)
    gap = u(2, 8)
    return [E, E + gap, 3 * u.share() * gap ** (1 - gamma) * MIDDLE[x] ** alpha, alpha, gamma]


def sums(u, exponents):
    alpha, beta = exponents
    size, data = u.share() * MIDDLE["params"] ** alpha, u.share() * MIDDLE["tokens"] ** beta
    return [u(0.1, 3), size, data]


def chinchilla(u):
    both = [u.exponent(), u.exponent()]
    return [*sums(u, both), *both]


def tied(u):
    alpha = u.exponent()
    return [*sums(u, [alpha, alpha]), alpha]


def over_training(u):
    eta = u.exponent(0.08, 0.45)
    E, a, b = sums(u, [2 * eta, 2 * eta])
    return [E, a * 6**eta, b * 6**eta, eta]


def generalised(u):
    gamma = u(0.3, 1.8)
    alpha, beta = u.exponent() / gamma, u.exponent() / gamma
    total, part = u.share() ** (1 / gamma), u(0.2, 0.8)
    size = part * total * MIDDLE["params"] ** alpha
    return [u(0.1, 3), size, (1 - part) * total * MIDDLE["tokens"] ** beta, alpha, beta, gamma]


def kaplan(u):
    alpha_N, alpha_D = u.exponent(0.05, 0.5), u.exponent(0.05, 0.5)
    total, part = (1 + 2 * u.share()) ** (1 / alpha_D), u(0.2, 0.8)
    N_c = MIDDLE["params"] * (part * total) ** (alpha_D / alpha_N)
    return [N_c, MIDDLE["tokens"] * (1 - part) * total, alpha_N, alpha_D]


def solvable(u):
    alpha = u.exponent(0.15, 1.2)
    return [u(0.03, 1), u.share() * MIDDLE["params"] ** alpha, alpha]


def solvable_latent(u):
    E, k, alpha = solvable(u)
    return [E, k, 10 ** u(10.15, 11), alpha]


def data_constrained(u):
    """Params in excess in some runs and not in others, or R_N leaves no trace."""
    alpha, beta = u.exponent(0.25, 0.5), u.exponent(0.25, 0.5)
    fitting, unique = 3e8 * 10 ** u(-0.5, 0.5), 3e9  # params that so many tokens train
    log_G = (np.log(fitting) - beta / alpha * np.log(unique)) / (1 + beta / alpha)
    A = u.share() * MIDDLE["params"] ** alpha
    B = alpha * A / beta * np.exp(-log_G * (alpha + beta))
    return [u(0.1, 3), A, B, alpha, beta, u(2, 40), u(2, 20)]


def steps(u):
    alpha_N, alpha_S = u.exponent(0.05, 0.6), u.exponent(0.3, 0.9)
    N_c = MIDDLE["params"] * u.share() ** (1 / alpha_N)
    return [N_c, MIDDLE["steps"] * u.share() ** (1 / alpha_S), alpha_N, alpha_S]


def accuracy(u):
    return [u(0.05, 0.4), u(0.6, 0.95), u(2, 3.2), u(0.1, 0.4)]


FAMILIES = {
    "power": power,
    "power-no-floor": power_no_floor,
    "broken": broken,
    "broken-2": lambda u, x: broken(u, x, 2),
    "broken-3": lambda u, x: broken(u, x, 3),
    "saturating": saturating,
}
LAWS = {
    "chinchilla": chinchilla,
    "chinchilla-tied": tied,
    "generalised": generalised,
    "kaplan": kaplan,
    "solvable": solvable,
    "solvable-latent": solvable_latent,
    "over-training": over_training,
    "data-constrained": data_constrained,
    "steps": steps,
    "accuracy": accuracy,
    "compute": lambda u: power(u, "flops"),
    "compute-no-floor": lambda u: power_no_floor(u, "flops"),
}


def inputs_of(law):
    """A full grid of the law's inputs."""
    ends = {**ENDS, "tokens": (1e8, 1e10)} if law.name == "solvable-latent" else ENDS
    side = {1: 30 if "-" not in law.name else 60, 2: 6, 3: 5}[len(law.inputs)]
    axes = np.meshgrid(*(np.geomspace(*ends[name], side) for name in law.inputs))
    inputs = {name: axis.ravel() for name, axis in zip(law.inputs, axes, strict=True)}
    if "unique_tokens" in inputs:
        inputs["unique_tokens"] = np.minimum(inputs["unique_tokens"], inputs["tokens"])
    return inputs


def recover(name, constants, *arguments):
    law = get(name)
    inputs = inputs_of(law)

    @settings(max_examples=8 if len(law.names) > 4 else 20)
    @given(st.lists(st.floats(0, 1), min_size=MOST, max_size=MOST))
    @example([0.5] * MOST)
    def check(unit):
        theta = np.array(constants(Draw(unit), *arguments))
        table = {**inputs, law.label: law.predict(theta, **inputs)}
        found = fit(table, law, bootstrap=0)
        np.testing.assert_allclose(found.theta, theta, rtol=1e-8)
        assert found.certificate.converged

    check()


def test_no_law_escapes():
    assert {name for name in names() if is_family(name)} == set(FAMILIES)
    assert {name for name in names() if not is_family(name)} == set(LAWS)


@pytest.mark.parametrize("name", LAWS)
def test_random_constants_are_recovered_to_eight_digits(name):
    recover(name, LAWS[name])


@pytest.mark.parametrize("name", FAMILIES)
def test_random_constants_of_one_input_are_recovered_to_eight_digits(name):
    recover(f"{name}:tokens", FAMILIES[name], "tokens")


@pytest.mark.parametrize("x", ONE_INPUT)
def test_power_laws_are_recovered_in_every_input(x):
    recover(f"power:{x}", power, x)
