"""DVCLive: ``plots/metrics/**/*.tsv``, ``metrics.json`` and ``params.yaml`` of a run's folder."""

from pathlib import Path
from typing import Any

from eigenscale.io.tables.documents import read_json
from eigenscale.io.tables.table import Table, from_records
from eigenscale.io.tables.whole import read_file


def run_folders(folder: Path) -> list[Path]:
    """Folders of runs below `folder`, itself too."""
    found = {path.parent.parent for path in folder.rglob("plots/metrics") if path.is_dir()}
    return sorted(found)


def read_run(folder: Path) -> Table:
    """Read the steps of one run, a column for each metric, with its parameters."""
    params = _yaml(folder / "params.yaml")
    rows: dict[float, dict[str, Any]] = {}
    metrics = folder / "plots" / "metrics"
    for path in sorted(metrics.rglob("*.tsv")):
        name = path.relative_to(metrics).with_suffix("").as_posix()
        table = read_file(path)
        steps = table.columns.get("step")
        values = table.columns.get(path.stem)
        if steps is None or values is None:
            continue
        for step, value in zip(steps.tolist(), values.tolist(), strict=True):
            rows.setdefault(step, {"step": step})[name] = value
    found = [{**params, **rows[step]} for step in sorted(rows)]
    if not found and (folder / "metrics.json").is_file():
        found = [{**params, **record} for record in read_json(folder / "metrics.json")[0]]
    steps_from_zero = bool(rows) and min(rows) == 0
    if steps_from_zero:  # the first step is counted 0
        found = [{**row, "step": row["step"] + 1} for row in found]
    return from_records(found, str(folder), log=True)


def _yaml(path: Path) -> dict[str, str]:
    """Read ``key: value`` lines, nested by indentation into dotted names."""
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in path.read_text("utf-8", errors="replace").splitlines():
        key, colon, value = line.partition(":")
        if not colon or not key.strip() or key.lstrip().startswith("#"):
            continue
        depth = len(key) - len(key.lstrip())
        while above and above[-1][0] >= depth:
            above.pop()
        name = ".".join([*(part for _, part in above), key.strip()])
        text = value.split(" #")[0].strip().strip("'\"")
        if text:
            found[name] = text
        else:
            above.append((depth, key.strip()))
    return found
