"""A product of powers, the form of published rules for batch size, learning rate and the like."""

from functools import partial

import numpy as np

from eigenscale.laws.law import Columns, Evaluation, Law, Logs, Parameter, scale


def monomial(*inputs: str, label: str) -> Law:
    """C x1^p1 x2^p2 …: log-linear, so that a fit of it is a linear regression."""
    powers = tuple(Parameter(f"p_{name}", f"power of {name}", low=-5, high=5) for name in inputs)
    return Law(
        name="monomial:" + ",".join(inputs),
        equation="C " + " ".join(f"{name}^p_{name}" for name in inputs),
        inputs=inputs,
        parameters=(scale("C", f"{label} where all inputs are 1", label), *powers),
        evaluate=partial(_evaluate, inputs),
        label=label,
    )


def _evaluate(inputs: tuple[str, ...], columns: Columns, logs: Logs) -> Evaluation:
    value = columns[0] * np.exp(
        sum(p * logs[name] for p, name in zip(columns[1:], inputs, strict=True))
    )
    return value, lambda: [value, *(logs[name] * value for name in inputs)]
