"""Where the ticks of a logarithmic axis stand, and their words."""

import math

import numpy as np

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def power_of_ten(exponent: int) -> str:
    """Write a power of ten as people do.

    Examples
    --------
    >>> power_of_ten(3), power_of_ten(-2)
    ('10³', '10⁻²')
    """
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.6g}"


def log_ticks(low: float, high: float) -> tuple[list[float], list[str]]:
    """Place ticks on a logarithmic axis from `low` to `high`, both positive, `low` < `high`.

    Whole decades where two or more are in sight, 1-2-5 steps in between, and even steps
    where those would be fewer than three. Numbers from 0.01 to 1000 are written out where all
    are of that size.

    Examples
    --------
    >>> log_ticks(8, 2e4)
    ([10.0, 100.0, 1000.0, 10000.0], ['10¹', '10²', '10³', '10⁴'])
    >>> log_ticks(8, 130)[1]
    ['10', '20', '50', '100']
    >>> log_ticks(2.21, 2.95)[1]
    ['2.4', '2.6', '2.8']
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    decades = list(range(first, last + 1))
    if high / low >= 100:
        step = math.ceil(len(decades) / 7)
        decades = [d for d in decades if d % step == 0]
        values = [10.0**d for d in decades]
        if values[0] >= 0.01 and values[-1] <= 1000:
            return values, [_plain(v) for v in values]
        return values, [power_of_ten(d) for d in decades]
    values = [m * 10.0**d for d in range(first - 1, last + 1) for m in (1, 2, 5)]
    values = [v for v in values if low * (1 - 1e-9) <= v <= high * (1 + 1e-9)]
    return (values, [_word(v) for v in values]) if len(values) > 2 else _even(low, high)


def _even(low: float, high: float) -> tuple[list[float], list[str]]:
    rough = (high - low) / 4
    unit = 10.0 ** math.floor(math.log10(rough))
    step = next(m * unit for m in (1, 2, 2.5, 5, 10) if m * unit >= rough)
    values = [float(v) for v in np.arange(math.ceil(low / step), math.floor(high / step) + 1)]
    return [v * step for v in values], [_word(v * step) for v in values]


def _word(value: float) -> str:
    if 0.0001 <= value < 100_000:
        return _plain(float(f"{value:.6g}"))
    exponent = math.floor(math.log10(value) + 1e-9)
    factor = f"{value / 10.0**exponent:.4g}"
    return power_of_ten(exponent) if factor == "1" else f"{factor}·{power_of_ten(exponent)}"
