"""A saved fit predicts as before, without its runs; other files are refused in one line."""

import json

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws import fit, get, load_fit, save_fit

THETA = [1.69, 406.4, 410.7, 0.34, 0.28]


@pytest.fixture(scope="module")
def found():
    N, D = np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6))
    inputs = {"params": N.ravel(), "tokens": D.ravel()}
    scatter = 0.01 * np.random.default_rng(0).standard_normal(36)
    loss = get("chinchilla").predict(THETA, **inputs) * np.exp(scatter)
    return fit({**inputs, "loss": loss}, bootstrap=40)


def test_a_loaded_fit_predicts_to_the_bit(found, tmp_path):
    path = save_fit(found, tmp_path / "fit.json")
    again = load_fit(path)
    at = {"params": [1e9, 1e11], "tokens": [1e10, 1e12]}
    for field in ("value", "low", "high", "run_low", "run_high"):
        assert (getattr(again.predict(**at), field) == getattr(found.predict(**at), field)).all()
    assert again.certificate == found.certificate
    assert again.parameters == found.parameters
    assert again.table is None
    assert "E + A" in again.summary()
    json.dumps(again.to_dict()["certificate"])
    saved = json.loads(path.read_text())
    assert len(saved["data_sha256"]) == 64
    assert saved["versions"]["numpy"] == np.__version__


def test_other_files_are_refused(found, tmp_path):
    path = save_fit(found, tmp_path / "fit.json")
    with pytest.raises(InputError, match="cannot be read as a saved fit"):
        load_fit(tmp_path / "absent.json")
    for text, message in [
        ("oops", "cannot be read"),
        ("[]", "is not a fit saved as"),
        ('{"format": "eigenscale-fit-1"}', "damaged fit"),
    ]:
        path.write_text(text)
        with pytest.raises(InputError, match=message):
            load_fit(path)
    with pytest.raises(InputError, match="cannot be written"):
        save_fit(found, tmp_path / "absent" / "fit.json")
