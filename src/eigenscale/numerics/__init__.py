"""Numerical methods that know nothing of the model."""
