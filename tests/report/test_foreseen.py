import numpy as np
import pytest
from sklearn.linear_model import Ridge

from eigenscale.forecast.sample import Sample
from eigenscale.report.foreseen import _students, foresee, foreseen_figure, foreseen_words


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(1500, 30)) * np.arange(1, 31) ** -0.6
    target = inputs @ rng.normal(size=30) + 0.5 * rng.normal(size=1500)
    return inputs, target


def test_the_forecast_meets_the_students(data):
    found = foresee(*data, level=0.9, seed=0)
    assert found is not None
    assert len(found.samples) == 5
    within = np.abs(found.predicted - found.measured) < 4 * found.error + 0.03 * found.measured
    assert within.all()


def test_the_last_rows_are_for_all_samples_and_ten_times_as_many(data):
    found = foresee(*data, level=0.9, seed=0)
    assert [row.n_samples for row in found.forecast[-2:]] == [1500, 15000]
    assert found.ahead.value < found.now.value
    assert "1,500 samples there are" in foreseen_words(found)


def test_the_figure_shows_students_beside_the_forecast(data):
    figure = foreseen_figure(foresee(*data, level=0.9, seed=0))
    assert "students trained" in [getattr(x, "label", "") for x in figure.panels[0].layers]


@pytest.mark.parametrize("count", [20, 100])
def test_students_are_those_of_scikit_learn(data, count):
    """With fewer rows than inputs, and with more."""
    sample = Sample(data[0], data[1][:, None], None, 1500, "data")
    losses = _students(sample, count, 0.02, np.random.default_rng(5))
    order = np.random.default_rng(5).permutation(1500)
    train, test = order[:count], order[count:]
    other = Ridge(alpha=0.02 * count).fit(data[0][train], data[1][train])
    errors = (other.predict(data[0][test]) - data[1][test]) ** 2
    assert losses[0] == pytest.approx(errors.mean(), rel=1e-9)


def test_too_few_rows_give_no_forecast(data):
    assert foresee(data[0][:10], data[1][:10], level=0.9, seed=0) is None
