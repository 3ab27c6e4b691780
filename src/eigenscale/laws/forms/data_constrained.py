"""Repeated tokens and excess parameters (Muennighoff et al. 2023, eq. 5 and 6).

Tokens seen again count less and less: R repetitions of U unique tokens are worth
U + U R* (1 − exp(−R/R*)). Parameters beyond those that U would train optimally too.
"""

from typing import Any

import numpy as np

from eigenscale.laws.base import (
    Centre,
    Columns,
    Evaluation,
    Law,
    Logs,
    Parameter,
    exponent,
    floor,
)
from eigenscale.laws.forms.chinchilla import DATA, SIZE

SOURCE = "Muennighoff et al. 2023, arXiv:2305.16264, eq. 5 and 6"


def _worth(unique: Any, times: Any, half_life: Any) -> tuple[Any, Any, Any, Any]:
    """Log of what `times` repetitions are worth, and its derivatives.

    The derivatives are by log `unique` (at fixed total), by log total, and by `half_life`.
    """
    decay = np.exp(-times / half_life)
    worth = 1 + half_life * (1 - decay)
    by_times = decay / worth
    by_half_life = ((1 - decay) - times / half_life * decay) / worth
    return np.log(unique * worth), 1 - by_times * (1 + times), by_times * (1 + times), by_half_life


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    E, A, B, alpha, beta, R_D, R_N = columns
    x, y = logs["params"], logs["tokens"]
    u = np.minimum(logs["unique_tokens"], y)
    log_ratio = np.log(alpha * A) - np.log(beta * B)
    log_G = log_ratio / (alpha + beta)
    log_fit = log_G + (beta / alpha) * (u + log_G)  # params that u tokens train optimally
    v = np.minimum(log_fit, x)
    d, _, _, d_half = _worth(np.exp(u), np.expm1(y - u), R_D)
    n, n_unique, _, n_half = _worth(np.exp(v), np.expm1(x - v), R_N)
    size, data = A * np.exp(-alpha * n), B * np.exp(-beta * d)

    def partials() -> list[Any]:
        excess = np.where(log_fit < x, n_unique, 0.0)  # d n / d log_fit
        gain = 1 + beta / alpha  # d log_fit / d log_G
        by_A = excess * gain / (alpha + beta)
        log_G_alpha = (1 / alpha - log_G) / (alpha + beta)
        log_G_beta = (-1 / beta - log_G) / (alpha + beta)
        by_alpha = excess * (gain * log_G_alpha - beta / alpha**2 * (u + log_G))
        by_beta = excess * (gain * log_G_beta + (u + log_G) / alpha)
        return [
            1.0,
            size * (1 - alpha * by_A),
            data + size * alpha * by_A,
            size * (-n - alpha * by_alpha),
            -d * data - size * alpha * by_beta,
            -beta * data * d_half,
            -alpha * size * n_half,
        ]

    return E + size + data, partials


EXPONENTS = tuple(np.geomspace(0.1, 1.2, 6).tolist())
DATA_CONSTRAINED = Law(
    name="data-constrained",
    equation="E + A / params'^alpha + B / tokens'^beta; params' and tokens' count repeats less",
    inputs=("params", "tokens", "unique_tokens"),
    parameters=(
        floor(),
        SIZE,
        DATA,
        exponent("alpha", "how fast the loss falls with params"),
        exponent("beta", "how fast the loss falls with tokens"),
        Parameter("R_D", "repetitions after which tokens are worth little more", low=0.1, high=1e3),
        Parameter("R_N", "excess after which params are worth little more", low=0.1, high=1e3),
    ),
    evaluate=_evaluate,
    source=SOURCE,
    linear=("E", "A", "B"),
    grid={"alpha": EXPONENTS, "beta": EXPONENTS, "R_D": (4.0, 15.0), "R_N": (5.0,)},
    centre=(Centre("A", "params", "alpha"), Centre("B", "tokens", "beta")),
)
