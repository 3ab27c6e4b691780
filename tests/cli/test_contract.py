"""The keys that scripts depend on: every command's JSON on small inputs."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main

INTERVAL = {"value", "low", "high", "level"}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Small files of every kind."""
    folder = tmp_path_factory.mktemp("contract")
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 8)) * np.arange(1, 9) ** -0.8
    np.save(folder / "x.npy", rows)
    np.save(folder / "y.npy", rows @ rng.normal(size=8) + 0.3 * rng.normal(size=300))
    names = ",".join(f"x{i}" for i in range(8))
    labels = np.where(rows[:, 0] + 0.2 * rng.normal(size=300) > 0, "yes", "no")
    cells = ["".join(f"{v:.6g}," for v in row) for row in rows]
    table = [row + label for row, label in zip(cells, labels, strict=True)]
    (folder / "table.csv").write_text("\n".join([f"{names},label", *table]) + "\n")
    for name, floor in (("runs", 1.7), ("other", 1.6)):
        lines = ["params,tokens,loss"]
        for params in (1e6, 1e7, 1e8):
            for tokens in (1e8, 1e9, 1e10):
                noise = 1 + 0.002 * rng.normal()
                loss = floor + 400 / params**0.34 + 410 / tokens**0.28
                lines.append(f"{params:g},{tokens:g},{loss * noise:.5f}")
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    (folder / "points.csv").write_text("params,tokens\n1e9,2e10\n2e9,4e10\n")
    steps = np.arange(20, 2001, 20)
    for name, last in (("cosine", 3e-5), ("constant", 3e-4)):
        lr = last + (3e-4 - last) * (1 + np.cos(np.pi * steps / 2000)) / 2
        area = np.cumsum(lr) * 20
        loss = 2.5 + 0.8 * area**-0.5 + 900 * (lr - 3e-4) * 0.5
        text = [f"{s},{r:.6g},{v:.5f}" for s, r, v in zip(steps, lr, loss, strict=True)]
        (folder / f"{name}.csv").write_text("\n".join(["step,lr,loss", *text]) + "\n")
    return folder


@pytest.fixture
def call(here, monkeypatch, capsys):
    """Run a command with --json; what is on stdout is one object and nothing else."""
    monkeypatch.chdir(here)

    def run(line):
        assert main([*line.split(), "--json"]) == 0, capsys.readouterr().err
        found = json.loads(capsys.readouterr().out)
        assert isinstance(found, dict)
        return found

    return run


def is_interval(thing):
    return thing is None or thing.keys() >= INTERVAL


MODEL = "--alpha 1 --latent-dim 200 --features 20,40 --samples 60"
THEORY = {"loss", "train_loss", "bias", "variance", "noise", "resolved_modes", "ridge", "status"}


def test_theory(call):
    rows = call(f"theory {MODEL}")["rows"]
    assert len(rows) == 2
    assert all(row.keys() >= THEORY | {"exponent_features", "exponent_samples"} for row in rows)
    timed = call(f"theory {MODEL} --time 10")["rows"]
    assert all("loss" in row and row["status"] in ("ok", "diverges") for row in timed)
    steps = call("theory --alpha 1 --latent-dim 200 --features inf --steps 10,20 --batch 1 --lr .1")
    assert all(row.keys() >= {"steps", "batch", "lr", "loss"} for row in steps["rows"])


def test_simulate(call):
    path = f"simulate {MODEL} --draws 3 --seed 1"
    assert all(row.keys() >= {"loss", "standard_error", "draws"} for row in call(path)["rows"])
    call(f"{path} --store cells.sqlite")
    assert all(row["from_store"] is True for row in call(f"{path} --store cells.sqlite")["rows"])


def test_spectrum_and_dimension(call):
    found = call("spectrum x.npy --target y.npy")
    assert found.keys() >= {
        "n_samples",
        "n_inputs",
        "eigenvalues",
        "alpha",
        "ranks",
        "effective_rank",
    }
    assert len(found["ranks"]) == 2
    assert is_interval(found["alpha"])
    found = call("dimension x.npy")
    assert found.keys() >= {"mle", "two_nn", "scales"}
    assert is_interval(found["mle"])
    assert call("spectrum tree:2:0.6 --seed 1").keys() >= {"eigenvalues", "alpha"}


