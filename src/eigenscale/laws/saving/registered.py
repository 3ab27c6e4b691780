"""Registered predictions: dated and hashed before the runs are trained, scored afterwards."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtri

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.loss_units import loss_unit, of_runs
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.table import tabulate
from eigenscale.results import Interval, Result, plain, to_plain
from eigenscale.text.numbers import count, percent, with_interval
from eigenscale.writing import whole_file

FORMAT = "eigenscale predictions"
NEAR = 0.02
"""Largest difference in log of an input between a registered point and a run that measures it."""


@dataclass(frozen=True)
class Scored:
    """One measured run against the prediction that was registered for it.

    Attributes
    ----------
    inputs : mapping of str to float
        The registered point.
    predicted : Interval
    measured : float
        In the unit of the prediction.
    z : float
        log(measured / predicted) over the standard deviation that the interval stands for;
        NaN where the interval has no width.
    made : str
        When the prediction was registered.
    """

    inputs: Mapping[str, float]
    predicted: Interval
    measured: float
    z: float
    made: str

    @property
    def inside(self) -> bool:
        """Whether the measured loss lies inside the interval."""
        return self.predicted.low <= self.measured <= self.predicted.high

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "inputs": dict(self.inputs),
            "predicted": self.predicted,
            "measured": self.measured,
            "inside": self.inside,
            "z": self.z,
            "made": self.made,
        }


@dataclass(frozen=True, eq=False)
class ScoreCard(Result):
    """What became of registered predictions.

    Attributes
    ----------
    scores : tuple of Scored
        One per measured run, in the order of registration.
    waiting : tuple of mapping
        Registered points that no run measures yet.
    unit : str
        Of all losses here.
    """

    scores: tuple[Scored, ...]
    waiting: tuple[Mapping[str, float], ...]
    unit: str

    @property
    def calibration(self) -> dict[str, Any]:
        """Hit rate, nominal level, mean log interval score, and mean and rms of z.

        The interval score is that of Gneiting and Raftery 2007, eq. 43, on the log of the loss:
        width + 2 / (1 − level) × how far outside. Smaller is better.
        """
        if not self.scores:
            return {"n": 0}
        known = np.array([s.z for s in self.scores if np.isfinite(s.z)])
        return {
            "n": len(self.scores),
            "level": float(np.mean([s.predicted.level for s in self.scores])),
            "hit_rate": float(np.mean([s.inside for s in self.scores])),
            "interval_score": float(np.mean([_interval_score(s) for s in self.scores])),
            "mean_z": float(known.mean()) if known.size else None,
            "rms_z": float(np.sqrt(np.mean(known**2))) if known.size else None,
        }

    def _text(self) -> str:
        lines = [
            f"{_named(s.inputs)}: predicted {with_interval(s.predicted)}, measured "
            f"{s.measured:.4g} ({'inside' if s.inside else 'outside'}, z = {s.z:+.2g})"
            for s in self.scores
        ]
        found = self.calibration
        if found["n"]:
            inside = sum(s.inside for s in self.scores)
            lines.append(
                f"{inside} of {found['n']} runs lie inside their {percent(found['level'])} "
                f"intervals; the root mean square of z is {found['rms_z'] or 0:.2g}, where 1 is "
                "expected."
            )
        if self.waiting:
            lines.append(f"Not measured yet: {'; '.join(_named(one) for one in self.waiting)}.")
        return "\n".join(lines)

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "scores": list(self.scores),
            "waiting": [dict(one) for one in self.waiting],
            "calibration": self.calibration,
            "unit": self.unit,
        }


def register(
    path: str | Path,
    law: str,
    unit: str,
    points: Sequence[Mapping[str, float]],
    predictions: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """Add dated, hashed predictions to a file; what it holds stays as it is.

    Parameters
    ----------
    path : path
        Made where it is absent.
    law, unit : str
        What predicted, and the unit of the losses.
    points, predictions : sequences of equal length
        Inputs of each point; `value`, `low`, `high`, `level` and `reliable` of each prediction.

    Returns
    -------
    dict
        The entry: ``made`` (UTC), ``law``, ``unit``, ``points``, ``predictions``, ``previous``
        (hash of the entry before it) and ``hash`` (SHA-256 of all of that).

    Raises
    ------
    InputError
        The file is no record of predictions, was changed, or cannot be written.
    """
    entries = load_registered(path) if Path(path).exists() else []
    entry: dict[str, Any] = to_plain(
        {
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "law": law,
            "unit": unit,
            "points": [dict(one) for one in points],
            "predictions": [dict(one) for one in predictions],
            "previous": entries[-1]["hash"] if entries else None,
        }
    )
    entry["hash"] = _hash(entry)
    with whole_file(path) as temporary:
        text = json.dumps(
            {"format": FORMAT, "version": 1, "registered": [*entries, entry]}, indent=1
        )
        temporary.write_text(text + "\n", encoding="utf-8")
    return entry


def load_registered(path: str | Path) -> list[dict[str, Any]]:
    """Read the entries of a record and check their hashes.

    Raises
    ------
    InputError
        The file cannot be read, is no record of predictions, or was changed afterwards.
    """
    try:
        held = json.loads(Path(path).read_text(encoding="utf-8"))
        entries: list[dict[str, Any]] = held["registered"]
        known = held["format"] == FORMAT and isinstance(entries, list)
        hashes = [one["hash"] for one in entries]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {str(error.strerror).lower()}") from None
    except (ValueError, TypeError, KeyError, RecursionError):
        known = False
    if not known:
        raise InputError(
            f"{path} is no record of predictions; make one by eigenscale predict … --register FILE"
        )
    before = None
    for i, (entry, kept) in enumerate(zip(entries, hashes, strict=True), start=1):
        told = {name: value for name, value in entry.items() if name != "hash"}
        if told.get("previous") != before or _hash(told) != kept:
            raise InputError(
                f"entry {i} of {path} does not match its hash: it was changed after it was "
                "registered; restore the file"
            )
        before = kept
    return entries


def score(path: str | Path, measured: Any) -> ScoreCard:
    """Compare registered predictions with runs that were measured.

    Parameters
    ----------
    path : path
        What `register` wrote.
    measured : Runs, path or dataframe
        Runs at registered points, to within 2 % of each input.

    Returns
    -------
    ScoreCard

    Raises
    ------
    InputError
        The record is damaged, the units differ, or no run is at a registered point.
    """
    runs = measured if isinstance(measured, Runs) else read_runs(measured)
    unit, table = of_runs(runs), tabulate(runs)
    loss, inputs = np.asarray(loss_unit(unit).outward(table.target)), table.inputs
    scores: list[Scored] = []
    waiting: list[Mapping[str, float]] = []
    for entry in load_registered(path):
        if entry["unit"] != unit:
            raise InputError(
                f"the predictions are in {entry['unit']}, the measured losses in {unit}; give "
                f"losses in {entry['unit']}"
            )
        for point, predicted in zip(entry["points"], entry["predictions"], strict=True):
            rows = _rows_at(point, inputs, len(loss))
            found = Interval(*(_number(predicted[k]) for k in ("value", "low", "high", "level")))
            scores += [_scored(point, found, float(loss[i]), entry["made"]) for i in rows]
            if not rows.size:
                waiting.append(point)
    if not scores:
        raise InputError(
            f"none of the {count(len(loss))} measured runs is at a registered point "
            f"({_named(waiting[0]) if waiting else 'there is none'}); give runs of those sizes, "
            f"within {percent(NEAR)}"
        )
    return ScoreCard(tuple(scores), tuple(waiting), unit)


def _rows_at(point: Mapping[str, float], measured: Mapping[str, Floats], n: int) -> Any:
    """Rows whose inputs are those of the point; a point of compute alone is met by compute."""
    missing = [name for name in point if name not in measured]
    if missing:
        raise InputError(
            f"the measured runs have no {missing[0]}, which the predictions are made for; add it"
        )
    near = np.ones(n, dtype=bool)
    for name, value in point.items():
        near &= np.abs(np.log(measured[name] / value)) <= NEAR
    return np.flatnonzero(near)


def _scored(point: Mapping[str, float], found: Interval, measured: float, made: str) -> Scored:
    width = np.log(found.high / found.low) if found.low > 0 else np.nan
    sd = width / (2 * ndtri((1 + found.level) / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.log(measured / found.value) / sd if sd > 0 else np.nan
    return Scored(point, found, measured, float(z), made)


def _interval_score(one: Scored) -> float:
    low, high, at = np.log([one.predicted.low, one.predicted.high, one.measured])
    outside = max(low - at, 0.0) + max(at - high, 0.0)
    return float(high - low + 2 / (1 - one.predicted.level) * outside)


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _named(point: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {value:.3g}" for name, value in point.items())


def _hash(entry: Mapping[str, Any]) -> str:
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
