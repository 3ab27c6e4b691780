"""Which law: every form that applies, judged by the larger runs that it foretells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, inf, log10
from typing import Any

import numpy as np

from eigenscale.errors import ConvergenceError, InputError
from eigenscale.laws.base import Law
from eigenscale.laws.blend import Blend, blend, weights_of
from eigenscale.laws.fit import fit, fit_table, foretell, without_largest
from eigenscale.laws.likelihood import aicc
from eigenscale.laws.objective import parse_objective
from eigenscale.laws.result import LawFit
from eigenscale.laws.rolling import TIMES, UNSETTLED, Rolling, allowance, few
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
DRAWS = 100
TOO_SUPPLE = ("broken-2", "saturating")  # bend along compute where size and data are what counts
JOINT = {"params", "tokens"}
RUNS_PER_PARAMETER = 2  # fewer are no ground to judge a form by


@dataclass(frozen=True, eq=False)
class Candidate:
    """One law's record on the table.

    Attributes
    ----------
    law : str
    fit : LawFit or None
        None where the law does not apply; `reason` says why.
    holdout_error : float
        Root mean square log error on the held-out runs.
    rolling, inner : Rolling
        How it foretold the next tenth of the runs, step by step: of all runs, which the choice is
        made by; and of those that were not held out, which the choice would have been made by
        without them.
    interval_score, inside, aicc : float
    """

    law: str
    fit: LawFit | None
    holdout_error: float = inf
    rolling: Rolling = field(default_factory=lambda: Rolling((), (), ()))
    inner: Rolling = field(default_factory=lambda: Rolling((), (), ()))
    interval_score: float = inf
    inside: float = float("nan")
    aicc: float = inf
    reason: str = ""

    @property
    def rolling_error(self) -> float:
        """Mean size of the log errors over all steps."""
        return self.rolling.error

    @property
    def inner_error(self) -> float:
        """The same without the held-out runs."""
        return self.inner.error

    @property
    def is_joint(self) -> bool:
        """Whether it is a law of size and data."""
        return self.fit is not None and set(self.fit.law.inputs) >= JOINT

    @property
    def n_free(self) -> int:
        """How many parameters were fitted."""
        return 0 if self.fit is None else len(self.fit.law.parameters) - len(self.fit.fixed)

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        if self.fit is None:
            return {"law": self.law, "holdout_error": None, "reason": self.reason}
        family, _, _ = self.fit.law.name.partition(":")
        return {
            "law": family,
            "inputs": list(self.fit.law.inputs),
            "n_parameters": self.n_free,
            "holdout_error": self.holdout_error,
            "rolling_error": self.rolling_error,
            "inner_error": self.inner_error,
            "interval_score": self.interval_score,
            "inside": self.inside,
            "aicc": self.aicc,
            "objective": self.fit.objective_value,
            "converged": self.fit.certificate.converged,
            "parameters": {k: v.value for k, v in self.fit.parameters.items()},
        }


@dataclass(frozen=True, eq=False)
class Comparison:
    """All candidates, by how they foretold larger runs; `best` is fitted with all draws.

    Attributes
    ----------
    candidates : tuple of Candidate
        By rolling error.
    best : LawFit
        Of those that foretold larger runs as well as any, within one standard error: a law of
        size and data if there is one, and of fewest parameters.
    """

    candidates: tuple[Candidate, ...]
    best: LawFit

    @property
    def fitted(self) -> tuple[Candidate, ...]:
        """The candidates that apply."""
        return tuple(c for c in self.candidates if c.fit is not None)

    @property
    def chosen(self) -> Candidate:
        """The candidate that `best` is the fit of."""
        return simplest(self._blended, [c.rolling for c in self._blended])

    @property
    def chosen_inside(self) -> Candidate:
        """The law that would have been chosen without the held-out runs, which judge it."""
        return simplest(self._blended, [c.inner for c in self._blended])

    @property
    def blend_error(self) -> float:
        """Error on the held-out runs of the forms blended without them; NaN where none can be."""
        able = [
            (c.inner_error, c.fit.holdout)
            for c in self._blended
            if c.fit is not None and c.fit.holdout is not None and np.isfinite(c.inner_error)
        ]
        if not able:
            return float("nan")
        held = [one for _, one in able]
        if any(len(one.measured) != len(held[0].measured) for one in held):
            return float("nan")
        weights = weights_of([error for error, _ in able])
        errors = np.average([one.log_errors for one in held], axis=0, weights=weights)
        return float(np.sqrt(np.mean(errors**2)))

    @property
    def _blended(self) -> list[Candidate]:
        return eligible(self.fitted)

    def to_dict(self) -> dict[str, Any]:
        """Keys of the best fit, with ``laws`` for all of them."""
        choice = {
            "chosen_without_the_held_out": self.chosen_inside.law,
            "its_holdout_error": self.chosen_inside.holdout_error,
            "blend_holdout_error": self.blend_error,
        }
        laws = [c.to_dict() for c in self.candidates]
        return {**self.best.to_dict(), "laws": laws, "choice": choice}

    def blend(self, draws: int = 1000, rng: int | np.random.Generator = 0) -> Blend:
        """Blend the candidates by their rolling errors: what to foretell larger runs with."""
        fits = [c.fit for c in self._blended if c.fit is not None]
        errors = [c.rolling_error for c in self._blended]
        return blend(fits, errors, draws=draws, rng=rng, best=self.best)

    def used(self, draws: int = 1000, rng: int | np.random.Generator = 0) -> Blend | LawFit:
        """Give what is foretold, saved and planned with: the blend, else the best form.

        That is where runs are too few to weigh the forms by.
        """
        known = any(np.isfinite(c.rolling_error) for c in self._blended)
        return self.blend(draws, rng) if known else self.best

    def sentence(self) -> str:
        """Say which law, how clear it is, and how a choice made this way did."""
        first, chosen = self._blended[0], self.chosen
        text = (
            f"{first.law} has foretold larger runs best, step by step "
            f"(error {100 * first.rolling_error:.2g} %)"
        )
        tied = [c.law for c in self._blended[1:] if c.rolling.ties_with(first.rolling)]
        if tied:
            text += f"; {', '.join(tied)} within one standard error of it: the runs do not settle "
            text += "the form"
        if chosen is not first:
            kind = "in size and data, " if chosen.is_joint and not first.is_joint else ""
            text += (
                f", and {chosen.law} ({kind}{chosen.n_free} parameters) is the simplest of these"
            )
        inside = self.chosen_inside
        text += (
            f". Chosen in the same way without the largest runs, {inside.law} foretells these "
            f"within {100 * inside.holdout_error:.2g} %"
        )
        if np.isfinite(self.blend_error):
            text += f", all forms blended within {100 * self.blend_error:.2g} %"
        return text


def compare(
    runs: Any,
    laws: tuple[str | Law, ...] | None = None,
    *,
    objective: str = "huber:1e-3",
    holdout: float | None = None,
    bootstrap: int = 1000,
    resampling: str = "auto",
    fix: Mapping[str, float] | None = None,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Fit every law that the runs allow, and rank them by extrapolation.

    Parameters
    ----------
    runs, objective, bootstrap, resampling, fix, level, rng
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
    asked: dict[str, Any] = {"level": level, "resampling": resampling}
    records = [
        _judge(runs, law, objective, share, dict(fix or {}), asked)
        for law in track(laws, len(laws) + 1, progress)
    ]
    ranked = sorted(records, key=lambda c: (c.fit is None, c.rolling_error, c.holdout_error))
    if ranked[0].fit is None:
        reason = ranked[0].reason
        raise InputError(f"no law can be fitted to these runs: {ranked[0].law}: {reason}")
    able = eligible([c for c in ranked if c.fit is not None])
    first = simplest(able, [c.rolling for c in able])
    assert first.fit is not None
    best = fit(
        runs,
        first.fit.law,
        objective=objective,
        bootstrap=bootstrap,
        fix=_known(first.fit.law, fix),
        rng=rng,
        **asked,
    )
    said = _all_miss([c.fit for c in ranked if c.fit is not None])
    return Comparison(
        tuple(ranked),
        replace(best, holdout=first.fit.holdout, warnings=(*said, *best.warnings)),
    )


def eligible(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out forms that bend along compute alone, where a law of size and data applies."""
    if not any(c.is_joint for c in candidates):
        return list(candidates)
    return [c for c in candidates if c.law not in TOO_SUPPLE]


