import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.model_selection import LearningCurveDisplay, learning_curve

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.figures.spec import Points as Drawn
from eigenscale.figures.topics.forecast import forecast_figure
from eigenscale.forecasting.external.curve import fit_curve
from eigenscale.forecasting.external.points import read_points
from eigenscale.forecasting.row import ForecastRow
from eigenscale.results import Interval

N = np.array([50, 100, 200, 400, 800, 1600])
LOSS = 0.2 + 3 / N**0.6


def noisy(repeats=5, sd=0.05, seed=0):
    rng = np.random.default_rng(seed)
    return LOSS[:, None] * np.exp(sd * rng.standard_normal((len(N), repeats)))


def test_a_law_without_noise_is_found_again():
    got = es.forecast_points(N, LOSS, n_samples=[3200, 16_000])
    np.testing.assert_allclose(got.loss, 0.2 + 3 / np.array([3200, 16_000]) ** 0.6, rtol=1e-5)
    assert got.law["E"].value == pytest.approx(0.2, rel=1e-3)
    advice = got.advice(target_loss=0.21)
    assert advice.samples_needed.value == pytest.approx((3 / 0.01) ** (1 / 0.6), rel=0.01)
    assert "not reachable" in got.advice(target_loss=0.1).summary


def test_the_same_points_in_every_shape():
    values = noisy()
    table = {"n_samples": np.repeat(N, 5), "loss": values.ravel()}
    want = read_points(N, values)
    for points in (
        (N, values),
        (N, np.zeros((6, 5)), -values),
        table,
        pd.DataFrame(table),
        pl.DataFrame(table).sample(fraction=1, shuffle=True, seed=1),
    ):
        found = read_points(points)
        np.testing.assert_array_equal(found.n_samples, want.n_samples)
        np.testing.assert_allclose(found.mean, want.mean)
        assert (found.repeats == 5).all()


def test_a_file_is_read(tmp_path):
    path = tmp_path / "points.csv"
    pd.DataFrame({"train_size": N, "test_loss": LOSS}).to_csv(path, index=False)
    assert es.forecast_points(path, n_samples=[5000])[0].loss.value == pytest.approx(
        0.2 + 3 / 5000**0.6, rel=1e-4
    )


def test_learning_curves_of_scikit_learn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 8))
    y = x[:, 0] + 0.5 * rng.normal(size=500)
    options = {"train_sizes": np.geomspace(0.05, 1, 7), "scoring": "neg_mean_squared_error"}
    curve = learning_curve(Ridge(), x, y, **options)
    found = es.forecast_points(curve, n_samples=[4000])
    assert found[0].loss.low < 0.25 < found[0].loss.high
    assert "losses are scores with their sign turned" in found.notes
    display = LearningCurveDisplay(
        train_sizes=curve[0], train_scores=curve[1], test_scores=curve[2]
    )
    assert es.forecast_points(display, n_samples=[4000])[0].loss == found[0].loss
    shares = learning_curve(Ridge(), x, y, train_sizes=options["train_sizes"], scoring="r2")
    assert es.forecast_points(shares, n_samples=[4000], scoring="r2")[0].loss.value < 0.3


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    """Power laws with noise, of single points, repeats, and folds that move together."""
    rng, inside = np.random.default_rng(1), {"single": 0, "repeats": 0, "folds": 0}
    truth = 0.2 + 3 / 8000**0.6
    for _ in range(60):
        noise = 0.03 * rng.standard_normal((6, 5))
        folds = np.exp(0.02 * rng.standard_normal((6, 5)) + 0.05 * rng.standard_normal(5))
        flat = {"n_samples": np.repeat(N, 5), "loss": (LOSS[:, None] * np.exp(noise)).ravel()}
        cases = {
            "single": (N, LOSS * np.exp(noise[:, 0])),
            "repeats": flat,
            "folds": (N, LOSS[:, None] * folds),
        }
        for name, points in cases.items():
            got = es.forecast_points(points, n_samples=[8000], draws=100, rng=rng)[0].loss
            inside[name] += got.low <= truth <= got.high
    assert all(0.8 * 60 <= count <= 60 for count in inside.values()), inside


