import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.planning.design.sweep import isoflop_sweep


def test_runs_lie_on_their_budget_with_real_shapes():
    runs = isoflop_sweep("hoffmann", [1e19, 1e21], sizes=7)
    assert len(runs) == 14
    for run in runs:
        assert 6 * run.params * run.tokens == pytest.approx(run.budget)
        assert run.params == run.architecture.params
        assert run.flops > run.budget  # attention and the last layer come on top


def test_both_sides_of_the_best_are_covered():
    best = es.plan("hoffmann", 1e21).params.value
    sizes = np.array([run.params for run in isoflop_sweep("hoffmann", 1e21, span=3.0)])
    assert sizes.min() == pytest.approx(best / 3, rel=0.1)
    assert sizes.max() == pytest.approx(best * 3, rel=0.1)


def test_a_sweep_without_noise_finds_the_exponents():
    """Each valley's parabola in log size gives the best size; its slope over budgets is β/(α+β)."""
    law = es.published("hoffmann")
    best = []
    for budget in (1e20, 1e22):
        runs = isoflop_sweep(law, budget, sizes=15, span=1.5)
        x = np.log([run.params for run in runs])
        y = law.loss(np.exp(x), np.array([run.tokens for run in runs]))
        c = np.polyfit(x - x.mean(), y, 2)
        best.append(x.mean() - c[1] / (2 * c[0]))
    slope = (best[1] - best[0]) / np.log(100)
    assert slope == pytest.approx(0.28 / 0.62, abs=0.01)


@pytest.mark.parametrize("options", [{"sizes": 2}, {"span": 1.0}])
def test_sweeps_that_trace_no_valley(options):
    with pytest.raises(InputError, match="trace no valley"):
        isoflop_sweep("hoffmann", 1e21, **options)
