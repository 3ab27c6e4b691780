"""Targets: what counts as classes, where they are read from, what is refused."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from eigenscale.data import as_target
from eigenscale.errors import InputError


def test_whole_numbers_and_text_are_classes_and_fractions_are_numbers():
    assert as_target([3, 1, 3]).classes == ("1", "3")
    assert as_target(["b", "a"]).classes == ("a", "b")
    assert as_target([True, False]).n_columns == 2
    assert as_target([0.5, 1.5]).classes is None
    assert as_target(np.eye(3)).n_columns == 3
    assert as_target([[1], [2]]).classes == ("1", "2")


def test_the_kind_can_be_said():
    np.testing.assert_array_equal(as_target([1, 2, 4], "numbers").rows(1, 3), [[2.0], [4.0]])
    assert as_target([1.0, 2.0, 1.0], "classes").n_columns == 2
    with pytest.raises(InputError, match="holds text"):
        as_target(["a", "b"], "numbers")


def test_files(tmp_path):
    labels = np.array([2, 0, 1, 0])
    np.save(tmp_path / "y.npy", labels)
    np.savez(tmp_path / "y.npz", images=np.ones((4, 2)), labels=labels)
    (tmp_path / "y.csv").write_text("label\n2\n0\n1\n0\n")
    (tmp_path / "bare.csv").write_text("2\n0\n1\n0\n")
    (tmp_path / "names.csv").write_text("label\ncat\nant\nbee\nant\n")
    parquet.write_table(pa.table({"label": labels}), tmp_path / "y.parquet")
    for name in ("y.npy", "y.npz", "y.npz:labels", "y.csv", "bare.csv", "names.csv", "y.parquet"):
        got = as_target(f"{tmp_path}/{name}")
        np.testing.assert_array_equal(got.rows(0, 4).argmax(axis=1), labels)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([1, 1, 1], "single class"),
        ([2.5, 2.5], "constant"),
        ([1.0, np.nan, np.inf], "2 values that are not finite, the first in row 2"),
        ([], "one target for each row"),
        (np.arange(5000), "5000 different labels"),
        (np.ones((2, 2), complex), "dtype complex128"),
        ("nowhere.npy", "does not exist"),
    ],
)
def test_bad_targets_are_one_line(target, message):
    with pytest.raises(InputError, match=message):
        as_target(target)
