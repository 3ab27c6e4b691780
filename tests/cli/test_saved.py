"""Saved fits on the command line: `fit --save`, then fit, plan and compare without the runs."""

import json
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.laws.registry import get

THETA = np.array([1.69, 406.4, 410.7, 0.34, 0.28])


def write_runs(path, theta=THETA, noise=0.003, seed=0, names=("params", "tokens")):
    N, D = np.meshgrid(np.geomspace(1e7, 1e10, 7), np.geomspace(1e9, 1e12, 7))
    N, D = N.ravel(), D.ravel()
    loss = get("chinchilla").predict(theta, params=N, tokens=D)
    loss *= np.exp(noise * np.random.default_rng(seed).standard_normal(49))
    rows = zip(N, D, loss, strict=True)
    lines = [",".join(f"{value:.17g}" for value in row) for row in rows]
    path.write_text("\n".join([",".join([*names, "loss"]), *lines]) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs A; runs B, of which every token is worth 1.4; and a fit of each."""
    place = tmp_path_factory.mktemp("fits")
    better = THETA * [1, 1, 1.4**-0.28, 1, 1]
    for name, theta, seed in (("a", THETA, 1), ("b", better, 9)):
        path = write_runs(place / f"{name}.csv", theta, seed=seed)
        saved = str(place / f"{name}.json")
        options = ["--bootstrap", "100", "--objective", "huber:0.01", "--save", saved, "--json"]
        with redirect_stdout(StringIO()):
            assert main(["fit", str(path), *options]) == 0
    return place


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def refused(capsys, *arguments):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    return err


def test_a_saved_fit_predicts_at_points_of_a_table_and_at_one_point(folder, capsys):
    points = folder / "points.csv"
    points.write_text("params,tokens\n7e10,1.4e12\n")
    code, out, _ = run(capsys, "fit", folder / "a.json", "--predict", points, "--json")
    assert code == 0
    by_table = json.loads(out)
    at = "params=70B,tokens=1.4e12"
    assert "not a number" in refused(capsys, "fit", folder / "a.json", "--predict", at)
    at = "params=7e10,tokens=1.4e12"
    code, out, _ = run(capsys, "fit", folder / "a.json", "--predict", at, "--json")
    assert json.loads(out)["predictions"] == by_table["predictions"]
    (found,) = by_table["predictions"]
    assert found["low"] < found["value"] < found["high"]
    assert found["value"] == pytest.approx(1.9366, rel=0.02)
    assert by_table["parameters"]["alpha"]["level"] == 0.9
    code, out, _ = run(capsys, "fit", folder / "a.json", "--predict", at)
    assert "cold starts end at this optimum" in out


def test_a_point_takes_compute_for_tokens(folder, capsys):
    at = f"params=7e10,flops={6 * 7e10 * 1.4e12}"
    _, out, _ = run(capsys, "fit", folder / "a.json", "--predict", at, "--json")
    _, same, _ = run(
        capsys, "fit", folder / "a.json", "--predict", "params=7e10,tokens=1.4e12", "--json"
    )
    assert json.loads(out)["predictions"][0] == pytest.approx(json.loads(same)["predictions"][0])


def test_a_plan_by_a_saved_fit_is_that_of_its_runs(folder, capsys):
    options = ["--flops", "1e23", "--json"]
    settings = ["--bootstrap", "100", "--level", "0.9"]
    code, out, _ = run(capsys, "plan", folder / "a.json", *options)
    assert code == 0
    plan = json.loads(out)
    assert plan["params"]["low"] < plan["params"]["value"] < plan["params"]["high"]
    assert "flops" in plan["trust"]["decades"]
    _, out, _ = run(capsys, "plan", folder / "a.csv", *options, *settings)
    other = json.loads(out)  # the command fits by huber:1e-3, so alike and not the same
    assert plan["params"]["value"] == pytest.approx(other["params"]["value"], rel=0.2)


def test_what_would_be_ignored_is_refused(folder, capsys):
    for command in (["fit"], ["plan", "--flops", "1e21"]):
        said = refused(capsys, *command, folder / "a.json", "--law", "power")
        assert "is a saved fit, which --law cannot change" in said
    said = refused(capsys, "fit", folder / "a.json", "--drop-highest", "5")
    assert "--drop-highest" in said
    said = refused(capsys, "plan", folder / "a.json", "--constants", "hoffmann", "--flops", "1e21")
    assert "--constants" in said


def test_two_fits_are_compared_in_words_and_numbers(folder, capsys):
    code, out, err = run(capsys, "compare", folder / "a.json", folder / "b.json")
    assert code == 0
    assert "one validation set with one tokenizer" in err
    lines = out.splitlines()
    assert lines[2].startswith("for the loss of A at 10 billion parameters and 1 trillion tokens, ")
    assert "B needs 1." in lines[3]
    assert " times less data than A (90 % interval: " in lines[3]
    assert "less compute than A" in lines[4]
    code, out, _ = run(capsys, "compare", folder / "a.json", folder / "b.json", "--json")
    result = json.loads(out)
    assert result["data"]["low"] < 1.4 < result["data"]["high"]
    assert result["data"]["level"] == 0.9
    assert 1 < result["compute"]["value"] < result["data"]["value"]
    assert (result["params"], result["tokens"]) == (1e10, 1e12)
    _, out, _ = run(capsys, "compare", folder / "b.json", folder / "a.json", "--json")
    other = json.loads(out)
    assert "B needs 1." in other["sentences"][0]
    assert "times as much data as A" in other["sentences"][0]
    assert other["data"]["value"] == pytest.approx(1 / result["data"]["value"], rel=0.05)


def test_a_fit_is_compared_with_runs_and_with_published_constants(folder, capsys):
    at = ["--params", "1e9", "--tokens", "1e10", "--json"]
    code, out, _ = run(
        capsys, "compare", folder / "a.json", folder / "a.csv", "--bootstrap", 50, *at
    )
    assert code == 0
    assert json.loads(out)["data"]["value"] == pytest.approx(1, abs=0.1)
    code, out, err = run(capsys, "compare", folder / "a.json", "hoffmann", *at)
    assert "warning: hoffmann holds for the losses of its authors" in err
    near = json.loads(out)["data"]
    assert code == 0
    assert near["low"] < 1 < near["high"]
    code, out, _ = run(capsys, "compare", "hoffmann", "besiroglu", *at)
    assert json.loads(out)["data"]["low"] is None
    far = ["--params", "1e11", "--tokens", "1e13"]
    _, _, err = run(capsys, "compare", folder / "a.json", folder / "b.json", *far)
    assert "warning: with less data B has that loss at 1e+11 params; its runs have 1e+07 to" in err


def test_comparisons_that_make_no_sense_are_refused(folder, capsys, tmp_path):
    assert "give --params and --tokens" in refused(capsys, "compare", "hoffmann", folder / "a.json")
    said = refused(capsys, "compare", folder / "a.json", folder / "b.json", "--params", "1e9")
    assert "give both or neither" in said
    students = write_runs(tmp_path / "students.csv", names=("n_features", "n_samples"))
    said = refused(capsys, "compare", folder / "a.json", students, "--bootstrap", 0)
    assert "the first law counts params and tokens, the second n_features and n_samples" in said
    said = refused(capsys, "compare", folder / "a.json", folder / "a.csv", "--law", "power")
    assert "is no law of params and tokens" in said
    said = refused(capsys, "compare", folder / "a.json", "hofmann")
    assert "'hofmann' is neither a file nor the name of published constants; those are" in said
    assert "hoffmann" in said


def test_what_all_laws_say_is_saved_and_planned_with(folder, tmp_path, capsys):
    saved, at = tmp_path / "all.json", ["--predict", "params=7e10,tokens=1.4e12"]
    options = ["--law", "all", "--bootstrap", 60]
    code, out, _ = run(capsys, "fit", folder / "a.csv", *options, *at, "--save", saved, "--json")
    assert code == 0
    first = json.loads(out)
    _, out, _ = run(capsys, "fit", saved, *at, "--json")
    again = json.loads(out)
    for key in ("law", "predictions", "run_predictions", "decades_beyond"):
        assert again[key] == first[key]
    assert again["decades_beyond"] == pytest.approx([np.log10(9.8)])
    said = "The point lies 1.0 decades beyond the largest run: this is an extrapolation"
    assert any(line.startswith(said) for line in first["warnings"])
    code, out, err = run(capsys, "fit", saved, *at)
    assert "normal priors" in out
    assert f"warning: {said}" in err
    _, out, _ = run(capsys, "plan", saved, "--flops", "1e23", "--json")
    plan = json.loads(out)
    assert plan["surface"].startswith("chinchilla")
    _, out, _ = run(capsys, "plan", folder / "a.csv", *options, "--flops", "1e23", "--json")
    assert json.loads(out)["loss"] == plan["loss"]
    code, out, _ = run(capsys, "compare", saved, folder / "b.json", "--json")
    assert json.loads(out)["data"]["low"] < 1.4 < json.loads(out)["data"]["high"]


DAMAGE = {
    "cut short": (lambda text: text[:400], "cannot be read as a saved fit"),
    "newer": (lambda text: text.replace("fit-2", "fit-7"), "saved by a newer eigenscale"),
    "older": (lambda text: text.replace("fit-2", "fit-1"), "saved by an older eigenscale"),
    "another law": (lambda text: text.replace("chinchilla", "mine"), "law 'mine' is unknown"),
    "no draws": (lambda text: text.replace('"draws"', '"drawn"'), "is a damaged fit"),
    "not finite": (lambda text: text.replace('"theta": [', '"theta": [NaN, '), "not finite"),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("command", ["fit", "plan", "compare"])
def test_damaged_files_are_one_line(folder, tmp_path, capsys, damage, command):
    change, said = DAMAGE[damage]
    path = tmp_path / "fit.json"
    path.write_text(change((folder / "a.json").read_text()))
    more = {"fit": [], "plan": ["--flops", "1e21"], "compare": [folder / "b.json"]}[command]
    assert said in refused(capsys, command, path, *more)


def test_a_saved_fit_in_place_of_runs_is_named_as_such(folder, tmp_path, capsys):
    said = refused(capsys, "report", "--runs", folder / "a.json", "-o", tmp_path / "page")
    assert "a.json is a saved fit, not runs" in said
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_drawn_is_said_before_the_fit_is_saved(tmp_path, capsys):
    x = np.geomspace(1e6, 1e10, 8)
    rows = "".join(f"{d:.17g},{2 + 30 / d**0.2:.17g}\n" for d in x)
    (tmp_path / "runs.csv").write_text("tokens,loss\n" + rows)
    places = ["--save", tmp_path / "fit.json", "--plot", tmp_path / "x.png"]
    more = ["--figure", "approaches", "--law", "power", "--bootstrap", 0]
    assert "nothing to draw" in refused(capsys, "fit", tmp_path / "runs.csv", *places, *more)
    assert [path.name for path in tmp_path.iterdir()] == ["runs.csv"]


def test_a_foreign_json_is_read_as_runs_and_refused_as_such(tmp_path, capsys):
    path = tmp_path / "package.json"
    path.write_text('{"name": "x", "version": 1}')
    assert "has no loss column" in refused(capsys, "fit", path)


@pytest.mark.parametrize(
    ("place", "said"),
    [("absent/fit.json", "is not a folder; make it"), (".", "is a folder; name a file in it")],
)
def test_a_place_that_cannot_be_written_is_said_before_the_work(
    folder, tmp_path, capsys, place, said
):
    assert said in refused(capsys, "fit", folder / "a.csv", "--save", tmp_path / place)
    assert list(tmp_path.iterdir()) == []


def test_a_fit_is_not_saved_over_its_runs(folder, capsys):
    before = (folder / "a.csv").read_bytes()
    said = refused(capsys, "fit", folder / "a.csv", "--save", folder / "." / "a.csv")
    assert "a.csv is what is read; name another file" in said
    assert (folder / "a.csv").read_bytes() == before


def test_a_fit_that_fails_saves_nothing_and_leaves_what_was_there(folder, tmp_path, capsys):
    (tmp_path / "fit.json").write_text("mine")
    refused(capsys, "fit", folder / "a.csv", "--law", "steps", "--save", tmp_path / "fit.json")
    assert (tmp_path / "fit.json").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["fit.json"]
