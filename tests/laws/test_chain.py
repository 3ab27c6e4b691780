"""Two steps from compute to a task score: values, both doubts, files, refusals."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get
from eigenscale.laws.saving.saved import load_fit, save_fit

LOSS, SCORE = [1.69, 406.4, 410.7, 0.34, 0.28], [0.25, 0.85, 2.4, 0.2]
AT = {"params": [2e10, 7e10], "tokens": [4e11, 1.4e12]}


def runs(noise, seed=0, side=6):
    rng = np.random.default_rng(seed)
    N, D = (
        x.ravel() for x in np.meshgrid(np.geomspace(1e8, 1e10, side), np.geomspace(2e9, 4e11, side))
    )
    exact = get("chinchilla").predict(LOSS, params=N, tokens=D)
    loss = exact * np.exp(noise * rng.normal(size=N.size))
    score = get("accuracy").predict(SCORE, loss=loss) * np.exp(2 * noise * rng.normal(size=N.size))
    return {"params": N, "tokens": D, "loss": loss, "score": score}


def exact_score():
    return get("accuracy").predict(SCORE, loss=get("chinchilla").predict(LOSS, **AT))


@pytest.fixture(scope="module")
def found():
    return fit(runs(0.005), "accuracy", bootstrap=300, holdout=0.2)


def test_exact_tables_give_the_exact_score():
    made = fit(runs(0.0), "accuracy", bootstrap=0)
    assert made.first.law.name == "chinchilla"
    np.testing.assert_allclose(made.predict(**AT).value, exact_score(), rtol=1e-8)


def test_the_doubt_about_the_loss_goes_into_the_score(found):
    there = found.predict(**AT)
    given = found.predict(loss=found.first.predict(**AT).value)
    np.testing.assert_allclose(there.value, given.value)
    # By hand: both steps on the same resampled table, whose doubts may add up or cancel.
    first, second = found.first, found.law
    scores = [
        second.predict(theta, loss=first.law.predict(before, **AT))
        for theta, before in zip(found.draws, first.draws, strict=True)
    ]
    np.testing.assert_allclose([there.low, there.high], np.quantile(scores, [0.05, 0.95], axis=0))
    # Drawn apart, the doubt of the loss can only widen what the curve alone leaves open.
    apart = [
        second.predict(theta, loss=first.law.predict(before, **AT))
        for theta, before in zip(found.draws, np.roll(first.draws, 1, axis=0), strict=True)
    ]
    low, high = np.quantile(apart, [0.05, 0.95], axis=0)
    assert (high - low > given.high - given.low).all()
    assert (there.run_high - there.run_low > there.high - there.low).all()
    assert len(found.first.draws) == len(found.draws)


def test_intervals_of_the_chain_cover():
    inside = []
    for seed in range(40):
        there = fit(runs(0.005, seed), "accuracy", bootstrap=100, rng=seed).predict(**AT)
        inside.append((there.low <= exact_score()) & (exact_score() <= there.high))
    assert 0.75 < np.mean(inside) < 0.99  # nominal 0.9, three standard errors of 40 tables


def test_held_out_scores_are_foretold_through_the_loss(found):
    assert set(found.holdout.inputs) == {"params", "tokens"}
    assert found.holdout.error < 0.04


def test_the_first_law_may_be_chosen_and_falls_back_to_what_varies():
    table = runs(0.005)
    by_compute = fit(table, "accuracy", first="power:flops", bootstrap=20)
    assert by_compute.predict(flops=1e24).value < 0.85
    alone = {name: table[name] for name in ("loss", "score")}
    without = fit(alone, "accuracy", bootstrap=20)
    assert without.first is None
    with pytest.raises(InputError, match="accuracy needs loss"):
        without.predict(params=1e9, tokens=1e10)
    with pytest.raises(InputError, match="the first step predicts the loss"):
        fit(table, "accuracy", first="accuracy")
    with pytest.raises(InputError, match="a first step is for laws of the loss"):
        fit(table, "chinchilla", first="power")


def test_a_saved_chain_predicts_as_before(found, tmp_path):
    again = load_fit(save_fit(found, tmp_path / "fit.json"))
    for name in ("value", "low", "high", "run_low", "run_high"):
        assert (getattr(again.predict(**AT), name) == getattr(found.predict(**AT), name)).all()


def test_the_command_line_goes_from_params_and_tokens_to_the_score(tmp_path, capsys):
    table = runs(0.005)
    path = tmp_path / "runs.csv"
    rows = np.column_stack(list(table.values()))
    np.savetxt(path, rows, delimiter=",", header=",".join(table), comments="")
    call = ["fit", str(path), "--law", "accuracy", "--bootstrap", "100"]
    assert main([*call, "--predict", "params=7e10,tokens=1.4e12", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    (there,) = said["predictions"]
    assert there["low"] < exact_score()[1] < there["high"]
    assert said["first"]["law"] == "chinchilla"
    assert main(call) == 0
    assert "Predictions go through the loss: E + A / params^alpha" in capsys.readouterr().out
