"""Spectra of tall float32 data: time, memory and accuracy beside peers, one process each.

    python benchmarks/spectra.py --rows 200000 --inputs 512
    python benchmarks/spectra.py --rows 200000 --inputs 512 --turns 9

With `--turns` eigenscale and the bare product take turns in one process, so that other work on the
machine slows both alike; what is printed is the ratio of their CPU times.

Rows are a rotated power law with mean/sd = 7 in a memory-mapped file, made once. CPU seconds,
growth of memory above the start, and the worst relative error of eigenvalues above 1e-6 of the
largest, against NumPy's float64 covariance by blocks.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

BLOCK = 2048


def make(path, rows, inputs, fall):
    """Write the data set, unless it is there."""
    if path.exists():
        return
    rng = np.random.default_rng(0)
    rotation = np.linalg.qr(rng.standard_normal((inputs, inputs)))[0]
    half = (np.arange(1.0, inputs + 1) ** (-fall / 2))[:, None] * rotation.T
    shift = 7 * np.sqrt(np.mean(np.sum(half**2, axis=0)))
    out = np.lib.format.open_memmap(path, "w+", np.float32, (rows, inputs))
    for start in range(0, rows, 10000):
        stop = min(start + 10000, rows)
        block = rng.standard_normal((stop - start, inputs), dtype=np.float32)
        out[start:stop] = block @ half.astype(np.float32) + np.float32(shift)
    out.flush()


def eigenscale_path(path):
    """`measure` on the file."""
    from eigenscale.spectra.measure import measure

    return measure(path).eigenvalues


def blocked_ssyrk(path):
    """The limit: shift by a pilot mean, ssyrk per block, float64 sum, eigvalsh."""
    from scipy.linalg.blas import ssyrk

    rows = np.load(path, mmap_mode="r")
    n, p = rows.shape
    shift = rows[:BLOCK].mean(axis=0, dtype=np.float64).astype(np.float32)
    total, first = np.zeros((p, p)), np.zeros(p)
    for start in range(0, n, BLOCK):
        block = rows[start : start + BLOCK] - shift
        total += ssyrk(1.0, block.T, lower=0)
        first += block.sum(axis=0)
    total = np.triu(total) + np.triu(total, 1).T
    covariance = (total - np.outer(first, first) / n) / (n - 1)
    return np.linalg.eigvalsh(covariance)[::-1]


def sklearn_pca(path):
    """scikit-learn's PCA, default solver."""
    from sklearn.decomposition import PCA

    return PCA().fit(np.load(path, mmap_mode="r")).explained_variance_


def sklearn_incremental(path):
    """scikit-learn's IncrementalPCA by blocks."""
    from sklearn.decomposition import IncrementalPCA

    return IncrementalPCA(batch_size=BLOCK).fit(np.load(path, mmap_mode="r")).explained_variance_


def float64_reference(path):
    """NumPy in float64 by blocks about the exact mean."""
    rows = np.load(path, mmap_mode="r")
    mean = np.zeros(rows.shape[1])
    for start in range(0, len(rows), BLOCK):
        mean += rows[start : start + BLOCK].sum(axis=0, dtype=np.float64) / len(rows)
    total = np.zeros((len(mean), len(mean)))
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK] - mean
        total += block.T @ block
    return np.linalg.eigvalsh(total / (len(rows) - 1))[::-1]


METHODS = {
    "eigenscale": eigenscale_path,
    "blocked ssyrk": blocked_ssyrk,
    "scikit-learn PCA": sklearn_pca,
    "scikit-learn IncrementalPCA": sklearn_incremental,
    "float64": float64_reference,
}


def one(name, path):
    """Run one method in this process and print what it took."""
    METHODS[name](_warm(path))
    peak, stop = [_anonymous()], threading.Event()
    before = peak[0]

    def watch():
        while not stop.wait(0.01):
            peak.append(_anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.process_time()
    values = METHODS[name](path)
    took = time.process_time() - start
    stop.set()
    watcher.join()
    np.save(f"{path}.{name}.values.npy", values)
    sys.stdout.write(json.dumps({"cpu": took, "peak_mb": max(peak) - before}) + "\n")


def _warm(path):
    """A tiny file of the same width, so that imports and BLAS buffers are not counted."""
    small = Path(f"{path}.small.npy")
    if not small.exists():
        np.save(small, np.load(path, mmap_mode="r")[:3000])
    return small


def _anonymous():
    """Memory of this process in MB; pages of the mapped file do not count."""
    text = Path("/proc/self/status").read_text()
    return int(text.split("RssAnon:")[1].split()[0]) / 1024


def in_turns(path, turns):
    """Print the ratio of CPU times of eigenscale and of the bare product, run in turns."""
    both = (eigenscale_path, blocked_ssyrk)
    for method in both:
        method(_warm(path))
    ratios = []
    for _ in range(turns):
        took = []
        for method in both:
            start = time.process_time()
            method(path)
            took.append(time.process_time() - start)
        ratios.append(took[0] / took[1])
    ratios.sort()
    middle = ratios[len(ratios) // 2]
    print(f"ratio {middle:.3f} in the median of {turns}, {ratios[0]:.3f} to {ratios[-1]:.3f}")


def main():
    """Run the methods one after the other and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--inputs", type=int, default=512)
    parser.add_argument("--fall", type=float, default=1.5, help="exponent 1+alpha of the data")
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    parser.add_argument("--methods", nargs="*", default=[*METHODS])
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    path = options.folder / f"spectra-{options.rows}-{options.inputs}-{options.fall:g}.npy"
    if options.one:
        one(options.one, path)
        return
    make(path, options.rows, options.inputs, options.fall)
    print(f"{options.rows} x {options.inputs} float32, fall {options.fall:g}")
    if options.turns:
        in_turns(path, options.turns)
        return
    found = {}
    for name in dict.fromkeys([*options.methods, "float64"]):
        command = [sys.executable, __file__, "--one", name, "--folder", str(options.folder)]
        command += ["--rows", str(options.rows), "--inputs", str(options.inputs)]
        done = subprocess.run(
            [*command, "--fall", str(options.fall)], capture_output=True, text=True, check=True
        )
        found[name] = json.loads(done.stdout)
    exact = np.load(f"{path}.float64.values.npy")
    keep = exact > 1e-6 * exact[0]
    for name, took in found.items():
        values = np.load(f"{path}.{name}.values.npy")
        error = np.abs(values[: keep.sum()] / exact[keep] - 1).max()
        print(f"{name:<28} {took['cpu']:8.2f} CPU-s {took['peak_mb']:8.0f} MB  error {error:.1e}")


if __name__ == "__main__":
    main()
