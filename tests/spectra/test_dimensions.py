"""Several datasets by their intrinsic dimension."""

import json

import numpy as np

from eigenscale.cli.app import main


def test_the_command_takes_several_files(tmp_path, capsys):
    rows = np.random.default_rng(0).normal(size=(400, 6))
    paths = [str(tmp_path / f"{name}.npy") for name in "ab"]
    np.save(paths[0], rows)
    np.save(paths[1], rows[:, :2])
    assert main(["dimension", *paths, "--json", "--plot", str(tmp_path / "d.png")]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in plain["datasets"]] == ["a.npy", "b.npy"]
    assert plain["differences"][0]["mle"]["high"] < -2
    assert main(["dimension", *paths]) == 0
    assert "b.npy − a.npy" in capsys.readouterr().out
