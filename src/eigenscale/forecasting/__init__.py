"""Learning curves of your own data, predicted before more is collected or trained.

Subset fits measure the sample, extrapolation carries them to other sizes by theory, the check
trains the real thing, and advice says what limits the loss.
"""