def test_forecast(call):
    row = call("forecast x.npy --target y.npy --samples 600,1200 --draws 20")["rows"][0]
    assert row.keys() >= {"n_samples", "loss", "reliable"}
    assert is_interval(row["loss"])
    row = call("forecast x.npy --target y.npy --samples 600 --features 20 --draws 20")["rows"][0]
    assert row["n_features"] == 20
    found = call("forecast table.csv --target label --samples 600 --draws 20")
    assert found.keys() >= {"rows", "metric", "prepared"}
    assert found["rows"][0]["metric"].keys() >= {"name", "value"}
    found = call("forecast table.csv --target label --samples 600 --learner logistic --folds 2")
    assert "learner" in found


def test_fit_predict_and_score(call, here):
    found = call("fit runs.csv --law chinchilla --bootstrap 30 --holdout 2 --predict points.csv")
    keys = {"law", "objective", "n_runs", "excluded", "parameters", "certificate", "predictions"}
    assert found.keys() >= keys | {"unit"}
    assert found["objective"].keys() >= {"name", "value"}
    assert found["parameters"].keys() >= {"E", "A", "B", "alpha", "beta"}
    assert all(one.keys() >= INTERVAL | {"se"} for one in found["parameters"].values())
    assert found["certificate"].keys() >= {"starts", "agreeing", "gradient_norm"}
    assert all(one.keys() >= INTERVAL | {"reliable"} for one in found["predictions"])
    both = call("fit runs.csv --law all --bootstrap 30")
    assert all(one.keys() >= {"law", "holdout_error"} for one in both["laws"])
    prior = call("fit runs.csv --law chinchilla --bootstrap 0 --prior E=1.7±0.1")
    assert "priors" in prior
    call("fit runs.csv --law chinchilla --bootstrap 30 --save fit.json")
    (here / "registered.json").unlink(missing_ok=True)
    made = call("predict fit.json points.csv --register registered.json")
    assert made.keys() >= {"registered", "predictions"}
    (here / "measured.csv").write_text("params,tokens,loss\n1e9,2e10,2.5\n2e9,4e10,2.3\n")
    scored = call("score registered.json measured.csv")
    assert scored.keys() >= {"scores", "calibration"}
    assert scored["scores"][0].keys() >= {"predicted", "measured", "inside", "z"}


def test_plan(call):
    found = call("plan runs.csv --law chinchilla --bootstrap 30 --flops 1e21 --next-cost 1e19")
    keys = {"params", "tokens", "loss", "tokens_per_param", "warnings", "reliable", "next_runs"}
    assert found.keys() >= keys
    assert all(is_interval(found[name]) for name in ("params", "tokens", "loss"))
    runs = found["next_runs"]["runs"]
    assert 0 < len(runs) <= 6
    assert all(
        one.keys() >= {"params", "tokens", "seeds", "flops", "share", "narrows"} for one in runs
    )
    assert len({(one["params"], one["tokens"]) for one in runs}) == len(runs)
    assert found["next_runs"]["recommendation"]
    assert call("plan --constants hoffmann --flops 1e21").keys() >= {"params", "tokens", "loss"}


def test_compare(call):
    found = call("compare runs.csv other.csv --law chinchilla --bootstrap 30")
    assert found.keys() >= {"params", "tokens", "loss", "data", "compute", "sentences", "unit"}
    assert len(found["at"]) == 3
    assert all(one.keys() >= {"flops", "compute"} for one in found["at"])
    assert found["status"] in ("ok", "never")


def test_look(call):
    found = call("look runs.csv")
    assert found.keys() >= {"format", "kind", "rows", "columns", "left_out", "warnings"}
    assert found["kind"] == "runs"
    assert found["columns"][0].keys() >= {"name", "role", "unit"}
    assert [one["role"] for one in found["columns"]] == ["params", "tokens", "loss"]
    assert call("look table.csv --target label")["kind"] == "data"
    assert call("look cosine.csv")["kind"] == "curve"


def test_curve(call):
    found = call("curve cosine.csv --predict constant.csv --law multi-power")
    assert found.keys() >= {"law", "parameters", "certificate", "predictions"}
    assert found["predictions"][0].keys() >= {"name", "step", "loss", "reliable"}
    assert is_interval(found["predictions"][0]["loss"])
    ended = call("curve constant.csv --law multi-power --until 1000")
    assert ended["predictions"][0]["step"] == 2000


def test_gallery_and_report(call, here):
    found = call("gallery pictures --figures regimes")
    assert found["figures"]
    assert all((here / path).exists() for path in found["figures"])
    call("report --runs runs.csv --law chinchilla -o page")
    assert (here / "page" / "index.html").exists()
