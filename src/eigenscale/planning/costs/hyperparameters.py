"""Learning rate and batch size for a plan, by published rules, with how far each was measured."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from eigenscale.errors import InputError
from eigenscale.planning.advice.trust import EDGE_DECADES, decades_beyond
from eigenscale.planning.optimum.budget import TRAINING

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
    from eigenscale.laws.constants import published

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
