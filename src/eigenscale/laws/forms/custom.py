"""A law of the user's own: one Python function, derivatives by complex step."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.law import Columns, Evaluation, Law, Logs, scale

STEP = 1e-30  # no difference is taken, so that it may be as small as it likes
TRIED, SPREAD = 400, 2.0


def custom(function: Callable[..., Any], name: str | None = None) -> Law:
    """Make a law of a function of inputs and keyword-only, positive parameters.

    Parameters
    ----------
    function : callable
        ``f(params, tokens, *, E=1.0, A=100.0, …)``: NumPy expressions that hold for complex
        numbers. Defaults say the order of magnitude (1 where there is none).
    name : str, optional

    Raises
    ------
    InputError
        The function has no inputs or no keyword-only parameters.

    Examples
    --------
    >>> law = custom(lambda tokens, *, A=10.0, alpha=0.3: A * tokens ** -alpha, "mine")
    >>> law.inputs, law.names
    (('tokens',), ('A', 'alpha'))
    """
    signature = inspect.signature(function).parameters.values()
    inputs = tuple(p.name for p in signature if p.kind is not p.KEYWORD_ONLY)
    free = [p for p in signature if p.kind is p.KEYWORD_ONLY]
    if not inputs or not free:
        raise InputError(
            "a law is a function of inputs and keyword-only parameters; "
            "write def law(params, tokens, *, E=1.0, A=100.0)"
        )
    names = tuple(p.name for p in free)
    guess = np.array([1.0 if p.default is p.empty else float(p.default) for p in free])

    called = name or str(getattr(function, "__name__", "custom"))
    parameters = tuple(scale(p.name, "") for p in free)
    return Law(called, f"{called}({', '.join(inputs)})", inputs, parameters,
               partial(_evaluate, function, names),
               source="the user's own", starts=partial(_starts, names, guess))  # fmt: skip


def _evaluate(
    function: Callable[..., Any], names: tuple[str, ...], columns: Columns, logs: Logs
) -> Evaluation:
    values = [np.exp(x) for x in logs.values()]
    given = dict(zip(names, columns, strict=True))

    def partials() -> list[Floats]:
        moved = ({**given, n: c * (1 + 1j * STEP)} for n, c in given.items())
        return [np.imag(function(*values, **point)) / STEP for point in moved]

    return np.asarray(function(*values, **given)), partials


def _starts(
    names: tuple[str, ...], guess: Floats, _logs: Logs, _loss: Floats, fixed: Mapping[str, float]
) -> Floats:
    spread = np.random.default_rng(0).normal(0, SPREAD, (TRIED, len(guess)))
    spread[0] = 0
    theta = guess * np.exp(spread)
    for i, name in enumerate(names):
        theta[:, i] = fixed.get(name, theta[:, i])
    return theta
