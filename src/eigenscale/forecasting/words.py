"""Losses, shares and counts as the forecast says them."""

import math

from eigenscale.results import Interval


def shown(interval: Interval) -> str:
    """Value and ends; the value alone where the ends are unknown.

    Examples
    --------
    >>> shown(Interval(0.4764, 0.4512, 0.5031))
    '0.476 (0.451 to 0.503)'
    """
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return f"{interval.value:.3g}"
    return f"{interval.value:.3g} ({interval.low:.3g} to {interval.high:.3g})"


def share(value: float) -> str:
    r"""Write a share in per cent, two digits that matter.

    Examples
    --------
    >>> share(0.0312), share(0.154)
    ('3.1\xa0%', '15\xa0%')
    """
    percent = 100 * value
    return f"{percent:.0f}\u00a0%" if percent >= 10 else f"{percent:.2g}\u00a0%"


def count(value: float) -> str:
    """Write a whole number, three digits that matter above a million.

    Examples
    --------
    >>> count(12345.2), count(3.21e9)
    ('12,345', '3.21e+09')
    """
    return f"{value:,.0f}" if abs(value) < 1e6 else f"{value:.3g}"
