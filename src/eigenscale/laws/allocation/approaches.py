"""Approaches 1 and 2 of Hoffmann et al. compared with the fit, and their bias.

Approach 1 takes the runs that nothing cheaper beats; approach 2 a parabola through each set of
runs of equal compute. Both then draw a line through log best size against log compute. Parabolas
in the log are no exact shape of any law, so their optima are biased even without noise, and the
envelope picks lucky runs: by how much is measured on tables simulated from the fitted law at the
user's own runs, with the scatter of the fit.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.allocation.envelope import envelope, envelope_lines
from eigenscale.laws.allocation.growth import NONE, Growth, through
from eigenscale.laws.allocation.isoflop import isoflop, isoflop_lines
from eigenscale.laws.inferred import Inferred
from eigenscale.laws.law import Law
from eigenscale.laws.table import Table

QUANTITIES = ("params", "tokens")
GRID, ROUNDS = 41, 6  # of the search for the law's best; a round narrows it twentyfold
MARGIN = 7.0  # beyond the sizes of the runs, as a natural logarithm
DRAWS = 400  # at most, of the fit's own
SIMULATED = 200
CELLS, FEWEST = 4_000_000, 20  # of simulated tables: large ones need few
POINTS = 9
APART = 0.05  # standard deviation of log size and data off the line that they lie on
AHEAD = 10.0  # times the largest compute, at which the approaches are compared


def law_growth(fit: Inferred, quantity: str, compute: Floats, draws: int = 0) -> Growth:
    """Approach 3: the best size or data of the fitted law at each compute."""
    table = fit.shown_table
    assert table is not None
    size = table.inputs["params"]
    ratio = float(np.median(table.compute() / (size * table.inputs["tokens"])))
    log_nd = np.log(compute / ratio)
    ends = float(np.log(size.min())) - MARGIN, float(np.log(size.max())) + MARGIN
    best = best_log_size(fit.law, np.vstack([fit.theta, fit.draws[:draws]]), log_nd, ends)
    optimum = best if quantity == "params" else log_nd - best
    drawn = optimum[1:] if len(optimum) > 1 else NONE
    return through("3: the fitted law", quantity, compute, optimum[0], drawn=drawn, level=fit.level)


def best_log_size(law: Law, theta: Floats, log_nd: Floats, ends: tuple[float, float]) -> Floats:
    """Log size (B, k) of the lowest loss of laws (B, p) where size × data is given (k,)."""
    columns = law.columns(theta, 2)
    low, high = (np.full((len(theta), len(log_nd)), end) for end in ends)
    for _ in range(ROUNDS):
        log_n = low[..., None] + (high - low)[..., None] * np.linspace(0, 1, GRID)
        with np.errstate(over="ignore"):
            logs = {"params": log_n, "tokens": log_nd[:, None] - log_n}
            loss = np.broadcast_to(law.evaluate(columns, logs)[0], log_n.shape)
        best = np.take_along_axis(log_n, loss.argmin(axis=-1)[..., None], axis=-1)[..., 0]
        step = (high - low) / (GRID - 1)
        low, high = best - step, best + step
    return best


def approaches(fit: Inferred) -> list[Growth]:
    """All three approaches for size and data, with intervals, and the bias of the first two.

    Intervals are those of `isoflop` and of the law; for the envelope, where the law can be
    simulated, the spread of its exponent over simulated tables (runs drawn with replacement make
    an envelope ragged, and its interval too wide).

    Empty where size and data were not varied apart, or neither approach applies. Approach 3 and
    the biases are left out where the law does not weigh size against data.
    """
    table = fit.shown_table
    if table is None or not weighable(table):
        return []
    weighs = set(fit.law.inputs) == set(QUANTITIES)
    most = max(FEWEST, CELLS // len(table))
    draws = min(len(fit.draws), DRAWS, most)
    simulated = _simulated(fit, table, min(SIMULATED, most)) if weighs else NONE
    found: list[Growth] = []
    for quantity in QUANTITIES:
        for method, again in _METHODS:
            try:
                seen = method(table, quantity, draws=draws, level=fit.level)
            except InputError:
                continue
            if weighs:
                true = law_growth(fit, quantity, np.unique(seen.compute))
                lines = again(table, quantity, simulated, seen)
                middle = np.nanmedian(lines, axis=0)
                seen = replace(seen, bias=float(middle[0]) - true.exponent)
                if method is envelope and draws:
                    own = np.array([seen.exponent, np.log(seen.coefficient)])
                    seen = replace(seen, lines=own + lines - middle)
            found.append(seen)
        if weighs:
            found.append(law_growth(fit, quantity, _reached(table.compute()), draws))
    return found


def weighable(table: Table) -> bool:
    """Whether size and data were varied apart, so that one can be weighed against the other."""
    if not set(QUANTITIES) <= set(table.inputs):
        return False
    logs = np.log([table.inputs[name] for name in QUANTITIES])
    if not np.isfinite(logs).all():
        return False
    logs -= logs.mean(axis=1, keepdims=True)
    return bool(np.linalg.svd(logs, compute_uv=False)[-1] > APART * np.sqrt(len(table)))


def _reached(compute: Floats) -> Floats:
    """Give points along the compute of the runs; up to tenfold where all cost the same."""
    low, high = float(compute.min()), float(compute.max())
    return np.geomspace(low, high if high > 1.01 * low else AHEAD * low, POINTS)


def _simulated(fit: Inferred, table: Table, count: int) -> Floats:
    """Losses (S, n) of the fitted law at the user's runs, with its own residuals drawn anew."""
    exact = fit.law.predict(fit.theta, **{name: table.inputs[name] for name in QUANTITIES})
    rng = np.random.default_rng(0)
    return np.asarray(exact * np.exp(rng.choice(fit.scatter, size=(count, len(table)))))


_METHODS: tuple[tuple[Callable[..., Growth], Callable[..., Floats]], ...] = (
    (envelope, envelope_lines),
    (isoflop, isoflop_lines),
)
