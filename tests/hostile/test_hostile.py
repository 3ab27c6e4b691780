"""A sample of the campaign, and the files that once ended a command by a fault."""

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
LAY = """import pathlib, sys
sys.path.insert(0, sys.argv[1])
import files
files.write(pathlib.Path())"""


def test_a_sample_of_the_campaign_finds_nothing():
    done = subprocess.run(
        [sys.executable, HERE / "campaign.py", "--calls", "60"],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "; 0 faults" in done.stdout


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("files")
    subprocess.run([sys.executable, "-c", LAY, HERE], cwd=place, check=True)
    return place


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("spectrum hostile/huge.npy", "divide them by a constant"),
        ("dimension hostile/huge.npy", "divide them by a constant"),
        ("spectrum hostile/big.csv", "column 'a' reaches 5.9e+201"),
        ("spectrum hostile/surrogate.json", "half of a character"),
        ("spectrum hostile/huge.csv", "no column is left"),
        ("compare runs.csv hostile/deep.json", "nested too deep"),
        ("predict hostile/deep.json --params 1e9", "nested too deep"),
        ("fit hostile/wide.csv", "c8 and 2,991 more"),
        ("fit hostile/log.log", "no line has a step and a loss"),
        ("curve hostile/long.csv", "characters); name one"),
        ("spectrum hostile/promise.npy", "promise.npy"),
        ("fit hostile/pickle.pkl", "pickle.pkl"),
    ],
)
def test_files_that_nothing_can_be_made_of(line, said, folder, monkeypatch, capsys):
    from eigenscale.cli.app import main

    monkeypatch.chdir(folder)
    assert main(line.split()) == 2
    error = capsys.readouterr().err.splitlines()
    assert next(one for one in error if not one.startswith("warning: ")).startswith("error: ")
    assert said in error[-1]
    assert not (folder / "pwned").exists()


def test_large_whole_numbers_are_a_column(folder, monkeypatch, capsys):
    from eigenscale.cli.app import main

    monkeypatch.chdir(folder)
    assert main(["forecast", "hostile/offset.csv", "--target", "y", "--samples", "200"]) == 0
    assert capsys.readouterr().out
