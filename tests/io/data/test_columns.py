"""A target that is a column of the data."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pytest

from eigenscale.errors import InputError
from eigenscale.io.data.columns import settle
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import as_target
from eigenscale.spectra.measure import measure

ROWS = np.arange(40.0).reshape(20, 2) ** 1.5
LABELS = ["cat", "dog"] * 10


@pytest.fixture
def frame():
    return pd.DataFrame({"a": ROWS[:, 0], "label": LABELS, "b": ROWS[:, 1]})


def written(frame, folder, kind):
    path = folder / f"table.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    elif kind == "tsv":
        frame.to_csv(path, index=False, sep="\t")
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "feather":
        frame.to_feather(path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in frame.to_dict("records")))
    return path


KINDS = ["csv", "tsv", "parquet", "feather", "jsonl"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("full", [False, True])
def test_a_column_is_target_and_no_input(kind, full, frame, tmp_path):
    path = written(frame, tmp_path, kind)
    target, columns = settle(str(path), f"{path}:label" if full else "label")
    assert columns == ["a", "b"]
    np.testing.assert_allclose(open_source(path, columns).head(20), ROWS)
    read = as_target(target)
    assert read.classes == ("cat", "dog")
    assert read.name == f"{path.name}:label"
    np.testing.assert_array_equal(read.values, [0, 1] * 10)


@pytest.mark.parametrize("kind", KINDS)
def test_a_column_of_another_table(kind, frame, tmp_path):
    other = written(frame, tmp_path, kind)
    np.save(tmp_path / "rows.npy", ROWS)
    target, columns = settle(tmp_path / "rows.npy", f"{other}:b")
    assert columns is None
    np.testing.assert_allclose(as_target(target).values[:, 0], ROWS[:, 1])
    with pytest.raises(InputError, match="'c'"):
        as_target(f"{other}:c")


@pytest.mark.parametrize("library", [pd, pl])
def test_a_column_of_a_dataframe(library, frame):
    table = frame if library is pd else pl.from_pandas(frame)
    by_name = measure(table, "label")
    by_hand = measure(ROWS, LABELS)
    assert by_name.n_inputs == 2
    np.testing.assert_array_equal(by_name.eigenvalues, by_hand.eigenvalues)
    np.testing.assert_array_equal(by_name.target_power, by_hand.target_power)
    with pytest.raises(InputError, match="neither a file nor a column of the dataframe"):
        measure(table, "lable")


def test_embeddings_in_one_list_column(tmp_path):
    pd.DataFrame({"id": range(20), "x": [*ROWS], "y": LABELS}).to_parquet(tmp_path / "t.parquet")
    spectrum = measure(tmp_path / "t.parquet", "y")
    np.testing.assert_allclose(spectrum.eigenvalues, measure(ROWS, LABELS).eigenvalues)


@pytest.mark.parametrize(
    ("target", "columns", "words"),
    [
        ("lable", None, "neither a file nor a column of table.csv, which has a, label, b"),
        ("{path}", None, "is the data themselves; name the column"),
        ("{path}:lable", None, "neither a file nor a column"),
        ("label", ["a", "label"], "among the inputs too"),
    ],
)
def test_what_cannot_be_is_said(target, columns, words, frame, tmp_path):
    path = written(frame, tmp_path, "csv")
    with pytest.raises(InputError, match=words):
        settle(str(path), target.format(path=path), columns)


def test_files_and_arrays_stay_what_they_are(frame, tmp_path, monkeypatch):
    path = written(frame, tmp_path, "csv")
    monkeypatch.chdir(tmp_path)
    np.save(tmp_path / "label.npy", np.arange(20.0))
    assert settle(path, "label.npy") == ("label.npy", None)
    assert settle(path, LABELS) == (LABELS, None)
    assert settle(ROWS, "label.npy") == ("label.npy", None)
    with pytest.raises(InputError, match="only column"):
        settle(written(frame[["a"]], tmp_path, "parquet"), "a")


def test_numbered_columns_are_names_for_the_target_too(tmp_path):
    path = tmp_path / "numbered.csv"
    pd.DataFrame(np.c_[ROWS, ROWS[:, 0] - ROWS[:, 1]]).to_csv(path, index=False)
    target, columns = settle(str(path), "2")
    assert columns == ["0", "1"]
    np.testing.assert_allclose(as_target(target).values[:, 0], ROWS[:, 0] - ROWS[:, 1])
