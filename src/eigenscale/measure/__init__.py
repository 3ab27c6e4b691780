"""Measuring data: one pass to moments, and from moments to the spectrum and the target."""

from eigenscale.measure.door import measure
from eigenscale.measure.features import FeatureMap
from eigenscale.measure.geometry import dimension
from eigenscale.measure.measured import MeasuredSpectrum, from_eigenvalues, from_moments
from eigenscale.measure.moments import Moments, merge

__all__ = [
    "FeatureMap",
    "MeasuredSpectrum",
    "Moments",
    "dimension",
    "from_eigenvalues",
    "from_moments",
    "measure",
    "merge",
]
