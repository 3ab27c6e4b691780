import json

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
    assert "1.82 billion parameters" in out


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
