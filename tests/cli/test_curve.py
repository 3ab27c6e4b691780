"""`eigenscale curve`: the contract, plans, first parts, one line for slips."""

import csv
import json

import numpy as np
import pytest

from eigenscale.cli.app import main
from eigenscale.laws.curves.exposure import expose
from eigenscale.laws.curves.registry import get
from eigenscale.laws.schedules.shapes import constant, cosine, two_stage, wsd

THETA = np.array([3.04, 0.525, 0.508, 364.0, 2.07, 0.583, 0.641])
RATE = {"peak": 3e-4, "warmup": 600}
PLANS = {
    "cosine": cosine(total=8000, end=3e-5, **RATE),
    "constant": constant(total=8000, **RATE),
    "two": two_stage(end=9e-5, start=3000, total=6000, **RATE),
    "wsd": wsd(total=8000, start=6500, end=3e-5, **RATE),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("curves")
    for name, plan in PLANS.items():
        steps = np.arange(640, plan.total + 1, 80)
        loss = get("multi-power").loss(THETA, expose(plan, steps))
        loss *= np.exp(1e-3 * np.random.default_rng(len(name)).normal(size=len(steps)))
        rows = zip(steps, plan.rates[steps - 1], loss, strict=True)
        text = "\n".join(f"{s},{r:.8g},{v:.5f}" for s, r, v in rows)
        (folder / f"{name}.csv").write_text(f"step,lr,loss\n{text}\n")
    return folder


def run(capsys, *words):
    assert main(["curve", *map(str, words), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_json_keeps_the_contract(files, capsys):
    given = [files / f"{n}.csv" for n in ("cosine", "constant", "two")]
    out = run(capsys, *given, "--predict", files / "wsd.csv")
    assert out["law"] == "multi-power"
    assert list(out["parameters"]) == ["L0", "A", "alpha", "B", "C", "beta", "gamma"]
    assert all({"value", "low", "high", "level"} <= set(p) for p in out["parameters"].values())
    assert out["certificate"]["agreeing"] >= 15
    (end,) = out["predictions"]
    assert (end["name"], end["step"], end["reliable"]) == ("wsd", 8000, True)
    measured = get("multi-power").loss(THETA, expose(PLANS["wsd"], np.array([8000])))[0]
    assert end["loss"]["low"] < measured < end["loss"]["high"]
    assert end["loss"]["value"] == pytest.approx(measured, rel=0.005)


def test_several_plans_behind_one_option(files, capsys):
    words = ["--predict", files / "wsd.csv", files / "two.csv", "--at", "5000"]
    out = run(capsys, files / "cosine.csv", files / "constant.csv", *words)
    assert [(p["name"], p["step"]) for p in out["predictions"]] == [("wsd", 5000), ("two", 5000)]


def test_the_end_of_a_run_from_its_first_part(files, capsys):
    out = run(capsys, files / "cosine.csv", "--until", 4000, "--family", files / "two.csv")
    (end,) = out["predictions"]
    assert end["step"] == 8000
    assert out["curves"][0]["last_step"] <= 4000


def test_another_schedule_and_a_table(files, capsys, tmp_path):
    words = ["--schedule", "wsd:start=0.8,total=12000,end=3e-5", "--csv", tmp_path / "p.csv"]
    out = run(capsys, files / "cosine.csv", files / "constant.csv", *words)
    assert out["predictions"][0]["step"] == 12000
    with (tmp_path / "p.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert float(row["loss"]) == pytest.approx(out["predictions"][0]["loss"]["value"])


def test_words(files, capsys):
    assert main(["curve", str(files / "constant.csv"), "--schedule", "cosine"]) == 0
    out, err = capsys.readouterr()
    assert "DO NOT RELY on cosine" in out
    assert "No curve shows annealing" in err
    assert "--warmup" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing.csv"], "no such file"),
        (["{cosine}", "--law", "cubic"], "use one of multi-power"),
        (["{cosine}", "--until", "9000"], "--until 9,000 does not cut"),
        (["{cosine}", "{two}", "--until", "4000"], "--until is about one curve"),
        (["{cosine}", "--at", "9000"], "--at 9,000 lies beyond"),
        (["{cosine}", "--schedule", "cosin"], "is not known"),
        (["{cosine}", "--schedule", "cosine:total=9000,peak=-1"], "positive"),
        (["{cosine}", "--level", "2"], "between 0 and 1"),
        (["{cosine}", "--csv", "{cosine}.absent/p.csv"], "is not a folder"),
        (["{cosine}", "--columns", "lr"], "write name=value"),
        (["{bare}"], "no learning rate"),
        (["{bare}", "--schedule", "cosine:peak=1,total=100"], "at least as long as the run"),
        (["{short}"], "at least 5"),
        (["{cosine}", "--predict", "{bare}"], "no learning rate"),
    ],
)
def test_one_line_for_slips(files, tmp_path, capsys, words, said):
    (tmp_path / "bare.csv").write_text(
        "step,loss\n" + "\n".join(f"{s},{3 - s / 1e4}" for s in range(100, 1001, 100))
    )
    (tmp_path / "short.csv").write_text("step,lr,loss\n10,1e-3,3\n20,1e-3,2.9\n")
    places = {n: files / f"{n}.csv" for n in PLANS} | {
        n: tmp_path / f"{n}.csv" for n in ("bare", "short")
    }
    assert main(["curve", *(w.format(**places) for w in words)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    last = err.strip().splitlines()[-1]
    assert last.startswith("error: ")
    assert said in last


def test_best_schedule_laws_more_and_race(files, capsys):
    given = [files / f"{n}.csv" for n in ("cosine", "constant", "two")]
    out = run(capsys, *given, "--law", "all", "--best", 9000)
    assert {row["law"] for row in out["laws"]} >= {"multi-power", "steps-only"}
    assert sum(row["weight"] for row in out["laws"]) == pytest.approx(1)
    assert all(r["gain"]["value"] > 0 for r in out["best"]["against"])
    out = run(capsys, files / "constant.csv", "--more", 4000)
    assert out["more"]["worth"] is True
    out = run(capsys, files / "cosine.csv", files / "two.csv", "--compare")
    assert [r["advice"] in ("promote", "stop", "wait") for r in out["race"]] == [True, True]


def test_a_running_run_is_followed_to_its_end(files, tmp_path, capsys, monkeypatch):
    """A file that grows by a part at each look, with its schedule known."""
    from eigenscale.cli.output import follow

    lines = (files / "cosine.csv").read_text().splitlines()
    run_file, left = tmp_path / "run.csv", [len(lines), 60, 40]
    spec = "cosine:peak=3e-4,end=3e-5,warmup=600,total=8000"
    bare = [",".join(line.split(",")[::2]) for line in lines]

    def grow(_):
        run_file.write_text("\n".join(bare[: left.pop()]) + "\n")

    grow(0)
    monkeypatch.setattr(follow.time, "sleep", grow)
    words = ["curve", str(run_file), "--schedule", spec, "--follow", "--json"]
    assert main([*words, "--plot", str(tmp_path / "run.png")]) == 0
    seen = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(seen) == 3
    assert [len(one["predictions"]) for one in seen] == [1, 1, 0]
    assert (tmp_path / "run.png").stat().st_size > 1000


def test_following_needs_a_file_that_can_be_read(tmp_path, capsys):
    assert main(["curve", str(tmp_path / "none.csv"), "--follow"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


def test_finished_runs_become_points_for_fit(files, tmp_path, capsys):
    given = [files / f"{n}.csv" for n in ("cosine", "wsd")]
    words = ["--points", tmp_path / "runs.csv", "--params", "25e6", "--tokens-per-step", "5e5"]
    out = run(capsys, *given, *words)
    assert [p["tokens"] for p in out["points"]["points"]] == [4e9, 4e9]
    with (tmp_path / "runs.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert {float(row["params"]) for row in rows} == {25e6}
    assert main(["curve", str(given[0]), "--points", str(tmp_path / "p.csv")]) == 2
    assert "give --params" in capsys.readouterr().err
    assert main(["curve", str(given[0]), *map(str, words[:4])]) == 2
    assert "give --tokens-per-step" in capsys.readouterr().err
    assert main(["curve", str(given[0]), "--params", "25e6"]) == 2


def test_a_schedule_without_a_peak_is_in_units_of_it(files, tmp_path, capsys):
    lines = (files / "cosine.csv").read_text().splitlines()
    bare = "\n".join(",".join(line.split(",")[::2]) for line in lines)
    (tmp_path / "bare.csv").write_text(bare + "\n")
    out = run(capsys, tmp_path / "bare.csv", "--schedule", "cosine:end=0.1", "--warmup", 600)
    assert "in units of it" in out["curves"][0]["guessed"][0]
    assert main(["curve", str(files / "cosine.csv"), "--schedule", "cosine:total=900"]) == 2
    assert "give a longer one" in capsys.readouterr().err
