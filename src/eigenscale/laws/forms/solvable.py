"""What the solvable model says of size and data: L = E + k (1/N + 1/T)^alpha, and where it ends.

Where the power law ends, `solvable-latent` adds one number: L = E + k (1/N + 1/T − 1/M)^alpha, with
the floor reached at 1/N + 1/T = 1/M. M is where this form ends, not the latent dimension of the
data: the exact loss of the solvable model ends linearly in M − N, so that M comes out nearer to the
largest runs than the latent dimension is.
"""

from collections.abc import Mapping

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

SOURCE = "Maloney, Roberts and Sully 2022, arXiv:2210.16859"
EXPONENTS = tuple(np.geomspace(0.05, 2.0, 20).tolist())
TINY = 1e-300
LARGEST = 10.0  # log of M over the largest size: further out it leaves no trace


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    E, k, alpha = columns
    total = log_add(-logs["params"], -logs["tokens"])
    term = k * np.exp(alpha * total)
    return E + term, lambda: [1.0, term, total * term]


def _evaluate_latent(columns: Columns, logs: Logs) -> Evaluation:
    E, k, M, alpha = columns
    unresolved = np.exp(-logs["params"]) + np.exp(-logs["tokens"]) - 1 / M
    total = np.log(np.maximum(unresolved, TINY))
    term = k * np.exp(alpha * total)
    by_M = np.where(unresolved > 0, alpha * term / np.maximum(unresolved * M, 1e-30), 0.0)
    return E + term, lambda: [1.0, term, by_M, total * term]


SOLVABLE = Law(
    name="solvable",
    equation="E + k (1 / params + 1 / tokens)^alpha",
    inputs=("params", "tokens"),
    parameters=(
        floor("noise of the labels, which no model can learn"),
        scale("k", "loss above the floor at 1/params + 1/tokens = 1", "loss"),
        exponent("alpha", "exponent of the loss; the spectrum falls as 1 + alpha"),
    ),
    evaluate=_evaluate,
    source=SOURCE,
    linear=("E", "k"),
    grid={"alpha": EXPONENTS},
    centre=(Centre("k", "params", "alpha", -0.5), Centre("k", "tokens", "alpha", -0.5)),
)


def _starts(logs: Logs, loss: Floats, fixed: Mapping[str, float]) -> Floats:
    """E and k by least squares for several M and alpha."""
    smallest = float(np.exp(log_add(-logs["params"], -logs["tokens"])).min())
    rows = []
    sizes = [fixed["M"]] if "M" in fixed else np.array([1.1, 1.5, 3, 10, 100]) / smallest
    for M in sizes:
        for alpha in [fixed["alpha"]] if "alpha" in fixed else EXPONENTS[::2]:
            columns = [0.0, 1.0, M, alpha]
            basis = _evaluate_latent(columns, logs)[0] / loss
            pair = np.stack([1 / loss, basis], axis=1)
            E, k = np.linalg.lstsq(pair / pair.max(axis=0), np.ones(len(loss)), rcond=None)[0]
            E, k = max(E * loss.min(), 0.0), k / basis.max()
            k = k if k > 0 else 0.1 / basis.max()
            rows.append([fixed.get("E", E), fixed.get("k", k), M, alpha])
    return np.array(rows)


LATENT = SOLVABLE.renamed(
    name="solvable-latent",
    equation="E + k (1 / params + 1 / tokens - 1 / M)^alpha",
    parameters=(
        *SOLVABLE.parameters[:2],
        Parameter("M", "size at which this form reaches the floor", "params", log=True),
        SOLVABLE.parameters[2],
    ),
    evaluate=_evaluate_latent,
    starts=_starts,
    centre=(*SOLVABLE.centre, Centre("M", "params", beyond=LARGEST)),
)
