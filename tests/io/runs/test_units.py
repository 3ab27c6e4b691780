import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.io.runs.units import count_scale, parse_quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.3B", 1.3e9), ("400M", 4e8), ("400 m", 4e8), ("7k", 7e3), ("7K", 7e3), ("2T", 2e12),
     ("1,234,567", 1234567), ("1_000", 1000), ("1e9", 1e9), ("1E+9", 1e9), (".5B", 5e8), ("+3", 3),
     ("-3", -3), ("1.3 billion", 1.3e9), ("1.3B params", 1.3e9), ("300B tokens", 3e11), ("12", 12)],
)  # fmt: skip
def test_counts_as_people_write_them(text, value):
    assert parse_quantity(text) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.5 PF-days", 1.5 * 8.64e19), ("2 petaflop/s-days", 2 * 8.64e19), ("3 EFLOP", 3e18),
     ("3e3 GFLOPs", 3e12), ("1 ZFLOP", 1e21), ("5P", 5e15), ("7e20 FLOPs", 7e20)],
)  # fmt: skip
def test_flops_as_people_write_them(text, value):
    assert parse_quantity(text, flops=True) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    "text",
    ["", "B", "abc", "1.3X", "1,5", "1.2.3", "12,34", "1 2", "--1", "e9", "1.3 bananas", "."],
)
def test_what_is_not_a_number_is_none(text):
    assert parse_quantity(text) is None


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back(value):
    assert parse_quantity(repr(value)) == value


@given(st.text(max_size=12))
def test_any_text_is_a_number_or_none(text):
    value = parse_quantity(text)
    assert value is None or isinstance(value, float)


def test_nan_and_infinity_are_read_so_that_they_can_be_refused():
    assert math.isnan(parse_quantity("NaN"))
    assert parse_quantity("-inf") == -math.inf


@pytest.mark.parametrize("unit", ["X", "", "0", "-1", "nan", -2.0, math.inf])
def test_unknown_units_say_what_is_known(unit):
    if unit == "":
        assert count_scale("params", unit) == 1
        return
    with pytest.raises(InputError, match="not known; give one of K, M, B, T"):
        count_scale("params", unit)
