"""Do the 90 % intervals hold the truth? Tables of the five main forms, simulated and counted.

Run: python benchmarks/coverage.py [--tables 500] [--resampling auto case delta] [--narrow]

Each table has the shape of real ones: 60 runs of 12 families (a size, trained on 5 amounts of
data), an effect common to each family (0.4 %), scatter of single runs (0.6 %), and one run in 25
spoiled by an exponential of mean 5 %. What is counted: each parameter, and the law at twice and at
ten times the largest size and data. `--narrow` takes tables over one decade of data instead, which
cannot tell the floor from the exponent, and counts how often the fit says so.
"""

import argparse
import sys
import time
import warnings

import numpy as np

from eigenscale.errors import ConvergenceError
from eigenscale.laws.fitting import fit
from eigenscale.laws.registry import get

FAMILIES, AMOUNTS, DRAWS = 12, 5, 300
FAMILY, SCATTER, SPOILED, SPOIL = 0.004, 0.006, 0.04, 0.05
TRUTH = {
    "power:tokens": [1.7, 410.7, 0.28],
    "kaplan": [6.4e13, 1.8e13, 0.076, 0.103],
    "chinchilla": [1.8172, 482.01, 2085.43, 0.3478, 0.3658],
    "solvable": [0.05, 60.0, 0.35],
    "data-constrained": None,
}


def design(law, rng):
    """Sizes, data and families of one table."""
    small, large = (50, 5000) if law.name == "solvable" else (5e7, 5e9)
    size = np.exp(rng.uniform(np.log(small), np.log(large), FAMILIES))
    ratio = (
        np.geomspace(0.3, 30, AMOUNTS) if law.name == "solvable" else np.geomspace(5, 200, AMOUNTS)
    )
    jitter = np.exp(0.2 * rng.normal(size=(FAMILIES, AMOUNTS)))
    data = size[:, None] * ratio * jitter
    columns = {
        "params": np.repeat(size, AMOUNTS),
        "tokens": data.ravel(),
        "family": np.repeat(np.arange(FAMILIES), AMOUNTS).astype(str),
    }
    if "unique_tokens" in law.inputs:
        epochs = np.exp(rng.uniform(0, np.log(30), FAMILIES * AMOUNTS))
        columns["unique_tokens"] = columns["tokens"] / epochs
    return columns


def noise(columns, rng):
    """Log residuals: of families, of runs, and of runs gone wrong."""
    n = len(columns["params"])
    family = np.repeat(FAMILY * rng.normal(size=FAMILIES), AMOUNTS)
    spoiled = (rng.uniform(size=n) < SPOILED) * rng.exponential(SPOIL, n)
    return family + SCATTER * rng.normal(size=n) + spoiled


def points(columns, law):
    """Points at twice and at ten times the largest of every input."""
    found = {}
    for name in law.inputs:
        found[name] = columns[name].max() * np.array([2.0, 10.0])
    return found


def truth_of(law):
    if law.name != "data-constrained":
        return np.array(TRUTH[law.name], dtype=float)
    from eigenscale.laws.reference.constants import published

    return np.array([published("muennighoff").parameters[name] for name in law.names])


def count(name, tables, resampling, seed):
    """Coverage of every parameter and prediction, refused fits, CPU seconds."""
    law = get(name)
    truth = truth_of(law)
    labels = [*law.names, "at twice", "at ten times"]
    inside, refused, spent = [], 0, 0.0
    for k in range(tables):
        rng = np.random.default_rng([seed, k])
        columns = design(law, rng)
        inputs = {n: columns[n] for n in law.inputs}
        columns["loss"] = law.predict(truth, **inputs) * np.exp(noise(columns, rng))
        begin = time.process_time()
        try:
            if resampling == "delta":
                found = fit(columns, law, bootstrap=0)
            else:
                found = fit(columns, law, bootstrap=DRAWS, resampling=resampling, rng=k)
        except ConvergenceError:
            refused += 1
            continue
        spent += time.process_time() - begin
        low = np.array([p.low for p in found.parameters.values()])
        high = np.array([p.high for p in found.parameters.values()])
        at = points(columns, law)
        there = found.predict(**at)
        exact = law.predict(truth, **at)
        inside.append(
            [*((low <= truth) & (truth <= high)), *((there.low <= exact) & (exact <= there.high))]
        )
    shares = 100 * np.mean(inside, axis=0)
    return dict(zip(labels, shares, strict=True)), refused, spent


def narrow(tables):
    """Tables over one decade of data: is it said that they do not settle the floor?"""
    law, truth = get("power:tokens"), TRUTH["power:tokens"]
    unsettled, said, inside = [], [], []
    for k in range(tables):
        rng = np.random.default_rng([7, k])
        tokens = np.geomspace(2e9, 2e10, 24) * np.exp(0.1 * rng.normal(size=24))
        loss = law.predict(truth, tokens=tokens) * np.exp(0.01 * rng.normal(size=24))
        found = fit({"tokens": tokens, "loss": loss}, law, bootstrap=200, rng=k)
        floor = found.parameters["E"]
        unsettled.append(floor.high - floor.low > 0.5 * truth[0])
        said.append(not found.identifiability.floor_known)
        inside.append(floor.low <= truth[0] <= floor.high)
    both = np.mean(np.array(said)[unsettled])
    print(f"{tables} narrow tables: floor not settled in {100 * np.mean(unsettled):.0f} %; "
          f"said in {100 * both:.1f} % of those; interval of the floor holds the truth in "
          f"{100 * np.mean(inside):.0f} %")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", type=int, default=500)
    parser.add_argument("--laws", nargs="*", default=list(TRUTH))
    parser.add_argument("--resampling", nargs="*", default=["auto"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--narrow", action="store_true")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if chosen.narrow:
        narrow(chosen.tables)
        return
    print("| law | resampling | inside its 90 % interval, % of tables | no fit | CPU s |")
    print("|---|---|---|---|---|")
    for name in chosen.laws:
        for resampling in chosen.resampling:
            shares, refused, spent = count(name, chosen.tables, resampling, chosen.seed)
            text = ", ".join(f"{label} {share:.0f}" for label, share in shares.items())
            print(f"| {name} | {resampling} | {text} | {refused} | {spent:.0f} |")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
