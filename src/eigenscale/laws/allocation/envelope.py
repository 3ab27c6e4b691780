"""Approach 1 of Hoffmann et al. 2022: the runs that nothing as cheap beats."""

from dataclasses import replace
from typing import Any

import numpy as np

from eigenscale.arrays import Floats, Mask
from eigenscale.errors import InputError
from eigenscale.laws.allocation.growth import Growth, line, through
from eigenscale.laws.table import Table, tabulate

FEWEST = 3
SAME = 6  # digits of log compute by which two runs cost the same


def envelope(
    runs: Any, quantity: str = "params", *, draws: int = 0, level: float = 0.9, rng: Any = 0
) -> Growth:
    """Approach 1: the runs whose loss no run of the same or less compute beats.

    Parameters
    ----------
    runs : Runs, Table or mapping
    quantity : {"params", "tokens"}
    draws : int
        Tables to resample for the intervals, runs drawn with replacement.
    level : float
    rng : int or Generator

    Raises
    ------
    InputError
        Fewer than three runs of different compute are on the envelope.
    """
    table = runs if isinstance(runs, Table) else tabulate(runs)
    if quantity not in table.inputs:
        raise InputError(f"the runs have no {quantity}; approach 1 needs it and flops")
    compute = table.compute()
    on = np.flatnonzero(on_envelope(compute, table.target[None])[0])
    if np.unique(compute[on]).size < FEWEST:
        raise InputError(f"{len(on)} runs are on the envelope; approach 1 needs three")
    on = on[np.argsort(compute[on], kind="stable")]
    found = through(
        "1: envelope of the runs",
        quantity,
        compute[on],
        np.log(table.inputs[quantity][on]),
        level=level,
    )
    if not draws:
        return found
    generator = np.random.default_rng(rng)
    lines = envelope_lines(table, quantity, _drawn(table, draws, generator), found)
    return replace(found, lines=lines)


def on_envelope(compute: Floats, losses: Floats) -> Mask:
    """Mark the runs (S, n) that have a loss that no run of the same or less compute beats.

    Runs with infinite loss count as absent.
    """
    compute = np.log(compute).round(SAME)
    by_loss = np.argsort(losses, axis=1, kind="stable")
    order = np.take_along_axis(by_loss, np.argsort(compute[by_loss], axis=1, kind="stable"), axis=1)
    best = np.minimum.accumulate(np.take_along_axis(losses, order, axis=1), axis=1)
    before = np.concatenate([np.full((len(losses), 1), np.inf), best[:, :-1]], axis=1)
    on = np.zeros(losses.shape, dtype=bool)
    np.put_along_axis(on, order, best < before, axis=1)
    return on


def _drawn(table: Table, draws: int, rng: np.random.Generator) -> Floats:
    """Losses (B, n) with runs drawn with replacement; infinite for those not drawn."""
    n = len(table)
    absent = rng.multinomial(n, np.full(n, 1 / n), size=draws) == 0
    return np.where(absent, np.inf, table.target)


def envelope_lines(table: Table, quantity: str, losses: Floats, _: Growth) -> Floats:
    """Exponents and log coefficients (S, 2) by approach 1 with other losses (S, n)."""
    compute = table.compute()
    on = on_envelope(compute, losses)
    return line(np.log(compute), np.broadcast_to(np.log(table.inputs[quantity]), on.shape), on)
