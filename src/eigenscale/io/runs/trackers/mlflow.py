"""MLflow: local stores read as they lie on disk, servers through the library (extra `trackers`).

A file store is ``<experiment>/<run>/metrics/<key>`` with lines “time value step”; a database
store has the tables experiments, runs, metrics and params.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from eigenscale.errors import InputError
from eigenscale.io.tables.table import Table, from_records

Metric = tuple[str, int, float, int]
"""Key, time, value, step."""

_STATES = {"1": "running", "2": "scheduled", "3": "finished", "4": "failed", "5": "killed"}


def is_file_store(folder: Path) -> bool:
    """Tell a file store: experiments with a ``meta.yaml``, runs with metrics in them."""
    return any(folder.glob("*/meta.yaml")) and any(folder.glob("*/*/meta.yaml"))


def is_database(path: Path) -> bool:
    """Tell an MLflow store by its first bytes and its tables."""
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\x00":
            return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as store:
            found = store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            return {"experiments", "runs", "metrics"} <= {name for (name,) in found}
    except sqlite3.DatabaseError:
        return False


def read_file_store(folder: Path) -> Table:
    """Read the runs of every experiment of a file store that are not deleted."""
    rows: list[dict[str, Any]] = []
    for meta in sorted(folder.glob("*/*/meta.yaml")):
        run = _yaml_lines(meta)
        if run.get("lifecycle_stage") == "deleted" or not (meta.parent / "metrics").is_dir():
            continue
        experiment = _yaml_lines(meta.parent.parent / "meta.yaml")
        labels = _labels(experiment.get("name"), run.get("run_name"), meta.parent.name)
        labels |= {"state": _STATES.get(run.get("status", ""), "")}
        rows += _rows(labels, _file_params(meta.parent), _file_metrics(meta.parent / "metrics"))
    return _table(rows, str(folder))


def _yaml_lines(path: Path) -> dict[str, str]:
    """Read the flat ``key: value`` lines of a meta.yaml."""
    if not path.is_file():
        return {}
    pairs = (line.partition(": ") for line in path.read_text("utf-8").splitlines())
    return {key: value.strip().strip("'\"") for key, _, value in pairs}


def _file_params(run: Path) -> dict[str, str]:
    found = sorted(p for p in (run / "params").rglob("*") if p.is_file())
    return {p.relative_to(run / "params").as_posix(): p.read_text("utf-8") for p in found}


def _file_metrics(folder: Path) -> Iterator[Metric]:
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        key = path.relative_to(folder).as_posix()
        for line in path.read_text("utf-8").splitlines():
            parts = line.split()
            try:
                yield key, int(parts[0]), float(parts[1]), int(parts[2]) if len(parts) > 2 else 0
            except (ValueError, IndexError):
                raise InputError(f"{path}: {line!r} is not “time value step”") from None


def read_database(path: Path) -> Table:
    """Read the runs of an SQLite store that are not deleted."""
    uri = f"file:{path.resolve().as_posix()}?mode=ro"
    rows: list[dict[str, Any]] = []
    try:
        with closing(sqlite3.connect(uri, uri=True)) as store:
            runs = store.execute(
                "SELECT runs.run_uuid, runs.name, experiments.name, runs.status FROM runs "
                "LEFT JOIN experiments ON runs.experiment_id = experiments.experiment_id "
                "WHERE runs.lifecycle_stage != 'deleted' ORDER BY runs.start_time"
            ).fetchall()
            for run, name, experiment, status in runs:
                params = store.execute("SELECT key, value FROM params WHERE run_uuid = ?", [run])
                metrics = store.execute(
                    "SELECT key, timestamp, CASE WHEN is_nan THEN 9e999 ELSE value END, step "
                    "FROM metrics WHERE run_uuid = ? ORDER BY timestamp, step",
                    [run],
                )
                labels = _labels(experiment, name, run) | {"state": str(status or "").lower()}
                rows += _rows(labels, dict(params.fetchall()), metrics)
    except sqlite3.DatabaseError as error:
        raise InputError(f"{path}: is not an MLflow store ({error}); give mlflow.db") from None
    return _table(rows, str(path))


def read_server(uri: str) -> Table:
    """Read every run that a tracking server or database at `uri` knows."""
    try:
        from mlflow import MlflowClient
    except ImportError:
        raise InputError(
            f"{uri}: reading an MLflow server needs its library; "
            "install it with: pip install 'eigenscale[trackers]'"
        ) from None
    client = MlflowClient(tracking_uri=uri)
    rows: list[dict[str, Any]] = []
    for experiment in client.search_experiments():
        for run in client.search_runs([experiment.experiment_id], max_results=50_000):
            keys = list(run.data.metrics)
            metrics = [
                (key, m.timestamp, m.value, m.step)
                for key in keys
                for m in client.get_metric_history(run.info.run_id, key)
            ]
            labels = _labels(experiment.name, run.info.run_name, run.info.run_id)
            labels |= {"state": str(run.info.status).lower()}
            rows += _rows(labels, dict(run.data.params), metrics)
    return _table(rows, uri)


def _labels(experiment: str | None, name: str | None, run: str) -> dict[str, str]:
    """Label by name and by the first letters of the id: names are often shared by runs."""
    return {"experiment": experiment or "", "run": f"{name} {run[:8]}" if name else run}


def _rows(
    labels: dict[str, str], params: dict[str, str], metrics: Iterable[Metric]
) -> list[dict[str, Any]]:
    """Make one row per step, in the order in which steps were first logged."""
    steps: dict[tuple[int, int], dict[str, Any]] = {}
    part: dict[str, int] = {}
    last: dict[str, int] = {}
    for key, _, value, step in sorted(metrics, key=lambda m: m[1]):
        if step < last.get(key, step):
            part[key] = part.get(key, 0) + 1
        last[key] = step
        steps.setdefault((part.get(key, 0), step), {"step": step})[key] = value
    ordered = [row for _, row in sorted(steps.items(), key=lambda item: item[0])]
    return [{**labels, **params, **row} for row in ordered]


def _table(rows: list[dict[str, Any]], source: str) -> Table:
    if not rows:
        raise InputError(f"{source}: the MLflow store holds no run with metrics")
    return from_records(rows, source, log=True)
