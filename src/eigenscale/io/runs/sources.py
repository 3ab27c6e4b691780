"""From what the user points at to one table: files, folders, trackers, dataframes."""

import json
import os
import re
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.formats import batches
from eigenscale.io.runs.logarithms import without_logarithms
from eigenscale.io.runs.spellings import guess
from eigenscale.io.runs.trackers import dvclive, mlflow, tensorboard, textlogs, wandb
from eigenscale.io.tables.table import (
    Table,
    as_column,
    concatenate,
    from_arrow,
    from_dataframe,
    from_records,
)
from eigenscale.io.tables.whole import ENDINGS, read_file

_EVENTS = "*tfevents*"
_STATE = "trainer_state.json"
_LIGHTNING = "metrics.csv"
_SAVED_FIT = re.compile(rb'\s*\{\s*"format"\s*:\s*"eigenscale-fit')
_SPLITS = {"train", "training", "validation", "valid", "val", "eval", "test"}
_LOG_ENDINGS = {".log", ".out"}


def read_source(source: Any, pattern: str | None = None) -> Table:
    """Read a file, a folder, a list of them, an MLflow address or a dataframe as one table.

    ``book.xlsx:runs`` names a sheet, a table of a database or an array.
    """
    return without_logarithms(_read(source, pattern))


def _read(source: Any, pattern: str | None) -> Table:
    if isinstance(source, str) and source.startswith(("mlflow:", "sqlite:", "http:", "https:")):
        return mlflow.read_server(source.removeprefix("mlflow:"))
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if isinstance(source, str) and any(c in source for c in "*?[") and not path.exists():
            return _read_several(_matching(source), source, pattern)
        if path.is_dir():
            return _read_folder(path, pattern)
        whole, member = _member(path)
        return _read_one(path, pattern) if member is None else read_file(whole, member)
    if _is_list_of_paths(source):
        return _read_several([Path(s) for s in source], "the files", pattern)
    return from_dataframe(source)


def _member(path: Path) -> tuple[Path, str | None]:
    """Take ``book.xlsx:sheet`` apart, unless a file is called so."""
    head, colon, member = str(path).rpartition(":")
    inside = bool(colon) and not path.exists() and Path(head).is_file()
    return (Path(head), member) if inside else (path, None)


def _matching(wildcard: str) -> list[Path]:
    path = Path(wildcard)
    found = sorted(Path(path.anchor or ".").glob(str(path.relative_to(path.anchor))))
    if not found:
        raise InputError(f"{wildcard}: no file matches; check the wildcard and the folder")
    return found


def _is_list_of_paths(source: Any) -> bool:
    return (
        isinstance(source, list | tuple)
        and len(source) > 0
        and all(isinstance(s, str | os.PathLike) for s in source)
    )


def _read_one(path: Path, pattern: str | None) -> Table:
    """Read one file by what it is."""
    kind = path.suffix.lower()
    if not path.is_file():
        return read_file(path)
    if kind == ".wandb":
        raise InputError(
            f"{path} is an offline run of Weights & Biases, which is not read; run `wandb sync` "
            "and export its history as CSV, or log to a CSV file as well"
        )
    if pattern is not None or kind in _LOG_ENDINGS:
        return textlogs.read_text_log(path, pattern)
    if kind == ".txt" and textlogs.looks_like_log(path):
        return textlogs.read_text_log(path)
    if path.match(_EVENTS):
        return tensorboard.read_event_file(path)
    if kind in {".db", ".sqlite", ".sqlite3"} and mlflow.is_database(path):
        return mlflow.read_database(path)
    if kind == ".json" and _SAVED_FIT.match(path.read_bytes()[:100]):
        raise InputError(f"{path} is a saved fit, not runs; give the runs that it was fitted to")
    if kind == ".json" and (history := _trainer_history(path)) is not None:
        return from_records(history, str(path), log=True)
    return wandb.tidy(read_file(path))


def _trainer_history(path: Path) -> list[dict[str, Any]] | None:
    """Read the log of a Hugging Face trainer; None where the file is something else."""
    try:
        state = json.loads(path.read_text("utf-8"))
    except (ValueError, RecursionError):
        return None
    history = state.get("log_history") if isinstance(state, dict) else None
    if not isinstance(history, list) or not all(isinstance(row, dict) for row in history):
        return None
    if not history:
        raise InputError(f"{path}: log_history is empty; the trainer logged nothing")
    return history


