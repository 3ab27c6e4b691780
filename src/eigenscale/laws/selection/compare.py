"""Which law: every form that applies, judged by how it predicts larger runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, log10
from typing import Any

import numpy as np

from eigenscale.arrays import check_count, check_level
from eigenscale.errors import ConvergenceError, InputError
from eigenscale.io.runs.container import Runs
from eigenscale.io.runs.read import read_runs
from eigenscale.laws.allocation.approaches import weighable
from eigenscale.laws.backtest.extrapolation import TIMES, UNSETTLED, allowance
from eigenscale.laws.backtest.record import few
from eigenscale.laws.estimation.objective import parse_objective
from eigenscale.laws.estimation.prior import weak_priors
from eigenscale.laws.estimation.stated import DEFAULT
from eigenscale.laws.fit_table import fit_table
from eigenscale.laws.fitting import fit, hold_out, predict_runs, without_largest
from eigenscale.laws.law import Law
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.average import BOTH, Blend, blend
from eigenscale.laws.selection.candidate import Candidate, candidate, eligible, simplest
from eigenscale.laws.summary import estimator_text
from eigenscale.laws.table import Table, choose, needed_runs, usable
from eigenscale.progress import Progress, track
from eigenscale.results import Result, plain

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
MANY, FAR_BETTER = 20, 0.5  # runs, and share of the error, for another law than the default
PREFERRED = {
    "data-constrained": "tokens are repeated",
    "chinchilla": "size and data were varied apart",
    "power": "one quantity varies, or size and data grow together",
}


@dataclass(frozen=True, eq=False)
class Comparison(Result):
    """All laws that apply, by how they predicted larger runs, and the one that predictions use.

    Attributes
    ----------
    candidates : tuple of Candidate
        Every law that was tried, by backtest error: fitted plainly, but for the one that is used.
    best : LawFit
        The law that is used, fitted by the default estimator with all draws.
    reason : str
        Why that law.
    """

    candidates: tuple[Candidate, ...]
    best: LawFit
    reason: str

    @property
    def fitted(self) -> tuple[Candidate, ...]:
        """The candidates that apply."""
        return tuple(c for c in self.candidates if c.fit is not None)

    def __repr__(self) -> str:
        names = ", ".join(one.law for one in self.candidates)
        return f"Comparison({self.best.law.name} of {names})"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences."""
        return self.best.warnings

    @plain
    def to_dict(self) -> dict[str, Any]:
        """Keys of the best fit, with ``laws`` for all of them."""
        held = self.best.holdout
        choice = {
            "law": self.best.law.name,
            "estimator": self.best.settings["estimator"],
            "reason": self.reason,
            "rolling_error": self.best.rolling.error,
            "chosen_without_the_held_out": self.best.law.name,
            "its_holdout_error": None if held is None else held.error,
        }
        laws = [c.to_dict() for c in self.candidates]
        shares = {self.best.law.name: 1.0}
        return {**self.best.to_dict(), "laws": laws, "choice": choice, "blend": shares}

    def blend(self, draws: int = 1000, rng: int | np.random.Generator = 0) -> Blend:
        """Average the candidates, weighted by their backtest errors."""
        able = eligible(self.fitted)
        fits = [c.fit for c in able if c.fit is not None]
        errors = [c.rolling_error for c in able]
        return blend(fits, errors, draws=draws, rng=rng, best=self.best)

    def sentence(self) -> str:
        """Say which law is used and why, and how it and the others predicted larger runs."""
        text = f"Predictions use {self.best.law.name} ({self.reason}), {estimator_text(self.best)}"
        plain = [c for c in self.fitted if c.fit is not None and c.fit.prior is None]
        known = [c for c in plain if np.isfinite(c.rolling_error)]
        if np.isfinite(self.best.rolling.error):
            text += (
                f". In a backtest its error on larger runs is {_percent(self.best.rolling.error)}"
            )
            if known:
                first = known[0]
                text += f"; of plain fits, {first.law} has the smallest, "
                text += _percent(first.rolling_error)
        else:
            text += ". The runs are too few for a backtest, so the choice rests on the form alone"
        held = self.best.holdout
        if held is not None:
            runs = "largest run" if held.n_held_out == 1 else f"{held.n_held_out} largest runs"
            text += f". Fitted without the {runs}, it is off there by {_percent(held.error)}"
        return text


def _percent(error: float) -> str:
    return f"{100 * error:.2g} %"


