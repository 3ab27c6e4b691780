"""Schedules: shapes in closed form, one-line specs, and rebuilding what was recorded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.laws.schedules.rebuild import rebuild
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.laws.schedules.shapes import COOLDOWNS, constant, cosine, restarts, two_stage, wsd
from eigenscale.laws.schedules.spec import parse_schedule

PEAK, END = 3e-4, 3e-5


def test_the_published_exponential_cooldown():
    found = wsd(PEAK, 24000, 20000, warmup=2160, end=END, shape="exponential")
    step = 22000
    share = (step - 20000) / 4000
    assert found.rates[step - 1] == pytest.approx(PEAK ** (1 - share) * END**share)
    assert found.exposure[2160] == pytest.approx(0.324, rel=1e-3)
    assert (found.warmup, found.peak, found.total) == (2160, PEAK, 24000)


@pytest.mark.parametrize("shape", COOLDOWNS)
def test_cooldowns_begin_at_the_peak_and_end_at_the_end(shape):
    found = wsd(PEAK, 1000, 800, warmup=100, end=END, shape=shape)
    assert found.rates[799] == pytest.approx(PEAK)
    assert found.rates[-1] == pytest.approx(END)
    assert np.all(np.diff(found.rates[800:]) < 0)
    assert found.annealed == pytest.approx(0.9)


def test_restarts_go_back_to_the_peak():
    found = restarts(1.0, 700, 100, factor=2.0)
    back = np.flatnonzero(np.diff(found.rates) > 0.5) + 2
    assert back.tolist() == [101, 301]
    assert found.rates[back - 1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("constant:peak=1,total=10", constant(1.0, 10)),
        ("cosine:peak=1,end=0.1,total=10,warmup=2", cosine(1.0, 10, 2, 0.1)),
        ("wsd:peak=1,start=0.8,total=10,shape=1-sqrt", wsd(1.0, 10, 8, shape="sqrt")),
        ("WSD: peak=1, start=8, total=1e1, end=.1, shape=exp",
         wsd(1.0, 10, 8, end=0.1, shape="exponential")),
        ("two_stage:peak=1,end=0.3,start=4,total=10", two_stage(1.0, 0.3, 10, 4)),
    ],
)  # fmt: skip
def test_specs(text, same):
    assert parse_schedule(text).rates == pytest.approx(same.rates)


def test_defaults_fill_what_a_spec_leaves_out():
    found = parse_schedule("cosine", {"peak": 2.0, "total": 7, "start": 3})
    assert (found.peak, found.total) == (pytest.approx(2.0, rel=0.1), 7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cosin:peak=1", "use one of constant"),
        ("cosine:peak=1", "lacks total"),
        ("cosine:peak=-1,total=9", "positive"),
        ("cosine:peak=1,total=9,end=2", "between 0 and the peak"),
        ("cosine:peak=1,total=9,start=3", "has no 'start'"),
        ("cosine:peak=1,total=9,warmup=9", "does not fit"),
        ("cosine:peak=x,total=9", "not a number"),
        ("cosine:peak=1,total=9.5", "whole number"),
        ("cosine:peak", "key=value"),
        ("wsd:peak=1,start=9,total=4", "not between"),
        ("wsd:peak=1,start=2,total=4,shape=round", "use one of linear"),
        ("wsd:peak=1,start=2,total=4,shape=exp", "never reaches"),
        ("constant:peak=1,total=0", "number of steps"),
    ],
)
def test_specs_that_are_refused(text, words):
    with pytest.raises(InputError, match=words):
        parse_schedule(text)


@pytest.mark.parametrize("rates", [[1.0, -1.0], [1.0, np.nan], [0.0, 0.0], []])
def test_rates_that_are_refused(rates):
    with pytest.raises(InputError):
        Schedule(np.array(rates))


@given(st.sampled_from(["cosine", "linear", "constant"]), st.integers(8, 64), st.integers(0, 400))
def test_what_is_recorded_is_rebuilt(name, every, warmup):
    plan = parse_schedule(f"{name}:peak=1,total=2000,warmup={warmup}")
    steps = np.arange(max(every, warmup), 2001, every)
    found = rebuild(steps, plan.rates[steps - 1], "run", warmup)
    kept = plan.rates[: steps[-1]]
    assert np.abs(found.rates - kept).max() < 3 * (every / 1000) ** 2 + 1e-3 + every / 2000
    assert found.exposure[-1] == pytest.approx(kept.sum(), rel=2e-3)


def test_a_jump_is_put_half_way_and_said():
    steps = np.arange(100, 1001, 100)
    found = rebuild(steps, np.where(steps < 500, 1.0, 0.3), "run", 0)
    assert np.flatnonzero(np.diff(found.rates)).tolist() == [449]
    assert "between the recorded steps 400 and 500" in found.guesses[0]


def test_a_jump_is_put_where_the_recording_begins_anew():
    steps = np.array([100, 200, 300, 350, 450, 550, 650])
    found = rebuild(steps, np.where(steps < 350, 1.0, 0.3), "run", 0)
    assert np.flatnonzero(np.diff(found.rates)).tolist() == [348]


def test_the_begin_of_a_cooldown_between_records():
    plan = wsd(1.0, 2000, 1530, end=0.1)
    steps = np.arange(100, 2001, 100)
    found = rebuild(steps, plan.rates[steps - 1], "run", 0)
    assert found.rates == pytest.approx(plan.rates, abs=1e-9)
    assert found.guesses == ()


def test_a_start_that_was_not_recorded_is_a_warm_up_and_said():
    steps = np.arange(1000, 5001, 100)
    found = rebuild(steps, np.full(len(steps), 2e-3), "run")
    assert found.exposure[1000] == pytest.approx(1.0, rel=2e-3)
    assert "linear warm-up" in found.guesses[0]
    told = rebuild(steps, np.full(len(steps), 2e-3), "run", 200)
    assert told.exposure[1000] == pytest.approx(1.8, rel=2e-3)
    assert told.guesses == ()


def test_a_first_record_within_the_usual_interval_is_no_warm_up():
    steps = np.arange(100, 2001, 100)
    found = rebuild(steps, np.full(len(steps), 2e-3), "run")
    assert found.rates == pytest.approx(np.full(2000, 2e-3))
