"""Whether more pays, against closed forms and by simulation."""

import json
from dataclasses import replace

import numpy as np
import pytest

import eigenscale as es
from eigenscale.cli.app import main
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.limits.limits import Limits
from eigenscale.planning.worth import amounts_from, worth, worth_of_compute


def power_law(alpha, amounts):
    return amounts**-alpha


def test_a_power_law_stops_paying_where_its_slope_meets_the_price():
    amounts = amounts_from(100.0)
    loss = power_law(0.5, amounts)
    found = worth(amounts, loss, np.empty((0, amounts.size)), 1e6, 0.5, unit="samples")
    exact = (0.5 * 1e6 / 0.5) ** (1 / 1.5)
    assert found.stops_paying.value == pytest.approx(exact, rel=0.2)  # the step of the grid
    assert found.cost == pytest.approx(0.5 * 900)
    assert found.net_gain.value == pytest.approx(1e6 * (0.1 - 1000**-0.5) - 450)
    assert found.probability == 1.0
    at_break_even = worth(
        amounts,
        loss,
        np.empty((0, amounts.size)),
        1e6,
        found.break_even_price.value,
        unit="samples",
    )
    assert at_break_even.net_gain.value == pytest.approx(0.0, abs=1e-6)


def test_the_interval_of_the_price_holds_the_truth_as_often_as_it_says():
    """Draws scattered as the estimates are: the truth is inside in 85 to 95 % of 400 studies."""
    rng, inside = np.random.default_rng(0), 0
    amounts = amounts_from(1e3)
    exact = worth(amounts, power_law(0.3, amounts), np.empty((0, 61)), 1e5, 1.0, unit="samples")
    for _ in range(400):
        estimate = 0.3 + 0.02 * rng.standard_normal()
        draws = np.stack(
            [power_law(a, amounts) for a in estimate + 0.02 * rng.standard_normal(200)]
        )
        found = worth(amounts, power_law(estimate, amounts), draws, 1e5, 1.0, unit="samples")
        even = found.break_even_price
        inside += even.low <= exact.break_even_price.value <= even.high
    assert 340 <= inside <= 380


def test_prices_of_hardware_are_quoted_by_the_device_hour():
    hardware = Hardware("h100", count=8, price_per_hour=2.0)
    found = worth_of_compute("hoffmann", 1e21, 1e6, Limits(hardware=hardware))
    assert found.price_unit == "device hour"
    assert found.cost == pytest.approx(hardware.money(9e21))
    falls = es.plan("hoffmann", 1e21).loss.value - es.plan("hoffmann", 1e22).loss.value
    assert found.brings.value == pytest.approx(1e6 * falls)
    pays = found.break_even_price.value
    again = Hardware("h100", count=8, price_per_hour=pays)
    even = worth_of_compute("hoffmann", 1e21, 1e6, Limits(hardware=again))
    assert even.net_gain.value == pytest.approx(0.0, abs=1e-3)


def test_a_unit_of_perplexity_is_worth_what_its_fall_brings(drawn_fit):
    fit = drawn_fit(draws=50)
    plain, unit = worth_of_compute(fit, 1e21, 1e6), replace(fit.provenance(), unit="perplexity")
    object.__setattr__(fit, "provenance", lambda: unit)
    ends = [float(np.exp(es.frontier("besiroglu", c).loss.value[0])) for c in (1e21, 1e22)]
    found = worth_of_compute(fit, 1e21, 1e6)
    assert found.brings.value == pytest.approx(1e6 * (ends[0] - ends[1]))
    assert found.brings.value > plain.brings.value


def test_the_commands(tmp_path, capsys):
    asked = ["plan", "--constants", "hoffmann", "--flops", "1e21", "--value", "1e6"]
    assert main([*asked, "--device", "h100", "--price", "2", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["value"]
    assert {"net_gain", "break_even_price", "probability", "stops_paying"} <= set(found)
    assert main(asked) == 0
    assert "It breaks even at a price of 2.11·10⁻¹⁷ per FLOP." in capsys.readouterr().out
    assert main([*asked[:-1], "-3"]) == 2
    assert "value -3 is not positive" in capsys.readouterr().err
    table = tmp_path / "points.csv"
    n = np.geomspace(100, 3200, 6)
    rows = [f"{x:.0f},{0.1 + 2 * x**-0.5:.5f}" for x in n]
    table.write_text("\n".join(["n_samples,loss", *rows]) + "\n")
    data = ["forecast", str(table), "--value", "1e5", "--cost-per-sample", "0.5"]
    assert main([*data, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["value"]
    assert found["cost"] == pytest.approx(0.5 * 9 * 3200, rel=1e-3)
    assert found["unit"] == "samples"
    assert main(data) == 0
    assert "it pays with probability" in capsys.readouterr().out