def compare(
    runs: Any,
    laws: tuple[str | Law, ...] | None = None,
    *,
    objective: str = "huber:1e-3",
    holdout: float | None = None,
    bootstrap: int = 1000,
    resampling: str = "auto",
    fix: Mapping[str, float] | None = None,
    prior: Mapping[str, tuple[float, float]] | None = None,
    level: float = 0.9,
    rng: int | np.random.Generator = 0,
    progress: Progress | None = None,
) -> Comparison:
    """Fit every law that the runs allow, rank them by extrapolation, and fit the default one.

    The default is the first of `PREFERRED` that the runs allow, fitted by the default estimator
    (`laws.estimation.stated`), which errs less on larger runs than any choice or average of plain
    fits (``docs/laws-evidence.md``).

    Parameters
    ----------
    runs, objective, bootstrap, resampling, fix, prior, level, rng
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
    check_level(level)
    check_count(bootstrap, "bootstrap")
    runs = runs if isinstance(runs, Runs | Mapping) else read_runs(runs)
    share = DEFAULT_SHARE if holdout is None else holdout
    asked: dict[str, Any] = {"level": level, "resampling": resampling}
    laws = CANDIDATES if laws is None else laws
    judged = [
        _judge(runs, law, objective, share, dict(fix or {}), asked)
        for law in track(laws, len(laws) + 1, progress)
    ]
    law, reason = _used(runs, laws, _ranked(judged))
    best = fit(
        runs,
        law,
        objective=objective,
        bootstrap=bootstrap,
        fix=_known(law, fix),
        prior=_known(law, prior),
        estimator=DEFAULT,
        rng=rng,
        **asked,
    )
    best = _held_out(best, share)
    missed = _all_miss([c.fit for c in judged if c.fit is not None])
    best = replace(best, record=best.rolling, remarks=(*missed, *best.remarks))
    others = [c for c in judged if c.fit is None or c.fit.law.name != law.name]
    return Comparison(_ranked([*others, candidate(best)]), best, reason)


def _ranked(judged: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Sort by backtest error, or where a law has none by its error on the held-out runs."""

    def key(one: Candidate) -> tuple[bool, float, float]:
        known = np.isfinite(one.rolling_error)
        first = one.rolling_error if known else one.holdout_error
        if one.fit is not None and one.fit.prior is not None and not np.isfinite(first):
            first = 0.0  # used though nothing can judge it
        return one.fit is None, first, one.holdout_error

    return tuple(sorted(judged, key=key))


def _used(runs: Any, laws: Sequence[str | Law], ranked: Sequence[Candidate]) -> tuple[Law, str]:
    """Choose the law that predictions use: the first of `PREFERRED` that the runs allow.

    Another law takes its place where there are many runs, and in the backtest it erred by less
    than half as much.
    """
    fitted = [c for c in ranked if c.fit is not None]
    for name, reason in PREFERRED.items():
        if name not in laws or (law := _allowed(name, runs)) is None:
            continue
        plain = next((c for c in fitted if c.law == name), None)
        first = eligible(fitted)[0] if fitted else None
        if plain is None or first is None or first.fit is None or first.fit.n_runs < MANY:
            return law, reason
        if first.rolling_error < FAR_BETTER * plain.rolling_error < np.inf:
            return first.fit.law, "in a backtest it erred by less than half as much as the default"
        return law, reason
    if not fitted:
        raise InputError(f"no law can be fitted to these runs: {ranked[0].law}: {ranked[0].reason}")
    first = simplest(eligible(fitted), [c.rolling for c in eligible(fitted)])
    assert first.fit is not None
    return first.fit.law, "the simplest of those that predicted larger runs best"


def _allowed(name: str, runs: Any) -> Law | None:
    """Find the law if the runs allow it: inputs that vary, and that were varied apart."""
    try:
        law, table = choose(name, runs)
        usable(table, law, {}, needed_runs(law, {}, weak_priors(law, 1.0)))
        if "unique_tokens" in law.inputs:
            _worth_judging(law, table, len(law.parameters))
    except InputError:
        return None
    return law if BOTH - set(law.inputs) or weighable(table) else None


def _held_out(found: LawFit, share: float) -> LawFit:
    """Add the largest runs as predicted without them, where enough are left."""
    try:
        held = hold_out(found, share, np.random.default_rng(0), DRAWS)
    except (InputError, ConvergenceError):
        return found
    return replace(found, holdout=held)


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


def _known(law: Law, given: Mapping[str, Any] | None) -> dict[str, Any]:
    """Keep what is said of parameters that this law has; the others are for other laws."""
    return {name: value for name, value in (given or {}).items() if name in law.names}


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
    return candidate(replace(found, holdout=held, record=found.rolling), name)


def _worth_judging(law: Law, table: Table, free: int) -> None:
    if len(table) < RUNS_PER_PARAMETER * free:
        raise InputError(f"{len(table)} runs are too few to judge {free} parameters by")
    inputs = table.inputs
    if "unique_tokens" in law.inputs and (inputs["tokens"] <= inputs["unique_tokens"] * 1.01).all():
        raise InputError("no run repeats tokens, so the value of repeats cannot be fitted")
