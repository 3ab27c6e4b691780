"""Numbers as people write them: currencies, units, thousands, decimal commas, stray words."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eigenscale.io.files.amounts import amounts
from eigenscale.io.preparation.roles import column_of


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["$1,200.50", "$300", "($20)"], [1200.5, 300, -20]),
        (["12,5 %", "7 %"], [12.5, 7]),
        (["1.200,50 €", "300 €"], [1200.5, 300]),
        (["1 200", "3 400 000"], [1200, 3.4e6]),
        (["1'234.5", "99"], [1234.5, 99]),
        (["EUR 12", "EUR 13,50"], [12, 13.5]),
        (["-$5", "$-6", "+$7"], [-5, -6, 7]),
        (["1.5e3 m", "2 m"], [1500, 2]),
        (["1.234", "2.500"], [1.234, 2.5]),
        (["12A", "7B"], None),
        (["5 km", "300 m"], None),
        (["555-1234", "555-9876"], None),
        (["10.0.0.1", "192.168.0.1"], None),
        (["1,2,3", "4,5"], None),
        (["2021-03-01", "2021-03-02"], None),
        (["12", "13", "unknown"], None),
    ],
)
def test_amounts(cells, values):
    found = amounts(np.array(cells))
    if values is None:
        assert found is None
    else:
        assert found is not None
        np.testing.assert_allclose(found.values, values)


def test_a_stray_word_counts_as_missing_and_is_said():
    found = amounts(np.array([*map(str, range(60)), "not asked"]))
    assert found is not None
    assert np.isnan(found.values[-1])
    assert found.said == "not asked counted as missing"


@given(
    st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=20),
    st.sampled_from(["${:,}", "{:,} €", "{:,}", "{} %", "{:,.2f} kg", "CHF {:,}"]),
)
@settings(max_examples=60, deadline=None)
def test_what_is_written_is_read_back(numbers, form):
    found = amounts(np.array([form.format(number) for number in numbers]))
    assert found is not None
    np.testing.assert_allclose(found.values, numbers)


@pytest.mark.parametrize(
    "cells",
    [
        ("1 Mar 2021", "12 Apr 2020"),
        ("Mar 1, 2021", "Apr 12, 2020"),
        ("03/01/21", "04/12/20"),
        ("01.03.21", "12.04.20"),
        ("01-03-2021", "12-04-2020"),
        ("2021-03-01T00:00:00.000Z", "2020-04-12T00:00:00.000Z"),
        ("2021-03-01 00:00:00+00:00", "2020-04-12 00:00:00+00:00"),
    ],
)
def test_dates_as_people_write_them(cells):
    found = column_of("seen", pa.chunked_array([cells]))
    assert found is not None
    assert found.role == "date"
    assert found.values == pytest.approx([18687, 18364])
