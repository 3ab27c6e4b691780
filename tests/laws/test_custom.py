"""A law of the user's own fits as the built-in one does."""

import numpy as np
import pytest

from eigenscale.errors import InputError
from eigenscale.laws.fitting import fit
from eigenscale.laws.forms.custom import custom
from eigenscale.laws.registry import get

THETA = np.array([1.69, 406.4, 410.7, 0.34, 0.28])


def mine(params, tokens, *, E=1.0, A=300.0, B=300.0, alpha=0.3, beta=0.3):
    return E + A / params**alpha + B / tokens**beta


def test_it_agrees_with_the_built_in_form():
    N, D = np.meshgrid(np.geomspace(1e7, 1e10, 6), np.geomspace(1e9, 1e12, 6))
    inputs = {"params": N.ravel(), "tokens": D.ravel()}
    law = custom(mine)
    built_in = get("chinchilla")
    np.testing.assert_allclose(
        law.jacobian(THETA, **inputs), built_in.jacobian(THETA, **inputs), rtol=1e-12
    )
    found = fit({**inputs, "loss": built_in.predict(THETA, **inputs)}, law, bootstrap=0)
    np.testing.assert_allclose(found.theta, THETA, rtol=1e-7)


def test_what_is_no_law_is_refused():
    with pytest.raises(InputError, match="keyword-only parameters"):
        custom(lambda params: params)
