"""Finished runs matched to the plan that they came from, and its predictions scored."""

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.runs.loss_units import loss_unit
from eigenscale.io.runs.read import read_runs
from eigenscale.results import Interval, Result
from eigenscale.text.numbers import number, percent, with_interval
from eigenscale.text.words import joined

CLOSE = math.log(1.1)
"""Finished and planned size and tokens may differ by so much in log."""


@dataclass(frozen=True)
class Score:
    """One finished run against its prediction.

    Attributes
    ----------
    name : str
    predicted : Interval
    measured : float
    inside : bool
        Whether it lies in the interval.
    z : float
        Log measured − log predicted, over the standard deviation that the interval implies.
    """

    name: str
    predicted: Interval
    measured: float
    inside: bool
    z: float


@dataclass(frozen=True, eq=False)
class Scores(Result):
    """All of them.

    Attributes
    ----------
    scores : tuple of Score
    missing : tuple of str
        Planned runs that are not among the finished ones.
    unplanned : int
        Finished runs that were not planned.
    """

    scores: tuple[Score, ...]
    missing: tuple[str, ...]
    unplanned: int

    @property
    def error(self) -> float:
        """Median relative error of the predictions."""
        return float(np.median([abs(s.measured / s.predicted.value - 1) for s in self.scores]))

    def _text(self) -> str:
        held, count = sum(s.inside for s in self.scores), len(self.scores)
        worst = max(self.scores, key=lambda s: abs(math.log(s.measured / s.predicted.value)))
        text = (
            f"{count} finished runs match the plan; the median error of the prediction is "
            f"{percent(self.error)}, and {held} of {count} losses lie in their intervals. "
            f"Furthest off is {worst.name}: {number(worst.measured, 4)} measured, "
            f"{with_interval(worst.predicted)} predicted."
        )
        if self.missing:
            text += f" Not finished: {joined(self.missing)}."
        return text

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        count = len(self.scores)
        level = self.scores[0].predicted.level
        inside = sum(s.inside for s in self.scores) / count
        return {
            "scores": list(self.scores),
            "calibration": {"level": level, "inside": inside, "n": count},
            "median_error": self.error,
            "missing": list(self.missing),
            "unplanned": self.unplanned,
            "summary": self.summary,
        }


def score_finished(planned: str | Path, finished: Any) -> Scores:
    """Match finished runs to a written plan and score its predictions.

    Parameters
    ----------
    planned : path
        The ``runs.csv`` of a written plan, or its folder.
    finished : path or Runs
        The table of finished runs, with params, tokens and loss.

    Returns
    -------
    Scores

    Raises
    ------
    InputError
        There is no such plan, it predicts nothing, or no run matches.
    """
    rows = _planned(Path(planned))
    runs = read_runs(finished) if isinstance(finished, str | Path) else finished
    if runs.params is None or runs.tokens is None:
        raise InputError("the finished runs have no params and tokens to match the plan by")
    measured = loss_unit(runs.unit).outward(runs.loss / runs.unit_factor)
    places = np.log(np.stack([runs.params, runs.tokens], axis=1))
    free = np.ones(len(places), dtype=bool)
    scores, missing = [], []
    for row in rows:
        at = np.log([float(row["params"]), float(row["tokens"])])
        apart = np.where(free, np.abs(places - at).max(axis=1), math.inf)
        i = int(apart.argmin())
        if apart[i] > CLOSE:
            missing.append(row["name"])
            continue
        free[i] = False
        scores.append(_score(row, float(measured[i])))
    if not scores:
        raise InputError(
            f"none of the {len(places)} finished runs has the params and tokens of a planned one "
            f"(within 10 %); check that both count params alike"
        )
    return Scores(tuple(scores), tuple(missing), int(free.sum()))


def _planned(path: Path) -> list[dict[str, str]]:
    table = path / "runs.csv" if path.is_dir() else path
    if not table.is_file():
        raise InputError(f"{table} is no file; name the folder that plan --write made")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"name", "params", "tokens", "predicted_loss"} <= set(rows[0]):
        raise InputError(
            f"{table} has no column predicted_loss; write the plan with a law that predicts"
        )
    return rows


def _score(row: dict[str, str], measured: float) -> Score:
    value, low, high, level = (
        float(row[name] or math.nan)
        for name in ("predicted_loss", "predicted_low", "predicted_high", "level")
    )
    predicted = Interval(value, low, high, level)
    width = math.log(high / low) / 2 if high > low > 0 else math.nan
    quantile = NormalDist().inv_cdf((1 + level) / 2)
    z = math.log(measured / value) / (width / quantile) if width else math.nan
    return Score(row["name"], predicted, measured, bool(low <= measured <= high), z)
