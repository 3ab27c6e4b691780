"""Predictions at new points, registered before they are measured, and scored afterwards."""

import json

import numpy as np
import pandas as pd
import pytest

import eigenscale as es
from eigenscale.cli.app import main


def law(N, D):
    return 1.7 + 400 / N**0.34 + 410 / D**0.28


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 4), np.geomspace(1e9, 1e11, 4)))
    noise = np.exp(0.003 * np.random.default_rng(0).normal(size=N.shape))
    runs = pd.DataFrame({"params": N, "tokens": D, "loss": law(N, D) * noise})
    path = tmp_path_factory.mktemp("fit") / "fit.json"
    es.save_fit(es.fit(runs, law="all", bootstrap=100, rng=0), path)
    return path


def run(capsys, *arguments):
    code = main([str(one) for one in arguments])
    return code, *capsys.readouterr()


def test_a_budget_is_predicted_at_its_best_size(saved, capsys):
    code, out, _ = run(capsys, "predict", saved, "--flops", "1e22", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["registered"] is None
    point, predicted = found["points"][0], found["predictions"][0]
    assert 6 * point["params"] * point["tokens"] == pytest.approx(1e22, rel=1e-6)
    assert predicted["low"] < law(point["params"], point["tokens"]) < predicted["high"]
    assert isinstance(predicted["reliable"], bool)
    assert es.plan(es.load_fit(saved), 1e22).params.value == pytest.approx(point["params"])


def test_points_of_a_table_keep_their_order(saved, capsys, tmp_path):
    table = tmp_path / "points.csv"
    table.write_text("params,tokens\n1e9,1e11\n1e8,1e10\n")
    _, out, _ = run(capsys, "predict", saved, table, "--json")
    values = [one["value"] for one in json.loads(out)["predictions"]]
    assert values == pytest.approx([law(1e9, 1e11), law(1e8, 1e10)], rel=0.02)
    frame = es.predict(saved, {"params": [1e9, 1e8], "tokens": [1e11, 1e10]}).to_pandas()
    assert frame["value"].tolist() == pytest.approx(values)


def test_what_is_registered_is_scored_and_cannot_be_changed(saved, capsys, tmp_path):
    record, runs = tmp_path / "record.json", tmp_path / "runs.csv"
    for size in ("2e9", "4e9"):
        code, out, _ = run(
            capsys, "predict", saved, "--params", size, "--tokens", "1e11", "--register", record
        )
        assert code == 0
        assert "Registered in" in out
    runs.write_text(f"params,tokens,loss\n2e9,1e11,{law(2e9, 1e11)}\n1e9,1e11,3\n")
    _, out, _ = run(capsys, "score", record, runs, "--json")
    found = json.loads(out)
    only = found["scores"][0]
    assert len(found["scores"]) == 1
    assert only["inside"] is True
    half = np.log(only["predicted"]["high"] / only["predicted"]["low"]) / 2
    z = np.log(only["measured"] / only["predicted"]["value"]) / (half / 1.6448536)
    assert only["z"] == pytest.approx(z, rel=1e-6)
    assert found["waiting"] == [{"params": 4e9, "tokens": 1e11}]
    assert found["calibration"]["hit_rate"] == 1
    assert found["calibration"]["interval_score"] == pytest.approx(2 * half)
    text = record.read_text()
    record.write_text(text.replace('"reliable": true', '"reliable": false', 1))
    code, _, err = run(capsys, "score", record, runs)
    assert code == 2
    assert "entry 1 of" in err
    assert "does not match its hash" in err


def test_a_miss_costs_twenty_times_its_size():
    from eigenscale.laws.saving.registered import ScoreCard, Scored

    found = es.Interval(2.0, 1.9, 2.1, level=0.9)
    card = ScoreCard((Scored({"flops": 1.0}, found, 2.2, 1.0, "now"),), (), "nats/token")
    wanted = np.log(2.1 / 1.9) + 20 * np.log(2.2 / 2.1)
    assert card.calibration["interval_score"] == pytest.approx(wanted)
    assert card.calibration["hit_rate"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--params", "1e9"), "params and tokens name a point together"),
        ((), "give one of: a table of points, flops, or params with tokens"),
        (("--flops", "-1"), "-1 is no size or budget"),
        (("--flops", "1e21", "--params", "1e9", "--tokens", "1e9"), "give one of"),
    ],
)
def test_bad_points_are_refused_in_one_line(saved, capsys, arguments, said):
    code, out, err = run(capsys, "predict", saved, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_record_is_a_record(saved, capsys, tmp_path):
    record = tmp_path / "record.json"
    record.write_text("[]")
    for arguments in (
        ("predict", saved, "--flops", "1e22", "--register", record),
        ("score", record, tmp_path / "runs.csv"),
    ):
        (tmp_path / "runs.csv").write_text("params,tokens,loss\n2e9,1e11,2\n3e9,1e11,1.9\n")
        code, _, err = run(capsys, *arguments)
        assert code == 2
        assert "is no record of predictions" in err
    assert record.read_text() == "[]"
