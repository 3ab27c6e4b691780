"""The split of a budget between size and data that a law says is best."""

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.law import Law
from eigenscale.laws.surface import FLOPS_PER_PARAM_TOKEN, surface_loss

GOLDEN = (np.sqrt(5.0) - 1) / 2
STEPS = 90  # of golden section: a bracket of 90 e-folds shrinks to 1e-17 of itself


def best_split(law: Law, theta: Floats, flops: ArrayLike) -> dict[str, Floats]:
    """Params, tokens and flops of least loss at 6 params × tokens = flops, by golden section.

    Parameters
    ----------
    law : Law
        In params and tokens; at fixed compute its loss has one minimum.
    theta : array (p,)
    flops : float or array
        Budgets.

    Returns
    -------
    dict of str to array
        Of the shape of `flops`.

    Raises
    ------
    InputError
        A budget is not positive and finite.

    Examples
    --------
    >>> from eigenscale.laws.reference.constants import published
    >>> hoffmann = published("hoffmann")
    >>> float(best_split(hoffmann.law, hoffmann.theta, 1e21)["params"].round(-5))
    1824200000.0
    """
    budget = np.asarray(flops, dtype=float)
    if not (np.isfinite(budget) & (budget > 0)).all():
        raise InputError(f"flops {budget} are no budgets; give positive numbers")
    product = budget / FLOPS_PER_PARAM_TOKEN

    def loss(log_size: Floats) -> Floats:
        size = np.exp(log_size)
        return surface_loss(law, theta, size, product / size)

    low, high = np.zeros(budget.shape), np.log(np.maximum(product, np.e))
    for _ in range(STEPS):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        lower = loss(left) < loss(right)
        low, high = np.where(lower, low, left), np.where(lower, right, high)
    size = np.exp((low + high) / 2)
    return {"params": size, "tokens": product / size, "flops": budget}
