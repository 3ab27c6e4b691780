"""One array of numbers written in every way people write it: read as the same numbers."""

import bz2
import gzip
import json
import lzma
import sqlite3

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

import eigenscale as es
from eigenscale.io.data.columns import settle
from eigenscale.io.data.opening import open_source

TRUTH = np.round(np.random.default_rng(5).normal(size=(60, 4)), 3)
FRAME = pd.DataFrame(TRUTH, columns=["a", "b", "c", "d"])
SHUFFLED = FRAME.set_index(np.random.default_rng(1).permutation(60))


def lines(separator=",", header="a,b,c,d", decimal=".", before="", every=""):
    names = [header.replace(",", separator)] if header else []
    rows = [separator.join(f"{v:.3f}".replace(".", decimal) for v in row) for row in TRUTH]
    text = "\n".join([*names, *rows[:30], *([every] if every else []), *rows[30:]]) + "\n"
    return before + text


def markdown():
    head = "| a | b | c | d |\n|---|:-:|--:|---|\n"
    body = "\n".join("| " + " | ".join(f"{v:.3f}" for v in row) + " |" for row in TRUTH)
    return f"Results of today:\n\n{head}{body}\n\nThe end.\n"


def r_table():
    rows = [f'"{i + 1}"\t' + "\t".join(map(str, row)) for i, row in enumerate(TRUTH)]
    return "\n".join(['"a"\t"b"\t"c"\t"d"', *rows]) + "\n"


TEXTS = {
    "plain.csv": lines(),
    "no_header.csv": lines(header=""),
    "semicolon.csv": lines(";", "a,b,c,d"),
    "european.csv": lines(";", decimal=","),
    "european.tsv": lines("\t", decimal=","),
    "tabs.csv": lines("\t"),
    "bars.csv": lines("|"),
    "spaces.txt": lines(" "),
    "spaces_bare.txt": lines(" ", header=""),
    "aligned.txt": FRAME.to_string(index=False) + "\n",
    "pandas_print.txt": FRAME.to_string() + "\n",
    "excel.csv": lines(";", before="sep=;\n"),
    "comment.csv": lines(before="# exported 2024-01-02\n# by hand\n"),
    "comment_inside.csv": lines(every="# the next ones are new"),
    "header_comment.dat": lines(" ", "", before="# a b c d\n"),
    "title.csv": lines(before="Measured in May\n\n"),
    "header_twice.csv": lines(every="a,b,c,d"),
    "table.md": markdown(),
    "index.csv": FRAME.to_csv(),
    "index_named.csv": FRAME.rename_axis("row_id").to_csv(),
    "index_one.csv": FRAME.set_index(pd.RangeIndex(1, 61)).to_csv(index_label="nr"),
    "index_shuffled.csv": SHUFFLED.to_csv(),
    "r_table.tsv": r_table(),
    "trailing.csv": lines(header="a,b,c,d,").replace("\n", ",\n").replace("d,,", "d,"),
    "records.json": FRAME.to_json(orient="records"),
    "columns.json": FRAME.to_json(),
    "index.json": FRAME.to_json(orient="index"),
    "split.json": FRAME.to_json(orient="split"),
    "table.json": FRAME.to_json(orient="table"),
    "values.json": FRAME.to_json(orient="values"),
    "lists.json": json.dumps(FRAME.to_dict(orient="list")),
    "lines.jsonl": FRAME.to_json(orient="records", lines=True),
    "lists.jsonl": "".join(json.dumps(row) + "\n" for row in TRUTH.tolist()),
}


def values(path, **options):
    source = open_source(path, **options)
    return np.concatenate(list(source.blocks(7)))


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_read_as_the_numbers_that_were_written(name, tmp_path):
    path = tmp_path / name
    path.write_text(TEXTS[name])
    np.testing.assert_allclose(values(path), TRUTH, atol=1e-12)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings(encoding, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(lines().replace("a,b", "Größe,b"), encoding=encoding)
    source = open_source(path)
    np.testing.assert_allclose(values(path), TRUTH)
    assert ("the text is read as" in " ".join(source.notes)) == (encoding != "utf-8-sig")


PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress,
           ".zst": lambda data: pa.compress(data, codec="zstd", asbytes=True)}  # fmt: skip


