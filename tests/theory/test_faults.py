"""Faults that the theory once had, one test each, so that none comes back."""

import json

import numpy as np
import pytest

import eigenscale as es
from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.laws.registry import get
from eigenscale.theory.training.flow import timed_loss
from eigenscale.theory.training.stopping import best_stopping

SPECTRUM = es.Spectrum.power_law(0.5, 200)
MODEL = es.SolvableModel(SPECTRUM, noise_var=1e-3)


def test_a_linear_map_to_more_features_leaves_the_latent_dimension():
    # Three seeds and single precision: tests/spectra/test_rounding.py.
    data = np.random.default_rng(5).standard_normal((2000, 50)) * np.arange(1, 51) ** -0.75
    found = es.measure(data, features="linear:300", rng=5).answers()
    assert found.latent_dim is not None
    assert found.latent_dim.low <= 50 <= found.latent_dim.high
    assert found.alpha.value == pytest.approx(0.5, abs=0.05)


def test_the_law_ends_linearly_at_the_latent_dimension():
    M = 1000
    spectrum = es.Spectrum.power_law(0.5, M)
    model = es.SolvableModel(spectrum)
    slope = 0.5 / M * M / float((1 / spectrum.eigenvalues).sum())
    for left in (1.0, 0.1):
        exact = model.loss(M - left, np.inf) / (slope * left)
        assert exact == pytest.approx(1.0, rel=3 * left / M + 1e-3 * left)


def test_the_published_ending_is_off_as_the_documentation_says():
    M = 1000
    model = es.SolvableModel(es.Spectrum.power_law(0.5, M))
    m = np.array([1.0, 400.0, 800.0, 950.0])
    ratio = (1 / m - 1 / M) ** 0.5 / model.loss(m, np.inf)
    start = (1 / 20 - 1 / M) ** 0.5 / model.loss(20, np.inf)
    assert ratio[1:] / start == pytest.approx([1.6, 3.0, 6.0], rel=0.06)


def test_the_end_of_a_fitted_form_is_not_called_the_latent_dimension():
    (end,) = (p for p in get("solvable-latent").parameters if p.name == "M")
    assert "latent dimension" not in end.meaning


@pytest.mark.parametrize("seed", range(4))
def test_no_time_beats_the_best(seed):
    rng = np.random.default_rng(seed)
    spectrum = es.Spectrum.power_law(
        rng.uniform(0.2, 1.5), 100, target_exponent=rng.uniform(0.2, 2)
    )
    noise = spectrum.trace / 100 * 10 ** rng.uniform(-4, 1)
    N, T = 10 ** rng.uniform(0.7, 2.5, 2)
    for size, decay in ((N, 0.0), (np.inf, 0.0), (N, 0.01)):
        best = best_stopping(spectrum, size, T, decay=decay, noise_var=noise)
        times = np.geomspace(1e-3, 1e6, 200)
        seen = timed_loss(spectrum, size, T, times, decay=decay, noise_var=noise).loss
        assert best.loss <= seen.min() * (1 + 1e-8)


def test_very_noisy_labels_stop_training_at_once_and_not_later():
    found = best_stopping(SPECTRUM, 50, 50, noise_var=1e6)
    assert 0 < float(found.time) < 1e-3
    assert float(found.loss) < es.SolvableModel(SPECTRUM, 1e6).loss(50, 50, time=1e-12)


@pytest.mark.parametrize("time", [0.3, 30.0, 1e6])
def test_no_ridge_beats_the_best_for_a_time(time):
    best = MODEL.solve(40, 60, ridge="optimal", time=time)
    seen = MODEL.loss(40, 60, ridge=np.geomspace(1e-6, 1e2, 80), time=time)
    assert float(best.loss) <= min(seen.min(), MODEL.loss(40, 60, time=time)) * (1 + 1e-8)
    assert MODEL.loss(40, 60, ridge=best.ridge, time=time) == pytest.approx(float(best.loss))


def test_after_long_training_the_best_decay_is_the_best_ridge():
    ended, late = (MODEL.solve(40, 60, ridge="optimal", time=t) for t in (None, 1e9))
    assert float(late.loss) == pytest.approx(float(ended.loss), rel=1e-7)
    assert float(late.ridge) == pytest.approx(float(ended.ridge), rel=1e-2)


def test_two_minima_at_once_are_refused():
    with pytest.raises(InputError, match="each makes up for the other"):
        MODEL.loss(40, 60, ridge="optimal", time="best")


