import json

import pytest

from eigenscale.cli.app import main
from eigenscale.figures import gallery as room
from eigenscale.figures.solvable import losses as gallery_losses


@pytest.fixture
def one_figure(monkeypatch):
    monkeypatch.setattr(room, "FIGURES", {"iso-loss": gallery_losses.iso_loss_lines})


@pytest.mark.usefixtures("one_figure")
def test_files_and_json(capsys, tmp_path):
    folder = tmp_path / "g"
    assert main(["gallery", "-o", str(folder), "--format", "svg", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["figures"] == [f"{folder}/iso-loss.svg"]
    assert (folder / "iso-loss.svg").exists()
    arguments = [str(folder), "--figures", "iso-loss", "--recompute", "--format", "svg"]
    assert main(["gallery", *arguments]) == 0
    assert "1 figure written to" in capsys.readouterr().out


def test_an_unknown_ending_is_one_line(capsys, tmp_path):
    assert main(["gallery", "-o", str(tmp_path / "g"), "--format", "gif"]) == 2
    assert capsys.readouterr().err == "error: --format 'gif' is not one of png, svg, pdf, html\n"
    assert not (tmp_path / "g").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["out", "--figures", "none"], "figure 'none' is not known; use "),
        ([], "gallery needs one folder"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(capsys, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    assert main(["gallery", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
