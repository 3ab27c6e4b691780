"""A target that is a column of the data: taken out of the inputs and read on its own."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.data.generators import is_generator, teacher
from eigenscale.io.data.lazy import is_lazy
from eigenscale.io.data.target_files import column_names, is_named_table, read_target
from eigenscale.io.data.targets import Column, split_member


def settle(
    data: Any, target: Any, columns: Sequence[str] | None = None
) -> tuple[Any, Sequence[str] | None]:
    """Find out whether the target is a column of the data.

    Parameters
    ----------
    data : path, dataframe or anything that `open_source` takes
    target : str or anything that `as_target` takes
        A name is a column of a table or dataframe, unless a file is called so;
        ``table.csv:name`` names a column of any table, `data` itself too.
    columns : sequence of str, optional
        Columns that were asked for as inputs.

    Returns
    -------
    target, columns
        As they came, unless the target is a column of `data`: then its values, and the columns
        that are left as inputs.

    Raises
    ------
    InputError
        The target is the whole of `data`, is among `columns`, or is neither file nor column.
    """
    if not isinstance(target, str | Path):
        return target, columns
    if not isinstance(data, str | Path):
        return _of_frame(data, target, columns)
    if is_generator(data) and target == "teacher":
        return Column(teacher(str(data)), "teacher"), columns
    path = split_member(data)[0]
    if not is_named_table(path) or Path(target).is_dir():
        return target, columns
    name = _named(path, target)
    if name is None:
        return target, columns
    names = column_names(path)
    if name not in names:
        raise _unknown(name, path.name, list(names))
    inputs = _inputs(names, name, columns)
    return Column(read_target(path, name), f"{path.name}:{name}"), inputs


def _of_frame(
    data: Any, target: str | Path, columns: Sequence[str] | None
) -> tuple[Any, Sequence[str] | None]:
    names = getattr(data, "columns", None)
    if names is None or Path(target).is_file():
        return target, columns
    if target not in list(names):
        raise _unknown(str(target), "the dataframe", [str(name) for name in names])
    column = data[target].compute() if is_lazy(data) else data[target]
    inputs = _inputs(dict.fromkeys(names, False), str(target), columns)
    return Column(column.to_numpy(), str(target)), inputs


def _named(path: Path, target: str | Path) -> str | None:
    """Which column of the table at `path` is meant; None where the target is another file."""
    other = Path(target)
    if other.exists():
        if other.samefile(path):
            raise InputError(
                f"target {other.name} is the data themselves; name the column, as --target "
                f"{path.name}:NAME"
            )
        return None
    head, colon, name = str(target).rpartition(":")
    if colon and Path(head).exists():
        return name if Path(head).samefile(path) else None
    return str(target)


def _inputs(
    names: dict[str, bool], target: str, columns: Sequence[str] | None
) -> Sequence[str] | None:
    """Columns without the target: those asked for, the only list, or all others."""
    if columns is not None:
        if target in columns:
            raise InputError(f"{target} is the target and among the inputs too; leave it out there")
        return columns
    others = [name for name in names if name != target]
    lists = [name for name in others if names[name]]
    if not others:
        raise InputError(f"{target} is the only column; a target needs other columns to learn from")
    return lists if len(lists) == 1 else others


def _unknown(name: str, table: str, names: list[str]) -> InputError:
    more = " …" if len(names) > 12 else ""
    return InputError(
        f"target {name} is neither a file nor a column of {table}, which has "
        f"{', '.join(names[:12])}{more}; check the name"
    )
