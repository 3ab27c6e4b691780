"""A law with its parameters as a loss surface."""

import numpy as np
from numpy.typing import ArrayLike

from eigenscale.arrays import Floats
from eigenscale.errors import InputError
from eigenscale.laws.law import Law

FLOPS_PER_PARAM_TOKEN = 6.0


def surface_loss(law: Law, theta: ArrayLike, size: ArrayLike, data: ArrayLike) -> Floats:
    """Loss of `size` params on `data` fresh tokens, shape (draws…, *broadcast).

    Compute is counted as 6 params × tokens, and every token is seen once.
    """
    params, tokens = np.broadcast_arrays(np.asarray(size, float), np.asarray(data, float))
    known = {
        "params": params,
        "tokens": tokens,
        "unique_tokens": tokens,
        "flops": FLOPS_PER_PARAM_TOKEN * params * tokens,
    }
    other = [name for name in law.inputs if name not in known]
    if other:
        raise InputError(
            f"{law.name} needs {', '.join(other)}, so it is no surface over params and tokens; "
            "use a law in these two, such as chinchilla"
        )
    return law.predict(theta, **{name: known[name] for name in law.inputs})
