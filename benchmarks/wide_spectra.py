"""Leading eigenvalues of wide data: time, memory and accuracy beside peers, one process each.

    python benchmarks/wide_spectra.py --rows 17000 --inputs 17000 --leading 100

Rows are a power law of variances, columns in random order, in a memory-mapped file of float32 made
once. CPU seconds, growth of memory above the start (the mapped file does not count), and the worst
relative error of the leading eigenvalues of the sample covariance against ARPACK run in float64 to
machine precision.
"""

import argparse
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np

from spectra import _anonymous


def make(path, rows, inputs, fall):
    """Write the data set, unless it is there."""
    if path.exists():
        return
    rng = np.random.default_rng(0)
    scale = rng.permutation(np.arange(1.0, inputs + 1) ** (-fall / 2)).astype(np.float32)
    out = np.lib.format.open_memmap(path, "w+", np.float32, (rows, inputs))
    for start in range(0, rows, 1000):
        block = rng.standard_normal((min(1000, rows - start), inputs), dtype=np.float32)
        out[start : start + 1000] = block * scale + np.float32(0.1)
    out.flush()


def eigenscale_estimate(path, leading):
    """`measure`, the Frobenius norm estimated: what the peers do, and an exact trace."""
    from eigenscale.spectra.measure import measure

    return measure(path, leading=leading, frobenius="estimate").eigenvalues


def eigenscale_exact(path, leading):
    """`measure`, the Frobenius norm summed over all pairs of rows."""
    from eigenscale.spectra.measure import measure

    return measure(path, leading=leading, frobenius="exact").eigenvalues


def sklearn_pca(path, leading):
    """scikit-learn's PCA with its randomised solver, as it comes."""
    from sklearn.decomposition import PCA

    rows = np.load(path, mmap_mode="r")
    return PCA(leading, svd_solver="randomized", random_state=0).fit(rows).explained_variance_


def sklearn_svd(path, leading):
    """scikit-learn's randomized_svd of centred rows, with ten power iterations."""
    from sklearn.utils.extmath import randomized_svd

    rows = np.load(path)
    rows -= rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    values = randomized_svd(rows, leading, n_iter=10, random_state=0)[1].astype(np.float64)
    return values**2 / (len(rows) - 1)


def arpack(path, leading, dtype=np.float32, tol=1e-4):
    """SciPy's svds of centred rows at the tolerance of eigenscale."""
    from scipy.sparse.linalg import svds

    rows = np.load(path).astype(dtype, copy=False)
    rows -= rows.mean(axis=0, dtype=np.float64).astype(dtype)
    found = svds(rows, leading, tol=tol, return_singular_vectors=False, rng=0)
    return np.sort(found.astype(np.float64))[::-1] ** 2 / (len(rows) - 1)


def reference(path, leading):
    """ARPACK in float64 to machine precision."""
    return arpack(path, leading, np.float64, 0)


METHODS = {
    "eigenscale": eigenscale_estimate,
    "eigenscale, exact norm": eigenscale_exact,
    "scikit-learn PCA randomized": sklearn_pca,
    "scikit-learn randomized_svd": sklearn_svd,
    "SciPy svds": arpack,
    "reference": reference,
}


def one(name, path, leading):
    """Run one method in this process and print what it took."""
    peak, stop = [_anonymous()], threading.Event()
    before = peak[0]

    def watch():
        while not stop.wait(0.01):
            peak.append(_anonymous())

    watcher = threading.Thread(target=watch)
    watcher.start()
    start = time.process_time()
    values = METHODS[name](path, leading)
    took = time.process_time() - start
    stop.set()
    watcher.join()
    np.save(f"{path}.{name}.values.npy", values)
    sys.stdout.write(json.dumps({"cpu": took, "peak_mb": max(peak) - before}) + "\n")


def main():
    """Run the methods one after the other and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=17_000)
    parser.add_argument("--inputs", type=int, default=17_000)
    parser.add_argument("--fall", type=float, default=1.5, help="exponent 1+alpha of the data")
    parser.add_argument("--leading", type=int, default=100)
    parser.add_argument("--folder", type=Path, default=Path("/tmp"))
    parser.add_argument("--methods", nargs="*", default=[*METHODS])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    path = options.folder / f"wide-{options.rows}-{options.inputs}-{options.fall:g}.npy"
    if options.one:
        one(options.one, path, options.leading)
        return
    make(path, options.rows, options.inputs, options.fall)
    print(f"{options.rows} x {options.inputs} float32, fall {options.fall:g}")
    found = {}
    for name in dict.fromkeys([*options.methods, "reference"]):
        command = [sys.executable, __file__, "--one", name, "--folder", str(options.folder)]
        command += ["--rows", str(options.rows), "--inputs", str(options.inputs)]
        command += ["--fall", str(options.fall), "--leading", str(options.leading)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found[name] = json.loads(done.stdout)
    exact = np.load(f"{path}.reference.values.npy")
    for name, took in found.items():
        values = np.load(f"{path}.{name}.values.npy")
        error = np.abs(values[: options.leading] / exact - 1)
        print(
            f"{name:<28} {took['cpu']:8.1f} CPU-s {took['peak_mb']:8.0f} MB  "
            f"error {error.max():.1e}, median {np.median(error):.1e}"
        )


if __name__ == "__main__":
    main()
