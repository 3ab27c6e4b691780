"""Does the finite-sample fit recover α and the latent dimension? A study on synthetic data.

500 inputs are the latent features themselves or random linear maps of 500, 2,000 or 20,000 of
them; α in {0.1, 0.3, 0.5, 1, 1.5}; samples over inputs in {0.2, 1, 5}. For each of the 60 cases:
how often the 90 % interval of α covers the truth, the median error of the fit and of least
squares over all ranks, and how often the latent dimension is right or said to be unknown.

    python scripts/recovery.py --trials 200 --out recovery.jsonl     # goes on where it stopped
    python scripts/recovery.py --table recovery.jsonl
    python scripts/recovery.py --joint --trials 40 --out joint.jsonl  # three nested sizes at once

"At best" is least squares over the error that would be left if structure and latent dimension
were known. A trial draws one random map for all three sample sizes; its seed is its number.
"""

import argparse
import json
import sys
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from eigenscale.spectra.exponent.finite_sample import finite_sample_fit
from eigenscale.spectra.exponent.joint import latent_dimension
from eigenscale.spectra.exponent.likelihood import Problem, fit_shape
from eigenscale.spectra.exponent.populations import POWER_LAW
from eigenscale.spectra.measured import MeasuredSpectrum
from eigenscale.spectra.moments.moments import Moments

N_INPUTS = 500
LATENT = (None, 500, 2000, 20000)  # None: the inputs are the latent features
ALPHAS = (0.1, 0.3, 0.5, 1.0, 1.5)
RATIOS = (0.2, 1.0, 5.0)
BLOCK = 2000  # latent features drawn at once


def mixing(latent, alpha, rng):
    """Root of the inputs' covariance, given the random map where there is one."""
    size = N_INPUTS if latent is None else latent
    variances = np.arange(1.0, size + 1) ** -(1 + alpha)
    if latent is None:
        return np.diag(np.sqrt(variances))
    covariance = np.zeros((N_INPUTS, N_INPUTS))
    for start in range(0, size, BLOCK):
        maps = rng.standard_normal((N_INPUTS, min(BLOCK, size - start)))
        maps *= np.sqrt(variances[start : start + BLOCK] / N_INPUTS)
        covariance += maps @ maps.T
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def sample(root, n_samples, rng):
    """Eigenvalues of one sample covariance, n_samples its degrees of freedom."""
    rows = rng.standard_normal((n_samples, N_INPUTS)) @ root.T
    gram = rows @ rows.T if n_samples < N_INPUTS else rows.T @ rows
    return np.maximum(np.linalg.eigvalsh(gram / n_samples)[::-1], 0.0)


def spectrum_of(values, n_samples):
    """Make a measured spectrum without its covariance matrix, which the fit does not need."""
    padded = np.zeros(N_INPUTS)
    padded[: len(values)] = values
    moments = replace(Moments.empty(1), n_samples=n_samples + 1, mean=np.zeros(N_INPUTS))
    return MeasuredSpectrum(eigenvalues=padded, multiplicities=np.ones(N_INPUTS), moments=moments)


def trials(latent, alpha, number):
    """Spectra of one trial, one for each ratio."""
    rng = np.random.default_rng([17, latent or 0, round(100 * alpha), number])
    root = mixing(latent, alpha, rng)
    for ratio in RATIOS:
        n_samples = round(ratio * N_INPUTS)
        yield ratio, spectrum_of(sample(root, n_samples, rng), n_samples)


def nested(latent, alpha, number):
    """Spectra of one sample's first rows, from a fifth of the inputs up to five times."""
    rng = np.random.default_rng([23, latent or 0, round(100 * alpha), number])
    root = mixing(latent, alpha, rng)
    sizes = [round(ratio * N_INPUTS) for ratio in RATIOS]
    rows = rng.standard_normal((sizes[-1], N_INPUTS)) @ root.T
    for size in sizes:
        part = rows[:size]
        gram = part @ part.T if size < N_INPUTS else part.T @ part
        values = np.maximum(np.linalg.eigvalsh(gram / size)[::-1], 0.0)
        yield spectrum_of(values, size)


def joint(path, count):
    """Fit the latent dimension to all three sizes together, on nested samples."""
    with path.open("a") as file:
        for number, latent, alpha in product(range(count), LATENT, ALPHAS):
            spectra = list(nested(latent, alpha, number))
            fit = latent_dimension(spectra).fit
            file.write(json.dumps(row(latent, alpha, "joint", number, spectra[-1], fit)) + "\n")
            file.flush()


def row(latent, alpha, ratio, number, spectrum, fit):
    """Put what one sample gave into one line of JSON."""
    said = fit.latent_dim
    return {
        "latent": latent or "direct",
        "alpha": alpha,
        "ratio": ratio,
        "trial": number,
        "fitted": fit.alpha.value,
        "low": fit.alpha.low,
        "high": fit.alpha.high,
        "line": spectrum.exponent((1, spectrum.rank)).alpha.value,
        "latent_low": said.low,
        "latent_high": said.high if np.isfinite(said.high) else None,
        "status": said.status,
        "structure": fit.structure,
    }


