import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.planning.costs.hyperparameters import batch_cost


@pytest.mark.parametrize("batch", np.geomspace(1e3, 1e9, 7))
def test_steps_and_compute_trade_on_a_hyperbola(batch):
    cost = batch_cost(batch, critical=2e6)
    assert (cost.steps - 1) * (cost.compute - 1) == pytest.approx(1)
    # tokens = batch × steps, so both factors differ by batch / critical, whatever the run
    assert batch * cost.steps == pytest.approx(cost.critical * cost.compute)


@pytest.mark.parametrize(("batch", "critical"), [(0, 1e6), (1e6, -1), (np.inf, 1e6)])
def test_bad_input_is_one_line(batch, critical):
    with pytest.raises(InputError, match="give tokens per step"):
        batch_cost(batch, critical)
