"""Sweeps and groups inside a table of runs."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.io.runs.container import Runs
from eigenscale.laws.grouping.cells import best_cells, cells_sentences, swept_column
from eigenscale.laws.grouping.groups import explaining_column, fit_groups, grouped_law

N, D = (x.ravel() for x in np.meshgrid(np.geomspace(3e7, 1e9, 4), np.geomspace(5e8, 5e10, 4)))
CELLS = (1.7 + 400 / N**0.34 + 410 / D**0.28).repeat(5)
LR = np.tile(1e-3 * 2.0 ** np.arange(-2, 3), 16)
SIZE, DATA = N.repeat(5), D.repeat(5)


def sweep(best=1e-3):
    off = np.log2(LR / best)
    return Runs.from_arrays(CELLS * np.exp(0.02 * off**2), params=SIZE, tokens=DATA)


def test_the_vertex_of_a_sweep_is_its_best():
    runs = sweep(best=1.3e-3)
    assert swept_column(runs, {"lr": LR, "seed": np.arange(80)}) == "lr"
    best, cells = best_cells(runs, LR)
    assert len(best) == len(cells) == 16
    assert best.loss == pytest.approx(CELLS[::5], rel=1e-6)
    assert [cell.best for cell in cells] == pytest.approx([1.3e-3] * 16, rel=1e-6)
    assert {cell.how for cell in cells} == {"parabola"}


def test_a_best_at_the_edge_of_a_sweep_is_flagged_and_not_extrapolated():
    best, cells = best_cells(sweep(best=1e-2), LR)
    assert all(cell.at_edge and cell.how == "run" for cell in cells)
    assert best.loss.min() > CELLS.min()
    assert "In 16 of 16 cells the best lr is the first or last" in cells_sentences(cells, "lr")[1]


def test_no_sweep_is_seen_where_there_is_none():
    runs = Runs.from_arrays(CELLS[::5], params=N, tokens=D)
    assert swept_column(runs, {"lr": np.full(16, 1e-3)}) is None
    assert swept_column(runs, {"lr": np.geomspace(1e-4, 1e-2, 16)}) is None
    assert swept_column(Runs.from_arrays(CELLS, params=SIZE), {"lr": LR}) is None


def grouped(factor=1.35, noise=0.003, seed=0):
    """Two optimizers: for the second, data count `factor` times."""
    rng = np.random.default_rng(seed)
    label = np.array(["adamw"] * 16 + ["muon"] * 16)
    data = np.concatenate([D, D])
    effective = data * np.where(label == "muon", factor, 1.0)
    size = np.concatenate([N, N])
    loss = 1.7 + 400 / size**0.34 + 410 / effective**0.28
    loss = loss * np.exp(noise * rng.standard_normal(32))
    return {"params": size, "tokens": data, "loss": loss}, label


def test_groups_are_fitted_together_and_compared():
    runs, label = grouped()
    first, second = fit_groups(runs, label, bootstrap=100)
    assert (first.name, second.name) == ("adamw", "muon")
    assert len(second.at) == 3
    assert second.at[1][2].factor.low < 1.35 < second.at[1][2].factor.high
    assert second.at[1][1].factor.low > 1
    assert "promote muon" in second.sentence("adamw")
    assert first.fit.parameters["alpha"] == second.fit.parameters["alpha"]
    plain = second.to_dict()
    assert [set(one) for one in plain["at"]] == [{"flops", "compute", "data"}] * 3
    same, label = grouped(factor=1.0)
    assert "not yet" in fit_groups(same, label, bootstrap=100)[1].sentence("adamw")


def test_derivatives_of_the_grouped_law():
    law = grouped_law(("a", "b"))
    theta = np.array([1.7, 400, 410, 0.34, 0.28, 0.1, -0.2])
    inputs = {"params": N, "tokens": D, "group 1": np.exp(np.arange(16) % 2.0)}
    slopes = law.jacobian(theta, **inputs)
    for j in range(7):
        step = 1e-6 * max(abs(theta[j]), 1) * np.eye(7)[j]
        up, down = (law.predict(theta + sign * step, **inputs) for sign in (1, -1))
        assert slopes[:, j] == pytest.approx((up - down) / (2 * step[j]), rel=1e-5, abs=1e-10)


def test_the_column_that_explains_the_scatter_is_named():
    label = np.array(["a", "b"] * 12)
    noise = 0.003 * np.random.default_rng(0).standard_normal(24)
    columns = {"optimizer": label, "host": np.array(["x", "x", "y", "y"] * 6)}
    name, share = explaining_column(np.where(label == "a", 0.01, -0.01) + noise, columns)
    assert (name, share > 0.8) == ("optimizer", True)
    assert explaining_column(noise, columns) is None


def test_too_few_groups_are_refused():
    runs, _ = grouped()
    with pytest.raises(InputError, match="1 groups of at least 3 runs"):
        fit_groups(runs, np.full(32, "one"))


def test_sweeps_and_groups_on_the_command_line(tmp_path, capsys):
    swept, groups = tmp_path / "sweep.csv", tmp_path / "groups.csv"
    runs = sweep()
    rows = np.stack([SIZE, DATA, LR, runs.loss], axis=1)
    np.savetxt(swept, rows, delimiter=",", header="params,tokens,lr,loss", comments="")
    assert main(["fit", str(swept), "--bootstrap", "0", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["n_runs"], len(printed["cells"])) == (16, 16)
    assert any("--best-over lr" in text for text in printed["warnings"])
    assert main(["fit", str(swept), "--bootstrap", "0", "--best-over", "none", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_runs"] == 80
    table, label = grouped()
    lines = ["optimizer,params,tokens,loss"]
    lines += [f"{g},{n},{d},{y}" for g, n, d, y in zip(label, *table.values(), strict=True)]
    groups.write_text("\n".join(lines))
    assert main(["fit", str(groups), "--bootstrap", "0", "--json"]) == 0
    warned = json.loads(capsys.readouterr().out)["warnings"]
    assert any("--group optimizer" in text for text in warned)
    call = ["fit", str(groups), "--group", "optimizer", "--bootstrap", "60", "--json"]
    assert main(call) == 0
    second = json.loads(capsys.readouterr().out)["groups"][1]
    assert second["data_multiplier"]["low"] < 1.35 < second["data_multiplier"]["high"]
    assert main(["fit", str(groups), "--group", "colour", "--json"]) == 2
    assert "no such column" in capsys.readouterr().err


def test_a_prior_on_the_command_line(tmp_path, capsys):
    table = tmp_path / "runs.csv"
    rows = np.stack([N, D, CELLS[::5]], axis=1)
    np.savetxt(table, rows, delimiter=",", header="params,tokens,loss", comments="")
    call = ["fit", str(table), "--bootstrap", "0", "--json", "--prior"]
    assert main([*call, "E=1.5±0.0001"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"]["E"]["value"] < 1.69
    assert main([*call, "E=1.5"]) == 2
    assert "has no ±" in capsys.readouterr().err
