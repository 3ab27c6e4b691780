"""Modes and target of a spectrum as sums over pairs of nodes need them, made once."""

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.equation.gauss import condense
from eigenscale.equation.modes import modes_of
from eigenscale.spectrum import Spectrum

_NARROW = (1.0, 8)  # width in log λ and nodes of a bin, good up to arg g of 0.8π


@dataclass(frozen=True, eq=False)
class Quadrature:
    """Modes and target as two sets of nodes, in units of the largest eigenvalue.

    Attributes
    ----------
    spectrum : Spectrum
        The modes, for the root of (★).
    logs, counts : array, shape (n,)
        Logarithms of the eigenvalues, and how many modes each stands for.
    power_logs, power : array, shape (k,)
        The same for the target: the variance Σ v² at each node, for a teacher with weight_var 1.
    unlearnable : float
        Target variance on modes with eigenvalue 0.
    """

    spectrum: Spectrum
    logs: Floats
    counts: Floats
    power_logs: Floats
    power: Floats
    unlearnable: float


_SHORT: WeakKeyDictionary[Spectrum, Quadrature] = WeakKeyDictionary()


def short_quadrature(spectrum: Spectrum) -> Quadrature:
    """Give the spectrum in few nodes, good for contours that keep off the negative axis."""
    if spectrum not in _SHORT:
        _SHORT[spectrum] = _build(spectrum, shorten=True)
    return _SHORT[spectrum]


def full_quadrature(spectrum: Spectrum) -> Quadrature:
    """Give every mode for itself, for contours close to the eigenvalues."""
    return _build(spectrum, shorten=False)


def _build(spectrum: Spectrum, shorten: bool) -> Quadrature:
    modes = modes_of(spectrum)
    n = modes.values.size
    power = spectrum.multiplicities * spectrum.power()
    held = power[:n] > 0
    nodes, counts = modes.values, modes.counts
    seats, share = modes.values[held], power[:n][held]
    if shorten:
        nodes, counts = condense(nodes, counts, *_NARROW)
        seats, share = condense(seats, share, *_NARROW)
        spectrum = Spectrum(np.minimum(nodes, 1.0) * spectrum.eigenvalues[0], counts)
    return Quadrature(spectrum, np.log(nodes), counts, np.log(seats), share, float(power[n:].sum()))
