"""`predict`: the loss at new points by a fit, at a budget by its compute-optimal size."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.result import LawFit
from eigenscale.laws.saving.saved import is_saved_fit, load_fit
from eigenscale.laws.selection.average import Blend
from eigenscale.laws.selection.compare import compare
from eigenscale.laws.table import tabulate
from eigenscale.planning.plan import plan
from eigenscale.results import Interval, Rows, plain
from eigenscale.text.numbers import number, with_interval
from eigenscale.text.words import counted

SHOWN = ("params", "tokens", "flops")


@dataclass(frozen=True, eq=False)
class Predictions(Rows):
    """Predicted losses.

    Attributes
    ----------
    law, unit : str
        What predicts, and the unit of the losses.
    points : tuple of mapping
        Inputs of each prediction.
    intervals : tuple of Interval
        Where the loss of one run of that size lies.
    reliable : tuple of bool
        False where the words say not to rely on the value.
    warnings : tuple of str
    """

    law: str
    unit: str
    points: tuple[Mapping[str, float], ...]
    intervals: tuple[Interval, ...]
    reliable: tuple[bool, ...]
    warnings: tuple[str, ...] = ()

    def rows(self) -> Iterator[dict[str, Any]]:
        """One row per point: its inputs, the value, its interval, whether it is reliable."""
        for point, found, reliable in zip(self.points, self.intervals, self.reliable, strict=True):
            ends = {"value": found.value, "low": found.low, "high": found.high}
            yield {**point, **ends, "level": found.level, "reliable": reliable}

    def _text(self) -> str:
        lines = []
        for point, found, reliable in zip(self.points, self.intervals, self.reliable, strict=True):
            at = " and ".join(
                f"{number(value)} FLOP" if name == "flops" else counted(value, name)
                for name, value in point.items()
            )
            doubt = "" if reliable else "; DO NOT RELY ON THIS"
            text = with_interval(found, level=True)
            lines.append(f"With {at} expect a loss of {text} ({self.unit}){doubt}.")
        return "\n".join(lines)

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form, with the keys of the command line's contract."""
        predictions = [
            {**found.to_dict(), "reliable": reliable}
            for found, reliable in zip(self.intervals, self.reliable, strict=True)
        ]
        return {
            "law": self.law,
            "unit": self.unit,
            "points": [dict(point) for point in self.points],
            "predictions": predictions,
            "warnings": list(self.warnings),
        }


def predict(
    fit: Any,
    points: Any = None,
    *,
    flops: ArrayLike | None = None,
    params: ArrayLike | None = None,
    tokens: ArrayLike | None = None,
) -> Predictions:
    """Predict the loss at new points.

    Parameters
    ----------
    fit : LawFit, Blend, path, dataframe or Runs
        A fit or a saved one; runs are fitted first, as ``fit(runs, law="all")`` does.
    points : path, dataframe or mapping, optional
        A table of points with the columns of runs; a loss in it is not looked at.
    flops : float or array (n,), optional
        Budgets in FLOP: by a law of params and tokens at the compute-optimal size, see `plan`.
    params, tokens : float or array, optional
        Sizes and data; they broadcast.

    Returns
    -------
    Predictions

    Raises
    ------
    InputError
        Not exactly one of `points`, `flops`, or `params` with `tokens` is given; an input is
        missing or not positive.

    Examples
    --------
    >>> import numpy as np
    >>> N, D = np.meshgrid([1e8, 1e9, 1e10], [1e9, 1e10, 1e11])
    >>> runs = {"params": N.ravel(), "tokens": D.ravel()}
    >>> runs["loss"] = 1.69 + 406.4 / runs["params"] ** 0.34 + 410.7 / runs["tokens"] ** 0.28
    >>> from eigenscale.laws.public import fit
    >>> found = predict(fit(runs, bootstrap=0), params=7e10, tokens=1.4e12)
    >>> round(found.intervals[0].value, 3)
    1.937
    """
    law = _fitted(fit)
    inputs = _inputs(law, points, flops, params, tokens)
    found = law.predict(**inputs)
    rows = [
        {name: float(np.ravel(inputs[name])[i]) for name in _shown(law, inputs)}
        for i in range(found.value.size)
    ]
    return Predictions(
        _name(law),
        law.unit,
        tuple(rows),
        tuple(found.intervals(run=True)),
        tuple(found.reliable),
        tuple(found.warnings),
    )


def _fitted(fit: Any) -> LawFit | Blend:
    if isinstance(fit, LawFit | Blend):
        return fit
    if isinstance(fit, str | Path) and is_saved_fit(fit):
        return load_fit(fit)
    return compare(fit if isinstance(fit, Runs | Mapping) else read_runs(fit)).best


def _name(law: LawFit | Blend) -> str:
    return law.law.name if isinstance(law, LawFit) else "average of laws"


def _inputs(
    law: LawFit | Blend, points: Any, flops: Any, params: Any, tokens: Any
) -> dict[str, Floats]:
    """Columns of the points asked for, with what follows from them."""
    if (params is None) != (tokens is None):
        raise InputError("params and tokens name a point together; give both or neither")
    if sum(one is not None for one in (points, flops, params)) != 1:
        raise InputError("give one of: a table of points, flops, or params with tokens")
    if points is not None:
        return _table(points)
    if params is not None:
        size, data = np.broadcast_arrays(*(_positive(x) for x in (params, tokens)))
        return dict(tabulate({"params": size, "tokens": data, "loss": np.ones(size.shape)}).inputs)
    budgets = _positive(flops)
    if isinstance(law, LawFit) and "params" not in law.law.inputs:
        return {"flops": budgets}
    best = [plan(law, float(budget)) for budget in budgets]
    size = np.array([one.params.value for one in best])
    data = np.array([one.tokens.value for one in best])
    return {"params": size, "tokens": data, "flops": budgets}


def _table(points: Any) -> dict[str, Floats]:
    """Columns of a table of points; a loss in it is not looked at."""
    if isinstance(points, Mapping):
        n = len(next(iter(points.values()), ()))
        return dict(tabulate({**points, "loss": np.ones(n)}).inputs)
    return dict(tabulate(read_runs(points, {"loss": 1.0})).inputs)


def _positive(values: ArrayLike) -> Floats:
    found = np.atleast_1d(np.asarray(values, dtype=float)).ravel()
    wrong = ~(np.isfinite(found) & (found > 0))
    if wrong.any():
        raise InputError(f"{found[wrong][0]:g} is no size or budget; give positive numbers")
    return found


def _shown(law: LawFit | Blend, inputs: Mapping[str, Floats]) -> list[str]:
    """List the inputs that name a point: those of the law among the usual ones."""
    needed = law.law.inputs if isinstance(law, LawFit) else ("params", "tokens")
    return [name for name in SHOWN if name in inputs and (name != "flops" or "flops" in needed)]
