"""The files of the calls: small good ones, and hostile ones of every kind that is read."""

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np


def write(folder: Path) -> None:
    """Write every file that the calls name into an empty folder."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(120, 6)) * np.arange(1, 7) ** -0.7
    np.save(folder / "rows.npy", rows)
    np.save(folder / "y.npy", rows @ rng.normal(size=6) + 0.1 * rng.normal(size=120))
    np.save(folder / "labels.npy", (rows[:, 0] > 0).astype(int))
    _runs(folder / "runs.csv", 1.7)
    _runs(folder / "other.csv", 1.6)
    steps = np.arange(1, 201) * 10
    loss = 2.5 + 8 / steps**0.5
    lines = [f"{s},{v:.5f},{3e-4:g}" for s, v in zip(steps, loss, strict=True)]
    (folder / "curve.csv").write_text("step,loss,lr\n" + "\n".join(lines) + "\n")
    _saved(folder)
    (folder / "folder").mkdir()
    (folder / "hostile").mkdir()
    _hostile(folder / "hostile")


def _saved(folder: Path) -> None:
    """A saved fit and a registered prediction, made by the commands themselves."""
    for words in (
        "fit runs.csv --law chinchilla --bootstrap 20 --save fit.json",
        "predict fit.json --params 1e8 --tokens 1e10 --register registered.json",
    ):
        command = [sys.executable, "-m", "eigenscale", *words.split()]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def _runs(path: Path, floor: float) -> None:
    lines = ["params,tokens,loss"]
    for params in (1e6, 1e7, 1e8):
        for tokens in (1e8, 1e9, 1e10):
            loss = floor + 400 / params**0.34 + 410 / tokens**0.28
            lines.append(f"{params:g},{tokens:g},{loss:.5f}")
    path.write_text("\n".join(lines) + "\n")


def _lines(header: str, rows: list[str]) -> str:
    return "\n".join([header, *rows, ""])


def _hostile(folder: Path) -> None:
    huge = "9" * 400
    texts = {
        "empty.csv": "",
        "blank.csv": "\n\n\n",
        "header.csv": "params,tokens,loss\n",
        "one.csv": "params,tokens,loss\n1e6,1e8,3\n",
        "huge.csv": "params,tokens,loss\n" + f"{huge},{huge},{huge}\n" * 8,
        "nan.csv": "params,tokens,loss\n" + "nan,inf,-inf\n" * 8,
        "tiny.csv": _lines("params,tokens,loss", [f"{i}e-310,1e-320,1e-323" for i in range(1, 9)]),
        "ragged.csv": "params,tokens,loss\n1,2\n3,4,5,6,7\n\n8\n",
        "quotes.csv": 'params,tokens,loss\n"1,2,3\n4,5,6\n',
        "escape.csv": "params,tokens,\x1b[31mloss\n1,2,3\n",
        "same.csv": "loss,loss,loss\n1,2,3\n4,5,6\n",
        "html.csv": "<script>alert(1)</script>,params,tokens,loss\n" + "x,1e6,1e8,3\n" * 5,
        "long.csv": "a" * 100_000 + "\n" + "b" * 100_000 + "\n",
        "wide.csv": ",".join(f"c{i}" for i in range(3000)) + "\n" + ",".join(["1"] * 3000) + "\n",
        "big.csv": "a,b,y\n" + "".join(f"{i}e200,{i % 7}e-200,{i}\n" for i in range(1, 60)),
        "offset.csv": _lines("a,b,y", [f"{1e16 + 2 * i:.0f},{i % 7},{i % 2}" for i in range(60)]),
        "words.csv": _lines("a,b,y", [f"w{i},v{i % 3},{'yn'[i % 2]}" for i in range(60)]),
        "constant.csv": "a,b,y\n" + "1,1,1\n" * 40,
        "huge.json": f'[{{"params": {huge}, "tokens": {huge}, "loss": {huge}}}]',
        "deep.json": "[" * 100_000 + "]" * 100_000,
        "deepobject.json": '{"a":' * 100_000 + "1" + "}" * 100_000,
        "null.json": "null",
        "number.json": "7",
        "true.json": '{"law": true, "parameters": {"E": true}}',
        "half.json": '{"params": [1e6, 1e7',
        "nan.json": '[{"params": NaN, "tokens": Infinity, "loss": -Infinity}]',
        "keys.json": json.dumps({"law": "chinchilla", "parameters": {"E": "1e400"}}),
        "lines.jsonl": '{"params": 1}\n[1, 2]\nnull\n{"loss": {"a": [1]}}\n',
        "surrogate.json": '{"\\ud800": 1, "loss": "\\udfff"}',
        "log.log": "step " + "1" * 3000 + " loss " + "2" * 3000 + "\n",
        "prose.txt": "It was the best of times.\n" * 50,
        "yaml.yaml": "a: &a [*a]\n",
        "table.md": "| params | loss |\n|---|\n| 1 | 2 | 3 |\n",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", errors="surrogatepass")
    bytes_of = {
        "utf16.csv": "params,tokens,loss\n1e6,1e8,3\n".encode("utf-16"),
        "latin.csv": b"params,tokens,loss\xe9\n1e6,1e8,3\n",
        "nul.csv": b"params,tokens,loss\n1\x00,2,3\n",
        "zeros.csv": b"\0" * 100_000,
        "random.npy": os.urandom(1000),
        "random.parquet": b"PAR1" + b"\xff" * 500 + b"PAR1",
        "random.xlsx": b"PK\x03\x04" + b"\xff" * 500,
        "random.gz": b"\x1f\x8b" + b"\xff" * 500,
        "random.zst": b"\x28\xb5\x2f\xfd" + b"\xff" * 500,
        "random.mat": b"MATLAB 5.0 MAT-file" + b"\xff" * 500,
        "random.h5": b"\x89HDF\r\n\x1a\n" + b"\xff" * 500,
        "random.arrow": b"ARROW1\0\0" + b"\xff" * 500,
        "random.png": b"\x89PNG\r\n\x1a\n" + b"\xff" * 500,
        "random.sqlite": b"SQLite format 3\0" + b"\xff" * 500,
        "events.out.tfevents.1": b"\xff" * 500,
        "pickle.pkl": b"cos\nsystem\n(S'touch pwned'\ntR.",
    }
    for name, content in bytes_of.items():
        (folder / name).write_bytes(content)
    rng = np.random.default_rng(1)
    arrays = {
        "objects.npy": np.array([{}, []], dtype=object),
        "scalar.npy": np.float64(3),
        "empty.npy": np.empty((0, 5)),
        "wide0.npy": np.empty((5, 0)),
        "cube.npy": np.zeros((3, 4, 5, 6)),
        "zeros.npy": np.zeros((50, 4)),
        "nans.npy": np.full((50, 4), np.nan),
        "huge.npy": rng.normal(size=(60, 4)) * 1e200,
        "tiny.npy": rng.normal(size=(60, 4)) * 1e-200,
        "offset.npy": rng.normal(size=(60, 4)) + 1e16,
        "extreme.npy": np.full((50, 4), np.finfo(float).max),
        "strings.npy": np.array([["a", "b"], ["c", "d"]]),
        "complex.npy": np.ones((30, 3)) * 1j,
        "bools.npy": rng.normal(size=(60, 4)) > 0,
        "dates.npy": np.array(["2020-01-01", "NaT"], dtype="datetime64[D]"),
        "one.npy": np.ones((1, 1)),
        "two.npy": rng.normal(size=(2, 900)),
    }
    for name, array in arrays.items():
        np.save(folder / name, array, allow_pickle=True)
    header = (
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (10**12, 9), }"
    )
    (folder / "promise.npy").write_bytes(header.ljust(127) + b"\n")
    store = sqlite3.connect(folder / "foreign.sqlite")
    store.execute("create table metrics (key text, value real, step integer, run_uuid text)")
    store.execute("insert into metrics values ('loss', null, null, null)")
    store.commit()
    store.close()
    with zipfile.ZipFile(folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", b"\0" * 50_000_000)
    with zipfile.ZipFile(folder / "up.zip", "w") as archive:
        archive.writestr("../../up.csv", "params,tokens,loss\n1,2,3\n")
