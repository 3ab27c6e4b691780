"""Sweeps inside a table: runs of one size and data that differ in learning rate, batch or warm-up.

A law of size and data describes tuned runs. In each cell (size, data) of a sweep the best value is
taken: the vertex of a parabola in the log of what was swept where three or more runs bracket one,
else the best run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats, Ints
from eigenscale.io.runs.container import Runs
from eigenscale.text.numbers import number

SWEPT = (
    *("lr", "learning_rate", "learning rate", "peak_lr", "max_lr"),
    *("batch_size", "batch size", "batch", "warmup", "warmup_steps", "weight_decay"),
)
FEWEST_CELLS, USUAL = 2, 3  # cells, and runs in each, that make a sweep
SAME = 1e-6  # relative difference of sizes that are one


@dataclass(frozen=True)
class Cell:
    """The best of the runs of one size and data.

    Attributes
    ----------
    params, tokens : float
    best, loss : float
        Value of what was swept where the loss is lowest, and that loss.
    runs : int
    how : {"parabola", "run"}
    at_edge : bool
        Whether the best run is the first or last of the sweep, so that a better one may lie beyond.
    row : int
        The best run, counted from 0.
    """

    params: float
    tokens: float
    best: float
    loss: float
    runs: int
    how: str
    at_edge: bool
    row: int

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return dict(vars(self))


def cell_codes(runs: Runs) -> Ints:
    """Give each run (n,) the code of its cell: one size and one amount of data."""
    assert runs.params is not None
    assert runs.tokens is not None
    logs = np.stack([np.log(runs.params), np.log(runs.tokens)], axis=1)
    _, codes = np.unique(np.round(logs / SAME / 10), axis=0, return_inverse=True)
    return codes.reshape(-1).astype(np.int64)


def swept_column(runs: Runs, columns: Mapping[str, NDArray[Any]]) -> str | None:
    """Name the column that was swept inside the cells; None where there is no sweep."""
    if runs.params is None or runs.tokens is None:
        return None
    if not np.isfinite(runs.params * runs.tokens).all():
        return None
    codes = cell_codes(runs)
    for wanted in SWEPT:
        for name, values in columns.items():
            if name.strip().lower() == wanted and (x := numbers_of(values)) is not None:
                counts = [np.unique(x[codes == c]).size for c in np.unique(codes)]
                if sum(count >= USUAL for count in counts) >= FEWEST_CELLS:
                    return name
    return None


def numbers_of(values: NDArray[Any]) -> Floats | None:
    """Give a column as positive numbers; None where it is anything else."""
    try:
        x = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        return None
    return x if np.isfinite(x).all() and (x > 0).all() else None


def best_cells(runs: Runs, swept: Floats) -> tuple[Runs, list[Cell]]:
    """Take the best of each cell.

    Returns
    -------
    Runs
        One run for each cell, its loss that of the vertex where there is one.
    list of Cell
    """
    codes = cell_codes(runs)
    cells = [_best(runs, swept, np.flatnonzero(codes == code)) for code in np.unique(codes)]
    cells.sort(key=lambda cell: cell.row)
    kept = np.zeros(len(runs), dtype=bool)
    kept[[cell.row for cell in cells]] = True
    losses = np.array([cell.loss for cell in cells])
    return replace(runs.select(kept), loss=losses), cells


def _best(runs: Runs, swept: Floats, rows: NDArray[np.intp]) -> Cell:
    assert runs.params is not None
    assert runs.tokens is not None
    x, y = np.log(swept[rows]), np.log(runs.loss[rows])
    i = int(np.argmin(y))
    at_edge = bool(np.unique(x).size > 1 and x[i] in (x.min(), x.max()))
    best, loss, how = float(swept[rows[i]]), float(runs.loss[rows[i]]), "run"
    if np.unique(x).size >= USUAL and not at_edge:
        near = np.argsort(np.abs(x - x[i]), kind="stable")[:5]
        a, b, c = np.polyfit(x[near] - x[i], y[near], 2)
        step = -b / (2 * a) if a > 0 else np.inf
        if x.min() - x[i] <= step <= x.max() - x[i]:
            best, loss, how = exp(x[i] + step), exp(c - b * b / (4 * a)), "parabola"
    size, data = float(runs.params[rows[i]]), float(runs.tokens[rows[i]])
    return Cell(size, data, best, loss, len(rows), how, at_edge, int(rows[i]))


def cells_sentences(cells: list[Cell], name: str) -> list[str]:
    """Say that the best of each cell was taken, and where a sweep ends at its best."""
    total = sum(cell.runs for cell in cells)
    taken = (
        f"{total} runs form {len(cells)} cells of one size and data that differ in {name}: the "
        f"best of each cell is fitted (--best-over {name}; --best-over none fits every run)"
    )
    text = [taken]
    edge = [cell for cell in cells if cell.at_edge]
    if edge:
        which = ", ".join(f"{number(cell.params)} × {number(cell.tokens)}" for cell in edge[:3])
        more = ", …" if len(edge) > 3 else ""
        text.append(
            f"In {len(edge)} of {len(cells)} cells the best {name} is the first or last of the "
            f"sweep ({which}{more}): a better one may lie beyond; extend the sweep there"
        )
    return text
