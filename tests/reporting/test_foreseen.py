import numpy as np
import pytest

from eigenscale.reporting.evidence import Evidence
from eigenscale.reporting.sections.prediction import (
    foresee,
    foreseen_cautions,
    foreseen_figure,
    foreseen_section,
    foreseen_words,
)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(1500, 30)) * np.arange(1, 31) ** -0.6
    target = inputs @ rng.normal(size=30) + 0.5 * rng.normal(size=1500)
    return inputs, target


@pytest.fixture(scope="module")
def found(data):
    return foresee(*data, level=0.9, seed=0)


def test_the_forecast_meets_the_students(found):
    check = found.forecast.check
    assert len(check.points) == 6
    assert all(abs(point.apart) < 4 * point.noise for point in check.points)
    section = foreseen_section(Evidence(foreseen=found))
    assert section.paragraphs[:2] == (foreseen_words(found), check.summary)
    assert "with ten times the samples" in section.paragraphs[2]
    assert [figure.name for figure in section.figures] == ["forecast"]
    assert "no learning curve" in foreseen_section(Evidence()).paragraphs[0]


def test_the_last_rows_are_for_all_samples_and_ten_times_as_many(found):
    assert [row.n_samples for row in found.forecast[-2:]] == [1500, 15000]
    assert found.ahead.value < found.now.value
    assert "With 1,500 samples expect" in foreseen_section(Evidence(foreseen=found)).paragraphs[2]


def test_the_figure_shows_students_beside_the_forecast(found):
    figure = foreseen_figure(found)
    assert "students trained" in [getattr(x, "label", "") for x in figure.panels[0].layers]


def test_what_the_check_warns_of_is_a_caution(data, found):
    assert foreseen_cautions(found) == []
    twice = foresee(np.repeat(data[0][:400], 2, axis=0), np.repeat(data[1][:400], 2), 0.9, 0)
    assert "copies of another row" in foreseen_cautions(twice)[0]


def test_too_few_rows_give_no_forecast_and_few_no_check(data):
    assert foresee(data[0][:10], data[1][:10], level=0.9, seed=0) is None
    assert foresee(data[0][:40], data[1][:40], level=0.9, seed=0).forecast.check is None
