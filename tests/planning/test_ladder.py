"""Ladders of small runs: what they cost, how well they predict, and the second route by fits."""

import json

import numpy as np
import pytest

import eigenscale as es
from eigenscale.cli.app import main
from eigenscale.planning.design.ladder import NOISE, ladder


def test_a_ladder_keeps_to_its_share_and_few_runs():
    found = ladder("hoffmann", 1e22, 0.05)
    assert found.cost == pytest.approx(0.05 * 1e22, rel=1e-6)
    assert sum(r.seeds for r in found.rungs) <= 20
    assert sum(r.share for r in found.rungs) == pytest.approx(1.0)
    assert all(r.flops == pytest.approx(6 * r.params * r.tokens) for r in found.rungs)
    assert max(r.flops for r in found.rungs) < 1e21
    assert found.errors[-1] == found.expected_error
    assert all(np.diff(found.errors) < 0)
    assert found.last_worth in found.levels


def test_more_compute_never_predicts_worse():
    errors = [ladder("besiroglu", 1e22, share).expected_error for share in (0.005, 0.05, 0.5)]
    assert errors[0] > errors[1] > errors[2]


def test_the_expected_error_is_that_of_fits_to_drawn_runs():
    """The second route, twelve draws of the law itself; benchmarks/ladder_error.py has families."""
    found = ladder("hoffmann", 1e22, 0.05)
    law, best = es.published("hoffmann"), es.plan("hoffmann", 1e22)
    size, data = (
        np.repeat([getattr(r, n) for r in found.rungs], [r.seeds for r in found.rungs])
        for n in ("params", "tokens")
    )
    errors = []
    for seed in range(12):
        noise = np.exp(NOISE * np.random.default_rng(seed).standard_normal(size.size))
        runs = {"params": size, "tokens": data, "loss": law.loss(size, data) * noise}
        loss = es.fit(runs, bootstrap=0).loss(best.params.value, best.tokens.value)
        errors.append(abs(float(np.log(loss / best.loss.value))))
    assert 0.5 < found.expected_error / np.median(errors) < 2.0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"share": 1.5}, "share 1.5 is not between 0 and 1"),
        ({"target_flops": 1e15}, "pay for no ladder"),
        ({"noise": 0.0}, "noise 0 is not positive"),
    ],
)
def test_bad_input_is_one_line(options, message):
    with pytest.raises(es.InputError, match=message):
        ladder(**({"surface": "hoffmann", "target_flops": 1e22} | options))


def test_the_command(capsys):
    asked = ["plan", "--constants", "hoffmann", "--flops", "1e22", "--ladder"]
    assert main([*asked, "--ladder-share", "0.05", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["ladder"]
    assert {"params", "tokens", "seeds", "flops", "share"} <= set(found["rungs"][0])
    assert found["expected_error"] > 0
    assert found["reliable"] is True
    assert main(asked) == 0
    assert "One rung more is worth it up to" in capsys.readouterr().out
