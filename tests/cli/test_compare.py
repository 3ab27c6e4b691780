"""`eigenscale compare`: multipliers inside the runs, at their edge and beyond, and never."""

import json

import numpy as np
import pytest

from eigenscale.cli.app import main


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Three tables of the same runs, their laws apart by the floor alone."""
    folder = tmp_path_factory.mktemp("compare")
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 5), np.geomspace(1e9, 3e10, 5)))
    noise = np.exp(0.003 * np.random.default_rng(1).standard_normal(N.size))
    paths = []
    for floor in (1.8, 1.7, 3.5):
        loss = (floor + 480 / N**0.35 + 2100 / D**0.37) * noise
        rows = [f"{n:.6g},{d:.6g},{y:.6f}" for n, d, y in zip(N, D, loss, strict=True)]
        path = folder / f"{floor}.csv"
        path.write_text("\n".join(["params,tokens,loss", *rows]) + "\n")
        paths.append(str(path))
    return paths


def compared(capsys, *arguments):
    assert main(["compare", *arguments, "--bootstrap", "50", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_lower_floor_saves_more_the_further_out(tables, capsys):
    found = compared(capsys, *tables[:2])
    assert found["status"] == "ok"
    assert [at["flops"] for at in found["at"]] == pytest.approx(
        [6 * (1e7 * 1e9 * 1e9 * 3e10) ** 0.5, 6 * 1e9 * 3e10, 60 * 1e9 * 3e10], rel=1e-4
    )
    factors = [at["compute"]["value"] for at in found["at"]]
    assert 1 < factors[0] < factors[1] < factors[2]
    assert found["compute"]["value"] == pytest.approx(factors[1])


def test_what_does_not_exist_is_null(tables, capsys):
    found = compared(capsys, tables[0], tables[2])
    assert found["status"] == "never"
    assert found["data"] is None
    assert found["compute"] is None
    assert all(at["compute"] is None for at in found["at"])


def test_people_read_three_places(tables, capsys):
    assert main(["compare", *tables[:2], "--bootstrap", "50"]) == 0
    out = capsys.readouterr().out
    for words in ("inside the runs of A", "at the edge of the runs", "ten times beyond the runs"):
        assert words in out


def test_constants_are_compared_around_the_run_named(capsys):
    asked = ["hoffmann", "besiroglu", "--params", "1e9", "--tokens", "1e11"]
    found = compared(capsys, *asked)
    assert [at["flops"] for at in found["at"]] == pytest.approx([6e20 / 10**0.5, 6e20, 6e21])