def test_more_noise_gives_wider_intervals_that_widen_beyond_the_points():
    calm, loud = (
        es.forecast_points(N, noisy(sd=sd), n_samples=[1600, 160_000]) for sd in (0.01, 0.1)
    )
    widths = [[np.log(row.loss.high / row.loss.low) for row in got] for got in (calm, loud)]
    assert widths[1][0] > 3 * widths[0][0]
    assert all(far > 2 * near for near, far in widths)


def test_what_the_points_do_not_tell_is_said():
    notes = " ".join(es.forecast_points(N[:4], LOSS[:4], n_samples=[1e6]).notes)
    assert "measured once" in notes
    assert "4 sizes for three parameters" in notes
    assert "2.5e+03 times the largest size" in notes
    bend = np.where(N < 300, LOSS, LOSS[2] / (N / 200) ** 1.2)
    assert "bends otherwise than the law" in " ".join(es.forecast_points(N, bend).notes)
    rising = es.forecast_points(N, LOSS[::-1].copy())
    assert "do not fall" in " ".join(rising.notes)
    near = es.forecast_points([100, 120, 140, 160, 180, 200], LOSS)
    assert "factor of 2 only" in " ".join(near.notes)


def test_the_figure_and_the_plain_form_are_those_of_a_forecast():
    got = es.forecast_points(N, noisy())
    drawn = [x for x in forecast_figure(got).panels[0].layers if isinstance(x, Drawn)]
    np.testing.assert_array_equal(drawn[0].x, N)
    assert (drawn[0].low < drawn[0].y).all()
    single = forecast_figure(es.forecast_points(N, LOSS)).panels[0].layers
    assert [x.low for x in single if isinstance(x, Drawn)] == [None]
    plain = got.to_dict()
    assert set(plain) == {"rows", "learner", "points", "law", "notes", "warnings"}
    assert set(plain["rows"][0]) == {"n_samples", "loss", "extrapolated", "status", "reliable"}
    assert set(plain["law"]) == {"E", "A", "alpha"}
    assert "from 6 measured points" in repr(got)


BAD = [
    ((N[:3], LOSS[:3]), {}, "3 sizes; a power law with a floor needs 4"),
    ((N, LOSS[:4]), {}, "n_samples has shape (6,) and loss (4,)"),
    ((N, -LOSS), {}, "loss has -0.486906 in row 1; it is zero or more"),
    ((N, np.where(N == 200, np.nan, LOSS)), {}, "loss has nan in row 3"),
    ((N - 50, LOSS), {}, "n_samples has 0 in row 1"),
    (([], []), {}, "the points is empty"),
    ((N, ["a"] * 6), {}, "loss holds what is not a number"),
    ((N, LOSS), {"n_samples": [0]}, "n_samples has 0"),
    ((N, LOSS), {"level": 2.0}, "level 2"),
    ((N, LOSS), {"draws": 3}, "draws 3"),
    ((3,), {}, "points are int"),
    (((N, LOSS, np.array([[0.5], [2.0]] * 3)),), {}, "say scoring="),
    (({"params": [1, 2], "loss": [3, 2]},), {}, "no column of n_samples"),
    (("absent.csv",), {}, "absent.csv"),
]


@pytest.mark.parametrize(("points", "change", "words"), BAD, ids=[words for *_, words in BAD])
def test_bad_points_are_one_line(points, change, words):
    with pytest.raises(InputError) as caught:
        es.forecast_points(*points, **change)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_losses_that_all_are_zero_stay_zero():
    got = es.forecast_points(N, 0 * LOSS, n_samples=[5000])
    assert (got[0].loss.low, got[0].loss.value, got[0].loss.high) == (0, 0, 0)
    assert got.notes == ("all measured losses are zero: more samples cannot lower them",)
    assert got.advice(0.1).summary == "Every measured loss is zero: more samples cannot lower it."


