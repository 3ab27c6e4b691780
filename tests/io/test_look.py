"""What `look` says of a file: format, kind, rows, roles, units, what is left out."""

import json

import numpy as np
import pandas as pd
import pytest

from eigenscale.cli.app import main
from eigenscale.errors import InputError
from eigenscale.io.look import look

CASES = {
    "runs.csv": ("params,tokens,val_bpb\n1e7,1e9,1.2\n2e7,1e9,1.1\n", "CSV", "runs",
                 {"params": "parameters", "tokens": "tokens", "loss": "bits/byte"}),
    "eu.csv": ("size;tokens;loss\n15M;1B;3,5\n20M;1B;3,4\n", "CSV", "runs",
               {"params": "parameters", "tokens": "tokens", "loss": "nats/token"}),
    "points.csv": ("n_samples,error,error_se\n100,.4,.02\n200,.3,.02\n400,.2,.02\n", "CSV",
                   "points", {"n_samples": None, "loss": "error", "standard error": None}),
    "curve.csv": ("step,lr,loss\n10,.1,3\n20,.1,2.8\n30,.1,2.7\n", "CSV", "curve",
                  {"step": "steps", "lr": None, "loss": "nats/token"}),
    "rate.csv": ("params,TFLOPs,loss\n1e7,80,3.5\n2e7,82,3.4\n", "CSV", "runs",
                 {"params": "parameters", "rate": None, "loss": "nats/token"}),
    "data.csv": ("a,b\n1.5,2\n2.5,1\n3.5,7\n", "CSV", "data", {"input": None}),
    "records.json": (json.dumps([{"params": 1e7, "tokens": 1e9, "loss": 3.5}] * 2), "JSON", "runs",
                     {"params": "parameters", "tokens": "tokens", "loss": "nats/token"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_kind_roles_and_units(name, tmp_path):
    text, told, kind, roles = CASES[name]
    path = tmp_path / name
    path.write_text(text)
    seen = look(path)
    assert (seen.format, seen.kind) == (told, kind)
    assert {c["role"]: c["unit"] for c in seen.columns} == roles
    assert seen.rows == len(seen.first_rows)


def test_the_command_prints_the_same(tmp_path, capsys):
    path = tmp_path / "a.csv"
    pd.DataFrame(np.random.default_rng(0).normal(size=(9, 3)), columns=list("xyz")).to_csv(path)
    assert main(["look", str(path), "--target", "z", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == look(path, "z").to_dict()
    assert [c["role"] for c in told["columns"]][:3] == ["input", "input", "target"]
    assert told["left_out"] == [{"name": "column 1", "why": "it has no name"}]
    assert main(["look", str(path)]) == 0
    text = capsys.readouterr().out
    assert "is read as CSV: 9 rows of data" in text
    assert "left out: column 1, since it has no name" in text


def test_what_cannot_be_read_is_refused_in_one_line(tmp_path):
    for raw in (b"", b"\0\1\2" * 30):
        path = tmp_path / "a.csv"
        path.write_bytes(raw)
        with pytest.raises(InputError) as caught:
            look(path)
        assert "\n" not in str(caught.value)
