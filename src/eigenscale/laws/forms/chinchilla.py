"""The parametric law of Hoffmann et al.: L = E + A/N^alpha + B/D^beta."""

import numpy as np

from eigenscale.laws.law import Centre, Columns, Evaluation, Law, Logs, exponent, floor, scale

SOURCE = "Hoffmann et al. 2022, arXiv:2203.15556, approach 3"
EXPONENTS = tuple(np.geomspace(0.05, 1.6, 9).tolist())
SIZE = scale("A", "loss from finite size at params = 1", "loss")
DATA = scale("B", "loss from finite data at tokens = 1", "loss")


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    E, A, B, alpha, beta = columns
    x, y = logs["params"], logs["tokens"]
    size, data = A * np.exp(-alpha * x), B * np.exp(-beta * y)
    return E + size + data, lambda: [1.0, size, data, -x * size, -y * data]


def _evaluate_tied(columns: Columns, logs: Logs) -> Evaluation:
    E, A, B, alpha = columns
    x, y = logs["params"], logs["tokens"]
    size, data = A * np.exp(-alpha * x), B * np.exp(-alpha * y)
    return E + size + data, lambda: [1.0, size, data, -x * size - y * data]


CHINCHILLA = Law(
    name="chinchilla",
    equation="E + A / params^alpha + B / tokens^beta",
    inputs=("params", "tokens"),
    parameters=(
        floor(),
        SIZE,
        DATA,
        exponent("alpha", "how fast the loss falls with params"),
        exponent("beta", "how fast the loss falls with tokens"),
    ),
    evaluate=_evaluate,
    source=SOURCE,
    linear=("E", "A", "B"),
    grid={"alpha": EXPONENTS, "beta": EXPONENTS},
    centre=(Centre("A", "params", "alpha"), Centre("B", "tokens", "beta")),
)

TIED = CHINCHILLA.renamed(
    name="chinchilla-tied",
    equation="E + A / params^alpha + B / tokens^alpha",
    parameters=(floor(), SIZE, DATA, exponent("alpha", "how fast the loss falls with either")),
    evaluate=_evaluate_tied,
    source=f"{SOURCE}, with alpha = beta (Muennighoff et al. 2023, arXiv:2305.16264)",
    grid={"alpha": tuple(np.geomspace(0.02, 2.5, 24).tolist())},
    centre=(Centre("A", "params", "alpha"), Centre("B", "tokens", "alpha")),
)
