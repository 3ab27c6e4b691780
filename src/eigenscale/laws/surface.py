"""A law with its parameters as a loss surface."""

from collections.abc import Mapping

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
    return law.predict(theta, **surface_inputs(law, size, data))


def surface_inputs(law: Law, size: ArrayLike, data: ArrayLike) -> dict[str, Floats]:
    """Give the inputs of a law at sizes and data, as `surface_loss` counts them."""
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
    return {name: known[name] for name in law.inputs}


def resources(inputs: Mapping[str, Floats], size_name: str, data_name: str) -> dict[str, Floats]:
    """Size, data and compute of runs by the names that a surface gives them; {} without both."""
    size, data = inputs.get("params"), inputs.get("tokens")
    if size is None or data is None or not len(size):
        return {}
    if (size_name, data_name) == ("params", "tokens"):
        flops = inputs.get("flops", FLOPS_PER_PARAM_TOKEN * size * data)
    else:  # features × samples: compute is their product
        flops = size * data
    spent = {"spent": inputs["spent"]} if "spent" in inputs else {}
    return {size_name: size, data_name: data, "flops": flops, **spent}


def resource_ranges(
    ranges: Mapping[str, tuple[float, float]], size_name: str, data_name: str
) -> dict[str, tuple[float, float]]:
    """Give the same for the ranges that a fit saved without its runs remembers."""
    compute = "flops" if (size_name, data_name) == ("params", "tokens") else "product"
    columns = {size_name: "params", data_name: "tokens", "flops": compute}
    return {name: ranges[column] for name, column in columns.items() if column in ranges}


def largest_run(largest: Mapping[str, float], size_name: str, data_name: str) -> dict[str, float]:
    """Size and data of the largest run by the surface's names; {} where it has not both."""
    if not {"params", "tokens"} <= set(largest):
        return {}
    return {size_name: largest["params"], data_name: largest["tokens"]}
