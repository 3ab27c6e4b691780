import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale import InputError, Spectrum
from eigenscale.theory.ridge import ridge_loss
from eigenscale.theory.training.flow import timed_loss


def test_the_reference_cases(shared):
    for case in json.loads(shared("reference/theory.json").read_text())["time"]:
        spectrum = Spectrum.power_law(case["alpha"], case["latent_dim"])
        sizes = case["n_features"], case["n_samples"], case["time"]
        result = timed_loss(spectrum, *sizes, noise_var=case["noise_var"])
        assert result.loss == pytest.approx(case["loss"], rel=1e-6)
        assert result.status == "ok"


def test_infinite_sizes_learn_mode_by_mode():
    spectrum = Spectrum.power_law(0.5, 3000)
    times = np.geomspace(1e-3, 1e6, 12)
    fades = np.exp(-np.outer(times, spectrum.eigenvalues))
    result = timed_loss(spectrum, np.inf, np.inf, times, noise_var=3.0)
    power = spectrum.multiplicities * spectrum.power()
    assert result.loss == pytest.approx(0.5 * fades**2 @ power, rel=1e-9)
    assert result.bias == pytest.approx(result.loss, rel=1e-9)
    learned = (1 - fades) @ spectrum.multiplicities
    assert result.resolved_modes == pytest.approx(learned, rel=1e-9)
    assert (result.status == "ok").all()


@pytest.mark.parametrize("noise_var", [0.0, 0.2])
@pytest.mark.parametrize(("N", "T"), [(30, 80), (80, 30), (np.inf, 30), (30, np.inf), (400, 500)])
def test_training_to_the_end_is_the_ridgeless_limit(N, T, noise_var):
    spectrum = Spectrum.power_law(0.5, 200)
    late = timed_loss(spectrum, N, T, 1e12 / spectrum.eigenvalues[-1], noise_var=noise_var)
    end = timed_loss(spectrum, N, T, np.inf, noise_var=noise_var)
    limit = ridge_loss(spectrum, N, T, noise_var=noise_var)
    for name in ("loss", "bias", "variance", "noise", "train_loss"):
        exact = float(getattr(limit, name))
        assert float(getattr(end, name)) == exact
        assert float(getattr(late, name)) == pytest.approx(exact, rel=1e-8, abs=1e-12)


def test_the_end_of_equal_sizes_diverges():
    spectrum = Spectrum.power_law(0.5, 200)
    result = timed_loss(spectrum, 50, 50, [1e3, 1e6, 1e9, np.inf])
    assert result.status.tolist() == ["ok", "ok", "ok", "diverges"]
    assert np.isposinf(result.loss[-1])
    assert result.loss[2] > 10 * result.loss[1] > 100 * result.loss[0]


def test_what_is_left_of_a_finite_problem_keeps_its_digits():
    # Two equal modes on ever more samples: the loss tends to ½ e^(-2t), far below rounding of 1.
    spectrum = Spectrum.from_eigenvalues([1.0, 1.0], target_power=[0.5, 0.5])
    times = np.array([1.0, 3.0, 10.0, 30.0, 100.0, 300.0])
    result = timed_loss(spectrum, np.inf, 1e12, times)
    assert result.loss == pytest.approx(0.5 * np.exp(-2 * times), rel=1e-6)
    assert (result.status == "ok").all()


@given(
    alpha=st.floats(0.01, 5),
    logs=st.tuples(*(st.floats(0, 15) for _ in range(3))),
    log_time=st.floats(-3, 60),
    noise_var=st.sampled_from([0.0, 1e-9, 1.0, 1e6]),
)
def test_extremes_give_accurate_numbers(alpha, logs, log_time, noise_var):
    latent_dim, N, T = (round(10**x) for x in logs)
    spectrum = Spectrum.power_law(alpha, latent_dim)
    result = timed_loss(spectrum, N, T, 10**log_time, noise_var=noise_var)
    assert result.status == "ok"
    assert 0 <= result.loss < np.inf
    assert result.error <= 1e-6 * result.loss
    for part in (result.bias, result.noise, result.train_loss):
        assert part >= -1e-8 * (result.loss + noise_var)
    assert -1e-6 <= result.resolved_modes <= min(latent_dim, N, T) * (1 + 1e-9)


