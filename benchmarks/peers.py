"""Time and accuracy of this project and of its peers on the 240 Chinchilla points, side by side.

Run: python benchmarks/peers.py

CPU seconds of this process and its children; the objective is log-Huber 1e-3, summed, whose
minimum is 0.0010182740178. Peers come from the package index (chinchilla 0.2.0, SciPy, iminuit).
Four thousand bootstraps of SciPy are 400 measured ones times ten. MINOS walks the same
objective, scaled as our profile is, so that the two intervals must agree.
"""

import resource
import time
import warnings
from pathlib import Path

import numpy as np
import peer_fits

import eigenscale as es
from eigenscale.laws.estimation.likelihood import curvature
from eigenscale.laws.fitting import fit

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "runs"


def timed(work):
    """Result, CPU seconds (children too) and wall seconds."""
    before, wall = _cpu(), time.perf_counter()
    result = work()
    return result, _cpu() - before, time.perf_counter() - wall


def _cpu():
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in used)


def row(name, cpu, wall, value, note=""):
    shown = "–" if value is None else f"{value:.13f}"
    print(f"| {name} | {cpu:.3g} | {wall:.3g} | {shown} | {note} |")


def scipy_bootstrap(runs, draws=400):
    rng = np.random.default_rng(0)
    best = peer_fits.scipy_least_squares(runs.params, runs.tokens, runs.loss)
    ends = []
    for _ in range(draws):
        i = rng.integers(len(runs), size=len(runs))
        ends.append(
            peer_fits.scipy_least_squares(runs.params[i], runs.tokens[i], runs.loss[i], best)
        )
    return np.array(ends)


def main():
    warnings.simplefilter("ignore")
    runs = es.read_runs(DATA / "chinchilla_points.csv").without_highest_loss(5)
    fit(runs, bootstrap=0)  # what is loaded once is not timed
    size, data, loss = runs.params, runs.tokens, runs.loss
    print("| what | CPU s | wall s | objective | |")
    print("|---|---|---|---|---|")
    found, cpu, wall = timed(lambda: fit(runs, bootstrap=0))
    note = f"{found.certificate.agreeing} of {found.certificate.starts} cold starts agree"
    row("eigenscale, cold start with certificate", cpu, wall, found.objective_value, note)
    draws, cpu, wall = timed(lambda: fit(runs, bootstrap=4000))
    se = [p.se for p in draws.parameters.values()]
    row("eigenscale, with 4,000 bootstraps", cpu, wall, draws.objective_value,
        "se " + ", ".join(f"{v:.3g}" for v in se))  # fmt: skip
    profiles, cpu, wall = timed(lambda: {name: draws.profile(name) for name in draws.law.names})
    row("eigenscale, profile intervals of all five", cpu, wall, None)
    value, cpu, wall = timed(lambda: peer_fits.migrad(size, data, loss).fval)
    row("iminuit, MIGRAD from Hoffmann's", cpu, wall, value)
    rises = [rise_of(draws, name) for name in draws.law.names]
    ends, cpu, wall = timed(lambda: peer_fits.minos(size, data, loss, rises))
    row("iminuit, MIGRAD and MINOS of all five", cpu, wall, None)
    others(runs, size, data, loss)
    print("\n| parameter | fit | our profile, 90 % | MINOS, 90 % | our bootstrap, 90 % |")
    print("|---|---|---|---|---|")
    for (name, profile), end in zip(profiles.items(), ends, strict=True):
        ours, drawn = profile.interval, draws.parameters[name]
        pairs = ((ours.low, ours.high), end, (drawn.low, drawn.high))
        cells = " | ".join(f"{low:.5g} to {high:.5g}" for low, high in pairs)
        print(f"| {name} | {ours.value:.5g} | {cells} |")


def rise_of(found, name):
    """Scale of the robust objective's rise along one parameter, as `profile` takes it."""
    return float(curvature(found).rise(found.problem.direction(name)))


def others(runs, size, data, loss):
    """Time the other peers, each as its authors run it."""
    procedures = {
        "SciPy least_squares, one start at Hoffmann's": peer_fits.scipy_least_squares,
        "replication, L-BFGS-B, 100 of its 4,500 starts": peer_fits.replication,
        "variable projection on a grid, least squares": peer_fits.variable_projection,
        "chinchilla 0.2.0, 243 starts, log-Huber": lambda *a: peer_fits.package(
            *a, loss_fn="huber"
        ),
        "chinchilla 0.2.0, 243 starts, its default loss": peer_fits.package,
    }
    for name, procedure in procedures.items():
        theta, cpu, wall = timed(lambda run=procedure: run(size, data, loss))
        row(name, cpu, wall, peer_fits.log_huber(theta, size, data, loss))
    ends, cpu, wall = timed(lambda: scipy_bootstrap(runs))
    theta_se = ends.std(axis=0, ddof=1)
    row("SciPy, 4,000 bootstraps (400 × 10)", 10 * cpu, 10 * wall, None,
        "se " + ", ".join(f"{v:.3g}" for v in theta_se))  # fmt: skip


if __name__ == "__main__":
    main()
