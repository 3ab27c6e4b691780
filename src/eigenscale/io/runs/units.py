"""Numbers and units as people write them in run tables: ``1.3B``, ``400M``, ``2.1 PF-days``."""

import math
import re

from eigenscale.errors import InputError

PF_DAY = 8.64e19
"""Floating-point operations in one petaFLOP/s-day (1e15 × 86,400)."""

_SCALES = {
    "": 1.0,
    "k": 1e3,
    "thousand": 1e3,
    "thousands": 1e3,
    "m": 1e6,
    "mm": 1e6,
    "mn": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "g": 1e9,
    "mrd": 1e9,
    "billion": 1e9,
    "billions": 1e9,
    "t": 1e12,
    "tn": 1e12,
    "trillion": 1e12,
    "trillions": 1e12,
}
_PREFIXES = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12, "p": 1e15, "e": 1e18, "z": 1e21}
_LONG_PREFIXES = {"kilo": 1e3, "mega": 1e6, "giga": 1e9, "tera": 1e12, "peta": 1e15, "exa": 1e18}
_FLOP_WORD = r"(?:flop/?s?|flo|flos)"
_FLOP_UNIT = re.compile(rf"^(?P<prefix>[a-z]*?){_FLOP_WORD}$")
_FLOP_DAYS = re.compile(
    rf"^(?:p|peta)(?:f|{_FLOP_WORD})?(?:/?s)?(?P<time>d|days?)$",
)
_SPACED = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))")  # between thousands
_NUMBER = re.compile(
    r"^(?P<number>[+-]?(?:(?:\d{1,3}(?:,\d{3})+|\d[\d_]*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)"
    r"\s*(?P<unit>[a-z/ _-]*)$"
)
_COUNT_WORDS = ("parameters", "parameter", "params", "param", "tokens", "token", "tok")


def scale_of(unit: str, *, flops: bool = False) -> float | None:
    """How much one `unit` is, or None where it is not known.

    Examples
    --------
    >>> scale_of("B"), scale_of("millions"), scale_of("PF-days", flops=True)
    (1000000000.0, 1000000.0, 8.64e+19)
    """
    word = re.sub(r"[\s_-]+", "", unit.lower())
    if not flops:
        word = next((word.removesuffix(w) for w in _COUNT_WORDS if word.endswith(w)), word)
    elif word in _PREFIXES:
        return _PREFIXES[word]
    elif _FLOP_DAYS.match(word):
        return PF_DAY
    elif match := _FLOP_UNIT.match(word):
        prefix = match["prefix"]
        return _PREFIXES.get(prefix, _LONG_PREFIXES.get(prefix))
    return _SCALES.get(word)


def parse_quantity(text: str, *, flops: bool = False) -> float | None:
    """Read a number with an optional suffix or unit; None where it is neither.

    Examples
    --------
    >>> [parse_quantity(text) for text in ("1.3B", "400 M", "1,200", "b")]
    [1300000000.0, 400000000.0, 1200.0, None]
    """
    word = _SPACED.sub("", text.strip().lower())
    if re.fullmatch(r"[+-]?(nan|inf|infinity)", word):
        return float(word)
    match = _NUMBER.match(word)
    if match is None:
        return None
    scale = scale_of(match["unit"], flops=flops)
    if scale is None:
        return None
    return float(match["number"].replace(",", "").replace("_", "")) * scale


def count_scale(field: str, unit: str | float) -> float:
    """Give the factor that turns a column in `unit` into counts.

    Raises
    ------
    InputError
        When the unit is not known for this field.
    """
    if isinstance(unit, int | float):
        scale: float | None = float(unit)
    else:
        scale = parse_quantity(unit, flops=field == "flops")
        scale = scale_of(unit, flops=field == "flops") if scale is None else scale
    if scale is None or not (0 < scale < math.inf):
        known = "PF-days, GFLOP, TFLOP, PFLOP, EFLOP" if field == "flops" else "K, M, B, T"
        raise InputError(
            f"unit {unit!r} of {field} is not known; give one of {known}, or a positive number"
        )
    return scale
