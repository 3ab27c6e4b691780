"""What a simulation costs: against the naive experiment, and against the bare calls it needs.

Run with ``python benchmarks/simulation.py``; two minutes. CPU time of one thread. The naive
experiment draws data, features, one teacher, noise and 10,000 test samples each time and solves for
one ridge; both are compared at the CPU time that a given standard error takes (variance per draw
times CPU time per draw). The bare calls are the random numbers, matrix products and one
decomposition of the same draws, written in a loop without anything around them.
"""

import time

import numpy as np
from threadpoolctl import threadpool_limits

from eigenscale import SolvableModel, Spectrum
from eigenscale.simulation.simulate import simulate

TEST = 10_000
NAIVE = ((30, 60, 200), (100, 200, 400), (200, 200, 1000))
RIDGES = np.geomspace(1e-3, 10, 9)
BARE = ((20, 30, 100, 400), (100, 100, 400, 60), (200, 300, 800, 12), (400, 400, 1000, 6))


def naive(eigenvalues, N, T, ridge, noise_var, rng):
    """One experiment as one would write it down."""
    M, roots = eigenvalues.size, np.sqrt(eigenvalues)[:, None]
    x, test = roots * rng.standard_normal((M, T)), roots * rng.standard_normal((M, TEST))
    u, w = (rng.standard_normal((n, M)) / M**0.5 for n in (N, 1))
    labels = w @ x + noise_var**0.5 * rng.standard_normal((1, T))
    phi = u @ x
    theta = labels @ phi.T @ np.linalg.inv(phi @ phi.T + ridge * np.eye(N))
    return 0.5 * np.mean((theta @ (u @ test) - w @ test) ** 2)


def naive_against_ours(N, T, M, experiments=30, draws=64):
    spectrum = Spectrum.power_law(0.5, M)
    model, rng, ridge = SolvableModel(spectrum, noise_var=1e-3), np.random.default_rng(0), RIDGES[4]
    begun = time.process_time()
    plain = [naive(spectrum.eigenvalues, N, T, ridge, 1e-3, rng) for _ in range(experiments)]
    each = (time.process_time() - begun) / experiments
    costs = []
    for ridges in ([ridge], RIDGES):
        begun = time.process_time()
        drawn = model.simulate(N, T, ridge=ridges, draws=draws, rng=0)
        per_draw = (time.process_time() - begun) / draws
        middle = drawn.losses[len(ridges) // 2]
        costs.append((per_draw / len(ridges), middle.std(ddof=1)))
    naive_cost = each * np.var(plain, ddof=1)
    factors = [naive_cost / (cost * spread**2) for cost, spread in costs]
    print(
        f"N {N:4} T {T:4} M {M:5}: naive {1e3 * each:6.1f} ms a draw, spread "
        f"{np.std(plain, ddof=1) / np.mean(plain):5.1%}; ours {1e3 * costs[0][0]:6.2f} ms, spread "
        f"{costs[0][1] / drawn.loss[len(RIDGES) // 2]:5.1%}: {factors[0]:6.0f} times less CPU for "
        f"one ridge, {factors[1]:6.0f} for each of nine"
    )


def bare_calls(eigenvalues, N, T, draws):
    """The numbers and products that a draw cannot do without."""
    rng, roots = np.random.default_rng(0), np.sqrt(eigenvalues)
    data, features = np.empty((T, roots.size)), np.empty((N, roots.size))
    for _ in range(draws):
        rng.standard_normal(out=data)
        rng.standard_normal(out=features)
        features *= roots
        phi = features @ data.T
        rows = phi if N <= T else phi.T
        _, small = np.linalg.eigh(rows @ rows.T)
        large = rows.T @ small
        left, right = (small, large) if N <= T else (large, small)
        known, taught = left.T @ features, right.T @ data
        known @ known.T, taught @ taught.T


def ours_against_bare(N, T, M, draws):
    spectrum, times = Spectrum.power_law(0.5, M), {"ours": [], "bare": []}
    for _ in range(5):
        begun = time.process_time()
        bare_calls(spectrum.eigenvalues, N, T, draws)
        middle = time.process_time()
        simulate(spectrum, N, T, ridge=0.1, draws=draws, rng=0)
        times["bare"].append((middle - begun) / draws)
        times["ours"].append((time.process_time() - middle) / draws)
    ours, bare = (float(np.median(times[name])) for name in ("ours", "bare"))
    print(
        f"N {N:4} T {T:4} M {M:5}: bare calls {1e3 * bare:6.2f} ms a draw, ours "
        f"{1e3 * ours:6.2f} ms: {ours / bare:.2f} times"
    )


if __name__ == "__main__":
    with threadpool_limits(1):
        for sizes in NAIVE:
            naive_against_ours(*sizes)
        for case in BARE:
            ours_against_bare(*case)
