"""Losses go in and out in the unit of the user's column, through fit, plan, saved fits, compare."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main

GRID = [(n, d) for n in (1e7, 3e7, 1e8, 3e8) for d in (3e8, 1e9, 3e9)]
NATS = [
    (1.75 + 420 / n**0.34 + 600 / d**0.29) * (1 + 0.001 * np.sin(7 * i))
    for i, (n, d) in enumerate(GRID)
]
BYTES = 4.3


def table(path, column, values):
    rows = [f"{n},{d},{v}" for (n, d), v in zip(GRID, values, strict=True)]
    path.write_text("\n".join([f"params,tokens,{column}", *rows]) + "\n")
    return str(path)


@pytest.fixture
def tables(tmp_path):
    nats = np.array(NATS)
    bits = nats / np.log(2) / BYTES
    return {
        "nats/token": table(tmp_path / "nats.csv", "loss", nats),
        "bits/byte": table(tmp_path / "bpb.csv", "val/bpb", bits),
        "perplexity": table(tmp_path / "ppl.csv", "val/perplexity", np.exp(nats)),
    }


def outward(unit, nats):
    return {"nats/token": nats, "bits/byte": nats / np.log(2) / BYTES,
            "perplexity": np.exp(nats)}[unit]  # fmt: skip


def run(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


OPTIONS = ("--bootstrap", "0")


@pytest.mark.parametrize("unit", ["bits/byte", "perplexity"])
def test_the_same_answers_in_another_unit(unit, tables, capsys, tmp_path):
    target = ["--target-loss", f"{outward(unit, 2.6):.12g}", *OPTIONS]
    plain = run(capsys, "plan", tables["nats/token"], "--target-loss", "2.6", *OPTIONS)
    other = run(capsys, "plan", tables[unit], *target)
    assert other["unit"] == unit
    assert other["flops"]["value"] == pytest.approx(plain["flops"]["value"], rel=2e-3)
    assert other["loss"]["value"] == pytest.approx(outward(unit, 2.6), rel=1e-6)
    assert unit in other["summary"]
    point = ["--predict", "params=1e9,tokens=1e10", *OPTIONS]
    known = run(capsys, "fit", tables["nats/token"], *point)["predictions"][0]
    saved = str(tmp_path / "fit.json")
    found = run(capsys, "fit", tables[unit], *point, "--save", saved)
    assert found["unit"] == unit
    assert found["predictions"][0]["value"] == pytest.approx(
        outward(unit, known["value"]), rel=2e-3
    )
    again = run(capsys, "fit", saved, "--predict", "params=1e9,tokens=1e10")
    assert again["unit"] == unit
    assert again["predictions"][0]["value"] == found["predictions"][0]["value"]
    planned = run(capsys, "plan", saved, *target[:2])
    assert planned["flops"]["value"] == pytest.approx(other["flops"]["value"], rel=1e-9)


def test_different_units_are_not_compared(tables, capsys):
    assert main(["compare", tables["nats/token"], tables["bits/byte"], *OPTIONS]) == 2
    said = capsys.readouterr().err
    assert "nats/token" in said
    assert "bits/byte" in said
    assert said.count("\n") == 1


def test_accuracy_rises(tmp_path, capsys):
    loss = (
        0.05 + 3 * np.array([n for n, _ in GRID]) ** -0.2 + np.array([d for _, d in GRID]) ** -0.2
    )
    path = table(tmp_path / "acc.csv", "accuracy", 1 - loss)
    found = run(capsys, "fit", path, "--predict", "params=1e9,tokens=1e10", "--bootstrap", "20")
    inside = found["predictions"][0]
    assert found["unit"] == "accuracy"
    assert inside["low"] <= inside["value"] <= inside["high"]
    assert 0.8 < inside["value"] < 1
