import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.simulation.draw import draw, losses
from eigenscale.simulation.simulate import simulate


def by_hand(spectrum, N, T, ridge, noise_var, rng, teachers):
    """The model as it is written: latent data, teachers, features, student, population loss."""
    M, roots = spectrum.eigenvalues.size, np.sqrt(spectrum.eigenvalues)
    x = roots[:, None] * rng.standard_normal((M, T))
    u = rng.standard_normal((N, M)) / M**0.5
    w = rng.standard_normal((teachers, M)) / M**0.5
    phi = u @ x
    labels = w @ x + noise_var**0.5 * rng.standard_normal((teachers, T))
    theta = labels @ phi.T @ np.linalg.inv(phi @ phi.T + ridge * np.eye(N))
    return 0.5 * np.mean((((theta @ u - w) * roots) ** 2).sum(axis=1))


@pytest.mark.parametrize(("N", "T"), [(5, 8), (8, 5)])
def test_averages_over_teacher_and_noise_are_exact(N, T):
    spectrum = Spectrum.power_law(0.5, 12)
    rng = np.random.default_rng(0)
    plain = [by_hand(spectrum, N, T, 0.05, 0.1, rng, 40) for _ in range(3000)]
    ours = simulate(spectrum, N, T, ridge=0.05, noise_var=0.1, draws=3000, rng=1)
    spread = np.hypot(np.std(plain) / 3000**0.5, ours.standard_error)
    assert abs(np.mean(plain) - ours.loss) < 4 * spread


def test_both_ways_to_solve_and_to_measure_agree():
    rng = np.random.default_rng(3)
    roots = np.sqrt(Spectrum.power_law(0.5, 30).eigenvalues)
    data, features = draw(rng, 2, 10, 20, roots)
    power = roots**2
    # More modes than samples and the reverse use different forms of the same sum.
    wide = losses(
        np.pad(data, ((0, 0), (0, 30), (0, 0))),
        np.pad(features, ((0, 0), (0, 0), (0, 30))),
        np.pad(power, (0, 30)),
        0.1,
        0.01,
    )
    np.testing.assert_allclose(wide, losses(data, features, power, 0.1, 0.01), rtol=1e-10)
    # Above and below the size of ridge at which singular values take over.
    size = np.einsum("dij,dij->d", features @ data, features @ data).max()
    near = [losses(data, features, power, 0.1, size * f) for f in (0.999e-6, 1.001e-6)]
    np.testing.assert_allclose(near[0], near[1], rtol=1e-4)


def configurations(count):
    rng = np.random.default_rng(20221)
    for _ in range(count):
        ridge = 10 ** rng.uniform(-4, 1) if rng.random() < 0.8 else 0.0
        N, T = rng.integers(15, 120, size=2)
        if ridge < 1e-2 and abs(np.log(N / T)) < 0.3:
            T = 2 * N  # without ridge single draws near N = T have no finite variance
        yield (
            rng.uniform(0.2, 1.5),
            int(rng.integers(40, 300)),
            int(N),
            int(T),
            ridge,
            float(rng.choice([0, 0.01, 0.3])),
        )


@pytest.mark.parametrize(
    "case", list(configurations(44)), ids=lambda c: "-".join(f"{x:.2g}" for x in c)
)
def test_simulation_agrees_with_theory(case):
    alpha, M, N, T, ridge, noise_var = case
    model = SolvableModel(Spectrum.power_law(alpha, M), noise_var=noise_var)
    drawn = model.simulate(N, T, ridge=ridge, draws=48, rng=11)
    theory = model.loss(N, T, ridge=ridge)
    # Finite sizes: the relative bias is of order 1/m, and 1/|N - T| without ridge.
    finite_size = theory * (1.5 / min(N, T) + (1.5 / abs(N - T) if ridge < 1e-2 else 0.0))
    assert abs(drawn.loss - theory) < 4 * drawn.standard_error + finite_size


@pytest.mark.parametrize("ridge", [0.0, 1.0])
def test_the_bias_shrinks_as_sizes_grow(ridge):
    # N : T : M fixed, and the ridge in proportion, so that the limit is the same problem.
    bias = []
    for size, draws in ((8, 4000), (32, 600), (128, 60)):
        spectrum = Spectrum.from_eigenvalues(np.repeat([1.0, 0.2, 0.02], 2 * size))
        model = SolvableModel(spectrum, noise_var=0.05)
        drawn = model.simulate(size, 2 * size, ridge=ridge * size / 32, draws=draws, rng=5)
        bias.append(drawn.loss / model.loss(size, 2 * size, ridge=ridge * size / 32) - 1)
    assert abs(bias[1]) < 0.5 * abs(bias[0])
    assert abs(bias[2]) < 0.5 * abs(bias[1]) + 0.003


def test_measured_target_and_zero_eigenvalues():
    spectrum = Spectrum.from_eigenvalues(
        np.r_[np.geomspace(1, 0.01, 50), 0.0], np.r_[np.linspace(1, 2, 50), 0.3], unexplained=0.2
    )
    model = SolvableModel(spectrum)
    drawn = model.simulate(40, 80, ridge=0.3, draws=200, rng=0)
    theory = model.loss(40, 80, ridge=0.3)
    assert abs(drawn.loss - theory) < 4 * drawn.standard_error + theory / 40


def test_seed_batches_and_progress(monkeypatch):
    spectrum, seen = Spectrum.power_law(0.5, 30), []
    one = simulate(spectrum, 5, 9, ridge=0.1, draws=10, rng=7)
    again = simulate(spectrum, 5, 9, ridge=0.1, draws=10, rng=7, progress=lambda *a: seen.append(a))
    np.testing.assert_array_equal(one.losses, again.losses)
    assert seen[-1] == (10, 10)
    monkeypatch.setattr("eigenscale.simulation.simulate._BLOCK", 1.0)
    few = simulate(spectrum, 5, 9, ridge=0.1, draws=10, rng=7)
    assert abs(few.loss - one.loss) < 5 * one.standard_error
    assert "±" in repr(one)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_features": 0}, "n_features 0"),
        ({"n_samples": 2.5}, "n_samples 2.5"),
        ({"n_samples": np.inf}, "n_samples inf"),
        ({"n_samples": 1e9}, "would hold 520 GB"),
        ({"draws": 1}, "draws 1"),
        ({"ridge": -1.0}, "ridge -1.0"),
        ({"spectrum": Spectrum.power_law(0.5, 1e6)}, "latent_dim 1e\\+06 cannot be drawn"),
    ],
)
def test_what_cannot_be_drawn_is_said(change, message):
    arguments = {"spectrum": Spectrum.power_law(0.5, 30), "n_features": 5, "n_samples": 9} | change
    with pytest.raises(InputError, match=message):
        simulate(**arguments)
