"""Trunks with several cooldowns in a table of curves: points of one family, paid for once."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.io.runs.read import read_runs

STEPS = np.arange(100, 4001, 100)
SIZES = (1e6, 1e7)


def table(*, rates=True, cooled=(1000, 2000, 3000)):
    """Per size: a trunk of 4,000 steps at a constant rate, and cooldowns over 500 steps."""
    columns = {name: [] for name in ("run", "params", "step", "tokens", "loss", "lr")}
    for size in SIZES:
        for start in (None, *cooled):
            end = 4000 if start is None else start + 500
            steps = STEPS[end >= STEPS]
            rate = np.ones(len(steps))
            if start is not None:
                rate = np.clip((end - steps) / 500, 0.05, 1.0)
            loss = 2 + 900 * size**-0.5 + 9 * steps**-0.4 - 0.1 * (1 - rate)
            name = f"{size:.0e} {'trunk' if start is None else start}"
            columns["run"] += [name] * len(steps)
            columns["params"] += [size] * len(steps)
            columns["step"] += steps.tolist()
            columns["tokens"] += (1000.0 * steps).tolist()
            columns["loss"] += loss.tolist()
            columns["lr"] += (1e-3 * rate).tolist()
    if not rates:
        del columns["lr"]
    return columns


def test_each_cooldown_is_a_point_and_the_trunk_is_none():
    runs = read_runs(table())
    assert runs.tokens.tolist() == [1.5e6, 2.5e6, 3.5e6] * 2
    assert sorted(set(runs.family)) == ["1e+06 trunk", "1e+07 trunk"]
    assert runs.checkpoints == "last"
    said = next(line for line in runs.warnings if "share their first steps" in line)
    assert said == (
        "8 runs share their first steps (1e+06 1000, 1e+06 2000, 1e+06 3000, 1e+06 trunk; "
        "1e+07 1000, 1e+07 2000, 1e+07 3000, 1e+07 trunk): each trunk is paid for once, and its "
        "points share its noise (column family); 1e+06 trunk, 1e+07 trunk were not cooled down "
        "and are no points"
    )


def test_the_trunk_is_paid_for_once():
    """Trunk of 4,000 steps and three cooldowns of 500, counted from the steps themselves."""
    runs = read_runs(table())
    for size in SIZES:
        own = runs.params == size
        assert runs.spent[own].sum() == pytest.approx(6 * size * 1000.0 * (4000 + 3 * 500))
        assert runs.flops[own].sum() == pytest.approx(6 * size * 1000.0 * 7500)


def test_fit_takes_the_points_and_their_cost():
    fit = es.fit(read_runs(table()), "chinchilla", bootstrap=0, fix={"E": 2.0, "beta": 0.4})
    assert fit.n_runs == 6
    assert fit.provenance().runs["spent"].sum() < fit.provenance().runs["flops"].sum()


def test_without_rates_it_is_said_that_all_count_as_cooled():
    runs = read_runs(table(rates=False))
    assert len(runs) == 8
    assert any("without a column of learning rates" in line for line in runs.warnings)
    assert runs.spent.sum() == pytest.approx(6000.0 * sum(SIZES) * (4000 + 3 * 500))


def test_runs_that_share_nothing_are_no_trunk():
    columns = table()
    loss, rng = np.array(columns["loss"]), np.random.default_rng(0)
    columns["loss"] = (loss * np.exp(1e-3 * rng.normal(size=len(loss)))).tolist()
    runs = read_runs(columns)
    assert runs.spent is None
    assert runs.family is None


def test_the_points_that_curve_writes_are_paid_for_once():
    columns = {"params": [1e6] * 2, "tokens": [1e9, 2e9], "loss": [3.0, 2.9]}
    columns |= {"flops": [6e15, 1.2e16], "spent_flops": [6e15, 7e15]}
    runs = read_runs(columns)
    assert runs.spent.tolist() == [6e15, 7e15]
    assert runs.flops.tolist() == [6e15, 1.2e16]
