"""Bad tables at the command line: each is one line on stderr, nothing on stdout, exit 2."""

import csv

import numpy as np
import pytest

from eigenscale.cli.app import main

N, D = (axis.ravel() for axis in np.meshgrid([1e8, 4e8, 1.6e9], [2e9, 8e9, 3.2e10, 1.2e11]))
GOOD = {"params": N, "tokens": D, "loss": 1.7 + 400 / N**0.34 + 410 / D**0.28}
GOOD = {name: [repr(float(v)) for v in values] for name, values in GOOD.items()}


def refused(path, capsys, *options):
    """Run the fit, and return its one line."""
    assert main(["fit", str(path), "--bootstrap", "0", "--json", *options]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err
    return err


def write(path, columns):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def change(column, row, value):
    values = list(GOOD[column])
    values[row] = value
    return {**GOOD, column: values}


VALUES = ("0", "-1", "-1e9", "nan", "NaN", "inf", "-inf", "", "oops", "1.2.3", "12,34", "1e", "0x1")
CELLS = [(column, value) for column in ("params", "tokens", "loss") for value in VALUES]


@pytest.mark.parametrize(("column", "value"), CELLS)
def test_one_bad_cell(tmp_path, capsys, column, value):
    said = refused(write(tmp_path / "runs.csv", change(column, 4, value)), capsys)
    assert column in said
    assert "row 5" in said


def part(*rows):
    return {name: [values[r] for r in rows] for name, values in GOOD.items()}


TABLES = {
    "no rows": (part(), "has no rows"),
    "one run": (part(0), "1 run"),
    "two runs": (part(0, 5), "2 runs"),
    "fewer runs than parameters": (part(0, 1, 5, 10), "4 runs"),
    "all losses equal": ({**GOOD, "loss": ["3.0"] * 12}, "loss"),
    "one size only": ({**GOOD, "params": ["1e9"] * 12}, "params"),
    "one amount of data only": ({**GOOD, "tokens": ["1e9"] * 12}, "tokens"),
    "no loss": ({k: GOOD[k] for k in ("params", "tokens")}, "has no loss column"),
    "no data": ({k: GOOD[k] for k in ("params", "loss")}, "tokens"),
    "no size": ({k: GOOD[k] for k in ("tokens", "loss")}, "params"),
    "loss that says yes": ({**GOOD, "loss": ["true"] * 12}, "true and false"),
    "empty loss": ({**GOOD, "loss": [""] * 12}, "loss is missing"),
    "loss of dates": ({**GOOD, "loss": ["2024-01-01"] * 12}, "not a number"),
    "flops of text": ({**GOOD, "flops": ["much"] * 12}, "'much' in row 1"),
    "infinite flops": ({**GOOD, "flops": ["inf"] * 12}, "flops has inf"),
}


@pytest.mark.parametrize("name", TABLES)
def test_bad_tables(tmp_path, capsys, name):
    columns, said = TABLES[name]
    assert said in refused(write(tmp_path / "runs.csv", columns), capsys)


FILES = {
    "empty.csv": (b"", "the file is empty"),
    "spaces.csv": (b"   \n\n", "spaces.csv"),
    "ragged.csv": (b"params,tokens,loss\n1,2\n", "cannot be read as csv"),
    "twice.csv": (b"params,loss,loss\n1,2,3\n", "two columns named 'loss'"),
    "bytes.csv": (bytes(range(256)), "bytes.csv"),
    "text.parquet": (b"params,tokens,loss\n1,2,3\n", "cannot be read as parquet"),
    "text.arrow": (b"params,tokens,loss\n1,2,3\n", "cannot be read as arrow"),
    "broken.jsonl": (b'{"params": 1, "loss"', "cannot be read as jsonl"),
    "broken.json": (b"[1, 2", "cannot be read as json"),
    "nested.jsonl": (b'{"loss": {"val": 3}}\n', "no rows"),
    "sheet.xlsx": (b"PK\x03\x04", "are not known"),
    "run.log": (b"nothing happened\n", "no line has"),
    "other.db": (b"SQLite format 3\x00" + b"\x00" * 84, "other.db"),
    "trainer_state.json": (b'{"log_history": []}', "log_history is empty"),
    "events.out.tfevents.1.x": (b"\xff" * 40, "is not a TensorBoard event file"),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_files(tmp_path, capsys, name):
    content, said = FILES[name]
    (tmp_path / name).write_bytes(content)
    assert said in refused(tmp_path / name, capsys)


def test_no_file_and_an_empty_folder(tmp_path, capsys):
    assert "there is no such file" in refused(tmp_path / "no.csv", capsys)
    assert "holds no run logs" in refused(tmp_path, capsys)


OPTIONS = [
    (["--law", "newton"], "newton"),
    (["--columns", "params=size"], "column 'size' for params is not in the table; it has"),
    (["--columns", "colour=loss"], "columns names 'colour', which is not one of"),
    (["--columns", "params"], "is not a pair"),
    (["--units", "params=X"], "unit 'X' of params is not known"),
    (["--units", "loss=joules"], "unit 'joules' of loss"),
    (["--where", "params=3"], "no row has params = '3'"),
    (["--where", "size=3"], "where names column 'size'"),
    (["--drop-highest", "12"], "cannot leave out 12 of 12 runs"),
    (["--checkpoints", "first"], "'first' is not a rule"),
    (["--pattern", "("], "is not a regular expression"),
]


@pytest.mark.parametrize(("options", "said"), OPTIONS)
def test_bad_options(tmp_path, capsys, options, said):
    assert said in refused(write(tmp_path / "runs.csv", GOOD), capsys, *options)


def test_the_good_table_fits(tmp_path, capsys):
    path = write(tmp_path / "runs.csv", GOOD)
    assert main(["fit", str(path), "--bootstrap", "0", "--json"]) == 0
    assert capsys.readouterr().out.count("\n") == 1
