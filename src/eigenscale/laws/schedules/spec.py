"""Schedules as people write them on one line: ``wsd:peak=3e-4,start=20000,total=24000``."""

import inspect
import math
from collections.abc import Callable, Mapping

from eigenscale.errors import InputError
from eigenscale.laws.schedules.schedule import Schedule
from eigenscale.laws.schedules.shapes import constant, cosine, linear, restarts, two_stage, wsd

SHAPES: dict[str, Callable[..., Schedule]] = {
    "constant": constant,
    "cosine": cosine,
    "linear": linear,
    "wsd": wsd,
    "two-stage": two_stage,
    "restarts": restarts,
}
_COUNTS = ("total", "warmup", "start", "period")
_SHAPE_WORDS = {"1-sqrt": "sqrt", "exp": "exponential"}


def parse_schedule(text: str, defaults: Mapping[str, float] | None = None) -> Schedule:
    """Read a schedule from its name and numbers.

    Parameters
    ----------
    text : str
        ``NAME`` or ``NAME:key=value,…``. Names are constant, cosine, linear, wsd, two-stage and
        restarts; keys ``peak``, ``end``, ``total``, ``warmup``, ``start`` (of the cooldown or the
        second stage), ``shape`` (linear, 1-sqrt, exponential, cosine), ``period``, ``factor``.
        ``start`` may be a share of the total below 1, as 0.8.
    defaults : mapping, optional
        Values of keys that the text leaves out, as far as the schedule knows them.

    Raises
    ------
    InputError
        An unknown name or key, a value that is not a number, one that is missing.

    Examples
    --------
    >>> parse_schedule("wsd:peak=1,start=0.5,total=4,shape=linear").rates
    array([1. , 1. , 0.5, 0. ])
    """
    name, _, rest = text.strip().partition(":")
    name = name.strip().lower().replace("_", "-")
    if name not in SHAPES:
        raise InputError(f"schedule {name!r} is not known; use one of {', '.join(SHAPES)}")
    make = SHAPES[name]
    known = inspect.signature(make).parameters
    given = _pairs(rest, name, list(known))
    values = {k: v for k, v in (defaults or {}).items() if k in known} | given
    missing = [k for k, p in known.items() if p.default is p.empty and k not in values]
    if missing:
        raise InputError(
            f"schedule {text!r} lacks {' and '.join(missing)}; write them as "
            f"{name}:{','.join(f'{k}=…' for k in missing)}"
        )
    return make(**_whole(values, text))


def _pairs(rest: str, name: str, known: list[str]) -> dict[str, float | str]:
    found: dict[str, float | str] = {}
    for part in (p.strip() for p in rest.split(",") if p.strip()):
        key, equals, value = (bit.strip() for bit in part.partition("="))
        if not equals or not value:
            raise InputError(f"{part!r} in the schedule is not a pair; write key=value")
        if key not in known:
            raise InputError(f"{name} has no {key!r}; it has {', '.join(known)}")
        found[key] = _SHAPE_WORDS.get(value, value) if key == "shape" else _number(key, value)
    return found


def _number(key: str, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InputError(f"{key}={value} in the schedule is not a number; write {key}=1000")
    return number


def _whole(values: Mapping[str, float | str], text: str) -> dict[str, float | int | str]:
    """Turn counts of steps into whole numbers; a start below 1 is a share of the total."""
    whole: dict[str, float | int | str] = dict(values)
    start, total = values.get("start"), values.get("total")
    if isinstance(start, float) and isinstance(total, int | float) and 0 < start < 1:
        whole["start"] = round(start * total)
    for key in _COUNTS:
        value = whole.get(key)
        if isinstance(value, float):
            if value != int(value):
                raise InputError(f"{key}={value:g} in {text!r} is not a whole number of steps")
            whole[key] = int(value)
    return whole
