"""Learning rate and batch size for a plan by published rules, and what another batch costs.

To the same loss a run takes ``S = S_min (1 + B_crit/B)`` steps and ``C = C_min (1 + B/B_crit)``
compute (Kaplan et al. 2020, arXiv:2001.08361, equations 5.4 and 5.5, after McCandlish et al.
2018, arXiv:1812.06162), so ``(S/S_min - 1)(C/C_min - 1) = 1``: at the critical batch both double.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.laws.reference.constants import published
from eigenscale.planning.optimum.budget import TRAINING
from eigenscale.planning.trust.measured import EDGE_DECADES, decades_beyond

# Rule -> what it was measured on, checked against the sources except where marked. Ends that the
# source does not state are left open.
MEASURED: Mapping[str, Mapping[str, tuple[float, float]]] = MappingProxyType(
    {
        # Li et al. 2025, arXiv:2503.04715: the largest grid shown (figure 1) is 1B
        # params on 100B tokens; that no grid was larger is unverified.
        "step-law-learning-rate": {"params": (0.0, 1e9), "tokens": (0.0, 1e11)},
        "step-law-batch": {"params": (0.0, 1e9), "tokens": (0.0, 1e11)},
        # DeepSeek-AI 2024, arXiv:2401.02954, section 3.1: budgets of 1e17 to 2e19.
        "deepseek-learning-rate": {"flops": (1e17, 2e19)},
        "deepseek-batch": {"flops": (1e17, 2e19)},
        # Kaplan et al. 2020, arXiv:2001.08361, section 3: 768 to 1.5e9 params, 22M to 23B tokens.
        "kaplan-batch": {"params": (768.0, 1.5e9), "tokens": (2.2e7, 2.3e10)},
    }
)


@dataclass(frozen=True)
class Setting:
    """One hyper-parameter by one published rule.

    Attributes
    ----------
    rule, what, unit, source : str
        As ``"step-law-batch"``, ``"batch in tokens"``, ``"tokens"``, and who published it.
    value : float
    decades_beyond : float
        How far the plan lies beyond what the rule was measured on; 0 or less inside.
    reach : str
        The same in words.
    """

    rule: str
    what: str
    value: float
    unit: str
    source: str
    decades_beyond: float
    reach: str

    @property
    def is_measured(self) -> bool:
        """Whether the plan lies in the range that the rule was measured on."""
        return self.decades_beyond <= EDGE_DECADES


def hyperparameters(
    params: float, tokens: float, *, loss: float | None = None, flops: float | None = None
) -> list[Setting]:
    """Read learning rates and batch sizes for a run off published rules.

    Step Law (Li et al. 2025), DeepSeek (2024) and, where the loss is given, the critical batch
    of Kaplan et al. (2020), above which larger batches waste compute.

    Parameters
    ----------
    params, tokens : float
        Step Law and Kaplan count parameters without embeddings.
    loss : float, optional
        Loss expected, for the critical batch.
    flops : float, optional
        Compute of the run; ``6 N D`` where not given. DeepSeek counts non-embedding FLOPs with
        attention.

    Returns
    -------
    list of Setting

    Raises
    ------
    InputError
        A number is not positive.

    Examples
    --------
    >>> for setting in hyperparameters(1e9, 1e11):
    ...     print(f"{setting.rule:<22} {setting.value:.3g} {setting.unit}")
    step-law-learning-rate 0.00163 per step
    step-law-batch         1.11e+06 tokens
    deepseek-learning-rate 0.000788 per step
    deepseek-batch         1.83e+06 tokens
    """
    inputs = {"params": params, "tokens": tokens, "flops": flops or TRAINING * params * tokens}
    if loss is not None:
        inputs["loss"] = loss
    for name, value in inputs.items():
        if not 0 < value < math.inf:
            raise InputError(f"{name} {value:g} is not positive and finite; say what is trained")
    found = []
    for rule, ranges in MEASURED.items():
        law = published(rule)
        needed: Any = {name: inputs[name] for name in law.law.inputs if name in inputs}
        if len(needed) < len(law.law.inputs):
            continue
        beyond, reach = _reach(inputs, ranges)
        found.append(
            Setting(
                rule,
                law.law.label,
                float(law.predict(**needed)),
                law.units,
                law.source,
                beyond,
                reach,
            )
        )
    return found


def _reach(
    inputs: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]
) -> tuple[float, str]:
    """Worst distance from the ranges, in decades, and in words."""
    worst, words = -math.inf, ""
    for name, (low, high) in ranges.items():
        beyond = float(decades_beyond(np.array(inputs[name]), (max(low, 1e-300), high)))
        if beyond > worst:
            span = f"up to {high:.2g}" if low == 0 else f"{low:.2g} to {high:.2g}"
            worst, words = beyond, f"{name} {span}"
    if worst > EDGE_DECADES:
        return worst, f"{worst:.1f} decades beyond what it was measured on ({words})"
    return worst, f"measured there ({words})"


@dataclass(frozen=True)
class BatchCost:
    """What a batch costs against the extremes.

    Attributes
    ----------
    batch, critical : float
        Tokens.
    steps : float
        Steps over the fewest possible, those of an endless batch.
    compute : float
        Compute over the least possible, that of the smallest batch.
    """

    batch: float
    critical: float
    steps: float
    compute: float


def batch_cost(batch: float, critical: float) -> BatchCost:
    """Say how many more steps and how much more compute a batch takes to the same loss.

    Parameters
    ----------
    batch, critical : float
        Tokens per step, and the critical batch at the loss aimed for, as the rule
        ``"kaplan-batch"`` of `hyperparameters` gives.

    Returns
    -------
    BatchCost

    Raises
    ------
    InputError
        A batch is not positive and finite.

    Examples
    --------
    >>> cost = batch_cost(4e6, critical=2e6)
    >>> cost.steps, cost.compute
    (1.5, 3.0)
    """
    for name, value in (("batch", batch), ("critical", critical)):
        if not 0 < value < math.inf:
            raise InputError(f"{name} {value:g} is not positive and finite; give tokens per step")
    return BatchCost(batch, critical, 1.0 + critical / batch, 1.0 + batch / critical)
