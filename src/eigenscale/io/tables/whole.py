"""The registry of tables: which reader takes which format, and files read whole through it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.io.files.kinds import ending
from eigenscale.io.files.opening import opened
from eigenscale.io.formats import arrays, batches, matlab
from eigenscale.io.formats.tables import read_csv
from eigenscale.io.tables.documents import read_json
from eigenscale.io.tables.table import Table, from_arrow, from_dataframe, from_records
from eigenscale.io.tables.workbooks import read_database, read_workbook

Read = Callable[[Path, str | None], Table]


@dataclass(frozen=True)
class Format:
    """A format of tables: its name, the endings of its files, and its reader."""

    name: str
    endings: tuple[str, ...]
    read: Read


def _text(path: Path, member: str | None) -> Table:  # noqa: ARG001
    arrow, dialect = read_csv(path)
    unnamed = [n for n, why in dialect.index.items() if why.startswith("it has no name")]
    table = from_arrow(arrow.drop_columns(unnamed), str(path))
    gone = tuple((name, dialect.index[name]) for name in unnamed)
    return replace(table, notes=dialect.notes, left_out=(*gone, *table.left_out))


def _records(reader: Callable[..., Any], path: Path, member: str | None) -> Table:
    records, notes = reader(path, member)
    return replace(from_records(records, str(path), log=False), notes=notes)


def _json(path: Path, member: str | None) -> Table:  # noqa: ARG001
    records, notes = read_json(path)
    return replace(from_records(records, str(path), log=False), notes=notes)


def _arrow(path: Path, member: str | None) -> Table:  # noqa: ARG001
    table, index = batches.read_table(path), batches.index_columns(path)
    found = from_arrow(table.drop_columns(list(index)), str(path))
    return replace(found, left_out=(*index.items(), *found.left_out))


def _arrays(path: Path, member: str | None) -> Table:
    """Read a structured array, or the vectors of one length of an archive."""
    return from_dataframe(_vectors(arrays.read_named(path, member), path.name), str(path))


def _matlab(path: Path, member: str | None) -> Table:
    return from_dataframe(_vectors(matlab.read_named(path, member), path.name), str(path))


def _vectors(named: dict[str, Any], name: str) -> dict[str, Any]:
    """Keep the vectors of the length that most of them have."""
    flat = {k: np.squeeze(v) for k, v in named.items() if np.squeeze(v).ndim == 1}
    if not flat:
        raise InputError(f"{name} holds no vectors; a table needs one for each column")
    sizes = [len(v) for v in flat.values()]
    length = max(set(sizes), key=lambda size: (sizes.count(size), size))
    return {k: v for k, v in flat.items() if len(v) == length}


FORMATS: tuple[Format, ...] = (
    Format("CSV", (".csv", ".tsv", ".tab", ".txt", ".md", ".markdown", ".dat"), _text),
    Format("Parquet", (".parquet", ".pq"), _arrow),
    Format("Arrow", (".arrow", ".feather", ".ipc", ".arrows"), _arrow),
    Format("JSON", (".json", ".jsonl", ".ndjson"), _json),
    Format("Excel", (".xlsx", ".xlsm"), partial(_records, read_workbook)),
    Format("SQLite", (".db", ".sqlite", ".sqlite3"), partial(_records, read_database)),
    Format("NumPy", (".npy", ".npz"), _arrays),
    Format("MATLAB", (".mat",), _matlab),
)
"""Formats that tables are read from, in the package itself."""

ENDINGS = frozenset(each for known in FORMATS for each in known.endings)
"""Endings of the tables that the package itself reads."""


def format_of(path: Path) -> Format | None:
    """Find the format of a file: a reader of another package first, then by ending or content."""
    for entry in entry_points(group="eigenscale.readers"):
        if path.name.lower().endswith("." + entry.name.lower().removeprefix(".")):
            return Format(entry.name, (), partial(_foreign, entry))
    kind = ending(path, ENDINGS)
    return next((known for known in FORMATS if kind in known.endings), None)


def _foreign(entry: Any, path: Path, member: str | None) -> Table:  # noqa: ARG001
    """Read through the entry point of another package: a path in, a dataframe or mapping out."""
    return from_dataframe(entry.load()(path), str(path))


def read_file(name: str | Path, member: str | None = None) -> Table:
    """Read a whole table.

    Parameters
    ----------
    name : str or Path
        A file, packed or not; ``-`` for standard input.
    member : str, optional
        Sheet, database table or array where the file holds several.

    Raises
    ------
    InputError
        When there is no such file, its kind is unknown, or it cannot be read as that kind.
    """
    path = opened(name)
    found = format_of(path)
    if found is None:
        known = ", ".join(sorted(ENDINGS))
        raise InputError(
            f"{path}: files ending in {path.suffix!r} are not known; use one of {known}"
        )
    if path.stat().st_size == 0:
        raise InputError(f"{path}: the file is empty; a table has a header and rows")
    try:
        table = found.read(path, member)
    except (ValueError, TypeError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        reason = " ".join(str(error).split())[:160]
        raise InputError(
            f"{path}: cannot be read as {found.name} ({reason}); mend the file or rename it"
        ) from None
    return replace(table, source=str(name), format=found.name)
