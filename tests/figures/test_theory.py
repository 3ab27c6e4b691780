import numpy as np

from eigenscale import SolvableModel, Spectrum
from eigenscale.figures.spec import Line, Points
from eigenscale.figures.topics.theory import loss_curves, theory_and_simulation

MODEL = SolvableModel(Spectrum.power_law(0.5, 200))
SIZES, COUNTS = np.array([10.0, 20.0, 40.0])[:, None, None], np.array([20.0, 80.0])[:, None]


def test_one_curve_for_each_number_of_samples():
    (panel,) = loss_curves(MODEL.solve(SIZES, COUNTS, ridge=np.array([0.0]))).panels
    assert [layer.label for layer in panel.layers] == ["T = 20", "T = 80"]
    first = panel.layers[0]
    assert isinstance(first, Line)
    np.testing.assert_array_equal(first.x, [10, 20, 40])
    assert np.isnan(first.y[1])  # diverges: a gap, not a number


def test_a_single_point_is_a_point_that_says_all_its_inputs():
    (panel,) = loss_curves(MODEL.solve(SIZES[:1], COUNTS[:1], ridge=np.array([0.5]))).panels
    (point,) = panel.layers
    assert isinstance(point, Points)
    assert point.label == "T = 20, γ = 0.5"


def test_of_many_curves_six_are_drawn():
    ridges = np.geomspace(1e-3, 1, 5)
    (panel,) = loss_curves(
        MODEL.solve(np.geomspace(10, 99, 7)[:, None, None], COUNTS, ridge=ridges)
    ).panels
    assert len(panel.layers) == 6


def test_points_lie_where_simulation_says_and_curves_pass_near():
    solution = MODEL.solve(SIZES, COUNTS, ridge=np.array([0.1]))
    drawn = [
        MODEL.simulate(r["n_features"], r["n_samples"], ridge=0.1, draws=8, rng=1).to_dict()
        for r in solution.rows()
    ]
    figure = theory_and_simulation(MODEL, solution, drawn)
    curve, points = figure.panels[0].layers[:2]
    assert isinstance(curve, Line)
    assert isinstance(points, Points)
    np.testing.assert_array_equal(points.y, [row["loss"] for row in drawn[::2]])
    at = np.searchsorted(curve.x, points.x)
    np.testing.assert_allclose(curve.y[at], solution.loss[:, 0, 0], rtol=1e-12)
    assert "8 draws" in figure.caption
