"""`eigenscale fit` to its contract."""

import json
import re
from importlib import import_module

import numpy as np
import pytest

from eigenscale.cli.app import main

HEADER = "params,tokens,loss\n"


def rows(count=12, noise=0.01):
    rng = np.random.default_rng(0)
    N, D = 10 ** rng.uniform(7, 10, count), 10 ** rng.uniform(9, 11, count)
    loss = (1.7 + 400 / N**0.34 + 410 / D**0.28) * np.exp(noise * rng.standard_normal(count))
    return "".join(f"{n:.17g},{d:.17g},{v:.17g}\n" for n, d, v in zip(N, D, loss, strict=True))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text(HEADER + rows())
    return path


def run(capsys, *arguments):
    code = main(["fit", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_json_has_the_keys_of_the_contract(table, tmp_path, capsys):
    points = tmp_path / "points.csv"
    points.write_text("params,tokens\n1e11,1e12\n1e9,1e10\n")
    code, out, _ = run(
        capsys, table, "--bootstrap", 50, "--holdout", 3, "--predict", points, "--seed", 1, "--json"
    )
    result = json.loads(out)
    assert code == 0
    assert result["law"] == "chinchilla"
    assert result["objective"]["name"] == "huber:0.001"
    assert result["n_runs"] == 12
    assert list(result["parameters"]) == ["E", "A", "B", "alpha", "beta"]
    assert set(result["parameters"]["E"]) == {"value", "low", "high", "level", "se"}
    assert {"starts", "agreeing", "gradient_norm"} <= set(result["certificate"])
    assert result["holdout"]["n_held_out"] == 3
    first, second = result["predictions"]
    single = result["run_predictions"][0]
    assert single["value"] == first["value"]
    assert single["low"] < first["low"] < first["high"] < single["high"]
    assert first["low"] <= first["value"] <= first["high"] < second["value"]


def test_text_can_be_read(table, capsys):
    code, out, _ = run(capsys, table, "--bootstrap", 20, "--fix", "E=1.7")
    assert code == 0
    assert "E + A / params^alpha + B / tokens^beta" in out
    assert "cold starts end at this optimum" in out
    assert "Sensitivity to choices" in out


def test_power_takes_the_column_that_varies(tmp_path, capsys):
    path = tmp_path / "curve.csv"
    x = np.geomspace(1e3, 1e6, 8)
    lines = [f"{d:.17g},{0.1 + 3 * d**-0.4:.17g}\n" for d in x]
    path.write_text("tokens,loss\n" + "".join(lines))
    code, out, _ = run(capsys, path, "--law", "power", "--bootstrap", 0, "--json")
    result = json.loads(out)
    assert code == 0
    assert (result["law"], result["inputs"]) == ("power", ["tokens"])
    assert result["parameters"]["alpha"]["value"] == pytest.approx(0.4, rel=1e-8)


BAD = {
    "one run only": (HEADER + "1e9,1e10,2.5\n", [], "1 run for chinchilla.*at least 6 runs"),
    "too few runs": (HEADER + rows(4), [], "4 runs for chinchilla, which has 5 free"),
    "equal losses": (
        HEADER + "".join(f"{k}e8,{k}e10,2.5\n" for k in range(1, 9)),
        [],
        "all 8 losses are 2.5",
    ),
    "no size": (
        "tokens,loss\n" + "".join(f"{k}e9,{3 - k / 9}\n" for k in range(1, 9)),
        [],
        "params",
    ),
    "constant size": (
        HEADER + "".join(f"1e9,{k}e9,{3 - k / 9}\n" for k in range(1, 9)),
        [],
        "params is 1e.09 in every run",
    ),
    "unknown law": (HEADER + rows(), ["--law", "chinchila"], "law 'chinchila' is unknown"),
    "unknown parameter": (HEADER + rows(), ["--fix", "F=1"], "no parameter 'F'"),
    "fix is no pair": (HEADER + rows(), ["--fix", "E"], "write name=value"),
    "fix is no number": (HEADER + rows(), ["--fix", "E=low"], "not a number"),
    "fix out of bounds": (HEADER + rows(), ["--fix", "alpha=-1"], "alpha is fixed at -1"),
    "objective": (HEADER + rows(), ["--objective", "hubert"], "objective 'hubert' is unknown"),
    "delta": (HEADER + rows(), ["--objective", "huber:-1"], "delta is a positive number"),
    "holdout": (HEADER + rows(), ["--holdout", "10"], "holdout 10 of 12 runs"),
    "level": (HEADER + rows(), ["--level", "90"], "level 90 is not between 0 and 1"),
    "cluster": (HEADER + rows(), ["--resampling", "cluster:family"], "needs a column of groups"),
    "resampling": (HEADER + rows(), ["--resampling", "jack"], "bootstrap kind 'jack' is unknown"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_exit_2(case, tmp_path, capsys):
    text, options, message = BAD[case]
    path = tmp_path / "runs.csv"
    path.write_text(text)
    code, out, err = run(capsys, path, *options, "--bootstrap", 10)
    assert code == 2
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert re.search(message, err), err


def test_all_laws_are_ranked(table, capsys, monkeypatch):
    candidates = ("kaplan", "chinchilla", "steps", "power", "chinchilla-tied")
    monkeypatch.setattr(
        import_module("eigenscale.laws.selection.compare"), "CANDIDATES", candidates
    )
    code, out, _ = run(capsys, table, "--law", "all", "--bootstrap", 20, "--json")
    result = json.loads(out)
    assert code == 0
    able = [c for c in result["laws"] if c["holdout_error"] is not None]
    rolling = [c["rolling_error"] for c in able if c["rolling_error"] is not None]
    assert rolling == sorted(rolling)
    chosen = next(c for c in able if c["law"] == result["law"])
    assert result["holdout"]["error"] == chosen["holdout_error"]
    assert sum(result["blend"].values()) == pytest.approx(1)
    choice = result["choice"]
    inside = next(c for c in able if c["law"] == choice["chosen_without_the_held_out"])
    assert choice["its_holdout_error"] == inside["holdout_error"]
    assert any("needs steps" in c.get("reason", "") for c in result["laws"])
    code, out, _ = run(capsys, table, "--law", "all", "--bootstrap", 20)
    assert code == 0
    assert "Predictions use chinchilla" in out
    assert "normal priors E = " in out