@pytest.mark.parametrize(
    "values",
    [[1.0], [1.0, 1.0, 1.0], [1.0, 0.0, 0.0], np.geomspace(1, 1e-290, 40), [1e200, 1e190, 0.0]],
)
@pytest.mark.parametrize(("N", "T"), [(1, 1), (2, 1), (2, 2), (1, 7), (3, 3), (50, 60), (40, 40)])
def test_odd_spectra_give_accurate_numbers(values, N, T):
    spectrum = Spectrum.from_eigenvalues(values, target_power=np.ones(len(values)))
    times = np.append(np.geomspace(1e-3, 1e12, 16), 1e300) / spectrum.eigenvalues[0]
    result = timed_loss(spectrum, N, T, times, noise_var=0.1)
    assert (result.status == "ok").all()
    assert np.isfinite(result.loss).all()


def test_before_training_the_loss_is_the_power_of_the_target():
    spectrum = Spectrum.from_eigenvalues([2.0, 1.0], target_power=[3.0, 1.0], unexplained=0.5)
    start = timed_loss(spectrum, 5, 5, 0.0, noise_var=0.25)
    assert start.loss == 2.0
    assert start.train_loss == 2.375
    assert timed_loss(spectrum, 5, 5, 1e-9).loss == pytest.approx(2.0, rel=1e-8)


def test_decay_ends_at_the_ridge_student():
    spectrum = Spectrum.power_law(0.5, 300)
    late = timed_loss(spectrum, 60, 90, 1e7, decay=1e-3, noise_var=0.1)
    exact = ridge_loss(spectrum, 60, 90, np.log(1e-3), noise_var=0.1)
    assert late.loss == pytest.approx(float(exact.loss), rel=1e-9)
    assert late.train_loss == pytest.approx(float(exact.train_loss), rel=1e-9)
    assert timed_loss(spectrum, 60, 90, np.inf, decay=1e-3, noise_var=0.1).loss == exact.loss


def test_the_exponent_is_the_slope():
    spectrum = Spectrum.power_law(0.5, 10**6)
    times = np.geomspace(10, 1e6, 7)
    step = 1e-3
    ends = timed_loss(spectrum, 500, 800, times[:, None] * np.exp([-step, step]), noise_var=0.01)
    slope = -np.diff(np.log(ends.loss), axis=1)[:, 0] / (2 * step)
    found = timed_loss(spectrum, 500, 800, times, noise_var=0.01).exponent_time
    assert found == pytest.approx(slope, abs=1e-5)


@pytest.mark.parametrize("alpha", [0.3, 0.5, 1.0])
def test_the_loss_falls_with_time_as_the_theory_says(alpha):
    # L ~ t^-(α/(1+α)) where modes, features and samples are more than can be learned.
    result = timed_loss(Spectrum.power_law(alpha, 10**15), 10**12, 10**12, 1e8)
    assert result.exponent_time == pytest.approx(alpha / (1 + alpha), rel=0.02)


def test_units_of_the_spectrum_scale_time():
    one = timed_loss(Spectrum.power_law(0.5, 100), 30, 40, 1e3)
    two = timed_loss(Spectrum.power_law(0.5, 100, scale=1e-8), 30, 40, 1e11)
    assert two.loss == pytest.approx(1e-8 * one.loss, rel=1e-9)


def test_blocks_do_not_show():
    spectrum = Spectrum.power_law(0.5, 500)
    times = np.geomspace(1e-2, 1e5, 300)
    N = np.array([20.0, 600.0])[:, None]
    whole = timed_loss(spectrum, N, 700, times)
    assert whole.loss.shape == (2, 300)
    single = [timed_loss(spectrum, N[1], 700, times[k]).loss[0] for k in (0, 150, 299)]
    assert whole.loss[1, [0, 150, 299]] == pytest.approx(single, rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 5, 1.0), "n_features has 0"),
        ((5, -1, 1.0), "n_samples has -1"),
        ((5, 5, -1.0), "time has -1"),
        ((5, 5, np.nan), "time has nan"),
    ],
)
def test_bad_inputs_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        timed_loss(Spectrum.power_law(0.5, 10), *arguments)
    with pytest.raises(InputError, match="decay has inf"):
        timed_loss(Spectrum.power_law(0.5, 10), 5, 5, 1.0, decay=np.inf)


