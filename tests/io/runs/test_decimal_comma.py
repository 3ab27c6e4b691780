"""Decimal commas, also in numbers that carry a unit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import eigenscale as es

ROWS = ["15M;0,3B;4,12", "40M;0,8B;3,62", "110M;2,25B;3,08", "1,3B;1.250,5M;2,66"]


def test_units_behind_a_decimal_comma(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("\n".join(["params;tokens;loss;note", *(f"{r};a,b c" for r in ROWS)]) + "\n")
    runs = es.read_runs(path)
    assert runs.params == pytest.approx([15e6, 40e6, 110e6, 1.3e9])
    assert runs.tokens == pytest.approx([0.3e9, 0.8e9, 2.25e9, 1250.5e6])
    assert runs.loss == pytest.approx([4.12, 3.62, 3.08, 2.66])
    assert "decimal sign" in " ".join(runs.warnings)


@given(st.lists(st.integers(1, 9999), min_size=3, max_size=8, unique=True))
def test_a_comma_and_a_point_give_the_same_runs(tmp_path_factory, tenths):
    folder = tmp_path_factory.mktemp("comma")
    found = []
    for sign, separator in ((",", ";"), (".", ",")):
        lines = [
            separator.join([f"{t // 10}{sign}{t % 10}M", f"{t}K", f"3{sign}{t:04d}"])
            for t in tenths
        ]
        path = folder / f"{ord(sign)}.csv"
        path.write_text("\n".join([separator.join(["params", "tokens", "loss"]), *lines]) + "\n")
        found.append(es.read_runs(path))
    assert np.array_equal(found[0].params, found[1].params)
    assert np.array_equal(found[0].loss, found[1].loss)
