import numpy as np
import pytest

from eigenscale import InputError, SolvableModel, Spectrum
from eigenscale.theory.regimes import LIMITS, fit_simple_law, limits, limits_in_time

ENDLESS = Spectrum.power_law(0.5, 1e15)


def test_the_scarcer_resource_limits():
    found = limits(ENDLESS, [100, 10**6], [[10**6], [100]])
    np.testing.assert_array_equal(found, [["features", "features"], ["samples", "samples"]])


def test_noise_limits_where_there_is_much_of_it():
    spectrum = Spectrum.power_law(0.5, 1e6)
    loud = spectrum.trace / spectrum.latent_dim
    assert limits(spectrum, 10**5, 10**5, noise_var=100 * loud) == "noise"
    assert limits(spectrum, 10**5, 10**5, noise_var=1e-9 * loud) != "noise"


def test_the_end_of_the_spectrum_limits_where_most_modes_are_resolved():
    spectrum = Spectrum.power_law(0.5, 300)
    assert limits(spectrum, 200, 250) == "latent dimension"
    assert limits(spectrum, 1000, 1000) == "latent dimension"
    assert limits(spectrum, 1000, 1000, noise_var=1.0) == "noise"
    assert limits(spectrum, 10, 1000) == "features"
    assert set(limits(spectrum, [10, 1e3], [[10], [1e3]]).ravel()) <= set(LIMITS)


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1.0])
def test_the_simple_law_nearly_holds_far_from_the_end_of_the_spectrum(alpha):
    sizes = np.geomspace(100, 1e6, 25)
    surface = SolvableModel(Spectrum.power_law(alpha, 1e15)).surface()
    law = fit_simple_law(surface, sizes[:, None], sizes)
    assert law.alpha == pytest.approx(alpha, rel=0.04)
    assert law.holds.mean() > 0.85
    assert np.abs(law.ratio - 1).max() < 0.1
    np.testing.assert_allclose(law(sizes[:, None], sizes) / law.loss, law.ratio, rtol=1e-12)


def test_the_simple_law_breaks_where_sizes_reach_the_latent_dimension():
    # The exact loss falls faster there: the law says too much.
    sizes = np.geomspace(30, 3e4, 16)
    surface = SolvableModel(Spectrum.power_law(0.5, 1e4)).surface()
    law = fit_simple_law(surface, sizes[:, None], sizes, below=1e3)
    inner = sizes < 300
    assert np.abs(law.ratio[np.ix_(inner, inner)] - 1).max() < 0.08
    assert law.ratio[(sizes > 5e3)][:, (sizes > 5e3)].min() > 1.5
    assert "holds on" in repr(law)


def test_a_fit_needs_points():
    with pytest.raises(InputError, match="fewer than two points"):
        fit_simple_law(SolvableModel(ENDLESS).surface(), [10, 20], 30, below=5)


def test_time_limits_early_and_the_scarcer_resource_late():
    spectrum = Spectrum.power_law(0.5, 1e6)
    times = [1.0, 100.0, 1e9]
    np.testing.assert_array_equal(
        limits_in_time(spectrum, 300, 3000, times), ["time", "time", "features"]
    )
    np.testing.assert_array_equal(limits_in_time(spectrum, 3000, 300, 1e9), "samples")
    loud = 10 * spectrum.trace / spectrum.latent_dim
    assert limits_in_time(spectrum, 300, 300, 1e9, noise_var=loud) == "noise"
    model = SolvableModel(spectrum)
    np.testing.assert_array_equal(model.limits(300, 3000, time=times)[[0, 2]], ["time", "features"])
