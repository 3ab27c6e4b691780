"""Prior, posterior and the runs alone, shown apart: what each contributes to a parameter."""

from dataclasses import dataclass
from typing import Any

from eigenscale.errors import ConvergenceError, InputError
from eigenscale.laws.estimation.prior import Normal
from eigenscale.laws.estimation.stated import PLAIN
from eigenscale.laws.fit_table import fit_table
from eigenscale.laws.result import LawFit
from eigenscale.results import Interval
from eigenscale.text.numbers import number


@dataclass(frozen=True)
class Apart:
    """One parameter that has a prior.

    Attributes
    ----------
    parameter : str
    prior : Normal
    posterior : Interval
        Of the fit, prior included.
    data : Interval or None
        Of the same runs and weights without any prior; None where they do not identify it.
    """

    parameter: str
    prior: Normal
    posterior: Interval
    data: Interval | None

    def to_dict(self) -> dict[str, Any]:
        """Plain form."""
        return {
            "parameter": self.parameter,
            "prior": {"mean": self.prior.mean, "sd": self.prior.sd},
            "posterior": self.posterior.to_dict(),
            "data": None if self.data is None else self.data.to_dict(),
        }

    def sentence(self) -> str:
        """Say it in words."""
        alone = "the runs alone do not identify it"
        if self.data is not None:
            d = self.data
            alone = f"the runs alone {number(d.value)} ({number(d.low)}–{number(d.high)})"
        p = self.posterior
        return (
            f"{self.parameter}: prior {number(self.prior.mean)} ± {number(self.prior.sd)}, "
            f"{alone}, both together {number(p.value)} ({number(p.low)}–{number(p.high)})"
        )


def apart(found: LawFit) -> list[Apart]:
    """Set prior, posterior and the runs alone side by side, for each parameter with a prior.

    The runs alone have intervals by the delta method.
    """
    if found.prior is None or found.table is None:
        return []
    try:
        alone = fit_table(
            found.table, found.law, found.objective, found.fixed, 0, level=found.level,
            estimator=PLAIN,
        ).parameters  # fmt: skip
    except (InputError, ConvergenceError):
        alone = {}
    return [
        Apart(name, normal, found.parameters[name], _finite(alone.get(name)))
        for name, normal in found.prior.parameters.items()
        if name in found.parameters
    ]


def _finite(one: Interval | None) -> Interval | None:
    return one if one is not None and one.low == one.low and one.high == one.high else None