def simplest(candidates: Sequence[Candidate], records: Sequence[Rolling]) -> Candidate:
    """Of those that foretold as well as any, take a law of size and data, of few parameters.

    As well: within one standard error (Breiman et al. 1984, section 3.4.3) and a fifth.
    """
    pairs = list(zip(candidates, records, strict=True))
    _, best = min(pairs, key=lambda pair: (pair[1].error, pair[0].holdout_error))
    tied = [(c, r) for c, r in pairs if r is best or r.ties_with(best)]
    return min(tied, key=lambda pair: (not pair[0].is_joint, pair[0].n_free, pair[1].error))[0]


def _all_miss(fits: list[LawFit]) -> list[str]:
    """Warn where no form foretold larger runs well enough to be a guide beyond them."""
    reaches = [one.reach for one in fits if np.isfinite(one.reach)]
    half = float(allowance(min(reaches, default=0.0), log10(TIMES)))
    if not half > UNSETTLED:
        return []
    said = (
        f"every form missed larger runs by much: at {TIMES:g} times the largest {fits[0].cost} "
        f"none is known better than to a factor of {few(exp(half))}; do not extrapolate, make "
        "larger runs"
    )
    return [said]


def _known(law: Law, fix: Mapping[str, float] | None) -> dict[str, float]:
    """Keep the fixed parameters that this law has; the others are for other laws."""
    return {name: value for name, value in (fix or {}).items() if name in law.names}


def _judge(
    runs: Any,
    law: str | Law,
    objective: str,
    share: float,
    fix: dict[str, float],
    asked: dict[str, Any],
) -> Candidate:
    name = law if isinstance(law, str) else law.name
    try:
        chosen, table = choose(law, runs)
        known = _known(chosen, fix)
        table = usable(table, chosen, known)
        _worth_judging(chosen, table, len(chosen.parameters) - len(known))
        rng = np.random.default_rng(0)
        found = fit_table(table, chosen, parse_objective(objective), known, 0, **asked)
        found = replace(
            found,
            runs=runs if isinstance(runs, Runs) else None,
            size_name=getattr(runs, "size_name", "params"),
            data_name=getattr(runs, "data_name", "tokens"),
        )
        part, large = without_largest(found, share, rng, draws=DRAWS)
        held = foretell(part, large)
    except (InputError, ConvergenceError) as error:
        return Candidate(name, None, reason=str(error))
    return Candidate(
        name,
        replace(found, holdout=held, record=found.rolling),
        held.error,
        found.rolling,
        part.rolling,
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
