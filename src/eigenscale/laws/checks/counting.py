"""Ways of counting size and compute that a table allows, judged by what a law makes of them.

Sizes with and without embeddings, compute as 6 N D or as a column has it: which is right is not in
the table, but a law whose exponents stay as runs are added, and which predicts the largest runs,
speaks for its way of counting (Porian et al. 2024, arXiv:2406.19146).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eigenscale.arrays import Floats
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.io.runs.container import Runs
from eigenscale.laws.fitting import fit
from eigenscale.laws.result import LawFit
from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN
from eigenscale.text.numbers import number

LOWER, HELD_OUT = 2 / 3, 0.2  # share of the runs that shows whether exponents stay; share held out
FEWEST = 8  # runs, or runs of the frontier
SAME = 1e-9  # relative difference of columns that are one
LAYERS = ("n_layer", "n_layers", "num_layers", "layers", "depth")
WIDTHS = ("d_model", "hidden_size", "n_embd", "width", "hidden_dim", "dim")
CONTEXTS = ("seq", "seq_len", "seq_length", "context", "context_length", "n_ctx", "block_size")


@dataclass(frozen=True)
class Counting:
    """One way of counting, and what a law makes of it.

    Attributes
    ----------
    quantity : {"params", "flops"}
        What is counted: the size of models, or the compute of runs.
    counted : str
        The column, or the rule.
    law : str
    exponent : float
        Of the best size in compute, β/(α + β); or of the frontier's loss in compute.
    moves : float
        How far that exponent is from the one of the smaller two thirds of the runs.
    holdout_error : float
        Root mean square log error on the largest fifth of the runs.
    """

    quantity: str
    counted: str
    law: str
    exponent: float
    moves: float
    holdout_error: float

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return dict(vars(self))


def countings(
    runs: Runs, columns: Mapping[str, NDArray[Any]] | None = None
) -> tuple[list[Counting], list[str]]:
    """Fit a law under each way of counting that the table allows.

    Parameters
    ----------
    runs : Runs
    columns : mapping of str to array, optional
        Other columns of the same runs; depth, width and context give sizes without embeddings and
        compute with attention.

    Returns
    -------
    list of Counting
        Sizes first, then compute, each by the error on the largest runs.
    list of str
        A warning where the table allows one way only.
    """
    sizes = _sizes(runs, columns or {})
    found = [one for name, size in sizes.items() if (one := _by_size(runs, name, size))]
    found.sort(key=lambda one: one.holdout_error)
    by_compute = [
        one
        for name, flops in _computes(runs, sizes, columns or {}).items()
        if (one := _by_compute(runs, name, flops))
    ]
    by_compute.sort(key=lambda one: one.holdout_error)
    if max(len(found), len(by_compute)) < 2:
        warning = (
            f"there is only one way of counting in {runs.source}; a comparison takes a second "
            "column of sizes or of compute, or the depth and width of the models, for at least "
            f"{FEWEST} runs"
        )
        return found + by_compute, [warning]
    return found + by_compute, []


def _sizes(runs: Runs, columns: Mapping[str, NDArray[Any]]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    if runs.params is None:
        return found
    _add(found, runs.recognised.get("params", "params"), runs.params)
    for name, values in _others(runs, columns, "params"):
        _add(found, name, values)
    layers, width = _column(columns, LAYERS), _column(columns, WIDTHS)
    if layers is not None and width is not None:
        _add(found, "12 layers width²", 12 * layers * width**2)
    return found


def _computes(
    runs: Runs, sizes: Mapping[str, Floats], columns: Mapping[str, NDArray[Any]]
) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    if runs.flops is not None and "flops" not in runs.derived:
        _add(found, runs.recognised.get("flops", "flops"), runs.flops)
    for name, values in _others(runs, columns, "flops"):
        _add(found, name, values)
    tokens = runs.tokens
    if tokens is None or "tokens" in runs.derived:
        return found
    for name, size in sizes.items():
        _add(found, f"6 {_whole(name)} tokens", FLOPS_PER_PARAM_TOKEN * size * tokens)
    layers, width = _column(columns, LAYERS), _column(columns, WIDTHS)
    context = _column(columns, CONTEXTS)
    if layers is not None and width is not None and context is not None and sizes:
        name, size = next(iter(sizes.items()))
        attention = 2 * layers * width * context
        flops = FLOPS_PER_PARAM_TOKEN * (size + attention) * tokens
        _add(found, f"6 {_whole(name)} tokens, with attention", flops)
    return found


def _others(
    runs: Runs, columns: Mapping[str, NDArray[Any]], field: str
) -> list[tuple[str, Floats]]:
    """Other columns of a field: those that were recognised, and ``N_no_emb`` beside ``N``."""
    found = [(n, runs.others[n]) for n in runs.alternatives.get(field, ()) if n in runs.others]
    taken = runs.recognised.get(field, field)
    for name, values in columns.items():
        if name.startswith(f"{taken}_") and name not in dict(found):
            try:
                found.append((name, np.asarray(values, dtype=float)))
            except (TypeError, ValueError):
                continue
    return found


def _whole(name: str) -> str:
    return f"({name})" if " " in name else name


def _add(found: dict[str, Floats], name: str, values: Floats) -> None:
    """Add a way of counting that is not there yet."""
    if not (np.isfinite(values) & (values > 0)).all():
        return
    if not any(np.allclose(values, other, rtol=SAME, atol=0) for other in found.values()):
        found[name] = values


def _column(columns: Mapping[str, NDArray[Any]], names: tuple[str, ...]) -> Floats | None:
    for name, values in columns.items():
        if name.strip().lower().split(".")[-1] in names:
            try:
                return np.asarray(values, dtype=float)
            except (TypeError, ValueError):
                continue
    return None


def _by_size(runs: Runs, name: str, size: Floats) -> Counting | None:
    if runs.tokens is None or len(runs) < FEWEST:
        return None
    flops = FLOPS_PER_PARAM_TOKEN * size * runs.tokens
    table = {"params": size, "tokens": runs.tokens, "flops": flops, "loss": runs.loss}

    def growth(found: LawFit) -> float:
        alpha, beta = (found.theta[found.law.index(n)] for n in ("alpha", "beta"))
        return float(beta / (alpha + beta))

    return _judged("params", name, "chinchilla", table, growth)


def _by_compute(runs: Runs, name: str, flops: Floats) -> Counting | None:
    order = np.argsort(flops, kind="stable")
    lowest = np.minimum.accumulate(runs.loss[order])
    rows = order[(runs.loss[order] <= lowest)]
    if len(rows) < FEWEST:
        return None
    table = {"flops": flops[rows], "loss": runs.loss[rows]}
    return _judged("flops", name, "power:flops", table,
                   lambda found: float(found.theta[found.law.index("alpha")]))  # fmt: skip


def _judged(
    quantity: str,
    name: str,
    law: str,
    table: dict[str, Floats],
    exponent: Callable[[LawFit], float],
) -> Counting | None:
    """Fit to all, to the smaller runs, and without the largest; None where that fails."""
    order = np.argsort(table["flops"], kind="stable")[: round(LOWER * len(table["flops"]))]
    lower = {key: values[np.sort(order)] for key, values in table.items()}
    settings: dict[str, Any] = {"bootstrap": 0, "estimator": "default"}
    try:
        whole = fit(table, law, holdout=HELD_OUT, **settings)
        part = fit(lower, law, **settings)
    except (InputError, ConvergenceError):
        return None
    assert whole.holdout is not None
    value = exponent(whole)
    return Counting(quantity, name, law, value, abs(value - exponent(part)), whole.holdout.error)


def counting_sentences(found: list[Counting]) -> list[str]:
    """Say which way of counting speaks for itself."""
    lines = []
    for quantity, what, meaning in (
        ("params", "size", "the best size grows as compute to the power"),
        ("flops", "compute", "the loss of the frontier falls as compute to minus"),
    ):
        mine = [one for one in found if one.quantity == quantity]
        if len(mine) < 2:
            continue
        best, worst = mine[0], mine[-1]
        steady = min(mine, key=lambda one: one.moves)
        lines.append(
            f"Counting {what} as {best.counted} predicts the largest runs best "
            f"({100 * best.holdout_error:.2g} %; {worst.counted}: {100 * worst.holdout_error:.2g} "
            f"%), and the exponent moves least for {steady.counted}; {meaning} "
            + ", ".join(f"{number(one.exponent)} ({one.counted})" for one in mine)
        )
    return lines
