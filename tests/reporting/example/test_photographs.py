import numpy as np
import pytest

from eigenscale.reporting.example.photographs import photograph_patches


@pytest.fixture(scope="module")
def parts():
    return photograph_patches("train"), photograph_patches("test")


def test_every_call_cuts_the_same_patches(parts):
    again = photograph_patches("test")
    np.testing.assert_array_equal(again.inputs, parts[1].inputs)
    np.testing.assert_array_equal(again.target, parts[1].target)


def test_target_is_standardised_on_the_training_part(parts):
    assert parts[0].target.mean() == pytest.approx(0, abs=1e-4)
    assert parts[0].target.std() == pytest.approx(1, abs=1e-4)
    assert parts[1].target.std() == pytest.approx(1, abs=0.1)


def test_inputs_are_measured_from_their_mean_in_units_of_their_contrast(parts):
    inputs = parts[0].inputs
    assert np.abs(inputs.mean(axis=1)).max() < 1e-4
    assert inputs.std(axis=1).max() < 1


def test_taken_patches_are_different_ones(parts):
    taken = parts[1].take(1000, np.random.default_rng(0))
    assert len(np.unique(taken.inputs, axis=0)) > 990
