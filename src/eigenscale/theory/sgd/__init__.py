"""One-pass stochastic gradient descent on the solvable model: every batch is fresh data.

The expected squared error in each mode obeys an affine recursion that is exact for Gaussian
features, so that any number of steps is a power of one map. Features that are drawn enter by their
mean spectrum at large size.
"""
