import json

import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.cli.app import main
from eigenscale.verification import (
    FACTORS,
    WEIGHTS,
    Configuration,
    Verification,
    configurations,
    repeated,
    verify,
)


def test_theory_stays_where_it_is_when_everything_is_repeated():
    model = SolvableModel(Spectrum.power_law(0.6, 100), noise_var=0.01)
    measured = Spectrum.from_eigenvalues([1.0, 0.5, 0.1], [0.3, 0.2, 0.4], unexplained=0.1)
    for spectrum in (model.spectrum, measured):
        for m in FACTORS:
            many = SolvableModel(repeated(spectrum, m), noise_var=0.01)
            wanted = SolvableModel(spectrum, noise_var=0.01).loss(20, 30, ridge=0.06)
            assert many.loss(20 * m, 30 * m, ridge=0.06 * m) == pytest.approx(wanted, rel=1e-9)


def test_the_correction_removes_a_parabola():
    x = 1 / np.array(FACTORS)
    assert np.dot(WEIGHTS, 3.0 + 2 * x - 5 * x**2) == pytest.approx(3.0)


def test_stated_configurations_agree_with_theory():
    found = verify(configurations(8))
    assert found.passed
    assert "agrees with theory over 8 configurations" in found.summary()
    assert found.bias[1] > found.bias[4]
    assert len(found.to_pandas()) == 8


def test_a_wrong_theory_is_found_out(monkeypatch, capsys):
    monkeypatch.setattr(Configuration, "theory", lambda self: 1.2 * exact(self))
    exact = lambda one: float(  # noqa: E731
        one.model.loss(one.n_features, one.n_samples, ridge=one.ridge, time=one.time)
    )
    monkeypatch.setattr("eigenscale.verification.QUICK", 5)
    assert main(["simulate", "--verify", "--quick"]) == 70
    assert "DOES NOT AGREE" in capsys.readouterr().out


def test_points_of_the_users_own(capsys):
    sizes = ["--features", "20,25", "--samples", "30", "--ridge", "0.06"]
    assert (
        main(["simulate", "--verify", "--alpha", "0.6", "--latent-dim", "60", *sizes, "--json"])
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is True
    assert [row["n_features"] for row in found["rows"]] == [20, 25]
    assert main(["simulate", "--verify", "--features", "20"]) == 2
    assert "no sizes are given" in capsys.readouterr().err


def test_what_has_no_loss_is_not_verified():
    flat = SolvableModel(Spectrum.from_eigenvalues(np.ones(20)))
    with pytest.raises(InputError, match="loss of inf"):
        verify([Configuration(flat, 10, 10, 0.0)])
    assert Verification(({"z": 0.1, "n_features": 1},)).passed
