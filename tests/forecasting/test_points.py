import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import LearningCurveDisplay, learning_curve

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.figures.spec import Points as Drawn
from eigenscale.figures.topics.forecast import forecast_figure
from eigenscale.forecasting.external.points import read_points

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
    assert set(plain) == {"rows", "learner", "points", "law", "notes"}
    assert set(plain["rows"][0]) == {"n_samples", "loss", "extrapolated", "status"}
    assert set(plain["law"]) == {"E", "A", "alpha"}
    assert "from 6 measured points" in repr(got)


BAD = [
    ((N[:3], LOSS[:3]), {}, "3 sizes; a power law with a floor needs 4"),
    ((N, LOSS[:4]), {}, "n_samples has shape (6,) and loss (4,)"),
    ((N, -LOSS), {}, "loss has -0.486906 in row 1; it is zero or more"),
    ((N, np.where(N == 200, np.nan, LOSS)), {}, "loss has nan in row 3"),
    ((N - 50, LOSS), {}, "n_samples has 0 in row 1"),
    ((N, LOSS * 0), {}, "mean loss has 0 in row 1"),
    ((N, np.ones(6)), {}, "losses are 1"),
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
