"""Array files stream by blocks, choose their member by role, and never unpickle."""

import contextlib

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source

ROWS = np.random.default_rng(0).normal(size=(37, 4))


def read(source, size=8):
    return np.concatenate([np.array(b) for b in source.blocks(size)])


@pytest.mark.parametrize(
    "array",
    [
        ROWS,
        ROWS.astype(np.float32),
        np.asfortranarray(ROWS),
        ROWS.astype(">f4"),
        (ROWS > 0),
        (100 * ROWS).astype(np.int16),
    ],
    ids=["float64", "float32", "fortran", "big-endian", "bool", "int16"],
)
@pytest.mark.parametrize("size", [1, 8, 100])
def test_npy_and_npz_read_as_written(array, size, tmp_path):
    np.save(tmp_path / "a.npy", array)
    np.savez(tmp_path / "a.npz", array)
    np.savez_compressed(tmp_path / "b.npz", x=array, labels=np.arange(37))
    for name in ("a.npy", "a.npz", "b.npz", "b.npz:x"):
        source = open_source(tmp_path / name)
        np.testing.assert_array_equal(read(source, size), array)
        assert (source.n_rows, source.n_columns) == (37, 4)
        assert all(len(block) <= size for block in source.blocks(size))


def test_images_become_rows_scaled_to_one(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (20, 5, 6, 3), dtype=np.uint8)
    np.save(tmp_path / "images.npy", images)
    for source in (open_source(tmp_path / "images.npy"), open_source(images)):
        np.testing.assert_allclose(read(source), images.reshape(20, -1) / 255, rtol=1e-6)
        assert source.notes == ("bytes read as images, scaled to 0…1",)


def test_iterators_and_heads():
    source = open_source(iter([ROWS[:5], ROWS[5:]]))
    assert source.once
    np.testing.assert_array_equal(read(source, 3), ROWS)
    np.testing.assert_array_equal(open_source(ROWS).head(9), ROWS[:9])
    with pytest.raises(InputError, match="chunk 2 has 3 columns where chunk 1 has 4"):
        read(open_source(iter([ROWS, ROWS[:, :3]])))
    with pytest.raises(InputError, match="gives no chunk"):
        open_source(iter([]))


def test_dataframes():
    import pandas as pd
    import polars as pl

    frame = pd.DataFrame(ROWS, columns=list("abcd"))
    np.testing.assert_array_equal(read(open_source(frame)), ROWS)
    np.testing.assert_array_equal(read(open_source(frame, columns=["b", "a"])), ROWS[:, [1, 0]])
    np.testing.assert_array_equal(read(open_source(pl.from_pandas(frame))), ROWS)


def test_masked_values_and_missing_whole_numbers_are_nan():
    import pandas as pd

    masked = np.ma.masked_array(ROWS, mask=np.arange(37 * 4).reshape(37, 4) % 31 == 0)
    np.testing.assert_array_equal(np.isnan(read(open_source(masked))), masked.mask)
    frame = pd.DataFrame({"a": pd.array([1, None, 3], dtype="Int64"), "b": [1.0, 2.0, 3.0]})
    np.testing.assert_array_equal(read(open_source(frame)), [[1, 1], [np.nan, 2], [3, 3]])
    frame["c"] = ["x", "y", "z"]
    with pytest.raises(InputError, match="in column 'c'; every column must hold numbers"):
        open_source(frame)


def test_pickles_are_refused_unread(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    np.save(tmp_path / "a.npy", np.array([[Trap()]], dtype=object), allow_pickle=True)
    np.savez(tmp_path / "a.npz", np.array([[Trap()]], dtype=object))
    for name in ("a.npy", "a.npz"):
        with pytest.raises(InputError, match="pickled Python objects"):
            read(open_source(tmp_path / name))
    assert not (tmp_path / "ran").exists()


def test_unclear_members_are_listed(tmp_path):
    np.savez(tmp_path / "a.npz", x=ROWS, z=ROWS)
    with pytest.raises(InputError, match=r"has members x, z; say which is the data, as a.npz:x"):
        open_source(tmp_path / "a.npz")
    with pytest.raises(InputError, match="no member 'q'; it has x, z"):
        open_source(f"{tmp_path}/a.npz:q")


@pytest.mark.parametrize("name", ["a.npy", "a.npz"])
def test_broken_files_give_one_line(name, tmp_path):
    """Cut anywhere, or any one byte changed: an error or the same numbers, nothing else."""
    path = tmp_path / name
    (np.save if name == "a.npy" else np.savez_compressed)(path, ROWS)
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    for cut in {0, 1, 5, 10, 60, 127, 128, 129, 500, len(whole) - 1}:
        path.write_bytes(whole[:cut])
        with pytest.raises(InputError) as caught:
            read(open_source(path))
        assert "\n" not in str(caught.value)
    for at in rng.integers(0, min(len(whole), 200), 100):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ (1 << rng.integers(8))]) + whole[at + 1 :])
        with contextlib.suppress(InputError):
            read(open_source(path))


def test_unknown_formats_and_folders(tmp_path):
    (tmp_path / "a.pkl").write_bytes(b"x")
    with pytest.raises(InputError, match="not known"):
        open_source(tmp_path / "a.pkl")
