"""A schedule as laws of the curve see it: exposure at each recorded step, and where rates change.

Every law here is a sum over changes of the rate, weighted by their size. A cosine changes at each
step. Seen from a later step, changes of like age act alike, so that those whose ages lie within a
factor of two are replaced by two that have their first four moments (Gauss quadrature of a
discrete measure). A curve of n records then costs O(n log steps), not the square of its steps.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from eigenscale.arrays import Floats, Ints, Mask
from eigenscale.laws.schedules.schedule import Schedule

PIECES = 128  # no piece of a schedule is longer than this share of it
EARLY = 16  # pieces of the steps before the first record
JUMP = 0.05  # change of one step, as a share of the peak, that is never merged with others
RECENT = (4, 16, 64)  # ages at which the last piece before a record is cut


@dataclass(frozen=True, eq=False)
class Exposure:
    """Recorded steps, and for each of them the changes of the rate before it (zero-padded).

    Attributes
    ----------
    steps : array (n,)
        Recorded steps t.
    total : array (n,)
        S₁(t), the sum of the rates of all steps to t.
    drop : array (n, m)
        What the rate falls by at each change, η(k − 1) − η(k).
    rate : array (n, m)
        The rate η(k) after it, at least a millionth of the peak.
    gap : array (n, m)
        Sum of the rates from the change to t, S_k(t).
    age : array (n, m)
        Steps from the change to t, t − k + 1.
    warm : array (n, m) of bool
        Whether the change belongs to the warm-up.
    peak : float
        Largest rate to the last recorded step.
    """

    steps: Floats
    total: Floats
    drop: Floats
    rate: Floats
    gap: Floats
    age: Floats
    warm: Mask
    peak: float


def summed(values: Floats, weights: Floats) -> Floats:
    """Sum over the changes before each record, (n,)."""
    return np.asarray(np.einsum("nm,nm->n", values, weights))


def expose(schedule: Schedule, steps: Ints) -> Exposure:
    """Condense a schedule for the recorded `steps` (n,), which grow and lie within it."""
    jumps = np.flatnonzero(np.abs(schedule.drops) > JUMP * schedule.peak) + 1
    nodes = _nodes(schedule, steps, jumps)
    place, drop = _seen(steps, *nodes, schedule.warmup, jumps)
    sums = schedule.exposure
    rate = np.interp(place, np.arange(1, schedule.total + 1), schedule.rates)
    before = np.interp(place - 1, np.arange(schedule.total + 1), sums)
    peak = float(schedule.rates[: steps[-1]].max())
    return Exposure(
        steps.astype(float),
        sums[steps],
        drop,
        np.maximum(rate, 1e-6 * peak),
        np.maximum(sums[steps][:, None] - before, 0.0),
        steps[:, None] - place + 1.0,
        place <= schedule.warmup,
        peak,
    )


def _nodes(schedule: Schedule, steps: Ints, jumps: Ints) -> tuple[Floats, Floats]:
    """Places (fractional steps) and sizes of changes that stand for all up to the last step."""
    drops = schedule.drops[: steps[-1]]
    where = np.flatnonzero(drops) + 1
    size = drops[where - 1]
    marks = np.concatenate([[schedule.warmup], jumps - 1, jumps])
    edges = _edges(steps, marks[marks <= steps[-1]])
    # Changes of one piece and one sign belong together: their sizes are a measure.
    groups = 2 * np.searchsorted(edges, where, side="left") + (size > 0)
    kinds, group = np.unique(groups, return_inverse=True)
    places, sizes, _ = _gauss(where.astype(float), size, group, len(kinds))
    return places, sizes


def _edges(steps: Ints, given: Ints) -> Ints:
    """Cut the steps where given, at the records and before them, and where pieces are long."""
    marks = [steps, *(steps - age for age in RECENT), given]
    marks.append(np.linspace(0, steps[0], EARLY + 1, dtype=np.int64))
    long = steps[-1] / PIECES
    for first, last in pairwise(steps.tolist()):
        if last - first > long:
            cuts = int((last - first) / long) + 1
            marks.append(np.linspace(first, last, cuts + 1, dtype=np.int64))
    edges: Ints = np.unique(np.concatenate(marks))
    return edges[edges >= 0]


def _seen(
    steps: Ints, place: Floats, drop: Floats, warmup: int, jumps: Ints
) -> tuple[Floats, Floats]:
    """Merge, for each record, changes of like age, sign and stretch; (n, m), padded with zeros."""
    row, node = np.nonzero(place[None, :] <= steps[:, None])
    if not row.size:
        return np.ones((len(steps), 1)), np.zeros((len(steps), 1))
    where, size = place[node], drop[node]
    age = np.log2(steps[row] - where + 1.0).astype(np.int64)
    marks = np.sort(np.concatenate([[warmup], jumps - 1, jumps]))
    stretches = len(marks) + 1
    kind = ((row * 64 + age) * 2 + (size > 0)) * stretches + np.searchsorted(marks, where)
    there = np.bincount(kind, minlength=128 * stretches * len(steps)) > 0
    group = (np.cumsum(there) - 1)[kind]
    places, sizes, owner = _gauss(where, size, group, int(there.sum()))
    rows = np.flatnonzero(there)[owner] // (128 * stretches)
    order = np.argsort(rows, kind="stable")
    rows, places, sizes = rows[order], places[order], sizes[order]
    counts = np.bincount(rows, minlength=len(steps))
    column = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    shape = (len(steps), int(counts.max()))
    out_place, out_drop = np.ones(shape), np.zeros(shape)
    out_place[rows, column], out_drop[rows, column] = places, sizes
    return out_place, out_drop


def _gauss(x: Floats, weight: Floats, group: Ints, count: int) -> tuple[Floats, Floats, Ints]:
    """Two points per group that have its mass, mean, variance and third moment; and their group."""
    mass = np.bincount(group, weight, count)
    mean = np.bincount(group, weight * x, count) / mass
    off = x - mean[group]
    variance = np.bincount(group, weight * off**2, count) / mass
    third = np.bincount(group, weight * off**3, count) / mass
    spread = np.sqrt(np.maximum(variance, 0.0))
    one = spread < 1e-6
    half = np.where(one, 0.0, third / np.where(one, 1.0, spread) ** 3) / 2
    root = np.sqrt(1 + half**2)
    low, high = mean + spread * (half - root), mean + spread * (half + root)
    share = 0.5 * (1 + half / root)  # of the lower point
    places = np.concatenate([np.where(one, mean, low), high[~one]])
    sizes = np.concatenate([np.where(one, mass, mass * share), (mass * (1 - share))[~one]])
    return places, sizes, np.concatenate([np.arange(count), np.flatnonzero(~one)])
