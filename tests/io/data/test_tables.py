"""Tables of numbers: CSV with and without header, Parquet and Arrow, scalars and lists."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source

ROWS = np.random.default_rng(0).normal(size=(40, 3))


def read(source, size=8):
    return np.concatenate(list(source.blocks(size)))


def write_csv(path, rows=ROWS, header="a,b,c"):
    lines = [",".join(str(float(v)) for v in row) for row in rows]
    path.write_text("\n".join([header, *lines] if header else lines) + "\n")
    return path


def test_csv_with_and_without_header(tmp_path):
    for header in ("a,b,c", ""):
        source = open_source(write_csv(tmp_path / "a.csv", header=header))
        np.testing.assert_array_equal(read(source), ROWS)


def test_columns_can_be_chosen(tmp_path):
    path = write_csv(tmp_path / "a.csv")
    np.testing.assert_array_equal(read(open_source(path, ["c", "a"])), ROWS[:, [2, 0]])
    with pytest.raises(InputError, match="no column 'd'; it has a, b, c"):
        open_source(path, ["d"])


def test_integers_first_and_fractions_later(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "1\n" * 10 + "2.5\n")
    assert read(open_source(path))[-1, 0] == 2.5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,blue\n", r"'blue' in column 2"),
        ("", "is empty"),
        ("a,b\n1,2\n3\n", "cannot be read"),
        ("a,b\n1,\xff\n", "has '.*' in column 2|cannot be read"),
    ],
    ids=["text", "empty", "ragged", "not UTF-8"],
)
def test_bad_csv_is_one_line(text, message, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=message) as caught:
        read(open_source(path))
    assert "\n" not in str(caught.value)


def test_missing_values_become_nan(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n3,\nNaN,4\n")
    np.testing.assert_array_equal(np.isnan(read(open_source(path))).sum(axis=0), [1, 1])


def table(kind):
    if kind == "scalars":
        return pa.table({name: ROWS[:, i] for i, name in enumerate("abc")})
    item = pa.list_(pa.float32(), 3) if kind == "fixed lists" else pa.list_(pa.float32())
    rows = pa.array([list(r) for r in ROWS.astype(np.float32)], type=item)
    return pa.table({"id": [f"r{i}" for i in range(40)], "embedding": rows})


@pytest.mark.parametrize("kind", ["scalars", "lists", "fixed lists"])
@pytest.mark.parametrize("suffix", ["parquet", "arrow", "feather"])
def test_parquet_arrow_and_feather(kind, suffix, tmp_path):
    path = tmp_path / f"a.{suffix}"
    if suffix == "parquet":
        parquet.write_table(table(kind), path, row_group_size=16)
    elif suffix == "feather":
        feather.write_feather(table(kind), path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table(kind).schema) as out:
            out.write_table(table(kind), max_chunksize=16)
    source = open_source(path)
    np.testing.assert_allclose(read(source), ROWS, rtol=1e-6)
    assert source.n_columns == 3


def test_text_and_ragged_lists_are_refused(tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"a": [1.0, 2.0], "name": ["x", "y"]}), path)
    with pytest.raises(InputError, match="string in column 'name'"):
        open_source(path)
    np.testing.assert_array_equal(read(open_source(path, ["a"])), [[1.0], [2.0]])
    parquet.write_table(pa.table({"e": [[1.0, 2.0], [3.0]]}), path)
    with pytest.raises(InputError, match=r"unequal length|lists of"):
        read(open_source(path))
    parquet.write_table(pa.table({"a": pa.array([], pa.float64())}), path)
    with pytest.raises(InputError, match="no rows"):
        open_source(path)


def test_tabs(tmp_path):
    (tmp_path / "a.tsv").write_text("a\tb\n1\t2\n3\t4\n")
    np.testing.assert_array_equal(read(open_source(tmp_path / "a.tsv")), [[1, 2], [3, 4]])


@pytest.mark.parametrize(
    ("text", "rows", "note"),
    [
        ("0,1,2\n5,6,7\n8,9,1\n", 2, "the first line, 0 to 2, is read as column names"),
        ("a,0.5\n5,6\n8,9\n", 2, "the first line is read as names, though '0.5' is a number"),
        ("a,b\n5,6\n8,9", 2, "the last line has no line end: the file may have been cut"),
    ],
    ids=["names by pandas", "a number among names", "no end"],
)
def test_what_is_odd_about_a_csv_is_said(text, rows, note, tmp_path):
    (tmp_path / "a.csv").write_text(text)
    source = open_source(tmp_path / "a.csv")
    assert len(read(source)) == rows
    assert source.notes == (note,)


def test_a_header_that_swallowed_the_first_row_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("a\x0210\n11\n12\n")
    with pytest.raises(InputError, match="cannot be printed"):
        open_source(tmp_path / "a.csv")
