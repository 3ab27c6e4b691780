"""Every way of writing a table against everything that reads tables: values compared.

``python scripts/format_matrix.py`` writes the table of docs/formats.md; with ``--check`` it says
whether that is current. Writers are the libraries themselves.
"""

import bz2
import gzip
import json
import lzma
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from pyarrow import ipc, parquet
from scipy import io as scipy_io

from eigenscale.errors import InputError
from eigenscale.forecasting.external.points import read_points
from eigenscale.io.curves.read import read_curves
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.target_files import read_target
from eigenscale.io.look import look
from eigenscale.io.runs.read import read_runs

DOCS = Path(__file__).parents[1] / "docs" / "formats.md"
GRID = np.array([(n, d) for n in (2e7, 6e7, 1.5e8) for d in (1e9, 3e9, 1e10)])
LOSS = np.round(1.7 + 400 / GRID[:, 0] ** 0.34 + 410 / GRID[:, 1] ** 0.28, 4)
RUNS = pd.DataFrame({"params": GRID[:, 0], "tokens": GRID[:, 1], "loss": LOSS})
POINTS = pd.DataFrame({"n_samples": 100.0 * 2 ** np.arange(9), "error": LOSS / 10})
CURVE = pd.DataFrame({"step": 10.0 * np.arange(1, 10), "lr": np.full(9, 1e-3), "loss": LOSS})
DATA = pd.DataFrame(np.round(np.random.default_rng(0).normal(size=(9, 3)), 3), columns=list("abc"))


def _text(write):
    return lambda frame, path: path.write_text(write(frame))


def _packed(pack):
    return lambda frame, path: path.write_bytes(pack(frame.to_csv(index=False).encode()))


def _european(frame):
    cells = [[f"{v:.10g}" if abs(v) < 1e5 else f"{v:.0f}" for v in r] for r in frame.to_numpy()]
    lines = [";".join(row).replace(".", ",") for row in cells]
    return "\n".join([";".join(frame.columns), *lines, ""])


def _markdown(frame):
    rows = ["| " + " | ".join(f"{v:.10g}" for v in row) + " |" for row in frame.to_numpy()]
    return "\n".join(["| " + " | ".join(frame.columns) + " |", "|--" * frame.shape[1] + "|", *rows])


def _stream(frame, path):
    table = pa.Table.from_pandas(frame, preserve_index=False)
    with ipc.new_stream(path, table.schema) as out:
        out.write_table(table)


def _huggingface(frame, path):
    path.mkdir()
    _stream(frame, path / "data-0.arrow")
    (path / "state.json").write_text(json.dumps({"_data_files": [{"filename": "data-0.arrow"}]}))
    (path / "dataset_info.json").write_text("{}")


def _sqlite(frame, path):
    with closing(sqlite3.connect(path)) as store:
        frame.to_sql("t", store, index=False)
        store.commit()


def _struct(frame, path):
    rows = frame.to_dict("records")
    parquet.write_table(pa.table({"config": pa.array(rows)}), path)


def _matlab(frame, path):
    scipy_io.savemat(path, {name: frame[name].to_numpy() for name in frame})


def _matlab_matrix(frame, path):
    scipy_io.savemat(path, {"X": frame.to_numpy()})


def _hdf5(frame, path):
    with h5py.File(path, "w") as file:
        file["X"] = frame.to_numpy()


