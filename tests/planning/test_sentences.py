"""Every kind of sentence that planning can say, kept as it was: read a change aloud."""

from dataclasses import replace

import numpy as np
import pytest

import eigenscale as es
from eigenscale.planning.advice.scenarios import sensitivity
from eigenscale.planning.configurations.finished import Score, Scores
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.design.ladder import ladder
from eigenscale.planning.design.next_runs import next_runs
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.target import reach
from eigenscale.planning.worth import amounts_from, worth, worth_of_compute
from eigenscale.results import Interval

H100 = Hardware("h100", count=64, price_per_hour=2.0)


@pytest.fixture
def near(drawn_fit):
    """A law that is known well."""
    return drawn_fit(spread=0.005)


@pytest.fixture
def vague(drawn_fit):
    """A law whose best size is not identified."""
    return drawn_fit(spread=0.2)


def plans(near, vague):
    yield es.plan(near, 1e22).summary
    yield es.plan(near, 1e25, hardware=H100, inference_tokens=1e13).summary
    yield es.plan(vague, 1e22).summary
    yield es.plan(near, 1e20, tokens=1e11, unique_tokens=1e10).summary
    yield es.plan("hoffmann", 1e21).summary
    model = es.SolvableModel(es.Spectrum.power_law(0.5, 1e6))
    yield es.plan(model.surface(), 1e6).summary
    yield from es.plan(vague, 1e25).warnings


def next_steps(near):
    known = {"noise": 0.003}
    yield next_runs(near, 1e24, 1e22, **known).recommendation
    yield next_runs(near, 1e24, 1e22, goal="size", **known).recommendation
    yield next_runs(near, 1e24, 1e16, **known).recommendation
    yield next_runs(near, 1e24, 1e3, **known).recommendation


def money(near):
    yield worth_of_compute(near, 1e22, 1e7, Limits(hardware=H100)).summary
    yield worth_of_compute("hoffmann", 1e22, 1e7).summary
    amounts = amounts_from(1e4)
    draws = np.stack([0.1 + a * amounts**-0.4 for a in (4.0, 5.0, 6.0)])
    yield worth(amounts, draws[1], draws, 1e5, 0.5, unit="samples").summary


def other(near):
    yield ladder("hoffmann", 1e22, 0.05).summary
    yield sensitivity(near, 1e22, Limits(inference_tokens=1e12)).summary
    yield reach(near, 2.2).summary
    found = Score("next-1", Interval(2.31, 2.28, 2.34), 2.35, False, 2.2)
    yield Scores((found, replace(found, measured=2.3, inside=True)), ("next-2",), 0).summary


def test_all_of_them(near, vague, golden):
    said = [*plans(near, vague), *next_steps(near), *money(near), *other(near)]
    golden("plan_sentences.txt", "\n".join(said) + "\n")
