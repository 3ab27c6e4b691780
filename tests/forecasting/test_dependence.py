import numpy as np
import pytest
from scipy.signal import lfilter
from sklearn.datasets import load_digits

import eigenscale as es
from eigenscale.forecasting.sample.dependence import Copies, near_copies


def rows(n=600, n_inputs=20, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_inputs)) * np.arange(1, n_inputs + 1) ** -0.5
    return x, x @ rng.normal(size=n_inputs) + 0.5 * rng.normal(size=n)


def dependence(x, y):
    return es.forecast(x, y, n_samples=100, draws=20, max_rows=200, check=True).check.dependence


def shuffled(x, y, times):
    order = np.random.default_rng(1).permutation(np.repeat(np.arange(len(x)), times))
    return x[order], y[order]


def test_independent_rows_give_no_warning():
    for seed in range(3):
        assert dependence(*rows(seed=seed)).warnings == []


@pytest.mark.parametrize("times", [2, 3])
def test_copies_are_counted_and_said(times):
    found = dependence(*shuffled(*rows(300), times))
    assert found.copies == 1.0
    assert len(found.warnings) == 1
    assert "copies of another row" in found.warnings[0]


def test_a_few_copies_among_many_rows():
    x, y = rows(600)
    x[580:], y[580:] = x[:20], y[:20]
    found = dependence(x, y)
    assert found.copies == pytest.approx(40 / 600)
    assert "6.7\u00a0% of the rows are copies" in found.warnings[0]


def test_near_copies_are_found_by_their_neighbours_across_the_split():
    x, y = shuffled(*rows(200), 3)
    x = x + 0.02 * np.random.default_rng(2).normal(size=x.shape)
    found = dependence(x, y)
    assert found.copies == 0
    assert found.near > 0.5
    assert "near copy" in found.warnings[0]


@pytest.mark.parametrize("n_inputs", [1, 2, 3, 10])
def test_dense_rows_are_no_near_copies(n_inputs):
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(2000, n_inputs))
    assert near_copies(x[:1500], x[1500:], rng) < 0.03


def test_values_that_recur_by_chance_are_no_copies():
    """Rows of two coins: equal inputs, but targets of their own."""
    rng = np.random.default_rng(0)
    x = rng.integers(2, size=(600, 8)).astype(float)
    y = x[:, 0] + 0.5 * rng.normal(size=600)
    found = dependence(x, y)
    assert found.same_inputs > 0.8
    assert found.warnings == []


def test_the_order_of_a_series_is_said():
    """Inputs and noise follow AR(1): rows held back at random have neighbours in training."""
    rng, rho = np.random.default_rng(3), 0.95
    z = lfilter([np.sqrt(1 - rho**2)], [1, -rho], rng.normal(size=(1700, 11)), axis=0)[500:]
    y = z[:, :10] @ rng.normal(size=10) / np.sqrt(10) + z[:, 10]
    series = dependence(z[:, :10], y)
    assert series.order.matters
    assert "whole stretches held back" in series.warnings[0]
    order = rng.permutation(len(y))
    assert not dependence(z[order, :10], y[order]).order.matters


def test_digits_come_by_writer():
    """The digits stand in the order of those who wrote them; new writers are harder."""
    found = dependence(*load_digits(return_X_y=True))
    assert found.order.matters
    assert found.copies == 0


def test_rows_sorted_by_class_are_not_taken_for_a_series():
    x, y = rows(600)
    labels = np.where(y > 0, "up", "down")
    order = np.argsort(labels, kind="stable")
    found = dependence(x[order], labels[order])
    assert not found.order.tested
    assert found.warnings == []
    up = np.argsort(y)
    assert not dependence(x[up], y[up]).order.tested


def test_copies_do_not_depend_on_blocks():
    x = np.repeat(np.arange(30.0)[:, None], 2, axis=0)
    y = np.arange(60.0)[:, None] // 4
    whole, parts = Copies(), Copies()
    whole.see(x, y)
    for start in range(0, 60, 7):
        parts.see(x[start : start + 7], y[start : start + 7])
    assert whole.both == parts.both == 1.0
    assert parts.n_rows == 60
    assert Copies().both == 0.0
