"""The unknown tail in what is read off a spectrum: counted where it can be."""

import json

import numpy as np
import pytest

from eigenscale.equation.root import solve
from eigenscale.errors import InputError
from eigenscale.model import SolvableModel
from eigenscale.spectra.completion import beyond, completed, resolved, tail_eigenvalues
from eigenscale.spectra.exponent.finite_sample import finite_sample_fit
from eigenscale.spectra.exponent.statistics import observed
from eigenscale.spectra.measure import measure
from eigenscale.spectra.moments import collect
from eigenscale.spectrum import Spectrum, Tail, read_spectrum


def cut(values, known):
    rest = values[known:]
    tail = Tail(len(rest), len(rest), rest.sum(), np.sum(rest**2))
    return Spectrum(values[:known], np.ones(known), tail=tail)


@pytest.fixture(scope="module")
def rows():
    rng = np.random.default_rng(0)
    return rng.standard_normal((1500, 400)) * np.arange(1.0, 401) ** -0.75


@pytest.fixture(scope="module")
def both(rows):
    """The leading eigenvalues with their tail, and the whole spectrum of the same rows."""
    whole = measure(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collect, "MAX_INPUTS", 100)
        return measure(rows, leading=150), whole


@pytest.mark.parametrize("fall", [0.7, 1.5, 3.0])
def test_a_power_law_is_completed_to_itself(fall):
    whole = np.arange(1.0, 2001) ** -fall
    found = completed(cut(whole, 40))
    assert found.trace == pytest.approx(whole.sum(), rel=1e-12)
    assert found.eigenvalues == pytest.approx(whole, rel=1e-6)


@pytest.mark.parametrize(
    ("power", "alive"), [(0.0, 5), (1e-30, 5), (4.9, 5), (7.0, 5), (0.5, 0), (1.0, 10**5)]
)
def test_a_tail_of_any_power_is_completed_with_that_power(power, alive):
    values = tail_eigenvalues(1.0, 10, Tail(alive, alive, power, power))
    assert len(values) == alive
    assert values.sum() == pytest.approx(power if alive else 0.0, rel=1e-9)


def test_modes_that_cannot_differ_from_zero_stay_zero():
    known = Spectrum(np.array([2.0, 1.0]), np.ones(2), tail=Tail(8, 3, 1.0, 0.5))
    found = completed(known)
    assert (found.latent_dim, found.rank) == (10, 5)
    assert found.trace == pytest.approx(4.0)


def test_a_whole_spectrum_is_itself():
    whole = Spectrum.power_law(0.5, 10)
    assert completed(whole) is whole


def test_log_determinants_above_the_tail_are_those_of_the_whole(both):
    part, whole = both
    last = resolved(part)
    assert 20 < last < 150
    log_zeta = np.linspace(0.0, np.log(part.eigenvalues[last - 1]), 9)
    exact = observed(whole.eigenvalues, log_zeta)
    assert observed(part.eigenvalues, log_zeta) + beyond(part, log_zeta) == pytest.approx(
        exact, abs=0.02
    )
    assert np.abs(observed(part.eigenvalues, log_zeta) - exact).max() > 0.5  # without the tail


def test_the_fit_of_finite_samples_is_that_of_the_whole_over_the_same_ranks(both):
    part, whole = both
    fit = finite_sample_fit(part)
    same = finite_sample_fit(whole, fit.ranks)
    assert fit.ranks == (1, resolved(part))
    assert fit.alpha.value == pytest.approx(same.alpha.value, abs=0.02)
    assert fit.alpha.low < 0.5 < fit.alpha.high
    assert fit.latent_dim.low <= 400 <= fit.latent_dim.high
    with pytest.raises(InputError, match="ranks inside those that its unknown tail spares"):
        finite_sample_fit(part, (1, 140))


def test_answers_stay_within_the_known_ranks(both):
    part, _ = both
    found = part.answers((5, 140))
    assert found.least_squares.ranks == (5, 140)
    assert found.finite_sample.ranks == (5, resolved(part))
    assert found.local.ranks.max() < 150
    assert "last that is known" in part.answers().least_squares.rule or (
        part.answers().least_squares.ranks[1] < 150
    )
    with pytest.raises(InputError, match="ranks 5 to 200 do not lie in the spectrum"):
        part.answers((5, 200))


def test_components_count_the_whole_variance(both):
    part, whole = both
    assert part.components.explained[-1] == pytest.approx(
        whole.eigenvalues[:150].sum() / whole.trace, rel=1e-4
    )
    assert part.components.needed.keys() < whole.components.needed.keys()
    shared = {share: whole.components.needed[share] for share in part.components.needed}
    assert part.components.needed == shared


def test_theory_refuses_a_tail_and_takes_its_completion(both):
    part, whole = both
    with pytest.raises(InputError, match=r"150 of its 400 eigenvalues .* spectrum.completed\(\)"):
        SolvableModel(part)
    with pytest.raises(InputError, match="theory needs them all"):
        solve(part, 10.0, 20.0)
    sizes = {"n_features": [20.0, 50.0, 100.0], "n_samples": 100.0, "ridge": 0.1}
    guess = SolvableModel(part.completed()).loss(**sizes)
    assert guess == pytest.approx(SolvableModel(whole).loss(**sizes), rel=0.02)


def test_a_saved_spectrum_keeps_its_tail(both, tmp_path):
    part, _ = both
    path = tmp_path / "spectrum.json"
    path.write_text(json.dumps(part.to_dict()))
    again = read_spectrum(path)
    assert again.tail == part.tail
    assert (again.latent_dim, again.trace) == (400, pytest.approx(part.trace))
    path.write_text(json.dumps(Spectrum.to_dict(part)))
    assert read_spectrum(path).tail == part.tail


@pytest.mark.parametrize(
    "tail", [5, {"modes": 1}, {"modes": -1, "alive": 0, "power": 0, "square": 0}]
)
def test_a_broken_tail_is_refused(tail, tmp_path):
    path = tmp_path / "spectrum.json"
    path.write_text(json.dumps({"eigenvalues": [1.0], "tail": tail}))
    with pytest.raises(InputError, match="tail that is not modes, alive, power and square"):
        read_spectrum(path)
