"""`--plot`, `--csv` and `--figure-style` in every command that has figures or rows."""

import json
import time

import numpy as np
import pyarrow.csv
import pytest
from PIL import Image

from eigenscale.cli.app import main
from eigenscale.cli.output import common


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("faces")
    N, D = np.meshgrid(np.geomspace(1e6, 1e8, 5), np.geomspace(1e8, 1e10, 4))
    loss = 1.7 + 400 / N**0.34 + 410 / D**0.28
    loss = loss * np.exp(0.003 * np.random.default_rng(1).normal(size=loss.shape))
    rows = zip(N.flat, D.flat, loss.flat, strict=True)
    lines = [f"r{i},{n},{d},{x}" for i, (n, d, x) in enumerate(rows)]
    (folder / "runs.csv").write_text("\n".join(["name,params,tokens,loss", *lines]) + "\n")
    np.save(folder / "x.npy", np.random.default_rng(0).normal(size=(120, 8)) * np.arange(1, 9))
    fit = ["fit", f"{folder}/runs.csv", "--bootstrap", "20", "--save", f"{folder}/fit.json"]
    assert main(fit) == 0
    return folder


COMMANDS = {
    "spectrum": ["x.npy"],
    "dimension": ["x.npy"],
    "theory": ["--alpha", "0.5", "--latent-dim", "100", "--features", "5,10", "--samples", "20"],
    "fit": ["fit.json"],
    "compare": ["fit.json", "hoffmann"],
    "predict": ["fit.json", "--flops", "1e20,1e21"],
    "plan": ["fit.json", "--flops", "1e20,1e21"],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_draws_slides_and_writes_rows(command, here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    asked = [command, *COMMANDS[command], "--csv", "rows.csv", "--plot", "slide.png"]
    assert main([*asked, "--figure-style", "slide", "--json"]) == 0
    json.loads(capsys.readouterr().out)
    with Image.open("slide.png") as drawn:
        width, height = drawn.size
    assert width / height == pytest.approx(16 / 9, rel=0.01)
    assert pyarrow.csv.read_csv("rows.csv").num_rows >= 1


def test_columns_of_a_look_are_rows(here, monkeypatch):
    monkeypatch.chdir(here)
    assert main(["look", "runs.csv", "--csv", "columns.csv"]) == 0
    assert pyarrow.csv.read_csv("columns.csv").column("role").to_pylist()[1:] == [
        "params", "tokens", "loss"
    ]  # fmt: skip


def test_a_style_that_does_not_exist_is_said(here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    asked = ["compare", "fit.json", "hoffmann", "--figure-style"]
    assert main([*asked, "poster", "--plot", "x.png"]) == 2
    assert "use paper, page, slide" in capsys.readouterr().err
    assert main([*asked, "slide"]) == 2
    assert "needs a figure; give --plot FILE" in capsys.readouterr().err
    assert not (here / "x.png").exists()


def test_a_figure_that_needs_the_runs_is_said(here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    assert main(["fit", "fit.json", "--plot", "x.png", "--figure", "residuals"]) == 2
    assert "was saved without its runs; it has law" in capsys.readouterr().err


def test_runs_that_are_left_out_are_named(here, monkeypatch, capsys):
    monkeypatch.chdir(here)
    asked = ["fit", "runs.csv", "--bootstrap", "0", "--drop-highest", "1", "--where", "name!=r19"]
    assert main([*asked, "--json"]) == 0
    where, highest = json.loads(capsys.readouterr().out)["excluded"]
    assert where == {"rows": [20], "reason": "not where name != 'r19'", "runs": ["r19"]}
    assert highest["rows"] == [1]
    assert highest["runs"] == ["r0"]
    assert abs(highest["residuals"][0]) < 0.05
    assert main(asked) == 0
    said = capsys.readouterr().out
    assert "left out 1 row: not where name != 'r19' (row 20 r19)" in said
    assert "Left out, the 1 highest losses: row 1 r0 (" in said


def test_a_line_is_written_now_and_then_where_there_is_no_terminal(monkeypatch, capsys):
    monkeypatch.setattr(common, "EVERY", 0.02)
    with common.progress_bar("fitting") as progress:
        progress(1, 4)
        time.sleep(0.1)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("fitting: 25 % done, about ") for line in lines)


def test_short_work_writes_no_line(capsys):
    with common.progress_bar("fitting") as progress:
        progress(1, 1)
    assert capsys.readouterr().err == ""
