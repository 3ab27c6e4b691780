import numpy as np
import polars
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.simulation.decomposition import linear_form
from eigenscale.simulation.draws import Streams, draw_linear
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


def solved(data, features, power, noise_var, ridge, time=None):
    """The loss of each draw by its definition, with every product written out."""
    losses = []
    for x, u in zip(data, features, strict=True):
        phi = u @ x.T
        left, values, right = np.linalg.svd(phi, full_matrices=False)
        rate = values**2 + ridge
        trained = 1.0 if time is None else -np.expm1(-time * rate / phi.size)
        inverse = np.where(values > 1e-12 * values[0], values / rate * trained, 0.0)
        student = (right.T * inverse) @ left.T @ u
        error = x.T @ student - np.eye(power.size)
        losses.append(0.5 * (power @ (error**2).sum(axis=1) + noise_var * (student**2).sum()))
    return np.array(losses)


@pytest.mark.parametrize(
    ("N", "T", "M", "alpha"),
    [(20, 31, 50, 0.5), (31, 20, 50, 0.5), (40, 40, 60, 1.5), (60, 70, 50, 0.5), (50, 30, 30, 0.3)],
)
def test_one_decomposition_gives_every_ridge_time_and_noise(N, T, M, alpha):
    values = Spectrum.power_law(alpha, M).eigenvalues
    data, features = draw_linear(Streams(0, (N, T, M)), range(3), N, T, np.sqrt(values))
    form = linear_form(data, features, values / M, M)
    for ridge, time in [(0, None), (0.1, None), (1e-5, None), (0.1, 30), (0, 1e3), (0, 0.1)]:
        for noise in (0.0, 0.1):
            ours = form.losses(ridge, time, noise, N * T)
            exact = solved(data, features, values / M, noise, ridge, time)
            np.testing.assert_allclose(ours, exact, rtol=1e-7, atol=1e-20)


def test_modes_without_variance_are_never_learned():
    values = np.r_[np.geomspace(1, 0.1, 6), np.zeros(4)]
    data, features = draw_linear(Streams(0, (9,)), range(2), 30, 40, np.sqrt(values))
    power = np.full(10, 0.1)
    losses = linear_form(data, features, power, 6).losses(0.0, None, 0.0, 1200)
    assert (losses > 0.2).all()  # half of what they hold, and what they disturb of the others
    np.testing.assert_allclose(losses, solved(data, features, power, 0.0, 0.0), rtol=1e-10)


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


def test_a_draw_has_the_same_bits_in_every_batch_grid_and_run(monkeypatch):
    spectrum, seen = Spectrum.power_law(0.5, 31), []
    one = simulate(spectrum, 5, 9, ridge=0.1, draws=10, rng=7)
    simulate(spectrum, 5, 9, ridge=0.1, draws=10, rng=7, progress=lambda *a: seen.append(a))
    assert seen[-1][0] == seen[-1][1]
    grid = simulate(
        spectrum, [4, 5], 9, ridge=[[0.3], [0.1]], draws=12, rng=np.int64(7), noise_var=0.0
    )
    monkeypatch.setattr("eigenscale.simulation.problem._BLOCK", 1.0)
    single = simulate(spectrum, 5, 9, ridge=0.1, draws=10, rng=7)
    np.testing.assert_array_equal(one.losses, single.losses)
    np.testing.assert_array_equal(one.losses, grid.losses[1, 1, :10])
    assert one.losses[0] != simulate(spectrum, 5, 9, ridge=0.1, draws=2, rng=8).losses[0]
    assert "±" in repr(one)


def test_a_grid_is_a_table_for_any_dataframe_library():
    model = SolvableModel(Spectrum.power_law(0.5, 30), noise_var=0.1)
    found = model.simulate([4, 5], 9, ridge=[[0.3], [0.1]], draws=4, rng=0)
    assert found.loss.shape == (2, 2)
    assert found.losses.shape == (2, 2, 4)
    rows = found.to_dict()["rows"]
    assert rows[1]["n_features"] == 5
    assert rows[1]["ridge"] == 0.3
    for table in (found.to_pandas(), found.to_polars(), polars.DataFrame(found)):
        assert list(table["loss"]) == found.loss.ravel().tolist()
    assert "shape=(2, 2)" in repr(found)


