"""Is the expected error of a ladder that of simulation?

For a few budgets and shares the proposed ladder is trained (drawn) on laws of several families
around published constants, fitted, and its prediction of the final run set against the truth.

    python benchmarks/ladder_error.py --draws 40
"""

import argparse
import warnings

import numpy as np

import eigenscale as es
from eigenscale.laws.registry import get
from eigenscale.planning.design.ladder import NOISE, ladder

CASES = (("hoffmann", 1e21, 0.1), ("hoffmann", 1e23, 0.02), ("besiroglu", 1e22, 0.05))
FAMILIES = ("chinchilla", "generalised", "over-training")


def truth(family, theta, rng):
    """Constants around the published ones, in one of the families."""
    E, A, B, alpha, beta = theta
    alpha, beta = np.array([alpha, beta]) * np.exp(0.15 * rng.standard_normal(2))
    E *= np.exp(0.1 * rng.standard_normal())
    A = 0.3 * 1e9**alpha * np.exp(0.2 * rng.standard_normal())
    B = 0.3 * 2e10**beta * np.exp(0.2 * rng.standard_normal())
    if family == "chinchilla":
        return get("chinchilla"), np.array([E, A, B, alpha, beta])
    if family == "generalised":
        return get("generalised"), np.array([E, A, B, alpha, beta, rng.uniform(0.8, 1.2)])
    eta = 0.5 * alpha
    a, b = 0.3 * (6 * 1e9 * 2e10) ** eta / 20.0 ** np.array([eta, -eta])
    return get("over-training"), np.array([E, a, b, eta])


def study(found, name, seed):
    rng = np.random.default_rng(seed)
    law, theta = truth(FAMILIES[seed % 3], es.published(name).theta, rng)
    size = np.repeat([r.params for r in found.rungs], [r.seeds for r in found.rungs])
    data = np.repeat([r.tokens for r in found.rungs], [r.seeds for r in found.rungs])
    at = es.plan(name, found.target_flops)
    known = {"params": size, "tokens": data, "flops": 6 * size * data}
    loss = law.predict(theta, **{n: known[n] for n in law.inputs})
    loss = loss * np.exp(NOISE * rng.standard_normal(size.size))
    fit = es.fit({"params": size, "tokens": data, "loss": loss}, "chinchilla", bootstrap=0)
    final = at.params.value, at.tokens.value
    known = {"params": final[0], "tokens": final[1], "flops": 6 * final[0] * final[1]}
    wanted = law.predict(theta, **{n: known[n] for n in law.inputs})
    return abs(float(np.log(fit.loss(*final) / wanted)))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--draws", type=int, default=40)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    print("| constants, final run, share | expected error | simulated | ratio |")
    print("|---|---|---|---|")
    for name, flops, share in CASES:
        found = ladder(name, flops, share)
        errors = np.array([study(found, name, seed) for seed in range(chosen.draws)])
        median = float(np.median(errors))
        head = f"{name}, {flops:.0e}, {share:g}"
        ratio = found.expected_error / median
        by = [f"{100 * np.median(errors[i::3]):.2f}" for i in range(3)]
        print(f"| {head} | {100 * found.expected_error:.2f} % | {100 * median:.2f} % "
              f"({', '.join(by)}) | {ratio:.2f} |")  # fmt: skip


if __name__ == "__main__":
    main()
