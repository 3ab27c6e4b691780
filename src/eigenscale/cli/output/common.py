"""What the commands share: JSON, tables and a progress bar."""

import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from eigenscale.progress import Progress
from eigenscale.results import to_plain


def print_json(result: Any) -> None:
    """One JSON object on stdout; what is not finite is null."""
    sys.stdout.write(json.dumps(to_plain(result), allow_nan=False) + "\n")


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
