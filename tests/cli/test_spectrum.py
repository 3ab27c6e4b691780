"""`eigenscale spectrum`: the contract, the figure, and one line for every slip."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(3000, 50)) * np.arange(1.0, 51) ** -0.75


@pytest.fixture
def data(tmp_path):
    np.save(tmp_path / "x.npy", ROWS)
    np.save(tmp_path / "y.npy", ROWS[:, 0] + 0.1 * RNG.normal(size=3000))
    return tmp_path


def test_json_keeps_the_contract(data, capsys):
    assert main(["spectrum", f"{data}/x.npy", "--target", f"{data}/y.npy", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert (out["n_samples"], out["n_inputs"]) == (3000, 50)
    assert out["eigenvalues"] == sorted(out["eigenvalues"], reverse=True)
    assert set(out["alpha"]) >= {"value", "low", "high", "level"}
    assert out["alpha"]["low"] < 0.5 < out["alpha"]["high"]
    assert len(out["ranks"]) == 2
    assert out["effective_rank"] > 1
    assert out["target_power"][0] == pytest.approx(1.0, rel=0.1)
    assert out["unexplained"] == pytest.approx(0.01, rel=0.1)


def test_words_say_alpha_and_window(data, capsys):
    assert main(["spectrum", f"{data}/x.npy", "--ranks", "2,30"]) == 0
    out = capsys.readouterr().out
    assert "spectrum falls as 1+α" in out
    assert "2 to 30" in out


@pytest.mark.parametrize("suffix", ["png", "svg", "html"])
def test_plot(data, suffix):
    assert main(["spectrum", f"{data}/x.npy", "--plot", f"{data}/s.{suffix}"]) == 0
    assert (data / f"s.{suffix}").stat().st_size > 1000


def test_two_inputs_have_no_exponent(data, capsys):
    np.save(data / "two.npy", ROWS[:, :2])
    assert main(["spectrum", f"{data}/two.npy", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["alpha"] is None
    assert main(["spectrum", f"{data}/two.npy"]) == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nowhere.npy"], "does not exist"),
        (["x.npy", "--ranks", "2"], "two whole numbers"),
        (["x.npy", "--ranks", "2,400"], "do not lie in the spectrum"),
        (["x.npy", "--level", "2"], "between 0 and 1"),
        (["x.npy", "--missing", "guess"], "refuse, drop or fill"),
        (["x.npy", "--plot", "s.bmp"], "ending"),
        (["x.npy", "--target", "short.npy"], "one target for each row"),
        (["nan.npy"], "1 values that are NaN in 1 rows, the first in row 3, column 1"),
        (["flat.npy"], "no column that varies"),
        (["line.npy"], "two dimensions are needed"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(options, message, data, capsys, monkeypatch):
    monkeypatch.chdir(data)
    np.save("short.npy", np.arange(5.0))
    np.save("flat.npy", np.ones((9, 3)))
    np.save("line.npy", np.ones(9))
    bad = ROWS.copy()
    bad[2, 0] = np.nan
    np.save("nan.npy", bad)
    assert main(["spectrum", *options, "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert message in captured.err


def test_rows_can_be_dropped_and_this_is_said(data, capsys):
    bad = ROWS.copy()
    bad[2, 0] = np.nan
    np.save(data / "nan.npy", bad)
    assert main(["spectrum", f"{data}/nan.npy", "--missing", "drop", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["n_dropped"] == 1
    assert "1 of 3000 rows were not finite" in captured.err


def test_subsets_and_features(data, capsys):
    options = ["--samples", "100,1000", "--features", "relu:40", "--seed", "1", "--json"]
    assert main(["spectrum", f"{data}/x.npy", *options, "--plot", f"{data}/s.png"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["n_inputs"] == 40
    assert [s["n_samples"] for s in out["subsets"]] == [100, 1000]
    assert (data / "s.png").exists()
    assert main(["spectrum", f"{data}/x.npy", "--samples", "5000"]) == 2
    assert main(["spectrum", f"{data}/x.npy", "--features", "relu"]) == 2


def test_text_shows_the_exponent_of_its_tokens(tmp_path, capsys):
    weights = np.arange(1.0, 3001) ** -1.0
    draws = np.random.default_rng(0).choice(3000, 60000, p=weights / weights.sum())
    lines = [" ".join(f"w{i}" for i in part) for part in draws.reshape(-1, 60)]
    (tmp_path / "a.txt").write_text("\n\n".join(lines))
    plot = ["--plot", f"{tmp_path}/a.png"]
    assert main(["spectrum", f"{tmp_path}/a.txt", "--json", *plot]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["zipf"]["exponent"]["low"] < 1.0 < out["zipf"]["exponent"]["high"]
    assert out["components_for"]["0.5"] < out["components_for"]["0.9"]
    assert (tmp_path / "a.png").stat().st_size > 1000
    assert main(["spectrum", f"{tmp_path}/a.txt"]) == 0
    assert "frequency falls as rank^-s" in capsys.readouterr().out


def test_a_short_text_has_a_spectrum_but_no_zipf(tmp_path, capsys):
    (tmp_path / "a.txt").write_text("\n\n".join(f"one two three four {i} five" for i in range(40)))
    assert main(["spectrum", f"{tmp_path}/a.txt", "--json"]) == 0
    captured = capsys.readouterr()
    assert "zipf" not in json.loads(captured.out)
    assert "give a longer text" in captured.err
