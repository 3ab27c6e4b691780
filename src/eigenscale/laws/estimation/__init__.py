"""Estimation: robust least squares from many starts, and evidence that the minimum was found."""
