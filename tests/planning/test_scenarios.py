"""Plans over scenarios, and which input matters most."""

import json
import re

import numpy as np
import pytest

import eigenscale as es
from eigenscale.cli.app import main
from eigenscale.planning.advice.scenarios import scenario_of, scenarios, sensitivity
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.limits.limits import Limits


def test_a_scenario_is_the_plan_under_its_limits():
    given = Limits(hardware=Hardware("h100", price_per_hour=2.0))
    asked = [("served", {"inference_tokens": 1e12}), ("dear", {"price": 4.0})]
    first, served, dear = scenarios("hoffmann", np.array([1e22]), given, asked)
    alone = es.plan("hoffmann", 1e22, inference_tokens=1e12)
    assert first.name == "as given"
    assert served.frontier[0].params.value == alone.params.value
    assert dear.frontier[0].cost.money == pytest.approx(2 * first.frontier[0].cost.money)
    assert dear.frontier[0].params.value == first.frontier[0].params.value


def test_precision_changes_what_hours_and_money_buy():
    """Twice the peak: half the hours of a fixed compute, twice the compute of a fixed sum."""
    given = Limits(hardware=Hardware("h100", count=8, price_per_hour=2.0))
    asked = [scenario_of("eight bits:precision=fp8"), scenario_of("slow:precision=tf32")]
    first, fast, slow = scenarios("hoffmann", [1e22], given, asked)
    hours = [one.frontier[0].cost.training_hours for one in (first, fast, slow)]
    assert hours == pytest.approx([hours[0], hours[0] / 2, 2 * hours[0]])
    assert fast.frontier[0].loss.value == first.frontier[0].loss.value
    first, fast, slow = scenarios("hoffmann", None, given, asked, money=1e5)
    flops = [one.frontier[0].flops for one in (first, fast, slow)]
    assert flops == pytest.approx([flops[0], 2 * flops[0], flops[0] / 2])
    with pytest.raises(es.InputError, match="a100 computes no fp8"):
        Hardware("a100", precision="fp8")
    with pytest.raises(es.InputError, match="known are bf16, tf32, fp8"):
        Hardware("h100", precision="int3")


def test_sensitivity_is_the_plan_with_one_input_changed():
    found = sensitivity("hoffmann", 1e22, Limits(unique_tokens=1e10))
    swings = {swing.input: swing for swing in found.swings}
    less = es.plan("hoffmann", 1e22, unique_tokens=5e9)
    assert swings["unique tokens"].loss[0] == pytest.approx(less.loss.value)
    assert swings["compute"].loss[1] == pytest.approx(
        es.plan("hoffmann", 2e22, unique_tokens=1e10).loss.value
    )
    sizes = [swing.swing for swing in found.swings]
    assert sizes == sorted(sizes, reverse=True)
    assert found.summary.startswith("What matters most for the loss is ")


def test_the_law_is_an_input_where_it_is_uncertain(drawn_fit):
    found = sensitivity(drawn_fit(), 1e23)
    assert "the fitted law" in {swing.input for swing in found.swings}


@pytest.mark.parametrize("text", ["served", "served:", "served:colour=3", ":price=2", "a:price=x"])
def test_what_is_no_scenario_is_refused(text):
    with pytest.raises(es.InputError, match="scenario"):
        scenario_of(text)


def test_hardware_that_is_not_there_cannot_change():
    with pytest.raises(es.InputError, match="give --device"):
        scenarios("hoffmann", np.array([1e22]), Limits(), [("dear", {"price": 2.0})])


def test_the_command(capsys, tmp_path):
    asked = ["plan", "--constants", "hoffmann", "--flops", "1e21,1e22", "--sensitivity"]
    asked += ["--scenario", "served:inference_tokens=1e12"]
    assert main([*asked, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["scenarios"]] == ["as given", "served"]
    assert [row["flops"] for row in found["scenarios"][1]["rows"]] == [1e21, 1e22]
    assert all(row["reliable"] for one in found["scenarios"] for row in one["rows"])
    assert found["sensitivity"]["swings"][0]["input"] == "compute"
    figure = tmp_path / "tornado.svg"
    assert main([*asked, "--plot", str(figure), "--figure", "tornado"]) == 0
    assert "Compute matters most" in figure.read_text()
    assert "What matters most for the loss" in capsys.readouterr().out


def test_help_is_in_panels_with_an_example_each(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    assert main(["plan", "--help"]) == 0
    text = capsys.readouterr().out
    panels = text[text.index("The law that the plan stands on") :]
    assert panels.count("eigenscale plan runs.csv") == 5
    for option in ("--next-cost", "--value", "--ladder", "--write", "--scenario", "--price"):
        assert len(re.findall(rf"^  {option} ", panels, re.MULTILINE)) == 1
    price = panels.index("\n  --price")
    assert panels.index("What it costs") < price < panels.index("What to train")