def run(path, count):
    """Run what is not yet in the file."""
    done = set()
    if path.exists():
        lines = map(json.loads, path.read_text().splitlines())
        done = {(r["latent"], r["alpha"], r["ratio"], r["trial"]) for r in lines}
    with path.open("a") as file:
        for number, latent, alpha in product(range(count), LATENT, ALPHAS):
            if (latent or "direct", alpha, RATIOS[-1], number) in done:
                continue
            for ratio, spectrum in trials(latent, alpha, number):
                found = row(latent, alpha, ratio, number, spectrum, finite_sample_fit(spectrum))
                file.write(json.dumps(found) + "\n")
            file.flush()


def right(r):
    """Whether the latent dimension lies in its interval, or is said to be unknown."""
    truth = N_INPUTS if r["latent"] == "direct" else r["latent"]
    high = r["latent_high"] or np.inf
    unknown = r["status"] == "not identifiable"
    return unknown or r["latent_low"] * (1 - 1e-6) <= truth <= high * (1 + 1e-6)


def summary(rows):
    """Give the figures of one case."""
    alpha = rows[0]["alpha"]
    error = np.median([abs(r["fitted"] - alpha) for r in rows])
    line = np.median([abs(r["line"] - alpha) for r in rows])
    return {
        "trials": len(rows),
        "covered": 100 * np.mean([r["low"] <= alpha <= r["high"] for r in rows]),
        "error": error,
        "line": line,
        "gain": line / error,
        "width": np.median([r["high"] - r["low"] for r in rows]),
        "latent": 100 * np.mean([right(r) for r in rows]),
        "unknown": 100 * np.mean([r["status"] == "not identifiable" for r in rows]),
        "structure": 100
        * np.mean([(r["structure"] == "direct") == (r["latent"] == "direct") for r in rows]),
    }


def table(path):
    """Print a Markdown table of all cases, and the figures over all of them."""
    cases = {}
    for line in path.read_text().splitlines():
        r = json.loads(line)
        cases.setdefault((r["latent"], r["alpha"], r["ratio"]), []).append(r)
    write = sys.stdout.write
    write(
        "| latent features | α | samples / inputs | trials | covered % | median error "
        "| least squares / fit | at best | median width | latent right or unknown % | unknown % "
        "| structure right % |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n"
    )
    found, bounds = {}, {(m or "direct", a): best_possible(m, a) for m in LATENT for a in ALPHAS}
    for key in product((m or "direct" for m in LATENT), ALPHAS, (*RATIOS, "joint")):
        if key not in cases:
            continue
        s = found[key] = summary(cases[key])
        most = s["line"] / bounds[key[:2]][5.0 if key[2] == "joint" else key[2]]
        write(
            f"| {key[0]} | {key[1]} | {key[2]} | {s['trials']} | {s['covered']:.1f} "
            f"| {s['error']:.4f} | {s['gain']:.1f} | {most:.1f} | {s['width']:.3f} "
            f"| {s['latent']:.1f} | {s['unknown']:.1f} | {s['structure']:.1f} |\n"
        )
    write(f"\n{overall(list(found.values()))}\n")


def best_possible(latent, alpha):
    """Median error of α for each ratio where structure and M are known: the information bound."""
    found = {}
    model = (np.inf, float(N_INPUTS)) if latent is None else (float(N_INPUTS), float(latent))
    for ratio, spectrum in trials(latent, alpha, 0):
        values = spectrum.eigenvalues[: spectrum.rank]
        problem = Problem.of(values, spectrum.n_samples - 1.0, (1, spectrum.rank))
        fit = fit_shape(problem, POWER_LAW, np.array([alpha, 0.0]), *model)
        found[ratio] = 0.6745 * fit.covariance[0, 0] ** 0.5
    return found


def overall(cases):
    """Say what holds over all cases."""
    covered = np.array([s["covered"] for s in cases])
    counts = np.array([s["trials"] for s in cases])
    good = int(np.sum((covered >= 85) & (covered <= 95)))
    return (
        f"{len(cases)} cases, {counts.sum()} trials: covered {covered @ counts / counts.sum():.1f} "
        f"% of trials; {good} cases between 85 and 95 %, lowest {covered.min():.1f}, highest "
        f"{covered.max():.1f}; {sum(s['gain'] >= 5 for s in cases)} cases at least five times "
        f"better than least squares; latent dimension right or unknown in "
        f"{min(s['latent'] for s in cases):.1f} % or more of the trials of each case"
    )


def main():
    """Run trials, or print the table of a file of trials."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--out", type=Path, default=Path("recovery.jsonl"))
    parser.add_argument("--table", type=Path)
    parser.add_argument("--joint", action="store_true")
    options = parser.parse_args()
    if options.table is not None:
        table(options.table)
    elif options.joint:
        joint(options.out, options.trials)
    else:
        run(options.out, options.trials)


if __name__ == "__main__":
    main()
