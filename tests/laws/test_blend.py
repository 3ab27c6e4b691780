"""Blends: weights, mixtures of draws, inputs that not all members can do with."""

import json

import numpy as np
import pytest
from scipy.stats import gmean

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.laws.allocation.split import best_split
from eigenscale.laws.fitting import fit
from eigenscale.laws.selection.average import blend, weights_of
from eigenscale.laws.selection.compare import compare

N, D = (
    axis.ravel() for axis in np.meshgrid(np.geomspace(1e8, 1e10, 6), np.geomspace(2e9, 2e11, 6))
)
RNG = np.random.default_rng(0)
RUNS = {
    "params": N,
    "tokens": D,
    "loss": (1.7 + 400 / N**0.34 + 410 / D**0.28) * np.exp(0.005 * RNG.normal(size=N.size)),
}
POINT = {"params": 1e11, "tokens": 2e12}


@pytest.fixture(scope="module")
def fits():
    return [fit(RUNS, law, bootstrap=0) for law in ("chinchilla", "kaplan", "power:flops")]


def test_weights_fall_as_the_fifth_power_of_the_error():
    np.testing.assert_allclose(weights_of([0.01, 0.02]), np.array([32, 1]) / 33)
    assert weights_of([0.01, 0.1, np.inf]).tolist() == [1, 0, 0]
    assert weights_of([0.0, 1.0]).tolist() == [1, 0]
    with pytest.raises(InputError, match="there are too few runs"):
        weights_of([np.inf, np.inf])


def test_a_blend_of_one_is_that_fit(fits):
    one = blend(fits[:1], [0.01], draws=200)
    alone = fit(RUNS, "chinchilla", bootstrap=200)
    np.testing.assert_allclose(one.predict(**POINT).value, alone.predict(**POINT).value)
    np.testing.assert_allclose(one.predict(**POINT).low, alone.predict(**POINT).low, rtol=0.01)


def test_the_value_is_the_weighted_mean_in_logs_and_the_spread_is_in_the_interval(fits):
    found = blend(fits, [0.01, 0.012, 0.011], draws=300)
    assert found.weights.sum() == pytest.approx(1)
    assert sum(len(m.draws) for m in found.members) == pytest.approx(300, abs=3)
    values = [
        m.predict(**{n: POINT.get(n, 6 * 2e23) for n in m.law.inputs}).value for m in found.members
    ]
    there = found.predict(**POINT)
    assert there.value == pytest.approx(gmean(values, weights=found.weights))
    joint = [name != "power:flops" for name in found.shares]  # compute alone plans nothing
    surface = gmean(np.array(values)[joint], weights=found.weights[joint])
    assert found.loss(1e11, 2e12) == pytest.approx(surface)
    assert len(found.loss_draws(1e11, 2e12)) == pytest.approx(
        300 * found.weights[joint].sum(), abs=3
    )
    assert there.low < min(values) * 1.01
    assert there.high > max(values) * 0.99
    assert there.run_high > there.high
    assert found.predict(params=[1e10, 1e11], tokens=2e12).value.shape == (2,)


def test_compute_alone_is_split_as_is_best_and_too_little_is_refused(fits):
    found = blend(fits, [0.01, 0.012, 0.011], draws=0)
    split = best_split(found.shown.law, found.shown.theta, 1.2e24)
    assert 6 * split["params"] * split["tokens"] == pytest.approx(1.2e24)
    there = found.predict(**split)
    assert found.predict(flops=1.2e24).value == pytest.approx(there.value)
    assert np.isnan(there.low)
    with pytest.raises(InputError, match="the inputs params are too few; laws need chinchilla"):
        found.predict(params=1e10)


def test_the_command_line_predicts_by_the_blend(tmp_path, capsys):
    table, points = tmp_path / "runs.csv", tmp_path / "points.csv"
    rows = np.column_stack([N, D, RUNS["loss"]])
    np.savetxt(table, rows, delimiter=",", header="params,tokens,loss", comments="")
    points.write_text("params,tokens\n1e11,2e12\n")
    call = ["fit", str(table), "--law", "all", "--bootstrap", "100", "--predict", str(points)]
    assert main([*call, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert sum(said["blend"].values()) == pytest.approx(1)
    assert len(said["predictions"]) == 1
    assert said["predictions"][0]["value"] == pytest.approx(
        1.7 + 400 / 1e11**0.34 + 410 / 2e12**0.28, rel=0.015
    )


def test_a_comparison_gives_its_blend():
    compared = compare(RUNS, ("chinchilla", "chinchilla-tied", "power"), bootstrap=0)
    found = compared.blend(draws=50)
    best = min(compared.candidates, key=lambda c: c.rolling_error)
    assert next(iter(found.shares)) == best.fit.law.name
    assert repr(found).startswith("Blend(")
