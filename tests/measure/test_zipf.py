"""Zipf's law: the exponent of drawn tokens lies within its interval."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.measure.zipf import _slope, zipf


@pytest.mark.parametrize("exponent", [0.8, 1.1])
def test_the_exponent_of_drawn_tokens(exponent, tmp_path):
    weights = np.arange(1.0, 5001) ** -exponent
    draws = np.random.default_rng(0).choice(5000, 100000, p=weights / weights.sum())
    (tmp_path / "a.txt").write_text(" ".join(f"w{i}" for i in draws))
    got = zipf(tmp_path / "a.txt")
    assert got.n_tokens == 100000
    assert got.exponent.low < exponent < got.exponent.high
    assert got.exponent.high - got.exponent.low < 0.06
    ranks = np.array([20, 200])
    np.testing.assert_allclose(got.line(ranks), got.counts[ranks - 1], rtol=0.2)
    plain = got.to_dict()
    assert plain["counts"][0] == {"rank": 1, "count": int(got.counts[0])}
    assert plain["exponent"]["value"] == got.exponent.value


@pytest.mark.parametrize("exponent", [0.7, 1.0, 1.4])
def test_sorting_by_chance_counts_does_not_bias_it(exponent):
    """Without the correction the mean is off by many standard errors."""
    rng, weights = np.random.default_rng(1), np.arange(1.0, 20001) ** -exponent
    inside, found = 0, []
    for _ in range(60):
        counts = np.sort(rng.multinomial(10**5, weights / weights.sum()))[::-1].astype(float)
        got = _slope(counts[9 : min(int((counts >= 10).sum()), 5000)], 0.9)
        inside += got.low <= exponent <= got.high
        found.append(got.value)
    assert inside >= 48
    assert abs(np.mean(found) - exponent) < 0.004


@pytest.mark.parametrize(("name", "message"), [("a.txt", "a longer text"), ("b.txt", "not exist")])
def test_too_little_text_is_refused(name, message, tmp_path):
    (tmp_path / "a.txt").write_text("one two three " * 50)
    with pytest.raises(InputError, match=message):
        zipf(tmp_path / name)
