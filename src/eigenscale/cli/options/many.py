"""Options that take several values in a row, as ``--predict a.csv b.csv``."""

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

MANY = ("--predict", "--family")


def spread(arguments: Sequence[str], options: Sequence[str] = MANY) -> list[str]:
    """Repeat an option before each of several values that follow it.

    Only behind the files that the command itself takes; before them, an option has one value.

    Examples
    --------
    >>> spread(["a.csv", "--predict", "b.csv", "c.csv", "--json"])
    ['a.csv', '--predict', 'b.csv', '--predict', 'c.csv', '--json']
    >>> spread(["--predict", "b.csv", "a.csv"])
    ['--predict', 'b.csv', 'a.csv']
    """
    found: list[str] = []
    option, values, files = "", 0, 0
    before = ""
    for word in arguments:
        if word.startswith("-"):
            option, values = (word if word in options else ""), 0
        elif option and values and files:
            found.append(option)
        elif option:
            values += 1
        elif not before.startswith("--"):
            files += 1
        before = word
        found.append(word)
    return found


class ManyValues(TyperCommand):
    """A command whose options in `MANY` take several values."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Spread the values, then parse as ever."""
        return super().parse_args(ctx, spread(args))