WRITERS = {
    "pandas `to_csv(index=False)`": (".csv", lambda f, p: f.to_csv(p, index=False)),
    "pandas `to_csv()`, row numbers": (".csv", lambda f, p: f.to_csv(p)),
    "CSV with `;` and decimal commas": (".csv", _text(_european)),
    "CSV in UTF-16": (".csv", lambda f, p: f.to_csv(p, index=False, encoding="utf-16")),
    "CSV behind a `#` comment": (".csv", _text(lambda f: "# mine\n" + f.to_csv(index=False))),
    "CSV, gzip": (".csv.gz", _packed(gzip.compress)),
    "CSV, bzip2": (".csv.bz2", _packed(bz2.compress)),
    "CSV, xz": (".csv.xz", _packed(lzma.compress)),
    "CSV, zstd": (".csv.zst", _packed(lambda b: pa.compress(b, codec="zstd", asbytes=True))),
    "pandas `to_string()`, white space": (".txt", _text(lambda f: f.to_string())),
    "Markdown": (".md", _text(_markdown)),
    "pandas `to_json()`": (".json", lambda f, p: f.to_json(p)),
    "JSON, records": (".json", lambda f, p: f.to_json(p, orient="records")),
    "JSON, split": (".json", lambda f, p: f.to_json(p, orient="split")),
    "JSON lines": (".jsonl", lambda f, p: f.to_json(p, orient="records", lines=True)),
    "pandas `to_parquet()`": (".parquet", lambda f, p: f.to_parquet(p)),
    "pandas Parquet, shuffled index": (
        ".parquet",
        lambda f, p: f.set_index(pd.Index(range(9, 0, -1))).to_parquet(p),
    ),
    "Parquet, one struct": (".parquet", _struct),
    "Polars `write_parquet`": (".parquet", lambda f, p: pl.from_pandas(f).write_parquet(p)),
    "pandas `to_feather`": (".feather", lambda f, p: f.to_feather(p)),
    "Polars `write_ipc`": (".arrow", lambda f, p: pl.from_pandas(f).write_ipc(p)),
    "pyarrow stream": (".arrows", _stream),
    "Hugging Face data set on disk": ("", _huggingface),
    "pandas `to_excel`": (".xlsx", lambda f, p: f.to_excel(p, index=False)),
    "pandas `to_sql`, SQLite": (".sqlite", _sqlite),
    "NumPy, structured array": (".npy", lambda f, p: np.save(p, f.to_records(index=False))),
    "NumPy, matrix": (".npy", lambda f, p: np.save(p, f.to_numpy())),
    "NumPy `savez` of columns": (".npz", lambda f, p: np.savez(p, **{c: f[c] for c in f})),
    "NumPy `savetxt`": (".txt", lambda f, p: np.savetxt(p, f.to_numpy())),
    "SciPy `savemat` of columns": (".mat", _matlab),
    "SciPy `savemat` of a matrix": (".mat", _matlab_matrix),
    "SciPy `mmwrite`": (".mtx", lambda f, p: scipy_io.mmwrite(p, f.to_numpy())),
    "h5py, matrix": (".h5", _hdf5),
}
"""How tables are written: the ending and what writes."""


def _runs(path):
    runs = read_runs(path)
    return np.column_stack([runs.params, runs.tokens, runs.loss]), RUNS.to_numpy()


def _data(path):
    return np.concatenate(list(open_source(path).blocks(4))), DATA.to_numpy()


def _target(path):
    return np.asarray(read_target(path, "c"), dtype=float), DATA["c"].to_numpy()


def _points(path):
    points = read_points(path)
    return np.column_stack([points.n_samples, points.mean]), POINTS.to_numpy()


def _curve(path):
    curve = read_curves(path)[0]
    return np.column_stack([curve.steps, curve.rates, curve.loss]), CURVE.to_numpy()


def _look(path):
    seen = look(path)
    inputs = [c for c in seen.columns if c["role"] == "input"]
    return np.array([len(inputs), seen.rows or 9]), np.array([3, 9])


READERS = {
    "runs": (RUNS, _runs),
    "data": (DATA, _data),
    "target": (DATA, _target),
    "points": (POINTS, _points),
    "curve": (CURVE, _curve),
    "look": (DATA, _look),
}
"""What reads tables: the table that is written, and what gives what was read and what is right."""


def cell(writer, reader, folder):
    """Say what becomes of a table: ``yes``, ``–`` where it is refused, ``WRONG``."""
    ending, write = WRITERS[writer]
    frame, read = READERS[reader]
    path = Path(tempfile.mkdtemp(dir=folder)) / f"table{ending}"
    write(frame, path)
    try:
        found, right = read(str(path))
    except InputError as error:
        return "–" if "\n" not in str(error) else "WRONG"
    same = found.shape == right.shape and np.allclose(found, right, rtol=1e-9)
    flipped = found.shape == right.shape and np.allclose(found[::-1], right, rtol=1e-9)
    return "yes" if same or flipped else "WRONG"


def matrix():
    """Give the rows of the table: the writer and what becomes of it in each reader."""
    with tempfile.TemporaryDirectory() as folder:
        return [(w, *(cell(w, r, folder) for r in READERS)) for w in WRITERS]


def text():
    """Write the page."""
    head = ["written by", *READERS]
    rows = [head, ["---"] * len(head), *matrix()]
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    return (
        "# Formats: who writes, who reads\n\n"
        "`python scripts/format_matrix.py` writes this page: each library writes a table of nine "
        "rows, each\nreader reads it, and values are compared. `yes`: the same numbers; `–`: "
        "refused in one line, since\nthe format holds no names of columns or several tables.\n\n"
        + "\n".join(lines)
        + "\n"
    )


def main():
    """Write the page, or say whether it is current."""
    made = text()
    if "--check" in sys.argv:
        sys.exit(0 if DOCS.read_text("utf-8") == made else f"{DOCS.name} is old; run the script")
    DOCS.write_text(made, "utf-8")


if __name__ == "__main__":
    main()
