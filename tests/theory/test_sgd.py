import numpy as np
import pytest

import eigenscale as es
from eigenscale import InputError, SolvableModel, Spectrum, sgd_curve, sgd_loss, sgd_phase
from eigenscale.theory.sgd.features import FeatureModes, feature_modes, power_missed
from eigenscale.theory.sgd.loss import stable_rate
from eigenscale.theory.sgd.recursion import Recursion


def step_by_step(values, errors, steps, batch, rate, noise):
    out = []
    for _ in range(steps + 1):
        out.append(0.5 * values @ errors)
        errors = (
            errors
            - 2 * rate * values * errors
            + rate**2
            * ((1 + 1 / batch) * values**2 * errors + values / batch * (values @ errors + noise))
        )
    return np.array(out)


@pytest.mark.parametrize("modes", [40, 3000])
def test_powers_of_the_map_are_its_steps(modes):
    spectrum = Spectrum.power_law(0.3, modes, target_exponent=0.8)
    values = spectrum.eigenvalues
    slow = step_by_step(values, spectrum.power() / values, 1000, 4, 0.15, 0.1)
    steps = np.array([0, 1, 2, 7, 100, 1000])
    fast = sgd_loss(spectrum, np.inf, steps, batch=4, lr=0.15, noise_var=0.1)
    np.testing.assert_allclose(fast.loss, slow[steps], rtol=1e-11)
    curve = sgd_curve(spectrum, np.inf, np.full(1000, 0.15), batch=4, noise_var=0.1)
    np.testing.assert_allclose(curve, slow, rtol=1e-11)


def test_simulated_runs_have_the_loss_of_the_theory():
    rng, runs, batch, rate, noise = np.random.default_rng(0), 1500, 4, 0.15, 0.1
    values = np.arange(1, 41.0) ** -1.3
    wanted = rng.standard_normal((runs, 40))  # teachers of weight variance 1
    weights, marks, seen = np.zeros_like(wanted), {1, 10, 80}, {}
    for step in range(1, 81):
        x = rng.standard_normal((runs, batch, 40)) * np.sqrt(values)
        labels = np.einsum("rbi,ri->rb", x, wanted)
        labels += np.sqrt(noise) * rng.standard_normal((runs, batch))
        miss = np.einsum("rbi,ri->rb", x, weights) - labels
        weights -= rate / batch * np.einsum("rb,rbi->ri", miss, x)
        if step in marks:
            seen[step] = 0.5 * (weights - wanted) ** 2 @ values
    spectrum = Spectrum.from_eigenvalues(values, target_power=values)
    for step, losses in seen.items():
        theory = sgd_loss(spectrum, np.inf, step, batch=batch, lr=rate, noise_var=noise).loss
        z = (losses.mean() - float(theory)) / (losses.std(ddof=1) / runs**0.5)
        assert abs(z) < 3.0, (step, z)


@pytest.mark.parametrize("omega", [None, 1.8])
@pytest.mark.parametrize("n_features", [50.0, 500.0])
def test_small_rates_on_the_population_are_gradient_flow(omega, n_features):
    spectrum = Spectrum.power_law(0.5, 2000, target_exponent=omega)
    time = np.array([3.0, 100.0, 3000.0, 1e5])
    flow = SolvableModel(spectrum).loss(n_features, np.inf, time=time)
    steps = sgd_loss(spectrum, n_features, np.round(time / 1e-3), batch=np.inf, lr=1e-3).loss
    np.testing.assert_allclose(steps, flow, rtol=5e-4)


def test_drawn_features_have_the_mean_of_the_theory():
    rng, M, N, batch, rate, noise = np.random.default_rng(1), 300, 60, 2, 0.25, 1e-3
    spectrum = Spectrum.power_law(0.5, M, target_exponent=1.0)
    values, power, steps = spectrum.eigenvalues, spectrum.power(), np.array([1.0, 30.0, 500.0])
    found = []
    for _ in range(15):
        u = rng.standard_normal((N, M)) / np.sqrt(N)
        a, modes = np.linalg.eigh((u * values) @ u.T)
        held = ((modes.T @ (u * values)) ** 2) @ (power / values) / a
        missed = power.sum() - held.sum()
        drawn = FeatureModes(a[::-1], np.ones(N), held[::-1], missed)
        excess = Recursion.of(drawn).after(steps, batch, rate, noise + missed)[0]
        found.append(0.5 * (excess + missed))
    theory = sgd_loss(spectrum, N, steps, batch=batch, lr=rate, noise_var=noise).loss
    np.testing.assert_allclose(theory, np.mean(found, axis=0), rtol=0.03)  # finite size, 1/N


def test_feature_modes_keep_count_trace_and_power():
    spectrum = Spectrum.power_law(0.5, 5000, target_exponent=0.9)
    modes = feature_modes(spectrum, 300)
    assert modes.counts.sum() == pytest.approx(300, rel=1e-9)
    assert modes.values @ modes.counts == pytest.approx(spectrum.trace, rel=1e-4)
    assert modes.power.sum() + modes.missed == pytest.approx(spectrum.target_variance, rel=1e-12)


