"""Reading CSV, Parquet, Arrow and Feather by batches, through pyarrow."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.data.source import Block, Source, split
from eigenscale.errors import InputError

_BLOCK_BYTES = 1 << 22


@contextmanager
def _reading(name: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except pa.ArrowInvalid as error:
        raise InputError(_explain(name, " ".join(str(error).split()))) from None
    except (pa.ArrowException, OSError, UnicodeDecodeError, KeyError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        text = " ".join(str(error).split())[:160]
        raise InputError(f"{name} cannot be read ({text}); write it again") from None


def _explain(name: str, text: str) -> str:
    bad = re.search(r"CSV column #(\d+):(?: Row #(\d+):)?.*invalid value '(.*?)'", text)
    if bad:
        where = f"column {int(bad[1]) + 1}" + (f", row {bad[2]}" if bad[2] else "")
        return (
            f"{name} has {bad[3]!r} in {where}; every column must hold numbers; mend the value, "
            "drop the column, or name the columns to use"
        )
    if "Empty CSV" in text:
        return f"{name} is empty; give a header and at least two rows"
    return f"{name} cannot be read ({text[:160]}); mend the file, or write it again"


def csv_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open a CSV file of numbers, with a header or without one."""
    names, header = _csv_columns(path)
    wanted = _choose(names, columns, path.name)

    def blocks(size: int) -> Iterator[Block]:
        import pyarrow as pa
        from pyarrow import csv

        convert = csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.float64()), include_columns=wanted
        )
        with _reading(path.name):
            reader = csv.open_csv(
                path,
                read_options=csv.ReadOptions(
                    autogenerate_column_names=not header, block_size=_BLOCK_BYTES, use_threads=False
                ),
                convert_options=convert,
            )
            for batch in reader:
                yield from _slices(batch, size)

    return Source(path.name, len(wanted), blocks)


def _csv_columns(path: Path) -> tuple[list[str], bool]:
    """Column names, and whether the first line is a header."""
    from pyarrow import csv

    with _reading(path.name):
        plain = csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False)
        names = csv.open_csv(path, read_options=plain).schema.names
    if not names:
        raise InputError(f"{path.name} is empty; give a header and at least two rows")
    if all(_is_number(name) for name in names):
        return [f"f{i}" for i in range(len(names))], False
    return list(names), True


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _choose(names: Sequence[str], columns: Sequence[str] | None, name: str) -> list[str]:
    if columns is None:
        return list(names)
    missing = [c for c in columns if c not in names]
    if missing:
        raise InputError(
            f"{name} has no column {missing[0]!r}; it has {', '.join(names[:12])}"
            + (" …" if len(names) > 12 else "")
        )
    return list(columns)


def parquet_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open a Parquet file of number columns, or of one column of lists of numbers."""
    from pyarrow import parquet

    with _reading(path.name):
        file = parquet.ParquetFile(path)
        schema, n_rows = file.schema_arrow, file.metadata.num_rows
        first = next(file.iter_batches(batch_size=1), None)

    def batches(size: int, start: int) -> Iterator[Any]:
        with parquet.ParquetFile(path) as opened:
            for group in range(opened.num_row_groups):
                rows = opened.metadata.row_group(group).num_rows
                if start >= rows:
                    start -= rows
                    continue
                for batch in opened.iter_batches(size, row_groups=[group], columns=wanted):
                    if start < batch.num_rows:
                        yield batch.slice(start)
                    start = max(start - batch.num_rows, 0)

    wanted = _number_columns(schema, columns, path.name)
    return _batched(path.name, wanted, first, batches, n_rows)


def arrow_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open an Arrow or Feather file of number columns, or of one column of lists of numbers."""
    from pyarrow import ipc

    with _reading(path.name):
        file = ipc.open_file(path)
        schema = file.schema
        first = file.get_batch(0) if file.num_record_batches else None

    def batches(size: int, start: int) -> Iterator[Any]:  # noqa: ARG001
        opened = ipc.open_file(path)
        for i in range(opened.num_record_batches):
            batch = opened.get_batch(i)
            if start < batch.num_rows:
                yield batch.slice(start).select(wanted)
            start = max(start - batch.num_rows, 0)

    wanted = _number_columns(schema, columns, path.name)
    return _batched(path.name, wanted, first, batches, None)


def _batched(name: str, wanted: list[str], first: Any, batches: Any, n_rows: int | None) -> Source:
    if first is None or first.num_rows == 0:
        raise InputError(f"{name} has no rows; give at least two")
    with _reading(name):
        width = _to_numpy(first.select(wanted)).shape[1]

    def read(size: int, first_row: int) -> Iterator[Block]:
        with _reading(name):
            for batch in batches(size, first_row):
                rows = _to_numpy(batch)
                if rows.shape[1] != width:
                    raise InputError(
                        f"{name} has lists of {rows.shape[1]} numbers where the first has {width};"
                        " all rows need the same length"
                    )
                yield from split(rows, size)

    def blocks(size: int) -> Iterator[Block]:
        return read(size, 0)

    return Source(name, width, blocks, n_rows, seek=read, direct=True)


def _number_columns(schema: Any, columns: Sequence[str] | None, name: str) -> list[str]:
    """Choose the columns to read: all scalars, or exactly one list."""
    import pyarrow as pa

    wanted = _choose(schema.names, columns, name)
    with _reading(name):
        types = {c: schema.field(c).type for c in wanted}
    lists = [c for c in wanted if _is_list(types[c])]
    if len(lists) == 1 and columns is None:
        return lists
    if lists and len(wanted) > 1:
        raise InputError(f"{name} has several list columns ({', '.join(lists)}); name one of them")
    for column, kind in types.items():
        if not (
            pa.types.is_integer(kind)
            or pa.types.is_floating(kind)
            or pa.types.is_boolean(kind)
            or _is_list(kind)
            or pa.types.is_decimal(kind)
        ):
            raise InputError(
                f"{name} has {kind} in column {column!r}; every column must hold numbers; drop "
                "the column, or name the columns to use"
            )
    return wanted


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _slices(batch: Any, size: int) -> Iterator[Block]:
    rows = _to_numpy(batch)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _to_numpy(batch: Any) -> Block:
    """Turn a record batch into rows; a missing value becomes NaN."""
    if batch.num_columns == 1 and _is_list(batch.schema.field(0).type):
        return _list_rows(batch.column(0), batch.schema.names[0])
    columns = [np.asarray(c.to_numpy(zero_copy_only=False)) for c in batch.columns]
    kind = np.float32 if all(c.dtype in (np.float32, np.float16) for c in columns) else np.float64
    rows = np.empty((batch.num_rows, len(columns)), kind)
    for i, column in enumerate(columns):
        rows[:, i] = column
    return rows


def _list_rows(column: Any, name: str) -> Block:
    if column.null_count:
        raise InputError(f"column {name!r} has {column.null_count} missing lists; drop those rows")
    values = np.asarray(column.flatten().to_numpy(zero_copy_only=False))
    if not len(column) or len(values) % len(column):
        raise InputError(f"column {name!r} has lists of unequal length; all need the same length")
    lengths = np.asarray(column.value_lengths().to_numpy(zero_copy_only=False))
    if lengths.min() != lengths.max():
        raise InputError(
            f"column {name!r} has lists of {lengths.min()} to {lengths.max()} numbers; all need "
            "the same length"
        )
    return values.reshape(len(column), -1)
