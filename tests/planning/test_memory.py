import dataclasses

import pytest

from eigenscale.errors import InputError
from eigenscale.planning.costs.flops import Architecture
from eigenscale.planning.costs.hardware import Hardware
from eigenscale.planning.costs.memory import serving_memory, training_memory

GPT3 = Architecture(layers=96, width=12288, heads=96, vocabulary=51200, context=2048)
LOGITS = 4 * 2048 * (51200 + 12288)


@pytest.mark.parametrize(
    ("recompute", "per_token"),
    [("none", 12288 * (34 + 5 * 96 * 2048 / 12288)), ("attention", 34 * 12288),
     ("blocks", 2 * 12288)],
)  # fmt: skip
def test_activations_of_the_usual_block_are_those_published(recompute, per_token):
    """Korthikanti et al. 2022, equations 1 and 6 without parallelism: 34 + 5 a s / h per sbh."""
    found = training_memory(GPT3, recompute=recompute).per_sequence
    assert found == pytest.approx(96 * 2048 * per_token + LOGITS)


def test_scores_are_seventy_per_cent_of_what_gpt_3_keeps():
    """The paper's own example: selective recomputation saves 70 % of its activations."""
    kept = [training_memory(GPT3, recompute=how).per_sequence - LOGITS for how in
            ("attention", "none")]  # fmt: skip
    assert 1 - kept[0] / kept[1] == pytest.approx(0.70, abs=0.005)


def test_weights_and_cache_by_hand():
    assert training_memory(GPT3).weights == 16 * GPT3.params
    assert serving_memory(GPT3).weights == 2 * GPT3.params
    # Two 16-bit numbers per layer and unit of width: 4.7 MB per token.
    assert serving_memory(GPT3).per_sequence / 2048 == 4 * 96 * 12288
    grouped = dataclasses.replace(GPT3, kv_heads=8)
    assert serving_memory(grouped).per_sequence * 12 == serving_memory(GPT3).per_sequence
    many = serving_memory(GPT3, 7)
    assert many.total == many.weights + 7 * many.per_sequence


def test_what_is_gated_or_visits_more_experts_keeps_more():
    plain, gated, mixed = (
        training_memory(dataclasses.replace(GPT3, **change)).per_sequence
        for change in ({}, {"gated": True}, {"experts": 8, "active_experts": 2})
    )
    hidden = 2 * 96 * 2048 * 4 * 12288  # bytes of one hidden layer in every block
    assert gated - plain == pytest.approx(hidden)
    assert mixed - plain == pytest.approx(2 * hidden)


def test_devices_that_hold_it():
    memory = training_memory(GPT3, 8)
    found = memory.devices(Hardware("h100", count=512))
    assert (found - 1) * 80e9 < memory.total <= found * 80e9


@pytest.mark.parametrize(
    ("asked", "message"),
    [({"sequences": 0}, "sequences 0 is not positive"),
     ({"recompute": "all"}, "recompute 'all' is unknown; use one of none"),
     ({"bytes_per_param": -2}, "bytes_per_param -2 is not positive")],
)  # fmt: skip
def test_bad_input_is_one_line(asked, message):
    with pytest.raises(InputError, match=message):
        training_memory(GPT3, **asked)
