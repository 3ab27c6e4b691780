"""What a file is taken for, before anything is computed: format, rows, columns, roles, units."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.data.opening import open_source
from eigenscale.io.data.target_files import column_names, is_named_table
from eigenscale.io.data.targets import split_member
from eigenscale.io.files.dialect import sniff
from eigenscale.io.files.kinds import ending
from eigenscale.io.files.opening import opened
from eigenscale.io.formats.source import Source
from eigenscale.io.look_table import columns_of, first_rows_of, notes_of, table_of
from eigenscale.io.runs.computed import with_computed
from eigenscale.io.runs.content import by_content
from eigenscale.io.runs.names import Recognition, recognise
from eigenscale.io.runs.read import read_runs
from eigenscale.io.runs.sources import read_source
from eigenscale.io.runs.spellings import is_rate
from eigenscale.io.tables.table import Table, empty_columns
from eigenscale.io.tables.whole import ENDINGS, format_of
from eigenscale.results import Result

_ROLES = {"steps": "step", "batch_tokens": "batch", "loss_se": "standard error", "state": "state"}
_UNITS = {"params": "parameters", "tokens": "tokens", "flops": "FLOP", "steps": "steps",
          "unique_tokens": "tokens", "batch_tokens": "tokens"}  # fmt: skip
_MOST_COLUMNS = 1000
_FIRST = 5


@dataclass(frozen=True, eq=False)
class Look(Result):
    """What was understood of a file.

    Attributes
    ----------
    format : str
    kind : str
        ``"runs"``, ``"points"`` (losses over numbers of samples), ``"curve"`` or ``"data"``.
    rows : int or None
        None where only reading all of it would tell.
    columns : tuple of dict
        Each with ``name``, ``role`` and ``unit``; inputs of a table with their ``kind`` too, which
        is number, category or date.
    left_out : tuple of dict
        Each with ``name`` and ``why``.
    warnings : tuple of str
    first_rows : tuple of dict
        The first rows as understood.
    """

    format: str
    kind: str
    rows: int | None
    columns: tuple[dict[str, str | None], ...]
    left_out: tuple[dict[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    first_rows: tuple[dict[str, Any], ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "format": self.format,
            "kind": self.kind,
            "rows": self.rows,
            "columns": [dict(c) for c in self.columns],
            "left_out": [dict(c) for c in self.left_out],
            "warnings": list(self.warnings),
            "first_rows": [dict(row) for row in self.first_rows],
        }


def look(
    file: str | Path,
    target: str | None = None,
    columns: Mapping[str, str | float] | None = None,
) -> Look:
    r"""Say what a file is taken for; nothing is computed from it.

    Parameters
    ----------
    file : str or Path
        Anything that runs, points, curves or data are read from.
    target : str, optional
        Column that is to be predicted, of a table of data.
    columns : mapping, optional
        Field of a run → the column or expression that holds it, as in `read_runs`.

    Raises
    ------
    InputError
        Where the file cannot be read as anything.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "runs.csv"
    ...     _ = path.write_text("params,tokens,loss\n1e7,1e9,3.5\n2e7,1e9,3.3\n")
    ...     seen = look(path)
    >>> seen.kind, [column["role"] for column in seen.columns]
    ('runs', ['params', 'tokens', 'loss'])
    """
    wanted = dict(columns or {})
    table = None if target is not None else _as_runs(file, wanted)
    if table is None and wanted:
        raise InputError(f"{file} is no table of runs; leave the columns out")
    if table is None:
        return _look_at_data(file, target)
    return _look_at_runs(file, table, wanted)


def _as_runs(file: str | Path, wanted: Mapping[str, str | float]) -> Table | None:
    """Read a file as a table of runs, points or a curve; None where its names say it is data."""
    path = split_member(file)[0] if "*" not in str(file) else Path(file)
    if path.is_file() and not wanted and not _names_a_loss(path):
        return None
    try:
        table = read_source(file if isinstance(file, str) and file != "-" else str(path))
    except InputError:
        return None
    if wanted:
        return table
    return table if _kind(_recognised(table)[0], table) != "data" else None


def _names_a_loss(path: Path) -> bool:
    """Whether a table has a column of losses, by its header where that can be read alone."""
    plain = opened(path)
    kind = ending(plain, ENDINGS)
    if kind not in {".csv", ".tsv", ".parquet", ".pq", ".arrow", ".feather"}:
        return kind not in {".npy", ".h5", ".hdf5", ".mat", ".mtx", ".zip", ".safetensors"}
    try:
        known = recognise(column_names(plain))
    except InputError:
        return False
    panel = any(name.endswith("__MIN") for name in column_names(plain))
    return panel or bool({"loss", "score"} & set(known.columns)) or "lr" in known.columns


def _recognised(
    table: Table,
    wanted: Mapping[str, str | float] | None = None,
    computed: Collection[str] = (),
) -> tuple[Recognition, list[str]]:
    content, notes = by_content(table)
    empty = empty_columns(table)
    known = recognise(table.columns, wanted, empty=empty, content=content, computed=computed)
    return known, notes


def _kind(known: Recognition, table: Table) -> str:
    has = set(known.columns)
    if not {"loss", "score"} & has:
        return "curve" if {"steps", "lr"} <= has else "data"
    if "steps" in has and ("lr" in has or table.log or not {"params", "tokens", "flops"} & has):
        return "curve" if len({*_names(table, known)}) <= 1 or not table.log else "runs"
    if known.kinds.get("tokens") == "n_samples" and "params" not in has:
        return "points"
    return "runs" if {"params", "tokens", "flops"} & has else "data"


def _names(table: Table, known: Recognition) -> list[Any]:
    column = known.columns.get("name")
    return [] if column is None else list(table.columns[column].tolist())


def _look_at_runs(file: str | Path, table: Table, wanted: Mapping[str, str | float]) -> Look:
    table, computed = with_computed(table, wanted)
    known, notes = _recognised(table, wanted, computed)
    kind = _kind(known, table)
    taken = {column: name for name, column in known.columns.items()}
    left_out = [{"name": name, "why": why} for name, why in table.left_out]
    columns: list[dict[str, str | None]] = []
    for column in table.columns:
        name = taken.get(column)
        rate = is_rate(column) and column not in computed
        role = _role(name, known) if name else ("rate" if rate else "other")
        if not name and any(f"column {column!r} is a rate" in note for note in notes):
            role = "rate"
        if role == "rate":
            left_out.append({"name": column, "why": "a rate is not a total"})
        columns.append({"name": column, "role": role, "unit": _unit(name, known, kind)})
    warnings = [*table.notes, *notes]
    if kind != "curve":
        try:
            warnings = list(read_runs(file, wanted).warnings)
        except InputError as error:
            warnings.append(str(error))
    names = list(table.columns)
    rows = [dict(zip(names, cells, strict=True)) for cells in _cells(table)]
    told = table.format or ("log" if table.log else "table")
    return Look(told, kind, len(table), tuple(columns), tuple(left_out), tuple(warnings),
                tuple(rows))  # fmt: skip


def _cells(table: Table) -> list[tuple[Any, ...]]:
    return list(zip(*(c[:_FIRST].tolist() for c in table.columns.values()), strict=True))


def _role(name: str, known: Recognition) -> str:
    kind = known.kinds.get(name, "")
    return kind if kind in {"n_samples", "n_features"} else _ROLES.get(name, name)


def _unit(name: str | None, known: Recognition, kind: str) -> str | None:
    if name is None:
        return None
    told = known.units.get(name, 1.0)
    if name == "loss":
        plain = told == "nats"
        return ("loss" if kind == "points" else "nats/token") if plain else str(told)
    if known.kinds.get(name) in {"n_samples", "n_features"}:
        return None
    unit = _UNITS.get(name)
    if unit is None or told == 1.0:
        return unit
    return f"{told:g} {unit}" if isinstance(told, float | int) else str(told)


def _look_at_data(file: str | Path, target: str | None) -> Look:
    path = split_member(file)[0]
    found = table_of(file, target)
    if found is not None:
        plain = opened(path)
        known = format_of(plain)
        return Look(
            known.name if known is not None else ending(plain).lstrip("."),
            "data",
            len(found.raw),
            tuple(columns_of(found, target)),
            tuple({"name": gone.name, "why": gone.why} for gone in found.preparation.left_out),
            tuple(notes_of(found)),
            tuple(first_rows_of(found, _FIRST)),
        )
    return _look_at_source(open_source(file), path, target)


def _look_at_source(source: Source, path: Path, target: str | None) -> Look:
    plain = opened(path)
    found = format_of(plain) if plain.is_file() else None
    told = found.name if found is not None else ending(plain).lstrip(".") or "folder"
    names, left_out = _data_columns(plain, source)
    if target is not None and target not in names and target not in [c["name"] for c in left_out]:
        raise InputError(f"{path.name} has no column {target!r}; it has {', '.join(names[:12])}")
    columns: list[dict[str, str | None]] = [
        {"name": name, "role": "target" if name == target else "input", "unit": None}
        for name in names[:_MOST_COLUMNS]
    ]
    columns += [{"name": c["name"], "role": "index", "unit": None} for c in left_out]
    notes = list(source.notes)
    if len(names) > _MOST_COLUMNS:
        notes.append(f"the first {_MOST_COLUMNS} of {len(names)} columns are listed")
    head = source.head(_FIRST)
    rows = [dict(zip(names[:12], row[:12], strict=False)) for row in head.tolist()]
    return Look(told, "data", _count(plain, source), tuple(columns), tuple(left_out), tuple(notes),
                tuple(rows))  # fmt: skip


def _data_columns(path: Path, source: Source) -> tuple[list[str], list[dict[str, str]]]:
    """Names of the inputs, and of what is left out with the reason."""
    plain = [f"f{i}" for i in range(source.n_columns)]
    if not path.is_file() or not is_named_table(path):
        return plain, []
    names = list(column_names(path))
    gone = [
        {"name": note.split("'")[1], "why": note.split(": ", 1)[1].split(" (--keep-index")[0]}
        for note in source.notes
        if note.startswith("column '") and "is left out: " in note
    ]
    return (names if len(names) == source.n_columns else plain), gone


def _count(path: Path, source: Source) -> int | None:
    """Count the rows of a table of text by its lines where the source does not know."""
    if source.n_rows is not None:
        return source.n_rows
    if not path.is_file() or ending(path, ENDINGS) not in {".csv", ".tsv", ".txt", ".md"}:
        return None
    dialect = sniff(path)
    with dialect.path.open("rb") as file:
        lines = sum(1 for line in file if line.strip())
    return lines - int(dialect.header)
