"""Exponents of real data with their windows, as the table of docs/data.md.

    python scripts/real_spectra.py

Digits and photographs come with scikit-learn, text is Python's own standard library without its
tests, CIFAR-10 in grey lies in ../shared/data and is left out where it is absent.
"""

import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path

import numpy as np

from eigenscale.io.data.opening import open_source
from eigenscale.spectra.measure import measure
from eigenscale.spectra.zipf import zipf

CIFAR = Path("../shared/data/images/cifar10_gray_12k.npz")
WINDOWS = ((5, 50), (10, 200), (20, 400), (50, 800))
LEFT_OUT = shutil.ignore_patterns("site-packages", "test", "tests", "idle_test", "__pycache__")


def photographs():
    """Grey 8 × 8 patches of scikit-learn's two photographs."""
    from sklearn.datasets import load_sample_images

    grey = np.stack(load_sample_images().images).mean(axis=3)
    return open_source(grey / 255.0, patches=8)


def main():
    """Print the table, then the slopes of CIFAR-10 and Zipf's exponent."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        shutil.copytree(sysconfig.get_paths()["stdlib"], library, ignore=LEFT_OUT)
        show(library)


def show(library):
    """Measure and print."""
    from sklearn.datasets import load_digits

    data = {"digits (scikit-learn)": load_digits().data, "photographs, 8 × 8 grey": photographs()}
    if CIFAR.exists():
        data["CIFAR-10 grey"] = str(CIFAR)
    data["Python's standard library as text, hashed n-grams"] = str(library)
    write = sys.stdout.write
    write("| data | shape | least squares α, ranks | finite samples α, ranks | verdict |\n")
    write("|---|---|---|---|---|\n")
    for name, thing in data.items():
        spectrum = measure(thing)
        found = spectrum.answers()
        line, fit = found.least_squares, found.finite_sample
        write(
            f"| {name} | {spectrum.n_samples:,} × {spectrum.n_inputs:,} | {said(line.alpha)}, "
            f"{line.ranks[0]}–{line.ranks[1]} | {said(fit.alpha)}, {fit.ranks[0]}–{fit.ranks[1]} "
            f"| {found.verdict.sentence} |\n"
        )
        if name.startswith("CIFAR"):
            slopes = [-1 - spectrum.exponent(w).alpha.value for w in WINDOWS]
    tokens = zipf(library)
    if CIFAR.exists():
        pairs = ", ".join(f"{s:.2f} ({a}–{b})" for s, (a, b) in zip(slopes, WINDOWS, strict=True))
        write(f"\nSlopes of CIFAR-10 grey by ranks: {pairs}\n")
    write(
        f"\nZipf: {said(tokens.exponent)} over ranks {tokens.ranks[0]}–{tokens.ranks[1]} of "
        f"{tokens.n_types:,} types, {tokens.n_tokens:,} tokens, "
        f"burstiness {tokens.burstiness:.1f}\n"
    )


def said(interval):
    """Value and interval with two digits."""
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


if __name__ == "__main__":
    main()
