"""Reading CSV by batches, through pyarrow."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from eigenscale.arrays import Array
from eigenscale.errors import InputError
from eigenscale.io.formats.batches import choose, reading, slices
from eigenscale.io.formats.failures import unended
from eigenscale.io.formats.source import Source

_BLOCK_BYTES = 1 << 22


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
    return f"{name} cannot be read ({text[:160]}); mend the file, or write it again"


def csv_source(path: Path, columns: Sequence[str] | None = None) -> Source:
    """Open a CSV file of numbers, with a header or without one."""
    names, named, notes = header(path)
    wanted = choose(names, columns, path.name)

    def blocks(size: int) -> Iterator[Array]:
        import pyarrow as pa
        from pyarrow import csv

        convert = csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.float64()), include_columns=wanted
        )
        with _reading(path.name):
            reader = csv.open_csv(
                path,
                read_options=csv.ReadOptions(
                    autogenerate_column_names=not named, block_size=_BLOCK_BYTES, use_threads=False
                ),
                parse_options=_parse(path),
                convert_options=convert,
            )
            for batch in reader:
                yield from slices(batch, size)

    return Source(path.name, len(wanted), blocks, notes=(*notes, *unended(path)))


def column_names(path: Path) -> list[str]:
    """Columns of a CSV file, f0, f1, … where it has no header."""
    return header(path)[0]


def header(path: Path) -> tuple[list[str], bool, tuple[str, ...]]:
    """Column names, whether the first line is a header, and what is odd about it."""
    names = _first_line(path)
    if not names:
        raise InputError(f"{path.name} is empty; give a header and at least two rows")
    unprintable = [name for name in names if not name.isprintable()]
    if unprintable:
        raise InputError(
            f"{path.name} has the column name {unprintable[0]!r:.40}, which cannot be printed; "
            "mend its first line"
        )
    numbers = [name for name in names if _is_number(name)]
    if len(numbers) < len(names):
        odd = [name for name in numbers if not name.isdecimal()]
        note = f"the first line is read as names, though {odd[0] if odd else ''!r} is a number"
        return names, True, (note,) if odd else ()
    if len(names) > 1 and names == [str(i) for i in range(len(names))]:
        return names, True, (f"the first line, 0 to {len(names) - 1}, is read as column names",)
    return [f"f{i}" for i in range(len(names))], False, ()


def _first_line(path: Path) -> list[str]:
    from pyarrow import csv

    with _reading(path.name):
        plain = csv.ReadOptions(block_size=_BLOCK_BYTES, use_threads=False)
        reader = csv.open_csv(path, read_options=plain, parse_options=_parse(path))
        return list(reader.schema.names)


def _parse(path: Path) -> Any:
    from pyarrow import csv

    return csv.ParseOptions(delimiter="\t" if path.suffix.lower() == ".tsv" else ",")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
