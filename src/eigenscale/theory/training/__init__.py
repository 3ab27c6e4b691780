"""Loss after training for a time: gradient flow as a filter on the eigenvalues.

A loss at a time is a two-dimensional inverse Laplace transform of the loss of two ridges; the
best stopping time and the share of each mode learned follow from the same contour.
"""
