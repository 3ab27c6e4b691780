"""The second step from compute to a task score: a sigmoid in the loss."""

from collections.abc import Mapping
from itertools import product

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.law import Columns, Evaluation, Law, Logs, Parameter


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    chance, best, middle, width = columns
    loss = np.exp(logs["loss"])
    s = (loss - middle) / width
    failed = np.exp(-np.logaddexp(0, -s))  # logistic: 0 at small loss, 1 at large
    slope = (chance - best) * failed * (1 - failed) / width
    return best + (chance - best) * failed, lambda: [
        failed,
        1 - failed,
        -slope,
        -slope * (loss - middle),
    ]


def _starts(logs: Logs, score: Floats, fixed: Mapping[str, float]) -> Floats:
    """Try ends and middle of the sigmoid on a grid over the runs."""
    loss = np.exp(logs["loss"])
    spread = float(np.ptp(loss)) or 1.0
    rows = [
        [fixed.get(n, v) for n, v in zip(("chance", "best", "middle", "width"), row, strict=True)]
        for row in product(
            score.min() * np.array([0.5, 0.8, 0.99]),
            np.minimum(score.max() * np.array([1.01, 1.3, 2.0]), 1.0),
            np.quantile(loss, [0.05, 0.3, 0.6, 0.9]),
            spread * np.array([0.05, 0.2, 0.5]),
        )
    ]
    return np.array(rows)


ACCURACY = Law(
    name="accuracy",
    equation="best + (chance - best) / (1 + exp(-(loss - middle) / width))",
    inputs=("loss",),
    parameters=(
        Parameter("chance", "score of guessing", "score", high=1.0),
        Parameter("best", "score at the smallest loss", "score", high=1.0),
        Parameter("middle", "loss at which half is reached", "loss", low=-50.0, high=50.0),
        Parameter("width", "how gradually, in loss", "loss", log=True),
    ),
    evaluate=_evaluate,
    source="Bhagia et al. 2024, arXiv:2412.04403, second step",
    starts=_starts,
    label="score",
)
