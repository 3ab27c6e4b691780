"""Losses per byte become nats per token where the bytes of a token are given, which is said."""

import json

import numpy as np
import pytest

import eigenscale as es
from eigenscale.cli.app import main

N, D = (g.ravel() for g in np.meshgrid([1e8, 1e9, 1e10], [1e9, 1e10, 1e11]))
LOSS = 1.69 + 406.4 / N**0.34 + 410.7 / D**0.28
BYTES = 4.3
COLUMNS = {"val_bpb": LOSS / np.log(2) / BYTES, "nats_per_byte": LOSS / BYTES}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_per_byte(name):
    table = {"params": N, "tokens": D, name: COLUMNS[name], "loss_se": 0.01 * COLUMNS[name]}
    runs = es.read_runs(table, units={"bytes_per_token": BYTES})
    assert runs.unit == "nats/token"
    np.testing.assert_allclose(runs.loss, LOSS)
    np.testing.assert_allclose(runs.loss_se, 0.01 * LOSS)
    assert any("are turned into nats per token" in text for text in runs.warnings)


@pytest.mark.parametrize("count", ["many", 0, -4.3, 1000])
def test_what_is_no_number_of_bytes(count):
    with pytest.raises(es.InputError, match="bytes of the validation text over its tokens"):
        es.read_runs({"params": N, "tokens": D, "bpb": LOSS}, units={"bytes_per_token": count})


def test_losses_per_token_are_left_as_they_are():
    with pytest.raises(es.InputError, match="are in nats/token"):
        es.read_runs({"params": N, "tokens": D, "loss": LOSS}, units={"bytes_per_token": 4})


def test_a_table_per_byte_is_compared_once_it_is_turned(tmp_path, capsys):
    rows = {"fin.csv": ("loss", LOSS), "bpb.csv": ("val_bpb", COLUMNS["val_bpb"])}
    for name, (column, values) in rows.items():
        lines = [f"{n},{d},{v}" for n, d, v in zip(N, D, values, strict=True)]
        (tmp_path / name).write_text("\n".join([f"params,tokens,{column}", *lines, ""]))
    first, second, saved = (str(tmp_path / name) for name in ("fin.csv", "bpb.csv", "bpb.json"))
    assert main(["compare", first, second, "--bootstrap", "20"]) == 2
    assert "bytes_per_token=4.3" in capsys.readouterr().err
    fit = ["fit", second, "--law", "chinchilla", "--bootstrap", "20", "--save", saved, "--json"]
    assert main([*fit, "--units", "bytes_per_token=4.3"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["unit"] == "nats/token"
    assert told["parameters"]["E"]["value"] == pytest.approx(1.69, rel=1e-3)
