import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.planning.costs.hyperparameters import hyperparameters


def by_rule(*arguments, **options):
    return {setting.rule: setting for setting in hyperparameters(*arguments, **options)}


def test_published_rules_by_hand():
    found = by_rule(1e9, 1e11, loss=2.5)
    C = 6e20
    expected = {
        "step-law-learning-rate": 1.79 * 1e9**-0.713 * 1e11**0.307,
        "step-law-batch": 0.58 * 1e11**0.571,
        "deepseek-learning-rate": 0.3118 * C**-0.1250,
        "deepseek-batch": 0.2920 * C**0.3271,
        "kaplan-batch": 2e8 / 2.5 ** (1 / 0.21),
    }
    assert {rule: s.value for rule, s in found.items()} == pytest.approx(expected)


def test_each_rule_knows_how_far_it_was_measured():
    near, far = by_rule(1e9, 1e11), by_rule(7e10, 1.4e12)
    assert near["step-law-batch"].is_measured
    assert "up to" in near["step-law-batch"].reach
    assert not far["step-law-batch"].is_measured
    assert far["step-law-batch"].decades_beyond == pytest.approx(np.log10(70))
    assert "decades beyond what it was measured on" in far["deepseek-batch"].reach


def test_every_range_holds_its_own_ends_only():
    """As the sources state them: DeepSeek section 3.1, Kaplan section 3, Step Law figure 1."""
    assert not by_rule(1.5e9, 1e11)["step-law-batch"].is_measured
    assert by_rule(1e9, 1e9, flops=2e19)["deepseek-batch"].is_measured
    assert not by_rule(1e9, 1e9, flops=3e19)["deepseek-batch"].is_measured
    assert by_rule(1.5e9, 2.3e10, loss=3.0)["kaplan-batch"].is_measured
    assert not by_rule(1.5e9, 4e10, loss=3.0)["kaplan-batch"].is_measured


def test_without_a_loss_there_is_no_critical_batch():
    assert "kaplan-batch" not in by_rule(1e9, 1e11)


def test_compute_may_be_counted_otherwise():
    found = by_rule(1e9, 1e11, flops=1e21)
    assert found["deepseek-batch"].value == pytest.approx(0.2920 * 1e21**0.3271)


@pytest.mark.parametrize("arguments", [(0, 1e9), (1e9, -1)])
def test_bad_input_is_one_line(arguments):
    with pytest.raises(InputError, match="is not positive and finite"):
        hyperparameters(*arguments)
