"""Hold out the largest runs of every table of real runs, and let every form and peer foretell them.

Run: python benchmarks/extrapolation.py [--peers] [--unseen] [--json FILE]
(or --from FILE to print again)

The top decade of compute is held out where at least half of the runs, and twelve, are left; else
the top third of the runs. The figure is the root mean square of log predicted − log measured, in
per cent, over the held-out runs. "picked" is the form that `fit --law all` shows: the simplest of
those that foretold best within the smaller runs; "blend" what it predicts, saves and plans with.
`--peers` adds the procedures of benchmarks/peer_fits.py; all takes some ten CPU minutes. The data
are those in ../shared/data/runs. The power of the blend was chosen on these; `--unseen` takes
tables that had no part in it: the bundled students, and tables drawn from published laws and from
the solvable model.
"""

import argparse
import json
import sys
import warnings
from pathlib import Path

import numpy as np
import peer_fits

import eigenscale as es
from eigenscale.errors import ConvergenceError
from eigenscale.laws.fitting import fit
from eigenscale.laws.reference.constants import published
from eigenscale.laws.selection.compare import compare
from eigenscale.reporting import example

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "runs"
EXPERIMENTS = (
    "epochai_chinchilla__massivetext__chinchilla",
    "llama_3__exp_loss",
    "llama_3__raw_loss",
    "misfitting__fineweb_c4__transformer",
)
PEERS = (
    "SciPy least_squares", "replication (L-BFGS-B, 100 starts)", "variable projection grid",
    "chinchilla 0.2.0, its default", "chinchilla 0.2.0, log-Huber", "curve_fit of E + A/C^a",
    "straight line in log C",
)  # fmt: skip
FORMS = (
    "chinchilla", "chinchilla-tied", "generalised", "over-training", "kaplan", "solvable",
    "data-constrained", "steps", "power", "power-no-floor", "broken", "saturating",
)  # fmt: skip


def tables():
    """Every table, by name; the five experiments of isoflops.csv are five tables."""
    found = {
        "chinchilla_points": es.read_runs(DATA / "chinchilla_points.csv"),
        "gemstones": es.read_runs(DATA / "gemstones.jsonl"),
        "data_constrained": es.read_runs(DATA / "data_constrained.csv"),
    }
    isoflops = es.read_runs(DATA / "isoflops.csv")
    for name in np.unique(isoflops.experiment):
        part = isoflops.select(isoflops.experiment == name)
        found["isoflops: " + name.replace("__", " ")] = part
        if part.flagged.any():
            found["isoflops: " + name.replace("__", " ") + ", not flagged"] = part.without_flagged()
    for name in ("190M-1xC", "370M-1xC"):
        path = DATA / f"wandb_{name}.csv"
        found[f"wandb {name}"] = es.read_runs(path, {"params": name[:4]})
    return found


def unseen_tables():
    """Tables that the rule of the blend was not chosen on: real students, and drawn tables."""
    found = {
        "bundled photographs": es.read_runs(example.RUNS),
        "bundled digits": es.read_runs(example.DIGITS_RUNS),
    }
    size, data = (
        x.ravel() for x in np.meshgrid(np.geomspace(3e7, 1e10, 8), np.geomspace(1e9, 3e11, 7))
    )
    for name in ("besiroglu", "kaplan", "muennighoff"):
        found[f"drawn from {name}, 1 %"] = drawn(published(name).loss, size, data)
    model = es.SolvableModel(es.Spectrum.power_law(0.4, 1e4), noise_var=1e-6)
    size, data = (
        x.ravel() for x in np.meshgrid(np.geomspace(30, 3e4, 8), np.geomspace(30, 3e4, 7))
    )
    found["drawn from the solvable model, 1 %"] = drawn(
        model.surface(ridge="optimal").loss, size, data
    )
    return found


def drawn(loss, size, data):
    scatter = np.exp(0.01 * np.random.default_rng(0).standard_normal(size.size))
    return es.Runs.from_arrays(params=size, tokens=data, loss=loss(size, data) * scatter)


def compute(runs):
    return runs.flops if runs.flops is not None else runs.params * runs.tokens


def held_out(runs):
    """How many of the largest runs are held out."""
    c = compute(runs)
    decade = int((c > c.max() / 10).sum())
    left = len(runs) - decade
    return decade if left >= max(12, len(runs) / 2) else round(len(runs) / 3)


def error(predicted, measured):
    with np.errstate(all="ignore"):
        value = 100 * np.sqrt(np.mean(np.log(predicted / measured) ** 2))
    return float(value) if np.isfinite(value) else None