@pytest.mark.parametrize("scatter", [0.0, 0.0003, 0.02])
def test_a_flat_curve_stays_flat_and_its_interval_is_that_of_the_scatter(scatter):
    loss = 0.3 * np.exp(scatter * np.random.default_rng(0).standard_normal(6))
    got = es.forecast_points(N, loss, n_samples=[16_000])
    assert got[0].loss.value == pytest.approx(0.3, rel=0.03)
    assert 0.2 < got[0].loss.low < 0.3 < got[0].loss.high < 0.4
    assert "the curve is flat" in " ".join(got.notes)


def test_some_losses_of_zero_count_as_half_the_least():
    got = es.forecast_points(N, [0.2, 0.1, 0.05, 0.02, 0.01, 0], n_samples=[3200, 16_000])
    assert (got.loss > 0).all()
    assert all(row.loss.low <= row.loss.value <= row.loss.high for row in got)
    assert "1 of 6 losses are zero" in " ".join(got.notes)


TABLES = {
    "accuracy": ({"train_size": N, "accuracy": 1 - LOSS}, "losses are 1 - accuracy"),
    "per cent": ({"n": N, "test_acc": 100 * (1 - LOSS)}, "which is in per cent"),
    "auc and std": ({"size": N, "auc": 1 - LOSS, "std": 0.01 * LOSS}, "std is taken for"),
    "both": ({"n_train": N, "train_error": 0.5 * LOSS, "test_error": LOSS}, ""),
    "negative": ({"rows": N, "score": -LOSS}, "losses are score with its sign turned"),
}


@pytest.mark.parametrize("name", TABLES)
def test_tables_are_read_by_the_names_of_their_columns(name):
    table, note = TABLES[name]
    found = read_points(table)
    np.testing.assert_allclose(found.mean, LOSS)
    assert note in " ".join(found.notes)
    if name == "auc and std":
        np.testing.assert_allclose(found.errors, 0.01 * LOSS)


@given(st.floats(1e-6, 1e6), st.floats(0.01, 100))
@settings(max_examples=10, deadline=None)
def test_units_of_losses_and_sizes_do_not_matter(unit, size):
    noise = np.exp(0.03 * np.random.default_rng(0).standard_normal(6))
    one = es.forecast_points(N, LOSS * noise, n_samples=[6400], draws=50)[0].loss
    n = np.maximum(np.round(N * 100 * size), 1)
    other = es.forecast_points(n, unit * LOSS * noise, n_samples=[4 * n[-1]], draws=50)[0].loss
    assert other.value == pytest.approx(unit * one.value, rel=0.01)


def test_the_average_never_rises_and_its_weights_add_up():
    rng = np.random.default_rng(2)
    for _ in range(5):
        loss = LOSS * np.exp(0.1 * rng.standard_normal(6))
        curve = fit_curve(read_points(N, loss), draws=50, rng=rng)
        ahead = curve.loss(np.inf, np.geomspace(1600, 1e8, 60))
        assert (np.diff(ahead) <= 1e-9 * ahead[0]).all()
        assert sum(curve.form_weights.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("low", "high", "status", "reliable"),
    [
        (0.9, 1.1, "ok", True),
        (0.5, 1.0, "ok", False),
        (0.0, 1.0, "ok", False),
        (0.0, 0.0, "ok", True),
        (np.nan, np.nan, "ok", False),
        (0.9, 1.1, "diverges", False),
    ],
)
def test_a_row_says_whether_its_loss_is_a_guide(low, high, status, reliable):
    row = ForecastRow(100, None, None, Interval(1.0, low, high), None, 1.0, "", status=status)
    assert row.reliable is reliable
    assert row.to_dict()["reliable"] is reliable