@pytest.mark.parametrize(
    ("steps", "step"), [(10, 0.3), (30, 0.9), (1000, 0.5), (10**6, 0.9), (3000, 1.9)]
)
def test_steps_learn_mode_by_mode_at_infinite_sizes(steps, step):
    spectrum = Spectrum.power_law(0.5, 300)
    left = (1 - step * spectrum.eigenvalues) ** (2 * steps)
    result = timed_loss(spectrum, np.inf, np.inf, steps * step, step=step)
    assert result.loss == pytest.approx(0.5 * left @ spectrum.power(), rel=1e-9)
    assert result.status == "ok"


def stepped_loss(spectrum, N, T, step, steps, noise_var, decay, rng):
    """Loss of one drawn model after gradient descent, averaged over teacher and noise."""
    M = spectrum.eigenvalues.size
    data = rng.normal(size=(M, T))
    features = rng.normal(size=(N, M)) * np.sqrt(spectrum.eigenvalues / N)
    seen = features @ data
    values, vectors = np.linalg.eigh(seen @ seen.T / T)
    filtered = (1 - (1 - step * (values + decay)) ** steps) / (values + decay)
    student = seen.T @ (vectors * filtered) @ vectors.T @ features / T
    error = data @ student - np.eye(M)
    return 0.5 * ((spectrum.power()[:, None] * error**2).sum() + noise_var * (student**2).sum())


@pytest.mark.parametrize(
    ("N", "T", "step", "steps", "noise_var", "decay"),
    [(60, 90, 0.3, 100, 0.0, 0.0), (90, 60, 0.5, 10, 0.01, 0.0), (50, 50, 0.4, 1000, 0.01, 1e-3)],
)
def test_steps_against_drawn_models(N, T, step, steps, noise_var, decay):
    spectrum, rng = Spectrum.power_law(0.5, 200), np.random.default_rng(0)
    drawn = [stepped_loss(spectrum, N, T, step, steps, noise_var, decay, rng) for _ in range(30)]
    options = {"noise_var": noise_var, "decay": decay, "step": step}
    exact = timed_loss(spectrum, N, T, step * steps, **options)
    assert exact.status == "ok"
    error = np.std(drawn) / np.sqrt(30)
    assert abs(np.mean(drawn) - exact.loss) < 4 * error + 0.015 * exact.loss


def test_small_steps_are_the_flow_and_long_ones_diverge():
    spectrum = Spectrum.power_law(0.5, 200)
    flow = timed_loss(spectrum, 60, 90, 50.0, noise_var=0.01)
    small = timed_loss(spectrum, 60, 90, 50.0, step=1e-4, noise_var=0.01)
    assert small.loss == pytest.approx(float(flow.loss), rel=1e-3)
    late = timed_loss(spectrum, 60, 90, np.inf, step=0.1)
    assert late.loss == timed_loss(spectrum, 60, 90, np.inf).loss
    long = timed_loss(spectrum, 60, 90, [50.0, np.inf], step=2.5)
    assert long.status.tolist() == ["diverges", "diverges"]
    assert np.isposinf(long.loss).all()
    with pytest.raises(InputError, match="at most a tenth of the time"):
        timed_loss(spectrum, 60, 90, 1.0, step=0.5)


def test_steps_keep_digits_of_what_is_left():
    spectrum = Spectrum.from_eigenvalues([1.0, 1.0], target_power=[0.5, 0.5])
    steps = np.array([10.0, 30.0, 100.0, 300.0])
    result = timed_loss(spectrum, np.inf, 1e12, 0.5 * steps, step=0.5)
    assert result.loss == pytest.approx(0.5 * 0.25**steps, rel=1e-5)
    assert (result.status == "ok").all()
