"""One process against two: wall time, CPU time and the work done in a CPU-second.

Run with ``python benchmarks/two_cores.py``; a minute on two idle cores. The same sweep runs in
turns with one process and with two, three times each, the workers started beforehand. Where other
programs use the cores the wall time says little; then the CPU time of two processes over that of
one, and the share of the time that both cores were free, say what two idle cores would give.
"""

import os
import resource
import statistics
import time

import numpy as np

from eigenscale import Spectrum
from eigenscale.simulation.simulate import simulate

SIZES = np.array([240, 280, 320, 360, 400])
DRAWS = 48
TURNS = 3


def cpu():
    own, children = (
        resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def swept(jobs, seed, store=None):
    begun = time.perf_counter()
    spectrum = Spectrum.power_law(0.5, 1000)
    found = simulate(spectrum, SIZES, SIZES + 60, ridge=0.1, draws=DRAWS, rng=seed, jobs=jobs)
    return time.perf_counter() - begun, found.losses


def turn(seed):
    """Wall seconds of one process and of two on the same cells."""
    walls, losses = zip(*(swept(jobs, seed) for jobs in (1, 2)), strict=True)
    assert np.array_equal(*losses)
    return walls


if __name__ == "__main__":
    swept(2, 99)  # starts the workers
    load = os.getloadavg()[0]
    begun = cpu()
    walls = [turn(seed) for seed in range(TURNS)]
    one, two = (statistics.median(w[i] for w in walls) for i in (0, 1))
    print(f"load before {load:.2f}; wall seconds of each turn (one, two processes): "
          + ", ".join(f"{a:.2f} and {b:.2f}" for a, b in walls))  # fmt: skip
    print(f"medians {one:.2f} and {two:.2f} s: two processes are {one / two:.2f} times as fast; "
          f"CPU of this process {cpu() - begun:.1f} s")  # fmt: skip
