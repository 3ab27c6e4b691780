"""Reading Parquet, Arrow and Feather by batches, through pyarrow."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.files.index import index_is_kept
from eigenscale.io.formats.failures import broken_file
from eigenscale.io.formats.source import Source, split

_MAGIC = 8  # bytes before the first message of an Arrow file
_BARE = b"\x04\0\0\0"


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn what pyarrow raises on a broken file into one line."""
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, UnicodeDecodeError, KeyError) as error:
        if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError):
            raise
        text = " ".join(str(error).split())[:160]
        raise InputError(f"{name} cannot be read ({text}); write it again") from None


def choose(names: Sequence[str], columns: Sequence[str] | None, name: str) -> list[str]:
    """Give the columns asked for, all of them by default; refuse those that are not there."""
    if columns is None:
        return list(names)
    missing = [c for c in columns if c not in names]
    if missing:
        raise InputError(
            f"{name} has no column {missing[0]!r}; it has {', '.join(names[:12])}"
            + (" …" if len(names) > 12 else "")
        )
    return list(columns)


def column_names(path: Path) -> dict[str, bool]:
    """Columns of a Parquet or Arrow file but its index, and whether each holds lists."""
    schema, gone = _schema(path), index_columns(path)
    return {n: _is_list(schema.field(n).type) for n in schema.names if n not in gone}


def is_parquet(path: Path) -> bool:
    """Whether a file begins as Parquet does."""
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def is_stream(path: Path) -> bool:
    """Whether an Arrow file is a stream of messages without a footer."""
    with path.open("rb") as file:
        return file.read(6) != b"ARROW1"


def _schema(path: Path) -> Any:
    from pyarrow import ipc, parquet

    with reading(path.name):
        if is_parquet(path):
            return parquet.read_schema(path)
        with ipc.open_stream(path) if is_stream(path) else ipc.open_file(path) as file:
            return file.schema


def index_columns(path: Path) -> dict[str, str]:
    """Columns that pandas wrote as the index of its dataframe, and why they are left out."""
    names = _index_of(_schema(path))
    return dict.fromkeys(names, "pandas wrote it as the index of its rows")


def _index_of(schema: Any) -> list[str]:
    if index_is_kept():
        return []
    try:
        told = json.loads((schema.metadata or {}).get(b"pandas", b"{}"))
    except ValueError:
        told = {}
    named = told.get("index_columns", []) if isinstance(told, dict) else []
    found = [name for name in named if isinstance(name, str) and name in schema.names]
    found += [n for n in schema.names if n.startswith("__index_level_") and n not in found]
    return found if len(found) < len(schema.names) else []


def left_out(columns: Mapping[str, str]) -> tuple[str, ...]:
    """Say which columns are left out, and why."""
    return tuple(
        f"column {name!r} is left out: {why} (--keep-index keeps it)"
        for name, why in columns.items()
    )


def parquet_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open a Parquet file of number columns, or of one column of lists of numbers.

    Checksums of pages are verified where the file has them.
    """
    from pyarrow import parquet

    def opened() -> Any:
        return parquet.ParquetFile(path, page_checksum_verification=True)

    with reading(path.name), opened() as file:
        schema, n_rows = file.schema_arrow, file.metadata.num_rows
        groups = [file.metadata.row_group(i).num_rows for i in range(file.num_row_groups)]
        first = next(file.iter_batches(batch_size=1), None)
    if sum(groups) != n_rows:
        raise _lost(path.name, sum(groups), n_rows)

    def batches(size: int, start: int) -> Iterator[Any]:
        with opened() as file:
            for group, rows in enumerate(groups):
                if start >= rows:
                    start -= rows
                    continue
                found = 0
                for batch in file.iter_batches(size, row_groups=[group], columns=wanted):
                    found += batch.num_rows
                    if start < batch.num_rows:
                        yield batch.slice(start)
                    start = max(start - batch.num_rows, 0)
                if found != rows:
                    raise _lost(path.name, found, rows)

    index = _index_of(schema)
    wanted = _number_columns(schema, columns, path.name, index)
    return _batched(path.name, wanted, first, batches, n_rows, _index_notes(index, wanted))


def _lost(name: str, found: int, promised: int) -> InputError:
    return InputError(
        f"{name} gives {found} rows where it says that it has {promised}; it is cut or changed; "
        "write it again"
    )


def arrow_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open an Arrow or Feather file of number columns, or of one column of lists of numbers."""
    from pyarrow import ipc

    if is_stream(path):
        return table_source(read_table(path), path.name, columns)
    with reading(path.name):
        file = ipc.open_file(path)
        schema, count = file.schema, file.num_record_batches
        found = (_valid(file.get_batch(i)) for i in range(count))
        first = next((batch for batch in found if batch.num_rows), None)
        _check_footer(path, schema, count)

    def batches(size: int, start: int) -> Iterator[Any]:  # noqa: ARG001
        opened = ipc.open_file(path)
        for i in range(opened.num_record_batches):
            batch = _valid(opened.get_batch(i))
            if start < batch.num_rows:
                yield batch.slice(start).select(wanted)
            start = max(start - batch.num_rows, 0)

    index = _index_of(schema)
    wanted = _number_columns(schema, columns, path.name, index)
    return _batched(path.name, wanted, first, batches, None, _index_notes(index, wanted))


