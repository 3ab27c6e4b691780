"""A law between Chinchilla's (gamma = 1) and Kaplan's (E = 0): (A/N^alpha + B/D^beta)^gamma + E."""

from collections.abc import Mapping
from itertools import product

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.forms.soft import log_add
from eigenscale.laws.law import (
    Centre,
    Columns,
    Evaluation,
    Law,
    Logs,
    Parameter,
    exponent,
    floor,
    scale,
)


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    E, A, B, alpha, beta, gamma = columns
    x, y = logs["params"], logs["tokens"]
    log_size = np.log(A) - alpha * x
    total = log_add(log_size, np.log(B) - beta * y)
    term = np.exp(gamma * total)

    def partials() -> list[Floats]:
        size = gamma * term * np.exp(log_size - total)
        data = gamma * term - size
        return [np.ones_like(term), size, data, -x * size, -y * data, total * term]

    return E + term, partials


def _starts(logs: Logs, loss: Floats, fixed: Mapping[str, float]) -> Floats:
    """For given E, gamma and exponents, (L − E)^(1/gamma) is linear in A and B."""
    centre_N, centre_D = logs["params"].mean(), logs["tokens"].mean()
    lows = [fixed["E"]] if "E" in fixed else np.array([0.0, 0.3, 0.6, 0.85]) * loss.min()
    gammas = [fixed["gamma"]] if "gamma" in fixed else (0.2, 0.5, 1.0, 2.0)
    falls = (0.1, 0.2, 0.35, 0.6, 1.0)  # of the loss itself, gamma times the exponents
    rows = []
    for E, gamma, fall_N, fall_D in product(lows, gammas, falls, falls):
        alpha = fixed.get("alpha", fall_N / gamma)
        beta = fixed.get("beta", fall_D / gamma)
        above = np.log(np.maximum(loss - E, 1e-3 * loss)) / gamma
        terms = [alpha * (centre_N - logs["params"]), beta * (centre_D - logs["tokens"])]
        basis = np.exp(np.stack(terms) - above)
        size = np.sqrt((basis**2).sum(axis=1, keepdims=True))
        unit = basis / size
        g, (s, t) = unit[0] @ unit[1], unit.sum(axis=1)
        pair = np.array([s - g * t, t - g * s]) / max(1 - g * g, 1e-9)
        low = 0.01 * max(s, t)
        weight = np.log(np.maximum(pair, low) / size[:, 0])
        A, B = np.exp(weight + np.array([alpha * centre_N, beta * centre_D]))
        rows.append([E, fixed.get("A", A), fixed.get("B", B), alpha, beta, gamma])
    return np.array(rows)


GENERALISED = Law(
    name="generalised",
    equation="E + (A / params^alpha + B / tokens^beta)^gamma",
    inputs=("params", "tokens"),
    parameters=(
        floor(),
        scale("A", "size term at params = 1", "loss^(1/gamma)"),
        scale("B", "data term at tokens = 1", "loss^(1/gamma)"),
        exponent("alpha", "gamma alpha is how fast the loss falls with params", high=20.0),
        exponent("beta", "gamma beta is how fast the loss falls with tokens", high=20.0),
        Parameter("gamma", "how the two terms add: 1 is Chinchilla's law", low=0.02, high=5.0),
    ),
    evaluate=_evaluate,
    source="Hoffmann et al. 2022 and Kaplan et al. 2020 are special cases",
    starts=_starts,
    centre=(Centre("A", "params", "alpha"), Centre("B", "tokens", "beta")),
)
