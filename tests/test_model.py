import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum

MODEL = SolvableModel(Spectrum.power_law(0.5, 1e9), noise_var=0.01)


def test_scalars_give_a_number_and_arrays_broadcast():
    assert isinstance(MODEL.loss(10, 20), float)
    assert MODEL.loss([10, 20, 30], [[5], [50]], ridge=0.1).shape == (2, 3)
    assert MODEL.loss(10, 20, ridge=[0.1, 1.0, 2.0]).shape == (3,)


def test_a_solution_has_a_row_for_each_point():
    solution = MODEL.solve([10, 20], [[20], [40]])
    rows = solution.to_dict()["rows"]
    assert [(r["n_features"], r["n_samples"]) for r in rows] == [
        (10, 20),
        (20, 20),
        (10, 40),
        (20, 40),
    ]
    assert [r["status"] for r in rows] == ["ok", "diverges", "ok", "ok"]
    assert rows[1]["loss"] is None
    assert rows[0]["loss"] == pytest.approx(MODEL.loss(10, 20))
    assert "diverging=1" in repr(solution)


def test_scaling_the_features_scales_the_ridge():
    wide = SolvableModel(MODEL.spectrum, noise_var=0.01, feature_var=7.0)
    assert wide.loss(50, 70, ridge=0.7) == pytest.approx(MODEL.loss(50, 70, ridge=0.1), rel=1e-12)


def test_scaling_the_teacher_and_the_noise_scales_the_loss():
    big = SolvableModel(MODEL.spectrum, noise_var=0.03, weight_var=3.0)
    assert big.loss(50, 70, ridge=0.7) == pytest.approx(
        3 * MODEL.loss(50, 70, ridge=0.7), rel=1e-12
    )


def test_learned_fractions_fall_with_rank_and_sum_to_the_resolved_modes():
    model = SolvableModel(Spectrum.power_law(0.5, 300))
    learned = model.learned_fraction([20, 40], 100, ridge=1e-3)
    assert learned.shape == (2, 300)
    assert (np.diff(learned) < 0).all()
    solution = model.solve([20, 40], 100, ridge=1e-3)
    np.testing.assert_allclose(learned.sum(axis=1), solution.resolved_modes, rtol=1e-12)


def test_modes_without_variance_are_never_learned():
    model = SolvableModel(Spectrum.from_eigenvalues([1.0, 0.0]))
    np.testing.assert_array_equal(model.learned_fraction(5, 5), [1.0, 0.0])


def test_the_surface_is_the_model():
    surface = MODEL.surface(ridge=0.1)
    assert (surface.size_name, surface.data_name) == ("n_features", "n_samples")
    assert surface.loss([10, 20], 30)[1] == pytest.approx(MODEL.loss(20, 30, ridge=0.1), rel=1e-12)
    assert surface.loss_draws([10, 20], 30).shape == (0, 2)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SolvableModel(MODEL.spectrum, noise_var=-1.0), "noise_var -1.0"),
        (lambda: SolvableModel(MODEL.spectrum, feature_var=0.0), "feature_var 0.0"),
        (lambda: SolvableModel(MODEL.spectrum, weight_var=np.nan), "weight_var nan"),
        (lambda: MODEL.loss(0, 10), "n_features has 0"),
        (lambda: MODEL.loss(10, [3, -1]), "n_samples has -1"),
        (lambda: MODEL.loss(10, 10, ridge=-1.0), "ridge has -1"),
        (lambda: MODEL.loss(10, 10, ridge="best"), "ridge 'best'"),
        (lambda: MODEL.loss(10, 10, ridge=np.nan), "ridge has nan"),
    ],
)
def test_bad_input_is_said(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_the_best_ridge_is_better_than_its_neighbours():
    best = MODEL.solve([30, 300], [[100], [3000]], ridge="optimal")
    for factor in (0.9, 1.1):
        other = MODEL.loss([30, 300], [[100], [3000]], ridge=factor * best.ridge)
        assert (best.loss < other).all()
    again = MODEL.loss([30, 300], [[100], [3000]], ridge=best.ridge)
    np.testing.assert_allclose(best.loss, again, rtol=1e-12)


def test_what_limits():
    np.testing.assert_array_equal(
        SolvableModel(MODEL.spectrum).limits([100, 10**5], 3000), ["features", "samples"]
    )
