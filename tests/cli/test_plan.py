import json

import numpy as np
import pytest

from eigenscale.cli.app import main


def planned(capsys, *arguments):
    assert main(["plan", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_constants_to_the_contract(capsys):
    plan = planned(capsys, "--constants", "hoffmann", "--flops", "1e21")
    assert plan["params"]["value"] == pytest.approx(1.824e9, rel=3e-4)
    assert plan["tokens"]["value"] == pytest.approx(9.136e10, rel=1e-4)
    assert plan["loss"]["value"] == pytest.approx(2.3289, abs=5e-5)
    assert plan["tokens_per_param"] == pytest.approx(50.1, abs=0.05)
    assert plan["loss"]["low"] is None
    assert isinstance(plan["warnings"], list)


def test_a_range_of_budgets_gives_rows(capsys):
    plan = planned(capsys, "--constants", "besiroglu", "--flops", "1e20:1e24:5")
    assert [row["flops"] for row in plan["rows"]] == pytest.approx([1e20, 1e21, 1e22, 1e23, 1e24])


def test_people_get_a_table_and_a_paragraph(capsys):
    assert main(["plan", "--constants", "hoffmann", "--flops", "1e21"]) == 0
    out = capsys.readouterr().out
    assert "the best estimate is 1.82 billion on 91.4 billion tokens" in out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--constants", "hoffmann", "--flops", "-1"],
        ["--constants", "hoffmann", "--flops", "many"],
        ["--constants", "nobody", "--flops", "1e21"],
        ["--constants", "hoffmann"],
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments, capsys):
    assert main(["plan", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Runs of a known law with half a percent of noise, on a grid."""
    rng = np.random.default_rng(0)
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 6), np.geomspace(1e9, 1e11, 6)))
    loss = (1.8 + 480 / N**0.35 + 2100 / D**0.37) * np.exp(0.005 * rng.normal(size=N.size))
    path = tmp_path_factory.mktemp("runs") / "runs.csv"
    rows = [f"{n:.6g},{d:.6g},{y:.6f}" for n, d, y in zip(N, D, loss, strict=True)]
    path.write_text("\n".join(["params,tokens,loss", *rows]) + "\n")
    return str(path)


def test_runs_give_intervals_and_trust(table, capsys):
    plan = planned(capsys, table, "--flops", "1e21", "--bootstrap", "100")
    assert plan["params"]["low"] < plan["params"]["value"] < plan["params"]["high"]
    assert plan["trust"]["grade"] == "near"
    assert any("decades beyond" in line for line in plan["warnings"])


def test_the_same_seed_gives_the_same_plan(table, capsys):
    arguments = (table, "--flops", "1e21", "--bootstrap", "50", "--seed", "3")
    assert planned(capsys, *arguments) == planned(capsys, *arguments)


def test_tables_and_figures_are_written(table, capsys, tmp_path):
    csv, svg = tmp_path / "plan.csv", tmp_path / "plan.svg"
    planned(
        capsys, table, "--flops", "1e19:1e21:3", "--bootstrap", "20",
        "--csv", str(csv), "--plot", str(svg),
    )  # fmt: skip
    header, *rows = csv.read_text().splitlines()
    assert header.startswith("flops,params,params_low,params_high,tokens")
    assert len(rows) == 3
    assert "<svg" in svg.read_text()[:2000]


def test_serving_unique_data_and_hardware(capsys):
    plan = planned(
        capsys, "--constants", "muennighoff", "--money", "1e6", "--device", "h100",
        "--devices", "64", "--price", "2.5", "--unique-tokens", "1e10", "--inference-tokens", "9e9",
    )  # fmt: skip
    assert plan["epochs"] > 1
    assert plan["cost"]["money"] == pytest.approx(1e6)
    assert plan["cost"]["training_hours"] > 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["--flops", "1e21"],
        ["no-such-file.csv", "--flops", "1e21"],
        ["--constants", "hoffmann", "--money", "1e6"],
        ["--constants", "hoffmann", "--flops", "1e21", "--device", "abacus"],
        ["--constants", "hoffmann", "--flops", "1e21", "--plot", "plan.doc"],
        ["--constants", "hoffmann", "--flops", "1e21", "--csv", "/no/such/folder/plan.csv"],
        [
            "--constants",
            "hoffmann",
            "--flops",
            "1e21",
            "--tokens",
            "1e9",
            "--unique-tokens",
            "1e10",
        ],
    ],
)
def test_contradictions_are_one_line_and_exit_2(arguments, capsys):
    assert main(["plan", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("error: ")
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_the_price_of_a_loss(table, capsys):
    found = planned(capsys, table, "--target-loss", "2.3", "--bootstrap", "100")
    assert found["target_loss"] == 2.3
    assert found["flops"]["low"] < found["flops"]["value"] < found["flops"]["high"]
    assert found["loss"]["value"] == pytest.approx(2.3)


def test_more_data_or_a_bigger_model(capsys):
    found = planned(capsys, "--constants", "besiroglu", "--params", "175e9", "--tokens", "300e9")
    assert found["answer"].startswith("More data")
    assert main(["plan", "--constants", "hoffmann", "--params", "1e9", "--tokens", "1e13"]) == 0
    assert capsys.readouterr().out.startswith("A bigger model")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--constants", "hoffmann", "--target-loss", "1.6"],
        ["--constants", "hoffmann", "--target-loss", "2", "--flops", "1e21"],
        ["--constants", "hoffmann", "--target-loss", "2", "--csv", "plan.csv"],
    ],
)
def test_targets_that_cannot_be(arguments, capsys):
    assert main(["plan", *arguments]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_details(capsys):
    plan = planned(capsys, "--constants", "hoffmann", "--flops", "1e21", "--details")
    assert len(plan["outlook"]["rows"]) == 3
    assert plan["shapes"][0]["params"] == pytest.approx(plan["params"]["value"], rel=0.05)
    rules = {setting["rule"] for setting in plan["hyperparameters"]}
    assert {"step-law-batch", "deepseek-learning-rate", "kaplan-batch"} <= rules
    assert main(["plan", "--constants", "hoffmann", "--flops", "1e21", "--details"]) == 0
    assert "Shapes near this size" in capsys.readouterr().out


def test_runs_to_train_next(table, capsys):
    arguments = ("--flops", "1e22", "--bootstrap", "50", "--next-cost", "1e20", "--next-count", "4")
    plan = planned(capsys, table, *arguments)
    assert sum(run["seeds"] for run in plan["next_runs"]["runs"]) == 4
    assert plan["next_runs"]["narrower"] > 1
    assert main(["plan", table, *arguments]) == 0
    assert "Runs to train next" in capsys.readouterr().out
    assert main(["plan", "--constants", "hoffmann", *arguments]) == 2
    assert "no draws" in capsys.readouterr().err
    chosen = ("--next-sizes", "1e8,3e8", "--next-goal", "size")
    proposal = planned(capsys, table, *arguments, *chosen)["next_runs"]
    assert {run["params"] for run in proposal["runs"]} <= {1e8, 3e8}
    assert proposal["goal"] == "size"


def test_runs_to_train_next_without_being_asked(table, capsys):
    plan = planned(capsys, table, "--flops", "1e22", "--bootstrap", "50")
    rows = plan["next_runs"]["runs"]
    assert 1 <= len(rows) <= 6
    assert {"params", "tokens", "seeds", "flops", "share", "narrows"} <= set(rows[0])
    assert plan["next_runs"]["recommendation"]
    assert plan["reliable"] is True
    assert "next_runs" not in planned(capsys, "--constants", "hoffmann", "--flops", "1e22")


def test_a_law_that_rewards_one_resource_only_is_refused(tmp_path, capsys):
    path = tmp_path / "runs.csv"
    N, D = (x.ravel() for x in np.meshgrid(np.geomspace(1e7, 1e9, 4), np.geomspace(1e9, 1e11, 4)))
    rows = [f"{n:.6g},{d:.6g},{2 + 500 / n**0.34:.6f}" for n, d in zip(N, D, strict=True)]
    path.write_text("\n".join(["params,tokens,loss", *rows]) + "\n")
    assert main(["plan", str(path), "--flops", "1e21", "--bootstrap", "0"]) == 2
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: ")
    assert error.count("\n") == 0
    assert "rewards params only" in error


def test_memory_and_the_price_of_serving(capsys):
    common = ("--constants", "hoffmann", "--flops", "1e23", "--device", "h100", "--price", "2")
    fits = planned(capsys, *common, "--devices", "2", "--in-memory")
    assert fits["params"]["value"] == pytest.approx(2 * 80e9 / 16)
    served = (*common, "--inference-tokens", "1e12")
    cheap = planned(capsys, *served)
    dear = planned(capsys, *served, "--serving-utilization", "0.1")
    assert dear["params"]["value"] < cheap["params"]["value"]
    for option in (("--in-memory",), ("--serving-price", "3")):
        assert main(["plan", "--constants", "hoffmann", "--flops", "1e21", *option]) == 2
        assert "--device" in capsys.readouterr().err


def test_a_sweep_to_run(capsys):
    plan = planned(capsys, "--constants", "hoffmann", "--flops", "1e19,1e20", "--sweep")
    assert len(plan["sweep"]) == 14
    assert {"layers", "width", "params", "tokens", "budget"} <= set(plan["sweep"][0])
    assert main(["plan", "--constants", "hoffmann", "--flops", "1e20", "--sweep"]) == 0
    assert "IsoFLOP sweep" in capsys.readouterr().out


NAMED = {"plan-frontier", "plan-contours", "plan-valleys", "plan-costs"}


def test_a_folder_gets_every_figure(tmp_path, capsys):
    folder = tmp_path / "figures"
    asked = ["--constants", "hoffmann", "--flops", "1e20:1e24:5", "--plot", f"{folder}/"]
    planned(capsys, *asked)
    assert {path.stem for path in folder.iterdir()} == NAMED


def test_one_budget_draws_the_valley_to_a_folder(tmp_path, capsys):
    planned(capsys, "--constants", "hoffmann", "--flops", "1e21", "--plot", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["plan-valleys.png"]


@pytest.mark.parametrize(
    ("figure", "words"),
    [("contours", "equal compute"), ("costs", "best loss"), ("valleys", "parameters")],
)
def test_a_figure_by_name(figure, words, tmp_path, capsys):
    path = tmp_path / "one.html"
    asked = ["--constants", "hoffmann", "--flops", "1e20:1e24:5", "--figure", figure]
    planned(capsys, *asked, "--plot", str(path))
    assert words in path.read_text(encoding="utf-8")


def test_neighbours_and_kaplans_crossings_are_break_points(capsys):
    asked = ["--constants", "kaplan", "--flops", "1e21", "--neighbour", "hoffmann"]
    points = planned(capsys, *asked)["break_points"]
    crossings = [p["flops"] / 8.64e19 for p in points if p["kind"] == "contradiction"]
    assert crossings == pytest.approx([1.12e4, 1.06e5], rel=5e-3)
    assert [p for p in points if p["kind"] == "neighbour"]
    assert "break_points" not in planned(capsys, *asked[:4])


def test_a_saved_fit_is_a_neighbour(table, tmp_path, capsys):
    saved = tmp_path / "fit.json"
    assert main(["fit", str(table), "--bootstrap", "0", "--save", str(saved)]) == 0
    capsys.readouterr()
    asked = ["--constants", "kaplan", "--flops", "1e21", "--neighbour", str(saved)]
    (first, *_) = [p for p in planned(capsys, *asked)["break_points"] if p["kind"] == "neighbour"]
    assert "chinchilla, fitted to" in first["meaning"]


def test_details_price_the_batch(capsys):
    asked = ["--constants", "hoffmann", "--flops", "1e21", "--details"]
    costs = planned(capsys, *asked)["batch_costs"]
    at = next(cost for cost in costs if cost["batch"] == cost["critical"])
    assert (at["steps"], at["compute"]) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--flops", "1e21", "--figure", "contours", "--plot", "x.png"], "several budgets"),
        (["--flops", "1e21", "--figure", "pie", "--plot", "x.png"], "known are frontier"),
        (["--flops", "1e21", "--figure", "valleys"], "give --plot FILE"),
        (["--flops", "1e21", "--plot", "nowhere/figures/"], "is not a folder"),
        (["--flops", "1e21", "--neighbour", "nobody"], "are unknown"),
        (["--target-loss", "2.1", "--sweep"], "go with a budget"),
        (["--flops", "1e21", "--ridge", "0"], "--ridge describes the solvable model"),
        (["--flops", "1e21", "--noise-var", "1"], "--noise-var describes the solvable model"),
    ],
)
def test_options_that_would_do_nothing_are_refused(arguments, words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["plan", "--constants", "hoffmann", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.splitlines()[-1].startswith("error: ")
    assert not list(tmp_path.iterdir())


def test_the_way_of_resampling_is_passed_on(table, capsys):
    asked = [str(table), "--flops", "1e22", "--bootstrap", "200"]
    drawn, smooth = planned(capsys, *asked), planned(capsys, *asked, "--resampling", "bayesian")
    assert smooth["params"]["value"] == drawn["params"]["value"]
    assert smooth["params"]["low"] != drawn["params"]["low"]
    assert smooth["params"]["low"] < smooth["params"]["value"] < smooth["params"]["high"]
    assert main(["plan", *asked, "--resampling", "tarot"]) == 2
    assert "error: bootstrap kind 'tarot' is unknown" in capsys.readouterr().err


def test_a_solvable_model_is_planned_on(capsys, tmp_path):
    model = ("--alpha", "0.5", "--latent-dim", "1e9")
    plan = planned(capsys, *model, "--flops", "1e8")
    assert plan["n_features"]["value"] == pytest.approx(1e4, rel=1e-6)
    assert plan["n_samples"]["value"] == pytest.approx(1e4, rel=1e-6)
    bare = planned(capsys, *model, "--flops", "1e8", "--ridge", "0")
    assert bare["loss"]["value"] > plan["loss"]["value"]
    drawn = tmp_path / "valleys.svg"
    assert main(["plan", *model, "--flops", "1e4:1e10:7", "--plot", str(drawn)]) == 0
    assert drawn.exists()
    capsys.readouterr()
    for arguments in ((*model, "--constants", "hoffmann"), ()):
        assert main(["plan", *arguments, "--flops", "1e8"]) == 2
        assert "a plan stands on one law" in capsys.readouterr().err
    assert main(["plan", "--alpha", "0.5", "--flops", "1e8"]) == 2
    assert "give --alpha and --latent-dim" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--next-cost", "1e20"], "no draws"),
        (["--neighbour", "nobody"], "are unknown"),
        (["--price", "2"], "--price needs --device"),
        (["--devices", "8"], "--devices needs --device"),
        (["--utilization", "0.2"], "--utilization needs --device"),
        (["--next-goal", "size"], "no draws"),
    ],
)
def test_a_refused_plan_writes_no_file(arguments, words, tmp_path, capsys):
    files = ["--csv", str(tmp_path / "plan.csv"), "--plot", str(tmp_path / "plan.png")]
    asked = ["--constants", "hoffmann", "--flops", "1e21"]
    assert main(["plan", *asked, *arguments, *files]) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1
    assert words in captured.err
    assert not list(tmp_path.iterdir())


def test_budgets_that_are_capped_alike_are_drawn_once(tmp_path, capsys):
    asked = ["--constants", "hoffmann", "--flops", "1e18:1e24:7", "--device", "h100"]
    found = planned(capsys, *asked, "--hours", "10", "--plot", f"{tmp_path}/")
    assert len(found["rows"]) == 7
    assert {path.stem for path in tmp_path.iterdir()} == NAMED


def test_the_model_takes_no_devices_and_no_repeats(capsys):
    model = ["--alpha", "0.5", "--latent-dim", "1e9", "--flops", "1e8"]
    for option in (["--device", "h100"], ["--unique-tokens", "1e3"]):
        assert main(["plan", *model, *option]) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_what_is_given_is_not_called_free(capsys):
    assert main(["plan", "--constants", "hoffmann", "--flops", "1e21", "--params", "1e9"]) == 0
    assert "Any size" not in capsys.readouterr().out


def test_serving_at_another_utilization_needs_no_price(capsys):
    asked = ["--constants", "hoffmann", "--flops", "1e23", "--inference-tokens", "1e12"]
    asked += ["--device", "h100"]
    dear = planned(capsys, *asked, "--serving-utilization", "0.1")
    N, D = dear["params"]["value"], dear["tokens"]["value"]
    assert pytest.approx(1e23) == 6 * N * D + 4 * 2e12 * N


def test_a_target_warns_of_worn_out_data(capsys):
    asked = ["--constants", "hoffmann", "--target-loss", "2", "--unique-tokens", "1e11"]
    assert main(["plan", *asked]) == 0
    assert "epochs over" in capsys.readouterr().err