def test_learned_fractions_know_time():
    start, middle, end = MODEL.learned_fraction(40, 60, time=[0.0, 3.0, np.inf])
    assert not start.any()
    assert end == pytest.approx(MODEL.learned_fraction(40, 60))
    assert ((middle > start) & (middle < end)).all()
    endless = MODEL.learned_fraction(np.inf, np.inf, time=2.0)
    assert endless == pytest.approx(1 - np.exp(-2 * SPECTRUM.eigenvalues), abs=1e-9)


def test_one_pass_and_full_batches_are_told_apart():
    full = MODEL.loss(200, np.inf, time=100.0, step=0.1)
    one_pass = MODEL.sgd(200, 1000, batch=1, lr=0.1).loss
    assert one_pass > 1.1 * full
    assert MODEL.sgd(200, 1000, batch=np.inf, lr=0.1).loss == pytest.approx(full, rel=1e-3)
    assert "full-batch" in (es.SolvableModel.loss.__doc__ or "")


def test_functions_are_reachable_and_no_two_have_one_name():
    assert callable(es.iso_loss)
    assert callable(es.fit_simple_law)
    assert es.frontier.__module__ == "eigenscale.planning.plan"
    assert es.compute_frontier.__name__ == "compute_frontier"


@pytest.mark.parametrize(
    ("inputs", "limited_by", "exponent"),
    [
        ({"n_features": 100, "n_samples": 1e6}, "features", 0.5),
        ({"n_features": 1e6, "n_samples": 100}, "samples", 0.5),
        ({"n_features": 1e5, "n_samples": 1e5, "time": 1e3, "ridge": 0.0}, "time", 1 / 3),
        ({"n_features": 1e5, "n_samples": 1e5, "ridge": 1.0}, "ridge", 1 / 3),
    ],
)
def test_one_call_says_which_scale_limits_and_its_exponent(inputs, limited_by, exponent):
    model = es.SolvableModel(es.Spectrum.power_law(0.5, 10**9))
    found = model.bottleneck(**inputs)
    assert str(found.limited_by) == limited_by
    assert float(found.exponent) == pytest.approx(exponent, rel=0.08)


def test_noise_and_the_end_of_the_spectrum_limit_too():
    assert str(es.SolvableModel(SPECTRUM, 1.0).bottleneck(150, 100).limited_by) == "noise"
    assert str(es.SolvableModel(SPECTRUM).bottleneck(150, 150).limited_by) == "latent dimension"


def printed(capsys, *arguments):
    assert main([*map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_command_line_says_what_limits(capsys):
    options = ["--alpha", 0.5, "--latent-dim", 1e6, "--features", 50, "--samples", 5000]
    (row,) = json.loads(printed(capsys, "theory", *options, "--limits", "--json"))["rows"]
    assert row["limited_by"] == "features"
    assert row["limiting_exponent"] == pytest.approx(0.5, rel=0.1)


def test_a_plan_of_given_size_and_data_prints_its_loss(capsys):
    options = ["--constants", "hoffmann", "--params", 175e9, "--tokens", 300e9]
    assert "Expected loss: 2.002, at 175 billion" in printed(capsys, "plan", *options)


def test_budgets_in_petaflop_days_are_read(capsys):
    found = [
        json.loads(printed(capsys, "plan", "--constants", "hoffmann", "--flops", flops, "--json"))
        for flops in ("3640PF-days", "3.14496e23")
    ]
    assert found[0]["params"] == found[1]["params"]


def refused(call):
    with pytest.raises(InputError) as raised:
        call()
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_extreme_inputs_are_answered_or_refused_in_one_line():
    huge = es.Spectrum.from_eigenvalues([1e308, 1.0], target_power=[1.0, 1.0])
    model = es.SolvableModel(huge)
    assert np.isfinite(model.loss(1, 5, ridge=1.0))
    assert np.isfinite(model.loss(1, 5, time=[1e-320, 1e-308, 1.0])).all()
    assert np.isfinite(model.solve(1, 5, time="best").loss)
    assert np.isfinite(model.learned_fraction(1, 5, time=1e-308)).all()
    assert MODEL.loss(10, 20, time=1e-320) == pytest.approx(MODEL.loss_untrained)
    steep = es.SolvableModel(es.Spectrum.power_law(1e300, 100))
    assert np.isfinite(steep.loss(10, 20, ridge="optimal"))
    assert np.isfinite(steep.loss(10, 20, time=1.0))
    assert np.isfinite(steep.simulate(10, 20, draws=2, rng=0).loss)
    assert "1.8e308" in refused(lambda: es.Spectrum.from_eigenvalues([1e308] * 3))
