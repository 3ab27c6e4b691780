"""Which law: every form that applies, judged by the larger runs that it foretells."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Any

import numpy as np

from eigenscale.errors import ConvergenceError, InputError
from eigenscale.laws.base import Law
from eigenscale.laws.blend import Blend, blend
from eigenscale.laws.fit import fit, fit_table, hold_out, refit
from eigenscale.laws.likelihood import aicc
from eigenscale.laws.objective import parse_objective
from eigenscale.laws.result import LawFit
from eigenscale.laws.table import Table, choose, usable
from eigenscale.progress import Progress, track
from eigenscale.runs import Runs, read_runs

CANDIDATES = (
    "chinchilla",
    "chinchilla-tied",
    "generalised",
    "kaplan",
    "solvable",
    "solvable-latent",
    "data-constrained",
    "steps",
    "power",
    "power-no-floor",
    "broken",
    "broken-2",
    "saturating",
)
DEFAULT_SHARE = 0.2
ROLLING = (0.5, 0.6, 0.7, 0.8, 0.9)  # shares of the runs, by compute, that each fit may see
DRAWS = 100
TOO_SUPPLE = ("broken-2", "saturating")  # bend to any table, and not blended
RUNS_PER_PARAMETER = 2  # fewer are no ground to judge a form by


@dataclass(frozen=True, eq=False)
class Candidate:
    """One law's record on the table.

    Attributes
    ----------
    law : str
    fit : LawFit or None
        None where the law does not apply; `reason` says why.
    holdout_error, rolling_error : float
        Root mean square log error on the held-out runs; and over steps that each foretell the
        next tenth of the runs.
    interval_score, inside, aicc : float
    """

    law: str
    fit: LawFit | None
    holdout_error: float = inf
    rolling_error: float = inf
    interval_score: float = inf
    inside: float = float("nan")
    aicc: float = inf
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        if self.fit is None:
            return {"law": self.law, "holdout_error": None, "reason": self.reason}
        family, _, _ = self.fit.law.name.partition(":")
        return {
            "law": family,
            "inputs": list(self.fit.law.inputs),
            "n_parameters": len(self.fit.law.parameters) - len(self.fit.fixed),
            "holdout_error": self.holdout_error,
            "rolling_error": self.rolling_error,
            "interval_score": self.interval_score,
            "inside": self.inside,
            "aicc": self.aicc,
            "objective": self.fit.objective_value,
            "parameters": {k: v.value for k, v in self.fit.parameters.items()},
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """All candidates, best first; `best` is fitted with all draws."""

    candidates: tuple[Candidate, ...]
    best: LawFit

    def to_dict(self) -> dict[str, Any]:
        """Keys of the best fit, with ``laws`` for all of them."""
        return {**self.best.to_dict(), "laws": [c.to_dict() for c in self.candidates]}

    def blend(self, draws: int = 1000, rng: int | np.random.Generator = 0) -> Blend:
        """Blend the candidates by their rolling errors: what to foretell larger runs with."""
        able = [c for c in self.candidates if c.fit is not None]
        fitted = [c for c in able if c.law not in TOO_SUPPLE] or able
        fits = [c.fit for c in fitted if c.fit is not None]
        return blend(fits, [c.rolling_error for c in fitted], draws=draws, rng=rng)

    def sentence(self) -> str:
        """Say which law, and how clear it is."""
        first, *others = [c for c in self.candidates if c.fit is not None]
        text = f"{first.law} foretells the held-out runs best ({100 * first.holdout_error:.2g} %)"
        close = [c.law for c in others if c.holdout_error < 1.2 * first.holdout_error]
        if close:
            text += f"; {', '.join(close)} within a fifth of it: the runs do not settle the form"
        return text


def compare(
    runs: Any,
    laws: tuple[str | Law, ...] | None = None,
    *,
    objective: str = "huber:1e-3",
    holdout: float | None = None,
    bootstrap: int = 1000,
    fix: Mapping[str, float] | None = None,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Fit every law that the runs allow, and rank them by extrapolation.

    Parameters
    ----------
    runs, objective, bootstrap, fix, level, rng
        As for `fit`.
    laws : tuple of str or Law, optional
        Candidates; all of `CANDIDATES` by default.
    holdout : float, optional
        Largest runs by compute to hold out: number, or share below 1 (0.2 by default).

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        No law applies.
    """
    runs = runs if isinstance(runs, Runs | Mapping) else read_runs(runs)
    laws = CANDIDATES if laws is None else laws
    share = DEFAULT_SHARE if holdout is None else holdout
    records = [
        _judge(runs, law, objective, share, dict(fix or {}), level)
        for law in track(laws, len(laws) + 1, progress)
    ]
    ranked = sorted(records, key=lambda c: (c.fit is None, c.holdout_error))
    first = ranked[0]
    if first.fit is None:
        raise InputError(f"no law can be fitted to these runs: {first.law}: {first.reason}")
    best = fit(
        runs,
        first.fit.law,
        objective=objective,
        bootstrap=bootstrap,
        fix=_known(first.fit.law, fix),
        level=level,
        rng=rng,
    )
    return Comparison(tuple(ranked), replace(best, holdout=first.fit.holdout))


def _known(law: Law, fix: Mapping[str, float] | None) -> dict[str, float]:
    """Keep the fixed parameters that this law has; the others are for other laws."""
    return {name: value for name, value in (fix or {}).items() if name in law.names}


def _judge(
    runs: Any, law: str | Law, objective: str, share: float, fix: dict[str, float], level: float
) -> Candidate:
    name = law if isinstance(law, str) else law.name
    try:
        chosen, table = choose(law, runs)
        known = _known(chosen, fix)
        table = usable(table, chosen, known)
        _worth_judging(chosen, table, len(chosen.parameters) - len(known))
        rng = np.random.default_rng(0)
        found = fit_table(table, chosen, parse_objective(objective), known, 0, level=level)
        held = hold_out(found, share, rng, draws=DRAWS)
    except (InputError, ConvergenceError) as error:
        return Candidate(name, None, reason=str(error))
    return Candidate(
        name,
        replace(found, holdout=held),
        held.error,
        rolling_error(found),
        held.interval_score,
        held.inside,
        aicc(found),
    )


def _worth_judging(law: Law, table: Table, free: int) -> None:
    if len(table) < RUNS_PER_PARAMETER * free:
        raise InputError(f"{len(table)} runs are too few to judge {free} parameters by")
    inputs = table.inputs
    if "unique_tokens" in law.inputs and (inputs["tokens"] <= inputs["unique_tokens"] * 1.01).all():
        raise InputError("no run repeats tokens, so nothing can be said of repeats")


def rolling_error(found: LawFit) -> float:
    """Root mean square log error when each tenth of the runs is foretold from all smaller ones."""
    table = found.table
    assert table is not None
    order = np.argsort(table.compute(), kind="stable")
    errors = []
    for seen in ROLLING:
        split, end = round(seen * len(order)), round((seen + 0.1) * len(order))
        small, next_ones = table.take(np.sort(order[:split])), table.take(np.sort(order[split:end]))
        if not len(next_ones):
            continue
        try:
            theta = refit(found, small, polish=False)
        except (InputError, ConvergenceError):
            return inf
        inputs = {name: next_ones.inputs[name] for name in found.law.inputs}
        errors.append(np.log(found.law.predict(theta, **inputs) / next_ones.target))
    return float(np.sqrt(np.mean(np.concatenate(errors) ** 2))) if errors else inf
