"""The exponent of the target, from drawn data."""

import json

import numpy as np
import pytest

import eigenscale as es
from eigenscale.cli.app import main
from eigenscale.spectra.exponent.target import _GRID, _expected, target_exponent

RANKS = np.arange(1.0, 121)


def drawn(omega, n_samples, seed, noise=0.1, alpha=0.5):
    rng = np.random.default_rng(seed)
    power = RANKS ** -(1 + omega)
    weights = rng.standard_normal(RANKS.size) * (power * RANKS ** (1 + alpha)) ** 0.5
    rows = rng.standard_normal((n_samples, RANKS.size)) * RANKS ** (-0.5 - alpha / 2)
    labels = rows @ weights + (noise * power.sum()) ** 0.5 * rng.standard_normal(n_samples)
    return es.measure(rows, target=labels)


def population(measured):
    return measured.finite_sample(structure="direct").population


def test_the_expected_powers_are_those_of_drawn_samples():
    n, omega, lam = 120, 1.0, RANKS**-1.5
    total = np.zeros(n - 1)
    for seed in range(25):
        rows = np.random.default_rng(seed).standard_normal((n, n)) * lam**0.5
        values, vectors = np.linalg.eigh(np.cov(rows.T))
        held = values * (vectors.T**2 @ (RANKS ** -(1 + omega) / lam))
        total += held[::-1][: n - 1] / 25
    at = int(np.argmin(np.abs(_GRID - omega)))
    ratio = total / _expected(es.Spectrum.power_law(0.5, n), n, n - 1)[at]
    assert ratio[:100] == pytest.approx(1.0, abs=0.35)
    assert ratio[:100].mean() == pytest.approx(1.0, abs=0.02)


# The share of intervals that hold it: benchmarks/target_exponent.py.
@pytest.mark.parametrize(("omega", "n_samples"), [(0.3, 600), (1.0, 120)])
def test_intervals_hold_the_truth(omega, n_samples):
    inside, known = 0, 0
    for seed in range(3):
        measured = drawn(omega, n_samples, [seed, n_samples])
        found = target_exponent(measured, population(measured))
        known += found.status == "interval"
        inside += found.exponent.low <= omega <= found.exponent.high
    assert known == 3
    assert inside >= 2


def test_a_target_of_noise_alone_is_not_identifiable():
    measured = drawn(1.0, 300, 3)
    noise = np.random.default_rng(0).standard_normal(300)
    rows = np.random.default_rng(1).standard_normal((300, RANKS.size)) * RANKS**-0.75
    found = target_exponent(es.measure(rows, target=noise), population(measured))
    assert found.status == "not identifiable"
    assert found.null_p_value > 0.05
    assert "noise alone" in found.summary()


def test_without_a_target_there_is_nothing_to_measure():
    measured = es.measure(np.random.default_rng(0).standard_normal((50, 20)))
    with pytest.raises(es.InputError, match="has no target"):
        measured.target_exponent()


def test_the_command_line_gives_it(tmp_path, capsys):
    rng = np.random.default_rng(2)
    rows = rng.standard_normal((800, RANKS.size)) * RANKS**-0.75
    np.save(tmp_path / "x.npy", rows)
    np.save(tmp_path / "y.npy", rows @ (rng.standard_normal(RANKS.size) * RANKS**-0.25))
    options = [str(tmp_path / "x.npy"), "--target", str(tmp_path / "y.npy")]
    assert main(["spectrum", *options, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["target_exponent"]
    assert found["exponent"]["low"] < 1.0 < found["exponent"]["high"]
