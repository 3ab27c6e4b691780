"""`eigenscale dimension`: the contract, the figure, one line for slips."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    np.save(tmp_path / "x.npy", rng.normal(size=(500, 3)) @ rng.normal(size=(3, 8)))
    return tmp_path


def test_json_keeps_the_contract(data, capsys):
    assert main(["dimension", f"{data}/x.npy", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    for key in ("mle", "two_nn"):
        assert set(out[key]) >= {"value", "low", "high", "level"}
        assert out[key]["low"] < 3 < out[key]["high"]
    assert [s["neighbours"] for s in out["scales"]] == [2, 3, 5, 10, 20, 40]
    assert out["expected_alpha"] == pytest.approx(4 / out["mle"]["value"])


def test_words_and_plot(data, capsys):
    assert main(["dimension", f"{data}/x.npy", "--plot", f"{data}/d.png"]) == 0
    assert "TwoNN" in capsys.readouterr().out
    assert (data / "d.png").stat().st_size > 1000


def test_pictures_rows_left_out_and_fewer_points(data, capsys):
    images = np.random.default_rng(0).random((300, 6, 6))
    images[3, 2, 2] = np.nan
    np.save(data / "i.npy", images)
    options = ["--patches", "3", "--grey", "--missing", "drop", "--neighbours", "5", "--json"]
    assert main(["dimension", f"{data}/i.npy", *options, "--plot", f"{data}/i.png"]) == 0
    captured = capsys.readouterr()
    out = json.loads(captured.out)
    assert (out["n_inputs"], out["n_points"], out["dropped"]) == (9, 1199, 1)
    assert out["subsamples"][0]["n_points"] == 299
    assert "1 rows were not finite" in captured.err


@pytest.mark.parametrize(
    "options",
    [["--neighbours", "900"], ["--level", "0"], ["--plot", "d.doc"], ["--samples", "9000"]],
)
def test_bad_input_is_one_line_and_exit_2(options, data, capsys):
    assert main(["dimension", f"{data}/x.npy", *options]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert err.count("\n") == 1
