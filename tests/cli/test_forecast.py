"""`eigenscale forecast`: the contract, the figure, and one line for every slip."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 8))
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", (x[:, 0] + rng.normal(size=300) > 0).astype(int))
    np.save(tmp_path / "short.npy", np.zeros(20) + np.arange(20.0))
    return tmp_path


def call(data, *options):
    return main(["forecast", f"{data}/x.npy", "--target", f"{data}/y.npy", *options])


def test_json_keeps_the_contract(data, capsys):
    assert call(data, "--samples", "50,100:1000:3", "--json") == 2
    assert call(data, "--samples", "100:1000:3", "--ridge", "1e-2", "--json") == 0
    out = json.loads(capsys.readouterr().out)
    assert [row["n_samples"] for row in out["rows"]] == [100, 316, 1000]
    assert {row["n_features"] for row in out["rows"]} == {8}
    loss = out["rows"][-1]["loss"]
    assert set(loss) >= {"value", "low", "high", "level"}
    assert loss["low"] < loss["value"] < loss["high"]
    assert loss["value"] < out["target_variance"] < 0.51


def test_random_features_and_ridges_make_a_grid(data, capsys):
    assert call(data, "--samples", "50,500", "--features", "20,200", "--ridge", "0.1,1") == 0
    table = capsys.readouterr().out
    assert table.count("200") >= 4
    assert "random relu features" in table


def test_plot_and_words(data, capsys):
    assert call(data, "--samples", "50:5000:5", "--plot", f"{data}/curve.svg") == 0
    assert (data / "curve.svg").stat().st_size > 1000
    assert "Test loss of ridge regression" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--samples", "0"], "n_samples has 0"),
        (["--samples", "ten"], "is not a number"),
        (["--samples", "50", "--ridge", "best"], "--ridge 'best' is not a number"),
        (["--samples", "50", "--kernel", "cauchy"], "'cauchy' is not known"),
        (["--samples", "50", "--plot", "curve.doc"], "no figure is saved under"),
    ],
)
def test_slips_are_one_line(data, options, words, capsys):
    assert call(data, *options) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert words in err
    assert err.count("\n") == 1


def test_lengths_that_differ_are_one_line(data, capsys):
    arguments = ["forecast", f"{data}/x.npy", "--target", f"{data}/short.npy", "--samples", "50"]
    assert main(arguments) == 2
    assert "short.npy has 20 rows where x.npy has 300" in capsys.readouterr().err
