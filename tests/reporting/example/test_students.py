import numpy as np
import pytest
from sklearn.linear_model import Ridge

from eigenscale.reporting.example.students import RIDGES, Examples, train


def examples(n, seed):
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(n, 6))
    targets = np.stack([np.tanh(inputs[:, 0] * inputs[:, 1]), inputs[:, 2]], axis=1)
    return Examples(inputs, targets + 0.1 * rng.normal(size=targets.shape))


@pytest.mark.parametrize(("n_features", "n_samples"), [(30, 200), (200, 60)])
def test_losses_are_those_of_scikit_learn(n_features, n_samples):
    """The same features, drawn by the same seed, fitted by another implementation."""
    parts = [examples(n, seed) for seed, n in enumerate((n_samples, 300, 500))]
    found = train(*parts, n_features, np.random.default_rng(7))
    rng = np.random.default_rng(7)
    weights = rng.normal(size=(6, n_features)) / np.sqrt(6)
    offsets = 0.3 * rng.normal(size=n_features)
    lifted = [np.maximum(part.inputs @ weights + offsets, 0) for part in parts]
    other = Ridge(alpha=found.ridge * n_samples).fit(lifted[0], parts[0].targets)
    errors = np.sum((other.predict(lifted[2]) - parts[2].targets) ** 2, axis=1)
    assert found.loss == pytest.approx(errors.mean(), rel=1e-8)


def test_the_ridge_is_one_of_those_tried():
    parts = [examples(100, seed) for seed in range(3)]
    found = train(*parts, 40, np.random.default_rng(0))
    rng = np.random.default_rng(0)
    lifted = np.maximum(
        parts[0].inputs @ (rng.normal(size=(6, 40)) / np.sqrt(6)) + 0.3 * rng.normal(size=40), 0
    )
    mean_eigenvalue = lifted.var(axis=0).mean()
    assert np.isclose(found.ridge / mean_eigenvalue, RIDGES, rtol=1e-6).any()
