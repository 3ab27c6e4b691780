import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.figures.spec import Line
from eigenscale.figures.topics.plan_costs import costs
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.plan import frontier

BUDGETS = np.geomspace(1e20, 1e24, 9)


def lines(figure):
    return [layer for layer in figure.panels[0].layers if isinstance(layer, Line)]


def test_training_and_serving_add_up_to_the_budget():
    front = frontier("hoffmann", BUDGETS, Limits(inference_tokens=1e12))
    training, serving, together = lines(costs(front))
    np.testing.assert_allclose(training.y + serving.y, BUDGETS, rtol=1e-9)
    np.testing.assert_array_equal(together.x, front.loss.value)


def test_money_where_the_price_is_known():
    hardware = Hardware("h100", price_per_hour=2.0)
    figure = costs(frontier("hoffmann", BUDGETS, Limits(hardware=hardware)))
    (training,) = lines(figure)
    np.testing.assert_allclose(training.y, [hardware.money(flops) for flops in BUDGETS])
    assert "money" in figure.panels[0].y.label


def test_one_budget_is_no_curve():
    with pytest.raises(InputError, match="not a curve"):
        costs(frontier("hoffmann", 1e21))
