"""Published constants: values printed by their authors or recomputed for numbers.md."""

import numpy as np
import pytest

import eigenscale as es
from eigenscale.errors import InputError
from eigenscale.laws.reference.constants import published, published_names


@pytest.mark.parametrize(
    ("name", "params", "tokens", "loss"),
    [
        ("hoffmann", 1.824e9, 9.136e10, 2.3289),
        ("hoffmann", 3.219e10, 2.982e12, 1.9307),
        ("hoffmann-tex", 4.036e10, 2.379e12, 1.9184),
        ("besiroglu", 7.225e10, 1.329e12, 1.9744),
        ("muennighoff", 2.915e9, 5.717e10, 2.3477),
        ("muennighoff", 6.996e10, 1.372e12, 2.0252),
    ],
)
def test_losses_at_the_published_optima(name, params, tokens, loss):
    assert published(name).loss(params, tokens) == pytest.approx(loss, abs=6e-5)


def test_constants_of_the_data_constrained_law():
    printed = {"E": np.exp(0.6254804), "A": np.exp(6.255414), "B": np.exp(7.3049974)}
    printed |= {"alpha": 0.3526596, "beta": 0.3526596, "R_D": 15.387756, "R_N": 5.309743}
    assert published("muennighoff").parameters == pytest.approx(printed, rel=1e-12)


def test_gpt3_at_its_compute():
    assert published("gpt-3").predict(flops=3640 * 8.64e19) == pytest.approx(1.734, abs=5e-4)


def test_kaplan_joint_law_tends_to_its_own_single_limits():
    law = published("kaplan")
    assert law.loss(1e9, 1e30) == pytest.approx((6.4e13 / 1e9) ** 0.076, rel=1e-6)
    assert law.loss(1e30, 1e9) == pytest.approx((1.8e13 / 1e9) ** 0.103, rel=1e-6)


def test_llama_3_tokens():
    assert published("llama-3").predict(flops=3.8e25) == pytest.approx(0.299 * 3.8e25**0.537)


def test_every_law_has_source_units_and_counting_and_positive_values():
    for name in published_names():
        law = published(name)
        assert law.source
        assert law.units
        assert law.counting
        if np.isfinite(law.theta).all():
            inputs = {key: np.array([1e9, 1e10]) for key in law.law.inputs}
            assert (law.predict(**inputs) > 0).all()
        assert es.published(name) is law


def test_what_was_not_published_is_refused():
    with pytest.raises(InputError, match="published without A"):
        published("henighan-maths").predict(flops=1e20)
    with pytest.raises(InputError, match="gives the learning rate, not the loss"):
        published("step-law-learning-rate").loss(1e9, 1e10)
    with pytest.raises(InputError, match="needs steps"):
        published("kaplan-steps").loss(1e9, 1e10)
    with pytest.raises(InputError, match="constants 'hofman' are unknown"):
        published("hofman")


def test_a_published_law_has_no_draws():
    assert published("hoffmann").loss_draws([1e9, 1e10], 1e11).shape == (0, 2)
    assert published("hoffmann").to_dict()["parameters"]["E"] == 1.69