def ours(runs, count):
    found = {}
    for law in FORMS:
        try:
            found[law] = 100 * fit(runs, law, bootstrap=0, holdout=count).holdout.error
        except (es.InputError, ConvergenceError) as reason:
            found[law] = None
            print(f"  {law}: {str(reason)[:110]}", file=sys.stderr)
    return found


def all_forms(runs, count):
    """Compare the forms on the smaller runs; foretell by the one picked, and by the blend."""
    order = np.argsort(compute(runs), kind="stable")
    larger = np.isin(np.arange(len(runs)), order[-count:])
    compared = compare(runs.select(~larger), bootstrap=0)
    large = runs.select(larger)
    names = ("params", "tokens", "flops", "unique_tokens", "steps")
    inputs = {n: getattr(large, n) for n in names if getattr(large, n) is not None}
    found = {"picked": compared.best.predict(**inputs).value}
    found["blend"] = compared.blend(draws=0).predict(**inputs).value
    return {name: error(value, large.loss) for name, value in found.items()}


def peers(runs, count):
    order = np.argsort(compute(runs), kind="stable")
    small, large = np.sort(order[:-count]), np.sort(order[-count:])
    joint = {
        "SciPy least_squares": peer_fits.scipy_least_squares,
        "replication (L-BFGS-B, 100 starts)": peer_fits.replication,
        "variable projection grid": peer_fits.variable_projection,
        "chinchilla 0.2.0, its default": peer_fits.package,
        "chinchilla 0.2.0, log-Huber": lambda *a: peer_fits.package(*a, loss_fn="huber"),
    }
    found = dict.fromkeys(joint)
    if np.ptp(np.log(runs.params)) > 0:
        for name, procedure in joint.items():
            theta = procedure(runs.params[small], runs.tokens[small], runs.loss[small])
            predicted = peer_fits.predict(theta, runs.params[large], runs.tokens[large])
            found[name] = error(predicted, runs.loss[large])
    c = compute(runs)
    for name, procedure in (
        ("curve_fit of E + A/C^a", peer_fits.power_curve_fit),
        ("straight line in log C", peer_fits.straight_line),
    ):
        try:
            line = procedure(c[small], runs.loss[small])
            found[name] = error(line(c[large]), runs.loss[large])
        except RuntimeError:
            found[name] = None
    return found


def show(rows):
    names = list(dict.fromkeys(n for row in rows.values() for n in row["errors"]))
    print("| table (runs fitted → held out, compute ×) | " + " | ".join(names) + " |")
    print("|---|" + "---|" * len(names))
    for table, row in rows.items():
        cells = [row["errors"].get(name) for name in names]
        shown = " | ".join("–" if c is None else f"{c:.3g}" for c in cells)
        size = f"{row['runs fitted']} → {row['runs held out']}, ×{row['compute ratio']:.3g}"
        print(f"| {table} ({size}) | {shown} |")
    if "SciPy least_squares" in names:
        against(rows)


def against(rows):
    """Set the picked form and the blend against every peer, and the best peer of each table."""
    print("\n| ratio of errors, geometric mean (largest) | picked | blend |\n|---|---|---|")
    for peer in ("the best peer of each table", *PEERS):
        cells = []
        for ours_name in ("picked", "blend"):
            ratios = []
            for row in rows.values():
                theirs = [row["errors"].get(p) for p in (PEERS if peer not in PEERS else [peer])]
                theirs = [v for v in theirs if v is not None]
                if theirs:
                    ratios.append(row["errors"][ours_name] / min(theirs))
            cells.append(f"{np.exp(np.mean(np.log(ratios))):.2f} ({max(ratios):.2f})")
        print(f"| {peer} | " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--unseen", action="store_true")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--from", dest="given", type=Path)
    chosen = parser.parse_args()
    if chosen.given:
        show(json.loads(chosen.given.read_text()))
        return
    warnings.simplefilter("ignore")
    rows = {}
    for name, runs in (unseen_tables() if chosen.unseen else tables()).items():
        print(name, file=sys.stderr)
        count, c = held_out(runs), np.sort(compute(runs))
        errors = ours(runs, count) | all_forms(runs, count)
        errors |= peers(runs, count) if chosen.peers else {}
        rows[name] = {
            "runs fitted": len(runs) - count,
            "runs held out": count,
            "compute ratio": c[-1] / c[-count - 1],
            "errors": errors,
        }
    show(rows)
    if chosen.json:
        chosen.json.write_text(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
