"""Fields computed from several columns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eigenscale as es
from eigenscale.io.curves.read import read_curves
from eigenscale.io.look import look
from eigenscale.io.tables.expressions import evaluate, names_in

TABLE = {
    "n.transformer": [9e6, 9e7, 4e8],
    "lm head": [1e6, 1e6, 2e6],
    "steps": [1e3, 2e3, 4e3],
    "batch": [64.0, 64.0, 128.0],
    "seq": [1024.0] * 3,
    "val/loss": [4.5, 3.9, 3.2],
    "tag": ["a", "b", "c"],
}


def test_products_and_sums_are_read_as_written():
    runs = es.read_runs(TABLE, {"tokens": "steps*batch*seq", "params": "n.transformer + lm head"})
    assert runs.tokens.tolist() == [1e3 * 64 * 1024, 2e3 * 64 * 1024, 4e3 * 128 * 1024]
    assert runs.params.tolist() == [1e7, 9.1e7, 4.02e8]
    assert runs.recognised["tokens"] == "steps*batch*seq"
    assert runs.recognised["steps"] == "steps"
    assert runs.steps.tolist() == TABLE["steps"]


def test_backticks_powers_and_numbers():
    runs = es.read_runs(TABLE, {"params": "(`lm head`*2)**2/4e0", "tokens": "-steps*-1e6"})
    assert runs.params.tolist() == [1e12, 1e12, 4e12]
    assert runs.tokens.tolist() == [1e9, 2e9, 4e9]


def test_a_column_of_that_name_goes_before_arithmetic():
    runs = es.read_runs({"a-b": [1e9, 2e9], "a": [5e9, 6e9], "loss": [3.0, 2.9]}, {"tokens": "a-b"})
    assert runs.tokens.tolist() == [1e9, 2e9]


def test_sizes_with_letters_are_read():
    runs = es.read_runs(
        {"body": ["10M", "1.2B"], "head": ["1M", "0.1B"], "loss": [3.0, 2.5]},
        {"params": "body+head"},
    )
    assert np.allclose(runs.params, [1.1e7, 1.3e9])


def test_a_unit_in_a_name_is_said_and_not_applied():
    table = {"tokens (B)": [1.0, 2.0], "params": [1e8, 2e8], "loss": [3.0, 2.5]}
    runs = es.read_runs(table, {"tokens": "`tokens (B)`*1e9"})
    assert runs.tokens.tolist() == [1e9, 2e9]
    assert any("count as they are written" in text for text in runs.warnings)


def test_units_apply_to_the_result():
    table = {"a": [1.0, 2.0], "params": [1e8, 2e8], "loss": [3.0, 2.5]}
    assert es.read_runs(table, {"tokens": "2*a"}, units={"tokens": "B"}).tokens.tolist() == [
        2e9,
        4e9,
    ]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"tokens": "steps*batches"}, "tokens=steps.*no column 'batches'; it has: n.transformer"),
        ({"tokens": "steps*"}, "no arithmetic; an expression has column names"),
        ({"tokens": "steps.__class__*2"}, "no column 'steps.__class__'"),
        ({"tokens": "(lambda: 1)(steps)"}, "no column 'lambda'"),
        ({"tokens": "steps(2)"}, "no arithmetic"),
        ({"tokens": "steps//2"}, "no arithmetic"),
        ({"tokens": "steps*tag"}, "column 'tag' for tokens has 'a' in row 1"),
        ({"tokens": "2*3"}, "names no column; write the number itself"),
        ({"seed": "steps*2"}, "seed holds labels"),
        ({"tokens": "`steps"}, "backtick without an end"),
        ({"tokens": "(" * 300 + "steps" + ")" * 300}, "is too long"),
    ],
)
def test_what_is_no_arithmetic_is_refused_in_one_line(columns, message):
    with pytest.raises(es.InputError, match=message) as caught:
        es.read_runs(TABLE, columns)
    assert "\n" not in str(caught.value)


def test_a_result_keeps_the_rules_of_its_field():
    table = {"a": [1.0, 2.0], "loss": [3.0, 2.9]}
    for text, found in (("a-1", "has 0 in row 1"), ("1/(a-1)", "has inf in row 1")):
        with pytest.raises(es.InputError, match=found):
            es.read_runs(table, {"tokens": text})


def test_a_name_with_two_meanings_asks_for_backticks():
    table = {"a": [1e9], "b": [2.0], "a-b": [3e9], "loss": [3.0]}
    with pytest.raises(es.InputError, match="put the names between backticks"):
        es.read_runs(table, {"tokens": "2*a-b"})
    assert es.read_runs(table, {"tokens": "2*`a-b`"}).tokens.tolist() == [6e9]


def test_curves_and_looks_know_expressions(tmp_path):
    path = tmp_path / "curve.csv"
    path.write_text("it,k,lr,nll\n1,10,1e-3,3\n2,10,1e-3,2.8\n3,10,1e-3,2.7\n")
    curve = read_curves(path, {"step": "it*k", "loss": "nll"})[0]
    assert curve.steps.tolist() == [10, 20, 30]
    runs = tmp_path / "runs.csv"
    runs.write_text("a,b,steps,loss\n1e6,1e6,10,3\n2e6,1e6,10,2.8\n")
    seen = look(runs, columns={"params": "a+b"})
    assert [c["role"] for c in seen.columns if c["name"] == "a+b"] == ["params"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=3), st.integers(-3, 3))
def test_arithmetic_is_that_of_python(numbers, power):
    a, b, c = numbers
    text = f"({a!r} + x) * y ** {power} - z / {c!r}"
    plain, names = names_in(text, ["x", "y", "z"])
    found = evaluate(plain, {f"_{i}": np.array([b]) for i in range(len(names))})
    assert found[0] == pytest.approx((a + b) * b**power - b / c)
