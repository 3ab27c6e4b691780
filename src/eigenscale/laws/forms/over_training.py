"""Models trained for longer than is best: loss from compute C and tokens per parameter M."""

import numpy as np

from eigenscale.laws.law import Centre, Columns, Evaluation, Law, Logs, exponent, floor, scale

LOG_SIX = float(np.log(6.0))


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    """With C = 6ND and M = D/N: M^eta C^-eta = (6 N²)^-eta, M^-eta C^-eta = (6 D²)^-eta."""
    E, a, b, eta = columns
    x, y = LOG_SIX + 2 * logs["params"], LOG_SIX + 2 * logs["tokens"]
    size, data = a * np.exp(-eta * x), b * np.exp(-eta * y)
    return E + size + data, lambda: [1.0, size, data, -x * size - y * data]


OVER_TRAINING = Law(
    name="over-training",
    equation="E + (a M^eta + b M^-eta) C^-eta, with M = tokens / params and C = 6 params tokens",
    inputs=("params", "tokens"),
    parameters=(
        floor(),
        scale("a", "loss from too few params, at M = C = 1", "loss"),
        scale("b", "loss from too few tokens, at M = C = 1", "loss"),
        exponent("eta", "how fast the loss falls with compute at fixed tokens per parameter"),
    ),
    evaluate=_evaluate,
    source="Gadre et al. 2024, arXiv:2403.08540, eq. 4",
    linear=("E", "a", "b"),
    grid={"eta": tuple(np.geomspace(0.01, 1.25, 24).tolist())},
    centre=(Centre("a", "params", "eta", -2.0), Centre("b", "tokens", "eta", -2.0)),
)
