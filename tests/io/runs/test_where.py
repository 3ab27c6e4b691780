"""Rows chosen by conditions."""

import pytest

import eigenscale as es

TABLE = {"State": ["finished", "failed", "finished", "running"],
         "name": ["gpt-a", "b", "GPT-c", "d"],
         "params": [1e8, 2e8, 3e8, 4e8], "tokens": ["1B", "2B", "3B", "4B"],
         "loss": [4.0, 3.0, 2.5, 2.0]}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("State=finished", [1, 3]),
        ("State=finished,running", [1, 3, 4]),
        ("State!=finished", [2, 4]),
        ("State=finished,tokens>1e9", [3]),
        ("params<=2e8,State=finished,failed", [1, 2]),
        ("tokens>=3B,State~ing,fin", [3, 4]),
        ("name~gpt", [1, 3]),
    ],
)
def test_conditions(text, rows):
    assert es.read_runs(TABLE, where=text).rows.tolist() == rows


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("finished", "is not a pair; write name=value"),
        ("States=finished", "which is not in the table; it has: State, name"),
        ("State=done", "no row has State = 'done'; column 'State' has: failed, finished, running"),
        ("params>big", "which is not one number; write a number behind >"),
    ],
)
def test_bad_conditions_are_one_line(text, said):
    with pytest.raises(es.InputError, match=said):
        es.read_runs(TABLE, where=text)
