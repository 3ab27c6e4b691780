"""The joint law of Kaplan et al.: L = [(N_c/N)^(alpha_N/alpha_D) + D_c/D]^alpha_D."""

from collections.abc import Mapping

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.forms.soft import log_add
from eigenscale.laws.law import Centre, Columns, Evaluation, Law, Logs, exponent, scale


def _evaluate(columns: Columns, logs: Logs) -> Evaluation:
    N_c, D_c, alpha_N, alpha_D = columns
    x, y = np.log(N_c) - logs["params"], np.log(D_c) - logs["tokens"]
    ratio = alpha_N / alpha_D
    total = log_add(ratio * x, y)
    value = np.exp(alpha_D * total)

    def partials() -> list[Floats]:
        share = np.exp(ratio * x - total)  # of the size term in the sum
        return [
            value * alpha_N * share,
            value * alpha_D * (1 - share),
            value * x * share,
            value * (total - ratio * x * share),
        ]

    return value, partials


def _starts(logs: Logs, loss: Floats, fixed: Mapping[str, float]) -> Floats:
    """For given exponents L^(1/alpha_D) is linear in N_c^ratio and D_c."""
    centre_N, centre_D = logs["params"].mean(), logs["tokens"].mean()
    centre_L = np.log(loss).mean()
    tries = np.geomspace(0.02, 1.0, 9)
    rows = []
    for alpha_N in [fixed["alpha_N"]] if "alpha_N" in fixed else tries:
        for alpha_D in [fixed["alpha_D"]] if "alpha_D" in fixed else tries:
            ratio = alpha_N / alpha_D
            terms = np.stack([ratio * (centre_N - logs["params"]), centre_D - logs["tokens"]])
            basis = np.exp(terms - (np.log(loss) - centre_L) / alpha_D)
            weight = np.linalg.lstsq(basis.T, np.ones(len(loss)), rcond=None)[0]
            size, data = np.log(np.maximum(weight, 1e-3)) + centre_L / alpha_D
            rows.append([size / ratio + centre_N, data + centre_D, alpha_N, alpha_D])
    starts = np.array(rows)
    starts[:, :2] = np.exp(starts[:, :2])
    for i, name in enumerate(("N_c", "D_c")):
        if name in fixed:
            starts[:, i] = fixed[name]
    return starts


KAPLAN = Law(
    name="kaplan",
    equation="((N_c / params)^(alpha_N / alpha_D) + D_c / tokens)^alpha_D",
    inputs=("params", "tokens"),
    parameters=(
        scale("N_c", "size at which the loss would be 1 with unlimited data", "params"),
        scale("D_c", "data at which the loss would be 1 with unlimited size", "tokens"),
        exponent("alpha_N", "how fast the loss falls with params"),
        exponent("alpha_D", "how fast the loss falls with tokens"),
    ),
    evaluate=_evaluate,
    source="Kaplan et al. 2020, arXiv:2001.08361, eq. 1.5",
    starts=_starts,
    centre=(Centre("N_c", "params"), Centre("D_c", "tokens")),
)
