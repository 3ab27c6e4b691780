"""A fitted law with the analyses that say how far it can be believed."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from eigenscale.laws.allocation.approaches import approaches
from eigenscale.laws.allocation.growth import Growth
from eigenscale.laws.backtest.extrapolation import backtest_sentences
from eigenscale.laws.estimation.likelihood import aicc
from eigenscale.laws.inferred import Inferred
from eigenscale.laws.uncertainty.identify import Identifiability, identifiability
from eigenscale.laws.uncertainty.sensitivity import Variation, sensitivity
from eigenscale.laws.uncertainty.structure import Structure, structure


@dataclass(frozen=True, eq=False)
class Judged(Inferred):
    """A fitted law and its analyses, each computed when it is first asked for."""

    @cached_property
    def identifiability(self) -> Identifiability:
        """What the runs cannot tell apart."""
        return identifiability(self)

    @cached_property
    def structure(self) -> Structure:
        """Whether the residuals still have a shape."""
        return structure(self)

    @cached_property
    def sensitivity(self) -> list[Variation]:
        """How the answer moves with outliers, delta, the floor and ways of counting."""
        return sensitivity(self)

    @cached_property
    def approaches(self) -> list[Growth]:
        """Approaches 1 and 2 of Hoffmann et al. compared with this fit."""
        return approaches(self)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about, in sentences; empty where nothing was found."""
        found = list(self.remarks)
        if self.table is not None:
            scatter = float(np.sqrt(np.mean(self.residuals**2)))
            found += [doubt.sentence for doubt in self.identifiability.doubts]
            found += self.structure.sentences(scatter)
            found += backtest_sentences(self.law.name, self.reach, self.cost, self.level)
        if self.failed_draws:
            found.append(f"{self.failed_draws} resampled tables did not converge and are left out")
        return tuple(found)

    @property
    def cautions(self) -> list[str]:
        """The same as `warnings`, by their name of version 0.1."""
        return list(self.warnings)

    def judgement(self) -> dict[str, Any]:
        """Plain form of the analyses; empty without the runs."""
        if self.table is None:
            return {}
        return {
            "identifiability": self.identifiability.to_dict(),
            "sensitivity": [v.to_dict(self.law.names) for v in self.sensitivity],
            "residual_structure": self.structure,
            "aicc": aicc(self),
            "approaches": [growth.to_dict() for growth in self.approaches],
        }
