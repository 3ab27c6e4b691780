"""Uncertainty of a fit: resampling, profiles, the delta method, identifiability, sensitivity."""
