"""Approaches 1 and 2 of Hoffmann et al. beside the fit, and the bias that they have.

Approach 1 takes the runs that nothing cheaper beats; approach 2 a parabola through each set of
runs of equal compute. Both then draw a line through log best size against log compute. Parabolas
in the log are no exact shape of any law, so their optima are biased even without noise, and the
envelope picks lucky runs: by how much is measured on tables simulated from the fitted law at the
user's own runs, with the scatter of the fit.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.allocation.envelope import envelope, envelope_lines
from eigenscale.laws.allocation.growth import NONE, Growth, through
from eigenscale.laws.allocation.isoflop import isoflop, isoflop_lines
from eigenscale.laws.law import Law
from eigenscale.laws.table import Table

if TYPE_CHECKING:
    from eigenscale.laws.result import LawFit

QUANTITIES = ("params", "tokens")
GRID, ROUNDS = 41, 6  # of the search for the law's best; a round narrows it twentyfold
REACH = 7.0  # beyond the sizes of the runs, as a natural logarithm
DRAWS = 400  # at most, of the fit's own
SIMULATED = 200
CELLS, FEWEST = 4_000_000, 20  # of simulated tables: large ones need few
POINTS = 9
NO_GROUPS = (
    "no IsoFLOP groups (two budgets of compute with four sizes around a best one): approach 2 "
    "does not apply"
)
APART = 0.05  # standard deviation of log size and data off the line that they lie on
AHEAD = 10.0  # times the largest compute, at which the approaches are compared


def law_growth(fit: "LawFit", quantity: str, compute: Floats, draws: int = 0) -> Growth:
    """Approach 3: the best size or data of the fitted law at each compute."""
    table = fit.told
    assert table is not None
    size = table.inputs["params"]
    ratio = float(np.median(table.compute() / (size * table.inputs["tokens"])))
    log_nd = np.log(compute / ratio)
    ends = float(np.log(size.min())) - REACH, float(np.log(size.max())) + REACH
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


def approaches(fit: "LawFit") -> list[Growth]:
    """All three approaches for size and data, with intervals, and the bias of the first two.

    Intervals are those of `isoflop` and of the law; for the envelope, where the law can be
    simulated, the spread of its exponent over simulated tables (runs drawn with replacement make
    an envelope ragged, and its interval too wide).

    Empty where size and data were not varied apart, or neither approach applies. Approach 3 and
    the biases are left out where the law does not weigh size against data.
    """
    table = fit.told
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


def _simulated(fit: "LawFit", table: Table, count: int) -> Floats:
    """Losses (S, n) of the fitted law at the user's runs, with its own residuals drawn anew."""
    exact = fit.law.predict(fit.theta, **{name: table.inputs[name] for name in QUANTITIES})
    rng = np.random.default_rng(0)
    return np.asarray(exact * np.exp(rng.choice(fit.scatter, size=(count, len(table)))))


_METHODS: tuple[tuple[Callable[..., Growth], Callable[..., Floats]], ...] = (
    (envelope, envelope_lines),
    (isoflop, isoflop_lines),
)


def growth_rows(fit: "LawFit") -> list[dict[str, Any]]:
    """One row per approach and quantity: exponent, interval, bias, and the best further on."""
    if fit.told is None or not fit.approaches:
        return []
    ahead = AHEAD * float(fit.told.compute().max())
    percent = f"{100 * fit.level:.3g} %"
    names = {"params": fit.size_name, "tokens": fit.data_name}
    return [
        {
            "best": names[one.quantity],
            "approach": one.approach.replace(one.quantity, names[one.quantity]),
            "exponent": round(one.exponent, 4),
            f"low {percent}": round(one.interval.low, 4),
            f"high {percent}": round(one.interval.high, 4),
            "bias": np.nan if one.bias is None else round(one.bias, 4),
            f"at C = {ahead:.3g}": float(f"{one.at(ahead).value:.3g}"),
        }
        for one in fit.approaches
    ]


def growth_notes(fit: "LawFit") -> list[str]:
    """Say what to know of the approaches: budgets that are missing, at the edge, or flat."""
    if fit.table is None or not weighable(fit.table):
        return []
    parabolas = [one for one in fit.approaches if one.approach.startswith("2")]
    if not parabolas:
        return [NO_GROUPS]
    names = {"params": fit.size_name, "tokens": fit.data_name}
    told = [note for kind in _DOUBTS for note in _doubts(kind, parabolas, names)]
    sound = [(one, one.sound_exponent()) for one in parabolas]
    said = [f"{value:.3g} ({names[one.quantity]})" for one, value in sound if value is not None]
    if told and said:
        told.append(f"exponents without the budgets named: {', '.join(said)}")
    return told


_DOUBTS = {
    "edge": "the best lies outside the runs, add some on that side",
    "flat": "the losses hardly bend, so that the best could be anywhere",
    "": "the losses have no lowest point, left out",
}


def _doubts(kind: str, parabolas: list[Growth], names: dict[str, str]) -> list[str]:
    """Name the budgets of one flag (or without a bottom), once for quantities that agree."""
    found: dict[str, list[str]] = {}
    for one in parabolas:
        places = one.flagged(kind).tolist() if kind else list(one.no_bottom)
        if places:
            total = len(one.compute) + len(one.no_bottom)
            text = f"{len(places)} of {total} budgets ({_listed(places)})"
            found.setdefault(text, []).append(names[one.quantity])
    return [f"in {text} {_DOUBTS[kind]}: {' and '.join(who)}" for text, who in found.items()]


def _listed(values: list[float]) -> str:
    return "C = " + ", ".join(f"{value:.2g}".replace("e+", "e") for value in values)
