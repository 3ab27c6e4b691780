"""Numbers and intervals as the report says them."""

import math

from eigenscale.planning.words import named, power_of_ten, spoken
from eigenscale.results import Interval


def number(value: float) -> str:
    """Write three digits that matter, thousands and powers of ten as people say them.

    Examples
    --------
    >>> number(0.38), number(27063.0), number(2.2e9), number(1.3e22), number(-0.0236)
    ('0.380', '27,100', '2.2 billion', '1.3·10²²', '−0.0236')
    """
    if math.isnan(value):
        return "unknown"
    if abs(value) >= 1e18 or 0 < abs(value) < 1e-4:
        return power_of_ten(value)
    if abs(value) < 10 and value != round(value):
        return f"{value:#.3g}".replace("-", "−")  # 0.380 beside 0.408
    return spoken(float(f"{value:.3g}")).replace("-", "−")


def with_interval(interval: Interval) -> str:
    """Value and ends: ``0.476 (0.45 to 0.5)``; the value alone where the ends are unknown.

    Examples
    --------
    >>> with_interval(Interval(0.4764, 0.4512, 0.5031))
    '0.476 (0.451 to 0.503)'
    """
    if not (math.isfinite(interval.low) and math.isfinite(interval.high)):
        return number(interval.value)
    return f"{number(interval.value)} ({number(interval.low)} to {number(interval.high)})"


def percent(share: float) -> str:
    r"""Write a share in per cent: two digits that matter, not torn apart at line ends.

    Examples
    --------
    >>> percent(0.0312), percent(0.9), percent(1.0)
    ('3.1\xa0%', '90\xa0%', '100\xa0%')
    """
    value = 100 * share
    return f"{value:.0f}\u00a0%" if abs(value) >= 10 or value == 0 else f"{value:.2g}\u00a0%"


def capitalised(text: str) -> str:
    """Begin with a capital and leave the rest as it is.

    Examples
    --------
    >>> capitalised("fitted to CSV")
    'Fitted to CSV'
    """
    return text[:1].upper() + text[1:]


def amount(value: float) -> str:
    """Write a count: whole numbers below a million in full.

    Examples
    --------
    >>> amount(32768.0), amount(2.817e9)
    ('32,768', '2.82 billion')
    """
    return f"{value:,.0f}" if value < 1e6 and value == round(value) else number(value)


def counted(value: float, name: str) -> str:
    """Write a number with what it counts.

    Examples
    --------
    >>> counted(32768.0, "n_samples"), counted(2.817e9, "params")
    ('32,768 samples', '2.82 billion parameters')
    """
    return f"{amount(value)} {named(name)}"


def joined(parts: list[str]) -> str:
    """Join as in a sentence.

    Examples
    --------
    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
