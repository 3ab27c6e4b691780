"""Reading tables of text by batches, through pyarrow: CSV and its relatives."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.files.dialect import Dialect, sniff
from eigenscale.io.formats.batches import choose, left_out, reading, slices
from eigenscale.io.formats.failures import unended
from eigenscale.io.formats.source import Source

NULLS = ["", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "None", "none", "<NA>", "-", "–", "—"]
"""Cells that say that a value is missing."""

_BLOCK_BYTES = 1 << 22
_QUANTITY = r"^\s*[+-]?\d[\d.]*,\d+\s*[A-Za-z%]+\s*$"  # with a decimal comma, and a unit


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Explain what CSV breaks most often; all else as for any table."""
    import pyarrow as pa

    with reading(name):
        try:
            yield
        except pa.ArrowInvalid as error:
            raise InputError(_explain(name, " ".join(str(error).split()))) from None


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
    return f"{name} cannot be read as a table of text ({text[:160]}); mend the file"


def csv_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open a table of text of numbers, with a header or without one.

    Columns that number the rows are left out, unless they are kept, or asked for.
    """
    dialect = sniff(path)
    wanted = choose(dialect.names, dialect.inputs if columns is None else columns, path.name)
    gone = {} if columns is not None else dialect.index

    def blocks(size: int) -> Iterator[Array]:
        import pyarrow as pa
        from pyarrow import csv

        types = dict.fromkeys(wanted, pa.float64())
        with _reading(path.name):
            reader = csv.open_csv(
                dialect.path,
                read_options=_read_options(dialect, use_threads=False, block_size=_BLOCK_BYTES),
                parse_options=_parse_options(dialect),
                convert_options=csv.ConvertOptions(
                    column_types=types, include_columns=wanted, decimal_point=dialect.decimal
                ),
            )
            for batch in reader:
                yield from slices(batch, size)

    notes = (*dialect.notes, *left_out(gone), *unended(path))
    return Source(path.name, len(wanted), blocks, notes=notes)


def read_csv(path: Path) -> tuple[Any, Dialect]:
    """Read a whole table of text, the kind of every column by what it holds."""
    from pyarrow import csv

    dialect = sniff(path)
    convert = csv.ConvertOptions(
        null_values=NULLS, strings_can_be_null=True, decimal_point=dialect.decimal
    )
    with _reading(path.name):
        table = csv.read_csv(
            dialect.path,
            read_options=_read_options(dialect),
            parse_options=_parse_options(dialect),
            convert_options=convert,
        )
    return (_with_points(table) if dialect.decimal == "," else table), dialect


def _with_points(table: Any) -> Any:
    """Write numbers with a unit, as 0,3B, with a decimal point; cells of other text stay."""
    import pyarrow as pa
    from pyarrow import compute

    for i, column in enumerate(table.columns):
        if pa.types.is_string(column.type):
            one = compute.match_substring_regex(column, _QUANTITY)
            pointed = compute.replace_substring(
                compute.replace_substring(column, ".", ""), ",", "."
            )
            table = table.set_column(i, table.field(i), compute.if_else(one, pointed, column))
    return table


def _read_options(dialect: Dialect, **more: Any) -> Any:
    from pyarrow import csv

    return csv.ReadOptions(column_names=list(dialect.names), skip_rows=int(dialect.header), **more)


def _parse_options(dialect: Dialect) -> Any:
    from pyarrow import csv

    return csv.ParseOptions(delimiter=dialect.separator, newlines_in_values=dialect.quoted)


def column_names(path: Path) -> list[str]:
    """Columns of a table of text without those that number the rows; f0, f1, … by default."""
    return list(sniff(path).inputs)
