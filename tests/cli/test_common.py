import json
import re
import subprocess
import sys

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.cli.options.numbers import parse_numbers
from eigenscale.cli.output.common import print_json, print_table
from eigenscale.errors import InputError


@pytest.mark.parametrize(
    ("text", "values"),
    [("1e12", [1e12]), ("100,200,400", [100, 200, 400]), ("100:10000:3", [100, 1000, 10000])],
)
def test_numbers_as_people_write_them(text, values):
    np.testing.assert_allclose(parse_numbers(text, "--features"), values, rtol=1e-15)


@pytest.mark.parametrize(
    "text", ["", "a", "1,,2", "1:2", "0:10:3", "1:inf:3", "1:10:0", "1:10:2.5", "nan"]
)
def test_what_is_not_a_number_is_said(text):
    with pytest.raises(InputError, match="--features"):
        parse_numbers(text, "--features")


def test_json_has_null_for_what_is_not_finite(capsys):
    print_json({"loss": np.array([1.0, np.inf])})
    assert json.loads(capsys.readouterr().out) == {"loss": [1.0, None]}


@pytest.mark.parametrize("arguments", [["--flops"], ["no-such-command"]])
def test_a_wrong_call_is_one_line_and_exit_2(arguments, capsys):
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1


def test_help_and_version(capsys):
    assert main(["--help"]) == 0
    assert "Usage: eigenscale" in capsys.readouterr().out
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("eigenscale ")


def test_help_loads_nothing_heavy():
    code = "from eigenscale.cli.app import main; main(['--help']); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert not loaded & {"scipy", "matplotlib", "pyarrow", "plotly", "sklearn"}


@pytest.mark.parametrize("command", ["plan", "fit", "theory", "simulate", "spectrum"])
def test_examples_keep_their_lines(command, capsys):
    assert main([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "\\b" not in out
    assert re.search(rf"^ +eigenscale {command} ", out, re.MULTILINE)


def test_tables_that_go_to_a_pipe_are_not_cut(capsys):
    print_table([{f"column {i}": 0.123456 for i in range(40)}])
    assert capsys.readouterr().out.count("0.123456") == 40
