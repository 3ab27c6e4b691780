"""Columns that number the rows stay where that is asked for, in every kind of table."""

import json

import numpy as np
import pandas as pd
import pytest

from eigenscale.cli.app import main
from eigenscale.io.data.opening import open_source
from eigenscale.io.files.index import index_is_kept, keeping_index
from eigenscale.io.look import look

ROWS = np.random.default_rng(0)
FRAME = pd.DataFrame(ROWS.normal(size=(60, 4)), columns=list("abcd"))


@pytest.fixture(params=["unnamed.csv", "named.csv", "r.tsv", "shuffled.parquet", "a.feather"])
def table(request, tmp_path):
    path = tmp_path / request.param
    shuffled = FRAME.set_index(ROWS.permutation(60))
    if path.suffix == ".csv":
        FRAME.to_csv(path, index_label="row" if path.name == "named.csv" else None)
    elif path.suffix == ".tsv":
        rows = [f"{i}\t" + "\t".join(map(str, row)) for i, row in enumerate(FRAME.to_numpy())]
        path.write_text("\n".join(["a\tb\tc\td", *rows, ""]))
    elif path.suffix == ".parquet":
        shuffled.to_parquet(path)
    else:
        FRAME.assign(__index_level_0__=np.arange(60)).to_feather(path)
    return path


def test_an_index_is_left_out_and_said_or_kept(table):
    assert open_source(table).n_columns == 4
    assert "(--keep-index keeps it)" in " ".join(open_source(table).notes)
    assert len(look(table).left_out) == 1
    with keeping_index():
        assert open_source(table).n_columns == 5
        assert look(table).left_out == ()
        assert len(look(table).columns) == 5
    assert not index_is_kept()


def test_the_command_line_does_what_its_warning_says(table, capsys):
    assert main(["spectrum", str(table), "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["n_inputs"] == 4
    assert "left out" in " ".join(json.loads(out)["warnings"])
    assert main(["spectrum", str(table), "--keep-index", "--json"]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["n_inputs"] == 5
    assert "left out" not in " ".join(json.loads(out)["warnings"])
    assert not index_is_kept()
