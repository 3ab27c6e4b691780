"""Test loss of the solvable model: ridge, no ridge, best ridge, local exponents, limits."""
