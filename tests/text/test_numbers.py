"""Numbers as text: what is written is the number, within the digits that are shown."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.results import Interval
from eigenscale.text.numbers import count, number, percent, power_of_ten, short, with_interval

_SCALES = {"quadrillion": 1e15, "trillion": 1e12, "billion": 1e9, "million": 1e6}
_PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")


def _read(text: str) -> float:
    """Read back what `number` writes."""
    text = text.translate(_PLAIN).replace(",", "")
    head, _, scale = text.partition(" ")
    if "·10" in head:
        factor, exponent = head.split("·10")
        return float(factor) * 10.0 ** int(exponent)
    if head.lstrip("-").startswith("10") and not scale and abs(float(head)) > 1e3:
        return math.copysign(10.0 ** int(head.lstrip("-")[2:]), float(head))
    return float(head) * _SCALES.get(scale, 1.0)


@given(st.floats(1e-3, 9e17))
def test_a_number_in_a_sentence_is_the_number(value):
    assert _read(number(value)) == pytest.approx(value, rel=6e-3)


@given(st.floats(-1e30, 1e30, allow_nan=False))
def test_a_number_in_a_cell_is_the_number(value):
    assert float(short(value)) == pytest.approx(value, rel=6e-4)


@given(st.floats(1e-4, 100.0), st.floats(1e-3, 0.5))
def test_the_ends_of_an_interval_stay_apart(value, width):
    text = with_interval(Interval(value, value * (1 - width), value * (1 + width)))
    low, _, high = text.split("(")[1].rstrip(")").partition("–")
    assert float(low) < float(high)
    assert value == pytest.approx(float(text.split(" ")[0]), abs=0.6 * 2 * value * width + 1e-9)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e6, "1 million"), (999_600.0, "1 million"), (1e18, "10¹⁸"), (-2.5e9, "−2.5 billion")],
)
def test_scales_change_where_rounding_says(value, text):
    assert number(value) == text


def test_what_is_not_known_is_said():
    assert number(math.nan) == "unknown"
    assert short(math.nan) == "–"
    assert with_interval(Interval(0.5, math.nan, math.nan)) == "0.500"


def test_a_share_is_not_rounded_up_to_all():
    assert percent(0.9996) == "99.9\u00a0%"
    assert percent(0.045) == "4.5\u00a0%"
    assert count(1234567.0) == "1.23 million"
    assert power_of_ten(2e-7) == "2·10⁻⁷"
