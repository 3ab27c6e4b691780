"""Approaches 1 and 2 against published growth, exact tables and their own bias."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws import approaches, envelope, fit, get, isoflop
from eigenscale.runs import read_runs

HOFFMANN = np.array([1.69, 406.4, 410.7, 0.34, 0.28])


def synthetic(points=9):
    """Budgets 1e17..1e22 without noise, each around its own best size."""
    C = np.repeat(np.geomspace(1e17, 1e22, 6), points)
    best = 0.6 * (C / 6) ** (0.28 / 0.62)
    N = best * np.tile(np.geomspace(0.25, 4, points), 6)
    D = C / 6 / N
    loss = get("chinchilla").predict(HOFFMANN, params=N, tokens=D)
    return {"params": N, "tokens": D, "flops": C, "loss": loss}


def test_llama_3_tokens_grow_as_published(shared):
    path = shared("data/runs/isoflops.csv")
    runs = read_runs(path, where={"experiment": "llama_3__raw_loss"})
    growth = isoflop(runs, "tokens")
    assert len(runs) == 133
    assert growth.coefficient == pytest.approx(0.2994, abs=1e-4)
    assert growth.exponent == pytest.approx(0.5368, abs=1e-4)
    assert isoflop(runs.without_flagged(), "tokens").exponent == pytest.approx(0.500, abs=1e-3)


def test_exact_isoflops_are_recovered_by_the_fit_and_biased_by_parabolas():
    found = fit(synthetic(), bootstrap=0)
    np.testing.assert_allclose(found.theta, HOFFMANN, rtol=1e-6)
    rows = {(g.approach[0], g.quantity): g for g in approaches(found)}
    truth = 0.28 / 0.62
    assert rows["3", "params"].exponent == pytest.approx(truth, abs=1e-5)
    assert rows["3", "tokens"].exponent == pytest.approx(1 - truth, abs=1e-5)
    parabola = rows["2", "params"]
    assert parabola.bias == pytest.approx(parabola.exponent - truth, abs=1e-4)
    coefficient = parabola.coefficient * 1e20**parabola.exponent
    law = rows["3", "params"]
    assert coefficient != pytest.approx(law.coefficient * 1e20**law.exponent, rel=1e-3)


def test_edge_and_flat_bottoms_are_flagged():
    runs = synthetic(15)
    left = runs["params"] < 0.7 * 0.6 * (runs["flops"] / 6) ** (0.28 / 0.62)
    cut = {name: values[left] for name, values in runs.items()}
    assert set(isoflop(cut, "params").flags) == {"edge"}
    noisy = {**runs, "loss": runs["loss"] * (1 + 0.2 * np.random.default_rng(0).random(90))}
    assert "flat" in isoflop(noisy, "params").flags


def test_what_has_no_budgets_is_refused():
    runs = synthetic(2)
    with pytest.raises(InputError, match="0 compute budgets have 4 runs"):
        isoflop(runs, "params")
    with pytest.raises(InputError, match="the runs have no params"):
        envelope({"tokens": [1.0, 2.0], "loss": [2.0, 1.0]})
