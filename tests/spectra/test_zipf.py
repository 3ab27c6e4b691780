"""Zipf's law: the exponent of drawn tokens lies within its interval, strewn or in bursts."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.formats.text import TokenCounts
from eigenscale.spectra.zipf import _last, dispersion, exponent_of, zipf


def shares(exponent, types):
    weights = np.arange(1.0, types + 1) ** -exponent
    return weights / weights.sum()


def counted(parts):
    """Sort the types of counts by stretch, shape (stretches, types)."""
    totals = parts.sum(axis=0)
    order = np.argsort(-totals, kind="stable")[: np.count_nonzero(totals)]
    totals = totals[order]
    return TokenCounts(totals, parts[:, order][:, totals >= 10])


@pytest.mark.parametrize("exponent", [0.8, 1.1])
def test_the_exponent_of_drawn_tokens(exponent, tmp_path):
    draws = np.random.default_rng(0).choice(5000, 100000, p=shares(exponent, 5000))
    pages = [" ".join(f"w{i}" for i in part) for part in draws.reshape(-1, 100)]
    (tmp_path / "a.txt").write_text("\n\n".join(pages))
    got = zipf(tmp_path / "a.txt")
    assert got.n_tokens == 100000
    assert got.exponent.low < exponent < got.exponent.high
    assert got.exponent.high - got.exponent.low < 0.06
    assert got.burstiness < 1.2
    ranks = np.array([20, 200])
    np.testing.assert_allclose(got.line(ranks), got.counts[ranks - 1], rtol=0.2)
    plain = got.to_dict()
    assert plain["counts"][0] == {"rank": 1, "count": int(got.counts[0])}
    assert plain["exponent"]["value"] == got.exponent.value


@pytest.mark.parametrize(
    ("exponent", "concentration"), [(0.7, np.inf), (1.4, np.inf), (0.8, 100.0), (1.1, 100.0)]
)
def test_neither_sorting_nor_bursts_bias_it(exponent, concentration):
    """With φ taken for 1, bursts of this size bias it by -0.07 and more, and none is held."""
    rng, p = np.random.default_rng(1), shares(exponent, 10000)
    inside, found = 0, []
    for _ in range(10):
        pages = np.broadcast_to(p, (200, 10000))
        if np.isfinite(concentration):
            pages = rng.gamma(np.maximum(concentration * p, 1e-9), size=(200, 10000))
            pages = pages / pages.sum(axis=1, keepdims=True)
        counts = counted(rng.multinomial(500, pages).reshape(40, 5, -1).sum(axis=1))
        phi = dispersion(counts)
        got = exponent_of(counts, phi, _last(counts, phi), 0.9)
        inside += got.low <= exponent <= got.high
        found.append(got.value)
    assert inside >= 8
    assert abs(np.mean(found) - exponent) < (0.005 if np.isinf(concentration) else 0.02)


@pytest.mark.parametrize(("name", "message"), [("a.txt", "a longer text"), ("b.txt", "not exist")])
def test_too_little_text_is_refused(name, message, tmp_path):
    (tmp_path / "a.txt").write_text("one two three " * 50)
    with pytest.raises(InputError, match=message):
        zipf(tmp_path / name)
