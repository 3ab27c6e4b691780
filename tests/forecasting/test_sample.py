"""Rows that are kept for a forecast."""

from importlib import import_module

import numpy as np
import pytest

from eigenscale.forecasting.forecast import forecast


def test_wide_rows_are_turned_without_changing_a_forecast(monkeypatch):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 500)) * np.arange(1, 501) ** -0.6
    y = x @ rng.normal(size=500) + 0.3 * rng.normal(size=150)
    asked = {"n_samples": [40, 150, 600], "ridge": 0.01, "draws": 20, "rng": 0}
    turned = forecast(x, y, **asked)
    monkeypatch.setattr(import_module("eigenscale.forecasting.sample.sample"), "_WIDE", np.inf)
    plain = forecast(x, y, **asked)
    assert [row.n_features for row in turned] == [500] * 3
    for one, other in zip(turned, plain, strict=True):
        assert one.loss.value == pytest.approx(other.loss.value, rel=1e-8)
        assert one.loss.high == pytest.approx(other.loss.high, rel=1e-7)
