"""Rows as a table of text, the same for a command, a report and ``summary()``."""

from collections.abc import Mapping, Sequence

from eigenscale.text.numbers import short


def aligned(rows: Sequence[Mapping[str, object]], digits: int = 5) -> list[str]:
    r"""Align rows as lines of text, names first; columns of words to the left.

    Examples
    --------
    >>> print("\n".join(aligned([{"law": "power", "loss": 2.25}, {"law": "all", "loss": None}])))
    law    loss
    power  2.25
    all       –
    """
    cells = [list(rows[0])] + [[short(value, digits) for value in row.values()] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    left = [isinstance(value, str) for value in rows[0].values()]
    return [
        "  ".join(
            text.ljust(width) if flush else text.rjust(width)
            for text, width, flush in zip(row, widths, left, strict=True)
        ).rstrip()
        for row in cells
    ]
