import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError


def rows(n=120, n_inputs=6, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, n_inputs))
    return x, x[:, 0] + 0.3 * rng.normal(size=n)


def test_rows_come_in_the_order_asked():
    x, y = rows()
    got = es.forecast(x, y, n_samples=[50, 500], n_features=[10, 40], ridge=[0.1, 1.0])
    asked = [(r.ridge, r.n_features, r.n_samples) for r in got]
    assert asked == [(g, N, T) for g in (0.1, 1.0) for N in (10, 40) for T in (50, 500)]
    assert all(r.loss.low < r.loss.value < r.loss.high for r in got)
    assert [len(curve) for _, curve in got.curves] == [2, 2, 2, 2]
    assert got.to_dict()["rows"][0]["loss"]["level"] == 0.9
    assert "50 samples, 10 features" in repr(got)


def test_more_data_is_never_worse_at_the_best_ridge():
    x, y = rows(300)
    loss = es.forecast(x, y, n_samples=[30, 100, 300, 1000, 10_000]).loss
    assert (np.diff(loss) < 0.01 * loss[:-1]).all()


def test_classes_are_summed_over_one_hot_columns():
    x, y = rows(400)
    labels = np.where(y > 0, "up", "down")
    hot = np.stack([labels == "down", labels == "up"], axis=1).astype(float)
    a = es.forecast(x, labels, n_samples=200, ridge=0.1)
    b = es.forecast(x, hot, n_samples=200, ridge=0.1)
    assert a[0].loss == b[0].loss
    assert a.target_variance == pytest.approx(0.5, abs=0.01)


def test_kernels_and_many_rows_are_named():
    x, y = rows(200)
    got = es.forecast(x, y, n_samples=100, kernel="laplace", max_rows=150)
    assert got.n_rows == 150
    assert got[0].n_features is None
    assert "150 of 200 rows" in got.notes[0]


def test_no_ridge_diverges_where_rows_meet_columns():
    x, y = rows(300, 40)
    got = es.forecast(x, y, n_samples=[41, 200], ridge=0.0)
    assert got[0].status == "diverges"
    assert got.to_dict()["rows"][0]["loss"]["value"] is None
    assert got[1].status == "ok"


X, Y = rows(40)
BAD = [
    ({"target": Y[:30]}, "30 rows where array has 40"),
    ({"target": np.array([f"c{i}" for i in range(40)])}, "40 rows for 40 classes"),
    ({"target": np.ones(40)}, "constant"),
    ({"target": np.zeros(40, int)}, "single class"),
    ({"data": np.zeros((40, 3))}, "no column that varies"),
    ({"data": np.where(np.arange(40)[:, None] == 6, np.nan, X)}, "not finite, the first in row 7"),
    ({"target": np.where(np.arange(40) == 6, np.nan, Y)}, "not finite"),
    ({"data": X[:10], "target": Y[:10]}, "10 rows; a forecast needs"),
    ({"n_samples": 0}, "n_samples has 0"),
    ({"n_samples": [10, -5]}, "n_samples has -5"),
    ({"n_samples": np.nan}, "n_samples has nan"),
    ({"n_samples": []}, "n_samples is empty"),
    ({"n_features": 0}, "n_features has 0"),
    ({"ridge": -1.0}, "not 0 or more"),
    ({"ridge": "best"}, "'best' is not a number"),
    ({"kernel": "cauchy"}, "'cauchy' is not known"),
    ({"kernel": "laplace", "n_features": 5}, "not with a kernel"),
    ({"feature_map": "swish", "n_features": 5}, "'swish' is not known"),
    ({"width": 0.0, "kernel": "laplace"}, "width 0 is not positive"),
    ({"level": 1.5}, "level 1.5"),
    ({"draws": 3}, "draws 3"),
    ({"max_rows": 3}, "max_rows 3"),
]


@pytest.mark.parametrize(("change", "words"), BAD, ids=[words for _, words in BAD])
def test_bad_input_is_one_line(change, words):
    call = {"data": X, "target": Y, "n_samples": 20} | change
    with pytest.raises(InputError, match=words) as caught:
        es.forecast(call.pop("data"), call.pop("target"), **call)
    assert "\n" not in str(caught.value)
