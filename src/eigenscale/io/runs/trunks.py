"""Trunks: runs that share their first steps, as one run cooled down from several of its steps.

Its points are paid for once as far as they are one run, and share the noise of the trunk.
"""

from dataclasses import dataclass

import numpy as np

from eigenscale.arrays import Floats, Ints, Mask
from eigenscale.io.runs.columns import Labels

ALIKE = 3  # first records that two runs must share so that they are one run at first
FINISHED = 0.5  # fall of the rate, as a share of its peak, of a run that has come to its end


@dataclass(frozen=True, eq=False)
class Trunks:
    """What checkpoints of runs say of the runs that they share steps with.

    Attributes
    ----------
    trunk : (r,) int
        Code of the run whose first steps run r shares; r where it shares none.
    fresh : (r,) float
        Share of its own cost that each run counts with, so that a trunk is paid for once: the
        steps that no run before it paid for. What was not cooled down is paid by the longest
        run of its trunk that was.
    unfinished : (r,) bool
        Runs of a trunk that were not cooled down although others of it were.
    """

    trunk: Ints
    fresh: Floats
    unfinished: Mask

    @property
    def shared(self) -> Mask:
        """Mark runs that share steps with another, (r,)."""
        return np.bincount(self.trunk, minlength=len(self.trunk))[self.trunk] > 1

    def sentence(self, names: Labels | None, rated: bool) -> str:
        """Say which runs are one trunk, and what follows from it."""
        called = [str(i + 1) if names is None else str(names[i]) for i in range(len(self.trunk))]
        groups = [np.flatnonzero(self.trunk == code) for code in np.unique(self.trunk)]
        groups = [group for group in groups if len(group) > 1]
        listed = "; ".join(_few([called[i] for i in group]) for group in groups[:3])
        more = f" and {len(groups) - 3} more trunks" if len(groups) > 3 else ""
        text = (
            f"{int(self.shared.sum())} runs share their first steps ({listed}{more}): each trunk "
            "is paid for once, and its points share its noise (column family)"
        )
        gone = [called[i] for i in np.flatnonzero(self.unfinished)]
        if gone:
            verbs = ("was", "is no point") if len(gone) == 1 else ("were", "are no points")
            return f"{text}; {_few(gone)} {verbs[0]} not cooled down and {verbs[1]}"
        if not rated:
            return (
                f"{text}; without a column of learning rates every run counts as cooled down: "
                "drop those that were not"
            )
        return text


def _few(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def find_trunks(
    codes: Ints, steps: Floats, loss: Floats, lr: Floats | None, params: Floats | None
) -> Trunks | None:
    """Find runs of one size whose first records are the same; None where there are none.

    Parameters
    ----------
    codes : (n,) int
        Run of each checkpoint; those of a run grow in `steps` (n,).
    loss, lr, params : (n,)
        Recorded losses, learning rates and sizes; the last two where they are known.
    """
    runs = [np.flatnonzero(codes == code) for code in range(int(codes.max()) + 1)]
    begins: dict[tuple[float, ...], list[int]] = {}
    for run, rows in enumerate(runs):
        first = rows[:ALIKE]
        if len(np.unique(loss[first])) == ALIKE:
            size = 0.0 if params is None else float(params[first[0]])
            begins.setdefault((size, *steps[first], *loss[first]), []).append(run)
    groups = [group for group in begins.values() if len(group) > 1]
    if not groups:
        return None
    trunk, fresh = np.arange(len(runs)), np.ones(len(runs))
    unfinished = np.zeros(len(runs), dtype=bool)
    cooled = np.array([_cooled(lr, rows) for rows in runs])
    for group in groups:
        ordered = sorted(group, key=lambda r: (cooled[r], -steps[runs[r][-1]]))
        trunk[group] = ordered[0]
        if (cooled[group] >= FINISHED).any():
            unfinished[group] = cooled[group] < FINISHED
        for place, run in enumerate(ordered[1:], start=1):
            common = max(_common(steps, loss, runs[run], runs[r]) for r in ordered[:place])
            fresh[run] = 1 - common / steps[runs[run][-1]]
        _pass_on(fresh, unfinished, np.array(ordered), np.array([steps[rows[-1]] for rows in runs]))
    return Trunks(trunk, fresh, unfinished)


def _pass_on(fresh: Floats, unfinished: Mask, group: Ints, length: Floats) -> None:
    """Let the longest finished run of a group pay for those that were not cooled down."""
    gone, kept = group[unfinished[group]], group[~unfinished[group]]
    longest = kept[np.argmax(length[kept])]
    fresh[longest] += (fresh[gone] @ length[gone]) / length[longest]
    fresh[gone] = 0.0


def _cooled(lr: Floats | None, rows: Ints) -> float:
    """Fall of the learning rate from its peak to the end of a run, as a share; NaN counts as 0."""
    rates = np.empty(0) if lr is None else lr[rows][np.isfinite(lr[rows])]
    return float(1 - rates[-1] / rates.max()) if rates.size and rates.max() > 0 else 0.0


def _common(steps: Floats, loss: Floats, one: Ints, other: Ints) -> float:
    """Last step to which all losses that both recorded are the same."""
    _, a, b = np.intersect1d(steps[one], steps[other], return_indices=True)
    same = loss[one[a]] == loss[other[b]]
    count = len(same) if same.all() else int(np.argmin(same))
    return float(steps[one[a[count - 1]]])
