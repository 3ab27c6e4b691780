"""Numbers, shares, counts and intervals, one format for one kind.

In sentences numbers are written as people say them (``3.21 billion``), in tables short
(``3.21e9``), intervals as ``0.380 (0.367–0.388)`` with as many digits as their width tells.
"""

import math

from eigenscale.results import Interval

_SCALES = ((1e15, "quadrillion"), (1e12, "trillion"), (1e9, "billion"), (1e6, "million"))
_RAISED = str.maketrans("0123456789-−.", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻·")


def number(value: float, digits: int = 3) -> str:
    """Write a number for a sentence: `digits` digits that matter, large ones as people say them.

    Examples
    --------
    >>> number(0.38), number(27063.0), number(2.2e9), number(1.3e22), number(-0.0236)
    ('0.380', '27,063', '2.2 billion', '1.3·10²²', '−0.0236')
    >>> number(7.0), number(float("nan"))
    ('7', 'unknown')
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "infinite" if value > 0 else "−infinite"
    size = abs(value)
    if size >= 1e18 or 0 < size < 1e-4:
        text = power_of_ten(value, digits)
    elif size >= 0.9995e6:
        scale, name = next(pair for pair in _SCALES if size >= 0.9995 * pair[0])
        text = f"{value / scale:.{max(digits, 3)}g} {name}"
    elif size >= 999.5:
        text = f"{value:,.0f}"
    elif value == round(value):
        text = f"{value:.0f}"
    else:
        text = f"{value:#.{digits}g}".removesuffix(".")
    return text.replace("-", "−")


def short(value: object, digits: int = 4) -> str:
    """Write a number for a cell of a table: ``3.21e9``, a dash where there is none.

    Examples
    --------
    >>> short(3.21e9), short(0.5), short(float("nan")), short(None), short(12), short("ok")
    ('3.21e9', '0.5', '–', '–', '12', 'ok')
    """
    if value is None:
        return "–"
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return "–"
    return f"{value:.{digits}g}".replace("e+", "e").replace("e0", "e").replace("e-0", "e-")


def count(value: float) -> str:
    """Write a count: whole numbers below a million in full.

    Examples
    --------
    >>> count(32768.0), count(2.817e9), count(12345.2)
    ('32,768', '2.82 billion', '12,345')
    """
    return f"{value:,.0f}" if abs(value) < 1e6 else number(value)


def percent(share: float) -> str:
    r"""Write a share in per cent: two digits that matter, not torn apart at line ends.

    Examples
    --------
    >>> percent(0.0312), percent(0.9), percent(1.0), percent(0.0), percent(0.995)
    ('3.1\xa0%', '90\xa0%', '100\xa0%', '0\xa0%', '99.5\xa0%')
    """
    value = 100 * share
    if 99 <= value < 100:  # not rounded up to all
        return f"{math.floor(10 * value) / 10:.1f}\u00a0%"
    return f"{value:.0f}\u00a0%" if abs(value) >= 10 or value == 0 else f"{value:.2g}\u00a0%"


def raised(base: str, exponent: str) -> str:
    """Write a power with its exponent raised, for titles and labels.

    Examples
    --------
    >>> raised("C", "-0.2"), raised("rank", f"{1.5:.2f}")
    ('C⁻⁰·²', 'rank¹·⁵⁰')
    """
    return base + exponent.translate(_RAISED)


def power_of_ten(value: float, digits: int = 2) -> str:
    """Write a number with its power of ten raised, for titles, labels and very large numbers.

    Examples
    --------
    >>> power_of_ten(1e21), power_of_ten(5.76e23), power_of_ten(1e-3)
    ('10²¹', '5.8·10²³', '10⁻³')
    """
    factor, exponent = f"{value:.{digits - 1}e}".split("e")
    ten = raised("10", str(int(exponent)))
    factor = factor.rstrip("0").rstrip(".") if "." in factor else factor
    return ten if factor == "1" else f"{factor}·{ten}"


def with_interval(found: Interval, *, level: bool = False) -> str:
    """Write a value and its ends; the value alone where the ends are unknown.

    The digits follow the width: two of it are shown, one where the value would need more than
    four. With `level` the nominal coverage is named.

    Examples
    --------
    >>> with_interval(Interval(0.4764, 0.4512, 0.5031))
    '0.476 (0.451–0.503)'
    >>> with_interval(Interval(4.53e9, 1.08e9, 2.32e10), level=True)
    '4.53 billion (90 % interval: 1.08 billion to 23.2 billion)'
    >>> with_interval(Interval(-0.0265, -0.364, 0.301))
    '−0.03 (−0.36 to 0.30)'
    """
    if not (math.isfinite(found.low) and math.isfinite(found.high)):
        return number(found.value)
    value, low, high = _alike(found)
    dash = "–" if all(text[0].isdigit() and " " not in text for text in (low, high)) else " to "
    named = f"{100 * found.level:.3g} % interval: " if level else ""
    return f"{value} ({named}{low}{dash}{high})"


def _alike(found: Interval) -> tuple[str, str, str]:
    """Write the three numbers with the same decimals, as many as the width of the ends tells."""
    numbers = (found.value, found.low, found.high)
    largest = max(abs(x) for x in numbers)
    width = abs(found.high - found.low)
    if (
        not (1e-4 <= largest < 1000)
        or width == 0
        or (found.low > 0 and found.high > 10 * found.low)
    ):
        first, second, third = (number(x) for x in numbers)
        return first, second, third
    decimals = max(1 - math.floor(math.log10(width)), 0)
    if decimals + math.floor(math.log10(largest)) >= 4:  # five digits or more: one of the width
        decimals = max(decimals - 1, 0)
    first, second, third = (f"{x:.{decimals}f}".replace("-", "−") for x in numbers)
    return first, second, third
