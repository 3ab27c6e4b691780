import numpy as np
import pytest

from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.predicted import predict_curve
from eigenscale.reporting.sections.prediction import (
    prediction_figure,
    prediction_section,
    prediction_text,
    prediction_warnings,
)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(1500, 30)) * np.arange(1, 31) ** -0.6
    target = inputs @ rng.normal(size=30) + 0.5 * rng.normal(size=1500)
    return inputs, target


@pytest.fixture(scope="module")
def found(data):
    return predict_curve(*data, level=0.9, seed=0)


def test_the_forecast_meets_the_students(found):
    check = found.forecast.check
    assert len(check.points) == 6
    assert all(abs(point.apart) < 4 * point.noise for point in check.points)
    section = prediction_section(Evidence(predicted=found))
    assert section.paragraphs[:2] == (prediction_text(found), check.summary)
    assert "with ten times the samples" in section.paragraphs[2]
    assert [figure.name for figure in section.figures] == ["forecast"]
    assert "no learning curve" in prediction_section(Evidence()).paragraphs[0]


def test_the_last_rows_are_for_all_samples_and_ten_times_as_many(found):
    assert [row.n_samples for row in found.forecast[-2:]] == [1500, 15000]
    assert found.ahead.value < found.now.value
    assert (
        "With 1,500 samples expect" in prediction_section(Evidence(predicted=found)).paragraphs[2]
    )


def test_the_figure_shows_students_beside_the_forecast(found):
    figure = prediction_figure(found)
    assert "students trained" in [getattr(x, "label", "") for x in figure.panels[0].layers]


def test_what_the_check_warns_of_is_a_caution(data, found):
    assert prediction_warnings(found) == []
    twice = predict_curve(np.repeat(data[0][:400], 2, axis=0), np.repeat(data[1][:400], 2), 0.9, 0)
    assert "copies of another row" in prediction_warnings(twice)[0]


def test_too_few_rows_give_no_forecast_and_few_no_check(data):
    assert predict_curve(data[0][:10], data[1][:10], level=0.9, seed=0) is None
    assert predict_curve(data[0][:40], data[1][:40], level=0.9, seed=0).forecast.check is None
