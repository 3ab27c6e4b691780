"""NaN, infinity and missing values: counted and refused, or dropped and reported, in any format."""

import decimal
import gzip
import json
import struct

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.spectra.dimension.dimension import dimension
from eigenscale.spectra.features import ACTIVATIONS
from eigenscale.spectra.measure import measure
from eigenscale.spectra.subsets import measure_all

ROWS = np.random.default_rng(0).normal(size=(60, 5))
ROWS[3, 1], ROWS[7, 0], ROWS[7, 4], ROWS[50, 2] = np.nan, np.inf, -np.inf, np.nan
GOOD = ROWS[np.isfinite(ROWS).all(axis=1)]
SAID = (
    r"4 values that are NaN or infinity in 3 rows, the first in row 4, column 2; .*--missing drop"
)
GAPS = [[None if np.isnan(value) else value for value in row] for row in ROWS.tolist()]
TABLE = pa.table({name: pa.array([row[i] for row in GAPS]) for i, name in enumerate("abcde")})


def csv(path):
    cells = [["" if value is None else repr(value) for value in row] for row in GAPS]
    path.write_text("a,b,c,d,e\n" + "".join(",".join(row) + "\n" for row in cells))


def idx(path):
    data = struct.pack(">4B2I", 0, 0, 14, 2, *ROWS.shape) + ROWS.astype(">f8").tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def hdf5(path):
    with pytest.importorskip("h5py").File(path, "w") as file:
        file["x"] = ROWS


WRITERS = {
    "a.npy": lambda path: np.save(path, ROWS),
    "a.npz": lambda path: np.savez_compressed(path, ROWS),
    "a.csv": csv,
    "a.parquet": lambda path: parquet.write_table(TABLE, path),
    "lists.parquet": lambda path: parquet.write_table(pa.table({"e": pa.array(GAPS)}), path),
    "a.feather": lambda path: feather.write_feather(TABLE, path),
    "a.jsonl": lambda path: path.write_text("".join(json.dumps(row) + "\n" for row in GAPS)),
    "a-idx2": idx,
    "a-idx2.gz": idx,
    "a.h5": hdf5,
    "a.zarr": lambda path: pytest.importorskip("zarr").create_array(str(path), data=ROWS),
    "a.safetensors": lambda path: pytest.importorskip("safetensors.numpy").save_file(
        {"x": ROWS}, path
    ),
}


def dropped(spectrum):
    assert (spectrum.n_samples, spectrum.n_dropped, spectrum.n_read) == (57, 3, 60)
    return spectrum.eigenvalues


@pytest.mark.parametrize("name", WRITERS)
def test_every_format(name, tmp_path, capsys):
    WRITERS[name](tmp_path / name)
    with pytest.raises(InputError, match=SAID):
        measure(tmp_path / name)
    expected = measure(GOOD).eigenvalues
    np.testing.assert_allclose(dropped(measure(tmp_path / name, missing="drop")), expected)
    assert main(["spectrum", f"{tmp_path / name}", "--missing", "drop", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["n_dropped"] == 3
    assert "3 of 60 rows were not finite" in captured.err


def chunks():
    return iter([ROWS[:20], ROWS[20:]])


def lazy():
    return pytest.importorskip("dask.array").from_array(ROWS, chunks=(17, 3))


@pytest.mark.parametrize("make", [chunks, lazy])
def test_chunks_and_dask_arrays(make):
    with pytest.raises(InputError, match=SAID):
        measure(make())
    np.testing.assert_allclose(
        dropped(measure(make(), missing="drop")), measure(GOOD).eigenvalues, rtol=1e-10
    )


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_map_makes_infinity_finite(name):
    """tanh and erf of infinity are 1: bad rows must stay bad."""
    with pytest.raises(InputError, match=SAID):
        measure(ROWS, features=f"{name}:8")
    dropped(measure(ROWS, features=f"{name}:8", missing="drop"))
    with pytest.raises(InputError, match="in 3 rows, the first in row 4, column 1"):
        measure(ROWS, features=f"{name}:1:2")


def test_subsets_leave_the_same_rows_out():
    assert [s.n_samples for s in measure_all(ROWS, sizes=[20], missing="drop")][-1] == 57


def test_the_dimension_counts_and_drops_them():
    rows = np.concatenate([ROWS] * 3) + np.arange(180)[:, None]
    with pytest.raises(InputError, match="12 values that are NaN or infinity in 9 rows"):
        dimension(rows, 5)
    got = dimension(rows, 5, missing="drop", samples=100)
    assert (got.dropped, got.dimension.n_points) == (9, 100)


def test_gaps_in_columns_of_any_kind(tmp_path):
    gap = [None if i == 4 else i % 7 for i in range(40)]
    table = pa.table(
        {
            "whole": gap,
            "truth": [None if i == 9 else bool(i % 2) for i in range(40)],
            "decimal": [None if i == 11 else decimal.Decimal(i % 7) / 10 for i in range(40)],
        }
    )
    parquet.write_table(table, tmp_path / "a.parquet")
    lists = [None if i == 3 else [float(i), i * i % 5.0] for i in range(40)]
    parquet.write_table(pa.table({"e": lists}), tmp_path / "lists.parquet")
    with pytest.raises(InputError, match="3 values that are NaN in 3 rows, the first in row 5"):
        measure(tmp_path / "a.parquet")
    with pytest.raises(InputError, match="2 values that are NaN in 1 rows, the first in row 4"):
        measure(tmp_path / "lists.parquet")
    assert measure(tmp_path / "a.parquet", missing="drop").n_samples == 37
    assert measure(tmp_path / "lists.parquet", missing="drop").n_samples == 39


@pytest.mark.parametrize("scheduler", [None, "threads"])
def test_rows_without_a_target_are_dropped_too(scheduler):
    if scheduler:
        pytest.importorskip("dask")
    labels = [None if i == 5 else "ab"[i % 2] for i in range(60)]
    got = measure(ROWS, labels, missing="drop", scheduler=scheduler)
    assert (got.n_samples, got.n_dropped) == (56, 4)
    keep = np.isfinite(ROWS).all(axis=1) & (np.arange(60) != 5)
    expected = measure(ROWS[keep], np.array(["ab"[i % 2] for i in range(60)])[keep])
    np.testing.assert_allclose(got.target_power, expected.target_power)
    assert "1 rows have no target and are left out" in got.notes
    with pytest.raises(InputError, match="target has 1 values that are missing"):
        measure(GOOD, labels[:57])
