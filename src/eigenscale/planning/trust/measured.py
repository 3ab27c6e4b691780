"""How far a plan lies beyond what was measured, in grades and in warnings."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.text.numbers import short

Grade = Literal["inside", "edge", "near", "far", "unknown", "theory"]

EDGE_DECADES = 0.1
NEAR_DECADES = 1.0

_MEANS = {
    "inside": "inside the measured range",
    "edge": "at the edge of the measured range",
    "near": "up to a factor of ten beyond the measured range",
    "far": "more than a factor of ten beyond the measured range",
    "unknown": "no runs say where the law was measured",
    "theory": "a solved theory, exact for large sizes",
}


@dataclass(frozen=True)
class Trust:
    """Decades from the measured range; below zero inside it, by the distance to its edge.

    Attributes
    ----------
    decades : mapping of str to float
        For size, data and flops: log10 of how far beyond the nearest end the plan lies.
    grade : {"inside", "edge", "near", "far", "unknown", "theory"}
        The worst of them: at the edge within a tenth of a decade, near up to one decade.
        Without runs unknown, and theory where the surface was solved rather than fitted.
    """

    decades: Mapping[str, float]
    grade: Grade

    @property
    def meaning(self) -> str:
        """The grade in words."""
        return _MEANS[self.grade]

    def to_dict(self) -> dict[str, object]:
        """Keys `grade`, `meaning`, `decades`."""
        return {"grade": self.grade, "meaning": self.meaning, "decades": dict(self.decades)}


THEORY = Trust({}, "theory")


def decades_beyond(values: Floats, measured: tuple[float, float]) -> Floats:
    """Decades beyond the nearest end of a range; negative inside.

    Examples
    --------
    >>> decades_beyond(np.array([1e2, 1e3, 1e6]), (1e2, 1e4))
    array([ 0., -1.,  2.])
    """
    low, high = np.log10(measured)
    place = np.log10(values)
    return np.asarray(np.maximum(low - place, place - high))


def trust(values: Mapping[str, float], measured: Mapping[str, tuple[float, float]]) -> Trust:
    """Compare a plan's size, data and flops with the ranges of the runs."""
    decades = {
        name: float(decades_beyond(np.array(value), measured[name]))
        for name, value in values.items()
        if name in measured
    }
    if not decades:
        return Trust({}, "unknown")
    worst = max(decades.values())
    if worst > NEAR_DECADES:
        return Trust(decades, "far")
    if worst > EDGE_DECADES:
        return Trust(decades, "near")
    return Trust(decades, "edge" if worst >= -EDGE_DECADES else "inside")


def range_warnings(
    values: Mapping[str, float], measured: Mapping[str, tuple[float, float]]
) -> list[str]:
    """One line for each of size, data and flops that is at the edge of the runs or beyond."""
    lines = []
    for name, decades in trust(values, measured).decades.items():
        low, high = measured[name]
        end, side = (low, "smallest") if values[name] < np.sqrt(low * high) else (high, "largest")
        where = f"the {side} measured ({short(float(end), 3)})"
        if decades > EDGE_DECADES:
            lines.append(
                f"{name} {short(float(values[name]), 3)} is {decades:.1f} decades beyond {where}: "
                "this is an extrapolation"
            )
        elif decades >= -EDGE_DECADES:
            lines.append(
                f"{name} {short(float(values[name]), 3)} is at the edge of what was measured, "
                f"near {where}"
            )
    return lines
