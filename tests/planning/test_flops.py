import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.planning.costs.flops import Architecture, forward_flops_per_token, training_flops

SMALL = {"layers": 12, "width": 768, "heads": 12, "vocabulary": 50257, "context": 1024}


def test_gpt2_weights_counted_by_hand():
    shape = Architecture(**SMALL)
    assert shape.non_embedding_params == 12 * 12 * 768**2
    assert shape.embedding_params == 50257 * 768
    assert Architecture(**SMALL, tied=False).embedding_params == 2 * 50257 * 768


def test_grouped_heads_and_gates_counted_by_hand():
    shape = Architecture(**SMALL, kv_heads=4, gated=True, mlp_width=2048)
    attention = 2 * 768**2 + 2 * 768 * 256
    assert shape.non_embedding_params == 12 * (attention + 3 * 768 * 2048)


def test_a_mixture_pays_for_the_experts_it_visits():
    dense = Architecture(**SMALL, gated=True)
    mixture = Architecture(**SMALL, gated=True, experts=8, active_experts=2)
    feed_forward, router = 3 * 768 * 4 * 768, 768 * 8
    assert mixture.params - dense.params == 12 * (7 * feed_forward + router)
    assert mixture.active_params - dense.params == 12 * (feed_forward + router)


def test_matmul_count_by_hand():
    shape = Architecture(**SMALL)
    attention = 4 * 12 * 1024 * 768
    expected = 2 * shape.non_embedding_params + attention + 2 * 50257 * 768
    assert forward_flops_per_token(shape) == expected
    assert forward_flops_per_token(shape, causal=True) == expected - attention / 2


@pytest.mark.parametrize("convention", ["6nd", "non-embedding", "matmul", "hoffmann"])
def test_training_is_three_forward_passes(convention):
    shape = Architecture(**SMALL)
    forward = forward_flops_per_token(shape, convention=convention)
    assert training_flops(shape, 1e10, convention=convention) == pytest.approx(3e10 * forward)


def test_6nd_is_6nd():
    shape = Architecture(**SMALL)
    assert training_flops(shape, 7, convention="6nd") == 6 * shape.params * 7


@given(st.integers(1, 64), st.integers(1, 32), st.integers(1, 32))
def test_conventions_agree_where_attention_and_vocabulary_vanish(layers, heads, dim):
    width = 64 * heads * dim
    shape = Architecture(layers, width, heads, vocabulary=1, context=1)
    matmul = forward_flops_per_token(shape) / forward_flops_per_token(shape, convention="6nd")
    assert 1.0 <= matmul < 1.01


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"layers": 0}, "layers=0 is not a positive whole number"),
        ({"width": 7.5}, "width=7.5"),
        ({"heads": 7}, "not a multiple of 7 heads"),
        ({"kv_heads": 5}, "not a multiple of kv_heads 5"),
        ({"experts": 2, "active_experts": 3}, "exceeds experts 2"),
    ],
)
def test_shapes_that_cannot_be_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        Architecture(**(SMALL | change))


def test_unknown_convention_and_no_tokens():
    with pytest.raises(InputError, match="convention '7nd' is unknown"):
        forward_flops_per_token(Architecture(**SMALL), convention="7nd")
    with pytest.raises(InputError, match="tokens=0 is not positive"):
        training_flops(Architecture(**SMALL), 0)
