"""Repeated tokens and excess parameters (Muennighoff et al. 2023, eq. 5 and 6).

Tokens seen again count less and less: R repetitions of U unique tokens are worth
U + U R* (1 − exp(−R/R*)). Parameters beyond those that U would train optimally too.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.forms.chinchilla import DATA, SIZE
from eigenscale.laws.law import Centre, Columns, Evaluation, Law, Logs, Parameter, exponent, floor
from eigenscale.laws.projection import positive_least_squares

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


def _starts(logs: Logs, loss: Floats, fixed: Mapping[str, float]) -> Floats:
    """As if repeats counted by `R_D` and no params were in excess: linear in E, A and B."""
    rows = []
    u = np.minimum(logs["unique_tokens"], logs["tokens"])
    for alpha, beta, R_D in product(
        [fixed["alpha"]] if "alpha" in fixed else EXPONENTS,
        [fixed["beta"]] if "beta" in fixed else EXPONENTS,
        [fixed["R_D"]] if "R_D" in fixed else (4.0, 15.0),
    ):
        worth = _worth(np.exp(u), np.expm1(logs["tokens"] - u), R_D)[0]
        size, data = np.exp(-alpha * logs["params"]), np.exp(-beta * worth)
        columns = np.stack([np.ones_like(size), size, data], axis=1) / loss[:, None]
        E, A, B = positive_least_squares(columns[None], np.ones((1, len(loss))))[0]
        A, B = (max(v, 0.01 / np.median(c)) for v, c in ((A, columns[:, 1]), (B, columns[:, 2])))
        E, A, B = (fixed.get(n, v) for n, v in (("E", E), ("A", A), ("B", B)))
        rows += [[E, A, B, alpha, beta, R_D, R_N] for R_N in (fixed.get("R_N", 5.0),)]
    return np.array(rows)


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
    starts=_starts,
    centre=(Centre("A", "params", "alpha"), Centre("B", "tokens", "beta")),
)
