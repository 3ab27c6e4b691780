"""Every format gives the rows that were written, by blocks of any size; broken files one line."""

import gzip
import json
import struct
import zipfile

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.targets import as_target

ROWS = np.random.default_rng(0).normal(size=(37, 4))
IMAGES = np.random.default_rng(1).integers(0, 256, (12, 6, 8), dtype=np.uint8)


def read(source, size=8):
    return np.concatenate([np.array(b) for b in source.blocks(size)])


def write_jsonl(path):
    path.write_text("".join(json.dumps({"id": "x", "e": list(row)}) + "\n" for row in ROWS))


def write_idx(path):
    data = struct.pack(">4B2I", 0, 0, 14, 2, *ROWS.shape) + ROWS.astype(">f8").tobytes()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def write_hdf5(path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        file["group/x"] = ROWS
        file["labels"] = np.arange(37)


def write_zarr(path):
    zarr = pytest.importorskip("zarr")
    zarr.create_array(str(path), data=ROWS, chunks=(10, 4))


def write_packed_zarr(path):
    zarr = pytest.importorskip("zarr")
    with zarr.storage.ZipStore(path, mode="w") as store:
        zarr.create_array(store, name="inside/x", data=ROWS, chunks=(10, 4))


def write_safetensors(path):
    numpy = pytest.importorskip("safetensors.numpy")
    numpy.save_file({"x": ROWS, "labels": np.arange(37)}, path)


WRITERS = {
    "a.jsonl": write_jsonl,
    "a.idx": write_idx,
    "train-idx2-double.gz": write_idx,
    "a.h5": write_hdf5,
    "a.zarr": write_zarr,
    "a.zarr.zip": write_packed_zarr,
    "a.safetensors": write_safetensors,
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("size", [1, 8, 100])
def test_rows_come_back(name, size, tmp_path):
    WRITERS[name](tmp_path / name)
    source = open_source(tmp_path / name)
    np.testing.assert_array_equal(read(source, size), ROWS)
    assert source.n_columns == 4


def write_pictures(folder):
    image = pytest.importorskip("PIL.Image")
    folder.mkdir(exist_ok=True)
    for i, picture in enumerate(IMAGES):
        image.fromarray(picture).save(folder / f"{i:02}.png")
    return folder


def test_folders_and_archives_of_pictures(tmp_path):
    folder = write_pictures(tmp_path / "pictures")
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    for source in (open_source(folder), open_source(tmp_path / "pictures.zip")):
        np.testing.assert_allclose(read(source, 5), IMAGES.reshape(12, -1) / 255, rtol=1e-6)
        assert source.item_shape == (6, 8)


def test_colour_and_grey(tmp_path):
    image = pytest.importorskip("PIL.Image")
    colours = np.random.default_rng(0).integers(0, 256, (3, 5, 5, 3), dtype=np.uint8)
    for i, picture in enumerate(colours):
        image.fromarray(picture).save(tmp_path / f"{i}.png")
    np.testing.assert_allclose(read(open_source(tmp_path)), colours.reshape(3, -1) / 255, rtol=1e-6)
    grey = open_source(tmp_path, grey=True)
    weights = np.array([0.299, 0.587, 0.114])
    np.testing.assert_allclose(read(grey), (colours @ weights).reshape(3, -1) / 255, atol=1.1 / 255)


def test_arrays_of_colour_become_grey():
    colours = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 3), dtype=np.uint8)
    source = open_source(colours, grey=True, patches=2)
    assert source.n_columns == 4
    wanted = (colours @ np.array([0.299, 0.587, 0.114]))[0, :2, :2].ravel() / 255
    np.testing.assert_allclose(read(source)[0], wanted, rtol=1e-5)
    assert open_source(IMAGES, grey=True).item_shape == (6, 8)
    with pytest.raises(InputError, match="not of images in grey"):
        open_source(ROWS, grey=True)


def test_columns_of_what_has_no_names_are_refused(tmp_path):
    np.save(tmp_path / "a.npy", ROWS)
    for data in (ROWS, tmp_path / "a.npy"):
        with pytest.raises(InputError, match="no columns with names"):
            open_source(data, ["a"])


def test_sixteen_bits_are_not_cut_off_at_eight(tmp_path):
    image = pytest.importorskip("PIL.Image")
    deep = np.random.default_rng(0).integers(0, 65536, (3, 5, 5), dtype=np.uint16)
    for i, picture in enumerate(deep):
        image.fromarray(picture).save(tmp_path / f"{i}.png")
    np.testing.assert_allclose(read(open_source(tmp_path)), deep.reshape(3, -1) / 65535, rtol=1e-6)
    image.fromarray(np.ones((5, 5), np.float32)).save(tmp_path / "f.tif")
    with pytest.raises(InputError, match=r"f\.tif is not a whole picture .* save them as \.npy"):
        read(open_source(tmp_path))