def _index_notes(index: list[str], wanted: list[str]) -> tuple[str, ...]:
    why = "pandas wrote it as the index of its rows"
    return left_out({name: why for name in index if name not in wanted})


def read_table(path: Path) -> Any:
    """Read a whole Parquet, Arrow or Feather file, checked in the same ways."""
    from pyarrow import ipc, parquet

    with reading(path.name):
        if is_parquet(path):
            return parquet.read_table(path, page_checksum_verification=True)
        if is_stream(path):
            with ipc.open_stream(path) as stream:
                table = stream.read_all()
            table.validate(full=True)
            return table
        with ipc.open_file(path) as file:
            _check_footer(path, file.schema, file.num_record_batches)
            table = file.read_all()
        table.validate(full=True)
        return table


def dataset_files(folder: Path) -> list[Path]:
    """Arrow files of a Hugging Face dataset on disk, in the order of its parts; else none."""
    if (folder / "dataset_dict.json").is_file():
        parts = sorted(p for p in folder.iterdir() if (p / "state.json").is_file())
        return [file for part in parts for file in dataset_files(part)]
    if not (folder / "state.json").is_file() or not (folder / "dataset_info.json").is_file():
        return []
    with broken_file(f"{folder.name}/state.json", "list of files", "save the dataset again"):
        told = json.loads((folder / "state.json").read_text("utf-8"))["_data_files"]
        return [folder / Path(each["filename"]).name for each in told]


def read_dataset(folder: Path) -> Any:
    """Read a Hugging Face dataset on disk as one table, mapped into memory."""
    import pyarrow as pa
    from pyarrow import ipc

    tables = []
    for path in dataset_files(folder):
        with reading(f"{folder.name}/{path.name}"), pa.memory_map(str(path)) as file:
            opened = ipc.open_stream(file) if is_stream(path) else ipc.open_file(file)
            tables.append(opened.read_all())
    with reading(folder.name):
        return pa.concat_tables(tables, promote_options="default")


def table_source(table: Any, name: str, columns: Sequence[str] | None = None) -> Source:
    """Open a table in memory, of number columns or of one column of lists of numbers."""
    index = _index_of(table.schema)
    wanted = _number_columns(table.schema, columns, name, index)
    kept = table.select(wanted).combine_chunks()

    def batches(size: int, start: int) -> Iterator[Any]:
        yield from kept.slice(start).to_batches(max_chunksize=size)

    first = next(iter(kept.slice(0, 1).to_batches()), None)
    notes = _index_notes(index, wanted)
    return _batched(name, wanted, first, batches, table.num_rows, notes)


def _valid(batch: Any) -> Any:
    """Check a batch's offsets and lengths, which pyarrow would else believe and crash on."""
    batch.validate(full=True)
    return batch


def _is_bare(path: Path) -> bool:
    """Whether the schema stands behind the magic without a length, as Polars writes it."""
    with path.open("rb") as file:
        return file.read(_MAGIC + 4)[_MAGIC:] == _BARE


