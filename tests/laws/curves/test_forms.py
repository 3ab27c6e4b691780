"""Laws of the curve: sums against every single step, derivatives, invariance of units."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.problem import as_coordinates, scale_of
from eigenscale.laws.curves.registry import LAWS, get
from eigenscale.laws.curves.solve import state
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.laws.schedules.shapes import constant, cosine, restarts, two_stage, wsd

CONSTANTS = {
    "multi-power": [3.04, 0.525, 0.508, 364.0, 2.07, 0.583, 0.641],
    "annealing": [3.15, 0.52, 0.5, 0.78, 0.002],
    "functional": [3.0, 0.54, 0.5, 5.6e4, 360.0, 1.35],
    "steps-only": [3.0, 42.0, 0.49],
}
PLANS = {
    "constant": constant(3e-4, 4000, 500),
    "cosine": cosine(3e-4, 4000, 500, 3e-5),
    "cosine to zero": cosine(3e-4, 4000, 500),
    "wsd": wsd(3e-4, 4000, 3000, 500, 3e-5, "exponential"),
    "sqrt": wsd(3e-4, 4000, 3000, 500, 0.0, "sqrt"),
    "two-stage": two_stage(3e-4, 9e-5, 4000, 2000, 500),
    "restarts": restarts(3e-4, 4000, 1000, 500, 3e-5),
}
STEPS = np.array([600, 700, 1000, 1500, 2001, 2100, 2900, 3000, 3010, 3200, 3900, 4000])


def by_every_step(name, theta, plan, t):
    """The law summed over every single step, as its paper has it."""
    rates, total = plan.rates, plan.exposure
    drops = -np.diff(rates, prepend=0.0)[:t]
    gap = total[t] - total[np.arange(t)]
    if name == "multi-power":
        L0, A, alpha, B, C, beta, gamma = theta
        rate = np.maximum(rates[:t], 1e-6 * rates[:t].max())
        return L0 + A * total[t] ** -alpha - B * np.sum(
            drops * (1 - (1 + C * rate**-gamma * gap) ** -beta)
        )  # fmt: skip
    if name == "annealing":
        L0, A, alpha, C, forget = theta
        momentum = area = 0.0
        for i in range(plan.warmup, t):
            momentum = (1 - forget) * momentum + drops[i]
            area += momentum
        return L0 + A * total[t] ** -alpha - C * area
    if name == "functional":
        L0, A, s, B, c, kappa = theta
        fine = (np.arange(t)[:, None] + (np.arange(40) + 0.5) / 40).ravel()  # within steps
        clock = np.interp(fine, np.arange(t + 1), total[: t + 1])
        noise = (1 + c * (total[t] - clock)) ** -kappa
        return L0 + A * total[t] ** -s + B * np.sum(np.repeat(rates[:t], 40) ** 2 / 40 * noise)
    L0, A, alpha = theta
    return L0 + A * t**-alpha


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("name", LAWS)
def test_condensed_sums_are_those_over_every_step(name, plan):
    theta = np.array(CONSTANTS[name])
    found = get(name).loss(theta, expose(PLANS[plan], STEPS))
    wanted = [by_every_step(name, theta, PLANS[plan], t) for t in STEPS]
    # 1e-3 is the scatter of real curves.
    assert found == pytest.approx(wanted, abs=2e-4)


@pytest.mark.parametrize("name", LAWS)
def test_derivatives_against_finite_differences(name):
    law, theta = get(name), np.array(CONSTANTS[name])
    exposure = expose(PLANS["wsd"], STEPS)
    logs = [True, True, False, *(p.log for p in law.shape)]
    slopes = law.evaluate(theta, exposure)[1]
    for i, log in enumerate(logs):
        h = 1e-5
        ends = []
        for sign in (1, -1):
            moved = theta.copy()
            moved[i] = moved[i] * np.exp(sign * h) if log else moved[i] + sign * h
            ends.append(law.loss(moved, exposure))
        assert slopes[i] == pytest.approx((ends[0] - ends[1]) / (2 * h), rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("name", LAWS)
def test_coordinates_and_back(name, simulated):
    law, theta = get(name), np.array(CONSTANTS[name])
    problem = state(law, [simulated("cosine")])
    assert problem.theta(as_coordinates(law, problem.scale, theta)) == pytest.approx(theta)


@pytest.mark.parametrize("name", LAWS)
def test_coordinates_do_not_know_the_unit_of_the_rate(name, simulated):
    """A rate in other units, with parameters that go with it, is the same point."""
    law, curve = get(name), simulated("wsd")
    problem = state(law, [curve])
    point = as_coordinates(law, problem.scale, np.array(CONSTANTS[name]))
    other = Schedule(curve.schedule.rates * 1000.0)
    exposure = expose(other, curve.steps)
    scale = scale_of(law, [exposure], curve.log_loss)
    again = type(problem)(law, [exposure], curve.log_loss, scale, problem.prior)
    losses = [p.losses(p.theta(point))[0] for p in (problem, again)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-9)


def test_an_unknown_law():
    with pytest.raises(InputError, match="use one of multi-power"):
        get("multipower")
