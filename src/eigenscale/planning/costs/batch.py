"""What a batch other than the critical one costs: steps against compute.

To the same loss a run takes ``S = S_min (1 + B_crit/B)`` steps and ``C = C_min (1 + B/B_crit)``
compute (Kaplan et al. 2020, arXiv:2001.08361, equations 5.4 and 5.5, after McCandlish et al.
2018, arXiv:1812.06162), so ``(S/S_min - 1)(C/C_min - 1) = 1``: at the critical batch both double.
"""

import math
from dataclasses import dataclass

from eigenscale.errors import InputError


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
