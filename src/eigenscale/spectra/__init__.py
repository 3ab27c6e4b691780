"""Measured spectra: from data in one pass to eigenvalues, exponents, dimensions, target power."""
