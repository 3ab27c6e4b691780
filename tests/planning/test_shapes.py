import pytest
from hypothesis import given
from hypothesis import strategies as st

from eigenscale.errors import InputError
from eigenscale.planning.costs.flops import forward_flops_per_token
from eigenscale.planning.costs.shapes import ASPECT, shapes


@given(st.floats(1e8, 1e12), st.sampled_from([64, 128]), st.booleans())
def test_shapes_are_near_and_sensible(params, head_dim, gated):
    found = shapes(params, head_dim=head_dim, gated=gated, count=3)
    assert len(found) >= 1
    for shape in found:
        arch = shape.architecture
        assert abs(shape.off) < 0.15
        assert shape.off == pytest.approx(arch.params / params - 1)
        assert arch.width % 64 == 0
        assert arch.width == arch.heads * head_dim
        assert ASPECT[0] <= arch.width / arch.layers <= ASPECT[1]
        assert shape.forward_flops == forward_flops_per_token(arch)


def test_rows_tell_where_6nd_is_off():
    small, large = shapes(1e8, context=8192)[0], shapes(1e11, head_dim=128)[0]
    assert small.flops_per_param > 8
    assert 6.0 < large.flops_per_param < 6.3
    assert {"layers", "width", "heads", "params", "flops_per_param"} <= set(small.to_dict())


def test_experts_are_held_but_not_all_paid_for():
    found = shapes(4.7e10, head_dim=128, gated=True, experts=8, active_experts=2)[0]
    assert found.active_params < 0.4 * found.params


@pytest.mark.parametrize(
    ("params", "options", "message"),
    [
        (-1, {}, "params -1"),
        (1e4, {}, "too small for a vocabulary"),
        (1e9, {"head_dim": 7}, "head_dim 7"),
    ],
)
def test_bad_input_is_one_line(params, options, message):
    with pytest.raises(InputError, match=message):
        shapes(params, **options)
