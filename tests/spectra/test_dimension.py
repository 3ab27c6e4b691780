"""Known manifolds lie within their intervals; duplicates and noise are reported."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from eigenscale.errors import InputError
from eigenscale.spectra.dimension.dimension import dimension
from eigenscale.spectra.dimension.estimators import dimension_of
from eigenscale.spectra.dimension.neighbours import find_neighbours, regions


def rng():
    return np.random.default_rng(0)


def ball(d, n):
    x = rng().normal(size=(n, d))
    return x / np.linalg.norm(x, axis=1)[:, None] * rng().random((n, 1)) ** (1 / d)


def sphere(d, n):
    x = rng().normal(size=(n, d + 1))
    return x / np.linalg.norm(x, axis=1)[:, None]


def gaussian(d, n, inputs=64):
    r = rng()
    return r.normal(size=(n, d)) @ np.linalg.qr(r.normal(size=(inputs, d)))[0].T


def swiss_roll(n):
    t, height = 1.5 * np.pi * (1 + 2 * rng().random(n)), 21 * np.random.default_rng(1).random(n)
    return np.stack([t * np.cos(t), height, t * np.sin(t)], axis=1)


def torus(n):
    a, b = rng().random((2, n)) * 2 * np.pi
    return np.stack([(3 + np.cos(b)) * np.cos(a), (3 + np.cos(b)) * np.sin(a), np.sin(b)], axis=1)


MANIFOLDS = {
    "disc": (ball(2, 4000), 2),
    "ball in 3": (ball(3, 4000), 3),
    "ball in 10": (ball(10, 4000), 10),
    "sphere": (sphere(2, 4000), 2),
    "sphere in 10": (sphere(9, 4000), 9),
    "swiss roll": (swiss_roll(4000), 2),
    "torus": (torus(4000), 2),
    "Gaussian 10 in 64": (gaussian(10, 4000), 10),
    "line": (gaussian(1, 1000, 5), 1),
}


@pytest.mark.parametrize("name", MANIFOLDS)
def test_known_manifolds_lie_within_their_intervals(name):
    points, truth = MANIFOLDS[name]
    got = dimension_of(points)
    assert got.mle.low <= truth <= got.mle.high
    assert got.two_nn.low <= truth <= got.two_nn.high
    assert got.mle.high - got.mle.low < 0.5 * truth


def test_the_gaussian_gives_the_published_figures():
    """10 dimensions in 64, 10,000 points: TwoNN 9.93, maximum likelihood (k = 20) 9.55."""
    got = dimension_of(gaussian(10, 10000))
    assert got.mle.value == pytest.approx(9.55, abs=0.15)
    assert got.two_nn.value == pytest.approx(9.93, abs=0.25)


def test_the_naive_average_is_too_large_at_few_neighbours():
    got = dimension_of(sphere(2, 3000))
    at_three = next(s for s in got.scales if s.neighbours == 3)
    assert at_three.naive > 1.6 * at_three.mle.value


def test_standard_errors_are_those_of_repetition():
    values, errors = [], []
    for seed in range(40):
        points = np.random.default_rng(seed).random((400, 2))
        scale = next(s for s in dimension_of(points).scales if s.neighbours == 10)
        values.append(scale.mle.value)
        errors.append(scale.mle.se)
    assert np.median(errors) == pytest.approx(np.std(values), rel=0.35)


def test_duplicates_are_left_out_and_counted():
    points = gaussian(3, 1000)
    got = dimension_of(np.concatenate([points, points[:200]]))
    assert got.duplicates == 200
    assert got.mle.value == pytest.approx(dimension_of(points).mle.value, rel=1e-6)
    assert "200 points repeat another" in got.notes[0]


def test_noise_shows_as_a_dimension_that_rises_towards_small_scales():
    points = gaussian(2, 3000) + 0.03 * rng().normal(size=(3000, 64))
    got = dimension_of(points)
    assert got.scales[0].mle.value > 1.5 * got.scales[-1].mle.value
    assert "rises" in got.notes[-1]


def test_units_and_origin_do_not_matter():
    points = gaussian(3, 800)
    moved = dimension_of(1e-8 * points + 5.0)
    assert moved.mle.value == pytest.approx(dimension_of(points).mle.value, rel=1e-3)


def test_many_points_go_to_the_approximate_search(monkeypatch):
    """A stand-in that is exact; the real one compiles for a minute: see benchmarks/dimension.py."""

    class Search:
        def __init__(self, points, n_neighbors, random_state):
            assert points.dtype == np.float32
            found = NearestNeighbors(n_neighbors=n_neighbors).fit(points).kneighbors(points)
            self.neighbor_graph = found[1], found[0]

    monkeypatch.setitem(sys.modules, "pynndescent", SimpleNamespace(NNDescent=Search))
    points = gaussian(4, 2000)
    exact, near = (find_neighbours(points, 20, rng(), exact=n) for n in (2000, 1000))
    assert near.approximate
    assert not exact.approximate
    np.testing.assert_allclose(near.distances, exact.distances, rtol=1e-4)


def test_the_extra_for_many_points_is_named_where_it_is_absent(monkeypatch):
    monkeypatch.setitem(sys.modules, "pynndescent", None)
    with pytest.raises(
        InputError, match=r"pip install 'eigenscale\[neighbours\]', or take a sample"
    ):
        find_neighbours(gaussian(4, 200), 5, rng(), exact=100)


def test_subsamples_show_the_dimension_at_larger_distances():
    got = dimension(gaussian(3, 4000))
    assert [s.n_points for s in got.subsamples] == [250, 1000]
    assert got.subsamples[0].radius > got.subsamples[1].radius
    assert all(2.3 < s.mle.value < 3.3 for s in got.subsamples)
    assert got.to_dict()["subsamples"][0]["n_points"] == 250


def test_rows_that_are_not_finite_are_dropped_on_request():
    points = gaussian(3, 600)
    points[7, 1] = np.inf
    got = dimension(points, missing="drop")
    assert (got.dropped, got.dimension.n_points) == (1, 599)


def test_images_are_cut_into_patches():
    images = rng().random((60, 8, 8))
    got = dimension(images, 5, patches=4)
    assert got.dimension.n_points == 240
    assert got.dimension.n_inputs == 16
    assert "patches of 4×4" in got.notes[-1]


def test_regions_are_of_equal_size():
    counts = np.bincount(regions(gaussian(4, 1280), rng()))
    assert len(counts) == 64
    assert counts.min() == counts.max() == 20


@pytest.mark.parametrize(
    ("points", "neighbours", "message"),
    [
        (np.ones((50, 3)), 5, "1 distinct points; 10 neighbours need at least 12"),
        (rng().normal(size=(10, 3)), 20, "10 distinct points"),
        (rng().normal(size=(50, 3)), 1, "between 2 and 1000"),
        (np.array([[1.0, np.nan]] * 30), 5, "not a table of finite numbers"),
    ],
)
def test_bad_points_are_one_line(points, neighbours, message):
    with pytest.raises(InputError, match=message):
        dimension_of(points, neighbours)


def test_data_of_any_kind(tmp_path):
    np.save(tmp_path / "x.npy", gaussian(3, 600))
    got = dimension(tmp_path / "x.npy", samples=500)
    assert got.dimension.n_points == 500
    assert got.expected_alpha == pytest.approx(4 / got.dimension.mle.value)
    assert got.to_dict()["mle"]["value"] == got.dimension.mle.value
    with pytest.raises(InputError, match="between 4 and the 600 rows"):
        dimension(tmp_path / "x.npy", samples=700)
    bad = gaussian(3, 600)
    bad[7, 1] = np.inf
    with pytest.raises(
        InputError, match="1 values that are infinity in 1 rows, the first in row 8, column 2"
    ):
        dimension(bad)
