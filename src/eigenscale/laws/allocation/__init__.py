"""Compute-optimal allocation: how the best size and data grow with compute, by three approaches.

Approaches 1 and 2 of Hoffmann et al. (2022) compared with the growth that the fitted law implies.
"""