def _check_footer(path: Path, schema: Any, count: int) -> None:
    """Refuse a file whose footer knows of other columns or batches than lie in it."""
    import pyarrow as pa
    from pyarrow import ipc

    if _is_bare(path):  # only the footer tells then
        return
    with pa.memory_map(str(path)) as file:
        file.seek(_MAGIC)
        inside = ipc.open_stream(file).schema
        file.seek(_MAGIC)
        kinds = [message.type for message in ipc.MessageReader.open_stream(file)]
    found = kinds.count("record batch")
    if found != count or not inside.equals(schema):
        raise InputError(
            f"{path.name} holds {found} batches of {len(inside)} columns where its footer says "
            f"{count} of {len(schema)}, or others; it is cut or changed; write it again"
        )


def _batched(
    name: str,
    wanted: list[str],
    first: Any,
    batches: Any,
    n_rows: int | None,
    notes: tuple[str, ...] = (),
) -> Source:
    if first is None or first.num_rows == 0:
        raise InputError(f"{name} has no rows; give at least two")
    with reading(name):
        width = _to_numpy(first.select(wanted)).shape[1]

    def read(size: int, first_row: int) -> Iterator[Array]:
        with reading(name):
            for batch in batches(size, first_row):
                rows = _to_numpy(batch)
                if rows.shape[1] != width:
                    raise InputError(
                        f"{name} has lists of {rows.shape[1]} numbers where the first has {width};"
                        " all rows need the same length"
                    )
                yield from split(rows, size)

    def blocks(size: int) -> Iterator[Array]:
        return read(size, 0)

    return Source(name, width, blocks, n_rows, notes, seek=read, direct=True)


def _number_columns(
    schema: Any, columns: Sequence[str] | None, name: str, index: list[str]
) -> list[str]:
    """Choose the columns to read: all scalars but the index, or exactly one list."""
    import pyarrow as pa

    with reading(name):
        wanted = choose(schema.names, columns, name)
        if columns is None:
            wanted = [each for each in wanted if each not in index]
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

    kind = kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def slices(batch: Any, size: int) -> Iterator[Array]:
    """Rows of a record batch, at most `size` at once; a missing value becomes NaN."""
    rows = _to_numpy(batch)
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _to_numpy(batch: Any) -> Array:
    """Turn a record batch into rows; a missing value becomes NaN."""
    if batch.num_columns == 1 and _is_list(batch.schema.field(0).type):
        return _list_rows(batch.column(0), batch.schema.names[0])
    columns = [_numbers(column) for column in batch.columns]
    kind = np.float32 if all(c.dtype in (np.float32, np.float16) for c in columns) else np.float64
    rows = np.empty((batch.num_rows, len(columns)), kind)
    for i, column in enumerate(columns):
        rows[:, i] = column
    return rows


def _numbers(column: Any) -> Any:
    """Values of a column; NaN where one is missing, which asks for a kind of number that has it."""
    import pyarrow as pa

    if pa.types.is_boolean(column.type):
        column = column.cast(pa.uint8())
    elif pa.types.is_decimal(column.type):
        column = column.cast(pa.float64())
    return np.asarray(column.to_numpy(zero_copy_only=False))


def _list_rows(column: Any, name: str) -> Array:
    """Give lists as rows; where a list is missing, a row of NaN."""
    if column.null_count:
        there = np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
        known = _list_rows(column.drop_null(), name)
        rows = np.full((len(column), known.shape[1]), np.nan)
        rows[there] = known
        return rows
    inner = column.flatten()
    if _is_list(inner.type):
        inner = _list_rows(inner, name)
        values = inner.ravel()
    else:
        values = _numbers(inner)
    if not len(column) or len(values) % len(column):
        raise InputError(f"column {name!r} has lists of unequal length; all need the same length")
    lengths = np.asarray(column.value_lengths().to_numpy(zero_copy_only=False))
    if lengths.min() != lengths.max():
        raise InputError(
            f"column {name!r} has lists of {lengths.min()} to {lengths.max()} numbers; all need "
            "the same length"
        )
    return np.asarray(values.reshape(len(column), -1))