def test_normalised_losses_start_at_one():
    model = SolvableModel(Spectrum.power_law(0.5, 60), weight_var=3.0)
    assert model.simulate(5, 9, time=0, rng=0, draws=4, normalise=True).loss == 1.0
    assert model.loss(5, 9, time=0, normalise=True) == pytest.approx(1.0, rel=1e-9)
    ratio = model.loss(5, 9, ridge=0.1) / model.loss(5, 9, ridge=0.1, normalise=True)
    assert ratio == pytest.approx(model.loss_untrained)
    best = model.simulate(5, [9, 20], ridge="optimal", draws=4, rng=0)
    assert best.ridge == pytest.approx(model.solve(5, [9, 20], ridge="optimal").ridge)


def test_without_a_power_law_in_the_data_there_is_none_in_the_loss():
    flat = SolvableModel(Spectrum.from_eigenvalues(np.ones(200)))
    falling = SolvableModel(Spectrum.power_law(0.5, 200))
    sizes, ridge = np.array([10, 20, 40]), 1e-3
    for model, low, high in ((flat, -0.1, 0.1), (falling, 0.35, 0.9)):
        loss = model.simulate(200, sizes, ridge=ridge, draws=8, rng=0, normalise=True).loss
        slopes = -np.diff(np.log(loss)) / np.log(2)
        assert (slopes > low).all()
        assert (slopes < high).all()


def test_single_precision_gives_the_same_within_its_error():
    spectrum = Spectrum.power_law(0.5, 200)
    options = {"ridge": [0.0, 0.1], "noise_var": 0.01, "draws": 40, "rng": 0}
    single, double = (
        simulate(spectrum, 30, 60, precision=kind, **options) for kind in ("float32", "float64")
    )
    spread = np.hypot(single.standard_error, double.standard_error)
    assert (abs(single.loss - double.loss) < 4 * spread).all()
    values = spectrum.eigenvalues
    data, features = draw_linear(Streams(0, (1,)), range(2), 30, 60, np.sqrt(values))
    full = linear_form(data, features, values, 200).losses(0.0, None, 0.1, 1800)
    half = linear_form(data.astype("f4"), features.astype("f4"), values, 200)
    np.testing.assert_allclose(half.losses(0.0, None, 0.1, 1800), full, rtol=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_features": 0}, "n_features 0"),
        ({"n_samples": 2.5}, "n_samples 2.5"),
        ({"n_samples": np.inf}, "n_samples inf"),
        ({"n_samples": 1e9}, "one draw needs 360 GB"),
        ({"n_samples": np.arange(1.0, 1e6), "n_features": np.ones((1000, 1))}, "1e\\+09 points"),
        ({"n_features": [1, 2, 3], "n_samples": [1, 2]}, "shapes do not fit"),
        ({"n_features": "x"}, "n_features 'x' is not made of numbers"),
        ({"rng": -1}, "rng -1 is not a seed"),
        ({"precision": "float16"}, "precision 'float16'"),
        ({"latent_map": "cube"}, "map 'cube' is not known"),
        ({"latent_map": lambda x: x / 0}, "fails"),
        ({"latent_map": lambda x: x[:2]}, "gives shape"),
        ({"draws": 1}, "draws 1"),
        ({"ridge": -1.0}, "ridge -1 "),
        ({"spectrum": Spectrum.power_law(0.5, 1e6)}, "latent_dim 1e\\+06 cannot be drawn"),
    ],
)
def test_what_cannot_be_drawn_is_said(change, message):
    arguments = {"spectrum": Spectrum.power_law(0.5, 30), "n_features": 5, "n_samples": 9} | change
    with pytest.raises(InputError, match=message):
        simulate(**arguments)


def test_samples_beyond_the_inputs_help_where_target_and_features_are_nonlinear():
    model = SolvableModel(Spectrum.power_law(0.5, 15))
    losses = {
        name: model.simulate(
            120, [30, 60, 120], ridge=1.0, draws=6, rng=0, normalise=True,
            latent_map=name, target_map="relu", test_samples=500,
        ).loss
        for name in ("linear", "relu")
    }  # fmt: skip
    assert (np.diff(losses["relu"]) < -0.1 * losses["relu"][1:]).all()
    assert losses["relu"][-1] < 0.4 * losses["linear"][-1]
    assert losses["linear"][-1] > 0.3  # what no linear student can express
