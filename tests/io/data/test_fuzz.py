"""Every reader on files that are cut or have a flipped bit: one line or the truth, and in time.

Where a format keeps checksums a flipped bit is an error or changes nothing. Where it keeps none
(`.npy`, raw IDX, safetensors, CSV, JSON lines, text, and the tables of old HDF5, Arrow and zarr)
a bit inside a number gives another number, which nobody can notice; there the shape must hold.
A file that is cut is an error, but for lines of text, which are whole up to the cut: a last line
without an end is said, and a cut between two lines leaves a shorter file like any other.

``EIGENSCALE_FUZZ=2000 python -m pytest tests/io/data/test_fuzz.py`` tries more.
"""

import gzip
import json
import os
import shutil
import signal
import struct
import zipfile
from contextlib import contextmanager

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import feather, parquet

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source

ROWS = np.random.default_rng(0).normal(size=(23, 4))
TABLE = pa.table({f"c{i}": ROWS[:, i] for i in range(4)})
LISTS = pa.table({"e": pa.array(ROWS.tolist())})
EXAMPLES = int(os.environ.get("EIGENSCALE_FUZZ", "40"))
SECONDS = 10


def lines(make):
    return lambda path: path.write_text("".join(make(row) + "\n" for row in ROWS.tolist()))


def csv(path):
    lines(lambda row: ",".join(map(repr, row)))(path)
    path.write_text("a,b,c,d\n" + path.read_text())


def picture(i):
    return np.random.default_rng(i).integers(0, 256, (6, 5), dtype=np.uint8)


def pictures(path):
    image = pytest.importorskip("PIL.Image")
    path.mkdir()
    for i in range(3):
        image.fromarray(picture(i)).save(path / f"{i}.png")


def packed(path):
    pictures(folder := path.with_suffix(""))
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)
    shutil.rmtree(folder)


def idx(path):
    data = struct.pack(">4B2I", 0, 0, 14, 2, *ROWS.shape) + ROWS.astype(">f8").tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def arrow(table):
    def write(path):
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as out:
            out.write_table(table, max_chunksize=8)

    return write


def hdf5(libver=None, **options):
    def write(path):
        with pytest.importorskip("h5py").File(path, "w", libver=libver) as file:
            file.create_dataset("x", data=ROWS, **options)

    return write


def zarr(**options):
    def write(path):
        library = pytest.importorskip("zarr")
        if path.suffix == ".zip":
            with library.storage.ZipStore(path, mode="w") as store:
                library.create_array(store, data=ROWS, chunks=(5, 4))
        else:
            library.create_array(str(path), data=ROWS, chunks=(5, 4), **options)

    return write


def zarr_with_sums(path):
    pytest.importorskip("zarr")
    from zarr.codecs import Crc32cCodec

    zarr(compressors=[Crc32cCodec()])(path)


def sparse(path):
    from scipy.sparse import csr_array, save_npz

    save_npz(path, csr_array(ROWS))


def safetensors(path):
    pytest.importorskip("safetensors.numpy").save_file({"x": ROWS}, path)


CHECKED = {
    "compressed.npz": lambda path: np.savez_compressed(path, x=ROWS),
    "stored.npz": lambda path: np.savez(path, x=ROWS),
    "columns first.npz": lambda path: np.savez(path, x=np.asfortranarray(ROWS)),
    "sparse.npz": sparse,
    "numbers-idx2.gz": idx,
    "pages.parquet": lambda path: parquet.write_table(
        TABLE, path, row_group_size=8, write_page_checksum=True
    ),
    "lists.parquet": lambda path: parquet.write_table(
        LISTS, path, row_group_size=8, write_page_checksum=True
    ),
    "latest.h5": hdf5("latest", chunks=(5, 4), fletcher32=True),
    "pictures": pictures,
    "pictures.zip": packed,
    "packed zarr.zip": zarr(),
    "sums.zarr": zarr_with_sums,
}
PLAIN = {
    "plain.npy": lambda path: np.save(path, ROWS),
    "columns first.npy": lambda path: np.save(path, np.asfortranarray(ROWS)),
    "numbers-idx2": idx,
    "plain.parquet": lambda path: parquet.write_table(TABLE, path, row_group_size=8),
    "numbers.arrow": arrow(TABLE),
    "lists.arrow": arrow(LISTS),
    "plain.feather": lambda path: feather.write_feather(TABLE, path, "uncompressed", chunksize=8),
    "packed.feather": lambda path: feather.write_feather(TABLE, path, "zstd", chunksize=8),
    "whole.h5": hdf5(),
    "chunks.h5": hdf5(chunks=(5, 4), compression="gzip", fletcher32=True),
    "plain.zarr": zarr(),
    "plain.safetensors": safetensors,
}
LINES = {
    "numbers.csv": csv,
    "lists.jsonl": lines(json.dumps),
    "objects.jsonl": lines(lambda row: json.dumps(dict(zip("abcd", row, strict=True)))),
    "paragraphs.txt": lines(lambda row: f"words by the row, {row[0]:.3f}, and more\n"),
    "texts.jsonl": lines(lambda row: json.dumps({"text": f"words by the row, {row[0]:.3f}"})),
}
SURE = CHECKED | PLAIN
ODD = "may have been cut"


