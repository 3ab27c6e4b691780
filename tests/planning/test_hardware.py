import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.planning.costs.hardware import Hardware

CLUSTER = Hardware("h100", count=512, utilization=0.4, price_per_hour=2.5)


def test_hours_and_money_by_hand():
    per_second = 989.4e12 * 512 * 0.4
    assert CLUSTER.hours(1e23) == pytest.approx(1e23 / per_second / 3600)
    assert CLUSTER.money(1e23) == pytest.approx(CLUSTER.hours(1e23) * 512 * 2.5)
    assert CLUSTER.flops(CLUSTER.hours(1e23)) == pytest.approx(1e23)
    assert CLUSTER.flops_for(CLUSTER.money(1e23)) == pytest.approx(1e23)


def test_money_does_not_depend_on_how_many_work():
    assert Hardware("h100", 8, price_per_hour=2.5).money(1e21) == pytest.approx(
        Hardware("h100", 64, price_per_hour=2.5).money(1e21)
    )


def test_memory_caps_the_size():
    assert Hardware("a100", count=8).max_params() == pytest.approx(8 * 80e9 / 16)
    assert Hardware("own", peak_flops=1e14, memory=1e9).max_params(2.0) == pytest.approx(5e8)


def test_the_least_budget_binds():
    hours = 1.0
    by_hours = es.plan("hoffmann", hours=hours, money=1e9, hardware=CLUSTER)
    assert by_hours.flops == pytest.approx(CLUSTER.flops(hours))
    assert "hours binds before money" in by_hours.warnings
    capped = es.plan("hoffmann", [1e20, 1e24], hours=hours, hardware=CLUSTER)
    assert list(capped.flops) == pytest.approx([1e20, CLUSTER.flops(hours)])


def test_a_plan_carries_its_bill():
    plan = es.plan("hoffmann", flops=1e23, inference_tokens=1e12, hardware=CLUSTER)
    N, D = plan.params.value, plan.tokens.value
    assert plan.cost.training_flops == pytest.approx(6 * N * D)
    assert plan.cost.serving_flops == pytest.approx(2e12 * N)
    assert plan.cost.training_hours == pytest.approx(CLUSTER.hours(6 * N * D))
    assert plan.cost.money == pytest.approx(CLUSTER.money(1e23))


def test_dear_serving_makes_models_smaller():
    dear = Hardware("h100", utilization=0.1, price_per_hour=2.5)
    options = {"flops": 1e23, "inference_tokens": 1e12, "hardware": CLUSTER}
    same = es.plan("hoffmann", **options)
    plan = es.plan("hoffmann", **options, serving_hardware=dear)
    assert plan.params.value < same.params.value
    # A served FLOP at a quarter of the utilisation costs four trained ones.
    N, D = plan.params.value, plan.tokens.value
    assert pytest.approx(1e23) == 6 * N * D + 4 * 2e12 * N
    assert plan.cost.money == pytest.approx(CLUSTER.money(1e23))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Hardware("abacus"), "device 'abacus' is unknown"),
        (lambda: Hardware("h100", count=0), "count 0"),
        (lambda: Hardware("h100", utilization=1.5), "utilization 1.5"),
        (lambda: Hardware("h100", price_per_hour=-1), "price_per_hour -1"),
        (lambda: Hardware("own", peak_flops=1e12).max_params(), "memory of 'own' is unknown"),
        (lambda: Hardware("h100").max_params(0), "bytes_per_param 0"),
        (lambda: Hardware("h100").money(1e20), "has no price"),
    ],
)
def test_bad_input_is_one_line(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_energy_is_power_times_device_hours():
    hardware = Hardware("h100", count=8, watts=700)
    assert hardware.energy(1e21) == pytest.approx(hardware.hours(1e21) * 8 * 0.7)
    assert Hardware("h100").energy(1e21) is None
    plan = es.plan("hoffmann", 1e21, hardware=hardware)
    assert plan.cost.to_dict()["training_energy"] == pytest.approx(hardware.energy(1e21))
    assert "kWh" in plan.summary
