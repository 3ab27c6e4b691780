import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError


def test_advice_says_what_is_reached_and_what_is_not():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 20))
    y = x[:, 0] + 0.5 * rng.normal(size=300)
    got = es.forecast(x, y, n_samples=100)
    reached = got.advice(target_loss=0.3)
    assert 10 < reached.samples_needed < 300
    assert reached.far.value <= reached.ten_times_data.value <= reached.now.value
    assert reached.far.value == pytest.approx(0.25, rel=0.2)
    assert got.advice(target_loss=0.1).samples_needed is None
    assert "not reached" in got.advice(target_loss=0.1).summary
    with pytest.raises(InputError, match="target_loss -1"):
        got.advice(target_loss=-1.0)
