"""The memory that a sweep needs, said before anything is allocated."""

import os
from collections.abc import Iterable
from pathlib import Path

from eigenscale.errors import InputError
from eigenscale.simulation.problem import Problem

_SHARE = 0.8  # of the machine's memory may be asked for


def check_memory(problems: Iterable[Problem], jobs: int = 1) -> float:
    """Return the bytes that a sweep holds at most; refuse what the machine does not have.

    Parameters
    ----------
    problems : iterable of Problem
        Of the sweep.
    jobs : int
        How many are solved at once.

    Raises
    ------
    InputError
        With the sizes and the figure.
    """
    largest = max(problems, key=lambda problem: problem.held)
    each = 8.0 * largest.held * largest.batch
    allowed = _SHARE * machine_memory()
    if each * jobs > allowed:
        several = f"{jobs} at once need" if jobs > 1 else "one draw needs"
        raise InputError(
            f"n_features {largest.n_features:,} and n_samples {largest.n_samples:,} cannot be "
            f"drawn with {largest.modes.eigenvalues.size:,} modes: {several} "
            f"{each * jobs / 1e9:,.3g} GB and {allowed / 1e9:,.3g} GB are allowed here; lower "
            + ("the sizes or the jobs" if jobs > 1 else "the sizes")
        )
    return each * jobs


def machine_memory() -> float:
    """Bytes of memory of this machine, or of the container that it is shared by."""
    physical = float(os.sysconf("SC_PAGE_SIZE")) * os.sysconf("SC_PHYS_PAGES")
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            physical = min(physical, float(Path(name).read_text(encoding="ascii")))
        except (OSError, ValueError):  # no such limit, or "max"
            continue
    return physical
