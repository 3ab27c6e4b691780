"""One power of one input, with or without a floor: L = E + A x^-alpha."""

from functools import partial

import numpy as np

from eigenscale.laws.law import Centre, Columns, Evaluation, Law, Logs, exponent, floor, scale

SOURCE = "Hestness et al. 2017, arXiv:1712.00409; Kaplan et al. 2020, arXiv:2001.08361"
EXPONENTS = tuple(np.geomspace(0.02, 2.5, 24).tolist())


def power(input_name: str, *, with_floor: bool = True) -> Law:
    """L = E + A x^-alpha in one input; without the floor, L = A x^-alpha."""
    parameters = (
        scale("A", f"loss above the floor at {input_name} = 1", "loss"),
        exponent("alpha", f"how fast the loss falls with {input_name}"),
    )
    stem = "power" if with_floor else "power-no-floor"
    return Law(
        name=f"{stem}:{input_name}",
        equation=f"{'E + ' if with_floor else ''}A / {input_name}^alpha",
        inputs=(input_name,),
        parameters=(floor(), *parameters) if with_floor else parameters,
        evaluate=partial(_evaluate, input_name),
        source=SOURCE,
        linear=("E", "A") if with_floor else ("A",),
        grid={"alpha": EXPONENTS},
        centre=(Centre("A", input_name, "alpha"),),
    )


def _evaluate(input_name: str, columns: Columns, logs: Logs) -> Evaluation:
    *low, A, alpha = columns
    x = logs[input_name]
    term = A * np.exp(-alpha * x)
    value = low[0] + term if low else term
    return value, lambda: [*(1.0 for _ in low), term, -x * term]
