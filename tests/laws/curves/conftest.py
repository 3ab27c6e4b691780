"""Training curves from a law with known parameters and correlated noise."""

import numpy as np
import pytest

from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.noise import Noise
from eigenscale.laws.curves.registry import get
from eigenscale.laws.curves.scheduled import ScheduledCurve
from eigenscale.laws.schedules.shapes import constant, cosine, two_stage, wsd

THETA = np.array([3.04, 0.525, 0.508, 364.0, 2.07, 0.583, 0.641])
RATE = {"peak": 3e-4, "warmup": 600}
SCHEDULES = {
    "cosine": cosine(total=8000, end=3e-5, **RATE),
    "constant": constant(total=8000, **RATE),
    "two-stage": two_stage(end=9e-5, start=3000, total=6000, **RATE),
    "wsd": wsd(total=8000, start=6500, end=3e-5, shape="exponential", **RATE),
}


@pytest.fixture(scope="session")
def theta():
    """Published constants of the 25M model."""
    return THETA


@pytest.fixture(scope="session")
def simulated():
    """`simulated(name, noise, seed) -> ScheduledCurve` under one of four schedules."""

    def make(name, noise=0.0, seed=0, every=64):
        schedule = SCHEDULES[name]
        steps = np.arange(640, schedule.total + 1, every)
        logs = np.log(get("multi-power").loss(THETA, expose(schedule, steps)))
        drawn = Noise(noise, 0.8, 0.9).draw(np.random.default_rng(seed), 1, len(steps))[0]
        return ScheduledCurve(name, schedule, steps, logs + drawn)

    return make
