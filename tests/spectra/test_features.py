"""Random features on the way: repeatable, independent of blocks, and of the right kernel."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.spectra.features import ACTIVATIONS, FeatureMap, featured
from eigenscale.spectra.measure import measure

ROWS = np.random.default_rng(0).normal(2.0, 3.0, (2000, 30)).astype(np.float32)


def read(source, size):
    return np.concatenate(list(source.blocks(size)))


@pytest.mark.parametrize("name", ACTIVATIONS)
@pytest.mark.parametrize("depth", [1, 3])
def test_features_do_not_depend_on_blocks_or_kind_of_source(name, depth):
    wanted = FeatureMap(name, 40, depth)
    whole = read(featured(open_source(ROWS), wanted), 5000)
    np.testing.assert_allclose(read(featured(open_source(ROWS), wanted), 7), whole, atol=1e-5)
    chunks = featured(open_source(iter([ROWS[:100], ROWS[100:]])), wanted)
    np.testing.assert_allclose(read(chunks, 64), whole, atol=1e-5)
    assert whole.shape == (2000, 40)
    assert np.isfinite(whole).all()


def test_wide_relu_features_have_the_arc_cosine_kernel():
    """E φ(x)·φ(y) of a relu layer is Cho and Saul's kernel (2009), here with variance 2/n."""
    source = featured(open_source(ROWS), "relu:16384", rng=1)
    x = (ROWS[:6].astype(float) - ROWS[:1024].mean(axis=0)) / ROWS[:1024].std(axis=0).mean()
    norms = np.linalg.norm(x, axis=1)
    cosine = np.clip(x @ x.T / np.outer(norms, norms), -1, 1)
    angle = np.arccos(cosine)
    kernel = np.outer(norms, norms) * (np.sin(angle) + (np.pi - angle) * cosine) / np.pi / 30
    got = read(source, 6)[:6].astype(float)
    np.testing.assert_allclose(got @ got.T, kernel, rtol=0.15, atol=0.03)


def test_measure_takes_a_feature_map_and_repeats():
    a, b = measure(ROWS, features="tanh:64"), measure(ROWS, features="tanh:64")
    np.testing.assert_array_equal(a.eigenvalues, b.eigenvalues)
    assert a.n_inputs == 64
    assert "64 random tanh features, 1 deep" in a.notes
    other = measure(ROWS, features="tanh:64", rng=1)
    assert not np.array_equal(a.eigenvalues, other.eigenvalues)


@pytest.mark.parametrize(
    "text", ["relu", "relu:0", "relu:x", "swish:8", "relu:8:0", "relu:2000000"]
)
def test_bad_maps_are_one_line(text):
    with pytest.raises(InputError, match="features"):
        FeatureMap.parse(text)


def test_data_that_do_not_vary_at_first_are_refused():
    with pytest.raises(InputError, match="does not vary in its first 1024 rows"):
        measure(np.ones((2000, 3)), features="relu:8")


def test_weights_beyond_memory_are_refused_before_they_are_drawn():
    with pytest.raises(InputError, match="relu:50000:2 of 6 inputs have 10 GB of weights"):
        featured(open_source(np.eye(8, 6)), "relu:50000:2")
