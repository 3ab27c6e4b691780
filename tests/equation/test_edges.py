import numpy as np
import pytest

from eigenscale import Spectrum
from eigenscale.equation.edges import lower_edge, upper_edge


@pytest.mark.parametrize("samples", [101.0, 150.0, 400.0, 1e6, np.inf])
def test_marchenko_and_pastur(samples):
    spectrum = Spectrum.from_eigenvalues(np.full(100, 2.0))
    sizes = np.array([np.inf]), np.array([samples])
    root = np.sqrt(100 / samples)
    assert lower_edge(spectrum, *sizes)[0] == pytest.approx(2 * (1 - root) ** 2, rel=1e-9)
    assert upper_edge(spectrum, *sizes)[0] == pytest.approx(2 * (1 + root) ** 2, rel=1e-9)


def test_no_lower_edge_where_modes_are_left_over():
    spectrum = Spectrum.from_eigenvalues(np.ones(100))
    sizes = np.array([50.0, 100.0, 300.0]), np.array([300.0, 300.0, 80.0])
    assert (lower_edge(spectrum, *sizes) == 0).all()


def test_edges_hold_the_eigenvalues_of_draws():
    spectrum, N, T = Spectrum.power_law(-0.8, 60), 200, 300
    rng = np.random.default_rng(0)
    ends = []
    for _ in range(20):
        x = rng.normal(size=(60, T)) * np.sqrt(spectrum.eigenvalues)[:, None]
        features = rng.normal(size=(N, 60)) / np.sqrt(N) @ x
        squares = np.linalg.svd(features, compute_uv=False)[:60] ** 2 / T
        ends.append((squares[-1], squares[0]))
    low, high = np.mean(ends, axis=0)
    sizes = np.array([float(N)]), np.array([float(T)])
    assert lower_edge(spectrum, *sizes)[0] == pytest.approx(low, rel=0.1)
    assert upper_edge(spectrum, *sizes)[0] == pytest.approx(high, rel=0.1)
