import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.forecasting.advice.advice import Costs, advise
from eigenscale.forecasting.advice.crossing import crossing


class Power:
    """A surface of known form: E + A/T^a, with draws of A."""

    size_name, data_name = "n_features", "n_samples"

    def __init__(self, floor=0.2, scale=3.0, exponent=0.5):
        self.floor, self.scale, self.exponent = floor, scale, exponent
        self.scales = scale * np.exp(0.1 * np.random.default_rng(0).standard_normal(4000))

    def loss(self, size, data, /):
        return self.floor + self.scale * np.asarray(data, float) ** -self.exponent

    def loss_draws(self, size, data, /):
        fall = np.asarray(data, float) ** -self.exponent
        return self.floor + self.scales[:, None] * fall

    def needed(self, loss, scale=None):
        return ((scale or self.scale) / (loss - self.floor)) ** (1 / self.exponent)


def rows(n=300, n_inputs=20):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, n_inputs))
    return x, x[:, 0] + 0.5 * rng.normal(size=n)


@pytest.fixture(scope="module")
def curve():
    return es.forecast(*rows(), n_samples=100)


@pytest.mark.parametrize("loss", [0.21, 0.25, 0.4, 1.0])
def test_samples_needed_are_those_of_the_closed_form(loss):
    law = Power()
    found = crossing(law, 1.0, 1000.0, loss, 0.9).samples
    assert found.value == pytest.approx(law.needed(loss), rel=1e-4)
    ends = [law.needed(loss, float(np.quantile(law.scales, q))) for q in (0.05, 0.95)]
    assert (found.low, found.high) == pytest.approx(ends, rel=0.01)


def test_a_loss_below_the_floor_is_never_reached():
    found = advise(Power(), 1e6, target_loss=0.1)
    assert found.samples_needed is None
    assert found.reached == 0
    assert "not reachable with more samples; the floor is 0.200" in found.summary


def test_where_some_curves_never_get_there_the_upper_end_is_infinite():
    law = Power()
    law.loss_draws = lambda size, data: np.stack([law.loss(size, data) * k for k in (1.0, 1.5)])
    found = advise(law, 1000.0, target_loss=0.25)
    assert found.samples_needed.high == np.inf
    assert found.reached == 0.5
    assert "to never)" in found.summary
    assert found.to_dict()["samples_needed"]["high"] is None


def test_parts_of_the_loss_are_its_own():
    found = advise(Power(), 100.0)
    assert found.shares.total == pytest.approx(0.5)
    assert found.shares.floor == pytest.approx(0.2, abs=0.01)
    assert found.limit == "data"
    assert advise(Power(), 1e6).limit == "floor"


def test_costs_give_marginal_values():
    law = Power(floor=0.0, exponent=1.0)
    found = advise(law, 100.0, target_loss=0.01, costs=Costs(per_sample=2.0))
    value = found.value_of_samples
    assert (value.amount, value.cost) == pytest.approx((10.0, 20.0))
    assert value.fall.value == pytest.approx(0.03 - 3 / 110)
    assert value.per_cost.value == pytest.approx((0.03 - 3 / 110) / 20)
    assert found.cost_of_target.value == pytest.approx(2 * (300 - 100), rel=1e-3)
    assert "per unit of cost" in found.summary


def test_advice_says_what_is_reached_and_what_is_not(curve):
    reached = curve.advice(target_loss=0.3)
    needed = reached.samples_needed
    assert 10 < needed.low < needed.value < 300 < needed.high
    at = curve.forecaster.loss(np.inf, [needed.value])
    assert at[0] == pytest.approx(0.3, rel=1e-4)
    assert reached.floor.value <= reached.ten_times_data.value <= reached.now.value
    assert reached.floor.value == pytest.approx(0.25, rel=0.2)
    below = curve.advice(target_loss=0.1)
    assert below.samples_needed is None
    assert "not reachable with more samples; the floor is" in below.summary


def test_parts_are_those_of_linear_rows(curve):
    """Ridge on 20 isotropic inputs: the floor is the noise, 0.25; at few rows the rest shows."""
    few = curve.advice(n_samples=30)
    assert few.limit in ("data", "noise")
    assert few.shares.total == pytest.approx(few.now.value, rel=1e-6)
    assert few.shares.floor == pytest.approx(0.25, rel=0.2)
    assert curve.advice(n_samples=3000).limit == "floor"


def test_features_limit_where_they_are_few():
    found = es.forecast(*rows(), n_samples=100, n_features=[4, 400])
    few = found.advice(n_features=4, cost_per_sample=1, cost_per_feature=1)
    assert few.limit == "features"
    assert few.shares.features > 0.5 * (few.shares.total - few.shares.floor)
    assert few.value_of_features.per_cost.value > few.value_of_samples.per_cost.value
    assert "times more in features than in samples" in few.summary or "Spend on features" in (
        few.summary
    )
    assert found.advice().n_features == 400


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target_loss": -1.0}, "target_loss -1"),
        ({"cost_per_sample": 0.0}, "cost_per_sample 0"),
        ({"cost_per_feature": 1.0}, "cost_per_feature goes with random features"),
        ({"n_samples": -5.0}, "n_samples -5"),
    ],
)
def test_slips_are_one_line(curve, change, words):
    with pytest.raises(InputError, match=words) as caught:
        curve.advice(**change)
    assert "\n" not in str(caught.value)
