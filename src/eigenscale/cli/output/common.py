"""What the commands share: JSON, tables and a progress bar."""

import json
import math
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from eigenscale.progress import Progress
from eigenscale.results import to_plain

EVERY = 10.0
"""Seconds between lines of progress where stderr is no terminal."""


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
    """Draw a bar with time left on stderr; a plain line now and then where it is no terminal."""
    if not sys.stderr.isatty():
        with _lines(label) as progress:
            yield progress
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
def _lines(label: str) -> Iterator[Progress]:
    """Write what is done and the time left to stderr, a line every `EVERY` seconds."""
    began, share, ended = time.monotonic(), [0.0], threading.Event()

    def note(done: float, total: float) -> None:
        share[0] = min(max(done / total, 0.0), 1.0) if total > 0 else 0.0

    def write() -> None:
        while not ended.wait(EVERY):
            passed = time.monotonic() - began
            sys.stderr.write(f"{label}: {progress_line(share[0], passed)}\n")
            sys.stderr.flush()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        yield note
    finally:
        ended.set()
        writer.join()


def progress_line(share: float, passed: float) -> str:
    """Say how much is done, and how long the rest takes at the pace so far.

    Examples
    --------
    >>> progress_line(0.25, 30.0)
    '25 % done, about 90 s left'
    >>> progress_line(0.0, 20.0)
    '20 s so far'
    """
    if share <= 0:
        return f"{passed:.0f} s so far"
    left = passed * (1 - share) / share
    shown = f"{left:.0f} s" if left < 100 else f"{left / 60:.0f} min"
    return f"{100 * share:.0f} % done, about {shown} left"


@contextmanager
def say_where_stopped() -> Iterator[None]:
    """Write on stderr what Ctrl-C left behind, where the work says so."""
    try:
        yield
    except KeyboardInterrupt as stop:
        sys.stderr.write(f"{str(stop) or 'stopped'}\n")
        raise
