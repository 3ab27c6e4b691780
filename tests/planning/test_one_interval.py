"""A plan's interval of the loss is the one that predictions of the same fit have."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.planning.predict import predict

TRUTH = es.published("besiroglu")
N = np.tile(np.geomspace(3e7, 1e9, 5), 3)
D = np.repeat([1e9, 4e9, 2e10], 5)
LOSS = TRUTH.loss(N, D) * np.exp(0.004 * np.random.default_rng(0).normal(size=15))
RUNS = {"params": N, "tokens": D, "loss": LOSS}


@pytest.fixture(scope="module", params=["plain", "default"])
def fit(request):
    return es.fit(RUNS, "chinchilla", estimator=request.param, bootstrap=60, rng=0)


@pytest.mark.parametrize("flops", [1e19, 2e20, 1e23])
def test_plan_and_predict_say_the_same(fit, flops):
    planned = es.plan(fit, flops)
    found = predict(fit, flops=flops)
    assert planned.loss.value == pytest.approx(found.intervals[0].value, rel=1e-9)
    assert planned.loss.low == pytest.approx(found.intervals[0].low, rel=1e-9)
    assert planned.loss.high == pytest.approx(found.intervals[0].high, rel=1e-9)
    assert planned.reliable == found.reliable[0]


def test_another_level_is_another_width(fit):
    wide, narrow = (es.plan(fit, 1e23, level=level).loss for level in (0.95, 0.5))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_without_draws_there_is_no_interval():
    assert np.isnan(es.plan(es.fit(RUNS, bootstrap=0), 1e23).loss.low)