@contextmanager
def in_time(name):
    """Fail where a reader goes on and on."""

    def late(*_):
        pytest.fail(f"{name} was still read after {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def outcome(path):
    """Rows and notes, or the one line of a refusal and None."""
    with in_time(path.name):
        try:
            source = open_source(path)
            blocks = [np.array(block) for block in source.blocks(8)]
        except InputError as error:
            message = str(error)
            assert "\n" not in message
            assert 20 < len(message) < 400
            return message, None
    return np.concatenate(blocks or [np.empty((0, source.n_columns))]), source.notes


def damage(path, place, change):
    """Change the bytes of a file, or of one file of a folder, at a share `place` of them all."""
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    files = [file for file in files if file.name != "zarr.json" or path.name == "plain.zarr"]
    wholes = [file.read_bytes() for file in files]
    at = int(place * sum(map(len, wholes)))
    for file, whole in zip(files, wholes, strict=True):
        if at < len(whole):
            file.write_bytes(change(whole, at))
            return file, whole, at
        at -= len(whole)
    raise AssertionError("no byte there")


def flipped(bit):
    return lambda whole, at: whole[:at] + bytes([whole[at] ^ (1 << bit)]) + whole[at + 1 :]


def cut(whole, at):
    return whole[:at]


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """Write each file once; give it with its rows."""
    kept = {}

    def find(name):
        if name not in kept:
            path = tmp_path_factory.mktemp("whole") / name
            (SURE | LINES)[name](path)
            kept[name] = path, outcome(path)[0]
        return kept[name]

    return find


fuzzed = settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
places, bits = st.floats(0, 1, exclude_max=True), st.integers(0, 7)


@contextmanager
def damaged(path, place, change):
    """Read the damaged file, and mend it again."""
    file, whole, at = damage(path, place, change)
    try:
        yield outcome(path), whole, at
    finally:
        file.write_bytes(whole)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", CHECKED)
@fuzzed
@given(place=places, bit=bits)
def test_checksums_are_heeded(name, place, bit, written):
    path, rows = written(name)
    with damaged(path, place, flipped(bit)) as ((found, notes), _, _):
        if notes is not None:
            np.testing.assert_array_equal(found, rows)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", PLAIN)
@fuzzed
@given(place=places, bit=bits)
def test_without_checksums_the_shape_holds(name, place, bit, written):
    path, rows = written(name)
    with damaged(path, place, flipped(bit)) as ((found, notes), _, _):
        if notes is None:
            return
        assert found.dtype.kind in "fiub"
        if not name.endswith(("zarr", "h5")):  # there the shape itself has no sum
            assert found.shape == rows.shape


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", LINES)
@fuzzed
@given(place=places, bit=bits)
def test_lines_with_a_flipped_bit(name, place, bit, written):
    path, rows = written(name)
    with damaged(path, place, flipped(bit)) as ((found, notes), _, _):
        if notes is not None:
            assert found.shape[1] == rows.shape[1]
            assert len(rows) - 1 <= len(found) <= len(rows)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", SURE)
@fuzzed
@given(place=places)
def test_cut_files_are_refused_unless_nothing_is_lost(name, place, written):
    path, rows = written(name)
    with damaged(path, place, cut) as ((found, notes), _, _):
        if notes is not None:  # only the mark at the end of a picture
            assert path.name.startswith("pictures")
            np.testing.assert_array_equal(found, rows)


@pytest.mark.parametrize("name", LINES)
@fuzzed
@given(place=places)
def test_cut_lines_are_refused_or_said(name, place, written):
    path, _ = written(name)
    with damaged(path, place, cut) as ((_, notes), whole, at):
        if notes is not None and not whole[:at].endswith(b"\n") and at > 0:
            assert any(ODD in note for note in notes)


@pytest.mark.parametrize("name", SURE | LINES)
def test_an_empty_file_is_refused(name, written):
    path, _ = written(name)
    with damaged(path, 0.0, lambda *_: b"") as ((found, notes), _, _):
        assert notes is None or len(found) == 0


def test_a_chunk_that_is_lost_is_said(tmp_path):
    """zarr keeps no chunk of zeros, so that a lost one reads as zeros."""
    library = pytest.importorskip("zarr")
    library.create_array(str(tmp_path / "a.zarr"), data=ROWS, chunks=(5, 4))
    (tmp_path / "a.zarr" / "c" / "2" / "0").unlink()
    assert "1 of 5 chunks are not stored and read as zeros" in outcome(tmp_path / "a.zarr")[1]


@pytest.mark.parametrize("chunks", [None, (5, 4)])
def test_parts_that_were_never_written_are_refused(chunks, tmp_path):
    with pytest.importorskip("h5py").File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("x", (23, 4), "f8", chunks=chunks)
        if chunks:
            data[:10] = ROWS[:10]
    said = "3 of its 5 chunks" if chunks else "736 of its 736 bytes"
    assert f"{said} were never written" in outcome(tmp_path / "a.h5")[0]


def test_a_picture_lost_from_the_list_of_an_archive_is_missed(tmp_path):
    packed(path := tmp_path / "a.zip")
    whole = path.read_bytes()
    at = whole.rindex(b"2.png")
    path.write_bytes(whole[:at] + b"2.qng" + whole[at + 5 :])
    assert "not a whole zip archive" in outcome(path)[0]
    entry = whole.rindex(b"PK\x01\x02")
    comment = struct.pack("<H", 46 + 5)  # of the member before, which swallows the last
    before = whole.rindex(b"PK\x01\x02", 0, entry)
    path.write_bytes(whole[: before + 32] + comment + whole[before + 34 :])
    assert "lists 2 members where it says 3" in outcome(path)[0]


def test_offsets_beyond_the_list_do_not_crash(tmp_path):
    """pyarrow believes offsets unless asked to check them, and then ends the process."""
    arrow(LISTS)(path := tmp_path / "a.arrow")
    whole = path.read_bytes()
    at = whole.index(struct.pack("<9i", *range(0, 36, 4)))
    path.write_bytes(whole[: at + 6] + b"\x20" + whole[at + 7 :])
    assert "cannot be read" in outcome(path)[0]
