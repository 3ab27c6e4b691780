"""A pass that is killed goes on where it was, to the same bits, and never on other data."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import eigenscale
from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.spectra.measure import measure
from eigenscale.spectra.moments import checkpoint as checkpoints
from eigenscale.spectra.moments.accumulate import Accumulator
from eigenscale.spectra.moments.checkpoint import rows_saved
from eigenscale.spectra.subsets import measure_all

RNG = np.random.default_rng(0)
ROWS = (RNG.normal(size=(20_000, 260)) * np.arange(1.0, 261) ** -1.1 + 3).astype(np.float32)
LABELS = RNG.integers(0, 3, len(ROWS))


@pytest.fixture
def data(tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", ROWS)
    np.save(tmp_path / "y.npy", LABELS)
    monkeypatch.setattr(checkpoints, "SECONDS", 0.0)  # save after every block
    return tmp_path


SOURCE = Path(eigenscale.__file__).parents[1]


class StoppedError(Exception):
    pass


def stop_after(rows):
    def progress(done, total):
        if done >= rows:
            raise StoppedError

    return progress


def same(a, b):
    np.testing.assert_array_equal(a.eigenvalues, b.eigenvalues)
    np.testing.assert_array_equal(a.moments.scatter, b.moments.scatter)
    np.testing.assert_array_equal(a.mean, b.mean)
    if a.target_power is not None:
        np.testing.assert_array_equal(a.target_power, b.target_power)


def written(path, kind):
    """The rows in a format; rows end in the middle of blocks, row groups and images."""
    if kind == "npy":
        np.save(path, ROWS)
    elif kind == "npz":
        np.savez(path, rows=ROWS)
    elif kind == "fortran.npy":
        np.save(path, np.asfortranarray(ROWS))
    elif kind == "csv":
        np.savetxt(path, ROWS[:4000], delimiter=",", header=",".join(f"c{i}" for i in range(260)))
    elif kind == "parquet":
        import pyarrow as pa
        from pyarrow import parquet

        table = pa.table({"v": list(ROWS[:9000])})
        parquet.write_table(table, path, row_group_size=700)
    elif kind == "arrow":
        import pyarrow as pa

        table = pa.table({f"c{i}": ROWS[:, i] for i in range(260)})
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=1500)
    elif kind == "h5":
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            file["rows"] = ROWS
    elif kind == "zarr":
        zarr = pytest.importorskip("zarr")
        zarr.save(str(path), ROWS)
    return path


@pytest.mark.parametrize(
    "kind", ["npy", "npz", "fortran.npy", "csv", "parquet", "arrow", "h5", "zarr"]
)
def test_every_format_goes_on_with_the_same_bits(kind, data):
    path, file = written(data / f"rows.{kind}", kind), data / "pass.ckpt"
    whole = measure(path)
    with pytest.raises(StoppedError):
        measure(path, checkpoint=file, progress=stop_after(3000))
    assert 0 < rows_saved(file) < whole.n_samples
    same(measure(path, checkpoint=file), whole)
    assert not file.exists()


@pytest.mark.parametrize("start", [0, 1, 699, 700, 701, 5000])
@pytest.mark.parametrize("kind", ["npy", "parquet", "arrow"])
def test_a_reader_begins_at_any_row(kind, start, data):
    source = open_source(written(data / f"rows.{kind}", kind))
    rows = np.concatenate([block.copy() for block in source.blocks_from(1024, start)])
    np.testing.assert_array_equal(rows, ROWS[start : start + len(rows)])
    assert len(rows) == {"parquet": 9000}.get(kind, 20_000) - start


def test_patches_begin_at_any_row():
    images = RNG.integers(0, 256, (50, 9, 6), dtype=np.uint8)
    source = open_source(images, patches=3)
    whole = np.concatenate([*source.blocks(10)])
    for start in (0, 1, 5, 6, 100):
        part = np.concatenate([*source.blocks_from(10, start)])
        np.testing.assert_array_equal(part, whole[start:])


@pytest.mark.parametrize("rows", [1500, 12_000])
def test_target_features_and_subsets_go_on_too(rows, data):
    options = {"features": "relu:140", "missing": "drop", "rng": 3}
    paths = (data / "x.npy", data / "y.npy")
    whole = measure_all(*paths, [500, 2000], **options)
    file = data / "pass.ckpt"
    with pytest.raises(StoppedError):
        measure_all(*paths, [500, 2000], **options, checkpoint=file, progress=stop_after(rows))
    for one, other in zip(
        measure_all(*paths, [500, 2000], **options, checkpoint=file), whole, strict=True
    ):
        same(one, other)


def test_bad_rows_are_still_counted(data):
    rows = ROWS.copy()
    rows[[5, 700, 15_000], [1, 2, 3]] = np.nan, np.inf, np.nan
    np.save(data / "bad.npy", rows)
    file = data / "pass.ckpt"
    with pytest.raises(StoppedError):
        measure(data / "bad.npy", missing="drop", checkpoint=file, progress=stop_after(4000))
    got = measure(data / "bad.npy", missing="drop", checkpoint=file)
    assert (got.n_read, got.n_dropped, got.n_samples) == (20_000, 3, 19_997)
    with pytest.raises(StoppedError):
        measure(data / "bad.npy", checkpoint=file, progress=stop_after(4000))
    with pytest.raises(InputError, match=r"3 values .* in 3 rows, the first in row 6, column 2"):
        measure(data / "bad.npy", checkpoint=file)
    assert not file.exists()


def test_sums_do_not_depend_on_the_chunks_in_any_bit():
    edges = np.sort(RNG.integers(0, len(ROWS), 40))
    one, many = (Accumulator(260, 0, ROWS.dtype) for _ in range(2))
    one.add(ROWS)
    for part in np.split(ROWS, edges):
        many.add(part)
    np.testing.assert_array_equal(one.moments().scatter, many.moments().scatter)


def test_a_state_after_a_new_pilot_comes_back(data):
    rows = ROWS.copy()
    rows[9000:] += 100  # far from the first pilot mean
    np.save(data / "far.npy", rows)
    whole, file = measure(data / "far.npy"), data / "pass.ckpt"
    with pytest.raises(StoppedError):
        measure(data / "far.npy", checkpoint=file, progress=stop_after(12_000))
    same(measure(data / "far.npy", checkpoint=file), whole)


PROGRAM = """
import sys, time
from eigenscale.cli import app
from eigenscale.io.formats import arrays
from eigenscale.spectra.moments import checkpoint
from eigenscale.spectra.moments import collect

