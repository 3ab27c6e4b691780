"""Test loss of the solvable model: ridge, no ridge, best ridge, local exponents, limits.

Everything here follows from the root of `equation` by closed formulas; `time` holds training for
a finite time.
"""
