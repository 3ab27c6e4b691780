"""What the commands share: numbers as people write them, JSON, tables, a progress bar."""

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.errors import InputError
from eigenscale.progress import Progress
from eigenscale.results import to_plain


def parse_number(text: str, name: str) -> float:
    """One number; `name` is the option it was given for, as in ``"--flops"``."""
    try:
        value = float(text)
    except ValueError:
        raise InputError(
            f"{name} {text!r} is not a number; write one such as 1000 or 1e12"
        ) from None
    if math.isnan(value):
        raise InputError(f"{name} {text!r} is not a number; write one such as 1000 or 1e12")
    return value


def parse_numbers(text: str, name: str) -> NDArray[np.float64]:
    """One number, a list ``100,200,400`` or a geometric range ``100:10000:9``.

    Examples
    --------
    >>> parse_numbers("100,200,4e2", "--features")
    array([100., 200., 400.])
    >>> parse_numbers("1:100:3", "--features")
    array([  1.,  10., 100.])
    """
    if ":" not in text:
        return np.array([parse_number(part, name) for part in text.split(",")])
    parts = text.split(":")
    if len(parts) != 3:
        raise InputError(f"{name} {text!r} is not a range; write first:last:count, as 100:10000:9")
    first, last, count = (parse_number(part, name) for part in parts)
    if not (0 < first < math.inf and 0 < last < math.inf):
        raise InputError(
            f"{name} {text!r} has an end that is not positive and finite; ranges are geometric"
        )
    if count < 1 or count != int(count) or count > 1e7:
        raise InputError(
            f"{name} {text!r} asks for {count:g} points; the count is a whole number from 1 to 1e7"
        )
    return np.geomspace(first, last, int(count))


def print_json(result: Any) -> None:
    """One JSON object on stdout; what is not finite is null."""
    sys.stdout.write(json.dumps(to_plain(result), allow_nan=False) + "\n")


def warn(message: str) -> None:
    """One line on stderr."""
    sys.stderr.write(f"warning: {message}\n")


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def print_table(rows: Sequence[Mapping[str, Any]], title: str | None = None) -> None:
    """Rows as a table on stdout, columns in the order of the first row."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    # A file or a pipe has no width: nothing is cut there.
    width = None if sys.stdout.isatty() else 10_000
    Console(file=sys.stdout, highlight=False, markup=False, width=width).print(table)


def print_facts(title: str, facts: Sequence[tuple[str, Any]]) -> None:
    """Print a title, then one line per fact: its name and its value."""
    width = max(len(name) for name, _ in facts)
    lines = [title, *(f"  {name:<{width}}  {_cell(value)}" for name, value in facts)]
    sys.stdout.write("\n".join(lines) + "\n")


@contextmanager
def progress_bar(label: str) -> Iterator[Progress | None]:
    """Draw a bar with time left on stderr; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        task = bar.add_task(label)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@contextmanager
def say_where_stopped() -> Iterator[None]:
    """Write on stderr what Ctrl-C left behind, where the work says so."""
    try:
        yield
    except KeyboardInterrupt as stop:
        sys.stderr.write(f"{str(stop) or 'stopped'}\n")
        raise
