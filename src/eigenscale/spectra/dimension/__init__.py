"""Intrinsic dimension of data, as a function of scale."""
