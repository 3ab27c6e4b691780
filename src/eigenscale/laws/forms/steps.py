"""Loss after a number of optimiser steps: L = (N_c/N)^alpha_N + (S_c/S)^alpha_S."""

import numpy as np

from eigenscale.laws.base import Centre, Columns, Evaluation, Law, Logs, exponent, scale


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    N_c, S_c, alpha_N, alpha_S = columns
    x, y = np.log(N_c) - logs["params"], np.log(S_c) - logs["steps"]
    size, time = np.exp(alpha_N * x), np.exp(alpha_S * y)
    return size + time, lambda: [alpha_N * size, alpha_S * time, x * size, y * time]


STEPS = Law(
    name="steps",
    equation="(N_c / params)^alpha_N + (S_c / steps)^alpha_S",
    inputs=("params", "steps"),
    parameters=(
        scale("N_c", "size at which its term would be 1", "params"),
        scale("S_c", "steps at which their term would be 1", "steps"),
        exponent("alpha_N", "how fast the loss falls with params"),
        exponent("alpha_S", "how fast the loss falls with steps"),
    ),
    evaluate=_evaluate,
    source="Kaplan et al. 2020, arXiv:2001.08361, eq. 1.6; batch far above critical",
    centre=(Centre("N_c", "params"), Centre("S_c", "steps")),
)
