"""JSON as tables: lines, lists of records, and every orientation that pandas writes."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.files.text import as_utf8

Records = list[dict[str, Any]]

_LARGEST = 1 << 30  # bytes of one document, which is held in memory


def read_json(path: Path) -> tuple[Records, tuple[str, ...]]:
    """Read records from JSON lines or one document; nested objects become dotted names.

    Raises
    ------
    InputError
        Where it is no JSON, or holds nothing that has rows.
    """
    text, _ = as_utf8(path)
    if text.stat().st_size > _LARGEST:
        raise InputError(
            f"{path.name} is one JSON text of more than 1 GB; write it as CSV, Parquet or Arrow"
        )
    raw = text.read_text("utf-8-sig")
    try:
        document = json.loads(raw)
    except ValueError as error:
        records = list(_lines(raw, path.name, error))
        return [flat(record) for record in records], ()
    except RecursionError:
        raise InputError(f"{path.name} is JSON nested too deep; write a list of records") from None
    records, note = _records(document, path.name)
    return [flat(record) for record in records], (note,) if note else ()


def _lines(raw: str, name: str, whole: ValueError) -> Iterator[dict[str, Any]]:
    """Objects of JSON lines; a line of `null` is a row that holds nothing and is passed over."""
    found = False
    for number, line in enumerate(raw.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            thing = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = " ".join(str(error if found else whole).split())[:80]
            raise InputError(
                f"{name}: cannot be read as JSON (line {number}: {reason}); mend or drop that line"
            ) from None
        if thing is None:
            continue
        if not isinstance(thing, dict):
            raise InputError(
                f"{name}: cannot be read as JSON records: line {number} has {thing!r:.40}; write "
                "an object with a key for each column in every line"
            )
        found = True
        yield thing


def _records(document: Any, name: str) -> tuple[Records, str]:
    """Take a document apart, and say by which orientation where it is not the usual one."""
    if isinstance(document, list):
        return _of_list(document, name), ""
    if isinstance(document, dict):
        for fits, take, note in _ORIENTATIONS:
            if fits(document):
                return take(document), note
        return [document], ""
    raise InputError(
        f"{name}: cannot be read as a table: its JSON is {document!r:.40}; write a list of records"
    )


def _of_list(rows: list[Any], name: str) -> Records:
    if all(isinstance(row, dict) for row in rows):
        return rows
    named = len(rows) > 1 and all(isinstance(row, list) for row in rows)
    if named and all(isinstance(cell, str) for cell in rows[0]):
        return [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    if named and len({len(row) for row in rows}) == 1:
        return [{f"f{i}": cell for i, cell in enumerate(row)} for row in rows]
    raise InputError(f"{name}: cannot be read as a table: its list is not of records; write those")


def _is_split(document: Mapping[str, Any]) -> bool:
    return isinstance(document.get("columns"), list) and isinstance(document.get("data"), list)


def _of_split(document: Mapping[str, Any]) -> Records:
    return [dict(zip(document["columns"], row, strict=False)) for row in document["data"]]


def _is_schema(document: Mapping[str, Any]) -> bool:
    return "schema" in document and _are(document.get("data"), dict)


def _of_schema(document: Mapping[str, Any]) -> Records:
    keys = document["schema"].get("primaryKey", ()) if isinstance(document["schema"], dict) else ()
    return [{k: v for k, v in row.items() if k not in keys} for row in document["data"]]


def _are(values: Any, kind: type) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(v, kind) for v in values)


def _is_columns(document: Mapping[str, Any]) -> bool:
    return bool(document) and all(isinstance(v, list) for v in document.values())


def _of_columns(document: Mapping[str, Any]) -> Records:
    count = max(len(v) for v in document.values())
    return [{k: v[i] for k, v in document.items() if i < len(v)} for i in range(count)]


def _is_nested(document: Mapping[str, Any]) -> bool:
    return (
        len(document) > 1 and _are(list(document.values()), dict) and not _outer_is_rows(document)
    )


def _outer_is_rows(document: Mapping[str, Any]) -> bool:
    """Whether the outer keys are rows.

    They are where they are numbers, where a row holds text beside numbers, and where they are more
    than the keys inside, which could be names of columns.
    """
    if all(key.isdigit() for key in document):
        return True
    inner = {key for value in document.values() for key in value}
    if all(key.isdigit() for key in inner):
        return False
    kinds = [{isinstance(v, str) for v in value.values()} for value in document.values()]
    mixed = any(len(kind) > 1 for kind in kinds)
    return mixed or (len(document) > len(inner) and all(map(str.isidentifier, inner)))


def _of_nested(document: Mapping[str, Any]) -> Records:
    rows = dict.fromkeys(key for column in document.values() for key in column)
    return [{name: column.get(row) for name, column in document.items()} for row in rows]


def _is_rows(document: Mapping[str, Any]) -> bool:
    return len(document) > 1 and _are(list(document.values()), dict)


def _of_rows(document: Mapping[str, Any]) -> Records:
    if all(key.isdigit() for key in document):
        return list(document.values())
    return [{"name": key, **row} for key, row in document.items()]


def _wrapped(document: Mapping[str, Any]) -> list[str]:
    return [key for key, value in document.items() if _are(value, dict)]


def _of_wrapped(document: Mapping[str, Any]) -> Records:
    found: Records = document[_wrapped(document)[0]]
    return found


_ORIENTATIONS: Sequence[
    tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Records], str]
] = (
    (_is_schema, _of_schema, ""),
    (_is_split, _of_split, "the JSON is read as columns and rows apart (orient='split')"),
    (_is_columns, _of_columns, ""),
    (_is_nested, _of_nested, "the JSON is read column by column (pandas' default)"),
    (_is_rows, _of_rows, "the JSON is read row by row (orient='index')"),
    (lambda d: len(_wrapped(d)) == 1, _of_wrapped, "the one list of records in the JSON is read"),
)


def flat(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Give nested objects dotted names; wandb's ``{"value": …}`` counts as its value.

    Examples
    --------
    >>> flat({"config": {"n_params": {"value": 7}}, "loss": 2.5})
    {'config.n_params': 7, 'loss': 2.5}
    """
    found: dict[str, Any] = {}
    for key, value in record.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            if set(value) <= {"value", "desc"} and "value" in value:
                found[name] = value["value"]
            else:
                found |= flat(value, f"{name}.")
        else:
            found[name] = value
    return found
