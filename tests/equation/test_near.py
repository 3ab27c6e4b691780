import numpy as np
import pytest

from eigenscale import Spectrum
from eigenscale.equation.continuation import complex_sums
from eigenscale.equation.modes import modes_of
from eigenscale.equation.near import NearModes


@pytest.mark.parametrize("alpha", [-0.5, 0.5, 3.0])
def test_sums_over_few_modes_are_those_over_all(alpha):
    modes = modes_of(Spectrum.power_law(alpha, 3000))
    log_rho = np.repeat(np.linspace(-30, 1, 40), 5)
    angle = np.tile([0.1, 2.0, 2.7, 3.05, 3.12], 40)
    z = np.empty(log_rho.size, dtype=complex)
    seen = np.zeros(log_rho.size)
    for part, short in NearModes(modes).parts(log_rho, angle):
        above, rest, _ = complex_sums(short, log_rho[part] + 1j * angle[part])
        z[part] = above + rest
        seen[part] += 1
    above, rest, _ = complex_sums(modes, log_rho + 1j * angle)
    assert (seen == 1).all()
    assert z == pytest.approx(above + rest, rel=1e-6)
