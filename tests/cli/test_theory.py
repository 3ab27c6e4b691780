import json

import numpy as np
import pytest

from eigenscale.cli.app import main

MODEL = ["--alpha", "0.5", "--latent-dim", "200"]
KEYS = {
    "n_features", "n_samples", "ridge", "loss", "train_loss", "bias", "variance", "noise",
    "resolved_modes", "exponent_features", "exponent_samples", "status",
}  # fmt: skip


def rows(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["rows"]


def test_a_grid_to_the_contract(capsys):
    found = rows(
        capsys, "theory", *MODEL, "--features", "10,20", "--samples", "5:500:3", "--ridge", "0,1"
    )
    assert len(found) == 12
    assert set(found[0]) >= KEYS
    assert found[0] | {"alpha": 0.5, "latent_dim": 200, "n_samples": 5, "status": "ok"} == found[0]


def test_divergence_is_null(capsys):
    (row,) = rows(capsys, "theory", *MODEL, "--features", "10", "--samples", "10")
    assert (row["loss"], row["status"]) == (None, "diverges")


def test_any_latent_dimension_and_infinite_sizes(capsys):
    (row,) = rows(
        capsys,
        "theory",
        "--alpha",
        "0.5",
        "--latent-dim",
        "1e12",
        "--features",
        "inf",
        "--samples",
        "1e6",
    )
    assert 0 < row["loss"] < 1
    assert row["n_features"] is None


def test_a_spectrum_from_a_file(capsys, tmp_path):
    np.save(tmp_path / "s.npy", np.arange(1, 201.0) ** -1.5)
    sizes = ["--features", "10", "--samples", "30", "--ridge", "0.1"]
    one = rows(capsys, "theory", *MODEL, *sizes)[0]
    other = rows(capsys, "theory", "--spectrum", str(tmp_path / "s.npy"), *sizes)[0]
    assert one["loss"] == other["loss"]


def test_simulation_has_the_same_rows(capsys):
    sizes = [*MODEL, "--features", "10,20", "--samples", "40", "--ridge", "0.1"]
    found = rows(capsys, "simulate", *sizes, "--draws", "20", "--seed", "3")
    assert found == rows(capsys, "simulate", *sizes, "--draws", "20", "--seed", "3")
    theory = rows(capsys, "theory", *sizes)
    for drawn, exact in zip(found, theory, strict=True):
        assert drawn["draws"] == 20
        assert drawn["theory_loss"] == exact["loss"]
        assert (
            abs(drawn["loss"] - exact["loss"]) < 4 * drawn["standard_error"] + 0.15 * exact["loss"]
        )


@pytest.mark.parametrize("command", ["theory", "simulate"])
def test_tables_and_plots(capsys, tmp_path, command):
    sizes = ["--features", "10,20", "--samples", "40", "--ridge", "0.1"]
    assert main([command, *MODEL, *sizes, "--plot", str(tmp_path / "a.svg")]) == 0
    assert "0.1" in capsys.readouterr().out
    assert (tmp_path / "a.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize("command", ["theory", "simulate"])
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--features", "10", "--samples", "5"], "no spectrum"),
        ([*MODEL, "--features", "x", "--samples", "5"], "--features"),
        ([*MODEL, "--features", "0", "--samples", "5"], "n_features"),
        ([*MODEL, "--features", "10", "--samples", "5", "--ridge", "-1"], "ridge"),
        ([*MODEL, "--features", "10", "--samples", "5", "--noise-var", "-1"], "noise_var"),
        ([*MODEL, "--features", "10", "--samples", "5", "--plot", "a.txt"], "a.txt"),
        ([*MODEL, "--features", "10", "--samples", "5", "--spectrum", "a.npy"], "--spectrum"),
        (["--spectrum", "absent.npy", "--features", "10", "--samples", "5"], "absent.npy"),
        (["--alpha", "-2", "--latent-dim", "9", "--features", "10", "--samples", "5"], "alpha"),
        (["--alpha", "1", "--latent-dim", "0", "--features", "10", "--samples", "5"], "latent_dim"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(capsys, command, arguments, message):
    assert main([command, *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert error.count("\n") == 1


def test_a_time_adds_its_keys_and_an_axis(capsys):
    sizes = [*MODEL, "--features", "10,20", "--samples", "40", "--time", "1:100:3"]
    found = rows(capsys, "theory", *sizes)
    assert [row["time"] for row in found] == pytest.approx([1, 10, 100] * 2)
    assert set(found[0]) >= KEYS | {"error", "exponent_time"}
    drawn = rows(capsys, "simulate", *sizes, "--draws", "4")
    assert [row["theory_loss"] for row in drawn] == [row["loss"] for row in found]
    assert drawn[0]["time"] == 1.0


def test_the_best_time_and_its_plot(capsys, tmp_path):
    path = tmp_path / "a.svg"
    sizes = ["--features", "10,20", "--samples", "40", "--noise-var", "0.01"]
    (one, two) = rows(capsys, "theory", *MODEL, *sizes, "--time", "best", "--plot", str(path))
    assert 0 < one["time"] < 1e3
    assert 0 < two["time"] < 1e3
    assert path.read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--time", "-1"], "time has -1; it is at least 0"),
        (["--time", "soon"], "--time 'soon' is not a number"),
        (["--time", "best", "--ridge", "optimal"], "each makes up for the other"),
    ],
)
def test_bad_times_are_one_line(capsys, options, message):
    assert main(["theory", *MODEL, "--features", "10", "--samples", "40", *options]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_one_pass_sgd_to_the_contract(capsys):
    found = rows(
        capsys, "theory", *MODEL, "--features", "10,inf", "--steps", "1,100", "--batch", "4",
        "--lr", "0.1", "--target-exponent", "1.8",
    )  # fmt: skip
    assert len(found) == 4
    assert {"steps", "batch", "lr", "loss", "n_features", "target_exponent"} <= set(found[0])
    assert (found[0]["steps"], found[0]["batch"], found[0]["lr"]) == (1, 4, 0.1)
    assert found[1]["loss"] < found[0]["loss"]
    assert found[0]["phase"] == "II"


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (["--lr", "5"], "largest stable rate is 0.4"),
        ([], "give a rate below 0.4"),
        (["--lr", "0.1", "--samples", "10"], "--samples 10 does not go with --steps"),
        (["--lr", "0.1", "--ridge", "1"], "--ridge 1 does not go with --steps"),
    ],
)
def test_sgd_that_cannot_be(capsys, extra, words):
    assert main(["theory", *MODEL, "--features", "20", "--steps", "10", *extra]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_target_exponent_and_a_baseline(capsys):
    sizes = ["--features", "10", "--samples", "50"]
    same, plain = (
        rows(capsys, "theory", *MODEL, *sizes, *extra)[0]
        for extra in (["--target-exponent", "0.5"], [])
    )
    assert same["loss"] == pytest.approx(plain["loss"], rel=1e-12)
    steep = rows(
        capsys, "theory", *MODEL, *sizes, "--target-exponent", "2", "--baseline", "vc:delta=0.1"
    )[0]
    assert steep["loss"] < plain["loss"]
    assert steep["baseline"]["name"] == "vc"
    assert steep["baseline"]["delta"] == 0.1
    assert rows(capsys, "theory", *MODEL, *sizes, "--baseline", "4/d")[0]["baseline"][
        "value"
    ] == pytest.approx(50**-0.5)
