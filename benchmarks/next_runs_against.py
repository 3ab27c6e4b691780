"""Do proposed runs predict the target better than what else their cost could buy?

Simulated tables of 6 to 40 runs, drawn from five families of laws in three layouts. Each is
fitted; the proposed runs, a geometric ladder of six, the largest affordable run and six random
runs of the same cost are trained (drawn); the table is fitted again, and its prediction of the
best loss at the target is set against the truth.

    python benchmarks/next_runs_against.py --tables 200 [--json FILE]
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np

import eigenscale as es
from eigenscale.laws.registry import get
from eigenscale.planning.design.next_runs import next_runs
from eigenscale.planning.plan import frontier

FAMILIES = ("chinchilla", "generalised", "kaplan", "over-training", "solvable")
LAYOUTS = ("grid", "isoflop", "ladder")
NAMES = ("proposed", "ladder", "largest", "random")


def truth(family, rng):
    """A law of the family with constants like those that were published."""
    E, alpha, beta = rng.uniform(1.4, 2.2), rng.uniform(0.28, 0.45), rng.uniform(0.25, 0.42)
    A = rng.uniform(0.5, 1.5) * (1e8) ** alpha  # a term near one at 1e8 params, 2e9 tokens
    B = rng.uniform(0.5, 1.5) * (2e9) ** beta
    if family == "chinchilla":
        return get("chinchilla"), np.array([E, A, B, alpha, beta])
    if family == "generalised":
        gamma = rng.uniform(0.6, 1.4)
        return get("generalised"), np.array([E, A, B, alpha, beta, gamma])
    if family == "kaplan":
        size, data = rng.uniform(0.06, 0.09), rng.uniform(0.08, 0.11)
        return get("kaplan"), np.array([6.4e13, 1.8e13, size, data])
    if family == "over-training":
        eta = 0.5 * alpha
        a, b = rng.uniform(0.5, 2, 2) * (6 * 1e8 * 2e9) ** eta / 20.0 ** np.array([eta, -eta])
        return get("over-training"), np.array([E, a, b, eta])
    k = rng.uniform(0.5, 1.5) * (1e8) ** alpha
    return get("solvable"), np.array([E, k, alpha])


class Surface:
    """A law with constants, as a surface."""

    size_name, data_name = "params", "tokens"

    def __init__(self, law, theta):
        self.law, self.theta = law, theta

    def loss(self, size, data, /):
        known = {"params": size, "tokens": data, "flops": 6 * np.asarray(size) * data}
        return self.law.predict(self.theta, **{n: known[n] for n in self.law.inputs})

    def loss_draws(self, size, data, /):
        return np.empty((0, *np.broadcast_shapes(np.shape(size), np.shape(data))))


def table(layout, rng):
    """Sizes and tokens of 6 to 40 runs over one to three decades of compute."""
    n = int(rng.integers(6, 41))
    low = 10 ** rng.uniform(16.5, 18)
    flops = low * np.geomspace(1, 10 ** rng.uniform(1.0, 3.0), n)
    ratio = 20 * np.exp(rng.uniform(-1, 1))
    if layout == "ladder":
        spread = np.exp(0.3 * rng.standard_normal(n))
    elif layout == "isoflop":
        flops = np.repeat(flops[:: max(n // 3, 1)][:3], -(-n // 3))[:n]
        spread = np.resize(np.geomspace(1 / 16, 16, -(-n // 3)), n)
    else:
        spread = np.exp(rng.uniform(-2.3, 2.3, n))
    size = np.sqrt(flops / 6 / (ratio * spread))
    return size, flops / 6 / size


def study(seed):
    rng = np.random.default_rng(seed)
    family, layout = FAMILIES[seed % 5], LAYOUTS[seed // 5 % 3]
    law = Surface(*truth(family, rng))
    noise = 10 ** rng.uniform(-2.8, -2)
    size, data = table(layout, rng)
    runs = drawn(law, size, data, noise, rng)
    fit = es.fit(runs, "chinchilla", bootstrap=100, rng=seed)
    cost = float((6 * size * data).sum()) * 10 ** rng.uniform(0, 1)
    target = cost * 10 ** rng.uniform(1, 2)
    best = frontier(law, target)
    wanted = float(best.loss.value[0])
    at = best.params.value[0], best.tokens.value[0]
    errors = {}
    for name, (more_size, more_data) in designs(fit, target, cost, rng).items():
        more = drawn(law, more_size, more_data, noise, np.random.default_rng(seed + 1))
        both = {key: np.concatenate([runs[key], more[key]]) for key in runs}
        again = es.fit(both, "chinchilla", bootstrap=0)
        errors[name] = abs(float(np.log(again.loss(*at) / wanted)))
    errors["nothing"] = abs(float(np.log(fit.loss(*at) / wanted)))
    return {"family": family, "layout": layout, "runs": len(size), "errors": errors}


def drawn(law, size, data, noise, rng):
    loss = law.loss(size, data) * np.exp(noise * rng.standard_normal(np.size(size)))
    return {"params": size, "tokens": data, "loss": loss}


def designs(fit, target, cost, rng):
    rows = next_runs(fit, target, cost).runs
    proposed = [np.repeat([getattr(r, n) for r in rows], [r.seeds for r in rows]) if rows else
                np.empty(0) for n in ("params", "tokens")]  # fmt: skip
    steps = 2.0 ** np.arange(6)
    front = frontier(fit, np.append(cost * steps / steps.sum(), cost))
    split = np.stack([front.params.value, front.tokens.value])
    tried = fit.table.inputs["tokens"] / fit.table.inputs["params"]
    ratio = np.exp(rng.uniform(np.log(tried.min()), np.log(tried.max()), 6))
    sizes = np.sqrt(cost / 6 / 6 / ratio)
    return {
        "proposed": proposed,
        "ladder": split[:, :6],
        "largest": split[:, 6:],
        "random": (sizes, ratio * sizes),
    }


def show(rows):
    classes = {"all": rows}
    for key in ("family", "layout"):
        for value in dict.fromkeys(row[key] for row in rows):
            classes[value] = [row for row in rows if row[key] == value]
    print("| class (tables) | " + " | ".join((*NAMES, "nothing")) + " | best other / proposed |")
    print("|---" * (len(NAMES) + 3) + "|")
    for name, some in classes.items():
        medians = {n: np.median([r["errors"][n] for r in some]) for n in (*NAMES, "nothing")}
        gain = min(medians[n] for n in NAMES[1:]) / medians["proposed"]
        cells = " | ".join(f"{100 * medians[n]:.2f} %" for n in (*NAMES, "nothing"))
        print(f"| {name} ({len(some)}) | {cells} | {gain:.2f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    rows, refused = [], 0
    for seed in range(chosen.tables):
        try:
            rows.append(study(seed))
        except (es.InputError, es.ConvergenceError):
            # A fit that rewards one resource only gives no plan; some do not converge.
            refused += 1
    show(rows)
    print(f"{refused} of {chosen.tables} tables refused")
    if chosen.json:
        chosen.json.write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
