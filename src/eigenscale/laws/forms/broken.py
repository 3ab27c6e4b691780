"""Smoothly broken power laws: straight pieces on log axes with bends of a given sharpness."""

from collections.abc import Mapping
from itertools import combinations, product

import numpy as np

from eigenscale.laws.base import (
    Centre,
    Columns,
    Evaluation,
    Floats,
    Law,
    Logs,
    Parameter,
    exponent,
    floor,
    scale,
)
from eigenscale.laws.forms.soft import soft_plus

SOURCE = "Caballero et al. 2022, arXiv:2210.14891, eq. 1"


def broken(input_name: str, breaks: int = 1) -> Law:
    """E + A x^-alpha0 Π (1 + (x/x_i)^(1/f_i))^(-c_i f_i): the exponent changes by c_i at x_i."""

    def evaluate(columns: Columns, logs: Logs) -> Evaluation:
        E, A, alpha, *rest = columns
        x = logs[input_name]
        log_term = np.log(A) - alpha * x
        bends = []
        for at, change, width in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
            s = (x - np.log(at)) / width
            soft = soft_plus(s)
            log_term = log_term - change * width * soft
            bends.append((change, width, s, soft))
        term = np.exp(log_term)

        def partials() -> list[Floats]:
            out = [np.ones_like(term), term, -x * term]
            for change, width, s, soft in bends:
                risen = np.exp(s - soft)  # logistic of s
                by_width = -change * (soft - s * risen)
                out += [change * risen * term, -width * soft * term, by_width * term]
            return out

        return E + term, partials

    bends = [
        parameter
        for i in range(1, breaks + 1)
        for parameter in (
            scale(f"x_{i}", f"where break {i} is", input_name),
            Parameter(f"c_{i}", f"change of the exponent at break {i}", low=-2, high=2),
            Parameter(f"f_{i}", f"width of break {i} in log {input_name}", low=0.1, high=10),
        )
    ]
    name = "broken" if breaks == 1 else f"broken-{breaks}"
    return Law(
        name=f"{name}:{input_name}",
        equation=f"E + A {input_name}^-alpha"
        + "".join(
            f" (1 + ({input_name} / x_{i})^(1/f_{i}))^(-c_{i} f_{i})" for i in range(1, breaks + 1)
        ),
        inputs=(input_name,),
        parameters=(
            floor(),
            scale("A", f"loss above the floor at {input_name} = 1, before the breaks", "loss"),
            exponent("alpha", "exponent before the first break"),
            *bends,
        ),
        evaluate=evaluate,
        source=SOURCE,
        starts=lambda logs, loss, fixed: _starts(logs[input_name], loss, fixed, breaks),
        centre=(
            Centre("A", input_name, "alpha"),
            *(Centre(f"x_{i}", input_name) for i in range(1, breaks + 1)),
        ),
    )


def _starts(x: Floats, loss: Floats, fixed: Mapping[str, float], breaks: int) -> Floats:
    """Floors and places of breaks on a grid; piecewise straight lines through the rest."""
    low, high = np.quantile(x, [0.1, 0.9])
    places = np.linspace(low, high, 5 if breaks == 1 else 4)
    rows = []
    for share, knots in product((0.0, 0.5, 0.8, 0.95), combinations(places.tolist(), breaks)):
        floor_at = fixed.get("E", share * loss.min())
        ramps = [np.maximum(x - knot, 0) for knot in knots]
        design = np.stack([np.ones_like(x), x, *ramps], axis=1)
        above = np.log(np.maximum(loss - floor_at, 1e-3 * loss))
        line = np.linalg.lstsq(design, above, rcond=None)[0]
        bends = [[np.exp(knot), -line[2 + i], 0.3] for i, knot in enumerate(knots)]
        rows.append([floor_at, np.exp(line[0]), -line[1], *np.ravel(bends)])
    starts = np.array(rows)
    names = ["E", "A", "alpha", *(f"{n}_{i + 1}" for i in range(breaks) for n in ("x", "c", "f"))]
    for name, value in fixed.items():
        starts[:, names.index(name)] = value
    return starts