def _read_folder(folder: Path, pattern: str | None) -> Table:
    """Read a folder by what lies in it: a tracker's store, or one table or log per run."""
    if mlflow.is_file_store(folder):
        return mlflow.read_file_store(folder)
    if batches.dataset_files(folder):
        table = from_arrow(batches.read_dataset(folder), str(folder))
        return replace(table, format="Hugging Face dataset")
    if runs := dvclive.run_folders(folder):
        tables = [_named(dvclive.read_run(run), _run_folder(folder, run / "x")) for run in runs]
        return concatenate(tables, str(folder), log=True)
    for name in (_EVENTS, _STATE, _LIGHTNING):
        if found := sorted(p for p in folder.rglob(name) if p.is_file()):
            return _read_runs_below(folder, found, pattern)
    endings = set(ENDINGS) | _LOG_ENDINGS
    found = sorted(p for p in folder.iterdir() if p.is_file() and p.suffix.lower() in endings)
    if not found:
        raise InputError(
            f"{folder}: the folder holds no run logs or tables; expected an MLflow store, "
            f"TensorBoard events, {_STATE}, {_LIGHTNING}, or files ending in {', '.join(endings)}"
        )
    return _read_several(found, str(folder), pattern)


def _read_runs_below(folder: Path, found: Sequence[Path], pattern: str | None) -> Table:
    """Read logs that lie one folder per run; several of one run follow one another."""
    by_run: dict[str, list[Path]] = {}
    for path in sorted(found, key=_written):
        by_run.setdefault(_run_folder(folder, path), []).append(path)
    tables = []
    for run, paths in sorted(by_run.items()):
        latest = paths[-1:] if paths[0].name == _STATE else paths
        parent, split = _split_of(run, by_run)
        for path in latest:
            table = _read_one(path, pattern)
            tables.append(_named(_prefixed(table, split) if split else table, parent))
    return concatenate(tables, str(folder), log=True)


def _split_of(run: str, runs: Collection[str]) -> tuple[str, str]:
    """Take ``run/train`` beside ``run/validation`` as one run with two losses (Keras)."""
    parent, _, last = run.rpartition("/")
    beside = {name.rpartition("/")[2].lower() for name in runs if name.rpartition("/")[0] == parent}
    if last.lower() in _SPLITS and beside <= _SPLITS and len(beside) > 1:
        return parent or last, last
    return run, ""


def _prefixed(table: Table, split: str) -> Table:
    """Put the part of the data that was measured before the names of what was measured."""
    kept = {"step"}
    columns = {n if n in kept else f"{split}/{n}": c for n, c in table.columns.items()}
    return replace(table, columns=columns)


def _written(path: Path) -> tuple[float, str]:
    """Order of writing: the number in the name (event files, checkpoints), else the name."""
    parts = [*path.parent.name.split("-"), *path.name.split(".")]
    numbers = [float(part) for part in parts if part.isdigit()]
    return (numbers[0] if numbers else 0.0), str(path)


def _run_folder(folder: Path, path: Path) -> str:
    run = path.parent
    if run.name.startswith("checkpoint-"):
        run = run.parent
    inside = run.relative_to(folder).as_posix()
    return folder.resolve().name if inside == "." else inside


def _named(table: Table, run: str) -> Table:
    return replace(table, columns={"run": as_column([run] * len(table)), **table.columns})


def _read_several(paths: Sequence[Path], source: str, pattern: str | None) -> Table:
    """Read one file per run, named by file where the table has no names itself."""
    tables = []
    for path in paths:
        table = _read_folder(path, pattern) if path.is_dir() else _read_one(path, pattern)
        has_name = any((meaning := guess(c)) and meaning.field == "name" for c in table.columns)
        tables.append(table if has_name else _named(table, _stem(path)))
    return concatenate(tables, source, log=any(table.log for table in tables))


def _stem(path: Path) -> str:
    return path.resolve().parent.name if path.name in {_STATE, _LIGHTNING} else path.stem
