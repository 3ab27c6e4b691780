"""What people get wrong, at every command: one line that says value, rule and mend, and exit 2."""

import os

import numpy as np
import pytest

from eigenscale.cli.app import main

SIZES = [1e6, 1e6, 1e6, 1e7, 1e7, 1e7, 1e8, 1e8, 1e8]
TOKENS = [1e8, 1e9, 1e10] * 3
LOSSES = [5.1, 4.6, 4.4, 4.2, 3.5, 3.2, 3.8, 3.0, 2.7]


def good():
    return {"params": list(SIZES), "tokens": list(TOKENS), "loss": list(LOSSES)}


def changed(column, value, row=3):
    table = good()
    table[column][row] = value
    return table


def first(count):
    return {name: values[:count] for name, values in good().items()}


TABLES = {
    "empty table": ({"params": [], "tokens": [], "loss": []}, "no rows|empty"),
    "no loss column": ({k: v for k, v in good().items() if k != "loss"}, "loss"),
    "text in a number column": (changed("params", "large"), "large"),
    "negative loss": (changed("loss", "-inf"), "-inf"),
    "negative params": (changed("params", -1e7), "-1e"),
    "zero params": (changed("params", 0), "0"),
    "one run only": (first(1), "1 run|one run"),
    "all losses equal": (good() | {"loss": [3.0] * 9}, "equal|same|differ"),
    "fewer runs than parameters": (first(4), "[56]"),
}


def write(path, table):
    rows = zip(*table.values(), strict=True)
    path.write_text("\n".join([",".join(table), *(",".join(map(str, r)) for r in rows)]) + "\n")
    return str(path)


def refused(capsys, *arguments):
    """Run the command; return its one line."""
    assert main(list(arguments)) == 2
    out, error = capsys.readouterr()
    assert out == ""
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert "Traceback" not in error
    return error


COMMANDS = {
    "fit": lambda runs, out: ["fit", runs],
    "plan": lambda runs, out: ["plan", runs, "--flops", "1e20"],
    "report": lambda runs, out: ["report", "--runs", runs, "-o", str(out / "report")],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("name", TABLES)
def test_tables_of_runs(command, name, tmp_path, capsys):
    import re

    table, said = TABLES[name]
    runs = write(tmp_path / "runs.csv", table)
    line = refused(capsys, *COMMANDS[command](runs, tmp_path))
    assert re.search(said, line), line
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_table(command, tmp_path, capsys):
    line = refused(capsys, *COMMANDS[command](str(tmp_path / "absent.csv"), tmp_path))
    assert "absent.csv" in line
    assert not list(tmp_path.iterdir())


DATA = {
    "pickled": (np.array([{"a": 1}, None], dtype=object), "pickle"),
    "NaN": (np.array([[1.0, np.nan], [2.0, 3.0], [1.0, 5.0]]), "NaN|finite"),
    "nothing varies": (np.ones((20, 3)), "varies"),
    "one-dimensional": (np.arange(20.0), "1-d|one dimension|dimension"),
    "no rows": (np.empty((0, 3)), "rows|empty"),
    "complex": (np.ones((5, 2)) * 1j, "complex|number"),
}


@pytest.mark.parametrize("command", ["spectrum", "report"])
@pytest.mark.parametrize("name", DATA)
def test_data(command, name, tmp_path, capsys):
    import re

    values, said = DATA[name]
    np.save(tmp_path / "data.npy", values, allow_pickle=True)
    data = str(tmp_path / "data.npy")
    out = ["report", "--data", data, "-o", str(tmp_path / "report")]
    line = refused(capsys, *(["spectrum", data] if command == "spectrum" else out))
    assert re.search(said, line), line
    assert [path.name for path in tmp_path.iterdir()] == ["data.npy"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fit", "RUNS", "--law", "astrology"], "astrology"),
        (["report", "--runs", "RUNS", "-o", "OUT", "--law", "astrology"], "astrology"),
        (["report", "--runs", "RUNS", "-o", "OUT", "--level", "90"], "90"),
        (["report", "--target", "RUNS", "-o", "OUT"], "target"),
        (["report", "--runs", "RUNS"], "output"),
        (["plan", "RUNS", "--flops", "-1"], "-1"),
        (["plan", "--constants", "hoffmann", "--flops", "-1"], "-1"),
        (["plan", "--constants", "astrology", "--flops", "1e21"], "astrology"),
        (["spectrum", "absent.npy"], "absent.npy"),
        (["spectrum", "RUNS", "--plot", "absent/figure.png"], "absent"),
    ],
)
def test_options(arguments, said, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "runs.csv", good())
    names = {"RUNS": "runs.csv", "OUT": "out"}
    assert said in refused(capsys, *(names.get(one, one) for one in arguments))
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder(tmp_path, capsys):
    runs = write(tmp_path / "runs.csv", good())
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    line = refused(capsys, "report", "--runs", runs, "-o", str(locked / "report"))
    assert "cannot be written" in line
    assert not list(locked.iterdir())


@pytest.mark.parametrize("output", ["/proc/report", "runs.csv", "absent/report"])
def test_a_folder_that_cannot_be(output, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    runs = write(tmp_path / "runs.csv", good())
    refused(capsys, "report", "--runs", runs, "-o", output)
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


@pytest.mark.parametrize(
    ("folder", "said"), [("runs.csv/report", "cannot be written"), ("runs.csv", "is a file")]
)
def test_a_folder_that_cannot_be_there(folder, said, tmp_path, capsys):
    runs = write(tmp_path / "runs.csv", good())
    before = (tmp_path / "runs.csv").read_bytes()
    line = refused(capsys, "report", "--runs", runs, "-o", str(tmp_path / folder))
    assert said in line
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]
    assert (tmp_path / "runs.csv").read_bytes() == before
