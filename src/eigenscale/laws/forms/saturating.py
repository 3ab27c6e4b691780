"""A law that also bends at small x, towards the loss of an untrained model (M4)."""

from collections.abc import Mapping
from functools import partial
from itertools import product

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.laws.forms.soft import soft_plus
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

SOURCE = "Alabdulmohsin, Neyshabur and Zhai 2022, arXiv:2209.06640, M4"
NEWTON_STEPS = 30
SHARPEST = 0.1  # gamma 0 is a power law cut off at L_0, with a kink there


def _solve(target: Floats, gamma: Floats) -> Floats:
    """Solve log σ(s) − gamma log σ(−s) = target; its slope lies between 1 and gamma."""
    s = np.asarray(np.where(target < 0, target, target / np.maximum(gamma, 1e-3)), dtype=float)
    for _ in range(NEWTON_STEPS):  # quadratic: the last step is far below rounding
        soft = np.log1p(np.exp(-np.abs(s)))
        up, down = np.minimum(s, 0.0) - soft, np.minimum(-s, 0.0) - soft
        step = (up - gamma * down - target) / (np.exp(down) + gamma * np.exp(up))
        s = s - step
        if not (np.abs(step) > 1e-9 * (1 + np.abs(s))).any():
            break
    return s


def saturating(input_name: str) -> Law:
    """(L − E) / (L_0 − L)^gamma = A x^-alpha, solved for L by Newton's method."""
    return Law(
        name=f"saturating:{input_name}",
        equation=f"L with (L - E) / (L_0 - L)^gamma = A / {input_name}^alpha",
        inputs=(input_name,),
        parameters=(
            floor(),
            scale("L_0", "loss before anything is learned", "loss"),
            scale("A", f"scale of the fall in {input_name}", "loss^(1-gamma)"),
            exponent("alpha", f"how fast the loss falls with large {input_name}"),
            Parameter("gamma", "how soon the fall begins", low=SHARPEST, high=5.0),
        ),
        evaluate=partial(_evaluate, input_name),
        source=SOURCE,
        starts=partial(_starts, input_name),
        centre=(Centre("A", input_name, "alpha"),),
    )


def _evaluate(input_name: str, columns: Columns, logs: Logs) -> Evaluation:
    E, L_0, A, alpha, gamma = columns
    x = logs[input_name]
    gap = np.where(L_0 > E, L_0 - E, np.nan)
    s = _solve(np.log(A) - alpha * x - (1 - gamma) * np.log(gap), gamma)
    below, above = gap * np.exp(-soft_plus(s)), gap * np.exp(-soft_plus(-s))

    def partials() -> list[Floats]:
        slope = 1 / above + gamma / below  # above = L − E, below = L_0 − L
        return [
            1 / above / slope,
            L_0 * gamma / below / slope,
            1 / slope,
            -x / slope,
            np.log(below) / slope,
        ]

    return E + above, partials


def _starts(input_name: str, logs: Logs, loss: Floats, fixed: Mapping[str, float]) -> Floats:
    """For given E, L_0 and gamma the rest is a straight line."""
    x = logs[input_name]
    rows = []
    lows = [fixed["E"]] if "E" in fixed else np.array([0.0, 0.5, 0.8, 0.95]) * loss.min()
    tops = [fixed["L_0"]] if "L_0" in fixed else np.array([1.02, 1.2, 2.0, 5.0]) * loss.max()
    gammas = [fixed["gamma"]] if "gamma" in fixed else (0.1, 0.5, 1.0, 2.0)
    for E, L_0, gamma in product(lows, tops, gammas):
        left = np.log(np.maximum(loss - E, 1e-3 * loss))
        left = left - gamma * np.log(np.maximum(L_0 - loss, 1e-3 * loss))
        slope, height = np.polyfit(x, left, 1)
        A = fixed.get("A", float(np.exp(height)))
        rows.append([E, L_0, A, fixed.get("alpha", -slope), gamma])
    return np.array(rows)
