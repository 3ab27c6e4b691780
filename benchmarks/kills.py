"""A sweep killed at random moments and resumed: nothing lost, nothing twice, the same numbers.

Run with ``python benchmarks/kills.py [KILLS]``; twenty kills take some minutes. Each round starts
the sweep on the same store and kills it (SIGKILL) at a random moment; what the last one ends with
is compared with a sweep that was never stopped. Then the same with two processes that share a
store, and on a Dask cluster whose workers are killed.
"""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SWEEP = ["simulate", "--alpha", "0.5", "--latent-dim", "300", "--features", "60:120:10"]
SWEEP += ["--samples", "80,100,120", "--ridge", "0.01,0.1", "--noise-var", "0,0.1"]
SWEEP += ["--draws", "24", "--json"]


def start(store, *more):
    command = [sys.executable, "-m", "eigenscale", *SWEEP, "--store", str(store), *more]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def finish(process):
    out, _ = process.communicate()
    return [{k: v for k, v in row.items() if k != "from_store"} for row in json.loads(out)["rows"]]


def cells(store):
    with sqlite3.connect(store) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return dict(connection.execute("SELECT key, value FROM cells"))


def killed(folder, kills, wanted):
    """Kill one sweep again and again, each time some cells after the last; count what is there."""
    store, had, rng = folder / "killed.sqlite", [0], random.Random(1)
    for round_ in range(1, kills + 1):
        process = start(store)
        target = round_ * len(wanted) // (kills + 1)
        while process.poll() is None and count(store) < target:
            time.sleep(0.002)
        time.sleep(rng.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.wait()
        before = cells(store)
        assert all(wanted[key] == value for key, value in before.items())
        had.append(len(before))
    return store, had[1:]


def count(store):
    """Count cells while another process writes."""
    try:
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as connection:
            return connection.execute("SELECT count(*) FROM cells").fetchone()[0]
    except sqlite3.Error:
        return 0


def shared(folder):
    """Let two processes sweep into one store at once."""
    store = folder / "shared.sqlite"
    both = [start(store), start(store)]
    return store, [finish(process) for process in both]


def on_dask(folder):
    """Kill a Dask worker twice while its cluster sweeps."""
    from distributed import LocalCluster

    store = folder / "dask.sqlite"
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0"
    ) as cluster:
        process = start(store, "--engine", cluster.scheduler_address)
        for _ in range(2):
            time.sleep(4)
            worker = next(iter(cluster.workers.values()))
            os.kill(worker.pid, signal.SIGKILL)
        return store, finish(process)


if __name__ == "__main__":
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        whole = finish(start(folder / "whole.sqlite"))
        wanted = cells(folder / "whole.sqlite")
        store, had = killed(folder, kills, wanted)
        assert finish(start(store)) == whole
        assert cells(store) == wanted
        print(f"{len(whole)} cells, killed {kills} times; cells found by each round: {had}")
        store, rows = shared(folder)
        assert rows == [whole, whole]
        assert cells(store) == wanted
        print("two processes on one store: the same cells, none twice")
        store, rows = on_dask(folder)
        assert rows == whole
        assert cells(store) == wanted
        print("two Dask workers, each killed once: the same cells")
