"""Are two Dask workers faster than one? The same file, alternately, one thread a worker.

python benchmarks/dask_workers.py --rows 200000 --inputs 2048
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

import eigenscale as es


def written(folder, rows, inputs):
    path = Path(folder) / "rows.npy"
    file = np.lib.format.open_memmap(path, "w+", np.float32, (rows, inputs))
    rng = np.random.default_rng(0)
    scale = np.arange(1, inputs + 1, dtype=np.float32) ** -0.75
    for start in range(0, rows, 8192):
        part = file[start : start + 8192]
        part[:] = rng.standard_normal(part.shape, dtype=np.float32) * scale
    file.flush()
    return path


def main():
    from distributed import Client, LocalCluster

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--inputs", type=int, default=2048)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    taken = {1: [], 2: []}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        path = written(folder, asked.rows, asked.inputs)
        for turn in range(asked.repeats + 1):
            for count in (1, 2):
                options = {
                    "n_workers": count,
                    "threads_per_worker": 1,
                    "dashboard_address": "127.0.0.1:0",
                }
                with LocalCluster(**options) as cluster, Client(cluster) as client:
                    es.measure(np.eye(50), scheduler=client)  # workers have imported what they need
                    start = time.perf_counter()
                    found[count] = es.measure(path, scheduler=client)
                    if turn:  # the first turn reads the file into the page cache
                        taken[count].append(time.perf_counter() - start)
    same = np.array_equal(found[1].eigenvalues, found[2].eigenvalues)
    for count, seconds in taken.items():
        print(f"{count} worker(s): median {np.median(seconds):.2f} s of {np.round(seconds, 2)}")
    ratios = np.array(taken[1]) / np.array(taken[2])
    print(f"one / two: median {np.median(ratios):.2f}, {ratios.min():.2f} to {ratios.max():.2f}")
    print(f"same eigenvalues to the last bit: {same}")


if __name__ == "__main__":
    main()
