"""Every reader on files that are cut or have a flipped bit: one line, or rows of finite shape.

In formats without a checksum (`.npy`, uncompressed Arrow, CSV, JSON lines, text) a flipped bit
inside a number gives another number, which nobody can notice; what is checked there is the shape.
"""

import gzip
import json
import struct
import zipfile

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import feather, parquet

from eigenscale.data import open_source
from eigenscale.errors import InputError

ROWS = np.random.default_rng(0).normal(size=(23, 4))
TABLE = pa.table({f"c{i}": ROWS[:, i] for i in range(4)})


def pictures(path):
    image = pytest.importorskip("PIL.Image")
    with zipfile.ZipFile(path, "w") as archive:
        for i in range(4):
            picture = np.random.default_rng(i).integers(0, 256, (6, 5), dtype=np.uint8)
            with archive.open(f"{i}.png", "w") as file:
                image.fromarray(picture).save(file, "png")


def idx(path):
    path.write_bytes(
        gzip.compress(struct.pack(">4B2I", 0, 0, 14, 2, *ROWS.shape) + ROWS.astype(">f8").tobytes())
    )


def hdf5(path):
    with pytest.importorskip("h5py").File(path, "w") as file:
        file["x"] = ROWS


def safetensors(path):
    pytest.importorskip("safetensors.numpy").save_file({"x": ROWS}, path)


WRITERS = {
    "images-idx2.gz": idx,
    "a.h5": hdf5,
    "a.safetensors": safetensors,
    "a.npy": lambda path: np.save(path, ROWS),
    "a.npz": lambda path: np.savez_compressed(path, x=ROWS),
    "a.csv": lambda path: path.write_text(
        "a,b,c,d\n" + "".join(",".join(map(repr, row)) + "\n" for row in ROWS.tolist())
    ),
    "a.parquet": lambda path: parquet.write_table(TABLE, path),
    "a.feather": lambda path: feather.write_feather(TABLE, path, compression="uncompressed"),
    "a.jsonl": lambda path: path.write_text(
        "".join(json.dumps(row) + "\n" for row in ROWS.tolist())
    ),
    "a.zip": pictures,
    "a.txt": lambda path: path.write_text("\n\n".join(f"one two three four {i}" for i in range(9))),
}


def outcome(path):
    """Read the rows, or give the message of a refusal."""
    try:
        return np.concatenate([np.array(b) for b in open_source(path).blocks(8)] or [np.empty(0)])
    except InputError as error:
        return str(error)


def test_a_broken_column_name_is_one_line(tmp_path):
    """Found by more examples than are run here: a name of the schema that Arrow cannot find."""
    path = tmp_path / "a.feather"
    WRITERS["a.feather"](path)
    whole = path.read_bytes()
    at = int(0.9565331167451149 * len(whole))
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 8]) + whole[at + 1 :])
    found = outcome(path)
    assert isinstance(found, str)
    assert "write it again" in found


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", WRITERS)
@settings(
    max_examples=80,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(-1, 7))
def test_cut_or_flipped_files(name, place, bit, tmp_path):
    path = tmp_path / name
    WRITERS[name](path)
    whole = path.read_bytes()
    at = int(place * len(whole))
    changed = whole[:at]
    if bit >= 0:
        changed += bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :]
    path.write_bytes(changed)
    found = outcome(path)
    if isinstance(found, str):
        assert "\n" not in found
        assert len(found) < 400
    else:
        assert found.ndim == 2 or found.size == 0
