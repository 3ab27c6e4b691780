"""Reading JSON lines of numbers."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.failures import unended
from eigenscale.io.formats.source import Source


def json_lines_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open JSON lines: an object of numbers per line, or one list of numbers, bare or named."""
    first = next(_objects(path), None)
    if first is None:
        raise InputError(f"{path.name} is empty; give at least two lines")
    keys = _keys(first[1], columns, path.name)
    width = len(_row(first[1], keys, path.name, 1))

    def blocks(size: int) -> Iterator[Array]:
        rows: list[list[Any]] = []
        for number, thing in _objects(path):
            row = _row(thing, keys, path.name, number)
            if len(row) != width:
                raise InputError(
                    f"{path.name} has {len(row)} numbers in line {number} where line 1 has "
                    f"{width}; all lines need the same"
                )
            rows.append(row)
            if len(rows) == size:
                yield _table(rows, path.name, number)
                rows = []
        if rows:
            yield _table(rows, path.name, number)

    return Source(path.name, width, blocks, notes=unended(path))


def column_names(path: Path) -> dict[str, bool]:
    """Keys of the first line, and whether each holds a list; none where it is no object."""
    first = next(_objects(path), (1, None))[1]
    return {k: isinstance(v, list) for k, v in first.items()} if isinstance(first, dict) else {}


def read_values(path: Path, name: str | None) -> list[Any]:
    """One value of every line: that of a key, of the only key, or the line itself."""
    values = []
    for number, thing in _objects(path):
        if not isinstance(thing, dict):
            if name is not None:
                raise InputError(f"{path.name} has no object in line {number}, so no {name!r}")
            values.append(thing)
            continue
        key = name if name is not None or len(thing) != 1 else next(iter(thing))
        if key is None:
            raise InputError(
                f"{path.name} has several keys ({', '.join(thing)}); name one, as "
                f"{path.name}:{next(iter(thing), 'label')}"
            )
        if key not in thing:
            raise InputError(f"{path.name} has no {key!r} in line {number}; mend or drop that line")
        values.append(thing[key])
    return values


def _objects(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                text = " ".join(str(error).split())[:80]
                raise InputError(
                    f"{path.name} is not JSON in line {number} ({text}); mend or drop that line"
                ) from None


def _keys(thing: Any, columns: Sequence[str] | None, name: str) -> list[str] | None:
    """Which keys hold the numbers; None where each line is a bare list."""
    if isinstance(thing, list):
        return None
    if not isinstance(thing, dict):
        raise InputError(
            f"{name} has {thing!r:.40} in line 1; lines are objects or lists of numbers"
        )
    if columns is not None:
        return list(columns)
    lists = [key for key, value in thing.items() if isinstance(value, list)]
    if len(lists) == 1:
        return lists
    if lists:
        raise InputError(f"{name} has several lists ({', '.join(lists)}); name one of them")
    return list(thing)


def _row(thing: Any, keys: list[str] | None, name: str, number: int) -> list[Any]:
    if keys is None:
        if isinstance(thing, list):
            return thing
        raise InputError(f"{name} has no list in line {number} where line 1 has one")
    if not isinstance(thing, dict):
        raise InputError(f"{name} has no object in line {number} where line 1 has one")
    missing = [key for key in keys if key not in thing]
    if missing:
        raise InputError(f"{name} has no {missing[0]!r} in line {number}; mend or drop that line")
    values = [thing[key] for key in keys]
    return values[0] if len(values) == 1 and isinstance(values[0], list) else values


def _table(rows: list[list[Any]], name: str, number: int) -> Array:
    for row, line in zip(rows, range(number - len(rows) + 1, number + 1), strict=True):
        for value in row:
            if value is not None and not isinstance(value, int | float):
                raise InputError(
                    f"{name} has {value!r:.40} about line {line}; every value must be a number; "
                    "drop the column or name the columns to use"
                )
    try:
        return np.array(rows, dtype=np.float64)
    except OverflowError:
        raise InputError(
            f"{name} has a number too large for float64 before line {number}"
        ) from None