checkpoint.SECONDS = 0.0
add = collect.Pass.add

def slowly(self, block):
    add(self, block)
    time.sleep(0.05)

collect.Pass.add = slowly
sys.exit(app.main(["spectrum", "x.npy", "--target", "y.npy", "--checkpoint", "c", "--json"]))
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_process_that_is_killed(number, data):
    """A real process, killed in the middle; the same command gives what it would have given."""
    file, environment = data / "c", os.environ | {"PYTHONPATH": str(SOURCE)}
    begin = {"cwd": data, "env": environment, "text": True, "stdout": -1, "stderr": -1}
    victim = subprocess.Popen([sys.executable, "-c", PROGRAM], **begin)
    for _ in range(600):
        if file.exists() and rows_saved(file) > 3000:
            break
        time.sleep(0.05)
    victim.send_signal(number)
    _, errors = victim.communicate(timeout=60)
    saved = rows_saved(file)
    assert 3000 < saved < len(ROWS)
    if number == signal.SIGINT:
        assert victim.returncode == 130
        assert errors.splitlines()[-1] == (
            f"stopped after {saved:,} rows, which c holds; the same command goes on from there"
        )
    last = subprocess.run([sys.executable, "-c", PROGRAM], **begin, check=True)
    assert f"c holds {saved:,} rows; going on from there" in last.stderr
    whole = measure(data / "x.npy", data / "y.npy")
    found = json.loads(last.stdout)
    assert found["eigenvalues"] == whole.eigenvalues.tolist()
    assert found["target_power"] == whole.target_power.tolist()
    assert not file.exists()


def begun(data, **options):
    file = data / "pass.ckpt"
    with pytest.raises(StoppedError):
        measure(data / "x.npy", checkpoint=file, progress=stop_after(3000), **options)
    return file


def test_other_data_or_options_are_refused(data):
    file = begun(data, features="relu:140")
    with pytest.raises(
        InputError, match="begun with scaling 140 random relu features, 1 deep where it is now"
    ):
        measure(data / "x.npy", checkpoint=file)
    with pytest.raises(InputError, match="begun with seed 0 where it is now 1"):
        measure(data / "x.npy", features="relu:140", rng=1, checkpoint=file)
    with pytest.raises(InputError, match="begun with missing refuse where it is now drop"):
        measure(data / "x.npy", features="relu:140", missing="drop", checkpoint=file)
    with pytest.raises(InputError, match="begun with target shape absent where it is now"):
        measure(data / "x.npy", data / "y.npy", features="relu:140", checkpoint=file)
    file.unlink()
    file = begun(data)
    np.save(data / "x.npy", ROWS[::-1])
    with pytest.raises(InputError, match=r"begun with data changed .* or remove it to begin anew"):
        measure(data / "x.npy", checkpoint=file)


def test_arrays_are_known_by_what_they_hold(data):
    file = data / "pass.ckpt"
    with pytest.raises(StoppedError):
        measure(ROWS, LABELS, checkpoint=file, progress=stop_after(3000))
    other = ROWS.copy()
    other[-1, -1] += 1
    with pytest.raises(InputError, match="data content"):
        measure(other, LABELS, checkpoint=file)
    with pytest.raises(InputError, match="target content"):
        measure(ROWS, LABELS[::-1], checkpoint=file)
    same(measure(ROWS, LABELS, checkpoint=file), measure(ROWS, LABELS))


def test_what_cannot_be_taken_up_is_refused_in_one_line(data):
    with pytest.raises(InputError, match="can be read one time only"):
        measure(iter([ROWS]), checkpoint=data / "c")
    with pytest.raises(InputError, match="cannot be written"):
        measure(ROWS, checkpoint=data / "nowhere" / "c")
    for text in (b"", b"notes", b"PK\x03\x04 cut short"):
        (data / "c").write_bytes(text)
        with pytest.raises(InputError, match="c is not a whole checkpoint"):
            measure(ROWS, checkpoint=data / "c")
    assert (data / "c").read_bytes() == b"PK\x03\x04 cut short"
