import json
from pathlib import Path

import pytest

from eigenscale.cli.app import main


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    rows = [
        (size, data, 1.7 + 400 / size**0.34 + 410 / data**0.28)
        for size in (1e6, 1e7, 1e8)
        for data in (1e8, 1e9, 1e10)
    ]
    path.write_text("params,tokens,loss\n" + "".join(f"{n},{d},{x}\n" for n, d, x in rows))
    return path


def test_json_is_one_object_with_the_page_and_its_figures(runs, tmp_path, capsys):
    assert main(["report", "-o", str(tmp_path / "out"), "--runs", str(runs), "--json"]) == 0
    out, error = capsys.readouterr()
    found = json.loads(out)
    assert error == ""
    assert Path(found["page"]).name == "index.html"
    assert all(Path(figure).exists() for figure in [found["page"], *found["figures"]])
    assert {Path(figure).suffix for figure in found["figures"]} == {".png"}


def test_a_law_can_be_named(runs, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["report", "-o", str(out), "--runs", str(runs), "--law", "kaplan"]) == 0
    assert capsys.readouterr().out == f"report written: {out / 'index.html'}\n"
    assert "Parameters of kaplan" in (out / "index.html").read_text()
