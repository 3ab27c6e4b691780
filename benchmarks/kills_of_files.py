"""Checkpoints, folders of reports and saved fits, killed while they are written.

Run with ``python benchmarks/kills_of_files.py [KILLS]``; 200 take some minutes. Each round a forked
process writes, and is stopped at a random moment by SIGKILL, SIGTERM or SIGINT in turn. What stands
there then must be whole, what the next run ends with the same as without any kill, and nothing else
may be left in the folder. A report's folder is stood for by twelve files of 50 kB.
"""

import os
import random
import signal
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

import eigenscale as es
from eigenscale.laws.saving.saved import load_fit, save_fit
from eigenscale.spectra.measure import measure
from eigenscale.spectra.moments import checkpoint as checkpoints
from eigenscale.writing import whole_folder

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
PAGES = {f"figure-{i}.svg": random.Random(i).randbytes(50_000) for i in range(12)}
PASSES = 3  # kills of one pass over the data before it is let to its end


def _stop(*_):
    raise KeyboardInterrupt


def killed(work, number, longest, rng):
    """Fork a process that works for ever, and stop it by a signal at a random moment."""
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS[1:])
    child = os.fork()
    if child == 0:
        for each in SIGNALS[1:]:
            signal.signal(each, _stop)
        try:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS[1:])
            while True:
                work()
        finally:
            os._exit(1)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS[1:])
    time.sleep(rng.uniform(0, longest))
    os.kill(child, number)
    for _ in range(1000):
        if os.waitpid(child, os.WNOHANG)[0]:
            return
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)  # the signal came where Python passes exceptions over
    os.waitpid(child, 0)


class Fits:
    """A saved fit: the old one or the new one, never half of one."""

    def __init__(self, folder):
        self.path = folder / "fit.json"
        n, d = (g.ravel() for g in np.meshgrid([1e8, 1e9, 1e10], [1e9, 1e10, 1e11]))
        loss = 1.69 + 406.4 / n**0.34 + 410.7 / d**0.28
        self.fit = es.fit({"params": n, "tokens": d, "loss": loss}, bootstrap=50)
        self.work()
        self.bytes = self.path.read_bytes()

    def work(self):
        save_fit(self.fit, self.path)

    def check(self):
        assert self.path.read_bytes() == self.bytes
        assert load_fit(self.path).parameters.keys() == self.fit.parameters.keys()

    def finish(self):
        self.work()
        self.check()
        return {self.path.name}


class Reports:
    """A folder of files that appear together."""

    def __init__(self, folder):
        self.path = folder / "report"

    def work(self):
        with whole_folder(self.path) as place:
            for name, content in PAGES.items():
                (place / name).write_bytes(content)

    def check(self):
        if self.path.exists():
            for path in self.path.iterdir():
                assert path.read_bytes() == PAGES[path.name], path

    def finish(self):
        self.work()
        self.check()
        assert {path.name for path in self.path.iterdir()} == set(PAGES)
        return {self.path.name}


class Checkpoints:
    """A pass over data that goes on where it was, to the same bits."""

    def __init__(self, folder):
        checkpoints.SECONDS = 0.0  # save after every block
        self.data, self.path, self.kills = folder / "x.npy", folder / "state", 0
        rows = np.random.default_rng(0).normal(size=(40_000, 48)).astype(np.float32)
        np.save(self.data, rows)
        self.whole = measure(self.data).eigenvalues

    def work(self):
        measure(self.data, checkpoint=self.path)

    def check(self):
        self.kills += 1
        if self.kills % PASSES == 0:
            found = measure(self.data, checkpoint=self.path).eigenvalues
            np.testing.assert_array_equal(found, self.whole)

    def finish(self):
        found = measure(self.data, checkpoint=self.path).eigenvalues
        np.testing.assert_array_equal(found, self.whole)
        return {self.data.name, *([self.path.name] if self.path.exists() else [])}


KINDS = {"saved fits": (Fits, 0.05), "reports": (Reports, 0.05), "checkpoints": (Checkpoints, 0.1)}


def campaign(folder, kills, seed=0):
    """Kill each kind of writing in turn; give how often each was killed, and by which signals."""
    rng = random.Random(seed)
    counts = {}
    for place, (name, (kind, longest)) in enumerate(KINDS.items()):
        home = folder / name.replace(" ", "-")
        home.mkdir()
        case, share = kind(home), (kills + place) // len(KINDS)
        for round_ in range(share):
            killed(case.work, SIGNALS[round_ % len(SIGNALS)], longest, rng)
            case.check()
        expected = case.finish()
        left = {path.name for path in home.iterdir()}
        assert left == expected, f"{name}: {sorted(left - expected)} left behind"
        counts[name] = share
    return counts


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder, suppress(KeyboardInterrupt):
        for name, count in campaign(Path(folder), kills).items():
            print(f"{name}: {count} kills, the same results, nothing left behind")


if __name__ == "__main__":
    main()
