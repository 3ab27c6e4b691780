import numpy as np
import pytest

from eigenscale import measure


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(0).standard_normal((3000, 50)) * np.arange(1, 51.0) ** -0.75


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_linear_map_adds_no_modes(rows, seed):
    measured = measure(rows, features="linear:300", rng=seed)
    assert measured.rank == 50
    fit = measured.finite_sample()
    assert fit.latent_dim.value == 50
    assert fit.structure == "map to more"
    assert fit.alpha.low < 0.5 < fit.alpha.high or abs(fit.alpha.value - 0.5) < 0.04


def test_rounding_of_single_precision_is_no_mode():
    # One direction dwarfs the others, as the mean of a grey patch does.
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((8000, 64)) * 1e-2 + 10 * rng.standard_normal((8000, 1))
    assert measure(rows.astype(np.float32), features="linear:300").rank == 64


def test_small_eigenvalues_of_a_full_spectrum_are_kept(rows):
    scaled = rows * 10.0 ** -np.linspace(0, 5, 50)
    assert measure(scaled).rank == 50
