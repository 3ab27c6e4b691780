"""Excel workbooks and SQLite databases as tables."""

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.formats.failures import broken_file

Records = list[dict[str, Any]]

_MOST = 1_000_000  # rows of a sheet or of a table in a database
_UNPACKED = 1 << 30  # bytes of a workbook


def read_workbook(path: Path, member: str | None = None) -> tuple[Records, tuple[str, ...]]:
    """Read a sheet of an Excel workbook: the named one, or the only one that holds a table.

    Raises
    ------
    InputError
        Where openpyxl is not installed, the file is broken, or the sheet is not clear.
    """
    try:
        import openpyxl
    except ImportError:
        raise InputError(
            f"{path.name} needs openpyxl, which is not installed: pip install 'eigenscale[excel]'"
        ) from None
    with broken_file(path.name, "Excel workbook", "save it again, or as CSV"):
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _UNPACKED:
                raise ValueError("it unpacks to more than 1 GB")
        with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
            sheets = {sheet.title: _cells(sheet) for sheet in book.worksheets}
    tables = {k: len(v) for k, v in sheets.items() if len(v) > 1}
    numeric = {k: n for k, n in tables.items() if any(map(_has_numbers, sheets[k][1:]))}
    name = _chosen(tables if member else numeric or tables, member, path, "sheet")
    rows = sheets[name]
    width = max(len([c for c in row if c is not None]) for row in rows)
    filled = [len([cell for cell in row if cell is not None]) for row in rows]
    start = next(i for i, count in enumerate(filled) if count >= max(1, width - 1))
    names = ["" if cell is None else str(cell).strip() for cell in rows[start]]
    notes = [f"sheet {name!r} of {len(sheets)} is read"] if len(sheets) > 1 else []
    if start:
        notes.append(f"lines before the header left out: {start}")
    records = [
        {n: v for n, v in zip(names, row, strict=False) if n}
        for row in rows[start + 1 :]
        if [str(c).strip() for c in row] != names
    ]
    return records, tuple(notes)


def _cells(sheet: Any) -> list[tuple[Any, ...]]:
    rows = sheet.iter_rows(values_only=True, max_row=_MOST)
    return [row for row in rows if any(cell is not None and cell != "" for cell in row)]


def _has_numbers(row: tuple[Any, ...]) -> bool:
    return any(isinstance(cell, int | float) and not isinstance(cell, bool) for cell in row)


def read_database(path: Path, member: str | None = None) -> tuple[Records, tuple[str, ...]]:
    """Read a table of an SQLite database: the named one, or the only one.

    Raises
    ------
    InputError
        Where the file is broken, or which table is meant is not clear.
    """
    uri = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as store:
            names = [
                row[0]
                for row in store.execute(
                    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                    "AND name NOT LIKE 'sqlite_%' ORDER BY name"
                )
            ]
            counts = {name: _count(store, name) for name in names}
            name = _chosen({k: n for k, n in counts.items() if n}, member, path, "table")
            found = store.execute(f"SELECT * FROM {_quoted(name)} LIMIT {_MOST}")  # noqa: S608
            columns = [column[0] for column in found.description]
            records = [dict(zip(columns, row, strict=True)) for row in found]
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path.name} is not a whole SQLite database ({error})") from None
    notes = (f"table {name!r} of {len(names)} is read",) if len(names) > 1 else ()
    return records, notes


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _count(store: sqlite3.Connection, name: str) -> int:
    return int(store.execute(f"SELECT COUNT(*) FROM {_quoted(name)}").fetchone()[0])  # noqa: S608


def _chosen(sizes: dict[str, int], member: str | None, path: Path, what: str) -> str:
    """Name the sheet or table to read."""
    if member is not None:
        if member not in sizes:
            raise InputError(
                f"{path.name} has no {what} {member!r} with rows; it has {', '.join(sizes)}"
            )
        return member
    if not sizes:
        raise InputError(f"{path.name} has no {what} with a header and rows")
    if len(sizes) > 1:
        few = ", ".join(list(sizes)[:8])
        raise InputError(
            f"{path.name} has {len(sizes)} {what}s ({few}); name one, as "
            f"{path.name}:{next(iter(sizes))}"
        )
    return next(iter(sizes))
