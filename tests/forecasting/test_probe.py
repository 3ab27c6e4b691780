"""How many samples are enough for a linear probe."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.forecasting.external.probe import probe as enough_samples

RNG = np.random.default_rng(0)
X = RNG.normal(size=(900, 6))
NOISY = X @ [1.0, 1, 1, 0, 0, 0] + RNG.normal(size=900)


def test_few_inputs_need_few_rows_as_least_squares_says():
    """Excess loss of least squares is noise · d/(n − d − 1): 5 % above noise from n ≈ 21 d."""
    found = enough_samples(X, NOISY, folds=3, tolerance=0.05)
    assert found.learner == "ridge"
    assert found.best.value == pytest.approx(1, rel=0.15)
    assert found.enough.low <= 21 * 6 <= found.enough.high
    assert found.enough.low < found.have


def test_the_command_answers(tmp_path, capsys):
    np.save(tmp_path / "x.npy", X)
    np.save(tmp_path / "y.npy", (NOISY > 0).astype(int))
    command = ["probe", str(tmp_path / "x.npy"), "--target", str(tmp_path / "y.npy")]
    assert main([*command, "--folds", "3", "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["learner"] == "logistic"
    assert plain["metric"]["name"] == "error rate"
    assert plain["enough"]["low"] <= plain["enough"]["value"] <= plain["enough"]["high"]
    assert "A linear probe (logistic) needs" in plain["summary"]


def test_a_tolerance_that_is_none_is_refused():
    with pytest.raises(InputError, match="tolerance 0 is not between 0 and 1"):
        enough_samples(X, NOISY, tolerance=0)
