import hashlib
import json
import math

import numpy as np
import pytest

import eigenscale as es
from eigenscale import frozen
from eigenscale.errors import InputError
from eigenscale.results import Interval, to_plain


def test_interval_from_draws_has_percentiles_and_standard_error():
    draws = np.random.default_rng(0).normal(3.0, 2.0, 200_000)
    interval = Interval.from_draws(3.0, draws, level=0.9)
    assert interval.low == pytest.approx(3 - 2 * 1.644854, abs=0.03)
    assert interval.high == pytest.approx(3 + 2 * 1.644854, abs=0.03)
    assert interval.se == pytest.approx(2.0, rel=0.01)


def test_interval_without_draws_says_so():
    interval = Interval.from_draws(1.0, [])
    assert math.isnan(interval.low)
    assert math.isnan(interval.high)
    assert "se" not in interval.to_dict()


def test_plain_form_is_json():
    thing = {"a": np.arange(2), "b": (np.inf, np.float32(1)), "c": Interval(1, 0, 2), "d": None}
    assert json.loads(json.dumps(to_plain(thing), allow_nan=False)) == {
        "a": [0, 1],
        "b": [None, 1.0],
        "c": {"value": 1, "low": 0, "high": 2, "level": 0.9},
        "d": None,
    }


@pytest.mark.parametrize(
    "fields",
    [
        {"$method": [{"$path": "victim"}, "unlink"]},
        {"$method": [{"$range": [0, 3, 1]}, "count"]},
        {"$named": ["eigenscale.laws.saving.saved", "save_fit"]},
        {"$named": ["eigenscale.writing", "whole_file"]},
        {"$partial": [{"$named": ["os", "system"]}, {"$tuple": ["true"]}, {}]},
        {"$thing": 1},
        {"$_init__": []},
    ],
)
def test_a_file_names_nothing_but_our_classes_and_formulas(fields, tmp_path):
    state = json.dumps(fields)
    held = {
        "format": f"{frozen.NAME}-{frozen.VERSION}",
        "class": "LawFit",
        "sha256": hashlib.sha256(state.encode()).hexdigest(),
        "result": {},
        "fields": fields,
    }
    path = tmp_path / "result.json"
    path.write_text(json.dumps(held))
    with pytest.raises(InputError, match="make it again"):
        es.load(path)
