import json
import math

import numpy as np
import pytest

import eigenscale as es
from eigenscale import InputError, Spectrum, read_spectrum


def resolved(spectrum, g):
    return spectrum.multiplicities @ (spectrum.eigenvalues / (spectrum.eigenvalues + g))


@pytest.mark.parametrize("alpha", [0.01, 0.1, 0.5, 1.5, 5.0])
@pytest.mark.parametrize("latent_dim", [1, 2, 20_000, 20_001, 300_000])
def test_quadrature_equals_the_full_sum(alpha, latent_dim):
    spectrum = Spectrum.power_law(alpha, latent_dim)
    full = np.arange(1.0, latent_dim + 1) ** -(1 + alpha)
    assert spectrum.latent_dim == pytest.approx(latent_dim, rel=1e-13)
    for g in np.geomspace(1e-3 * full[-1], 10, 12):
        assert resolved(spectrum, g) == pytest.approx((full / (full + g)).sum(), rel=1e-12)


def test_any_latent_dimension_costs_the_same():
    sizes = [Spectrum.power_law(0.5, 10**n).eigenvalues.size for n in (5, 8, 15)]
    assert sizes[0] < sizes[1] < sizes[2] < 1400


def test_order_does_not_matter_and_power_moves_along():
    spectrum = Spectrum.from_eigenvalues([1.0, 4.0, 0.0], target_power=[0.1, 0.4, 0.0])
    np.testing.assert_array_equal(spectrum.eigenvalues, [4, 1, 0])
    np.testing.assert_array_equal(spectrum.target_power, [0.4, 0.1, 0])
    assert (spectrum.latent_dim, spectrum.rank, spectrum.trace) == (3, 2, 5)
    assert spectrum.target_variance == pytest.approx(0.5)
    assert "latent_dim=3" in repr(spectrum)


def test_the_teacher_spreads_its_power_over_the_modes():
    spectrum = Spectrum.from_eigenvalues([3.0, 1.0])
    np.testing.assert_allclose(spectrum.power(weight_var=2.0), [3.0, 1.0])


def test_rounding_below_zero_is_zero():
    assert Spectrum.from_eigenvalues([1.0, -1e-15]).eigenvalues[-1] == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Spectrum.from_eigenvalues([]), "empty"),
        (lambda: Spectrum.from_eigenvalues([0.0, 0.0]), "all 0"),
        (lambda: Spectrum.from_eigenvalues([1.0, -0.5]), "-0.5 at 1"),
        (lambda: Spectrum.from_eigenvalues([1.0, math.nan]), "nan at"),
        (lambda: Spectrum.from_eigenvalues([1.0, math.inf]), "inf at"),
        (lambda: Spectrum.from_eigenvalues([[1.0], [2.0]]), "shape"),
        (lambda: Spectrum.from_eigenvalues(["a"]), "not a number"),
        (lambda: Spectrum.from_eigenvalues([1.0], target_power=[1.0, 2.0]), "2 values for 1"),
        (lambda: Spectrum.from_eigenvalues([1.0], unexplained=-1.0), "unexplained"),
        (lambda: Spectrum(np.array([1.0, 2.0]), np.ones(2)), "not descending"),
        (lambda: Spectrum(np.array([2.0, 1.0]), np.array([1.0, 0.0])), "multiplicities hold 0"),
        (lambda: Spectrum.power_law(-1.0, 10), "alpha"),
        (lambda: Spectrum.power_law(math.nan, 10), "alpha"),
        (lambda: Spectrum.power_law(0.5, 0), "latent_dim"),
        (lambda: Spectrum.power_law(0.5, 2.5), "latent_dim"),
        (lambda: Spectrum.power_law(0.5, 10, scale=0.0), "scale"),
    ],
)
def test_what_is_not_a_spectrum_is_said_in_one_line(make, message):
    with pytest.raises(InputError, match=message) as caught:
        make()
    assert "\n" not in str(caught.value)


def test_arrays_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        Spectrum.from_eigenvalues([1.0]).eigenvalues[0] = 2.0


def write(path, content):
    if path.suffix == ".npy":
        np.save(path, np.asarray(content))
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.npy", [[0.5, 0.1], [2.0, 0.3]]),
        ("a.csv", "eigenvalues,target_power\n0.5,0.1\n2,0.3\n"),
        ("a.json", {"eigenvalues": [2.0, 0.5], "target_power": [0.3, 0.1]}),
    ],
)
def test_files_of_eigenvalues(tmp_path, name, content):
    spectrum = read_spectrum(write(tmp_path / name, content))
    np.testing.assert_array_equal(spectrum.eigenvalues, [2, 0.5])
    np.testing.assert_array_equal(spectrum.target_power, [0.3, 0.1])


@pytest.mark.parametrize(
    ("name", "content"), [("a.npy", [1, 2]), ("a.csv", "1\n2\n"), ("a.json", [1, 2])]
)
def test_eigenvalues_alone(tmp_path, name, content):
    spectrum = read_spectrum(write(tmp_path / name, content))
    np.testing.assert_array_equal(spectrum.eigenvalues, [2, 1])
    assert spectrum.target_power is None


def test_what_is_written_is_read_back(tmp_path):
    spectrum = Spectrum.power_law(0.5, 10**9)
    again = read_spectrum(write(tmp_path / "s.json", es.Spectrum.to_dict(spectrum)))
    np.testing.assert_array_equal(again.eigenvalues, spectrum.eigenvalues)
    np.testing.assert_array_equal(again.multiplicities, spectrum.multiplicities)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", "1", "not a .npy, .csv or .json"),
        ("a.csv", "", "is empty"),
        ("a.csv", "a,b\n1,2\n", "no eigenvalues"),
        ("a.csv", "eigenvalues,b\n1\n", "different lengths"),
        ("a.csv", "eigenvalues\nx\n", "not a number"),
        ("a.json", "{", "not JSON"),
        ("a.json", {"eigenvalues": [1.0], "unexplained": "much"}, "unexplained"),
        ("a.npy", np.array([{}], dtype=object), "not a plain array"),
    ],
)
def test_files_that_hold_something_else(tmp_path, name, content, message):
    with pytest.raises(InputError, match=message):
        read_spectrum(write(tmp_path / name, content))


def test_files_that_are_not_what_their_ending_says(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not text in columns"):
        read_spectrum(tmp_path / "a.csv")
    np.savez(tmp_path / "b.npz", x=np.ones(3))
    (tmp_path / "b.npz").rename(tmp_path / "b.npy")
    with pytest.raises(InputError, match="archive of arrays"):
        read_spectrum(tmp_path / "b.npy")