@pytest.mark.parametrize("batch", [1.0, 3.0, np.inf])
def test_beyond_the_largest_rate_the_loss_grows_and_below_it_falls(batch):
    spectrum = Spectrum.power_law(0.5, 60)
    largest = stable_rate(spectrum, batch=batch)
    below = sgd_curve(spectrum, np.inf, np.full(4000, 0.97 * largest), batch=batch)
    above = sgd_curve(spectrum, np.inf, np.full(4000, 1.03 * largest), batch=batch)
    assert below[-1] < below[2000]
    assert above[-1] > above[2000] > above[1000]
    with pytest.raises(InputError, match=f"largest stable rate is {largest:.6g}"):
        sgd_loss(spectrum, np.inf, 10, batch=batch, lr=1.03 * largest)


def test_a_schedule_is_its_pieces():
    spectrum = Spectrum.power_law(0.5, 100)
    rates = np.concatenate([np.linspace(0, 0.2, 50), np.full(100, 0.2), np.linspace(0.2, 0, 50)])
    curve = sgd_curve(spectrum, 30, rates, batch=2, noise_var=1e-3)
    assert curve.shape == (201,)
    flat = sgd_curve(spectrum, 30, np.full(200, 0.2), batch=2, noise_var=1e-3)
    assert curve[-1] < flat[-1]  # decay takes the noise of batches away


def test_bad_values_are_refused():
    spectrum = Spectrum.power_law(0.5, 10)
    for change, words in (
        ({"lr": 0.0}, "lr has 0"),
        ({"batch": 0.5}, "batch has 0.5"),
        ({"steps": 1.5}, "steps has 1.5"),
        ({"n_features": 0}, "n_features has 0"),
    ):
        inputs = {"n_features": np.inf, "steps": 1, "batch": 1, "lr": 0.1} | change
        with pytest.raises(InputError, match=words):
            sgd_loss(spectrum, inputs.pop("n_features"), inputs.pop("steps"), **inputs)
    with pytest.raises(InputError, match="rates are not"):
        sgd_curve(spectrum, np.inf, [-1.0])


@pytest.mark.parametrize(("alpha", "omega"), [(0.5, 1.0), (0.5, 1.8), (0.7, 2.0), (0.5, 2.6)])
def test_single_terms_fall_with_their_exponents(alpha, omega):
    spectrum = Spectrum.power_law(alpha, 1e9, target_exponent=omega)
    sizes, steps = np.array([1e4, 1e5]), np.array([1e5, 1e7])
    missed = [power_missed(spectrum, n) for n in sizes]
    assert np.log10(missed[0] / missed[1]) == pytest.approx(min(1 + alpha, omega), rel=0.03)
    loss = sgd_loss(spectrum, np.inf, steps, batch=np.inf, lr=0.1).loss
    assert np.log10(loss[0] / loss[1]) / 2 == pytest.approx(omega / (1 + alpha), rel=0.03)
    a, n = spectrum.eigenvalues, spectrum.multiplicities
    noise = [float(n @ (a**2 * np.exp(2 * r * np.log1p(-0.1 * a)))) for r in steps]
    assert np.log10(noise[0] / noise[1]) / 2 == pytest.approx(2 - 1 / (1 + alpha), rel=0.03)


def test_the_frontier_of_phase_one_falls_as_the_table_says():
    spectrum = Spectrum.power_law(0.5, 1e9)

    # The split is flat at its best: a few sizes around it are enough.
    expected = sgd_phase(0.5)
    least = []
    for compute in (1e7, 1e9):
        sizes = np.geomspace(0.3, 3.0, 3) * compute**expected.size_exponent
        least.append(sgd_loss(spectrum, sizes, np.round(compute / sizes), lr=0.3).loss.min())
    assert np.log10(least[0] / least[1]) / 2 == pytest.approx(expected.loss_exponent, rel=0.1)


@pytest.mark.parametrize(
    ("alpha", "omega", "name"),
    [(0.5, 0.5, "Ia"), (0.5, 1.8, "II"), (0.5, 2.5, "III"), (-0.2, 0.3, "Ib"), (-0.6, 1.0, "Ic"),
     (-0.2, 2.0, "IVa"), (-0.45, 2.0, "IVb")],
)  # fmt: skip
def test_phases(alpha, omega, name):
    assert sgd_phase(alpha, omega).name == name


def test_phases_meet_at_their_borders():
    for border in (1.5, 2.0):  # 2β = 1 and β = α for alpha = 0.5
        one, two = sgd_phase(0.5, border - 1e-9), sgd_phase(0.5, border + 1e-9)
        assert one.name != two.name
        assert one.loss_exponent == pytest.approx(two.loss_exponent, rel=1e-6)
        assert one.size_exponent == pytest.approx(two.size_exponent, rel=1e-6)
    with pytest.raises(InputError, match="no phase"):
        sgd_phase(0.5, -0.1)


def test_batch_one_reads_unlike_full_descent():
    # L(N, inf, t) of full descent is not one-pass SGD: noise of single samples stays.
    model = SolvableModel(Spectrum.power_law(0.5, 1000))
    flow = model.loss(np.inf, np.inf, time=300.0)
    assert model.sgd(np.inf, 1000, batch=1, lr=0.3).loss > 1.2 * flow
    assert model.sgd(np.inf, 300_000, batch=np.inf, lr=1e-3).loss == pytest.approx(flow, rel=1e-3)


def test_names_stand_at_the_top():
    for name in ("sgd_loss", "sgd_curve", "sgd_phase", "iso_loss", "fit_simple_law", "baseline"):
        assert callable(getattr(es, name))
