"""Time and accuracy of this project and of its peers on the 240 Chinchilla points, side by side.

Run: python benchmarks/peers.py

CPU seconds of this process and its children; the objective is log-Huber 1e-3, summed, whose
minimum is 0.0010182740178. Peers come from the package index (chinchilla 0.2.0, SciPy, iminuit).
Four thousand bootstraps of SciPy are 400 measured ones times ten.
"""

import resource
import time
import warnings
from pathlib import Path

import numpy as np
import peer_fits

import eigenscale as es
from eigenscale.laws import fit

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


def iminuit_fit(runs):
    """MIGRAD, HESSE and MINOS on the same objective, scaled to the scatter of the residuals."""
    from iminuit import Minuit

    log_n, log_d, log_loss = np.log(runs.params), np.log(runs.tokens), np.log(runs.loss)
    start = peer_fits.HOFFMANN

    def cost(E, a, b, alpha, beta):
        r = np.abs(np.log(E + np.exp(a - alpha * log_n) + np.exp(b - beta * log_d)) - log_loss)
        return float(np.where(r <= 1e-3, r**2 / 2, 1e-3 * (r - 5e-4)).sum())

    minuit = Minuit(cost, start[0], *np.log(start[1:3]), *start[3:])
    minuit.tol, minuit.strategy = 1e-9, 2
    minuit.errordef = cost(*minuit.values) / 100
    for _ in range(5):
        minuit.migrad(ncall=50_000)
    return float(minuit.fval)


def main():
    warnings.simplefilter("ignore")
    runs = es.read_runs(DATA / "chinchilla_points.csv").without_highest_loss(5)
    fit(runs, bootstrap=0)
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
    value, cpu, wall = timed(lambda: iminuit_fit(runs))
    row("iminuit, MIGRAD from Hoffmann's", cpu, wall, value)


if __name__ == "__main__":
    main()
