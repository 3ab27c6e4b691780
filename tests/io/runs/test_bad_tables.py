"""Bad tables: each is one line that says the value, the rule and the mend."""

import numpy as np
import pytest

import eigenscale as es

GOOD = {"params": [1e8, 2e8, 4e8], "tokens": [1e9, 2e9, 4e9], "loss": [3.5, 3.1, 2.8]}

COLUMNS = [
    ({"loss": None}, "has no loss column; it has: params, tokens"),
    ({"loss": [3.5, "oops", 2.8]}, "'loss' for loss has 'oops' in row 2, which is not a number"),
    ({"params": ["1e8", "big", "1B"]}, "column 'params' for params has 'big' in row 2"),
    ({"tokens": ["1B", "2B", "4X"]}, "has '4X' in row 3"),
    ({"loss": [-np.inf, 3.1, 2.8]}, "loss has -inf in row 1"),
    ({"loss": [3.5, 0.0, 2.8]}, "loss has 0 in row 2"),
    ({"loss": [3.5, -0.1, 2.8]}, "loss has -0.1 in row 2"),
    ({"loss": [np.nan] * 3}, "(and 2 more rows)"),
    ({"params": [0, 2e8, 4e8]}, "params has 0 in row 1"),
    ({"params": [1e8, -2e8, 4e8]}, "params has -2e+08 in row 2; params must be positive"),
    ({"tokens": [1e9, 0, 4e9]}, "tokens has 0 in row 2"),
    ({"tokens": [1e9, np.nan, 4e9]}, "tokens is missing or NaN in row 2"),
    ({"tokens": [1e9, np.inf, 4e9]}, "tokens has inf in row 2"),
    ({"flops": [1e18, -1, 1e18]}, "flops has -1 in row 2"),
    ({"unique_tokens": [1e9, 0, 4e9]}, "unique_tokens has 0 in row 2"),
    ({"params": [1e8, 1e298, 4e8]}, "params has 1e+298 in row 2; params must be below 1e+60"),
    ({"params": [True, False, True]}, "holds true and false, not numbers"),
    ({"loss": [True, False, True]}, "holds true and false, not numbers"),
    ({"params": ["", "", ""]}, "params is missing or NaN in row 1 (and 2 more rows)"),
    ({"params": []}, "different lengths"),
]  # fmt: skip


@pytest.mark.parametrize(("columns", "said"), COLUMNS)
def test_bad_columns(columns, said):
    table = {k: v for k, v in {**GOOD, **columns}.items() if v is not None}
    with pytest.raises(es.InputError) as caught:
        es.read_runs(table)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


FILES = [
    ("empty.csv", b"", "the file is empty"),
    ("header.csv", b"params,tokens,loss\n", "has no rows"),
    ("ragged.csv", b"params,tokens,loss\n1,2\n", "cannot be read as a table of text"),
    ("twice.csv", b"params,loss,loss\n1,2,3\n", "two columns named 'loss'"),
    ("binary.csv", b"\x00\xff\xfe\x01" * 10, "binary.csv"),
    ("text.parquet", b"params,tokens,loss\n1,2,3\n", "cannot be read"),
    ("text.feather", b"params,tokens,loss\n1,2,3\n", "cannot be read"),
    ("broken.jsonl", b'{"params": 1, "loss"', "cannot be read as JSON"),
    ("broken.json", b"[1, 2", "cannot be read as JSON"),
    ("scalar.json", b"3", "scalar.json"),
    ("runs.xlsx", b"PK", "is not a whole Excel workbook"),
    ("runs", b"\x00\x01\x02", "files ending in '' are not known"),
    ("text.csv", b"hello world\n", "has no rows"),
    ("latin.csv", "params,tokens,l\xf6ss\n1,2,3\n".encode("latin-1"), "latin.csv"),
]


@pytest.mark.parametrize(("name", "content", "said"), FILES, ids=[f[0] for f in FILES])
def test_bad_files(tmp_path, name, content, said):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(es.InputError) as caught:
        es.read_runs(path)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(es.InputError, match="there is no such file; check the name"):
        es.read_runs(tmp_path / "no.csv")


@pytest.mark.parametrize("thing", [3, None, object(), [1, 2, 3], np.zeros(3)])
def test_what_is_not_a_table(thing):
    with pytest.raises(es.InputError, match="neither a path nor a dataframe"):
        es.read_runs(thing)


@pytest.mark.parametrize(
    ("units", "said"),
    [({"params": "X"}, "unit 'X' of params is not known"),
     ({"loss": "joules"}, "unit 'joules' of loss"),
     ({"color": "B"}, "units names 'color'"), ({"flops": "parsecs"}, "give one of PF-days")],
)  # fmt: skip
def test_bad_units(units, said):
    with pytest.raises(es.InputError, match=said):
        es.read_runs(GOOD, units=units)