def test_grey_among_colour_is_refused_with_the_way_out(tmp_path):
    image = pytest.importorskip("PIL.Image")
    image.fromarray(IMAGES[0]).save(tmp_path / "0.png")
    image.fromarray(np.stack([IMAGES[1]] * 3, axis=2)).save(tmp_path / "1.png")
    with pytest.raises(InputError, match=r"1\.png is 6×8×3 where 0\.png is 6×8; .*--grey"):
        read(open_source(tmp_path))
    assert read(open_source(tmp_path, grey=True)).shape == (2, 48)


def test_bfloat16_is_read_as_float32(tmp_path):
    halves = (ROWS.astype(np.float32).view(np.uint32) >> 16).astype("<u2")
    header = {"x": {"dtype": "BF16", "shape": [37, 4], "data_offsets": [0, halves.nbytes]}}
    text = json.dumps(header).encode()
    (tmp_path / "a.safetensors").write_bytes(
        len(text).to_bytes(8, "little") + text + halves.tobytes()
    )
    pytest.importorskip("safetensors")
    np.testing.assert_allclose(read(open_source(tmp_path / "a.safetensors")), ROWS, rtol=2**-7)


def test_pictures_of_two_sizes_or_broken_ones_are_refused(tmp_path):
    image = pytest.importorskip("PIL.Image")
    folder = write_pictures(tmp_path / "p")
    image.fromarray(IMAGES[0][:5]).save(folder / "99.png")
    with pytest.raises(InputError, match=r"99\.png is 5×8 where 00\.png is 6×8"):
        read(open_source(folder))
    (folder / "99.png").write_bytes((folder / "00.png").read_bytes()[:40])
    with pytest.raises(InputError, match=r"99\.png is not a whole picture"):
        read(open_source(folder))


@pytest.mark.parametrize("colours", [(), (3,)])
def test_patches_tile_each_image(colours):
    images = np.random.default_rng(0).normal(size=(5, 6, 9, *colours))
    source = open_source(images, patches=3)
    got = read(source, 7).reshape(5, 2, 3, 3, 3, *colours)
    np.testing.assert_array_equal(got[4, 1, 2], images[4, 3:6, 6:9])
    assert source.n_rows == 30
    with pytest.raises(InputError, match="ask for less"):
        open_source(images, patches=7)
    with pytest.raises(InputError, match="not of images"):
        open_source(ROWS, patches=2)


def test_labels_of_mnist_kind(tmp_path):
    labels = np.array([3, 1, 3], np.uint8)
    (tmp_path / "t10k-labels-idx1-ubyte").write_bytes(
        struct.pack(">4BI", 0, 0, 8, 1, 3) + labels.tobytes()
    )
    assert as_target(tmp_path / "t10k-labels-idx1-ubyte").classes == ("1", "3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ('{"a": 1}\n{"a": \n', "not JSON in line 2"),
        ('{"a": 1, "b": 2}\n{"a": 1}\n', "no 'b' in line 2"),
        ('{"a": 1}\n{"a": "blue"}\n', "'blue' about line 2"),
        ("[1, 2]\n[1]\n", "1 numbers in line 2 where line 1 has 2"),
        ("[1, 2]\n{}\n", "no list in line 2"),
        ("3\n", "objects or lists"),
        ('{"a": [1], "b": [2]}\n', "several lists"),
        ("[" * 100000 + "\n", "not JSON in line 1"),
    ],
)
def test_bad_json_lines_are_one_line(text, message, tmp_path):
    (tmp_path / "a.jsonl").write_text(text)
    with pytest.raises(InputError, match=message):
        read(open_source(tmp_path / "a.jsonl"))


def test_unclear_stores_list_their_arrays(tmp_path):
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"], file["y"] = ROWS, ROWS
    with pytest.raises(InputError, match=r"arrays x, y; say which is the data, as a.h5:x"):
        open_source(tmp_path / "a.h5")
    np.testing.assert_array_equal(read(open_source(f"{tmp_path}/a.h5:y")), ROWS)


def test_folders_of_nothing_are_refused(tmp_path):
    with pytest.raises(InputError, match="neither pictures nor text"):
        open_source(tmp_path)
