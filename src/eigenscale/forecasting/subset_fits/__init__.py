"""Fits on nested subsets of the sample, scored on the rows they have not seen."""
