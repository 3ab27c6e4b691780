"""One law's record on a table, and how one is chosen of several."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any

from eigenscale.laws.backtest.record import Rolling
from eigenscale.laws.estimation.likelihood import aicc
from eigenscale.laws.result import LawFit
from eigenscale.laws.selection.average import BOTH

TOO_SUPPLE = ("broken-2", "saturating")  # bend along compute where size and data are what counts


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
    rolling : Rolling
        How it predicted the next tenth of the runs, step by step.
    interval_score, inside, aicc : float
    """

    law: str
    fit: LawFit | None
    holdout_error: float = inf
    rolling: Rolling = field(default_factory=lambda: Rolling((), (), ()))
    interval_score: float = inf
    inside: float = float("nan")
    aicc: float = inf
    reason: str = ""

    @property
    def rolling_error(self) -> float:
        """Mean size of the log errors over all steps."""
        return self.rolling.error

    @property
    def is_joint(self) -> bool:
        """Whether it is a law of size and data."""
        return self.fit is not None and set(self.fit.law.inputs) >= BOTH

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
            "estimator": self.fit.settings["estimator"],
            "holdout_error": self.holdout_error,
            "rolling_error": self.rolling_error,
            "interval_score": self.interval_score,
            "inside": self.inside,
            "aicc": self.aicc,
            "objective": self.fit.objective_value,
            "converged": self.fit.certificate.converged,
            "parameters": {k: v.value for k, v in self.fit.parameters.items()},
        }


def candidate(found: LawFit, name: str = "") -> Candidate:
    """Collect what speaks for a law: its backtest and, where there is one, its hold-out."""
    family, _, _ = found.law.name.partition(":")
    held = found.holdout
    if held is None:
        return Candidate(name or family, found, rolling=found.rolling, aicc=aicc(found))
    return Candidate(
        name or family,
        found,
        held.error,
        found.rolling,
        held.interval_score,
        held.inside,
        aicc(found),
    )


def eligible(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out forms that bend along compute alone, where a law of size and data applies."""
    if not any(c.is_joint for c in candidates):
        return list(candidates)
    return [c for c in candidates if c.law not in TOO_SUPPLE]


def simplest(candidates: Sequence[Candidate], records: Sequence[Rolling]) -> Candidate:
    """Of those that predicted as well as any, take a law of size and data, of few parameters.

    As well: within one standard error (Breiman et al. 1984, section 3.4.3) and a fifth.
    """
    pairs = list(zip(candidates, records, strict=True))
    _, best = min(pairs, key=lambda pair: (pair[1].error, pair[0].holdout_error))
    tied = [(c, r) for c, r in pairs if r is best or r.ties_with(best)]
    return min(tied, key=lambda pair: (not pair[0].is_joint, pair[0].n_free, pair[1].error))[0]
