"""Targets: what counts as classes, where they are read from, what is refused."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from eigenscale.errors import InputError
from eigenscale.io.data.targets import as_target


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
    (tmp_path / "y.tsv").write_text("label\n2\n0\n1\n0\n")
    parquet.write_table(pa.table({"label": labels}), tmp_path / "y.parquet")
    feather.write_feather(pa.table({"label": labels}), tmp_path / "y.feather")
    names = ["y.npy", "y.npz", "y.npz:labels", "y.csv", "y.tsv", "bare.csv", "names.csv"]
    names += ["y.parquet", "y.feather"]
    for name in names:
        got = as_target(f"{tmp_path}/{name}")
        np.testing.assert_array_equal(got.rows(0, 4).argmax(axis=1), labels)


def test_targets_beside_the_data_in_a_store(tmp_path):
    with pytest.importorskip("h5py").File(tmp_path / "a.h5", "w") as file:
        file["x"], file["labels"] = np.ones((4, 2)), np.array([2, 0, 1, 0])
    for name in ("a.h5", "a.h5:labels"):
        assert as_target(f"{tmp_path}/{name}").classes == ("0", "1", "2")


@pytest.mark.parametrize("name", ["y.csv", "words.csv", "y.parquet", "words.parquet", "list"])
def test_missing_targets_are_counted_or_marked_and_the_kind_stays(name, tmp_path):
    """A column of whole numbers with a gap is still classes, and a gap is not a class."""
    numbers, words = [2, None, 1, 2], ["b", None, "a", "b"]
    parquet.write_table(pa.table({"y": numbers}), tmp_path / "y.parquet")
    parquet.write_table(pa.table({"y": words}), tmp_path / "words.parquet")
    (tmp_path / "y.csv").write_text('y\n2\n""\n1\n2\n')
    (tmp_path / "words.csv").write_text('y\nb\n""\na\nb\n')
    target = words if name == "list" else tmp_path / name
    with pytest.raises(
        InputError, match=r"1 values that are missing .* in 1 rows, the first in row 2"
    ):
        as_target(target)
    got = as_target(target, missing="drop")
    assert got.classes in (("1", "2"), ("a", "b"))
    np.testing.assert_array_equal(got.absent, [False, True, False, False])
    np.testing.assert_array_equal(got.values[~got.absent], [1, 0, 1])


def test_cut_targets_are_one_line(tmp_path):
    parquet.write_table(pa.table({"y": [1, 2, 1]}), tmp_path / "y.parquet")
    whole = (tmp_path / "y.parquet").read_bytes()
    (tmp_path / "y.parquet").write_bytes(whole[:-9])
    with pytest.raises(InputError, match="cannot be read"):
        as_target(tmp_path / "y.parquet")


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ([1, 1, 1], "single class"),
        ([2.5, 2.5], "constant"),
        (
            [1.0, np.nan, np.inf],
            "2 values that are missing or not finite in 2 rows, the first in row 2",
        ),
        ([], "one target for each row"),
        ([f"c{i}" for i in range(5000)], "5000 different labels"),
        (np.ones((2, 2), complex), "dtype complex128"),
        ("nowhere.npy", "does not exist"),
    ],
)
def test_bad_targets_are_one_line(target, message):
    with pytest.raises(InputError, match=message):
        as_target(target)


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        (np.arange(4000), False),  # a number of its own in each row
        (np.arange(3000) % 72 + 18, False),  # ages
        (np.arange(3000) % 100, True),  # a hundred classes
        (np.arange(3000) % 100 + 1, True),
        (np.arange(300) % 100, False),  # three rows of each
        (np.arange(300) % 6 + 3, True),  # a mark from 3 to 8
        ([f"${1000 + 7 * i:,}" for i in range(200)], False),
        (["5 mg", "10 mg"] * 50, True),
        ([f"{i / 10:.1f} %" for i in range(100)], False),
    ],
)
def test_whole_numbers_and_amounts_are_classes_only_where_they_name_classes(target, classes):
    assert (as_target(target).classes is not None) == classes
    assert as_target(target, "classes").classes is not None
    assert as_target(target, "numbers").classes is None
