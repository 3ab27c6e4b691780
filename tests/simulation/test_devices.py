"""The algebra of a draw through the array API: other libraries give NumPy's numbers."""

import array_api_strict
import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.simulation.decomposition import linear_form
from eigenscale.simulation.draws import Streams, draw_linear

SIZES = [(20, 31, 50, 0.5), (31, 20, 50, 0.5), (40, 40, 60, 1.5), (30, 40, 20, 0.5)]


@pytest.mark.parametrize(("N", "T", "M", "alpha"), SIZES)
def test_the_standard_is_all_that_is_asked_of_arrays(N, T, M, alpha):
    values = Spectrum.power_law(alpha, M).eigenvalues
    drawn = draw_linear(Streams(0, (1,)), range(3), N, T, np.sqrt(values))
    strict = tuple(array_api_strict.asarray(array.copy()) for array in drawn)
    ours, theirs = (
        linear_form(*arrays, values / M, M).losses(0.01, None, 0.1, N * T)
        for arrays in (drawn, strict)
    )
    np.testing.assert_allclose(theirs, ours, rtol=1e-9)


def test_torch_gives_the_same_losses():
    pytest.importorskip("torch")
    model = SolvableModel(Spectrum.power_law(0.5, 60), noise_var=0.01)
    options = {"ridge": [0.0, 0.1], "draws": 5, "rng": 0}
    ours, theirs = (
        model.simulate([[20], [40]], 30, device=name, **options) for name in ("cpu", "torch")
    )
    np.testing.assert_allclose(theirs.losses, ours.losses, rtol=1e-9)


def test_devices_that_are_not_there_are_one_line():
    model = SolvableModel(Spectrum.power_law(0.5, 60))
    with pytest.raises(InputError, match="device 'nowhere'") as caught:
        model.simulate(20, 30, device="nowhere", draws=2)
    assert "\n" not in str(caught.value)
