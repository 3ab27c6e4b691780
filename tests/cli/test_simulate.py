import json

import numpy as np
import pandas
import pytest

from eigenscale.cli.app import main
from eigenscale.model_grid import power_law_spectra, simulate_grid

MODEL = ["--alpha", "0.5", "--latent-dim", "60"]
SIZES = ["--features", "8,12", "--samples", "20", "--ridge", "0.1", "--draws", "4"]


def rows(capsys, *arguments):
    assert main(["simulate", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)["rows"]


def test_lists_of_anything_give_every_combination(capsys):
    lists = ["--alpha", "0.5,1", "--latent-dim", "50,60", "--noise-var", "0,0.1"]
    lists += ["--map", "linear,relu", "--seed", "3,4", "--target-exponent", "0.5,1"]
    found = rows(capsys, *lists, *SIZES)
    assert len(found) == 2**7
    names = ["alpha", "latent_dim", "noise_var", "map", "seed", "target_exponent", "n_features"]
    assert len({tuple(row[name] for name in names) for row in found}) == 2**7
    # A point has the same numbers alone, in Python and in the list.
    wanted = next(row for row in found if all(row[n] == found[0][n] for n in names))
    point = [*MODEL[:2], "--latent-dim", "50", "--seed", "3", "--target-exponent", "0.5"]
    alone = rows(capsys, *point, *SIZES)
    assert alone[0]["loss"] == wanted["loss"]
    spectra = power_law_spectra(0.5, 50, 0.5)
    grid = simulate_grid(spectra, [8, 12], 20, ridge=0.1, draws=4, seed=3)
    assert [row["loss"] for row in grid.table] == [row["loss"] for row in alone]
    # The isotropic teacher's exponent is that of the spectrum.
    assert rows(capsys, *point[:-2], *SIZES)[0]["loss"] == pytest.approx(wanted["loss"])


def test_nonlinear_features_have_no_theory(capsys):
    linear, relu = rows(capsys, *MODEL, *SIZES[2:], "--features", "8", "--map", "linear,relu")
    assert linear["theory_loss"] > 0
    assert "theory_loss" not in relu
    main(["simulate", *MODEL, *SIZES, "--map", "linear,relu:2"])
    assert "relu:2" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_rows_are_written_to_a_file(capsys, tmp_path, name):
    path = tmp_path / name
    found = rows(capsys, *MODEL, *SIZES, "--csv", str(path))
    read = pandas.read_csv if name.endswith("csv") else pandas.read_parquet
    assert read(path)["loss"].tolist() == [row["loss"] for row in found]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--map", "cube"], "map 'cube' is not known"),
        (["--map", "relu:99"], "has 99 layers"),
        (["--map", "no_such_module:f"], "cannot be imported"),
        (["--seed", "1.5"], "rng 1.5 is not a seed"),
        (["--jobs", "0"], "jobs 0"),
        (["--engine", "ether"], "ether"),
        (["--features", "1:1e6:1000001"], "from 1 to 1e6"),
        (["--features", "1e7", "--samples", "1e7"], "GB"),
        (["--seed", "1,2", "--plot", "a.svg"], "--plot draws one"),
        (["--csv", "absent/rows.csv"], "absent"),
    ],
)
def test_bad_input_is_one_line(capsys, arguments, message):
    assert main(["simulate", *MODEL, *SIZES, *arguments]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_a_relu_of_wide_layers_approaches_its_kernel():
    """One hidden layer learns a linear target; a deep linear one is a linear student."""
    spectra = power_law_spectra(0.5, 30)
    options = {"ridge": 0.01, "draws": 40}
    grid = simulate_grid(spectra, 60, 40, latent_map=["linear", "linear:2", "quadratic"], **options)
    linear, deep, even = (row["loss"] for row in grid.table)
    assert linear < deep < even
    untrained = 0.5 * spectra[0][1].trace / 30
    assert even > 0.9 * untrained  # a square is even: a linear target is not in its features


def test_sampled_test_points_give_the_exact_loss_of_linear_features():
    ((_, spectrum),) = power_law_spectra(0.5, 50)
    options = {"ridge": 0.1, "noise_var": 0.05, "draws": 60}
    exact, sampled = (
        simulate_grid([({}, spectrum)], 20, 30, latent_map=one, **options).table[0]
        for one in ("linear", _identity)
    )
    spread = np.hypot(exact["standard_error"], sampled["standard_error"])
    assert abs(exact["loss"] - sampled["loss"]) < 4 * spread


def _identity(x):
    return x
