"""Loss after a number of optimiser steps: L = (N_c/N)^alpha_N + (S_c/S)^alpha_S."""

from collections.abc import Mapping
from itertools import product

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.law import Centre, Columns, Evaluation, Law, Logs, exponent, scale


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    N_c, S_c, alpha_N, alpha_S = columns
    x, y = np.log(N_c) - logs["params"], np.log(S_c) - logs["steps"]
    size, time = np.exp(alpha_N * x), np.exp(alpha_S * y)
    return size + time, lambda: [alpha_N * size, alpha_S * time, x * size, y * time]


def _starts(logs: Logs, loss: Floats, fixed: Mapping[str, float]) -> Floats:
    """For given exponents the loss is linear in N_c^alpha_N and S_c^alpha_S."""
    tries = np.geomspace(0.03, 1.5, 8)
    centre_N, centre_S = logs["params"].mean(), logs["steps"].mean()
    rows = []
    for alpha_N, alpha_S in product(
        [fixed["alpha_N"]] if "alpha_N" in fixed else tries,
        [fixed["alpha_S"]] if "alpha_S" in fixed else tries,
    ):
        terms = [alpha_N * (centre_N - logs["params"]), alpha_S * (centre_S - logs["steps"])]
        basis = (np.exp(np.stack(terms)) / loss).T
        weight = np.linalg.lstsq(basis, np.ones(len(loss)), rcond=None)[0]
        size, time = np.log(np.maximum(weight, 0.01 * loss.min()))
        N_c, S_c = np.exp(centre_N + size / alpha_N), np.exp(centre_S + time / alpha_S)
        rows.append([fixed.get("N_c", N_c), fixed.get("S_c", S_c), alpha_N, alpha_S])
    return np.array(rows)


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
    starts=_starts,
    centre=(Centre("N_c", "params"), Centre("S_c", "steps")),
)