@pytest.mark.parametrize("packed", PACKERS)
@pytest.mark.parametrize("kind", ["csv", "npy", "parquet"])
def test_packed_files(packed, kind, tmp_path):
    plain = tmp_path / f"a.{kind}"
    if kind == "csv":
        plain.write_text(lines())
    elif kind == "npy":
        np.save(plain, TRUTH)
    else:
        FRAME.to_parquet(plain)
    path = tmp_path / f"a.{kind}{packed}"
    path.write_bytes(PACKERS[packed](plain.read_bytes()))
    source = open_source(path)
    np.testing.assert_allclose(np.concatenate(list(source.blocks(9))), TRUTH)
    assert source.name == path.name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(es.InputError, match=r"not a whole|cannot be read|is cut"):
        values(path)


def write_binary(kind, path):
    if kind == "xlsx":
        FRAME.to_excel(path, index=False)
    elif kind == "sqlite":
        with sqlite3.connect(path) as store:
            FRAME.to_sql("t", store, index=False)
        store.close()
    elif kind == "arrows":
        with ipc.new_stream(path, pa.table(FRAME).schema) as out:
            out.write_table(pa.table(FRAME))
    elif kind == "parquet":
        SHUFFLED.to_parquet(path)
    elif kind == "structured.npy":
        np.save(path, FRAME.to_records(index=False))
    elif kind == "mat":
        io = pytest.importorskip("scipy.io")
        io.savemat(path, {"X": TRUTH})
    elif kind == "mtx":
        pytest.importorskip("scipy.io").mmwrite(path, TRUTH)
    elif kind == "array2d.parquet":
        item = pa.list_(pa.list_(pa.float64()))
        rows = pa.array(TRUTH.reshape(60, 2, 2).tolist(), type=item)
        parquet.write_table(pa.table({"image": rows}), path)
    else:
        h5py = pytest.importorskip("h5py")
        with h5py.File(path, "w") as file:
            made = file.create_dataset("X", data=np.ascontiguousarray(TRUTH.T))
            made.attrs["MATLAB_class"] = np.bytes_("double")


@pytest.mark.parametrize(
    "kind",
    ["xlsx", "sqlite", "arrows", "parquet", "structured.npy", "mat", "mtx", "array2d.parquet",
     "v73.mat", "v73.h5"],
)  # fmt: skip
def test_a_binary_file_is_read_as_the_numbers_that_were_written(kind, tmp_path):
    path = tmp_path / f"a.{kind}"
    write_binary(kind, path)
    np.testing.assert_allclose(values(path), TRUTH)


def test_the_format_is_told_by_content_where_the_name_says_nothing(tmp_path):
    for name, write in (("p", FRAME.to_parquet), ("c", lambda p: p.write_text(lines()))):
        path = tmp_path / name
        write(path)
        np.testing.assert_allclose(values(path), TRUTH)


def test_columns_of_one_name_are_all_read_and_said(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(lines(header="a,b,a,a"))
    source = open_source(path)
    np.testing.assert_allclose(values(path), TRUTH)
    assert "'a' is the name of several columns; one is called 'a.1'" in source.notes


def test_an_index_is_said_and_can_be_kept(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(TEXTS["index_named.csv"])
    source = open_source(path)
    assert "column 'row_id' is left out: its name says so" in " ".join(source.notes)
    assert open_source(path, ["row_id", "a"]).n_columns == 2
    target, inputs = settle(path, "d")
    np.testing.assert_allclose(target.values, TRUTH[:, 3])
    assert list(inputs) == ["a", "b", "c"]


def test_a_column_that_only_looks_a_little_like_an_index_stays(tmp_path):
    path = tmp_path / "a.csv"
    for cells in ([3, 1, 2, 5, 4, 6], [0, 2, 4, 6, 8, 10], [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]):
        path.write_text("x,y\n" + "".join(f"{x},{x * x}\n" for x in cells))
        assert open_source(path).n_columns == 2


def test_hugging_face_datasets(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for i, part in enumerate((FRAME[:25], FRAME[25:])):
        table = pa.Table.from_pandas(part, preserve_index=False)
        with ipc.new_stream(folder / f"data-{i}.arrow", table.schema) as out:
            out.write_table(table)
    files = [{"filename": f"data-{i}.arrow"} for i in range(2)]
    (folder / "state.json").write_text(json.dumps({"_data_files": files}))
    (folder / "dataset_info.json").write_text("{}")
    np.testing.assert_allclose(values(folder), TRUTH)


CASES = ["pd_index.csv", "r_table.tsv", "shuffled_index.parquet", "semi.csv", "savetxt.txt",
         "v73copy.h5", "arr2d.parquet"]  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_files_found_among_users_give_their_array(name, shared):
    truth = np.load(shared("cases/readers/truth.npy"))
    found = values(shared(f"cases/readers/{name}"))
    if "shuffled" in name:
        truth, found = (np.sort(rows, axis=0) for rows in (truth, found))
    np.testing.assert_allclose(found, truth, atol=1e-7)
