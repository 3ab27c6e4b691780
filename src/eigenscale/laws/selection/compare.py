"""Which law: every form that applies, judged by how it predicts larger runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp, log10
from typing import Any

import numpy as np

from eigenscale.errors import ConvergenceError, InputError
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.backtest.extrapolation import TIMES, UNSETTLED, allowance
from eigenscale.laws.backtest.record import few
from eigenscale.laws.estimation.likelihood import aicc
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.fit_table import fit_table
from eigenscale.laws.fitting import fit, predict_runs, without_largest
from eigenscale.laws.law import Law
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.average import Blend, blend, weights_of
from eigenscale.laws.selection.candidate import Candidate, eligible, simplest
from eigenscale.laws.table import Table, choose, usable
from eigenscale.progress import Progress, track

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
RUNS_PER_PARAMETER = 2  # fewer are no ground to judge a form by


@dataclass(frozen=True, eq=False)
class Comparison:
    """All candidates, by how they predicted larger runs; `best` is fitted with all draws.

    Attributes
    ----------
    candidates : tuple of Candidate
        By rolling error.
    best : LawFit
        Of those that predicted larger runs as well as any, within one standard error: a law of
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
        """Blend the candidates by their rolling errors: what predictions are made with."""
        fits = [c.fit for c in self._blended if c.fit is not None]
        errors = [c.rolling_error for c in self._blended]
        return blend(fits, errors, draws=draws, rng=rng, best=self.best)

    def used(self, draws: int = 1000, rng: int | np.random.Generator = 0) -> Blend | LawFit:
        """Give what predictions and plans are made from: the average, else the best form.

        That is where runs are too few to weigh the forms by.
        """
        known = any(np.isfinite(c.rolling_error) for c in self._blended)
        return self.blend(draws, rng) if known else self.best

    def sentence(self) -> str:
        """Say which law, how clear it is, and how a choice made this way did."""
        first, chosen = self._blended[0], self.chosen
        text = (
            f"In a backtest, {first.law} predicted larger runs best "
            f"(error {100 * first.rolling_error:.2g} %)"
        )
        tied = [c.law for c in self._blended[1:] if c.rolling.ties_with(first.rolling)]
        if tied:
            text += (
                f"; {', '.join(tied)} did as well within one standard error, so the runs do not "
            )
            text += "identify the form"
        if chosen is not first:
            kind = "in size and data, " if chosen.is_joint and not first.is_joint else ""
            text += (
                f", and {chosen.law} ({kind}{chosen.n_free} parameters) is the simplest of these"
            )
        inside = self.chosen_inside
        text += (
            f". Chosen in the same way without the largest runs, {inside.law} predicts them to "
            f"within {100 * inside.holdout_error:.2g} %"
        )
        if np.isfinite(self.blend_error):
            text += f", the average of all laws to within {100 * self.blend_error:.2g} %"
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
    missed = _all_miss([c.fit for c in ranked if c.fit is not None])
    return Comparison(
        tuple(ranked),
        replace(best, holdout=first.fit.holdout, warnings=(*missed, *best.warnings)),
    )


def _all_miss(fits: list[LawFit]) -> list[str]:
    """Warn where no form predicted larger runs well enough to be a guide beyond them."""
    reaches = [one.reach for one in fits if np.isfinite(one.reach)]
    half = float(allowance(min(reaches, default=0.0), log10(TIMES)))
    if not half > UNSETTLED:
        return []
    sentence = (
        f"Every law missed larger runs by a wide margin: at {TIMES:g} times the largest "
        f"{fits[0].cost} "
        f"none is known better than to a factor of {few(exp(half))}; do not extrapolate, make "
        "larger runs"
    )
    return [sentence]


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
        held = predict_runs(part, large)
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
        raise InputError("no run repeats tokens, so the value of repeats cannot be fitted")
