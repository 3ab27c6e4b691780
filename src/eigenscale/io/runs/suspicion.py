"""What looks wrong in a table that can be read: reported as warnings, never corrected."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from eigenscale.io.runs.columns import FLOPS_PER_PARAM_TOKEN, RunColumns
from eigenscale.io.runs.loss_units import of_runs

UNIFORM_GUESS = float(np.log(300_000))
"""Nats per token of guessing uniformly from the largest vocabularies in use."""
SURELY_LEARNT, MANY_TOKENS = 5.0, 1e8
"""Nats that language models get below with so many tokens, so that all above are perplexities."""
SMALL_COUNT, GAP = 2e4, 2.5
"""Counts below may be millions or billions; decades without a run that part these from counts."""
BITS = -float(np.log(np.log(2.0)))
"""Log of what a loss grows by when it is given in bits."""
SMOOTHER, ROUNDS, FEWEST_MIXED = 3.0, 20, 12


def suspicions(runs: RunColumns, units: Mapping[str, str | float] | None = None) -> RunColumns:
    """Add a warning for each thing that looks wrong."""
    found = [
        *_derived(runs),
        *_choices(runs),
        *_flops_relation(runs),
        *_loss_scale(runs, units or {}),
        *_mixed_loss(runs, units or {}),
        *_count_scale(runs),
        *_duplicates(runs),
        *_rising(runs),
        *_groups(runs),
    ]
    return replace(runs, warnings=(*runs.warnings, *found))


def _derived(runs: RunColumns) -> Iterator[str]:
    for name, rule in runs.derived.items():
        if name == "loss":
            yield f"losses go in and out in {of_runs(runs)}; laws are fitted to {rule}"
        elif name != "flops":
            yield f"{name} is not in the table as such; it is {rule}"


def _choices(runs: RunColumns) -> Iterator[str]:
    for name, others in runs.alternatives.items():
        if name in {"loss", "params", "tokens", "flops"} and name in runs.recognised:
            few = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
            columns = "1 other column" if len(others) == 1 else f"{len(others)} other columns"
            yield (
                f"{name} is read from {runs.recognised[name]!r}; {columns} could be it "
                f"({few}): choose with columns={{'{name}': '…'}}"
            )


def _flops_relation(runs: RunColumns) -> Iterator[str]:
    n, d, c = runs.params, runs.tokens, runs.flops
    if n is None or d is None or c is None or {"params", "tokens", "flops"} & set(runs.derived):
        return
    ratio = c / (FLOPS_PER_PARAM_TOKEN * n * d)
    off = (ratio > 1.3) | (ratio < 0.7)
    if off.any():
        yield (
            f"FLOPs differ from 6 params tokens by more than 30 % in {off.sum()} of {len(runs)} "
            f"runs (median ratio {np.median(ratio):.3g}, first in row {runs.rows[off][0]}): "
            "check units and how parameters are counted"
        )


def _loss_scale(runs: RunColumns, units: Mapping[str, str | float]) -> Iterator[str]:
    if runs.data_name != "tokens" or runs.tokens is None or units.get("loss", "nats") != "nats":
        return
    high = runs.loss > UNIFORM_GUESS
    column = runs.recognised.get("loss", "loss")
    say = "say units={'loss': 'perplexity'} (--units loss=perplexity)"
    if high.all():
        yield (
            f"every loss in {column!r} is above {UNIFORM_GUESS:.1f} nats, more than guessing "
            f"costs: it looks like a perplexity; {say}"
        )
    elif runs.loss.min() > SURELY_LEARNT and runs.tokens.max() >= MANY_TOKENS:
        yield (
            f"every loss in {column!r} is above {SURELY_LEARNT:g} nats, with up to "
            f"{runs.tokens.max():.3g} tokens: it looks like a perplexity; {say}, if it is one"
        )
    elif high.any():
        yield (
            f"{high.sum()} losses in {column!r} are above {UNIFORM_GUESS:.1f} nats, more than "
            f"guessing costs (first in row {runs.rows[high][0]}): perplexities among losses, or "
            "runs that diverged"
        )


def _mixed_loss(runs: RunColumns, units: Mapping[str, str | float]) -> Iterator[str]:
    """Two kinds of rows, one ln 2 apart from the other on a plane through log loss."""
    columns = [c for c in (runs.params, runs.tokens) if c is not None]
    in_nats = units.get("loss", "nats") == "nats" and runs.data_name == "tokens"
    if not in_nats or len(runs) < FEWEST_MIXED or not columns:
        return
    design = np.column_stack([np.ones(len(runs)), *(np.log(c) for c in columns)])
    log_loss = np.log(runs.loss)
    plain = log_loss - design @ np.linalg.lstsq(design, log_loss, rcond=None)[0]
    bits = plain > 0
    for _ in range(ROUNDS):
        nats = log_loss - BITS * bits
        fitted = design @ np.linalg.lstsq(design, nats, rcond=None)[0]
        bits, before = log_loss - fitted > BITS / 2, bits
        if (bits == before).all():
            break
    left = np.std(nats - fitted)
    if np.std(plain) > SMOOTHER * left and 0 < bits.sum() < len(runs):
        yield (
            f"losses in {runs.recognised.get('loss', 'loss')!r} look like bits in {bits.sum()} of "
            f"{len(runs)} rows (first row {runs.rows[bits][0]}) and nats in the others: without "
            f"that factor the table is {np.std(plain) / max(left, 1e-12):.2g} times smoother"
        )


def _count_scale(runs: RunColumns) -> Iterator[str]:
    for name, label in (("params", runs.size_name), ("tokens", runs.data_name)):
        values = getattr(runs, name)
        if values is None or label not in {"params", "tokens"} or name in runs.derived:
            continue
        if values.max() <= SMALL_COUNT:
            yield (
                f"{name} are {values.min():.4g} to {values.max():.4g}, small for a count: if they "
                f"are millions or billions say units={{'{name}': 'B'}} (--units {name}=B)"
            )
        elif values.min() <= SMALL_COUNT and (gap := _gap(values)) > GAP:
            yield (
                f"{name} run from {values.min():.4g} to {values.max():.4g} with a gap of "
                f"{gap:.2g} decades: some rows look like millions or billions, others like counts"
            )


def _gap(values: np.ndarray) -> float:
    """Decades of the widest gap."""
    return float(np.max(np.diff(np.log10(np.sort(values)))))


def _duplicates(runs: RunColumns) -> Iterator[str]:
    given = [runs.loss, runs.params, runs.tokens, runs.flops, runs.unique_tokens, runs.steps]
    table = np.column_stack([c for c in given if c is not None])
    _, first, counts = np.unique(table, axis=0, return_index=True, return_counts=True)
    if (extra := int(counts.sum() - len(counts))) > 0:
        row = runs.rows[first[np.argmax(counts > 1)]]
        yield f"{extra} rows repeat another row exactly (the first is row {row}); each counts"


def _rising(runs: RunColumns) -> Iterator[str]:
    """Neighbouring sizes at the same data: the larger model should not do worse."""
    if runs.params is None or runs.tokens is None or "tokens" in runs.derived:
        return
    group = runs.experiment if runs.experiment is not None else np.zeros(len(runs), dtype=np.str_)
    unique = runs.unique_tokens if runs.unique_tokens is not None else np.zeros(len(runs))
    order = np.lexsort((runs.params, unique, runs.tokens, group))
    a, b = order[:-1], order[1:]
    same = (group[a] == group[b]) & (unique[a] == unique[b])
    same &= (runs.tokens[a] == runs.tokens[b]) & (runs.params[b] > 1.05 * runs.params[a])
    worse = same & (runs.loss[b] > 1.01 * runs.loss[a])
    if worse.sum() > 0.2 * same.sum():
        k = int(np.flatnonzero(worse)[np.argmax((runs.loss[b] / runs.loss[a])[worse])])
        students = runs.size_name == "n_features"
        why = "double descent" if students else "repeated data, too high a learning rate"
        yield (
            f"loss rises with {runs.size_name} at the same {runs.data_name} in {worse.sum()} of "
            f"{same.sum()} neighbouring pairs (worst: rows {runs.rows[a[k]]} and "
            f"{runs.rows[b[k]]}): {why}, or columns swapped"
        )


def _groups(runs: RunColumns) -> Iterator[str]:
    if runs.flagged is not None and runs.flagged.any():
        yield (
            f"{runs.flagged.sum()} of {len(runs)} runs are flagged in column "
            f"{runs.recognised.get('flagged', 'flagged')!r} and kept: .without_flagged() drops them"
        )
    if runs.experiment is not None and (names := np.unique(runs.experiment)).size > 1:
        column = runs.recognised.get("experiment", "experiment")
        yield (
            f"the table holds {names.size} experiments (column {column!r}), whose losses may not "
            f"be comparable: choose one with where={{'{column}': '{names[0]}'}}"
        )
