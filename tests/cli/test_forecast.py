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


def test_a_check_is_told_drawn_and_plain(data, capsys):
    options = ["--samples", "50:500:3", "--check", "--plot", f"{data}/check.svg"]
    assert call(data, *options) == 0
    out, err = capsys.readouterr()
    assert "Students trained, tested on 75 rows held back" in out
    assert "the trained learner ends within" in out
    assert "75 rows were held back to check the forecast" in err
    assert "students trained" in (data / "check.svg").read_text()
    assert call(data, *options[:3], "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["check"]["verdict"] in ("agrees", "close", "disagrees")
    assert {"n_samples", "loss", "predicted", "apart"} <= set(plain["check"]["points"][0])


def test_copies_are_one_line_of_warning(data, capsys):
    twice = np.repeat(np.arange(150), 2)
    np.save(data / "x.npy", np.load(data / "x.npy")[twice])
    np.save(data / "y.npy", np.load(data / "y.npy")[twice])
    assert call(data, "--samples", "100", "--check") == 0
    assert "warning: 100\u00a0% of the rows are copies of another row" in capsys.readouterr().err


def test_advice_and_what_it_costs(data, capsys):
    options = ["--samples", "100", "--features", "10,100", "--target-loss", "0.4"]
    costs = ["--cost-per-sample", "2", "--cost-per-feature", "0.5"]
    assert call(data, *options, *costs) == 0
    out = capsys.readouterr().out
    assert "With 300 samples and 100 features expect a loss of" in out
    assert "A loss of 0.4" in out
    assert "per unit of cost" in out
    assert call(data, *options, *costs, "--json") == 0
    advice = json.loads(capsys.readouterr().out)["advice"]
    assert set(advice["shares"]) == {"floor", "noise", "data", "features"}
    assert advice["value_of_features"]["cost"] == pytest.approx(5.0)


@pytest.fixture
def points(tmp_path):
    sizes = [50, 100, 200, 400, 800, 1600]
    lines = [f"{n},{0.2 + 3 / n**0.6}" for n in sizes]
    (tmp_path / "points.csv").write_text("\n".join(["n_samples,loss", *lines]) + "\n")
    return str(tmp_path / "points.csv")


def test_points_measured_elsewhere(points, capsys):
    assert main(["forecast", points, "--samples", "6400", "--target-loss", "0.21", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["rows"][0]["loss"]["value"] == pytest.approx(0.2 + 3 / 6400**0.6, rel=1e-3)
    assert out["advice"]["samples_needed"]["value"] == pytest.approx(13_400, rel=0.02)
    assert len(out["points"]) == 6
    plot = points.replace("csv", "svg")
    assert main(["forecast", points, "--plot", plot]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "by an average of curve forms, from 6 measured points" in out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["POINTS", "--check"], "--check goes with --target"),
        (["POINTS", "--features", "10"], "--features goes with --target"),
        (["POINTS", "--cost-per-sample", "0"], "cost_per_sample 0"),
        (["DATA"], "is an array without names of columns; give a table"),
        (["DATA", "--target", "TARGET"], "--samples is missing"),
        (["DATA", "--target", "TARGET", "--samples", "9", "--target-loss", "-1"], "target_loss -1"),
        (["DATA", "--target", "TARGET", "--samples", "9", "--cost-per-feature", "1"], "random"),
    ],
)
def test_what_does_not_go_together(options, words, data, points, capsys):
    names = {"POINTS": points, "DATA": f"{data}/x.npy", "TARGET": f"{data}/y.npy"}
    assert main(["forecast", *(names.get(one, one) for one in options)]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert err.count("\n") == 1


BAD_DATA = {
    "fewer samples than classes": (
        np.eye(40)[:, :5],
        np.array([f"c{i}" for i in range(40)]),
        "40 rows for 40 classes",
    ),
    "constant target": (np.eye(40), np.ones(40), "constant"),
    "a single class": (np.eye(40), np.zeros(40, int), "single class"),
    "lengths that differ": (np.eye(40), np.arange(30.0), "30 rows where x.npy has 40"),
    "all-zero features": (np.zeros((40, 3)), np.arange(40.0), "no column that varies"),
    "NaN in the data": (np.full((40, 3), np.nan), np.arange(40.0), "not finite"),
    "NaN in the target": (np.eye(40), np.full(40, np.nan), "not finite"),
    "infinite": (np.where(np.eye(40) > 0, np.inf, 0), np.arange(40.0), "not finite"),
}


@pytest.mark.parametrize("check", [[], ["--check"]])
@pytest.mark.parametrize("name", BAD_DATA)
def test_bad_data_are_one_line(name, check, tmp_path, capsys):
    x, y, words = BAD_DATA[name]
    np.save(tmp_path / "x.npy", x)
    np.save(tmp_path / "y.npy", y)
    files = [f"{tmp_path}/x.npy", "--target", f"{tmp_path}/y.npy"]
    assert main(["forecast", *files, "--samples", "20", *check]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert err.count("\n") == 1


def test_plot_and_words(data, capsys):
    assert call(data, "--samples", "50:5000:5", "--plot", f"{data}/curve.svg") == 0
    assert (data / "curve.svg").stat().st_size > 1000
    assert "Test loss of ridge regression" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--samples", "0"], "n_samples has 0"),
        (["--samples", "ten"], "is not a number"),
        (["--samples", "-5"], "n_samples has -5"),
        (["--samples", "50", "--map", "erf"], "--map goes with random features"),
        (["--samples", "50", "--width", "2"], "--width goes with --kernel or --map cos"),
        (["--samples", "50", "--kernel", "laplace", "--width", "0"], "width 0 is not positive"),
        (["--samples", "50", "--features", "9", "--map", "swish"], "'swish' is not known"),
        (["--samples", "50", "--features", "0"], "n_features has 0"),
        (["--samples", "50", "--features", "-3"], "n_features has -3"),
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
