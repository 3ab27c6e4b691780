"""Cells of finished work, kept in one file and found again by what they were computed from.

A cell is one result (the loss of one training run, one draw of a simulation) under a key: a digest
of the kind of work, the version of the code that does it, and its inputs. Work that was cut off
goes on where it stopped, work that was done is not done again, and several processes may share one
file: SQLite's write-ahead log lets all of them read while one writes.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from eigenscale.errors import InputError
from eigenscale.writing import check_place

_APPLICATION = 0x65736373  # marks our files among SQLite's ("escs")
_WAIT = 60.0  # seconds for which a writer waits for another
_TABLE = """
CREATE TABLE IF NOT EXISTS cells (
    key TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    inputs TEXT NOT NULL,
    value TEXT NOT NULL,
    seconds REAL,
    created TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP
) WITHOUT ROWID
"""


@dataclass(frozen=True)
class Cell:
    """One finished piece of work.

    Attributes
    ----------
    inputs : dict
        What it was computed from, in plain values; arrays stand as their digests.
    value : object
        The result, in plain values; arrays come back as lists.
    seconds : float or None
        How long it took, where that was measured.
    """

    inputs: dict[str, Any]
    value: Any
    seconds: float | None = None


class Store:
    """Cells of one kind of work in one SQLite file; a context manager.

    Parameters
    ----------
    path : path
        The file; it is made where there is none.
    kind : str
        Of the work, as ``"learning curve"``; kinds may share a file and do not meet.
    version : str or int
        Of the code that does the work: raise it where results change, and old cells are not found.

    Raises
    ------
    InputError
        Where the file cannot be made, is no SQLite file, or belongs to another program.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Store(f"{folder}/work.sqlite", "square", 1) as store:
    ...         store.put({"x": 3}, 9.0, seconds=0.1)
    ...         store.get({"x": 3}).value, store.get({"x": 4}), len(store)
    (9.0, None, 1)
    """

    def __init__(self, path: str | Path, kind: str, version: str | int) -> None:
        self.path, self.kind, self.version = Path(path), kind, str(version)
        check_place(path)
        with self._told():
            self._connection = sqlite3.connect(self.path, timeout=_WAIT, isolation_level=None)
            self._prepare()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in one line what SQLite refuses; what was kept before stays."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise InputError(
                f"{self.path} cannot be written or read: {error}; the cells that are in it stay; "
                "make room or name another file"
            ) from None
        except (sqlite3.Error, json.JSONDecodeError) as error:
            raise InputError(
                f"{self.path} cannot be used as a store: {error}; name a new file, or one that a "
                "store wrote"
            ) from None

    def _prepare(self) -> None:
        ask = self._connection.execute
        found = ask("PRAGMA application_id").fetchone()[0]
        tables = ask("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if found != _APPLICATION and tables:
            self._connection.close()
            raise InputError(
                f"{self.path} is a database of another program; name a new file for the store"
            )
        ask("PRAGMA journal_mode = WAL")
        ask("PRAGMA synchronous = NORMAL")
        ask(f"PRAGMA application_id = {_APPLICATION}")
        ask(_TABLE)

    def get(self, inputs: Mapping[str, Any]) -> Cell | None:
        """Give the cell computed from `inputs`, or None where it is not there."""
        return self.get_many([inputs])[0]

    def get_many(self, inputs: Sequence[Mapping[str, Any]]) -> list[Cell | None]:
        """Give the cell of each inputs, or None."""
        query = "SELECT inputs, value, seconds FROM cells WHERE key = ?"
        with self._told():
            rows = (self._connection.execute(query, (self._key(one),)).fetchone() for one in inputs)
            return [None if row is None else _cell(row) for row in rows]

    def put(self, inputs: Mapping[str, Any], value: Any, seconds: float | None = None) -> None:
        """Keep `value`, at once and whole; a cell of the same inputs is replaced."""
        self.put_many([Cell(dict(inputs), value, seconds)])

    def put_many(self, cells: Sequence[Cell]) -> None:
        """Keep several cells at once: all of them or, where that fails, none."""
        rows = [
            (
                self._key(cell.inputs),
                self.kind,
                self.version,
                json.dumps(plain(cell.inputs)),
                json.dumps(plain(cell.value, np.ndarray.tolist)),
                cell.seconds,
            )
            for cell in cells
        ]
        with self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO cells (key, kind, version, inputs, value, seconds) "
                    "VALUES (?, ?, ?, ?, ?, ?)",
                    rows,
                )
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def cells(self) -> Iterator[Cell]:
        """All cells of this kind and version, from the oldest."""
        with self._told():
            rows = self._connection.execute(
                "SELECT inputs, value, seconds FROM cells WHERE kind = ? AND version = ? "
                "ORDER BY created, key",
                (self.kind, self.version),
            ).fetchall()
            return iter([_cell(row) for row in rows])

    def kinds(self) -> list[tuple[str, str]]:
        """Kinds and versions of all cells in the file."""
        with self._told():
            return list(
                self._connection.execute("SELECT DISTINCT kind, version FROM cells ORDER BY 1, 2")
            )

    def __len__(self) -> int:
        """Count the cells of this kind and version."""
        count: int = self._connection.execute(
            "SELECT count(*) FROM cells WHERE kind = ? AND version = ?", (self.kind, self.version)
        ).fetchone()[0]
        return count

    def close(self) -> None:
        """Close the file; what was put is in it already."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _key(self, inputs: Mapping[str, Any]) -> str:
        known = {"kind": self.kind, "version": self.version, "inputs": plain(inputs)}
        return hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()


def _cell(row: tuple[str, str, float | None]) -> Cell:
    return Cell(json.loads(row[0]), json.loads(row[1]), row[2])


def digest(array: Any) -> str:
    """Mark an array by its type, shape and bytes, 32 hexadecimal digits.

    >>> digest([1.0, 2.0]) == digest(np.array([1.0, 2.0]))
    True
    """
    values = np.ascontiguousarray(array)
    if values.dtype.hasobject:
        values = np.ascontiguousarray(values.astype(str))
    marks = hashlib.sha256(f"{values.dtype.str}{values.shape}".encode())
    marks.update(values.tobytes())
    return marks.hexdigest()[:32]


def plain(thing: Any, of_array: Callable[[Any], Any] = digest) -> Any:
    """Turn inputs and values into what JSON keeps to the last bit; arrays by `of_array`.

    Raises
    ------
    InputError
        Where a part is of a type that has no plain form.
    """
    if isinstance(thing, Mapping):
        return {str(key): plain(value, of_array) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [plain(value, of_array) for value in thing]
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, np.ndarray):
        return of_array(thing)
    if thing is None or isinstance(thing, str | int | float | bool):
        return thing
    raise InputError(
        f"{type(thing).__name__} cannot be kept in a store; give numbers, text, lists or arrays"
    )
